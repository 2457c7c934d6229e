"""A build file made by hand: the columns that the suites look at, filled with plausible rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from expectations.config import load_suites

PLAUSIBLE = {
    "core.fct_order": """
        select 'o' || i as order_id, 'c' || (i % 400) as customer_id,
            case when i % 50 > 0 then 'k' || (i % 400) end as customer_key,
            's' || (i % 40) as unit_id, 'app' as channel,
            date '2026-04-01' + (i % 180)::int as ordered_date,
            (15 + i % 30)::double as amount, i % 25 > 0 as is_counted
        from range(3000) rows(i)""",
    "core.fct_survey_response": """
        select 'r' || i as response_key, (i * 7 % 11)::int as score,
            case when i % 100 = 0 then 'invalid_score' else 'scored' end as score_status,
            case when i % 10 = 0 then 'partial' else 'complete' end as response_status,
            (40 + i % 90)::double as duration_seconds, 's1' as unit_id, 'app' as channel,
            date '2026-04-01' + (i % 180)::int as submitted_date
        from range(500) rows(i)""",
    "core.fct_complaint": """
        select 'k' || i as case_key, '食品异物' as issue, 's1' as unit_id, 'phone' as channel,
            case when i % 20 > 0 then 'shown' else 'hidden' end as visibility,
            date '2026-04-01' + (i % 180)::int as created_date
        from range(300) rows(i)""",
    "core.fct_complaint_event": """
        select 'e' || i as event_key, ['created', 'replied', 'closed'][i % 3 + 1] as type,
            date '2026-04-01' + (i % 180)::int as occurred_date
        from range(900) rows(i)""",
    "core.fct_review": """
        select 'v' || i as review_id, (i % 5 + 1)::double as rating_of_five, '好喝 ' || i as body,
            case when i % 20 > 0 then 'shown' else 'hidden' end as visibility,
            'app_store' as channel, date '2026-04-01' + (i % 180)::int as said_date
        from range(300) rows(i)""",
    "core.fct_rating_summary": """
        select 'a' || (i % 10) as subject_id, (3 + i % 2)::double as rating,
            (3 + i % 2)::double as rating_of_five
        from range(300) rows(i)""",
    "core.dim_customer": """
        select 'c' || i as customer_id, '华东' as region, 'vip' as segment,
            date '2024-01-01' + (i % 700)::int as signup_date
        from range(400) rows(i)""",
    "core.fct_invitation": """
        select 'i' || i as invitation_id, date '2026-04-01' + (i % 180)::int as sent_date,
            'sms' as channel, timestamp '2026-05-01' as delivered_at,
            case when i % 3 = 0 then timestamp '2026-05-02' end as completed_at
        from range(600) rows(i)""",
    "core.fct_journey_event": """
        select 'j' || i as event_id, 'tp1' as touchpoint_id, 'k' || i as customer_key,
            date '2026-04-01' + (i % 180)::int as occurred_date, (i % 20)::double as wait_minutes
        from range(800) rows(i)""",
    "marts.nps_period": """
        select 'all' as unit_level, 'all' as segment, 'all' as touchpoint_id, 'all' as channel,
            'month' as period_grain, 100 as responses, (20 + i)::double as nps,
            0.3::double as response_rate
        from range(6) rows(i)""",
    "marts.complaint_case": """
        select 'k' || i as case_key, i % 4 = 0 as is_open,
            (60 * i)::bigint as first_response_seconds,
            (3600 * i)::bigint as full_resolution_seconds, (i % 3)::int as transfers,
            (i % 2)::int as reopens
        from range(300) rows(i)""",
    "marts.complaint_backlog_day": """
        select date '2026-09-01' + (i % 30)::int as day, (i % 7)::int as open_cases
        from range(90) rows(i)""",
    "marts.churn_warning": """
        select 'c' || i as customer_id, (i % 100)::double as score,
            case when i % 100 > 80 then 'high' else 'low' end as band
        from range(400) rows(i)""",
}


def write_build(path: Path, tables: dict[str, str]) -> Path:
    """A DuckDB file with `tables`: "schema.table" -> the query that fills it."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema core; create schema marts; create schema quality")
        for table, query in tables.items():
            connection.execute(f"create table {table} as {query}")
    return path


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Path]:
    """A maker of build files: plausible tables, with those given by name in their place."""

    def make(name: str = "warehouse.duckdb", /, **replaced: str | None) -> Path:
        tables = dict(PLAUSIBLE)
        for key, query in replaced.items():
            table = next((t for t in tables if t.endswith(f".{key}")), f"core.{key}")
            if query is None:
                del tables[table]
            else:
                tables[table] = query
        return write_build(tmp_path / name, tables)

    return make


@pytest.fixture(scope="session")
def suite_tables() -> list[str]:
    """The tables that the shipped suites are about."""
    return [suite.table for suite in load_suites().values()]
