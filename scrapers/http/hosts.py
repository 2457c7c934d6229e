"""The hosts of one night, shared by all sources: one queue each, their rules, their breaker.

Hosts are told apart by name and port. Sources run in threads of their own; two that ask the same
host take turns.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from scrapers.http.address import host_port
from scrapers.http.robots import Robots


class BreakerOpenError(Exception):
    """The host is left alone for the rest of the night; the message says since when and why."""


@dataclass
class _Host:
    """One host's night. Times are of the night's monotonic clock."""

    name: str
    queue: threading.Lock = field(default_factory=threading.Lock)  # held while a request is out
    reading: threading.Lock = field(default_factory=threading.Lock)  # held while robots are read
    last: float | None = None  # when the last request ended
    not_before: float = 0.0  # how long the host told us to stay away
    robots: dict[Hashable, Robots] = field(default_factory=dict)
    blocked_in_a_row: int = 0
    breaker: str = ""  # why nothing more is asked tonight


class Hosts:
    """What is known of each host tonight; thread-safe. The clock and `sleep` are the night's."""

    def __init__(
        self,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sleep, self.monotonic = sleep, monotonic
        self._hosts: dict[tuple[str, int], _Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, url: str, min_interval: float) -> Iterator[None]:
        """Wait for our turn at the host of `url` and for its distance, and hold it meanwhile.

        The distance, in seconds from the end of anybody's last request, is the larger of
        `min_interval` and what robots.txt asks for. Raises BreakerOpenError.
        """
        host = self._host(url)
        with host.queue:
            self._pass_breaker(host)
            self._keep_distance(host, min_interval)
            try:
                yield
            finally:
                host.last = self.monotonic()

    def robots(self, url: str, key: Hashable, read: Callable[[], Robots]) -> Robots:
        """The rules of the host of `url` under `key`; `read` is called once per night."""
        host = self._host(url)
        with host.reading:
            if key not in host.robots:
                host.robots[key] = read()
            return host.robots[key]

    def know_robots(self, url: str, key: Hashable, rules: Robots) -> None:
        """Keep rules that were read before, off an archive."""
        host = self._host(url)
        with host.reading:
            host.robots.setdefault(key, rules)

    def stay_away(self, url: str, seconds: float) -> None:
        """The host told one of us to stay away so long: it holds for all of us."""
        host = self._host(url)
        host.not_before = max(host.not_before, self.monotonic() + seconds)

    def was_asked(self, url: str, seconds_ago: float) -> None:
        """A request that this process did not make itself: a killed run's."""
        host = self._host(url)
        then = self.monotonic() - max(0.0, seconds_ago)
        host.last = then if host.last is None else max(host.last, then)

    def answered(self, url: str) -> None:
        """The host answered with something else than a block."""
        self._host(url).blocked_in_a_row = 0

    def blocked(self, url: str, reason: str, at: datetime, *, opens_after: int) -> None:
        """The host answered with a block: its breaker opens after so many in a row."""
        host = self._host(url)
        host.blocked_in_a_row += 1
        if host.blocked_in_a_row >= opens_after and not host.breaker:
            host.breaker = (
                f"The circuit breaker of {host.name} is open since {at:%H:%M:%S} UTC because "
                f"{reason.rstrip('.')}. Nothing more is asked of this host tonight."
            )

    def breaker(self, url: str) -> str:
        """Why the host of `url` is left alone for the rest of the night; empty if it is not."""
        return self._host(url).breaker

    def _host(self, url: str) -> _Host:
        name, port = host_port(url)
        with self._lock:
            return self._hosts.setdefault((name, port), _Host(f"{name}:{port}"))

    def _pass_breaker(self, host: _Host) -> None:
        if host.breaker:
            raise BreakerOpenError(host.breaker)

    def _keep_distance(self, host: _Host, min_interval: float) -> None:
        gap = max([min_interval, *(rules.distance for rules in list(host.robots.values()))])
        ready = host.not_before if host.last is None else max(host.not_before, host.last + gap)
        pause = ready - self.monotonic()
        if pause > 0:
            self.sleep(pause)
            self._pass_breaker(host)  # it may have opened meanwhile
