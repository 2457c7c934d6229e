"""Texts -> typed values, as people and systems in China and elsewhere write them.

A parser takes the text of one cell and gives a value, or None for a blank one, or raises ValueFault
with a reason for the person who mends the file. Nothing is guessed: an ambiguous date is a fault.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pyarrow as pa

from lake.entities import DAY, FLAG, MONEY, REAL, STAMP, TEXT, WHOLE

Precision = Literal["second", "minute", "day", "unknown"]
Parser = Callable[[str], Any]

MONEY_SCALE = Decimal("0.0001")
MONEY_LIMIT = Decimal(10) ** 14  # decimal128(18, 4) holds 14 digits before the point
WHOLE_LIMIT = 2**63
YEARS = range(1900, 2101)

_NULLS = frozenset({"", "null", "none", "nan", "n/a", "\\n", "-", "--", "—", "#n/a"})
_TEXT_NULLS = frozenset({"", "NULL", "\\N"})
_YES = frozenset({"1", "true", "t", "yes", "y", "是", "有", "真", "对", "同意"})
_NO = frozenset({"0", "false", "f", "no", "n", "否", "无", "假", "错", "不同意"})

_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_CURRENCY = re.compile(r"^([+-]?)\s*(?:¥|￥|\$|€|£|rmb|cny|usd)\s*|\s*(?:元|圆|rmb|cny|usd)$", re.I)
_SECONDS = re.compile(r"\s*(?:秒钟?|seconds?|secs?|s)$", re.I)

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISO_SECOND = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?")
_CLOCK = (
    r"(?:[T\s]*(?P<noon>上午|下午|早上|晚上|中午|凌晨)?\s*(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})"
    r"(?:[:分](?:(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?秒?)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
    r"\s*(?P<offset>Z|z|UTC|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?)?"
)
_YMD = re.compile(
    r"(?P<year>\d{4})(?P<sep>[-/.年])(?P<month>\d{1,2})(?:[-/.月])(?P<day>\d{1,2})日?" + _CLOCK
)
_TAIL_YEAR = re.compile(r"(?P<first>\d{1,2})[-/.](?P<other>\d{1,2})[-/.](?P<year>\d{4})" + _CLOCK)
_PACKED = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[T ]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?"
)


@dataclass(eq=False)
class ValueFault(Exception):  # noqa: N818 - a fault of a value, not an error of ours
    """A text that is not a value of its type: a code for counting, a reason for reading."""

    code: str
    reason: str

    def __str__(self) -> str:
        return self.reason


def parser_for(kind: pa.DataType, zone: ZoneInfo, date_order: str = "ymd") -> Parser:
    """The parser of a column of type `kind`; times without a zone are in `zone`."""
    timed: dict[pa.DataType, Parser] = {
        STAMP: lambda text: timestamp(text, zone, date_order),
        DAY: lambda text: day(text, zone, date_order),
    }
    return timed.get(kind) or _PLAIN_PARSERS[kind]


def words(text: str) -> str | None:
    """Trimmed text; None for blank, NULL and \\N (how databases write nothing)."""
    text = text.strip()
    return None if text in _TEXT_NULLS else text


def timestamp(text: str, zone: ZoneInfo, date_order: str = "ymd") -> datetime | None:
    """A moment in UTC. A text without an offset is local time in `zone`; a day is its midnight."""
    text = _tidy(text)
    if is_null(text) or text.startswith("0000-00-00"):
        return None
    try:
        found = datetime.fromisoformat(text) if _ISO_DAY.match(text) else _moment(text, date_order)
    except ValueError:
        found = _moment(text, date_order)
    if found.year not in YEARS:
        raise ValueFault(
            "bad_timestamp", f"the year {found.year} is not one of 1900 to 2100. Check the date."
        )
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    return found.astimezone(UTC)


def precision(text: str) -> Precision:
    """How fine a time was written: to the second, the minute or the day."""
    text = _tidy(text)
    if _ISO_SECOND.fullmatch(text):  # by far the most frequent, and quick to know
        return "second"
    match = _YMD.fullmatch(text) or _TAIL_YEAR.fullmatch(text) or _PACKED.fullmatch(text)
    if match is None:
        return "unknown"
    parts = match.groupdict()
    if parts.get("second"):
        return "second"
    return "minute" if parts.get("minute") else "day"


def day(text: str, zone: ZoneInfo, date_order: str = "ymd") -> date | None:
    """A calendar day; of a moment with an offset, the day it was in `zone`."""
    moment = timestamp(text, zone, date_order)
    return None if moment is None else moment.astimezone(zone).date()


@lru_cache(maxsize=8192)  # prices repeat
def money(text: str) -> Decimal | None:
    """An amount to four decimals: ¥1,234.50, 1234.5元, １２３４. Currency signs are not kept."""
    text = _tidy(text)
    if is_null(text):
        return None
    bare = text if _PLAIN.fullmatch(text) else _digits(_CURRENCY.sub(r"\1", text), text)
    value = Decimal(bare)
    if abs(value) >= MONEY_LIMIT:
        raise ValueFault("bad_number", f"{_shown(text)} is too large for an amount.")
    exponent = value.as_tuple().exponent
    return value.quantize(MONEY_SCALE) if isinstance(exponent, int) and exponent < -4 else value


def whole(text: str) -> int | None:
    """A whole number: 3, 1,200, 3.0."""
    text = _tidy(text)
    if is_null(text):
        return None
    value = Decimal(_digits(text, text))
    if abs(value) >= WHOLE_LIMIT or value != value.to_integral_value():
        raise ValueFault("bad_number", f"{_shown(text)} is not a whole number that can be kept.")
    return int(value)


def real(text: str) -> float | None:
    """A finite number."""
    text = _tidy(text)
    if is_null(text):
        return None
    value = float(_digits(text, text))
    if not math.isfinite(value):
        raise ValueFault("bad_number", f"{_shown(text)} is too large for a number.")
    return value


def seconds(text: str) -> float | None:
    """A duration in seconds: 123, 123秒, 95 s, 00:02:03."""
    text = _tidy(text)
    parts = text.split(":")
    if len(parts) == 3 and all(p.replace(".", "", 1).isdecimal() for p in parts):
        hours, minutes, rest = (float(p) for p in parts)
        return hours * 3600 + minutes * 60 + rest
    return real(_SECONDS.sub("", text))


def flag(text: str) -> bool | None:
    """Yes or no, in the usual words of Chinese and English systems."""
    text = _tidy(text).casefold()
    if is_null(text):
        return None
    if text in _YES or text in _NO:
        return text in _YES
    if _PLAIN.fullmatch(text) and Decimal(text) in (0, 1):  # 1.0, as a worksheet keeps it
        return Decimal(text) == 1
    raise ValueFault(
        "bad_flag", f"{_shown(text)} is neither yes nor no. Write 是/否, true/false or 1/0."
    )


def plain_number(text: str) -> float | None:
    """The number that an answer is, when it is nothing but one; never a guess."""
    text = text.strip()
    if not text.isascii() or not _PLAIN.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def is_null(text: str) -> bool:
    """Whether a trimmed text is one of the ways to write nothing in a typed column."""
    return not text or text.lower() in _NULLS


def _tidy(text: str) -> str:
    """Trimmed, full-width digits and signs made half-width."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")


def _digits(text: str, given: str) -> str:
    text = text.strip()
    if _PLAIN.fullmatch(text):
        return text
    if _GROUPED.fullmatch(text):
        return text.replace(",", "")
    raise ValueFault(
        "bad_number",
        f"{_shown(given)} is not a number. Write digits, with a point for decimals: 1234.50.",
    )


def _moment(text: str, date_order: str) -> datetime:
    match = _YMD.fullmatch(text) or _PACKED.fullmatch(text)
    if match is None:
        tail = _TAIL_YEAR.fullmatch(text)
        if tail is None:
            raise ValueFault(
                "bad_timestamp",
                f"{_shown(text)} is not a date or time that is known here. "
                "Write 2026-09-01 12:00:00.",
            )
        if date_order == "ymd":
            raise ValueFault(
                "bad_timestamp",
                f"{_shown(text)} may be day-month or month-day. Say which in the config: "
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
        raise ValueFault("bad_timestamp", f"{_shown(text)} does not exist: {error}.") from error


def _built(parts: dict[str, str | None]) -> datetime:
    fraction = ((parts.get("fraction") or "") + "000000")[:6]
    clock = time(
        _hour(parts),
        int(parts.get("minute") or 0),
        int(parts.get("second") or 0),
        int(fraction),
    )
    on = date(int(parts["year"] or 0), int(parts["month"] or 0), int(parts["day"] or 0))
    return datetime.combine(on, clock, tzinfo=_offset(parts.get("offset")))


def _hour(parts: dict[str, str | None]) -> int:
    hour = int(parts.get("hour") or 0)
    half = (parts.get("half") or parts.get("noon") or "").lower().replace(".", "")
    if half in {"pm", "下午", "晚上"} and hour < 12:
        return hour + 12
    if half == "中午" and hour < 3:
        return hour + 12
    if half in {"am", "上午", "早上", "凌晨"} and hour == 12:
        return 0
    return hour


def _offset(text: str | None) -> Any:
    if not text:
        return None
    bare = text.upper().removeprefix("UTC").removeprefix("GMT")
    if bare in {"", "Z"}:
        return UTC
    sign, numbers = bare[0], bare[1:]
    hours, minutes = numbers.split(":") if ":" in numbers else (numbers[:2], numbers[2:])
    return datetime.strptime(f"{sign}{int(hours):02d}{int(minutes or 0):02d}", "%z").tzinfo


_PLAIN_PARSERS: dict[pa.DataType, Parser] = {
    TEXT: words,
    MONEY: money,
    WHOLE: whole,
    REAL: real,
    FLAG: flag,
}
