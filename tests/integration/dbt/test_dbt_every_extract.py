"""Files of every extract, under Chinese headers, into a warehouse: each row ends in one place."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lake.entities import EXTRACTS
from lake.landing import RunContext
from lake.privacy import Privacy
from loaders.config import ExtractConfig
from loaders.extracts import load_extract

pytestmark = pytest.mark.integration

DAY = "2026-09-28"

# Entity -> its columns under their headers, a row, and what a later row of the file corrects.
FILES: dict[str, tuple[dict[str, str], list[str], dict[str, str]]] = {
    "customers": (
        {"customer_id": "会员号", "unit_id": "门店", "segment": "分层", "consent": "同意"},
        ["c1", "s1", "新客", "是"],
        {"分层": "熟客"},
    ),
    "customer_links": (
        {
            "customer_id": "会员号",
            "other_id": "旧会员号",
            "system": "系统",
            "kind": "类型",
            "occurred_at": "时间",
        },
        ["c1", "U77", "app", "unmerge", "2026-09-28 09:00"],
        {"类型": "merge"},
    ),
    "units": (
        {"unit_id": "门店编号", "name": "名称", "kind": "类型", "opened_on": "开业日期"},
        ["s1", "人民广场店", "store", "2019年5月1日"],
        {"名称": "人民广场旗舰店"},
    ),
    "touchpoints": (
        {"touchpoint_id": "触点", "name": "名称", "stage": "阶段", "is_mot": "关键时刻"},
        ["tp1", "取茶", "use", "是"],
        {"阶段": "pickup"},
    ),
    "orders": (
        {"order_id": "订单号", "customer_id": "会员号", "ordered_at": "时间", "amount": "金额"},
        ["o1", "c1", "2026-09-28 12:00", "￥39.60"],
        {"金额": "29.70元"},
    ),
    "journey_events": (
        {"event_id": "事件", "customer_id": "会员", "touchpoint_id": "触点", "occurred_at": "时间"},
        ["e1", "c1", "tp1", "2026-09-28 12:05"],
        {"时间": "2026-09-28 12:06"},
    ),
    "invitations": (
        {
            "invitation_id": "邀请",
            "survey_id": "问卷",
            "customer_id": "会员",
            "sent_at": "发送时间",
            "channel": "渠道",
        },
        ["i1", "store_nps", "c1", "2026-09-28 13:00", "sms"],
        {"渠道": "wechat"},
    ),
    "cases": (
        {"case_id": "工单", "created_at": "创建时间", "customer_id": "会员", "issue": "问题"},
        ["k1", "2026-09-28 14:00", "c1", "食品异物"],
        {"问题": "等待太久"},
    ),
    "case_events": (
        {"event_id": "编号", "case_id": "工单", "type": "动作", "occurred_at": "时间"},
        ["v1", "k1", "created", "2026-09-28 14:00"],
        {"时间": "2026-09-28 14:01"},
    ),
    "products": (
        {"product_id": "商品编号", "name": "品名", "category": "品类"},
        ["p1", "茉莉奶绿", "奶茶"],
        {"品类": "鲜奶茶"},
    ),
    "employees": (
        {"employee_id": "工号", "unit_id": "门店", "role": "岗位"},
        ["E17", "s1", "店员"],
        {"岗位": "店长"},
    ),
    "order_lines": (
        {
            "order_id": "订单号",
            "product_id": "商品编号",
            "line_no": "行号",
            "quantity": "数量",
            "amount": "金额",
        },
        ["o1", "p1", "1", "２", "￥39.60"],
        {"金额": "29.70"},
    ),
    "contacts": (
        {
            "contact_id": "来电编号",
            "customer_id": "会员号",
            "channel": "渠道",
            "started_at": "开始时间",
            "actor_kind": "接待",
            "wait_seconds": "等待",
            "resolved": "是否解决",
            "case_id": "工单",
        },
        ["t1", "c1", "phone", "2026-09-28 15:00", "机器人", "12秒", "否", "k1"],
        {"接待": "人工", "等待": "95秒", "是否解决": "是"},
    ),
    "loop_actions": (
        {
            "action_id": "动作编号",
            "customer_id": "会员号",
            "alert_ref": "预警",
            "action": "动作",
            "actor": "处理人",
            "occurred_at": "时间",
            "outcome": "结果",
        },
        ["a1", "c1", "k1", "电话回访", "E17", "2026-09-28 16:00", "未接"],
        {"结果": "满意"},
    ),
    "campaigns": (
        {"campaign_id": "活动", "survey_id": "问卷", "incentive": "奖励", "started_on": "开始"},
        ["g1", "store_nps", "5元券", "2026/9/1"],
        {"奖励": "10元券"},
    ),
    "experiments": (
        {
            "experiment_id": "实验",
            "arm": "组",
            "is_control": "对照",
            "planned_share": "比例",
            "started_on": "开始",
        },
        ["x1", "新杯", "否", "0.5", "2026-09-01"],
        {"比例": "0.25"},
    ),
    "assignments": (
        {"experiment_id": "实验", "customer_id": "会员", "arm": "组", "assigned_at": "时间"},
        ["x1", "c1", "旧杯", "2026-09-28 09:00"],
        {"组": "新杯"},
    ),
    "improvements": (
        {
            "improvement_id": "举措",
            "unit_id": "门店",
            "touchpoint_id": "触点",
            "started_on": "开始",
        },
        ["m1", "s1", "tp1", "2026-09-20"],
        {"开始": "2026-09-21"},
    ),
    "employee_responses": (
        {
            "response_id": "答卷",
            "touchpoint_id": "触点",
            "submitted_at": "时间",
            "employee_id": "工号",
            "expected": "应达",
            "actual": "实际",
            "importance": "重要性",
        },
        ["r1", "tp1", "2026-09-28 18:00", "E17", "9", "6", "5"],
        {"实际": "7"},
    ),
    "qsc_audits": (
        {
            "unit_id": "门店",
            "visited_at": "巡店时间",
            "item": "项目",
            "class": "类别",
            "score": "得分",
        },
        ["s1", "2026-09-28 10:00", "操作台", "卫生", "3.5"],
        {"得分": "4"},
    ),
    "benchmarks": (
        {
            "brand": "品牌",
            "period": "期间",
            "kind": "口径",
            "source": "来源",
            "denominator": "数量",
        },
        ["云雾茶", "2026年第三季度", "门店数", "年报", "1,280"],
        {"数量": "1,300"},
    ),
}

IN_CORE = {
    "core.dim_product where product_id <> 'unknown'": {
        "product_id": "p1",
        "name": "茉莉奶绿",
        "category": "鲜奶茶",
    },
    "core.dim_employee": {"employee_id": "E17", "unit_id": "s1", "role": "店长"},
    "core.fct_order_line": {
        "order_id": "o1",
        "ordered_date": date(2026, 9, 28),
        "product_id": "p1",
        "line_no": 1,
        "quantity": 2.0,
        "amount": 29.7,
    },
    "core.fct_contact join core.dim_customer using (customer_key)": {
        "contact_id": "t1",
        "segment": "熟客",
        "channel": "phone",
        "started_at": datetime(2026, 9, 28, 7, 0),  # noqa: DTZ001 - the warehouse's UTC
        "actor_kind": "human",
        "actor_kind_raw": "人工",
        "wait_seconds": 95.0,
        "is_resolved": True,
        "case_id": "k1",
    },
    "core.fct_loop_action": {
        "action_id": "a1",
        "alert_ref": "k1",
        "action": "电话回访",
        "actor": "E17",
        "actor_unit_id": "s1",
        "outcome": "满意",
    },
    "core.dim_campaign": {
        "campaign_id": "g1",
        "survey_id": "store_nps",
        "incentive": "10元券",
        "started_on": date(2026, 9, 1),
    },
    "core.dim_experiment": {"experiment_id": "x1", "arm": "新杯", "planned_share": 0.25},
    "core.fct_experiment_assignment join core.dim_experiment using (experiment_arm_key)": {
        "customer_id": "c1",
        "planned_share": 0.25,
    },
    "core.fct_improvement": {
        "unit_id": "s1",
        "touchpoint_id": "tp1",
        "started_on": date(2026, 9, 21),
    },
    "core.fct_employee_response": {
        "touchpoint_id": "tp1",
        "unit_id": "s1",
        "expected": 9.0,
        "actual": 7.0,
        "importance": 5.0,
    },
    "core.fct_qsc_audit": {"unit_id": "s1", "item": "操作台", "qsc_class": "C", "score": 4.0},
    "core.fct_benchmark": {
        "brand": "云雾茶",
        "period_start": date(2026, 7, 1),
        "kind": "stores",
        "denominator_source": "年报",
        "denominator": 1300.0,
    },
}

LOSSES = {
    "products": "core.dim_product where product_id = 'p1'",
    "employees": "core.dim_employee",
    "order_lines": "core.fct_order_line",
    "contacts": "core.fct_contact",
    "loop_actions": "core.fct_loop_action",
    "campaigns": "core.dim_campaign",
    "experiments": "core.dim_experiment",
    "assignments": "core.fct_experiment_assignment",
    "improvements": "core.fct_improvement",
    "employee_responses": "core.fct_employee_response",
    "qsc_audits": "core.fct_qsc_audit",
    "benchmarks": "core.fct_benchmark",
}


def drop(home: Path, entity: str) -> ExtractConfig:
    """Write one file: a row, the same again, the row corrected, one without its key."""
    mapping, first, corrected = FILES[entity]
    header = list(mapping.values())
    last = [corrected.get(name, cell) for name, cell in zip(header, first, strict=True)]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, first, first, last, ["", *first[1:]]])
    folder = home / "landing" / "extracts" / entity
    folder.mkdir(parents=True)
    (folder / "导出.csv").write_text(out.getvalue(), encoding="utf-8-sig")
    return ExtractConfig(columns=mapping)


@pytest.fixture(scope="module")
def filled(new_warehouse: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A warehouse of one night in which a file of every extract was dropped."""
    warehouse, home = new_warehouse(), tmp_path_factory.mktemp("home")
    now = warehouse.local("2026-09-29 02:00")
    for entity in EXTRACTS:
        run = load_extract(
            entity,
            drop(home, entity),
            home=home,
            lake=warehouse.lake,
            run=RunContext(
                date.fromisoformat(DAY), "r1", ZoneInfo("Asia/Shanghai"), clock=lambda: now
            ),
            privacy=Privacy(b"a key for tests only"),
            progress=lambda _: None,
        )
        assert run.status == "complete", run.message
    warehouse.built = warehouse.build(DAY, "path:models/marts").must_pass()
    return warehouse


def test_each_row_of_every_extract_ends_in_exactly_one_place(filled: Any) -> None:
    counts = filled.reconciled()
    #                    seen land quar fact sup dup placed diff
    assert counts == {f"extract_{e} {e} {DAY}": (4, 3, 1, 1, 1, 1, 4, 0) for e in EXTRACTS}


def test_what_is_well_related_gives_no_warning(filled: Any) -> None:
    assert filled.built.named("warn") == []


@pytest.mark.parametrize("table", IN_CORE)
def test_the_corrected_row_stands_in_core(filled: Any, table: str) -> None:
    columns = IN_CORE[table]
    assert filled.rows(f"select {', '.join(columns)} from {table}") == [columns]


def test_a_row_that_core_loses_shows_as_a_difference(filled: Any) -> None:
    for place in LOSSES.values():
        filled.change(f"delete from {place}")
    filled.dbt("build", DAY, "--select", "reconciliation")
    rows = filled.rows("select entity from quality.reconciliation where difference <> 0")
    assert {row["entity"] for row in rows} == set(LOSSES)


def test_lines_of_one_product_without_a_number_are_warned_of(warehouse: Any) -> None:
    line = {"order_id": "o1", "product_id": "p1", "line_no": None, "quantity": 1.0}
    numbered = [line | {"order_id": "o2", "line_no": n} for n in (1, 2)]
    lines = [("order_lines", row) for row in (line, line, *numbered)]
    warehouse.land(DAY, "extract_order_lines", lines)
    warned = warehouse.build(DAY, "path:models/marts").must_pass().named("warn")
    assert "order_lines_of_one_product_are_told_apart" in warned
    rows = warehouse.rows("select order_id, line_no from core.fct_order_line order by all")
    assert [tuple(row.values()) for row in rows] == [("o1", None), ("o2", 1), ("o2", 2)]


def test_every_extract_has_a_file_here() -> None:
    assert set(FILES) == set(EXTRACTS)
