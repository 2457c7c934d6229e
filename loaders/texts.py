"""The texts of cells: trimmed, freed of what spreadsheets put around them, ids, what means nothing.

ValueFault lives here: it is what every reading of a cell ends with that ends in no value.
"""

from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import dataclass

from lake.privacy import mask_text

_NULLS = frozenset(
    {
        *("", "null", "(null)", "none", "nan", "nat", "<na>", "n/a", "#n/a", "undefined", "\\n"),
        *("-", "--", "—"),
    }
)
_TEXT_NULLS = frozenset({"", "NULL", "\\N", "#N/A"})

_SPACES = string.whitespace + "\x85\xa0\u2000\u2001\u2002\u2003\u2009\u200a\u202f\u3000"
_UNSEEN = "\ufeff\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\xad"
"""Marks that take no room: of byte order, of direction, between letters."""
WITHOUT_UNSEEN = dict.fromkeys(map(ord, _UNSEEN))
_TIDY_SIGNS = WITHOUT_UNSEEN | {0x2212: "-"}  # the minus of typesetters, which NFKC keeps
_HALF_WIDTH = WITHOUT_UNSEEN | {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_GUARDS = ("=", "'", "`")
_USUAL_ID = re.compile(r"[A-Za-z]+[-_]?[0-9][A-Za-z0-9_-]*|[0-9]+")
_FLOATED = re.compile(r"\d+\.0")
_TOTAL = re.compile(
    r"(?:合计|总计|小计|共计|总和|汇总|平均值|平均分|(?:grand |sub[ -]?)?totals?)\s*[:：]?", re.I
)
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_SPOILT_IDS = (
    (
        re.compile(r"\d(?:\.\d+)?[eE]\+\d{1,3}"),
        "a number that a spreadsheet shortened: the digits of the id are lost. Make the column "
        "text before the ids come into it, and export again.",
    ),
    (
        re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}(?: 00:00:00)?|\d{{1,2}}-(?:{_MONTHS})|\d+月\d+日"),
        "a date that a spreadsheet made of an id such as 3-1. Make the column text before the ids "
        "come into it, and export again.",
    ),
    (
        re.compile(r"#(?:REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|#+)|=.*", re.S),
        "what a worksheet shows in place of a value. Mend its formula, or the width of its "
        "column, and export again.",
    ),
    (
        re.compile(r".*\*\*.*", re.S),
        "an id with asterisks in place of characters, which others share. Export whole ids: those "
        "that tell who somebody is are hashed here.",
    ),
)
"""What spreadsheets and careful exporters leave of an id, and what to do."""


@dataclass(eq=False)
class ValueFault(Exception):  # noqa: N818 - a fault of a value, not an error of ours
    """A text that is not a value of its type: a code for counting, a reason for reading."""

    code: str
    reason: str

    def __str__(self) -> str:
        return self.reason


def trim(text: str) -> str:
    """Without the white space, and the marks that take no room, at both ends."""
    text = text.strip()
    return text if text.isascii() else text.strip(_SPACES + _UNSEEN)


def words(text: str) -> str | None:
    """Trimmed text; None for blank, NULL and \\N (how databases write nothing)."""
    text = trim(text)
    if text.startswith(("`", '="')) and "`" not in text[1:]:  # not an apostrophe: 's-Hertogenbosch
        text = _bare(text)
    return None if text in _TEXT_NULLS else text


def identifier(text: str) -> str | None:
    """An id as its system wrote it: without what a spreadsheet put around it or after it.

    Raises ValueFault for what a spreadsheet made of an id that can't be had back: 1.38E+10 for a
    long number, 2026-03-01 for 3-1, #REF!; and for ids with asterisks, which many people share.
    """
    if _USUAL_ID.fullmatch(text):  # nearly always, and quick to know
        return text
    text = _bare(trim(text))
    if not text.isascii():
        text = text.translate(_HALF_WIDTH).strip()
    if is_null(text):
        return None
    if _FLOATED.fullmatch(text):
        return text[:-2]
    if is_total(text):
        raise ValueFault("totals_row", f"{shown(text)} is a total's name, not an id.")
    for pattern, what in _SPOILT_IDS:
        if pattern.fullmatch(text):
            raise ValueFault("bad_id", f"{shown(text)} is {what}")
    return text


def is_total(text: str) -> bool:
    """Whether a cell says that its row sums up others: 合计, 小计：, Grand total."""
    return len(text) < 16 and _TOTAL.fullmatch(text) is not None


def is_null(text: str) -> bool:
    """Whether a trimmed text is one of the ways to write nothing in a typed column."""
    return not text or text.lower() in _NULLS


def tidy(text: str) -> str:
    """Trimmed and bare, full-width digits and signs made half-width."""
    text = _bare(text.strip())
    if text.isascii():
        return text
    return _bare(unicodedata.normalize("NFKC", text.translate(_TIDY_SIGNS)).strip())


def _bare(text: str) -> str:
    """Without what keeps a spreadsheet from changing a value: '00123, ="00123", `00123."""
    if text[:1] not in _GUARDS or len(text) < 2:
        return text
    if text.startswith('="') and text.endswith('"'):
        return text[2:-1].strip()
    if text[0] == "=":
        return text
    return text[1:].removesuffix(text[0]).strip()


def shown(text: str) -> str:
    """A value for a message: masked first, as a cut could hide half a number from the mask."""
    text, _ = mask_text(text)
    return repr(text if len(text) <= 40 else text[:39] + "…")
