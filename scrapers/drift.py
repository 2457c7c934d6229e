"""Drift: what tonight's pages look like beside what was declared, and beside the last 14 nights.

A fatal finding keeps the cursor where it is; the rows that could be read stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from scrapers.night import Night

NIGHTS = 14
FEWEST_NIGHTS = 3
FEWEST_ITEMS = 20
"""Below it, tonight's shares say nothing."""
COLLAPSED, USUAL = 0.05, 0.5
"""A field that most items had and hardly one has tonight was lost by the parser."""
FALLEN = 0.5
SHORT, LONG = 0.3, 3.0


@dataclass(frozen=True)
class Finding:
    """Something that drifted; `fatal` where the night can't count as complete."""

    text: str
    fatal: bool


def findings(night: Night) -> list[Finding]:
    """Everything that drifted tonight: counts, then fill rates, then lengths."""
    if night.unchanged and not night.counts:  # nothing was sent, so nothing can have drifted
        return []
    return [*_counts(night), *_declared_fill(night), *_against_history(night)]


def _counts(night: Night) -> Iterator[Finding]:
    if not night.asked_network:  # how much people drop is theirs to say
        return
    for record in night.platform.spec.records:
        bounds, seen = night.config.limits_of(record), night.counts.get(record, 0)
        if bounds.min_items is not None and seen < bounds.min_items:
            yield Finding(
                f"Only {seen:,} items of {record} came, where at least {bounds.min_items:,} are "
                "declared (bounds in source.yml or sources.yml).",
                fatal=True,
            )
        if bounds.max_items is not None and seen > bounds.max_items:
            text = f"{seen:,} items of {record} came, more than the declared {bounds.max_items:,}."
            yield Finding(text, fatal=False)
    yield from _against_counts(night)


def _against_counts(night: Night) -> Iterator[Finding]:
    earlier = night.history.seen_by_night(NIGHTS)
    seen = sum(night.counts.values())
    if len(earlier) < FEWEST_NIGHTS or not all(earlier):
        return
    usual = median(earlier)
    if seen == 0:
        yield Finding(
            f"Nothing came tonight, where each of the last {len(earlier)} nights brought something "
            f"({usual:,.0f} items as a rule). An empty night is not believed.",
            fatal=True,
        )
    elif usual >= FEWEST_ITEMS and not SHORT * usual <= seen <= LONG * usual:
        text = f"{seen:,} items came, where {usual:,.0f} are usual in the last {NIGHTS} days."
        yield Finding(text, fatal=False)


def _declared_fill(night: Night) -> Iterator[Finding]:
    records = night.platform.spec.records
    for (entity, request, column), (items, share, _) in night.profile.fill().items():
        if items < FEWEST_ITEMS:
            continue
        declared = night.platform.spec.requests.get(request)  # an export has none
        for record in declared.records if declared else ():
            least = night.config.limits_of(record).fill.get(column)
            if records[record].entity == entity and least is not None and share < least:
                yield Finding(
                    f"{column} stands on {share:.0%} of {items:,} items of {record}, where at "
                    f"least {least:.0%} are declared: the layout may have changed.",
                    fatal=True,
                )


def _against_history(night: Night) -> Iterator[Finding]:
    usual = _usual(night.history.profiles(NIGHTS))
    for key, (items, share, length) in night.profile.fill().items():
        before = usual.get(key)
        if before is None or items < FEWEST_ITEMS:
            continue
        where = f"{key[2]} ({key[1]})"
        if before.share >= USUAL and share < COLLAPSED:
            yield Finding(
                f"{where} stands on {share:.0%} of {items:,} items, where {before.share:.0%} are "
                "usual: the layout changed, and the parser does not find it any more.",
                fatal=True,
            )
        elif share < FALLEN * before.share:
            text = (
                f"{where} stands on {share:.0%} of {items:,} items; usual are {before.share:.0%}."
            )
            yield Finding(text, fatal=False)
        elif length and before.length and not SHORT <= length / before.length <= LONG:
            text = f"{where} is {length:,.0f} long on average; usual are {before.length:,.0f}."
            yield Finding(text, fatal=False)


@dataclass(frozen=True)
class _Usual:
    share: float
    length: float | None


def _usual(rows: list[dict[str, Any]]) -> dict[tuple[str, str, str], _Usual]:
    """(entity, request, field) -> its share and length over the nights, if there are enough."""
    nights: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["is_known"]:
            nights.setdefault((row["entity"], row["request"], row["field"]), []).append(row)
    found = {}
    for key, group in nights.items():
        items = sum(row["items"] for row in group)
        filled = sum(row["filled"] for row in group)
        if len(group) >= FEWEST_NIGHTS and items >= FEWEST_ITEMS:
            length = sum(row["length_sum"] for row in group) / filled if filled else None
            found[key] = _Usual(filled / items, length)
    return found
