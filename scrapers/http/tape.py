"""Archives played back: the answers that earlier attempts got, in order, without a network."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from lake.landing import Outcome
from scrapers.http.asking import request_key
from scrapers.http.body import Truncated, Wire, decode

Headers = list[tuple[str, str]]
MAX_READ_BACK = 1024**3  # the crawl's own limit is far below; this one bars a forged archive
PARTS_BELOW_HOME = 5  # lake/archive/source=S/dt=D/RUN.warc.gz

# Headers of ours on the records, beside WARC's own.
KEY = "WARC-X-Request-Digest"
DURATION = "WARC-X-Duration-Ms"
CUT_BECAUSE = "WARC-X-Truncated-Because"
MASKED = "WARC-X-Masked"

_CHUNK = 1024 * 1024
_HEAD = 16 * 1024


@dataclass(frozen=True)
class Failure:
    """How an attempt ended that got no response."""

    outcome: Outcome
    detail: str
    again: bool


@dataclass(frozen=True)
class ArchivedResponse:
    """One response read back: `wire` is its body as it came, `body` the same decompressed."""

    url: str
    status: int
    headers: Headers
    wire: bytes
    truncated: Truncated | None = None
    cut_because: str = ""

    @property
    def body(self) -> bytes:
        """The body with its Content-Encoding undone. Raises BodyError where it is damaged."""
        headers = {name.lower(): value for name, value in self.headers}
        encoding = headers.get("content-encoding", "")
        return decode(self.wire, encoding, max_bytes=MAX_READ_BACK)

    @property
    def cut_wire(self) -> Wire:
        """The body as it came, with what cut it."""
        return Wire(self.wire, self.truncated, self.cut_because)


@dataclass(frozen=True)
class Entry:
    """One attempt on a tape: when it was made, how long it took, and what came of it."""

    file: str
    offset: int
    at: datetime
    duration_ms: int | None
    result: ArchivedResponse | Failure


@dataclass(frozen=True)
class Member:
    """One whole gzip member of an archive, that is: one record. `head` has its WARC headers."""

    start: int
    end: int
    head: dict[str, str]


class Tape:
    """The entries of one or several archives.

    Per request (method, URL, form) they come in their order; the order across requests is free.
    A `closed` tape is all there is: what is not on it can't be asked for.
    """

    def __init__(self, *, closed: bool) -> None:
        self.closed = closed
        self._places: dict[str, list[tuple[Path, int]]] = {}

    @classmethod
    def of(cls, paths: Iterable[Path], *, closed: bool = True) -> Tape:
        """The archives at `paths`, one after the other. A torn tail is passed over."""
        tape = cls(closed=closed)
        for path in paths:
            with path.open("rb") as stream:
                for member in members(stream):
                    tape.add(path, member)
        return tape

    def add(self, path: Path, member: Member) -> None:
        """Put a record on the tape, if it is one of an attempt."""
        kind, url = member.head.get("warc-type"), member.head.get("warc-target-uri")
        if kind in ("response", "metadata") and url is not None:
            key = member.head.get(KEY.lower()) or request_key("GET", url, None)
            self._places.setdefault(key, []).append((path, member.start))

    def has(self, key: str) -> bool:
        """Whether an answer to this request is still to be played."""
        return key in self._places

    def next(self, key: str) -> Entry | None:
        """The next answer to this request; None when all were played."""
        places = self._places.get(key)
        if places is None:
            return None
        path, offset = places.pop(0)
        if not places:
            del self._places[key]
        return _read_entry(path, offset)


def read_response(path: Path, offset: int) -> ArchivedResponse:
    """The response whose record starts at `offset` of the WARC file at `path`."""
    with path.open("rb") as stream:
        stream.seek(offset)
        return _response(next(iter(ArchiveIterator(stream))))


def archive_name(path: Path) -> str:
    """An archive's path below the deployment's folder, as rows name it."""
    return "/".join(path.parts[-PARTS_BELOW_HOME:])


def members(stream: IO[bytes]) -> Iterator[Member]:
    """The records of a WARC file that are whole, from where `stream` stands; a torn one ends it.

    Every record is a gzip member of its own.
    """
    start, rest = stream.tell(), b""
    while True:
        packed = zlib.decompressobj(zlib.MAX_WBITS | 16)
        head = b""
        while not packed.eof:
            data = packed.unconsumed_tail or rest or stream.read(_CHUNK)
            rest = b""
            if not data:
                return
            try:
                plain = packed.decompress(data, _CHUNK)
            except zlib.error:
                return
            head += plain[: _HEAD - len(head)]
        rest = packed.unused_data
        end = stream.tell() - len(rest)
        yield Member(start, end, _warc_headers(head))
        start = end


def entry_time(head: dict[str, str]) -> datetime:
    """When a record's attempt was made, in UTC."""
    return datetime.fromisoformat(head["warc-date"])


def _warc_headers(head: bytes) -> dict[str, str]:
    lines = head.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace").split("\r\n")
    pairs = (line.partition(":") for line in lines[1:])
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _read_entry(path: Path, offset: int) -> Entry:
    with path.open("rb") as stream:
        stream.seek(offset)
        record = next(iter(ArchiveIterator(stream)))
        duration = record.rec_headers.get_header(DURATION)
        return Entry(
            file=archive_name(path),
            offset=offset,
            at=datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")),
            duration_ms=None if duration is None else int(duration),
            result=_failure(record) if record.rec_type == "metadata" else _response(record),
        )


def _failure(record: ArcWarcRecord) -> Failure:
    told = json.loads(record.raw_stream.read())
    return Failure(told["outcome"], told["detail"], told["again"])


def _response(record: ArcWarcRecord) -> ArchivedResponse:
    return ArchivedResponse(
        url=record.rec_headers.get_header("WARC-Target-URI"),
        status=int(record.http_headers.get_statuscode()),
        headers=list(record.http_headers.headers),
        wire=record.raw_stream.read(),
        truncated=record.rec_headers.get_header("WARC-Truncated"),
        cut_because=record.rec_headers.get_header(CUT_BECAUSE) or "",
    )
