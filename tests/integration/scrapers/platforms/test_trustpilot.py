"""Trustpilot nights on a replica: all pages, edits, hidden and restored reviews, blocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from demo.replica import Asked, ReplicaServer
from demo.replica.failures import Encoding, InsertBetween, PastEnd, Session, SoftBlock
from demo.replica.sites.trustpilot import BUILD_ID, DOMAIN, TrustpilotSite, sample_rows

pytestmark = pytest.mark.integration
PERMISSION = "Agreed with Trustpilot, 2026-08-01, ref. YT-17"


@pytest.fixture
def crawl(night):
    def run(server, **more):
        given = {
            "platform": "trustpilot",
            "base_url": server.url,
            "permission": PERMISSION,
            "options": {"domain": DOMAIN},
            "units": {DOMAIN: "hq"},
        }
        return night(**given | more)

    return run


def versions(crawled, key, column):
    """What the lake holds of one review's column, in the order of landing."""
    rows = [row for row in crawled.records("review") if row["natural_key"] == key]
    return [row[column] for row in sorted(rows, key=lambda row: (row["run_id"], row["seq"]))]


def states(crawled):
    return [(row["run_id"], row["item_id"], row["state"]) for row in crawled.records("item_state")]


def test_every_review_once_from_all_pages(crawl):
    rows = sample_rows(45)
    with ReplicaServer(sites=[TrustpilotSite(rows)]) as server:
        crawled = crawl(server)
        asked = [served.path for served in server.pages]
    assert crawled.run.status == "complete", crawled.run.message
    landed = {row["review_id"]: row for row in crawled.records("review")}
    assert set(landed) == {row.key for row in rows}
    assert len(crawled.records("review")) == 45
    assert asked == [f"/review/{DOMAIN}?languages=all&sort=recency&page={n}" for n in (1, 2, 3)]
    for row in rows:
        found = landed[row.key]
        assert (found["rating"], found["rating_best"]) == (row.rating, 5)
        assert found["created_at"] == row.at.astimezone(UTC).replace(microsecond=0)
        assert found["experienced_on"] == row.experienced_at.astimezone(UTC).date()
        assert found["is_verified"] is row.is_verified
        assert found["reply"] == (row.reply.text if row.reply else None)
        assert found["unit_id"] == "hq"
    newest = max(row.at for row in rows).astimezone(UTC)
    assert crawled.run.watermark == newest.replace(microsecond=0)
    (summary, *_) = crawled.records("rating_summary")
    assert (summary["subject_id"], summary["review_count"], summary["unit_id"]) == (
        DOMAIN,
        45,
        "hq",
    )


def test_nobody_is_named_in_the_lake(crawl):
    rows = sample_rows(20)
    with ReplicaServer(sites=[TrustpilotSite(rows)]) as server:
        crawled = crawl(server)
    names = {row.author for row in rows}
    for record in crawled.records("review"):
        assert len(record["author_hash"]) == 32
        said = [str(value) for value in record.values()]
        assert not [name for name in names for value in said if name == value]
        assert "65c0000000" not in "".join(said)


def test_edits_hidden_and_restored_reviews_are_told_apart(crawl):
    rows = sample_rows(30)
    site = TrustpilotSite(rows)
    edited, hidden = rows[3].key, rows[5].key
    with ReplicaServer(sites=[site]) as server:
        crawl(server)
        at = rows[3].at + timedelta(days=1)
        site.edit(edited, text="They called me and made it good.", rating=4, updated_at=at)
        site.hide(hidden)
        second = crawl(server, day=1)
        assert second.run.status == "complete", second.run.message
        site.restore(hidden)
        third = crawl(server, day=2)
    assert third.run.status == "complete", third.run.message
    texts = versions(third, edited, "body")
    assert texts[0] != texts[1] == texts[2] == "They called me and made it good."
    assert versions(third, edited, "updated_at")[1] == at.astimezone(UTC).replace(microsecond=0)
    assert len(set(versions(third, edited, "version_hash"))) == 2
    assert states(third) == [("run-2", hidden, "hidden"), ("run-3", hidden, "shown")]
    assert len(versions(third, hidden, "body")) == 2


def test_the_second_night_reads_back_by_the_overlap_alone(crawl):
    rows = sample_rows(200)
    with ReplicaServer(sites=[TrustpilotSite(rows)]) as server:
        first = crawl(server)
        before = len(server.pages)
        second = crawl(server, day=1, overlap_days=2)
        again = server.pages[before:]
    assert second.run.status == "complete"
    edge = first.run.watermark - timedelta(days=2)
    inside = [row for row in rows if row.at >= edge]
    last_page = len(inside) // 20 + 2  # the first page that lies wholly before the edge
    assert len(again) == last_page < 10


def test_reviews_that_come_in_between_pages_are_neither_lost_nor_doubled(crawl):
    rows = sample_rows(64)
    site = TrustpilotSite(rows[3:])
    late = InsertBetween(site=site, rows=rows[:3], where=r"page=2")
    with ReplicaServer(sites=[site], failures=[late]) as server:
        first = crawl(server)
        second = crawl(server, day=1)
    assert first.run.status == second.run.status == "complete"
    first_keys = [r["review_id"] for r in second.records("review") if r["run_id"] == "run-1"]
    assert {row.key for row in rows[3:]} <= set(first_keys)
    assert {r["review_id"] for r in second.records("review")} == {row.key for row in rows}


def test_a_stale_build_id_stops_nothing(crawl):
    rows = sample_rows(25)
    stale = Session(kind="stale_build_id", build=BUILD_ID)
    with ReplicaServer(sites=[TrustpilotSite(rows)], failures=[stale]) as server:
        crawled = crawl(server)
        assert not [served for served in server.requests if "_next/data" in served.path]
    assert crawled.run.status == "complete"
    assert len(crawled.records("review")) == 25


def test_control_characters_in_the_script_are_read(crawl):
    rows = sample_rows(5)
    odd = Encoding(kind="control_chars", where=r"/review/")
    with ReplicaServer(sites=[TrustpilotSite(rows)], failures=[odd]) as server:
        crawled = crawl(server)
    assert {row["review_id"] for row in crawled.records("review")} == {row.key for row in rows}


def test_without_permission_nothing_is_asked(crawl):
    with ReplicaServer(sites=[TrustpilotSite(sample_rows(5))]) as server:
        crawled = crawl(server, permission=None)
        assert server.requests == []
    assert [row["outcome"] for row in crawled.outcomes] == ["refused"]
    assert crawled.records("review") == []
    assert "by permission only" in crawled.run.message


@pytest.mark.parametrize(
    ("failure", "outcome", "words"),
    [
        (SoftBlock(kind="captcha_html"), "blocked", "captcha"),
        (SoftBlock(kind="login_html"), "blocked", "login"),
        (SoftBlock(kind="redirect_login"), "blocked", "login"),
        (SoftBlock(kind="empty_with_total"), "blocked", "1,000"),
    ],
)
def test_blocks_are_no_empty_lists(crawl, failure, outcome, words):
    with ReplicaServer(sites=[TrustpilotSite(sample_rows(5))], failures=[failure]) as server:
        crawled = crawl(server)
    assert crawled.run.status == "failed"
    assert crawled.page_outcomes[-1][2] == outcome
    assert words in crawled.run.message
    assert crawled.run.watermark is None


def test_a_business_that_is_not_there_fails_and_says_so(crawl):
    with ReplicaServer(sites=[TrustpilotSite(sample_rows(5))]) as server:
        crawled = crawl(server, options={"domain": "www.nobody.example"})
    assert crawled.run.status == "failed"
    assert "/review/www.nobody.example" in crawled.run.message


def test_pages_that_loop_do_not_turn_for_ever(crawl):
    rows = sample_rows(60)
    loop = PastEnd(kind="loop", last=2)
    with ReplicaServer(sites=[TrustpilotSite(rows)], failures=[loop]) as server:
        crawled = crawl(server)
        assert len(server.pages) == 3
    assert crawled.run.status == "partial"
    assert "40 of 60" in crawled.run.message
    assert {r["review_id"] for r in crawled.records("review")} == {row.key for row in rows[:40]}


def dropped(folder):
    """The drop folder of the source, as a deployment has it."""
    made = folder / "landing" / "platforms" / "src"
    made.mkdir(parents=True)
    return made


def test_saved_pages_are_read_without_a_permission(crawl, tmp_path):
    rows = sample_rows(25)
    site = TrustpilotSite(rows)
    folder = dropped(tmp_path)
    for number in (1, 2):
        page = site.answer(Asked(f"/review/{DOMAIN}?page={number}"))
        (folder / f"page {number}.html").write_bytes(page.body)
    with ReplicaServer(sites=[site]) as server:
        crawled = crawl(server, permission=None, dropped=folder)
        assert server.requests == []
    assert {row["review_id"] for row in crawled.records("review")} == {row.key for row in rows}
    assert len(crawled.records("review")) == 25
    refused, *files = sorted(crawled.outcomes, key=lambda row: row["kind"] == "file")
    assert refused["outcome"] == "refused"
    assert [(r["request"], r["entity"], r["items_seen"]) for r in files] == [
        ("reviews", "review", 20),
        ("reviews", "rating_summary", 1),
        ("reviews", "review", 5),
        ("reviews", "rating_summary", 1),
    ]
    assert {row["outcome"] for row in files} == {"ok"}


def test_an_export_of_the_business_account_lands_under_the_same_keys(crawl, tmp_path):
    row = sample_rows(1)[0]
    folder = dropped(tmp_path)
    (folder / "service reviews.csv").write_text(
        "Domain Url,Review Id,Review Created (UTC),Review Username,Review User Email,"
        "Review Consumer User Id,Review Title,Review Content,Review Stars,Company Response,"
        "Company Reply Date (UTC)\n"
        f"{DOMAIN},{row.key},2026-09-21 23:30:05,Jenny K.,jenny@mail.example,65c1,Cold tea,"
        "茶是凉的。,2,We are sorry.,2026-09-22 08:00:00\n"
        f"{DOMAIN},66f0000000000000000000ff,yesterday,,,,,No date,3,,\n",
        encoding="utf-8",
    )
    with ReplicaServer(sites=[]) as server:
        crawled = crawl(server, permission=None, dropped=folder)
    (found,) = crawled.records("review")
    assert found["natural_key"] == row.key
    assert (found["subject_name"], found["body"], found["rating"]) == (DOMAIN, "茶是凉的。", 2.0)
    assert found["created_at"] == datetime(2026, 9, 21, 23, 30, 5, tzinfo=UTC)
    assert found["replied_at"] == datetime(2026, 9, 22, 8, tzinfo=UTC)
    said = " ".join(map(str, found.values()))
    assert not [name for name in ("Jenny", "jenny@", "65c1") if name in said]
    (bad,) = crawled.quarantine
    assert (bad["column"], bad["natural_key"]) == ("created_at", "66f0000000000000000000ff")
