"""Hosts that never end: every response is bounded in size and time, every address vetted."""

from __future__ import annotations

import contextlib
import gzip
import socket
import struct
import threading

import pytest

from scrapers.http.client import FetchError
from scrapers.http.hosts import Hosts

pytestmark = pytest.mark.integration
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
ONCE = {"max_attempts": 1}


@pytest.fixture
def raw_host():
    """A socket that answers robots.txt with 404 and anything else as `speak` (connection) does."""
    with contextlib.ExitStack() as stack:

        def serve(speak):
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def answer():
                with contextlib.suppress(OSError):
                    while True:
                        connection, _ = server.accept()
                        with contextlib.suppress(OSError), connection:
                            asked = connection.recv(65536)
                            if b"robots.txt" in asked.split(b"\r\n")[0]:
                                none = b"HTTP/1.1 404 None\r\nContent-Length: 0\r\n"
                                connection.sendall(none + b"Connection: close\r\n\r\n")
                            else:
                                speak(connection)

            threading.Thread(target=answer, daemon=True).start()
            return f"http://127.0.0.1:{server.getsockname()[1]}"

        yield serve


def drip(time, start, byte, seconds):
    """Send `byte` after byte, `seconds` of the fake clock apart, until the client hangs up."""

    def speak(connection):
        connection.sendall(start)
        while True:
            time.seconds += seconds
            connection.sendall(byte)

    return speak


@pytest.mark.parametrize(
    ("start", "byte"),
    [
        (b"", b"H"),  # no end of the status line
        (b"HTTP/1.1 200 OK\r\nX-Tea: ", b"a"),  # no end of a header
        (b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n"),
    ],
)
def test_headers_that_drip_end_with_the_time_for_the_response(
    raw_host, visit, fake_time, start, byte
):
    time = fake_time()
    base = raw_host(drip(time, start, byte, 1.0))
    crawl = visit(base=base, time=time, response_seconds=20, **ONCE)
    with pytest.raises(FetchError, match="still dripping after 20 seconds") as caught:
        crawl.get("/1")
    assert caught.value.outcome == "error"
    assert crawl.ends == [("/1", None, "error")]


def test_one_byte_of_header_a_second_is_called_a_drip(host, visit, fake_time):
    """The clock of this one moves at every look, so that no read is ever in time."""
    crawl = visit(step=10, response_seconds=5, **ONCE)
    with pytest.raises(FetchError):
        crawl.get("/1")
    assert "still dripping after 5 seconds" in crawl.rows[0].detail


def test_a_host_that_says_nothing_is_left_when_the_time_is_up(raw_host, visit):
    done = threading.Event()
    base = raw_host(lambda connection: done.wait(5))
    crawl = visit(base=base, hosts=Hosts(), response_seconds=0.1, **ONCE)
    with pytest.raises(FetchError, match=r"still dripping after 0\.1 seconds"):
        crawl.get("/1")
    done.set()


def test_a_host_that_says_nothing_is_left_after_the_timeout(raw_host, visit):
    done = threading.Event()
    base = raw_host(lambda connection: done.wait(5))
    crawl = visit(base=base, timeout_seconds=0.1, **ONCE)
    with pytest.raises(FetchError, match=r"No answer within 0\.1 s"):
        crawl.get("/1")
    done.set()


def test_a_body_that_drips_ends_with_the_time_for_the_response(raw_host, visit):
    left = threading.Event()

    def speak(connection):
        connection.sendall(HEAD + b"\r\n")
        while not left.wait(0.01):
            connection.sendall(b"x")

    crawl = visit(base=raw_host(speak), hosts=Hosts(), response_seconds=0.2, **ONCE)
    with pytest.raises(FetchError, match=r"still dripping after 0\.2 seconds") as caught:
        crawl.get("/1")
    left.set()
    assert caught.value.outcome == "partial"
    assert crawl.ends == [("/1", 200, "partial")]
    assert crawl.rows[-1].archive_offset is not None


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_without_end_is_cut(raw_host, visit, chunked):
    head = HEAD + (b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"\r\n")
    piece = b"x" * 16_000
    part = b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece

    def speak(connection):
        connection.sendall(head)
        while True:
            connection.sendall(part)

    crawl = visit(base=raw_host(speak), max_body_mb=0.1, **ONCE)
    with pytest.raises(FetchError, match="larger than the limit of 100,000 bytes") as caught:
        crawl.get("/1")
    assert caught.value.outcome == "error"
    assert crawl.rows[-1].bytes == 100_000


def test_a_bomb_is_not_unpacked(host, visit, answer):
    packed = gzip.compress(b" " * 3_000_000)
    host.answer = lambda seen: answer(packed, headers={"Content-Encoding": "gzip"})
    crawl = visit(max_decoded_mb=1, **ONCE)
    with pytest.raises(FetchError, match="unpacks to more than the limit"):
        crawl.get("/1")
    assert crawl.rows[-1].bytes == len(packed)


@pytest.mark.parametrize("said", [b"", HEAD, HEAD + b"Content-Length: 99\r\n\r\nhalf a page"])
def test_a_reset_is_tried_again(raw_host, visit, said):
    asked = []

    def speak(connection):
        asked.append(1)
        if len(asked) > 1:
            connection.sendall(HEAD + b"Content-Length: 3\r\nConnection: close\r\n\r\ntea")
            return
        connection.sendall(said)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    crawl = visit(base=raw_host(speak))
    assert crawl.get("/1").body == b"tea"
    assert [outcome for _, _, outcome in crawl.ends] in (["error", "ok"], ["partial", "ok"])


def test_headers_without_end_are_refused(raw_host, visit):
    def speak(connection):
        connection.sendall(HEAD)
        for number in range(300):
            connection.sendall(b"X-%d: tea\r\n" % number)

    crawl = visit(base=raw_host(speak), **ONCE)
    with pytest.raises(FetchError) as caught:
        crawl.get("/1")
    assert caught.value.outcome == "error"


def test_a_name_that_turns_private_between_look_up_and_connection_is_refused(
    host, visit, monkeypatch
):
    """DNS rebinding: public when it is vetted, this machine when it is connected to."""
    answers = iter(["93.184.216.34", "127.0.0.1"])

    def resolve(name, port, *args, **kwargs):
        assert name == "tea.example"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), host.port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    crawl = visit(base=f"http://tea.example:{host.port}", allow_private=False, **ONCE)
    with pytest.raises(FetchError, match=r"tea\.example \(127\.0\.0\.1\)") as caught:
        crawl.get("/1")
    assert caught.value.outcome == "refused"
    assert host.seen == []


def test_what_a_proxy_connects_to_is_its_own_business(host, visit, monkeypatch):
    monkeypatch.setenv("http_proxy", host.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    crawl = visit(base="http://tea.example", allow_private=False)
    assert crawl.get("/1").status == 200
    assert [seen.path for seen in host.seen] == [
        "http://tea.example/robots.txt",
        "http://tea.example/1",
    ]


def test_a_drip_through_a_proxy_ends_too(raw_host, visit, monkeypatch, fake_time):
    time = fake_time()
    monkeypatch.setenv("http_proxy", raw_host(drip(time, b"HTTP/1.1 200 OK\r\nX: ", b"a", 1.0)))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    crawl = visit(base="http://tea.example", time=time, response_seconds=20, **ONCE)
    with pytest.raises(FetchError, match="still dripping after 20 seconds"):
        crawl.get("/1")


def test_not_a_byte_is_sent_to_a_private_address(visit, monkeypatch):
    received = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        answers = iter(["93.184.216.34", "127.0.0.1"])

        def resolve(name, _port, *args, **kwargs):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        crawl = visit(base=f"https://tea.example:{port}", allow_private=False, **ONCE)
        with pytest.raises(FetchError):
            crawl.get("/1")
        connection, _ = server.accept()
        received.append(connection.recv(1024))
    assert received == [b""]
