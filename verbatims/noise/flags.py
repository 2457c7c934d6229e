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

RULE_VERSION = "noise-2"
"""Goes up with every change of what a rule finds."""
READ = 10_000
"""Characters of a text that are read."""
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
_BY_SIGNS = ("emoji_only", "punctuation_only", "padding")
_SAYS_MORE = {"padding": "meaningless", "meaningless": "filler"}
"""Kinds that need no telling where the other is told."""
KINDS = (*_RULES, "copy")
"""All kinds of flags; `copy` comes from `copies`, which looks across texts."""


def flags_of(text: str, form: Normal, language: str) -> list[Flag]:
    """The flags of one text, at most one of a kind, with the part of it that shows them.

    `form` is `normal(text, language)`. A text in another language than Chinese and English is
    judged by its signs alone, since no word of it is known here.
    """
    if not text.strip():
        return []
    read = Normal(form.text[:READ], form.starts, form.ends)
    kinds = _BY_SIGNS if language == "other" else tuple(_RULES)
    found = {kind: _RULES[kind](text[:READ], read) for kind in kinds}
    return [
        Flag(kind, _shown(text[part.start : part.end]), part.confidence, RULE_VERSION)
        for kind, part in found.items()
        if part is not None and not found.get(_SAYS_MORE.get(kind, ""))
    ]


def _shown(part: str) -> str:
    return part if len(part) <= EVIDENCE else part[: EVIDENCE - 1] + "…"
