"""Full snapshots and row versions over nights: rows that vanish, come back, or come late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lake.landing import RunContext
from lake.privacy import Privacy
from loaders.config import ExtractConfig
from loaders.extracts import load_extract

pytestmark = pytest.mark.integration

ZONE = ZoneInfo("Asia/Shanghai")
HEADERS = {
    "customers": "customer_id,segment",
    "units": "unit_id,name",
    "touchpoints": "touchpoint_id,stage",
    "orders": "order_id,customer_id,ordered_at,amount,unit_id",
    "invitations": "invitation_id,survey_id,customer_id,sent_at,channel,delivered_at",
    "cases": "case_id,created_at,unit_id,customer_id",
    "case_events": "event_id,case_id,type,occurred_at",
}
AT = "2026-09-27 12:00:00"
FIRST = {
    "customers": ["c1,new", "c2,new", "c3,new"],
    "units": ["s1,一店", "s2,二店", "s3,三店"],
    "touchpoints": ["tp1,use", "tp2,use"],
    "orders": [f"o{n},c{n},{AT},10,s{n}" for n in (1, 2, 3)],
    "invitations": [f"i{n},nps,c1,{AT},sms,{AT}" for n in (1, 2)],
    "cases": [f"k{n},{AT},s1,c1" for n in (1, 2, 3)],
    "case_events": [
        f"e1,k1,closed,{AT}",
        f"e2,k2,closed,{AT}",
        f"e3,k3,created,{AT}",
    ],
}
SECOND = {
    "customers": ["c1,new", "c2,new"],
    "units": ["s1,一店", "s2,二店"],
    "touchpoints": ["tp1,use"],
    "orders": [f"o{n},c{n},{AT},10,s{n}" for n in (1, 2)],
    "invitations": [f"i1,nps,c1,{AT},sms,{AT}"],
    "cases": [f"k{n},{AT},s1,c1" for n in (1, 3)],
    "case_events": [f"e2,k2,closed,{AT}"],
}
DAYS = ("2026-09-28", "2026-09-29", "2026-09-30")


def load(warehouse: Any, home: Path, day: str, entity: str, rows: list[str], **config: Any) -> None:
    """One night's file of one entity, a full snapshot unless said otherwise."""
    folder = home / "landing" / "extracts" / entity
    folder.mkdir(parents=True, exist_ok=True)
    header = config.pop("header", HEADERS[entity])
    (folder / f"{day}.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    night = date.fromisoformat(day)
    moment = datetime.combine(night + timedelta(days=1), datetime.min.time(), ZONE)
    run = load_extract(
        entity,
        ExtractConfig(**(config or {"mode": "snapshot", "max_closed": 0.7})),
        home=home,
        lake=warehouse.lake,
        run=RunContext(night, f"r{day}", ZONE, lambda: moment),
        privacy=Privacy(b"a key for tests only"),
        progress=lambda _: None,
    )
    assert run.status == "complete", run.message


@pytest.fixture(scope="module")
def nights(new_warehouse: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Two nights, of which the second misses rows; customer c3 is back on the third."""
    home = tmp_path_factory.mktemp("home")
    warehouse = new_warehouse()
    for entity, rows in FIRST.items():
        load(warehouse, home, DAYS[0], entity, rows)
    for entity, rows in SECOND.items():
        load(warehouse, home, DAYS[1], entity, rows)
    load(warehouse, home, DAYS[2], "customers", FIRST["customers"])
    warehouse.build(DAYS[2]).must_pass()
    return warehouse


def asked(nights: Any, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in nights.rows(query)]


def test_every_closing_ends_in_one_place(nights: Any) -> None:
    counts = nights.reconciled()
    assert {night: c for night, c in counts.items() if c[-1] != 0} == {}
    #                               seen land quar fact sup dup placed diff
    assert counts["extract_orders orders 2026-09-28"] == (3, 3, 0, 2, 1, 0, 3, 0)
    assert counts["extract_orders orders 2026-09-29"] == (3, 3, 0, 1, 0, 2, 3, 0)
    assert counts["extract_customers customers 2026-09-28"] == (3, 3, 0, 3, 0, 0, 3, 0)
    assert counts["extract_customers customers 2026-09-29"] == (3, 3, 0, 0, 0, 2, 3, 0)
    assert counts["extract_customers customers 2026-09-30"] == (3, 3, 0, 1, 0, 2, 3, 0)
    assert asked(
        nights,
        "select entity, dt, closings from quality.reconciliation where closings > 0 order by all",
    ) == [("customers", date(2026, 9, 29), 1), ("units", date(2026, 9, 29), 1)]


def test_a_version_ends_on_the_night_that_missed_it(nights: Any) -> None:
    found = asked(
        nights,
        "select customer_id, valid_from, valid_to, is_current from core.dim_customer "
        "where customer_id in ('c2', 'c3') order by all",
    )
    first, missed, back = date(1900, 1, 1), date(2026, 9, 29), date(2026, 9, 30)
    assert found == [
        ("c2", first, date(9999, 12, 31), True),
        ("c3", first, missed, False),
        ("c3", back, date(9999, 12, 31), True),
    ]
    assert asked(nights, "select valid_to, is_current from core.dim_unit where unit_id = 's3'") == [
        (missed, False)
    ]
    assert asked(
        nights, "select touchpoint_id, vanished_on from core.dim_touchpoint order by all"
    ) == [("tp1", None), ("tp2", missed), ("unknown", None)]


def test_a_fact_stays_and_says_when_it_vanished_and_marts_leave_it_out(nights: Any) -> None:
    missed = date(2026, 9, 29)
    assert asked(
        nights,
        "select order_id, unit_id, vanished_on, is_counted from core.fct_order order by all",
    ) == [("o1", "s1", None, True), ("o2", "s2", None, True), ("o3", "s3", missed, False)]
    assert asked(nights, "select order_id from intermediate.int_counted_order order by all") == [
        ("o1",),
        ("o2",),
    ]
    assert asked(
        nights,
        "select sum(invitations_delivered) from intermediate.int_nps_invitation"
        " where period_grain = 'day'",
    ) == [(1,)]


def test_cases_and_their_steps_vanish_each_by_itself(nights: Any) -> None:
    missed = date(2026, 9, 29)
    assert asked(
        nights,
        "select case_id, current_status, vanished_on from core.fct_complaint order by all",
    ) == [("k1", "open", None), ("k2", "closed", missed), ("k3", "open", None)]
    assert asked(
        nights,
        "select case_id, type, is_derived, vanished_on from core.fct_complaint_event order by all",
    ) == [
        ("k1", "closed", False, missed),
        ("k1", "created", True, None),
        ("k2", "closed", False, missed),
        ("k2", "created", True, missed),
        ("k3", "created", False, missed),
        ("k3", "created", True, None),
    ]
    assert asked(nights, "select case_id, is_open from marts.complaint_case order by all") == [
        ("k1", True),
        ("k3", True),
    ]


def test_a_day_before_it_vanished_knows_nothing_of_it(nights: Any) -> None:
    nights.build(DAYS[0]).must_pass()
    assert asked(nights, "select count(*), count(vanished_on) from core.fct_order") == [(3, 0)]
    assert asked(nights, "select bool_and(is_current) from core.dim_customer") == [(True,)]


def test_an_older_row_version_that_comes_later_replaces_nothing(
    new_warehouse: Callable[[], Any], tmp_path: Path
) -> None:
    warehouse = new_warehouse()
    nights = {
        "2026-09-26": ["late,two,2", "equal,one,5", "blank,one,5", "same,one,1"],
        "2026-09-27": ["late,one,1", "equal,two,5", "blank,two,", "same,one,3"],
        "2026-09-28": ["late,one,1", "equal,three,4", "blank,three,4", "same,two,2"],
        "2026-09-29": ["late,three,3", "same,one,"],
    }
    more = {"version_column": "version", "header": "customer_id,segment,version"}
    for day, rows in nights.items():
        load(warehouse, tmp_path, day, "customers", rows, **more)
    warehouse.build("2026-09-29").must_pass()
    found = asked(
        warehouse,
        "select customer_id, segment, valid_from from core.dim_customer order by all",
    )
    first = date(1900, 1, 1)
    assert found == [
        ("blank", "one", first),
        ("blank", "two", date(2026, 9, 27)),
        ("equal", "one", first),
        ("equal", "two", date(2026, 9, 27)),
        ("late", "three", date(2026, 9, 29)),
        ("late", "two", first),
        ("same", "one", first),
    ]
    assert all(counts[-1] == 0 for counts in warehouse.reconciled().values())
