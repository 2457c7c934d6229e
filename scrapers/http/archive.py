"""The archive: every response's exact bytes, in one WARC file per source and run.

Each record is a gzip member of its own, so a record is read from its byte offset alone. Bodies are
kept as sent, content encoding included; only the transfer's chunk framing is gone (its header is
kept under the name X-Archive-Orig-Transfer-Encoding). The archive is the one place that holds
unmasked text: its files are readable by their owner only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from lake.landing import Lake, RunContext
from scrapers.http.body import decode

Headers = list[tuple[str, str]]
MAX_READ_BACK = 1024**3  # the crawl's own limit is far below; this one bars a forged archive
_REFRAMED = {"transfer-encoding": "X-Archive-Orig-Transfer-Encoding"}


@dataclass(frozen=True)
class ArchivedResponse:
    """One response read back: `wire` is its body as it came, `body` the same decompressed."""

    url: str
    status: int
    headers: Headers
    wire: bytes

    @property
    def body(self) -> bytes:
        """The body with its Content-Encoding undone. Raises BodyError where it is damaged."""
        headers = {name.lower(): value for name, value in self.headers}
        encoding = headers.get("content-encoding", "")
        return decode(self.wire, encoding, max_bytes=MAX_READ_BACK)


class ArchiveError(RuntimeError):
    """The archive can't be written (no space, no rights). No network fault: the run must stop."""


class Archive:
    """The WARC file of one source's run; a context manager. Nothing is written before `add`."""

    def __init__(self, lake: Lake, source: str, run: RunContext, user_agent: str) -> None:
        self.path = lake.night("archive", source, run).parent / f"{run.run_id}.warc.gz"
        self.file = self.path.relative_to(lake.root.parent).as_posix()
        self._user_agent = user_agent
        self._stream: IO[bytes] | None = None
        self._writer: WARCWriter | None = None

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

    def add(
        self,
        url: str,
        *,
        at: datetime,
        status: int,
        reason: str,
        headers: Headers,
        wire: bytes,
        truncated: str | None = None,
    ) -> int:
        """Append one response and return the byte offset of its record.

        Raises ArchiveError: what can't be archived must not land either.
        """
        try:
            return self._append(url, at, f"{status} {reason}".strip(), headers, wire, truncated)
        except OSError as error:
            raise ArchiveError(f"{self.path} can't be written: {error}.") from error

    def _append(
        self,
        url: str,
        at: datetime,
        status_line: str,
        headers: Headers,
        wire: bytes,
        truncated: str | None,
    ) -> int:
        stream, writer = self._open()
        offset = stream.tell()
        warc_headers = {"WARC-Date": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
        if truncated is not None:
            warc_headers["WARC-Truncated"] = truncated
        kept = [(_REFRAMED.get(name.lower(), name), value) for name, value in headers]
        record = writer.create_warc_record(
            url,
            "response",
            payload=BytesIO(wire),
            http_headers=StatusAndHeaders(status_line, kept, protocol="HTTP/1.1"),
            warc_headers_dict=warc_headers,
        )
        writer.write_record(record)
        stream.flush()
        return offset

    def _open(self) -> tuple[IO[bytes], WARCWriter]:
        if self._stream is None or self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self.path.open("wb")
            self.path.chmod(0o600)
            self._writer = WARCWriter(self._stream, gzip=True)
            info = {
                "software": self._user_agent,
                "format": "WARC File Format 1.0",
                "robots": "obeyed",
                "http-header-user-agent": self._user_agent,
            }
            self._writer.write_record(self._writer.create_warcinfo_record(self.path.name, info))
        return self._stream, self._writer


def read_response(path: Path, offset: int) -> ArchivedResponse:
    """The response whose record starts at `offset` of the WARC file at `path`."""
    with path.open("rb") as stream:
        stream.seek(offset)
        record = next(iter(ArchiveIterator(stream)))
        return ArchivedResponse(
            url=record.rec_headers.get_header("WARC-Target-URI"),
            status=int(record.http_headers.get_statuscode()),
            headers=list(record.http_headers.headers),
            wire=record.raw_stream.read(),
        )
