"""The gate on real DuckDB files: right numbers, read-only, pushed down, and nothing uncaught."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from expectations import dialect
from expectations.results import CheckResult
from expectations.runner import TABLE_EXISTS, GateError, declared_checks, run_suites
from lake.config import ConfigError

pytestmark = pytest.mark.integration

Build = Callable[..., Path]
Suites = Callable[[str], Path]

ONE_MORE_READER = """
import duckdb, sys
rows = duckdb.connect(sys.argv[1], read_only=True).execute("select 1").fetchall()
print(rows)
"""


@pytest.fixture
def suites(tmp_path: Path) -> Suites:
    """A maker of a suites folder with a single file."""

    def write(text: str) -> Path:
        folder = tmp_path / "suites"
        folder.mkdir(exist_ok=True)
        (folder / "one.yml").write_text(text, encoding="utf-8")
        return folder

    return write


def _suite(*items: str, table: str = "core.fct_order") -> str:
    listed = "\n".join(f"  - {{why: 说明 why it matters., {item}}}" for item in items)
    return f"table: {table}\nexpectations:\n{listed}\n"


def _by_name(results: list[CheckResult]) -> dict[str, CheckResult]:
    return {result.name: result for result in results}


def test_plausible_tables_pass_every_shipped_suite(build: Build, suite_tables: list[str]) -> None:
    told: list[str] = []
    results = run_suites(build(), progress=told.append)
    assert [(r.table_name, r.name, r.message) for r in results if not r.passed] == []
    assert {r.table_name for r in results} == set(suite_tables)
    assert [(r.name, r.table_name, r.column_name, r.severity) for r in results] == [
        (c.name, c.table_name, c.column_name, c.severity) for c in declared_checks()
    ]
    assert f"checking core.fct_order (6 of {len(suite_tables)})" in told


def test_the_first_night_with_nothing_landed_passes(build: Build) -> None:
    full = build()
    with duckdb.connect(str(full)) as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f"delete from {table}")
    results = run_suites(full)
    assert [(r.table_name, r.name, r.message) for r in results if not r.passed] == []
    mean = next(r for r in results if r.name == "amount_mean_to_be_between")
    assert mean.observed == "only 0 rows with a value"


def test_a_wrong_mean_fails_with_the_number_found(build: Build, suites: Suites) -> None:
    folder = suites(
        _suite(
            "expect: expect_column_mean_to_be_between, column: amount, max_value: 20",
            "expect: expect_column_mean_to_be_between, column: amount, max_value: 20,"
            " where: {unit_id: s1}, name: mean_of_s1, severity: warn",
            "expect: expect_column_median_to_be_between, column: amount, min_value: 1",
        )
    )
    results = _by_name(run_suites(build(fct_order=_ORDERS), folder))
    mean = results["amount_mean_to_be_between"]
    assert (mean.passed, mean.severity, mean.engine) == (False, "error", "gx")
    assert (mean.observed, mean.expected, mean.rows_failing) == ("mean 31.2", "at most 20", None)
    assert (mean.table_name, mean.column_name) == ("core.fct_order", "amount")
    assert "core.fct_order.amount: mean 31.2; expected at most 20" in mean.message
    assert "说明 why it matters." in mean.message
    assert "one.yml" in mean.message
    part = results["mean_of_s1"]
    assert (part.observed, part.severity) == ("mean 52", "warn")
    assert part.expected == "at most 20 where unit_id = s1"
    assert results["amount_median_to_be_between"].passed


_ORDERS = """
    select * from (values ('s1', 52.0::double), ('s2', 10.4), ('s2', 31.2)) t(unit_id, amount)"""


@pytest.mark.parametrize("orders", [100, 101, 200])
def test_one_absurd_order_is_told_and_holds_nothing(build: Build, orders: int) -> None:
    rows = f"""
        select 'k' || i as customer_key, 's1' as unit_id, 'app' as channel, true as is_counted,
            date '2026-04-01' + (i % 180)::int as ordered_date,
            (case i when 7 then 13800001234000 else 20 + i % 9 end)::decimal(18, 4) as amount
        from range({orders}) r(i)"""
    results = [r for r in run_suites(build(fct_order=rows)) if not r.passed]
    assert [(r.name, r.severity) for r in results] == [("amount_mean_to_be_between", "warn")]


@pytest.mark.parametrize(
    ("amount", "holds"),
    [
        ("0", True),
        ("-5", True),
        ("2000000", True),
        ("case when i % 5 = 0 then 12 else 0 end", False),  # most drinks for points
    ],
)
def test_unusual_amounts_hold_the_release(build: Build, amount: str, holds: bool) -> None:
    rows = f"""
        select 'k' || i as customer_key, 's1' as unit_id, 'app' as channel, true as is_counted,
            date '2026-04-01' + (i % 180)::int as ordered_date,
            ({amount})::decimal(18, 4) as amount
        from range(120) r(i)"""
    (found,) = [r for r in run_suites(build(fct_order=rows)) if r.name == "usual_amounts"]
    assert (found.severity, found.passed) == ("error", not holds)
    assert found.expected == "median 0 .. 1,000,000, p90 at least 0.01"


def test_one_absurd_date_holds_nothing(build: Build) -> None:
    for total in (30, 99, 199, 200):
        rows = f"""
            select 'e' || i as event_key, ['created', 'replied', 'closed'][i % 3 + 1] as type,
                case i when 7 then date '1970-01-01' else date '2026-04-01' end as occurred_date
            from range({total}) r(i)"""
        results = run_suites(build(f"{total}.duckdb", fct_complaint_event=rows))
        assert [r.name for r in results if not r.passed] == []


def test_rows_that_fail_are_counted_over_the_rows_that_have_a_value(
    build: Build, suites: Suites
) -> None:
    folder = suites(
        _suite(
            "expect: expect_column_values_to_be_between, column: amount, max_value: 10, mostly: .9",
            "expect: expect_column_values_to_not_be_null, column: amount, mostly: .5",
        )
    )
    rows = "select case when i < 50 then i end::double as amount from range(100) r(i)"
    results = _by_name(run_suites(build(fct_order=rows), folder))
    between = results["amount_values_to_be_between"]
    assert (between.passed, between.rows_failing) == (False, 39)
    assert between.observed == "39 of 50 values fail (78 %)"
    null = results["amount_values_to_not_be_null"]
    assert (null.passed, null.rows_failing) == (True, 50)
    assert null.observed == "50 of 100 rows without a value (50 %)"


def test_below_min_rows_an_expectation_says_nothing(build: Build, suites: Suites) -> None:
    item = "expect: expect_column_mean_to_be_between, column: amount, max_value: 0, min_rows: "
    orders = "select case when i < 7 then 5.0 end::double as amount from range(20) r(i)"
    silent = run_suites(build(fct_order=orders), suites(_suite(item + "8")))[1]
    assert (silent.passed, silent.observed) == (True, "only 7 rows with a value")
    assert silent.message == ""
    loud = run_suites(build("again.duckdb", fct_order=orders), suites(_suite(item + "7")))[1]
    assert (loud.passed, loud.observed) == (False, "mean 5")


def test_a_missing_table_is_a_failed_check_that_says_so(build: Build) -> None:
    results = run_suites(build(fct_order=None))
    (order,) = [r for r in results if r.table_name == "core.fct_order"]
    assert (order.name, order.passed, order.severity) == (TABLE_EXISTS, False, "error")
    assert order.observed == "no such table"
    assert "core.fct_order is not in the build file" in order.message
    assert all(r.passed for r in results if r is not order)


def test_a_missing_column_is_a_failed_check_that_names_the_nearest(
    build: Build, suites: Suites
) -> None:
    folder = suites(
        _suite(
            "expect: expect_column_mean_to_be_between, column: amuont, max_value: 20",
            "expect: expect_column_mean_to_be_between, column: amount, max_value: 90",
        )
    )
    results = _by_name(run_suites(build(), folder))
    wrong = results["amuont_mean_to_be_between"]
    assert (wrong.passed, wrong.observed) == (False, "no such column")
    assert "Did you mean amount?" in wrong.message
    assert results["amount_mean_to_be_between"].passed


def test_what_can_not_be_computed_fails_alone(build: Build, suites: Suites) -> None:
    folder = suites(
        _suite(
            "expect: expect_column_mean_to_be_between, column: channel, max_value: 20",
            "expect: expect_column_mean_to_be_between, column: amount, max_value: 90",
        )
    )
    results = _by_name(run_suites(build(), folder))
    wrong = results["channel_mean_to_be_between"]
    assert (wrong.passed, wrong.observed) == (False, "could not be computed")
    assert "core.fct_order.channel" in wrong.message
    assert "Traceback" not in wrong.message
    assert results["amount_mean_to_be_between"].passed


def test_unknown_names_and_settings_are_refused_with_the_nearest_known(
    build: Build, suites: Suites
) -> None:
    folder = suites(
        _suite(
            "expect: expect_column_maen_to_be_between, column: amount",
            "expect: expect_column_mean_to_be_between, column: amount, min_valeu: 1",
            "expect: expect_column_mean_to_be_between, name: no_column, min_value: 1",
        )
    )
    with pytest.raises(ConfigError) as caught:
        run_suites(build(), folder)
    first, second, third = [str(problem) for problem in caught.value.problems]
    assert "one.yml, line 3" in first
    assert "Did you mean expect_column_mean_to_be_between?" in first
    assert "one.yml, line 4" in second
    assert "no setting min_valeu. Did you mean min_value?" in second
    assert "expectations.2.column" in third


class TestDrift:
    """This build's volumes beside the previous release's."""

    ITEM = "expect: expect_table_row_count_to_be_between, drift: {max_drop_share: 0.25}"

    def _run(self, build: Build, suites: Suites, rows: int, before: int | None) -> CheckResult:
        def orders(n: int) -> str:
            return f"select i as order_id from range({n}) r(i)"

        previous = None if before is None else build("old.duckdb", fct_order=orders(before))
        now = build("new.duckdb", fct_order=orders(rows))
        folder = suites(_suite(self.ITEM + ", min_rows: 20"))
        return run_suites(now, folder, previous_db=previous)[1]

    def test_a_fall_beyond_the_share_fails(self, build: Build, suites: Suites) -> None:
        result = self._run(build, suites, rows=749, before=1000)
        assert (result.passed, result.observed) == (False, "row count 749")
        assert result.expected == "at least 750 rows (the previous release had 1,000)"

    def test_a_fall_within_the_share_passes(self, build: Build, suites: Suites) -> None:
        assert self._run(build, suites, rows=750, before=1000).passed

    def test_a_table_that_was_emptied_fails(self, build: Build, suites: Suites) -> None:
        result = self._run(build, suites, rows=0, before=1000)
        assert (result.passed, result.observed) == (False, "row count 0")

    def test_a_small_table_may_shrink(self, build: Build, suites: Suites) -> None:
        result = self._run(build, suites, rows=0, before=19)
        assert result.passed
        assert result.observed == "only 19 rows in the previous release"

    def test_the_first_release_has_nothing_to_drift_from(
        self, build: Build, suites: Suites
    ) -> None:
        result = self._run(build, suites, rows=0, before=None)
        assert result.passed
        assert result.observed == "no previous release to compare with"

    def test_a_table_new_in_this_build_has_nothing_to_drift_from(
        self, build: Build, suites: Suites
    ) -> None:
        previous = build("old.duckdb", fct_order=None)
        result = run_suites(build(), suites(_suite(self.ITEM)), previous_db=previous)[1]
        assert (result.passed, result.observed) == (True, "only 0 rows in the previous release")


class TestTheFile:
    """The build file is read, and only read."""

    def test_not_a_byte_changes_and_nothing_is_left_beside_it(self, build: Build) -> None:
        path = build()
        before = hashlib.sha256(path.read_bytes()).hexdigest()
        run_suites(path)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == before
        assert sorted(p.name for p in path.parent.iterdir()) == [path.name]

    def test_another_process_may_hold_it_open_and_open_it_meanwhile(
        self, build: Build, suite_tables: list[str]
    ) -> None:
        path = build()
        answers: list[str] = []

        def read_elsewhere(_: str) -> None:
            command = [sys.executable, "-c", ONE_MORE_READER, str(path)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            answers.append(done.stdout.strip())

        results = run_suites(path, progress=read_elsewhere)
        assert len(answers) == 1 + len(suite_tables)  # GX itself is loaded first
        assert set(answers) == {"[(1,)]"}
        assert all(r.passed for r in results)

    def test_a_writer_may_open_it_as_soon_as_the_gate_is_done(self, build: Build) -> None:
        path = build()
        run_suites(path)
        with duckdb.connect(str(path)) as connection:
            connection.execute("create table quality.after_checks as select 1 as one")

    def test_it_may_lie_under_any_name(self, build: Build, suites: Suites, tmp_path: Path) -> None:
        path = tmp_path / "门店 $HOME #1?x=%41" / "warehouse.duckdb"
        path.parent.mkdir()
        build().rename(path)
        folder = suites(_suite("expect: expect_table_row_count_to_equal, value: 3000"))
        assert [r.passed for r in run_suites(path, folder)] == [True, True]

    def test_a_file_that_is_not_there_is_told_and_not_made(self, tmp_path: Path) -> None:
        with pytest.raises(GateError, match=r"none\.duckdb is not there.*Run dbt first"):
            run_suites(tmp_path / "none.duckdb")
        assert not (tmp_path / "none.duckdb").exists()

    def test_a_file_that_is_no_warehouse_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "warehouse.duckdb"
        path.write_bytes(b"PK\x03\x04 not a warehouse" * 100)
        with pytest.raises(GateError, match="could not be opened for reading"):
            run_suites(path)


def test_counts_travel_and_rows_do_not(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    statements: list[tuple[str, int]] = []

    class Counting(dialect.BufferedContext):
        def post_exec(self) -> None:
            super().post_exec()
            rows = getattr(self.cursor_fetch_strategy, "_rowbuffer", ())
            statements.append((self.statement, len(rows)))

    monkeypatch.setattr(dialect.BufferedDialect, "execution_ctx_cls", Counting)
    big = """
        select 'c' || (i % 5000) as customer_key, 's' || (i % 40) as unit_id, 'app' as channel,
            date '2026-04-01' + (i % 180)::int as ordered_date, (i % 60)::double as amount,
            true as is_counted
        from range(1000000) r(i)"""
    results = run_suites(build(fct_order=big))
    assert all(r.passed for r in results)
    order = next(r for r in results if r.table_name == "core.fct_order")
    assert order.observed == "1,000,000 rows"
    about_orders = [(s, n) for s, n in statements if "fct_order" in s]
    assert about_orders
    assert max(n for _, n in about_orders) <= 1
    assert not [s for s, _ in about_orders if s.lstrip().lower().startswith("select *")]


def test_no_socket_is_opened(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the gate reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert all(r.passed for r in run_suites(build()))


def test_declaring_the_checks_does_not_import_great_expectations() -> None:
    command = (
        "import sys, expectations.runner as runner; runner.declared_checks();"
        " assert 'great_expectations' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", command], check=True, cwd=_REPOSITORY)


_REPOSITORY = Path(__file__).resolve().parents[3]
