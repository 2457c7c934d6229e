"""12315 nights against its replica: permission, days, expiry, a session that ran out, exports."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest

from demo.replica.failures import Ban, Drift, SoftBlock
from demo.replica.sites.gd12315 import Gd12315Site, sample_rows
from demo.replica.sites.rows import CHINA

pytestmark = pytest.mark.integration
SOURCE = {
    "platform": "gd12315",
    "permission": "Agreed with the authority, letter 2026/17 of 2026-08-01.",
    "first_day": "2026-09-20",
}
NEW = datetime(2026, 9, 29, 9, 0, tzinfo=CHINA)
TODAY = date(2026, 9, 30)
EVENING = datetime(2026, 9, 30, 15, 0, tzinfo=UTC)  # 23:00 of that day in Shanghai


@pytest.fixture
def crawl(crawl):
    """`crawl` against a site that knows which day it is."""

    def run(site, *failures, day=0, **config):
        site.today = TODAY + timedelta(days=day)
        return crawl(site, *failures, day=day, now=EVENING + timedelta(days=day), **config)

    return run


def ended(count, apart=timedelta(hours=3)):
    """Complaints that ended so far apart, the newest first."""
    return [replace(row, at=NEW - n * apart) for n, row in enumerate(sample_rows(count))]


def another(at):
    """A complaint that none of `ended` is."""
    return replace(sample_rows(1)[0], key="440000000000000900", at=at)


def test_every_day_is_read_by_offsets(crawl):
    rows = [
        *ended(25, timedelta(minutes=10)),
        another(NEW - timedelta(days=4)),
    ]
    found, pages = crawl(Gd12315Site(rows))
    assert (found.run.status, found.quarantine) == ("complete", [])
    assert {row["complaint_id"] for row in found.records("complaint")} == {r.key for r in rows}
    asked = [served.path.removeprefix("/api/publicity/list?") for served in pages]
    assert [a for a in asked if "day=2026-09-29" in a] == [
        f"day=2026-09-29&offset={offset}&limit=10" for offset in (0, 10, 20)
    ]
    days = [a.partition("&")[0] for a in asked]
    assert sorted(set(days)) == [f"day=2026-09-{n}" for n in range(20, 31)]
    assert days[0] == "day=2026-09-30"
    assert found.run.watermark == NEW.astimezone(UTC)


def test_a_complaint_as_it_lands(crawl):
    (row,) = ended(1)
    found, _ = crawl(Gd12315Site([row]))
    (complaint,) = found.records("complaint")
    assert (complaint["company"], complaint["narrative"]) == (row.company, row.text)
    assert (complaint["company_response"], complaint["status"]) == (row.result, "closed")
    assert (
        complaint["closed_at"] == complaint["event_at"] == datetime(2026, 9, 29, 1, 0, tzinfo=UTC)
    )
    assert complaint["received_at"] is None
    assert row.department in complaint["payload"]


def test_without_a_permission_nothing_is_asked(crawl):
    found, pages = crawl(Gd12315Site(ended(3)), permission=None)
    assert (found.run.landed, pages) == (0, [])
    assert [row["outcome"] for row in found.outcomes] == ["refused"]


def test_days_are_read_again_for_a_month(crawl):
    site = Gd12315Site(ended(3))
    crawl(site)
    site.insert([another(NEW - timedelta(days=2))], at=3)
    found, pages = crawl(site, day=1)
    assert len(found.landed("complaint")) == 4
    assert min(served.path for served in pages).startswith("/api/publicity/list?day=2026-09-20")


def test_a_session_that_ran_out_is_not_believed(crawl):
    """The list is empty and counts nothing: only what is known speaks against it."""
    site = Gd12315Site(ended(4))
    crawl(site)
    site.token = "renewed"
    found, _ = crawl(site, day=1)
    assert (found.run.status, found.run.watermark) == ("failed", None)
    assert "may have expired" in found.run.message
    assert found.states == []
    site.token = ""
    assert crawl(site, day=2)[0].run.status == "complete"


def test_days_without_any_complaint_are_believed_at_first(crawl):
    found, _ = crawl(Gd12315Site([]))
    assert (found.run.status, found.run.landed, found.run.watermark) == ("complete", 0, None)
    assert [outcome for _, _, outcome in found.page_outcomes[:2]] == ["partial", "empty_confirmed"]
    assert {outcome for _, _, outcome in found.page_outcomes[1::2]} == {"empty_confirmed"}


@pytest.mark.parametrize(
    "failure",
    [
        SoftBlock(kind="login_html"),
        SoftBlock(kind="empty_with_total"),
        SoftBlock(kind="redirect_login"),
        Ban(status=403),
        Drift(kind="new_enum", name="code", to=401),
        Drift(kind="class_renamed", name="x", to="y"),
    ],
)
def test_blocks(crawl, failure):
    site = Gd12315Site(ended(4))
    crawl(site)
    found, _ = crawl(site, failure, day=1)
    last = found.outcomes[-1]["outcome"]
    if failure.number == 7 and failure.kind == "class_renamed":
        assert (found.run.status, last) == ("complete", "empty_confirmed")
        return
    assert (found.run.status, found.run.watermark, last) == ("failed", None, "blocked")
    assert found.landed("complaint") == found.states == []


def test_absent_is_hidden_and_shows_again(crawl):
    site = Gd12315Site(ended(8))
    key = site.rows[3].key
    crawl(site)
    site.hide(key)
    assert crawl(site, day=1)[0].states == [(key, "hidden")]
    site.restore(key)
    assert crawl(site, day=2)[0].states == [(key, "shown")]


def test_what_is_older_than_a_year_has_expired(crawl):
    site = Gd12315Site(ended(4, timedelta(days=1)))
    keys = [row.key for row in site.rows]
    crawl(site)
    site.insert([another(NEW + timedelta(days=360))])
    found, _ = crawl(site, day=360)
    assert found.run.status == "complete"
    assert found.states == []
    # They ended on 2026-09-26, 27, 28 and 29; 361 days after the first night it is 2027-09-26.
    assert crawl(site, day=361)[0].states == []
    assert crawl(site, day=362)[0].states == [(keys[3], "expired")]
    assert crawl(site, day=364)[0].states == sorted([(keys[2], "expired"), (keys[1], "expired")])
    assert crawl(site, day=365)[0].states == [(keys[0], "expired")]
    assert crawl(site, day=370)[0].states == []


EXPORTED = (
    {
        "登记编号": "440000000000000901",
        "被投诉企业": "广州云雾茶餐饮管理有限公司",
        "投诉人姓名": "周小茶",
        "联系电话": "13800138000",
        "投诉内容": "少送一杯，致电 13900139000 无人接。",
        "诉求": "退款",
        "争议金额": "26.50",
        "处理结果": "双方达成和解",
        "登记时间": "2026-09-20 10:20:00",
        "办结时间": "2026-09-28 16:00:00",
    },
    {
        "登记编号": "440000000000000902",
        "被投诉企业": "广州云雾茶餐饮管理有限公司",
        "投诉人姓名": "林阿雾",
        "联系电话": "13800138001",
        "投诉内容": "杯盖漏水。",
        "诉求": "道歉",
        "争议金额": "",
        "处理结果": "终止调解",
        "登记时间": "2026-09-21",
        "办结时间": "2026-09-29",
    },
)


def export(folder, kind):
    folder.mkdir(parents=True)
    table = [tuple(EXPORTED[0]), *(tuple(row.values()) for row in EXPORTED)]
    if kind == "csv":
        lines = [",".join(row) for row in table]
        (folder / "12315.csv").write_bytes("\n".join(lines).encode("gb18030"))
        return
    book = openpyxl.Workbook()
    for row in table:
        book.active.append(row)
    book.save(folder / "12315.xlsx")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_is_read_without_a_permission(night, tmp_path, kind):
    folder = tmp_path / "landing" / "platforms" / "src"
    export(folder, kind)
    found = night(platform="gd12315", dropped=folder)
    rows = {row["complaint_id"]: row for row in found.records("complaint")}
    assert set(rows) == {"440000000000000901", "440000000000000902"}
    one, two = rows["440000000000000901"], rows["440000000000000902"]
    assert (one["company"], one["appeal"], one["amount"]) == (
        "广州云雾茶餐饮管理有限公司",
        "退款",
        26.5,
    )
    assert one["received_at"] == datetime(2026, 9, 20, 2, 20, tzinfo=UTC)
    assert one["closed_at"] == datetime(2026, 9, 28, 8, 0, tzinfo=UTC)
    assert (two["company_response"], two["amount"]) == ("终止调解", None)
    assert one["narrative"] == "少送一杯，致电 [mobile] 无人接。"
    kept = str(found.records("complaint"))
    assert not [v for v in ("周小茶", "林阿雾", "13800138000", "13900139000") if v in kept]
