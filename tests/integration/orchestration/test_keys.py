"""Without the key, and with another one, nothing is written; a rotation begins a new lake."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from demo.replica.server import ReplicaServer
from demo.replica.sites.heimao import HeimaoSite, sample_rows
from lake.privacy import KEY_VARIABLE
from orchestration.cli import call
from orchestration.scaffold import write_scaffold

pytestmark = pytest.mark.integration
DAY = "2026-09-30"
OLD_KEY, NEW_KEY = "the old key, only for tests", "the new key, only for tests"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A deployment with one platform that was crawled under the old key."""
    monkeypatch.setenv(KEY_VARIABLE, OLD_KEY)
    folder = tmp_path / "home"
    write_scaffold(folder)
    with ReplicaServer(sites=[HeimaoSite(sample_rows(12))]) as replica:
        source = {
            "platform": "heimao",
            "base_url": replica.url,
            "allow_private_hosts": True,
            "politeness": {"min_interval_seconds": 0.0, "backoff_seconds": 0.0},
        }
        (folder / "config" / "sources.yml").write_text(
            yaml.safe_dump({"sources": {"heimao": source}}), encoding="utf-8"
        )
        assert call(["crawl", "heimao", "--home", str(folder), "--as-of", DAY]) == 0
        yield folder


def complaints(lake: Path) -> list[dict]:
    return [
        row
        for path in sorted(lake.glob("records/source=heimao/*/*/complaint.parquet"))
        for row in pq.ParquetFile(path).read().to_pylist()
    ]


@pytest.mark.parametrize("key", [None, "short", NEW_KEY])
@pytest.mark.parametrize(
    "command",
    [
        ("run", "--as-of", DAY),
        ("crawl", "heimao", "--as-of", DAY),
        ("replay", "heimao", "--dt", DAY),
    ],
)
def test_without_the_lakes_key_the_reason_is_told_and_nothing_is_written(
    home: Path, monkeypatch, capsys, key: str | None, command: tuple[str, ...]
) -> None:
    before = sorted(home.rglob("*"))
    monkeypatch.delenv(KEY_VARIABLE)
    if key is not None:
        monkeypatch.setenv(KEY_VARIABLE, key)
    assert call([*command, "--home", str(home)]) == 2
    assert KEY_VARIABLE in capsys.readouterr().err
    assert sorted(home.rglob("*")) == before


def test_a_rotation_reads_the_archived_nights_into_a_new_lake(home: Path, monkeypatch, capsys):
    landed = complaints(home / "lake")
    assert call(["rotate-key", "--home", str(home)]) == 2  # the key is still the old one
    monkeypatch.setenv(KEY_VARIABLE, NEW_KEY)
    assert call(["rotate-key", "--home", str(home)]) == 0
    assert "--accept-drift" in capsys.readouterr().out
    (old,) = home.glob("lake.before-*")
    assert complaints(old) == landed
    again = complaints(home / "lake")
    assert {row["natural_key"] for row in again} == {row["natural_key"] for row in landed}
    assert call(["replay", "heimao", "--home", str(home), "--dt", DAY]) == 0
    monkeypatch.setenv(KEY_VARIABLE, OLD_KEY)
    assert call(["crawl", "heimao", "--home", str(home), "--as-of", DAY]) == 2
