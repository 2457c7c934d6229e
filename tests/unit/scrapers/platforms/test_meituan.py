"""Meituan's comments: days without times, two kinds of stars, stores that are not there."""

from __future__ import annotations

import json
from datetime import date

import pytest

from scrapers.parsing import Unreadable

SHOP = "M88001"


def comment(key=3_300_000_059, outer=None, **changes):
    """A comment; `...` leaves a field out."""
    inner = {
        "id": key,
        "username": "茶****",
        "clean_comment": "送来时洒了半杯,打 13800138000 没人接。",
        "comment": "送来时洒了半杯",
        "order_comment_score": 2,
        "ship_score": 1,
    } | changes
    whole = {
        "wmComment": {name: value for name, value in inner.items() if value is not ...},
        "commentTime": "2026-09-28",
        "poiReplyContent": "已联系骑手。",
        "praiseDishes": [],
    }
    return whole | (outer or {})


def body(*comments, code=0, **changes):
    data = {
        "page_total": 3,
        "record_count": 50,
        "shop_score": 4.3,
        "wmCommentVo": list(comments),
    } | changes
    return json.dumps({"code": code, "msg": "success", "data": data}, ensure_ascii=False).encode()


@pytest.fixture
def page(read):
    return lambda content: read("meituan", "comments", content, "", context={"shop_id": SHOP})


def test_reads_a_comment_and_the_store(page):
    found = page(body(comment()))
    item, store = found.items
    assert (item.record, item.natural_key) == ("review", "3300000059")
    assert dict(item.columns) == {
        "review_id": "3300000059",
        "product_id": SHOP,
        "rating": 2,
        "rating_best": 5,
        "aspects": '{"配送": 1}',
        "body": "送来时洒了半杯,打 13800138000 没人接。",
        "author": "茶****",
        "reply": "已联系骑手。",
        "created_at": date(2026, 9, 28),
    }
    assert dict(store.columns) == {
        "subject_id": SHOP,
        "rating": 4.3,
        "rating_best": 5,
        "review_count": 50,
    }
    assert (found.total, found.pages, found.unknown_fields) == (50, 3, {})


def test_what_is_not_said_is_nothing(page):
    change = {"clean_comment": "", "comment": "", "ship_score": ..., "username": "匿名用户"}
    item = page(body(comment(outer={"poiReplyContent": ""}, **change))).items[0]
    assert [item.columns[n] for n in ("body", "aspects", "author", "reply")] == [None] * 4


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"key": ...}, "review_id", "missing_required"),
        ({"order_comment_score": ...}, "rating", "missing_required"),
        ({"order_comment_score": 9}, "rating", "out_of_range"),
        ({"outer": {"commentTime": None}}, "created_at", "missing_required"),
        ({"outer": {"commentTime": "昨天"}}, "created_at", "bad_timestamp"),
    ],
)
def test_what_can_not_be_read_goes_alone(page, change, column, code):
    bad, good = page(body(comment(**change), comment(key=2))).items[:2]
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.problem.code, good.natural_key) == (column, code, "2")


def test_a_store_that_is_not_there_is_gone_and_other_codes_are_blocks(judged):
    absent = '{"code": 1, "msg": "商家不存在", "data": null}'.encode()
    assert judged("meituan", "comments", absent).outcome == "gone"
    refused = '{"code": 406, "msg": "请登录", "data": null}'.encode()
    assert judged("meituan", "comments", refused).outcome == "blocked"


def test_null_for_a_list_is_an_empty_list(judged):
    empty = body(wmCommentVo=None, record_count=0, page_total=1)
    assert judged("meituan", "comments", empty, times=2).outcome == "empty_confirmed"
    claimed = body(wmCommentVo=None, record_count=1000)
    assert judged("meituan", "comments", claimed, times=2).outcome == "blocked"
