"""Groups of columns that belong together: drivers on one scale, Kano pairs, moments of truth."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from loaders.headers import folded
from loaders.inspection import wordings as w
from loaders.inspection.groups import LEAST, grouped
from loaders.inspection.profiles import Profile
from loaders.inspection.scales import ranked_labels, scale
from loaders.readers.form import Column

_PART = re.compile(
    r"(?:.*\[([^\]]+)\]|.*[(（]([^()（）]+)[)）]|.*(?:—|[:：])\s*(.+)|(.+))\s*", re.S
)
_LONGEST_NAME = 30
_SEPARATORS = ("┋", ";", "；", "|", "\n", ",", "，", "、")
_MOST_CHOICES = 60
_MOT_PARTS: Mapping[str, re.Pattern[str]] = {
    "expected": w.EXPECTED,
    "actual": w.ACTUAL,
    "importance": w.IMPORTANCE,
}
_AROUND = re.compile(r"[\W_]+|的|程度|性|水平|值|score|level")


@dataclass(frozen=True)
class Hint:
    """What a group of columns may be: one role of roles, and its members' parts by name."""

    role: str
    reason: str
    members: Mapping[str, Column | Mapping[str, Column]]


def hints(profiles: Sequence[Profile], taken: set[int]) -> list[Hint]:
    """The groups among the questions whose positions are not `taken` by a role."""
    free = [p for p in profiles if p.column.kind == "question" and p.column.position not in taken]
    moments, pairs = _moments(free), _kano(free)
    used = {c.position for c in _columns(moments)} | {c.position for c in _columns(pairs)}
    return [
        *_drivers([p for p in free if p.column.position not in used]),
        *([Hint("kano", "a question with a feature, and one without it", pairs)] if pairs else []),
        *([Hint("mot", "what was expected, got, how important", moments)] if moments else []),
    ]


def several_choices(profile: Profile) -> str | None:
    """What stands between the choices of a column's cells, where the format can't tell.

    Told by parts that come again and again; None for a column of single answers or of free text.
    """
    column = profile.column
    if column.kind != "question" or column.separator or column.choice is not None:
        return None
    for separator in _SEPARATORS:
        cells = [(v.split(separator), n) for v, n in profile.values.items() if separator in v]
        if sum(n for _, n in cells) * 5 < profile.filled:
            continue
        parts = Counter[str]()
        for value, count in profile.values.items():
            for part in value.split(separator):
                parts[part.strip()] += count
        known = sum(count for part, count in parts.items() if part and count > 2)
        is_few = len(parts) <= min(_MOST_CHOICES, len(profile.values))  # $50,000 is none of few
        if is_few and known * 10 >= parts.total() * 9 and len(cells) > 1:
            return separator
    return None


def _drivers(free: Sequence[Profile]) -> Iterator[Hint]:
    for group in grouped(free, set()):
        if len(group) < LEAST or w.RANK.search(folded(group[0].column.text)):
            continue
        on_scale = [p for p in group if p.filled and _is_on_scale(p)]
        if len(on_scale) * 2 > len(group):
            named = {_name(p.column): p.column for p in on_scale}
            if len(named) == len(on_scale):
                reason = f"{len(named)} questions on one scale: drivers, if they ask about parts"
                yield Hint("drivers", reason, named)


def _is_on_scale(profile: Profile) -> bool:
    found = scale(profile)
    if found is not None:
        return found.steps > 2
    labels = ranked_labels(profile.labels())
    return labels is not None and len(labels) > 2


def _kano(free: Sequence[Profile]) -> dict[str, Mapping[str, Column]]:
    pairs: dict[str, Mapping[str, Column]] = {}
    for first, second in pairwise(free):
        with_it, without = folded(first.column.text), folded(second.column.text)
        is_pair = w.WITHOUT_FEATURE.search(without) and not w.WITHOUT_FEATURE.search(with_it)
        if is_pair and w.WITH_FEATURE.search(with_it):
            name = f"feature_{len(pairs) + 1}"
            pairs[name] = {"functional": first.column, "dysfunctional": second.column}
    return pairs


def _moments(free: Sequence[Profile]) -> dict[str, Mapping[str, Column]]:
    found: dict[str, dict[str, Column]] = {}
    for profile in free:
        text = folded(profile.column.text)
        parts = [part for part, pattern in _MOT_PARTS.items() if pattern.search(text)]
        if len(parts) == 1:
            about = _AROUND.sub("", _MOT_PARTS[parts[0]].sub("", text))
            found.setdefault(about, {}).setdefault(parts[0], profile.column)
    return {
        name[:_LONGEST_NAME] or "moment": parts
        for name, parts in found.items()
        if {"expected", "actual"} <= set(parts)
    }


def _name(column: Column) -> str:
    match = _PART.fullmatch(column.text)
    found = next((g for g in match.groups() if g), column.header) if match else column.header
    return " ".join(found.split())[:_LONGEST_NAME]


def _columns(members: Mapping[str, Mapping[str, Column]]) -> Iterator[Column]:
    for parts in members.values():
        yield from parts.values()
