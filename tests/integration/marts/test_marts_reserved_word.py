"""The marts' word for "not split", used by a company for its own things, holds no release."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

pytestmark = pytest.mark.integration

DAY = "2026-09-30"
WARNED = {  # values found, per table
    "customers": 4,
    "units": 2,
    "touchpoints": 2,
    "orders": 2,
    "journey_events": 4,
    "invitations": 1,
    "cases": 3,
    "survey_response": 4,
    "complaint": 1,
}


def land(warehouse: Any) -> None:
    """Beside each ordinary member one called `all`; six answers of each, and a case of each."""
    at = warehouse.local(f"{DAY} 10:00")
    units = [("s1", "East"), ("s2", " All "), ("all", "East")]
    customers = [
        ("c1", "new", "East", "s1"),
        ("c2", " ALL ", "all", "all"),
        ("all", "all", "x", "s2"),
    ]
    places = [  # customer, unit, touchpoint, channel
        ("c1", "s1", "t1", "app"),
        ("c2", "s1", "t1", "app"),
        ("all", "s1", "t1", "app"),
        ("c1", "s2", "t1", "app"),
        ("c1", "all", "t1", "app"),
        ("c1", "s1", "all", "app"),
        ("c1", "s1", "ALL", "app"),
        ("c1", "s1", "t1", "All"),
        ("c2", "all", "all", "all"),
    ]
    names = ("customer_id", "unit_id", "touchpoint_id", "channel")
    faces = [dict(zip(names, place, strict=True)) for place in places]
    landed: dict[str, list[dict[str, Any]]] = {
        "units": [{"unit_id": u, "name": u, "kind": "store", "region": r} for u, r in units],
        "customers": [
            {"customer_id": c, "segment": s, "region": r, "unit_id": u} for c, s, r, u in customers
        ],
        "touchpoints": [
            {"touchpoint_id": t, "name": t, "stage": "use"} for t in ("t1", "all", "ALL")
        ],
        "survey_response": [
            face
            | {
                "survey_id": f"nps{survey}",  # one answer of a customer counts per survey
                "response_id": f"r{number}",
                "submitted_at": at,
                "response_status": "complete",
                "nps_raw": "9",
            }
            for survey in range(len(faces) * 6)
            for number, face in [(survey, faces[survey % len(faces)])]
        ],
        "journey_events": [
            face | {"event_id": f"e{number}", "occurred_at": at}
            for number, face in enumerate(faces)
        ],
        "invitations": [
            {
                "invitation_id": f"i{number}",
                "survey_id": "nps0",
                "customer_id": face["customer_id"],
                "channel": face["channel"],
                "sent_at": at,
                "delivered_at": at,
            }
            for number, face in enumerate(faces)
        ],
        "orders": [
            {
                "order_id": f"o{number}",
                "customer_id": face["customer_id"],
                "ordered_at": at,
                "amount": Decimal(10),
                "unit_id": face["unit_id"],
                "channel": face["channel"],
            }
            for number, face in enumerate(faces)
        ],
        "cases": [
            {"case_id": f"k{number}", "created_at": at, "unit_id": unit, "issue": issue}
            for number, (unit, issue) in enumerate(
                [("s1", "late"), ("s1", " all"), ("s1", "ALL"), ("s1", None), ("all", "all")]
            )
        ],
        "complaint": [{"complaint_id": "p1", "unit_id": "s1", "issue": "All", "received_at": at}],
    }
    for entity, rows in landed.items():
        source = {"survey_response": "survey_nps", "complaint": "cfpb"}.get(entity)
        warehouse.land(DAY, source or f"extract_{entity}", [(entity, row) for row in rows])


@pytest.fixture(scope="module")
def said_all(new_warehouse: Callable[[], Any]) -> Any:
    warehouse = new_warehouse()
    land(warehouse)
    warehouse.built = warehouse.build(DAY).must_pass()
    return warehouse


def test_it_is_warned_of_and_stops_nothing(said_all: Any) -> None:
    built = said_all.built
    found = {
        name.removeprefix("stg_").removesuffix("_has_no_value_all"): int(
            built.messages[name].split()[1]
        )
        for name in built.named("warn")
        if name.endswith("_has_no_value_all")
    }
    assert found == WARNED
    assert said_all.rows("from quality.reconciliation where difference <> 0") == []


def test_the_periods_count_it_as_unknown(said_all: Any) -> None:
    split = (
        "unit_level || ' ' || unit_id || ' ' || segment || ' ' || touchpoint_id || ' ' || channel"
    )
    rows = said_all.rows(
        f"select {split} as cell, responses from marts.nps_period where period_grain = 'day'"
        " and (unit_level in ('all', 'region')"
        " or (segment = 'all' and touchpoint_id = 'all' and channel = 'all'))"
    )
    found = {row["cell"]: row["responses"] for row in rows}
    assert len(found) == len(rows)
    assert {cell: n for cell, n in found.items() if cell.startswith("all ")} == {
        "all all all all all": 54,
        "all all new all all": 36,
        "all all unknown all all": 18,
        "all all all t1 all": 36,
        "all all all unknown all": 18,
        "all all all all app": 42,
        "all all all all unknown": 12,
    }
    unsplit = {cell: n for cell, n in found.items() if cell.endswith(" all all all")}
    assert unsplit == {
        "all all all all all": 54,
        "region East all all all": 36,
        "region unknown all all all": 18,
        "store s1 all all all": 36,
        "store s2 all all all": 6,
        "store unknown all all all": 12,
    }
    invited = said_all.rows(
        "select invitations_delivered as n from marts.nps_period where period_grain = 'day' "
        "and unit_level = 'all' and segment = 'unknown'"
    )
    assert invited == [{"n": 3}]


def test_a_units_day_has_one_total_and_the_issue_is_unknown(said_all: Any) -> None:
    rows = said_all.rows("select unit_id, issue, created, orders from marts.complaint_unit_day")
    assert sorted(tuple(row.values()) for row in rows) == [
        ("s1", "all", 5, 6),
        ("s1", "late", 1, 6),
        ("s1", "unknown", 4, 6),
        ("s2", "all", 0, 1),
        ("unknown", "all", 1, 2),
        ("unknown", "unknown", 1, 2),
    ]
    issues = said_all.rows("select issue from core.dim_issue order by issue")
    assert issues == [{"issue": "late"}, {"issue": "unknown"}]


def test_what_was_given_stays_beside_it(said_all: Any) -> None:
    rows = said_all.rows(
        "select distinct unit_id_raw, touchpoint_id_raw, channel_raw "
        "from core.fct_survey_response where unit_id = 'unknown' and channel = 'unknown'"
    )
    assert [tuple(row.values()) for row in rows] == [("all", "all", "all")]
    stages = said_all.rows(
        "select distinct stage from core.fct_journey_event where touchpoint_id = 'unknown'"
    )
    assert stages == [{"stage": "unknown"}]
    churn = said_all.rows(
        "select customer_id, unit_id, region, segment from marts.churn_warning order by customer_id"
    )
    assert [tuple(row.values()) for row in churn] == [
        ("all", "s2", "x", "unknown"),
        ("c1", "s1", "East", "new"),
        ("c2", "unknown", "unknown", "unknown"),
    ]
    kept = said_all.rows("select count(*) as n from core.dim_unit where unit_id = 'all'")
    assert kept == [{"n": 1}]
