"""Texts of two windows, at most so many distinct ones of a language, however many come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

LANGUAGES = ("zh", "en")
READ = 1_000
"""Characters of a text that are read for its theme."""


class Unnamed(NamedTuple):
    """One thing said in which no aspect was found."""

    text_hash: str
    text: str
    language: str
    said_at: datetime


@dataclass(slots=True)
class Kept:
    """A distinct text with how often it was said in each window."""

    text_hash: str
    text: str
    before: int = 0
    now: int = 0


@dataclass
class Sample:
    """The texts of one language with the lowest hashes.

    A hash is as good as chance, is the same whatever the order, and brings in all that was said in
    the same words. So counts within the sample are exact, and `share` leads from them to all.
    """

    cap: int
    before: int = 0  # things said, kept or not
    now: int = 0
    _kept: dict[str, Kept] = field(default_factory=dict)
    _limit: str = "g"  # after every hexadecimal digit

    def add(self, row: Unnamed, late: bool) -> None:
        """Count a thing said, in the later window or the one before."""
        self.now += late
        self.before += not late
        if row.text_hash >= self._limit:
            return
        kept = self._kept.get(row.text_hash)
        if kept is None:
            kept = self._kept[row.text_hash] = Kept(row.text_hash, row.text[:READ])
        kept.now += late
        kept.before += not late
        if len(self._kept) >= 2 * self.cap:
            self._cut()

    def texts(self) -> list[Kept]:
        """What is kept, by hash."""
        self._cut()
        return sorted(self._kept.values(), key=lambda kept: kept.text_hash)

    @property
    def share(self) -> float:
        """Share of the things said that is kept, 1 where all is."""
        kept = sum(text.before + text.now for text in self.texts())
        return kept / max(self.before + self.now, 1)

    def _cut(self) -> None:
        if len(self._kept) <= self.cap:
            return
        hashes = sorted(self._kept)
        self._limit = hashes[self.cap]
        self._kept = {key: self._kept[key] for key in hashes[: self.cap]}


def sample_of(
    rows: Iterable[Unnamed], as_of: datetime, window: timedelta, cap: int
) -> dict[str, Sample]:
    """A sample per language of what was said in `window` up to `as_of`, and in the one before."""
    samples = {language: Sample(cap) for language in LANGUAGES}
    for row in rows:
        age = as_of - row.said_at
        if row.language in samples and timedelta(0) <= age < 2 * window:
            samples[row.language].add(row, late=age < window)
    return samples
