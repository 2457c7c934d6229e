"""Whether answers stand on a scale: numbers from an end to the other, or labels with a rank."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from loaders.amounts import plain_number
from loaders.headers import folded
from loaders.inspection.profiles import Profile
from loaders.inspection.wordings import SCALE_ENDS

Scores = dict[str, int | None]
"""Label -> the number that it is worth; None where that is open."""

MOST_LABELS = 12
"""A scale has 11 steps at most, and a word for who would not say."""

_HIGHEST = 10
_NUMBERED = (
    re.compile(r"\(?(\d{1,2})(?:\)|分|\s*[-–—:：.、=]|\s)\s*\D.*", re.S),
    re.compile(r"\D*?(\d{1,2})\s*(?:分|points?|stars?|星)?\s*\)?", re.S),
)
_NEUTRAL = re.compile(
    r"(?:neither|neutral|no opinion|undecided|average|so.so|一般|中立|不确定|普通|无所谓)"
)
_STRONG = re.compile(r"very|extremely|strongly|completely|totally|非常|很|十分|极|特别|完全")
_NEGATIVE = re.compile(
    r"dis(?:agree|satisf)|\bun|\bnot\b|difficult|hard|poor|bad|不|没|难|费力|费劲|差"
)
_NOTHING = re.compile(r"n/?a|not applicable|don'?t know|no answer|不适用|不清楚|不知道|跳过")


@dataclass(frozen=True)
class Scale:
    """The whole numbers from 0 to 10 that a column holds, in `on` of its `filled` cells."""

    low: int
    high: int
    steps: int
    on: int
    filled: int

    @property
    def words(self) -> str:
        """The numbers in words, for a reason."""
        numbers = f"whole numbers from {self.low} to {self.high}"
        return (
            numbers
            if self.on == self.filled
            else f"{numbers} in {self.on} of {self.filled} answers"
        )


def scale(profile: Profile) -> Scale | None:
    """The scale of a column of whole numbers from 0 to 10, but for one in twenty; else None."""
    counted = on_scale(profile)
    on = sum(counted.values())
    if not counted or (profile.filled - on) * 20 > profile.filled:
        return None
    if not _codes_are_scores(profile.column.labels):
        return None
    return Scale(min(counted), max(counted), len(counted), on, profile.filled)


def on_scale(profile: Profile) -> dict[int, int]:
    """The whole numbers from 0 to 10 that a column holds -> in how many of its cells."""
    found: Counter[int] = Counter()
    for value, count in profile.values.items():
        number = plain_number(value)
        if number is not None and number == int(number) and 0 <= number <= 10:
            found[int(number)] += count
    return dict(found)


def _codes_are_scores(labels: Mapping[str, str]) -> bool:
    """Whether the labels of codes say nothing else: no 1 = `0 points`, no 1 = `Very satisfied`.

    Codes behind the scale (99 = `Refused`) are no part of it.
    """
    labels = {c: label for c, label in labels.items() if not c.isdecimal() or int(c) <= _HIGHEST}
    numbers = {code: _number(label) for code, label in labels.items()}
    if any(number is not None and str(number) != code for code, number in numbers.items()):
        return False
    ranks = ranked_labels([label for code, label in labels.items() if code.isdecimal()])
    if ranks is None or None in ranks.values():
        return ranks is None
    in_order = sorted((int(code), ranks[label]) for code, label in labels.items() if label in ranks)
    return all((a[1] or 0) < (b[1] or 0) for a, b in pairwise(in_order))


def numbered_labels(profile: Profile) -> Scores | None:
    """Label -> the number that it names, such as `10 - Extremely likely`; None if it names none.

    Tools word the ends of a scale only (`Absolutely`, 9, 8 …), so two may name none. No labels at
    all where all are bare numbers, since nothing needs declaring, or where they are no scale.
    """
    labels = profile.labels()
    if not labels or len(labels) > MOST_LABELS or all(label.isdecimal() for label in labels):
        return None
    found = {label: _number(label) for label in labels}
    numbers = [number for number in found.values() if number is not None]
    ends = len(labels) - len(numbers)
    if len(numbers) < 2 or ends > 2 or len(set(numbers)) < len(numbers) or max(numbers) > 10:
        return None
    return found


def ranked_labels(labels: Sequence[str]) -> Scores | None:
    """Label -> its rank from 1 to 5 by its words, None where they leave it open.

    None if it is no scale of agreement, satisfaction, ease or the like.
    """
    asked = [label for label in labels if not _NOTHING.fullmatch(folded(label))]
    if not 2 <= len(asked) <= MOST_LABELS:
        return None
    telling = sum(SCALE_ENDS.search(folded(label)) is not None for label in asked)
    if telling * 2 < len(asked):
        return None
    ranks = {label: _rank(folded(label)) for label in asked}
    if len(set(ranks.values())) < len(ranks):
        return dict.fromkeys(asked)
    in_order: list[str] = sorted(ranks, key=lambda label: ranks[label])
    return {label: ranks[label] for label in in_order}


def _number(label: str) -> int | None:
    text = label.strip()
    if text.isdecimal():
        return int(text)
    match = next((m for pattern in _NUMBERED if (m := pattern.fullmatch(text))), None)
    return int(match.group(1)) if match else None


def _rank(label: str) -> int:
    if _NEUTRAL.match(label):
        return 3
    step = 2 if _STRONG.search(label) else 1
    return 3 - step if _NEGATIVE.search(label) else 3 + step
