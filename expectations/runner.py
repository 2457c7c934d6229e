"""The gate: runs the suites on a build file through Great Expectations, as pushed-down SQL.

The file is opened read-only and let go of at the end. Great Expectations is imported when a run
begins (4 s), its analytics are off, and it is told to bring home counts, never sample values.
"""

from __future__ import annotations

import difflib
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from expectations import dialect
from expectations.config import SUITES, Expectation, Severity, Suite, line_of, load_suites
from expectations.results import CheckResult, expected_text, number, observed_text
from lake.config import ConfigError, Problem

TABLE_EXISTS = "table_exists"
"""The check that every suite begins with: its table is in the build file."""

Progress = Callable[[str], None]


class GateError(Exception):
    """The gate could not run at all: the build file can't be opened. Nothing was checked."""


@dataclass(frozen=True)
class DeclaredCheck:
    """A check that a run will report, known before Great Expectations is imported."""

    name: str
    table_name: str
    column_name: str | None
    severity: Severity
    why: str


def declared_checks(suites_dir: Path = SUITES) -> list[DeclaredCheck]:
    """Every check that `run_suites` will report, for schedulers. Raises ConfigError."""
    checks = []
    for suite in load_suites(suites_dir).values():
        why = "The other checks of this table need it."
        checks.append(DeclaredCheck(TABLE_EXISTS, suite.table, None, "error", why))
        checks += [
            DeclaredCheck(e.check_name, suite.table, e.column, e.severity, e.why)
            for e in suite.expectations
        ]
    return checks


def run_suites(
    build_db: Path,
    suites_dir: Path = SUITES,
    *,
    previous_db: Path | None = None,
    progress: Progress = lambda _: None,
) -> list[CheckResult]:
    """Run every suite of `suites_dir` on `build_db`, which is opened read-only.

    `previous_db` is the release that drift is measured from; leave it out when there is none, or
    when it is of a later day than this build. Raises ConfigError for suites that can't be used
    and GateError when the build file can't be opened; whatever goes wrong inside a check is a
    failed check.
    """
    suites = load_suites(suites_dir)
    progress("loading Great Expectations")
    with _quiet():
        planned = _plan(suites)
        before = _previous_rows(previous_db, [s.table for s in suites.values()])
        with _warehouse(build_db) as warehouse:
            results: list[CheckResult] = []
            for n, (path, suite) in enumerate(suites.items(), start=1):
                progress(f"checking {suite.table} ({n} of {len(suites)})")
                table = _Table(path, suite, planned[path], warehouse, before)
                results.extend(table.check())
    return results


class _Warehouse:
    """The build file as one Great Expectations datasource."""

    def __init__(self, build_db: Path) -> None:
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        dialect.register()
        context = gx.get_context(mode="ephemeral")
        context.enable_analytics(False)
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self.source = context.data_sources.add_sql(
            "build",
            connection_string=dialect.address(build_db),
            kwargs={"connect_args": {"read_only": True}},  # type: ignore[call-arg]
        )
        self.engine: sa.Engine = self.source.get_engine()
        self.columns = self._columns()

    def _columns(self) -> dict[str, list[str]]:
        """The columns of every table of the file, by "schema.table"."""
        statement = sa.text(
            "select table_schema || '.' || table_name, column_name"
            " from information_schema.columns order by table_schema, table_name, ordinal_position"
        )
        found: dict[str, list[str]] = {}
        with self.engine.connect() as connection:
            for row in connection.execute(statement):
                found.setdefault(str(row[0]), []).append(str(row[1]))
        return found

    def rows(self, suite: Suite, expectations: list[Expectation]) -> list[int]:
        """How many values (or rows) each expectation would judge; one statement for all."""
        counts = [sa.func.count()] + [_count(e) for e in expectations]
        table = sa.table(suite.table_name, schema=suite.schema_name)
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(*counts).select_from(table)).one()
        return [int(count) for count in row]

    def validate(self, suite: Suite, planned: list[Any]) -> list[Any]:
        """Great Expectations' results, its metrics batched into few statements."""
        import great_expectations as gx

        asset = self.source.add_table_asset(
            suite.table, table_name=suite.table_name, schema_name=suite.schema_name
        )
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        form = {"result_format": "BASIC", "partial_unexpected_count": 0}
        outcome = batch.validate(
            gx.ExpectationSuite(name=suite.table, expectations=planned), result_format=form
        )
        return list(outcome.results)

    def close(self) -> None:
        """Let go of the file: both engines that Great Expectations made hold it open."""
        self.source.get_execution_engine().close()
        self.engine.dispose()


class _Table:
    """One suite on its way through the gate."""

    def __init__(
        self,
        path: Path,
        suite: Suite,
        planned: list[Any],
        warehouse: _Warehouse,
        before: Mapping[str, int] | None,
    ) -> None:
        self.path, self.suite, self.planned = path, suite, planned
        self.warehouse, self.before = warehouse, before
        self.results: dict[str, CheckResult] = {}

    def check(self) -> list[CheckResult]:
        """The results in the suite's own order, the check for the table itself first."""
        columns = self.warehouse.columns.get(self.suite.table)
        if columns is None:
            return [self._missing_table()]
        known = [e for e in self.suite.expectations if self._columns_exist(e, columns)]
        total, *counts = self.warehouse.rows(self.suite, known)
        asked = [e for e, rows in zip(known, counts, strict=True) if self._applies(e, rows)]
        self._ask(asked)
        exists = CheckResult(
            name=TABLE_EXISTS,
            table_name=self.suite.table,
            column_name=None,
            severity="error",
            passed=True,
            observed=f"{number(total)} rows",
            expected="the table is in the build file",
            rows_failing=None,
            message="",
        )
        return [exists, *(self.results[e.check_name] for e in self.suite.expectations)]

    def _missing_table(self) -> CheckResult:
        table, schema = self.suite.table, self.suite.schema_name
        others = [t for t in self.warehouse.columns if t.startswith(f"{schema}.")]
        message = (
            f"{table} is not in the build file, so none of the {len(self.suite.expectations)}"
            f" expectations of {self.path.name} could run.{_did_you_mean(table, others)}"
            " See in the dbt log why the model was not built."
        )
        return CheckResult(
            name=TABLE_EXISTS,
            table_name=table,
            column_name=None,
            severity="error",
            passed=False,
            observed="no such table",
            expected="the table is in the build file",
            rows_failing=None,
            message=message,
        )

    def _columns_exist(self, expectation: Expectation, columns: list[str]) -> bool:
        for column in filter(None, [expectation.column, *expectation.where]):
            if column not in columns:
                message = (
                    f"{self.suite.table} has no column {column}."
                    f"{_did_you_mean(column, columns)} Mend {self.path.name} or the model."
                )
                self._report(expectation, False, "no such column", message=message)
                return False
        return True

    def _applies(self, expectation: Expectation, rows: int) -> bool:
        if expectation.drift is None:
            few, least = rows, expectation.least_rows
        elif self.before is None:
            self._report(expectation, True, "no previous release to compare with")
            return False
        else:
            few, least = self.before.get(self.suite.table, 0), expectation.least_rows
        if few >= least:
            return True
        where = " in the previous release" if expectation.drift else ""
        what = "rows with a value" if expectation.counts_values else "rows"
        self._report(expectation, True, f"only {number(few)} {what}{where}")
        return False

    def _ask(self, expectations: list[Expectation]) -> None:
        by_name = {e.check_name: e for e in expectations}
        asked = [
            self._with_drift(by_name[p.meta["check"]], p)
            for p in self.planned
            if p.meta["check"] in by_name
        ]
        if not asked:
            return
        try:
            outcomes = self.warehouse.validate(self.suite, asked)
        except Exception as error:
            for expectation in expectations:
                self._raised(expectation, str(error))
            return
        for outcome in outcomes:
            self._read(by_name[outcome.expectation_config.meta["check"]], outcome)

    def _with_drift(self, expectation: Expectation, planned: Any) -> Any:
        if expectation.drift is None or self.before is None:
            return planned
        bounds = expectation.drift.bounds(self.before.get(self.suite.table, 0))
        return type(planned)(**bounds, meta=planned.meta)

    def _read(self, expectation: Expectation, outcome: Any) -> None:
        raised = _exception_message(outcome.exception_info)
        if raised is not None:
            self._raised(expectation, raised)
            return
        result = dict(outcome.result)
        observed = observed_text(expectation.expect, result)
        failing = result.get("unexpected_count")
        if "unexpected_count" in result:
            failing = failing or 0
        self._report(expectation, bool(outcome.success), observed, rows_failing=failing)

    def _raised(self, expectation: Expectation, error: str) -> None:
        first = next((line.strip() for line in error.splitlines() if line.strip()), "no message")
        message = (
            f"Great Expectations could not compute this on {self._what(expectation)}: {first[:400]}"
            f" Mend the expectation in {self.path.name}, or the column's type in the model."
        )
        self._report(expectation, False, "could not be computed", message=message)

    def _report(
        self,
        expectation: Expectation,
        passed: bool,
        observed: str,
        *,
        message: str = "",
        rows_failing: int | None = None,
    ) -> None:
        expected = self._expected(expectation)
        if not passed and not message:
            mend = f"if the business has changed, change the bound in {self.path.name}."
            if expectation.drift:
                mend = "if rows went on purpose, run this night again with --accept-drift."
            message = (
                f"{self._what(expectation)}: {observed}; expected {expected}."
                f" {expectation.why.strip()} Look at those rows in the build file; {mend}"
            )
        self.results[expectation.check_name] = CheckResult(
            name=expectation.check_name,
            table_name=self.suite.table,
            column_name=expectation.column,
            severity=expectation.severity,
            passed=passed,
            observed=observed,
            expected=expected,
            rows_failing=rows_failing,
            message=message,
        )

    def _expected(self, expectation: Expectation) -> str:
        if expectation.drift is None:
            text = expected_text(expectation.expect, expectation.settings)
        else:
            text = self._drift_expected(expectation)
        if expectation.where:
            text += " where " + " and ".join(f"{c} = {v}" for c, v in expectation.where.items())
        return text

    def _drift_expected(self, expectation: Expectation) -> str:
        rows = (self.before or {}).get(self.suite.table)
        if rows is None or expectation.drift is None:
            return "near the previous release's row count"
        bounds = expected_text(expectation.expect, expectation.drift.bounds(rows))
        return f"{bounds} rows (the previous release had {number(rows)})"

    def _what(self, expectation: Expectation) -> str:
        return ".".join(filter(None, [self.suite.table, expectation.column]))


def _plan(suites: Mapping[Path, Suite]) -> dict[Path, list[Any]]:
    """Every suite as Great Expectations' own objects. Raises ConfigError for all faults found."""
    problems: list[Problem] = []
    planned: dict[Path, list[Any]] = {}
    for path, suite in suites.items():
        planned[path] = []
        for index, expectation in enumerate(suite.expectations):
            built, faults = _build(expectation)
            planned[path] += built
            key = f"expectations.{index}"
            problems += [
                Problem(path, line_of(path, index), f"{key}.{k}".rstrip("."), what, mend)
                for k, what, mend in faults
            ]
    if problems:
        raise ConfigError(problems)
    return planned


def _build(expectation: Expectation) -> tuple[list[Any], list[tuple[str, str, str]]]:
    """One expectation as Great Expectations' object, or the faults: key, what, mend."""
    from great_expectations.compatibility.pydantic import ValidationError
    from great_expectations.expectations.registry import (
        get_expectation_impl,
        list_registered_expectation_implementations,
    )

    names = list_registered_expectation_implementations()
    if expectation.expect not in names:
        what = f"Great Expectations has no {expectation.expect!r}."
        return [], [("expect", what, _did_you_mean(expectation.expect, names).strip())]
    kind = get_expectation_impl(expectation.expect)
    known = sorted(set(kind.__fields__) - {"id", "meta", "notes", "rendered_content"})
    unknown = [s for s in expectation.settings if s not in known]
    if unknown:
        return [], [
            (s, f"{expectation.expect} has no setting {s}.", _did_you_mean(s, known).strip())
            for s in unknown
        ]
    settings: dict[str, Any] = {**expectation.settings, "meta": {"check": expectation.check_name}}
    if expectation.column:
        settings["column"] = expectation.column
    if expectation.where:
        settings["row_condition"] = _row_condition(expectation.where)
    if expectation.drift:
        settings["min_value"] = 0
    try:
        return [kind(**settings)], []
    except ValidationError as error:
        return [], [
            (".".join(str(p) for p in e["loc"] if p != "__root__"), f"{e['msg']}.", "")
            for e in error.errors()
        ]


def _row_condition(where: Mapping[str, Any]) -> Any:
    from great_expectations.expectations.row_conditions import AndCondition, Column

    parts = [Column(column) == value for column, value in where.items()]
    return parts[0] if len(parts) == 1 else AndCondition(conditions=parts)


def _count(expectation: Expectation) -> Any:
    judged = expectation.column if expectation.counts_values else None
    count = sa.func.count(sa.column(judged)) if judged else sa.func.count()
    if not expectation.where:
        return count
    return count.filter(*(sa.column(c) == v for c, v in expectation.where.items()))


@contextmanager
def _warehouse(build_db: Path) -> Iterator[_Warehouse]:
    if not build_db.is_file():
        raise GateError(f"{build_db} is not there, so nothing was checked. Run dbt first.")
    try:
        warehouse = _Warehouse(build_db)
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise GateError(
            f"{build_db} could not be opened for reading, so nothing was checked: {reason}"
            " Close whatever has it open for writing, and run again."
        ) from error
    try:
        yield warehouse
    finally:
        warehouse.close()


def _previous_rows(previous_db: Path | None, tables: list[str]) -> dict[str, int] | None:
    """The row counts of the previous release; None when there is none."""
    if previous_db is None:
        return None
    try:
        with duckdb.connect(str(previous_db), read_only=True) as connection:
            present = connection.execute(
                "select table_schema || '.' || table_name from information_schema.tables"
            ).fetchall()
            names = {str(name) for (name,) in present}
            return {t: _rows(connection, t) for t in tables if t in names}
    except duckdb.Error as error:
        raise GateError(
            f"The previous release {previous_db} can't be read, so drift can't be measured: {error}"
        ) from error


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    found = connection.execute(f"select count(*) from {table}").fetchone()
    return int(found[0]) if found else 0


def _exception_message(info: Mapping[str, Any] | None) -> str | None:
    """The message of what an expectation raised, None if nothing; GX nests it per metric."""
    if not info:
        return None
    for part in (info, *(v for v in info.values() if isinstance(v, Mapping))):
        if part.get("raised_exception"):
            return str(part.get("exception_message") or "")
    return None


def _did_you_mean(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean {close[0]}?" if close else ""


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Great Expectations' log and deprecation notes out of the night's output."""
    log = logging.getLogger("great_expectations")
    level = log.level
    log.setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            log.setLevel(level)
