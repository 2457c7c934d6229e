"""The geometry of the report's charts: numbers in, positions in SVG units out.

Nothing here writes markup: the template draws what it is given, so that escaping stays in one
place. Units are those of each chart's own viewBox; y grows downwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

_AGE_COLOURS = ("#bfdde3", "#8cc3cf", "#f3d9a0", "#ecb765", "#dc8450", "#b3472f")


@dataclass(frozen=True)
class Tick:
    """A line of the grid, or a label below it."""

    at: float
    text: str


@dataclass(frozen=True)
class Frame:
    """The drawing area inside a chart's margins."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def x_end(self) -> float:
        """The right edge of the drawing area."""
        return self.width - self.right

    @property
    def y_end(self) -> float:
        """The lower edge of the drawing area."""
        return self.height - self.bottom

    def x(self, share: float) -> float:
        """The position of a share of the way from left to right."""
        return round(self.left + share * (self.x_end - self.left), 1)

    def y(self, value: float, low: float, high: float) -> float:
        """The height of a value between `low` (bottom) and `high` (top)."""
        return round(self.y_end - (value - low) / (high - low) * (self.y_end - self.top), 1)


@dataclass(frozen=True)
class NpsPoint:
    """One month. The positions are None where the month is hidden (too few answers)."""

    x: float
    label: str
    responses: int
    y: float | None
    y_low: float | None
    y_high: float | None
    y_clean: float | None
    few: bool
    title: str
    text: str


@dataclass(frozen=True)
class NpsChart:
    """NPS by month with its interval; `line` joins neighbouring months that are both shown."""

    frame: Frame
    points: tuple[NpsPoint, ...]
    line: str
    clean_line: str
    ticks: tuple[Tick, ...]
    zero: float | None


@dataclass(frozen=True)
class Area:
    """One age class of the backlog as a closed path."""

    name: str
    colour: str
    path: str
    latest: int


@dataclass(frozen=True)
class BacklogChart:
    """Open cases by day, stacked by age, the oldest on top."""

    frame: Frame
    areas: tuple[Area, ...]
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    total: int
    peak: int
    peak_day: date
    days: int


def signed(value: float) -> str:
    """A score as it is said: 38, −6 (with a real minus sign), never −0."""
    whole = math.floor(abs(value) + 0.5)
    return f"−{whole}" if value < 0 and whole else str(whole)


def nps_chart(months: Sequence[dict[str, Any]]) -> NpsChart | None:
    """The chart of nps_period rows (one per month, oldest first); None when no month is shown."""
    shown = [m for m in months if m["nps"] is not None]
    if not shown:
        return None
    frame = Frame(720, 232, left=34, right=12, top=12, bottom=40)
    low, high, step = _nps_scale(shown)
    points = tuple(
        _nps_point(m, frame.x((i + 0.5) / len(months)), frame, low, high, first=i == 0)
        for i, m in enumerate(months)
    )
    ticks = [Tick(frame.y(v, low, high), signed(v)) for v in range(low, high + 1, step)]
    return NpsChart(
        frame=frame,
        points=points,
        line=_joined([(p.x, p.y) for p in points]),
        clean_line=_joined([(p.x, p.y_clean) for p in points]),
        ticks=tuple(ticks),
        zero=frame.y(0, low, high) if low < 0 < high else None,
    )


def backlog_chart(
    rows: Sequence[dict[str, Any]], as_of: date, days: int = 120
) -> BacklogChart | None:
    """The chart of complaint_backlog_day rows summed over units, for the `days` up to `as_of`.

    A day without rows is a day without open cases. None when no case was open on any day.
    """
    first = min((r["date_day"] for r in rows), default=as_of)
    start = max(first, as_of - timedelta(days=days - 1))
    calendar = [start + timedelta(days=i) for i in range((as_of - start).days + 1)]
    counts = {(r["date_day"], r["age_bucket"]): int(r["open_cases"]) for r in rows}
    order = {r["age_bucket"]: r["age_order"] for r in rows}
    buckets = sorted(order, key=lambda b: (order[b] is None, order[b], b))
    totals = [sum(counts.get((day, b), 0) for b in buckets) for day in calendar]
    if not any(totals):
        return None
    frame = Frame(720, 210, left=34, right=12, top=12, bottom=24)
    step = _nice_step(max(totals) / 4)
    top = math.ceil(max(totals) / step) * step
    areas, floor = [], [0] * len(calendar)
    for i, bucket in enumerate(buckets):
        ceiling = [f + counts.get((d, bucket), 0) for f, d in zip(floor, calendar, strict=True)]
        path = _band(floor, ceiling, frame, top)
        latest = counts.get((as_of, bucket), 0)
        areas.append(Area(bucket, _AGE_COLOURS[min(i, len(_AGE_COLOURS) - 1)], path, latest))
        floor = ceiling
    peak = max(totals)
    return BacklogChart(
        frame=frame,
        areas=tuple(areas),
        y_ticks=tuple(Tick(frame.y(v, 0, top), f"{v:,}") for v in range(0, top + 1, step)),
        x_ticks=_day_ticks(calendar, frame),
        total=totals[-1],
        peak=peak,
        peak_day=calendar[totals.index(peak)],
        days=len(calendar),
    )


def _nps_scale(months: Sequence[dict[str, Any]]) -> tuple[int, int, int]:
    values = [
        float(m[name])
        for m in months
        for name in ("nps", "nps_low", "nps_high", "nps_clean")
        if m[name] is not None
    ]
    step = _nice_step(max(max(values) - min(values), 20) / 4)
    step = next((s for s in (5, 10, 20, 25, 50) if s >= step), 50)
    low = max(-100, math.floor(min(values) / step) * step)
    high = min(100, math.ceil(max(values) / step) * step)
    return (low, high, step) if high > low else (low - step, low + step, step)


def _nps_point(
    month: dict[str, Any], x: float, frame: Frame, low: int, high: int, *, first: bool
) -> NpsPoint:
    def at(name: str) -> float | None:
        return None if month[name] is None else frame.y(float(month[name]), low, high)

    start: date = month["period_start"]
    label = f"{start:%b %Y}" if first or start.month == 1 else f"{start:%b}"
    if month["nps"] is None:
        said, text = "hidden: fewer than 5 responses", ""
    else:
        text = signed(month["nps"])
        said = f"NPS {text}"
        if month["nps_low"] is not None and month["nps_high"] is not None:
            said += f", 95 % interval {signed(month['nps_low'])} to {signed(month['nps_high'])}"
        if month["nps_clean"] is not None:
            said += f", clean {signed(month['nps_clean'])}"
    return NpsPoint(
        x=x,
        label=label,
        responses=month["responses"] or 0,
        y=at("nps"),
        y_low=at("nps_low"),
        y_high=at("nps_high"),
        y_clean=at("nps_clean"),
        few=bool(month["low_n"]),
        title=f"{start:%B %Y}: {said}; {month['responses'] or 0:,} responses",
        text=text,
    )


def _joined(points: Sequence[tuple[float, float | None]]) -> str:
    """A path through the points, lifted over those that are hidden."""
    path, down = [], False
    for x, y in points:
        if y is not None:
            path.append(f"{'L' if down else 'M'}{x:g} {y:g}")
        down = y is not None
    return " ".join(path)


def _band(floor: Sequence[int], ceiling: Sequence[int], frame: Frame, top: int) -> str:
    """The area between two stacked counts; a single day is drawn as wide as the chart."""
    xs = [frame.x(i / max(len(floor) - 1, 1)) for i in range(len(floor))]
    if len(xs) == 1:
        xs, floor, ceiling = [frame.left, frame.x_end], [*floor] * 2, [*ceiling] * 2
    over = [f"{x:g} {frame.y(v, 0, top):g}" for x, v in zip(xs, ceiling, strict=True)]
    under = [f"{x:g} {frame.y(v, 0, top):g}" for x, v in zip(xs, floor, strict=True)]
    return f"M{' L'.join([*over, *reversed(under)])} Z"


def _nice_step(rough: float) -> int:
    """The smallest of 1, 2, 5 times a power of ten that is not below `rough`."""
    power = 10 ** max(math.floor(math.log10(max(rough, 1))), 0)
    return next(int(m * power) for m in (1, 2, 5, 10) if m * power >= rough)


def _day_ticks(calendar: Sequence[date], frame: Frame) -> tuple[Tick, ...]:
    last = len(calendar) - 1
    every = max(math.ceil(len(calendar) / 6), 1)
    marks = list(range(last, -1, -every))[::-1] if last else [0]
    return tuple(
        Tick(frame.x(i / last if last else 0.5), f"{calendar[i].day} {calendar[i]:%b}")
        for i in marks
    )
