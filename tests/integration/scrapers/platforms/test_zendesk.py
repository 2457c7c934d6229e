"""Zendesk nights against its replica: the cursor to its end, the key, what never lands."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from demo.replica import failures
from demo.replica.server import ReplicaServer
from demo.replica.sites.rows import AUTHORS, NEWEST
from demo.replica.sites.zendesk import Event, ZendeskSite, events_to, sample_rows

pytestmark = pytest.mark.integration
SECRET = "voc@yunwu.example/token:k3y"
SOURCE = {
    "platform": "zendesk",
    "secret_env": "ZENDESK_KEY",
    "first_day": "2025-01-01",
    "unit_id": "care",
    "options": {"subdomain": "yunwu", "page_size": "100"},
}
OUR_CHANNELS = {"api": "support", "chat": "support"}


@pytest.fixture
def site():
    return ZendeskSite(sample_rows(250), token="k3y")


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("ZENDESK_KEY", SECRET)


def queries(server, begin=0):
    pages = server.pages[begin:]
    return [{n: v[0] for n, v in parse_qs(urlsplit(page.path).query).items()} for page in pages]


def steps(rows, number):
    """(type, moment) of a ticket's steps, in order."""
    found = {(r["occurred_at"], r["type"]) for r in rows if r["case_id"] == number}
    return [(word, at) for at, word in sorted(found)]


def moves(row, *words):
    """When a ticket of the site went into one of the statuses, in order."""
    return [e.at.astimezone(UTC) for e in row.events if e.field == "status" and e.after in words]


def test_every_cursor_to_the_end_of_the_stream(night, site):
    with ReplicaServer(sites=[site]) as server:
        crawled = night(**SOURCE, base_url=server.url)
        asked = queries(server)
    assert crawled.run.status == "complete", crawled.run.message
    rows = {row["case_id"]: row for row in crawled.records("cases")}
    assert set(rows) == {row.key for row in site.rows}
    for told in site.rows:
        row = rows[told.key]
        assert row["created_at"] == told.at.astimezone(UTC)
        assert row["channel"] == OUR_CHANNELS.get(told.channel, told.channel)
        assert row["priority"] == told.priority
        assert row["issue"] == ", ".join(told.tags)
        assert row["text"].startswith(told.subject)
        assert row["unit_id"] == "care"
    assert crawled.page_outcomes == [(1, 200, "ok"), (2, 200, "ok"), (3, 200, "ok")]
    first = int(datetime(2024, 12, 31, 16, tzinfo=UTC).timestamp())  # 2025-01-01 in Shanghai
    assert (asked[0]["start_time"], asked[0].get("cursor")) == (str(first), None)
    assert [("start_time" in query, "cursor" in query) for query in asked[1:]] == [
        (False, True)
    ] * 2
    assert {query["include"] for query in asked} == {"metric_sets"}


def test_the_steps_of_every_ticket_as_far_as_it_says_when(night, site):
    with ReplicaServer(sites=[site]) as server:
        crawled = night(**SOURCE, base_url=server.url)
    rows = crawled.records("case_events")
    for told in site.rows:
        expected = [("created", told.at.astimezone(UTC))]
        if told.status in ("solved", "closed"):
            expected += [("resolved", at) for at in moves(told, "solved")]
        expected += [("closed", at) for at in moves(told, "closed")]
        assert steps(rows, told.key) == expected


def test_neither_people_nor_the_key_are_anywhere(night, site, tmp_path):
    with ReplicaServer(sites=[site]) as server:
        crawled = night(**SOURCE, base_url=server.url)
        sent = {page.headers.get("authorization", "").split(" ")[0] for page in server.pages}
    assert sent == {"Basic"}
    rows = [crawled.records("cases"), crawled.records("case_events")]
    landed = json.dumps(rows, default=str, ensure_ascii=False)
    people = {str(row.requester_id) for row in site.rows} | set(AUTHORS)
    assert not [name for name in people if name in landed]
    for path in (tmp_path / "lake").rglob("*.warc.gz"):
        archived = gzip.decompress(path.read_bytes())
        assert b"k3y" not in archived
        assert archived.count(b'"requester_id": "[masked]"') == 250
        assert not re.search(rb'"(requester|submitter|assignee)_id": \d', archived)
    files = [path for path in (tmp_path / "lake").rglob("*") if path.is_file()]
    assert not [path for path in files if b"k3y" in path.read_bytes()]


def test_the_next_night_begins_at_the_newest_minus_the_overlap(night, site):
    with ReplicaServer(sites=[site]) as server:
        first = night(**SOURCE, base_url=server.url)
        told = next(row for row in site.rows if row.status == "open")
        site.edit(told.key, **solved(told, NEWEST + timedelta(hours=20)))
        site.now = NEWEST + timedelta(days=1)
        begin = len(server.pages)
        second = night(**SOURCE, base_url=server.url, day=1)
        asked = queries(server, begin)
    assert second.run.status == "complete", second.run.message
    since = first.run.watermark - timedelta(days=1)
    assert asked[0]["start_time"] == str(int(since.timestamp()))
    rows = [row for row in second.records("case_events") if row["run_id"] == "run-2"]
    assert steps(rows, told.key) == [
        ("created", told.at.astimezone(UTC)),
        ("resolved", (NEWEST + timedelta(hours=20)).astimezone(UTC)),
    ]
    cases = {row["case_id"] for row in second.records("cases") if row["run_id"] == "run-2"}
    later = {row.key for row in site.rows if row.updated_at.timestamp() > since.timestamp()}
    assert cases == later
    assert len(later) < 60


def solved(row, at, status="solved"):
    event = Event(f"{row.key}90", at, 7_000_001, "status", row.status, status)
    return {"status": status, "updated_at": at, "events": (*row.events, event)}


def test_a_reopening_is_told_beside_the_solving_before_it(night, site):
    told = next(row for row in site.rows if row.status == "solved")
    again = told.updated_at + timedelta(hours=5)
    with ReplicaServer(sites=[site]) as server:
        night(**SOURCE, base_url=server.url)
        site.edit(told.key, **solved(told, again, "open"))
        second = night(**SOURCE, base_url=server.url, overlap_days=400, day=1)
    assert steps(second.records("case_events"), told.key) == [
        ("created", told.at.astimezone(UTC)),
        ("resolved", moves(told, "solved")[0]),
        ("reopened", again.astimezone(UTC)),
    ]


def test_a_quiet_night_is_complete(night, site):
    with ReplicaServer(sites=[site]) as server:
        night(**SOURCE, base_url=server.url)
        site.rows = []
        second = night(**SOURCE, base_url=server.url, day=1)
    assert (second.run.status, second.page_outcomes[-1]) == (
        "complete",
        (1, 200, "empty_confirmed"),
    )


def test_a_page_of_tickets_that_changed_meanwhile_is_no_end(night, site):
    """All tickets of the first page change while it is read: they come again behind the others."""
    order = sorted(site.rows, key=lambda row: (row.updated_at, int(row.key)))
    late = NEWEST - timedelta(minutes=2)

    class Change(failures.Failure):
        number = 6

        def play(self, asked, ask):
            for row in order[:100]:
                site.edit(row.key, updated_at=late)
            return ask(asked)

    with ReplicaServer(sites=[site], failures=[Change(after=1, until=2)]) as server:
        crawled = night(**SOURCE, base_url=server.url)
    assert crawled.run.status == "complete", crawled.run.message
    assert {row["case_id"] for row in crawled.records("cases")} == {row.key for row in site.rows}
    assert crawled.page_outcomes[-1] == (4, 200, "ok")


def test_the_last_minute_comes_the_next_night(night, site):
    fresh = replace(
        site.rows[0],
        key="9999",
        at=NEWEST - timedelta(seconds=20),
        status="new",
        updated_at=NEWEST - timedelta(seconds=20),
        events=events_to("new", 9999, NEWEST - timedelta(seconds=20), 1, 2, "x"),
    )
    site.insert([fresh])
    with ReplicaServer(sites=[site]) as server:
        first = night(**SOURCE, base_url=server.url)
        assert "9999" not in {row["case_id"] for row in first.records("cases")}
        site.now = NEWEST + timedelta(days=1)
        second = night(**SOURCE, base_url=server.url, day=1)
    assert "9999" in {row["case_id"] for row in second.records("cases")}


def test_a_key_that_expires_in_the_middle_is_a_block_and_moves_no_cursor(night, site):
    class Expires(failures.Failure):
        number = 10

        def play(self, asked, ask):
            return replace(ask(asked), body=b'{"error": "Couldn\'t authenticate you"}', status=401)

    with ReplicaServer(sites=[site], failures=[Expires(after=2)]) as server:
        crawled = night(**SOURCE, base_url=server.url)
    assert (crawled.run.status, crawled.run.watermark) == ("partial", None)
    assert crawled.page_outcomes == [(1, 200, "ok"), (2, 200, "ok"), (3, 401, "blocked")]
    assert len(crawled.records("cases")) == 200


def test_a_wrong_key_is_a_block_and_none_is_a_refusal(night, site, monkeypatch):
    with ReplicaServer(sites=[site]) as server:
        monkeypatch.setenv("ZENDESK_KEY", "voc@yunwu.example/token:other")
        wrong = night(**SOURCE, base_url=server.url, source="wrong")
        assert wrong.page_outcomes == [(1, 401, "blocked")]
        monkeypatch.delenv("ZENDESK_KEY")
        begin = len(server.requests)
        none = night(**SOURCE, base_url=server.url, source="none")
        assert len(server.requests) == begin
    assert [row["outcome"] for row in none.outcomes] == ["refused"]
    assert "ZENDESK_KEY" in none.run.message


def test_ten_a_minute_are_obeyed(night, site):
    limited = ZendeskSite(site.rows, token="k3y", per_minute=2)
    with ReplicaServer(sites=[limited]) as server:
        crawled = night(**SOURCE, base_url=server.url)
    assert crawled.run.status == "complete"
    assert [status for _, status, _ in crawled.page_outcomes] == [200, 200, 429, 200]
    assert min(crawled.slept) >= 6.0
    assert max(crawled.slept) >= 7.0
