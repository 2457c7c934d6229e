"""Heimao nights against its replica: two queues, the end of lists, blocks, visibility."""

from __future__ import annotations

import csv
import io
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from demo.replica.exchange import Asked
from demo.replica.failures import Ban, Dates, Drift, InsertBetween, Keys, SoftBlock
from demo.replica.sites.heimao import (
    CLOSED,
    COMPLETED,
    REPLIED,
    TO_ASSIGN,
    HeimaoSite,
    Rating,
    sample_rows,
    steps_to,
)
from demo.replica.sites.rows import CHINA

pytestmark = pytest.mark.integration
SOURCE = {"platform": "heimao"}
COMPANY = {
    "platform": "heimao",
    "options": {"couid": "5001"},
    "permission": "The company's own list, agreed by mail of 2026-09-01.",
}
NEW = datetime(2026, 9, 29, 9, 0, tzinfo=CHINA)


def views(pages):
    return [served.path.split("/")[3] for served in pages if "/complaint/view/" in served.path]


def recent(count, **changes):
    """Complaints of one day, hourly, the newest first; all of them wait for a company."""
    rows = sample_rows(count)
    return [
        replace(
            row,
            at=NEW - timedelta(hours=n),
            status=TO_ASSIGN,
            steps=steps_to(TO_ASSIGN, NEW - timedelta(hours=n), row.author, row.text),
            rating=None,
            **changes,
        )
        for n, row in enumerate(rows)
    ]


def test_a_feed_and_its_pages(crawl):
    site = HeimaoSite(sample_rows(23), marked="要求")
    found, pages = crawl(site)
    assert (found.run.status, found.quarantine) == ("complete", [])
    assert {row["complaint_id"] for row in found.records("complaint")} == {r.key for r in site.rows}
    assert sorted(views(pages)) == sorted(row.key for row in site.rows)
    lists = [served.path for served in pages if "/api/index/feed" in served.path]
    assert lists == [f"/api/index/feed?type=2&page_size=10&page={n}" for n in (1, 2, 3)]
    for row in found.records("complaint"):
        told = site.find(row["complaint_id"])
        assert (row["title"], row["company"], row["platform"]) == (told.title, "云雾茶", "heimao")
        assert row["received_at"] == told.at.astimezone(UTC)
        assert row["amount"] == pytest.approx(float(told.cost))
        assert row["narrative"].removesuffix("...") in told.text
    assert found.run.watermark == max(row.at for row in site.rows).astimezone(UTC)


def test_steps_bring_the_whole_text_and_the_stars(crawl):
    long = "门店少送一杯，客服说下周回电。" * 40
    rating = Rating(4, 3, 1, "处理得还行")
    row = recent(1)[0]
    steps = steps_to(COMPLETED, row.at, row.author, long)
    site = HeimaoSite([replace(row, text=long, status=COMPLETED, steps=steps, rating=rating)])
    found, _ = crawl(site)
    (complaint,) = found.records("complaint")
    assert complaint["narrative"].endswith("...")
    assert len(complaint["narrative"].encode()) <= 443
    assert (complaint["status"], complaint["status_raw"]) == ("resolved", "7")
    events = {row["type"]: row for row in found.records("complaint_event")}
    assert set(events) == {"created", "commented", "assigned", "replied", "resolved", "rated"}
    assert events["created"]["text"] == long
    assert events["created"]["occurred_at"] == row.at.astimezone(UTC)
    stars = [events["rated"][f"rating_{name}"] for name in ("attitude", "process", "satisfaction")]
    assert stars == [4.0, 3.0, 1.0]
    assert events["rated"]["text"] == "处理得还行"
    assert [events[name]["actor_kind"] for name in ("created", "assigned", "replied")] == [
        "customer",
        "platform",
        "company",
    ]


def test_nobody_is_named_in_the_lake(crawl):
    site = HeimaoSite([replace(recent(1)[0], text="请打 13800138000，身份证 330106199001011234。")])
    site.edit(site.rows[0].key, steps=steps_to(TO_ASSIGN, NEW, "茶茶小鹿", site.rows[0].text))
    found, _ = crawl(site)
    kept = str(found.records("complaint")) + str(found.records("complaint_event"))
    for secret in ("13800138000", "330106199001011234", "茶茶小鹿"):
        assert secret not in kept
    assert "请打 [mobile]" in kept
    assert all(row["actor_hash"] for row in found.records("complaint_event"))


def test_a_feed_stops_after_fifty_pages_whatever_it_counts_and_says_what_is_lost(crawl):
    crawl(HeimaoSite(recent(3)))
    rows = [
        replace(row, at=NEW + timedelta(days=1, minutes=-n))
        for n, row in enumerate(sample_rows(520, seed=2))
    ]
    found, pages = crawl(HeimaoSite(rows), day=1)
    assert len([served for served in pages if "/feed" in served.path]) == 50
    assert found.run.status == "complete"
    assert "can't be read any more" in found.run.message
    assert len(found.landed("complaint")) == 500
    assert found.states == []


def test_a_company_needs_a_permission(crawl):
    site = HeimaoSite(recent(3))
    found, pages = crawl(site, options={"couid": "5001"})
    assert (found.run.landed, pages) == (0, [])
    assert [row["outcome"] for row in found.outcomes] == ["refused"]
    assert "by permission only" in found.run.message


def test_a_company_with_a_permission(crawl):
    mine, other = recent(3), [replace(sample_rows(4)[3], couid="77", at=NEW)]
    found, pages = crawl(HeimaoSite([*mine, *other]), **COMPANY, units={"5001": "hq"})
    assert found.run.status == "complete"
    assert {row["complaint_id"] for row in found.records("complaint")} == {r.key for r in mine}
    assert {row["unit_id"] for row in found.records("complaint")} == {"hq"}
    assert not [served for served in pages if "/feed" in served.path]


def test_a_company_without_complaints(crawl):
    found, _ = crawl(HeimaoSite([]), **COMPANY)
    assert (found.run.status, found.run.landed) == ("complete", 0)
    assert found.page_outcomes == [(1, 200, "partial"), (1, 200, "empty_confirmed")]


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (SoftBlock(kind="login_html"), "blocked"),
        (SoftBlock(kind="captcha_html"), "blocked"),
        (SoftBlock(kind="redirect_login"), "blocked"),
        (SoftBlock(kind="empty_with_total"), "blocked"),
        (Ban(), "blocked"),
        (Drift(kind="field_removed", name="pager"), "drift"),
        (Drift(kind="class_renamed", name="x", to="y"), "ok"),
    ],
)
def test_blocks(crawl, failure, outcome):
    site = HeimaoSite(recent(4))
    crawl(site)
    site.insert([replace(recent(1)[0], key="17399999999", at=NEW + timedelta(hours=1))])
    found, _ = crawl(site, failure, day=1)
    mine = [row for row in found.outcomes if row["run_id"] == "run-2" and row["request"] == "feed"]
    assert mine[-1]["outcome"] == outcome
    if outcome == "ok":
        return
    assert (found.run.status, found.run.watermark) == ("failed", None)
    assert found.landed("complaint") == []
    assert found.states == []
    recovered, _ = crawl(site, day=2)
    assert recovered.run.status == "complete"
    assert "17399999999" in {row["complaint_id"] for row in recovered.landed("complaint")}


def test_a_ban_among_the_pages_keeps_what_came_and_ends_the_night(crawl):
    site = HeimaoSite(recent(12))
    found, pages = crawl(site, Ban(where="/complaint/view/", after=3))
    assert len(views(pages)) == 4
    assert (found.run.status, found.run.watermark) == ("partial", None)
    assert len(found.records("complaint")) == 12
    assert len({row["complaint_id"] for row in found.records("complaint_event")}) == 3


def test_items_inserted_between_pages_neither_double_nor_vanish(crawl):
    site = HeimaoSite(recent(25))
    hour = timedelta(hours=1)
    late = [replace(row, key=f"1739999{row.key[-4:]}", at=row.at + hour) for row in recent(3)]
    found, _ = crawl(site, InsertBetween(site=site, rows=late, where="page=2"))
    keys = {row["complaint_id"] for row in found.records("complaint")}
    assert keys >= {row.key for row in site.rows} - {row.key for row in late}
    assert found.run.status == "complete"
    versions = {(row["complaint_id"], row["version_hash"]) for row in found.records("complaint")}
    assert len(versions) == len(keys)


def test_addresses_that_change_make_no_second_complaint(crawl):
    site = HeimaoSite(recent(3))
    crawl(site)
    found, _ = crawl(site, Keys(kind="url_churn"), day=1)
    both = {(row["complaint_id"], row["version_hash"]) for row in found.records("complaint")}
    assert len(both) == 3


def test_a_complaint_that_can_not_be_read_costs_no_other(crawl):
    site = HeimaoSite(recent(3))
    site.edit(site.rows[1].key, status=99)
    found, _ = crawl(site)
    assert found.run.status == "complete"
    assert len(found.records("complaint")) == 2
    (rejected,) = found.quarantine
    assert (rejected["natural_key"], rejected["reason_code"]) == (site.rows[1].key, "unknown_enum")


def test_a_complaint_of_tomorrow_is_quarantined(crawl):
    site = HeimaoSite(recent(2))
    found, _ = crawl(site, Dates(kind="future", only=lambda at: at == NEW, where="/feed"))
    assert {row["reason_code"] for row in found.quarantine} == {"future_timestamp"}
    assert found.run.watermark == (NEW - timedelta(hours=1)).astimezone(UTC)


def test_steps_that_come_later_arrive_by_the_second_queue(crawl):
    """The list stands still: what is new shows on the complaint's own page alone."""
    site = HeimaoSite(recent(1))
    key = site.rows[0].key
    visited = {0: views(crawl(site)[1])}
    seen = {}
    for day in (1, 2, 3, 4, 7, 8, 12, 15):
        if day == 3:
            site.edit(key, steps=steps_to(REPLIED, NEW, site.rows[0].author, site.rows[0].text))
        if day == 12:
            site.edit(key, steps=steps_to(CLOSED, NEW, site.rows[0].author, site.rows[0].text))
        found, pages = crawl(site, day=day)
        assert found.run.status == "complete"
        visited[day] = views(pages)
        seen[day] = {row["type"] for row in found.landed("complaint_event")}
    # 1, 1, 2, 4, 8 days after the visit before; the last one finds it closed.
    assert [day for day, keys in visited.items() if keys] == [0, 1, 2, 4, 8]
    assert seen[2] == {"created", "commented", "assigned"}
    assert seen[4] == {"created", "commented", "assigned", "replied"}
    found, pages = crawl(site, day=16)
    assert views(pages) == [key]
    assert "closed" in {row["type"] for row in found.landed("complaint_event")}
    for day in (32, 40, 80):
        assert views(crawl(site, day=day)[1]) == []


def test_open_complaints_are_visited_until_they_are_ninety_days_old(crawl):
    site = HeimaoSite(recent(1))
    crawl(site)
    for day in (1, 2, 4, 8, 16, 32, 64):
        assert len(views(crawl(site, day=day)[1])) == 1
    for day in (91, 128, 200):
        assert views(crawl(site, day=day)[1]) == []


@pytest.mark.parametrize("end", [COMPLETED, CLOSED])
def test_a_page_that_tells_of_the_end_is_the_last_visit(crawl, end):
    """Also where stars came after it, and although the list still shows the complaint open."""
    site = HeimaoSite(recent(1))
    row = site.rows[0]
    crawl(site)
    rating = Rating(5, 5, 5, "可以") if end == COMPLETED else None
    site.edit(row.key, steps=steps_to(end, row.at, row.author, row.text), rating=rating, status=end)
    assert views(crawl(site, day=1)[1]) == [row.key]
    site.edit(row.key, status=TO_ASSIGN, rating=None)
    assert views(crawl(site, day=2)[1]) == [row.key]  # its list shows something new again
    for day in (3, 5, 9):
        assert views(crawl(site, day=day)[1]) == []


def test_a_new_status_brings_a_visit_at_once(crawl):
    site = HeimaoSite(recent(2))
    crawl(site)
    for day in (1, 2, 4):
        crawl(site, day=day)
    key = site.rows[0].key
    assert views(crawl(site, day=5)[1]) == []
    site.edit(key, status=REPLIED, steps=steps_to(REPLIED, NEW, "山风", "少送一杯"))
    found, pages = crawl(site, day=6)
    assert views(pages) == [key]
    versions = [row["status"] for row in found.records("complaint") if row["complaint_id"] == key]
    assert (versions[0], versions[-1]) == ("open", "replied")


def test_pages_are_asked_for_conditionally_and_lists_never(crawl):
    site = HeimaoSite(recent(2))
    crawl(site, etags=True)
    found, pages = crawl(site, etags=True, day=1)
    assert {s.status for s in pages if "/view/" in s.path} == {304}
    assert {s.status for s in pages if "/feed" in s.path} == {200}
    assert not any("if-none-match" in s.headers for s in pages if "/feed" in s.path)
    assert found.landed("complaint_event") == []
    assert found.run.status == "complete"


def test_gone_is_deleted_and_absent_is_hidden_until_it_shows_again(crawl):
    site = HeimaoSite(recent(8))
    gone, hidden = site.rows[1].key, site.rows[2].key
    crawl(site)
    site.delete(gone)
    site.hide(hidden)
    found, _ = crawl(site, day=1)
    assert found.states == sorted([(gone, "deleted"), (hidden, "hidden")])
    assert crawl(site, day=2)[0].states == []
    assert crawl(site, day=3)[0].states == []
    site.restore(hidden)
    assert crawl(site, day=4)[0].states == [(hidden, "shown")]


def test_half_a_list_that_vanishes_is_the_list_s_fault(crawl):
    site = HeimaoSite(recent(20))
    crawl(site)
    site.hide(*(row.key for row in site.rows[3:12]))
    found, _ = crawl(site, day=1)
    assert found.states == []
    assert found.run.status == "partial"
    assert "fault of the list" in found.run.message


def test_a_layout_that_changed_is_no_timeline(crawl):
    site = HeimaoSite(recent(3))
    crawl(site)
    found, _ = crawl(site, Drift(kind="class_renamed", name="div.ts-d-steplist"), day=1)
    mine = [row for row in found.outcomes if row["run_id"] == "run-2" and row["request"] == "view"]
    assert {row["outcome"] for row in mine} == {"drift"}
    assert found.landed("complaint_event") == []
    assert found.run.status == "partial"


@pytest.fixture
def landing(tmp_path):
    """The folder that people drop files of this source into."""
    folder = tmp_path / "landing" / "platforms" / "src"
    folder.mkdir(parents=True)
    return folder


def test_a_saved_page_lands_its_complaint_and_the_steps_that_a_crawl_lands(crawl, night, landing):
    site = HeimaoSite(recent(1))
    row = site.rows[0]
    crawled, _ = crawl(site)
    answer = site.answer(Asked(f"/complaint/view/{row.key}/"))
    (landing / "saved.html").write_bytes(answer.body)
    found = night(**COMPANY | {"permission": None}, dropped=landing, source="saved")
    assert found.run.status == "complete"
    (complaint,) = found.records("complaint")
    assert complaint["complaint_id"] == row.key
    assert (complaint["title"], complaint["company"]) == (row.title, "云雾茶")
    assert (complaint["narrative"], complaint["status"]) == (row.text, "open")
    assert complaint["received_at"] == row.at.astimezone(UTC)
    assert {(e["event_id"], e["type"]) for e in found.records("complaint_event")} == {
        (e["event_id"], e["type"]) for e in crawled.records("complaint_event")
    }
    assert row.author not in str(found.records("complaint_event"))


@pytest.mark.shared
def test_the_captured_searches_land(night, landing, shared):
    captures = shared / "captures" / "heimao"
    text = (captures / "search_structured_HeimaoData.csv").read_text(encoding="utf-8-sig")
    told = {
        re.search(r"view/(\d+)", row["href"])[1]: row for row in csv.DictReader(io.StringIO(text))
    }
    for name in ("search_structured_HeimaoData.csv", "search_dom_items_HeimaoData.json"):
        folder = landing.parent / name.partition(".")[0].lower()
        folder.mkdir()
        shutil.copy(captures / name, folder / name)
        found = night(**COMPANY | {"permission": None}, dropped=folder, source=folder.name)
        rows = {row["complaint_id"]: row for row in found.records("complaint")}
        assert set(rows) == set(told)
        for key, row in rows.items():
            assert row["received_at"].astimezone(CHINA).date().isoformat() == told[key]["date"]
            assert (row["company"], row["title"]) == (told[key]["object"], told[key]["title"])
            assert row["appeal"] == told[key]["demands"]
            assert row["narrative"] == told[key]["summary"]
