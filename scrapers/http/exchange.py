"""One request and what comes back: over the network into the archive, or off the tape."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime

import requests
from requests.cookies import MockRequest, MockResponse
from requests.utils import get_environ_proxies

from scrapers.http.address import RefusedError, check_address, host_port, is_private_literal
from scrapers.http.archive import Archive
from scrapers.http.asking import Ask, Limits, Response
from scrapers.http.body import READ_ERRORS, BodyError, Wire, decode, read_wire
from scrapers.http.hosts import BreakerOpenError, Hosts
from scrapers.http.retry_after import retry_after_seconds
from scrapers.http.tape import Entry, Failure, Headers, Tape
from scrapers.http.transport import Guard, guarded_session


class NotOnTapeError(Exception):
    """A closed tape has no (further) answer to this request."""


class PlayedFailureError(Exception):
    """An attempt on the tape that got no response."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


FAILURES = (
    RefusedError,
    BreakerOpenError,
    NotOnTapeError,
    PlayedFailureError,
    BodyError,
    requests.RequestException,
    *READ_ERRORS,
    ValueError,
)
"""Everything that a request can end in without a usable response."""


@dataclass
class Attempt:
    """What is known of one attempt, for its outcome row and its record."""

    number: int
    requested_at: datetime
    started: float
    duration_ms: int | None = None
    is_played: bool = False
    status: int | None = None
    reason: str = ""
    headers: Headers | None = None
    wire: bytes | None = None
    archive_file: str | None = None
    archive_offset: int | None = None

    def header(self, name: str) -> str | None:
        """The first header of this name."""
        return _header(self.headers or [], name)


@dataclass
class Exchange:
    """One source's way to its hosts: its connections, its cookies and its archive."""

    agent: str
    limits: Limits
    archive: Archive
    now: Callable[[], datetime]
    hosts: Hosts
    tape: Tape | None
    allow_private: bool

    def __post_init__(self) -> None:
        guard = Guard(self.hosts.monotonic, allow_private=self.allow_private)
        self.deadline = guard.deadline
        self._session = guarded_session(guard)
        ca_file = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        self._verify: str | bool = ca_file or True
        self.is_closed = self.tape is not None and self.tape.closed

    @property
    def cookies(self) -> frozenset[tuple[str, str]]:
        """(domain, name) of the cookies that the night's hosts have set so far."""
        return frozenset((cookie.domain, cookie.name) for cookie in self._session.cookies)

    def close(self) -> None:
        """Close the connections and forget the night's cookies."""
        self._session.close()
        self._session.cookies.clear()

    def begin(self, number: int) -> Attempt:
        """The attempt number so-and-so at something begins."""
        self.deadline.stop()
        return Attempt(number, self.now(), self.hosts.monotonic())

    def on_tape(self, ask: Ask) -> bool:
        """Whether an answer to this is still to be played."""
        return self.tape is not None and self.tape.has(ask.key)

    def age(self, attempt: Attempt) -> float:
        """How many seconds ago the attempt was made, for one off the tape; else 0."""
        return (self.now() - attempt.requested_at).total_seconds() if attempt.is_played else 0.0

    def archive_failure(self, ask: Ask, attempt: Attempt, failure: Failure) -> None:
        """Put an attempt on the archive that has no response there."""
        if self.is_closed or attempt.is_played or attempt.archive_offset is not None:
            return
        attempt.duration_ms = self._elapsed(attempt)
        self.archive.note(
            ask.url,
            key=ask.key,
            at=attempt.requested_at,
            failure=failure,
            duration_ms=attempt.duration_ms,
        )

    def ask(self, hop: Ask, attempt: Attempt) -> Response:
        """The response to one request, archived. Raises one of FAILURES when there is none."""
        entry = None if self.tape is None else self.tape.next(hop.key)
        if entry is not None:
            return self._play(hop, attempt, entry)
        if self.is_closed:
            raise NotOnTapeError(
                f"{hop.method} {hop.url} is not in the archive, or not once more: the night that "
                "is replayed did not ask for it."
            )
        return self._fetch(hop, attempt)

    def _play(self, hop: Ask, attempt: Attempt, entry: Entry) -> Response:
        attempt.is_played = True
        attempt.requested_at, attempt.duration_ms = entry.at, entry.duration_ms
        if not self.is_closed:
            self.hosts.was_asked(hop.url, self.age(attempt))
        if isinstance(entry.result, Failure):
            raise PlayedFailureError(entry.result)
        attempt.status, attempt.headers = entry.result.status, entry.result.headers
        attempt.wire = entry.result.wire
        attempt.archive_file, attempt.archive_offset = entry.file, entry.offset
        self._keep_cookies(hop, attempt)
        return self._response(hop, attempt, entry.result.cut_wire)

    def _fetch(self, hop: Ask, attempt: Attempt) -> Response:
        """Ask once, archive what comes, decode it."""
        private = is_private_literal(host_port(hop.url)[0])
        proxies = {} if private else get_environ_proxies(hop.url)
        check_address(hop.url, allow_private=self.allow_private, resolve=not proxies)
        with self.hosts.turn(hop.url, self.limits.min_interval_seconds):
            wire = self._send(hop, attempt, proxies)
        attempt.duration_ms = self._elapsed(attempt)
        attempt.archive_offset = self.archive.add(
            hop.url,
            key=hop.key,
            at=attempt.requested_at,
            status=attempt.status or 0,
            reason=attempt.reason,
            headers=attempt.headers or [],
            wire=wire,
            duration_ms=attempt.duration_ms,
        )
        attempt.archive_file = self.archive.file
        return self._response(hop, attempt, wire)

    def _send(self, hop: Ask, attempt: Attempt, proxies: dict[str, str]) -> Wire:
        """Send the request and read the answer, within the time for one response."""
        attempt.requested_at, attempt.started = self.now(), self.hosts.monotonic()
        self.deadline.start(self.limits.response_seconds)
        with self._session.send(
            self._prepared(hop),
            stream=True,
            allow_redirects=False,
            timeout=self.limits.timeout_seconds,
            proxies=proxies,
            verify=self._verify,
        ) as answer:
            attempt.status, attempt.reason = answer.status_code, answer.reason or ""
            attempt.headers = [(n, _utf8(v)) for n, v in answer.raw.headers.items()]
            wire = read_wire(
                answer.raw,
                max_bytes=int(self.limits.max_body_mb * 1_000_000),
                deadline=self.deadline,
            )
        attempt.wire = wire.data
        return wire

    def _prepared(self, hop: Ask) -> requests.PreparedRequest:
        """The request as it will be sent; nothing is merged from elsewhere but our cookies."""
        request = requests.PreparedRequest()
        request.prepare(
            method=hop.method,
            url=hop.url,
            headers=self._headers(hop),
            data=hop.body,
            cookies=self._session.cookies,
        )
        return request

    def _headers(self, hop: Ask) -> dict[str, str]:
        headers = {
            "User-Agent": self.agent,
            "Accept": hop.accept,
            "Accept-Encoding": "gzip, deflate",
        }
        if hop.form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if hop.etag is not None:
            headers["If-None-Match"] = hop.etag
        if hop.last_modified is not None:
            headers["If-Modified-Since"] = hop.last_modified
        return headers | dict(hop.secret_headers)

    def _response(self, hop: Ask, attempt: Attempt, wire: Wire) -> Response:
        return Response(
            url=hop.url,
            final_url=hop.url,
            status=attempt.status or 0,
            content_type=attempt.header("Content-Type") or "",
            body=self._decoded(attempt, wire),
            fetched_at=attempt.requested_at,
            archive_file=attempt.archive_file or "",
            archive_offset=attempt.archive_offset or 0,
            location=attempt.header("Location"),
            retry_after=retry_after_seconds(attempt.header("Retry-After"), _answered_at(attempt)),
            etag=attempt.header("ETag"),
            last_modified=attempt.header("Last-Modified"),
            wire_bytes=len(wire.data),
        )

    def _decoded(self, attempt: Attempt, wire: Wire) -> bytes:
        if attempt.status != 200:  # an error page decides by its status; its text is a courtesy
            try:
                return self._decode(wire.data, attempt)
            except BodyError:
                return wire.data
        if wire.truncated is not None:
            raise BodyError(wire.detail, again=wire.truncated != "length")
        return self._decode(wire.data, attempt)

    def _decode(self, data: bytes, attempt: Attempt) -> bytes:
        limit = int(self.limits.max_decoded_mb * 1_000_000)
        return decode(data, attempt.header("Content-Encoding") or "", max_bytes=limit)

    def _keep_cookies(self, hop: Ask, attempt: Attempt) -> None:
        """Take the cookies of a played answer, which belongs to the same night."""
        headers = Message()
        for name, value in attempt.headers or []:
            headers[name] = value
        request = MockRequest(requests.Request(hop.method, hop.url, headers={}).prepare())
        self._session.cookies.extract_cookies(MockResponse(headers), request)  # type: ignore[arg-type]

    def _elapsed(self, attempt: Attempt) -> int:
        return round((self.hosts.monotonic() - attempt.started) * 1000)


def _answered_at(attempt: Attempt) -> datetime:
    """When the answer was given by the host's own clock, if it tells: else by ours."""
    try:
        told = parsedate_to_datetime(attempt.header("Date") or "")
    except ValueError:
        return attempt.requested_at
    return told if told.tzinfo is not None else attempt.requested_at


def _header(headers: Headers, name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name.lower()), None)


def _utf8(value: str) -> str:
    """A header's value, which Python's library reads as Latin-1 and hosts send as UTF-8."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
