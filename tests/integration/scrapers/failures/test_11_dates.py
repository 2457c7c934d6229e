"""Failures 11 and 12: dates that are hard to read, and items that are hard to tell apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from demo.replica.failures import Dates, Drift, Keys
from demo.replica.sites.plain import PlainSite, sample_rows
from demo.replica.sites.rows import CHINA

pytestmark = pytest.mark.integration
NIGHT = datetime(2026, 10, 1, 2, 0, tzinfo=CHINA)  # what the tests' clock says: after midnight


def dated(**field):
    return {"records": {"review": {"fields": {"created_at": field}}}}


def rows_at(*moments):
    base = sample_rows(len(moments))
    return [replace(row, at=at) for row, at in zip(base, moments, strict=True)]


@pytest.mark.parametrize("shape", ["json", "html"])
def test_relative_dates_across_midnight(source, declared, shape):
    ages = [timedelta(minutes=5), timedelta(hours=3), timedelta(hours=27), timedelta(days=3)]
    site = PlainSite(rows_at(*(NIGHT - age for age in ages)), shape=shape)
    spec = declared(shape, **dated(**{"as": "relative"}))
    night = source.night(site, Dates(kind="relative", now=NIGHT), declared=spec)
    assert night.run.status == "complete", night.run.message
    at = {row["event_at_raw"]: row["event_at"].astimezone(CHINA) for row in night.records()}
    assert at["5分钟前"] == datetime(2026, 10, 1, 1, 55, tzinfo=CHINA)
    assert at["3小时前"] == datetime(2026, 9, 30, 23, 0, tzinfo=CHINA)
    assert [a for raw, a in at.items() if raw.startswith(("昨天", "前天"))] == [
        datetime(2026, 9, 29, 23, 0, tzinfo=CHINA)
    ]
    assert at["09-28"] == datetime(2026, 9, 28, tzinfo=CHINA)
    assert night.run.watermark == datetime(2026, 9, 30, 17, 55, tzinfo=UTC)


def test_offsets_are_moments(source, declared):
    site = PlainSite(sample_rows(30))
    night = source.night(site, Dates(kind="offset"), declared=declared())
    assert {row["natural_key"]: row["event_at"] for row in night.records()} == {
        row.key: row.at for row in site.rows
    }


def test_days_without_a_time_lose_nothing_at_the_windows_edge(source, declared):
    rows = [replace(row, at=datetime(2026, 9, 29, 12, tzinfo=CHINA)) for row in sample_rows(70)]
    site = PlainSite(rows[30:])
    spec = declared(cursor={"overlap_days": 0}, **dated(**{"as": "local"}))
    first = source.night(site, Dates(kind="date_only"), declared=spec)
    assert first.run.watermark == datetime(2026, 9, 28, 16, tzinfo=UTC)
    assert {row["event_precision"] for row in first.records()} == {"day"}
    site.insert(rows[:30])  # of the same day, after the night
    second = source.night(site, Dates(kind="date_only"), declared=spec, day=1)
    assert set(first.keys) | set(second.keys) == {row.key for row in rows}


def test_dates_from_the_future_are_quarantined_and_move_no_cursor(source, declared):
    site = PlainSite(sample_rows(30))
    newest = site.rows[0].at
    failure = Dates(kind="future", only=lambda at: at == newest)
    night = source.night(site, failure, declared=declared())
    assert night.run.status == "complete"
    assert [row["reason_code"] for row in night.quarantine] == ["future_timestamp"]
    assert night.run.watermark == site.rows[1].at


def test_a_date_of_later_today_does_not_move_the_cursor_past_the_night(source, declared):
    """The business day has not ended yet: what is dated ahead is kept, time is not."""
    site = PlainSite(sample_rows(30))
    ahead = datetime(2026, 9, 30, 15, 0, tzinfo=UTC)
    site.insert([replace(site.rows[0], key="ahead", at=ahead)])
    night = source.night(site, declared=declared(), hour=-12)  # read at 14 o'clock in Shanghai
    assert "ahead" in night.keys
    assert night.run.watermark == datetime(2026, 9, 30, 6, 0, tzinfo=UTC)


def test_a_pinned_old_item_ends_nothing(source, declared):
    site = PlainSite(sample_rows(90))
    spec = declared()
    source.night(site, declared=spec)
    late = [
        replace(row, key=f"n{row.key}", at=row.at + timedelta(days=1)) for row in sample_rows(50)
    ]
    site.insert([replace(row, at=site.rows[0].at + timedelta(minutes=1)) for row in late])
    night = source.night(site, Dates(kind="pinned_old_first"), declared=spec, day=1)
    assert night.run.status == "complete"
    assert {row.key for row in late} <= set(night.keys)


def test_missing_dates_are_quarantined_one_by_one(source, declared):
    site = PlainSite(sample_rows(30))
    lost = {row.at for row in site.rows[4:6]}
    failure = Dates(kind="missing", only=lambda at: at in lost)
    night = source.night(site, failure, declared=declared())
    assert night.run.status == "complete"
    assert {row["reason_code"] for row in night.quarantine} == {"missing_required"}
    assert len(night.keys) == 28


def test_addresses_that_change_make_no_version(source, declared):
    site = PlainSite(sample_rows(30))
    spec = declared(cursor={"overlap_days": 400})
    first = source.night(site, Keys(kind="url_churn"), declared=spec)
    second = source.night(site, Keys(kind="url_churn"), declared=spec, day=1)
    versions = [
        {(r["natural_key"], r["version_hash"]) for r in n.records()} for n in (first, second)
    ]
    assert versions[0] == versions[1]


CONTENT = {"records": {"review": {"key": "content", "content": ["author", "body", "created_at"]}}}


def test_items_without_an_id_are_the_same_items_every_night(source, declared):
    site = PlainSite(sample_rows(50))
    spec = declared(cursor={"overlap_days": 400}, **CONTENT)
    first = source.night(site, Keys(kind="no_id"), declared=spec)
    second = source.night(site, Keys(kind="no_id"), declared=spec, day=1)
    assert len(set(first.keys)) == 50
    assert set(first.keys) == set(second.keys)
    assert second.states == {}


def test_equal_words_of_different_people_are_several_items(source, declared):
    site = PlainSite(sample_rows(40))
    night = source.night(site, Keys(kind="identical_texts"), declared=declared())
    assert len(set(night.keys)) == 40


@pytest.mark.parametrize("count", [1, 12])
def test_a_dict_for_a_list_is_read(source, declared, count):
    site = PlainSite(sample_rows(count))
    night = source.night(site, Drift(kind="dict_list", name="items"), declared=declared())
    assert night.run.status == "complete", night.run.message
    assert len(night.keys) == count


def test_null_for_a_list_is_no_item_and_owed(source, declared):
    site = PlainSite(sample_rows(30))
    night = source.night(site, Drift(kind="null_list", name="items"), declared=declared())
    assert (night.run.status, night.run.landed, night.ends[-1]) == ("failed", 0, "blocked")


def test_numbers_as_text_make_no_version(source, declared):
    site = PlainSite(sample_rows(30))
    spec = declared(cursor={"overlap_days": 400})
    first = source.night(site, declared=spec)
    second = source.night(site, Drift(kind="number_as_text", name="rating"), declared=spec, day=1)
    versions = [{r["version_hash"] for r in n.records()} for n in (first, second)]
    assert versions[0] == versions[1]
