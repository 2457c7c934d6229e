"""The App Store parser: entries, the app's own entry, single and missing lists."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from scrapers.parsing import PageProblemError, Unreadable
from scrapers.platforms.appstore.parser import is_end_of_feed, read_page


def test_reads_a_review(feed, entry):
    (item,) = read_page(feed([entry()])).items
    assert item.natural_key == "14100000001"
    assert dict(item.columns) == {
        "review_id": "14100000001",
        "rating": 2,
        "title": "等太久",
        "body": "下单四十分钟还没出杯，客服不回。",
        "app_version": "7.5.2",
        "author": "https://itunes.apple.com/cn/reviews/id900000001",
        "vote_sum": 1,
        "vote_count": 2,
        "updated_at": datetime(2026, 9, 21, 6, 40, 59, tzinfo=UTC),
    }
    assert item.event_at_raw == "2026-09-20T23:40:59-07:00"


def test_a_single_entry_comes_without_its_list(feed, entry):
    assert [item.natural_key for item in read_page(feed(entry())).items] == ["14100000001"]


def test_the_apps_own_entry_is_no_review(feed, entry):
    app = {"im:name": {"label": "云雾茶"}, "id": {"label": "https://apps.apple.com/app/id1"}}
    page = read_page(feed([app, entry()]))
    assert [item.natural_key for item in page.items] == ["14100000001"]
    assert page.items[0].position == 1
    assert read_page(feed(app)).items == ()


def test_a_review_without_stars_is_not_taken_for_the_app(feed, entry):
    (bad,) = read_page(feed([entry(im_rating=...)])).items
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.natural_key) == ("rating", "14100000001")


@pytest.mark.parametrize("entries", [..., None, []])
def test_an_empty_feed_is_a_page_without_items(feed, entries):
    assert read_page(feed(entries)).items == ()


@pytest.mark.parametrize("body", [b"{}", b'{"feed": []}', b'{"feed": {}}', b'{"feed":{"entry":7}}'])
def test_another_layout_is_drift(body):
    with pytest.raises(PageProblemError) as caught:
        read_page(body)
    assert caught.value.outcome == "drift"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"im_rating": "6"}, "out_of_range"),
        ({"im_rating": "五"}, "not_a_number"),
        ({"updated": "2026-09-20T23:40:59"}, "bad_timestamp"),
        ({"updated": "3小时前"}, "bad_timestamp"),
        ({"updated": ...}, "missing_required"),
        ({"im_voteSum": "many"}, "not_a_number"),
    ],
)
def test_an_unreadable_review_leaves_its_neighbours(feed, entry, changes, code):
    good, bad = read_page(feed([entry("1"), entry("2", **changes)])).items
    assert good.natural_key == "1"
    assert isinstance(bad, Unreadable)
    assert bad.problem.code == code
    assert bad.natural_key == "2"


def test_entries_that_are_no_objects(feed, entry):
    items = read_page(feed([entry(), None, "text"])).items
    assert [type(item) for item in items[1:]] == [Unreadable, Unreadable]


def test_an_author_without_a_page_is_known_by_name(feed, entry):
    one = entry()
    del one["author"]["uri"]
    (item,) = read_page(feed([one])).items
    assert item.columns["author"] == "茶茶"


def test_html_is_a_block():
    with pytest.raises(PageProblemError) as caught:
        read_page(b"<html>please log in</html>")
    assert caught.value.outcome == "blocked"


def test_new_fields_are_named(feed, entry):
    one = entry() | {"im:mood": {"label": "x"}}
    assert read_page(feed([one])).notes == {"Unknown fields, not landed: im:mood."}


def test_what_the_page_after_the_last_says():
    text = b"CustomerReviews RSS page depth is limited to 10"
    assert is_end_of_feed(400, text)
    assert not is_end_of_feed(400, b"bad request")
    assert not is_end_of_feed(200, text)


def test_the_charset_of_the_header_is_not_asked(feed, entry):
    body = json.dumps(json.loads(feed([entry()])), ensure_ascii=False).encode("utf-8-sig")
    assert read_page(body).items[0].columns["title"] == "等太久"
