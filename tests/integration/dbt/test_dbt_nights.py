"""Three nights with all that happens to records: every one has exactly one place.

Repeated, changed and changed back, twice in one file, run twice in a night, unreadable, of an
unknown customer, across midnight, from the future.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def nights(new_warehouse: Callable[[], Any], story: Any) -> Any:
    """All nights landed, built as of the third."""
    warehouse = new_warehouse()
    story.land_all(warehouse)
    warehouse.built = warehouse.build(story.last_day, "path:models/marts").must_pass()
    return warehouse


def test_the_difference_is_zero_for_every_source_and_night(nights: Any) -> None:
    counts = nights.reconciled()
    assert {night: c for night, c in counts.items() if c[-1] != 0} == {}
    #                               seen land quar fact sup dup placed diff
    assert counts["extract_orders orders 2026-09-28"] == (9, 7, 2, 4, 1, 2, 9, 0)
    assert counts["extract_orders orders 2026-09-29"] == (1, 1, 0, 0, 1, 0, 1, 0)
    assert counts["extract_orders orders 2026-09-30"] == (1, 1, 0, 1, 0, 0, 1, 0)
    assert "extract_orders orders 2026-10-01" not in counts
    assert counts["extract_customers customers 2026-09-28"] == (2, 2, 0, 2, 0, 0, 2, 0)
    assert counts["extract_customers customers 2026-09-29"] == (2, 2, 0, 1, 0, 1, 2, 0)
    assert counts["extract_customers customers 2026-09-30"] == (2, 2, 0, 1, 1, 0, 2, 0)
    assert counts["survey_store_nps survey_response 2026-09-28"] == (4, 4, 0, 3, 1, 0, 4, 0)
    assert counts["survey_store_nps survey_answer 2026-09-28"] == (8, 8, 0, 4, 3, 1, 8, 0)
    assert counts["survey_store_nps mot_rating 2026-09-28"] == (3, 3, 0, 2, 1, 0, 3, 0)
    assert counts["survey_store_nps kano_answer 2026-09-28"] == (2, 2, 0, 1, 1, 0, 2, 0)
    assert counts["cfpb complaint 2026-09-29"] == (1, 1, 0, 0, 0, 1, 1, 0)


def test_a_record_changed_and_changed_back_has_three_versions(nights: Any) -> None:
    rows = nights.rows(
        "select dt, run_id, version_no, disposition, duplicate_of_run, duplicate_of_seq "
        "from intermediate.int_record_dispositions "
        "where entity = 'orders' and natural_key = 'o1' order by dt, observed_at"
    )
    assert [tuple(row.values())[1:] for row in rows] == [
        ("r2026-09-28", 1, "superseded", None, None),
        ("again", 1, "duplicate", "r2026-09-28", 1),
        ("r2026-09-29", 2, "superseded", None, None),
        ("r2026-09-30", 3, "current", None, None),
    ]
    assert nights.rows("select amount from core.fct_order where order_id = 'o1'") == [
        {"amount": 20.0}
    ]


def test_the_later_row_of_a_repeated_response_id_stands(nights: Any) -> None:
    rows = nights.rows("select response_id, score, score_status from core.fct_survey_response")
    found = {row["response_id"]: (row["score"], row["score_status"]) for row in rows}
    assert found == {"q1": (9, "scored"), "q2": (3, "scored"), "q3": (None, "invalid_score")}


def test_answers_of_the_form_as_last_read_stand_and_those_taken_back_do_not(nights: Any) -> None:
    rows = nights.rows(
        "select response_id, question_id, choice from core.fct_survey_answer order by all"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("q1", "Q5_1", None),
        ("q2", "Q5_1", None),
        ("q2", "Q6", "咖啡"),
        ("q3", "Q6", "奶茶"),
    ]
    for table, about in (("fct_mot_rating", "item"), ("fct_kano_answer", "feature")):
        rows = nights.rows(f"select response_id, {about} from core.{table} order by all")
        assert {row["response_id"] for row in rows} == {"q3"}


def test_a_customer_has_a_row_for_every_version_that_stood(nights: Any) -> None:
    rows = nights.rows(
        "select segment, valid_from, valid_to, is_current from core.dim_customer "
        "where customer_id = 'c1' order by valid_from"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("new", date(1900, 1, 1), date(2026, 9, 29), False),
        ("loyal", date(2026, 9, 29), date(2026, 9, 30), False),
        ("vip", date(2026, 9, 30), date(9999, 12, 31), True),
    ]


def test_an_order_of_an_unknown_customer_is_kept_and_warned_of(nights: Any) -> None:
    rows = nights.rows(
        "select customer_id, customer_key, unit_id from core.fct_order where order_id = 'o3'"
    )
    assert rows == [{"customer_id": "stranger", "customer_key": None, "unit_id": "s001"}]
    assert "fct_order_customer_is_known" in nights.built.named("warn")


def test_an_order_after_midnight_belongs_to_the_local_day_and_its_customer_version(
    nights: Any,
) -> None:
    rows = nights.rows(
        "select cast(o.ordered_at as string) as ordered_at, o.ordered_date, c.segment "
        "from core.fct_order o "
        "join core.dim_customer c using (customer_key) where o.order_id = 'o5'"
    )
    assert rows == [
        {
            "ordered_at": "2026-09-28 16:30:00",
            "ordered_date": date(2026, 9, 29),
            "segment": "loyal",
        }
    ]


def test_what_is_unknown_is_said_so_and_kept_as_given(nights: Any) -> None:
    rows = nights.rows("select touchpoint_id, touchpoint_id_raw, stage from core.fct_journey_event")
    assert rows == [
        {"touchpoint_id": "unknown", "touchpoint_id_raw": "tp_gone", "stage": "unknown"}
    ]


def test_unreadable_records_stand_in_quarantine_with_their_reason(nights: Any) -> None:
    rows = nights.rows(
        "select natural_key, column_name, reason_code from quality.quarantine_record"
    )
    assert sorted(tuple(row.values()) for row in rows) == [
        ("o6", "amount", "missing_required"),
        ("o7", "ordered_at", "future_timestamp"),
    ]


def test_public_complaints_have_derived_events_with_their_precision(nights: Any) -> None:
    rows = nights.rows(
        "select case_id, type, cast(occurred_at as string) as occurred_at, time_precision "
        "from core.fct_complaint_event e "
        "where case_id in ('p1', 'p2') order by case_id, e.occurred_at, type"
    )
    received, sent = "2026-09-28 04:00:00", "2026-09-28 06:00:00"
    assert [tuple(row.values()) for row in rows] == [
        ("p1", "created", received, "exact"),
        ("p1", "assigned", sent, "exact"),
        ("p1", "closed", "2026-09-29 16:00:00", "day"),  # 30 September begins in Shanghai
        ("p2", "created", received, "exact"),
        ("p2", "assigned", sent, "exact"),
        ("p2", "closed", sent, "unknown"),
    ]


def test_a_case_has_a_creation_and_the_state_of_its_last_event(nights: Any) -> None:
    created = nights.rows(
        "select case_id, is_derived from core.fct_complaint_event "
        "where type = 'created' and case_id in ('k1', 'k2') order by case_id"
    )
    assert [tuple(row.values()) for row in created] == [("k1", False), ("k2", True)]
    status = nights.rows("select case_id, current_status from core.fct_complaint order by case_id")
    assert [tuple(row.values()) for row in status] == [
        ("k1", "open"),  # resolved, then reopened
        ("k2", "open"),
        ("p1", "closed"),
        ("p2", "closed"),
    ]
    assert "fct_complaint_event_case_key_is_a_known_complaint" in nights.built.named("warn")


def test_every_thing_said_is_one_feedback(nights: Any) -> None:
    rows = nights.rows(
        "select kind, count(*) as n from core.fct_feedback group by kind order by kind"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("case", 2),
        ("complaint", 2),
        ("review", 1),
        ("survey_comment", 1),
    ]
    review_row = nights.rows("select text, rating from core.fct_feedback where kind = 'review'")
    assert review_row == [{"text": "好喝: 就是贵", "rating": 2}]
    channel = "select distinct channel from core.fct_complaint where origin = 'public'"
    assert nights.rows(channel) == [{"channel": "regulator"}]  # their records name no platform


def test_a_source_without_a_complete_night_is_stale(nights: Any) -> None:
    rows = nights.rows(
        "select source, status, last_complete_dt, is_stale from quality.source_status "
        "where source in ('appstore_cn', 'extract_units') order by source"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("appstore_cn", "complete", date(2026, 9, 30), False),
        ("extract_units", "complete", date(2026, 9, 28), True),
    ]


def test_runs_and_checks_are_tables(nights: Any) -> None:
    assert nights.rows("select run_id, status from quality.run") == [
        {"run_id": "r3", "status": "published"}
    ]
    assert nights.rows("select name, passed from quality.expectation_result") == [
        {"name": "rows_between", "passed": True}
    ]


def test_every_row_of_a_dropped_file_is_accounted_for(nights: Any) -> None:
    rows = nights.rows(
        "select source || ' ' || run_id as reading, seen, loaded, superseded, duplicates, "
        "quarantined from quality.dropped_file where source in ('extract_orders', "
        "'survey_store_nps') order by all"
    )
    assert [tuple(row.values()) for row in rows] == [
        #                                seen load sup dup quar
        ("extract_orders again", 2, 1, 0, 1, 0),
        ("extract_orders r2026-09-28", 7, 4, 1, 1, 2),  # o1 has changed since; o2 came twice
        ("extract_orders r2026-09-29", 1, 1, 1, 0, 0),
        ("extract_orders r2026-09-30", 1, 1, 0, 0, 0),
        ("survey_store_nps r2026-09-28", 4, 4, 1, 0, 0),  # forms; their answers are not counted
    ]
