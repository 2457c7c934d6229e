"""What the report says: rows read from a build or release file, counted in SQL.

A table that is not in the file gives nothing and is named in `Figures.missing`; a column that is
not in its table gives None. So the report can be written about a night that went wrong as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]

MONTHS = 13
EXAMPLES = 3


@dataclass(frozen=True)
class Figures:
    """Everything that the report shows, as plain rows."""

    run: Row | None
    checks: list[Row]
    sources: list[Row]
    reconciliation: list[Row]
    differences: list[Row]
    quarantine: list[Row]
    quarantined: int
    quarantined_tonight: int
    nps_months: list[Row]
    backlog: list[Row]
    churn_bands: list[Row]
    churn_reasons: list[Row]
    missing: tuple[str, ...]

    @property
    def failed(self) -> list[Row]:
        """The checks that hold a release back."""
        return [c for c in self.checks if not c["passed"] and c["severity"] != "warn"]

    @property
    def warned(self) -> list[Row]:
        """The checks that failed and are only told."""
        return [c for c in self.checks if not c["passed"] and c["severity"] == "warn"]

    @property
    def passed(self) -> list[Row]:
        """The checks that held."""
        return [c for c in self.checks if c["passed"]]


def read_figures(database: Path, *, as_of: date, run_id: str) -> Figures:
    """Read the report's figures of run `run_id` from `database`, which is opened read-only."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return _Reader(connection, as_of, run_id).figures()


class _Reader:
    def __init__(self, connection: duckdb.DuckDBPyConnection, as_of: date, run_id: str) -> None:
        self.connection, self.as_of, self.run_id = connection, as_of, run_id
        self.columns: dict[str, set[str]] = {}
        self.missing: list[str] = []
        for table, column in self._fetch(
            "select table_schema || '.' || table_name, column_name from information_schema.columns"
        ):
            self.columns.setdefault(table, set()).add(column)

    def figures(self) -> Figures:
        """All of them."""
        run = self._rows(
            "quality.run",
            ("run_id", "started_at", "finished_at", "status", "tool_version", "message"),
            "where run_id = $run_id",
        )
        quarantine = self._quarantine()
        return Figures(
            run=run[0] if run else None,
            checks=self._checks(),
            sources=self._sources(),
            reconciliation=self._reconciliation(),
            differences=self._differences(),
            quarantine=quarantine,
            quarantined=sum(r["records"] for r in quarantine),
            quarantined_tonight=sum(r["tonight"] for r in quarantine),
            nps_months=self._nps_months(),
            backlog=self._backlog(),
            churn_bands=self._churn_bands(),
            churn_reasons=self._churn_reasons(),
            missing=tuple(self.missing),
        )

    def _checks(self) -> list[Row]:
        return self._rows(
            "quality.expectation_result",
            (
                "engine",
                "name",
                "table_name",
                "column_name",
                "severity",
                "passed",
                "observed",
                "expected",
                "rows_failing",
                "message",
            ),
            "where run_id = $run_id order by passed, severity, table_name, column_name, name",
        )

    def _sources(self) -> list[Row]:
        rows = self._rows(
            "quality.source_status",
            (
                "source",
                "kind",
                "status",
                "message",
                "last_complete_dt",
                "is_stale",
                "watermark",
                "seen",
                "landed",
                "quarantined",
            ),
            "order by source",
        )
        counts = {r["source"]: r for r in self._tonight_by_source()}
        for row in rows:
            for name in ("seen", "landed", "quarantined"):
                if row[name] is None:
                    row[name] = counts.get(row["source"], {}).get(name) or 0
        return rows

    def _tonight_by_source(self) -> list[Row]:
        return self._query(
            "quality.reconciliation",
            "select source, sum(seen)::bigint as seen, sum(landed)::bigint as landed,"
            " sum(quarantined)::bigint as quarantined"
            " from quality.reconciliation where dt = $as_of group by source",
        )

    def _reconciliation(self) -> list[Row]:
        sums = ", ".join(
            f"sum({name})::bigint as {name}"
            for name in ("seen", "landed", "quarantined", "facts", "superseded", "duplicates")
        )
        return self._query(
            "quality.reconciliation",
            f"select source, entity, count(*) as nights, {sums},"
            " sum(abs(difference))::bigint as difference"
            " from quality.reconciliation group by source, entity order by source, entity",
        )

    def _differences(self) -> list[Row]:
        return self._query(
            "quality.reconciliation",
            "select source, entity, dt, seen, placed, difference from quality.reconciliation"
            " where difference <> 0 order by dt desc, source, entity limit 50",
        )

    def _quarantine(self) -> list[Row]:
        """One row per source and reason, with the newest examples as where/column/value/reason."""
        return self._query(
            "quality.quarantine_record",
            "select source, entity, reason_code, count(*) as records,"
            " count(*) filter (where dt = $as_of) as tonight,"
            " array_agg({'file': file, 'line': line, 'column': column_name,"
            " 'value': value_masked, 'reason': reason} order by dt desc, file, line)"
            f"[1:{EXAMPLES}] as examples"
            " from quality.quarantine_record"
            " group by source, entity, reason_code order by records desc, source, reason_code",
        )

    def _nps_months(self) -> list[Row]:
        rows = self._rows(
            "marts.nps_period",
            (
                "period_start",
                "period_end",
                "responses",
                "nps",
                "nps_low",
                "nps_high",
                "nps_clean",
                "no_score",
                "invalid_score",
                "response_rate",
                "delta",
                "delta_low",
                "delta_high",
                "low_n",
                "suppressed_reason",
            ),
            "where metric = 'nps' and unit_level = 'all' and segment = 'all'"
            " and touchpoint_id = 'all' and channel = 'all' and period_grain = 'month'"
            f" and period_start <= $as_of order by period_start desc limit {MONTHS}",
        )
        return rows[::-1]

    def _backlog(self) -> list[Row]:
        return self._query(
            "marts.complaint_backlog_day",
            "select date_day, age_bucket, min(age_order) as age_order,"
            " sum(open_cases)::bigint as open_cases from marts.complaint_backlog_day"
            " where date_day <= $as_of group by date_day, age_bucket order by date_day",
        )

    def _churn_bands(self) -> list[Row]:
        return self._query(
            "marts.churn_warning",
            "select band, count(*) as customers, avg(score) as mean_score"
            " from marts.churn_warning where snapshot_date = $as_of group by band"
            " order by case band when 'high' then 1 when 'medium' then 2 else 3 end",
        )

    def _churn_reasons(self) -> list[Row]:
        """The kinds of first reason in the high band, each with one customer's as an example."""
        known = self.columns.get("marts.churn_warning", set())
        kind = "reason_1_code" if "reason_1_code" in known else "reason_1"
        zh = "reason_1_zh" if "reason_1_zh" in known else "null"
        return self._query(
            "marts.churn_warning",
            f"select {kind} as kind, min(reason_1) as reason,"
            f" arg_min({zh}, reason_1) as reason_zh, count(*) as customers"
            f" from marts.churn_warning where snapshot_date = $as_of and band = 'high'"
            f" and reason_1 is not null group by {kind} order by customers desc, kind limit 6",
        )

    def _rows(self, table: str, wanted: Sequence[str], rest: str) -> list[Row]:
        known = self.columns.get(table, set())
        named = ", ".join(n if n in known else f"null as {n}" for n in wanted)
        return self._query(table, f"select {named} from {table} {rest}")

    def _query(self, table: str, sql: str) -> list[Row]:
        if table not in self.columns:
            if table not in self.missing:
                self.missing.append(table)
            return []
        values = {"as_of": self.as_of, "run_id": self.run_id}
        used = {name: value for name, value in values.items() if f"${name}" in sql}
        found = self.connection.execute(sql, used)
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def _fetch(self, sql: str) -> list[tuple[str, str]]:
        return [(str(a), str(b)) for a, b in self.connection.execute(sql).fetchall()]
