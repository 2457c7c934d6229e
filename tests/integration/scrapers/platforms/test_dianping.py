"""Dianping nights against its replica: two shops, drawn text, redesigns, blocks, edits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from demo.replica.failures import Ban, Dates, Drift, InsertBetween, SoftBlock, Wire
from demo.replica.sites.dianping import SHOP, DianpingSite, sample_rows
from demo.replica.sites.rows import AUTHORS, CHINA

pytestmark = pytest.mark.integration
OTHER = "K2b3C4d5E6f7"
SOURCE = {
    "platform": "dianping",
    "permission": "granted by the replica's owner for tests, 2026-09-01",
    "options": {"shop_id": [SHOP]},
    "units": {SHOP: "hz-lakeside", OTHER: "hz-station"},
}


@pytest.fixture
def site():
    return DianpingSite(sample_rows(60))


def ids(rows):
    return sorted(row["review_id"] for row in rows)


def keys(rows):
    return sorted(row.key for row in rows)


@pytest.mark.parametrize("in_words", [True, False])
def test_every_page_to_the_last(crawl, in_words):
    site = DianpingSite(sample_rows(60), in_words=in_words)
    crawled, pages = crawl(site)
    assert crawled.run.status == "complete", crawled.run.message
    rows = crawled.records("review")
    assert ids(rows) == keys(site.rows)
    told = {row.key: row for row in site.rows}
    for row in rows:
        one = told[row["review_id"]]
        assert (row["rating"], row["body"]) == (one.stars, one.text)
        assert row["created_at"] == one.at.astimezone(UTC)
        assert row["price_per_person"] == one.price
        assert row["reply"] == (one.reply or None)
        aspects = json.loads(row["aspects"])
        assert list(aspects) == sorted(name for name, _ in one.scores)
        assert in_words or aspects == dict(one.scores)
        assert (row["unit_id"], row["product_id"]) == ("hz-lakeside", SHOP)
    assert [page.path.partition("?")[0][-2:] for page in pages] == ["p1", "p2", "p3", "p4"]
    assert crawled.run.watermark == site.rows[0].at.astimezone(UTC)


def test_each_shop_is_a_unit(crawl, site):
    other = DianpingSite([replace(r, key=f"9{r.key}") for r in sample_rows(20, 2)], shop=OTHER)
    crawled, _ = crawl(site, others=[other], options={"shop_id": [SHOP, OTHER]})
    assert crawled.run.status == "complete", crawled.run.message
    units = {row["review_id"]: row["unit_id"] for row in crawled.records("review")}
    assert units == {row.key: "hz-lakeside" for row in site.rows} | {
        row.key: "hz-station" for row in other.rows
    }


def test_a_shop_that_is_not_there_costs_the_others_nothing(crawl, site):
    crawled, _ = crawl(site, options={"shop_id": [OTHER, SHOP]})
    assert (crawled.run.status, crawled.run.watermark) == ("partial", None)
    assert ids(crawled.records("review")) == keys(site.rows)


def test_no_name_lands(crawl, site):
    crawled, _ = crawl(site)
    landed = json.dumps(crawled.records("review"), default=str, ensure_ascii=False)
    assert not [name for name in AUTHORS if name in landed]


def test_drawn_characters_stay_unread_and_are_told(crawl):
    plain = sample_rows(15)
    crawled, _ = crawl(DianpingSite(plain, obfuscated=True))
    assert crawled.run.status == "complete", crawled.run.message
    assert "marked ▢" in crawled.run.message
    texts = {row.key: row.text for row in plain}
    for row in crawled.records("review"):
        whole = texts[row["review_id"]]
        hidden = [
            n for n, sign in enumerate(whole) if "\u4e00" <= sign <= "\u9fff" and ord(sign) % 4 == 0
        ]
        expected = "".join("▢" if n in hidden else sign for n, sign in enumerate(whole))
        assert row["body"] == expected


def test_relative_times_land_once_and_make_no_versions(crawl, site):
    now = datetime(2026, 9, 30, 0, 30, tzinfo=CHINA)  # midnight has just passed there
    told = Dates(kind="relative", now=now)
    crawled, _ = crawl(site, told, now=now.astimezone(UTC))
    assert crawled.run.status == "complete", crawled.run.message
    rows = {row["review_id"]: row for row in crawled.records("review")}
    for one in site.rows:
        row = rows[one.key]
        days = (now.date() - one.at.date()).days
        if now - one.at < timedelta(days=1):  # 11小时前 is right to the hour
            assert abs(row["created_at"] - one.at) < timedelta(hours=1)
        elif days <= 2:
            assert row["created_at"] == one.at.astimezone(UTC)
        else:  # MM-DD: the day, at its start in the deployment's zone
            assert row["created_at"].astimezone(CHINA).date() == one.at.date()
            assert row["event_precision"] == "day"
    tomorrow = Dates(kind="relative", now=now + timedelta(days=1))
    again, _ = crawl(site, tomorrow, day=1, now=(now + timedelta(days=1)).astimezone(UTC))
    first, second = (
        {row["review_id"]: row["version_hash"] for row in night.landed("review")}
        for night in (crawled, again)
    )
    assert second
    assert {key: first[key] for key in second} == second


def test_the_second_night_sees_edits_and_what_was_hidden(crawl, site):
    crawl(site)
    edited, hidden = site.rows[1], site.rows[4]
    site.edit(edited.key, text="改一下：店长来道歉了。", updated_at=edited.at + timedelta(days=1))
    site.hide(hidden.key)
    crawled, _ = crawl(site, day=1)
    assert crawled.run.status == "complete", crawled.run.message
    versions = [row["body"] for row in crawled.records("review") if row["review_id"] == edited.key]
    assert versions == [edited.text, "改一下：店长来道歉了。"]
    states = [(row["item_id"], row["state"]) for row in crawled.records("item_state")]
    assert (hidden.key, "hidden") in states
    site.restore(hidden.key)
    crawled, _ = crawl(site, day=2)
    states = [(row["item_id"], row["state"]) for row in crawled.records("item_state")]
    assert states[-1] == (hidden.key, "shown")


def test_reviews_that_come_in_between_pages(crawl, site):
    before = keys(site.rows)
    at = datetime(2026, 9, 29, 21, 0, tzinfo=CHINA)
    new = [replace(site.rows[0], key=f"18{n}", at=at) for n in range(2)]
    crawled, _ = crawl(site, InsertBetween(site=site, rows=new, where="/p3"))
    assert crawled.run.status == "complete", crawled.run.message
    assert set(before) <= set(ids(crawled.records("review")))
    versions = {(row["review_id"], row["version_hash"]) for row in crawled.records("review")}
    assert len(versions) == len(before)


@pytest.mark.parametrize(
    "drift",
    [
        Drift(kind="half_redesigned", name=".main-review .review-words"),
        Drift(kind="half_redesigned", name=".misc-info .time"),
        Drift(kind="half_redesigned", name=".actions"),
    ],
)
def test_the_good_half_lands_and_the_other_is_told_and_counted(crawl, site, drift):
    crawled, _ = crawl(site, drift)
    assert (crawled.run.status, crawled.run.watermark) == ("partial", None)
    assert "the layout changed for a part of the items" in crawled.run.message
    good = [row for n in range(0, 60, 15) for row in site.rows[n : n + 15 : 2]]
    assert ids(crawled.records("review")) == keys(good)
    assert len(crawled.quarantine) == 60 - len(good)
    assert {outcome for *_, outcome in crawled.page_outcomes} == {"drift"}


@pytest.mark.parametrize("name", [".reviews-items", ".review-words", ".time"])
def test_a_renamed_class_is_drift_and_moves_nothing(crawl, site, name):
    crawl(site)
    crawled, _ = crawl(site, Drift(kind="class_renamed", name=name), day=1)
    assert (crawled.run.status, crawled.run.landed) == ("failed", 0)
    assert crawled.run.watermark is None
    assert crawled.page_outcomes[-1][2] == "drift"
    assert not crawled.records("item_state")


def test_something_new_beside_the_entries_is_no_review(crawl, site):
    crawled, _ = crawl(site, Drift(kind="column_inserted", name=".review-rank"))
    assert crawled.run.status == "complete", crawled.run.message
    assert ids(crawled.records("review")) == keys(site.rows)


@pytest.mark.parametrize(
    "block",
    [
        Ban(status=403, after=2),
        SoftBlock(kind="captcha_html", where="/p3"),
        SoftBlock(kind="login_html", where="/p3"),
        SoftBlock(kind="redirect_login", where="/p3|/login"),
    ],
)
def test_a_block_keeps_what_came_and_the_cursor_where_it_was(crawl, site, block):
    crawled, pages = crawl(site, block)
    assert (crawled.run.status, crawled.run.watermark) == ("partial", None)
    assert ids(crawled.records("review")) == keys(site.rows[:30])
    assert crawled.page_outcomes[-1][2] == "blocked"
    assert not any("/p4" in page.path for page in pages)


def test_an_empty_page_is_no_empty_shop(crawl, site):
    crawl(site)
    useless = SoftBlock(kind="empty_with_total")
    crawled, _ = crawl(site, useless, day=1)
    assert (crawled.run.status, crawled.run.landed) == ("failed", 0)
    assert not crawled.records("item_state")


def test_a_small_page_of_something_else_is_a_block(crawl, site):
    crawl(site)
    cut = Wire(kind="cut_json", at=120, where="/p1")
    crawled, _ = crawl(site, cut, day=1)
    assert crawled.run.status == "failed"
    assert crawled.page_outcomes[-1] == (1, 200, "blocked")
    assert "a soft block" in crawled.run.message
