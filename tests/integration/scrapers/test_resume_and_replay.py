"""A crawl killed at any moment, and a night read again: what the lake holds afterwards."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from lake.landing import Lake, RunContext, SourceLanding
from lake.privacy import Privacy
from scrapers.config import SourceConfig
from scrapers.crawl import crawl_source
from scrapers.http.hosts import Hosts
from scrapers.registry import Platforms
from scrapers.replay import NothingToReplayError, archived_night, replay

pytestmark = pytest.mark.integration
STORE = {"platform": "appstore", "options": {"country": "cn", "app_id": "6400000001"}}
AS_OF = date(2026, 9, 30)
NOW = datetime(2026, 9, 30, 18, 0, tzinfo=UTC)
OWN = (
    "run_id",
    "archive_file",
    "archive_offset",
    "duration_ms",
)  # what two runs differ in by nature


class KilledError(BaseException):
    """What a kill is to the code: nothing catches it."""


def page_of(seen):
    return int(re.search(r"/page=(\d+)/", seen.path).group(1))


@pytest.fixture
def three_pages(host, answer, feed, reviews):
    """Pages of 50, 50 and 7 reviews; the first is empty once, the second fails once."""

    def reply(seen):
        number = page_of(seen)
        if (number, seen.nth) == (1, 1):
            return answer(feed(None))
        if (number, seen.nth) == (2, 1):
            return answer(b"", status=503)
        sizes = {1: 50, 2: 50, 3: 7}
        return answer(feed(reviews(1000 - number * 50, sizes[number]) if number in sizes else None))

    host.answer = reply
    return host


class Deployment:
    """One lake, crawled again and again; `kill` may end a crawl before a request or a rename."""

    def __init__(self, home: Path, url: str) -> None:
        self.lake = Lake(home / "lake")
        self.config = SourceConfig.model_validate(
            STORE | {"base_url": url, "allow_private_hosts": True, "unit_id": "hq"}
        )

    def context(self, run_id: str) -> RunContext:
        return RunContext(AS_OF, run_id, ZoneInfo("Asia/Shanghai"), clock=lambda: NOW)

    def crawl(self, run_id: str, *, kill_before_wait: int | None = None):
        waits = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == kill_before_wait:
                raise KilledError

        self.lake.prepare()
        return crawl_source(
            "src",
            self.config,
            lake=self.lake,
            run=self.context(run_id),
            privacy=Privacy(b"a key that is for tests only"),
            contact="voc@yunwu.example",
            progress=lambda text: None,
            hosts=Hosts(sleep, lambda: 1000.0),
        )

    def replay(self, day: date = AS_OF):
        return replay(
            "src",
            self.config,
            day,
            lake=self.lake,
            run=self.context("unused"),
            privacy=Privacy(b"a key that is for tests only"),
            progress=lambda text: None,
        )

    def rows(self, tree: str, name: str, run: str = "*"):
        found = []
        for path in sorted((self.lake.root / tree).glob(f"source=src/dt=*/{run}/{name}.parquet")):
            found += pq.ParquetFile(path).read().to_pylist()
        return found

    def contents(self):
        """Everything that a run left, without what two runs differ in by nature."""
        trees = (("records", "review"), ("requests", "request_outcome"), ("requests", "source_run"))
        return {
            name: [{k: v for k, v in row.items() if k not in OWN} for row in self.rows(tree, name)]
            for tree, name in trees
        }


@pytest.fixture
def deployment(tmp_path, three_pages):
    def make(name: str) -> Deployment:
        three_pages.seen.clear()
        return Deployment(tmp_path / name, three_pages.url)

    return make


def test_a_crawl_killed_before_any_request_ends_like_an_undisturbed_one(deployment, three_pages):
    whole = deployment("whole")
    assert whole.crawl("r1").status == "complete"
    undisturbed, asked = whole.contents(), len(three_pages.seen)
    assert len(undisturbed["review"]) == 107
    for wait in range(1, 50):
        killed = deployment(f"killed-{wait}")
        try:
            killed.crawl("r1", kill_before_wait=wait)
        except KilledError:
            killed.crawl("r2")
        else:
            assert wait > 7  # robots.txt, three pages, two of them twice, the end three times
            break
        assert killed.contents() == undisturbed
        assert len(three_pages.seen) == asked, "something was asked for twice"


@pytest.mark.parametrize("tree", ["records", "quarantine", "requests"])
def test_a_crawl_killed_while_it_lands_ends_like_an_undisturbed_one(deployment, monkeypatch, tree):
    whole = deployment("whole")
    whole.crawl("r1")
    killed = deployment("killed")
    move = SourceLanding._move

    def die(self, name):
        if name == tree:
            raise KilledError
        move(self, name)

    monkeypatch.setattr(SourceLanding, "_move", die)
    with pytest.raises(KilledError):
        killed.crawl("r1")
    monkeypatch.setattr(SourceLanding, "_move", move)
    killed.crawl("r2")
    assert killed.contents() == whole.contents()


def test_a_replay_asks_for_nothing_and_lands_a_new_parser_version(deployment, three_pages):
    home = deployment("home")
    home.crawl("r1")
    asked = len(three_pages.seen)
    spec = Platforms().load("appstore").spec
    newer = home.config.source().spec.model_copy(update={"version": spec.version + 1})
    object.__setattr__(home.config.source(), "spec", newer)
    try:
        result = home.replay()
    finally:
        object.__setattr__(home.config.source(), "spec", spec)
    assert result.status == "complete", result.message
    assert len(three_pages.seen) == asked
    first = home.rows("records", "review", run="r1")
    again = home.rows("records", "review", run="r1-replay-*")
    assert {row["parser_version"] for row in again} == {f"appstore-{spec.version + 1}"}
    same = ("natural_key", "version_hash", "observed_at", "archive_file", "archive_offset", "url")
    assert [[row[n] for n in same] for row in again] == [[row[n] for n in same] for row in first]
    kinds = {row["kind"] for row in home.rows("requests", "request_outcome", run="r1-replay-*")}
    assert kinds == {"replay"}


def test_what_the_archive_does_not_hold_is_an_error(deployment, answer, feed, reviews, three_pages):
    home = deployment("home")
    bad = reviews(1, 50, updated="last week")  # the night stopped here: nothing could be read
    three_pages.answer = lambda seen: answer(feed(bad))
    assert home.crawl("r1").status == "failed"
    spec = home.config.source().spec
    field = spec.records["review"].fields["updated_at"]
    loose = field.model_copy(update={"kind": "text", "required": False})
    record = spec.records["review"]
    fields = {n: f for n, f in record.fields.items() if n != "updated_at"}
    fields["language"] = loose
    mended = record.model_copy(update={"fields": fields})
    changed = spec.model_copy(update={"records": {"review": mended}})
    object.__setattr__(home.config.source(), "spec", changed)
    home.config.source()._readers.clear()
    try:
        result = home.replay()
    finally:
        object.__setattr__(home.config.source(), "spec", spec)
        home.config.source()._readers.clear()
    assert result.status == "partial"
    assert result.landed == 50
    assert "/page=2/" in result.message
    assert "is not in the archive" in result.message


def test_a_night_without_an_archive_cannot_be_replayed(deployment):
    home = deployment("home")
    home.crawl("r1")
    with pytest.raises(NothingToReplayError, match="There are archives of 2026-09-30"):
        home.replay(date(2026, 9, 1))
    home.lake.forget_archive("src", date(2026, 10, 1))
    with pytest.raises(NothingToReplayError, match="no archive at all"):
        archived_night(home.lake, "src", AS_OF)
