"""The client over HTTP on loopback: waiting, retrying, refusing, and never going around robots."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import threading
from datetime import UTC, datetime

import pytest

from scrapers.http.archive import ArchiveError

pytestmark = pytest.mark.integration
STORE = {"platform": "appstore", "options": {"country": "cn", "app_id": "6400000001"}}
SLOW = {"min_interval_seconds": 0, "backoff_seconds": 2, "max_attempts": 4}


@pytest.fixture
def one_page(platform, reply, feed, reviews):
    """Page 1 answers with each of `troubles`, then with three reviews; page 2 is the end."""

    def serve(*troubles):
        def answer(asked):
            if "/page=1/" not in asked.path:
                return reply(b"CustomerReviews RSS page depth is limited to 10", status=400)
            if asked.nth <= len(troubles):
                return troubles[asked.nth - 1]
            return reply(feed(reviews(1, 3)))

        platform.answer = answer

    return serve


def test_says_who_it_is_and_keeps_its_distance(night, one_page, platform):
    one_page()
    crawled = night(**STORE, politeness={"min_interval_seconds": 3})
    assert crawled.run.status == "complete"
    assert platform.asked[0].path == "/robots.txt"
    assert crawled.slept == [3.0, 3.0]
    for asked in platform.asked:
        assert asked.headers["User-Agent"].startswith("voc-warehouse/")
        assert "(+voc@yunwu.example)" in asked.headers["User-Agent"]
        assert "Cookie" not in asked.headers


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7.0), ("Wed, 30 Sep 2026 18:01:30 GMT", 90.0), (None, 2.0)]
)
def test_waits_as_long_as_it_is_told(night, one_page, reply, status, value, seconds):
    one_page(reply(status=status, headers={"Retry-After": value} if value else {}))
    crawled = night(**STORE, politeness=SLOW)
    assert crawled.run.status == "complete"
    assert crawled.slept == [seconds]
    assert crawled.page_outcomes[:2] == [(1, status, "error"), (1, 200, "ok")]


def test_does_not_come_back_earlier_than_told(night, one_page, reply, platform):
    one_page(reply(status=429, headers={"Retry-After": "86400"}))
    crawled = night(**STORE, politeness=SLOW)
    assert crawled.run.status == "failed"
    assert crawled.slept == []
    assert len(platform.pages) == 1
    assert "stay away for 86400 s" in crawled.run.message


def test_500_all_night(night, platform, reply):
    platform.answer = lambda asked: reply(b"oops", status=500)
    crawled = night(**STORE, politeness=SLOW)
    assert crawled.run.status == "failed"
    assert "HTTP 500, on attempt 4 of 4" in crawled.run.message
    assert "Earlier nights' data stays" in crawled.run.message
    assert crawled.slept == [2.0, 4.0, 8.0]
    assert [row["attempt"] for row in crawled.outcomes if row["page_no"]] == [1, 2, 3, 4]
    assert (crawled.run.seen, crawled.run.landed) == (0, 0)


def test_nobody_at_home(night):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    crawled = night(**STORE, base_url=f"http://127.0.0.1:{port}", politeness=SLOW)
    assert crawled.run.status == "failed"
    assert "connection failed" in crawled.run.message
    assert " at 0x" not in crawled.run.message
    assert len(crawled.outcomes) == 5  # four for robots.txt, and the page that was given up for it
    assert not (crawled.home / "lake" / "archive").exists()


@pytest.mark.parametrize("trouble", ["cut body", "cut gzip", "cut json"])
def test_a_truncated_body_is_asked_again(night, one_page, reply, feed, reviews, trouble):
    body = feed(reviews(1, 3))
    packed = gzip.compress(body)
    troubles = {
        "cut body": reply(body, cut=40),
        "cut gzip": reply(packed[:-20], headers={"Content-Encoding": "gzip"}),
        "cut json": reply(body[:-30]),
    }
    one_page(troubles[trouble])
    crawled = night(**STORE, politeness=SLOW)
    assert crawled.run.status == "complete", crawled.run.message
    assert len(crawled.records("review")) == 3
    assert crawled.page_outcomes[0] == (1, 200, "partial")
    first = next(row for row in crawled.outcomes if row["page_no"] == 1)
    assert first["archive_offset"] is not None


def test_a_body_without_end_is_cut(night, one_page, reply):
    one_page(reply(b"x" * 300_000))
    crawled = night(**STORE, politeness=SLOW | {"max_body_mb": 0.1})
    assert crawled.run.status == "failed"
    assert "larger than the limit of 100,000 bytes" in crawled.run.message
    (row,) = [row for row in crawled.outcomes if row["page_no"] == 1]
    assert row["bytes"] == 100_000


def test_a_bomb_is_not_unpacked(night, one_page, reply):
    one_page(reply(gzip.compress(b" " * 3_000_000), headers={"Content-Encoding": "gzip"}))
    crawled = night(**STORE, politeness=SLOW | {"max_decoded_mb": 1})
    assert crawled.run.status == "failed"
    assert "unpacks to more than the limit" in crawled.run.message


def test_a_drip_is_cut(night, one_page, reply, feed, reviews):
    one_page()
    crawled = night(**STORE, politeness=SLOW | {"response_seconds": 5}, step=10)
    assert crawled.run.status == "failed"
    assert "still dripping after 5 seconds" in " ".join(row["detail"] for row in crawled.outcomes)


def test_noise_instead_of_http(night):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def noise():
            for _ in range(2):
                connection, _ = server.accept()
                connection.recv(4096)
                connection.sendall(b"\x00\x01 this is no HTTP\r\n\r\n")
                connection.close()

        threading.Thread(target=noise, daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        crawled = night(**STORE, base_url=url, politeness=SLOW | {"max_attempts": 2})
    assert crawled.run.status == "failed"


def test_robots_are_obeyed(night, one_page, platform, reply):
    one_page()
    platform.robots = reply(b"User-agent: *\nDisallow: /cn/rss/\n")
    crawled = night(**STORE)
    assert crawled.run.status == "failed"
    assert platform.pages == []
    assert "robots.txt does not allow it" in crawled.run.message
    assert crawled.page_outcomes == [(1, None, "refused")]


def test_robots_are_read_once_and_their_delay_is_kept(night, one_page, platform, reply):
    one_page()
    platform.robots = reply(b"User-agent: *\nCrawl-delay: 11\n")
    crawled = night(**STORE, politeness=SLOW)
    assert [asked.path for asked in platform.asked].count("/robots.txt") == 1
    assert crawled.slept == [11.0, 11.0]


def test_robots_that_fail_mean_no(night, one_page, platform, reply):
    one_page()
    platform.robots = reply(status=503)
    crawled = night(**STORE, politeness=SLOW)
    assert crawled.run.status == "failed"
    assert platform.pages == []
    assert "robots.txt could not be read" in crawled.run.message


def test_a_redirect_on_the_host_is_followed(night, platform, reply, feed, reviews):
    def answer(asked):
        if asked.path.startswith("/cn/"):
            return reply(status=302, headers={"Location": "/moved" + asked.path})
        if "/page=1/" in asked.path:
            return reply(feed(reviews(1, 3)))
        return reply(b"page depth is limited", status=400)

    platform.answer = answer
    crawled = night(**STORE)
    assert crawled.run.status == "complete"
    assert crawled.page_outcomes[:2] == [(1, 302, "ok"), (1, 200, "ok")]
    last = [row for row in crawled.outcomes if row["page_no"] == 1][1]
    assert last["final_url"].startswith(platform.url + "/moved/")
    (record, *_) = crawled.records("review")
    assert record["url"].startswith(platform.url + "/cn/")


def test_a_redirect_into_what_robots_forbid_is_refused(night, platform, reply):
    platform.robots = reply(b"User-agent: *\nDisallow: /login\n")
    platform.answer = lambda asked: reply(status=302, headers={"Location": "/login"})
    crawled = night(**STORE)
    assert crawled.run.status == "failed"
    assert [asked.path for asked in platform.pages] == [
        "/cn/rss/customerreviews/page=1/id=6400000001/sortby=mostrecent/json"
    ]


@pytest.mark.parametrize("location", ["{other}/stolen", "http://169.254.169.254/", "ftp://a.org/x"])
def test_a_redirect_to_another_host_is_refused(night, platform, other_platform, reply, location):
    target = location.format(other=other_platform.url)
    platform.answer = lambda asked: reply(status=301, headers={"Location": target})
    crawled = night(**STORE)
    assert crawled.run.status == "failed"
    assert other_platform.asked == []
    assert crawled.page_outcomes == [(1, 301, "refused")]
    assert "refused" in crawled.run.message


def test_redirects_in_a_circle_end(night, platform, reply):
    platform.answer = lambda asked: reply(status=302, headers={"Location": asked.path})
    crawled = night(**STORE)
    assert crawled.run.status == "failed"
    assert "More than 5 redirects" in crawled.run.message


def test_a_private_address_needs_to_be_configured(night, platform):
    crawled = night(
        **STORE, base_url=platform.url.replace("http:", "https:"), allow_private_hosts=False
    )
    assert crawled.run.status == "failed"
    assert platform.asked == []
    assert "allow_private_hosts: true" in crawled.run.message


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


def test_an_untrusted_certificate_is_not_accepted(night, one_page, platform, self_signed):
    one_page()
    platform.speak_tls(self_signed)
    crawled = night(**STORE, base_url=platform.url)
    assert crawled.run.status == "failed"
    assert platform.asked == []
    assert crawled.slept == []
    assert "certificate is not trusted" in crawled.run.message


def test_a_certificate_that_the_environment_trusts_is_accepted(
    night, one_page, platform, self_signed, monkeypatch
):
    one_page()
    platform.speak_tls(self_signed)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(self_signed))
    assert night(**STORE, base_url=platform.url).run.status == "complete"


def test_an_archive_that_can_not_be_written_is_no_network_fault(night, one_page, tmp_path):
    one_page()
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "archive").write_text("in the way")
    with pytest.raises(ArchiveError, match="can't be written"):
        night(**STORE)
    assert not (tmp_path / "lake" / "requests").exists()
