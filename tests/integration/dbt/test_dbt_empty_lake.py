"""The project itself: it parses without complaint, and a night that brought nothing builds."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.integration


def test_parsing_gives_no_warning_and_no_deprecation(dbt_project: Any) -> None:
    assert dbt_project.parse_warnings == []


def test_an_empty_lake_builds_everything_and_passes_its_tests(warehouse: Any) -> None:
    built = warehouse.build("2026-09-30").must_pass()
    assert built.named("warn") == []
    schemas = warehouse.rows("select distinct table_schema as s from information_schema.tables")
    assert {row["s"] for row in schemas} == {
        "staging",
        "intermediate",
        "core",
        "marts",
        "quality",
    }
    unknown = warehouse.rows("select unit_id, is_current from core.dim_unit")
    assert unknown == [{"unit_id": "unknown", "is_current": True}]


def test_a_run_without_a_day_is_refused_with_the_mend(warehouse: Any) -> None:
    result = warehouse.project.invoke(["compile", "--select", "dim_date"])
    assert not result.success
    assert "as_of" in str(result.exception) or "as_of" in str(result.result.results[0].message)
