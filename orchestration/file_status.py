"""What became of the rows of each dropped file, as `voc status` tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from orchestration.reading import literal

SHOWN = 5
"""Files shown of each source, unless all are asked for."""

_TROUBLE = ("error", "partial", "waiting", "blocked", "drift", "gone")


@dataclass(frozen=True)
class FileStatus:
    """One file of a source's latest night: how it ended then, and the rows of when it was read.

    `loaded` are rows that became a version, where a release knows; else rows that landed, whether
    or not they repeat others, and `duplicates` is None.
    """

    source: str
    url: str
    outcome: str
    read_on: date | None
    seen: int
    loaded: int
    superseded: int
    duplicates: int | None
    quarantined: int
    note: str


def file_statuses(lake: Path, release: Path | None) -> list[FileStatus]:
    """The files of every source's latest night; those in trouble first, then the latest read.

    Rows are counted as of `release`, a warehouse file, where it knows the reading.
    """
    requests = lake / "requests"
    if not any(requests.glob("source=*/dt=*/*/request_outcome.parquet")):
        return []
    with duckdb.connect() as connection:
        _define(connection, requests, release)
        cursor = connection.execute(_FILES, [list(_TROUBLE)])
        names = [column[0] for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [_status(row) for row in rows]


def print_files(console: Console, statuses: list[FileStatus], *, all_files: bool) -> None:
    """A table for each source that has files."""
    for source, found in groupby(statuses, lambda status: status.source):
        files = list(found)
        shown = files if all_files else files[:SHOWN]
        console.print(_table(source, shown))
        if len(files) > len(shown):
            rest = len(files) - len(shown)
            console.print(f"  and {rest:,} more: voc status --files shows all", soft_wrap=True)


def _define(connection: duckdb.DuckDBPyConnection, requests: Path, release: Path | None) -> None:
    for name in ("request_outcome", "source_run"):
        files = literal(requests / "*" / "*" / "*" / f"{name}.parquet")
        connection.execute(
            f"create view {name} as from read_parquet({files}, union_by_name = true, "
            "hive_partitioning = false)"
        )
    counted = "select '' as source, '' as run_id, '' as url, 0 as loaded, 0 as superseded, "
    counted += "0 as duplicates, 0 as quarantined where false"
    if release is not None:
        connection.execute(f"attach {literal(release)} as release (read_only)")
        tables = "from duckdb_tables() where database_name = 'release' and table_name = "
        if connection.execute(f"{tables} 'dropped_file'").fetchone():
            counted = "from release.quality.dropped_file"
    connection.execute(f"create view counted as {counted}")


def _status(row: dict[str, Any]) -> FileStatus:
    repeats = row["outcome"] == "unchanged" and row["url"] != row["read_url"]
    is_told = repeats or row["outcome"] in _TROUBLE or _is_lost(row)
    counts = ("seen", "loaded", "superseded", "quarantined")
    return FileStatus(
        source=row["source"],
        url=row["url"],
        outcome=row["outcome"],
        read_on=None if repeats else row["read_on"],
        duplicates=0 if repeats else row["duplicates"],
        note=row["detail"] or "" if is_told else "",
        **{name: 0 if repeats else row[name] or 0 for name in counts},
    )


def _is_lost(row: dict[str, Any]) -> bool:
    """Whether a file has rows, and none of them landed."""
    return bool(row["seen"]) and row["landed"] == 0


def _table(source: str, files: list[FileStatus]) -> Table:
    table = Table(title=source, title_justify="left")
    table.add_column("file", overflow="fold")
    table.add_column("outcome")
    table.add_column("read on", no_wrap=True)
    for heading in ("rows", "loaded", "quarantined", "duplicates", "superseded"):
        table.add_column(heading, justify="right")
    table.add_column("what happened", overflow="fold")
    for file in files:
        known = file.duplicates is not None
        table.add_row(
            file.url.split("/", 3)[-1],
            file.outcome,
            str(file.read_on or ""),
            f"{file.seen:,}",
            f"{file.loaded:,}",
            f"{file.quarantined:,}",
            f"{file.duplicates:,}" if known else "?",
            f"{file.superseded:,}" if known else "?",
            file.note,
        )
    if any(file.duplicates is None for file in files):
        table.caption = "?: known when a night that holds them is published"
        table.caption_justify = "left"
    return table


_FILES = """
with latest as (
    select source, arg_max(run_id, finished_at) as run_id from source_run group by source
),

files as (
    select * from request_outcome where kind in ('file', 'query') and url <> ''
),

listed as (
    select
        source, run_id, url, any_value(sha256) as sha256, any_value(member) as member,
        any_value(outcome) as outcome, any_value(detail) as detail
    from files semi join latest using (source, run_id)
    group by source, run_id, url
),

readings as (
    select
        source, run_id, url, any_value(sha256) as sha256, any_value(member) as member,
        any_value(outcome) as outcome, any_value(dt) as read_on,
        max(requested_at) as requested_at, sum(items_seen) as seen,
        sum(items_landed) as landed
    from files
    where outcome not in ('unchanged', 'waiting')
    group by source, run_id, url
),

-- A file that is unchanged was read by another run: the last that read these bytes to their end,
-- under its own name if one did.
read as (
    select
        listed.source, listed.url, listed.outcome, listed.detail, readings.run_id,
        readings.url as read_url, readings.read_on, readings.requested_at, readings.seen,
        readings.landed,
        row_number() over (
            partition by listed.source, listed.url
            order by listed.url = readings.url desc nulls last, readings.requested_at desc
        ) as nth
    from listed
    left join readings on
        listed.source = readings.source
        and case
            when listed.outcome = 'unchanged'
                then
                    listed.sha256 = readings.sha256
                    and listed.member is not distinct from readings.member
                    and readings.outcome in ('ok', 'empty_confirmed')
            else listed.run_id = readings.run_id and listed.url = readings.url
        end
),

counts as (
    select
        source, run_id, url, sum(loaded) as loaded, sum(superseded) as superseded,
        sum(duplicates) as duplicates, sum(quarantined) as quarantined
    from counted group by source, run_id, url
)

select
    read.source, read.url, read.outcome, read.detail, read.read_url, read.read_on, read.seen,
    read.landed, coalesce(counts.loaded, read.landed) as loaded,
    counts.superseded,
    case when coalesce(read.seen, 0) = 0 then 0 else counts.duplicates end as duplicates,
    coalesce(counts.quarantined, read.seen - read.landed) as quarantined
from read
left join counts on
    read.source = counts.source and read.run_id = counts.run_id and read.read_url = counts.url
where read.nth = 1
order by
    read.source, list_contains(?, read.outcome) desc, read.requested_at desc nulls last, read.url
"""
