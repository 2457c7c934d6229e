"""Proposing bounds for a source from what its nights held: for a person to look at and to keep."""

from __future__ import annotations

import math
from collections import defaultdict

from lake.config import NotNowError
from lake.history import History
from scrapers.registry import Platform
from scrapers.spec import Bounds

FEWEST_NIGHTS = 3
SLACK = 0.05
LEAST_FILL = 0.2
"""A field that hardly any item has says nothing when it is missing."""


class TooLittleHistoryError(NotNowError):
    """There are too few nights to propose anything; the message says how many."""


def suggest_bounds(platform: Platform, history: History, nights: int = 14) -> dict[str, Bounds]:
    """Record -> bounds: half of the smallest night to twice the largest, and for each field the
    smallest share of any night less five points. Raises TooLittleHistoryError."""
    counts: dict[str, dict[object, int]] = defaultdict(dict)
    shares: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    records = {
        (request, platform.spec.records[record].entity): record
        for request, declared in platform.spec.requests.items()
        for record in declared.records
    }
    for row in history.profiles(nights):
        record = records.get((row["request"], row["entity"]))
        if record is None or not row["is_known"] or not row["items"]:
            continue
        counts[record][row["dt"]] = max(counts[record].get(row["dt"], 0), row["items"])
        shares[record][row["field"]].append(row["filled"] / row["items"])
    most = max((len(by_night) for by_night in counts.values()), default=0)
    if most < FEWEST_NIGHTS:
        raise TooLittleHistoryError(
            f"{history.source} has {most} nights with items in the last {nights} days; bounds are "
            f"proposed from {FEWEST_NIGHTS} on."
        )
    return {
        record: _bounds(list(counts[record].values()), shares[record])
        for record in platform.spec.records
        if len(counts[record]) >= FEWEST_NIGHTS
    }


def _bounds(counts: list[int], shares: dict[str, list[float]]) -> Bounds:
    fill = {
        name: math.floor((min(found) - SLACK) * 100) / 100
        for name, found in sorted(shares.items())
        if min(found) - SLACK >= LEAST_FILL
    }
    return Bounds(min_items=max(1, min(counts) // 2), max_items=max(counts) * 2, fill=fill)
