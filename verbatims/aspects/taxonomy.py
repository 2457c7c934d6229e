"""`config/taxonomy.yml`: what a company's customers may speak of, in which words."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from lake.config import StrictModel, load_yaml

LANGUAGES = ("zh", "en")
GAP, WIDE_GAP = "…", "……"
"""A gap within a clause; and one that passes commas, though not the end of a sentence."""
MAX_FORMS = 300
"""How many wordings one entry with (a|b) may stand for."""
_GRAMMAR = 1  # how clauses are read: raise it with each change of what is found

_ID = re.compile(r"[a-z][a-z0-9_]{1,40}")
_GAPS = re.compile("(……|…)")
_CHOICE = re.compile(r"\(([^()]*)\)")


def _empty(value: object) -> object:
    return () if value is None else value


def _word(word: str) -> str:
    """`word` as it stands; ValueError where it can mean nothing."""
    forms_of(word)
    return word


def _raise_for_both(words: tuple[str, ...], name: str, others: tuple[str, ...], other: str) -> None:
    both = sorted(set(words) & set(others))
    if both:
        mend = "leave it in one of the lists"
        raise ValueError(f"`{both[0]}` is both {name} and {other} here: {mend}")


Word = Annotated[str, AfterValidator(_word)]
Words = Annotated[tuple[Word, ...], BeforeValidator(_empty)]


class Wording(StrictModel):
    """How one language speaks of one aspect."""

    about: Words = ()
    good: Words = ()
    bad: Words = ()
    said_good: Words = ()
    said_bad: Words = ()
    expected: Words = ()

    @model_validator(mode="after")
    def _has_an_object(self) -> Wording:
        if (self.said_good or self.said_bad) and not self.about:
            raise ValueError(
                "`said_good` and `said_bad` need an `about` word of which they are said"
            )
        return self

    @model_validator(mode="after")
    def _on_one_side(self) -> Wording:
        for good, bad in ((self.good, self.bad), (self.said_good, self.said_bad)):
            _raise_for_both(good, "good", bad, "bad")
        return self


class Name(StrictModel):
    """What reports call an aspect."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Aspect(StrictModel):
    """One thing that customers speak of, and who answers for it."""

    name: Name
    stage: str = Field(min_length=1)
    kind: Literal["Q", "S", "C"] = Field(alias="class")
    owner: str = Field(min_length=1)
    zh: Wording = Wording()
    en: Wording = Wording()

    @model_validator(mode="after")
    def _can_be_found(self) -> Aspect:
        if not any(w.about or w.good or w.bad for w in (self.zh, self.en)):
            raise ValueError("no text can be about it: add words to `about`, `good` or `bad`")
        return self


class Opinions(StrictModel):
    """Words of one language that judge anything, and words to pass over."""

    good: Words = ()
    fair: Words = ()
    bad: Words = ()
    ignore: Words = ()

    @model_validator(mode="after")
    def _on_one_side(self) -> Opinions:
        for one, other in combinations(("good", "fair", "bad"), 2):
            _raise_for_both(getattr(self, one), one, getattr(self, other), other)
        return self


class OpinionsByLanguage(StrictModel):
    """The opinion words of both languages."""

    zh: Opinions = Opinions()
    en: Opinions = Opinions()


class Taxonomy(StrictModel):
    """All of `taxonomy.yml`."""

    declared: str = Field(alias="version", min_length=1, max_length=40)
    aspects: dict[str, Aspect] = Field(min_length=1)
    opinions: OpinionsByLanguage = OpinionsByLanguage()

    @field_validator("aspects")
    @classmethod
    def _ids(cls, aspects: dict[str, Aspect]) -> dict[str, Aspect]:
        for name in aspects:
            if not _ID.fullmatch(name):
                raise ValueError(
                    f"`{name}` is no id: write 2 to 41 small letters, digits and _, a letter first"
                )
        return aspects

    @model_validator(mode="after")
    def _nothing_ignored_is_meant(self) -> Taxonomy:
        for language in LANGUAGES:
            ignored = set(getattr(self.opinions, language).ignore)
            for name, aspect in self.aspects.items():
                for part, words in getattr(aspect, language):
                    for word in ignored.intersection(words):
                        raise ValueError(
                            f"`{word}` is in opinions.{language}.ignore and in "
                            f"aspects.{name}.{language}.{part}: take it out of one of them"
                        )
        return self

    @property
    def version(self) -> str:
        """The declared version and a hash, which changes with any word and with the grammar."""
        content = json.dumps(self.model_dump(by_alias=True), ensure_ascii=False, sort_keys=True)
        told = f"{_GRAMMAR} {content}"
        return f"{self.declared}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def read_taxonomy(path: Path) -> Taxonomy:
    """The taxonomy in the file `path`; ConfigError with all that is wrong in it."""
    return load_yaml(path, Taxonomy)


def forms_of(word: str) -> tuple[tuple[str, ...], ...]:
    """The wordings that `word` stands for, each as its parts and the gaps between.

    `一(掰|扯)就…裂` is (`一掰就`, `…`, `裂`) and (`一扯就`, `…`, `裂`).
    ValueError says what is wrong with the word.
    """
    if "(" in _CHOICE.sub("", word) or ")" in _CHOICE.sub("", word):
        raise ValueError(f"`{word}`: every ( needs its ), and none stands in another; write (a|b)")
    choices = [c.split("|") for c in _CHOICE.findall(word)]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MAX_FORMS:
        raise ValueError(f"`{word}` stands for {count} wordings, more than {MAX_FORMS}: split it")
    fixed = _CHOICE.split(word)[::2]
    return tuple(dict.fromkeys(_forms(word, fixed, choices)))


def _forms(word: str, fixed: list[str], choices: list[list[str]]) -> Iterator[tuple[str, ...]]:
    for chosen in product(*choices):
        whole = fixed[0] + "".join(c + f for c, f in zip(chosen, fixed[1:], strict=True))
        parts = tuple(" ".join(part.split()) for part in _GAPS.split(whole))
        for part in parts[::2]:
            if not part.strip("* "):
                raise ValueError(f"`{word}`: there is no word before or after a … or in a choice")
            if "*" in part[:-1] or (part.endswith("*") and not part[-2:-1].isascii()):
                raise ValueError(
                    f"`{word}`: * stands at the end of an English word, for any ending"
                )
        yield parts
