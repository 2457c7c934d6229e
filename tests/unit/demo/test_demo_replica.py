"""The replicas behave as the platforms are documented to, quirks included."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from demo.replica import CFPB_PATH, ReplicaServer
from demo.world import Company

COMPANY = "YUNWU TEA PAY LLC"
NEWEST_FIRST = {"sort": "created_date_desc", "company": COMPANY}


@pytest.fixture
def server(company: Company) -> Iterator[ReplicaServer]:
    with ReplicaServer(company) as running:
        yield running


def search(server: ReplicaServer, **query: object) -> requests.Response:
    return requests.get(server.url + CFPB_PATH, params=dict(query), timeout=10)  # type: ignore[arg-type]


def asked(server: ReplicaServer, **query: object) -> dict[str, Any]:
    """A search that is asked again when it is throttled."""
    answer = search(server, **query)
    if answer.status_code == 429:
        answer = search(server, **query)
    assert answer.status_code == 200
    return dict(answer.json())


def ids(page: dict[str, Any]) -> list[str]:
    return [hit["_id"] for hit in page["hits"]["hits"]]


def reviews(server: ReplicaServer, country: str, page: int) -> requests.Response:
    path = f"/{country}/rss/customerreviews/page={page}/id=6400000001/sortby=mostrecent/json"
    return requests.get(server.url + path, timeout=10)


def entries(answer: requests.Response) -> Any:
    assert answer.status_code == 200
    return json.loads(answer.content)["feed"].get("entry")


def mine(company: Company) -> set[str]:
    return {c.complaint_id for c in company.public_complaints if c.company == COMPANY}


def test_paging_by_break_points_reaches_every_complaint_once(
    server: ReplicaServer, company: Company
) -> None:
    page = asked(server, size=10, **NEWEST_FIRST)
    found, number = ids(page), 1
    while points := page["_meta"]["break_points"].get(str(number + 1)):
        after = f"{points[0]}_{points[1]}"
        page = asked(server, size=10, frm=number * 10, search_after=after, **NEWEST_FIRST)
        found += ids(page)
        number += 1
    assert page["hits"]["total"] == {"value": 220, "relation": "eq"}
    assert len(found) == len(set(found)) == 220
    assert set(found) == mine(company)


def test_break_points_reach_a_few_pages_only(server: ReplicaServer) -> None:
    page = asked(server, size=10, **NEWEST_FIRST)
    points = page["_meta"]["break_points"]
    assert list(points) == ["2", "3", "4"]
    assert points["2"] == page["hits"]["hits"][-1]["sort"]
    last = asked(server, size=10, frm=210, search_after="0_0", **NEWEST_FIRST)
    assert max(int(number) for number in last["_meta"]["break_points"]) == 22


def test_search_after_without_a_sort_is_ignored(server: ReplicaServer) -> None:
    first = asked(server, size=10, company=COMPANY)
    moment, complaint = first["_meta"]["break_points"]["2"]
    again = asked(server, size=10, company=COMPANY, search_after=f"{moment}_{complaint}")
    assert ids(again) == ids(first)


def test_newest_first_or_oldest_first(server: ReplicaServer) -> None:
    newest = asked(server, size=100, sort="created_date_desc")
    oldest = asked(server, size=100, sort="created_date_asc")
    sorts = [hit["sort"] for hit in newest["hits"]["hits"]]
    assert sorts == sorted(sorts, reverse=True)
    assert oldest["hits"]["hits"][0]["sort"] < sorts[-1]
    point = oldest["_meta"]["break_points"]["2"]
    after = asked(
        server, size=100, frm=100, sort="created_date_asc", search_after=f"{point[0]}_{point[1]}"
    )
    assert after["hits"]["hits"][0]["sort"] > point


def test_days_are_from_inclusive_to_exclusive(server: ReplicaServer, company: Company) -> None:
    page = asked(
        server,
        size=100,
        date_received_min="2026-05-01",
        date_received_max="2026-05-08",
        **NEWEST_FIRST,
    )
    expected = {
        c.complaint_id
        for c in company.public_complaints
        if c.company == COMPANY and "2026-05-01" <= c.received_on.isoformat() < "2026-05-08"
    }
    assert set(ids(page)) == expected
    days = {hit["_source"]["date_received"] for hit in page["hits"]["hits"]}
    assert all(day.endswith("T12:00:00-05:00") for day in days)
    assert len(expected) > 3


def test_the_company_filter_leaves_others_out(server: ReplicaServer) -> None:
    everyone = asked(server, size=100, sort="created_date_desc")
    assert everyone["hits"]["total"]["value"] == 280
    both = ["YUNWU TEA PAY LLC", "HARBOR PREPAID SERVICES, INC."]
    assert asked(server, company=both)["hits"]["total"]["value"] == 280
    assert asked(server, company="NOBODY")["hits"]["hits"] == []


def test_fields_are_as_documented(server: ReplicaServer) -> None:
    found = []
    for frm in (0, 100, 200):
        found += asked(server, size=100, frm=frm, no_aggs="true", **NEWEST_FIRST)["hits"]["hits"]
    sources = [hit["_source"] for hit in found]
    assert all(isinstance(source["complaint_id"], str) for source in sources)
    assert any("complaint_what_happened" not in source for source in sources)
    assert any(source.get("complaint_what_happened") == "" for source in sources)
    assert any(source["tags"] is None for source in sources)
    assert {source["company"] for source in sources} == {COMPANY}


def test_counts_come_unless_unwanted(server: ReplicaServer) -> None:
    assert "aggregations" in asked(server, size=1)
    assert "aggregations" not in asked(server, size=1, no_aggs="true")


def test_one_search_is_throttled_once(server: ReplicaServer) -> None:
    answers = [search(server, size=1) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200, 429, 200, 200, 200, 200]
    assert answers[1].headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"size": 101}, "size"),
        ({"size": "many"}, "size"),
        ({"sort": "newest"}, "sort"),
        ({"date_received_min": "May"}, "date_received_min"),
        ({"sort": "created_date_desc", "search_after": "soon"}, "search_after"),
    ],
)
def test_a_wrong_search_is_answered_400(
    server: ReplicaServer, query: dict[str, object], word: str
) -> None:
    answer = search(server, **query)
    assert answer.status_code == 400
    assert word in answer.json()["errors"]


def test_one_complaint_by_its_number(server: ReplicaServer, company: Company) -> None:
    wanted = company.public_complaints[0]
    answer = requests.get(f"{server.url}{CFPB_PATH}{wanted.complaint_id}", timeout=10)
    assert answer.json()["hits"]["hits"][0]["_source"]["product"] == wanted.product
    assert requests.get(f"{server.url}{CFPB_PATH}1", timeout=10).status_code == 404


def test_the_first_page_is_empty_once(server: ReplicaServer) -> None:
    assert entries(reviews(server, "cn", 1)) is None
    assert len(entries(reviews(server, "cn", 1))) == 51
    assert entries(reviews(server, "us", 1)) is None, "each storefront starts cold"


def test_the_app_itself_comes_first(server: ReplicaServer) -> None:
    reviews(server, "cn", 1)
    listed = entries(reviews(server, "cn", 1))
    assert "im:rating" not in listed[0]
    assert all("im:rating" in entry for entry in listed[1:])


def test_every_review_is_on_one_page(server: ReplicaServer, company: Company) -> None:
    reviews(server, "cn", 1)
    found = []
    for page in range(1, 11):
        listed = entries(reviews(server, "cn", page)) or []
        found += [entry["id"]["label"] for entry in listed if "im:rating" in entry]
    assert len(found) == len(set(found))
    assert set(found) == {r.review_id for r in company.app_reviews if r.country == "cn"}


def test_a_single_entry_is_no_list(server: ReplicaServer) -> None:
    last = entries(reviews(server, "us", 2))
    assert isinstance(last, dict)
    assert last["im:rating"]["label"] in {"1", "2", "3", "4", "5"}
    assert entries(reviews(server, "us", 3)) is None


def test_page_11_is_the_end(server: ReplicaServer) -> None:
    answer = reviews(server, "cn", 11)
    assert answer.status_code == 400
    assert answer.text == "CustomerReviews RSS page depth is limited to 10"


def test_the_charset_lies(server: ReplicaServer) -> None:
    answer = reviews(server, "cn", 2)
    assert "ISO-8859-1" in answer.headers["Content-Type"]
    assert "云雾" in answer.content.decode("utf-8") or "下单" in answer.content.decode("utf-8")


def test_bodies_are_compressed_for_those_who_take_it(server: ReplicaServer) -> None:
    path = server.url + CFPB_PATH
    plain = requests.get(path, headers={"Accept-Encoding": "identity"}, timeout=10)
    search(server)  # the throttled one
    packed = requests.get(path, headers={"Accept-Encoding": "gzip"}, timeout=10)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.json() == plain.json()


def test_robots_allow_us_and_the_rest_is_unknown(server: ReplicaServer) -> None:
    robots = requests.get(f"{server.url}/robots.txt", timeout=10)
    assert robots.status_code == 200
    assert "Disallow: /admin/" in robots.text
    for path in ("/", "/jp/rss/customerreviews/page=1/id=6400000001/sortby=mostrecent/json"):
        assert requests.get(server.url + path, timeout=10).status_code == 404


def test_it_stops_with_its_block(company: Company) -> None:
    with ReplicaServer(company) as running:
        url = running.url
        assert requests.get(f"{url}/robots.txt", timeout=10).status_code == 200
        assert [(r.status, r.path) for r in running.requests] == [(200, "/robots.txt")]
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/robots.txt", timeout=10)
    with pytest.raises(RuntimeError, match="with-block"):
        _ = running.url


def test_it_stops_when_the_block_fails(company: Company) -> None:
    url = ""
    with pytest.raises(ZeroDivisionError), ReplicaServer(company) as running:
        url = running.url
        _ = 1 / 0
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/robots.txt", timeout=10)
