"""Failures 8 and 9: bytes that are not what they are said to be, and wires that break."""

from __future__ import annotations

import pytest

from demo.replica.failures import Encoding, Wire
from demo.replica.sites.plain import PlainSite, sample_rows

pytestmark = pytest.mark.integration


def texts(night):
    return {row["natural_key"]: row["body"] for row in night.records()}


@pytest.mark.parametrize("shape", ["json", "html"])
@pytest.mark.parametrize("kind", ["gbk_wrong_charset", "gbk_no_charset"])
def test_gbk_is_read_whatever_it_is_called(deployment, declared, shape, kind):
    site = PlainSite(sample_rows(40), shape=shape)
    plain = deployment("one").night(site, declared=declared(shape))
    night = deployment("two").night(site, Encoding(kind=kind), declared=declared(shape))
    assert night.run.status == "complete", night.run.message
    assert texts(night) == texts(plain)
    assert len(texts(night)) == 40


@pytest.mark.parametrize("format", ["json", "html"])
def test_a_platform_that_leaves_gbk_is_still_read(deployment, declared, format):
    site = PlainSite(sample_rows(40), shape=format)
    spec = declared(format, requests={"list": {"encoding": "gbk"}})
    plain = deployment("one").night(site, declared=declared(format))
    night = deployment("two").night(site, declared=spec)
    assert texts(night) == texts(plain)


def test_jsonp_is_unwrapped(source, declared):
    spec = declared(requests={"list": {"format": "jsonp"}})
    night = source.night(PlainSite(sample_rows(40)), Encoding(kind="jsonp"), declared=spec)
    assert (night.run.status, len(night.keys)) == ("complete", 40)


def test_control_characters_cost_no_item(source, declared):
    site = PlainSite(sample_rows(20))
    spec = declared(records={"review": {"fields": {"created_at": {"as": "relative"}}}})
    night = source.night(site, Encoding(kind="control_chars"), declared=spec)
    assert len(night.keys) + len(night.quarantine) == 20
    assert night.ends != ["error"]


@pytest.mark.parametrize("kind", ["truncated_gzip", "cut_json", "cut_connection", "reset"])
def test_a_body_that_breaks_off_is_asked_for_again(source, declared, kind):
    site = PlainSite(sample_rows(60))
    night = source.night(site, Wire(kind=kind, after=1, until=2), declared=declared())
    assert night.run.status == "complete", night.run.message
    assert sorted(night.keys) == sorted(row.key for row in site.rows)
    assert [end for end in night.ends if end != "ok"] in (["partial"], ["error"])


@pytest.mark.parametrize("kind", ["truncated_gzip", "cut_json", "cut_connection", "reset"])
def test_a_body_that_always_breaks_off_lands_nothing_of_itself(source, declared, kind):
    site = PlainSite(sample_rows(60))
    night = source.night(site, Wire(kind=kind, after=1), declared=declared())
    assert (night.run.status, night.run.watermark, len(night.keys)) == ("partial", None, 20)
    assert set(night.ends[1:]) <= {"partial", "error"}
    again = source.night(site, declared=declared(), day=1)
    assert len(set(again.keys)) == 60


def test_an_endless_body_is_bounded(source, declared):
    spec = declared(politeness={"max_body_mb": 0.2})
    night = source.night(PlainSite(sample_rows(60)), Wire(kind="endless"), declared=spec)
    assert (night.run.status, night.run.landed, night.run.watermark) == ("failed", 0, None)
    assert set(night.ends) <= {"error", "partial"}


@pytest.mark.parametrize("kind", ["slow_drip", "header_drip"])
def test_a_drip_is_bounded_by_time(source, declared, kind):
    spec = declared(politeness={"response_seconds": 30, "max_attempts": 2})
    site = PlainSite(sample_rows(60))
    night = source.night(site, Wire(kind=kind), declared=spec, step=1.0)
    assert (night.run.status, night.run.landed) == ("failed", 0)
    assert set(night.ends) == {"error"} or set(night.ends) == {"partial"}
