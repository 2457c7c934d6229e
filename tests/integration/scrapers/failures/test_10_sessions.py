"""Failure 10: tokens that expire, clocks that are wrong, and redirects that lead elsewhere."""

from __future__ import annotations

import pytest

from demo.replica.failures import Session
from demo.replica.server import ReplicaServer
from demo.replica.sites.plain import PlainSite, sample_rows

pytestmark = pytest.mark.integration


def test_nothing_after_an_expired_token_counts_as_complete(source, declared):
    site = PlainSite(sample_rows(60), paging="token")
    spec = declared(paging="token")
    failure = Session(kind="token_expires", where="token=", after=1)
    night = source.night(site, failure, declared=spec)
    assert (night.run.status, night.run.watermark, len(night.keys)) == ("partial", None, 40)
    assert night.outcomes[-1] == (3, 401, "blocked")
    again = source.night(site, declared=spec, day=1)
    assert len(set(again.keys)) == 60


def test_a_host_whose_clock_is_wrong_is_read_by_ours(source, declared):
    site = PlainSite(sample_rows(30))
    night = source.night(site, Session(kind="clock_skew"), declared=declared())
    assert (night.run.status, len(night.keys)) == ("complete", 30)
    assert {row["observed_at"].day for row in night.records()} == {30}


def test_a_stale_build_id_is_gone_and_not_empty(source, declared):
    spec = declared(requests={"list": {"path": "/build123/items"}})
    failure = Session(kind="stale_build_id", build="build123")
    night = source.night(PlainSite(sample_rows(30)), failure, declared=spec)
    assert (night.run.status, night.run.landed, night.run.watermark) == ("failed", 0, None)
    assert night.ends == ["gone"]


@pytest.mark.parametrize("after", [0, 1])
def test_redirects_to_private_addresses_are_refused(source, declared, after):
    failure = Session(kind="redirect_private", after=after)
    night = source.night(PlainSite(sample_rows(60)), failure, declared=declared())
    assert night.run.status == ("partial" if after else "failed")
    assert night.run.watermark is None
    assert night.ends[-1] == "refused"
    assert "10.0.0.1" in night.run.message


def test_redirects_to_another_host_are_refused_and_not_asked(source, declared):
    with ReplicaServer(sites=[PlainSite(sample_rows(30))], host="127.0.0.2") as other:
        failure = Session(kind="redirect_other_host", target=other.url)
        night = source.night(PlainSite(sample_rows(60)), failure, declared=declared())
        assert other.requests == []
        assert (night.run.status, night.ends) == ("failed", ["refused"])
        allowed = source.night(
            PlainSite(sample_rows(60)), failure, declared=declared(), day=1,
            redirect_hosts=["127.0.0.2"],
        )  # fmt: skip
        assert (allowed.run.status, len(allowed.keys)) == ("complete", 30)


def test_a_next_link_to_another_host_is_refused(source, declared):
    class Away(PlainSite):
        def _link(self, start):
            return f"http://127.0.0.3:9/items?page={start // 20 + 1}"

    night = source.night(
        Away(sample_rows(60), paging="next_link"), declared=declared(paging="next_link")
    )
    assert (night.run.status, night.run.watermark, len(night.keys)) == ("partial", None, 20)
    assert "127.0.0.3" in night.run.message
