"""The replica server: what it logs, keeps open and ends, and that it plays the same play twice."""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Callable

import pytest
import requests

from demo.replica import Answer, Asked, ReplicaServer
from demo.replica.failures import Throttle
from demo.replica.sites.plain import PlainSite, sample_rows

EVERY_SITE = """
import hashlib
from demo.replica import Asked
from demo.replica.sites import (
    bbb, dianping, dianshubao, eleme, gd12315, googleplay, heimao, jd, meituan, plain, schemaorg,
    tmall, trustpilot, zendesk,
)
modules = (bbb, dianping, dianshubao, eleme, gd12315, googleplay, heimao, jd, meituan, plain,
    schemaorg, tmall, trustpilot, zendesk)
print(hashlib.sha256(repr([module.sample_rows(40, 3) for module in modules]).encode()).hexdigest())
"""


class Echo:
    """Answers with what it was asked."""

    def answer(self, asked: Asked) -> Answer | None:
        if asked.path != "/echo":
            return None
        told = f"{asked.method} {asked.value('q')} {asked.host} {asked.nth} {asked.form}"
        return Answer(told.encode())


def test_a_request_is_told_to_the_site_and_logged() -> None:
    with ReplicaServer(sites=[Echo()]) as server:
        first = requests.get(f"{server.url}/echo?q=%E8%8C%B6", headers={"X-Who": "me"}, timeout=10)
        again = requests.get(f"{server.url}/echo?q=%E8%8C%B6", timeout=10)
        posted = requests.post(f"{server.url}/echo", data={"q": "云"}, timeout=10)
        missing = requests.get(f"{server.url}/other", timeout=10)
    host = server.requests[0].headers["host"]
    assert first.text == f"GET 茶 {host} 1 {{}}"
    assert again.text == f"GET 茶 {host} 2 {{}}"
    assert posted.text == f"POST 云 {host} 1 {{'q': ['云']}}"
    assert missing.status_code == 404
    assert [(r.method, r.status, r.path) for r in server.requests] == [
        ("GET", 200, "/echo?q=%E8%8C%B6"),
        ("GET", 200, "/echo?q=%E8%8C%B6"),
        ("POST", 200, "/echo"),
        ("GET", 404, "/other"),
    ]
    assert server.requests[0].headers["x-who"] == "me"
    assert server.requests[2].body == b"q=%E4%BA%91"


def test_robots_are_the_servers_unless_a_site_has_its_own() -> None:
    strict = Answer(b"User-agent: *\nDisallow: /\n")
    with ReplicaServer(sites=[Echo()], robots=strict, failures=[Throttle()]) as server:
        assert requests.get(f"{server.url}/robots.txt", timeout=10).content == strict.body
        assert server.pages == []


def test_one_connection_carries_many_requests_and_ends_with_the_server() -> None:
    with ReplicaServer(sites=[Echo()]) as server:
        host, _, port = server.url.removeprefix("http://").partition(":")
        line = http.client.HTTPConnection(host, int(port), timeout=10)
        for _ in range(3):
            line.request("GET", "/echo")
            assert line.getresponse().read()
    with pytest.raises((http.client.HTTPException, OSError)):
        line.request("GET", "/echo")
        line.getresponse().read()


def test_several_servers_are_several_hosts() -> None:
    with ReplicaServer(sites=[Echo()]) as one, ReplicaServer(sites=[Echo()]) as other:
        hosts = {requests.get(f"{s.url}/echo", timeout=10).text.split()[1] for s in (one, other)}
        assert len(hosts) == 2


def test_a_page_that_did_not_change_is_304_for_who_has_it() -> None:
    site = PlainSite(sample_rows(3))
    with ReplicaServer(sites=[site], etags=True) as server:
        page = f"{server.url}/items/r000001"
        tag = requests.get(page, timeout=10).headers["ETag"]
        same = requests.get(page, headers={"If-None-Match": tag}, timeout=10)
        site.edit("r000001", rating=1, text="改了")
        changed = requests.get(page, headers={"If-None-Match": tag}, timeout=10)
    assert (same.status_code, same.content) == (304, b"")
    assert (changed.status_code, changed.json()["text"]) == (200, "改了")
    assert changed.headers["ETag"] != tag


def test_sample_rows_are_the_same_in_another_process(
    said_by_a_process: Callable[[str, str], str],
) -> None:
    first, second = (said_by_a_process(EVERY_SITE, hash_seed) for hash_seed in ("1", "2"))
    assert first == second
    assert len(first.strip()) == 64


def test_the_same_visit_gives_the_same_bytes() -> None:
    def visit() -> str:
        found = hashlib.sha256()
        failures = [Throttle(nth=2)]
        with ReplicaServer(sites=[PlainSite(sample_rows(50))], failures=failures) as server:
            for page in (1, 2, 2, 3):
                answer = requests.get(f"{server.url}/items?page={page}", timeout=10)
                found.update(bytes([answer.status_code % 256]) + answer.content)
        return found.hexdigest()

    assert visit() == visit()


def test_another_seed_gives_other_rows() -> None:
    assert sample_rows(5, seed=1) != sample_rows(5, seed=2)
    assert sample_rows(5, seed=1) == sample_rows(5, seed=1)
