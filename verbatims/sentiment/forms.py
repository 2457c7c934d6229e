"""The normal form as a model of sentiment reads it: so much of it, and English negations tied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from verbatims.normal import Normal, normals

LONGEST = 10_000
"""Characters of a text that are read; no verbatim is longer, and a pasted file says no more."""
_NEGATION = re.compile(
    r"\b(not|never|no|hardly|without|nothing|cannot"
    r"|(?:is|was|do|did|does|ca|wo|are|were|would|could|should|has|have|had)n['’]t) ([a-z]+)"
)

UNSURPASSED = re.compile(
    r"\b(?:could|can)(?:n['’]t| ?not)(?= (?:be|have been|get|ask for)"
    r" (?:any )?(?:more|less|better|worse|[a-z]{3,}er)\b)",
    re.IGNORECASE,
)
"""The negation that negates nothing: "couldn't be happier"."""


def forms_of(texts: Sequence[str], language: str) -> list[Normal]:
    """What is learned from and scored. A model of words would take "not bad" for bad."""
    forms = normals([text[:LONGEST] for text in texts], language)
    if language != "en":
        return forms
    return [replace(form, text=_told_apart(form.text)) for form in forms]


def form_of(text: str, language: str) -> Normal:
    """The same of one text."""
    return forms_of([text], language)[0]


def _told_apart(form: str) -> str:
    """Negated words in capitals, tied to their negation; one that negates nothing made signs.

    A normal form has no capitals, so "not_BAD" shares no run of characters with "bad". It stays as
    long as it was.
    """
    form = UNSURPASSED.sub(lambda found: "!" * len(found.group()), form)
    return _NEGATION.sub(lambda found: f"{found[1]}_{found[2].upper()}", form)
