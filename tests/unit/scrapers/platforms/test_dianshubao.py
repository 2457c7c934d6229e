"""电诉宝's rows: complaints with their steps, and personal data that goes nowhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from scrapers.http.mask import Mask
from scrapers.parsing import PageProblemError, Unreadable
from scrapers.registry import Platforms

JSON = "application/json; charset=utf-8"
PERSON = {
    "name": "周小茶",
    "mobile": "13800138000",
    "email": "tea@example.com",
    "idcard": "330106199001010012",
    "age": "34",
    "sex": "女",
    "manager": "林经理",
    "pic1": "/upload/scan.jpg",
}


def row(**changes):
    """A row of the list; `...` leaves a field out."""
    found = {
        "id": "3080042",
        "title": "“云雾茶”用户投诉少送",
        "to_company": "云雾茶",
        "category": "外卖平台",
        "concrete_area": "浙江省",
        "money": "88.50",
        "order_num": "YW260929000042",
        "remark": "点了两杯只送来一杯。",
        "remark2": "已核实并退款，请致电 13900139000。",
        "state": "4",
        "review": "满意",
        "time1": "2026-09-29 10:20:00",
        "time2": "2026-09-29 13:20:00",
        "time3": "2026-09-29 18:20:00",
        "time4": "2026-09-30 01:20:00",
    } | changes
    return {name: value for name, value in found.items() if value is not ...}


@pytest.fixture
def page(read):
    """The page of a list with these rows."""

    def of(*rows, **changes):
        tree = {"curr_page": "1", "page_total": "3", "pw_rec_list": list(rows)} | changes
        return read("dianshubao", "complaints", json.dumps(tree).encode(), JSON)

    return of


def test_reads_a_complaint(page):
    found = page(row())
    (item,) = [item for item in found.items if item.record == "complaint"]
    assert dict(item.columns) == {
        "complaint_id": "3080042",
        "title": "“云雾茶”用户投诉少送",
        "company": "云雾茶",
        "product": "外卖平台",
        "region": "浙江省",
        "narrative": "点了两杯只送来一杯。",
        "company_response": "已核实并退款，请致电 13900139000。",
        "rating_comment": "满意",
        "amount": Decimal("88.50"),
        "status": "closed",
        "status_raw": "4",
        "received_at": datetime(2026, 9, 29, 2, 20, tzinfo=UTC),
        "sent_to_company_at": datetime(2026, 9, 29, 5, 20, tzinfo=UTC),
        "closed_at": datetime(2026, 9, 29, 17, 20, tzinfo=UTC),
    }
    assert (found.listed, found.pages, found.shown, found.total) == (1, 3, 1, None)


def test_reads_its_steps(page):
    steps = [item for item in page(row()).items if item.record != "complaint"]
    found = {
        step.natural_key: (step.columns["actor_kind"], step.columns["occurred_at"])
        for step in steps
    }
    assert found == {
        "3080042/created": ("customer", datetime(2026, 9, 29, 2, 20, tzinfo=UTC)),
        "3080042/transferred": ("platform", datetime(2026, 9, 29, 5, 20, tzinfo=UTC)),
        "3080042/assigned": ("company", datetime(2026, 9, 29, 10, 20, tzinfo=UTC)),
        "3080042/rated": ("customer", datetime(2026, 9, 29, 17, 20, tzinfo=UTC)),
    }
    assert {step.columns["complaint_id"] for step in steps} == {"3080042"}
    assert {step.columns["event_id"] for step in steps} == set(found)


@pytest.mark.parametrize("nothing", ["", None, ...])
def test_a_step_that_has_not_happened_is_none(page, nothing):
    found = page(row(state="2", time3=nothing, time4=nothing, remark2="", review=""))
    assert [item.record for item in found.items] == ["complaint", "created", "handed_over"]
    assert found.items[0].columns["status"] == "assigned"
    assert found.items[0].columns["closed_at"] is None


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("1", "open"),
        (1, "open"),
        ("2", "assigned"),
        ("3", "assigned"),
        ("4", "closed"),
        ("5", "invalid"),
    ],
)
def test_states(page, state, status):
    assert page(row(state=state)).items[0].columns["status"] == status


def test_persons_are_in_no_item(page):
    found = page(row(**PERSON))
    assert not [value for value in PERSON.values() if value in str(found.items)]
    assert not found.unknown_fields


def test_persons_are_masked_in_the_archive():
    rules = Platforms().load("dianshubao").spec.archive
    body = json.dumps({"pw_rec_list": [row(**PERSON)]}, ensure_ascii=False).encode()
    kept = Mask(rules.mask_fields, rules.mask_selectors).apply(body, JSON).decode()
    assert not [value for value in PERSON.values() if value in kept]
    assert json.loads(kept)["pw_rec_list"][0]["remark"] == "点了两杯只送来一杯。"


def test_every_dropped_field_is_masked_and_on_every_record():
    spec = Platforms().load("dianshubao").spec
    assert {record.drop for record in spec.records.values()} == {spec.archive.mask_fields}
    assert {"mobile", "email", "idcard", "name"} <= set(spec.archive.mask_fields)


def test_a_new_field_is_counted_once_whatever_a_row_is_read_for(page):
    assert dict(page(row(channel="app"), row(id="3080043")).unknown_fields) == {"channel": 1}


def test_only_ours_and_their_steps_land(judged):
    theirs = row(id="3080043", to_company="隔壁奶茶")
    tree = {"curr_page": "1", "page_total": "1", "pw_rec_list": [row(), theirs]}
    options = {"company": ("云雾",)}
    verdict = judged("dianshubao", "complaints", json.dumps(tree).encode(), JSON, options=options)
    found = verdict.value.page
    assert {item.columns["complaint_id"] for item in found.items} == {"3080042"}
    assert (len(found.items), found.listed, found.others) == (5, 1, 1)


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"state": "9"}, "status", "unknown_enum"),
        ({"id": ...}, "complaint_id", "missing_required"),
        ({"time1": ""}, "received_at", "missing_required"),
        ({"time1": "0000-00-00 00:00:00"}, "received_at", "bad_timestamp"),
        ({"time2": "gestern"}, "sent_to_company_at", "bad_timestamp"),
    ],
)
def test_what_is_not_known_is_quarantined(page, changes, column, code):
    found = page(row(**changes), row(id="3080043")).items
    bad, good = [i for i in found if i.record == "complaint"]
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.problem.code) == (column, code)
    assert good.natural_key == "3080043"


@pytest.mark.parametrize("changes", [{"page_total": None}, {"pw_rec_list": "none"}])
def test_a_list_of_another_shape_is_drift(page, changes):
    with pytest.raises(PageProblemError) as caught:
        page(row(), **changes)
    assert caught.value.outcome == "drift"


@pytest.mark.parametrize(
    ("number", "pages", "outcome"),
    [
        (1, "1", "empty_confirmed"),
        (1, "3", "blocked"),
        (2, "3", "blocked"),
        (3, "3", "blocked"),
        (4, "3", "empty_confirmed"),
    ],
)
def test_an_empty_page_that_the_list_counts_is_a_block(judged, number, pages, outcome):
    body = json.dumps({"curr_page": str(number), "page_total": pages, "pw_rec_list": []}).encode()
    verdict = judged("dianshubao", "complaints", body, JSON, times=2, number=number)
    assert verdict.outcome == outcome
