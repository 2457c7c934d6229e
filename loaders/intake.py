"""One source's night of files: what every loader does alike, whatever the files hold.

Finds the files, passes over those that landed before, lets `read` land the rows of each, and
notes how each ended. A bad file fails alone; nothing is raised for it.
"""

from __future__ import annotations

import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import python_calamine as calamine

from lake.landing import (
    Lake,
    Outcome,
    Record,
    Rejection,
    RequestOutcome,
    RunContext,
    SourceLanding,
    SourceRun,
    Status,
    digest,
)
from lake.privacy import Privacy
from loaders.config import FileConfig
from loaders.files import Dropped, FileFault, Scan, find, scan
from loaders.rows import Remarks, Row, Table
from loaders.tables import open_table

VERSION = "2"  # raise it when the same file must be read anew, by another reading of it
PROGRESS_EVERY = 20_000

_TELLING = re.compile(r"@|^[\d\s()+-]{11,}$")
_MOBILE = re.compile(r"1[3-9]\d{9}")


@dataclass(frozen=True)
class Job:
    """What is to be loaded: one source, its landing folder, its config."""

    source: str
    kind: Literal["survey", "extract"]
    entity: str
    folder: Path
    home: Path
    config: FileConfig
    run: RunContext

    @property
    def zone(self) -> ZoneInfo:
        """The zone of times that state none: the config's, else the deployment's."""
        return ZoneInfo(self.config.zone) if self.config.zone else self.run.zone

    @property
    def spec_hash(self) -> str:
        """What the reading of a file depends on, beside its bytes."""
        said = self.config.model_dump(mode="json", exclude={"files"})
        return digest(self.source, VERSION, self.zone.key, json.dumps(said, sort_keys=True))


@dataclass
class Tally:
    """One file while it is read: counts its rows, lands and rejects with its place filled in."""

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

    def count(self, table: Table) -> Iterator[Row]:
        """The rows that hold a record; the others are counted and quarantined."""
        remarks = Remarks(table.header or [""])
        for row in table.rows:
            self.seen += 1
            if self.seen % PROGRESS_EVERY == 0:
                self.progress(f"{self.file.url}: {self.seen:,} rows so far")
            fault = row.fault or remarks.fault(row.cells)
            if fault is None:
                yield row
            else:
                self.reject(row.line, None, *fault)

    def reject(
        self,
        line: int,
        column: str | None,
        code: str,
        reason: str,
        *,
        natural_key: str | None = None,
        value: str | None = None,
    ) -> None:
        """Quarantine one row."""
        self.landing.reject(
            Rejection(
                entity=self.entity,
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

    def land(self, record: Record) -> bool:
        """Land one row's own record; whether it landed."""
        if not self.land_beside(record):
            return False
        self.landed += 1
        if record.event_at and (self.newest is None or record.event_at > self.newest):
            self.newest = record.event_at
        return True

    def land_beside(self, record: Record) -> bool:
        """Land what a row holds beside its own record. Raises LakeError."""
        try:
            return self.landing.land(record) is not None
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
    """How one file ended, for the source's status and message."""

    file: Dropped
    outcome: Outcome
    detail: str
    landed: int = 0
    newest: datetime | None = None


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
    with lake.open(job.source, job.kind, job.run, privacy) as landing:
        try:
            found = find(job.folder, job.config.files, job.home)
        except OSError as error:
            return landing.finish("failed", f"{job.folder.name}: {_os_words(error)}")
        known = lake.landed_files(
            job.source, job.run.as_of, job.spec_hash, beside_run=job.run.run_id
        )
        ended = [_refuse(job, landing, file, reason) for file, reason in found.refused]
        for file in found.files:
            tally = Tally(landing, job.entity, file, job.spec_hash, parser_version, progress)
            ended.append(_take_one(job, landing, tally, known, read))
            progress(f"{file.url}: {ended[-1].detail}")
        message = found.note or _message(ended)
        newest = max((e.newest for e in ended if e.newest), default=None)
        return landing.finish(_status(ended), message, newest)


def person_id(value: str | None, privacy: Privacy) -> str | None:
    """A customer's id; a mail address or a mobile number in its place becomes its keyed hash.

    The same everywhere, so that such ids still meet across files.
    """
    if value is None or not _TELLING.search(value):
        return value
    if "@" in value:
        return privacy.hash(value)
    number = phone_number(value)
    return privacy.hash(number) if _MOBILE.fullmatch(number) else value


def phone_number(value: str) -> str:
    """The digits of a phone number, without spaces, signs and China's country code."""
    digits = "".join(c for c in unicodedata.normalize("NFKC", value) if c.isdigit())
    for code in ("0086", "86"):
        if digits.startswith(code) and len(digits) == len(code) + 11:
            return digits[len(code) :]
    return digits


def _take_one(
    job: Job, landing: SourceLanding, tally: Tally, known: dict[str, str], read: Read
) -> _Ended:
    started = job.run.clock()
    found: Scan | None = None
    quarantined = landing.quarantined
    outcome: Outcome
    try:
        before = tally.file.path.stat()
        found = scan(tally.file.path)
        if found.sha256 in known:
            outcome, detail = "unchanged", _same(known[found.sha256], tally.file.url)
        else:
            with open_table(
                tally.file.path,
                found,
                encoding=job.config.encoding,
                delimiter=job.config.delimiter,
                sheet=job.config.sheet,
            ) as table:
                read(table, tally)
            after = tally.file.path.stat()
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                outcome = "partial"
                detail = "it changed while it was read: it is read again next time."
            else:
                outcome = "ok" if tally.seen else "empty_confirmed"
                detail = _detail(table, tally, landing.quarantined - quarantined)
                known[found.sha256] = tally.file.url
    except (FileFault, UnicodeError) as error:
        outcome, detail = "error", str(error)
    except OSError as error:
        outcome, detail = "error", _os_words(error)
    except (calamine.CalamineError, zipfile.BadZipFile, EOFError) as error:
        outcome, detail = "error", f"the workbook can't be read ({error}). Save it again as XLSX."
    if outcome == "error" and tally.seen:
        outcome = "partial"  # it broke off after rows that landed
    landing.outcome(
        RequestOutcome(
            entity=job.entity,
            kind="file",
            requested_at=started,
            url=tally.file.url,
            outcome=outcome,
            detail=detail,
            bytes=found.size if found else None,
            sha256=found.sha256 if found else None,
            items_seen=tally.seen,
            duration_ms=int((job.run.clock() - started).total_seconds() * 1000),
            archive_file=tally.file.url,
            spec_hash=job.spec_hash,
        )
    )
    return _Ended(tally.file, outcome, detail, tally.landed, tally.newest)


def _refuse(job: Job, landing: SourceLanding, file: Dropped, reason: str) -> _Ended:
    landing.outcome(
        RequestOutcome(
            entity=job.entity,
            kind="file",
            requested_at=job.run.clock(),
            url=file.url,
            outcome="error",
            detail=reason,
            spec_hash=job.spec_hash,
        )
    )
    return _Ended(file, "error", reason)


def _same(earlier: str, now: str) -> str:
    if earlier == now:
        return "unchanged since it landed"
    return f"the same bytes as {earlier}, which landed: not landed again"


def _detail(table: Table, tally: Tally, quarantined: int) -> str:
    if not tally.seen:
        counts = "a header and no rows"
    else:
        counts = f"{tally.seen:,} rows: {tally.landed:,} landed, {quarantined:,} quarantined"
    return "; ".join([counts, table.how, *tally.notes])


def _status(ended: list[_Ended]) -> Status:
    if all(e.outcome not in ("error", "partial") for e in ended):
        return "complete"
    return "failed" if all(e.outcome == "error" for e in ended) else "partial"


def _message(ended: list[_Ended]) -> str:
    read = sum(e.outcome == "ok" for e in ended)
    parts = [f"{len(ended)} {'file' if len(ended) == 1 else 'files'}: {read} read"]
    for outcome, word in (("unchanged", "unchanged"), ("empty_confirmed", "without rows")):
        count = sum(e.outcome == outcome for e in ended)
        if count:
            parts.append(f"{count} {word}")
    bad = [e for e in ended if e.outcome in ("error", "partial")]
    if bad:
        parts.append(f"{len(bad)} failed")
    return ". ".join([", ".join(parts), *(f"{e.file.url}: {e.detail}" for e in bad)])


def _os_words(error: OSError) -> str:
    return f"it can't be opened ({error.strerror or error}). Check its rights and the disk."
