"""Google Play's answers: prefix, frames, places; the token; what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from scrapers.config import SourceConfig
from scrapers.parsing import PageProblemError, Unreadable

PLACE = {"app_id": "com.example.yunwu", "language": "zh", "country": "cn"}
JSON = "application/json; charset=utf-8"


def review(review_id="5e0f-0001", **places):
    """A review as Google sends it; `p4="…"` sets what stands in place 4."""
    values = [
        review_id,
        ["茶茶小鹿", [None, 2, None, [None, None, "https://example.invalid/a.png"]]],
        2,
        None,
        "点了三次才付成功。",
        [1790150400, 417000000],  # 2026-09-23 08:00:00 UTC
        6,
        ["云雾茶", "已修复，请更新。", [1790182800, 0]],  # nine hours later
        None,
        None,
        "7.5.2",
    ]
    for place, value in places.items():
        values[int(place[1:])] = value
    return values


def answer(*reviews, token=None, result=...):
    """A whole answer around reviews; `result` replaces what the call brought."""
    if result is ...:
        result = [list(reviews), [None, token], None] if token else [list(reviews)]
    said = result if result is None else json.dumps(result, ensure_ascii=False)
    frames = [["wrb.fr", "UsvDTd", said, None, None, None, "generic"], ["di", 41]]
    return (")]}'\n\n" + json.dumps(frames, ensure_ascii=False)).encode()


@pytest.fixture
def page(read):
    """The page of an answer."""
    return lambda body: read("googleplay", "reviews", body, JSON, context=PLACE)


def test_reads_a_review(page):
    (item,) = page(answer(review())).items
    assert (item.record, item.natural_key) == ("review", "5e0f-0001")
    assert dict(item.columns) == {
        "review_id": "5e0f-0001",
        "author": "茶茶小鹿",
        "rating": 2,
        "body": "点了三次才付成功。",
        "updated_at": datetime(2026, 9, 23, 8, 0, tzinfo=UTC),
        "vote_count": 6,
        "reply": "已修复，请更新。",
        "replied_at": datetime(2026, 9, 23, 17, 0, tzinfo=UTC),
        "app_version": "7.5.2",
        "app_id": "com.example.yunwu",
        "country": "cn",
        "language": "zh",
    }
    assert (item.event, item.event_at_raw) == (datetime(2026, 9, 23, 8, tzinfo=UTC), "1790150400")


def test_what_need_not_be_there_may_be_absent(page):
    (item,) = page(answer(review(p1=None, p4=None, p6=None, p7=None, p10=None))).items
    absent = ("author", "body", "vote_count", "reply", "replied_at", "app_version")
    assert [item.columns[name] for name in absent] == [None] * 6


def test_a_review_that_ends_early_is_read_as_far_as_it_goes(page):
    (item,) = page(answer(review()[:6])).items
    assert (item.columns["rating"], item.columns["app_version"]) == (2, None)


@pytest.mark.parametrize(
    ("places", "column", "code"),
    [
        ({"p2": 6}, "rating", "out_of_range"),
        ({"p2": None}, "rating", "missing_required"),
        ({"p2": "五"}, "rating", "not_a_number"),
        ({"p5": None}, "updated_at", "missing_required"),
        ({"p5": [0, 0]}, "updated_at", "missing_required"),
        ({"p5": [99999999999999, 0]}, "updated_at", "bad_timestamp"),
        ({"p6": -1}, "vote_count", "out_of_range"),
        ({"p4": ["text"]}, "body", "not_text"),
    ],
)
def test_an_unreadable_review_leaves_its_neighbours(page, places, column, code):
    good, bad = page(answer(review("1"), review("2", **places))).items
    assert good.natural_key == "1"
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.problem.code) == (column, code)
    assert bad.natural_key == "2"


def test_a_review_without_its_id(page):
    (bad,) = page(answer(review(None))).items
    assert (bad.problem.column, bad.problem.code) == ("review_id", "missing_required")


def test_a_place_inserted_before_the_rating_is_noticed(page):
    shifted = review()
    shifted.insert(1, None)
    (bad,) = page(answer(shifted)).items
    assert isinstance(bad, Unreadable)


def test_the_token_is_quoted_as_the_next_request_writes_it(page):
    assert page(answer(review(), token="CqYB+/=")).next == r"\"CqYB+/=\""
    assert page(answer(review(), result=[[review()], [None, None], None])).next is None
    assert page(answer(review())).next is None


@pytest.mark.parametrize("result", [[], [[]], [None], [[], None]])
def test_no_reviews_is_a_page_without_items(page, result):
    found = page(answer(result=result))
    assert (found.items, found.listed, found.next) == ((), 0, None)


def test_the_answer_to_a_browser_comes_in_parts_with_their_lengths(page):
    whole = answer(review(), token="abc").decode().removeprefix(")]}'\n\n")
    first, second = ([frame] for frame in json.loads(whole))
    lines = [json.dumps(part, ensure_ascii=False) for part in (first, second)]
    parts = "".join(f"{len(line) + 1}\n{line}\n" for line in lines)
    found = page(f")]}}'\n\n{parts}".encode())
    assert ([item.natural_key for item in found.items], found.next) == (["5e0f-0001"], r"\"abc\"")


def test_a_page_without_a_token_is_asked_for_twice_before_it_is_the_last(judged):
    first = judged("googleplay", "reviews", answer(review()), JSON, context=PLACE)
    assert (first.outcome, first.value, first.again) == ("partial", None, True)
    second = judged("googleplay", "reviews", answer(review()), JSON, context=PLACE, times=2)
    assert (second.outcome, second.items_seen) == ("ok", 1)
    with_token = answer(review(), token="abc")
    assert judged("googleplay", "reviews", with_token, JSON, context=PLACE).outcome == "ok"


@pytest.mark.parametrize(
    ("body", "outcome", "again"),
    [
        (b"", "partial", True),
        (b"<html><title>Sorry</title></html>", "blocked", False),
        (b")]}'\n\n[]", "drift", False),
        (b")]}'\n\n", "drift", False),
        (b'{"reviews": []}', "drift", False),
        (b')]}\'\n\n[["wrb.fr","other","[]"]]', "drift", False),
        (answer(result={"reviews": []}), "drift", False),
        (answer(result=["text"]), "drift", False),
        (answer(result=[[], "token"]), "drift", False),
        (answer(review(), token="abc")[:-40], "partial", True),
        (answer(result=None), "error", True),
        (b')]}\'\n\n[["wrb.fr","UsvDTd"]]', "error", True),
    ],
)
def test_bodies_that_are_no_answer(page, body, outcome, again):
    with pytest.raises(PageProblemError) as caught:
        page(body)
    assert (caught.value.outcome, caught.value.again) == (outcome, again)


def test_the_page_about_unusual_traffic_is_a_block(page):
    body = b"<p>Our systems have detected unusual traffic from your computer network.</p>"
    with pytest.raises(PageProblemError) as caught:
        page(body)
    assert caught.value.outcome == "blocked"


@pytest.mark.parametrize("app_id", ["yunwu", "com.example/app", 'com.x"],[1', "1com.example"])
def test_an_app_that_is_no_package_name_is_refused(app_id):
    with pytest.raises(ValueError, match="app_id"):
        SourceConfig.model_validate({"platform": "googleplay", "options": {"app_id": app_id}})


@pytest.mark.shared
def test_the_captured_reviews_under_names_read_the_same_in_their_places(page, shared):
    """Parsed by another crawler, which named the places: put back, each lands as it was.

    The envelope itself (prefix, frames, token) was never captured.
    """
    text = (shared / "captures/googleplay/scrapfly_reviews.json").read_bytes()
    reviews = json.loads(text)
    found = page(answer(*(_placed(one) for one in reviews)))
    assert len(found.items) == len(reviews) == 100
    for item, one in zip(found.items, reviews, strict=True):
        assert not isinstance(item, Unreadable), item.problem
        columns = item.columns
        assert item.natural_key == one["reviewId"]
        assert columns["author"] == one["userName"]
        assert columns["rating"] == one["score"]
        assert (columns["body"] or "") == (one["content"] or "")
        assert columns["vote_count"] == one["thumbsUpCount"]
        assert columns["app_version"] == one["appVersion"]
        assert columns["updated_at"].timestamp() == one["at"]
        assert columns["reply"] == one["replyContent"]
        replied = columns["replied_at"]
        assert (replied.timestamp() if replied else None) == one["repliedAt"]


@pytest.mark.shared
def test_the_captured_file_is_an_export_that_may_be_dropped(read, shared):
    text = (shared / "captures/googleplay/scrapfly_reviews.json").read_bytes()
    found = read("googleplay", "export", text, JSON, context=PLACE)
    assert found.unknown_fields == {}
    for item, one in zip(found.items, json.loads(text), strict=True):
        columns = item.columns
        assert (item.record, item.natural_key) == ("exported", one["reviewId"])
        assert (columns["rating"], columns["author"]) == (one["score"], one["userName"])
        assert columns["updated_at"].timestamp() == one["at"]
        assert columns["app_version"] == one["appVersion"]
        assert (columns["app_id"], columns["country"]) == ("com.example.yunwu", "cn")


def _placed(one):
    replied = one["replyContent"] and ["", one["replyContent"], [one["repliedAt"], 0]]
    values = [one["reviewId"], [one["userName"], [None, 2, None, [None, None, one["userImage"]]]]]
    values += [one["score"], None, one["content"], [one["at"], 0], one["thumbsUpCount"], replied]
    return [*values, None, None, one["appVersion"]]
