"""Rated texts for `voc text train`: the served release's own feedback, or a labelled file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from lake.config import NotNowError, UsageError
from lake.privacy import mask_text
from loaders.amounts import plain_number
from loaders.files import FileFault, Scan, scan
from loaders.headers import folded, listing
from loaders.rows import Row
from loaders.tables import open_table
from loaders.texts import ValueFault, tidy
from loaders.times import timestamp
from orchestration.deployment import Deployment
from orchestration.reading import Warehouse
from verbatims.sentiment.examples import (
    MOST_OF_A_KIND,
    Rated,
    feeling_of_nps,
    feeling_of_stars,
)

Scale = Literal["auto", "label", "stars", "nps"]
SCALES: tuple[Scale, ...] = get_args(Scale)

_RATED = """
    with rated as (
        select
            said.text,
            said.channel,
            said.said_at,
            said.feedback_key,
            case
                when review.rating_of_five is not null then
                    case when review.rating_of_five <= 2 then -1
                        when review.rating_of_five >= 4 then 1 else 0 end
                when said.score between 0 and 10 then
                    case when said.score <= 6 then -1 when said.score >= 9 then 1 else 0 end
            end as feeling
        from core.fct_feedback as said
        left join core.fct_review as review
            on said.kind = 'review' and said.source = review.source
            and said.ref_id = review.review_id
    )

    select text, channel, said_at, feeling
    from rated
    where feeling is not null
    qualify row_number() over (
        partition by channel, feeling order by said_at desc nulls last, feedback_key
    ) <= ?
    order by feedback_key
"""
_ROLES = {
    "text": "text review comment content body verbatim verified_reviews 内容 评论 评价 文本 意见",
    "label": "label sentiment airline_sentiment polarity stars star rating nps score "
    "标签 情感 星级 评分",
    "channel": "channel cat category source platform 渠道 类别 平台",
    "time": "said_at date time created_at submitted_at tweet_created 时间 日期 评论时间",
}
"""The usual names of the columns, the surest first."""
_MEANS: dict[Scale, tuple[str, str]] = {
    "label": ("1", "0"),
    "stars": ("4 and 5 stars", "1 and 2"),
    "nps": ("9 and 10", "0 to 6"),
}
_WORDS = {
    **dict.fromkeys(("positive", "pos", "good", "正面", "积极", "好评", "满意"), 1),
    **dict.fromkeys(("negative", "neg", "bad", "负面", "消极", "差评", "不满意"), -1),
    **dict.fromkeys(("neutral", "neu", "mixed", "中性", "中评", "一般"), 0),
}

_LONGEST_SHOWN = 20


@dataclass(frozen=True)
class Columns:
    """Columns of a labelled file by name, as a person gave them; None is looked for."""

    text: str | None = None
    label: str | None = None
    channel: str | None = None
    time: str | None = None
    scale: Scale = "auto"
    date_order: str = "ymd"


@dataclass
class Labelled:
    """The rated texts of a file, and how many of its rows gave none, by reason."""

    rows: list[Rated]
    made_from: str
    unusable: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    """Labels that were not known."""
    read_as: str = ""
    """How its labels were read, in words."""


def scale_of(name: str) -> Scale:
    """The scale of that name. Raises UsageError."""
    for scale in SCALES:
        if scale == name:
            return scale
    raise UsageError(f"--scale {name!r} is none of {', '.join(SCALES)}.")


def of_release(deployment: Deployment) -> tuple[list[Rated], str]:
    """The rated feedback of the served release, and its name. Raises NotNowError without one."""
    file = deployment.serving / "warehouse.duckdb"
    if not file.exists():
        raise NotNowError(
            f"There is no release in {deployment.serving} to learn from yet. Publish one "
            f"(voc run --home {deployment.home}), or give a file: voc text train --labelled FILE."
        )
    found = Warehouse(file.resolve()).rows(_RATED, MOST_OF_A_KIND)
    rows = [Rated(row["text"], row["feeling"], row["channel"], row["said_at"]) for row in found]
    return rows, f"release {deployment.serving.resolve().name}"


def of_file(path: Path, columns: Columns, zone: ZoneInfo) -> Labelled:
    """The rated texts of a labelled CSV, XLSX or Parquet file. Raises FileFault, UsageError."""
    seen = _scanned(path)
    with open_table(path, seen) as table:
        rows = iter(table.rows)
        header = next(rows, None)
        if header is None:
            raise FileFault("it has no header. Its first row names the columns.")
        places = _places(header.cells, columns)
        table.header = header.cells
        every = list(rows)
    found = Labelled([], f"{path.name} ({seen.sha256[:12]})")
    found.unusable.update(f"that can't be read: {row.fault[1]}" for row in every if row.fault)
    cells = [row for row in every if row.fault is None]
    labels = [_cell(row, places["label"]) for row in cells]
    name = header.cells[places["label"] or 0]
    found.read_as, feeling = _reading(name, labels, columns.scale)
    for row, label in zip(cells, labels, strict=True):
        text, felt = _cell(row, places["text"]), feeling(label)
        if text and felt is None and label:
            found.unknown[label[:_LONGEST_SHOWN]] += 1
        if not text or felt is None:
            found.unusable["without a text" if not text else "without a label that is known"] += 1
            continue
        said_at = _time(_cell(row, places["time"]), zone, columns.date_order)
        channel = _cell(row, places["channel"]) or path.stem
        when = None if said_at is None else said_at.replace(tzinfo=None)
        found.rows.append(Rated(mask_text(text)[0], felt, channel, when))
    return found


def _places(header: Sequence[str], columns: Columns) -> dict[str, int | None]:
    """Where each role's column is. Raises FileFault where the text or the label has none."""
    names = [folded(name) for name in header]
    places: dict[str, int | None] = {}
    for role, usual in _ROLES.items():
        given = getattr(columns, role)
        wanted = [folded(given)] if given else usual.split()
        places[role] = next((names.index(name) for name in wanted if name in names), None)
        if places[role] is None and (given or role in ("text", "label")):
            raise FileFault(
                f"it has no column {given or ' or '.join(wanted)!r} for the {role}. Its columns: "
                f"{listing(header)}. Name one with --{role}-column."
            )
    return places


def _reading(
    name: str, labels: Sequence[str], scale: Scale
) -> tuple[str, Callable[[str], int | None]]:
    """How the labels of a column are read: as words, as 0 and 1, as stars, as 0 to 10."""
    numbers = {number for label in set(labels) if (number := _number(label)) is not None}
    if scale == "auto":
        scale = _guessed(folded(name), numbers)
    signed = -1 in numbers

    def read(label: str) -> int | None:
        number = _number(label)
        if number is None:
            return _WORDS.get(label.strip().casefold())
        if scale == "stars":
            return feeling_of_stars(number) if 0 <= number <= 5 else None
        if scale == "nps":
            return feeling_of_nps(number) if 0 <= number <= 10 else None
        return _of_label(number, signed=signed)

    good, bad = _MEANS[scale] if numbers else ("words such as positive or 好评", "negative, 差评")
    if scale == "label" and signed:
        bad = "-1"
    return f"{name!r}: {good} pleased, {bad} displeased", read


def _guessed(name: str, numbers: set[float]) -> Scale:
    """What numbers mean: by the column's name, else by how far they go. Raises UsageError."""
    if not numbers:
        return "label"
    if "nps" in name:
        return "nps"
    if name in ("stars", "star", "rating", "星级") and max(numbers) <= 5:
        return "stars"
    if numbers <= {-1, 0, 1}:
        return "label"
    if min(numbers) >= 1 and max(numbers) <= 5:
        return "stars"
    if min(numbers) >= 0 and 5 < max(numbers) <= 10:
        return "nps"
    raise UsageError(
        f"The numbers in the column {name!r} go from {min(numbers):g} to {max(numbers):g}: say "
        "what they are with --scale label (1 good, 0 or -1 bad), stars (1 to 5) or nps (0 to 10)."
    )


def _of_label(number: float, *, signed: bool) -> int | None:
    """1 is good. 0 is bad, but neutral where the column has -1, too."""
    if number not in (-1, 0, 1):
        return None
    return int(number) if signed or number == 1 else -1


def _scanned(path: Path) -> Scan:
    try:
        return scan(path)
    except OSError as error:
        raise FileFault(f"it can't be read: {error.strerror or error}.") from error


def _cell(row: Row, place: int | None) -> str:
    return "" if place is None or place >= len(row.cells) else tidy(row.cells[place])


def _number(label: str) -> float | None:
    try:
        found = plain_number(label)
    except ValueFault:
        return None
    return None if found is None else float(found)


def _time(text: str, zone: ZoneInfo, date_order: str) -> datetime | None:
    """A moment; what is none leaves the text without a time, which costs it nothing else."""
    try:
        return timestamp(text, zone, date_order) if text else None
    except ValueFault:
        return None
