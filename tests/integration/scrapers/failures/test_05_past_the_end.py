"""Failure 5: what is answered past the last page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from demo.replica.failures import PastEnd
from demo.replica.sites.plain import PlainSite, sample_rows

pytestmark = pytest.mark.integration
NO_TOTAL = {"requests": {"list": {"total": None}}}


@pytest.mark.parametrize("kind", ["clamp", "loop"])
def test_a_list_that_repeats_itself_ends_where_nothing_is_owed(source, declared, kind):
    night = source.night(
        PlainSite(sample_rows(60)), PastEnd(kind=kind, last=3), declared=declared(**NO_TOTAL)
    )
    assert night.run.status == "complete"
    assert len(set(night.keys)) == 60
    assert "page 4 repeats earlier pages" in night.run.message
    assert len(night.asked) == 5
    assert night.run.watermark is not None


@pytest.mark.parametrize("kind", ["clamp", "loop"])
def test_a_list_that_repeats_itself_while_it_counts_more_is_a_failure(source, declared, kind):
    night = source.night(
        PlainSite(sample_rows(90)), PastEnd(kind=kind, last=3), declared=declared()
    )
    assert (night.run.status, night.run.watermark) == ("partial", None)
    assert len(set(night.keys)) == 60
    assert "60 of 90 items came" in night.run.message


def test_a_list_that_loops_ends_although_an_item_has_no_key(source, declared):
    """What can't be named can't be told from what came: it must not keep a loop going."""
    spec = declared(**NO_TOTAL)
    site = PlainSite(sample_rows(60))
    site.rows = [replace(row, key="") if n == 5 else row for n, row in enumerate(site.rows)]
    night = source.night(site, PastEnd(kind="loop", last=3), declared=spec)
    assert len(night.asked) == 5
    assert len(set(night.keys)) == 59
    assert {row["column"] for row in night.quarantine} == {"review_id"}


def test_a_400_that_is_not_declared_is_an_error(source, declared):
    night = source.night(
        PlainSite(sample_rows(60)), PastEnd(kind="400", last=2), declared=declared(**NO_TOTAL)
    )
    assert (night.run.status, night.run.watermark) == ("partial", None)
    assert night.outcomes[-1] == (3, 400, "error")


def test_a_400_that_is_declared_is_the_end(source, declared):
    spec = declared(
        requests={"list": {"total": None, "end": {"statuses": {400: "there are only"}}}}
    )
    night = source.night(PlainSite(sample_rows(60)), PastEnd(kind="400", last=3), declared=spec)
    assert night.run.status == "complete"
    assert night.outcomes[-1] == (4, 400, "ok")
    assert len(night.keys) == 60


def test_a_total_that_the_pages_do_not_hold_is_told(source, declared):
    night = source.night(
        PlainSite(sample_rows(100)), PastEnd(kind="capped_total", last=2), declared=declared()
    )
    assert (night.run.status, night.run.watermark) == ("partial", None)
    assert len(night.keys) == 40
    assert night.ends[-1] == "blocked"
    assert "although the list counts 60" in night.run.message


def test_the_platforms_own_limit_is_no_failure(source, declared):
    spec = declared(requests={"list": {"paging": {"last": 2}}})
    night = source.night(PlainSite(sample_rows(100)), declared=spec)
    assert (night.run.status, len(night.keys), len(night.asked)) == ("complete", 40, 2)
    assert night.run.watermark is not None
