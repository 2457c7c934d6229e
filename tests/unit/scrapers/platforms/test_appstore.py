"""App Store feeds: entries, the app's own entry, single and missing lists."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from scrapers.parsing import PageProblemError, Unreadable

PLACE = {"country": "cn", "app_id": "1234567"}
EMPTY_FEED = "page-empty-transient_OmniHear.json"
FULL_FEED = "page-full_excerpt_OmniHear.json"


@pytest.fixture
def page(read):
    """The page of a body, as the storefront cn was asked for it."""
    return lambda body, content_type="": read("appstore", "feed", body, content_type, context=PLACE)


def test_reads_a_review(page, feed, entry):
    (item,) = page(feed([entry()])).items
    assert (item.record, item.natural_key) == ("review", "14100000001")
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
        "app_id": "1234567",
        "country": "cn",
    }
    assert item.event == datetime(2026, 9, 21, 6, 40, 59, tzinfo=UTC)
    assert item.event_at_raw == "2026-09-20T23:40:59-07:00"


def test_a_single_entry_comes_without_its_list(page, feed, entry):
    assert [item.natural_key for item in page(feed(entry())).items] == ["14100000001"]


def test_the_apps_own_entry_is_no_review(page, feed, entry):
    app = {"im:name": {"label": "云雾茶"}, "id": {"label": "https://apps.apple.com/app/id1"}}
    found = page(feed([app, entry()]))
    assert [item.natural_key for item in found.items] == ["14100000001"]
    assert found.items[0].position == 1
    alone = page(feed(app))
    assert (alone.items, alone.listed) == ((), 0)


def test_a_review_without_stars_is_not_taken_for_the_app(page, feed, entry):
    (bad,) = page(feed([entry(im_rating=...)])).items
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.natural_key) == ("rating", "14100000001")


@pytest.mark.parametrize("entries", [..., None, []])
def test_an_empty_feed_is_a_page_without_items(page, feed, entries):
    assert page(feed(entries)).items == ()


def test_an_empty_feed_is_believed_the_third_time(judged, feed):
    first, second, third = (judged("appstore", "feed", feed(), times=times) for times in (1, 2, 3))
    assert [(v.value, v.again) for v in (first, second)] == [(None, True), (None, True)]
    assert third.outcome == "empty_confirmed"


@pytest.mark.parametrize("body", [b"{}", b'{"feed": []}', b'{"feed": {}}', b'{"feed":{"entry":7}}'])
def test_another_layout_is_drift(page, body):
    with pytest.raises(PageProblemError) as caught:
        page(body)
    assert caught.value.outcome == "drift"


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"im_rating": "6"}, "rating", "out_of_range"),
        ({"im_rating": "五"}, "rating", "not_a_number"),
        ({"updated": "2026-09-20T23:40:59"}, "updated_at", "bad_timestamp"),
        ({"updated": "3小时前"}, "updated_at", "bad_timestamp"),
        ({"updated": ...}, "updated_at", "missing_required"),
        ({"im_voteSum": "many"}, "vote_sum", "not_a_number"),
    ],
)
def test_an_unreadable_review_leaves_its_neighbours(page, feed, entry, changes, column, code):
    good, bad = page(feed([entry("1"), entry("2", **changes)])).items
    assert good.natural_key == "1"
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.problem.code) == (column, code)
    assert bad.natural_key == "2"


def test_entries_that_are_no_objects(page, feed, entry):
    items = page(feed([entry(), None, "text"])).items
    assert [type(item) for item in items[1:]] == [Unreadable, Unreadable]


def test_an_author_without_a_page_is_known_by_name(page, feed, entry):
    one = entry()
    del one["author"]["uri"]
    (item,) = page(feed([one])).items
    assert item.columns["author"] == "茶茶"


def test_html_is_a_block(page):
    with pytest.raises(PageProblemError) as caught:
        page(b"<html>please log in</html>")
    assert caught.value.outcome == "blocked"


def test_new_fields_are_counted(page, feed, entry):
    one = entry() | {"im:mood": {"label": "x"}}
    assert page(feed([one, entry("2")])).unknown_fields == {"im:mood": 1}


def test_what_the_page_after_the_last_says(judged):
    text = b"CustomerReviews RSS page depth is limited to 10"
    end = judged("appstore", "feed", text, "text/plain", status=400)
    assert (end.outcome, end.value.page.is_end) == ("ok", True)
    for status, body in ((400, b"bad request"), (200, text)):
        other = judged("appstore", "feed", body, "text/plain", status=status)
        assert other.value is None


def test_the_charset_of_the_header_is_not_asked(page, feed, entry):
    body = json.dumps(json.loads(feed([entry()])), ensure_ascii=False).encode("utf-8-sig")
    found = page(body, "text/javascript; charset=iso-8859-1")
    assert found.items[0].columns["title"] == "等太久"


def _label(entry, *path):
    for name in path:
        entry = entry[name]
    return entry["label"]


def _check_review(item, entry):
    """One review beside its entry in the shape of the feed."""
    assert not isinstance(item, Unreadable), item.problem
    columns = item.columns
    assert item.natural_key == _label(entry, "id")
    assert columns["title"] == _label(entry, "title")
    assert columns["body"] == _label(entry, "content")
    assert str(columns["rating"]) == _label(entry, "im:rating")
    assert columns["app_version"] == _label(entry, "im:version")
    assert str(columns["vote_sum"]) == _label(entry, "im:voteSum")
    assert str(columns["vote_count"]) == _label(entry, "im:voteCount")
    assert columns["author"] == _label(entry, "author", "uri")
    assert columns["updated_at"].isoformat() == _utc(_label(entry, "updated"))


def _utc(told):
    """`2026-09-20T23:40:59-07:00` in UTC; the feed's offsets are whole hours."""
    shifted = int(told[-6:-3])
    at = datetime.fromisoformat(told[:-6])
    return datetime.fromtimestamp(
        at.replace(tzinfo=UTC).timestamp() - 3600 * shifted, UTC
    ).isoformat()


@pytest.mark.shared
def test_the_captured_page_of_reviews(page, shared):
    """Envelope of the live feed, three of fifty entries, their texts made up by its author."""
    body = (shared / "captures" / "appstore" / FULL_FEED).read_bytes()
    entries = json.loads(body)["feed"]["entry"]
    found = page(body, "text/javascript; charset=UTF-8")
    assert len(found.items) == len(entries) == 3
    for item, entry in zip(found.items, entries, strict=True):
        _check_review(item, entry)
    assert found.unknown_fields == {}


@pytest.mark.shared
def test_the_captured_hiccup_is_asked_again(judged, shared):
    """A live body without entries, of an app that has reviews."""
    body = (shared / "captures" / "appstore" / EMPTY_FEED).read_bytes()
    first = judged("appstore", "feed", body, "text/javascript; charset=UTF-8")
    assert (first.outcome, first.value, first.again) == ("partial", None, True)


@pytest.mark.shared
def test_the_captured_words_of_page_11_are_the_end(judged, shared):
    body = (shared / "captures" / "appstore" / "page-11-http400-body.txt").read_bytes()
    end = judged("appstore", "feed", body, "text/plain", status=400)
    assert (end.outcome, end.value.page.is_end) == ("ok", True)


@pytest.mark.shared
def test_the_captured_xml_entry_has_the_fields_of_the_json_one(page, shared, feed):
    """The feed's XML form, which is not asked for: its names and words are those of the JSON."""
    text = (shared / "captures" / "appstore" / "rss_xml_entry_jp_2020_masked.xml").read_text(
        "utf-8"
    )
    names = ("updated", "id", "title", "im:voteSum", "im:voteCount", "im:rating", "im:version")
    entry = {name: {"label": _between(text, f"<{name}>", f"</{name}>")} for name in names}
    entry["content"] = {"label": _between(text, '<content type="text">', "</content>")}
    entry["author"] = {
        name: {"label": _between(text, f"<{name}>", f"</{name}>")} for name in ("name", "uri")
    }
    (item,) = page(feed([entry])).items
    _check_review(item, entry)


def _between(text, begin, end):
    return text.split(begin, 1)[1].split(end, 1)[0]


RENAMED = {
    "reviewId": "id",
    "title": "title",
    "content": "content",
    "score": "im:rating",
    "version": "im:version",
    "voteSum": "im:voteSum",
    "voteCount": "im:voteCount",
    "updated": "updated",
}


@pytest.mark.shared
def test_the_captured_reviews_under_other_names_read_like_the_feeds_own(page, shared, feed):
    """Parsed by another crawler, which renamed the members: put back, each lands as it was."""
    reviews = json.loads((shared / "captures/appstore/scrapfly_reviews.json").read_bytes())
    entries = []
    for review in reviews:
        entry = {ours: {"label": str(review[theirs])} for theirs, ours in RENAMED.items()}
        entry["author"] = {
            "uri": {"label": review["userUrl"]},
            "name": {"label": review["userName"]},
        }
        entries.append(entry | {"link": {"attributes": {"href": review["url"]}}})
    found = page(feed(entries))
    assert len(found.items) == 50
    for item, entry in zip(found.items, entries, strict=True):
        _check_review(item, entry)
    assert found.unknown_fields == {}


@pytest.mark.shared
def test_the_captured_reviews_are_an_export_that_may_be_dropped(read, shared):
    body = (shared / "captures/appstore/scrapfly_reviews.json").read_bytes()
    found = read("appstore", "export", body, "application/json", context=PLACE)
    assert found.unknown_fields == {}
    for item, one in zip(found.items, json.loads(body), strict=True):
        columns = item.columns
        assert (item.record, item.natural_key) == ("exported", one["reviewId"])
        assert (columns["title"], columns["body"]) == (one["title"], one["content"])
        assert (columns["rating"], columns["app_version"]) == (one["score"], one["version"])
        assert (columns["vote_sum"], columns["vote_count"]) == (one["voteSum"], one["voteCount"])
        assert columns["author"] == one["userUrl"]
        assert columns["updated_at"].isoformat() == _utc(one["updated"])
        assert (columns["app_id"], columns["country"]) == ("1234567", "cn")


@pytest.mark.shared
def test_the_captured_lookup_is_no_page_of_reviews(page, shared):
    """iTunes' description of an app, parsed by another crawler: it holds counts, no review."""
    body = (shared / "captures/appstore/scrapfly_lookup_metadata.json").read_bytes()
    assert "feed" not in json.loads(body)
    with pytest.raises(PageProblemError, match="layout changed") as caught:
        page(body)
    assert caught.value.outcome == "drift"
