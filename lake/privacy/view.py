"""The same text with every digit and sign in its plain form, character for character.

Masks are looked for in the view and set in the text: １３８－００１３－８０００ and 一三八零零…
are numbers, too.
"""

from __future__ import annotations

import re

_SIGNS = {
    **dict.fromkeys("－‐‑‒–—―−﹣─", "-"),
    **dict.fromkeys("\xa0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009", " "),
    **dict.fromkeys("\u200a\u202f\u3000\u200b\u200c\u200d\u2060\ufeff\u2028\u2029", " "),
    **dict.fromkeys("•・‧∙⋅", "·"),
    **dict.fromkeys("．｡", "."),
    **{"＠": "@", "﹫": "@", "＋": "+", "＿": "_", "＃": "#", "（": "(", "）": ")"},
}
_DIGITS_FROM = (
    *(
        0xFF10,
        0x0660,
        0x06F0,
        0x07C0,
        0x0966,
        0x09E6,
        0x0A66,
        0x0AE6,
        0x0B66,
        0x0BE6,
        0x0C66,
        0x0CE6,
    ),
    *(0x0D66, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810),
)
"""The zeros of full-width, Arabic and Indian digits; their nines follow in order."""
_DIGITS = {chr(zero + n): str(n) for zero in _DIGITS_FROM for n in range(10)} | {
    chr(one + n): str(n + 1)
    for one in (0x2460, 0x2776)
    for n in range(9)  # ① and ❶
}
_LETTERS = {chr(a + n): chr(a + n - 0xFEE0) for a in (0xFF21, 0xFF41) for n in range(26)}
_PLAIN = str.maketrans(_SIGNS | _DIGITS | _LETTERS)
_ODD = re.compile("[" + re.escape("".join(map(chr, _PLAIN))) + "]")

_WRITTEN = {
    **{d: str(n) for n, d in enumerate("零一二三四五六七八九")},
    **{d: str(n) for n, d in enumerate("零壹贰叁肆伍陆柒捌玖")},
    **{"〇": "0", "○": "0", "幺": "1", "两": "2"},
}
_TO_DIGITS = str.maketrans(_WRITTEN)
_DIGIT = f"[0-9{''.join(_WRITTEN)}]"
_FEW_WRITTEN = re.compile(f"[{''.join(_WRITTEN)}]{_DIGIT}{_DIGIT}")
_WRITTEN_NUMBER = re.compile(f"{_DIGIT}(?:[ .·-]?{_DIGIT}){{6,40}}")

UNUSUAL_DIGITS = "".join(_DIGITS)
"""What stands for a digit and is none of 0 to 9, nor a Chinese numeral."""


def plain(text: str) -> str:
    """The text, as long as before, with ASCII digits, letters and signs for all their kin."""
    return text if _ODD.search(text) is None else text.translate(_PLAIN)


def written_out(view: str) -> str | None:
    """The view with digits for Chinese numerals, where they make up a number as long as a phone's.

    None where there is no such number, as nearly always.
    """
    if _FEW_WRITTEN.search(view) is None or _WRITTEN_NUMBER.search(view) is None:
        return None
    return _WRITTEN_NUMBER.sub(lambda number: number[0].translate(_TO_DIGITS), view)
