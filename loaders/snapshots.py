"""Full snapshots: rows that the lake knows and a new snapshot doesn't list are closed.

A closing is a record like any other: the row's last version once more, with `vanished_at`. Keys are
compared by DuckDB over the lake's Parquet files, so that millions of them need little memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from lake.entities import ENTITIES
from lake.landing import Lake, Rejection, SourceLanding
from loaders.keys import is_whole
from loaders.rows import NO_RECORD

MEMORY = "400MB"
MOST_REFUSED = 1_000_000
"""More refused rows of one snapshot than this are not remembered, and nothing is closed then."""
BATCH_ROWS = 10_000


@dataclass(frozen=True)
class Closed:
    """What one snapshot came to: how many rows it closed, or why it closed none (`refusal`).

    A refusal `asks` when a person has to say whether so many rows are gone indeed.
    """

    rows: int = 0
    refusal: str = ""
    asks: bool = False


@dataclass
class Snapshots:
    """The full snapshots of one source's night, one after another: `begin`, land its rows, `end`.

    `max_closed` is the share of the open rows that one snapshot may close.
    """

    landing: SourceLanding
    lake: Lake
    entity: str
    max_closed: float
    _before: list[Path] = field(default_factory=list)
    _refused: set[str] = field(default_factory=set)
    _keyless: int = 0

    def begin(self) -> None:
        """A snapshot's rows are about to land."""
        self._before = self.landing.cut(self.entity)
        self._refused.clear()
        self._keyless = 0
        self.landing.on_reject = self._note

    def end(self, url: str) -> Closed:
        """All rows of the snapshot `url` landed or were refused: close what it doesn't list."""
        listed = self.landing.cut(self.entity)[len(self._before) :]
        self.landing.on_reject = None
        if self._keyless:
            return Closed(refusal=_keyless_words(self._keyless))
        if len(self._refused) > MOST_REFUSED:
            return Closed(refusal="too many of its rows were quarantined: nothing was closed")
        with self._state(listed) as state:
            known, vanished = state.execute(
                "select count(*), count(*) filter (where not listed) from known"
            ).fetchall()[0]
            if not vanished:
                return Closed()
            too_many = not listed or vanished > self.max_closed * known
            if too_many and not self.landing.run.accept_drift:
                return Closed(refusal=self._too_many_words(vanished, known), asks=True)
            rows = self.landing.land_closings(self.entity, _closings(state, self.entity, url))
        return Closed(rows=rows)

    def _note(self, rejection: Rejection) -> None:
        if rejection.reason_code in NO_RECORD:
            return
        key = rejection.natural_key or ""
        has_parts = len(ENTITIES[self.entity].key) > 1
        if not (is_whole(key) if has_parts else key):
            self._keyless += 1
        elif len(self._refused) <= MOST_REFUSED:
            self._refused.add(key)

    def _too_many_words(self, vanished: int, known: int) -> str:
        return (
            f"it would close {vanished:,} of {known:,} known rows, and max_closed is "
            f"{self.max_closed:g}: nothing was closed. If the file is not whole, drop a whole one. "
            "If the rows are gone indeed, run the night again with --accept-drift, or raise "
            "max_closed; if each file holds changes only, write mode: delta"
        )

    @contextmanager
    def _state(self, listed: list[Path]) -> Iterator[duckdb.DuckDBPyConnection]:
        """A database with `known`: the rows that were open before, and which are `listed`."""
        past, runs = self._past()
        spill = self.lake.root / ".landing" / f"spill-{self.landing.source}"
        with duckdb.connect() as connection:
            connection.execute(f"set memory_limit = '{MEMORY}'; set threads = 2")
            connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
            connection.execute(f"set temp_directory = '{_word(str(spill))}'")
            connection.register("no_rows", ENTITIES[self.entity].schema.empty_table())
            connection.register("runs", pa.Table.from_pylist(runs, schema=_RUNS))
            refused = pa.array(list(self._refused), pa.string())
            connection.register("refused", pa.table({"natural_key": refused}))
            connection.execute(f"create view landed as {_files([*past, *self._before])}")
            connection.execute(f"create view present as {_files(listed)}")
            connection.execute(_KNOWN)
            yield connection

    def _past(self) -> tuple[list[Path], list[dict[str, object]]]:
        """The source's files of this entity that landed before, and their runs in their order."""
        run, source = self.landing.run, self.landing.source
        nights = self.lake.nights_before(source, run)
        runs: list[dict[str, object]] = [
            {"dt": dt, "run_id": run_id, "place": place}
            for place, (dt, run_id) in enumerate(nights, start=1)
        ]
        runs.append({"dt": run.as_of, "run_id": run.run_id, "place": len(runs) + 1})
        home = self.lake.root / "records" / f"source={source}"
        paths = [home / f"dt={dt}" / run_id / f"{self.entity}.parquet" for dt, run_id in nights]
        return [path for path in paths if path.exists()], runs


_RUNS = pa.schema([("dt", pa.date32()), ("run_id", pa.string()), ("place", pa.int64())])

_PLACE = "runs.place * 1099511627776 + landed.seq"
"""A record's place in the order of landing, over runs and in them (2^40 records a run)."""

_KNOWN = f"""
create temp table known as
with placed as (
    select landed.natural_key, landed.row_version, landed.vanished_at is null as is_open,
        {_PLACE} as place
    from landed inner join runs using (dt, run_id)
),
-- A version that is older than one before it replaces nothing (see record_versions in dbt).
newest as (
    select natural_key, max(row_version) as row_version
    from placed where row_version is not null group by natural_key
),
latest as (
    select placed.natural_key, max(placed.place) as place, arg_max(is_open, place) as is_open
    from placed left join newest using (natural_key)
    where placed.row_version is null or placed.row_version = newest.row_version
    group by placed.natural_key
)
select natural_key, place,
    natural_key in (select natural_key from present)
    or natural_key in (select natural_key from refused) as listed
from latest where is_open
"""


def _closings(state: duckdb.DuckDBPyConnection, entity: str, url: str) -> Iterator[pa.RecordBatch]:
    """The last versions of the rows that vanished, as closings: another hash, and no place."""
    replaced = {
        "version_hash": "left(sha256(landed.version_hash || chr(31) || 'closed'), 32)",
        "url": "$url",
        "position": "null::bigint",
        "page_no": "null::bigint",
        "payload": "null::varchar",
    }
    columns = ", ".join(
        f"{replaced.get(name, f'landed.{_quoted(name)}')} as {_quoted(name)}"
        for name in ENTITIES[entity].schema.names
    )
    found = state.sql(
        f"""
        select {columns} from landed inner join runs using (dt, run_id)
        inner join (select place from known where not listed) as vanished
            on {_PLACE} = vanished.place
        """,
        params={"url": url},
    )
    yield from found.to_arrow_reader(BATCH_ROWS)


def _files(paths: list[Path]) -> str:
    """A query over Parquet files, the columns of which older ones may lack."""
    if not paths:
        return "select * from no_rows"
    listed = ", ".join(f"'{_word(str(path))}'" for path in paths)
    files = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    return f"select * from no_rows union all by name select * from {files}"


def _keyless_words(count: int) -> str:
    rows = "row was" if count == 1 else "rows were"
    return (
        f"{count:,} {rows} quarantined without a key that could be read, and might be any of the "
        "known ones: nothing was closed. Mend the file and drop it again"
    )


def _word(text: str) -> str:
    return text.replace("'", "''")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
