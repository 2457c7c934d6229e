"""How much more often something is said than in the window before, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_LEVEL = 0.05


class Growth(NamedTuple):
    """Ratio of two rates: 2 is twice as often. None where a rate of 0 leaves it open."""

    ratio: float | None
    low: float
    high: float | None
    p_value: float


def growth(before: int, now: int, said_before: int, said_now: int) -> Growth:
    """The ratio of `now / said_now` to `before / said_before`, with its exact 95 % interval.

    Both counts are taken as Poisson; given their sum, the later one is binomial, which gives the
    interval of Clopper and Pearson and the exact test of no change. Nothing said before leaves the
    ratio and its upper end open, and the lower end tells how little it can be.
    """
    from scipy.stats import beta, binomtest

    if min(before, now) < 0 or min(said_before, said_now) < 0:
        raise ValueError("counts can't be negative")
    total = before + now
    if total == 0 or said_before == 0 or said_now == 0:
        return Growth(None, 0.0, None, 1.0)
    odds = said_before / said_now
    low = float(beta.ppf(_LEVEL / 2, now, before + 1)) if now else 0.0
    high = float(beta.ppf(1 - _LEVEL / 2, now + 1, before)) if before else 1.0
    return Growth(
        ratio=now / before * odds if before else None,
        low=low / (1 - low) * odds,
        high=high / (1 - high) * odds if before else None,
        p_value=float(binomtest(now, total, said_now / (said_before + said_now)).pvalue),
    )


def q_values(p_values: Sequence[float]) -> list[float]:
    """The p values after Benjamini and Hochberg: the share of false finds that each would bring."""
    ranked = sorted(range(len(p_values)), key=lambda place: p_values[place], reverse=True)
    found = [0.0] * len(p_values)
    least = 1.0
    for behind, place in enumerate(ranked):
        least = min(least, p_values[place] * len(p_values) / (len(p_values) - behind))
        found[place] = least
    return found
