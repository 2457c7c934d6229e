"""Landing one source's night: records, quarantine and request outcomes, all or nothing.

Files are written aside and renamed into the lake when the source is done, the request outcomes
last: a folder under records/ or quarantine/ without its twin under requests/ is what a killed run
left, and `Lake.prepare` removes it.

    lake/records/source=S/dt=D/RUN/<entity>.parquet
    lake/quarantine/source=S/dt=D/RUN/quarantine.parquet
    lake/requests/source=S/dt=D/RUN/request_outcome.parquet, field_profile.parquet,
                                    masked_value.parquet, source_run.parquet
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from lake.entities import (
    DAY,
    ENTITIES,
    ENVELOPE,
    FIELD_PROFILE,
    MASKED_VALUE,
    QUARANTINE,
    REQUEST_OUTCOME,
    SCHEMA_SOURCE,
    SOURCE_RUN,
    TEXT,
    Entity,
)
from lake.fingerprint import keep_key
from lake.privacy import Privacy, mask_text

Status = Literal["complete", "partial", "failed"]
Outcome = Literal[
    "ok",
    "empty_confirmed",
    "unchanged",  # a dropped file whose bytes landed before
    "waiting",  # a dropped file that may not be whole yet
    "blocked",
    "drift",
    "partial",
    "gone",
    "refused",
    "error",
]
GOOD_OUTCOMES: tuple[Outcome, ...] = ("ok", "empty_confirmed")

BATCH_ROWS = 10_000
CLOCK_SKEW = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES = {entity.name: tuple(entity.schema.names) for entity in ENTITIES.values()}
_PLACES = [f"{place}," for place in range(max(map(len, _NAMES.values())))]
_ENTITY, _KEY, _RECORD, _VERSION, _SEQ = map(
    list(ENVELOPE).index, ("entity", "natural_key", "record_key", "version_hash", "seq")
)
"""The places of an entity's name in the envelope, and of what is each record's own there."""


def utc_now() -> datetime:
    """The clock, in one place. Only collection asks it; models are given `as_of`."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class RunContext:
    """What one nightly run knows of itself: its business date, its id, the deployment's zone.

    `accept_drift`: a person said that much less than before is meant tonight.
    """

    as_of: date
    run_id: str
    zone: ZoneInfo
    clock: Callable[[], datetime] = utc_now
    accept_drift: bool = False

    @property
    def cutoff(self) -> datetime:
        """The end of the business day `as_of`, in UTC (exclusive)."""
        local = datetime.combine(self.as_of + timedelta(days=1), time(), tzinfo=self.zone)
        return local.astimezone(UTC)


@dataclass(frozen=True)
class Record:
    """One thing read from one place. `columns` are the entity's own; the rest is its envelope.

    `url` is the page or the path below the deployment's folder; `position` the item's place on
    the page or its line in the file; `archive_file`/`archive_offset` lead to the exact bytes.
    `observed_at` is when it was fetched, where that is not now (a page out of the archive).
    `unstable` columns drift with the time of reading ("3 hours ago") and make no new version.
    """

    entity: str
    natural_key: str
    columns: Mapping[str, Any]
    url: str
    position: int
    archive_file: str
    archive_offset: int
    parser_version: str
    spec_hash: str
    page_no: int | None = None
    event_at: datetime | None = None
    event_at_raw: str | None = None
    event_precision: Literal["second", "minute", "day", "unknown"] = "unknown"
    payload: Mapping[str, Any] | None = None
    observed_at: datetime | None = None
    unstable: frozenset[str] = frozenset()
    row_version: int | None = None


@dataclass(frozen=True)
class Rejection:
    """One record that could not be read: where it stands and why, for the person who mends it."""

    entity: str
    file: str
    line: int | None
    column: str | None
    reason_code: str
    reason: str
    natural_key: str | None = None
    value: str | None = None
    archive_file: str | None = None
    archive_offset: int | None = None
    observed_at: datetime | None = None


@dataclass(frozen=True)
class RequestOutcome:
    """How one attempt to get something ended. `items_seen` counts items before any parsing.

    `request` is the request's name in source.yml; `etag` and `last_modified` are what the next
    conditional request sends back, or (`etag`) where the next query begins. Kind `replay` was read
    out of the archive, not fetched; `closing` are the rows that a full snapshot lists no more.
    `items_landed` are those whose own record landed; `member` is a name in the zip of that `url`.
    """

    entity: str
    kind: Literal["http", "file", "replay", "query", "closing"]
    requested_at: datetime
    url: str
    outcome: Outcome
    detail: str = ""
    final_url: str | None = None
    page_no: int | None = None
    attempt: int = 1
    http_status: int | None = None
    content_type: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    items_seen: int = 0
    duration_ms: int | None = None
    archive_file: str | None = None
    archive_offset: int | None = None
    spec_hash: str | None = None
    request: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    items_landed: int | None = None
    member: str | None = None


@dataclass(frozen=True)
class FieldProfile:
    """How full one field was over the items of one request (`FIELD_PROFILE` in lake.entities)."""

    entity: str
    request: str
    field: str
    is_known: bool
    items: int
    filled: int
    length_sum: int


@dataclass(frozen=True)
class SourceRun:
    """How a source's night ended: the row of `quality.run`'s source list."""

    source: str
    kind: str
    status: Status
    message: str
    seen: int
    landed: int
    quarantined: int
    masked_values: int
    watermark: datetime | None
    since: datetime | None
    started_at: datetime
    finished_at: datetime


def digest(*parts: str) -> str:
    """32 hex characters of SHA-256 over the parts; the separator can't be part of a part."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def quick_digest(*parts: str) -> str:
    """32 hex characters of MD5: for comparing, by the million, what nobody has reason to forge.

    What must not be forged (the bytes of files and pages) is known by its SHA-256.
    """
    whole = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.md5(whole, usedforsecurity=False).hexdigest()


def content_hash(entity: Entity, columns: Mapping[str, Any]) -> str:
    """The version of a record: equal exactly when its filled columns are equal.

    Columns go by their places, so that one that an entity gets later, behind those it has, makes no
    new versions. `loaders.bulk` says the same in SQL.
    """
    return _version(map(columns.get, entity.columns))


def _version(values: Iterable[Any]) -> str:
    """`content_hash` of the values of an entity's columns, in their order."""
    filled, said = "", []
    for place, value in zip(_PLACES, values, strict=False):
        if value is not None:
            filled += place
            said.append(value if type(value) is str else _plainly(value))
    return quick_digest(filled, *said)


@lru_cache(maxsize=8192, typed=True)  # the numbers and times of answers come again and again
def _plainly(value: Any) -> str:
    """A value as the hash of its record takes it: equal values alike, however they were written."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value + 0.0:.17g}"  # no minus before zero
        case Decimal():
            return f"{value + 0:.4f}"
        case datetime():
            return str((value - _EPOCH) // timedelta(microseconds=1))
    return str(value)


def content_key(sha256: str, member: str | None) -> str:
    """By what a dropped file is known again, or the member of a zip: never by the file's name."""
    return f"{sha256}!{member}" if member else sha256


class _Sheet:
    """One Parquet file written in batches, so that memory stays flat; no rows, no file."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path, self._schema = path, schema
        self._rows: list[dict[str, Any]] = []
        self._writer: pq.ParquetWriter | None = None

    def add(self, row: dict[str, Any]) -> None:
        self._rows.append(row)
        if len(self._rows) >= BATCH_ROWS:
            self._flush()

    def close(self) -> None:
        """Write what is pending; without a single row there will be no file."""
        if self._rows:
            self._flush()
        self.abandon()

    def abandon(self) -> None:
        """Close the file without what is pending."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _flush(self) -> None:
        table = pa.Table.from_pylist(self._rows, schema=self._schema)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, self._schema, compression="zstd")
        self._writer.write_table(table)
        self._rows.clear()


@dataclass
class SourceLanding:
    """The landing of one source in one run. Use as a context manager, end with `finish`.

    Left without `finish` (an exception on the way), nothing is landed. `on_reject` is told of
    every record that is quarantined, its key not yet masked.
    """

    lake: Lake
    source: str
    kind: Literal["platform", "survey", "extract"]
    run: RunContext
    privacy: Privacy
    quarantined: int = 0
    landed: int = 0
    seen: int = 0
    on_reject: Callable[[Rejection], None] | None = None
    _pending: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    _writers: dict[str, pq.ParquetWriter] = field(default_factory=dict)
    _parts: dict[str, list[Path]] = field(default_factory=dict)
    _masked: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _seq: int = 0

    def __post_init__(self) -> None:
        self.started_at = self.run.clock()
        self._aside = self.lake.root / ".landing" / f"{self.source}-{self.run.run_id}"
        self._cutoff = self.run.cutoff  # the same for every record, and not free to work out
        requests = self._aside / "requests"
        self._rejected = _Sheet(self._aside / "quarantine" / "quarantine.parquet", QUARANTINE)
        self._outcomes = _Sheet(requests / "request_outcome.parquet", REQUEST_OUTCOME)
        self._profile = _Sheet(requests / "field_profile.parquet", FIELD_PROFILE)
        self._masks = _Sheet(requests / "masked_value.parquet", MASKED_VALUE)
        self._result = _Sheet(requests / "source_run.parquet", SOURCE_RUN)
        self._sheets = (
            *(self._rejected, self._outcomes, self._profile),
            *(self._masks, self._result),
        )

    def __enter__(self) -> SourceLanding:
        shutil.rmtree(self._aside, ignore_errors=True)
        for tree in ("records", "quarantine", "requests", "parts"):
            (self._aside / tree).mkdir(parents=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for writer in self._writers.values():
            writer.close()
        for sheet in self._sheets:
            sheet.abandon()
        shutil.rmtree(self._aside, ignore_errors=True)

    def reserve(self, count: int) -> int:
        """Keep `count` places in the order of landing; the number before the first of them."""
        before = self._seq
        self._seq += count
        return before

    def land(self, record: Record, seq: int | None = None) -> str | None:
        """Take a record and return its version, or quarantine it (None): a required column is
        empty, or it is from the future. `seq` is a place that was reserved for it."""
        entity = ENTITIES[record.entity]
        now = record.observed_at or self.run.clock()
        fault = self._fault(entity, record, now)
        if fault is not None:
            self.reject(fault)
            return None
        self._count_masks(record.entity, record.url)
        seq = self.reserve(1) + 1 if seq is None else seq
        stable = record.columns
        if record.unstable:
            stable = {n: v for n, v in record.columns.items() if n not in record.unstable}
        version_hash = content_hash(entity, stable)
        values = map(record.columns.get, entity.columns)
        self._keep(self._envelope(record, now), record.natural_key, version_hash, seq, values)
        return version_hash

    def land_alike(self, record: Record, rows: Iterable[tuple[str, tuple[Any, ...]]]) -> None:
        """Take records that have all but their natural keys and columns in common with `record`.

        `rows` are those keys, each with the values of the entity's columns in their order. They
        land, or are quarantined, as if each were given to `land`.
        """
        entity = ENTITIES[record.entity]
        now = record.observed_at or self.run.clock()
        is_late = self._is_late(record, now)
        required = [list(entity.columns).index(name) for name in entity.required]
        envelope = self._envelope(record, now)
        for key, values in rows:
            needed = [values[place] for place in required]
            if is_late or None in needed or "" in needed:
                columns = dict(zip(entity.columns, values, strict=True))
                self.land(replace(record, natural_key=key, columns=columns))
            else:
                self._count_masks(record.entity, record.url)
                self._keep(envelope, key, _version(values), self.reserve(1) + 1, values)

    def _envelope(self, record: Record, now: datetime) -> list[Any]:
        """A record's envelope, without what is its own; the name of its entity stands there."""
        row = {
            "source": self.source,
            "entity": record.entity,
            "event_at": record.event_at,
            "event_at_raw": record.event_at_raw,
            "event_precision": record.event_precision,
            "observed_at": now,
            "dt": self.run.as_of,
            "run_id": self.run.run_id,
            "url": record.url,
            "page_no": record.page_no,
            "position": record.position,
            "archive_file": record.archive_file,
            "archive_offset": record.archive_offset,
            "parser_version": record.parser_version,
            "spec_hash": record.spec_hash,
            "payload": _json(record.payload),
            "row_version": record.row_version,
        }
        return list(map(row.get, ENVELOPE))

    def _keep(
        self,
        envelope: Sequence[Any],
        natural_key: str,
        version_hash: str,
        seq: int,
        values: Iterable[Any],
    ) -> None:
        """Add a record to those that wait to be written."""
        name = envelope[_ENTITY]
        row = [*envelope, *values]
        record_key = quick_digest(self.source, name, natural_key)
        row[_KEY], row[_RECORD], row[_VERSION], row[_SEQ] = (
            natural_key,
            record_key,
            version_hash,
            seq,
        )
        pending = self._pending.setdefault(name, [])
        # As a tuple in its schema's order: a third of a dict's memory while it waits.
        pending.append(tuple(row))
        if len(pending) >= BATCH_ROWS:
            self._flush(name)

    def reject(self, rejection: Rejection) -> None:
        """Quarantine one record: its value masked and cut, and what else repeats it masked too.

        A platform's ids are public, and some look like mobiles (黑猫: 11 digits from 17 on): they
        stay, so that a person can look the item up.
        """
        if self.on_reject is not None:
            self.on_reject(rejection)
        self.privacy.take_masked()  # of what does not land, nothing counts but what is told here
        row = asdict(rejection)
        for told in ("reason",) if self.kind == "platform" else ("reason", "natural_key"):
            row[told] = self.privacy.mask(row[told])
        value = row.pop("value")
        row["value_masked"] = (self.privacy.mask(value) or "")[:120] if value is not None else None
        row |= {
            "source": self.source,
            "dt": self.run.as_of,
            "run_id": self.run.run_id,
            "observed_at": rejection.observed_at or self.run.clock(),
        }
        self._count_masks(rejection.entity, rejection.file)
        self._rejected.add(row)
        self.quarantined += 1

    def outcome(self, outcome: RequestOutcome) -> None:
        """Note how one request or file ended."""
        self._outcomes.add(
            asdict(outcome)
            | {"detail": self._told(outcome.detail)}
            | {"source": self.source, "dt": self.run.as_of, "run_id": self.run.run_id}
        )
        self.seen += outcome.items_seen

    def _count_masks(self, entity: str, file: str) -> None:
        """What was masked just now is of what is kept of this file."""
        if not self.privacy.masked:  # nearly always
            return
        for kind, count in self.privacy.take_masked().items():
            self._masked[entity, file, kind] += count

    def cut(self, entity: str) -> list[Path]:
        """End tonight's file of an entity, so that it can be read; what lands next begins another.

        Returns all such files of the night in their order; `finish` joins them.
        """
        parts = self._parts.setdefault(entity, [])
        if self._pending.get(entity):
            self._flush(entity)
        writer = self._writers.pop(entity, None)
        if writer is not None:
            writer.close()
            part = self._aside / "parts" / f"{entity}-{len(parts)}.parquet"
            self._records(entity).rename(part)
            parts.append(part)
        return list(parts)

    def land_closings(self, entity: str, batches: Iterable[pa.RecordBatch]) -> int:
        """Land records that end others: whole rows of the entity, which get tonight's envelope.

        `batches` have the entity's columns. Returns how many landed.
        """
        before, schema = self.landed, ENTITIES[entity].schema
        for batch in batches:
            table = pa.Table.from_batches([batch]).select(_NAMES[entity])
            seqs = range(self._seq + 1, self._seq + 1 + table.num_rows)
            self._seq += table.num_rows
            now = self.run.clock()
            tonight = {
                "observed_at": [now] * table.num_rows,
                "dt": [self.run.as_of] * table.num_rows,
                "run_id": [self.run.run_id] * table.num_rows,
                "seq": seqs,
                "vanished_at": [now] * table.num_rows,
            }
            for name, values in tonight.items():
                at = table.schema.get_field_index(name)
                table = table.set_column(at, name, pa.array(values, schema.field(at).type))
            self._write(entity, table.cast(schema))
        return self.landed - before

    def profile(self, rows: Iterable[FieldProfile]) -> None:
        """Note how full the fields of the night's items were."""
        night = {"source": self.source, "dt": self.run.as_of, "run_id": self.run.run_id}
        for row in rows:
            self._profile.add(asdict(row) | night)

    def finish(
        self,
        status: Status,
        message: str = "",
        watermark: datetime | None = None,
        since: datetime | None = None,
    ) -> SourceRun:
        """Write everything and rename it into the lake. A failed source lands its outcomes too."""
        for name in list(self._pending):
            self._flush(name)
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()
        for entity, parts in self._parts.items():
            self._join(entity, parts)
        result = SourceRun(
            source=self.source,
            kind=self.kind,
            status=status,
            message=self._told(message),
            seen=self.seen,
            landed=self.landed,
            quarantined=self.quarantined,
            masked_values=self._masked.total(),
            watermark=watermark,
            since=since,
            started_at=self.started_at,
            finished_at=self.run.clock(),
        )
        night = {"source": self.source, "dt": self.run.as_of, "run_id": self.run.run_id}
        for (entity, file, kind), count in self._masked.items():
            about = {"entity": entity, "file": file, "kind": kind}
            self._masks.add(night | about | {"masked_values": count})
        self._result.add(asdict(result) | night)
        for sheet in self._sheets:
            sheet.close()
        for tree in ("records", "quarantine", "requests"):
            self._move(tree)
        return result

    def latest(self, now: datetime) -> datetime:
        """What happened after this, said of something that was read at `now`, is a mistake."""
        return max(now, self._cutoff) + CLOCK_SKEW

    def _told(self, message: str) -> str:
        """What is said of a file, without what it repeats of it (a first row taken for headers)."""
        return message if self.kind == "platform" else mask_text(message)[0]

    def _fault(self, entity: Entity, record: Record, now: datetime) -> Rejection | None:
        for column in entity.required:
            if record.columns.get(column) in (None, ""):
                reason = f"{column} is required for {entity.name} and is empty here."
                return self._rejection(record, column, "missing_required", reason)
        if record.event_at is not None and self._is_late(record, now):
            latest = self.latest(now).isoformat(timespec="seconds")
            reason = (
                f"The time {record.event_at.isoformat()} lies after the moment it was read "
                f"({latest}): check the year, the day-month order "
                "or the zone in the source."
            )
            told_by = (c for c in entity.event_columns if record.columns.get(c) is not None)
            raw = record.event_at_raw
            return self._rejection(record, next(told_by, None), "future_timestamp", reason, raw)
        return None

    def _is_late(self, record: Record, now: datetime) -> bool:
        return record.event_at is not None and record.event_at > self.latest(now)

    def _rejection(
        self, record: Record, column: str | None, code: str, reason: str, value: str | None = None
    ) -> Rejection:
        return Rejection(
            entity=record.entity,
            file=record.url,
            line=record.position,
            column=column,
            reason_code=code,
            reason=reason,
            natural_key=record.natural_key,
            value=value,
            archive_file=record.archive_file,
            archive_offset=record.archive_offset,
            observed_at=record.observed_at,
        )

    def _flush(self, name: str) -> None:
        rows = self._pending.pop(name, [])
        schema = ENTITIES[name].schema
        try:
            # Column by column takes a quarter of the time of Table.from_pylist.
            pairs = zip(zip(*rows, strict=True), schema, strict=True)
            columns = [_column(values, field.type) for values, field in pairs]
            table = pa.Table.from_arrays(columns, schema=schema)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            table = self._keep_good(name, rows, schema)
        self._write(name, table)

    def land_table(self, name: str, rows: pa.Table, shared: Mapping[str, Any]) -> None:
        """Land many records of one entity that are known to be good.

        `rows` has their keys, hashes and places (natural_key, record_key, version_hash, event_at,
        event_at_raw, event_precision, position, archive_offset, seq) and the entity's columns;
        `shared` the columns of the envelope that all of them have alike. What neither has is NULL.
        """
        schema = ENTITIES[name].schema
        alike = {
            "source": self.source,
            "entity": name,
            "dt": self.run.as_of,
            "run_id": self.run.run_id,
            **shared,
        }
        columns = [
            rows.column(field.name).cast(field.type)
            if field.name in rows.column_names
            else pa.repeat(pa.scalar(alike.get(field.name), field.type), rows.num_rows)
            for field in schema
        ]
        self._write(name, pa.Table.from_arrays(columns, schema=schema))

    def _write(self, name: str, table: pa.Table) -> None:
        if name not in self._writers:
            self._writers[name] = _writer(self._records(name), name)
        self._writers[name].write_table(table)
        self.landed += table.num_rows

    def _records(self, name: str) -> Path:
        return self._aside / "records" / f"{name}.parquet"

    def _join(self, name: str, parts: list[Path]) -> None:
        """Make one file of an entity's parts and of what landed after them."""
        whole = self._records(name)
        if whole.exists():
            parts = [*parts, whole.rename(self._aside / "parts" / f"{name}-last.parquet")]
        if len(parts) == 1:
            parts[0].rename(whole)
        elif parts:
            with _writer(whole, name) as writer:
                for part in parts:
                    for batch in pq.ParquetFile(part).iter_batches(BATCH_ROWS):
                        writer.write_batch(batch)

    def _keep_good(self, name: str, rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
        """One row of a batch can't be stored: find it, quarantine it, keep the others."""
        good = []
        for values in rows:
            row = dict(zip(schema.names, values, strict=True))
            try:
                good.append(pa.Table.from_pylist([row], schema=schema))
            except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
                self.reject(
                    Rejection(
                        entity=name,
                        file=row["url"],
                        line=row["position"],
                        column=None,
                        reason_code="unstorable_value",
                        reason=f"A value does not fit its column: {error}",
                        natural_key=str(row["natural_key"]).encode("utf-8", "replace").decode(),
                        archive_file=row["archive_file"],
                        archive_offset=row["archive_offset"],
                        observed_at=row["observed_at"],
                    )
                )
        return pa.concat_tables([*good, schema.empty_table()])

    def _move(self, tree: str) -> None:
        home = self.lake.night(tree, self.source, self.run)
        shutil.rmtree(home, ignore_errors=True)
        if any((self._aside / tree).iterdir()):
            home.parent.mkdir(parents=True, exist_ok=True)
            (self._aside / tree).rename(home)


@dataclass(frozen=True)
class Lake:
    """A deployment's lake folder."""

    root: Path

    def night(self, tree: str, source: str, run: RunContext) -> Path:
        """The folder of one source's night in `tree` (records, quarantine, requests, archive)."""
        day = f"dt={run.as_of.isoformat()}"
        return self.root / tree / f"source={source}" / day / run.run_id

    def open(
        self,
        source: str,
        kind: Literal["platform", "survey", "extract"],
        run: RunContext,
        privacy: Privacy,
    ) -> SourceLanding:
        """Begin landing a source's night."""
        keep_key(self.root, privacy)
        return SourceLanding(self, source, kind, run, Privacy(privacy.key))

    def prepare(self) -> list[Path]:
        """Write the typed empty files; remove, and return, what killed runs left."""
        shutil.rmtree(self.root / ".landing", ignore_errors=True)
        self._write_empty_files()
        left = []
        for tree in ("records", "quarantine"):
            for night in sorted((self.root / tree).glob("source=*/dt=*/*")):
                twin = self.root / "requests" / night.relative_to(self.root / tree)
                if night.parts[-3] != f"source={SCHEMA_SOURCE}" and not twin.exists():
                    shutil.rmtree(night)
                    left.append(night)
        return left

    def landed_files(
        self, source: str, as_of: date, spec_hash: str, *, beside_run: str | None = None
    ) -> dict[str, str]:
        """`content_key` -> url of what landed of dropped files up to `as_of`, under this mapping.

        `beside_run` leaves one run out: a run that is tried again replaces what it landed itself.
        """
        rows = self.good_outcomes("file", source, as_of, spec_hash, beside_run=beside_run)
        return {content_key(row["sha256"], row.get("member")): row["url"] for row in rows}

    def good_outcomes(
        self, kind: str, source: str, as_of: date, spec_hash: str, *, beside_run: str | None = None
    ) -> list[dict[str, Any]]:
        """The request outcomes of one kind that ended well up to `as_of` under the same mapping.

        In the order of their nights, and in those of their beginning. `beside_run` as above.
        """
        rows = [
            row
            for row in self._requests("request_outcome", source, as_of)
            if row["kind"] == kind
            and row["outcome"] in GOOD_OUTCOMES
            and row["spec_hash"] == spec_hash
            and row["run_id"] != beside_run
        ]
        return sorted(rows, key=lambda row: (row["dt"], row["requested_at"]))

    def nights_before(self, source: str, run: RunContext) -> list[tuple[date, str]]:
        """(dt, run_id) of a source's nights up to `run`'s day, in their order, without its own."""
        rows = self._requests("source_run", source, run.as_of)
        others = [row for row in rows if row["run_id"] != run.run_id]
        others.sort(key=lambda row: (row["dt"], row["started_at"], row["run_id"]))
        return [(row["dt"], row["run_id"]) for row in others]

    def forget_archive(self, source: str, before: date) -> list[Path]:
        """Remove a source's archives of days before `before`; returns the folders."""
        folders = sorted((self.root / "archive" / f"source={source}").glob("dt=*"))
        old = [folder for folder in folders if folder.name < f"dt={before.isoformat()}"]
        for folder in old:
            shutil.rmtree(folder)
        return old

    def _requests(self, name: str, source: str, as_of: date) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        folder = self.root / "requests" / f"source={source}"
        for path in sorted(folder.glob(f"dt=*/*/{name}.parquet")):
            if path.parts[-3] <= f"dt={as_of.isoformat()}":
                rows.extend(pq.ParquetFile(path).read().to_pylist())
        return rows

    def _write_empty_files(self) -> None:
        empty = [
            *(("records", e.name, e.schema) for e in ENTITIES.values()),
            ("quarantine", "quarantine", QUARANTINE),
            ("requests", "request_outcome", REQUEST_OUTCOME),
            ("requests", "field_profile", FIELD_PROFILE),
            ("requests", "masked_value", MASKED_VALUE),
            ("requests", "source_run", SOURCE_RUN),
        ]
        for tree, name, schema in empty:
            folder = self.root / tree / f"source={SCHEMA_SOURCE}" / "dt=1970-01-01" / "schema"
            folder.mkdir(parents=True, exist_ok=True)
            pq.write_table(schema.empty_table(), folder / f"{name}.parquet")


def _writer(path: Path, name: str) -> pq.ParquetWriter:
    """Writes one entity's records. Columns that hardly repeat are dearer with a dictionary.

    Hashes stay as they are: to halve them would take a third of the time that writing takes.
    """
    entity = ENTITIES[name]
    hashes = {"record_key", "version_hash"}
    unlike = {"natural_key", "event_at_raw", *hashes, *entity.key}
    alike = [f.name for f in entity.schema if f.type in (TEXT, DAY) and f.name not in unlike]
    return pq.ParquetWriter(
        path,
        entity.schema,
        compression={n: "none" if n in hashes else "zstd" for n in entity.schema.names},
        use_dictionary=alike,
        column_encoding=dict.fromkeys(("seq", "position", "archive_offset"), "DELTA_BINARY_PACKED"),
        write_statistics=["dt"],
    )


def _column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Values as one column: quickly where all are the same text or day, or there are none."""
    first = values[0]
    if (first is None or kind in (TEXT, DAY)) and values.count(first) == len(values):
        return pa.repeat(pa.scalar(first, kind), len(values))
    return pa.array(values, kind)


def _json(payload: Mapping[str, Any] | None) -> str | None:
    return None if payload is None else json.dumps(payload, ensure_ascii=False, default=str)
