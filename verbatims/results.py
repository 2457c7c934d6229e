"""What is found in a text. Places are Python character offsets in the text as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Phrase(NamedTuple):
    """A part of the text that spoke for (weight > 0) or against (weight < 0) a pleased customer."""

    start: int
    end: int
    weight: float


class Sentiment(NamedTuple):
    """How pleased a text sounds. `score` is -1..1, None where no engine can tell."""

    score: float | None
    confidence: float  # 0..1
    band: str | None  # negative, neutral, positive
    phrases: tuple[Phrase, ...]  # at most 3 for, 3 against
    language: str
    model_version: str


@dataclass(frozen=True)
class Mention:
    """One aspect in one clause, with the polarity (-1, 0, 1) that this clause gives it."""

    aspect: str
    start: int
    end: int
    polarity: int
    rule: str
    confidence: float  # 0..1
    taxonomy_version: str


@dataclass(frozen=True)
class Flag:
    """Something odd about a text, such as an advertisement, with what shows it."""

    kind: str
    evidence: str
    confidence: float  # 0..1
    rule_version: str
