"""The client's rules, one by one: waiting, robots, addresses, redirects, encodings."""

from __future__ import annotations

import gzip
import socket
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest

from scrapers.http.address import RefusedError, check_address, check_peer, check_redirect
from scrapers.http.asking import Ask
from scrapers.http.body import BodyError, decode
from scrapers.http.client import Response, judge_status, user_agent
from scrapers.http.retry_after import retry_after_seconds
from scrapers.http.robots import Robots, parse_robots, robots_url

NOW = datetime(2026, 9, 30, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("1.5", 1.5),
        ("Wed, 30 Sep 2026 18:02:00 GMT", 120),
        ("Wed, 30 Sep 2026 17:00:00 GMT", 0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("inf", None),
        ("nan", None),
    ],
)
def test_retry_after(value, seconds):
    assert retry_after_seconds(value, NOW) == seconds


def answer(status: int, **more: Any) -> Response:
    url = "https://tea.example/"
    return Response(url, url, status, "", b"", NOW, "file", 0, **more)


@pytest.mark.parametrize(
    ("status", "outcome", "again"),
    [
        (429, "error", True),
        (500, "error", True),
        (503, "error", True),
        (599, "error", True),
        (403, "blocked", False),
        (451, "blocked", False),
        (456, "blocked", False),
        (304, "unchanged", False),
        (404, "gone", False),
        (410, "gone", False),
        (400, "error", False),
        (204, "error", False),
    ],
)
def test_what_a_status_means(status, outcome, again):
    verdict = judge_status(answer(status))
    assert (verdict.outcome, verdict.again, verdict.value) == (outcome, again, None)


def test_a_429_brings_its_wait_along():
    assert judge_status(answer(429, retry_after=7.0)).wait == 7.0


def test_robots_rules_are_ours_and_everyones():
    rules = parse_robots(
        b"User-agent: *\nDisallow: /private/\nCrawl-delay: 9\n\n"
        b"User-agent: voc-warehouse\nDisallow: /search/\nCrawl-delay: 5\n"
    )
    assert not rules.allows("https://x.org/search/api")
    assert rules.allows("https://x.org/private/page")
    assert rules.distance == 5.0
    assert not parse_robots(b"User-agent: *\nDisallow: /").allows("https://x.org/a")


@pytest.mark.parametrize("body", [b"", b"<html>not found</html>", b"\xff\xfe\x00", b"Disallow"])
def test_robots_without_rules_allow(body):
    assert parse_robots(body).allows("https://x.org/a")


def test_robots_that_could_not_be_read_forbid():
    assert not Robots(refusal="HTTP 500").allows("https://x.org/a")


def test_robots_stand_at_the_root_of_host_and_port():
    assert robots_url("http://x.org:8080/a/b?c=d") == "http://x.org:8080/robots.txt"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost:8080/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::10.0.0.1]/",
        "http://[2002:7f00:1::]/",
        "http://0.0.0.0/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "https:///nohost",
        "http://x.org:99999/",
    ],
)
def test_private_and_unusable_addresses_are_refused(url):
    with pytest.raises(RefusedError):
        check_address(url, allow_private=False, resolve=False)


def test_a_name_that_resolves_to_a_private_address_is_refused(monkeypatch):
    def resolve(host, port, **_):
        return [
            (socket.AF_INET, 1, 6, "", ("93.184.216.34", port)),
            (socket.AF_INET, 1, 6, "", ("10.0.0.8", port)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(RefusedError, match=r"feeds\.example\.org \(10\.0\.0\.8\).*allow_private"):
        check_address("https://feeds.example.org/", allow_private=False)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.8", "::1", "fe80::1%eth0", "::ffff:10.0.0.8", "169.254.169.254"],
)
def test_the_address_that_was_connected_to_counts(address):
    with pytest.raises(RefusedError, match=r"tea\.example"):
        check_peer("tea.example", address)
    check_peer("tea.example", "93.184.216.34")


def test_requests_are_told_apart_by_method_address_and_form():
    url = "https://tea.example/list"
    asks = [
        Ask(url, "list"),
        Ask(url + "?p=1", "list"),
        Ask(url, "list", method="POST", form={"p": "1"}),
        Ask(url, "list", method="POST", form={"p": "2"}),
    ]
    assert len({ask.key for ask in asks}) == 4
    assert Ask(url, "list", page_no=1).key == Ask(url, "other", page_no=2, etag="x").key


def test_public_and_configured_addresses_pass():
    check_address("https://93.184.216.34/", allow_private=False)
    check_address("https://[64:ff9b::93.184.216.34]/", allow_private=False)
    check_address("http://127.0.0.1:8000/", allow_private=True)


@pytest.mark.parametrize(
    ("origin", "target"),
    [
        ("https://a.org/x", "https://b.org/x"),
        ("https://a.org/x", "https://a.org.evil.net/x"),
        ("https://a.org/x", "http://a.org/x"),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:9000/x"),
        ("https://a.org/x", "file:///etc/passwd"),
    ],
)
def test_redirects_away_are_refused(origin, target):
    with pytest.raises(RefusedError):
        check_redirect(origin, target, ())


@pytest.mark.parametrize(
    ("origin", "target", "allowed"),
    [
        ("https://a.org/x", "https://A.org/y", ()),
        ("https://a.org/x", "https://a.org:443/y", ()),
        ("http://a.org/x", "https://a.org/x", ()),
        ("https://a.org/x", "https://cdn.a.org/x", ("cdn.a.org",)),
    ],
)
def test_redirects_that_stay_or_are_configured_pass(origin, target, allowed):
    check_redirect(origin, target, allowed)


TEXT = "奶茶 ".encode() * 500


def gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)  # the same bytes in every test process


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("wire", "encoding"),
    [
        (TEXT, ""),
        (TEXT, "identity"),
        (gz(TEXT), "gzip"),
        (gz(TEXT), "X-GZip"),
        (gz(TEXT[:100]) + gz(TEXT[100:]), "gzip"),
        (gz(TEXT) + b"\0" * 8, "gzip"),
        (zlib.compress(TEXT), "deflate"),
        (raw_deflate(TEXT), "deflate"),
        (gz(zlib.compress(TEXT)), "deflate, gzip"),
    ],
)
def test_content_encodings(wire, encoding):
    assert decode(wire, encoding, max_bytes=len(TEXT)) == TEXT


@pytest.mark.parametrize(
    ("wire", "encoding", "again", "words"),
    [
        (gz(TEXT)[:-12], "gzip", True, "breaks off"),
        (gz(TEXT)[:5], "gzip", True, "breaks off"),
        (b"not gzip at all", "gzip", True, "damaged"),
        (b"xyz", "br", False, "not asked for"),
    ],
)
def test_bodies_that_can_not_be_decoded(wire, encoding, again, words):
    with pytest.raises(BodyError, match=words) as caught:
        decode(wire, encoding, max_bytes=1_000_000)
    assert caught.value.again is again


def test_a_bomb_is_not_unpacked():
    bomb = gz(b"\0" * 5_000_000)
    with pytest.raises(BodyError, match=r"more than the limit of 100,000 bytes"):
        decode(bomb, "gzip", max_bytes=100_000)


def test_the_user_agent_says_who_we_are_and_fits_into_a_header():
    agent = user_agent(" voc@yunwu.example\r\nX-Evil: 1 云雾 ")
    assert agent.startswith("voc-warehouse/")
    assert "(+voc@yunwu.example" in agent
    agent.encode("ascii")
    assert "\r" not in agent
    assert "\n" not in agent
