"""Eleme nights against its replica: no ids, equal ratings, pages that move, ends, blocks."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from demo.replica.failures import Ban, InsertBetween, Keys, SoftBlock
from demo.replica.sites.eleme import SHOP, ElemeSite, Rating, sample_rows
from demo.replica.sites.rows import CHINA

pytestmark = pytest.mark.integration
SOURCE = {
    "platform": "eleme",
    "permission": "granted by the replica's owner for tests, 2026-09-01",
    "options": {"shop_id": SHOP},
    "units": {SHOP: "hz-lakeside"},
}
NOON = datetime(2026, 9, 28, 12, 0, tzinfo=CHINA)


def alike(letters, day=NOON):
    """Ratings of one day, the newest first, by nobody; equal letters say the same."""
    return [
        Rating(str(n), day, f"茶 {letter}", "匿名用户", stars=5, foods=("茉莉雪芽",))
        for n, letter in enumerate(letters)
    ]


def counted(crawled):
    """How many different ratings the lake holds, by what they say."""
    rows = {row["review_id"]: row for row in crawled.records("review")}
    return Counter(
        (row["body"], row["rating"], row["created_at"].astimezone(CHINA).date())
        for row in rows.values()
    )


def said(rows):
    return Counter((row.text or None, row.stars, row.at.date()) for row in rows)


def test_every_page_to_a_confirmed_end(crawl):
    site = ElemeSite(sample_rows(35))
    crawled, pages = crawl(site)
    assert crawled.run.status == "complete", crawled.run.message
    assert counted(crawled) == said(site.rows)
    assert len(crawled.records("review")) == 35
    for row in crawled.records("review"):
        assert (row["event_precision"], row["unit_id"]) == ("day", "hz-lakeside")
        assert row["review_id"] == row["natural_key"]
    ratings = [page.path for page in pages if "ratings?" in page.path]
    assert [path.partition("offset=")[2].partition("&")[0] for path in ratings] == [
        "0",
        "20",
        "40",
        "40",
    ]
    (scores,) = crawled.records("rating_summary")
    assert (scores["subject_id"], scores["rating_count"]) == (SHOP, 35)
    assert crawled.run.watermark.astimezone(CHINA).date() == site.rows[0].at.date()


def test_nobody_and_somebody(crawl):
    crawled, _ = crawl(ElemeSite(sample_rows(35)))
    named = sum(row.author != "匿名用户" for row in sample_rows(35))
    assert sum(row["author_hash"] is not None for row in crawled.records("review")) == named
    landed = json.dumps(crawled.records("review"), default=str, ensure_ascii=False)
    assert "茶***鹿" not in landed
    assert "匿名用户" not in landed


def test_the_same_night_again_gives_the_same_keys_and_no_new_versions(crawl):
    site = ElemeSite(sample_rows(50))
    crawl(site)
    crawled, _ = crawl(site, day=1)
    assert crawled.run.status == "complete", crawled.run.message
    versions = {(row["review_id"], row["version_hash"]) for row in crawled.records("review")}
    assert len(versions) == 50
    assert not crawled.records("item_state")


@pytest.mark.parametrize(
    "letters",
    [
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",  # nothing is equal
        "ABCDEFGHIJKLMNOPQRSSSSTUVW",  # equal ones about the edge
        "ABCDEFGHIJKLMNOPQRABABCDEF",  # the edge looks as if it had moved
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",  # all say the same
    ],
)
@pytest.mark.parametrize("new", ["", "S", "AB", "SSS"])
def test_ratings_that_come_in_between_pages(crawl, letters, new):
    rows = alike(letters)
    site = ElemeSite(rows)
    come = InsertBetween(site=site, rows=alike(new), where="offset=20") if new else None
    crawled, _ = crawl(site, *([come] if come else []))
    assert crawled.run.status == "complete", crawled.run.message
    there, whole = said(rows), said(site.rows)
    found = counted(crawled)
    assert all(there[what] <= found[what] <= whole[what] for what in whole)
    assert set(found) <= set(whole)
    crawled, _ = crawl(site, day=1)  # the next night has them all, and none twice
    assert crawled.run.status == "complete", crawled.run.message
    assert counted(crawled) == whole
    assert not crawled.records("item_state")


def test_a_list_where_nothing_moves_is_asked_for_once(crawl):
    _, pages = crawl(ElemeSite(alike("ABCDEFGHIJKLMNOPQRSTUVWXYZ")))
    assert sum("offset=0&" in page.path for page in pages) == 1
    _, pages = crawl(ElemeSite(alike("ABCDEFGHIJKLMNOPQRSSSSTUVW")), run_id="run-2")
    assert sum("offset=0&" in page.path for page in pages) == 2


def test_identical_texts_of_a_page_are_all_kept(crawl):
    site = ElemeSite(sample_rows(35))
    crawled, _ = crawl(site, Keys(kind="identical_texts"))
    assert crawled.run.status == "complete", crawled.run.message
    assert len({row["review_id"] for row in crawled.records("review")}) == 35


def test_one_of_two_equal_ones_hidden_and_restored(crawl):
    site = ElemeSite(alike("ABBC"))
    crawl(site)
    site.hide("1")
    crawled, _ = crawl(site, day=1)
    assert [(row["item_id"][-2:], row["state"]) for row in crawled.records("item_state")] == [
        ("#2", "hidden")
    ]
    site.restore("1")
    crawled, _ = crawl(site, day=2)
    assert [row["state"] for row in crawled.records("item_state")] == ["hidden", "shown"]


def test_an_answer_makes_a_version_and_no_new_rating(crawl):
    site = ElemeSite(alike("ABC"))
    crawl(site)
    site.edit("1", reply="抱歉。")
    crawled, _ = crawl(site, day=1)
    rows = [row for row in crawled.records("review") if row["body"] == "茶 B"]
    assert [row["reply"] for row in rows] == [None, "抱歉。"]
    assert len({row["review_id"] for row in rows}) == 1


def test_the_end_is_believed_night_after_night(crawl):
    """An empty list is tiny beside a full one, and it is the end all the same."""
    site = ElemeSite(sample_rows(70))
    for day in range(4):
        crawled, _ = crawl(site, day=day)
        assert crawled.run.status == "complete", crawled.run.message


@pytest.mark.parametrize(
    "block",
    [
        SoftBlock(kind="login_html", where="offset=20"),
        SoftBlock(kind="captcha_html", where="offset=20"),
        Ban(status=403, after=1),
    ],
)
def test_a_block_keeps_what_came_and_the_cursor_where_it_was(crawl, block):
    site = ElemeSite(sample_rows(35))
    crawled, _ = crawl(site, block)
    assert (crawled.run.status, crawled.run.watermark) == ("partial", None)
    assert counted(crawled) == said(site.rows[:20])
    assert "blocked" in {outcome for *_, outcome in crawled.page_outcomes}


def test_two_stores_are_kept_apart(crawl, night):
    site = ElemeSite([replace(row, author="匿名用户") for row in alike("AB")])
    crawled, _ = crawl(site, options={"shop_id": [SHOP, "E404"]})
    assert crawled.run.status == "partial"
    assert {row["unit_id"] for row in crawled.records("review")} == {"hz-lakeside"}
