"""Releases: what readers get. Immutable once written, switched to in one atomic rename.

The release is built aside from the build file, so a reader that holds an older release open
neither waits nor makes anyone wait (EXEMPLARS.md, pitfalls 1 and 14).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from orchestration.reading import literal

PACKAGES = ("voc-warehouse", "dagster", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations")
STORAGE_VERSION = "v1.0.0"  # readable by every DuckDB since 1.0


@dataclass(frozen=True)
class Release:
    """A published release as its manifest tells it."""

    folder: Path
    manifest: Mapping[str, Any]
    serving: bool

    @property
    def run_id(self) -> str:
        return str(self.manifest["run_id"])

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"


def publish(
    build_db: Path,
    releases: Path,
    serving: Path,
    *,
    run_id: str,
    as_of: str,
    tables: Sequence[tuple[str, str]],
    checks: Sequence[Mapping[str, Any]],
    sources: Sequence[Mapping[str, Any]],
    text_versions: Sequence[Mapping[str, Any]],
    write_report: Callable[[Path, Path], Path],
) -> Release:
    """Write `releases/<run_id>` from the build file and switch `serving` to it.

    A release of an earlier day than the served one is written and not served: readers must not
    be taken back by a backfill.

    `tables` are (schema, table) pairs: what the project has now, not what the build file still
    holds from a model that is gone.

    `text_versions` tell what read the texts: the one version per language that all tables show.

    `write_report(warehouse, folder)` renders the report into the release. Whatever fails before
    the switch leaves the old release serving and no half-written one behind.
    """
    final = releases / run_id
    aside = releases / f".{run_id}.writing"
    shutil.rmtree(aside, ignore_errors=True)
    (aside / "parquet").mkdir(parents=True)
    try:
        counted = _copy_tables(build_db, aside, tables, run_id)
        write_report(aside / "warehouse.duckdb", aside / "report")
        manifest = {
            "run_id": run_id,
            "as_of": as_of,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": {name: version(name) for name in PACKAGES},
            "tables": counted,
            "sources": list(sources),
            "text_versions": list(text_versions),
            "checks": list(checks),
            "files": [_file_entry(path, aside) for path in _files(aside)],
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1, default=str)
        (aside / "manifest.json").write_text(text, encoding="utf-8")
        shutil.rmtree(final, ignore_errors=True)
        aside.rename(final)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    newer = any(r.serving and r.manifest["as_of"] > as_of for r in list_releases(releases, serving))
    if not newer:
        switch(serving, final)
    return Release(final, manifest, serving=not newer)


def remove_half_written(releases: Path) -> list[Path]:
    """Remove, and return, what a run left that was killed while it wrote a release."""
    left = sorted(releases.glob(".*.writing"))
    for folder in left:
        shutil.rmtree(folder)
    return left


def switch(serving: Path, release: Path) -> None:
    """Point `serving` at `release`. Readers see the old one or the new one, never neither."""
    aside = serving.with_name(f".{serving.name}.new")
    aside.unlink(missing_ok=True)
    aside.symlink_to(os.path.relpath(release, serving.parent), target_is_directory=True)
    aside.replace(serving)


def list_releases(releases: Path, serving: Path) -> list[Release]:
    """Every release, the newest first. A folder without a readable manifest is left out."""
    current = serving.resolve() if serving.is_symlink() else None
    found = []
    for path in releases.glob("*/manifest.json"):
        if path.parent.name.startswith("."):
            continue
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        found.append(Release(path.parent, manifest, path.parent.resolve() == current))
    return sorted(found, key=lambda r: str(r.manifest["created_at"]), reverse=True)


def _copy_tables(
    build_db: Path, folder: Path, tables: Sequence[tuple[str, str]], run_id: str
) -> list[dict[str, Any]]:
    """Copy the tables into a new warehouse file and into Parquet; count their rows."""
    counted = []
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(build_db)} as build (read_only)")
        target = literal(folder / "warehouse.duckdb")
        connection.execute(f"attach {target} as release (storage_version '{STORAGE_VERSION}')")
        for schema in sorted({schema for schema, _ in tables}):
            connection.execute(f"create schema release.{schema}")
            (folder / "parquet" / schema).mkdir()
        for schema, table in sorted(tables):
            connection.execute(
                f'create table release.{schema}."{table}" as from build.{schema}."{table}"'
            )
            if (schema, table) == ("quality", "run"):
                # the build file knows that the run passed; whoever reads this, it was published
                published = f"update release.{schema}.{table} set status = 'published'"
                connection.execute(f"{published} where run_id = ?", [run_id])
            parquet = folder / "parquet" / schema / f"{table}.parquet"
            connection.execute(
                f'copy release.{schema}."{table}" to {literal(parquet)}'
                " (format parquet, compression zstd)"
            )
            row = connection.execute(f'select count(*) from release.{schema}."{table}"').fetchone()
            counted.append({"schema": schema, "table": table, "rows": row[0] if row else 0})
    return counted


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _file_entry(path: Path, folder: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "path": path.relative_to(folder).as_posix(),
        "bytes": path.stat().st_size,
        "sha256": digest,
    }
