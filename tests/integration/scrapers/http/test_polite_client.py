"""The client over HTTP on loopback: waiting, retrying, refusing, keeping secrets."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import threading
from datetime import UTC, datetime

import pytest

from scrapers.http.archive import ArchiveError
from scrapers.http.client import FetchError

pytestmark = pytest.mark.integration
PAGE = "云雾茶 茉莉奶绿 太甜".encode()


@pytest.fixture
def troubles(host, answer):
    """The host answers with each of the troubles, then with the page."""

    def serve(*given):
        host.answer = lambda seen: given[seen.nth - 1] if seen.nth <= len(given) else answer(PAGE)

    return serve


def test_says_who_it_is_and_keeps_its_distance(host, visit):
    crawl = visit(min_interval_seconds=3)
    assert crawl.get("/1").body == b"page /1"
    crawl.get("/2")
    assert host.seen[0].path == "/robots.txt"
    assert crawl.time.slept == [3.0, 3.0]
    for seen in host.seen:
        assert seen.headers["User-Agent"] == "voc-warehouse/1 (+voc@yunwu.example)"
        assert "Cookie" not in seen.headers


def test_a_row_tells_all_about_an_attempt(host, visit, answer):
    headers = {"ETag": '"v1"', "Last-Modified": "Tue, 29 Sep 2026 00:00:00 GMT"}
    host.answer = lambda seen: answer(PAGE, headers={"Content-Type": "text/plain"} | headers)
    crawl = visit()
    response = crawl.get("/1", page_no=4, request="list")
    row = crawl.rows[-1]
    assert (row.request, row.page_no, row.entity, row.kind) == ("list", 4, "review", "http")
    assert (row.outcome, row.http_status, row.bytes, row.attempt) == ("ok", 200, len(PAGE), 1)
    assert (row.etag, row.last_modified) == ('"v1"', "Tue, 29 Sep 2026 00:00:00 GMT")
    assert (response.etag, response.last_modified) == (row.etag, row.last_modified)
    assert (response.url, response.final_url) == (host.url + "/1", host.url + "/1")
    assert response.wire_bytes == len(PAGE)
    assert (response.archive_file, response.archive_offset) == (
        "lake/archive/source=src/dt=2026-09-30/run-1.warc.gz",
        row.archive_offset,
    )
    assert response.fetched_at == row.requested_at
    robots = crawl.rows[0]
    assert (robots.request, robots.entity) == ("robots", "review")


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7.0), ("Wed, 30 Sep 2026 18:01:30 GMT", 90.0), (None, 2.0)]
)
def test_waits_as_long_as_it_is_told(visit, troubles, answer, status, value, seconds):
    date = {"Date": "Wed, 30 Sep 2026 18:00:00 GMT"}
    troubles(answer(status=status, headers=date | ({"Retry-After": value} if value else {})))
    crawl = visit()
    assert crawl.get("/1").body == PAGE
    assert crawl.time.slept == [seconds]
    assert crawl.ends == [("/1", status, "error"), ("/1", 200, "ok")]


def test_a_host_whose_clock_is_wrong_is_waited_for_by_its_own(visit, troubles, answer):
    told = {"Date": "Wed, 30 Sep 2026 09:00:00 GMT", "Retry-After": "Wed, 30 Sep 2026 09:00:20 GMT"}
    troubles(answer(status=503, headers=told))
    crawl = visit()
    crawl.get("/1")
    assert crawl.time.slept == [20.0]


def test_does_not_come_back_earlier_than_told(host, visit, troubles, answer):
    troubles(answer(status=429, headers={"Retry-After": "86400"}))
    crawl = visit()
    with pytest.raises(FetchError, match="stay away for 86400 s") as caught:
        crawl.get("/1")
    assert caught.value.outcome == "blocked"
    assert crawl.time.slept == []
    assert len(host.pages) == 1


def test_500_all_night(host, visit, answer):
    host.answer = lambda seen: answer(b"oops", status=500)
    crawl = visit()
    with pytest.raises(FetchError, match=r"HTTP 500, on attempt 4 of 4\.") as caught:
        crawl.get("/1")
    assert caught.value.outcome == "error"
    assert crawl.time.slept == [2.0, 4.0, 8.0]
    assert [row.attempt for row in crawl.rows if row.request == "page"] == [1, 2, 3, 4]


def test_nobody_at_home(visit):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    crawl = visit(base=f"http://127.0.0.1:{port}")
    with pytest.raises(FetchError, match="connection failed") as caught:
        crawl.get("/1")
    assert " at 0x" not in str(caught.value)
    assert len(crawl.rows) == 5  # four for robots.txt, and the page that was given up for it
    assert all(row.archive_offset is None for row in crawl.rows)


@pytest.mark.parametrize("trouble", ["cut body", "cut gzip"])
def test_a_truncated_body_is_asked_again(visit, troubles, answer, trouble):
    packed = gzip.compress(PAGE)[:-9]
    cut = {
        "cut body": answer(PAGE, cut=10),
        "cut gzip": answer(packed, headers={"Content-Encoding": "gzip"}),
    }
    troubles(cut[trouble])
    crawl = visit()
    assert crawl.get("/1").body == PAGE
    assert crawl.ends == [("/1", 200, "partial"), ("/1", 200, "ok")]
    assert all(row.archive_offset is not None for row in crawl.rows)


def test_what_the_judge_finds_broken_is_asked_again(visit, troubles, answer, verdict):
    troubles(answer(PAGE[:9]))
    crawl = visit()

    def judge(response):
        if response.body != PAGE:
            return verdict("partial", "The list breaks off.", again=True)
        return verdict("ok", "", response.body)

    assert crawl.get("/1", judge) == PAGE
    assert crawl.ends == [("/1", 200, "partial"), ("/1", 200, "ok")]


def test_a_redirect_on_the_host_is_followed(host, visit, answer):
    def reply(seen):
        if seen.path.startswith("/old"):
            return answer(status=302, headers={"Location": "/new" + seen.path})
        return answer(PAGE)

    host.answer = reply
    crawl = visit()
    response = crawl.get("/old/1")
    assert crawl.ends == [("/old/1", 302, "ok"), ("/old/1", 200, "ok")]
    assert (response.url, response.final_url) == (host.url + "/old/1", host.url + "/new/old/1")
    assert crawl.rows[-1].final_url == host.url + "/new/old/1"


def test_a_redirect_with_raw_utf8_is_followed(host, visit, answer):
    place = "/门店/1".encode().decode("latin-1")  # as http.server must be given it
    host.answer = lambda seen: (
        answer(status=302, headers={"Location": place}) if seen.path == "/1" else answer(PAGE)
    )
    assert visit().get("/1").body == PAGE
    assert host.pages[-1].path == "/%E9%97%A8%E5%BA%97/1"


@pytest.mark.parametrize("location", ["{other}/stolen", "http://169.254.169.254/", "ftp://a.org/x"])
def test_a_redirect_to_another_host_is_refused(host, other_host, visit, answer, location):
    target = location.format(other=other_host.url)
    host.answer = lambda seen: answer(status=301, headers={"Location": target})
    crawl = visit()
    with pytest.raises(FetchError, match="refused") as caught:
        crawl.get("/1")
    assert caught.value.outcome == "refused"
    assert other_host.seen == []
    assert crawl.ends == [("/1", 301, "refused")]


def test_redirects_in_a_circle_end(host, visit, answer):
    host.answer = lambda seen: answer(status=302, headers={"Location": seen.path})
    crawl = visit()
    with pytest.raises(FetchError, match="More than 5 redirects"):
        crawl.get("/1")
    assert len(host.pages) == 6


def test_a_private_address_needs_to_be_configured(host, visit):
    crawl = visit(allow_private=False)
    with pytest.raises(FetchError, match="allow_private_hosts: true") as caught:
        crawl.get("/1")
    assert caught.value.outcome == "refused"
    assert host.seen == []


def test_an_address_that_is_none_is_refused(visit):
    crawl = visit()
    with pytest.raises(FetchError, match="not an http or https address") as caught:
        crawl.get("gopher://tea.example/1")
    assert caught.value.outcome == "refused"
    assert [row.outcome for row in crawl.rows] == ["refused"]


# --- forms, conditions, cookies, credentials ---


def test_a_form_is_posted(host, visit):
    crawl = visit()
    crawl.get("/search", method="POST", form={"q": "云雾茶", "page": "1"})
    (seen,) = host.pages
    assert (seen.method, seen.body) == ("POST", b"q=%E4%BA%91%E9%9B%BE%E8%8C%B6&page=1")
    assert seen.headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("status", "method", "body"), [(303, "GET", b""), (302, "GET", b""), (307, "POST", b"q=tea")]
)
def test_a_redirected_form(host, visit, answer, status, method, body):
    host.answer = lambda seen: (
        answer(status=status, headers={"Location": "/b"}) if seen.path == "/a" else answer(PAGE)
    )
    visit().get("/a", method="POST", form={"q": "tea"})
    assert (host.pages[-1].method, host.pages[-1].body) == (method, body)


def test_a_304_reaches_the_judge(host, visit, answer, verdict):
    host.answer = lambda seen: answer(
        status=304 if seen.headers.get("If-None-Match") == '"v1"' else 200
    )
    since = "Tue, 29 Sep 2026 00:00:00 GMT"
    crawl = visit()
    status = crawl.get(
        "/1",
        lambda response: verdict("unchanged", "", response.status),
        etag='"v1"',
        last_modified=since,
    )
    assert status == 304
    assert host.pages[0].headers["If-Modified-Since"] == since
    assert crawl.ends == [("/1", 304, "unchanged")]


def test_lists_are_asked_without_conditions(host, visit):
    crawl = visit()
    crawl.get("/1", accept="application/json")
    (seen,) = host.pages
    assert not {"If-None-Match", "If-Modified-Since"} & set(seen.headers)
    assert seen.headers["Accept"] == "application/json"


def test_cookies_last_for_the_night_of_the_source(host, visit, answer):
    host.answer = lambda seen: answer(PAGE, headers={"Set-Cookie": "visit=7; Path=/"})
    first = visit()
    first.get("/1")
    first.get("/2")
    visit(run_id="run-2", spec_hash="spec-2").get("/3")
    assert [seen.headers.get("Cookie") for seen in host.pages] == [None, "visit=7", None]


SECRET = "Bearer jasmine-oolong-1234"


def everything_kept(crawl):
    """All text that a visit leaves behind: rows, messages and the archive, unpacked."""
    path = crawl.archive.path
    archived = gzip.decompress(path.read_bytes()) if path.exists() else b""
    return str(crawl.rows) + str(crawl.told) + archived.decode("utf-8", "replace")


def test_credentials_reach_the_host_and_nothing_else(host, visit):
    crawl = visit()
    crawl.get("/tickets", secret_headers={"Authorization": SECRET})
    robots, page = host.seen
    assert page.headers["Authorization"] == SECRET
    assert "Authorization" not in robots.headers
    assert "jasmine" not in everything_kept(crawl)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_credentials_do_not_leave_the_host(host, other_host, visit, answer, elsewhere):
    target = (other_host if elsewhere else host).url + "/end"
    host.answer = lambda seen: (
        answer(status=307, headers={"Location": target}) if seen.path == "/1" else answer(PAGE)
    )
    crawl = visit(redirect_hosts=("127.0.0.1",))
    crawl.get("/1", secret_headers={"Authorization": SECRET})
    last = (other_host if elsewhere else host).pages[-1]
    assert last.headers.get("Authorization") == (None if elsewhere else SECRET)


@pytest.mark.parametrize("secret", [SECRET + "\n", SECRET + "云"])
def test_credentials_that_can_not_be_sent_are_not_told(host, visit, secret):
    crawl = visit()
    with pytest.raises(FetchError, match="Check that the credentials") as caught:
        crawl.get("/1", secret_headers={"Authorization": secret})
    assert host.pages == []
    assert "jasmine" not in everything_kept(crawl) + str(caught.value)


def test_an_ask_does_not_show_its_credentials(visit):
    crawl = visit()
    seen = []
    crawl.client.get = lambda ask, judge: seen.append(repr(ask))
    crawl.get("/1", secret_headers={"Authorization": SECRET})
    assert "jasmine" not in seen[0]


# --- TLS ---


@pytest.fixture
def self_signed(tmp_path):
    """A certificate for 127.0.0.1 that nobody vouches for."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "replica")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "replica.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def test_an_untrusted_certificate_is_not_accepted(host, visit, self_signed):
    host.speak_tls(self_signed)
    crawl = visit(base=host.url)
    with pytest.raises(FetchError, match="certificate is not trusted") as caught:
        crawl.get("/1")
    assert caught.value.outcome == "refused"
    assert host.seen == []
    assert crawl.time.slept == []


def test_a_certificate_that_the_environment_trusts_is_accepted(
    host, visit, self_signed, monkeypatch
):
    host.speak_tls(self_signed)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(self_signed))
    assert visit(base=host.url).get("/1").body == b"page /1"


def test_an_archive_that_can_not_be_written_is_no_network_fault(visit, lake):
    lake.root.mkdir()
    (lake.root / "archive").write_text("in the way")
    with pytest.raises(ArchiveError, match="can't be"):
        visit().get("/1")


# --- noise ---


def test_noise_instead_of_http(visit):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def noise():
            for _ in range(2):
                connection, _ = server.accept()
                connection.recv(4096)
                connection.sendall(b"\x00\x01 this is no HTTP\r\n\r\n")
                connection.close()

        threading.Thread(target=noise, daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(FetchError):
            visit(base=url, max_attempts=2).get("/1")
