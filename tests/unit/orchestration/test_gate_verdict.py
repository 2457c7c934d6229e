"""The gate's verdict: what holds a release, what only warns, and what must not be missing."""

from typing import Any

from expectations.results import CheckResult
from orchestration.gate import judge
from orchestration.warehouse import NodeResult

MODEL = "model.voc.fct_order"
TEST = "test.voc.fct_order_order_id_is_given"
LATE = "model.voc.run"
LATE_TEST = "test.voc.run_id_is_unique"


def manifest(severity: str = "error") -> dict[str, Any]:
    model = {"resource_type": "model", "depends_on": {"nodes": []}, "config": {}, "tags": []}
    test = {"resource_type": "test", "tags": [], "description": "An order has its id."}
    return {
        "nodes": {
            MODEL: {**model, "name": "fct_order", "schema": "core"},
            TEST: {
                **test,
                "name": "fct_order_order_id_is_given",
                "package_name": "voc",
                "original_file_path": "models/core/fct_order.yml",
                "attached_node": MODEL,
                "column_name": "order_id",
                "config": {"severity": severity},
                "depends_on": {"nodes": [MODEL]},
            },
            LATE: {**model, "name": "run", "schema": "quality", "tags": ["after_checks"]},
            LATE_TEST: {
                **test,
                "name": "run_id_is_unique",
                "attached_node": LATE,
                "config": {"severity": "error"},
                "depends_on": {"nodes": [LATE]},
            },
        }
    }


def node(unique_id: str, status: str, failures: int = 0, message: str = "") -> NodeResult:
    return NodeResult(unique_id, status, message, failures, 0.1)


def gx(*, passed: bool, severity: str = "error") -> CheckResult:
    return CheckResult(
        name="amount_mean",
        table_name="core.fct_order",
        column_name="amount",
        severity=severity,  # type: ignore[arg-type]
        passed=passed,
        observed="mean -3",
        expected="at least 0",
        rows_failing=None,
        message="" if passed else "The mean amount is -3.",
    )


GOOD = (node(MODEL, "success"), node(TEST, "pass"))


def test_a_night_with_everything_built_and_passed_is_published() -> None:
    verdict = judge(GOOD, [gx(passed=True)], manifest())
    assert (verdict.status, verdict.passed, verdict.failed, verdict.held) == ("passed", 2, 0, ())


def test_models_that_report_on_the_checks_are_not_owed_yet() -> None:
    assert judge(GOOD, [], manifest()).held == ()


def test_a_failed_test_holds_and_says_which_rule_broke() -> None:
    verdict = judge((GOOD[0], node(TEST, "fail", 3)), [], manifest())
    assert (verdict.status, verdict.failed) == ("held", 1)
    (reason,) = verdict.held
    assert "fct_order_order_id_is_given (dbt, core.fct_order)" in reason
    assert "An order has its id. 3 rows break this rule" in reason


def test_a_warning_is_counted_and_holds_nothing() -> None:
    verdict = judge((GOOD[0], node(TEST, "warn", 3)), [], manifest("warn"))
    assert (verdict.status, verdict.warned, verdict.failed) == ("passed", 1, 0)


def test_a_failed_expectation_of_severity_error_holds() -> None:
    verdict = judge(GOOD, [gx(passed=False)], manifest())
    assert verdict.held == ("amount_mean (gx, core.fct_order): The mean amount is -3.",)


def test_a_failed_expectation_of_severity_warn_holds_nothing() -> None:
    verdict = judge(GOOD, [gx(passed=False, severity="warn")], manifest())
    assert (verdict.status, verdict.warned) == ("passed", 1)


def test_a_model_that_was_not_built_holds_even_where_no_test_says_so() -> None:
    verdict = judge((node(MODEL, "error", message="Parser Error"), GOOD[1]), [], manifest())
    assert verdict.held == ("fct_order was not built: Parser Error",)


def test_what_was_skipped_is_not_what_passed() -> None:
    verdict = judge((GOOD[0], node(TEST, "skipped")), [], manifest())
    assert verdict.status == "held"
    assert "Not run" in verdict.held[0]


def test_a_test_without_a_result_holds() -> None:
    verdict = judge((GOOD[0],), [], manifest())
    assert verdict.held == ("fct_order_order_id_is_given has no result in this run",)
