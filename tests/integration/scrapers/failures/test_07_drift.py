"""Failure 7, and what a night looks like beside the nights before it."""

from __future__ import annotations

import pytest

from demo.replica.failures import Drift
from demo.replica.sites.plain import PlainSite, sample_rows

pytestmark = pytest.mark.integration
WIDE = {"cursor": {"overlap_days": 400}}


def profile(night, known):
    rows = night.rows("requests", "field_profile")
    return {row["field"]: (row["items"], row["filled"]) for row in rows if row["is_known"] == known}


@pytest.mark.parametrize("name", ["ul.items", ".date", ".rating"])
def test_a_renamed_class_lands_nothing_wrong(source, declared, name):
    site = PlainSite(sample_rows(40), shape="html")
    drift = Drift(kind="class_renamed", name=name)
    night = source.night(site, drift, declared=declared("html"))
    assert (night.run.status, night.run.landed, night.run.watermark) == ("failed", 0, None)
    assert set(night.ends) == {"drift"}
    mended = source.night(site, declared=declared("html"), day=1)
    assert (mended.run.status, len(mended.keys)) == ("complete", 40)


def test_an_inserted_column_changes_nothing(source, declared):
    site = PlainSite(sample_rows(40), shape="html")
    drift = Drift(kind="column_inserted", name=".rating")
    plain = source.night(site, declared=declared("html", **WIDE))
    night = source.night(site, drift, declared=declared("html", **WIDE), day=1)
    assert night.run.status == "complete"
    versions = [{row["version_hash"] for row in n.records()} for n in (plain, night)]
    assert versions[0] == versions[1]


@pytest.mark.parametrize(("shape", "name"), [("html", ".date"), ("json", "date")])
def test_the_good_half_of_a_redesign_lands_and_the_cursor_stays(source, declared, shape, name):
    site = PlainSite(sample_rows(40), shape=shape)
    drift = Drift(kind="half_redesigned", name=name)
    night = source.night(site, drift, declared=declared(shape))
    assert (night.run.status, night.run.watermark) == ("partial", None)
    assert (len(night.keys), len(night.quarantine)) == (20, 20)
    assert set(night.ends) == {"drift"}
    assert "layout changed for a part of the items" in night.run.message
    mended = source.night(site, declared=declared(shape), day=1)
    assert set(mended.keys) == {row.key for row in site.rows}


def test_unknown_fields_are_counted_and_told(source, declared):
    spec = declared(records={"review": {"known": []}})
    night = source.night(PlainSite(sample_rows(30)), declared=spec)
    assert night.run.status == "complete"
    assert profile(night, False) == {"url": (30, 30)}
    assert "Unknown fields, not landed: url." in night.run.message


def test_an_unknown_word_is_quarantined_and_never_guessed(source, declared):
    stars = {str(n): str(n) for n in range(1, 5)}
    spec = declared(
        records={
            "review": {"fields": {"language": {"path": "rating", "as": "enum", "values": stars}}}
        }
    )
    site = PlainSite(sample_rows(30))
    unknown = {row.key for row in site.rows if row.rating == 5}
    night = source.night(site, declared=spec)
    assert {row["natural_key"] for row in night.quarantine} == unknown
    assert {row["reason_code"] for row in night.quarantine} == {"unknown_enum"}
    assert set(night.keys) == {row.key for row in site.rows} - unknown


def three_nights(source, spec, site):
    for day in range(3):
        assert source.night(site, declared=spec, day=day).run.status == "complete"


def test_a_field_that_vanishes_keeps_the_cursor(source, declared):
    site, spec = PlainSite(sample_rows(30)), declared(**WIDE)
    three_nights(source, spec, site)
    night = source.night(site, Drift(kind="field_removed", name="text"), declared=spec, day=3)
    assert (night.run.status, night.run.watermark, night.run.landed) == ("partial", None, 30)
    assert "body (list) stands on 0% of 30 items, where 100% are usual" in night.run.message
    assert profile(night, True)["body"] == (30, 0)


def test_texts_that_are_suddenly_short_are_told(source, declared):
    site, spec = PlainSite(sample_rows(30)), declared(**WIDE)
    three_nights(source, spec, site)
    for row in list(site.rows):
        site.edit(row.key, text="好")
    night = source.night(site, declared=spec, day=3)
    assert night.run.status == "complete"
    assert "body (list) is 1 long on average" in night.run.message


def test_many_fewer_items_than_usual_are_told(source, declared):
    site = PlainSite(sample_rows(60))
    spec = declared(**WIDE)
    three_nights(source, spec, site)
    site.rows = site.rows[:5]
    night = source.night(site, declared=spec, day=3)
    assert "5 items came, where 60 are usual" in night.run.message


def test_fewer_items_than_declared_are_fatal(source, declared):
    spec = declared(bounds={"review": {"min_items": 50}})
    night = source.night(PlainSite(sample_rows(30)), declared=spec)
    assert (night.run.status, night.run.watermark, night.run.landed) == ("partial", None, 30)
    assert "Only 30 items of review came, where at least 50 are declared" in night.run.message


def test_a_source_that_lives_on_drops_raises_no_alarm(source, declared, tmp_path):
    folder = tmp_path / "landing" / "platforms" / "src"
    folder.mkdir(parents=True)
    spec = declared(access="by_permission", bounds={"review": {"min_items": 5}})
    for day in range(5):
        night = source.night(PlainSite([]), declared=spec, day=day, dropped=folder)
        assert night.run.status == "complete", night.run.message
        assert night.asked == []
