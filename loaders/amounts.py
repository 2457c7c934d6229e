"""Texts -> amounts, numbers and durations.

Nothing is guessed: a number that may be a thousand times another is a fault.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal, TypeVar

from loaders.cells import Number
from loaders.texts import ValueFault, is_null, shown, tidy

T = TypeVar("T")
Decimals = Literal["auto", "point", "comma", "doubt"]
"""What stands before the decimals. In doubt, a number that either could read is a fault; auto is a
point, and doubt where euros are named."""

MONEY_SCALE = Decimal("0.0001")
MONEY_LIMIT = Decimal(10) ** 14  # decimal128(18, 4) holds 14 digits before the point
WHOLE_LIMIT = 2**63

_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")
_COMMA = re.compile(r"[+-]?(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+)(?:,\d+)?")
_DOUBTFUL = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_CURRENCY = re.compile(
    r"^([+-]?)\s*(?:¥|￥|\$|€|£|rmb|cny|usd|eur)\s*|\s*(?:元|圆|€|rmb|cny|usd|eur)$", re.I
)
_CURRENCY_NAMES = {
    **dict.fromkeys(("¥", "￥", "rmb", "cny", "元", "圆"), "CNY"),
    **dict.fromkeys(("$", "usd"), "USD"),
    **dict.fromkeys(("€", "eur"), "EUR"),
    "£": "GBP",
}
_SCALES = {"千": 3, "万": 4, "萬": 4, "百万": 6, "千万": 7, "亿": 8, "億": 8}
"""What is written behind a number in place of zeros -> how many."""
_SCALED = re.compile(
    rf"(?P<number>.*[\d.])\s*(?P<scale>{'|'.join(sorted(_SCALES, key=len)[::-1])})"
)
_LARGE = "百万|千万|[千万萬亿億]"
_SMALL = "[分角]|cents?|pence|fen|¢"
_SHORT = "k|mn|mio|wan|thousands?|millions?|10k|'?000s?"
_MONEY_SIGN = "[元圆¥￥$€£]|人民币|rmb|cny|usd|eur"
_SCALED_HEADER = re.compile(
    rf"(?:[(（\[【/:：_\s-]\s*(?:单位\s*[:：]\s*|in[\s_]+)?(?:(?:{_MONEY_SIGN})\s*)?"
    rf"(?:(?:{_LARGE}|{_SMALL}|{_SHORT})|(?<=[(（])m)\s*(?:{_MONEY_SIGN})?\s*[)）\]】]?"
    rf"|(?:{_LARGE})[元圆]|(?-i:(?<=[a-z])Cents))$",
    re.I,
)
"""A unit behind a sign or space at the end of a header, and what can be nothing else: 金额万元,
amountCents. 积分, 得分, score and points are no units."""
_SECONDS = re.compile(r"\s*(?:秒钟?|seconds?|secs?|s)$", re.I)

_SPELLED = re.compile(
    r"(?:(\d{1,5})\s*(?:天|日|days?|d))?\s*(?:(\d{1,7})\s*(?:个?小时|时|hours?|hrs?|h))?"
    r"\s*(?:(\d{1,7})\s*(?:分钟?|minutes?|mins?|m))?\s*(?:(\d{1,9})\s*(?:秒钟?|seconds?|secs?|s))?",
    re.I,
)
_UNITS = (86400, 3600, 60, 1)


@lru_cache(maxsize=8192)  # prices repeat
def money(text: str, decimals: Decimals = "auto") -> Decimal | None:
    """An amount to four decimals: ¥1,234.50, 1234.5元, 1.2万, １２３４. Signs are not kept."""
    text = tidy(text)
    if is_null(text):
        return None
    if decimals == "auto" and "€" in text:
        decimals = "doubt"
    value = _number(_CURRENCY.sub(r"\1", text), text, decimals)
    if abs(value) >= MONEY_LIMIT:
        raise ValueFault("bad_number", f"{shown(text)} is too large for an amount.")
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -4:
        return value
    rounded = value.quantize(MONEY_SCALE)
    if value and not rounded:
        raise ValueFault(
            "bad_number",
            f"{shown(text)} is too small for an amount: to the four decimals that are kept it "
            "would be 0. Check its unit.",
        )
    return rounded


@dataclass
class Currency:
    """Of all amounts of a file: the one that is named first."""

    name: str | None = None


def one_currency(
    currency: Currency, decimals: Decimals = "auto"
) -> Callable[[str], Decimal | None]:
    """The parser of a column of amounts, which are all of the same `currency`."""

    def parse(text: str) -> Decimal | None:
        value = money(text, decimals)
        named = None if value is None else _currency(text)
        currency.name = currency.name or named
        if named not in (None, currency.name):
            raise ValueFault(
                "mixed_currency",
                f"{shown(text)} is in {named}, and amounts before it in the file are in "
                f"{currency.name}: they can't be summed. Export one currency.",
            )
        return value

    return parse


def by_cell(of_text: Callable[[str], T], of_number: Callable[[str], T]) -> Callable[[str], T]:
    """The parser of cells of which some are numbers, whatever sign texts have before decimals."""
    return lambda cell: (of_number if isinstance(cell, Number) else of_text)(cell)


def counted(parse: Callable[[str], Decimal | None]) -> Callable[[str], Decimal | None]:
    """The parser of amounts that no row may lack: there NaN is a failed sum, not a blank."""

    def parse_counted(text: str) -> Decimal | None:
        if tidy(text).lower() == "nan":
            raise ValueFault(
                "bad_number",
                f"{shown(text)} is not a number. Write digits, with a point for decimals: 1234.50.",
            )
        return parse(text)

    return parse_counted


def whole(text: str, decimals: Decimals = "auto") -> int | None:
    """A whole number: 3, 1,200, 3.0, 1.2万."""
    text = tidy(text)
    if is_null(text):
        return None
    value = _number(text, text, decimals)
    if abs(value) >= WHOLE_LIMIT or value != value.to_integral_value():
        raise ValueFault("bad_number", f"{shown(text)} is not a whole number that can be kept.")
    return int(value)


def real(text: str, decimals: Decimals = "auto") -> float | None:
    """A finite number."""
    text = tidy(text)
    if is_null(text):
        return None
    value = float(_number(text, text, decimals))
    if not math.isfinite(value):
        raise ValueFault("bad_number", f"{shown(text)} is too large for a number.")
    return value


def seconds(text: str) -> float | None:
    """A duration in seconds: 123, 123秒, 95 s, 1小时2分3秒, 00:02:03."""
    text = tidy(text)
    spelled = _SPELLED.fullmatch(text)
    if text and spelled:
        return float(sum(int(n or 0) * of for n, of in zip(spelled.groups(), _UNITS, strict=True)))
    parts = text.split(":")
    if len(parts) == 3 and all(p.replace(".", "", 1).isdecimal() for p in parts):
        hours, minutes, rest = (float(p) for p in parts)
        return hours * 3600 + minutes * 60 + rest
    return real(_SECONDS.sub("", text))


@lru_cache(maxsize=8192)  # so do scores
def plain_number(text: str) -> float | None:
    """The number that an answer is, when it is nothing but one; never a guess."""
    text = text.strip()
    if not text.isascii() or not _PLAIN.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def header_scale(header: str) -> bool:
    """Whether a header names another unit than the currency's own: 金额（万元）, amount_cents."""
    return _SCALED_HEADER.search(header.strip()) is not None


def _currency(text: str) -> str | None:
    if text[:1].isdigit() and text[-1:].isdigit():  # nearly always
        return None
    folded = text.casefold()
    return next((name for sign, name in _CURRENCY_NAMES.items() if sign in folded), None)


def _number(text: str, given: str, decimals: Decimals) -> Decimal:
    """The number that a text without currency signs is: 1,234.5, or 1.2万 for 12000."""
    scaled = _SCALED.fullmatch(text.strip())
    if scaled is None:
        return Decimal(_digits(text, given, decimals))
    return Decimal(_digits(scaled["number"], given, decimals)).scaleb(_SCALES[scaled["scale"]])


def _digits(text: str, given: str, decimals: Decimals) -> str:
    """Digits with a point before the decimals, as Decimal and float read them."""
    text = text.strip()
    if decimals == "comma":
        return _comma_digits(text, given)
    if decimals == "doubt" and _DOUBTFUL.fullmatch(text):
        raise ValueFault(
            "bad_number",
            f"{shown(given)} may be a thousand and more, or a number with three decimals. Say "
            "in the config which sign stands before decimals: `decimals: point` or "
            "`decimals: comma`.",
        )
    if _PLAIN.fullmatch(text):
        return text
    if _GROUPED.fullmatch(text):
        return text.replace(",", "")
    advice = "Write digits, with a point for decimals: 1234.50"
    if _COMMA.fullmatch(text):
        advice += "; or say `decimals: comma` in the config"
    raise ValueFault("bad_number", f"{shown(given)} is not a number. {advice}.")


def _comma_digits(text: str, given: str) -> str:
    if _COMMA.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if _PLAIN.fullmatch(text) or _GROUPED.fullmatch(text):
        raise ValueFault(
            "bad_number",
            f"{shown(given)} is not a number with a decimal comma, as the config says "
            "(`decimals: comma`): 1.234,50.",
        )
    raise ValueFault(
        "bad_number",
        f"{shown(given)} is not a number. Write digits, with a comma for decimals: 1234,50.",
    )
