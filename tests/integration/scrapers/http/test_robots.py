"""robots.txt, one test for each kind of rule; what it forbids is never asked for."""

from __future__ import annotations

import pytest

from scrapers.http.client import FetchError

pytestmark = pytest.mark.integration
UA = b"User-agent: *\n"


def verdicts(crawl, paths):
    """Which of the paths may be fetched."""
    allowed = []
    for path in paths:
        try:
            crawl.get(path)
        except FetchError as error:
            assert error.outcome == "refused"
        else:
            allowed.append(path)
    return allowed


@pytest.mark.parametrize(
    ("rules", "allowed", "refused"),
    [
        (UA + b"Disallow: /", [], ["/", "/a"]),
        (UA + b"Disallow:", ["/", "/a"], []),
        (UA + b"Disallow: /complaints", ["/a"], ["/complaints", "/complaints/1", "/complaintsx"]),
        # the longest match wins, whatever stands first
        (
            UA + b"Disallow: /api/\nAllow: /api/open/\nDisallow: /api/open/private",
            ["/api/open/1"],
            ["/api/1", "/api/open/private/1"],
        ),
        (UA + b"Allow: /\nDisallow: /shop", ["/a"], ["/shop/1"]),
        # of two equally long ones the kinder
        (UA + b"Disallow: /tea\nAllow: /tea", ["/tea"], []),
        (UA + b"Disallow: /*/reviews", ["/reviews"], ["/shop/reviews", "/a/b/reviews/2"]),
        (UA + b"Disallow: /*?page=", ["/list"], ["/list?page=2"]),
        (UA + b"Disallow: /*.json$", ["/list.json?x=1", "/list.jsonp"], ["/list.json"]),
        (UA + b"Disallow: /$", ["/a"], ["/"]),
        # what is percent-encoded equals what is not
        ((UA.decode() + "Disallow: /投诉").encode(), ["/a"], ["/%E6%8A%95%E8%AF%89/1", "/投诉/1"]),
        # our own group replaces everybody's
        (
            UA + b"Disallow: /\n\nUser-agent: voc-warehouse\nDisallow: /login",
            ["/a"],
            ["/login"],
        ),
        (b"User-agent: VOC-Warehouse\nDisallow: /a\n\nUser-agent: *\nDisallow:", ["/b"], ["/a"]),
        (b"User-agent: otherbot\nDisallow: /", ["/a"], []),
        # several agents may share a group, a group may come twice
        (b"User-agent: x\nUser-agent: *\nDisallow: /a", ["/b"], ["/a"]),
        (UA + b"Disallow: /a\n\n" + UA + b"Disallow: /b", ["/c"], ["/a", "/b"]),
        # how it is written
        (b"\xef\xbb\xbf" + UA + b"Disallow: /a", ["/b"], ["/a"]),
        (b"USER-AGENT: *\r\nDISALLOW: /a # tea\r\n", ["/b"], ["/a"]),
        (UA.replace(b"\n", b"\r") + b"Disallow: /a", ["/b"], ["/a"]),
        (b"", ["/a"], []),
        (b"<html>no such page</html>", ["/a"], []),
        (b"\xff\xfe\x00\x01", ["/a"], []),
    ],
)
def test_rules(host, visit, answer, rules, allowed, refused):
    host.robots = answer(rules)
    crawl = visit()
    assert verdicts(crawl, [*allowed, *refused]) == allowed
    assert len(host.pages) == len(allowed)
    assert [o for _, _, o in crawl.ends] == ["ok"] * len(allowed) + ["refused"] * len(refused)


def test_a_refusal_says_why_and_is_a_row(host, visit, answer):
    host.robots = answer(UA + b"Disallow: /list")
    crawl = visit()
    with pytest.raises(FetchError, match=r"/list: .*/robots\.txt does not allow it"):
        crawl.get("/list", page_no=3)
    row = crawl.rows[-1]
    assert (row.outcome, row.page_no, row.http_status) == ("refused", 3, None)


@pytest.mark.parametrize(
    ("rules", "seconds"),
    [
        (UA + b"Crawl-delay: 11", 11.0),
        (UA + b"Crawl-delay: 0.5", 3.0),  # ours is longer
        (UA + b"Request-rate: 1/20", 20.0),
        (UA + b"Request-rate: 2/1m\nCrawl-delay: 4", 30.0),
        (UA + b"Crawl-delay: 60\n\nUser-agent: voc-warehouse\nCrawl-delay: 7", 7.0),
        (UA + b"Crawl-delay: soon", 3.0),
    ],
)
def test_the_distance_they_ask_for(host, visit, answer, rules, seconds):
    host.robots = answer(rules)
    crawl = visit(min_interval_seconds=3)
    crawl.get("/1")
    crawl.get("/2")
    assert crawl.time.slept == [seconds, seconds]


def test_a_distance_longer_than_the_night_grants_is_a_no(host, visit, answer):
    host.robots = answer(UA + b"Crawl-delay: 3600")
    crawl = visit()
    with pytest.raises(FetchError, match="asks for 3600 s between requests") as caught:
        crawl.get("/1")
    assert caught.value.outcome == "refused"
    assert host.pages == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_host_without_rules_allows(host, visit, answer, status):
    host.robots = answer(b"nothing here", status=status)
    crawl = visit()
    assert crawl.get("/1").status == 200
    assert crawl.rows[0].outcome == "gone"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_rules_that_can_not_be_read_mean_no(host, visit, answer, status):
    host.robots = answer(status=status)
    crawl = visit()
    for path in ("/1", "/2"):
        with pytest.raises(FetchError, match=r"robots\.txt could not be read") as caught:
            crawl.get(path)
        assert caught.value.outcome == "refused"
    assert host.pages == []
    assert len(host.seen) == 4  # the attempts of one reading: a no holds for the night


def test_rules_that_move_are_followed(host, visit, answer):
    host.robots = answer(status=301, headers={"Location": "/rules.txt"})
    host.answer = lambda seen: answer(
        UA + b"Disallow: /list" if seen.path == "/rules.txt" else b"page"
    )
    assert verdicts(visit(), ["/list", "/shop"]) == ["/shop"]


def test_rules_that_move_to_another_host_are_not_followed(host, other_host, visit, answer):
    host.robots = answer(status=301, headers={"Location": f"{other_host.url}/robots.txt"})
    with pytest.raises(FetchError, match="could not be read"):
        visit().get("/1")
    assert other_host.seen == []
    assert host.pages == []


def test_rules_of_half_a_megabyte_are_read(host, visit, answer):
    padding = b"# tea\n" * 80_000
    host.robots = answer(UA + b"Disallow: /a\n" + padding + b"Disallow: /b\n")
    assert verdicts(visit(), ["/a"]) == []


def test_more_than_half_a_megabyte_is_padding(host, visit, answer):
    padding = b"# tea\n" * 100_000
    host.robots = answer(UA + b"Disallow: /a\n" + padding + b"Disallow: /b\n")
    assert verdicts(visit(), ["/a", "/b"]) == ["/b"]


def test_rules_without_end_mean_no(host, visit, answer):
    host.robots = answer(b"#" * 200_000)
    with pytest.raises(FetchError, match="could not be read"):
        visit(max_body_mb=0.1).get("/1")
    assert host.pages == []


def test_they_are_read_once_a_night(host, visit):
    crawl = visit()
    for number in range(5):
        crawl.get(f"/{number}")
    assert [seen.path for seen in host.seen].count("/robots.txt") == 1


def test_each_port_has_its_own(host, other_host, visit, answer):
    host.robots = answer(UA + b"Disallow: /")
    crawl = visit()
    with pytest.raises(FetchError):
        crawl.get("/1")
    assert crawl.get(other_host.url + "/1").status == 200


def test_a_redirect_into_what_they_forbid_is_refused(host, visit, answer):
    host.robots = answer(UA + b"Disallow: /login\n")
    host.answer = lambda seen: answer(status=302, headers={"Location": "/login"})
    crawl = visit()
    with pytest.raises(FetchError, match="does not allow it"):
        crawl.get("/1")
    assert [seen.path for seen in host.pages] == ["/1"]


def test_a_source_that_may_not_reach_a_host_does_not_close_it_for_others(host, visit, fake_time):
    from scrapers.http.hosts import Hosts

    time = fake_time()
    hosts = Hosts(time.sleep, time.monotonic)
    with pytest.raises(FetchError, match="private network"):
        visit(source="a", hosts=hosts, time=time, allow_private=False).get("/1")
    assert visit(source="b", hosts=hosts, time=time).get("/1").status == 200
