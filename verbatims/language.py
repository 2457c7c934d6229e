"""In which language a text is written: Chinese, English, another, or none at all."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from verbatims.normal import HANDLES, LINKS, MASKS
from verbatims.slang import CHINESE_ALONE

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_NO_WORDS = re.compile(rf"{MASKS.pattern}|{LINKS.pattern}|{HANDLES.pattern}|#[A-Za-z0-9_]+")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_OF_KANA_HANGUL = "\u3041-\u30ff\uff66-\uff9f\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3"
_OF_LATIN = "A-Za-zＡ-Ｚａ-ｚÀ-ÖØ-öø-ɏḀ-ỿ"
_KANA_HANGUL = re.compile(f"[{_OF_KANA_HANGUL}]")
_LATIN = re.compile(f"[{_OF_LATIN}]+(?:['’][a-z]+)?")
_NOT_HAN = re.compile(f"[{_OF_KANA_HANGUL}{_OF_LATIN}]")
OTHER_LETTERS = re.compile(f"[^\\W\\d_{_OF_LATIN}\u3400-\u4dbf\u4e00-\u9fff]")
_ENGLISH = frozenset(
    re.findall(
        r"\S+",
        """
        the and this that was were with have has had not but very you your my it its it's for from
        they them their what when would will which of to is are i'm don't can't didn't good great
        love works work bad thanks thank best worst nice easy easier awesome amazing excellent
        perfect how why just so much really than then there here been be do does did get got
        """,
    )
)
_OF_LATIN_SCRIPT = (
    *("en", "fr", "de", "es", "pt", "it", "nl", "id", "ms", "vi"),
    *("tr", "pl", "sv", "da", "no", "fi", "cs", "ro", "hu", "tl"),
)
_ENGLISH_SHARE = 0.2
_ENOUGH = 2_000  # characters tell a language
_SURE = 0.7
_FEW = 3  # words; of fewer nobody can tell a language, so the library has to be surer
_SURE_OF_FEW = 0.95


def language_of(text: str) -> str:
    """`zh`, `en`, `other`, or `none` where nothing is in words (emoji, digits, masks, links)."""
    has_han = _HAN.search(text) is not None
    if has_han and _NOT_HAN.search(text) is None:
        return "zh"  # most texts: nothing else has to be looked for
    words = _NO_WORDS.sub(" ", text)
    if has_han:
        return _with_han(words)
    latin = _LATIN.findall(words)
    others = len(OTHER_LETTERS.findall(words))
    if others > sum(map(len, latin)):
        return "other"
    if not latin:
        return "none"
    return _of_latin(words, [word.lower() for word in latin])


def _with_han(text: str) -> str:
    """A Han character weighs like a word. Kana and Hangul make it no Chinese, unless few."""
    han = len(_HAN.findall(text))
    if 3 * len(_KANA_HANGUL.findall(text)) > han:
        return "other"
    latin = _LATIN.findall(text)
    if len(latin) <= han:
        return "zh"
    return _of_latin(" ".join(latin), [word.lower() for word in latin])


def _of_latin(text: str, words: list[str]) -> str:
    if all(word in CHINESE_ALONE for word in words):
        return "zh"
    if sum(word in _ENGLISH for word in words) >= _ENGLISH_SHARE * len(words):
        return "en"
    language, sure = _identifier().classify(text[:_ENOUGH])
    enough = _SURE if len(words) >= _FEW else _SURE_OF_FEW
    return "other" if language != "en" and sure >= enough else "en"


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # 2 s

    found = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    found.set_languages(list(_OF_LATIN_SCRIPT))
    return found
