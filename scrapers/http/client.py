"""The polite client: one place through which every request of a source's night goes.

It says who it is, obeys robots.txt, keeps a distance between requests to a host, waits as long as
it is told to, retries what may pass, refuses what it should not follow, archives every response
and notes every attempt.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Generic, Protocol, TypeVar
from urllib.parse import quote, urljoin

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from lake.config import StrictModel
from lake.landing import Outcome, RequestOutcome
from scrapers.http.address import (
    RefusedError,
    check_address,
    check_redirect,
    host_port,
    is_private_literal,
)
from scrapers.http.archive import Archive
from scrapers.http.body import READ_ERRORS, BodyError, Wire, decode, read_wire
from scrapers.http.retry_after import retry_after_seconds
from scrapers.http.robots import PRODUCT, Robots, parse_robots, robots_url

Value = TypeVar("Value")
Value_co = TypeVar("Value_co", covariant=True)

MAX_REDIRECTS = 5
LONGEST_BACKOFF = 60.0
REDIRECTS = (301, 302, 303, 307, 308)
TRANSIENT = (408, 425, 429, 500, 502, 503, 504)
BLOCKED = (401, 403, 407, 451)
GONE = (404, 410)
UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"  # other TLS failures may pass
FAILURES = (RefusedError, BodyError, requests.RequestException, *READ_ERRORS, ValueError)
"""Everything that a request can end in without a usable response."""


class Limits(StrictModel):
    """How gently to ask, and what to put up with. Times in seconds, sizes in megabytes."""

    min_interval_seconds: float = 3.0
    timeout_seconds: float = 30.0
    response_seconds: float = 120.0
    max_attempts: int = 4
    backoff_seconds: float = 2.0
    max_wait_seconds: float = 300.0
    max_body_mb: float = 20.0
    max_decoded_mb: float = 100.0


class FetchError(Exception):
    """A request that came to nothing, after every attempt; the message says how it ended."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


@dataclass(frozen=True)
class Response:
    """A response with its decoded body, and where its exact bytes are archived."""

    url: str
    status: int
    content_type: str
    body: bytes
    archive_file: str
    archive_offset: int
    location: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True)
class Verdict(Generic[Value_co]):
    """What a response is worth. Accepted when `value` is there; `again`: asking anew may help."""

    outcome: Outcome
    detail: str = ""
    value: Value_co | None = None
    items_seen: int = 0
    again: bool = False
    wait: float | None = None


class Judge(Protocol[Value_co]):
    """Looks at a response before anything is made of it."""

    def __call__(self, response: Response, /) -> Verdict[Value_co]: ...


@dataclass
class _Attempt:
    """What is known of one attempt, for its outcome row."""

    number: int
    page_no: int | None
    requested_at: datetime
    started: float
    hop: str = ""
    status: int | None = None
    content_type: str | None = None
    wire: bytes | None = None
    archive_offset: int | None = None


def user_agent(contact: str) -> str:
    """Who we are and how to reach us. What a header can't carry is percent-encoded."""
    try:
        release = version("voc-warehouse")
    except PackageNotFoundError:
        release = "0"
    return f"{PRODUCT}/{release} (+{quote(contact.strip(), safe='@:/.+-_ ')})"


def judge_status(response: Response) -> Verdict[Value]:
    """What a status other than 200 means."""
    status, detail = response.status, f"HTTP {response.status}"
    if status in TRANSIENT:
        return Verdict("error", detail, again=True, wait=response.retry_after)
    if status in BLOCKED:
        return Verdict("blocked", f"{detail}: access is refused.")
    if status in GONE:
        return Verdict("gone", f"{detail}: there is nothing at this address (any more).")
    return Verdict("error", detail, again=status >= 500)


@dataclass
class PoliteClient:
    """One source's client for one run. `note` receives the outcome row of every attempt."""

    entity: str
    spec_hash: str
    agent: str
    limits: Limits
    archive: Archive
    note: Callable[[RequestOutcome], None]
    progress: Callable[[str], None]
    now: Callable[[], datetime]
    allow_private: bool = False
    redirect_hosts: tuple[str, ...] = ()
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    _robots: dict[str, Robots] = field(default_factory=dict)
    _last: dict[tuple[str, int], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False  # no netrc: we never log in with what lies about
        self._session.headers.clear()
        self._session.headers.update(
            {
                "User-Agent": self.agent,
                "Accept": "application/json, text/javascript;q=0.9, */*;q=0.5",
                "Accept-Encoding": "gzip, deflate",
            }
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=0))
        ca_file = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        self._verify: str | bool = ca_file or True

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(self, url: str, judge: Judge[Value], *, page_no: int | None = None) -> Value:
        """Fetch `url` until `judge` accepts a response. Raises FetchError when none will do."""
        self._obey_robots(url, page_no)
        return self._persist(url, judge, page_no)

    def _persist(
        self, url: str, judge: Judge[Value], page_no: int | None, *, obey: bool = True
    ) -> Value:
        number = 1
        while True:
            verdict = self._attempt(url, judge, page_no, number, obey=obey)
            if verdict.value is not None:
                return verdict.value
            if not verdict.again or number >= self.limits.max_attempts:
                tries = f", on attempt {number} of {self.limits.max_attempts}" if number > 1 else ""
                raise FetchError(verdict.outcome, f"{url}: {verdict.detail.rstrip('.')}{tries}.")
            self._wait(url, verdict, number)
            number += 1

    def _wait(self, url: str, verdict: Verdict[Value], number: int) -> None:
        seconds = verdict.wait
        if seconds is None:
            seconds = min(self.limits.backoff_seconds * 2 ** (number - 1), LONGEST_BACKOFF)
        if seconds > self.limits.max_wait_seconds:
            raise FetchError(
                "blocked",
                f"{url}: the host asks us to stay away for {seconds:g} s, longer than this night "
                f"grants (max_wait_seconds: {self.limits.max_wait_seconds:g}).",
            )
        self.progress(f"{verdict.detail.rstrip('.')}; asking again in {seconds:g} s")
        self.sleep(seconds)

    def _attempt(
        self, url: str, judge: Judge[Value], page_no: int | None, number: int, *, obey: bool
    ) -> Verdict[Value]:
        """One attempt: the request and the redirects it leads to, each with its row.

        `obey` is off for robots.txt itself, which no rule can forbid.
        """
        hop = url
        for _ in range(MAX_REDIRECTS + 1):
            attempt = self._begin(page_no, number, hop)
            try:
                response = self._request(hop, attempt)
            except FAILURES as error:
                return self._end(attempt, url, self._failed(error))
            if response.status not in REDIRECTS or response.location is None:
                return self._end(attempt, url, judge(response), final=hop)
            try:
                hop = self._follow(hop, response.location, obey=obey)
            except RefusedError as error:
                return self._end(attempt, url, Verdict("refused", str(error)), final=hop)
            self._end(attempt, url, Verdict("ok", f"Redirected to {hop}."), final=hop)
        return Verdict("error", f"More than {MAX_REDIRECTS} redirects.")

    def _failed(self, error: Exception) -> Verdict[Value]:
        """What an attempt without a usable response is worth."""
        if isinstance(error, RefusedError):
            return Verdict("refused", str(error))
        if isinstance(error, BodyError):
            return Verdict("partial" if error.again else "error", str(error), again=error.again)
        if isinstance(error, requests.exceptions.SSLError) and UNTRUSTED in str(error):
            return Verdict("refused", f"The host's certificate is not trusted: {_short(error)}")
        if isinstance(error, requests.exceptions.Timeout):
            detail = f"No answer within {self.limits.timeout_seconds:g} s."
            return Verdict("error", detail, again=True)
        if isinstance(error, ValueError):  # what urllib3 and idna say to impossible host names
            return Verdict("error", f"The request could not be made: {_short(error)}")
        return Verdict("error", f"The connection failed: {_short(error)}", again=True)

    def _begin(self, page_no: int | None, number: int, hop: str) -> _Attempt:
        return _Attempt(number, page_no, self.now(), self.monotonic(), hop)

    def _end(
        self, attempt: _Attempt, url: str, verdict: Verdict[Value], final: str | None = None
    ) -> Verdict[Value]:
        wire = attempt.wire
        self.note(
            RequestOutcome(
                entity=self.entity,
                kind="http",
                requested_at=attempt.requested_at,
                url=url,
                final_url=final,
                page_no=attempt.page_no,
                attempt=attempt.number,
                http_status=attempt.status,
                content_type=attempt.content_type,
                bytes=None if wire is None else len(wire),
                sha256=None if wire is None else hashlib.sha256(wire).hexdigest(),
                outcome=verdict.outcome,
                detail=verdict.detail,
                items_seen=verdict.items_seen,
                duration_ms=round((self.monotonic() - attempt.started) * 1000),
                archive_file=None if attempt.archive_offset is None else self.archive.file,
                archive_offset=attempt.archive_offset,
                spec_hash=self.spec_hash,
            )
        )
        return verdict

    def _request(self, url: str, attempt: _Attempt) -> Response:
        """Ask once, archive what comes, decode it."""
        private = is_private_literal(host_port(url)[0])
        proxies = {} if private else get_environ_proxies(url)
        check_address(url, allow_private=self.allow_private, resolve=not proxies)
        self._keep_distance(url)
        attempt.requested_at, attempt.started = self.now(), self.monotonic()
        try:
            with self._session.get(
                url,
                stream=True,
                allow_redirects=False,
                timeout=self.limits.timeout_seconds,
                proxies=proxies,
                verify=self._verify,
            ) as answer:
                return self._take(url, answer, attempt)
        finally:
            self._last[host_port(url)] = self.monotonic()

    def _take(self, url: str, answer: requests.Response, attempt: _Attempt) -> Response:
        headers = list(answer.raw.headers.items())
        attempt.status = answer.status_code
        attempt.content_type = answer.headers.get("Content-Type")
        wire = read_wire(
            answer.raw,
            max_bytes=int(self.limits.max_body_mb * 1_000_000),
            seconds=self.limits.response_seconds,
            monotonic=self.monotonic,
        )
        attempt.wire = wire.data
        attempt.archive_offset = self.archive.add(
            url,
            at=attempt.requested_at,
            status=answer.status_code,
            reason=answer.reason or "",
            headers=headers,
            wire=wire.data,
            truncated=wire.truncated,
        )
        return Response(
            url=url,
            status=answer.status_code,
            content_type=attempt.content_type or "",
            body=self._decoded(wire, answer),
            archive_file=self.archive.file,
            archive_offset=attempt.archive_offset,
            location=answer.headers.get("Location"),
            retry_after=retry_after_seconds(answer.headers.get("Retry-After"), self.now()),
        )

    def _decoded(self, wire: Wire, answer: requests.Response) -> bytes:
        if answer.status_code != 200:  # an error page decides by its status; its text is a courtesy
            try:
                return self._decode(wire.data, answer)
            except BodyError:
                return wire.data
        if wire.truncated is not None:
            raise BodyError(wire.detail, again=wire.truncated != "length")
        return self._decode(wire.data, answer)

    def _decode(self, data: bytes, answer: requests.Response) -> bytes:
        limit = int(self.limits.max_decoded_mb * 1_000_000)
        return decode(data, answer.headers.get("Content-Encoding", ""), max_bytes=limit)

    def _follow(self, here: str, location: str, *, obey: bool) -> str:
        try:
            target = urljoin(here, location)
        except ValueError as error:
            raise RefusedError(f"The redirect to {location!r} can't be read.") from error
        check_redirect(here, target, self.redirect_hosts)
        refusal = self._refusal(target) if obey else ""
        if refusal:
            raise RefusedError(refusal)
        return target

    def _keep_distance(self, url: str) -> None:
        host = host_port(url)
        rules = self._robots.get(robots_url(url))
        gap = max(self.limits.min_interval_seconds, rules.crawl_delay if rules else 0.0)
        last = self._last.get(host)
        pause = 0.0 if last is None else last + gap - self.monotonic()
        if pause > 0:
            self.sleep(pause)

    def _obey_robots(self, url: str, page_no: int | None) -> None:
        refusal = self._refusal(url)
        if refusal:
            self._end(self._begin(page_no, 1, url), url, Verdict("refused", refusal))
            raise FetchError("refused", f"{url}: {refusal}")

    def _refusal(self, url: str) -> str:
        """Why `url` may not be fetched under its host's robots.txt; empty when it may."""
        where = robots_url(url)
        if where not in self._robots:
            self._robots[where] = self._read_robots(where)
        robots = self._robots[where]
        if robots.refusal:
            return robots.refusal
        if not robots.allows(url):
            return f"{where} does not allow it for {PRODUCT}. We don't go around that."
        if robots.crawl_delay > self.limits.max_wait_seconds:
            return (
                f"{where} asks for {robots.crawl_delay:g} s between requests, longer than "
                f"max_wait_seconds ({self.limits.max_wait_seconds:g})."
            )
        return ""

    def _read_robots(self, where: str) -> Robots:
        try:
            return self._persist(where, _judge_robots, None, obey=False)
        except FetchError as error:
            reason = (
                f"its robots.txt could not be read, and without it nothing is fetched ({error})"
            )
            return Robots(refusal=reason)


def _judge_robots(response: Response) -> Verdict[Robots]:
    if response.status == 200:
        return Verdict("ok", "robots.txt", parse_robots(response.body))
    if 400 <= response.status < 500 and response.status not in TRANSIENT:
        return Verdict("gone", f"HTTP {response.status}: no robots.txt, so no rules.", Robots())
    return judge_status(response)


def _short(error: BaseException) -> str:
    """An error in one line, without the object addresses that urllib3 puts in."""
    words = [word for word in str(error).split() if " object at 0x" not in word]
    return f"{type(error).__name__}: {' '.join(words)[:200]}"
