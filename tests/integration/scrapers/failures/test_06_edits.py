"""Failure 6: what changes after it was read; hidden, restored, deleted and expired told apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from demo.replica.exchange import NOT_FOUND
from demo.replica.failures import Drift
from demo.replica.sites.plain import PlainSite, sample_rows

NOW = datetime(2026, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.integration
WIDE = {"cursor": {"overlap_days": 400}}


def test_an_edit_makes_a_version_and_nothing_else_does(source, declared):
    site = PlainSite(sample_rows(30))
    first = source.night(site, declared=declared(**WIDE))
    key = site.rows[4].key
    site.edit(key, text="商家道歉了，改成五星", rating=5)
    second = source.night(site, declared=declared(**WIDE), day=1)
    before = {row["natural_key"]: row["version_hash"] for row in first.records()}
    after = {row["natural_key"]: row["version_hash"] for row in second.records()}
    assert {k for k in after if after[k] != before[k]} == {key}


def test_hidden_then_restored(source, declared):
    site = PlainSite(sample_rows(30))
    spec = declared(**WIDE)
    assert source.night(site, declared=spec).states == {}
    site.hide(site.rows[3].key)
    hidden = source.night(site, declared=spec, day=1)
    assert hidden.states == {site.rows[3].key: "hidden"}
    assert source.night(site, declared=spec, day=2).states == {}  # told once
    site.restore(site.rows[3].key)
    assert source.night(site, declared=spec, day=3).states == {site.rows[3].key: "shown"}


def test_old_items_expire(source, declared):
    site = PlainSite(sample_rows(30))
    spec = declared(**WIDE, expires_after_days=4)
    source.night(site, declared=spec)
    horizon = (NOW + timedelta(days=1)).date() - timedelta(days=4)
    old = [row.key for row in site.rows if row.at.date() < horizon]
    site.delete(*old)
    night = source.night(site, declared=spec, day=1)
    assert night.run.status == "complete", night.run.message
    assert old
    assert set(night.states.values()) == {"expired"}
    assert set(old) == set(night.states)


def test_what_could_not_be_read_tonight_is_not_hidden(source, declared):
    site = PlainSite(sample_rows(30))
    source.night(site, declared=declared(**WIDE))
    site.edit(site.rows[3].key, rating=9)  # it shows, but goes to quarantine
    night = source.night(site, declared=declared(**WIDE), day=1)
    assert [row["natural_key"] for row in night.quarantine] == [site.rows[3].key]
    assert night.states == {}


def test_other_options_hide_nothing(source, declared):
    class Shops:
        def __init__(self):
            self.sites = {
                "1": PlainSite(sample_rows(8, seed=1)),
                "2": PlainSite([]),
            }
            self.sites["2"].insert(
                [type(r)(**{**vars(r), "key": f"s{r.key}"}) for r in sample_rows(30, seed=2)]
            )

        def answer(self, asked):
            site = self.sites.get(asked.value("shop"))
            return site.answer(asked) if site else None

    spec = declared(
        **WIDE,
        options={"shop": {"about": "a shop", "many": True}},
        requests={"list": {"each": "shop", "query": {"page": "{page}", "shop": "{shop}"}}},
    )
    shops = Shops()
    both = source.night(shops, declared=spec, options={"shop": ["1", "2"]})
    assert len(both.keys) == 38
    one = source.night(shops, declared=spec, options={"shop": ["1"]}, day=1)
    assert one.run.status == "complete", one.run.message
    assert one.states == {}


def test_a_shop_that_never_had_a_review_is_no_failure(source, declared):
    class Shops:
        full, empty = PlainSite(sample_rows(8)), PlainSite([])

        def answer(self, asked):
            return (self.full if asked.value("shop") == "1" else self.empty).answer(asked)

    spec = declared(
        options={"shop": {"about": "a shop", "many": True}},
        requests={"list": {"each": "shop", "query": {"page": "{page}", "shop": "{shop}"}}},
    )
    for day in range(3):
        night = source.night(Shops(), declared=spec, options={"shop": ["1", "2"]}, day=day)
        assert night.run.status == "complete", night.run.message


def test_most_of_a_list_gone_is_doubted_for_three_nights_and_then_believed(source, declared):
    site = PlainSite(sample_rows(30))
    source.night(site, declared=declared(**WIDE))
    site.hide(*(row.key for row in site.rows[1:21]))
    for day in (1, 2, 3):
        night = source.night(site, declared=declared(**WIDE), day=day)
        assert (night.run.status, night.states) == ("partial", {})
        assert "taken for a fault of the list" in night.run.message
    night = source.night(site, declared=declared(**WIDE), day=4)
    assert night.run.status == "complete", night.run.message
    assert list(night.states.values()) == ["hidden"] * 20


DETAIL = {
    "requests": {
        "own": {
            "path": "/items/{review_id}",
            "format": "json",
            "of": "review",
            "records": ["page"],
        }
    },
    "records": {
        "page": {
            "entity": "complaint_event",
            "key": "content",
            "content": ["complaint_id", "occurred_at"],
            "fields": {
                "complaint_id": "id",
                "occurred_at": {"path": "date", "as": "instant", "required": True},
            },
            "constants": {"type": "created"},
            "known": ["title", "text", "rating", "author", "url"],
        }
    },
}


def test_deleted_is_told_by_its_own_page(source, declared):
    spec = declared(**WIDE, **DETAIL)
    site = PlainSite(sample_rows(12))
    source.night(site, declared=spec)
    site.delete(site.rows[2].key)
    states = {}
    for day in (1, 2):
        states |= source.night(site, declared=spec, day=day).states
    assert set(states.values()) == {"deleted"}


def test_own_pages_that_are_all_gone_are_a_fault_of_the_platform(source, declared):
    class Rebuilt(PlainSite):
        def answer(self, asked):
            return NOT_FOUND if asked.path.startswith("/items/") else super().answer(asked)

    night = source.night(Rebuilt(sample_rows(12)), declared=declared(**WIDE, **DETAIL))
    assert night.run.status == "partial"
    assert night.states == {}
    assert "own pages say that they are gone" in night.run.message


def test_a_redesign_hides_nothing(source, declared):
    site = PlainSite(sample_rows(30))
    source.night(site, declared=declared(**WIDE))
    drift = Drift(kind="half_redesigned", name="date")
    night = source.night(site, drift, declared=declared(**WIDE), day=1)
    assert night.states == {}
    assert night.run.status == "partial"
