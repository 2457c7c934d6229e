"""Zendesk: our own help desk's incremental export of tickets, and their histories.

`ZendeskSite(sample_rows(250), token="secret")` answers, with Basic or Bearer authorization that
holds the token (401 without),
- `/api/v2/incremental/tickets/cursor.json?start_time=T` (unix seconds), then `?cursor=C`: `tickets`
  by time of change, `after_cursor`, `after_url`, `before_cursor` (null), `end_of_stream`;
  `per_page` up to 1000; `include=metric_sets` puts a `metric_set` into each ticket,
- `/api/v2/incremental/ticket_events.json?start_time=T`: `ticket_events` by time with
  `child_events`, `next_page`, `end_time`, `end_of_stream`,
- `/api/v2/tickets/{id}/audits.json`: `audits` of one ticket.
What changed in the last minute before `now` is left out. `start_time` must be older than a minute
(422). More than `per_minute` requests: 429 with Retry-After, once, then a new minute begins.
"""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from demo import texts
from demo.replica.exchange import Answer, Asked, json_answer
from demo.replica.rendering import Rendering
from demo.replica.sites.rows import AUTHORS, NEWEST, Row, RowSite, times

TICKETS = "/api/v2/incremental/tickets/cursor.json"
EVENTS = "/api/v2/incremental/ticket_events.json"
LARGEST_PAGE = 1000
_AUDITS = re.compile(r"/api/v2/tickets/(\d+)/audits\.json")


@dataclass(frozen=True)
class Event:
    """One change of a ticket: `field` went from `before` to `after`; a comment has `text`."""

    key: str
    at: datetime
    author_id: int
    field: str
    before: str | None
    after: str | None
    text: str = ""


@dataclass(frozen=True)
class Ticket(Row):
    """A ticket. `key` is its number, `at` when it was opened, `text` its description."""

    subject: str
    status: str
    priority: str | None
    tags: tuple[str, ...]
    requester_id: int
    assignee_id: int | None
    group_id: int
    updated_at: datetime
    events: tuple[Event, ...]
    satisfaction: str = "unoffered"
    channel: str = "web"


class ZendeskSite(RowSite[Ticket]):
    """See the module. An empty `token` lets everybody in."""

    def __init__(
        self,
        rows: Iterable[Ticket],
        *,
        token: str = "",
        now: datetime = NEWEST,
        size: int = 100,
        per_minute: int = 0,
    ) -> None:
        super().__init__(rows)
        self._token, self._size, self._per_minute = token, size, per_minute
        self.now = now
        self._asked = 0

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        audits = _AUDITS.fullmatch(asked.path)
        if asked.path not in (TICKETS, EVENTS) and audits is None:
            return None
        if self._token and self._token not in _credentials(asked):
            return json_answer({"error": "Couldn't authenticate you"}, 401)
        self._asked += 1
        if self._per_minute and self._asked > self._per_minute:
            self._asked = 0
            told = {"error": "APIRateLimitExceeded", "description": "Number of allowed requests"}
            return json_answer(told, 429, {"Retry-After": "7"})
        if audits is not None:
            return self._audits(audits[1], asked.rendering)
        return self._tickets(asked) if asked.path == TICKETS else self._events(asked)

    def _limit(self) -> datetime:
        return self.now - timedelta(minutes=1)

    def _is_late(self, asked: Asked) -> bool:
        start = asked.number("start_time", -1)
        return not asked.value("cursor") and not 0 <= start <= self._limit().timestamp()

    def _tickets(self, asked: Asked) -> Answer:
        if self._is_late(asked):
            return _too_recent()
        draw = asked.rendering
        cursor = asked.value("cursor")
        place = _place(cursor) if cursor else (asked.number("start_time", 0), 0)
        if place is None:
            return json_answer({"error": "InvalidCursor", "description": "Invalid cursor"}, 400)
        found = sorted(self.shown(draw), key=_position)
        found = [row for row in found if row.updated_at <= self._limit()]
        found = [row for row in found if _position(row) > place]
        size = min(asked.number("per_page", self._size), LARGEST_PAGE)
        shown = draw.page(found[:size])
        cursor = _cursor(_position(found[:size][-1]) if found else place)
        metrics = asked.value("include") == "metric_sets"
        tickets = [_ticket(row, draw) | (_metrics(row) if metrics else {}) for row in shown]
        tree = {
            "tickets": [draw.record(ticket, n) for n, ticket in enumerate(tickets)],
            "after_url": f"http://{asked.host}{TICKETS}?cursor={cursor}",
            "after_cursor": cursor,
            "before_url": None,
            "before_cursor": None,
            "end_of_stream": len(found) <= size,
        }
        return json_answer(draw.tree(tree))

    def _events(self, asked: Asked) -> Answer:
        if self._is_late(asked):
            return _too_recent()
        draw = asked.rendering
        start = asked.number("start_time", 0)
        found = [(event, row) for row in self.shown(draw) for event in row.events]
        found = [pair for pair in found if start <= pair[0].at.timestamp()]
        found = [pair for pair in found if pair[0].at <= self._limit()]
        found.sort(key=lambda pair: (pair[0].at, pair[0].key))
        size = _whole_seconds(found, min(asked.number("per_page", self._size), LARGEST_PAGE))
        shown = found[:size]
        end = int(shown[-1][0].at.timestamp()) + 1 if shown else start
        tree = {
            "ticket_events": [_event(event, row) for event, row in shown],
            "next_page": f"http://{asked.host}{EVENTS}?start_time={end}",
            "count": len(shown),
            "end_time": end,
            "end_of_stream": len(found) <= size,
        }
        return json_answer(draw.tree(tree))

    def _audits(self, key: str, draw: Rendering) -> Answer:
        row = self.find(key)
        if row is None:
            return json_answer({"error": "RecordNotFound", "description": "Not found"}, 404)
        audits = [_audit(event, row) for event in row.events]
        tree = {"audits": audits, "next_page": None, "previous_page": None, "count": len(audits)}
        return json_answer(draw.tree(tree))


def sample_rows(n: int, seed: int = 1) -> list[Ticket]:
    """`n` invented tickets, newest first; older ones are solved or closed."""
    rng = random.Random(f"zendesk:{seed}")
    return [_sample(rng, at, n - place) for place, at in enumerate(times(rng, n))]


def _sample(rng: random.Random, at: datetime, number: int) -> Ticket:
    issue = rng.choice(texts.ISSUES)
    text = texts.case_text(rng, issue, "zh")
    requester, agent = 9_000_000 + number, 7_000_000 + rng.randrange(5)
    status = rng.choice(("new", "open", "pending", "hold", "solved", "closed"))
    events = events_to(status, number, at, requester, agent, text)
    return Ticket(
        key=str(number),
        at=at,
        text=text,
        author=rng.choice(AUTHORS),
        subject=f"{issue}投诉",
        status=status,
        priority=rng.choice((None, "low", "normal", "high", "urgent")),
        tags=(issue, "茶饮"),
        requester_id=requester,
        assignee_id=None if status == "new" else agent,
        group_id=60_001,
        updated_at=events[-1].at,
        events=events,
        satisfaction=rng.choice(("good", "bad", "offered")) if status == "closed" else "unoffered",
        channel=rng.choice(("web", "email", "api", "chat")),
    )


def events_to(
    status: str, number: int, at: datetime, requester: int, agent: int, text: str
) -> tuple[Event, ...]:
    """The history that leads to a status, oldest first: twenty minutes between its steps."""
    path = {"new": (), "solved": ("open", "solved"), "closed": ("open", "solved", "closed")}
    steps = path.get(status, ("open",) if status == "open" else ("open", status))
    found = [
        Event(f"{number}01", at, requester, "status", None, "new"),
        Event(f"{number}02", at, requester, "comment", None, None, text),
    ]
    before = "new"
    for step in steps:
        later = at + timedelta(minutes=20 * len(found))
        if step == "open":
            found.append(
                Event(
                    f"{number}{len(found) + 1:02d}", later, agent, "assignee_id", None, str(agent)
                )
            )
        key = f"{number}{len(found) + 1:02d}"
        found.append(Event(key, later, agent, "status", before, step))
        before = step
    return tuple(found)


def _credentials(asked: Asked) -> str:
    scheme, _, value = asked.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return value
    try:
        return base64.b64decode(value).decode()
    except ValueError:
        return ""


def _too_recent() -> Answer:
    told = {"error": "InvalidValue", "description": "Too recent start_time."}
    return json_answer(told, 422)


def _position(row: Ticket) -> tuple[int, int]:
    return int(row.updated_at.timestamp()), int(row.key)


def _cursor(place: tuple[int, int]) -> str:
    return base64.urlsafe_b64encode(f"{place[0]}.0||{place[1]}|".encode()).decode()


def _place(cursor: str) -> tuple[int, int] | None:
    try:
        moment, _, key, _ = base64.urlsafe_b64decode(cursor).decode().split("|")
        return int(float(moment)), int(key)
    except ValueError:
        return None


def _whole_seconds(found: list[tuple[Event, Ticket]], size: int) -> int:
    """`size`, or more: pages by time can only end where a second ends."""
    while size < len(found) and _second(found[size - 1]) == _second(found[size]):
        size += 1
    return size


def _second(pair: tuple[Event, Ticket]) -> int:
    return int(pair[0].at.timestamp())


def _iso(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _ticket(row: Ticket, draw: Rendering) -> dict[str, Any]:
    key = draw.key(int(row.key))
    ticket = {
        "url": f"https://yunwu.example.invalid/api/v2/tickets/{row.key}.json",
        "id": key,
        "external_id": None,
        "via": {"channel": row.channel, "source": {"from": {}, "to": {}, "rel": None}},
        "created_at": draw.moment(row.at, _iso(row.at)),
        "updated_at": _iso(row.updated_at),
        "generated_timestamp": int(row.updated_at.timestamp()),
        "type": "problem",
        "subject": row.subject,
        "raw_subject": row.subject,
        "description": row.text,
        "priority": row.priority,
        "status": row.status,
        "recipient": None,
        "requester_id": row.requester_id,
        "submitter_id": row.requester_id,
        "assignee_id": row.assignee_id,
        "group_id": row.group_id,
        "has_incidents": False,
        "is_public": True,
        "tags": list(row.tags),
        "custom_fields": [{"id": 3600001, "value": row.tags[0] if row.tags else None}],
        "satisfaction_rating": {"score": row.satisfaction},
    }
    return {name: value for name, value in ticket.items() if name != "id" or value is not None}


def _metrics(row: Ticket) -> dict[str, Any]:
    """The times that a ticket keeps of its history: the latest of each kind."""
    moves = [event for event in row.events if event.field == "status"]
    assigned = [event.at for event in row.events if event.field == "assignee_id"]
    solved = [event.at for event in moves if event.after == "solved"]
    reopens = [event for event in moves if event.before == "solved" and event.after != "closed"]
    return {
        "metric_set": {
            "id": int(row.key) + 800_000,
            "ticket_id": int(row.key),
            "created_at": _iso(row.at),
            "reopens": len(reopens),
            "initially_assigned_at": _iso(assigned[0]) if assigned else None,
            "assigned_at": _iso(assigned[-1]) if assigned else None,
            "solved_at": _iso(solved[-1]) if solved else None,
            "status_updated_at": _iso(moves[-1].at) if moves else None,
        }
    }


def _change(event: Event) -> dict[str, Any]:
    if event.field == "comment":
        body = {"type": "Comment", "body": event.text, "public": True, "author_id": event.author_id}
        return {"id": int(f"{event.key}1"), **body}
    kind = "Create" if event.before is None else "Change"
    told = {"type": kind, "field_name": event.field, "value": event.after}
    more = {} if event.before is None else {"previous_value": event.before}
    return {"id": int(f"{event.key}1"), **told, **more}


def _audit(event: Event, row: Ticket) -> dict[str, Any]:
    return {
        "id": int(event.key),
        "ticket_id": int(row.key),
        "created_at": _iso(event.at),
        "author_id": event.author_id,
        "events": [_change(event)],
    }


def _event(event: Event, row: Ticket) -> dict[str, Any]:
    change = _change(event)
    child: dict[str, Any] = {"id": change["id"], "event_type": change["type"], "via": "Web form"}
    if event.field == "comment":
        child |= {"event_type": "Comment", "comment_present": True, "comment_public": True}
        child["body"] = event.text
    else:
        child[event.field] = event.after
        child["previous_value"] = event.before
    return {
        "id": int(event.key),
        "ticket_id": int(row.key),
        "timestamp": int(event.at.timestamp()),
        "created_at": _iso(event.at),
        "updater_id": event.author_id,
        "via": "Web form",
        "event_type": "Audit",
        "child_events": [child],
    }
