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
)
_SHORT_WALKS = frozenset({"asdf", "qwer", "zxcv", "hjkl", "fdsa", "lkjh", "uiop"})
_HOME = frozenset("sdfghjkl")
_VOWELS = frozenset("aeiouy")
_CONSONANTS = re.compile("[b-df-hj-np-tv-xz]{5,}")
_SQUEEZED = re.compile(r"(.)\1+")
_UNKNOWN_PAIRS = frozenset(
    re.findall(
        r"\S+",
        """
        bq bx cj cv cx dx fq fx fz gq gx hx jb jc jd jf jg jh jj jl jm jn jp jq js jt jv jw jx jy jz
        kq kx kz mx mz pq px pz qb qc qd qf qg qh qj qk ql qm qn qp qq qr qs qt qv qw qx qy qz
        sx tq vb vc vf vg vh vj vk vm vp vq vt vw vx vz wq wx xb xd xf xg xj xk xn xr xs xv xz
        zb zc zd zf zj zk zm zn zp zq zr zs zt zv zw zx
        """,
    )
)
_SHORTEST = 4
_LONG = 5


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
    runs = re.findall(r"[a-z]+|\d+|[^\W\d_a-z]+", read)
    if not runs or sum(map(len, runs)) < _SHORTEST:
        return None
    doubts = [_nonsense(run) for run in runs]
    odd = " ".join(run for run, doubt in zip(runs, doubts, strict=True) if doubt)
    doubts = [
        doubt or 0.8 * (len(run) > 1 and run in odd)
        for run, doubt in zip(runs, doubts, strict=True)
    ]
    said = [run for run, doubt in zip(runs, doubts, strict=True) if not doubt]
    if any(len(run) > 1 or not run.isascii() for run in said) or len(said) > sum(map(bool, doubts)):
        return None
    return Finding(0, len(text), min(doubt for doubt in doubts if doubt))


def _nonsense(run: str) -> float:
    """How sure it is that a run of letters or digits says nothing; 0 where it may say something."""
    if run.isdigit():
        return _nonsense_digits(run)
    if not run.isascii():
        return 0.9 if _SOUNDS.fullmatch(run) else 0.0
    return _nonsense_latin(run)


def _nonsense_digits(digits: str) -> float:
    if _MEANT.fullmatch(digits):
        return 0.0
    if _SAME_DIGIT.fullmatch(digits) or digits in "12345678901234567890":
        return 0.95 if len(digits) >= _SHORTEST else 0.0
    return 0.6 if _DIGITS.fullmatch(digits) else 0.0  # it may be the number of an order


def _nonsense_latin(letters: str) -> float:
    if letters in LETTERS or len(letters) < _SHORTEST:
        return 0.0
    squeezed = _SQUEEZED.sub(r"\1", letters)
    long = len(squeezed) >= _LONG
    if _walks(letters):
        return 0.95
    if long and (set(squeezed) <= _HOME or _repeats_keys(squeezed)):
        return 0.9
    no_vowel = len(squeezed) > _LONG and not set(squeezed) & _VOWELS
    pairs = sum(letters[place : place + 2] in _UNKNOWN_PAIRS for place in range(len(letters) - 1))
    unsaid = no_vowel or len(_CONSONANTS.findall(squeezed)) >= 2
    return 0.85 if unsaid or (pairs >= 2 and len(letters) > _LONG) else 0.0


def _walks(letters: str) -> bool:
    """Whether at least half of it are keys beside each other."""
    if len(letters) < _LONG:
        return letters in _SHORT_WALKS
    steps = sum(letters[place : place + 4] in _WALKS for place in range(len(letters) - 3))
    return steps > 0 and len(letters) <= 2 * (steps + 3) and letters not in _WORDS_OF_KEYS


def _repeats_keys(letters: str) -> bool:
    """The same few keys again and again, a row of them or without a vowel: `asdasd`, `dfgdfg`."""
    for size in (2, 3, 4):
        if len(letters) >= 2 * size and letters == (letters[:size] * len(letters))[: len(letters)]:
            unit = letters[:size]
            in_row = size > 2 and any(unit in row for row in _ROWS)
            return in_row or not set(unit) & _VOWELS
    return False


_WORDS_OF_KEYS = frozenset({"power", "property", "rewire"})
