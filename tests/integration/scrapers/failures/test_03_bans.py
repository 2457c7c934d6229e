"""Failure 3: bans, and hosts that ask us to slow down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from demo.replica.failures import Ban, Throttle
from demo.replica.sites.plain import PlainSite, sample_rows
from scrapers.http.hosts import Hosts

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("status", [403, 456])
def test_a_ban_ends_the_host_for_the_night_and_no_other(deployment, declared, status):
    hosts = Hosts(lambda seconds: None, lambda: 1000.0)
    banned, other = deployment("one", hosts), deployment("two", hosts)
    site = PlainSite(sample_rows(60))
    night = banned.night(site, Ban(after=1, status=status), declared=declared())
    assert (night.run.status, night.run.watermark, len(night.keys)) == ("partial", None, 20)
    assert night.outcomes[-1] == (2, status, "blocked")
    assert f"HTTP {status}" in night.run.message
    again = banned.night(site, declared=declared(), attempt=2)  # the same night, the same host
    assert again.asked == []
    assert (again.run.status, again.ends) == ("failed", ["blocked"])
    assert "circuit breaker" in again.run.message
    elsewhere = other.night(PlainSite(sample_rows(20)), declared=declared())
    assert (elsewhere.run.status, len(elsewhere.keys)) == ("complete", 20)


def test_a_ban_stops_all_lists_of_a_source(source, declared):
    spec = declared(
        options={"shop": {"about": "a shop", "many": True}},
        requests={"list": {"each": "shop", "query": {"page": "{page}", "shop": "{shop}"}}},
    )
    shops = {"options": {"shop": ["1", "2", "3"]}}
    night = source.night(PlainSite(sample_rows(60)), Ban(after=1), declared=spec, **shops)
    assert len(night.asked) == 2
    assert night.ends == ["ok", "blocked", "blocked", "blocked"]
    assert night.run.status == "partial"


@pytest.mark.parametrize("form", ["seconds", "date", "none"])
def test_a_throttle_is_waited_out(source, declared, form):
    date = datetime.now(UTC) + timedelta(seconds=40)
    said = {"seconds": 17, "date": date, "none": None}[form]
    failure = Throttle(retry_after=said, after=1, until=2)
    night = source.night(PlainSite(sample_rows(60)), failure, declared=declared())
    assert night.run.status == "complete"
    assert len(night.keys) == 60
    assert [status for _, status, _ in night.outcomes] == [200, 429, 200, 200]
    longest = max(night.time.slept)
    assert {"seconds": longest == 17, "date": 20 < longest <= 41, "none": longest <= 4}[form]


def test_a_wait_beyond_the_night_is_a_block(source, declared):
    night = source.night(
        PlainSite(sample_rows(60)), Throttle(retry_after=3600, after=1), declared=declared()
    )
    assert (night.run.status, night.run.watermark) == ("partial", None)
    assert night.ends == ["ok", "blocked"]
    assert "3600 s" in night.run.message
