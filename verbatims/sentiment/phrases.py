"""Which words decided: what each character gave to a score, gathered into readable spans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from verbatims.sentiment.grams import Codes, Found, Ints

Floats = NDArray[np.float64]

MOST = 3  # phrases for, and as many against
_LEAST_WORD = 0.1  # of the weightiest word in the text: less belongs to no phrase
_LEAST_PHRASE = 0.25  # of the weightiest phrase in the text: less decided nothing
_GAP, _ALONE, _JOINED = 0, 1, 2


@dataclass(frozen=True)
class Spans:
    """Phrases of some texts: which text, and start, end (in the row of characters), weight."""

    texts: Ints
    starts: Ints
    ends: Ints
    weights: Floats

    def __getitem__(self, chosen: Ints | NDArray[np.bool_]) -> Spans:
        return Spans(
            self.texts[chosen], self.starts[chosen], self.ends[chosen], self.weights[chosen]
        )


def by_character(found: Found, weights: Floats, size: int) -> Floats:
    """What each of `size` characters gave: each run's weight, shared out among its characters.

    Summed in an order that does not hang on what else is in the batch.
    """
    given = np.zeros(size)
    for length in range(1, int(found.lengths.max(initial=0)) + 1):
        of_length = found.lengths == length
        places, shares = found.places[of_length], weights[of_length] / length
        for step in range(length):
            given += np.bincount(places + step, weights=shares, minlength=size)
    return given


def spans(codes: Codes, text_of: Ints, given: Floats) -> Spans:
    """The phrases of all texts, ordered by text, the weightiest first.

    Words of letters and digits stay whole, other characters stand for themselves; neighbours that
    speak for the same side are one phrase.
    """
    words = _words(codes, text_of, given)
    phrases = _merged(codes, _at_least(_LEAST_WORD, words))
    return _weightiest(_at_least(_LEAST_PHRASE, phrases))


def _at_least(share: float, parts: Spans) -> Spans:
    """Those that weigh so much, beside the weightiest of their text."""
    if not parts.texts.size:
        return parts
    most = np.zeros(int(parts.texts[-1]) + 1)
    np.maximum.at(most, parts.texts, np.abs(parts.weights))
    return parts[np.abs(parts.weights) >= np.maximum(share * most[parts.texts], 1e-9)]


def _words(codes: Codes, text_of: Ints, given: Floats) -> Spans:
    """Every word, and every character that stands alone, with what its characters gave."""
    kinds = _KINDS[codes]
    goes_on = np.concatenate([[False], (kinds[1:] == _JOINED) & (kinds[:-1] == _JOINED)])
    begins = np.flatnonzero(~goes_on)
    ends = np.append(begins[1:], len(codes))
    weights = np.add.reduceat(given, begins)
    every = Spans(text_of[begins], begins, ends, weights)
    return every[kinds[begins] != _GAP]


def _merged(codes: Codes, words: Spans) -> Spans:
    """Neighbours of one side become one: side by side, or with one blank between."""
    if not words.texts.size:
        return words
    gap = words.starts[1:] - words.ends[:-1]
    near = (gap == 0) | ((gap == 1) & (codes[words.ends[:-1]] == ord(" ")))
    same_side = (words.weights[1:] > 0) == (words.weights[:-1] > 0)
    goes_on = near & same_side & (words.texts[1:] == words.texts[:-1])
    heads = np.flatnonzero(np.concatenate([[True], ~goes_on]))
    tails = np.append(heads[1:], len(words.texts)) - 1
    weights = np.add.reduceat(words.weights, heads)
    return Spans(words.texts[heads], words.starts[heads], words.ends[tails], weights)


def _weightiest(phrases: Spans) -> Spans:
    """At most `MOST` of each side in each text; among equals, the first."""
    size = np.abs(phrases.weights)
    phrases = phrases[np.lexsort((phrases.starts, -size, phrases.weights > 0, phrases.texts))]
    side = phrases.texts * 2 + (phrases.weights > 0)
    firsts = np.flatnonzero(np.diff(side, prepend=-1))
    rank = np.arange(len(side)) - np.repeat(firsts, np.diff(np.append(firsts, len(side))))
    phrases = phrases[rank < MOST]
    return phrases[np.lexsort((phrases.starts, -np.abs(phrases.weights), phrases.texts))]


def _kinds() -> NDArray[np.uint8]:
    """Of each character: a gap (blank, punctuation), one that stands alone, or part of a word."""
    kinds = np.full(0x110000, _ALONE, dtype=np.uint8)
    for code in range(0x3040):
        sign = chr(code)
        kinds[code] = _JOINED if sign.isalnum() or sign in "'_-" else _GAP
    kinds[0xFF00:0xFF10] = _GAP
    return kinds


_KINDS = _kinds()
