"""`voc text score` on a served release."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from orchestration.cli import FAILED, PUBLISHED, WRONG_USAGE, call
from orchestration.scaffold import write_scaffold
from verbatims.store import TextStore

pytestmark = pytest.mark.integration


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A deployment without a release."""
    write_scaffold(tmp_path / "家 home")
    return tmp_path / "家 home"


def serve(home: Path) -> None:
    """A release of three things said, two of them in the same words."""
    release = home / "releases" / "r1"
    release.mkdir(parents=True)
    with duckdb.connect(str(release / "warehouse.duckdb")) as connection:
        connection.execute("create schema core")
        connection.execute(
            "create table core.fct_feedback as select * from (values "
            "('配送太慢了', 'app', timestamp '2026-09-01 10:00:00'), "
            "('配送太慢了', 'app', timestamp '2026-09-02 10:00:00'), "
            "('The staff were friendly', 'web', timestamp '2026-08-02 10:00:00')) "
            "as said (text, channel, said_at)"
        )
    (home / "serving").symlink_to(release, target_is_directory=True)


def scored(home: Path) -> list[tuple[str, str]]:
    glob = TextStore(home / "lake" / "text").glob("scores")
    with duckdb.connect() as connection:
        return connection.execute(
            "select language, band from read_parquet(?) order by all", [glob]
        ).fetchall()


def test_it_reads_what_is_missing_and_nothing_twice(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(home)
    assert call(["text", "score", "--home", str(home)]) == PUBLISHED
    assert "2 texts, 2 of them new; 2 scored" in capsys.readouterr().out
    assert call(["text", "score", "--home", str(home)]) == PUBLISHED
    assert "2 texts, 0 of them new; 0 scored" in capsys.readouterr().out
    assert scored(home) == [("en", "positive"), ("zh", "negative")]
    assert TextStore(home / "lake" / "text").named() == []  # naming is the night's


def test_without_a_release_it_says_how_to_get_one(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["text", "score", "--home", str(home)]) == FAILED
    assert "voc run --home" in capsys.readouterr().err


def test_two_at_a_time_are_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    serve(home)
    store = home / "lake" / "text"
    store.mkdir(parents=True)
    with FileLock(store / ".score.lock"):
        assert call(["text", "score", "--home", str(home)]) == FAILED
    assert "Another voc text score" in capsys.readouterr().err


def test_an_unknown_model_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    serve(home)
    assert call(["text", "score", "--home", str(home), "--model", "zh-gone"]) == WRONG_USAGE
    assert "zh-gone" in capsys.readouterr().err
    both = ["text", "score", "--home", str(home), "--model", "zh-gone", "--taxonomy"]
    assert call(both) == WRONG_USAGE
