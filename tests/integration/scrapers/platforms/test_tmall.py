"""Tmall nights against its replica: the last page, clamped pages, additions, blocks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from demo.replica.failures import Drift, InsertBetween, PastEnd, SoftBlock
from demo.replica.sites.rows import CHINA
from demo.replica.sites.tmall import ITEM, TmallSite, sample_rows

pytestmark = pytest.mark.integration
SOURCE = {
    "platform": "tmall",
    "permission": "granted by the replica's owner for tests, 2026-09-01",
    "options": {"item_id": ITEM, "seller_id": "1"},
    "unit_id": "online",
}


@pytest.fixture
def site():
    return TmallSite(sample_rows(70), claimed=90)


def ids(rows):
    return sorted(row["review_id"] for row in rows)


def keys(rows):
    return sorted(row.key for row in rows)


def test_every_page_to_the_last(crawl, site):
    crawled, _ = crawl(site)
    assert crawled.run.status == "complete", crawled.run.message
    rows = crawled.records("review")
    assert ids(rows) == keys(site.rows)
    told = {row.key: row for row in site.rows}
    for row in rows:
        one = told[row["review_id"]]
        assert row["created_at"] == one.at.astimezone(UTC)
        assert (row["rating"], row["body"]) == (None, one.text)
        assert (row["reply"] or "", row["followup_body"] or "") == (one.reply, one.follow_up)
        assert json.loads(row["payload"]) == {"auctionSku": one.sku}
    assert crawled.page_outcomes == [(n, 200, "ok") for n in range(1, 5)]
    (summary,) = crawled.records("rating_summary")
    assert (summary["rating_count"], summary["review_count"]) == (90, 70)
    assert crawled.run.watermark == site.rows[0].at.astimezone(UTC)


def test_no_nickname_lands(crawl, site):
    crawled, _ = crawl(site)
    landed = json.dumps(crawled.records("review"), default=str, ensure_ascii=False)
    assert all(row["author_hash"] for row in crawled.records("review"))
    assert not [row.author for row in site.rows if row.author in landed]


def test_the_second_night_brings_what_is_new_and_what_was_added(crawl, site):
    crawl(site)
    edited = site.rows[2]
    at = datetime(2026, 9, 30, 9, 0, tzinfo=CHINA)
    new = replace(site.rows[0], key="1160000000001", at=at, follow_up="", followed_at=None)
    site.insert([new])
    site.edit(edited.key, reply="亲，已为您补发。")
    crawled, pages = crawl(site, overlap_days=2, day=1)
    assert crawled.run.status == "complete", crawled.run.message
    assert len(pages) < 4
    assert set(ids(crawled.records("review"))) == set(keys(site.rows))
    versions = [r["reply"] for r in crawled.records("review") if r["review_id"] == edited.key]
    assert versions == [edited.reply or None, "亲，已为您补发。"]


def test_reviews_that_come_in_between_pages(crawl, site):
    before = keys(site.rows)
    at = datetime(2026, 9, 29, 21, 0, tzinfo=CHINA)
    new = [replace(site.rows[0], key=f"116000000000{n}", at=at) for n in range(2)]
    crawled, _ = crawl(site, InsertBetween(site=site, rows=new, where="currentPage=3"))
    assert crawled.run.status == "complete", crawled.run.message
    assert set(before) <= set(ids(crawled.records("review")))
    versions = {(row["review_id"], row["version_hash"]) for row in crawled.records("review")}
    assert len(versions) == len(before)


def test_a_list_that_is_clamped_before_its_end_is_no_end(crawl, site):
    clamp = PastEnd(kind="clamp", last=2, page=r"currentPage=(\d+)")
    crawled, _ = crawl(site, clamp)
    assert crawled.run.status == "partial"
    assert crawled.run.watermark is None
    assert set(ids(crawled.records("review"))) == set(keys(site.rows[:40]))
    assert "40 of 70" in crawled.run.message


@pytest.mark.parametrize("kind", ["login_html", "captcha_html", "empty_with_total"])
def test_a_block_keeps_what_came_and_the_cursor_where_it_was(crawl, site, kind):
    crawled, _ = crawl(site, SoftBlock(kind=kind, where="currentPage=2"))
    assert (crawled.run.status, crawled.run.watermark) == ("partial", None)
    assert ids(crawled.records("review")) == keys(site.rows[:20])
    assert crawled.page_outcomes[-1] == (2, 200, "blocked")


def test_half_of_the_reviews_redesigned_is_told(crawl, site):
    crawled, _ = crawl(site, Drift(kind="half_redesigned", name="rateDate", to="dateV2"))
    assert (crawled.run.status, crawled.run.watermark) == ("partial", None)
    assert "the layout changed for a part of the items" in crawled.run.message
    assert ids(crawled.records("review")) == keys(site.rows[0:70:2])
    assert len(crawled.quarantine) == 35
    assert {outcome for *_, outcome in crawled.page_outcomes} == {"drift"}
