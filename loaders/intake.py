"""One source's night of files: what every loader does alike, whatever the files hold.

Finds the files, passes over those that landed before, lets `read` land the rows of each, and
notes how each ended. A bad file fails alone; nothing is raised for it.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import python_calamine as calamine

from lake.landing import (
    GOOD_OUTCOMES,
    Lake,
    Outcome,
    Record,
    Rejection,
    RequestOutcome,
    RunContext,
    SourceLanding,
    SourceRun,
    Status,
    content_key,
    digest,
    utc_now,
)
from lake.privacy import Privacy, mask_text
from loaders.archives import Part, parts_of
from loaders.config import FileConfig
from loaders.files import Dropped, FileFault, Scan, find, not_whole, scan, told_name
from loaders.rows import Remarks, Row, Table
from loaders.snapshots import Snapshots
from loaders.tables import open_table
from loaders.times import precision

VERSION = "3"  # raise it when the same file must be read anew, by another reading of it
PROGRESS_EVERY = 20_000
UNPACKED = Path("build", "unpacked")
"""Where packed files are unpacked, below the deployment; empty between nights."""

_UNREAD = {
    *("files", "done_marker", "settle_seconds"),
    *("max_closed", "overlap_minutes", "timeout_minutes"),
}
"""What the config says that doesn't change how a file is read."""
_NOT_WELL = frozenset({"error", "partial", "waiting", "drift"})
NOTHING_LANDED = "none of its rows landed"


@dataclass(frozen=True)
class Job:
    """What is to be loaded: one source, its landing folder, its config.

    `max_closed` is set where each file is a full snapshot: the share of rows that one may close.
    """

    source: str
    kind: Literal["survey", "extract"]
    entity: str
    folder: Path
    home: Path
    config: FileConfig
    run: RunContext
    max_closed: float | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The zone of times that state none: the config's, else the deployment's."""
        return ZoneInfo(self.config.zone) if self.config.zone else self.run.zone

    @property
    def spec_hash(self) -> str:
        """What the reading of a file depends on, beside its bytes."""
        said = self.config.model_dump(mode="json", exclude=_UNREAD)
        return digest(self.source, VERSION, self.zone.key, json.dumps(said, sort_keys=True))


@dataclass
class Tally:
    """One file while it is read: counts its rows, lands and rejects with its place filled in.

    `notes` go with the file's outcome; the `warning` with the source's message, too. `refused` is
    the first row that was quarantined, with its reason; `nobodys` are phones and mails that tell
    nobody, by the name of our column.
    """

    landing: SourceLanding
    entity: str
    file: Dropped
    spec_hash: str
    parser_version: str
    progress: Callable[[str], None]
    seen: int = 0
    landed: int = 0
    newest: datetime | None = None
    notes: list[str] = field(default_factory=list)
    nobodys: Counter[str] = field(default_factory=Counter)
    warning: str = ""
    refused: str = ""
    member: str = ""
    started: datetime = field(default_factory=utc_now)

    def count(self, table: Table) -> Iterator[Row]:
        """The rows that hold a record; the others are counted and quarantined."""
        remarks = Remarks(table.header or [""])
        return (row for row in table.rows if self.admits(row, remarks))

    def admits(self, row: Row, remarks: Remarks) -> bool:
        """Whether a row holds a record. One that is not blank counts, and ends in quarantine."""
        if row.fault is None and not "".join(row.cells).strip():
            return False
        self._saw(1)
        fault = row.fault or remarks.fault(row.cells)
        if fault is not None:
            self.reject(row.line, None, *fault)
        return fault is None

    def _saw(self, rows: int) -> None:
        before, self.seen = self.seen, self.seen + rows
        if before // PROGRESS_EVERY < self.seen // PROGRESS_EVERY:
            self.progress(f"{self.file.url}: {self.seen:,} rows so far")

    def reject(
        self,
        line: int,
        column: str | None,
        code: str,
        reason: str,
        *,
        natural_key: str | None = None,
        value: str | None = None,
        entity: str | None = None,
    ) -> None:
        """Quarantine one row, or what it holds of another `entity`."""
        self.refused = self.refused or f"line {line}: {reason}"
        self.landing.reject(
            Rejection(
                entity=entity or self.entity,
                file=self.file.url,
                line=line,
                column=column,
                reason_code=code,
                reason=reason,
                natural_key=natural_key,
                value=value,
                archive_file=self.file.url,
                archive_offset=line,
            )
        )

    def record(
        self,
        line: int,
        entity: str,
        natural_key: str,
        columns: Mapping[str, Any],
        *,
        event_at: datetime | None,
        written: str,
        row_version: int | None = None,
    ) -> Record:
        """A record of what stands in a line of this file; `written` is the text of its moment."""
        return Record(
            entity=entity,
            natural_key=natural_key,
            columns=columns,
            url=self.file.url,
            position=line,
            archive_file=self.file.url,
            archive_offset=line,
            parser_version=self.parser_version,
            spec_hash=self.spec_hash,
            event_at=event_at,
            event_at_raw=written if event_at else None,
            event_precision=precision(written) if event_at else "unknown",
            row_version=row_version,
        )

    def land_table(self, rows: pa.Table) -> None:
        """Land many rows' own records: see `SourceLanding.land_table`."""
        self._saw(rows.num_rows)
        with self._lake_faults():
            self.landing.land_table(
                self.entity,
                rows,
                {
                    "observed_at": self.landing.run.clock(),
                    "url": self.file.url,
                    "archive_file": self.file.url,
                    "parser_version": self.parser_version,
                    "spec_hash": self.spec_hash,
                },
            )
        self.landed += rows.num_rows
        self._newest_of(pc.max(rows.column("event_at")).as_py())

    def land(self, record: Record, seq: int | None = None) -> bool:
        """Land one row's own record; whether it landed."""
        if not self.land_beside(record, seq):
            return False
        self.landed += 1
        self._newest_of(record.event_at)
        return True

    def land_beside(self, record: Record, seq: int | None = None) -> bool:
        """Land what a row holds beside its own record. Raises LakeError."""
        with self._lake_faults():
            return self.landing.land(record, seq) is not None

    def land_alike(self, record: Record, rows: Iterable[tuple[str, tuple[Any, ...]]]) -> None:
        """Land many of what a row holds: see `SourceLanding.land_alike`. Raises LakeError."""
        with self._lake_faults():
            self.landing.land_alike(record, rows)

    def _newest_of(self, moment: datetime | None) -> None:
        if moment and (self.newest is None or moment > self.newest):
            self.newest = moment

    @contextmanager
    def _lake_faults(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise LakeError(
                f"The lake can't be written ({error.strerror or error}) while {self.file.url} is "
                "loaded. Nothing of this source landed: check the disk and run again."
            ) from error


class LakeError(RuntimeError):
    """The lake, not a dropped file, failed: the source's night can't go on."""


Read = Callable[[Table, Tally], None]


@dataclass(frozen=True)
class _Ended:
    """How one file ended, for the source's status and message. `is_lost`: it has rows, and none of
    them landed."""

    file: Dropped
    outcome: Outcome
    detail: str
    landed: int = 0
    newest: datetime | None = None
    warning: str = ""
    is_lost: bool = False


def take(
    job: Job,
    read: Read,
    *,
    lake: Lake,
    privacy: Privacy,
    progress: Callable[[str], None],
    parser_version: str,
) -> SourceRun:
    """Load every file of the job's folder that has not landed yet.

    Status: complete when every file was read (or there was none), partial when some failed, failed
    when all did.
    """
    left: dict[str, str] = {}
    while True:
        try:
            with (
                lake.open(job.source, job.kind, job.run, privacy) as landing,
                _scratch(job) as aside,
            ):
                snapshots = snapshots_of(job, landing, lake)
                night = _Night(job, read, landing, aside, parser_version, progress, left, snapshots)
                return night.take(lake)
        except _ChangedError as changed:
            # What was read of it is neither the file of before nor that of after: nothing of the
            # source has landed yet, so all begins anew, and this file is left for the next night.
            left[changed.file.url] = "it changed while it was read: it is read again next time."


def remove_unpacked(home: Path) -> list[Path]:
    """Remove, and return, what killed runs had unpacked of dropped files. Raises OSError."""
    left = sorted((home / UNPACKED).glob("*"))
    for folder in left:
        shutil.rmtree(folder)
    return left


@dataclass
class Landed:
    """What landed before, known by its `content_key`: what is known is not read again.

    A full snapshot says how things stand, so one that equals an older one than the last is news:
    it is known by the last one of its name, and a new name by the last of all. No row landed of
    the content that is `lost`.
    """

    in_order: bool
    lost: set[str] = field(default_factory=set)
    _known: dict[str, str] = field(default_factory=dict)

    @classmethod
    def before(cls, job: Job, lake: Lake) -> Landed:
        """What landed up to the run's day, without the run itself."""
        landed = cls(in_order=job.max_closed is not None)
        for row in lake.good_outcomes(
            "file", job.source, job.run.as_of, job.spec_hash, beside_run=job.run.run_id
        ):
            content = content_key(row["sha256"], row.get("member"))
            is_lost = bool(row["items_seen"]) and row.get("items_landed") == 0
            landed.note(content, row["url"], is_lost=is_lost)
        return landed

    def note(self, content: str, url: str, *, is_lost: bool = False) -> None:
        """A file landed, or `is_lost`: all of it is in quarantine."""
        (self.lost.add if is_lost else self.lost.discard)(content)
        key, value = (url, content) if self.in_order else (content, url)
        self._known.pop(key, None)  # so that the last one noted is the last one
        self._known[key] = value

    def earlier(self, content: str, url: str) -> str | None:
        """The file that this content landed as; None if it is new."""
        if not self.in_order:
            return self._known.get(content)
        last = url if url in self._known else next(reversed(self._known), None)
        return last if last is not None and self._known[last] == content else None


def snapshots_of(job: Job, landing: SourceLanding, lake: Lake) -> Snapshots | None:
    """The keeper of a job's full snapshots; None where its files hold changes."""
    if job.max_closed is None:
        return None
    return Snapshots(landing, lake, job.entity, job.max_closed)


def closed(
    job: Job, tally: Tally, snapshots: Snapshots | None, outcome: Outcome, detail: str
) -> tuple[Outcome, str]:
    """Close what the snapshot that was just read to its end lists no more.

    Returns its outcome, which is `drift` where a person has to say whether so many rows are gone,
    and the detail with what was done.
    """
    if snapshots is None:
        return outcome, detail
    result = snapshots.end(tally.file.url)
    if result.refusal:
        tally.warning = result.refusal
        return "drift" if result.asks else outcome, f"{detail}; {result.refusal}"
    if not result.rows:
        return outcome, detail
    done = f"{result.rows:,} rows that were known are not listed any more: closed"
    tally.landing.outcome(
        RequestOutcome(
            entity=job.entity,
            kind="closing",
            requested_at=job.run.clock(),
            url=tally.file.url,
            outcome="ok",
            detail=done,
            items_seen=result.rows,
            items_landed=result.rows,
            archive_file=tally.file.url,
            spec_hash=job.spec_hash,
        )
    )
    return outcome, f"{detail}; {done}"


class _ChangedError(Exception):
    """A dropped file was written to, replaced or removed while it was read."""

    def __init__(self, file: Dropped) -> None:
        super().__init__(file.url)
        self.file = file


@dataclass(frozen=True)
class _Night:
    """One attempt at a source's files. `left` are those not to be read, with the reason."""

    job: Job
    read: Read
    landing: SourceLanding
    aside: Path
    parser_version: str
    progress: Callable[[str], None]
    left: Mapping[str, str]
    snapshots: Snapshots | None

    def take(self, lake: Lake) -> SourceRun:
        """Load every file that has not landed yet. Raises _ChangedError, LakeError."""
        job, landing = self.job, self.landing
        try:
            found = find(job.folder, job.config.files, job.home, landing.privacy)
        except OSError as error:
            return landing.finish("failed", f"{job.folder.name}: {_os_words(error)}")
        known = Landed.before(job, lake)
        ended = [self._end(self._tally(file), "error", why) for file, why in found.refused]
        for file in found.files:
            ended += self._file(file, known)
        message = found.note or _message(ended)
        newest = max((e.newest for e in ended if e.newest), default=None)
        return landing.finish(_status(ended), message, newest)

    def _file(self, file: Dropped, known: Landed) -> Iterator[_Ended]:
        """Read one file, or each that is packed in it, unless its bytes landed before."""
        config, tally = self.job.config, self._tally(file)
        found: Scan | None = None
        try:
            waits = self.left.get(file.url) or not_whole(
                file, config.done_marker, config.settle_seconds, self.job.run.clock()
            )
            if waits:
                yield self._end(tally, "waiting", waits)
                return
            found = scan(file.path)
            earlier = known.earlier(found.sha256, file.url)
            if earlier is not None:
                yield self._unchanged(tally, found, found.sha256, earlier, known)
                return
            parts = parts_of(file.path, found)
        except (FileFault, OSError) as error:
            self._must_be_as_listed(file)
            yield self._end(tally, "error", _words(error), found)
            return
        for part in parts:
            yield self._part(file, found, part, known)

    def _part(self, file: Dropped, whole: Scan, part: Part, known: Landed) -> _Ended:
        """Read what is one table. `whole` is the scan of the dropped file that it is in."""
        member = told_name(part.name, self.landing.privacy)
        tally = self._tally(file, member)
        key = content_key(whole.sha256, member)
        earlier = known.earlier(key, tally.file.url)
        if earlier is not None:
            return self._unchanged(tally, whole, key, earlier, known)
        if self.snapshots is not None:
            self.snapshots.begin()
        quarantined = self.landing.quarantined
        outcome: Outcome
        try:
            with (
                part.unpacked(self.aside) as (path, found),
                open_table(
                    path,
                    found,
                    encoding=self.job.config.encoding,
                    delimiter=self.job.config.delimiter,
                    sheet=self.job.config.sheet,
                ) as table,
            ):
                self.read(table, tally)
            outcome = "ok" if tally.seen else "empty_confirmed"
            detail = described(table, tally, self.landing.quarantined - quarantined)
        except LakeError:
            raise
        except Exception as error:  # whatever is wrong with one file must not cost the others
            outcome, detail = ("partial" if tally.seen else "error"), _words(error)
        self._must_be_as_listed(file)
        if outcome in GOOD_OUTCOMES:
            outcome, detail = closed(self.job, tally, self.snapshots, outcome, detail)
        if outcome in GOOD_OUTCOMES:
            known.note(key, tally.file.url, is_lost=bool(tally.seen and not tally.landed))
        return self._end(tally, outcome, detail, whole)

    def _unchanged(
        self, tally: Tally, found: Scan, content: str, earlier: str, known: Landed
    ) -> _Ended:
        """Pass over what was read before; of what was lost, people are told every night."""
        if content not in known.lost:
            return self._end(tally, "unchanged", _same(earlier, tally.file.url), found)
        detail = f"unchanged, and {NOTHING_LANDED} when it was read: see its rows in quarantine"
        return replace(self._end(tally, "unchanged", detail, found), is_lost=True)

    def _must_be_as_listed(self, file: Dropped) -> None:
        if file.has_changed:
            raise _ChangedError(file)

    def _tally(self, file: Dropped, member: str = "") -> Tally:
        url = f"{file.url}!{member}" if member else file.url
        return Tally(
            self.landing,
            self.job.entity,
            replace(file, url=url),
            self.job.spec_hash,
            self.parser_version,
            self.progress,
            member=member,
            started=self.job.run.clock(),
        )

    def _end(
        self, tally: Tally, outcome: Outcome, detail: str, found: Scan | None = None
    ) -> _Ended:
        """Note how a file ended: in a row, and to the person who dropped it."""
        self.landing.outcome(
            RequestOutcome(
                entity=self.job.entity,
                kind="file",
                requested_at=tally.started,
                url=tally.file.url,
                outcome=outcome,
                detail=detail,
                bytes=found.size if found else None,
                sha256=found.sha256 if found else None,
                items_seen=tally.seen,
                items_landed=tally.landed,
                member=tally.member or None,
                duration_ms=int((self.job.run.clock() - tally.started).total_seconds() * 1000),
                archive_file=tally.file.url,
                spec_hash=self.job.spec_hash,
            )
        )
        self.progress(mask_text(f"{tally.file.url}: {detail}")[0])
        return _Ended(
            tally.file,
            outcome,
            detail,
            tally.landed,
            tally.newest,
            tally.warning,
            is_lost=outcome == "ok" and tally.landed == 0,
        )


@contextmanager
def _scratch(job: Job) -> Iterator[Path]:
    """A folder for what is unpacked, gone again with all that is in it."""
    parent = job.home / UNPACKED
    parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=parent, prefix=f"{job.source}-") as folder:
        yield Path(folder)


def _same(earlier: str, now: str) -> str:
    if earlier == now:
        return "unchanged since it landed"
    return f"the same bytes as {earlier}, which landed: not landed again"


def described(table: Table, tally: Tally, quarantined: int) -> str:
    """How a file that was read to its end is told of."""
    if not tally.seen:
        counts = "a header and no rows"
    elif not tally.landed:
        first = f" ({tally.refused})" if tally.refused else ""
        counts = f"{NOTHING_LANDED}: all {tally.seen:,} are in quarantine{first}"
    else:
        counts = f"{tally.seen:,} rows: {tally.landed:,} landed, {quarantined:,} quarantined"
    nobodys = [
        f"{count:,} values of {name} are nobody's (无, 000, 138****8000): left blank"
        for name, count in sorted(tally.nobodys.items())
    ]
    return "; ".join([counts, table.how, *tally.notes, *nobodys])


def _status(ended: list[_Ended]) -> Status:
    if all(e.outcome not in _NOT_WELL and not e.is_lost for e in ended):
        return "complete"
    return "failed" if all(e.outcome == "error" for e in ended) else "partial"


def _message(ended: list[_Ended]) -> str:
    read = sum(e.outcome in ("ok", "drift") for e in ended)
    parts = [f"{len(ended)} {'file' if len(ended) == 1 else 'files'}: {read} read"]
    for outcome, word in (("unchanged", "unchanged"), ("empty_confirmed", "without rows")):
        count = sum(e.outcome == outcome for e in ended)
        if count:
            parts.append(f"{count} {word}")
    waiting = [e for e in ended if e.outcome == "waiting"]
    if waiting:
        parts.append(f"{len(waiting)} left for later")
    bad = [e for e in ended if e.outcome in ("error", "partial")]
    if bad:
        parts.append(f"{len(bad)} failed")
    lost = [e for e in ended if e.is_lost]
    said = [f"{e.file.url}: {e.detail}" for e in waiting + bad + lost]
    said += [f"{e.file.url}: {e.warning}" for e in ended if e.warning]
    return ". ".join([", ".join(parts), *said])


def _words(error: Exception) -> str:
    """What went wrong with a file, and what to do."""
    if isinstance(error, FileFault | UnicodeError):
        return str(error)
    if isinstance(error, OSError):
        return _os_words(error)
    if isinstance(error, calamine.CalamineError | zipfile.BadZipFile | EOFError):
        return f"the workbook can't be read ({error}). Save it again as XLSX."
    said = f"{type(error).__name__}: {error}"
    return f"reading it met a fault of the program ({said}). Please report this."


def _os_words(error: OSError) -> str:
    return f"it can't be opened ({error.strerror or error}). Check its rights and the disk."
