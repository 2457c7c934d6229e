"""A polite client by itself: a loopback host that a test scripts, and one source's visit to it."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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
NOW = datetime(2026, 9, 30, 18, 0, tzinfo=UTC)
SLOW = {"min_interval_seconds": 0, "backoff_seconds": 2, "max_attempts": 4}


@dataclass
class Answer:
    """What the host sends. `cut` promises the whole body and hangs up after so many bytes."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


@dataclass(frozen=True)
class Seen:
    """One request that reached the host; `nth` time this very one, from 1."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    nth: int


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
        handler.send_response_only(answer.status)
        if "Date" not in answer.headers:
            handler.send_header("Date", format_datetime(NOW, usegmt=True))
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        if answer.cut is not None:
            handler.send_header("Connection", "close")
            handler.close_connection = True
        with contextlib.suppress(OSError):  # the client may have had enough
            handler.end_headers()
            handler.wfile.write(answer.body[: answer.cut])


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
    time: FakeTime
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


@pytest.fixture
def fake_time() -> type[FakeTime]:
    return FakeTime


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
def visit(lake: Lake, host: Host) -> Iterator[Callable[..., Visit]]:
    """Begin a visit of `host`; keyword arguments that are not named here are limits."""
    with contextlib.ExitStack() as stack:

        def begin(
            *,
            source: str = "src",
            run_id: str = "run-1",
            spec_hash: str = "spec-1",
            base: str | None = None,
            hosts: Hosts | None = None,
            time: FakeTime | None = None,
            step: float = 0.0,
            tape: Tape | None = None,
            allow_private: bool = True,
            redirect_hosts: tuple[str, ...] = (),
            archive_options: dict[str, Any] | None = None,
            **limits: Any,
        ) -> Visit:
            clock = time or FakeTime(step)
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
