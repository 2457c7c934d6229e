"""Texts without a word: strings of keys, digits and sounds; emoji alone; punctuation alone."""

from __future__ import annotations

import re

from verbatims.language import OTHER_LETTERS
from verbatims.noise.finding import Finding
from verbatims.normal import HANDLES, LINKS, MASKS, Normal, folded
from verbatims.slang import EMOJI_RANGES, LETTERS

_EMOJI = re.compile(rf"[{EMOJI_RANGES}]")
_LETTER = re.compile(r"[^\W_]")
_NO_WORDS = re.compile(rf"{MASKS.pattern}|{LINKS.pattern}|{HANDLES.pattern}")
_SOUNDS = re.compile(r"([啊阿哈呵嗯恩哦噢额呃嘿嘻呜哇唔咯嗷哎呀])\1{3,}")
_SAME_DIGIT = re.compile(r"([0-57-9])\1{3,}")
_DIGITS = re.compile(r"\d{5,}")
_MEANT = re.compile(r"6{2,}|23{2,}|8{2,}6?|5201314|520|1314|9{3,}|10{1,}")
"""Digits that say something: well done, laughter, farewell, love, full marks."""
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_COLUMNS = ("qaz", "wsx", "edc", "rfv", "tgb", "yhn", "ujm")
_WALKS = frozenset(
    way[start : start + 4]
    for row in (*_ROWS, "".join(_COLUMNS))
    for way in (row, row[::-1])
    for start in range(len(row) - 3)
) - {"tyui", "rewq", "oiuy", "poiu", "wert", "tret", "rety"} | {"tyui", "poiu", "oiuy"}
_HOME = frozenset("asdfghjkl")
_VOWELS = frozenset("aeiouy")
_SQUEEZED = re.compile(r"(.)\1+")
_UNKNOWN_PAIRS = frozenset(
    "bq bx cj cv cx dx fq fx fz gq gx hx jb jc jd jf jg jh jj jl jm jn jp jq js jt jv jw jx jy jz "
    "kq kx kz mx mz pq px pz qb qc qd qf qg qh qj qk ql qm qn qp qq qr qs qt qv qw qx qy qz "
    "sx tq vb vc vf vg vh vj vk vm vp vq vt vw vx vz wq wx xb xd xf xg xj xk xn xr xs xv xz "
    "zb zc zd zf zj zk zm zn zp zq zr zs zt zv zw zx".split()
)
_SHORTEST = 4
_LONG = 5
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def emoji_only(text: str, form: Normal) -> Finding | None:
    """Emoji without a letter or digit beside them."""
    del form
    if _EMOJI.search(text) is None or _LETTER.search(_EMOJI.sub("", text)):
        return None
    return Finding(0, len(text), 1.0)


def punctuation_only(text: str, form: Normal) -> Finding | None:
    """Neither a letter nor a digit nor an emoji."""
    del form
    if _LETTER.search(text) or _EMOJI.search(text):
        return None
    return Finding(0, len(text), 1.0)


def meaningless(text: str, form: Normal) -> Finding | None:
    """Only keys in a row, sounds, or digits of no known meaning."""
    del form
    read = _NO_WORDS.sub(" ", folded(text))
    if OTHER_LETTERS.search(read) or _EMOJI.search(read):
        return None
    tokens = re.findall(r"[a-z]+|\d+|[^\W\d_a-z]+", read)
    if not tokens or sum(map(len, tokens)) < _SHORTEST:
        return None
    doubts = [_nonsense(token) for token in tokens]
    said = [token for token, doubt in zip(tokens, doubts, strict=True) if not doubt]
    if any(len(token) > 1 or not token.isascii() for token in said) or len(said) > sum(
        map(bool, doubts)
    ):
        return None
    return Finding(0, len(text), min(doubt for doubt in doubts if doubt))


def _nonsense(token: str) -> float:
    """How sure it is that a run of letters or digits says nothing; 0 where it may say something."""
    if token.isdigit():
        return _nonsense_digits(token)
    if not token.isascii():
        return 0.9 if _SOUNDS.fullmatch(token) else 0.0
    return _nonsense_latin(token)


def _nonsense_digits(token: str) -> float:
    if _MEANT.fullmatch(token):
        return 0.0
    if _SAME_DIGIT.fullmatch(token) or token in "12345678901234567890":
        return 0.95 if len(token) >= _SHORTEST else 0.0
    return 0.8 if _DIGITS.fullmatch(token) else 0.0


def _nonsense_latin(token: str) -> float:
    if token in LETTERS or len(token) < _SHORTEST:
        return 0.0
    if len(token) >= _LONG and token in _ALPHABET:
        return 0.95
    walked = sum(token[place : place + 4] in _WALKS for place in range(len(token) - 3))
    if walked and (len(token) <= 2 * (walked + 3)) and token not in _WORDS_OF_KEYS:
        return 0.95
    squeezed = _SQUEEZED.sub(r"\1", token)
    if len(squeezed) >= _LONG and set(squeezed) <= _HOME and not set(squeezed) & {"a"}:
        return 0.9
    if len(squeezed) >= _LONG and _repeats_keys(squeezed):
        return 0.9
    if len(squeezed) > _LONG and not set(squeezed) & _VOWELS:
        return 0.85
    pairs = sum(token[place : place + 2] in _UNKNOWN_PAIRS for place in range(len(token) - 1))
    return 0.85 if pairs >= 2 and len(token) > _LONG else 0.0


def _repeats_keys(token: str) -> bool:
    """The same few letters again and again, without a vowel: `dfgdfg`."""
    for size in (2, 3, 4):
        if len(token) >= 2 * size and token == (token[:size] * len(token))[: len(token)]:
            return not set(token[:size]) & _VOWELS
    return False


_WORDS_OF_KEYS = frozenset({"were", "property", "power", "weird", "poiuy", "typewriter", "assad"})
