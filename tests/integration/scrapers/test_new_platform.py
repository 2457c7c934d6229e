"""A platform that takes no Python: the very files of docs/platforms.md, crawled and compared."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
import yaml

from demo.replica import ReplicaServer
from demo.replica.sites.plain import PlainSite, sample_rows
from lake.config import ConfigError
from lake.landing import RunContext
from lake.privacy import Privacy
from orchestration.deployment import Deployment
from scrapers.crawl import crawl_source
from scrapers.http.hosts import Hosts

pytestmark = pytest.mark.integration
GUIDE = Path(__file__).parents[3] / "docs" / "platforms.md"
HTML_FILE = "config/platforms/tearoom/source.yml"
JSON_FILE = "config/platforms/tearoom_api/source.yml"
SOURCES_FILE = "config/sources.yml"
NOW = datetime(2026, 9, 30, 18, 0, tzinfo=UTC)
NO_WAITING = (
    "base_url: {url}\n    allow_private_hosts: true\n    politeness: {{min_interval_seconds: 0}}"
)


def examples():
    """What the guide's YAML blocks say in their first line -> the block."""
    blocks = re.findall(r"```yaml\n# (.*?)\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    return {name: f"# {name}\n{text}" for name, text in blocks}


EXAMPLES = examples()
INSTEAD = {name: text for name, text in EXAMPLES.items() if name.startswith("instead:")}


@pytest.fixture
def deployment(tmp_path):
    """A deployment whose config holds one platform of its own, and a source on it; nothing else."""

    def make(text, server, platform="tearoom"):
        folder = tmp_path / "config" / "platforms" / platform
        folder.mkdir(parents=True)
        (folder / "source.yml").write_text(text, encoding="utf-8")
        assert [path.name for path in folder.iterdir()] == ["source.yml"]
        sources = EXAMPLES[SOURCES_FILE].replace("platform: tearoom", f"platform: {platform}")
        sources = sources.rstrip() + f"\n    {NO_WAITING.format(url=server.url)}\n"
        (tmp_path / "config" / "sources.yml").write_text(sources, encoding="utf-8")
        return Deployment(tmp_path)

    return make


def crawl(deployment, day=30):
    ((source_id, config),) = deployment.platforms.items()
    assert source_id == "tearoom_reviews"
    return crawl_source(
        source_id,
        config,
        lake=deployment.lake,
        run=RunContext(
            date(2026, 9, day), f"run-{day}", ZoneInfo("Asia/Shanghai"), clock=lambda: NOW
        ),
        privacy=Privacy(b"a key that is for tests only"),
        contact="voc@yunwu.example",
        progress=lambda text: None,
        hosts=Hosts(sleep=lambda seconds: None),
    )


def landed(deployment, run_id="run-30"):
    files = deployment.home.glob(f"lake/records/source=*/dt=*/{run_id}/review.parquet")
    rows = [row for path in files for row in pq.ParquetFile(path).read().to_pylist()]
    return {row["review_id"]: row for row in rows}, len(rows)


def check_rows(deployment, rows, run_id="run-30"):
    """Every row of the site stands in the lake, once, with the site's own values."""
    found, count = landed(deployment, run_id)
    assert count == len(found) == len(rows)
    for row in rows:
        kept = found[row.key]
        assert (kept["title"], kept["body"]) == (row.title, row.text)
        assert (kept["rating"], kept["rating_best"]) == (row.rating, 5)
        assert kept["created_at"] == row.at.astimezone(UTC)
        assert (kept["unit_id"], kept["platform"][:7]) == ("hq", "tearoom")
        assert row.author not in map(str, kept.values())
        assert kept["author_hash"]


def json_example(instead):
    """The guide's JSON file with one of its other ways to page."""
    declared = yaml.safe_load(EXAMPLES[JSON_FILE])
    declared["requests"]["items"] |= yaml.safe_load(INSTEAD[instead])
    return yaml.safe_dump(declared, allow_unicode=True, sort_keys=False)


def test_an_html_platform_by_its_source_yml_alone(deployment):
    rows = sample_rows(45)
    with ReplicaServer(sites=[PlainSite(rows, paging="next_link", shape="html")]) as server:
        home = deployment(EXAMPLES[HTML_FILE], server)
        run = crawl(home)
        asked = [served.path for served in server.pages]
    assert run.status == "complete", run.message
    assert asked == ["/items", "/items?page=2", "/items?page=3"]
    check_rows(home, rows)
    assert run.watermark == rows[0].at.astimezone(UTC)


def test_a_second_night_reads_what_is_new_and_the_overlap(deployment):
    rows = sample_rows(100)
    site = PlainSite(rows[3:], paging="next_link", shape="html")
    with ReplicaServer(sites=[site]) as server:
        home = deployment(EXAMPLES[HTML_FILE], server)
        crawl(home, day=29)
        site.insert(rows[:3])
        before = len(server.pages)
        run = crawl(home)
        pages = len(server.pages) - before
    assert run.status == "complete", run.message
    found, _ = landed(home)
    edge = rows[3].at.timestamp() - 7 * 86400
    inside = {row.key for row in rows if row.at.timestamp() >= edge}
    assert {row.key for row in rows[:3]} <= inside <= set(found)
    assert pages == len(inside) // 20 + 2 < 6


def test_a_json_platform_by_its_source_yml_alone(deployment):
    rows = sample_rows(45)
    with ReplicaServer(sites=[PlainSite(rows, paging="offset")]) as server:
        home = deployment(EXAMPLES[JSON_FILE], server, "tearoom_api")
        run = crawl(home)
        asked = [served.path for served in server.pages]
    assert run.status == "complete", run.message
    assert asked == [f"/items?offset={n}" for n in (0, 20, 40)]
    check_rows(home, rows)


PAGING = {
    "instead: pages by number, the first is 0": ("page", {"first": 0}),
    "instead: a token that each page gives for the next": ("token", {}),
    "instead: a link to the next page": ("next_link", {}),
    "instead: the sort values of the last item before the page": ("search_after", {}),
    "instead: two weeks at a time, by offset within them": ("offset", {}),
    "instead: the whole window, halved while it holds more than the search shows": ("page", {}),
}


def test_every_way_to_page_in_the_guide_is_tried_here():
    assert set(INSTEAD) == set(PAGING)


@pytest.mark.parametrize("instead", PAGING)
def test_other_ways_to_page_differ_in_their_query_and_paging_alone(deployment, instead):
    paging, given = PAGING[instead]
    rows = sample_rows(90)
    with ReplicaServer(sites=[PlainSite(rows, paging=paging, **given)]) as server:
        home = deployment(json_example(instead), server, "tearoom_api")
        run = crawl(home)
        asked = [served.path for served in server.pages]
    assert run.status == "complete", run.message
    if "halved" in instead:  # what the larger ranges' first pages held came twice
        assert set(landed(home)[0]) == {row.key for row in rows}
    else:
        check_rows(home, rows)
    assert len(set(asked)) >= 5
    if "weeks" not in instead and "halved" not in instead:  # empty ranges are asked for twice
        assert len(asked) == len(set(asked))


def test_pages_from_0_begin_at_0(deployment):
    instead = "instead: pages by number, the first is 0"
    with ReplicaServer(sites=[PlainSite(sample_rows(40), first=0)]) as server:
        crawl(deployment(json_example(instead), server, "tearoom_api"))
        assert [served.path for served in server.pages] == ["/items?page=0", "/items?page=1"]


def test_slices_are_ranges_of_days_that_meet_without_a_gap(deployment):
    instead = "instead: two weeks at a time, by offset within them"
    with ReplicaServer(sites=[PlainSite(sample_rows(90), paging="offset")]) as server:
        crawl(deployment(json_example(instead), server, "tearoom_api"))
        asked = [served.path for served in server.pages]
    days = [re.findall(r"\d{4}-\d\d-\d\d", path) for path in asked]
    ranges = sorted({(date.fromisoformat(a), date.fromisoformat(b)) for a, b in days})
    assert all(before[1] == after[0] for before, after in pairwise(ranges))
    assert all((end - begin).days <= 14 for begin, end in ranges)
    assert ranges[-1][1] == date(2026, 10, 1)


def test_a_wrong_file_is_told_by_the_deployment_s_check(deployment):
    text = EXAMPLES[HTML_FILE].replace("title: .title", "titel: .title")
    with ReplicaServer() as server, pytest.raises(ConfigError) as caught:
        _ = deployment(text, server).platforms
    (problem,) = caught.value.problems
    assert problem.file.name == "source.yml"
    assert "review has no column titel" in str(problem)


def test_a_platform_of_ones_own_goes_before_a_shipped_one(deployment):
    with ReplicaServer() as server:
        text = EXAMPLES[HTML_FILE]
        home = deployment(text, server, platform="appstore")
        assert home.platforms["tearoom_reviews"].source().spec.title == "Tearoom reviews"
