"""电诉宝 nights against its replica: pages, steps that come later, personal data, visibility."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from demo.replica.failures import Ban, Drift, PastEnd, SoftBlock
from demo.replica.sites.dianshubao import (
    ACCEPTED,
    HANDED_OVER,
    RATED,
    UNREVIEWED,
    DianshubaoSite,
    sample_rows,
)
from demo.replica.sites.rows import CHINA
from scrapers.http.archive import read_response

pytestmark = pytest.mark.integration
SOURCE = {"platform": "dianshubao"}
NEW = datetime(2026, 9, 29, 9, 0, tzinfo=CHINA)


def recent(count):
    """Complaints an hour apart, the newest first; nobody has looked at them yet."""
    fresh = {"state": UNREVIEWED, "handed_at": None, "accepted_at": None, "rated_at": None}
    return [
        replace(row, at=NEW - timedelta(hours=n), reply="", review="", **fresh)
        for n, row in enumerate(sample_rows(count))
    ]


def test_pages_are_read_to_the_last_that_is_counted(crawl):
    rows = [replace(row, at=NEW - timedelta(minutes=n)) for n, row in enumerate(recent(2003))]
    found, pages = crawl(DianshubaoSite(rows))
    assert (found.run.status, found.quarantine) == ("complete", [])
    address = "/api/index.php?_a=product&f=complain&page_record=1000&p="
    assert [served.path for served in pages] == [f"{address}{n}" for n in (1, 2, 3)]
    assert found.page_outcomes == [(1, 200, "ok"), (2, 200, "ok"), (3, 200, "ok")]
    assert {row["complaint_id"] for row in found.records("complaint")} == {r.key for r in rows}
    assert found.run.watermark == NEW.astimezone(UTC)


def test_a_complaint_and_its_steps(crawl):
    row = sample_rows(1)[0]
    hours = {"handed_at": 3, "accepted_at": 8, "rated_at": 15}
    times = {name: NEW + timedelta(hours=n) for name, n in hours.items()}
    site = DianshubaoSite(
        [replace(row, at=NEW, state=RATED, review="一般", reply="已退款。", **times)]
    )
    found, _ = crawl(site)
    (complaint,) = found.records("complaint")
    assert (complaint["status"], complaint["status_raw"]) == ("closed", "4")
    assert complaint["received_at"] == datetime(2026, 9, 29, 1, 0, tzinfo=UTC)
    assert complaint["closed_at"] == datetime(2026, 9, 29, 16, 0, tzinfo=UTC)
    events = {e["event_id"]: e["occurred_at"] for e in found.records("complaint_event")}
    assert events == {
        f"{row.key}/created": datetime(2026, 9, 29, 1, 0, tzinfo=UTC),
        f"{row.key}/transferred": datetime(2026, 9, 29, 4, 0, tzinfo=UTC),
        f"{row.key}/assigned": datetime(2026, 9, 29, 9, 0, tzinfo=UTC),
        f"{row.key}/rated": datetime(2026, 9, 29, 16, 0, tzinfo=UTC),
    }


def test_steps_that_come_later_make_a_new_version_and_no_second_step(crawl):
    site = DianshubaoSite(recent(3))
    key = site.rows[1].key
    crawl(site)
    site.edit(key, state=HANDED_OVER, handed_at=NEW + timedelta(hours=20))
    crawl(site, day=1)
    site.edit(key, state=ACCEPTED, accepted_at=NEW + timedelta(hours=40), reply="已核实。")
    found, _ = crawl(site, day=2)
    versions = [row for row in found.records("complaint") if row["complaint_id"] == key]
    assert [row["status_raw"] for row in versions] == ["1", "2", "3"]
    assert len({row["version_hash"] for row in versions}) == 3
    events = [e for e in found.records("complaint_event") if e["complaint_id"] == key]
    steps = {(event["event_id"], event["version_hash"]) for event in events}
    assert sorted(event for event, _ in steps) == [
        f"{key}/assigned",
        f"{key}/created",
        f"{key}/transferred",
    ]


def test_personal_data_is_neither_in_the_lake_nor_in_the_archive(crawl):
    rows = recent(10)
    persons = [value for row in rows for _, value in row.person]
    assert len(persons) == 8
    found, _ = crawl(DianshubaoSite(rows))
    kept = [str(found.records(entity)) for entity in ("complaint", "complaint_event")]
    for row in found.outcomes:
        if row["archive_file"]:
            answer = read_response(found.home / row["archive_file"], row["archive_offset"])
            kept.append(answer.wire.decode("utf-8", "replace"))
    assert not [value for value in persons if value in "".join(kept)]
    assert "[masked]" in kept[-1]
    files = [path.read_bytes() for path in (found.home / "lake").rglob("*.parquet")]
    assert not [v for v in persons if any(v.encode() in body for body in files)]


def test_absent_is_hidden_until_it_shows_again(crawl):
    site = DianshubaoSite(recent(8))
    key = site.rows[2].key
    crawl(site)
    site.hide(key)
    assert crawl(site, day=1)[0].states == [(key, "hidden")]
    assert crawl(site, day=2)[0].states == []
    site.restore(key)
    assert crawl(site, day=3)[0].states == [(key, "shown")]


@pytest.mark.parametrize(
    "failure",
    [
        SoftBlock(kind="login_html"),
        SoftBlock(kind="redirect_login"),
        SoftBlock(kind="empty_with_total", claimed=5000),
        Ban(status=403),
        Drift(kind="field_removed", name="page_total"),
        Drift(kind="null_list", name="pw_rec_list"),
    ],
)
def test_a_night_that_was_kept_out_moves_nothing(crawl, failure):
    site = DianshubaoSite(recent(4))
    crawl(site)
    found, _ = crawl(site, failure, day=1)
    assert (found.run.status, found.run.watermark) == ("failed", None)
    assert found.landed("complaint") == []
    assert found.states == []


def test_an_empty_page_in_the_middle_is_no_end(crawl):
    rows = [replace(row, at=NEW - timedelta(minutes=n)) for n, row in enumerate(recent(2003))]
    found, _ = crawl(
        DianshubaoSite(rows), SoftBlock(kind="empty_with_total", claimed=0, where="p=2$")
    )
    assert found.run.status == "partial"
    assert found.run.watermark is None
    assert found.page_outcomes[-1] == (2, 200, "blocked")
    assert len(found.records("complaint")) == 1000


def test_pages_that_loop_are_the_end(crawl):
    rows = [replace(row, at=NEW - timedelta(minutes=n)) for n, row in enumerate(recent(1500))]
    claims = Drift(kind="new_enum", name="page_total", to="9")
    found, _ = crawl(
        DianshubaoSite(rows), claims, PastEnd(kind="loop", last=2, page=r"[?&]p=(\d+)")
    )
    assert len({row["complaint_id"] for row in found.records("complaint")}) == 1500
    assert "repeats earlier pages" in found.run.message


def test_a_row_that_can_not_be_read_costs_no_other(crawl):
    site = DianshubaoSite(recent(3))
    site.edit(site.rows[1].key, state=9)
    found, _ = crawl(site)
    assert found.run.status == "complete"
    assert len(found.records("complaint")) == 2
    (rejected,) = found.quarantine
    assert (rejected["natural_key"], rejected["reason_code"]) == (site.rows[1].key, "unknown_enum")
