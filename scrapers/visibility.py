"""Whether an item that we know still shows: shown, hidden, deleted or expired; noted on change.

- shown: seen in a list tonight.
- hidden: absent from a list that was read completely over the item's time.
- deleted: its own page says that it is gone.
- expired: absent, and older than the platform keeps things.

What is deleted or expired is absent as well: only its being shown again changes that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from lake.history import Known
from lake.landing import Record
from scrapers.night import Night

MOST_HIDDEN_SHARE = 0.2
"""More of the known items than this gone in one night is a fault of the list, not of the items."""
FEW = 5
PATIENCE = 3
"""So many nights are doubted; what is absent for longer is believed to be hidden."""
ENDED = ("deleted", "expired")


@dataclass(frozen=True)
class _State:
    entity: str
    key: str
    state: str
    reason: str


def note_visibility(night: Night) -> None:
    """Land tonight's changes. Nothing is concluded from a list that was not read to its end."""
    states = dict(night.history.states)
    for found in chain(_of_lists(night), _gone(night)):
        before = states.get((found.entity, found.key), "shown")
        ended = before in ENDED and found.state != "shown"
        if found.state != before and not ended:
            states[(found.entity, found.key)] = found.state
            _land(night, found)


def _of_lists(night: Night) -> Iterator[_State]:
    for name, record in night.platform.spec.records.items():
        tonight = night.seen.get(name)
        if tonight is None or record.entity not in ("complaint", "review"):
            continue
        for key in tonight:
            yield _State(record.entity, key, "shown", "It shows in its list.")
        if night.page_limit is None and _conclusive(night, name):
            yield from _absent(night, record.entity, _shown(night, record.entity))


def _shown(night: Night, entity: str) -> set[str]:
    """The keys of everything that tonight's lists showed, also of what could not be landed."""
    records = night.platform.spec.records
    seen = {
        key for name in night.seen if records[name].entity == entity for key in night.seen[name]
    }
    return seen | {key for kind, key in night.unread if kind == entity and key is not None}


def _conclusive(night: Night, record: str) -> bool:
    """Whether an item that is not in tonight's lists is absent from the platform's."""
    requests = night.platform.spec.lists.values()
    by_number = any(record in r.records and r.paging.kind == "addresses" for r in requests)
    is_sent = not night.unchanged and all(key is not None for _, key in night.unread)
    return is_sent and not (night.failures or night.gaps or by_number)


def _absent(night: Night, entity: str, tonight: set[str]) -> Iterator[_State]:
    gone = {key for kind, key in night.gone if kind == entity}
    expired = _expired(night, entity) - tonight - gone
    for key in sorted(expired):
        reason = f"From before {_horizon(night)}: the platform shows nothing that old."
        yield _State(entity, key, "expired", reason)
    # What was dropped, or collected under other options, need not show in tonight's lists.
    same = night.history.items(entity, fetched_only=True, spec_hash=night.spec_hash)
    window = {key for key, known in same.items() if _covered(night, known)} - expired
    hidden = sorted(window - tonight - gone)
    states = night.history.states
    fresh = [
        key
        for key in hidden
        if states.get((entity, key), "shown") == "shown"
        and (night.run.as_of - same[key].last_dt).days <= PATIENCE
    ]
    if len(fresh) > FEW and len(fresh) > MOST_HIDDEN_SHARE * len(window):
        night.gap(
            f"{len(fresh):,} of {len(window):,} items that the list should show are not in it: "
            "that is taken for a fault of the list, and none of them for hidden."
        )
        return
    for key in hidden:
        yield _State(entity, key, "hidden", "Absent from its list, which was read completely.")


def _expired(night: Night, entity: str) -> set[str]:
    """What is older than the platform keeps things; no list is asked for days that far back."""
    horizon = _horizon(night)
    if horizon is None:
        return set()
    items = night.history.items(entity, fetched_only=True)
    return {key for key, known in items.items() if _day(night, known) < horizon}


def _covered(night: Night, known: Known) -> bool:
    """Whether tonight's lists reached over the item's time."""
    if night.capped:
        return False
    order = night.platform.spec.cursor.order
    if order == "none":
        return True
    if order == "oldest_first" or known.event_at is None:
        return False
    # The page at the window's edge is not read to its end: a day's distance keeps clear of it.
    return night.since + timedelta(days=1) < known.event_at < night.run.cutoff


def _horizon(night: Night) -> date | None:
    days = night.platform.spec.expires_after_days
    return None if days is None else night.run.as_of - timedelta(days=days)


def _day(night: Night, known: Known) -> date:
    moment = known.event_at
    return known.first_dt if moment is None else moment.astimezone(night.zone).date()


def _gone(night: Night) -> Iterator[_State]:
    if len(night.gone) > FEW and len(night.gone) > MOST_HIDDEN_SHARE * night.visited:
        night.gap(
            f"{len(night.gone):,} of {night.visited:,} items' own pages say that they are gone: "
            "that is taken for a fault of the platform, and none of them for deleted."
        )
        return
    horizon = _horizon(night)
    items = {entity: night.history.items(entity) for entity in {kind for kind, _ in night.gone}}
    for (entity, key), reason in night.gone.items():
        known = items[entity].get(key)
        if known is not None and horizon is not None and _day(night, known) < horizon:
            yield _State(entity, key, "expired", reason)
        else:
            yield _State(entity, key, "deleted", reason)


def _land(night: Night, found: _State) -> None:
    now = night.now
    night.landing.land(
        Record(
            entity="item_state",
            natural_key=f"{found.entity}/{found.key}",
            columns={
                "item_entity": found.entity,
                "item_id": found.key,
                "state": found.state,
                "reason": found.reason,
                "seen_at": now,
            },
            url=night.base_url,
            position=1,
            archive_file="",
            archive_offset=0,
            parser_version=night.platform.parser_version,
            spec_hash=night.spec_hash,
            event_at=now,
            event_precision="second",
            observed_at=now,
        )
    )
