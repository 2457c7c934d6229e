"""Which of two numbers is the day in a file's dates, and what tells it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

from loaders.config import DateOrder
from loaders.inspection.profiles import Profile
from loaders.inspection.wordings import NAMES, bare
from loaders.texts import ValueFault, tidy
from loaders.times import timestamp

_TAIL_YEAR = re.compile(r"([0-3]?\d)[-/.]([0-3]?\d)[-/.](?:19|20)\d{2}(?:\D.*)?", re.S)
_SERIAL = re.compile(r"[34]\d{4}(?:\.\d+)?")
"""Days since 1900: 30000 is in 1982, 49999 in 2036."""
_MOMENTS = ("submitted_at", "started_at")
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class DateReading:
    """The order of dates, why, and whether a person has to confirm it."""

    order: DateOrder
    reason: str = ""
    decide: bool = False


def date_reading(profiles: Sequence[Profile]) -> DateReading:
    """The order of day and month in all columns that hold dates with the year behind."""
    moments = [p for p in profiles if _may_be_moments(p)]
    if any(_most(p, _SERIAL) for p in moments):
        return DateReading("excel", "dates are a spreadsheet's numbers of days")
    dated = [p for p in moments if _most(p, _TAIL_YEAR)]
    if not dated:
        return DateReading("ymd")
    parts = [m.groups() for p in dated for v in p.values if (m := _TAIL_YEAR.fullmatch(tidy(v)))]
    for order, place in (("dmy", 0), ("mdy", 1)):
        over = next((p for p in parts if int(p[place]) > 12), None)
        if over:
            which = ("first", "second")[place]
            return DateReading(_named(order), f"{over[place]} stands {which} in a date, so days do")
    by_rows = _rows_in_order(dated[0])
    if by_rows:
        return DateReading(by_rows, "only so the rows stand in the order of time: check it", True)
    example = "/".join(parts[0])
    return DateReading("mdy", f"nothing tells whether {example} is month/day or day/month", True)


def _may_be_moments(profile: Profile) -> bool:
    names = {bare(profile.column.header), bare(profile.column.text)}
    return profile.column.role in _MOMENTS or any(
        pattern.fullmatch(name) for role in _MOMENTS for pattern in NAMES[role] for name in names
    )


def _most(profile: Profile, pattern: re.Pattern[str]) -> bool:
    fitting = sum(c for v, c in profile.values.items() if pattern.fullmatch(tidy(v)))
    return fitting * 2 > profile.filled


def _named(order: str) -> DateOrder:
    return "dmy" if order == "dmy" else "mdy"


def _rows_in_order(profile: Profile) -> DateOrder | None:
    """The order under which the file is sorted by time and under the other it is not."""
    breaks = {order: _breaks(profile, order) for order in ("mdy", "dmy")}
    best = min(breaks, key=lambda order: breaks[order])
    worst = max(breaks.values())
    return _named(best) if worst and not breaks[best] else None


def _breaks(profile: Profile, order: str) -> int:
    moments = []
    for value in profile.values:
        try:
            moments.append(timestamp(value, _UTC, order))
        except ValueFault:
            continue
    known = [m for m in moments if m]
    rising = sum(a > b for a, b in pairwise(known))
    return min(rising, max(len(known) - 1, 0) - rising)
