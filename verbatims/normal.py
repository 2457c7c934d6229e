"""The form of a text that models and rules read, with a map back to the text as it stands.

Full width, traditional characters and capitals are folded one character to one. Masks of personal
data and links become a gap; emoji and slang become words; what is drawn out is shortened. So a
place in the normal form leads to a place in the text through `Normal.span`.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import emoji
import numpy as np
from numpy.typing import NDArray
from opencc import OpenCC

from lake.privacy import KINDS
from verbatims.slang import DIGITS, EMOJI, EMOJI_RANGES, LETTERS, PHRASES

MASKS = re.compile(rf"\[(?:{'|'.join(KINDS)}|personal)\]")
"""A mask, as lake/privacy leaves it."""
LINKS = re.compile(r"https?://[!-~]+")
HANDLES = re.compile(r"(?<![\w.])@[A-Za-z0-9_]+")
"""Who is spoken to on a social network: a name, which says nothing of how it went."""

_UNSEEN = "\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\u20e3\U0001f3fb-\U0001f3ff"
_SHARED = (
    rf"(?P<gap>{MASKS.pattern}|{LINKS.pattern}|{HANDLES.pattern}| {{2,}})"
    r"|(?P<drawn>(?P<sign>[^\d ])(?P=sign){3,})"
    rf"|(?P<emoji>[{EMOJI_RANGES}][{_UNSEEN}{EMOJI_RANGES}]*)"
    rf"|(?P<unseen>[{_UNSEEN}]+)"
)
_CHANGED = re.compile(_SHARED)
_CHANGED_CHINESE = re.compile(
    rf"{_SHARED}|(?P<net>{'|'.join(sorted(PHRASES, key=len, reverse=True))})"
    r"|(?P<letters>(?<![a-z0-9])[a-z][a-z0-9]{1,6}(?![a-z0-9]))"
    r"|(?P<digits>(?<![a-z0-9.¥$号第共花付])(?:6{3,5}|23{2,4})(?=$|[^\w]|[啊哈了的呀哦]))"
)
_HINTS = rf"\[@{_UNSEEN}{EMOJI_RANGES}"
_HINT = re.compile(rf"[{_HINTS}]|  |://")
_HINT_CHINESE = re.compile(rf"[a-z26{_HINTS}{''.join({word[0] for word in PHRASES})}]|  |://")
_DRAWN = re.compile(r"([^\d ])\1{3}")


@dataclass(frozen=True, slots=True)
class Normal:
    """The normal form. `starts` and `ends` are None where every character stands where it stood."""

    text: str
    starts: list[int] | None = None
    ends: list[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where characters `start` to `end` (at least one) came from in the text as it stands."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def folded(text: str) -> str:
    """The text with full width, traditional characters and capitals folded, sign by sign."""
    return text.translate(_FOLDED)


def normal(text: str, language: str) -> Normal:
    """The normal form of a text in `language`; slang is read in Chinese alone."""
    plain = folded(text)
    hint = _HINT_CHINESE if language == "zh" else _HINT
    if hint.search(plain) is None and _DRAWN.search(plain) is None and plain == plain.strip():
        return Normal(plain)  # most texts: the long pattern is ten times as slow
    return _changed(plain, language)


def normals(texts: Sequence[str], language: str) -> list[Normal]:
    """The same of many texts at once: numpy folds them, and tells which need the long pattern."""
    if not texts:
        return []
    joined = f" {' '.join(texts)} ".encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(joined, dtype=np.uint32)
    signs = _SIGNS[language == "zh"]
    plain = signs.fold(codes)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    ends = np.cumsum(lengths + 1)
    begins = ends - lengths
    odd = np.logical_or.reduceat(signs.is_odd(plain), begins - 1)  # with the blank before each
    told = plain.tobytes().decode("utf-32-le")
    return [
        _changed(told[begin:end], language) if is_odd else Normal(told[begin:end])
        for begin, end, is_odd in zip(begins.tolist(), ends.tolist(), odd.tolist(), strict=True)
    ]


def _changed(plain: str, language: str) -> Normal:
    """The normal form of a folded text in which something may have to change."""
    pattern = _CHANGED_CHINESE if language == "zh" else _CHANGED
    built = _Built()
    done = 0
    for match in pattern.finditer(plain):
        built.keep(plain, done, match.start())
        kind = match.lastgroup or ""
        built.put(_WORDS[kind](match.group(), language), *match.span())
        done = match.end()
    built.keep(plain, done, len(plain))
    return built.normal()


class _Built:
    """A normal form as it grows, each character with the place that it came from."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []

    def keep(self, folded: str, start: int, end: int) -> None:
        """Characters that stay what they are."""
        if folded[start:end].startswith(" ") and self._gap():
            start += 1
        self.parts.append(folded[start:end])
        self.starts += range(start, end)
        self.ends += range(start + 1, end + 1)

    def put(self, words: str, start: int, end: int) -> None:
        """`words` in the place of what stood from `start` to `end`."""
        if words.startswith(" ") and self._gap():
            words = words[1:]
        self.parts.append(words)
        self.starts += [start] * len(words)
        self.ends += [end] * len(words)

    def normal(self) -> Normal:
        """What was built, without a gap at its end."""
        text = "".join(self.parts)
        size = len(text.rstrip())
        return Normal(text[:size], self.starts[:size], self.ends[:size])

    def _gap(self) -> bool:
        last = next((part for part in reversed(self.parts) if part), " ")
        return last.endswith(" ")


class _Folded(dict[int, str]):
    """Characters to their folded ones, worked out as they come: most texts share few."""

    def __missing__(self, code: int) -> str:
        self[code] = _fold(chr(code))
        return self[code]


class _Signs:
    """What numpy has to know of each character: its folded one, and whether it is a hint.

    Worked out as characters come, as most texts share few.
    """

    def __init__(self, hint: re.Pattern[str]) -> None:
        self._hint = hint
        self._folded = np.full(sys.maxunicode + 1, _UNKNOWN, dtype=np.uint32)
        self._hints = np.zeros(sys.maxunicode + 1, dtype=np.bool_)

    def fold(self, codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """The folded characters."""
        plain = self._folded[codes]
        new = np.unique(codes[plain == _UNKNOWN])
        if not new.size:
            return plain
        for code in new.tolist():
            sign = _FOLDED[code]
            self._folded[code] = ord(sign)
            self._hints[ord(sign)] = self._hint.match(sign) is not None
        return self._folded[codes]

    def is_odd(self, plain: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Where something begins that `_changed` may change: of folded characters, in a row."""
        odd = self._hints[plain]
        twice = plain[1:] == plain[:-1]
        odd[:-1] |= twice & (plain[1:] == ord(" "))
        odd[:-3] |= twice[2:] & twice[1:-1] & twice[:-2]
        odd[:-1] |= (plain[:-1] == ord(":")) & (plain[1:] == ord("/"))
        return odd


def _fold(sign: str) -> str:
    """Full width to half, traditional to simplified, capital to small, anything blank to a blank.

    One character stays one, so that every place stays where it is.
    """
    if sign.isspace() or unicodedata.category(sign) in {"Cc", "Cs", "Zs", "Zl", "Zp"}:
        return " "
    sign = _one(unicodedata.normalize("NFKC", sign), sign)
    sign = _one(_simplified().convert(sign), sign)
    return _one(sign.lower(), sign)


def _one(folded: str, sign: str) -> str:
    return folded if len(folded) == 1 else sign


@lru_cache(maxsize=1)
def _simplified() -> OpenCC:
    return OpenCC("t2s")


def _emoji_words(signs: str, language: str) -> str:
    """The words of a run of emoji, each once in a row; a blank on both sides."""
    said: list[str] = []
    for sign in signs:
        word = _emoji_word(sign, language)
        if word and said[-1:] != [word]:
            said.append(word)
    return f" {' '.join(said)} " if said else " "


@lru_cache(maxsize=8192)
def _emoji_word(sign: str, language: str) -> str:
    if sign in EMOJI:
        return EMOJI[sign][0 if language == "zh" else 1]
    named = emoji.demojize(sign, language="zh" if language == "zh" else "en")
    return "" if named == sign else named.strip(":").replace("_", " ")


_FOLDED = _Folded()
_UNKNOWN = sys.maxunicode + 1
_SIGNS = (_Signs(_HINT), _Signs(_HINT_CHINESE))
"""For other languages, and for Chinese."""
_WORDS: dict[str, Callable[[str, str], str]] = {
    "gap": lambda _words, _language: " ",
    "drawn": lambda words, _language: words[:3],
    "emoji": _emoji_words,
    "unseen": lambda _words, _language: "",
    "net": lambda words, _language: PHRASES[words],
    "letters": lambda words, _language: LETTERS.get(words, words),
    "digits": lambda words, _language: DIGITS[words[0]],
}
