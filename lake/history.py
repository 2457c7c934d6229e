"""What the lake knows of a source's earlier nights: asked with DuckDB over the Parquet files.

Only nights that ended count, up to a business day, without the run that asks; for a replay, only
those that began before the night that is read again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import duckdb

from lake.landing import Lake

SIZE_DAYS = 14
"""The sizes of pages are those of so many days."""


@dataclass(frozen=True)
class Known:
    """One item as the lake knows it: when it was first and last read, and its last version."""

    first_dt: date
    last_dt: date
    version_hash: str
    event_at: datetime | None


@dataclass(frozen=True)
class Visit:
    """The last time an address was asked for with success, and what a conditional request sends."""

    dt: date
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True)
class History:
    """A source's past as it was before one run."""

    lake: Lake
    source: str
    as_of: date
    beside_run: str
    before: datetime | None = None

    @cached_property
    def nights(self) -> list[dict[str, Any]]:
        """The source_run rows of the nights that count, the oldest first."""
        rows = self._query(
            "requests",
            "source_run",
            """
            select run_id, dt, status, seen, landed, watermark, since, started_at from files
            where dt <= $as_of and run_id <> $beside and ($before is null or started_at < $before)
            order by dt, started_at, run_id
            """,
        )
        return rows

    def watermark(self, spec_hash: str | None) -> datetime | None:
        """The newest item time of the complete nights; None if there were none.

        With `spec_hash`, only nights that collected under it count: a source that is told to
        collect something else has no history of that yet.
        """
        same = None if spec_hash is None else self._runs_of(spec_hash)
        marks = [
            night["watermark"]
            for night in self.nights
            if night["status"] == "complete"
            and night["watermark"] is not None
            and (same is None or night["run_id"] in same)
        ]
        return max(marks, default=None)

    def items(
        self, entity: str, *, fetched_only: bool = False, spec_hash: str | None = None
    ) -> dict[str, Known]:
        """Natural key -> what is known of the item; `fetched_only` leaves out those that were
        never fetched, only dropped as files; `spec_hash` those that were collected otherwise."""
        same = "" if spec_hash is None else f"and spec_hash = '{_word(spec_hash)}'"
        fetched = "having bool_or(url like 'http%')" if fetched_only else ""
        rows = self._query(
            "records",
            entity,
            f"""
            select natural_key, min(dt) as first_dt, max(dt) as last_dt,
                arg_max(version_hash, {_ORDER}) as version_hash,
                arg_max(event_at, {_ORDER}) as event_at
            from files where {_COUNTS} {same} group by natural_key {fetched}
            """,
        )
        return {row.pop("natural_key"): Known(**row) for row in rows}

    def values(self, entity: str, column: str) -> dict[str, Any]:
        """Natural key -> the last known value of one column."""
        rows = self._query(
            "records",
            entity,
            f"select natural_key, arg_max({column}, {_ORDER}) as value from files "
            f"where {_COUNTS} and {column} is not null group by natural_key",
        )
        return {row["natural_key"]: row["value"] for row in rows}

    def last_events(self) -> dict[str, str]:
        """Complaint -> the type of its newest event. What is said after the end reopens nothing."""
        rows = self._query(
            "records",
            "complaint_event",
            f"select complaint_id, arg_max(type, (occurred_at, seq)) as type from files "
            f"where {_COUNTS} and type not in ('rated', 'commented') and occurred_at is not null "
            "group by complaint_id",
        )
        return {row["complaint_id"]: row["type"] for row in rows}

    @cached_property
    def states(self) -> dict[tuple[str, str], str]:
        """(entity, item) -> whether it was last seen shown, hidden, deleted or expired."""
        rows = self._query(
            "records",
            "item_state",
            f"select item_entity, item_id, arg_max(state, {_ORDER}) as state from files "
            f"where {_COUNTS} group by item_entity, item_id",
        )
        return {(row["item_entity"], row["item_id"]): row["state"] for row in rows}

    def visits(self, requests: Iterable[str], spec_hash: str) -> dict[str, Visit]:
        """Address below its host -> its last visit by one of these requests that came to an end.

        The host may change its name (a replica its port) without its pages being others.
        What a conditional request sends is of visits under `spec_hash` alone: a page that is to be
        read otherwise has to be sent again.
        """
        same = f"filter (where spec_hash = '{_word(spec_hash)}')"
        rows = self._query(
            "requests",
            "request_outcome",
            f"""
            select {_BELOW_HOST} as address, max(dt) as dt,
                arg_max(etag, requested_at) {same} as etag,
                arg_max(last_modified, requested_at) {same} as last_modified
            from files
            where {_COUNTS} and request in ({_quoted(requests)})
                and outcome in ('ok', 'empty_confirmed', 'gone')
            group by address
            """,
        )
        return {row.pop("address"): Visit(**row) for row in rows}

    @cached_property
    def failed_nights(self) -> dict[tuple[str, str], int]:
        """(request, address below its host) -> on how many nights it could not be read."""
        rows = self._query(
            "requests",
            "request_outcome",
            f"""
            select request, address, count(*) as nights
            from (
                select request, {_BELOW_HOST} as address, dt from files
                where {_COUNTS}
                group by request, address, dt
                having not bool_or(outcome in ('ok', 'empty_confirmed', 'gone'))
            )
            group by request, address
            """,
        )
        return {(row["request"], row["address"]): row["nights"] for row in rows}

    def usual_bytes(self, request: str) -> float | None:
        """The median size of a request's pages that held items; None before three such pages."""
        size = self._page_sizes.get(request)
        return size["usual"] if size and size["pages"] >= 3 else None

    def end_bytes(self, request: str) -> float | None:
        """The size of the smallest page of a request that was believed to hold nothing."""
        size = self._page_sizes.get(request)
        return size["least"] if size else None

    @cached_property
    def _page_sizes(self) -> dict[str, dict[str, Any]]:
        """Request -> its pages of the last days: asked once, as every list of a night is judged
        by them (a list a day, a list a shop)."""
        rows = self._query(
            "requests",
            "request_outcome",
            f"""
            select request,
                median(bytes) filter (where outcome = 'ok' and items_seen > 0) as usual,
                count(*) filter (where outcome = 'ok' and items_seen > 0) as pages,
                min(bytes) filter (where outcome = 'empty_confirmed') as least
            from files
            where {_COUNTS} and kind <> 'file' and dt >= $as_of - interval {SIZE_DAYS} day
            group by request
            """,
        )
        return {row["request"]: row for row in rows}

    def held_items(self, url: str) -> bool:
        """Whether an address ever answered with items."""
        rows = self._query(
            "requests",
            "request_outcome",
            f"select url from files where {_COUNTS} and url = '{_word(url)}' and items_seen > 0 "
            "limit 1",
        )
        return bool(rows)

    def seen_by_night(self, nights: int = 14) -> list[int]:
        """How many items the last complete nights saw, however long ago they were."""
        found: dict[date, int] = {}
        for night in self._complete(nights):
            found[night["dt"]] = max(found.get(night["dt"], 0), night["seen"])
        return [found[day] for day in sorted(found)]

    def profiles(self, nights: int = 14) -> list[dict[str, Any]]:
        """Per night, entity, request and field: items, filled, length_sum, is_known.

        Of the last complete nights: a night that drifted must not become what is usual. Of a day
        that was read several times (again, or from the archive) the fullest reading counts.
        """
        runs = _quoted(night["run_id"] for night in self._complete(nights))
        if not runs:
            return []
        return self._query(
            "requests",
            "field_profile",
            f"""
            select dt, entity, request, field, is_known, items, filled, length_sum
            from files where run_id in ({runs})
            qualify row_number() over (
                partition by dt, entity, request, field, is_known order by items desc, run_id desc
            ) = 1
            order by dt, entity, request, field, is_known
            """,
        )

    def _complete(self, nights: int) -> list[dict[str, Any]]:
        """The runs of the last days before this one on which one ended complete."""
        ended = [n for n in self.nights if n["status"] == "complete" and n["dt"] < self.as_of]
        days = sorted({night["dt"] for night in ended})[-nights:]
        return [night for night in ended if night["dt"] in days]

    def _runs_of(self, spec_hash: str) -> set[str]:
        rows = self._query(
            "requests",
            "request_outcome",
            f"select distinct run_id from files where spec_hash = '{_word(spec_hash)}'",
        )
        return {row["run_id"] for row in rows}

    def _query(self, tree: str, name: str, sql: str) -> list[dict[str, Any]]:
        """Rows of `sql` over the source's files called `name`, there as `files`; none, no rows."""
        folder = self.lake.root / tree / f"source={self.source}"
        paths = [str(path) for path in sorted(folder.glob(f"dt=*/*/{name}.parquet"))]
        if not paths:
            return []
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute("create temp table counted (run_id varchar)")
            if "from counted" in sql:
                runs = [(night["run_id"],) for night in self.nights]
                if not runs:
                    return []
                connection.executemany("insert into counted values (?)", runs)
            values = {"as_of": self.as_of, "beside": self.beside_run, "before": self.before}
            files = "read_parquet($paths, hive_partitioning = false, union_by_name = true)"
            text = sql.replace("from files", f"from {files}")
            used = {n: v for n, v in values.items() if f"${n}" in text} | {"paths": paths}
            found = connection.execute(text, used)
            columns = [column[0] for column in found.description or []]
            return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


_ORDER = "(dt, observed_at, run_id, seq)"
_BELOW_HOST = "regexp_replace(url, '^https?://[^/]+', '')"
_COUNTS = "run_id in (select run_id from counted)"


def _word(text: str) -> str:
    return text.replace("'", "''")


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{_word(name)}'" for name in names)


def below_host(url: str) -> str:
    """An address without its scheme and host, as visits are known by."""
    return urlunsplit(urlsplit(url)._replace(scheme="", netloc=""))
