"""All rules of noise that look at one text alone, and the flags that they raise."""

from __future__ import annotations

from collections.abc import Callable

from verbatims.noise.advertisements import advertisement
from verbatims.noise.filler import filler, padding
from verbatims.noise.finding import Finding
from verbatims.noise.meaningless import emoji_only, meaningless, punctuation_only
from verbatims.noise.paid_praise import paid_praise
from verbatims.noise.templates import template
from verbatims.normal import Normal
from verbatims.results import Flag

RULE_VERSION = "noise-1"
"""Goes up with every change of what a rule finds."""
EVIDENCE = 80
"""Characters of a text that a flag shows at most."""

_RULES: dict[str, Callable[[str, Normal], Finding | None]] = {
    "template": template,
    "paid_praise": paid_praise,
    "advertisement": advertisement,
    "meaningless": meaningless,
    "emoji_only": emoji_only,
    "punctuation_only": punctuation_only,
    "padding": padding,
    "filler": filler,
}
KINDS = (*_RULES, "copy")
"""All kinds of flags; `copy` comes from `copies`, which looks across texts."""


def flags_of(text: str, form: Normal, language: str) -> list[Flag]:
    """The flags of one text, at most one of a kind, with the part of it that shows them.

    `form` is `normal(text, language)`. A text in another language than Chinese and English is
    judged by its signs alone, since no word of it is known here.
    """
    if not text.strip():
        return []
    wordless = ("emoji_only", "punctuation_only", "padding")
    kinds = wordless if language == "other" else tuple(_RULES)
    flags = []
    for kind in kinds:
        found = _RULES[kind](text, form)
        if found is not None and not (kind == "padding" and _is(flags, "meaningless")):
            shown = text[found.start : found.end]
            if len(shown) > EVIDENCE:
                shown = shown[: EVIDENCE - 1] + "…"
            flags.append(Flag(kind, shown, found.confidence, RULE_VERSION))
    return flags


def _is(flags: list[Flag], kind: str) -> bool:
    return any(flag.kind == kind for flag in flags)
