"""What `voc status` prints: is the warehouse fresh, and what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from orchestration.collect import unread_drops
from orchestration.deployment import Deployment
from orchestration.file_status import file_statuses, print_files
from orchestration.releases import list_releases


def print_status(console: Console, deployment: Deployment, *, all_files: bool = False) -> None:
    """The served release, the last run (published or not), each source's last night, its files."""
    console.print(f"{deployment.settings.name}, {deployment.home}", style="bold", soft_wrap=True)
    served = next(
        (r for r in list_releases(deployment.releases, deployment.serving) if r.serving), None
    )
    if served is None:
        console.print("Serving: nothing yet")
    else:
        created = str(served.manifest["created_at"])[:16].replace("T", " ")
        as_of = served.manifest["as_of"]
        console.print(f"Serving: {served.run_id}, as of {as_of}, published {created} UTC")
    last = max(
        _rows(deployment.lake.root, "runs/dt=*/*.parquet"),
        key=lambda row: row["finished_at"],
        default=None,
    )
    if last is None:
        console.print(f"Last run: none yet. Start one: voc run --home {deployment.home}")
        return
    console.print(
        f"Last run: {last['run_id']}, {last['status']}, {last['checks_passed']} checks passed, "
        f"{last['checks_failed']} failed, {last['checks_warned']} warned"
    )
    if last["message"]:
        console.print(f"  {last['message']}")
    console.print(_sources(deployment.lake.root))
    files = file_statuses(deployment.lake.root, served.warehouse if served else None)
    print_files(console, files, all_files=all_files)
    for sentence in unread_drops(deployment):
        console.print(sentence)


def _sources(lake: Path) -> Table:
    newest: dict[str, dict[str, Any]] = {}
    complete: dict[str, str] = {}
    for row in _rows(lake, "requests/*/*/*/source_run.parquet"):
        seen = newest.get(row["source"])
        if seen is None or row["finished_at"] > seen["finished_at"]:
            newest[row["source"]] = row
        if row["status"] == "complete":
            complete[row["source"]] = max(complete.get(row["source"], ""), str(row["dt"]))
    table = Table("source", "last night", "status", "last complete", "what happened")
    for source, row in sorted(newest.items()):
        last = complete.get(source, "never")
        table.add_row(source, str(row["dt"]), row["status"], last, row["message"] or "")
    return table


def _rows(lake: Path, pattern: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for path in sorted(lake.glob(pattern)):
        rows.extend(pq.ParquetFile(path).read().to_pylist())
    return rows
