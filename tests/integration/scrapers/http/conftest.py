"""A polite client by itself: one source's visit to a host that a test scripts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lake.landing import Lake, RequestOutcome, RunContext
from scrapers.http.archive import Archive
from scrapers.http.client import Ask, Limits, PoliteClient, Response, Verdict, judge_status
from scrapers.http.hosts import Hosts
from scrapers.http.tape import Tape

AS_OF = date(2026, 9, 30)
SLOW = {"min_interval_seconds": 0, "backoff_seconds": 2, "max_attempts": 4}


def accept(response: Response) -> Verdict[Response]:
    """Whatever has status 200."""
    if response.status == 200:
        return Verdict("ok", "", response, items_seen=1)
    return judge_status(response)


@dataclass
class Visit:
    """One source's client, the rows it noted and the time it slept."""

    client: PoliteClient
    base: str
    archive: Archive
    rows: list[RequestOutcome]
    time: Any  # a fake_time
    told: list[str]

    def get(self, path: str, judge: Callable[..., Any] = accept, **ask: Any) -> Any:
        url = path if "://" in path else self.base + path
        return self.client.get(Ask(url, ask.pop("request", "page"), entity="review", **ask), judge)

    @property
    def ends(self) -> list[tuple[str, int | None, str]]:
        """(path, status, outcome) of every attempt but those for robots.txt."""
        return [
            (row.url.removeprefix(self.base), row.http_status, row.outcome)
            for row in self.rows
            if row.request != "robots"
        ]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
def visit(lake: Lake, host: Any, fake_time: Callable[..., Any]) -> Iterator[Callable[..., Visit]]:
    """Begin a visit of `host`; keyword arguments that are not named here are limits."""
    with contextlib.ExitStack() as stack:

        def begin(
            *,
            source: str = "src",
            run_id: str = "run-1",
            spec_hash: str = "spec-1",
            base: str | None = None,
            hosts: Hosts | None = None,
            time: Any = None,
            step: float = 0.0,
            tape: Tape | None = None,
            allow_private: bool = True,
            redirect_hosts: tuple[str, ...] = (),
            archive_options: dict[str, Any] | None = None,
            **limits: Any,
        ) -> Visit:
            clock = time or fake_time(step)
            rows: list[RequestOutcome] = []
            told: list[str] = []
            run = RunContext(AS_OF, run_id, ZoneInfo("Asia/Shanghai"), clock=clock.now)
            archive = Archive(lake, source, run, "tea/1", spec_hash, **(archive_options or {}))
            if tape is None or not tape.closed:
                stack.enter_context(archive)
            client = PoliteClient(
                spec_hash=spec_hash,
                agent="voc-warehouse/1 (+voc@yunwu.example)",
                limits=Limits(**(SLOW | limits)),
                archive=archive,
                note=rows.append,
                progress=told.append,
                now=clock.now,
                hosts=hosts or Hosts(clock.sleep, clock.monotonic),
                tape=tape or archive.tape,
                allow_private=allow_private,
                redirect_hosts=redirect_hosts,
            )
            stack.callback(client.close)
            return Visit(client, base or host.url, archive, rows, clock, told)

        yield begin


@pytest.fixture
def verdict() -> type[Verdict[Any]]:
    return Verdict
