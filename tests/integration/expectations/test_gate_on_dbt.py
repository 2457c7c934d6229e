"""The shipped suites and the report on what dbt really builds: every table and column is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from expectations.report import write_report
from expectations.runner import run_suites

pytestmark = pytest.mark.integration

DAY = "2026-09-30"


def test_an_empty_lake_can_be_published(new_warehouse: Callable[[], Any], tmp_path: Path) -> None:
    warehouse = new_warehouse()
    warehouse.note_run({"run_id": "r1", "as_of": date.fromisoformat(DAY), "status": "published"})
    warehouse.build(DAY).must_pass()

    results = run_suites(warehouse.project.build_db)
    assert [(r.table_name, r.name, r.message) for r in results if not r.passed] == []

    page = write_report(
        warehouse.project.build_db, tmp_path, title="云雾茶", as_of=DAY, run_id="r1"
    )
    text = page.read_text(encoding="utf-8")
    assert "is not in this file" not in text
    assert "Published" in text
