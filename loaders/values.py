"""Which reading of a text a column of each type asks for.

A parser takes the text of one cell and gives a value, or None for a blank one, or raises ValueFault
with a reason for the person who mends the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from lake.entities import DAY, FLAG, MONEY, REAL, STAMP, TEXT, WHOLE
from loaders.amounts import Currency, Decimals, one_currency, real, whole
from loaders.texts import ValueFault, is_null, shown, tidy, words
from loaders.times import OLD_YEARS, YEARS, day, timestamp

Parser = Callable[[str], Any]

_YES = frozenset({"1", "true", "t", "yes", "y", "是", "有", "真", "对", "同意"})
_NO = frozenset({"0", "false", "f", "no", "n", "否", "无", "假", "错", "不同意"})


def parser_for(
    kind: pa.DataType,
    zone: ZoneInfo,
    date_order: str = "ymd",
    decimals: Decimals = "auto",
    years: range = YEARS,
    currency: Currency | None = None,
    *,
    is_stated: bool = False,
) -> Parser:
    """The parser of a column of type `kind`; times without a zone are in `zone`.

    Columns of amounts that share a `currency` have to be of one. `is_stated`: the config of the
    source says the zone, not only that of the deployment.
    """
    parsers: dict[pa.DataType, Parser] = {
        STAMP: lambda text: timestamp(text, zone, date_order, years, is_stated=is_stated),
        DAY: lambda text: day(text, zone, date_order, years, is_stated=is_stated),
        MONEY: one_currency(currency or Currency(), decimals),
        WHOLE: lambda text: whole(text, decimals),
        REAL: lambda text: real(text, decimals),
        TEXT: words,
        FLAG: flag,
    }
    return parsers[kind]


def row_version(text: str, zone: ZoneInfo, date_order: str = "ymd") -> int | None:
    """What a source says of a row's version, as a number that grows: a count, or a moment's.

    A moment counts in microseconds, a rowversion of SQL Server (0x07D1) as its number.
    """
    text = tidy(text)
    if is_null(text):
        return None
    if text.isdecimal() and len(text) < 19:
        return int(text)
    if re.fullmatch(r"0[xX][0-9A-Fa-f]{1,16}", text) and int(text, 16) < 2**63:
        return int(text, 16)
    moment = timestamp(text, zone, date_order, OLD_YEARS)
    return None if moment is None else round(moment.timestamp() * 1_000_000)


def flag(text: str) -> bool | None:
    """Yes or no, in the usual words of Chinese and English systems."""
    text = tidy(text).casefold()
    if is_null(text):
        return None
    if text in _YES or text in _NO:
        return text in _YES
    if text in ("1.0", "0.0"):  # as programs keep it
        return text == "1.0"
    raise ValueFault(
        "bad_flag", f"{shown(text)} is neither yes nor no. Write 是/否, true/false or 1/0."
    )
