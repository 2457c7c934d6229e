"""Runs of characters (n-grams) that a model knows, found in many texts at once with numpy.

The same runs that scikit-learn's `TfidfVectorizer` counts with `analyzer="char"` or `"char_wb"`,
but each with its place, which is what phrases are made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.uint32]
_CODES = 0x110000
_BLANK = ord(" ")


@dataclass(frozen=True)
class Found:
    """Known runs in some texts: which, how long, and their place in all characters in a row."""

    places: Ints
    lengths: Ints
    features: Ints


@dataclass(frozen=True)
class _Level:
    """All runs of one length, each as its beginning (a run of the level above) and last sign."""

    keys: Ints
    features: Ints  # -1: only the beginning of longer ones


class Grams:
    """The runs that a model knows; a run's feature is its place in the list given.

    `within_words`: a blank stands only at the beginning or end of a run (scikit-learn's char_wb).
    """

    def __init__(self, grams: Sequence[str], *, within_words: bool) -> None:
        self.within_words = within_words
        self.longest = max(map(len, grams))
        codes = np.array(grams, dtype=f"U{self.longest}").view(np.uint32)
        codes = codes.reshape(len(grams), self.longest)
        lengths = np.array([len(gram) for gram in grams])
        signs = np.unique(codes[codes > 0])
        self._sign_of = np.zeros(_CODES, dtype=np.int32)
        self._sign_of[signs] = np.arange(1, len(signs) + 1)
        self._base = len(signs) + 1
        self._levels = self._build(self._sign_of[codes].astype(np.int64), lengths)

    def _build(self, signs: Ints, lengths: Ints) -> list[_Level]:
        levels: list[_Level] = []
        nodes = np.zeros(len(signs), dtype=np.int64)
        for length in range(1, self.longest + 1):
            reach = lengths >= length
            keys, places = np.unique(
                nodes[reach] * self._base + signs[reach, length - 1], return_inverse=True
            )
            nodes[reach] = places
            features = np.full(len(keys), -1, dtype=np.int64)
            whole = lengths == length
            features[nodes[whole]] = np.flatnonzero(whole)
            levels.append(_Level(keys, features))
        return levels

    def find(self, codes: Codes) -> Found:
        """All known runs in characters of texts that stand behind each other, a NUL between."""
        signs = self._sign_of[codes].astype(np.int64)
        places = np.flatnonzero(signs)
        nodes = np.zeros(len(places), dtype=np.int64)
        parts: list[Found] = []
        for length, level in enumerate(self._levels, start=1):
            last = places + length - 1  # never behind the end: a NUL is in no run, and stands there
            keys = nodes * self._base + signs[last]
            at = _places(level.keys, keys)
            hit = level.keys[at] == keys
            if self.within_words and length > 2:
                hit &= codes[last - 1] != _BLANK
            places, nodes = places[hit], at[hit]
            features = level.features[nodes]
            known = features >= 0
            count = int(known.sum())
            parts.append(Found(places[known], np.full(count, length), features[known]))
        return Found(
            np.concatenate([part.places for part in parts]),
            np.concatenate([part.lengths for part in parts]),
            np.concatenate([part.features for part in parts]),
        )


def _places(known: Ints, keys: Ints) -> Ints:
    """Where each key would stand among the known ones, or the last place. Sorted it is faster."""
    order = np.argsort(keys)
    places = np.empty_like(keys)
    places[order] = np.searchsorted(known, keys[order])
    return np.minimum(places, len(known) - 1)


def in_a_row(texts: Sequence[str], *, within_words: bool) -> tuple[Codes, Ints]:
    """The characters of all texts, a NUL behind each; and where each text begins, and the end.

    With `within_words` a blank stands before and after each text, as around any word.
    """
    around = " " if within_words else ""
    joined = "".join(f"{around}{text}{around}\0" for text in texts)
    codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32)
    lengths = np.fromiter((len(text) for text in texts), dtype=np.int64, count=len(texts))
    begins = np.concatenate([[0], np.cumsum(lengths + 1 + 2 * len(around))])
    return codes, begins


def parameters(language: str) -> dict[str, Any]:
    """What scikit-learn's TfidfVectorizer is called with for texts of a language."""
    how: dict[str, Any] = {"sublinear_tf": True, "lowercase": False}
    if language == "zh":
        return how | {"analyzer": "char", "ngram_range": (1, 3), "min_df": 5}
    return how | {"analyzer": "char_wb", "ngram_range": (2, 5), "min_df": 3}
