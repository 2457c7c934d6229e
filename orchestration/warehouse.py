"""Driving dbt: one invocation in this process, its results read from what it wrote.

Streaming dbt's events through Dagster costs twice the time of the build itself (EXEMPLARS.md,
pitfall 13), so the caller gets the results at the end and a callback for every finished node.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT_DIR = Path(__file__).resolve().parents[1] / "dbt_project"

TEXTS = "int_feedback"
"""The table of what customers wrote, which is read before the warehouse is built on it."""

AFTER_CHECKS = "tag:after_checks"
"""Models that report on the checks themselves, and so are built when these are known."""


@dataclass(frozen=True)
class NodeResult:
    """How one dbt node ended; `status` is dbt's: success, pass, fail, warn, error, skipped."""

    unique_id: str
    status: str
    message: str
    failures: int
    seconds: float


class DbtError(RuntimeError):
    """dbt could not run at all; the message is dbt's own, with what to look at."""


@dataclass(frozen=True)
class Dbt:
    """The dbt project on one deployment's lake and build file."""

    lake: Path
    build_db: Path
    target: Path

    def manifest(self) -> dict[str, Any]:
        """The parsed project. Parsed again only when a file of the project is newer."""
        path = self.target / "manifest.json"
        if not path.exists() or path.stat().st_mtime < _newest_change(PROJECT_DIR):
            self.parse()
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return loaded

    def parse(self) -> Any:
        """Write the manifest and return dbt's own object of it. Raises DbtError."""
        return self._invoke(["parse"])

    def build(
        self,
        *,
        variables: Mapping[str, str],
        on_node: Callable[[str], None] = lambda _: None,
        select: str | None = None,
        exclude: str | None = None,
        tests: bool = True,
        standing: str | None = None,
    ) -> list[NodeResult]:
        """Build and test. Failing models and tests are results, not exceptions.

        `tests=False` only builds. `standing` selects models that stand built already: they are
        left as they are, and tested like all others. The project is parsed without variables, so
        that a new `as_of` costs no full parse.
        """
        arguments = ["build", "--vars", json.dumps(dict(variables), sort_keys=True)]
        arguments += ["--select", select] if select else []
        left_out = [exclude] if exclude else []
        if standing:
            # `empty` keeps the tests of what is left out; `+` leaves those of `exclude` out, too
            left_out = [standing, *(f"{name}+" for name in left_out)]
            arguments += ["--indirect-selection", "empty"]
        arguments += ["--exclude", *left_out, "test_type:unit"]
        arguments += [] if tests else ["--resource-type", "model", "--resource-type", "seed"]
        results_file = self.target / "run_results.json"
        results_file.unlink(missing_ok=True)
        self._invoke(arguments, on_node, manifest=self.parse())
        results = json.loads(results_file.read_text(encoding="utf-8"))["results"]
        return [
            NodeResult(
                unique_id=r["unique_id"],
                status=r["status"],
                message=r["message"] or "",
                failures=r["failures"] or 0,
                seconds=r["execution_time"],
            )
            for r in results
        ]

    def _invoke(
        self,
        arguments: list[str],
        on_node: Callable[[str], None] = lambda _: None,
        manifest: Any = None,
    ) -> Any:
        from dbt.cli.main import dbtRunner

        def heed(event: Any) -> None:
            if event.info.name == "NodeFinished":
                on_node(event.data.node_info.node_name)

        self.target.mkdir(parents=True, exist_ok=True)
        self.build_db.parent.mkdir(parents=True, exist_ok=True)
        os.environ |= {
            "VOC_LAKE": str(self.lake),
            "VOC_BUILD_DB": str(self.build_db),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        paths = {
            "--project-dir": PROJECT_DIR,
            "--profiles-dir": PROJECT_DIR,
            "--target-path": self.target,
            "--log-path": self.target,
        }
        flags = [str(part) for pair in paths.items() for part in pair]
        try:
            result = dbtRunner(manifest=manifest, callbacks=[heed]).invoke(
                [*arguments, *flags, "--log-level", "none", "--log-level-file", "info"]
            )
        finally:
            _close_connections()
        if result.exception is not None:
            raise DbtError(
                f"dbt {arguments[0]} stopped: {result.exception}. "
                f"The whole log is {self.target / 'dbt.log'}."
            ) from result.exception
        return result.result


def _close_connections() -> None:
    """Let go of the build file: dbt keeps it open, which would bar every read-only reader."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def _newest_change(folder: Path) -> float:
    kinds = (".sql", ".yml", ".csv")
    return max(p.stat().st_mtime for p in folder.rglob("*") if p.suffix in kinds)
