"""Tmall's reviews: JSONP, clamped pages, additions, words for nothing, blocks."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from scrapers.parsing import PageProblemError, Unreadable

ITEM = "700012345678"


def rate(**changes):
    """A review; `...` leaves a field out."""
    whole = {
        "id": 1_150_000_000_211,
        "rateContent": "茉莉味很正,就是发货慢。",
        "rateDate": "2026-09-28 23:30:00",
        "reply": "亲,抱歉让您久等。",
        "appendComment": {"content": "又回购了。", "commentTime": "2026-09-29 08:00:00"},
        "displayUserNick": "茶**鹿",
        "auctionSku": "净含量:12包",
        "anony": True,
    } | changes
    return {name: value for name, value in whole.items() if value is not ...}


def body(*rates, page=1, last=4, items=70, call=True, **changes):
    detail = {
        "rateCount": {"total": 90, "picNum": 12, "used": 3},
        "rateList": list(rates),
        "paginator": {"lastPage": last, "page": page, "items": items},
    } | changes
    text = json.dumps({"rateDetail": detail}, ensure_ascii=False)
    return (f"jsonp128({text})" if call else text).encode()


@pytest.fixture
def page(read):
    return lambda content: read("tmall", "reviews", content, "", context={"item_id": ITEM})


@pytest.mark.parametrize("call", [True, False])
def test_reads_a_review(page, call):
    item = page(body(rate(), call=call)).items[0]
    assert (item.record, item.natural_key) == ("review", "1150000000211")
    assert dict(item.columns) == {
        "review_id": "1150000000211",
        "product_id": ITEM,
        "body": "茉莉味很正,就是发货慢。",
        "followup_body": "又回购了。",
        "reply": "亲,抱歉让您久等。",
        "author": "茶**鹿",
        "created_at": datetime(2026, 9, 28, 15, 30, tzinfo=UTC),
    }
    assert item.payload == {"auctionSku": "净含量:12包"}


def test_reads_what_tmall_counts(page):
    found = page(body(rate()))
    assert (found.total, found.pages, found.shown) == (70, 4, 1)
    (item,) = [i for i in found.items if i.record == "summary"]
    assert dict(item.columns) == {
        "subject_id": ITEM,
        "rating_count": 90,
        "review_count": 70,
        "breakdown": '{"有图": 12, "追评": 3}',
    }


def test_nothing_added_nothing_said(page):
    item = page(body(rate(appendComment=None, reply="", rateContent="此用户没有填写评论!"))).items[
        0
    ]
    assert [item.columns[n] for n in ("body", "followup_body", "reply")] == [None] * 3


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"id": ...}, "review_id", "missing_required"),
        ({"rateDate": ...}, "created_at", "missing_required"),
        ({"rateDate": "昨天"}, "created_at", "bad_timestamp"),
        ({"rateContent": {"text": "?"}}, "body", "not_text"),
    ],
)
def test_what_can_not_be_read_goes_alone(page, change, column, code):
    bad, good = page(body(rate(**change), rate(id=2))).items[:2]
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.problem.code, good.natural_key) == (column, code, "2")


def test_an_empty_page_of_an_item_that_still_owes_is_a_block(judged):
    past = body(page=4)
    assert judged("tmall", "reviews", past, times=2, missing=10).outcome == "blocked"
    assert judged("tmall", "reviews", past, missing=0).outcome == "empty_confirmed"


def test_the_captchas_answer_is_a_block(judged):
    captcha = b'{"rgv587_flag": "sm", "url": "https://example.invalid/punish"}'
    assert judged("tmall", "reviews", captcha).outcome == "blocked"


def test_another_shape_is_drift(page):
    with pytest.raises(PageProblemError) as caught:
        page(json.dumps({"rateDetail": {"rateList": []}}).encode())
    assert caught.value.outcome == "drift"


@pytest.mark.shared
def test_every_captured_body_parses(page, shared):
    (file,) = (shared / "captures" / "tmall").iterdir()
    content = file.read_bytes()
    raw = json.loads(content[content.index(b"(") + 1 : content.rindex(b")")])["rateDetail"]
    found = page(content)
    assert found.listed == len(raw["rateList"]) == 0
    paginator = raw["paginator"]
    assert found.total == paginator["items"]
    assert (found.pages, found.shown) == (paginator["lastPage"], paginator["page"])
    (summary,) = found.items
    assert summary.columns["rating_count"] == raw["rateCount"]["total"]
    assert found.unknown_fields == {}
