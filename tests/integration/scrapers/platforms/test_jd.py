"""JD nights against its replica: pages from 0 in GBK, pinned comments, blocks, rounded counts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from demo.replica.failures import (
    Ban,
    Dates,
    Drift,
    EmptyUntil,
    Encoding,
    InsertBetween,
    SoftBlock,
    Wire,
)
from demo.replica.sites.jd import PRODUCT, FollowUp, JdSite, sample_rows
from demo.replica.sites.rows import CHINA

pytestmark = pytest.mark.integration
SOURCE = {
    "platform": "jd",
    "permission": "granted by the replica's owner for tests, 2026-09-01",
    "options": {"sku": PRODUCT},
    "units": {PRODUCT: "online"},
}
NEW = datetime(2026, 9, 29, 21, 0, tzinfo=CHINA)


@pytest.fixture
def site():
    return JdSite(sample_rows(45))


def ids(rows):
    return sorted(row["review_id"] for row in rows)


def keys(rows):
    return sorted(row.key for row in rows)


def in_gbk(text):
    """A text as JD can write it: GBK has no emoji."""
    return text.encode("gbk", "replace").decode("gbk")


def test_every_page_to_the_last(crawl, site):
    crawled, pages = crawl(site)
    assert crawled.run.status == "complete", crawled.run.message
    rows = crawled.records("review")
    assert ids(rows) == keys(site.rows)
    told = {row.key: row for row in site.rows}
    for row in rows:
        one = told[row["review_id"]]
        assert (row["rating"], row["body"], row["vote_count"]) == (
            one.score,
            in_gbk(one.text),
            one.votes,
        )
        assert row["created_at"] == one.at.astimezone(UTC)
        assert row["followup_body"] == (one.follow_up.text if one.follow_up else None)
        assert row["reply"] == (one.replies[0] if one.replies else None)
        assert (row["product_id"], row["unit_id"]) == (PRODUCT, "online")
    assert crawled.page_outcomes == [(n, 200, "ok") for n in range(1, 6)]
    assert "page=0&" in pages[0].path
    assert "page=4&" in pages[4].path
    assert crawled.run.watermark == site.rows[0].at.astimezone(UTC)


def test_rounded_counts_land_once_and_end_nothing(crawl):
    site = JdSite(sample_rows(45), counted=49_123)
    crawled, _ = crawl(site)
    assert (crawled.run.status, len(crawled.records("review"))) == ("complete", 45)
    (summary,) = crawled.records("rating_summary")
    assert (summary["subject_id"], summary["rating_count"]) == (PRODUCT, 49_000)
    assert summary["unit_id"] == "online"
    poor = sum(row.score == 1 for row in site.rows)
    assert json.loads(summary["breakdown"])["差评"] == poor


def test_no_nickname_lands(crawl, site):
    crawled, _ = crawl(site)
    landed = json.dumps([*crawled.records("review"), *crawled.quarantine], default=str)
    assert all(row["author_hash"] for row in crawled.records("review"))
    assert not [row.author for row in site.rows if json.dumps(row.author)[1:-1] in landed]


def test_the_second_night_brings_what_is_new_and_what_was_added(crawl, site):
    crawl(site)
    first, edited = site.rows[0], site.rows[3]
    site.insert([replace(first, key="20000000001", at=NEW + timedelta(days=1), follow_up=None)])
    site.edit(edited.key, follow_up=FollowUp("过了一周：还行。", edited.at + timedelta(days=1)))
    crawled, pages = crawl(site, overlap_days=3, day=1)
    assert crawled.run.status == "complete", crawled.run.message
    tonight = [row for row in crawled.records("review") if row["run_id"] == "run-2"]
    since = site.rows[1].at - timedelta(days=3)
    assert set(keys(r for r in site.rows if r.at >= since)) <= set(ids(tonight))
    assert len(pages) < 5
    versions = [r for r in crawled.records("review") if r["review_id"] == edited.key]
    assert [row["followup_body"] for row in versions] == [
        edited.follow_up.text if edited.follow_up else None,
        "过了一周：还行。",
    ]
    assert len({row["version_hash"] for row in versions}) == 2


def test_an_old_pinned_comment_ends_nothing(crawl, site):
    crawl(site)
    pinned = Dates(kind="pinned_old_first")
    crawled, _ = crawl(site, pinned, overlap_days=3, day=1)
    assert crawled.run.status == "complete", crawled.run.message
    tonight = [row for row in crawled.records("review") if row["run_id"] == "run-2"]
    oldest = min(site.rows, key=lambda row: row.at)
    assert [row["is_pinned"] for row in tonight if row["review_id"] == oldest.key] == [True]
    recent = [r for r in site.rows if r.at >= site.rows[0].at - timedelta(days=3)]
    assert set(keys(recent)) <= set(ids(tonight))


def test_comments_that_come_in_between_pages(crawl, site):
    before = keys(site.rows)
    new = [replace(site.rows[0], key=f"2000000000{n}", at=NEW, is_pinned=False) for n in range(3)]
    crawled, _ = crawl(site, InsertBetween(site=site, rows=new, where=r"page=2&"))
    assert crawled.run.status == "complete", crawled.run.message
    assert set(before) <= set(ids(crawled.records("review")))
    versions = {(row["review_id"], row["version_hash"]) for row in crawled.records("review")}
    assert len(versions) == len(before)
    crawled, _ = crawl(site, day=1)
    assert set(ids(crawled.records("review"))) == {*before, *keys(new)}


def test_an_empty_body_fills_on_a_retry(crawl, site):
    crawled, _ = crawl(site, EmptyUntil(times=2, body=b"", where=r"page=1&"))
    assert (crawled.run.status, len(crawled.records("review"))) == ("complete", 45)
    assert crawled.page_outcomes[:4] == [
        (1, 200, "ok"),
        (2, 200, "partial"),
        (2, 200, "partial"),
        (2, 200, "ok"),
    ]


@pytest.mark.parametrize(
    "block",
    [
        EmptyUntil(times=99, body=b"", where=r"page=2&"),
        SoftBlock(kind="login_html", where=r"page=2&"),
        SoftBlock(kind="captcha_html", where=r"page=2&"),
        SoftBlock(kind="redirect_login", where=r"page=2&|/login"),
        Ban(status=403, after=2),
    ],
)
def test_a_block_keeps_what_came_and_the_cursor_where_it_was(crawl, site, block):
    crawled, pages = crawl(site, block)
    assert crawled.run.status == "partial"
    assert crawled.run.watermark is None
    assert ids(crawled.records("review")) == keys(site.rows[:20])
    assert crawled.page_outcomes[-1][2] == "blocked"
    assert not any("page=3&" in page.path for page in pages)


@pytest.mark.parametrize("kind", ["gbk_wrong_charset", "gbk_no_charset"])
def test_a_wrong_or_missing_charset(crawl, site, kind):
    crawled, _ = crawl(site, Encoding(kind=kind))
    rows = {row["review_id"]: row["body"] for row in crawled.records("review")}
    assert rows == {row.key: in_gbk(row.text) for row in site.rows}


def test_a_cut_answer_is_asked_for_again(crawl, site):
    crawled, _ = crawl(site, Wire(kind="cut_json", nth=1, where=r"page=1&"))
    assert (crawled.run.status, len(crawled.records("review"))) == ("complete", 45)
    assert (2, 200, "partial") in crawled.page_outcomes


def test_a_missing_list_is_drift_and_no_empty_product(crawl, site):
    crawled, _ = crawl(site, Drift(kind="field_removed", name="comments"))
    assert (crawled.run.status, crawled.run.landed) == ("failed", 0)
    assert crawled.page_outcomes == [(1, 200, "drift")]


def test_the_hundredth_page_is_the_last(crawl):
    site = JdSite(sample_rows(1010))
    crawled, pages = crawl(site)
    assert (len(pages), len(crawled.records("review"))) == (100, 1000)
    assert crawled.run.status == "complete", crawled.run.message


def test_a_product_without_comments_beside_one_with_some(crawl, site):
    both = {"options": {"sku": [PRODUCT, "200000000001"]}}
    for day in (0, 1):
        crawled, _ = crawl(site, **both, day=day)
        assert crawled.run.status == "complete", crawled.run.message
    assert {row["product_id"] for row in crawled.records("review")} == {PRODUCT}


def test_without_permission_nothing_is_asked(crawl, site):
    crawled, pages = crawl(site, permission=None)
    assert pages == []
    assert [row["outcome"] for row in crawled.outcomes] == ["refused"]
