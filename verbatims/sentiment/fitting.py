"""Fitting with scikit-learn: the weights of a model, and what calibrates it.

Deterministic: examples come in the order of their keys, and nothing is drawn by lot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verbatims.sentiment.examples import Example
from verbatims.sentiment.grams import parameters
from verbatims.sentiment.model import Calibration, Model
from verbatims.sentiment.phrases import Floats

STRENGTH = 4.0  # of the weights against the penalty on them (scikit-learn's C)
FOLDS = 4
MOST_IN_A_FOLD = 20_000
"""Texts that a model is fitted on which only serves to calibrate or measure."""
LEAST_OF_A_CHANNEL = 50
"""Pleased, and displeased, texts that a channel needs for a calibration of its own."""
NEUTRAL = (-0.2, 0.2)
LEAST_NEUTRAL = 100
"""Texts rated neither good nor bad that it takes to set the neutral band by them."""
_MOST_WEIGHT = 10.0


@dataclass(frozen=True)
class Fitted:
    """scikit-learn's own objects, before they become a model."""

    vectorizer: Any
    classifier: Any

    def decisions(self, forms: Sequence[str]) -> Floats:
        """Log odds of texts in their normal form."""
        found: Floats = self.classifier.decision_function(self.vectorizer.transform(forms))
        return found


def fit(examples: Sequence[Example], language: str) -> Fitted:
    """TF-IDF and logistic regression; every channel and feeling weighs the same, within bounds."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectorizer = TfidfVectorizer(**parameters(language))
    counted = vectorizer.fit_transform([one.form for one in examples])
    classifier = LogisticRegression(C=STRENGTH, max_iter=500)
    classifier.fit(counted, [one.feeling for one in examples], sample_weight=balance(examples))
    return Fitted(vectorizer, classifier)


def balance(examples: Sequence[Example]) -> Floats:
    """The weight of each example, 1 on average: cells of channel and feeling count alike.

    None counts ten times as much as in the plain sum, so that a handful can't lead.
    """
    cells: dict[tuple[str, int], int] = {}
    for one in examples:
        cells[one.channel, one.feeling] = cells.get((one.channel, one.feeling), 0) + 1
    fair = len(examples) / len(cells)
    weights = np.array(
        [min(fair / cells[one.channel, one.feeling], _MOST_WEIGHT) for one in examples]
    )
    return np.asarray(weights * len(examples) / weights.sum())


def as_model(fitted: Fitted, language: str, version: str) -> Model:
    """The same weights as a model of ours, not calibrated yet."""
    return Model(
        version=version,
        language=language,
        within_words=fitted.vectorizer.analyzer == "char_wb",
        grams=tuple(fitted.vectorizer.get_feature_names_out()),
        idf=np.asarray(fitted.vectorizer.idf_, dtype=np.float64),
        weights=np.asarray(fitted.classifier.coef_[0], dtype=np.float64),
        intercept=float(fitted.classifier.intercept_[0]),
        overall=Calibration(1.0, 0.0),
        channels={},
        neutral=NEUTRAL,
    )


def folded(examples: Sequence[Example], language: str) -> tuple[Floats, list[Example]]:
    """Decisions on examples by models that have not seen them, in folds by key."""
    few = thinned(examples)
    decisions = np.zeros(len(few))
    for fold in range(FOLDS):
        others = [one for place, one in enumerate(few) if place % FOLDS != fold]
        mine = [one for place, one in enumerate(few) if place % FOLDS == fold]
        if both_feelings(others) and mine:
            decisions[fold::FOLDS] = fit(others, language).decisions([one.form for one in mine])
    return decisions, few


def left_out(examples: Sequence[Example], language: str) -> dict[str, tuple[Floats, list[Example]]]:
    """By channel: decisions on it by a model that has seen all other channels, and only them."""
    few = thinned(examples)
    found: dict[str, tuple[Floats, list[Example]]] = {}
    for channel in sorted({one.channel for one in few}):
        others = [one for one in few if one.channel != channel]
        mine = [one for one in few if one.channel == channel]
        if both_feelings(others):
            decisions = fit(others, language).decisions([one.form for one in mine])
            found[channel] = (decisions, mine)
    return found


def calibrations(decisions: Floats, examples: Sequence[Example]) -> dict[str, Calibration]:
    """The calibration of each channel that has enough texts."""
    found: dict[str, Calibration] = {}
    names = np.array([one.channel for one in examples])
    pleased = np.array([one.feeling > 0 for one in examples])
    for channel in sorted(set(names.tolist())):
        mine = names == channel
        good = int(pleased[mine].sum())
        if min(good, int(mine.sum()) - good) >= LEAST_OF_A_CHANNEL:
            found[channel] = calibrated(decisions[mine], pleased[mine])
    return found


def calibrated(
    decisions: Floats, pleased: NDArray[np.bool_], weights: Floats | None = None
) -> Calibration:
    """Platt's sigmoid: slope and offset by logistic regression on the log odds."""
    from sklearn.linear_model import LogisticRegression

    found = LogisticRegression(C=100.0)
    found.fit(decisions.reshape(-1, 1), pleased, sample_weight=weights)
    return Calibration(round(float(found.coef_[0][0]), 6), round(float(found.intercept_[0]), 6))


def neutral_band(
    neutral: Sequence[float], scores: Sequence[float], feelings: Sequence[int]
) -> tuple[float, float]:
    """The band that tells the three apart best: highest mean share of each that lies in its own.

    Its ends lie up to 0.6 from 0, on both sides of it, in steps of 0.05: a channel that is used to
    one side would have the other side begin at its edge. The default where fewer than 100 texts
    were rated neither good nor bad.
    """
    if len(neutral) < LEAST_NEUTRAL:
        return NEUTRAL
    told, felt = np.array(scores), np.array(feelings)
    between = np.array(neutral)
    best, band = -1.0, NEUTRAL
    for low in np.arange(-12, 0) / 20:
        for high in np.arange(1, 13) / 20:
            right = (
                (told[felt < 0] < low).mean()
                + (told[felt > 0] > high).mean()
                + ((between >= low) & (between <= high)).mean()
            )
            if right > best + 1e-9:
                best, band = float(right), (float(low), float(high))
    return band


def thinned(examples: Sequence[Example]) -> list[Example]:
    """At most `MOST_IN_A_FOLD`, spread evenly over the keys, which are as good as a lot."""
    step = max(1.0, len(examples) / MOST_IN_A_FOLD)
    return [examples[int(place * step)] for place in range(int(len(examples) / step))]


def both_feelings(examples: Sequence[Example]) -> bool:
    """Whether there is anything to tell apart."""
    return len({one.feeling for one in examples}) == 2
