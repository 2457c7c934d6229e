"""12315's days in Guangdong's shape: what is read, and what an export is called."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from scrapers.parsing import PageProblemError, Unreadable
from scrapers.registry import Platforms

JSON = "application/json; charset=utf-8"


def row(**changes):
    """A row of a day; `...` leaves a field out."""
    found = {
        "id": "440000000000000042",
        "entName": "广州云雾茶餐饮管理有限公司",
        "creditNo": "91440101MA5YUNWU0X",
        "entAddr": "广东省天河区云雾路7号",
        "content": "点了两杯只送来一杯，商家电话 13800138000。",
        "res": "双方达成和解",
        "department": "天河区市场监督管理局",
        "endtime": "2026-09-29 10:20:00",
    } | changes
    return {name: value for name, value in found.items() if value is not ...}


def day(*rows, **changes):
    tree = {"code": 200, "total": len(rows), "rows": list(rows)} | changes
    return json.dumps(tree, ensure_ascii=False).encode()


def test_reads_a_complaint_that_ended(read):
    found = read("gd12315", "day", day(row(), total="12"), JSON)
    (item,) = found.items
    assert dict(item.columns) == {
        "complaint_id": "440000000000000042",
        "company": "广州云雾茶餐饮管理有限公司",
        "narrative": "点了两杯只送来一杯，商家电话 13800138000。",
        "company_response": "双方达成和解",
        "closed_at": datetime(2026, 9, 29, 2, 20, tzinfo=UTC),
        "status": "closed",
        "region": "广东省",
    }
    assert item.event == datetime(2026, 9, 29, 2, 20, tzinfo=UTC)
    assert item.payload == {
        "creditNo": "91440101MA5YUNWU0X",
        "entAddr": "广东省天河区云雾路7号",
        "department": "天河区市场监督管理局",
    }
    assert (found.total, dict(found.unknown_fields)) == (12, {})


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"id": ...}, "complaint_id", "missing_required"),
        ({"endtime": ...}, "closed_at", "missing_required"),
        ({"endtime": "不详"}, "closed_at", "bad_timestamp"),
    ],
)
def test_what_is_not_known_is_quarantined(read, changes, column, code):
    bad, good = read("gd12315", "day", day(row(**changes), row(id="43")), JSON).items
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.problem.code) == (column, code)
    assert good.natural_key == "43"


def test_new_fields_are_counted(read):
    assert dict(read("gd12315", "day", day(row(tel="1")), JSON).unknown_fields) == {"tel": 1}


def test_a_list_of_another_shape_is_drift(read):
    with pytest.raises(PageProblemError) as caught:
        read("gd12315", "day", b'{"code": 200, "data": []}', JSON)
    assert caught.value.outcome == "drift"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (day(code=401), "blocked"),
        ("<html>统一身份认证</html>".encode(), "blocked"),
    ],
)
def test_what_is_no_day(judged, body, outcome):
    assert judged("gd12315", "day", body, JSON).outcome == outcome


def test_a_day_without_complaints_is_asked_for_twice(judged):
    assert judged("gd12315", "day", day(), JSON).outcome == "partial"
    assert judged("gd12315", "day", day(), JSON, times=2).outcome == "empty_confirmed"


def test_live_is_by_permission_and_things_expire_after_a_year():
    spec = Platforms().load("gd12315").spec
    assert (spec.access, spec.expires_after_days) == ("by_permission", 365)


def test_a_header_of_an_export_means_one_thing():
    export = Platforms().load("gd12315").spec.exports["complaints"]
    headers = [header for names in export.columns.values() for header in names]
    assert len(headers) == len(set(headers))
