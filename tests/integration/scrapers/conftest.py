"""A small loopback server that plays a platform, and one source's night against it."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from lake.landing import Lake, RunContext, SourceRun
from lake.privacy import Privacy
from scrapers.config import SourceConfig
from scrapers.crawl import Mode, crawl_source
from scrapers.http.hosts import Hosts
from scrapers.registry import Platforms
from scrapers.spec import PlatformSpec

AS_OF = date(2026, 9, 30)
NOW = datetime(2026, 9, 30, 18, 0, tzinfo=UTC)


@dataclass
class Reply:
    """What the server sends. `cut` promises the whole body and hangs up after so many bytes."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    chunked: bool = False


@dataclass(frozen=True)
class Asked:
    """One request that reached the server."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    nth: int  # how often this very path and query were asked, from 1


class Platform:
    """A server whose `answer` a test sets. robots.txt is answered apart, with `robots`."""

    def __init__(self) -> None:
        self.answer: Callable[[Asked], Reply] = lambda asked: Reply(status=404)
        self.robots = Reply(status=404)
        self.asked: list[Asked] = []
        platform = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                platform.serve(self)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Platform:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def speak_tls(self, certificate: Path) -> None:
        """From now on, TLS only; `certificate` is a PEM file with its key."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = self.url.replace("http:", "https:")

    @property
    def pages(self) -> list[Asked]:
        """The requests for anything but robots.txt."""
        return [asked for asked in self.asked if asked.path != "/robots.txt"]

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        same = [a for a in self.asked if (a.path, a.query) == (parts.path, parse_qs(parts.query))]
        asked = Asked(parts.path, parse_qs(parts.query), dict(handler.headers), len(same) + 1)
        self.asked.append(asked)
        reply = self.robots if parts.path == "/robots.txt" else self.answer(asked)
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if reply.chunked:
            handler.send_header("Transfer-Encoding", "chunked")
        else:
            handler.send_header("Content-Length", str(len(reply.body)))
        if reply.cut is not None:
            handler.send_header("Connection", "close")
            handler.close_connection = True
        handler.end_headers()
        if reply.chunked:
            middle = len(reply.body) // 2
            for part in (reply.body[:middle], reply.body[middle:]):
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            handler.wfile.write(b"0\r\n\r\n")
        else:
            handler.wfile.write(reply.body[: reply.cut])


@pytest.fixture
def reply() -> type[Reply]:
    return Reply


@pytest.fixture
def platform() -> Iterator[Platform]:
    with Platform() as server:
        yield server


@pytest.fixture
def other_platform() -> Iterator[Platform]:
    with Platform() as server:
        yield server


class FakeTime:
    """A clock that only moves when somebody sleeps, or by `step` at every look."""

    def __init__(self, step: float = 0.0) -> None:
        self.slept: list[float] = []
        self._now, self._step = 1000.0, step

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += seconds

    def monotonic(self) -> float:
        self._now += self._step
        return self._now


@dataclass
class Night:
    """What one crawl left behind."""

    run: SourceRun
    home: Path
    source: str
    spec: PlatformSpec
    slept: list[float]
    told: list[str]

    def rows(self, tree: str, name: str) -> list[dict[str, Any]]:
        found = (self.home / "lake" / tree).glob(f"source={self.source}/dt=*/*/{name}.parquet")
        return [row for path in sorted(found) for row in pq.ParquetFile(path).read().to_pylist()]

    @property
    def outcomes(self) -> list[dict[str, Any]]:
        return self.rows("requests", "request_outcome")

    @property
    def page_outcomes(self) -> list[tuple[int | None, int | None, str]]:
        """(page, status, outcome) of every attempt but those for robots.txt."""
        return [
            (row["page_no"], row["http_status"], row["outcome"])
            for row in self.outcomes
            if not row["url"].endswith("/robots.txt")
        ]

    @property
    def quarantine(self) -> list[dict[str, Any]]:
        return self.rows("quarantine", "quarantine")

    def records(self, entity: str) -> list[dict[str, Any]]:
        return self.rows("records", entity)

    def balance(self) -> None:
        """Every item seen landed or went to quarantine: of the record that a request is about."""
        spec = self.spec
        asked = {row["request"] for row in self.outcomes} & set(spec.requests)
        first = {spec.records[spec.requests[name].records[0]].entity for name in asked}
        first |= {row["entity"] for row in self.outcomes if row["kind"] == "file"}  # counts all
        seen = sum(row["items_seen"] for row in self.outcomes)
        landed = sum(len(self.records(entity)) for entity in first)
        assert seen == landed + sum(row["entity"] in first for row in self.quarantine)


@pytest.fixture
def night(tmp_path: Path, platform: Platform) -> Callable[..., Night]:
    """Crawl `platform` for one night; keyword arguments go into the source's config.

    `declared` is a folder with platforms beside the shipped ones.
    """

    def crawl(
        *,
        run_id: str = "run-1",
        as_of: date = AS_OF,
        now: datetime = NOW,
        step: float = 0.0,
        source: str = "src",
        dropped: Path | None = None,
        mode: Mode | None = None,
        declared: Path | None = None,
        **config: Any,
    ) -> Night:
        clock = FakeTime(step)
        told: list[str] = []
        lake = Lake(tmp_path / "lake")
        given = {"base_url": platform.url, "allow_private_hosts": True} | config
        folders = (*Platforms().folders, *([declared] if declared else []))
        context = {"platforms": Platforms(folders)}
        checked = SourceConfig.model_validate(given, context=context)
        run = crawl_source(
            source,
            checked,
            lake=lake,
            run=RunContext(as_of, run_id, ZoneInfo("Asia/Shanghai"), clock=lambda: now),
            privacy=Privacy(b"a key that is for tests only"),
            contact="voc@yunwu.example",
            progress=told.append,
            hosts=Hosts(clock.sleep, clock.monotonic),
            dropped=dropped,
            mode=mode,
        )
        result = Night(run, tmp_path, source, checked.source().spec, clock.slept, told)
        result.balance()
        return result

    return crawl


@pytest.fixture
def feed() -> Callable[..., bytes]:
    """An App Store page with reviews numbered as given; see `reviews` for the entries."""

    def build(entries: Any = None) -> bytes:
        head: dict[str, Any] = {"id": {"label": "feed"}, "updated": {"label": "2026-09-30"}}
        if entries is not None:
            head["entry"] = entries
        return json.dumps({"feed": head}, ensure_ascii=False).encode()

    return build


@pytest.fixture
def reviews() -> Callable[..., list[dict[str, Any]]]:
    """Entries numbered from `first`, all of one `day`."""

    def build(first: int, count: int, day: str = "2026-09-20", **changes: Any) -> list[Any]:
        labels = {
            "updated": f"{day}T23:40:59-07:00",
            "im:rating": "2",
            "im:version": "7.5.2",
            "title": "等太久",
            "content": "客服让我打 13800138000，没人接。",
            "im:voteSum": "0",
            "im:voteCount": "0",
        } | changes
        author = {"uri": {"label": "https://x/id9"}, "name": {"label": "茶茶小鹿"}}
        return [
            {"id": {"label": str(number)}, "author": author}
            | {name: {"label": value} for name, value in labels.items()}
            for number in range(first, first + count)
        ]

    return build
