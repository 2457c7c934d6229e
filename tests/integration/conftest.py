"""A small lake and the dbt project over it, for tests that ask tables what a night came to.

`warehouse` gives an empty one: land records with `land`, build with `build`, ask with `rows`.
dbt runs in this process and the project is parsed once a session, so a build costs seconds.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.entities import ENTITIES
from lake.landing import Lake, Record, RequestOutcome, RunContext
from lake.privacy import Privacy
from orchestration.gate import CHECK, RUN, prepare_ledger
from verbatims.store import TextStore

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
ZONE = ZoneInfo("Asia/Shanghai")
PRIVACY_KEY = b"a key for tests only"
BESIDE = ("survey_answer", "mot_rating", "kano_answer")
"""What stands in the line of the form before it."""


@dataclass(frozen=True)
class Built:
    """What one dbt invocation came to: node name -> dbt's word, and its messages."""

    status: dict[str, str]
    messages: dict[str, str]
    stopped: str | None

    def named(self, *words: str) -> list[str]:
        """Names of the nodes that ended with one of these words."""
        return sorted(name for name, word in self.status.items() if word in words)

    def must_pass(self) -> Built:
        """Fail with dbt's messages when anything but a warning went wrong."""
        wrong = self.named("error", "fail", "runtime error", "skipped")
        assert self.stopped is None, self.stopped
        assert not wrong, "\n".join(f"{name}: {self.messages[name]}" for name in wrong)
        return self


@dataclass
class Project:
    """The parsed dbt project, its lake and its build file at fixed places."""

    root: Path
    manifest: Any = None
    parse_warnings: list[str] = field(default_factory=list)

    @property
    def lake_root(self) -> Path:
        return self.root / "云雾 lake"

    @property
    def build_db(self) -> Path:
        return self.root / "warehouse.duckdb"

    def parse(self) -> None:
        """Parse once, and keep what dbt complains of."""

        def heed(event: Any) -> None:
            if event.info.level in ("warn", "error"):
                self.parse_warnings.append(f"{event.info.name}: {event.info.msg}")

        result = self.invoke(["parse", "--no-partial-parse"], [heed])
        assert result.success, result.exception
        self.manifest = result.result

    def invoke(self, arguments: Sequence[str], callbacks: Sequence[Any] = ()) -> Any:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        places = {
            "--project-dir": PROJECT,
            "--profiles-dir": PROJECT,
            "--target-path": self.root / "target",
            "--log-path": self.root / "logs",
        }
        flags = [str(part) for pair in places.items() for part in pair]
        here = {
            "VOC_LAKE": str(self.lake_root),
            "VOC_BUILD_DB": str(self.build_db),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        runner = dbtRunner(manifest=self.manifest, callbacks=list(callbacks))
        # At each call: a test of the nightly run in the same process sets its own places.
        with patch.dict(os.environ, here):
            try:
                return runner.invoke([*arguments, *flags, "--quiet"])
            finally:
                DuckDBConnectionManager.close_all_connections()


@dataclass
class Warehouse:
    """One lake and one build file, for one scenario."""

    project: Project
    seconds: int = 0

    @staticmethod
    def utc(text: str) -> datetime:
        """'2026-09-01 10:00' as a time in UTC."""
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    @staticmethod
    def local(text: str) -> datetime:
        """'2026-09-01 10:00' on the clock of the deployment's zone, as a time in UTC."""
        return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)

    @property
    def lake(self) -> Lake:
        return Lake(self.project.lake_root)

    def land(
        self,
        day: str,
        source: str,
        records: Sequence[tuple[str, Mapping[str, Any]]],
        *,
        run_id: str | None = None,
        items: Mapping[str, int] | None = None,
        status: str = "complete",
        message: str = "",
    ) -> None:
        """Land one source's night: (entity, columns) in their order.

        `items` overrides what the file is said to hold (default: as many items as records, but
        none for survey answers, which are cut out of responses). An answer stands on the line of
        the response before it.
        """
        self.seconds += 60
        moment = self.local(f"{day} 02:00") + timedelta(days=1, seconds=self.seconds)
        run = RunContext(date.fromisoformat(day), run_id or f"r{day}", ZONE, lambda: moment)
        kind = "extract" if source.startswith("extract_") else "platform"
        kind = "survey" if source.startswith("survey_") else kind
        seen: dict[str, int] = {}
        privacy = Privacy(PRIVACY_KEY)
        with self.lake.open(source, kind, run, privacy) as landing:  # type: ignore[arg-type]
            line = 1
            for name, columns in records:
                if name not in BESIDE:
                    line += 1
                    seen[name] = seen.get(name, 0) + 1
                landing.land(_record(source, name, columns, line))
            for name, count in (seen if items is None else items).items():
                file = f"landing/{source}.csv"
                landing.outcome(RequestOutcome(name, "file", moment, file, "ok", items_seen=count))
            landing.finish(status, message)  # type: ignore[arg-type]

    def note_run(self, run: Mapping[str, Any], checks: Sequence[Mapping[str, Any]] = ()) -> None:
        """Write what a nightly run says of itself, as the orchestration does."""
        folder = f"dt={run['as_of'].isoformat()}"
        self._parquet("runs", folder, run["run_id"], [dict(run)], RUN)
        self._parquet("checks", folder, run["run_id"], [dict(c) for c in checks], CHECK)

    def build(self, as_of: str, *arguments: str) -> Built:
        """`dbt build` with unit tests left out, for the business day `as_of`."""
        return self.dbt("build", as_of, "--exclude", "test_type:unit", *arguments)

    def dbt(self, command: str, as_of: str, *arguments: str) -> Built:
        """Run one dbt command for the business day `as_of`."""
        variables = json.dumps({"as_of": as_of, "zone": ZONE.key})
        result = self.project.invoke([command, "--vars", variables, *arguments])
        nodes = list(getattr(result.result, "results", None) or [])
        return Built(
            status={r.node.name: str(r.status) for r in nodes},
            messages={r.node.name: r.message or "" for r in nodes},
            stopped=None if result.exception is None else str(result.exception),
        )

    def reconciled(self) -> dict[str, tuple[int, ...]]:
        """'SOURCE ENTITY DT' -> the counts of its row of quality.reconciliation, in order."""
        rows = self.rows(
            "select source || ' ' || entity || ' ' || dt as night, seen, landed, quarantined, "
            "facts, superseded, duplicates, placed, difference from quality.reconciliation"
        )
        return {row.pop("night"): tuple(row.values()) for row in rows}

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Ask the build file, read-only."""
        with duckdb.connect(str(self.project.build_db), read_only=True) as connection:
            found = connection.execute(query, list(parameters))
            names = [column[0] for column in found.description or []]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def change(self, statement: str) -> None:
        """Tamper with the build file, to see whether anything notices."""
        with duckdb.connect(str(self.project.build_db)) as connection:
            connection.execute(statement)

    def _parquet(
        self, tree: str, day: str, name: str, rows: list[dict[str, Any]], schema: pa.Schema
    ) -> None:
        folder = self.lake.root / tree / day
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / f"{name}.parquet")


def _record(source: str, entity: str, columns: Mapping[str, Any], line: int) -> Record:
    spec = ENTITIES[entity]
    event_at = columns.get(spec.event_column) if spec.event_column else None
    choice = ("choice",) if columns.get("choice") else ()
    return Record(
        entity=entity,
        natural_key="|".join(str(columns.get(part) or "") for part in (*spec.key, *choice)),
        columns=columns,
        url=f"landing/{source}.csv",
        position=line,
        archive_file=f"landing/{source}.csv",
        archive_offset=line,
        parser_version="1",
        spec_hash="spec",
        event_at=event_at,
        event_at_raw=str(event_at),
        event_precision="second",
    )


@pytest.fixture(scope="session")
def dbt_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The dbt project, parsed once, over a lake whose path holds a space and Chinese."""
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.parse()
    return project


def fresh_warehouse(project: Project) -> Warehouse:
    """An empty lake with its typed empty files, and no build file."""
    shutil.rmtree(project.lake_root, ignore_errors=True)
    project.build_db.unlink(missing_ok=True)
    warehouse = Warehouse(project)
    warehouse.lake.prepare()
    prepare_ledger(warehouse.lake.root)
    TextStore(warehouse.lake.root / "text").prepare()
    return warehouse


@pytest.fixture(scope="session")
def new_warehouse(dbt_project: Project) -> Callable[[], Warehouse]:
    """Makes an empty warehouse in place of the one before (there is one place for it)."""
    return lambda: fresh_warehouse(dbt_project)


@pytest.fixture
def warehouse(dbt_project: Project) -> Warehouse:
    """An empty warehouse for one test."""
    return fresh_warehouse(dbt_project)
