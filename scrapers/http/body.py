"""Reading a response's bytes off the wire, and decoding them, within limits of size and time."""

from __future__ import annotations

import http.client
import zlib
from dataclasses import dataclass
from typing import Literal

import urllib3
from urllib3.response import BaseHTTPResponse, HTTPResponse

from scrapers.http.transport import Deadline

CHUNK = 64 * 1024
READ_ERRORS = (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)
Truncated = Literal["length", "time", "disconnect"]


class BodyError(Exception):
    """A body that can't be decoded: truncated, damaged, too large, or in an unknown encoding."""

    def __init__(self, detail: str, *, again: bool) -> None:
        super().__init__(detail)
        self.again = again


@dataclass(frozen=True)
class Wire:
    """A body's bytes as they came. `truncated` (WARC's words) and `detail` say what cut it."""

    data: bytes
    truncated: Truncated | None = None
    detail: str = ""


def read_wire(raw: BaseHTTPResponse, *, max_bytes: int, deadline: Deadline) -> Wire:
    """Read until the end, `max_bytes`, or the deadline, whichever comes first. Never raises."""
    assert isinstance(raw, HTTPResponse)  # noqa: S101 - requests always hands over urllib3's own
    data = bytearray()
    try:
        while chunk := raw.read1(CHUNK, decode_content=False):
            data += chunk
            if len(data) > max_bytes:
                detail = f"The body is larger than the limit of {max_bytes:,} bytes."
                return Wire(bytes(data[:max_bytes]), "length", detail)
            if deadline.left <= 0:
                return _dripping(data, deadline)
    except READ_ERRORS as error:
        if deadline.left <= 0:
            return _dripping(data, deadline)
        detail = f"The connection broke after {len(data):,} bytes ({type(error).__name__})."
        return Wire(bytes(data), "disconnect", detail)
    return Wire(bytes(data))


def _dripping(data: bytearray, deadline: Deadline) -> Wire:
    detail = f"The body was still dripping after {deadline.seconds:g} seconds."
    return Wire(bytes(data), "time", detail)


def decode(wire: bytes, encoding: str, *, max_bytes: int) -> bytes:
    """Undo a Content-Encoding (gzip, deflate, or lists of them). Raises BodyError."""
    names = [name.strip().lower() for name in encoding.split(",")]
    for name in reversed([name for name in names if name not in ("", "identity")]):
        wire = _inflate(wire, name, max_bytes)
    return wire


def _inflate(data: bytes, name: str, max_bytes: int) -> bytes:
    if name not in ("gzip", "x-gzip", "deflate"):
        raise BodyError(f"The body is encoded as {name}, which was not asked for.", again=False)
    if not data:
        return b""
    raw_deflate = name == "deflate" and data[0] & 0x0F != 8  # without zlib's header
    window = zlib.MAX_WBITS | 16 if name != "deflate" else zlib.MAX_WBITS
    out = bytearray()
    while data:
        member = zlib.decompressobj(-zlib.MAX_WBITS if raw_deflate else window)
        try:
            out += member.decompress(data, max_bytes + 1 - len(out))
        except zlib.error as error:
            if out:  # bytes after the last gzip member: padding, as gzip itself sees it
                break
            raise BodyError(f"The compressed body is damaged: {error}.", again=True) from error
        if len(out) > max_bytes:
            detail = f"The body unpacks to more than the limit of {max_bytes:,} bytes."
            raise BodyError(detail, again=False)
        if not member.eof:
            detail = f"The compressed body breaks off after {len(data):,} bytes."
            raise BodyError(detail, again=True)
        data = member.unused_data
    return bytes(out)
