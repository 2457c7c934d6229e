"""JD's comments: GBK in a call, rounded counts, pinned and empty comments, blocks."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from scrapers.fields import Moment
from scrapers.parsing import PageProblemError, Unreadable
from scrapers.registry import Platforms

SKU = "100012345678"
HTML = "text/html;charset=GBK"
ZONE = ZoneInfo("Asia/Shanghai")
FETCHED = datetime(2026, 9, 30, 18, 0, tzinfo=UTC)


def comment(**changes):
    """A comment; `...` leaves a field out."""
    whole = {
        "id": 19_000_000_113,
        "guid": "yunwu-1",
        "content": "包装瘪了两罐,客服 13800138000 说补发。",
        "creationTime": "2026-09-28 23:30:00",
        "isTop": False,
        "referenceName": "云雾茶 茉莉雪芽冷泡茶 12包",
        "replies": [
            {
                "content": "抱歉,已补发。",
                "creationTime": "2026-09-29 10:00:00",
                "nickname": "云雾茶",
            },
            {"content": "别的话", "creationTime": "2026-09-29 11:00:00"},
        ],
        "score": 2,
        "usefulVoteCount": 3,
        "nickname": "茶***鹿",
        "afterUserComment": {"hAfterUserComment": {"content": "补发的收到了。"}},
    } | changes
    return {name: value for name, value in whole.items() if value is not ...}


def body(*comments, encoding="gbk", **changes):
    summary = {
        "commentCount": 49_000,
        "commentCountStr": "4.9万+",
        "goodCount": 48_000,
        "generalCount": 500,
        "poorCount": 700,
        "averageScore": 5,
        "goodRateShow": 98,
        "productId": int(SKU),
    }
    tree = {"productCommentSummary": summary, "maxPage": 100, "comments": list(comments)} | changes
    tree = {name: value for name, value in tree.items() if value is not ...}
    return f"fetchJSON_comment98({json.dumps(tree, ensure_ascii=False)});".encode(encoding)


@pytest.fixture
def page(read):
    return lambda content, kind=HTML: read("jd", "comments", content, kind, context={"sku": SKU})


def test_reads_a_comment(page):
    item = page(body(comment())).items[0]
    assert (item.record, item.natural_key) == ("review", "19000000113")
    assert dict(item.columns) == {
        "review_id": "19000000113",
        "product_id": SKU,
        "subject_name": "云雾茶 茉莉雪芽冷泡茶 12包",
        "rating": 2,
        "rating_best": 5,
        "body": "包装瘪了两罐,客服 13800138000 说补发。",
        "followup_body": "补发的收到了。",
        "reply": "抱歉,已补发。",
        "replied_at": datetime(2026, 9, 29, 2, 0, tzinfo=UTC),
        "author": "茶***鹿",
        "vote_count": 3,
        "is_pinned": False,
        "created_at": datetime(2026, 9, 28, 15, 30, tzinfo=UTC),
    }
    assert item.event_at_raw == "2026-09-28 23:30:00"


def test_reads_what_jd_says_of_the_product(page):
    (item,) = [i for i in page(body(comment())).items if i.record == "summary"]
    assert dict(item.columns) == {
        "subject_id": SKU,
        "rating": 5.0,
        "rating_best": 5,
        "rating_text": "98",
        "rating_count": 49_000,
        "breakdown": '{"中评": 500, "好评": 48000, "差评": 700}',
    }


@pytest.mark.parametrize(
    "kind",
    [HTML, "text/html", "application/json; charset=utf-8", "", "text/html;charset=ISO-8859-1"],
)
@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_the_charset_is_known_from_the_bytes(page, encoding, kind):
    assert page(body(comment(), encoding=encoding), kind).items[0].columns["author"] == "茶***鹿"


def test_pages_end_by_their_number_and_not_by_rounded_counts(page):
    found = page(body(comment()))
    assert (found.pages, found.total) == (100, None)


def test_words_for_nothing_do_not_land(page):
    item = page(
        body(comment(content="此用户未填写评价内容", afterUserComment=..., replies=[]))
    ).items[0]
    assert [item.columns[n] for n in ("body", "followup_body", "reply", "replied_at")] == [None] * 4
    assert item.columns["rating"] == 2


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"id": ...}, "review_id", "missing_required"),
        ({"score": ...}, "rating", "missing_required"),
        ({"score": 6}, "rating", "out_of_range"),
        ({"creationTime": ...}, "created_at", "missing_required"),
        ({"creationTime": "3小时前"}, "created_at", "bad_timestamp"),
        ({"creationTime": "0001-01-01 00:00:00"}, "created_at", "bad_timestamp"),
    ],
)
def test_what_can_not_be_read_goes_alone(page, change, column, code):
    bad, good = page(body(comment(**change), comment(id=2))).items[:2]
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.problem.code, good.natural_key) == (column, code, "2")


def test_numbers_as_text_are_numbers(page):
    item = page(body(comment(id="19000000113", score="2", usefulVoteCount="3"))).items[0]
    assert (item.natural_key, item.columns["rating"]) == ("19000000113", 2)


def test_an_unknown_field_is_counted(page):
    assert page(body(comment(moodScore=3))).unknown_fields == {"moodScore": 1}


def test_a_missing_list_is_drift(page):
    with pytest.raises(PageProblemError) as caught:
        page(body(comments=...))
    assert caught.value.outcome == "drift"


def test_an_empty_body_that_comes_again_is_a_block(judged):
    first, third = (judged("jd", "comments", b"", HTML, times=n) for n in (1, 3))
    assert (first.outcome, first.again) == ("partial", True)
    assert (third.outcome, third.again) == ("blocked", False)


def test_a_login_page_is_a_block(judged):
    assert judged("jd", "comments", b"<html>login</html>", HTML).outcome == "blocked"


@pytest.mark.shared
def test_every_captured_body_parses(shared):
    jd = Platforms().load("jd")
    files = sorted((shared / "captures" / "jd").iterdir())
    assert len(files) == 2
    for file in files:
        content = file.read_bytes()
        call = re.search(rb"\((\{.*\})\)", content, re.DOTALL)
        raw = json.loads(call[1])
        # One is the summary's part alone: what judges whole answers would miss its comments.
        document = jd.open("comments", content, "")
        found = jd.read("comments", document, Moment(FETCHED, ZONE), {"sku": SKU})
        reviews = [i for i in found.items if i.record == "review"]
        for item, given in zip(reviews, raw.get("comments", []), strict=True):
            columns = item.columns
            assert (columns["review_id"], columns["rating"]) == (str(given["id"]), given["score"])
            assert columns["body"] == given["content"]
            assert columns["is_pinned"] is given["isTop"]
            local = datetime.fromisoformat(given["creationTime"] + "+08:00")
            assert columns["created_at"] == local.astimezone(UTC)
        summary = next(i for i in found.items if i.record == "summary")
        told = raw["productCommentSummary"]
        assert summary.columns["rating_count"] == told["commentCount"]
        assert json.loads(summary.columns["breakdown"])["差评"] == told["poorCount"]
        assert found.pages == raw.get("maxPage")
        assert found.unknown_fields == {}
