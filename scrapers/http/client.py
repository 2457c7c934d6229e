"""The polite client: one place through which every request of a source's night goes.

It says who it is, obeys robots.txt, takes turns at a host, waits as long as it is told to, retries
what may pass, refuses what it should not follow, leaves a host alone that blocks us, archives every
attempt and notes how it ended. What is on its tape it plays back instead of asking.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import quote, urljoin

import requests
from requests.utils import requote_uri

from lake.landing import Outcome, RequestOutcome
from scrapers.http.address import (
    RefusedError,
    check_redirect,
    host_port,
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
from scrapers.http.body import BodyError
from scrapers.http.exchange import (
    FAILURES,
    Attempt,
    Exchange,
    NotOnTapeError,
    PlayedFailureError,
)
from scrapers.http.hosts import BreakerOpenError, Hosts
from scrapers.http.robots import PRODUCT, Robots, parse_robots, robots_url
from scrapers.http.tape import Failure, Tape

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
_GUARDED = re.compile(
    rb"login|passport|signin|password|captcha|verify|challenge|" + "登录|验证|异常".encode(),
    re.IGNORECASE,
)
_OBJECT = re.compile(r"<?[\w.]+ object at 0x[0-9a-f]+>?:?")
BANNED, THROTTLED = 456, 429
ROBOTS = "robots"  # what requests for robots.txt are called


OWN_FAULTS: dict[type[Exception], Outcome] = {
    RefusedError: "refused",
    BreakerOpenError: "blocked",
    NotOnTapeError: "error",
}
"""Those that are our own decision, and what they end as."""


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
        self._entity = ""
        self._exchange = Exchange(
            agent=self.agent,
            limits=self.limits,
            archive=self.archive,
            now=self.now,
            hosts=self.hosts,
            tape=self.tape,
            allow_private=self.allow_private,
        )
        self._is_closed = self._exchange.is_closed

    def close(self) -> None:
        """Close the connections and forget the night's cookies."""
        self._exchange.close()

    def get(self, ask: Ask, judge: Judge[Value]) -> Value:
        """Ask until `judge` accepts a response. Raises FetchError when none will do."""
        self._entity = ask.entity
        if self.tape is not None:
            self._play_robots(ask.url)
        if not self._is_closed and not self._exchange.on_tape(ask):
            self._check_barriers(ask)
        return self._persist(ask, judge)

    # --- before a request ---

    def _check_barriers(self, ask: Ask) -> None:
        """Raise FetchError, with its row, for what may not be asked at all."""
        barrier = self._barrier(ask.url)
        if barrier is not None:
            attempt = self._exchange.begin(1)
            self._exchange.archive_failure(ask, attempt, _failure(barrier))
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
        if self._exchange.on_tape(_robots_ask(url)):
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
            if not verdict.again or self._is_last(ask, number):
                tries = f", on attempt {number} of {self.limits.max_attempts}" if number > 1 else ""
                raise _given_up(ask, verdict, tries)
            self._wait(ask, verdict, number)
            number += 1

    def _is_last(self, ask: Ask, number: int) -> bool:
        out_of_tape = self._is_closed and not self._exchange.on_tape(ask)
        return number >= self.limits.max_attempts or out_of_tape

    def _wait(self, ask: Ask, verdict: Verdict[Value], number: int) -> None:
        if self._exchange.on_tape(ask):  # the wait was over long ago
            return
        seconds = verdict.wait
        if seconds is None:
            backoff = self.limits.backoff_seconds * 2 ** (number - 1)
            seconds = min(backoff, LONGEST_BACKOFF, self.limits.max_wait_seconds)
        self.progress(f"{verdict.detail.rstrip('.')}; asking again in {seconds:g} s")
        self.hosts.sleep(seconds)

    def _attempt(self, ask: Ask, judge: Judge[Value], number: int) -> Verdict[Value]:
        """One attempt: the request and the redirects it leads to, each with its row."""
        hop, cookies = ask, self._exchange.cookies
        for _ in range(MAX_REDIRECTS + 1):
            attempt = self._exchange.begin(number)
            try:
                response = replace(self._exchange.ask(hop, attempt), url=ask.url)
            except FAILURES as error:
                verdict: Verdict[Value] = self._fault(error, hop)
                self._exchange.archive_failure(hop, attempt, _failure(verdict))
                return self._end(attempt, ask, verdict)
            if response.status not in REDIRECTS or response.location is None:
                verdict = judge(response)
                if verdict.outcome == "blocked" and self._is_first_cookie(response, cookies):
                    said = verdict.detail.rstrip(".")
                    verdict = Verdict(
                        "partial", f"{said}; asked again with its cookie.", again=True
                    )
                return self._settle(attempt, ask, hop, verdict)
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

    def _is_first_cookie(self, response: Response, before: frozenset[tuple[str, str]]) -> bool:
        """Whether a page only sets the first cookie of its host, as to any visitor.

        A refusing status, a login or a captcha means what it says, whatever it sets.
        """
        if response.status != HTTPStatus.OK or _GUARDED.search(response.body):
            return False
        known = {domain for domain, _ in before}
        return any(domain not in known for domain, _ in self._exchange.cookies - before)

    def _settle(
        self, attempt: Attempt, ask: Ask, hop: Ask, verdict: Verdict[Value]
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
        elif ask.request == ROBOTS and verdict.outcome == "blocked" and attempt.status != BANNED:
            opens_after = 0
        elif verdict.again and self._is_throttled_to_the_end(ask, attempt):
            told = f"{verdict.detail.rstrip('.')}, however long we waited: access is refused."
            verdict = Verdict("blocked", told)
        if not self._is_closed:
            for url in {host_port(u): u for u in (ask.url, hop.url)}.values():
                self._tell_host(url, attempt, verdict, f"{ask.url}: {verdict.detail}", opens_after)
        return self._end(attempt, ask, verdict, hop.url)

    def _is_throttled_to_the_end(self, ask: Ask, attempt: Attempt) -> bool:
        """Whether we waited as we were told, and the last attempt is told the same again."""
        is_throttled = attempt.status == THROTTLED and ask.request != ROBOTS
        return is_throttled and attempt.number > 1 and self._is_last(ask, attempt.number)

    def _tell_host(
        self, url: str, attempt: Attempt, verdict: Verdict[Value], reason: str, opens_after: int
    ) -> None:
        if verdict.outcome != "blocked":
            self.hosts.answered(url)
        elif opens_after:
            self.hosts.blocked(url, reason, attempt.requested_at, opens_after=opens_after)
        if verdict.again and verdict.wait is not None:
            self.hosts.stay_away(url, verdict.wait - self._exchange.age(attempt))

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
        if self._exchange.deadline.left <= 0:
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

    # --- rows ---

    def _end(
        self, attempt: Attempt, ask: Ask, verdict: Verdict[Value], final: str | None = None
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
    if 400 <= response.status < 500 and response.status not in (*TRANSIENT, BANNED):
        return Verdict("gone", f"HTTP {response.status}: no robots.txt, so no rules.", Robots())
    return judge_status(response)


def _failure(verdict: Verdict[Value]) -> Failure:
    return Failure(verdict.outcome, verdict.detail, verdict.again)


def _given_up(ask: Ask, verdict: Verdict[Value], tries: str = "") -> FetchError:
    return FetchError(verdict.outcome, f"{ask.url}: {verdict.detail.rstrip('.')}{tries}.")


def _short(error: BaseException, ask: Ask) -> str:
    """An error in one line, without credentials and the object addresses that urllib3 puts in."""
    name = type(error).__name__
    if ask.secret_headers and isinstance(error, ValueError):  # it may quote a header, escaped
        return f"{name}. Check that the credentials have no line ends or other odd characters."
    text = str(error)
    for secret in filter(None, ask.secret_headers.values()):
        text = text.replace(secret, "[secret]")
    return f"{name}: {' '.join(_OBJECT.sub('', text).split())[:200]}"
