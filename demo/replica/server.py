"""The replica server: plays sites on loopback, with the failures asked for, and keeps a log."""

from __future__ import annotations

import gzip
import hashlib
import socket
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import lru_cache, partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from demo.replica.exchange import NOT_FOUND, ROBOTS, Answer, Asked, Site
from demo.replica.failures import Failure
from demo.replica.sites.company import sites_of
from demo.replica.wire import Line
from demo.world import Company

WORTH_PACKING = 1000
"""Shorter bodies are sent as they are."""


@dataclass(frozen=True)
class Served:
    """One line of the log: what was asked, and the status it was answered with.

    `path` has its query. `headers` are the visitor's, in lower case.
    """

    status: int
    path: str
    method: str
    headers: Mapping[str, str]
    body: bytes


class ReplicaServer:
    """Plays sites on loopback inside a with-block; stops when it is left.

    `company` adds the demo company's own platforms to `sites`; the first site that knows an
    address answers it. `failures` are wrapped around all sites, the first outermost. `port` 0
    takes a free one; `host` may be any loopback address, so that several servers are several hosts.
    `etags` gives every 200 an ETag and answers If-None-Match. `url` is where it answers;
    `requests` lists everything answered so far, in the order of the answers.
    """

    def __init__(
        self,
        company: Company | None = None,
        port: int = 0,
        *,
        sites: Sequence[Site] = (),
        failures: Sequence[Failure] = (),
        host: str = "127.0.0.1",
        robots: Answer = ROBOTS,
        etags: bool = False,
    ) -> None:
        self.requests: list[Served] = []
        self._address = (host, port)
        self._sites = [*(sites_of(company) if company else ()), *sites]
        self._robots = robots
        self._etags = etags
        self._ask = _around(self._from_sites, failures)
        self._times: dict[tuple[str, str, bytes], int] = {}
        self._lock = threading.Lock()
        self._server: _Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """http://HOST:PORT. Raises RuntimeError outside the with-block."""
        if self._server is None:
            raise RuntimeError("The replica answers inside its with-block only.")
        return f"http://{self._address[0]}:{self._server.server_address[1]}"

    @property
    def pages(self) -> list[Served]:
        """The log without robots.txt."""
        return [served for served in self.requests if served.path != "/robots.txt"]

    def __enter__(self) -> ReplicaServer:
        self._server = _Listener(self._address, self._answer)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="demo-replica", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.hang_up()
            self._server.server_close()
            self._thread.join()
        self._server = self._thread = None

    def _answer(self, asked: Asked) -> Answer:
        with self._lock:
            address = (asked.method, asked.target, asked.body)
            self._times[address] = self._times.get(address, 0) + 1
            answer = self._ask(replace(asked, nth=self._times[address]))
            if self._etags:
                answer = _with_etag(asked, answer)
            self.requests.append(
                Served(answer.status, asked.target, asked.method, asked.headers, asked.body)
            )
            return answer

    def _from_sites(self, asked: Asked) -> Answer:
        answers = (site.answer(asked) for site in self._sites)
        otherwise = self._robots if asked.path == "/robots.txt" else NOT_FOUND
        return next((answer for answer in answers if answer is not None), otherwise)


def _around(ask: Callable[[Asked], Answer], failures: Sequence[Failure]) -> Callable[..., Answer]:
    for failure in reversed(failures):
        ask = partial(failure.answer, ask=ask)
    return ask


def _with_etag(asked: Asked, answer: Answer) -> Answer:
    if answer.status != HTTPStatus.OK:
        return answer
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
    if asked.headers.get("if-none-match") == tag:
        return Answer(b"", HTTPStatus.NOT_MODIFIED, answer.content_type, {"ETag": tag})
    return answer.with_headers(ETag=tag)


@lru_cache(maxsize=64)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


class _Listener(ThreadingHTTPServer):
    """A server that knows its open connections, so that it can end them all."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], answer: Callable[[Asked], Answer]) -> None:
        self.ask = answer
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection while it is open."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End what is being sent and every connection that is kept open."""
        self.stopping.set()
        with self._lock:
            lines = list(self._open)
        for line in lines:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it is gone already

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Quiet about visitors who hang up; they are part of the play."""
        if not isinstance(sys.exc_info()[1], OSError | ValueError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Reads requests and sends what the replica answers, gzipped where the visitor takes it."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Listener

    def do_GET(self) -> None:
        """Answer a request of any method."""
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(
            target=self.path,
            method=self.command,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
        )
        self._send(asked, self.server.ask(asked))

    do_POST = do_HEAD = do_GET  # noqa: N815 - http.server's names

    def _send(self, asked: Asked, answer: Answer) -> None:
        packed = answer.packed
        if packed is None:
            takes = "gzip" in asked.headers.get("accept-encoding", "")
            packed = takes and len(answer.body) > WORTH_PACKING
        body = _packed(answer.body) if packed else answer.body
        if not answer.delivery.keeps_open:
            self.close_connection = True
        head = _head(answer, len(body), packed=packed, closes=self.close_connection)
        has_body = self.command != "HEAD" and answer.status != HTTPStatus.NOT_MODIFIED
        line = Line(self.connection, self.wfile, self.server.stopping)
        answer.delivery.send(line, head, body if has_body else b"")

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: `requests` holds the log."""


def _head(answer: Answer, length: int, *, packed: bool, closes: bool) -> bytes:
    """The status line and the headers, without the empty line that ends them."""
    try:
        reason = HTTPStatus(answer.status).phrase
    except ValueError:
        reason = "Unknown"
    headers = {"Server": "replica", "Date": formatdate(usegmt=True)}
    if answer.content_type:
        headers["Content-Type"] = answer.content_type
    if packed:
        headers["Content-Encoding"] = "gzip"
    if answer.delivery.is_measured:
        headers["Content-Length"] = str(length)
    if closes:
        headers["Connection"] = "close"
    headers.update(answer.headers)
    lines = [f"HTTP/1.1 {answer.status} {reason}", *(f"{n}: {v}" for n, v in headers.items())]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")
