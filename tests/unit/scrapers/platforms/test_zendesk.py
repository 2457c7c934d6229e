"""Zendesk's export: tickets as cases, their steps, and whom they never name.

No body of Zendesk's was captured: everything here follows its documentation.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from scrapers.parsing import PageProblemError, Unreadable

JSON = "application/json; charset=utf-8"
AT = "2026-09-20T02:00:00Z"
SOLVED = "2026-09-21T03:30:00Z"
CLOSED = "2026-09-25T00:00:00Z"


def ticket(number=35436, **changes):
    """A ticket as the export tells it; keyword arguments replace members, `...` removes one."""
    told = {
        "url": f"https://yunwu.example/api/v2/tickets/{number}.json",
        "id": number,
        "external_id": None,
        "via": {
            "channel": "email",
            "source": {"from": {"address": "lin@example.org", "name": "林小鹿"}, "to": {}},
        },
        "created_at": AT,
        "updated_at": CLOSED,
        "generated_timestamp": 1790294400,
        "type": "problem",
        "subject": "杯子漏了",
        "raw_subject": "杯子漏了",
        "description": "配送到的时候洒了一半，打 13800138000 没人接。",
        "priority": "high",
        "status": "open",
        "recipient": "help@yunwu.example",
        "requester_id": 9000001,
        "submitter_id": 9000001,
        "assignee_id": 7000003,
        "group_id": 60001,
        "has_incidents": False,
        "tags": ["洒漏", "配送"],
        "custom_fields": [{"id": 3600001, "value": "林小鹿 13800138000"}],
        "satisfaction_rating": {"score": "bad", "comment": "林小鹿很生气"},
        "metric_set": metrics(),
    } | changes
    return {name: value for name, value in told.items() if value is not ...}


def metrics(*, reopens=0, solved=None, changed=None):
    return {
        "created_at": AT,
        "reopens": reopens,
        "solved_at": solved,
        "status_updated_at": changed,
    }


def answer(*tickets, more=False, **changes):
    told = {
        "tickets": list(tickets),
        "after_cursor": "MTU4MDc1",
        "after_url": "https://yunwu.example/api/v2/incremental/tickets/cursor.json?cursor=MTU4MDc1",
        "before_cursor": None,
        "end_of_stream": not more,
    } | changes
    whole = {name: value for name, value in told.items() if value is not ...}
    return json.dumps(whole, ensure_ascii=False).encode()


@pytest.fixture
def page(read):
    """The page of an answer around tickets."""
    return lambda *tickets, **changes: read("zendesk", "tickets", answer(*tickets, **changes), JSON)


@pytest.fixture
def steps(page):
    """(type, moment) of every step of one ticket."""

    def told(**changes):
        found = [item for item in page(ticket(**changes)).items if item.record == "step"]
        return [(item.columns["type"], item.columns["occurred_at"]) for item in found]

    return told


def moment(text):
    return datetime.fromisoformat(text).astimezone(UTC)


def test_reads_a_ticket_and_its_beginning(page):
    case, step = page(ticket()).items
    assert (case.record, case.natural_key) == ("case", "35436")
    assert dict(case.columns) == {
        "case_id": "35436",
        "created_at": moment(AT),
        "channel": "email",
        "issue": "洒漏, 配送",
        "priority": "high",
        "text": "杯子漏了 — 配送到的时候洒了一半，打 13800138000 没人接。",
    }
    assert (case.event, case.event_at_raw) == (moment(AT), AT)
    assert case.payload == {"status": "open", "group_id": 60001, "updated_at": CLOSED}
    assert (step.record, step.natural_key) == ("step", f"35436/created/{AT}")
    assert dict(step.columns) == {
        "event_id": f"35436/created/{AT}",
        "case_id": "35436",
        "type": "created",
        "occurred_at": moment(AT),
    }


def test_nobody_is_named_in_what_is_read(page):
    kept = json.dumps(
        [[dict(item.columns), item.payload] for item in page(ticket()).items],
        default=str,
        ensure_ascii=False,
    )
    for word in ("林小鹿", "lin@example.org", "9000001", "7000003", "help@yunwu.example", "生气"):
        assert word not in kept


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "new"}, []),
        ({"status": "solved", "metric_set": metrics(solved=SOLVED)}, [("resolved", SOLVED)]),
        (
            {"status": "closed", "metric_set": metrics(solved=SOLVED, changed=CLOSED)},
            [("resolved", SOLVED), ("closed", CLOSED)],
        ),
        ({"status": "closed", "metric_set": metrics(changed=CLOSED)}, [("closed", CLOSED)]),
        (
            {"status": "pending", "metric_set": metrics(reopens=2, solved=SOLVED, changed=CLOSED)},
            [("reopened", CLOSED)],
        ),
        ({"status": "open", "metric_set": metrics(solved=SOLVED, changed=CLOSED)}, []),
        ({"status": "solved", "metric_set": ...}, []),
        ({"status": "closed", "metric_set": None}, []),
        ({"status": "solved", "metric_set": metrics()}, []),
    ],
)
def test_a_ticket_tells_its_steps_as_far_as_it_says_when(steps, changes, expected):
    found = steps(**changes)
    assert found == [("created", moment(AT)), *((word, moment(at)) for word, at in expected)]


def test_a_status_that_nobody_declared_goes_to_quarantine_and_leaves_the_case(page):
    case, created, unknown = page(ticket(status="escalated")).items
    assert (case.natural_key, created.columns["type"]) == ("35436", "created")
    assert isinstance(unknown, Unreadable)
    assert (unknown.record, unknown.problem.column) == ("step", "type")
    assert (unknown.problem.code, unknown.problem.value) == ("unknown_enum", "escalated")


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"id": None}, "case_id", "missing_required"),
        ({"created_at": None}, "created_at", "missing_required"),
        ({"created_at": "2026-09-20 02:00:00"}, "created_at", "bad_timestamp"),
        ({"priority": "blocker"}, "priority", "unknown_enum"),
        ({"via": {"channel": {"id": 1}}}, "channel", "not_text"),
    ],
)
def test_an_unreadable_ticket_leaves_its_neighbours(page, changes, column, code):
    cases = [i for i in page(ticket(1), ticket(2, **changes)).items if i.record == "case"]
    good, bad = cases
    assert good.natural_key == "1"
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.problem.code) == (column, code)


def test_what_need_not_be_there_may_be_absent(page):
    bare = {"id": 7, "created_at": AT, "status": "new"}
    case, _ = page(bare).items
    absent = ("channel", "issue", "priority", "text")
    assert [case.columns[name] for name in absent] == [None] * 4


@pytest.mark.parametrize(
    ("told", "expected"),
    [("web", "web"), ("voice", "phone"), ("chat", "support"), ("fax", "fax"), (None, None)],
)
def test_channels_have_our_words_where_there_is_one(page, told, expected):
    case, _ = page(ticket(via={"channel": told})).items
    assert case.columns["channel"] == expected


def test_a_deleted_ticket_is_passed_over(page):
    found = page(ticket(1, status="deleted"), ticket(2))
    assert {item.natural_key.split("/")[0] for item in found.items} == {"2"}
    assert found.listed == 1


def test_new_members_are_counted(page):
    found = page(ticket(mood="angry"), ticket(2))
    assert found.unknown_fields == {"mood": 1}


def test_where_the_next_page_begins(page):
    assert page(ticket(), more=True).next == "MTU4MDc1"
    assert page(ticket()).next is None


def test_a_quiet_night_is_believed_at_once(judged):
    quiet = judged("zendesk", "tickets", answer(), JSON, usual_bytes=500_000.0)
    assert (quiet.outcome, quiet.value.page.items) == ("empty_confirmed", ())


@pytest.mark.parametrize(
    ("body", "outcome", "again"),
    [
        (answer(ticket(), more=True, after_cursor=None), "partial", True),
        (answer(tickets=...), "drift", False),
        (answer(ticket(), end_of_stream=...), "drift", False),
        (answer(ticket())[:300], "partial", True),
        (b"<html>Sign in</html>", "blocked", False),
    ],
)
def test_bodies_that_are_no_export(read, body, outcome, again):
    with pytest.raises(PageProblemError) as caught:
        read("zendesk", "tickets", body, JSON)
    assert (caught.value.outcome, caught.value.again) == (outcome, again)


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_taken_is_a_block(judged, status):
    said = b'{"error": "Couldn\'t authenticate you"}'
    verdict = judged("zendesk", "tickets", said, JSON, status=status)
    assert (verdict.outcome, verdict.value, verdict.again) == ("blocked", None, False)
