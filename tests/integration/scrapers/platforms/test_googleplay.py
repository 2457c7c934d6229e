"""Google Play nights against its replica: tokens to the end, blocks, what never lands."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from demo.replica import failures
from demo.replica.server import ReplicaServer
from demo.replica.sites.googleplay import APP, GooglePlaySite, sample_rows
from demo.replica.sites.rows import AUTHORS

pytestmark = pytest.mark.integration
SOURCE = {
    "platform": "googleplay",
    "permission": "granted by the replica's owner for tests, 2026-09-01",
    "first_day": "2026-01-01",
    "unit_id": "app",
    "options": {"app_id": APP, "language": "zh", "country": "cn", "page_size": "40"},
}


@pytest.fixture
def site():
    return GooglePlaySite(sample_rows(90))


def asked_tokens(server):
    """The tokens that were asked for, in order; None where the list was asked from its start."""
    calls = [json.loads(parse_qs(page.body.decode())["f.req"][0]) for page in server.pages]
    return [json.loads(call[0][0][1])[2][2][2] for call in calls]


def ids(rows):
    return sorted(row["review_id"] for row in rows)


def test_every_token_to_a_confirmed_end(night, site):
    with ReplicaServer(sites=[site]) as server:
        crawled = night(**SOURCE, base_url=server.url)
        tokens = asked_tokens(server)
    assert crawled.run.status == "complete", crawled.run.message
    rows = crawled.records("review")
    assert ids(rows) == ids({"review_id": row.key} for row in site.rows)
    by_key = {row.key: row for row in site.rows}
    for row in rows:
        told = by_key[row["review_id"]]
        assert row["updated_at"] == told.at.astimezone(UTC)
        assert (row["rating"], row["vote_count"]) == (told.score, told.thumbs)
        assert (row["app_version"], row["reply"] or "") == (told.version, told.reply)
        assert row["replied_at"] == (told.replied_at and told.replied_at.astimezone(UTC))
        assert (row["app_id"], row["country"], row["language"]) == (APP, "cn", "zh")
        assert (row["unit_id"], row["platform"]) == ("app", "googleplay")
    assert tokens[0] is None
    assert None not in tokens[1:]  # asked without a token, the list would begin anew
    assert [(page, outcome) for page, _, outcome in crawled.page_outcomes] == [
        (1, "ok"),
        (2, "ok"),
        (3, "partial"),
        (3, "ok"),
    ]
    assert crawled.run.watermark == max(row.at for row in site.rows).astimezone(UTC)


def test_no_author_in_any_table(night, site):
    with ReplicaServer(sites=[site]) as server:
        crawled = night(**SOURCE, base_url=server.url)
    rows = crawled.records("review")
    assert len({row["author_hash"] for row in rows}) == len({row.author for row in site.rows})
    landed = json.dumps(rows, default=str, ensure_ascii=False)
    assert not [name for name in AUTHORS if name in landed]


def test_the_second_night_stops_behind_the_overlap(night, site):
    newest = max(row.at for row in site.rows)
    with ReplicaServer(sites=[site]) as server:
        night(**SOURCE, base_url=server.url)
        fresh = replace(site.rows[0], key="fresh", at=newest + timedelta(hours=3))
        site.insert([fresh])
        old = next(row for row in site.rows if row.at < newest - timedelta(days=1))
        site.edit(old.key, score=1, text="更新后更差了。")
        before = len(server.pages)
        second = night(**SOURCE, base_url=server.url, overlap_days=2, day=1)
        pages = len(server.pages) - before
    assert second.run.status == "complete", second.run.message
    assert second.run.watermark == fresh.at.astimezone(UTC)
    rows = second.records("review")
    assert "fresh" in ids(rows)
    versions = [row for row in rows if row["review_id"] == old.key]
    assert [(row["rating"], row["body"]) for row in versions] == [
        (old.score, old.text),
        (1, "更新后更差了。"),
    ]
    assert pages == 2  # the second lies wholly before the overlap


def test_a_review_dated_ahead_goes_to_quarantine_and_moves_no_cursor(night, site):
    ahead, *others = site.rows
    failure = failures.Dates(kind="future", only=lambda at: at == ahead.at)
    with ReplicaServer(sites=[site], failures=[failure]) as server:
        crawled = night(**SOURCE, base_url=server.url)
    assert crawled.run.status == "complete"
    assert ids(crawled.records("review")) == ids({"review_id": row.key} for row in others)
    (bad,) = crawled.quarantine
    assert (bad["natural_key"], bad["reason_code"]) == (ahead.key, "future_timestamp")
    assert crawled.run.watermark == max(row.at for row in others).astimezone(UTC)


def test_without_a_permission_nothing_is_asked(night, site):
    given = {name: value for name, value in SOURCE.items() if name != "permission"}
    with ReplicaServer(sites=[site]) as server:
        crawled = night(**given, base_url=server.url)
        assert server.requests == []
    assert [row["outcome"] for row in crawled.outcomes] == ["refused"]
    assert "permission" in crawled.run.message


@pytest.mark.parametrize(
    ("failure", "outcome", "words"),
    [
        (failures.SoftBlock(kind="captcha_html", after=1), "blocked", "HTML came"),
        (failures.Ban(status=403, after=1), "blocked", "HTTP 403"),
        (failures.Ban(status=429, after=1, retry_after=1), "blocked", "HTTP 429"),
    ],
)
def test_a_block_in_the_middle_keeps_what_came_and_the_cursor(night, site, failure, outcome, words):
    with ReplicaServer(sites=[site], failures=[failure]) as server:
        crawled = night(**SOURCE, base_url=server.url)
    assert (crawled.run.status, crawled.run.watermark) == ("partial", None)
    assert len(crawled.records("review")) == 40
    assert crawled.page_outcomes[-1][2] == outcome
    assert words in crawled.run.message


def test_a_token_that_was_lost_once_is_no_end(night, site):
    """The second page comes without its token the first time."""

    class Forgets(failures.Failure):
        number = 5

        def play(self, asked, ask):
            answer = ask(asked)
            prefix, frames = answer.body[:6], json.loads(answer.body[6:])
            frames[0][2] = json.dumps([json.loads(frames[0][2])[0]], ensure_ascii=False)
            return replace(answer, body=prefix + json.dumps(frames).encode())

    with ReplicaServer(sites=[site], failures=[Forgets(after=1, until=2)]) as server:
        crawled = night(**SOURCE, base_url=server.url)
    assert crawled.run.status == "complete"
    assert ids(crawled.records("review")) == ids({"review_id": row.key} for row in site.rows)
    assert (2, 200, "partial") in crawled.page_outcomes


def test_places_that_moved_are_drift(night, site):
    failure = failures.Drift(kind="column_inserted", name="1")
    with ReplicaServer(sites=[site], failures=[failure]) as server:
        crawled = night(**SOURCE, base_url=server.url)
    assert crawled.run.status == "failed"
    assert crawled.records("review") == []
    assert crawled.page_outcomes == [(1, 200, "drift")]
    assert len(crawled.quarantine) == 40


def test_an_export_of_the_play_console_lands_like_live_reviews(night, tmp_path):
    folder = tmp_path / "landing" / "platforms" / "src"
    folder.mkdir(parents=True)
    cells = {
        "Package Name": APP,
        "App Version Name": "7.5.2",
        "Reviewer Language": "zh",
        "Device": "pixel",
        "Review Submit Date and Time": "2026-09-20T01:02:03Z",
        "Review Last Update Date and Time": "2026-09-21T04:05:06Z",
        "Star Rating": "2",
        "Review Title": "",
        "Review Text": "配送太慢，打 13800138000 没人接",
        "Developer Reply Date and Time": "2026-09-22T00:00:00Z",
        "Developer Reply Text": "抱歉",
        "Review Link": "https://play.google.com/console/app/1?reviewId=5e0f-77&corpus=PUBLIC",
    }
    text = f"{','.join(cells)}\n{','.join(cells.values())}\n"
    (folder / "reviews_202609.csv").write_text(text, encoding="utf-16")
    given = {name: value for name, value in SOURCE.items() if name != "permission"}
    crawled = night(**given, dropped=folder)
    (landed,) = crawled.records("review")
    assert (landed["review_id"], landed["rating"], landed["app_id"]) == ("5e0f-77", 2, APP)
    assert landed["updated_at"] == datetime(2026, 9, 21, 4, 5, 6, tzinfo=UTC)
    assert landed["replied_at"] == datetime(2026, 9, 22, tzinfo=UTC)
    assert landed["body"] == "配送太慢，打 [mobile] 没人接"
    assert (landed["app_version"], landed["language"], landed["reply"]) == ("7.5.2", "zh", "抱歉")
    assert crawled.quarantine == []
