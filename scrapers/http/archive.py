"""The archive: every response's exact bytes, in one WARC file per source and run.

It is the run's journal as well: every attempt is on it, those without a response as `metadata`
records. What a killed run left is adopted by the next run of the same source and day, played back
and continued.

Each record is a gzip member of its own, so a record is read from its byte offset alone. Bodies are
kept as sent, content encoding included; only the transfer's chunk framing is gone (its header is
kept under the name X-Archive-Orig-Transfer-Encoding). The archive is the one place that holds
unmasked text: its files are readable by their owner only.
"""

from __future__ import annotations

import fcntl
import json
import zlib
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from lake.landing import Lake, RunContext
from scrapers.http.body import BodyError, Wire, decode
from scrapers.http.mask import Mask
from scrapers.http.tape import (
    CUT_BECAUSE,
    DURATION,
    KEY,
    MASKED,
    MAX_READ_BACK,
    ArchivedResponse,
    Failure,
    Headers,
    Tape,
    archive_name,
    entry_time,
    members,
    read_response,
)

__all__ = ["Archive", "ArchiveError", "ArchivedResponse", "read_response"]

ADOPT_WITHIN = timedelta(hours=12)
"""An older archive is another night's: its pages would be told as tonight's."""

_REFRAMED = {"transfer-encoding": "X-Archive-Orig-Transfer-Encoding"}
_PACKING = 3  # zlib's level; on real pages, 6 takes twice as long for a tenth of the size


class ArchiveError(RuntimeError):
    """The archive can't be written (no space, no rights). No network fault: the run must stop."""


class Archive:
    """The WARC file of one source's run; a context manager. Nothing is written before `add`.

    `spec_hash` stands for what is collected and how: only an archive made under the same one is
    adopted. With a `mask`, bodies are kept decoded and masked; such an archive is never adopted, as
    it would not land what an undisturbed crawl lands.
    """

    def __init__(
        self,
        lake: Lake,
        source: str,
        run: RunContext,
        user_agent: str,
        spec_hash: str = "",
        mask: Mask | None = None,
    ) -> None:
        self.path = lake.night("archive", source, run).parent / f"{run.run_id}.warc.gz"
        self.file = archive_name(self.path)
        self._landed = lake.night("requests", source, run).parent
        self._run = run
        self._user_agent = user_agent
        self._spec_hash = spec_hash
        self._mask = mask
        self._stream: IO[bytes] | None = None

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    @cached_property
    def tape(self) -> Tape | None:
        """What a killed run left, adopted by the first look; to be played before anything is asked.

        None when there is nothing to adopt. Raises ArchiveError.
        """
        try:
            return self._adopt()
        except OSError as error:
            raise ArchiveError(f"{self.path.parent} can't be taken over: {error}.") from error

    def add(
        self,
        url: str,
        *,
        key: str,
        at: datetime,
        status: int,
        reason: str,
        headers: Headers,
        wire: Wire,
        duration_ms: int,
    ) -> int:
        """Append one response and return the byte offset of its record.

        Raises ArchiveError: what can't be archived must not land either.
        """
        told = {KEY: key, DURATION: str(duration_ms)}
        if wire.truncated is not None:
            told |= {"WARC-Truncated": wire.truncated, CUT_BECAUSE: wire.detail}
        if self._mask is not None:
            told[MASKED] = quote(self._mask.name, safe=" ;,.:()[]>#*=")
            headers, wire = _masked(self._mask, headers, wire)
        kept = [(_REFRAMED.get(name.lower(), name), value) for name, value in headers]
        record = _writer().create_warc_record(
            url,
            "response",
            payload=BytesIO(wire.data),
            http_headers=StatusAndHeaders(f"{status} {reason}".strip(), kept, protocol="HTTP/1.1"),
            warc_headers_dict=_warc_headers(at, told),
        )
        return self._append(record)

    def note(self, url: str, *, key: str, at: datetime, failure: Failure, duration_ms: int) -> None:
        """Append an attempt that got no response. Raises ArchiveError."""
        told = {"outcome": failure.outcome, "detail": failure.detail, "again": failure.again}
        record = _writer().create_warc_record(
            url,
            "metadata",
            payload=BytesIO(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")),
            warc_content_type="application/json",
            warc_headers_dict=_warc_headers(at, {KEY: key, DURATION: str(duration_ms)}),
        )
        self._append(record)

    def _append(self, record: ArcWarcRecord) -> int:
        try:
            stream = self._stream or self._begin()
            return _write(stream, record)
        except OSError as error:
            raise ArchiveError(f"{self.path} can't be written: {error}.") from error

    def _begin(self) -> IO[bytes]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        stream = self._stream = self.path.open("wb")
        self.path.chmod(0o600)
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody adopts what is still written
        info = {
            "software": self._user_agent,
            "format": "WARC File Format 1.0",
            "robots": "obeyed",
            "http-header-user-agent": self._user_agent,
            "spec-hash": self._spec_hash if self._mask is None else "masked",
        }
        _write(stream, _writer().create_warcinfo_record(self.path.name, info))
        return stream

    def _adopt(self) -> Tape | None:
        """Take over the archive that a killed run of the same source and day left, if any."""
        for path in sorted(self.path.parent.glob("*.warc.gz"), reverse=True):
            stem = path.name.removesuffix(".warc.gz")
            if not (self._landed / stem).exists():
                tape = self._take_over(path)
                if tape is not None:
                    return tape
        return None

    def _take_over(self, path: Path) -> Tape | None:
        stream = path.open("r+b")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # its run is not dead
            stream.close()
            return None
        found = list(members(stream))
        if len(found) < 2 or not self._is_ours(stream, entry_time(found[1].head)):
            stream.close()
            return None
        stream.truncate(found[-1].end)
        stream.seek(0, 2)
        path.rename(self.path)
        self._stream = stream
        tape = Tape(closed=False)
        for member in found:
            tape.add(self.path, member)
        return tape

    def _is_ours(self, stream: IO[bytes], began: datetime) -> bool:
        age = self._run.clock() - began
        stream.seek(0)
        info = next(iter(ArchiveIterator(stream))).raw_stream.read().decode("utf-8", "replace")
        return f"spec-hash: {self._spec_hash}" in info.splitlines() and age < ADOPT_WITHIN


def _masked(mask: Mask, headers: Headers, wire: Wire) -> tuple[Headers, Wire]:
    """The body decoded and masked, and the headers that go with it.

    What can't be decoded can't be masked, so nothing of it is kept.
    """
    found = {name.lower(): value for name, value in headers}
    try:
        body = decode(wire.data, found.get("content-encoding", ""), max_bytes=MAX_READ_BACK)
    except BodyError:
        body = b""
    kept = [(n, v) for n, v in headers if n.lower() not in ("content-encoding", "content-length")]
    return kept, replace(wire, data=mask.apply(body, found.get("content-type", "")))


def _writer() -> WARCWriter:
    return WARCWriter(BytesIO(), gzip=False)


def _warc_headers(at: datetime, told: dict[str, str]) -> dict[str, str]:
    return {"WARC-Date": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")} | told


def _write(stream: IO[bytes], record: ArcWarcRecord) -> int:
    """One gzip member, written in one go; the offset where it begins."""
    offset = stream.tell()
    writer = _writer()
    writer.write_record(record)
    packer = zlib.compressobj(_PACKING, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    stream.write(packer.compress(writer.out.getvalue()) + packer.flush())
    stream.flush()
    return offset
