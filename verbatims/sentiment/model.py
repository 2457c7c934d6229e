"""The trained model: TF-IDF of character runs, logistic regression, calibrated by channel.

Trained with scikit-learn (training.py); scored here with numpy alone, which gives the same numbers
and each word's part in them. On disk it is JSON and arrays, nothing that could run.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from lake.config import UsageError
from verbatims.normal import Normal
from verbatims.results import Phrase, Sentiment
from verbatims.sentiment.forms import LONGEST, forms_of
from verbatims.sentiment.grams import Found, Grams, Ints, in_a_row
from verbatims.sentiment.phrases import Floats, by_character, spans

_BATCH_TEXTS, _BATCH_CHARACTERS = 4_000, 100_000
_FORM = 2  # of the files, and of the normal form that they were made for


class ModelError(UsageError):
    """A model's files cannot be read; the message says which and what to do."""


@dataclass(frozen=True)
class Calibration:
    """The probability that a text's writer gave a good rating: sigmoid(slope * z + offset)."""

    slope: float
    offset: float

    def score(self, decision: float) -> float:
        """From -1 to 1: twice the probability, less one."""
        return math.tanh((self.slope * decision + self.offset) / 2)


@dataclass(frozen=True)
class Model:
    """A model of one language. `grams`, `idf` and `weights` belong together, one by one.

    `channels` holds the calibration of those with enough rated texts; `overall` serves the others.
    Scores from `neutral[0]` to `neutral[1]` are neutral.
    """

    version: str
    language: str
    within_words: bool
    grams: tuple[str, ...] = field(repr=False)
    idf: Floats = field(repr=False)
    weights: Floats = field(repr=False)
    intercept: float
    overall: Calibration
    channels: Mapping[str, Calibration]
    neutral: tuple[float, float]

    def score_many(
        self, texts: Iterable[str], channels: Iterable[str | None] | None = None
    ) -> Iterator[Sentiment]:
        """The sentiment of each text, in order, with memory for one batch. Texts as they stand."""
        batch: list[tuple[str, str | None]] = []
        size = 0
        for text, channel in _pairs(texts, channels):
            batch.append((text[:LONGEST], channel))
            size += len(batch[-1][0])
            if len(batch) >= _BATCH_TEXTS or size >= _BATCH_CHARACTERS:
                yield from self._score_batch(batch)
                batch, size = [], 0
        yield from self._score_batch(batch)

    def decisions(self, normal_texts: Sequence[str]) -> Floats:
        """The log odds before calibration, of texts in their normal form."""
        decided = [np.zeros(0)]
        for start in range(0, len(normal_texts), _BATCH_TEXTS):
            row = _Row(normal_texts[start : start + _BATCH_TEXTS], within_words=self.within_words)
            decided.append(self._weigh(row).decisions)
        return np.concatenate(decided)

    @cached_property
    def _finder(self) -> Grams:
        return Grams(self.grams, within_words=self.within_words)

    def _score_batch(self, batch: list[tuple[str, str | None]]) -> list[Sentiment]:
        if not batch:
            return []
        forms = forms_of([text for text, _ in batch], self.language)
        row = _Row([form.text for form in forms], within_words=self.within_words)
        weighed = self._weigh(row)
        return [
            self._sentiment(decision, known, phrases, channel)
            for decision, known, phrases, (_, channel) in zip(
                weighed.decisions.tolist(),
                _known_share(row, weighed.found).tolist(),
                _phrases(row, weighed, forms),
                batch,
                strict=True,
            )
        ]

    def _sentiment(
        self, decision: float, known: float, phrases: tuple[Phrase, ...], channel: str | None
    ) -> Sentiment:
        if not known:
            return Sentiment(None, 0.0, None, (), self.language, self.version)
        score = round(self.channels.get(channel or "", self.overall).score(decision), 4)
        low, high = self.neutral
        band = "negative" if score < low else "positive" if score > high else "neutral"
        confidence = round((1 + abs(score)) / 2 * known, 4)
        return Sentiment(score, confidence, band, phrases, self.language, self.version)

    def _weigh(self, row: _Row) -> _Weighed:
        found = self._finder.find(row.codes)
        keys = row.text_of[found.places] * len(self.grams) + found.features
        order = np.argsort(keys)
        ordered = keys[order]
        heads = np.flatnonzero(np.diff(ordered, prepend=-1))
        counts = np.diff(np.append(heads, len(keys)))
        features, owners = ordered[heads] % len(self.grams), ordered[heads] // len(self.grams)
        values = _sublinear(counts) * self.idf[features]
        lengths = np.sqrt(np.bincount(owners, weights=values * values, minlength=row.count))
        parts = values * self.weights[features] / lengths[owners]
        sums = np.bincount(owners, weights=parts, minlength=row.count)
        each = np.empty(len(keys))
        each[order] = np.repeat(parts / counts, counts)
        return _Weighed(found, each, np.asarray(sums + self.intercept, dtype=np.float64))

    def save(self, folder: Path) -> None:
        """Write model.json and model.npz into `folder`, which is made; each is renamed in place."""
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / "model.npz.new"
        with aside.open("wb") as file:
            np.savez_compressed(
                file, grams=np.array(self.grams), idf=self.idf, weights=self.weights
            )
        aside.replace(folder / "model.npz")
        told = {"form": _FORM, "content": self.content} | self._told()
        text = json.dumps(told, ensure_ascii=False, indent=1)
        aside = folder / "model.json.new"
        aside.write_text(text + "\n", encoding="utf-8")
        aside.replace(folder / "model.json")

    def _told(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "language": self.language,
            "within_words": self.within_words,
            "intercept": self.intercept,
            "overall": asdict(self.overall),
            "channels": {name: asdict(one) for name, one in sorted(self.channels.items())},
            "neutral": list(self.neutral),
        }

    @property
    def content(self) -> str:
        """A hash of all that the files hold: files that were changed are not this version."""
        told = sha256("\0".join(self.grams).encode("utf-8", "surrogatepass"))
        told.update(np.concatenate([self.idf, self.weights]).tobytes())
        told.update(json.dumps(self._told(), sort_keys=True).encode())
        return told.hexdigest()

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Read what `save` wrote. Raises ModelError where it can't be read, or was changed."""
        try:
            told = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            with np.load(folder / "model.npz", allow_pickle=False) as arrays:
                grams, idf, weights = arrays["grams"], arrays["idf"], arrays["weights"]
            if told["form"] != _FORM:
                raise ValueError("it is of another form")
            if not grams.shape == idf.shape == weights.shape == (len(grams),) or not len(grams):
                raise ValueError("its n-grams and their weights are not as many")
            model = cls(
                version=str(told["version"]),
                language=str(told["language"]),
                within_words=bool(told["within_words"]),
                grams=tuple(grams.tolist()),
                idf=idf.astype(np.float64),
                weights=weights.astype(np.float64),
                intercept=float(told["intercept"]),
                overall=Calibration(**told["overall"]),
                channels={name: Calibration(**one) for name, one in told["channels"].items()},
                neutral=(float(told["neutral"][0]), float(told["neutral"][1])),
            )
            if model.content != told["content"] or model.version != folder.name:
                raise ValueError("its files were changed since it was made, or its folder's name")
            return model
        except (
            *(OSError, ValueError, KeyError, TypeError, AttributeError),
            *(IndexError, EOFError, BadZipFile, zlib.error),
        ) as fault:
            raise ModelError(
                f"The model in {folder} cannot be read: {fault}. Restore the folder; or take its "
                "line out of promoted.json, and the lexicon answers; or make a new model: "
                "voc text train."
            ) from fault


@dataclass(frozen=True)
class _Weighed:
    """What was found in a batch, what each find gave, and each text's log odds."""

    found: Found
    each: Floats
    decisions: Floats


class _Row:
    """The normal forms of a batch behind each other, with the way back to each text."""

    def __init__(self, texts: Sequence[str], *, within_words: bool) -> None:
        self.count = len(texts)
        self.codes, self.begins = in_a_row(texts, within_words=within_words)
        self.text_of: Ints = np.repeat(np.arange(self.count), np.diff(self.begins))
        self.lead = 1 if within_words else 0


def _phrases(row: _Row, weighed: _Weighed, forms: Sequence[Normal]) -> list[tuple[Phrase, ...]]:
    """The phrases of each text, at their places in the text as it stands."""
    found = spans(row.codes, row.text_of, by_character(weighed.found, weighed.each, len(row.codes)))
    begins = row.begins[found.texts] + row.lead
    told: list[list[Phrase]] = [[] for _ in forms]
    for text, start, end, weight in zip(
        found.texts.tolist(),
        (found.starts - begins).tolist(),
        (found.ends - begins).tolist(),
        np.round(found.weights, 4).tolist(),
        strict=True,
    ):
        told[text].append(Phrase(start, end, weight))
    return [
        tuple(phrases) if form.starts is None else _as_it_stands(phrases, form)
        for phrases, form in zip(told, forms, strict=True)
    ]


def _as_it_stands(phrases: list[Phrase], form: Normal) -> tuple[Phrase, ...]:
    """The phrases at their places in the text; those that share a place there are one.

    Slang stands for several words, which may not all speak for the same side.
    """
    merged: list[Phrase] = []
    for phrase in sorted(phrases, key=lambda one: one.start):
        start, end = form.span(phrase.start, phrase.end)
        weight = phrase.weight
        if merged and start < merged[-1].end:
            before = merged.pop()
            start, end = before.start, max(before.end, end)
            weight = round(before.weight + weight, 4)
        merged.append(Phrase(start, end, weight))
    return tuple(
        sorted((one for one in merged if one.weight), key=lambda one: (-abs(one.weight), one.start))
    )


def _known_share(row: _Row, found: Found) -> Floats:
    """The share of each text's characters, blanks aside, that stand in a known pair or longer run.

    0 where nothing at all is known; a tenth at least where single characters are.
    """
    covered = np.zeros(len(row.codes), dtype=bool)
    for length in range(2, int(found.lengths.max(initial=0)) + 1):
        places = found.places[found.lengths == length]
        for step in range(length):
            covered[places + step] = True
    solid = (row.codes != 0) & (row.codes != ord(" "))
    sizes = np.bincount(row.text_of[solid], minlength=row.count)
    hits = np.bincount(row.text_of[solid & covered], minlength=row.count)
    known = np.bincount(row.text_of[found.places], minlength=row.count) > 0
    return np.where(known, np.maximum(hits / np.maximum(sizes, 1), 0.1), 0.0)


def _sublinear(counts: Ints) -> Floats:
    """1 + log(count), from a table: what a SIMD logarithm gives hangs on what stands beside it."""
    return _LOGS[np.minimum(counts, len(_LOGS) - 1)]


_LOGS = np.array([0.0] + [1.0 + math.log(count) for count in range(1, 4 * LONGEST)])


def _pairs(
    texts: Iterable[str], channels: Iterable[str | None] | None
) -> Iterator[tuple[str, str | None]]:
    if channels is None:
        return ((text, None) for text in texts)
    return zip(texts, channels, strict=True)
