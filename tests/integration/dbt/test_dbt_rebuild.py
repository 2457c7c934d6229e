"""A build depends on the lake and the day alone; and what the core loses, reconciliation finds."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.integration

WITHOUT_MARTS = "path:models/marts"
TABLES_ONLY = (WITHOUT_MARTS, "--exclude-resource-type", "test")


def every_row(warehouse: Any) -> dict[str, list[str]]:
    """All rows of all tables, in an order of their own."""
    tables = warehouse.rows(
        "select table_schema || '.' || table_name as name from information_schema.tables "
        "where table_schema in ('intermediate', 'core', 'quality')"
    )
    return {
        name: sorted(repr(row) for row in warehouse.rows(f"from {name}"))
        for name in sorted(table["name"] for table in tables)
    }


def test_a_backfill_equals_what_was_known_then(new_warehouse: Any, story: Any) -> None:
    known_then = new_warehouse()
    story.land_first_night(known_then)
    known_then.build(story.first_day, *TABLES_ONLY).must_pass()
    expected = every_row(known_then)

    backfilled = new_warehouse()
    story.land_all(backfilled)
    backfilled.build(story.last_day, *TABLES_ONLY).must_pass()
    latest = every_row(backfilled)
    backfilled.build(story.first_day, *TABLES_ONLY).must_pass()
    assert every_row(backfilled) == expected
    assert latest != expected


LOSSES = {
    "customers": "core.dim_customer where not is_current",
    "customer_links": "core.fct_customer_link",
    "units": "core.dim_unit where unit_id = 's001'",
    "touchpoints": "core.dim_touchpoint where touchpoint_id = 'tp_pickup'",
    "orders": "core.fct_order where order_id = 'o5'",
    "journey_events": "core.fct_journey_event",
    "invitations": "core.fct_invitation",
    "cases": "core.fct_complaint where case_id = 'k2'",
    "case_events": "core.fct_complaint_event where case_id = 'k9'",
    "survey_response": "core.fct_survey_response where response_id = 'q3'",
    "survey_answer": "core.fct_survey_answer",
    "mot_rating": "core.fct_mot_rating where item = '口味'",
    "kano_answer": "core.fct_kano_answer",
    "complaint": "core.fct_complaint where case_id = 'p2'",
    "complaint_event": "core.fct_complaint_event where case_id = 'h1' and type = 'rated'",
    "review": "core.fct_review",
    "rating_summary": "core.fct_rating_summary where not is_current",
    "item_state": "core.fct_item_state where state = 'hidden'",
}


def test_a_row_lost_or_doubled_in_any_core_table_shows_as_a_difference(
    warehouse: Any, story: Any
) -> None:
    story.land_all(warehouse)
    story.land_platforms(warehouse)
    warehouse.build(story.last_day, *TABLES_ONLY).must_pass()
    for place in LOSSES.values():
        warehouse.change(f"delete from {place}")
    warehouse.change(
        "insert into core.fct_order select * from core.fct_order where order_id = 'o2'"
    )
    built = warehouse.dbt("build", story.last_day, "--select", "reconciliation")
    assert set(built.named("fail")) == {
        "every_item_seen_has_exactly_one_place",
        "every_landed_record_has_exactly_one_place",
    }
    rows = warehouse.rows("from quality.reconciliation where difference <> 0")
    assert {row["entity"] for row in rows} == set(LOSSES) - {"orders"}  # one lost, one doubled
    warehouse.change("delete from core.fct_order where order_id = 'o2'")
    warehouse.dbt("build", story.last_day, "--select", "reconciliation")
    rows = warehouse.rows("from quality.reconciliation where difference <> 0")
    assert {row["entity"] for row in rows} == set(LOSSES)


def test_an_item_that_never_landed_shows_as_a_difference(warehouse: Any, story: Any) -> None:
    review = {"review_id": "a1", "rating": 5, "updated_at": warehouse.utc("2026-09-28 08:00")}
    warehouse.land("2026-09-28", "appstore_cn", [("review", review)], items={"review": 2})
    built = warehouse.build(story.first_day, WITHOUT_MARTS)
    assert "every_item_seen_has_exactly_one_place" in built.named("fail")
    rows = warehouse.rows("select seen, placed, difference from quality.reconciliation")
    assert rows == [{"seen": 2, "placed": 1, "difference": 1}]


def test_unit_tests_of_the_sql_pass(warehouse: Any) -> None:
    for command in (["seed"], ["run", "--empty"]):
        warehouse.dbt(command[0], "2026-09-30", *command[1:]).must_pass()
    tested = warehouse.dbt("test", "2026-09-30", "--select", "test_type:unit").must_pass()
    assert len(tested.named("pass")) >= 6
