"""BBB nights on a replica: complaints with answers that come later, reviews, letters, blocks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from demo.replica import Asked, ReplicaServer
from demo.replica.failures import Drift, Keys, PastEnd, SoftBlock
from demo.replica.sites.bbb import LETTER, PROFILE, BbbSite, sample_reviews, sample_rows

pytestmark = pytest.mark.integration
STATUS = {
    "Resolved": "resolved",
    "Answered": "replied",
    "Unresolved": "replied",
    "Unanswered": "closed",
}


@pytest.fixture
def crawl(night):
    def run(server, **more):
        given = {
            "platform": "bbb",
            "base_url": server.url,
            "permission": "Granted by the BBB, 2026-07-01",
            "options": {"profile": PROFILE},
            "units": {PROFILE: "sf-01"},
        }
        return night(**given | more)

    return run


def china_midnight(moment):
    """A calendar day as the lake places it: its start in the deployment's zone, Asia/Shanghai."""
    return datetime(moment.year, moment.month, moment.day, tzinfo=moment.tzinfo).astimezone(UTC)


def test_every_complaint_with_its_answer(crawl):
    rows = sample_rows(35)
    with ReplicaServer(sites=[BbbSite(rows)]) as server:
        crawled = crawl(server)
        asked = [s.path for s in server.pages if "/complaints" in s.path]
    assert crawled.run.status == "complete", crawled.run.message
    assert asked == [f"/{PROFILE}/complaints?page={n}" for n in (1, 2, 3, 4, 5)]
    landed = {row["complaint_id"]: row for row in crawled.records("complaint")}
    assert set(landed) == {row.key for row in rows}
    for row in rows:
        found = landed[row.key]
        assert (found["status"], found["status_raw"]) == (STATUS[row.status], row.status)
        assert found["company_response"] == (row.reply or None)
        assert found["received_at"] == china_midnight(row.at)
        assert found["event_precision"] == "day"
        assert (found["replied_at"] is None) == (row.replied_at is None)
        assert (found["unit_id"], found["platform"]) == ("sf-01", "bbb")
    assert crawled.run.watermark == max(china_midnight(row.at) for row in rows)


def test_the_letter_of_the_business(crawl):
    with ReplicaServer(sites=[BbbSite(sample_rows(12), sample_reviews(7))]) as server:
        (summary,) = crawl(server).records("rating_summary")
    assert (summary["subject_id"], summary["subject_name"]) == ("1116-880001", "Yunwu Tea")
    assert (summary["rating_text"], summary["review_count"]) == (LETTER, 7)
    assert (summary["rating"], summary["unit_id"]) == (None, "sf-01")
    assert summary["breakdown"] == '{"complaints_closed_3_years": "12"}'


def test_reviews_are_read_where_they_are_asked_for(crawl):
    reviews = sample_reviews(12)
    with ReplicaServer(sites=[BbbSite(sample_rows(3), reviews)]) as server:
        crawled = crawl(server, options={"profile": PROFILE, "customer_reviews": "yes"})
    assert crawled.run.status == "complete", crawled.run.message
    landed = {row["review_id"]: row for row in crawled.records("review")}
    assert set(landed) == {row.key for row in reviews}
    for row in reviews:
        found = landed[row.key]
        assert (found["rating"], found["rating_best"]) == (row.rating, 5)
        assert (found["body"], found["reply"]) == (row.text, row.reply or None)
        assert row.author not in map(str, found.values())
        assert found["author_hash"]


def test_an_answer_that_comes_later_makes_a_version(crawl):
    rows = sample_rows(15)
    late = next(row for row in rows if row.status == "Unanswered")
    site = BbbSite(rows)
    with ReplicaServer(sites=[site]) as server:
        crawl(server)
        answered = datetime(2026, 9, 30, 10, tzinfo=late.at.tzinfo)
        site.edit(late.key, status="Resolved", reply="Paid back.", replied_at=answered)
        second = crawl(server, day=1)
    assert second.run.status == "complete"
    found = [r for r in second.records("complaint") if r["complaint_id"] == late.key]
    first, last = sorted(found, key=lambda row: row["run_id"])
    assert (first["status"], first["company_response"]) == ("closed", None)
    assert (last["status"], last["company_response"]) == ("resolved", "Paid back.")
    assert last["replied_at"] == china_midnight(answered)
    assert first["version_hash"] != last["version_hash"]


def test_competitors_letters_from_the_search(crawl):
    with ReplicaServer(sites=[BbbSite(())]) as server:
        crawled = crawl(server, options={"search_text": "tea house", "search_place": "SF, CA"})
        asked = [served.path for served in server.pages]
    assert crawled.run.status == "complete", crawled.run.message
    said = "/api/search?find_country=USA&find_text=tea+house&find_loc=SF%2C+CA&page="
    assert asked == [f"{said}1", f"{said}2"]
    found = {row["subject_id"]: row for row in crawled.records("rating_summary")}
    assert set(found) == {f"1116-{880000 + place}" for place in range(1, 21)}
    odd, even = found["1116-880001"], found["1116-880002"]
    assert (odd["rating_text"], odd["rating"], odd["rating_best"]) == ("A+", 97.0, 100.0)
    assert (even["rating_text"], even["rating"]) == ("C", 74.5)
    assert "555-0100" not in str(crawled.records("rating_summary"))


def test_without_permission_nothing_is_asked(crawl):
    with ReplicaServer(sites=[BbbSite(sample_rows(5))]) as server:
        crawled = crawl(server, permission=" ")
        assert server.requests == []
    assert {row["outcome"] for row in crawled.outcomes} == {"refused"}


@pytest.mark.parametrize("kind", ["login_html", "captcha_html", "redirect_login"])
def test_blocks(crawl, kind):
    with ReplicaServer(sites=[BbbSite(sample_rows(5))], failures=[SoftBlock(kind=kind)]) as server:
        crawled = crawl(server)
    assert crawled.run.status == "failed"
    assert crawled.page_outcomes[-1][2] == "blocked"
    assert crawled.records("complaint") == []


@pytest.mark.parametrize("kind", ["clamp", "loop"])
def test_pages_past_the_end_that_repeat_are_the_end(crawl, kind):
    past = PastEnd(kind=kind, last=2, where="/complaints")
    with ReplicaServer(sites=[BbbSite(sample_rows(20))], failures=[past]) as server:
        crawled = crawl(server)
    assert crawled.run.status == "complete"
    assert len({row["complaint_id"] for row in crawled.records("complaint")}) == 20
    assert "page 3 repeats earlier pages" in crawled.run.message


def test_a_class_that_was_renamed_is_told_by_what_is_not_there_any_more(crawl):
    renamed = Drift(kind="class_renamed", name=".bpr-complaint-body", where="/complaints")
    with ReplicaServer(sites=[BbbSite(sample_rows(30))], failures=[renamed]) as server:
        crawled = crawl(server)
    assert crawled.run.status == "partial"
    assert crawled.run.watermark is None
    assert "narrative stands on 0% of 30 items" in crawled.run.message


def test_complaints_without_an_id_are_quarantined(crawl):
    with ReplicaServer(sites=[BbbSite(sample_rows(4))], failures=[Keys(kind="no_id")]) as server:
        crawled = crawl(server)
    assert crawled.records("complaint") == []
    assert {row["column"] for row in crawled.quarantine} == {"complaint_id"}
    assert len(crawled.quarantine) == 4


def test_saved_pages_are_read_without_a_permission(crawl, tmp_path):
    rows = sample_rows(8)
    site = BbbSite(rows, sample_reviews(3))
    folder = tmp_path / "landing" / "platforms" / "src"
    folder.mkdir(parents=True)
    page = site.answer(Asked(f"/{PROFILE}/complaints"))
    (folder / "complaints.html").write_bytes(page.body)
    listing = site.answer(Asked("/api/search?page=1"))
    (folder / "search.json").write_bytes(listing.body)
    with ReplicaServer(sites=[site]) as server:
        crawled = crawl(server, permission=None, dropped=folder)
        assert server.requests == []
    assert {row["complaint_id"] for row in crawled.records("complaint")} == {r.key for r in rows}
    assert len(crawled.records("rating_summary")) == 15
