"""`voc crawl`, `voc replay` and `voc suggest-assertions`, as a person meets them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from demo.replica.server import ReplicaServer
from demo.replica.sites.heimao import HeimaoSite, sample_rows
from lake.landing import Lake, RunContext
from orchestration.cli import call
from orchestration.deployment import Deployment
from orchestration.night import Night, prepare
from orchestration.scaffold import write_scaffold

pytestmark = pytest.mark.integration
DAY = "2026-09-30"


@pytest.fixture
def site() -> HeimaoSite:
    return HeimaoSite(sample_rows(12))


@pytest.fixture
def replica(site):
    with ReplicaServer(sites=[site]) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, replica, monkeypatch) -> Path:
    monkeypatch.setenv("VOC_PII_KEY", "a key that is for tests only")
    write_scaffold(tmp_path / "home")
    sources = {
        "heimao": {"platform": "heimao", "archive_days": 30},
        "letters": {"platform": "gd12315"},
    }
    for source in sources.values():
        source |= {
            "base_url": replica.url,
            "allow_private_hosts": True,
            "politeness": {"min_interval_seconds": 0.0, "backoff_seconds": 0.0},
        }
    (tmp_path / "home" / "config" / "sources.yml").write_text(
        yaml.safe_dump({"sources": sources}), encoding="utf-8"
    )
    return tmp_path / "home"


def voc(*arguments: object) -> int:
    return call([str(argument) for argument in arguments])


def rows(home: Path, name: str) -> list[dict]:
    found = sorted((home / "lake").glob(f"*/source=heimao/dt=*/*/{name}.parquet"))
    return [row for path in found for row in pq.ParquetFile(path).read().to_pylist()]


def test_a_dry_run_shows_one_page_and_writes_nothing(home, replica, capsys):
    before = sorted(home.rglob("*"))
    assert voc("crawl", "heimao", "--home", home, "--as-of", DAY, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "complaint: 10 rows" in said
    assert "complaint_event:" in said  # one page of a complaint, too
    first = sample_rows(12)[0]
    assert f"    complaint_id: {first.key}" in said
    assert f"    issue: {first.issue}" in said
    assert first.author not in said
    assert re.search(r"feed +│ 1 +│ 200 +│ ok +│ 10 ", said)
    assert sorted(home.rglob("*")) == before
    lists = [s for s in replica.pages if "feed" in s.path]
    views = [s for s in replica.pages if "view" in s.path]
    assert (len(lists), len(views)) == (1, 1)


def test_a_crawl_by_itself_lands_and_a_limited_one_moves_no_cursor(home, capsys):
    assert voc("crawl", "heimao", "--home", home, "--as-of", DAY, "--limit", 1) == 0
    assert "--limit" in capsys.readouterr().out
    (limited,) = rows(home, "source_run")
    assert (limited["status"], limited["watermark"]) == ("partial", None)
    assert voc("crawl", "heimao", "--home", home, "--as-of", DAY) == 0
    whole = [run for run in rows(home, "source_run") if run["status"] == "complete"]
    assert [run["watermark"] for run in whole] == [sample_rows(12)[0].at]


def test_a_night_is_read_again_from_its_archive(home, replica, capsys):
    voc("crawl", "heimao", "--home", home, "--as-of", DAY)
    asked = len(replica.requests)
    assert voc("replay", "heimao", "--home", home, "--dt", DAY) == 0
    assert len(replica.requests) == asked
    assert "heimao: complete" in capsys.readouterr().out
    found = rows(home, "complaint")
    assert len(found) == 24
    assert len({(row["natural_key"], row["version_hash"]) for row in found}) == 12


def test_a_source_that_lives_on_dropped_files_reads_them(home, capsys):
    folder = home / "landing" / "platforms" / "letters"
    folder.mkdir(parents=True)
    text = "登记编号,被投诉企业,投诉内容,办结时间\nL1,云雾茶,太慢,2026-09-01\n"
    (folder / "letters.csv").write_text(text, encoding="utf-8")
    assert voc("crawl", "letters", "--home", home, "--dry-run") == 0
    assert "complaint: 1 row" in capsys.readouterr().out
    assert not [*home.glob("lake/records/source=letters/**/*.parquet")]
    assert voc("crawl", "letters", "--home", home) == 0
    assert "complete: 1 landed from 1 dropped file" in capsys.readouterr().out
    assert len([*home.glob("lake/records/source=letters/**/complaint.parquet")]) == 1


def test_what_can_t_be_done_says_what_to_do(home, capsys):
    assert voc("crawl", "heymao", "--home", home) == 2
    assert "It has: heimao, letters." in capsys.readouterr().err
    assert voc("crawl", "letters", "--home", home) == 2
    assert "State yours under permission" in " ".join(capsys.readouterr().err.split())
    assert voc("replay", "heimao", "--home", home, "--dt", DAY) == 2
    assert "There is no archive at all" in " ".join(capsys.readouterr().err.split())
    assert voc("replay", "heimao", "--home", home, "--dt", "yesterday") == 2
    assert "--dt 'yesterday' is not a date" in " ".join(capsys.readouterr().err.split())
    assert voc("suggest-assertions", "heimao", "--home", home) == 1
    assert "bounds are proposed from 3 on" in " ".join(capsys.readouterr().err.split())


def test_bounds_are_proposed_from_history_and_can_be_kept(home, site, capsys):
    for day in ("2026-09-28", "2026-09-29", "2026-09-30"):
        voc("crawl", "heimao", "--home", home, "--as-of", day)
    capsys.readouterr()
    assert voc("suggest-assertions", "heimao", "--home", home, "--as-of", "2026-09-30") == 0
    said = capsys.readouterr().out
    bounds = yaml.safe_load(said)["bounds"]
    assert (bounds["complaint"]["min_items"], bounds["complaint"]["max_items"]) == (6, 24)
    assert bounds["complaint"]["fill"]["narrative"] == 0.95
    path = home / "config" / "sources.yml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["sources"]["heimao"]["bounds"] = bounds
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    site.rows = site.rows[:3]
    assert voc("crawl", "heimao", "--home", home, "--as-of", "2026-10-01") == 0
    last = [run for run in rows(home, "source_run") if run["dt"] == date(2026, 10, 1)]
    assert [run["status"] for run in last] == ["partial"]
    assert "Only 3 items of complaint came" in last[0]["message"]


def test_archives_are_kept_as_long_as_the_source_says(home):
    for day in ("2026-08-30", "2026-08-31", DAY):
        voc("crawl", "heimao", "--home", home, "--as-of", day)
    night = Night(Deployment(home), clock=lambda: datetime(2026, 9, 30, 1, tzinfo=UTC))
    prepare(night)
    kept = sorted(p.name for p in (home / "lake" / "archive" / "source=heimao").iterdir())
    assert kept == ["dt=2026-08-31", f"dt={DAY}"]
    assert len(rows(home, "source_run")) == 3


def test_the_scaffold_s_examples_are_valid(home, monkeypatch):
    text = (home / "config" / "sources.yml").with_name("example.yml")
    write_scaffold(home.parent / "fresh")
    lines = (home.parent / "fresh" / "config" / "sources.yml").read_text("utf-8").splitlines()
    start = lines.index("# sources:")
    text.write_text("\n".join(line.removeprefix("# ") for line in lines[start:]), "utf-8")
    text.rename(home / "config" / "sources.yml")
    monkeypatch.setenv("ZENDESK_TOKEN", "invented")
    assert set(Deployment(home).platforms) == {
        "cfpb",
        "appstore_cn",
        "heimao",
        "dianping",
        "zendesk",
    }


def test_a_dry_run_leaves_a_killed_crawl_s_archive_alone(home):
    lake = Lake(home / "lake")
    run = RunContext(date.fromisoformat(DAY), "killed", Deployment(home).zone)
    path = lake.night("archive", "heimao", run).with_name("killed.warc.gz")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"what a killed run left")
    voc("crawl", "heimao", "--home", home, "--as-of", DAY, "--dry-run")
    assert path.read_bytes() == b"what a killed run left"
