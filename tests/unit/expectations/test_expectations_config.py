"""The suites' YAML: what is accepted, and what the messages say about what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations.config import Drift, Expectation, line_of, load_suites
from lake.config import ConfigError

GOOD = """\
table: core.fct_order
expectations:
  - expect: expect_column_mean_to_be_between
    column: amount
    min_value: 1
    min_rows: 30
    why: A mean below one is a wrong unit.
  - expect: expect_table_row_count_to_be_between
    drift: {max_drop_share: 0.25}
    severity: warn
    why: Facts only grow.
"""


def _problems(folder: Path, text: str, name: str = "a.yml") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_suites(folder)
    return str(caught.value)


def test_a_suite_is_read_with_its_settings_and_defaults(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(GOOD, encoding="utf-8")
    mean, drift = load_suites(tmp_path)[tmp_path / "a.yml"].expectations
    assert mean.settings == {"min_value": 1}
    assert (mean.severity, mean.least_rows, mean.counts_values) == ("error", 30, True)
    assert mean.check_name == "amount_mean_to_be_between"
    assert (drift.severity, drift.check_name) == ("warn", "row_count_against_previous_release")
    assert (drift.least_rows, drift.counts_values) == (1, False)


def test_an_expectation_about_values_needs_one_value_unless_told() -> None:
    def least(**keys: object) -> int:
        return Expectation.model_validate({"why": "x", **keys}).least_rows

    assert least(expect="expect_column_mean_to_be_between", column="a") == 1
    assert least(expect="expect_table_row_count_to_be_between") == 0
    assert least(expect="expect_column_mean_to_be_between", column="a", min_rows=0) == 0


def test_completeness_counts_rows_and_spread_counts_values() -> None:
    def counts_values(expect: str) -> bool:
        return Expectation(expect=expect, column="a", why="x").counts_values

    assert counts_values("expect_column_stdev_to_be_between")
    assert not counts_values("expect_column_values_to_not_be_null")
    assert not counts_values("expect_column_proportion_of_non_null_values_to_be_between")


def test_drift_bounds_are_shares_of_the_previous_count() -> None:
    assert Drift(max_drop_share=0.25).bounds(1000) == {"min_value": 750}
    assert Drift(max_growth_share=0.5, max_drop_share=0).bounds(200) == {
        "min_value": 200,
        "max_value": 300,
    }


def test_faults_name_file_line_and_key(tmp_path: Path) -> None:
    text = GOOD.replace("    severity: warn", "    severity: fatal")
    message = _problems(tmp_path, text)
    assert "a.yml, line 10" in message
    assert "expectations.1.severity" in message
    assert "'fatal'" in message


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (GOOD.replace("core.fct_order", "staging.stg_orders"), "core.<table> or marts.<table>"),
        (GOOD.replace("    why: Facts only grow.\n", ""), "Add `why: …`"),
        (GOOD.replace("    drift: {max_drop_share: 0.25}", "    drift: {}"), "drift is empty"),
        (GOOD.replace("max_drop_share: 0.25", "max_drop_share: 25"), "less than or equal to 1"),
        (
            GOOD.replace(
                "    column: amount", "    column: amount\n    drift: {max_drop_share: 0}"
            ),
            "drift compares row counts",
        ),
        (GOOD + GOOD.split("expectations:\n")[1], "both called amount_mean_to_be_between"),
        (GOOD.replace("    column: amount", "    name: Mean of 金额"), "Use a-z, 0-9 and _"),
        (GOOD.replace("min_rows: 30", "min_rows: -1"), "greater than or equal to 0"),
        (GOOD.replace("table:", "tabel:"), "Did you mean `table`?"),
    ],
)
def test_what_can_not_be_used_is_refused(tmp_path: Path, broken: str, says: str) -> None:
    assert says in _problems(tmp_path, broken)


def test_one_table_has_one_file(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(GOOD, encoding="utf-8")
    message = _problems(tmp_path, GOOD, "b.yml")
    assert "b.yml" in message
    assert "core.fct_order has a suite already, in a.yml" in message


def test_a_folder_without_suites_lets_nothing_through(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing would be checked"):
        load_suites(tmp_path)


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "b.yml").write_text("table: nowhere\nexpectations: []\n", encoding="utf-8")
    message = _problems(tmp_path, GOOD.replace("why:", "wy:"))
    assert "a.yml" in message
    assert "b.yml" in message


def test_the_line_of_an_expectation(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text(GOOD, encoding="utf-8")
    assert (line_of(path, 0), line_of(path, 1), line_of(path, 2)) == (3, 8, None)


def test_the_shipped_suites_are_about_the_tables_that_the_gate_guards() -> None:
    tables = {suite.table for suite in load_suites().values()}
    assert tables == {
        "core.fct_survey_response",
        "core.fct_order",
        "core.fct_complaint",
        "core.fct_complaint_event",
        "core.fct_review",
        "core.fct_rating_summary",
        "core.dim_customer",
        "core.fct_invitation",
        "core.fct_journey_event",
        "marts.nps_period",
        "marts.complaint_case",
        "marts.complaint_backlog_day",
        "marts.churn_warning",
    }
    assert all(path.stem == suite.table for path, suite in load_suites().items())


def test_no_single_row_flips_a_shipped_check_that_holds_a_release() -> None:
    """Means and extremes only warn; shares of rows leave one row in the least number of rows."""
    moved_by_one = ("_mean_", "_sum_", "_stdev_", "_min_", "_max_", "_proportion_of_unique_")
    for suite in load_suites().values():
        for check in (c for c in suite.expectations if c.severity == "error"):
            told = f"{suite.table} {check.check_name}"
            assert not any(name in check.expect for name in moved_by_one), told
            if check.drift is None and "quantile" not in check.expect:
                assert (1 - check.settings["mostly"]) * check.least_rows >= 1, told
            if check.drift is not None:
                assert check.drift.max_drop_share and check.least_rows >= 200, told
