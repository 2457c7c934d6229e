"""Texts -> moments and days, as people and systems in China and elsewhere write them.

Nothing is guessed: a day that may be a month is a fault, and so is an hour that may be two.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from loaders.texts import ValueFault, is_null, shown, tidy

Precision = Literal["second", "minute", "day", "unknown"]

YEARS = range(2000, 2100)
"""The years of what customers do. The suites of expectations hold the dates to the same ones."""
OLD_YEARS = range(1900, 2100)
"""The years of what may have begun long ago: a shop's opening, a customer's signup."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}.*)?")
_ISO_SECOND = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?")
_CLOCK = (
    r"(?:[T\s]*(?P<noon>上午|下午|早上|晚上|中午|凌晨)?\s*(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})"
    r"(?:[:分](?:(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?秒?)?)?"
    r"\s*(?P<half>[AaPp]\.?\s?[Mm]\.?|上午|下午|早上|晚上|中午|凌晨)?"
    r"\s*(?P<offset>Z|z|UTC|GMT|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?)?)?"
)
_YMD = re.compile(
    r"(?P<year>\d{4})(?P<sep>[-/.年])(?P<month>\d{1,2})(?:[-/.月])(?P<day>\d{1,2})日?" + _CLOCK
)
_TAIL_YEAR = re.compile(r"(?P<first>\d{1,2})[-/.](?P<other>\d{1,2})[-/.](?P<year>\d{4})" + _CLOCK)
_MORNING = {**{hour: hour for hour in range(12)}, 12: 0}
_AFTERNOON = {**{hour: hour + 12 for hour in range(12)}, **{hour: hour for hour in range(12, 24)}}
_HALF_DAYS: dict[str, dict[int, int]] = {
    "am": _MORNING,
    "上午": _MORNING,
    "pm": _AFTERNOON,
    "下午": _AFTERNOON,
    "凌晨": {**{hour: hour for hour in range(7)}, 12: 0},
    "早上": {hour: hour for hour in range(4, 12)},
    "中午": {0: 12, 1: 13, 2: 14, **{hour: hour for hour in range(10, 15)}},
    "晚上": {hour: hour + 12 * (hour < 12) for hour in (*range(5, 12), *range(17, 24))},
}
"""The half of the day -> each hour that is said of it -> the hour of 24 that is meant."""
# -11:00 and -12:00 are in use on a few islands; 10:00-11:00 is a span of time far more often.
_OFFSETS = (timedelta(hours=-10), timedelta(hours=14))
_PACKED = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[T ]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?"
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_SERIAL_ZEROS = {
    "excel": date(1899, 12, 30),  # day 1 is 1900-01-01, and there is a 1900-02-29
    "excel_1904": date(1904, 1, 1),  # of workbooks that say so: Excel for the Mac of old
}
_NAMED_ZONE = re.compile(r"(?P<local>.*\d.*?)\s(?!UTC|GMT)(?P<name>[A-Z]{3,5})")
_SHARED_NAMES = frozenset({"CST", "IST", "BST", "AST", "GST", "SST", "WST", "AMT", "ECT"})
"""Short names of zones hours apart: China's CST is Chicago's, too."""
_PERIOD = re.compile(
    r"(?P<year>\d{4})年?(?:度|全年)?"
    r"(?:[-/ ]?(?:[Qq](?P<quarter>[1-4])|第?(?P<word>[1-4一二三四])季度?)"
    r"|(?:[-/.]|(?<=年))(?P<month>0?[1-9]|1[0-2])(?:月|[-/.]0?1(?: 00:00:00)?)?"
    r"|(?P<packed>0[1-9]|1[0-2]))?"
)


def timestamp(
    text: str,
    zone: ZoneInfo,
    date_order: str = "ymd",
    years: range = YEARS,
    *,
    is_stated: bool = False,
) -> datetime | None:
    """A moment in UTC. A text without an offset is local time in `zone`; a day is its midnight.

    `is_stated`: somebody said that these times are in `zone`, so a short name that others share
    (CST) is its own.
    """
    text = tidy(text)
    if is_null(text) or text.startswith("0000-00-00"):
        return None
    try:
        found = datetime.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        found = _local(text, zone, date_order, is_stated)
    if found.year not in years:
        raise ValueFault(
            "bad_timestamp",
            f"the year {found.year} is not one of {years[0]} to {years[-1]}. Check the date; leave "
            "the cell blank where there is none.",
        )
    offset = found.utcoffset()
    if offset is None:
        return found.replace(tzinfo=zone).astimezone(UTC)
    is_odd = offset % timedelta(minutes=15) and found.year >= 1980  # older ones went by the sun
    if is_odd or not _OFFSETS[0] <= offset <= _OFFSETS[1]:
        raise ValueFault(
            "bad_timestamp",
            f"{shown(text)} ends with what is no zone's distance from UTC. Write one moment, "
            "not a span: 2026-09-01 12:00:00.",
        )
    return found.astimezone(UTC)


def precision(text: str) -> Precision:
    """How fine a time was written: to the second, the minute or the day."""
    text = tidy(text)
    if _ISO_SECOND.fullmatch(text):  # by far the most frequent, and quick to know
        return "second"
    named = _NAMED_ZONE.fullmatch(text)
    text = named["local"] if named else text
    match = _YMD.fullmatch(text) or _TAIL_YEAR.fullmatch(text) or _PACKED.fullmatch(text)
    if match is None:
        if _SERIAL.fullmatch(text):
            return "second" if "." in text else "day"
        return "unknown"
    parts = match.groupdict()
    if parts.get("second"):
        return "second"
    return "minute" if parts.get("minute") else "day"


def day(
    text: str,
    zone: ZoneInfo,
    date_order: str = "ymd",
    years: range = YEARS,
    *,
    is_stated: bool = False,
) -> date | None:
    """A calendar day; of a moment with an offset, the day it was in `zone`."""
    moment = timestamp(text, zone, date_order, years, is_stated=is_stated)
    return None if moment is None else moment.astimezone(zone).date()


def period(text: str) -> str | None:
    """A year, quarter or month as 2026, 2026-Q3 or 2026-09, however it is written.

    The first day of a month is that month: a worksheet keeps 2026-09 so.
    """
    text = tidy(text)
    if is_null(text):
        return None
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise ValueFault(
            "bad_period",
            f"{shown(text)} is no year, quarter or month that is known here. Write 2026, 2026-Q3 "
            "or 2026-09.",
        )
    year, quarter = match["year"], match["quarter"] or match["word"]
    month = match["month"] or match["packed"]
    if quarter:
        return f"{year}-Q{'一二三四'.find(quarter) + 1 or quarter}"
    return f"{year}-{int(month):02d}" if month else year


def _local(text: str, zone: ZoneInfo, date_order: str, is_stated: bool) -> datetime:
    """What is no plain ISO text. The short name of a zone must be that of `zone` at that time."""
    named = _NAMED_ZONE.fullmatch(text)
    if named is None:
        return _moment(text, date_order)
    local, name = _moment(named["local"], date_order), named["name"]
    for fold in (0, 1):  # the hour that comes twice in autumn has another name each time
        there = local.replace(tzinfo=zone, fold=fold)
        if there.tzname() == name and (is_stated or name not in _SHARED_NAMES):
            return there
    why = f"{zone.key} was not called so then"
    if name in _SHARED_NAMES and not is_stated:
        why = "zones hours apart are called so"
    raise ValueFault(
        "bad_timestamp",
        f"which zone {name} is in {shown(text)} is not known: {why}. Say in the config whose times "
        "these are (`zone: America/Chicago`), or write the distance from UTC (+08:00).",
    )


def _serial(text: str, zero: date) -> datetime:
    """A spreadsheet's number of days, to the second."""
    midnight = datetime.combine(zero, time())
    return midnight + timedelta(seconds=round(float(text) * 86400))


def _moment(text: str, date_order: str) -> datetime:
    if date_order in _SERIAL_ZEROS and _SERIAL.fullmatch(text):
        return _serial(text, _SERIAL_ZEROS[date_order])
    match = _YMD.fullmatch(text) or _PACKED.fullmatch(text)
    if match is None:
        tail = _TAIL_YEAR.fullmatch(text)
        if tail is None:
            advice = "Write 2026-09-01 12:00:00."
            if _SERIAL.fullmatch(text):
                advice = "If it is a spreadsheet's number of days, say so: `date_order: excel`."
            raise ValueFault(
                "bad_timestamp",
                f"{shown(text)} is not a date or time that is known here. {advice}",
            )
        if date_order not in ("mdy", "dmy"):
            raise ValueFault(
                "bad_timestamp",
                f"{shown(text)} may be day-month or month-day. Say which in the config: "
                "`date_order: dmy` or `date_order: mdy`.",
            )
        match = tail
    parts = match.groupdict()
    if "first" in parts:
        first, other = parts["first"], parts["other"]
        parts["month"], parts["day"] = (first, other) if date_order == "mdy" else (other, first)
    try:
        return _built(parts)
    except (ValueError, OverflowError) as error:
        raise ValueFault("bad_timestamp", f"{shown(text)} does not exist: {error}.") from error


def _built(parts: dict[str, str | None]) -> datetime:
    fraction = ((parts.get("fraction") or "") + "000000")[:6]
    hour, minute, second = (
        _hour(parts),
        int(parts.get("minute") or 0),
        int(parts.get("second") or 0),
    )
    on = date(int(parts["year"] or 0), int(parts["month"] or 0), int(parts["day"] or 0))
    if hour == 24 and not (minute or second or int(fraction)):  # the end of a day
        hour, on = 0, on + timedelta(days=1)
    clock = time(hour, minute, second, int(fraction))
    return datetime.combine(on, clock, tzinfo=_offset(parts.get("offset")))


def _hour(parts: dict[str, str | None]) -> int:
    hour = int(parts.get("hour") or 0)
    half = (parts.get("half") or parts.get("noon") or "").lower().replace(".", "")
    half = "".join(half.split())
    if not half:
        return hour
    meant = _HALF_DAYS[half].get(hour)
    if meant is None:
        raise ValueFault(
            "bad_timestamp", f"which hour {hour} is with {half!r} is not known. Write 0 to 23."
        )
    return meant


def _offset(text: str | None) -> Any:
    if not text:
        return None
    bare = text.upper().removeprefix("UTC").removeprefix("GMT")
    if bare in {"", "Z"}:
        return UTC
    sign, numbers = bare[0], bare[1:]
    hours, minutes = numbers.split(":") if ":" in numbers else (numbers[:2], numbers[2:])
    return datetime.strptime(f"{sign}{int(hours):02d}{int(minutes or 0):02d}", "%z").tzinfo
