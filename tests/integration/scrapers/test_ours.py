"""A list that shows everybody's items: only ours land, and pages of others alone end nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from demo.replica.server import ReplicaServer
from demo.replica.sites.heimao import HeimaoSite, sample_rows

pytestmark = pytest.mark.integration


def test_only_our_companys_complaints_land(night):
    rows = sample_rows(45)
    of_others = {row.key for place, row in enumerate(rows) if place % 3 or 10 <= place < 20}
    site = HeimaoSite(
        [replace(r, company="隔壁奶茶") if r.key in of_others else r for r in rows], marked=""
    )
    ours = {row.key for row in rows} - of_others
    with ReplicaServer(sites=[site]) as server:
        found = night(
            platform="heimao", base_url=server.url, options={"company": ["云雾茶"]}, unit_id="hq"
        )
        lists = [served for served in server.pages if "/api/index/feed" in served.path]
        views = {s.path.split("/")[3] for s in server.pages if "/complaint/view/" in s.path}
    assert found.run.status == "complete", found.run.message
    assert {row["complaint_id"] for row in found.records("complaint")} == ours
    assert views == ours  # pages of others are not visited either
    numbers = [served.path.split("page=")[-1] for served in lists]
    assert numbers[:5] == ["1", "2", "3", "4", "5"]  # the second page holds none of ours
    passed = [row for row in found.outcomes if "passed over" in row["detail"]]
    assert [row["page_no"] for row in passed] == [2]


def test_without_words_everything_is_ours(night):
    rows = sample_rows(12)
    with ReplicaServer(sites=[HeimaoSite(rows)]) as server:
        found = night(platform="heimao", base_url=server.url)
    assert {row["complaint_id"] for row in found.records("complaint")} == {r.key for r in rows}
