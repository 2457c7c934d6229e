"""The polite client: one place through which every request of a source's night goes.

It says who it is, obeys robots.txt, takes turns at a host, waits as long as it is told to, retries
what may pass, refuses what it should not follow, leaves a host alone that blocks us, archives every
attempt and notes how it ended. What is on its tape it plays back instead of asking.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import quote, urljoin

import requests
from requests.cookies import MockRequest, MockResponse
from requests.utils import get_environ_proxies, requote_uri

from lake.landing import Outcome, RequestOutcome
from scrapers.http.address import (
    RefusedError,
    check_address,
    check_redirect,
    host_port,
    is_private_literal,
)
from scrapers.http.archive import Archive
from scrapers.http.asking import (
    TRANSIENT,
    Ask,
    FetchError,
    Judge,
    Limits,
    Response,
    Value,
    Verdict,
    judge_status,
)
from scrapers.http.body import READ_ERRORS, BodyError, Wire, decode, read_wire
from scrapers.http.hosts import BreakerOpenError, Hosts
from scrapers.http.retry_after import retry_after_seconds
from scrapers.http.robots import PRODUCT, Robots, parse_robots, robots_url
from scrapers.http.tape import Entry, Failure, Headers, Tape
from scrapers.http.transport import Guard, guarded_session

__all__ = [
    "Ask",
    "FetchError",
    "Judge",
    "Limits",
    "PoliteClient",
    "Response",
    "Verdict",
    "judge_status",
    "user_agent",
]

MAX_REDIRECTS = 5
LONGEST_BACKOFF = 60.0
REDIRECTS = (301, 302, 303, 307, 308)
REPEATS_THE_FORM = (307, 308)
UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"  # other TLS failures may pass
_OBJECT = re.compile(r"<?[\w.]+ object at 0x[0-9a-f]+>?:?")
ROBOTS = "robots"  # what requests for robots.txt are called


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

OWN_FAULTS: dict[type[Exception], Outcome] = {
    RefusedError: "refused",
    BreakerOpenError: "blocked",
    NotOnTapeError: "error",
}
"""Those that are our own decision, and what they end as."""


@dataclass
class _Attempt:
    """What is known of one attempt, for its outcome row."""

    number: int
    requested_at: datetime
    started: float
    duration_ms: int | None = None
    is_played: bool = False
    status: int | None = None
    headers: Headers | None = None
    wire: bytes | None = None
    archive_file: str | None = None
    archive_offset: int | None = None

    def header(self, name: str) -> str | None:
        """The first header of this name."""
        return _header(self.headers or [], name)


def user_agent(contact: str) -> str:
    """Who we are and how to reach us. What a header can't carry is percent-encoded."""
    try:
        release = version("voc-warehouse")
    except PackageNotFoundError:
        release = "0"
    return f"voc-warehouse/{release} (+{quote(contact.strip(), safe='@:/.+-_ ')})"


@dataclass
class PoliteClient:
    """One source's client for one run. `note` receives the outcome row of every attempt.

    `hosts` are the night's, shared by all sources; `tape`, when there is one, is played first, and
    is all there is when it is closed.
    """

    spec_hash: str
    agent: str
    limits: Limits
    archive: Archive
    note: Callable[[RequestOutcome], None]
    progress: Callable[[str], None]
    now: Callable[[], datetime]
    hosts: Hosts
    tape: Tape | None = None
    allow_private: bool = False
    redirect_hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._guard = Guard(self.hosts.monotonic, allow_private=self.allow_private)
        self._session = guarded_session(self._guard)
        ca_file = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        self._verify: str | bool = ca_file or True
        self._entity = ""
        self._is_closed = self.tape is not None and self.tape.closed

    def close(self) -> None:
        """Close the connections and forget the night's cookies."""
        self._session.close()
        self._session.cookies.clear()

    def get(self, ask: Ask, judge: Judge[Value]) -> Value:
        """Ask until `judge` accepts a response. Raises FetchError when none will do."""
        self._entity = ask.entity
        if self.tape is not None:
            self._play_robots(ask.url)
        if not self._is_closed and not self._on_tape(ask):
            self._check_barriers(ask)
        return self._persist(ask, judge)

    # --- before a request ---

    def _check_barriers(self, ask: Ask) -> None:
        """Raise FetchError, with its row, for what may not be asked at all."""
        barrier = self._barrier(ask.url)
        if barrier is not None:
            attempt = self._begin(1)
            self._archive_failure(ask, attempt, barrier)
            self._end(attempt, ask, barrier)
            raise _given_up(ask, barrier)

    def _barrier(self, url: str) -> Verdict[None] | None:
        try:
            refusal = "" if self.hosts.breaker(url) else self._refusal(url)
            closed = self.hosts.breaker(url)  # reading robots.txt may have opened it
        except RefusedError as error:  # no address at all
            return Verdict("refused", str(error))
        if closed:
            return Verdict("blocked", closed)
        return Verdict("refused", refusal) if refusal else None

    def _refusal(self, url: str) -> str:
        """Why `url` may not be fetched under its host's robots.txt; empty when it may."""
        where, rules = robots_url(url), self._rules(url)
        if rules.refusal:
            return rules.refusal
        if not rules.allows(url):
            return f"{where} does not allow it for {PRODUCT}. We don't go around that."
        if rules.distance > self.limits.max_wait_seconds:
            return (
                f"{where} asks for {rules.distance:g} s between requests, longer than "
                f"max_wait_seconds ({self.limits.max_wait_seconds:g})."
            )
        return ""

    def _rules(self, url: str) -> Robots:
        self._play_robots(url)
        if self._is_closed:  # what is not on the tape was another source's to read
            return self.hosts.robots(url, self._robots_key(url), Robots)
        return self.hosts.robots(url, self._robots_key(url), lambda: self._read_robots(url))

    def _play_robots(self, url: str) -> None:
        """Play rules that stand on the tape where they were read: before their host's pages."""
        if self._on_tape(_robots_ask(url)):
            rules = self._read_robots(url)
            self.hosts.know_robots(url, self._robots_key(url), rules)

    def _read_robots(self, url: str) -> Robots:
        try:
            return self._persist(_robots_ask(url), _judge_robots)
        except FetchError as error:
            reason = (
                f"its robots.txt could not be read, and without it nothing is fetched ({error})"
            )
            return Robots(refusal=reason)

    def _robots_key(self, url: str) -> tuple[str, bool, tuple[str, ...]]:
        """Sources share rules if they may reach the same addresses: else one's refusal is all's."""
        return robots_url(url), self.allow_private, self.redirect_hosts

    # --- one request, until it is accepted or given up ---

    def _persist(self, ask: Ask, judge: Judge[Value]) -> Value:
        number = 1
        while True:
            verdict = self._attempt(ask, judge, number)
            if verdict.value is not None:
                return verdict.value
            is_last = number >= self.limits.max_attempts
            if not verdict.again or is_last or (self._is_closed and not self._on_tape(ask)):
                tries = f", on attempt {number} of {self.limits.max_attempts}" if number > 1 else ""
                raise _given_up(ask, verdict, tries)
            self._wait(ask, verdict, number)
            number += 1

    def _wait(self, ask: Ask, verdict: Verdict[Value], number: int) -> None:
        if self._on_tape(ask):  # the wait was over long ago
            return
        seconds = verdict.wait
        if seconds is None:
            backoff = self.limits.backoff_seconds * 2 ** (number - 1)
            seconds = min(backoff, LONGEST_BACKOFF, self.limits.max_wait_seconds)
        self.progress(f"{verdict.detail.rstrip('.')}; asking again in {seconds:g} s")
        self.hosts.sleep(seconds)

    def _attempt(self, ask: Ask, judge: Judge[Value], number: int) -> Verdict[Value]:
        """One attempt: the request and the redirects it leads to, each with its row."""
        hop = ask
        for _ in range(MAX_REDIRECTS + 1):
            attempt = self._begin(number)
            try:
                response = replace(self._exchange(hop, attempt), url=ask.url)
            except FAILURES as error:
                verdict: Verdict[Value] = self._fault(error, hop)
                self._archive_failure(hop, attempt, verdict)
                return self._end(attempt, ask, verdict)
            if response.status not in REDIRECTS or response.location is None:
                return self._settle(attempt, ask, hop, judge(response))
            try:
                target = self._follow(ask, hop, response)
            except RefusedError as error:
                verdict = judge(response)
                if verdict.outcome != "blocked":
                    verdict = Verdict("refused", str(error))
                return self._settle(attempt, ask, hop, verdict)
            self._end(attempt, ask, Verdict("ok", f"Redirected to {target.url}."), hop.url)
            hop = target
        return Verdict("error", f"More than {MAX_REDIRECTS} redirects.")

    def _settle(
        self, attempt: _Attempt, ask: Ask, hop: Ask, verdict: Verdict[Value]
    ) -> Verdict[Value]:
        """What an answer means for its host, and for the hosts that led there."""
        opens_after = self.limits.breaker_after
        wait = verdict.wait
        if verdict.again and wait is not None and wait > self.limits.max_wait_seconds:
            opens_after = 1
            verdict = Verdict(
                "blocked",
                f"{verdict.detail.rstrip('.')}: the host asks us to stay away for {wait:g} s, "
                "longer than this night grants (max_wait_seconds: "
                f"{self.limits.max_wait_seconds:g}).",
            )
        elif ask.request == ROBOTS and verdict.outcome == "blocked":
            opens_after = 0
        if not self._is_closed:
            for url in {host_port(u): u for u in (ask.url, hop.url)}.values():
                self._tell_host(url, attempt, verdict, f"{ask.url}: {verdict.detail}", opens_after)
        return self._end(attempt, ask, verdict, hop.url)

    def _tell_host(
        self, url: str, attempt: _Attempt, verdict: Verdict[Value], reason: str, opens_after: int
    ) -> None:
        if verdict.outcome != "blocked":
            self.hosts.answered(url)
        elif opens_after:
            self.hosts.blocked(url, reason, attempt.requested_at, opens_after=opens_after)
        if verdict.again and verdict.wait is not None:
            self.hosts.stay_away(url, verdict.wait - self._age(attempt))

    def _fault(self, error: Exception, ask: Ask) -> Verdict[Value]:
        """What an attempt without a usable response is worth."""
        if type(error) in OWN_FAULTS:
            return Verdict(OWN_FAULTS[type(error)], str(error))
        if isinstance(error, PlayedFailureError):
            told = error.failure
            return Verdict(told.outcome, told.detail, again=told.again)
        if isinstance(error, BodyError):
            return Verdict("partial" if error.again else "error", str(error), again=error.again)
        return self._network_fault(error, ask)

    def _network_fault(self, error: Exception, ask: Ask) -> Verdict[Value]:
        told = _short(error, ask)
        if isinstance(error, requests.exceptions.SSLError) and UNTRUSTED in str(error):
            return Verdict("refused", f"The host's certificate is not trusted: {told}")
        if self._guard.deadline.left <= 0:
            seconds = self.limits.response_seconds
            detail = f"The answer was still dripping after {seconds:g} seconds."
            return Verdict("error", detail, again=True)
        if isinstance(error, requests.exceptions.Timeout):
            detail = f"No answer within {self.limits.timeout_seconds:g} s."
            return Verdict("error", detail, again=True)
        if isinstance(error, ValueError):  # what urllib3 and idna say to impossible host names
            return Verdict("error", f"The request could not be made: {told}")
        return Verdict("error", f"The connection failed: {told}", again=True)

    def _follow(self, ask: Ask, here: Ask, response: Response) -> Ask:
        """The request that a redirect asks for. Raises RefusedError."""
        try:
            target = requote_uri(urljoin(here.url, response.location or ""))
        except (ValueError, requests.RequestException) as error:
            raise RefusedError(f"The redirect to {response.location!r} can't be read.") from error
        check_redirect(here.url, target, self.redirect_hosts)
        refusal = self._refusal(target) if ask.request != ROBOTS else ""
        if refusal:
            raise RefusedError(refusal)
        hop = replace(here, url=target)
        if response.status not in REPEATS_THE_FORM:
            hop = replace(hop, method="GET", form=None)
        if host_port(target) != host_port(ask.url):
            hop = replace(hop, secret_headers={})
        return hop

    # --- one exchange, over the network or off the tape ---

    def _exchange(self, hop: Ask, attempt: _Attempt) -> Response:
        entry = None if self.tape is None else self.tape.next(hop.key)
        if entry is not None:
            return self._play(hop, attempt, entry)
        if self._is_closed:
            raise NotOnTapeError(
                f"{hop.method} {hop.url} is not in the archive, or not once more: the night that "
                "is replayed did not ask for it."
            )
        return self._fetch(hop, attempt)

    def _play(self, hop: Ask, attempt: _Attempt, entry: Entry) -> Response:
        attempt.is_played = True
        attempt.requested_at, attempt.duration_ms = entry.at, entry.duration_ms
        if not self._is_closed:
            self.hosts.was_asked(hop.url, self._age(attempt))
        if isinstance(entry.result, Failure):
            raise PlayedFailureError(entry.result)
        attempt.status, attempt.headers = entry.result.status, entry.result.headers
        attempt.wire = entry.result.wire
        attempt.archive_file, attempt.archive_offset = entry.file, entry.offset
        self._keep_cookies(hop, attempt)
        return self._response(hop, attempt, entry.result.cut_wire)

    def _fetch(self, hop: Ask, attempt: _Attempt) -> Response:
        """Ask once, archive what comes, decode it."""
        private = is_private_literal(host_port(hop.url)[0])
        proxies = {} if private else get_environ_proxies(hop.url)
        check_address(hop.url, allow_private=self.allow_private, resolve=not proxies)
        with self.hosts.turn(hop.url, self.limits.min_interval_seconds):
            attempt.requested_at, attempt.started = self.now(), self.hosts.monotonic()
            self._guard.deadline.start(self.limits.response_seconds)
            with self._session.send(
                self._prepared(hop),
                stream=True,
                allow_redirects=False,
                timeout=self.limits.timeout_seconds,
                proxies=proxies,
                verify=self._verify,
            ) as answer:
                attempt.status = answer.status_code
                attempt.headers = [(n, _utf8(v)) for n, v in answer.raw.headers.items()]
                wire = read_wire(
                    answer.raw,
                    max_bytes=int(self.limits.max_body_mb * 1_000_000),
                    deadline=self._guard.deadline,
                )
        attempt.wire = wire.data
        attempt.duration_ms = self._elapsed(attempt)
        attempt.archive_offset = self.archive.add(
            hop.url,
            key=hop.key,
            at=attempt.requested_at,
            status=answer.status_code,
            reason=answer.reason or "",
            headers=attempt.headers,
            wire=wire,
            duration_ms=attempt.duration_ms,
        )
        attempt.archive_file = self.archive.file
        return self._response(hop, attempt, wire)

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

    def _response(self, hop: Ask, attempt: _Attempt, wire: Wire) -> Response:
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

    def _decoded(self, attempt: _Attempt, wire: Wire) -> bytes:
        if attempt.status != 200:  # an error page decides by its status; its text is a courtesy
            try:
                return self._decode(wire.data, attempt)
            except BodyError:
                return wire.data
        if wire.truncated is not None:
            raise BodyError(wire.detail, again=wire.truncated != "length")
        return self._decode(wire.data, attempt)

    def _decode(self, data: bytes, attempt: _Attempt) -> bytes:
        limit = int(self.limits.max_decoded_mb * 1_000_000)
        return decode(data, attempt.header("Content-Encoding") or "", max_bytes=limit)

    def _keep_cookies(self, hop: Ask, attempt: _Attempt) -> None:
        """Take the cookies of a played answer, which belongs to the same night."""
        headers = Message()
        for name, value in attempt.headers or []:
            headers[name] = value
        request = MockRequest(requests.Request(hop.method, hop.url, headers={}).prepare())
        self._session.cookies.extract_cookies(MockResponse(headers), request)  # type: ignore[arg-type]

    # --- rows ---

    def _begin(self, number: int) -> _Attempt:
        self._guard.deadline.stop()
        return _Attempt(number, self.now(), self.hosts.monotonic())

    def _elapsed(self, attempt: _Attempt) -> int:
        return round((self.hosts.monotonic() - attempt.started) * 1000)

    def _age(self, attempt: _Attempt) -> float:
        """How many seconds ago the attempt was made, for one off the tape; else 0."""
        return (self.now() - attempt.requested_at).total_seconds() if attempt.is_played else 0.0

    def _on_tape(self, ask: Ask) -> bool:
        return self.tape is not None and self.tape.has(ask.key)

    def _archive_failure(self, ask: Ask, attempt: _Attempt, verdict: Verdict[Value]) -> None:
        """Put an attempt on the archive that has no response there."""
        if self._is_closed or attempt.is_played or attempt.archive_offset is not None:
            return
        attempt.duration_ms = self._elapsed(attempt)
        self.archive.note(
            ask.url,
            key=ask.key,
            at=attempt.requested_at,
            failure=Failure(verdict.outcome, verdict.detail, verdict.again),
            duration_ms=attempt.duration_ms,
        )

    def _end(
        self, attempt: _Attempt, ask: Ask, verdict: Verdict[Value], final: str | None = None
    ) -> Verdict[Value]:
        wire = attempt.wire
        self.note(
            RequestOutcome(
                entity=self._entity,  # robots.txt are read for what is asked for
                kind="replay" if self._is_closed else "http",
                request=ask.request,
                requested_at=attempt.requested_at,
                url=ask.url,
                final_url=final,
                page_no=ask.page_no,
                attempt=attempt.number,
                http_status=attempt.status,
                content_type=attempt.header("Content-Type"),
                etag=attempt.header("ETag"),
                last_modified=attempt.header("Last-Modified"),
                bytes=None if wire is None else len(wire),
                sha256=None if wire is None else hashlib.sha256(wire).hexdigest(),
                outcome=verdict.outcome,
                detail=verdict.detail,
                items_seen=verdict.items_seen,
                duration_ms=attempt.duration_ms,
                archive_file=attempt.archive_file,
                archive_offset=attempt.archive_offset,
                spec_hash=self.spec_hash,
            )
        )
        return verdict


def _robots_ask(url: str) -> Ask:
    return Ask(robots_url(url), ROBOTS, accept="text/plain, */*;q=0.5")


def _judge_robots(response: Response) -> Verdict[Robots]:
    if response.status == 200:
        return Verdict("ok", "robots.txt", parse_robots(response.body))
    if 400 <= response.status < 500 and response.status not in TRANSIENT:
        return Verdict("gone", f"HTTP {response.status}: no robots.txt, so no rules.", Robots())
    return judge_status(response)


def _given_up(ask: Ask, verdict: Verdict[Value], tries: str = "") -> FetchError:
    return FetchError(verdict.outcome, f"{ask.url}: {verdict.detail.rstrip('.')}{tries}.")


def _answered_at(attempt: _Attempt) -> datetime:
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


def _short(error: BaseException, ask: Ask) -> str:
    """An error in one line, without credentials and the object addresses that urllib3 puts in."""
    name = type(error).__name__
    if ask.secret_headers and isinstance(error, ValueError):  # it may quote a header, escaped
        return f"{name}. Check that the credentials have no line ends or other odd characters."
    text = str(error)
    for secret in filter(None, ask.secret_headers.values()):
        text = text.replace(secret, "[secret]")
    return f"{name}: {' '.join(_OBJECT.sub('', text).split())[:200]}"
