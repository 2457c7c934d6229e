"""One host, one queue, and a breaker for the night, whichever source asks."""

from __future__ import annotations

import threading

import pytest

from scrapers.http.client import FetchError
from scrapers.http.hosts import BreakerOpenError, Hosts
from scrapers.http.robots import parse_robots

pytestmark = pytest.mark.integration


def test_two_sources_keep_one_distance(host, visit, fake_time):
    time = fake_time()
    hosts = Hosts(time.sleep, time.monotonic)
    first = visit(source="a", hosts=hosts, time=time, min_interval_seconds=3)
    second = visit(source="b", hosts=hosts, time=time, min_interval_seconds=5)
    first.get("/1")
    second.get("/2")
    first.get("/3")
    assert time.slept == [3.0, 5.0, 3.0]
    assert [seen.path for seen in host.seen] == ["/robots.txt", "/1", "/2", "/3"]


def test_what_robots_ask_for_holds_for_every_source(host, visit, fake_time, answer):
    host.robots = answer(b"User-agent: *\nCrawl-delay: 11\n")
    time = fake_time()
    hosts = Hosts(time.sleep, time.monotonic)
    visit(source="a", hosts=hosts, time=time).get("/1")
    visit(source="b", hosts=hosts, time=time, min_interval_seconds=4).get("/2")
    assert time.slept == [11.0, 11.0]


def test_hosts_do_not_wait_for_each_other(host, other_host, visit, fake_time):
    time = fake_time()
    hosts = Hosts(time.sleep, time.monotonic)
    here = visit(source="a", hosts=hosts, time=time, min_interval_seconds=60)
    there = visit(source="b", hosts=hosts, time=time, min_interval_seconds=60, base=other_host.url)
    here.get("/1")
    there.get("/1")
    assert time.slept == [60.0, 60.0]  # each between its robots.txt and its page


def test_one_request_at_a_time_is_out_at_a_host(host, visit, fake_time):
    hosts = Hosts(lambda seconds: None)
    visits = [visit(source=f"s{n}", hosts=hosts) for n in range(4)]

    def crawl(one):
        for page in range(5):
            one.get(f"/{one.archive.path.parent.parent.name}/{page}")

    threads = [threading.Thread(target=crawl, args=(one,)) for one in visits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(host.pages) == 20
    assert len(host.seen) == 21  # robots.txt once for all
    assert host.most_at_once == 1


def test_a_host_that_asks_one_source_to_stay_away_is_left_alone_by_all(
    host, visit, fake_time, answer
):
    limited = answer(status=429, headers={"Retry-After": "40"})
    host.answer = lambda seen: limited if seen.path == "/a" else answer(b"fine")
    time = fake_time()
    hosts = Hosts(time.sleep, time.monotonic)
    first = visit(source="a", hosts=hosts, time=time, max_attempts=1)
    with pytest.raises(FetchError):
        first.get("/a")
    visit(source="b", hosts=hosts, time=time).get("/b")
    assert time.slept == [40.0]


@pytest.mark.parametrize("status", [401, 403, 451, 456])
def test_a_block_closes_the_host_for_the_night(host, visit, fake_time, answer, status):
    host.answer = lambda seen: answer(b"please prove that you are no machine", status=status)
    time = fake_time()
    hosts = Hosts(time.sleep, time.monotonic)
    first = visit(source="a", hosts=hosts, time=time)
    second = visit(source="b", hosts=hosts, time=time)
    with pytest.raises(FetchError, match=f"HTTP {status}") as caught:
        first.get("/1", page_no=1)
    assert caught.value.outcome == "blocked"
    for blocked in (first, second):
        with pytest.raises(FetchError, match=r"circuit breaker of 127\.0\.0\.1") as caught:
            blocked.get("/2", page_no=2)
        assert caught.value.outcome == "blocked"
    assert [seen.path for seen in host.pages] == ["/1"]
    assert first.ends == [("/1", status, "blocked"), ("/2", None, "blocked")]
    (row,) = second.rows
    assert (row.outcome, row.page_no, row.request, row.attempt) == ("blocked", 2, "page", 1)
    assert f"is open since 18:00:00 UTC because {host.url}/1: HTTP {status}" in row.detail


def test_a_soft_block_that_the_judge_sees_closes_the_host(host, visit, verdict):
    seen_as = verdict("blocked", "A captcha instead of the list.")
    crawl = visit()
    for path in ("/1", "/2"):
        with pytest.raises(FetchError):
            crawl.get(path, lambda response: seen_as)
    assert [seen.path for seen in host.pages] == ["/1"]
    assert "A captcha instead of the list" in crawl.rows[-1].detail


def test_other_hosts_stay_open(host, other_host, visit, fake_time, answer):
    host.answer = lambda seen: answer(status=403)
    time = fake_time()
    hosts = Hosts(time.sleep, time.monotonic)
    with pytest.raises(FetchError):
        visit(source="a", hosts=hosts, time=time).get("/1")
    there = visit(source="b", hosts=hosts, time=time, base=other_host.url)
    assert there.get("/1").status == 200


def test_the_next_night_begins_with_an_open_mind(host, visit, answer):
    host.answer = lambda seen: answer(status=403 if seen.nth == 1 else 200)
    with pytest.raises(FetchError):
        visit().get("/1")
    assert visit(run_id="run-2", spec_hash="spec-2").get("/1").status == 200


def test_so_many_blocks_in_a_row_as_configured(host, visit, answer):
    codes = iter([403, 200, 403, 403, 200])
    host.answer = lambda seen: answer(status=next(codes))
    crawl = visit(breaker_after=2)
    for number in range(5):
        try:
            crawl.get(f"/{number}")
        except FetchError as error:
            assert error.outcome == "blocked"
    assert crawl.ends == [
        ("/0", 403, "blocked"),
        ("/1", 200, "ok"),
        ("/2", 403, "blocked"),
        ("/3", 403, "blocked"),
        ("/4", None, "blocked"),
    ]


def test_a_wait_longer_than_the_night_grants_closes_the_host(host, visit, answer):
    host.answer = lambda seen: answer(status=503, headers={"Retry-After": "86400"})
    crawl = visit(breaker_after=9)
    for path in ("/1", "/2"):
        with pytest.raises(FetchError) as caught:
            crawl.get(path)
        assert caught.value.outcome == "blocked"
    assert crawl.ends == [("/1", 503, "blocked"), ("/2", None, "blocked")]
    assert crawl.time.slept == []
    assert "stay away for 86400 s" in crawl.rows[-1].detail


def test_a_robots_txt_that_is_forbidden_is_no_block(host, visit, answer):
    host.robots = answer(status=403)
    assert visit().get("/1").status == 200


def test_a_robots_txt_that_asks_to_stay_away_all_night_closes_the_host(host, visit, answer):
    host.robots = answer(status=503, headers={"Retry-After": "86400"})
    crawl = visit()
    with pytest.raises(FetchError) as caught:
        crawl.get("/1")
    assert caught.value.outcome == "blocked"
    assert crawl.ends == [("/1", None, "blocked")]
    assert host.pages == []


def test_a_redirect_to_a_check_elsewhere_is_a_block_if_the_judge_says_so(
    host, other_host, visit, answer, verdict
):
    target = f"{other_host.url}/verify"
    host.answer = lambda seen: answer(status=302, headers={"Location": target})

    def judge(response):
        if "verify" in (response.location or ""):
            return verdict("blocked", "Sent to a check for machines.")
        return verdict("ok", "", response)

    crawl = visit()
    with pytest.raises(FetchError, match="check for machines") as caught:
        crawl.get("/1", judge)
    assert caught.value.outcome == "blocked"
    assert other_host.seen == []
    assert crawl.ends == [("/1", 302, "blocked")]
    assert crawl.client.hosts.breaker(host.url)


def test_a_breaker_that_opens_while_we_queue_is_noticed():
    now = [0.0]

    def sleep(seconds):
        now[0] += seconds
        hosts._hosts["tea.example", 443].breaker = "opened meanwhile"

    hosts = Hosts(sleep, lambda: now[0])
    with hosts.turn("https://tea.example/1", 1):
        pass
    with pytest.raises(BreakerOpenError, match="meanwhile"), hosts.turn("https://tea.example/", 1):
        pytest.fail("asked all the same")


def test_request_rate_is_a_distance_too():
    rules = parse_robots(b"User-agent: *\nRequest-rate: 1/20\nCrawl-delay: 5\n")
    assert rules.distance == 20.0
