"""Meituan nights against its replica: forms, two stores, the total, blocks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from demo.replica.failures import Drift, InsertBetween, PastEnd, SoftBlock
from demo.replica.sites.meituan import SHOP, MeituanSite, sample_rows
from demo.replica.sites.rows import CHINA

pytestmark = pytest.mark.integration
SOURCE = {
    "platform": "meituan",
    "permission": "granted by the replica's owner for tests, 2026-09-01",
    "options": {"shop_id": SHOP},
    "units": {SHOP: "hz-lakeside"},
}


@pytest.fixture
def site():
    return MeituanSite(sample_rows(50))


def ids(rows):
    return sorted(row["review_id"] for row in rows)


def keys(rows):
    return sorted(row.key for row in rows)


def on_page(number):
    return lambda asked: asked.value("offset") == str(number)


def test_every_page_to_the_last(crawl, site):
    crawled, pages = crawl(site)
    assert crawled.run.status == "complete", crawled.run.message
    rows = crawled.records("review")
    assert ids(rows) == keys(site.rows)
    told = {row.key: row for row in site.rows}
    for row in rows:
        one = told[row["review_id"]]
        assert (row["rating"], row["body"], row["reply"] or "") == (one.stars, one.text, one.reply)
        assert json.loads(row["aspects"]) == {"配送": one.delivery_stars}
        assert row["created_at"].astimezone(CHINA).date() == one.at.date()
        assert (row["event_precision"], row["unit_id"]) == ("day", "hz-lakeside")
    assert [page.method for page in pages] == ["POST"] * 3
    (summary,) = crawled.records("rating_summary")
    mean = sum(row.stars for row in site.rows) / 50
    assert (summary["rating"], summary["review_count"]) == (round(mean, 1), 50)


def test_no_name_lands(crawl, site):
    crawled, _ = crawl(site)
    landed = json.dumps(crawled.records("review"), default=str, ensure_ascii=False)
    assert all(row["author_hash"] for row in crawled.records("review"))
    assert not [row.author for row in site.rows if row.author in landed]


def test_the_second_night_brings_what_is_new_and_answers(crawl, site):
    crawl(site)
    answered = site.rows[5]
    site.insert(
        [replace(site.rows[0], key="3400000001", at=datetime(2026, 9, 30, 9, tzinfo=CHINA))]
    )
    site.edit(answered.key, reply="已退款，抱歉。")
    crawled, pages = crawl(site, overlap_days=1, day=1)
    assert crawled.run.status == "complete", crawled.run.message
    assert len(pages) < 3  # the first page that lies before the window is the last
    assert set(ids(crawled.records("review"))) == set(keys(site.rows))
    replies = [r["reply"] for r in crawled.records("review") if r["review_id"] == answered.key]
    assert replies == [answered.reply or None, "已退款，抱歉。"]


def test_comments_that_come_in_between_pages(crawl, site):
    before = keys(site.rows)
    new = [replace(site.rows[0], key=f"340000000{n}") for n in range(3)]
    crawled, _ = crawl(site, InsertBetween(site=site, rows=new, where=on_page(2)))
    assert crawled.run.status == "complete", crawled.run.message
    assert set(before) <= set(ids(crawled.records("review")))
    versions = {(row["review_id"], row["version_hash"]) for row in crawled.records("review")}
    assert len(versions) == len(set(ids(crawled.records("review"))))


@pytest.mark.parametrize("kind", ["login_html", "captcha_html", "empty_with_total"])
def test_a_block_keeps_what_came_and_the_cursor_where_it_was(crawl, site, kind):
    crawled, _ = crawl(site, SoftBlock(kind=kind, where=on_page(2)))
    assert (crawled.run.status, crawled.run.watermark) == ("partial", None)
    assert ids(crawled.records("review")) == keys(site.rows[:20])
    assert crawled.page_outcomes[-1] == (2, 200, "blocked")


def test_null_for_the_list_of_a_store_with_comments_is_a_block(crawl, site):
    crawled, _ = crawl(site, Drift(kind="null_list", name="wmCommentVo"))
    assert (crawled.run.status, crawled.run.landed) == ("failed", 0)
    assert crawled.page_outcomes[-1][2] == "blocked"


def test_a_store_that_is_not_there_costs_the_others_nothing(crawl, site):
    crawled, _ = crawl(site, options={"shop_id": ["M99999", SHOP]})
    assert (crawled.run.status, crawled.run.watermark) == ("partial", None)
    assert ids(crawled.records("review")) == keys(site.rows)
    assert crawled.page_outcomes[0] == (1, 200, "gone")


def test_numbers_as_text_are_numbers(crawl, site):
    crawled, _ = crawl(site, Drift(kind="number_as_text", name="order_comment_score"))
    ratings = {row["review_id"]: row["rating"] for row in crawled.records("review")}
    assert ratings == {row.key: row.stars for row in site.rows}


def test_the_last_page_is_not_passed(crawl, site):
    clamp = PastEnd(kind="clamp", last=3)
    crawled, pages = crawl(site, clamp)
    assert (crawled.run.status, len(pages)) == ("complete", 3)
