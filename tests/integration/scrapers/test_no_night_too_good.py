"""Nights that must not look better than they were, found by attacking them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
import yaml

from lake.config import ConfigError
from lake.history import History
from lake.landing import Lake, RunContext
from lake.privacy import Privacy
from scrapers.config import SourceConfig
from scrapers.registry import Platforms
from scrapers.replay import replay
from scrapers.suggest import suggest_bounds

pytestmark = pytest.mark.integration
FIRST = date(2026, 9, 30)
BASE = {
    "title": "Reviews",
    "access": "open_api",
    "terms": "Invented.",
    "base_url": "https://plain.example",
    "zone": "Asia/Shanghai",
    "requests": {
        "list": {
            "path": "/items",
            "query": {"page": "{page}"},
            "format": "json",
            "items": "items",
            "total": "total",
            "paging": {"kind": "page"},
            "records": ["review"],
        }
    },
    "records": {
        "review": {
            "entity": "review",
            "key": "review_id",
            "fields": {
                "review_id": "id",
                "body": "text",
                "author": "author",
                "created_at": {"path": "date", "as": "instant", "required": True},
            },
            "hash": ["author"],
        }
    },
    "cursor": {"order": "none", "overlap_days": 0, "history_days": 365},
    "politeness": {"min_interval_seconds": 1.0},
    "facts": ["Invented."],
}
STEPS = {
    "path": "/items/{review_id}",
    "of": "review",
    "format": "json",
    "items": "steps",
    "judge": {"anchors": ["steps"]},
    "records": ["step"],
}
STEP = {
    "entity": "complaint_event",
    "key": "content",
    "content": ["complaint_id", "type_raw"],
    "fields": {
        "complaint_id": "{review_id}",
        "type_raw": "word",
        "type": {"path": "word", "as": "enum", "required": True, "values": {"filed": "created"}},
        "occurred_at": {"path": "at", "as": "instant", "required": True},
    },
}

HASHED_NUMBER = BASE["records"]["review"]["fields"] | {"author": {"path": "author", "as": "whole"}}


def item(number, **members):
    told = {"id": f"r{number}", "text": f"Tea number {number}", "author": "山风"}
    return told | {"date": f"2026-09-28T10:00:{number % 60:02}+08:00"} | members


def changed(**members):
    """The declaration with members of its one record."""
    record = BASE["records"]["review"]
    return BASE | {"records": {"review": record | members}}


@pytest.fixture
def declare(tmp_path):
    """Write a source.yml; returns the folder for `night(declared=…)`."""

    def write(declared, name="platforms"):
        folder = tmp_path / name
        (folder / "plain").mkdir(parents=True)
        text = yaml.safe_dump(declared, allow_unicode=True, sort_keys=False)
        (folder / "plain" / "source.yml").write_text(text, encoding="utf-8")
        return {"platform": "plain", "declared": folder}

    return write


@pytest.fixture
def shows(host, answer):
    """Let the host show these items, 20 a page."""

    def show(items):
        def reply(seen):
            start = (int(seen.query["page"][0]) - 1) * 20
            page = {"items": items[start : start + 20], "total": len(items)}
            return answer(_json(page), headers={"Content-Type": "application/json"})

        host.answer = reply

    return show


def _json(value):
    return json.dumps(value).encode()


def test_an_own_page_that_can_not_be_read_keeps_the_cursor(night, declare, host, answer):
    platform = declare(
        BASE
        | {
            "requests": BASE["requests"] | {"view": STEPS},
            "records": BASE["records"] | {"step": STEP},
        }
    )

    def reply(seen):
        listed = {"items": [item(1)], "total": 1}
        body = listed if seen.path.startswith("/items?") else {"steps": [{"wort": "filed"}]}
        return answer(_json(body), headers={"Content-Type": "application/json"})

    host.answer = reply
    crawled = night(**platform)
    assert [outcome for _, _, outcome in crawled.page_outcomes] == ["ok", "drift"]
    assert (crawled.run.status, crawled.run.watermark) == ("partial", None)
    assert "layout of items' own pages changed" in crawled.run.message


def test_a_lost_field_does_not_become_usual(night, declare, shows):
    """The nights that drifted are no measure for the next one, however many they are."""
    platform = declare(BASE)
    shows([item(n) for n in range(30)])
    assert {night(day=day, **platform).run.status for day in range(3)} == {"complete"}
    shows([item(n, text=None) for n in range(30)])
    statuses = [night(day=day, **platform).run.status for day in range(3, 20)]
    assert set(statuses) == {"partial"}


def test_nothing_is_never_believed_for_having_lasted(night, declare, shows):
    platform = declare(BASE | {"cursor": BASE["cursor"] | {"order": "oldest_first"}})
    shows([item(n) for n in range(5)])
    assert {night(day=day, **platform).run.status for day in range(3)} == {"complete"}
    shows([])
    for day in (3, 17, 40):
        crawled = night(day=day, **platform)
        assert crawled.run.status == "failed"
        assert "An empty night is not believed" in crawled.run.message


def checked(platform, host):
    folders = Platforms((*Platforms().folders, platform["declared"]))
    given = {"platform": "plain", "base_url": host.url, "allow_private_hosts": True}
    return SourceConfig.model_validate(given, context={"platforms": folders})


def read_again(config, home, at):
    return replay(
        "src",
        config,
        FIRST,
        lake=Lake(home / "lake"),
        run=RunContext(FIRST, "unused", ZoneInfo("Asia/Shanghai"), clock=lambda: at),
        privacy=Privacy(b"a key that is for tests only"),
        progress=lambda text: None,
    )


def test_reading_nights_again_proposes_no_higher_bounds(night, declare, shows, host, tmp_path):
    platform = declare(BASE)
    shows([item(n) for n in range(10)])
    now = [night(day=day, **platform) for day in range(3)][-1].run.finished_at
    config = checked(platform, host)
    history = [
        History(Lake(tmp_path / "lake"), "src", FIRST + timedelta(days=3), beside_run=run)
        for run in ("x", "y")
    ]
    before = suggest_bounds(config.source(), history[0])
    for hour in range(1, 4):
        assert read_again(config, tmp_path, now + timedelta(hours=hour)).status == "complete"
    assert suggest_bounds(config.source(), history[1]) == before
    assert (before["review"].min_items, before["review"].max_items) == (5, 20)


def test_a_replay_reads_the_whole_night_and_not_the_try_after_it(
    night, declare, shows, host, answer, tmp_path
):
    platform = declare(BASE)
    shows([item(n) for n in range(30)])
    whole = night(**platform)
    host.answer = lambda seen: answer(status=456)
    later = whole.run.finished_at + timedelta(hours=1)
    assert night(run_id="run-again", now=later, **platform).run.status == "failed"
    again = read_again(checked(platform, host), tmp_path, later + timedelta(hours=1))
    assert (again.status, again.landed) == ("complete", 30)


def test_a_page_as_large_as_those_with_items_is_no_end(night, declare, host, answer):
    """All of one page was redesigned: nothing on it is what it was, and its size is."""
    page = {"format": "html", "items": "li.item", "total": None, "judge": {"anchors": ["ul"]}}
    listed = {k: v for k, v in (BASE["requests"]["list"] | page).items() if v is not None}
    paths = {"review_id": "@data-id", "body": "p", "author": "b"}
    fields = paths | {"created_at": {"path": "i", "as": "local", "required": True}}
    platform = declare(changed(fields=fields) | {"requests": {"list": listed}})
    redesigned = []

    def reply(seen):
        number = int(seen.query["page"][0])
        kind = "card" if number in redesigned else "item"
        items = "".join(
            f"<li class={kind} data-id=r{n}><b>x</b><i>2026-09-28</i><p>{'tea ' * 30}</p></li>"
            for n in range(number * 10, number * 10 + 10 if number < 4 else 0)
        )
        return answer(f"<html><ul>{items}</ul></html>".encode())

    host.answer = reply
    assert night(**platform).run.status == "complete"
    redesigned.append(2)
    crawled = night(day=1, **platform)
    assert (crawled.run.status, crawled.run.landed) == ("partial", 10)
    assert crawled.page_outcomes[-1] == (2, 200, "drift")


def everything(home):
    trees = ("records", "quarantine", "requests")
    paths = [path for tree in trees for path in (home / "lake" / tree).rglob("*.parquet")]
    return repr([pq.ParquetFile(path).read().to_pylist() for path in paths])


def test_what_is_dropped_is_dropped_at_any_depth(night, declare, shows):
    record = BASE["records"]["review"]
    fields = record["fields"] | {"language": {"path": "about", "as": "json"}}
    platform = declare(changed(fields=fields, payload=["order"], drop=["mobile", "person"]))
    person = {"mobile": "13800138000", "person": "林小雨", "size": "large"}
    shows([item(1, order={"by": [person]}, about=person, person="林小雨", mobile="13800138000")])
    crawled = night(**platform)
    assert crawled.run.status == "complete"
    kept = everything(crawled.home)
    assert "large" in kept
    assert "林小雨" not in kept
    assert "13800138000" not in kept


def test_a_personal_value_that_can_not_be_read_is_not_shown_in_quarantine(night, declare, shows):
    fields = BASE["records"]["review"]["fields"] | {
        "author": {"path": "author", "as": "enum", "values": {"7": "7"}}
    }
    platform = declare(changed(fields=fields))
    shows([item(1), item(2, author="7")])
    crawled = night(**platform)
    assert [row["reason_code"] for row in crawled.quarantine] == ["unknown_enum"]
    assert "山风" not in everything(crawled.home)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": ["review_id", "author"]}, "the key names author, which is personal"),
        ({"fields": HASHED_NUMBER}, "author is hashed, which takes text"),
        ({"payload": ["author"]}, "payload keeps author, which `hash` calls personal"),
    ],
)
def test_a_declaration_that_would_keep_a_person_is_refused(declare, host, changes, said):
    with pytest.raises(ConfigError, match=said):
        checked(declare(changed(**changes)), host)


def test_a_throttle_without_end_closes_the_host(night, declare, host, answer):
    host.answer = lambda seen: answer(status=429)
    crawled = night(**declare(BASE))
    outcomes = [outcome for _, _, outcome in crawled.page_outcomes]
    assert outcomes == ["error", "error", "error", "blocked"]
    assert crawled.run.status == "failed"


def test_a_ban_on_robots_txt_is_a_ban(night, declare, shows, host, answer):
    shows([item(1)])
    host.robots = answer(status=456)
    crawled = night(**declare(BASE))
    assert [seen.path for seen in host.seen] == ["/robots.txt"]
    assert "circuit breaker" in crawled.run.message


@pytest.mark.parametrize("refusal", [(456, b""), (403, b""), (200, b"<div id=captcha></div>")])
def test_a_block_that_sets_a_cookie_is_a_block(night, declare, host, answer, refusal):
    status, body = refusal
    host.answer = lambda seen: answer(body, status, {"Set-Cookie": f"visit={seen.nth}"})
    crawled = night(**declare(BASE))
    assert crawled.page_outcomes == [(1, status, "blocked")]
    assert len(host.pages) == 1


def test_a_page_that_sets_one_cookie_after_the_other_is_asked_again_once(
    night, declare, host, answer
):
    page = b"<script>location.reload()</script>"
    host.answer = lambda seen: answer(page, 200, {"Set-Cookie": f"visit{seen.nth}=1"})
    crawled = night(**declare(BASE))
    assert crawled.page_outcomes == [(1, 200, "partial"), (1, 200, "blocked")]


def test_what_is_added_meanwhile_pays_for_nothing_that_is_owed(night, declare, host, answer):
    """Without ids the first page is looked at again: what is new on it is not of the old total."""
    fields = {k: v for k, v in BASE["records"]["review"]["fields"].items() if k != "review_id"}
    changes = {"key": "content", "content": ["body", "author"], "fields": fields}
    platform = declare(changed(**changes, known=["id"]))
    old, new = [item(n) for n in range(50)], [item(n) for n in range(100, 115)]

    def reply(seen):
        shown = old if len(host.pages) == 1 else new + old
        start = (int(seen.query["page"][0]) - 1) * 20
        page = {"items": shown[start : start + 20], "total": len(shown)}
        return answer(_json(page), headers={"Content-Type": "application/json"})

    host.answer = reply
    crawled = night(**platform)
    assert crawled.run.status == "complete"
    assert {row["body"] for row in crawled.records("review")} >= {told["text"] for told in old}
