"""How well scores agree with ratings: AUC, accuracy, Brier score, calibration, by channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

LEAST_OF_EACH = 20
"""A channel with fewer pleased or displeased texts has no AUC of its own."""
_BINS = 5


class Bin(TypedDict):
    """Texts of about one probability: how many, the mean of it, and the share of pleased ones."""

    n: int
    told: float
    pleased: float


class Figures(TypedDict):
    """Of `n` rated texts. `auc` is None where one side has hardly any."""

    n: int
    pleased: float
    auc: float | None
    accuracy: float
    brier: float
    calibration: list[Bin]


class Measured(TypedDict):
    """All texts together, by channel, and the mean of the channels' AUC (of all, if none has)."""

    overall: Figures
    channels: dict[str, Figures]
    auc: float | None


def measure(scores: Sequence[float], feelings: Sequence[int], channels: Sequence[str]) -> Measured:
    """What scores from -1 to 1 are worth, beside what the writers rated (-1 or 1)."""
    told = np.array(scores, dtype=np.float64)
    pleased = np.array(feelings) > 0
    names = np.array(channels)
    overall = _figures(told, pleased)
    by_channel = {
        str(name): _figures(told[names == name], pleased[names == name])
        for name in sorted(set(channels))
    }
    aucs = [one["auc"] for one in by_channel.values() if one["auc"] is not None]
    auc = round(float(np.mean(aucs)), 4) if aucs else overall["auc"]
    return Measured(overall=overall, channels=by_channel, auc=auc)


def area(scores: NDArray[np.float64], pleased: NDArray[np.bool_]) -> float:
    """AUC: how often a pleased text is scored above a displeased one (ties count half)."""
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    good = int(pleased.sum())
    bad = len(pleased) - good
    return float((ranks[pleased].sum() - good * (good + 1) / 2) / (good * bad))


def _figures(scores: NDArray[np.float64], pleased: NDArray[np.bool_]) -> Figures:
    good = int(pleased.sum())
    enough = min(good, len(pleased) - good) >= LEAST_OF_EACH
    probabilities = (scores + 1) / 2
    return Figures(
        n=len(scores),
        pleased=_rounded(pleased.mean()),
        auc=_rounded(area(scores, pleased)) if enough else None,
        accuracy=_rounded(((scores > 0) == pleased).mean()),
        brier=_rounded(((probabilities - pleased) ** 2).mean()),
        calibration=_bins(probabilities, pleased),
    )


def _bins(probabilities: NDArray[np.float64], pleased: NDArray[np.bool_]) -> list[Bin]:
    at = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    return [
        Bin(
            n=int((at == one).sum()),
            told=_rounded(probabilities[at == one].mean()),
            pleased=_rounded(pleased[at == one].mean()),
        )
        for one in range(_BINS)
        if (at == one).any()
    ]


def _rounded(value: float | np.floating) -> float:
    return round(float(value), 4)
