"""Saved pages: a dropped file -> the pages in it, each as UTF-8 with its address and time.

HTML as browsers save it, MHTML, WARC, JSON, JSON lines and JSONP. Which page of the platform each
is, is not known here.
"""

from __future__ import annotations

import codecs
import email
import email.policy
import email.utils
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect
from email.message import Message
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from loaders.files import FileFault
from scrapers.document import decode_text
from scrapers.http.tape import members
from scrapers.parsing import PageProblemError

Kind = Literal["html", "mhtml", "warc", "json"]

MAX_PAGE = 64 << 20  # bytes of one page: a parsed page takes many times that in memory
MAX_MHTML = 128 << 20  # with its pictures
MAX_WARC = 4 << 30  # read page by page

_GZIP = b"\x1f\x8b"
_RECORD_END = b"\r\n\r\n"
_HEAD = 8192
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DAMAGED_SHARE = 0.01
"""A page with fewer broken characters was cut or mixed somewhere; with more, it is no text."""

_SAVED_FROM = re.compile(r"saved from url=\(\d+\)\s*(https?://\S+)", re.IGNORECASE)
_SINGLE_FILE_URL = re.compile(r"^\s*url:\s*(https?://\S+)", re.MULTILINE)
_SINGLE_FILE_DATE = re.compile(
    r"^\s*saved date:\s*(\w{3} \w{3} \d{1,2} \d{4} [\d:]+ GMT[+-]\d{4})", re.MULTILINE
)
_LINK = re.compile(r"<(?:link|meta)\b[^>]*>", re.IGNORECASE)
_IS_ADDRESS = re.compile(r"rel\s*=\s*[\"']?canonical|property\s*=\s*[\"']?og:url", re.IGNORECASE)
_ITS_VALUE = re.compile(r"(?:href|content)\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)


@dataclass(frozen=True)
class SavedPage:
    """One page of a dropped file. `body` is UTF-8.

    `offset` is where it begins in the file (a WARC's record: bytes; a line of JSON: its number),
    None where the file is the page. `status` and `location` are what a WARC has of the answer.
    """

    body: bytes
    content_type: str
    saved_at: datetime
    url: str | None = None
    offset: int | None = None
    status: int = 200
    location: str | None = None

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def is_markup(self) -> bool:
        """Whether it is HTML; else it may be JSON."""
        return self.text[:_HEAD].lstrip().startswith("<")


@dataclass(frozen=True)
class Broken:
    """A part of a file that can't be read, while others can."""

    offset: int
    reason: str
    url: str | None = None


class TornError(Exception):
    """The file ends in the middle: what came before was given out."""


def pages_of(path: Path, kind: Kind, size: int, saved_at: datetime) -> Iterator[SavedPage | Broken]:
    """The pages of a file; `saved_at` is its time where it does not tell its own.

    Raises FileFault where nothing of it can be read, TornError at the place where it breaks off.
    """
    most = {"html": MAX_PAGE, "json": MAX_PAGE, "mhtml": MAX_MHTML, "warc": MAX_WARC}[kind]
    if size == 0:
        raise FileFault("it is empty (0 bytes). Save the page again.")
    if size > most:
        raise FileFault(
            f"it is {size >> 20:,} MB, and such files of more than {most >> 20:,} MB are not read. "
            "Save the pages one by one."
        )
    if kind == "warc":
        yield from _of_warc(path, size, saved_at)
        return
    body = path.read_bytes()
    if kind == "mhtml" or body.startswith((b"From: <Saved by", b"MIME-Version:")):
        yield from _of_mhtml(body, saved_at)
    elif kind == "json":
        yield from _of_json(_text(body, ""), saved_at)
    else:
        yield _page(body, "text/html", saved_at)


def _text(body: bytes, content_type: str) -> str:
    """The text of a page that went through a browser: of its bytes, not of what it says it is.

    Browsers write UTF-8 and leave the page's own charset standing in it. Raises FileFault.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            try:
                return body.decode(name)
            except UnicodeDecodeError as error:
                raise FileFault(f"it is cut or damaged ({error}). Save the page again.") from error
    if b"\x00" in body[:_HEAD]:
        raise FileFault("it holds bytes that are no text: it is no page. Save the page again.")
    try:
        return decode_text(body, content_type)
    except PageProblemError:
        tried = [body.decode(name, "replace") for name in ("utf-8", "gb18030")]
        best = min(tried, key=lambda text: text.count("\ufffd"))
        if best.count("\ufffd") > _DAMAGED_SHARE * len(best):
            raise FileFault(
                "its bytes are neither UTF-8 nor GBK. Save the page again, as UTF-8."
            ) from None
        return best


def _page(
    body: bytes, content_type: str, saved_at: datetime, url: str | None = None, **place: Any
) -> SavedPage:
    """A page with its address and time, where it tells them itself. Raises FileFault."""
    text = _text(body, content_type)
    # UTF-16 knows halves of characters, which UTF-8 does not.
    clean = text.encode("utf-8", "replace")
    head = text[:_HEAD]
    said = _SINGLE_FILE_DATE.search(head)
    if said:
        saved_at = datetime.strptime(said[1], "%a %b %d %Y %H:%M:%S GMT%z")
    plain = content_type.partition(";")[0].strip() or "text/html"
    return SavedPage(
        clean, f"{plain}; charset=utf-8", saved_at, url or _own_address(text, head), **place
    )


def _own_address(text: str, head: str) -> str | None:
    """The address that a browser wrote into the page, else the one that the page gives itself."""
    if not head.lstrip().startswith("<"):
        return None
    for pattern in (_SAVED_FROM, _SINGLE_FILE_URL):
        found = pattern.search(head)
        if found:
            return found[1]
    for tag in _LINK.findall(text[: 1 << 18]):
        value = _ITS_VALUE.search(tag) if _IS_ADDRESS.search(tag) else None
        if value:
            address = value[1].replace("&amp;", "&")
            address = f"https:{address}" if address.startswith("//") else address
            if address.startswith(("http://", "https://")):
                return address
    return None


def _of_json(text: str, saved_at: datetime) -> Iterator[SavedPage | Broken]:
    """A document of JSON or JSONP is a page; JSON lines are one each, or items of one list."""
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if not _is_json(first) or _is_json(text):
        yield _page(text.encode("utf-8", "replace"), "application/json", saved_at)
        return
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if _is_json(line):
            body = line.encode("utf-8", "replace")
            yield _page(body, "application/json", saved_at, offset=number)
        else:
            yield Broken(number, f"line {number} is not JSON: it is cut or damaged.")


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text, strict=False), (dict, list))
    except (ValueError, RecursionError):
        return False


def _of_mhtml(body: bytes, saved_at: datetime) -> Iterator[SavedPage]:
    """The page of an MHTML file, then the frames in it."""
    message = email.message_from_bytes(body, policy=email.policy.compat32)
    if "content-type" not in message:
        raise FileFault("it is no MHTML: it has no MIME header. Save the page again.")
    if any(
        isinstance(defect, (CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect))
        for defect in message.defects
    ):
        raise FileFault(
            "it is cut: its last part has no end. Copy or save the page again, until it is whole."
        )
    saved_at = _mail_date(message) or saved_at
    parts = [part for part in message.walk() if part.get_content_type() in _PAGE_TYPES]
    if not parts:
        raise FileFault("it is an MHTML file without a page in it. Save the page again.")
    for part in parts:
        whole = part.get_payload(decode=True)
        charset = part.get_content_charset()
        said = part.get_content_type() + (f"; charset={charset}" if charset else "")
        body = whole if isinstance(whole, bytes) else b""
        yield _page(body, said, saved_at, _location(part, message))


_PAGE_TYPES = ("text/html", "application/xhtml+xml", "application/json", "text/plain")


def _mail_date(message: Message) -> datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(str(message["date"]))
    except (TypeError, ValueError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _location(part: Message, message: Message) -> str | None:
    """The part's address on the network; frames have one of their own, or none."""
    said = [part["content-location"]]
    if not _is_frame(part):
        said.insert(0, message["snapshot-content-location"])
    base = str(message["content-location"] or "")
    found = [urljoin(base, str(url).strip()) for url in said if url]
    return next((url for url in found if url.startswith(("http://", "https://"))), None)


def _is_frame(part: Message) -> bool:
    return str(part["content-location"] or "").startswith("cid:") or "frame" in str(
        part["content-id"] or ""
    )


def _of_warc(path: Path, size: int, saved_at: datetime) -> Iterator[SavedPage | Broken]:
    """Every response of an archive that may be a page: pictures and styles are passed over."""
    whole = _is_whole(path, size)
    with path.open("rb") as stream:
        records = ArchiveIterator(stream)
        try:
            for record in records:
                if record.rec_type != "response" or record.http_headers is None:
                    continue
                found = _answer(record, saved_at)
                body = _body(record) if found else b""
                offset = records.get_record_offset()
                if getattr(record.raw_stream, "limit", 0) > 0:  # fewer bytes than were promised
                    raise TornError
                if found is None:
                    continue
                yield _archived(found, body, offset)
        except ArchiveLoadFailed as error:
            raise FileFault(
                f"it is no WARC file that can be read ({str(error).strip().splitlines()[0]}). "
                "Record the pages again."
            ) from error
        # What warcio ends with where a compressed record is cut in its header.
        except (AttributeError, EOFError, zlib.error) as error:
            raise TornError from error
    if not whole:
        raise TornError


def _is_whole(path: Path, size: int) -> bool:
    """Whether an archive ends where a record does; warcio passes over torn ones."""
    with path.open("rb") as stream:
        if stream.read(2) != _GZIP:
            stream.seek(max(0, size - len(_RECORD_END)))
            return stream.read() == _RECORD_END
        stream.seek(0)
        end = 0
        for member in members(stream):
            end = member.end
        return end == size


@dataclass(frozen=True)
class _Answer:
    url: str
    status: int
    content_type: str
    location: str | None
    at: datetime


_NO_PAGES = re.compile(
    r"^(?:image|audio|video|font)/|^text/css|octet-stream|pdf|zip", re.IGNORECASE
)


def _answer(record: ArcWarcRecord, saved_at: datetime) -> _Answer | None:
    """What an archive says of a response; None where it is no page."""
    headers = record.http_headers
    content_type = headers.get_header("Content-Type") or ""
    if _NO_PAGES.search(content_type):
        return None
    try:
        at = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date") or "")
        status = int(headers.get_statuscode())
    except ValueError:
        at, status = saved_at, 0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    return _Answer(url, status, content_type, headers.get_header("Location"), at)


def _body(record: ArcWarcRecord) -> bytes | str:
    """A response's body, unpacked; a sentence where it can't be."""
    read = bytearray()
    try:
        stream = record.content_stream()
        while chunk := stream.read(1 << 16):
            read += chunk
            if len(read) > MAX_PAGE:
                return f"the page is larger than {MAX_PAGE >> 20} MB."
    except (OSError, zlib.error, EOFError, ValueError) as error:
        return f"the page can't be unpacked ({error})."
    return bytes(read)


def _archived(found: _Answer, body: bytes | str, offset: int) -> SavedPage | Broken:
    if isinstance(body, str):
        return Broken(offset, f"{found.url}: {body}", found.url)
    place = {"offset": offset, "status": found.status, "location": found.location}
    try:
        return _page(body, found.content_type, found.at, found.url, **place)
    except FileFault as fault:
        return Broken(offset, f"{found.url}: {fault}", found.url)
