"""Dianping's pages: stars, aspects, relative times, folded and drawn text, redesigns, blocks."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup

from scrapers.fields import Moment, read_field
from scrapers.parsing import PageProblemError, Unreadable
from scrapers.registry import Platforms

SHOP = "H1a2B3c4D5e6"
HTML = "text/html; charset=utf-8"
AFTER_MIDNIGHT = datetime(2026, 9, 29, 16, 30, tzinfo=UTC)  # 00:30 on the 30th in Shanghai
RANK = (
    '<span class="sml-rank-stars sml-str45 star"></span><span class="score">'
    '<span class="item">口味：很好</span><span class="item">环境：4.5</span>'
    '<span class="item">人均：25元</span></span>'
)


def entry(
    key="1760000037",
    rank=RANK,
    words='<div class="review-words">等了四十分钟。<br>打 13800138000 没人接</div>',
    time="2026-09-28 21:05",
    name="茶茶小鹿",
    more="",
):
    data_id = f' data-id="{key}"' if key else ""
    return (
        f'<li><div class="main-review"><div class="dper-info"><a class="name">{name}</a></div>'
        f'<div class="review-rank">{rank}</div>{words}'
        f'<div class="misc-info"><span class="time">{time}</span><span class="actions">'
        f'<a class="praise"{data_id}>赞</a></span></div>{more}</div></li>'
    )


def body(*entries, links=""):
    return (
        f'<html><body><div class="reviews-items"><ul>{"".join(entries)}</ul></div>'
        f'<div class="reviews-pages">{links}</div></body></html>'
    ).encode()


@pytest.fixture
def page(read):
    return lambda content, **given: read(
        "dianping", "reviews", content, HTML, context={"shop_id": SHOP}, **given
    )


def test_reads_a_review(page):
    reply = (
        '<div class="shop-reply"><span class="date">2026-09-29</span>'
        '<p class="shop-reply-content">感谢光临。</p></div>'
    )
    (item,) = page(body(entry(more=reply))).items
    assert (item.record, item.natural_key) == ("review", "1760000037")
    columns = dict(item.columns)
    assert json.loads(columns.pop("aspects")) == {"口味": "很好", "环境": 4.5}
    assert columns == {
        "review_id": "1760000037",
        "product_id": SHOP,
        "rating": 4.5,
        "rating_best": 5,
        "price_per_person": Decimal("25"),
        "body": "等了四十分钟。\n打 13800138000 没人接",
        "author": "茶茶小鹿",
        "reply": "感谢光临。",
        "replied_at": date(2026, 9, 29),
        "is_pinned": None,
        "created_at": datetime(2026, 9, 28, 13, 5, tzinfo=UTC),
        "updated_at": None,
    }
    assert item.unstable == frozenset()


@pytest.mark.parametrize(("shown", "stars"), [(50, 5.0), (45, 4.5), (35, 3.5), (5, 0.5)])
def test_half_stars(page, shown, stars):
    (item,) = page(body(entry(rank=RANK.replace("sml-str45", f"sml-str{shown}")))).items
    assert item.columns["rating"] == stars


def test_a_folded_text_is_read_whole_and_without_its_fold(page):
    words = (
        '<div class="review-truncated-words">等了...</div><div class="review-words Hide">等了很久。'
        '<div class="less-words"><a class="fold">收起评论</a></div></div>'
    )
    (item,) = page(body(entry(words=words))).items
    assert item.columns["body"] == "等了很久。"


def test_drawn_characters_are_marked_and_told(page):
    words = '<div class="review-words">太<svgmtsi class="yw1"></svgmtsi>了，\ue123\ue456喝</div>'
    found = page(body(entry(words=words), entry(key="2")))
    drawn, plain = found.items
    assert drawn.columns["body"] == "太▢了，▢▢喝"
    assert "▢" not in plain.columns["body"]
    (note,) = found.notes
    assert "marked ▢" in note
    assert not page(body(entry())).notes


@pytest.mark.parametrize(
    ("said", "created", "unstable"),
    [
        ("3小时前", datetime(2026, 9, 29, 13, 30, tzinfo=UTC), True),  # 21:30, the day before
        ("昨天 21:05", datetime(2026, 9, 29, 13, 5, tzinfo=UTC), True),
        ("09-12", date(2026, 9, 12), True),
        ("25-09-12", date(2025, 9, 12), False),
        (
            "2026-09-12 21:05 更新于2026-09-13 08:00",
            datetime(2026, 9, 12, 13, 5, tzinfo=UTC),
            False,
        ),
    ],
)
def test_times_count_from_the_fetch(page, said, created, unstable):
    (item,) = page(body(entry(time=said)), fetched_at=AFTER_MIDNIGHT).items
    assert item.columns["created_at"] == created
    assert ("created_at" in item.unstable) is unstable
    updated = datetime(2026, 9, 13, 0, 0, tzinfo=UTC) if "更新于" in said else None
    assert item.columns["updated_at"] == updated


def test_anonymous_people_are_nobody_and_pinned_reviews_are_known(page):
    pinned = '<span class="top-tag">置顶</span>'
    (item,) = page(body(entry(name="匿名用户", more=pinned))).items
    assert (item.columns["author"], item.columns["is_pinned"]) == (None, True)


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"key": None}, "review_id", "missing_required"),
        ({"words": ""}, "body", "missing_required"),
        ({"words": '<div class="words-v2">好</div>'}, "body", "missing_required"),
        ({"time": ""}, "created_at", "missing_required"),
        ({"time": "某天"}, "created_at", "bad_timestamp"),
        ({"rank": RANK.replace("口味：很好", "推广")}, "aspects", "unknown_shape"),
    ],
)
def test_what_can_not_be_read_goes_alone(page, change, column, code):
    bad, good = page(body(entry(**change), entry(key="2"))).items
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.problem.code, good.natural_key) == (column, code, "2")


def test_an_entry_of_another_design_is_counted_and_not_passed_over(page):
    redesigned = entry(key="2").replace("main-review", "card-v2").replace("data-id", "data-rid")
    found = page(body(entry(), redesigned))
    assert found.listed == 2
    assert [isinstance(item, Unreadable) for item in found.items] == [False, True]


def test_the_last_page_stands_in_the_links(page):
    links = "".join(f'<a class="PageLink" data-pg="{n}">{n}</a>' for n in (2, 3, 12))
    assert (
        page(body(entry(), links=links + '<a class="NextPage" data-pg="2">下一页</a>')).pages == 12
    )
    assert page(body(entry())).pages is None


def test_pages_that_are_none(page, judged):
    with pytest.raises(PageProblemError) as caught:
        page(b"<html><body><p>...</p></body></html>")
    assert caught.value.outcome == "drift"
    useless = judged("dianping", "reviews", b"<html><body></body></html>", HTML, usual_bytes=9000)
    assert useless.outcome == "blocked"
    captcha = '<html><body><div id="captcha">请完成验证</div></body></html>'.encode()
    assert judged("dianping", "reviews", captcha, HTML).outcome == "blocked"
    assert judged("dianping", "reviews", b"", HTML, status=403).outcome == "blocked"


@pytest.mark.parametrize("kind", [HTML, "text/html"])
def test_gbk_pages_are_read(read, kind):
    content = body(entry()).decode().encode("gbk")
    found = read("dianping", "reviews", content, kind, context={"shop_id": SHOP})
    assert found.items[0].columns["author"] == "茶茶小鹿"


@pytest.mark.shared
def test_the_captured_fragment_parses(page, shared):
    (file,) = (shared / "captures" / "dianping").iterdir()
    fragment = file.read_text(encoding="utf-8")
    (item,) = page(body(entry(rank=fragment))).items
    said = dict(re.findall(r'class="item">([^：<]+)：([^<]+)<', fragment))
    price = said.pop("人均")
    assert json.loads(item.columns["aspects"]) == said
    assert item.columns["price_per_person"] == Decimal(price.rstrip("元"))
    assert item.columns["rating"] == int(re.search(r"sml-str(\d+)", fragment)[1]) / 10
    # alone, as it was captured, the stars are found as well
    field = Platforms().load("dianping").spec.records["review"].fields["rating"]
    alone = read_field(
        BeautifulSoup(fragment, "lxml"), "rating", field, Moment(AFTER_MIDNIGHT, UTC)
    )
    assert alone.value == item.columns["rating"]
