"""Heimao's lists, complaint pages and saved searches: what is read, what is refused, and why."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from scrapers.parsing import Unreadable
from scrapers.registry import Platforms

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
SN = "17390000042"


def complaint(**changes):
    """A list's item; `...` leaves a field out."""
    main = {
        "id": 42,
        "sn": SN,
        "title": '<span class="code-red">云雾茶</span>门店少送一杯&amp;不退款',
        "url": f"//tousu.sina.com.cn/complaint/view/{SN}/?sld=0123456789abcdef0123456789abcdef",
        "timestamp": "1790650800",  # 2026-09-29 11:00:00 in China
        "summary": "点了两杯只送来一杯，客服 13800138000 不接…",
        "cotitle": "云雾茶",
        "appeal": "退款,道歉",
        "issue": "少送",
        "cost": "26.50",
        "status": 6,
        "field": "餐饮",
        "evaluate_u": None,
    } | changes
    author = {"title": "茶茶小鹿", "gender": "女", "avatar": "//example.invalid/a.png"}
    return {"main": {k: v for k, v in main.items() if v is not ...}, "author": author}


def listed(name, *items, count=None, code=0, found=...):
    """A list's answer as bytes; `found` replaces the list itself."""
    data = {
        name: list(items) if found is ... else found,
        "pager": {
            "current": 1,
            "next": 2,
            "page_amount": 1,
            "item_count": len(items) if count is None else count,
        },
    }
    tree = {"result": {"status": {"code": code, "msg": ""}, "data": data}}
    return json.dumps(tree, ensure_ascii=False).encode()


@pytest.fixture
def feed(read):
    """The items of a feed with these complaints."""
    return lambda *items: read("heimao", "feed", listed("lists", *items), JSON).items


def step(who, what, when, text="", more=""):
    said = "".join(f"<p>{line}</p>" for line in text.split("|")) if text else ""
    return (
        f'<div class="ts-d-item"><span class="u-name">{who}</span>'
        f'<span class="u-status">{what}</span><span class="u-date">{when}</span>'
        f'{more}<div class="ts-reply">{said}</div></div>'
    )


STARS = (
    "<ul><li><label>服务态度：</label><b>4</b>星</li><li><label>处理速度：</label><b>3</b>星</li>"
    "<li><label>满意度：</label><b>5</b>星</li></ul>"
)
STEPS = (
    step("茶茶小鹿", "评价", "2026-09-30 09:00:00", "处理得还行", STARS),
    step("茶茶小鹿", "确认完成投诉", "2026-09-30 08:59:00", "已收到退款。"),
    step("云雾茶客服", "回复投诉", "2026-09-29 18:00:00", "您好，请致电 13900139000。"),
    step("黑猫消费者服务平台", "已分配商家 云雾茶", "2026-09-29 12:00:05"),
    step("黑猫消费者服务平台", "审核通过", "2026-09-29 12:00:00"),
    step("茶茶小鹿", "发起投诉", "2026-09-29 10:20:00", "点了两杯只送来一杯。|客服不理。"),
)


def view(*steps, status="已完成", cost="26.5元", title="云雾茶少送一杯"):
    labels = {
        "投诉编号": SN,
        "投诉对象": '<a href="//tousu.sina.com.cn/company/view/?couid=5001">云雾茶</a>',
        "投诉问题": "少送",
        "投诉要求": "退款,道歉",
        "涉诉金额": cost,
        "投诉进度": f"<b>{status}</b>",
    }
    rows = "".join(f"<li><label>{name}：</label>{value}</li>" for name, value in labels.items())
    return (
        f"<html><head><title>{title}_黑猫投诉</title></head><body>"
        '<div class="ts-d-question"><div class="ts-q-user clearfix">'
        '<span class="u-name">茶茶小鹿</span>'
        '<span class="u-date">发布于 2026年09月29日 10:20:00</span></div>'
        f'<h1 class="article">{title}</h1><ul class="ts-q-list">{rows}</ul></div>'
        f'<div class="ts-d-steplist">{"".join(steps)}</div></body></html>'
    ).encode()


def test_reads_a_complaint_of_the_feed(feed):
    (item,) = feed(complaint())
    assert (item.record, item.natural_key) == ("complaint", SN)
    assert dict(item.columns) == {
        "complaint_id": SN,
        "title": "云雾茶门店少送一杯&不退款",
        "narrative": "点了两杯只送来一杯，客服 13800138000 不接…",
        "company": "云雾茶",
        "appeal": "退款,道歉",
        "issue": "少送",
        "tags": "餐饮",
        "amount": Decimal("26.50"),
        "status": "replied",
        "status_raw": "6",
        "rating_attitude": None,
        "rating_process": None,
        "rating_satisfaction": None,
        "rating_comment": None,
        "received_at": datetime(2026, 9, 29, 3, 0, tzinfo=UTC),
    }
    assert item.event == datetime(2026, 9, 29, 3, 0, tzinfo=UTC)


def test_complainants_stay_out(feed):
    (item,) = feed(complaint())
    assert "茶茶小鹿" not in str(item)
    assert item.payload is None


@pytest.mark.parametrize(
    ("number", "status"),
    [(1, "open"), (3, "open"), (4, "assigned"), (6, "replied"), (7, "resolved"), ("8", "closed")],
)
def test_statuses(feed, number, status):
    (item,) = feed(complaint(status=number))
    assert (item.columns["status"], item.columns["status_raw"]) == (status, str(number))


def test_ratings_of_the_list(feed):
    rated = {"attitude": "4", "process": "3", "satisfaction": "1", "evalContent": "还行"}
    (item,) = feed(complaint(evaluate_u=rated))
    found = {name: item.columns[f"rating_{name}"] for name in ("attitude", "process", "comment")}
    assert found == {"attitude": 4.0, "process": 3.0, "comment": "还行"}
    assert item.columns["rating_satisfaction"] == 1.0


@pytest.mark.parametrize("nothing", [None, [], {}, ...])
def test_unrated_complaints(feed, nothing):
    (item,) = feed(complaint(evaluate_u=nothing))
    assert item.columns["rating_attitude"] is None


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"status": 99}, "status", "unknown_enum"),
        ({"sn": ...}, "complaint_id", "missing_required"),
        ({"timestamp": ...}, "received_at", "missing_required"),
        ({"timestamp": "gestern"}, "received_at", "not_a_number"),
        ({"timestamp": "99999999999999"}, "received_at", "bad_timestamp"),
        ({"evaluate_u": {"attitude": "0"}}, "rating_attitude", "out_of_range"),
    ],
)
def test_what_is_not_known_is_quarantined(feed, changes, column, code):
    bad, good = feed(complaint(**changes), complaint(sn="17390000043"))
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.problem.code) == (column, code)
    assert good.natural_key == "17390000043"


def test_jsonp_is_unwrapped(read):
    body = b"try{jQuery11_1(" + listed("lists", complaint()) + b");}catch(e){};"
    page = read("heimao", "feed", body, "application/javascript; charset=gbk")
    assert [item.natural_key for item in page.items] == [SN]
    assert page.total == 1


def test_null_is_an_empty_list(read):
    page = read("heimao", "received", listed("complaints", found=None, count=0), JSON)
    assert (page.items, page.total) == ((), 0)


def test_unknown_fields_are_counted(read):
    page = read("heimao", "feed", listed("lists", complaint(hot=True)), JSON)
    assert dict(page.unknown_fields) == {"hot": 1}


def test_an_empty_list_that_counts_something_is_a_block(judged):
    body = listed("lists", count=1000)
    assert judged("heimao", "feed", body, JSON, times=1).outcome == "partial"
    verdict = judged("heimao", "feed", body, JSON, times=2)
    assert (verdict.outcome, verdict.value) == ("blocked", None)


@pytest.mark.parametrize(
    ("body", "status", "outcome"),
    [
        (b"<html><form><input type=password></form></html>", 200, "blocked"),
        (listed("lists", code=1100), 200, "blocked"),
        ("访问过于频繁".encode(), 456, "blocked"),
        (b'{"complaints": []}', 200, "drift"),
        (listed("lists", complaint())[:-40], 200, "partial"),
    ],
)
def test_what_is_no_list(judged, body, status, outcome):
    verdict = judged("heimao", "feed", body, "text/html", status=status)
    assert (verdict.outcome, verdict.value) == (outcome, None)


def test_reads_a_timeline(read):
    page = read("heimao", "view", view(*STEPS), HTML, context={"complaint_id": SN})
    found = [
        (item.columns["type"], item.columns["actor_kind"], item.columns["occurred_at"])
        for item in page.items
    ]
    assert found == [
        ("rated", "customer", datetime(2026, 9, 30, 1, 0, tzinfo=UTC)),
        ("resolved", "customer", datetime(2026, 9, 30, 0, 59, tzinfo=UTC)),
        ("replied", "company", datetime(2026, 9, 29, 10, 0, tzinfo=UTC)),
        ("assigned", "platform", datetime(2026, 9, 29, 4, 0, 5, tzinfo=UTC)),
        ("commented", "platform", datetime(2026, 9, 29, 4, 0, tzinfo=UTC)),
        ("created", "customer", datetime(2026, 9, 29, 2, 20, tzinfo=UTC)),
    ]
    assert {item.columns["complaint_id"] for item in page.items} == {SN}
    rated, *others, first = page.items
    stars = [rated.columns[f"rating_{name}"] for name in ("attitude", "process", "satisfaction")]
    assert stars == [4.0, 3.0, 5.0]
    assert all(item.columns["rating_attitude"] is None for item in others)
    assert first.columns["text"] == "点了两杯只送来一杯。\n客服不理。"
    assert first.columns["type_raw"] == "发起投诉"
    assert others[2].columns["type_raw"] == "已分配商家 云雾茶"


def test_a_step_keeps_its_key_when_others_come(read):
    context = {"complaint_id": SN}
    early = read("heimao", "view", view(*STEPS[3:]), HTML, context=context)
    late = read("heimao", "view", view(*STEPS), HTML, context=context)
    assert [i.natural_key for i in early.items] == [i.natural_key for i in late.items][3:]
    other = read("heimao", "view", view(*STEPS), HTML, context={"complaint_id": "17390000043"})
    assert not {i.natural_key for i in late.items} & {i.natural_key for i in other.items}


@pytest.mark.parametrize(
    ("what", "when", "column", "code"),
    [
        ("商家跑路", "2026-09-29 10:20:00", "type", "unknown_enum"),
        ("", "2026-09-29 10:20:00", "type", "missing_required"),
        ("回复投诉", "", "occurred_at", "missing_required"),
        ("回复投诉", "三天前吧", "occurred_at", "bad_timestamp"),
    ],
)
def test_steps_that_are_not_known_are_quarantined(read, what, when, column, code):
    body = view(step("云雾茶客服", what, when), STEPS[-1])
    bad, good = read("heimao", "view", body, HTML, context={"complaint_id": SN}).items
    assert (bad.problem.column, bad.problem.code) == (column, code)
    assert good.columns["type"] == "created"


MISSING = "<html><head><title>页面不存在</title></head><body><p>页面不存在</p></body></html>"
LOGIN = '<html><body><form id="login"><input type="password"></form></body></html>'
CAPTCHA = '<html><body><div id="captcha" class="verify-wrap">请完成验证</div></body></html>'


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (MISSING.encode(), "gone"),
        (LOGIN.encode(), "blocked"),
        (CAPTCHA.encode(), "blocked"),
        (view(*STEPS).replace(b"ts-d-steplist", b"v2-redesign"), "drift"),
        (view(*STEPS).replace(b"ts-d-question", b"v2-redesign"), "drift"),
    ],
)
def test_pages_that_are_no_complaint(judged, body, outcome):
    verdict = judged("heimao", "view", body, HTML, context={"complaint_id": SN})
    assert (verdict.outcome, verdict.value) == (outcome, None)


def test_words_of_a_complainant_neither_end_nor_block(judged):
    body = view(
        step("茶茶小鹿", "发起投诉", "2026-09-29 10:20:00", "点开就说页面不存在"),
        title="页面不存在",
    )
    assert judged("heimao", "view", body, HTML, context={"complaint_id": SN}).outcome == "ok"


def test_a_saved_page_gives_its_complaint_and_its_steps(read):
    page = read("heimao", "saved_view", view(*STEPS), HTML)
    whole, *steps = page.items
    assert (whole.record, whole.natural_key) == ("complaint_page", SN)
    assert dict(whole.columns) == {
        "complaint_id": SN,
        "title": "云雾茶少送一杯",
        "narrative": "点了两杯只送来一杯。\n客服不理。",
        "company": "云雾茶",
        "issue": "少送",
        "appeal": "退款,道歉",
        "amount": Decimal("26.5"),
        "status": "resolved",
        "status_raw": "已完成",
        "rating_attitude": 4.0,
        "rating_process": 3.0,
        "rating_satisfaction": 5.0,
        "received_at": datetime(2026, 9, 29, 2, 20, tzinfo=UTC),
    }
    asked = read("heimao", "view", view(*STEPS), HTML, context={"complaint_id": SN})
    assert [s.natural_key for s in steps] == [s.natural_key for s in asked.items]
    assert {s.columns["complaint_id"] for s in steps} == {SN}


def test_a_saved_page_of_an_unknown_status_is_quarantined(read):
    whole, *_ = read("heimao", "saved_view", view(*STEPS, status="已升仙"), HTML).items
    assert (whole.problem.column, whole.problem.code) == ("status", "unknown_enum")
    assert whole.natural_key == SN


def test_a_saved_page_is_never_asked_for():
    spec = Platforms().load("heimao").spec
    assert "saved_view" not in {**spec.lists, **spec.details}
    assert spec.requests["received"].access == "by_permission"


@pytest.mark.shared
def test_captured_search_cards_are_read(read, shared):
    body = (shared / "captures/heimao/search_dom_items_HeimaoData.json").read_bytes()
    page = read("heimao", "saved_search", body, JSON)
    cards = json.loads(body)
    assert len(page.items) == len(cards) == 3
    for item, card in zip(page.items, cards, strict=True):
        lines = card["title"].splitlines()
        assert item.natural_key == re.findall(r"\d{11}", card["href"])[0]
        assert item.columns["received_at"] == date.fromisoformat(lines[0][:10])
        assert item.columns["title"] == lines[1]
        assert item.columns["narrative"] == card["content"]
        assert [
            f"[投诉对象]{item.columns['company']}",
            f"[投诉要求]{item.columns['appeal']}",
        ] == lines[-2:]


@pytest.mark.shared
def test_captured_silence_is_no_empty_list(judged, shared):
    for name in ("silent_empty_output.json", "silent_empty_status.json"):
        body = (shared / "captures/heimao" / name).read_bytes()
        for request in ("feed", "received", "saved_search"):
            verdict = judged("heimao", request, body, JSON, times=4)
            assert (verdict.outcome, verdict.value) == ("drift", None)


@pytest.mark.shared
def test_captured_export_has_the_declared_headers(shared):
    path = shared / "captures/heimao/search_structured_HeimaoData.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        headers = csv.DictReader(stream).fieldnames or []
    declared = Platforms().load("heimao").spec.exports["search"].columns
    assert [sum(h in names for names in declared.values()) for h in headers] == [1] * len(headers)
    assert all(set(names) & set(headers) for names in declared.values())
