"""A small loopback server that a test scripts, a clock, and one source's night against them."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
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
class Answer:
    """What the host sends. `cut` promises the whole body and hangs up after so many bytes."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    chunked: bool = False


@dataclass(frozen=True)
class Seen:
    """One request that reached the host; `nth` time this very one, from 1."""

    method: str
    path: str  # with its query
    headers: dict[str, str]
    body: bytes
    nth: int

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query)


class Host:
    """A server whose `answer` a test sets; robots.txt is answered apart, with `robots`."""

    def __init__(self) -> None:
        self.answer: Callable[[Seen], Answer] = lambda seen: Answer(b"page " + seen.path.encode())
        self.robots = Answer(status=404)
        self.seen: list[Seen] = []
        self.at_once = 0
        self.most_at_once = 0
        self._lock = threading.Lock()
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                host.serve(self)

            def do_POST(self) -> None:
                host.serve(self)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Host:
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
    def pages(self) -> list[Seen]:
        """The requests for anything but robots.txt."""
        return [seen for seen in self.seen if seen.path != "/robots.txt"]

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            same = [s for s in self.seen if (s.path, s.body) == (handler.path, body)]
            headers = dict(handler.headers)
            seen = Seen(handler.command, handler.path, headers, body, len(same) + 1)
            self.seen.append(seen)
        answer = self.robots if handler.path == "/robots.txt" else self.answer(seen)
        with self._lock:
            self.at_once -= 1
        with contextlib.suppress(OSError):  # the client may have had enough
            self._send(handler, answer)

    def _send(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        handler.send_response_only(answer.status)
        headers = {"Date": format_datetime(NOW, usegmt=True)} | answer.headers
        if answer.chunked:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Content-Length"] = str(len(answer.body))
        if answer.cut is not None:
            headers["Connection"] = "close"
            handler.close_connection = True
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        if answer.chunked:
            middle = len(answer.body) // 2
            for part in (answer.body[:middle], answer.body[middle:]):
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            handler.wfile.write(b"0\r\n\r\n")
        else:
            handler.wfile.write(answer.body[: answer.cut])


@pytest.fixture
def answer() -> type[Answer]:
    return Answer


@pytest.fixture
def host() -> Iterator[Host]:
    with Host() as server:
        yield server


@pytest.fixture
def other_host() -> Iterator[Host]:
    with Host() as server:
        yield server


class FakeTime:
    """A clock that only moves when somebody sleeps, or by `step` at every look."""

    def __init__(self, step: float = 0.0) -> None:
        self.slept: list[float] = []
        self.seconds, self._step = 1000.0, step

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def monotonic(self) -> float:
        self.seconds += self._step
        return self.seconds

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds - 1000)


@pytest.fixture
def fake_time() -> type[FakeTime]:
    return FakeTime


@dataclass
class Night:
    """What one crawl left behind."""

    run: SourceRun
    run_id: str
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
        """What this night and those before it landed."""
        return self.rows("records", entity)

    def landed(self, entity: str) -> list[dict[str, Any]]:
        """What this night landed."""
        return [row for row in self.records(entity) if row["run_id"] == self.run_id]

    @property
    def states(self) -> list[tuple[str, str]]:
        """(item, state) of all whose visibility changed this night, sorted."""
        return sorted((row["item_id"], row["state"]) for row in self.landed("item_state"))

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
def night(tmp_path: Path, host: Host) -> Callable[..., Night]:
    """Crawl `host` in the night number `day`; keyword arguments go into the source's config.

    `day` (from 0) gives the night its run, date and time where they are not given themselves.
    `declared` is a folder with platforms beside the shipped ones.
    """

    def crawl(
        *,
        day: int = 0,
        run_id: str | None = None,
        as_of: date | None = None,
        now: datetime | None = None,
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
        given = {"base_url": host.url, "allow_private_hosts": True} | config
        folders = (*Platforms().folders, *([declared] if declared else []))
        context = {"platforms": Platforms(folders)}
        checked = SourceConfig.model_validate(given, context=context)
        run_id = run_id or f"run-{day + 1}"
        moment = now or NOW + timedelta(days=day)
        run = crawl_source(
            source,
            checked,
            lake=lake,
            run=RunContext(
                as_of or AS_OF + timedelta(days=day),
                run_id,
                ZoneInfo("Asia/Shanghai"),
                clock=lambda: moment,
            ),
            privacy=Privacy(b"a key that is for tests only"),
            contact="voc@yunwu.example",
            progress=told.append,
            hosts=Hosts(clock.sleep, clock.monotonic),
            dropped=dropped,
            mode=mode,
        )
        result = Night(run, run_id, tmp_path, source, checked.source().spec, clock.slept, told)
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
