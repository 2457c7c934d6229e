"""The quality gate: dbt's tests and GX's results in one list, and the verdict on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from expectations.results import CheckResult
from lake.entities import DAY, FLAG, STAMP, TEXT, WHOLE
from lake.landing import RunContext
from orchestration.warehouse import NodeResult

RUN = pa.schema(
    [
        ("run_id", TEXT),
        ("as_of", DAY),
        ("started_at", STAMP),
        ("finished_at", STAMP),
        ("status", TEXT),
        ("tool_version", TEXT),
        ("checks_passed", WHOLE),
        ("checks_failed", WHOLE),
        ("checks_warned", WHOLE),
        ("message", TEXT),
    ]
)
CHECK = pa.schema(
    [
        ("run_id", TEXT),
        ("as_of", DAY),
        ("engine", TEXT),
        ("name", TEXT),
        ("table_name", TEXT),
        ("column_name", TEXT),
        ("severity", TEXT),
        ("passed", FLAG),
        ("observed", TEXT),
        ("expected", TEXT),
        ("rows_failing", WHOLE),
        ("message", TEXT),
        ("checked_at", STAMP),
    ]
)


@dataclass(frozen=True)
class Verdict:
    """May this night be published? `held` says why not; warnings never hold it."""

    checks: tuple[CheckResult, ...]
    held: tuple[str, ...]

    @property
    def passed(self) -> int:
        return sum(c.passed for c in self.checks)

    @property
    def failed(self) -> int:
        return sum(not c.passed and c.severity == "error" for c in self.checks)

    @property
    def warned(self) -> int:
        return sum(not c.passed and c.severity == "warn" for c in self.checks)

    @property
    def status(self) -> Literal["passed", "held"]:
        """Whether it may be published; a run's row says `published` only when it has been."""
        return "held" if self.held else "passed"


def judge(
    results: Iterable[NodeResult], expectations: Iterable[CheckResult], manifest: Mapping[str, Any]
) -> Verdict:
    """Weigh a build. It is held when a check of severity error failed, or a model is missing.

    Every model and test of the manifest must have a result: what was skipped is not what passed.
    """
    nodes = {r.unique_id: r for r in results}
    checks = [*_tests(nodes, manifest), *expectations]
    unbuilt = [
        f"{manifest['nodes'][r.unique_id]['name']} was not built: {_one_line(r.message)}"
        for r in nodes.values()
        if r.unique_id.split(".")[0] in ("model", "seed") and r.status != "success"
    ]
    missing = [
        f"{node['name']} has no result in this run"
        for unique_id, node in manifest["nodes"].items()
        if unique_id not in nodes and _belongs_to_night(node, manifest)
    ]
    failed = [
        f"{c.name} ({c.engine}, {c.table_name}): {_one_line(c.message or c.observed)}"
        for c in checks
        if not c.passed and c.severity == "error"
    ]
    return Verdict(tuple(checks), (*unbuilt, *missing, *failed))


def record_checks(lake: Path, run: RunContext, verdict: Verdict) -> None:
    """Write the night's check results to lake/checks."""
    now = run.clock()
    night = {"run_id": run.run_id, "as_of": run.as_of, "checked_at": now}
    rows = [asdict(check) | night for check in verdict.checks]
    _write(lake / "checks", run, pa.Table.from_pylist(rows, schema=CHECK))


def record_run(
    lake: Path, run: RunContext, verdict: Verdict, *, started_at: datetime, version: str
) -> None:
    """Write the run's own row to lake/runs."""
    row = {
        "run_id": run.run_id,
        "as_of": run.as_of,
        "started_at": started_at,
        "finished_at": run.clock(),
        "status": verdict.status,
        "tool_version": version,
        "checks_passed": verdict.passed,
        "checks_failed": verdict.failed,
        "checks_warned": verdict.warned,
        "message": "\n".join(verdict.held),
    }
    _write(lake / "runs", run, pa.Table.from_pylist([row], schema=RUN))


def run_row(lake: Path, as_of: date, run_id: str) -> dict[str, Any] | None:
    """What lake/runs says of a run; None when it never came to its verdict."""
    path = lake / "runs" / f"dt={as_of.isoformat()}" / f"{run_id}.parquet"
    return pq.ParquetFile(path).read().to_pylist()[0] if path.exists() else None


def end_run(
    lake: Path,
    run: RunContext,
    status: Literal["published", "failed"],
    *,
    version: str,
    message: str = "",
) -> None:
    """Note in lake/runs how the run ended after its verdict, or without one."""
    unjudged = {
        "run_id": run.run_id,
        "as_of": run.as_of,
        "started_at": None,
        "tool_version": version,
    }
    row = run_row(lake, run.as_of, run.run_id) or unjudged
    row |= {"status": status, "finished_at": run.clock(), "message": message}
    _write(lake / "runs", run, pa.Table.from_pylist([row], schema=RUN))


def prepare_ledger(lake: Path) -> None:
    """Write the typed empty files that give SQL its columns before the first night."""
    for tree, schema in (("checks", CHECK), ("runs", RUN)):
        folder = lake / tree / "dt=1970-01-01"
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(schema.empty_table(), folder / "schema.parquet")


def _write(tree: Path, run: RunContext, table: pa.Table) -> None:
    path = tree / f"dt={run.as_of.isoformat()}" / f"{run.run_id}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".tmp")
    pq.write_table(table, aside)
    aside.rename(path)


def _tests(nodes: Mapping[str, NodeResult], manifest: Mapping[str, Any]) -> list[CheckResult]:
    checks = []
    for unique_id, result in nodes.items():
        node = manifest["nodes"].get(unique_id, {})
        if node.get("resource_type") != "test":
            continue
        target = tested_model(node, manifest)
        checks.append(
            CheckResult(
                engine="dbt",
                name=node["name"],
                table_name=f"{target['schema']}.{target['name']}" if target else "",
                column_name=node.get("column_name"),
                severity="warn" if node["config"]["severity"].lower() == "warn" else "error",
                passed=result.status == "pass",
                observed="skipped" if result.status == "skipped" else f"{result.failures} rows",
                expected="0 rows",
                rows_failing=result.failures,
                message=_test_message(node, result),
            )
        )
    return checks


def tested_model(node: Mapping[str, Any], manifest: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The model a dbt test is about: the one it is attached to, else the last it reads."""
    attached = node.get("attached_node")
    parents = [
        p for p in node["depends_on"].get("nodes", []) if p.split(".")[0] in ("model", "seed")
    ]
    chosen = attached or (parents[-1] if parents else None)
    return manifest["nodes"].get(chosen) if chosen else None


def _test_message(node: Mapping[str, Any], result: NodeResult) -> str:
    if result.status == "pass":
        return ""
    if result.status == "skipped":
        return "Not run, because something it reads was not built or failed its own test."
    purpose = str(node.get("description") or "").strip()
    if result.status == "error":
        return " ".join(part for part in (purpose, _one_line(result.message)) if part)
    query = f"build/dbt/compiled/{node['package_name']}/{node['original_file_path']}"
    found = f"{result.failures:,} rows break this rule; run {query}/{node['name']}.sql to see them."
    return " ".join(part for part in (purpose, found) if part)


def _belongs_to_night(node: Mapping[str, Any], manifest: Mapping[str, Any]) -> bool:
    """Whether the build before the checks owes a result for this node."""
    kind = node["resource_type"]
    if kind == "model" and node["config"].get("materialized") == "ephemeral":
        return False
    read = [manifest["nodes"].get(parent, {}) for parent in node["depends_on"].get("nodes", [])]
    later = any("after_checks" in reads.get("tags", []) for reads in (node, *read))
    return kind in ("model", "seed", "test") and not later


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
