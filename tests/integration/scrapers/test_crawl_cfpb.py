"""CFPB nights over HTTP on loopback: ranges, break points, the end confirmed by the total."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

pytestmark = pytest.mark.integration
SOURCE = {
    "platform": "cfpb",
    "first_day": "2026-09-01",
    "unit_id": "hq",
    "options": {"company": ["YUNWU TEA PAY LLC"], "page_size": 10},
}


class Index:
    """The search, as far as the crawler may see it: exclusive end, paging by search_after only."""

    def __init__(self, complaints, *, inflate=None):
        self.complaints = sorted(complaints, key=lambda c: (c[1], c[0]), reverse=True)
        self.inflate = inflate or {}

    def answer(self, query):
        q = {name: values[-1] for name, values in query.items()}
        size = int(q["size"])
        found = [
            c
            for c in self.complaints
            if q["date_received_min"] <= c[1].isoformat() < q["date_received_max"]
        ]
        start = 0
        if "search_after" in q and q.get("sort") == "created_date_desc":
            keys = [f"{self.sort(c)}_{c[0]}" for c in found]
            start = keys.index(q["search_after"]) + 1
        page = start // size + 1
        ahead = range(page + 1, page + 3)  # break points reach two pages ahead only
        points = {
            str(n): [self.sort(found[(n - 1) * size - 1]), found[(n - 1) * size - 1][0]]
            for n in ahead
            if (n - 1) * size < len(found)
        }
        days = (q["date_received_min"], q["date_received_max"])
        total = self.inflate.get(days, len(found))
        hits = [{"_source": self.source(*c)} for c in found[start : start + size]]
        return {
            "hits": {"total": {"value": total, "relation": "eq"}, "hits": hits},
            "_meta": {"break_points": points},
        }

    @staticmethod
    def sort(complaint):
        return int(datetime(*complaint[1].timetuple()[:3], 17, tzinfo=UTC).timestamp() * 1000)

    @staticmethod
    def source(number, day):
        return {
            "complaint_id": number,
            "date_received": f"{day}T12:00:00-05:00",
            "date_sent_to_company": f"{day}T12:00:00-05:00",
            "company": "YUNWU TEA PAY LLC",
            "product": "Prepaid card",
            "issue": "Trouble using the card",
            "company_response": "In progress",
            "complaint_what_happened": "They asked for my card 4111 1111 1111 1111. 没有退款。",
        }


def numbered(count, first=date(2026, 9, 1), days=30):
    return [(str(7_000_000 + n), first + timedelta(days=n % days)) for n in range(count)]


@pytest.fixture
def serve(host, answer):
    def start(index):
        host.answer = lambda seen: answer(
            json.dumps(index.answer(seen.query), ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json"},
        )

    return start


def test_every_page_to_the_total(night, serve, host):
    serve(Index(numbered(47)))
    crawled = night(**SOURCE)
    assert crawled.run.status == "complete", crawled.run.message
    rows = crawled.records("complaint")
    assert {row["complaint_id"] for row in rows} == {c[0] for c in numbered(47)}
    assert len(host.pages) == 5
    assert [seen.query["frm"] for seen in host.pages] == [[str(n * 10)] for n in range(5)]
    assert all(seen.query["sort"] == ["created_date_desc"] for seen in host.pages)
    assert all(seen.query["company"] == ["YUNWU TEA PAY LLC"] for seen in host.pages)
    assert host.pages[0].query["date_received_min"] == ["2026-09-01"]
    assert host.pages[0].query["date_received_max"] == ["2026-10-01"]
    assert "search_after" not in host.pages[0].query


def test_a_day_stays_that_day_in_the_deployments_zone(night, serve):
    serve(Index([("1", date(2026, 9, 30))]))
    crawled = night(**SOURCE)
    (row,) = crawled.records("complaint")
    assert row["received_at"] == datetime(2026, 9, 29, 16, tzinfo=UTC)  # 2026-09-30 in Shanghai
    assert (row["event_at"], row["event_precision"]) == (row["received_at"], "day")
    assert row["event_at_raw"] == "2026-09-30T12:00:00-05:00"
    assert row["unit_id"] == "hq"
    assert row["narrative"] == "They asked for my card [bank-card]. 没有退款。"
    assert crawled.run.watermark == row["received_at"]


def test_the_next_night_goes_back_by_the_overlap(night, serve, host):
    serve(Index(numbered(30)))
    night(**SOURCE, overlap_days=7)
    host.seen.clear()
    night(**SOURCE, overlap_days=7, run_id="run-2")
    assert host.pages[0].query["date_received_min"] == ["2026-09-23"]


def test_nothing_found_is_a_complete_night(night, serve):
    serve(Index([]))
    crawled = night(**SOURCE)
    assert (crawled.run.status, crawled.run.landed) == ("complete", 0)
    assert crawled.page_outcomes == [(1, 200, "partial"), (1, 200, "empty_confirmed")]


def test_a_range_deeper_than_the_search_is_halved(night, serve, host):
    serve(Index(numbered(25), inflate={("2026-09-01", "2026-10-01"): 10_001}))
    crawled = night(**SOURCE)
    assert crawled.run.status == "complete"
    assert len({row["complaint_id"] for row in crawled.records("complaint")}) == 25
    spans = {(a.query["date_received_min"][0], a.query["date_received_max"][0]) for a in host.pages}
    assert spans == {
        ("2026-09-01", "2026-10-01"),
        ("2026-09-01", "2026-09-16"),
        ("2026-09-16", "2026-10-01"),
    }


def test_a_day_deeper_than_the_search_is_said_to_be_missing_something(night, serve):
    index = Index(numbered(15, days=1), inflate={("2026-09-01", "2026-09-02"): 10_400})
    serve(index)
    crawled = night(**SOURCE, as_of=date(2026, 9, 1))
    assert crawled.run.status == "partial"
    assert crawled.run.watermark is None
    assert "10,400" in crawled.run.message


def test_fewer_than_the_total_is_not_the_end(night, serve):
    serve(Index(numbered(15), inflate={("2026-09-01", "2026-10-01"): 20}))
    crawled = night(**SOURCE)
    assert crawled.run.status == "partial"
    assert "15 of 20 items came" in crawled.run.message
    assert len(crawled.records("complaint")) == 15


def test_a_search_after_that_is_not_obeyed_any_more_stops_the_night(night, host, answer):
    index = Index(numbered(25))

    def reply(seen):
        first = {n: v for n, v in seen.query.items() if n != "search_after"}
        body = index.answer(first)
        body["_meta"]["break_points"] |= {"3": [1, "1"]}
        return answer(json.dumps(body).encode())

    host.answer = reply
    crawled = night(**SOURCE)
    assert crawled.run.status == "partial"
    assert "its paging is not obeyed" in crawled.run.message
    assert len(host.pages) == 2


def test_a_soft_block_is_not_an_empty_result(night, host, answer):
    body = {"hits": {"total": {"value": 812}, "hits": []}, "_meta": {"break_points": {}}}
    host.answer = lambda seen: answer(json.dumps(body).encode())
    crawled = night(**SOURCE, politeness={"max_attempts": 2})
    assert crawled.run.status == "failed"
    assert crawled.page_outcomes == [(1, 200, "partial"), (1, 200, "blocked")]
    assert "812" in crawled.run.message


def test_unreadable_complaints_count_towards_the_total(night, serve):
    index = Index(numbered(12))
    plain = Index.source
    index.source = lambda number, day: (
        plain(number, day) | ({"date_received": "??"} if number == "7000003" else {})
    )
    serve(index)
    crawled = night(**SOURCE)
    assert crawled.run.status == "complete"
    (bad,) = crawled.quarantine
    assert (bad["natural_key"], bad["column"]) == ("7000003", "received_at")
    assert len(crawled.records("complaint")) == 11


@pytest.mark.shared
def test_the_captured_pages_land_as_they_are(night, host, answer, shared):
    """Page 1 leads to page 2; page 3 was never captured, and the night says so."""
    from scrapers.http.archive import read_response

    folder = shared / "captures" / "cfpb"
    bodies = [
        (folder / "ui_list_get-complaints.json").read_bytes(),
        (folder / "ui_list_get-next-complaints.json").read_bytes(),
    ]
    point = json.loads(bodies[0])["_meta"]["break_points"]["2"]

    def reply(seen):
        after = seen.query.get("search_after")
        if after is None:
            return answer(bodies[0], headers={"Content-Type": "application/json"})
        if after == [f"{point[0]}_{point[1]}"] and seen.query["frm"] == ["10"]:
            return answer(bodies[1], headers={"Content-Type": "application/json"})
        return answer(b"not captured", status=404)

    host.answer = reply
    config = {
        "platform": "cfpb",
        "first_day": "2021-09-01",
        "options": {"company": ["Debt Recovery Solutions, LLC"], "page_size": 10},
    }
    crawled = night(**config, as_of=date(2021, 12, 15), now=datetime(2021, 12, 15, 18, tzinfo=UTC))
    assert crawled.run.status == "partial"
    assert "HTTP 404" in crawled.run.message
    assert crawled.quarantine == []
    rows = crawled.records("complaint")
    expected = [hit["_source"] for body in bodies for hit in json.loads(body)["hits"]["hits"]]
    assert len(expected) == 20
    for name in ("complaint_id", "company", "product", "issue", "sub_issue", "company_response"):
        assert [row[name] for row in rows] == [source[name] for source in expected]
    assert [row["event_at_raw"] for row in rows] == [s["date_received"] for s in expected]
    shanghai = timedelta(hours=8)
    days = [(row["received_at"] + shanghai).date().isoformat() for row in rows]
    assert days == [source["date_received"][:10] for source in expected]
    for page_no, body in enumerate(bodies, start=1):
        places = {
            (row["archive_file"], row["archive_offset"])
            for row in rows
            if row["page_no"] == page_no
        }
        ((file, offset),) = places
        assert read_response(crawled.home / file, offset).wire == body
