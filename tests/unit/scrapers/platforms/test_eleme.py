"""Eleme's ratings: no ids, days without times, keys of content, scores and tags."""

from __future__ import annotations

import json
from datetime import date

import pytest

from scrapers.parsing import Unreadable

SHOP = "E1500001"


def rating(**changes):
    """A rating; `...` leaves a field out."""
    whole = {
        "avatar": "",
        "highlights": [],
        "item_ratings": [{"food_id": 5, "food_name": "茉莉雪芽"}],
        "rated_at": "2026-09-28",
        "rating_star": 4,
        "rating_text": "很好",
        "tags": [],
        "time_spent_desc": "",
        "username": "匿名用户",
    } | changes
    return {name: value for name, value in whole.items() if value is not ...}


def body(*ratings):
    return json.dumps(list(ratings), ensure_ascii=False).encode()


@pytest.fixture
def page(read):
    return lambda content, request="ratings": read(
        "eleme", request, content, "", context={"shop_id": SHOP}
    )


def test_reads_a_rating(page):
    (item,) = page(body(rating(reply="谢谢"))).items
    columns = dict(item.columns)
    assert columns.pop("review_id") == item.natural_key
    assert columns == {
        "product_id": SHOP,
        "rating": 4,
        "rating_best": 5,
        "body": "很好",
        "author": None,
        "reply": "谢谢",
        "created_at": date(2026, 9, 28),
    }
    assert item.payload["item_ratings"] == [{"food_id": 5, "food_name": "茉莉雪芽"}]
    assert item.natural_key.endswith("#1")


def test_equal_ratings_are_numbered_and_others_are_others(page):
    keys = [
        item.natural_key.partition("#")
        for item in page(
            body(
                rating(),
                rating(),
                rating(rating_text="很好。"),
                rating(rating_star=5),
                rating(rated_at="2026-09-27"),
                rating(username="l***o"),
            )
        ).items
    ]
    assert keys[0][0] == keys[1][0]
    assert [number for *_, number in keys] == ["1", "2", "1", "1", "1", "1"]
    assert len({content for content, *_ in keys}) == 5


def test_what_changes_later_is_no_part_of_the_key(page):
    (before,) = page(body(rating())).items
    later = rating(reply="谢谢", item_ratings=[], tags=["快"], highlights=["x"], avatar="a.png")
    (after,) = page(body(later)).items
    assert before.natural_key == after.natural_key


def test_the_same_words_about_another_store_are_another_rating(page, read):
    (here,) = page(body(rating())).items
    (there,) = read("eleme", "ratings", body(rating()), context={"shop_id": "E2"}).items
    assert here.natural_key != there.natural_key


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"rating_star": ...}, "rating", "missing_required"),
        ({"rating_star": 0}, "rating", "out_of_range"),
        ({"rated_at": None}, "created_at", "missing_required"),
        ({"rated_at": "前天"}, "created_at", "bad_timestamp"),
    ],
)
def test_what_can_not_be_read_goes_alone(page, change, column, code):
    bad, good = page(body(rating(**change), rating())).items
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.problem.code, good.record) == (column, code, "review")


def test_reads_the_stores_scores_and_counts(page):
    scores = {"overall_score": 4.6, "order_rating_amount": 96, "food_score": 4.5}
    (item,) = page(json.dumps(scores).encode(), "scores").items
    assert dict(item.columns) == {
        "subject_id": SHOP,
        "rating": 4.6,
        "rating_best": 5,
        "rating_count": 96,
    }
    assert item.payload == {"food_score": 4.5}
    tags = [
        {"name": "全部", "count": 9},
        {"name": "满意", "count": 7},
        {"name": "不满意", "count": 2},
    ]
    (item,) = page(json.dumps(tags).encode(), "tags").items
    assert item.columns["review_count"] == 9
    assert json.loads(item.columns["breakdown"]) == {"满意": 7, "不满意": 2, "有图": None}


def test_an_error_is_a_block_and_a_login_page_too(judged):
    refused = json.dumps({"name": "UNAUTHORIZED", "message": "请登录"}).encode()
    assert judged("eleme", "ratings", refused).outcome == "blocked"
    assert judged("eleme", "ratings", b"<html></html>", "text/html").outcome == "blocked"


def test_an_end_that_is_like_earlier_ends_is_believed(judged):
    """An empty list is small by nature."""
    assert judged("eleme", "ratings", b"[]", times=2).outcome == "empty_confirmed"
    assert judged("eleme", "ratings", b"[]", times=2, usual_bytes=3000).outcome == "blocked"
    known = {"usual_bytes": 3000, "end_bytes": 2}
    assert judged("eleme", "ratings", b"[]", times=2, **known).outcome == "empty_confirmed"


@pytest.mark.shared
def test_every_captured_body_parses(page, shared):
    folder = shared / "captures" / "eleme"
    assert len(list(folder.iterdir())) == 3
    content = (folder / "ratings_list_v2.json").read_bytes()
    found, raw = page(content), json.loads(content)
    for item, given in zip(found.items, raw, strict=True):
        assert item.columns["rating"] == given["rating_star"]
        assert item.columns["body"] == (given["rating_text"] or None)
        assert item.columns["created_at"] == date.fromisoformat(given["rated_at"])
    assert found.unknown_fields == {}
    content = (folder / "ratings_scores_v2.json").read_bytes()
    ((scores,), raw) = page(content, "scores").items, json.loads(content)
    assert scores.columns["rating"] == raw["overall_score"]
    assert scores.columns["rating_count"] == raw["order_rating_amount"]
    content = (folder / "ratings_tags_v2.json").read_bytes()
    counts = {tag["name"]: tag["count"] for tag in json.loads(content)}
    (tags,) = page(content, "tags").items
    assert tags.columns["review_count"] == counts.pop("全部")
    assert json.loads(tags.columns["breakdown"]) == counts
