"""Complaints replayed event by event in plain Python, and the backlog by brute force: for each
day every case is told anew from the events before that day's end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from .conftest import AS_OF, CUTOFF, REGION_OF, SHANGHAI, Night, Row, local_day

pytestmark = pytest.mark.integration

AT_ONE_MOMENT = ["created", "assigned", "transferred", "replied", "reopened", "resolved", "closed"]


@dataclass
class Event:
    at: datetime
    type: str
    actor: str | None = None
    owner: str | None = None
    known_time: bool = True


@dataclass
class Case:
    """A case and what becomes of it when its events are played in order."""

    unit: str
    issue: str
    events: list[Event]

    def story(self, until: datetime) -> list[Event]:
        """The events before `until`, in order, none before the creation."""
        created = min((e.at for e in self.events if e.type == "created"), default=until)
        if created >= until:
            return []
        told = [e for e in self.events if e.at < until]
        told.sort(key=lambda e: (e.type != "created", e.at, AT_ONE_MOMENT.index(e.type)))
        clamped = [replace(event, at=max(event.at, created)) for event in told]
        return sorted(clamped, key=lambda e: e.at)

    def state(self, until: datetime) -> str | None:
        state = None
        for event in self.story(until):
            if event.type in ("created", "reopened"):
                state = "open"
            elif event.type in ("resolved", "closed"):
                state = event.type
        return state


@pytest.fixture(scope="module")
def cases(night: Night) -> dict[str, Case]:
    """Every landed case by its id."""
    events: dict[str, list[Event]] = defaultdict(list)
    for row in night.landed["case_events"]:
        event = Event(row["occurred_at"], row["type"], row["actor_kind"], row["owner_unit_id"])
        events[row["case_id"]].append(event)
    found = {}
    for row in night.landed["cases"]:
        own = events[row["case_id"]]
        if not any(event.type == "created" for event in own):
            own.append(Event(row["created_at"], "created"))
        found[row["case_id"]] = Case(row["unit_id"] or "unknown", row["issue"] or "unknown", own)
    for row in night.landed["complaint"]:
        told = [
            Event(row["received_at"], "created"),
            Event(row["sent_to_company_at"], "assigned"),
        ]
        if row["company_response"].startswith("Closed"):
            told.append(Event(row["sent_to_company_at"], "closed", known_time=False))
        found[row["complaint_id"]] = Case("hq", row["issue"], told)
    return found


def end_of(day: date) -> datetime:
    """The UTC moment at which a local day is over."""
    midnight = datetime.combine(day + timedelta(1), datetime.min.time())
    return (midnight - SHANGHAI).replace(tzinfo=UTC)


def days() -> list[date]:
    first = date(2026, 5, 30)
    return [first + timedelta(n) for n in range((AS_OF - first).days + 1)]


def bucket(age: int) -> str:
    ends = [(1, "0-1d"), (3, "2-3d"), (7, "4-7d"), (14, "8-14d"), (30, "15-30d")]
    return next((name for end, name in ends if age <= end), "31d+")


def test_the_backlog_is_what_was_open_at_the_end_of_each_day(
    night: Night, cases: dict[str, Case]
) -> None:
    expected: Counter[tuple[Any, ...]] = Counter()
    for day in days():
        for case in cases.values():
            if case.state(end_of(day)) == "open":
                created = local_day(case.story(end_of(day))[0].at)
                expected[day, case.unit, bucket((day - created).days)] += 1
    rows = night.tables["complaint_backlog_day"]
    found = {(r["date_day"], r["unit_id"], r["age_bucket"]): r["open_cases"] for r in rows}
    assert len(found) == len(rows)
    assert {key: count for key, count in found.items() if count} == dict(expected)
    unit_days = {key[:2] for key in expected}
    assert len(found) == 6 * len(unit_days)
    assert {key[:2] for key in found} == unit_days
    assert {key[2] for key in expected} == {"0-1d", "2-3d", "4-7d", "8-14d", "15-30d", "31d+"}


def test_yesterday_and_the_movements_give_today(night: Night) -> None:
    backlog: Counter[tuple[date, str]] = Counter()
    for row in night.tables["complaint_backlog_day"]:
        backlog[row["date_day"], row["unit_id"]] += row["open_cases"]
    totals = [row for row in night.tables["complaint_unit_day"] if row["issue"] == "all"]
    moved = {
        (row["date_day"], row["unit_id"]): row["created"] + row["reopened"] - row["closed"]
        for row in totals
    }
    for unit in {*REGION_OF, "hq", "unknown"}:
        for day in days()[1:]:
            expected = backlog[day - timedelta(1), unit] + moved.get((day, unit), 0)
            assert backlog[day, unit] == expected, (unit, day)


def replay(case: Case) -> Row:
    """The figures of a case as METRICS.md words them, by walking through its events once."""
    story = case.story(CUTOFF)
    created = story[0].at
    figures: Row = {
        "status": case.state(CUTOFF),
        "first_response_at": None,
        "reopens": 0,
        "transfers": 0,
        "ping_pong_returns": 0,
        "owner_unit_id": None,
        "closed_at": None,
    }
    state, held_by, last_owner = None, [], None
    nobody = timedelta()
    resolutions: list[Event] = []
    close_of_spell: Event | None = None
    spell_resolved = False
    for event, following in zip(story, [*story[1:], None], strict=True):
        if event.type == "replied" and event.actor == "human":
            figures["first_response_at"] = figures["first_response_at"] or event.at
        if event.type == "reopened" and state in ("resolved", "closed"):
            figures["reopens"] += 1
            if close_of_spell and not spell_resolved:
                resolutions.append(close_of_spell)
            close_of_spell, spell_resolved = None, False
        if event.type in ("created", "reopened"):
            state = "open"
        if event.type == "resolved":
            state, spell_resolved = "resolved", True
            resolutions.append(event)
        if event.type == "closed":
            state = "closed"
            figures["closed_at"] = event.at if event.known_time else None
            close_of_spell = close_of_spell or event
        if event.type in ("assigned", "transferred"):
            figures["owner_unit_id"] = event.owner
        if event.owner:
            if last_owner and event.owner != last_owner:
                figures["transfers"] += 1
                figures["ping_pong_returns"] += event.owner in held_by
            held_by.append(event.owner)
            last_owner = event.owner
        if state == "open" and figures["owner_unit_id"] is None:
            nobody += (following.at if following else CUTOFF) - event.at
    if close_of_spell and not spell_resolved:
        resolutions.append(close_of_spell)
    known = [event.at for event in resolutions if event.known_time]
    figures["first_resolution_at"] = min(known, default=None)
    figures["full_resolution_at"] = None if state == "open" else max(known, default=None)
    figures["closed_at"] = figures["closed_at"] if state == "closed" else None
    figures["ownerless_hours"] = nobody.total_seconds() / 3600
    figures["created_at"] = created
    figures["age_days"] = (AS_OF - local_day(created)).days if state == "open" else None
    return figures


def test_every_case_is_told_as_its_events_tell_it(night: Night, cases: dict[str, Case]) -> None:
    rows = {row["case_id"]: row for row in night.tables["complaint_case"]}
    alive = {name: case for name, case in cases.items() if case.story(CUTOFF)}
    assert set(rows) == set(alive)
    assert len(alive) < len(cases)
    seen: Counter[str] = Counter()
    for name, case in alive.items():
        row, expected = rows[name], replay(case)
        for column in ("created_at", "first_response_at", "first_resolution_at", "closed_at"):
            moment = expected[column]
            assert row[column] == (moment and moment.replace(tzinfo=None)), (name, column)
        for part in ("first_response", "first_resolution", "full_resolution"):
            moment = expected[f"{part}_at"]
            seconds = moment and (moment - expected["created_at"]).total_seconds()
            assert row[f"{part}_seconds"] == seconds, (name, part)
        for column in ("status", "reopens", "transfers", "ping_pong_returns", "age_days"):
            assert row[column] == expected[column], (name, column)
        assert row["is_open"] == (expected["status"] == "open")
        if row["origin"] == "case":
            assert row["owner_unit_id"] == expected["owner_unit_id"], name
            assert row["ownerless_hours"] == pytest.approx(expected["ownerless_hours"], abs=1e-9)
        else:
            assert row["ownerless_hours"] is None
        seen.update(key for key in ("reopens", "transfers", "ping_pong_returns") if row[key])
        seen[row["status"]] += 1
    assert min(seen[key] for key in ("reopens", "ping_pong_returns", "open", "closed")) >= 5


def test_a_day_counts_its_movements_and_orders(night: Night, cases: dict[str, Case]) -> None:
    moves: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for case in cases.values():
        state = None
        for event in case.story(CUTOFF):
            keys = [(local_day(event.at), case.unit, issue) for issue in (case.issue, "all")]
            leaves = state == "open" and event.type in ("resolved", "closed")
            happened = {
                "created": event.type == "created",
                "closed": leaves,
                "resolved": leaves and event.type == "resolved",
                "reopened": event.type == "reopened" and state != "open",
            }
            for key in keys:
                moves[key].update(name for name, was in happened.items() if was)
            if event.type in ("created", "reopened"):
                state = "open"
            elif event.type in ("resolved", "closed"):
                state = event.type
    orders: Counter[tuple[date, str]] = Counter()
    for row in night.landed["orders"]:
        ended = [at for at in (row["cancelled_at"], row["refunded_at"]) if at]
        void = any(at < CUTOFF for at in ended) or (row["status"] == "cancelled" and not ended)
        if row["ordered_at"] < CUTOFF and not void:
            unit = row["unit_id"] if row["unit_id"] in REGION_OF else "unknown"
            orders[local_day(row["ordered_at"]), unit] += 1
    found = {}
    for row in night.tables["complaint_unit_day"]:
        key = (row["date_day"], row["unit_id"], row["issue"])
        found[key] = row
        for name in ("created", "closed", "resolved", "reopened"):
            assert row[name] == moves[key][name], (key, name)
        assert row["orders"] == orders[key[:2]], key
        rate = 1000 * row["created"] / row["orders"] if row["orders"] else None
        assert row["complaints_per_1000_orders"] == (rate and pytest.approx(rate)), key
    assert {key for key, counts in moves.items() if counts} <= set(found)
    assert {(*key, "all") for key in orders} <= set(found)
    transferred = sum(r["transferred"] for r in found.values() if r["issue"] == "all")
    assert transferred == sum(r["transfers"] for r in night.tables["complaint_case"])
