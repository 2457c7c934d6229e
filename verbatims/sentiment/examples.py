"""The texts that a model learns from: rated by who wrote them, each once, split by time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from verbatims.language import language_of
from verbatims.sentiment.forms import form_of

HELD_OUT = 0.2
"""The share of each channel's texts, the newest, that only measure."""
MOST_OF_A_KIND = 20_000
"""Texts of one channel and feeling that are learned from; the newest are."""
_NEVER = datetime(1, 1, 1)  # noqa: DTZ001 - times here are UTC without saying so


@dataclass(frozen=True, slots=True)
class Rated:
    """A text and what its writer felt: 1 pleased, -1 not, 0 neither. `said_at` is UTC, naive."""

    text: str
    feeling: int
    channel: str
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A rated text in its normal form; `key` orders examples whatever order they came in."""

    form: str
    rated: Rated
    key: str

    @property
    def feeling(self) -> int:
        return self.rated.feeling

    @property
    def channel(self) -> str:
        return self.rated.channel


@dataclass(frozen=True)
class Chosen:
    """The examples of one language: what is learned from, what measures, what lies between.

    `left_out` counts by reason what was not used.
    """

    learned: Sequence[Example]
    held_out: Sequence[Example]
    neutral: Sequence[Example]
    left_out: Mapping[str, int]

    @property
    def newest(self) -> datetime | None:
        """When the newest text was said; None where no time is known."""
        return _outermost(self, last=True)

    @property
    def oldest(self) -> datetime | None:
        """When the oldest text was said."""
        return _outermost(self, last=False)


def feeling_of_stars(stars: float) -> int:
    """Of five stars: 1 and 2 are displeased, 4 and 5 pleased, what lies between neither."""
    return 1 if stars >= 4 else -1 if stars <= 2 else 0


def feeling_of_nps(score: float) -> int:
    """Of 0 to 10: up to 6 displeased, from 9 pleased, as NPS has it."""
    return 1 if score >= 9 else -1 if score <= 6 else 0


def choose(rows: Iterable[Rated], languages: Sequence[str]) -> dict[str, Chosen]:
    """The examples of each language. What a language has not is counted with each of them."""
    found: dict[str, list[Example]] = {language: [] for language in languages}
    others: Counter[str] = Counter()
    for row in rows:
        language = language_of(row.text)
        if language not in found:
            others["no words" if language == "none" else "in another language"] += 1
            continue
        form = form_of(row.text, language).text
        key = sha256(form.encode("utf-8", "surrogatepass")).hexdigest()
        found[language].append(Example(form, row, key))
    return {language: _chosen(examples, others) for language, examples in found.items()}


def _chosen(examples: Sequence[Example], others: Counter[str]) -> Chosen:
    left_out = Counter(others)
    once = _once(examples, left_out)
    learned: list[Example] = []
    held_out: list[Example] = []
    for _, members in sorted(_by_channel(once).items()):
        rated = [member for member in members if member.feeling]
        early, late = _split(rated)
        learned += _newest_of_each(early, left_out)
        held_out += late[-2 * MOST_OF_A_KIND :]
    return Chosen(
        sorted(learned, key=lambda one: one.key),
        sorted(held_out, key=lambda one: one.key),
        sorted((one for one in once if not one.feeling), key=lambda one: one.key)[:MOST_OF_A_KIND],
        {reason: count for reason, count in sorted(left_out.items()) if count},
    )


def _once(examples: Sequence[Example], left_out: Counter[str]) -> list[Example]:
    """Each text once, the first time that it was said; none that was rated good and bad."""
    first: dict[str, Example] = {}
    mixed: set[str] = set()
    for one in sorted(examples, key=lambda one: (_when(one), one.channel, one.feeling)):
        known = first.setdefault(one.key, one)
        if known is not one:
            left_out["said before in the same words"] += 1
            if known.feeling != one.feeling:
                mixed.add(one.key)
    left_out["rated good and bad in the same words"] += len(mixed)
    return [one for key, one in first.items() if key not in mixed]


def _by_channel(examples: Iterable[Example]) -> dict[str, list[Example]]:
    channels: dict[str, list[Example]] = {}
    for one in examples:
        channels.setdefault(one.channel, []).append(one)
    return channels


def _split(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """The earlier ones and the last part of the time; those without a time by their own hash."""
    timed = sorted(
        (one for one in examples if one.rated.said_at is not None),
        key=lambda one: (_when(one), one.key),
    )
    cut = len(timed) - int(len(timed) * HELD_OUT)
    timeless = sorted((one for one in examples if one.rated.said_at is None), key=_key)
    late = [one for one in timeless if int(one.key[:8], 16) < HELD_OUT * 16**8]
    late_keys = {one.key for one in late}
    early = [one for one in timeless if one.key not in late_keys]
    return early + timed[:cut], late + timed[cut:]


def _newest_of_each(examples: Sequence[Example], left_out: Counter[str]) -> list[Example]:
    kept: list[Example] = []
    for feeling in (-1, 1):
        members = [one for one in examples if one.feeling == feeling]
        left_out["older than the newest of their channel that are enough"] += max(
            len(members) - MOST_OF_A_KIND, 0
        )
        kept += members[-MOST_OF_A_KIND:]
    return kept


def _when(one: Example) -> datetime:
    return one.rated.said_at or _NEVER


def _key(one: Example) -> str:
    return one.key


def _outermost(chosen: Chosen, *, last: bool) -> datetime | None:
    times = [
        one.rated.said_at
        for part in (chosen.learned, chosen.held_out)
        for one in part
        if one.rated.said_at is not None
    ]
    return (max(times) if last else min(times)) if times else None
