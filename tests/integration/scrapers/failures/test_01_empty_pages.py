"""Failures 1 and 2: an empty 200 that fills, a true end, blocks that look like nothing found."""

from __future__ import annotations

import pytest

from demo.replica.exchange import Answer
from demo.replica.failures import EmptyUntil, Session, SoftBlock
from demo.replica.sites.plain import PlainSite, sample_rows

pytestmark = pytest.mark.integration
NO_TOTAL = {"requests": {"list": {"total": None}}}


@pytest.mark.parametrize("changes", [{}, NO_TOTAL])
@pytest.mark.parametrize("paging", ["page", "offset", "token"])
def test_an_empty_answer_that_fills_costs_nothing(source, declared, paging, changes):
    rows = sample_rows(45)
    site = PlainSite(rows, paging=paging)
    night = source.night(site, EmptyUntil(times=1), declared=declared(paging=paging, **changes))
    assert night.run.status == "complete", night.run.message
    assert sorted(night.keys) == sorted(row.key for row in rows)
    assert night.run.watermark == rows[0].at
    assert night.ends[:2] == ["partial", "ok"]


def test_a_true_end_is_asked_for_twice_where_nothing_else_tells_it(source, declared):
    spec = declared(paging="offset", **NO_TOTAL)
    night = source.night(PlainSite(sample_rows(40), paging="offset"), declared=spec)
    assert night.run.status == "complete"
    assert night.ends == ["ok", "ok", "partial", "empty_confirmed"]
    assert len(night.keys) == 40


def test_quiet_nights_that_end_with_an_empty_page_stay_complete(source, declared):
    """The end of a list is a small page every night: no block, however large the others are."""
    spec = declared(paging="offset", cursor={"overlap_days": 400}, **NO_TOTAL)
    site = PlainSite(sample_rows(40), paging="offset")
    for day in range(4):
        night = source.night(site, declared=spec, day=day)
        assert night.run.status == "complete", night.run.message
        assert night.ends[-1] == "empty_confirmed"


def test_silence_where_items_were_is_no_empty_list(source, declared):
    site = PlainSite(sample_rows(30))
    source.night(site, declared=declared())
    night = source.night(site, EmptyUntil(times=99), declared=declared(), day=1)
    assert (night.run.status, night.run.landed, night.run.watermark) == ("failed", 0, None)
    assert "the list is empty although it held items before" in night.run.message
    third = source.night(site, declared=declared(), day=2)
    assert third.run.since == night.run.since  # the window did not move


@pytest.mark.parametrize(
    "kind", ["login_html", "captcha_html", "empty_with_total", "redirect_login"]
)
@pytest.mark.parametrize("shape", ["json", "html"])
@pytest.mark.parametrize("after", [0, 1])
def test_a_soft_block_is_never_an_empty_list(source, declared, kind, shape, after):
    site = PlainSite(sample_rows(60), shape=shape)
    night = source.night(site, SoftBlock(kind=kind, after=after), declared=declared(shape))
    assert night.run.status == ("partial" if after else "failed")
    assert night.run.watermark is None
    assert len(night.keys) == 20 * after
    assert "empty_confirmed" not in night.ends
    said = {"blocked"} if shape == "json" or kind == "empty_with_total" else {"blocked", "drift"}
    assert night.ends[-1] in said
    again = source.night(site, declared=declared(shape), day=1)
    assert again.run.status == "complete", again.run.message
    assert len(set(again.keys)) == 60


def test_a_304_that_nobody_asked_for_is_no_empty_list(source, declared):
    class Unchanged:
        def answer(self, asked):
            return Answer(b"", 304) if asked.path == "/items" else None

    night = source.night(Unchanged(), declared=declared())
    assert (night.run.status, night.run.watermark) == ("failed", None)
    assert "empty_confirmed" not in night.ends
    assert "ok" not in night.ends


def test_a_page_that_only_sets_a_cookie_is_not_read_as_a_list(source, declared):
    site = PlainSite(sample_rows(5))
    night = source.night(site, Session(kind="cookie_first"), declared=declared())
    assert night.run.status == "complete", night.run.message
    assert "empty_confirmed" not in night.ends
    assert len(night.keys) == 5
    assert "blocked" not in night.ends  # asked again with the cookie, as any visitor would
