"""`voc status` per dropped file: its rows, before and after a release knows them."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from lake.landing import Lake, RunContext
from lake.privacy import Privacy
from loaders.config import ExtractConfig
from loaders.extracts import load_extract
from orchestration.cli import call
from orchestration.collect import unread_drops
from orchestration.deployment import Deployment
from orchestration.file_status import FileStatus, file_statuses
from orchestration.scaffold import write_scaffold

HEADER = "order_id,customer_id,ordered_at,amount\n"
LINE = "{},c1,2026-09-01 12:00:00,19.90\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_scaffold(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def night(home: Path) -> Callable[..., None]:
    """Load the orders, as the night of a day of September."""

    def load(day: int, **config: Any) -> None:
        load_extract(
            "orders",
            ExtractConfig(**config),
            home=home,
            lake=Lake(home / "lake"),
            run=RunContext(
                date(2026, 9, day),
                f"r{day}",
                ZoneInfo("Asia/Shanghai"),
                lambda: datetime(2026, 9, 1, tzinfo=UTC) + timedelta(days=day),
            ),
            privacy=Privacy(b"a key for tests only"),
            progress=lambda _: None,
        )

    return load


def drop(home: Path, name: str, text: str) -> None:
    (home / "landing" / "extracts" / "orders" / name).write_text(text, encoding="utf-8")


def shown(found: list[FileStatus]) -> list[tuple[Any, ...]]:
    return [
        (
            *(f.url.rpartition("/")[2], f.outcome, f.read_on and f.read_on.day),
            *(f.seen, f.loaded, f.quarantined, f.duplicates),
        )
        for f in found
    ]


def test_files_as_the_lake_knows_them(home: Path, night: Callable[[int], None]) -> None:
    drop(home, "a.csv", HEADER + LINE.format("o1") + LINE.format("o2") + "o3,c1,soon,1\n")
    drop(home, "bad.csv", "x,y\n1,2\n")
    night(28)
    first = shown(file_statuses(home / "lake", None))
    assert first == [("bad.csv", "error", 28, 0, 0, 0, 0), ("a.csv", "ok", 28, 3, 2, 1, None)]
    drop(home, "b.csv", HEADER + LINE.format("o4"))
    drop(home, "same.csv", HEADER + LINE.format("o4"))
    night(29)
    assert shown(file_statuses(home / "lake", None)) == [
        ("bad.csv", "error", 29, 0, 0, 0, 0),
        ("b.csv", "ok", 29, 1, 1, 0, None),
        ("same.csv", "unchanged", None, 0, 0, 0, 0),
        ("a.csv", "unchanged", 28, 3, 2, 1, None),
    ]


@pytest.mark.parametrize(
    ("config", "again"),
    [
        ({}, ("unchanged", None, 0, 0, 0, 0)),
        # Of a full snapshot that is news: things are so again.
        ({"mode": "snapshot", "max_closed": 1}, ("unchanged", 29, 3, 3, 0, None)),
    ],
)
def test_bytes_that_come_again_take_nothing_from_the_first_file(
    home: Path, night: Callable[..., None], config: dict[str, Any], again: tuple[Any, ...]
) -> None:
    rows = [LINE.format(f"o{n}") for n in (1, 2, 3)]
    drop(home, "a.csv", HEADER + "".join(rows))
    drop(home, "b.csv", HEADER + "".join(rows[:2]) + LINE.format("o4"))
    night(28, **config)
    drop(home, "c.csv", HEADER + "".join(rows))
    night(29, **config)
    night(30, **config)
    found = {file[0]: file[1:] for file in shown(file_statuses(home / "lake", None))}
    assert found["a.csv"] == ("unchanged", 28, 3, 3, 0, None)
    assert found["c.csv"] == again


def test_files_as_a_release_knows_them(home: Path, night: Callable[[int], None]) -> None:
    drop(home, "a.csv", HEADER + LINE.format("o1") * 2)
    night(28)
    night(29)
    release = home / "warehouse.duckdb"
    with duckdb.connect(str(release)) as connection:
        connection.execute("create schema quality")
        connection.execute(
            "create table quality.dropped_file as select 'extract_orders' as source, 'r28' as "
            "run_id, 'landing/extracts/orders/a.csv' as url, 1 as loaded, 1 as superseded, "
            "1 as duplicates, 0 as quarantined"
        )
    (file,) = file_statuses(home / "lake", release)
    assert (file.outcome, file.read_on) == ("unchanged", date(2026, 9, 28))
    assert (file.seen, file.loaded, file.superseded, file.duplicates) == (2, 1, 1, 1)


def test_the_command_shows_some_files_or_all(
    home: Path, night: Callable[[int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    for n in range(7):
        drop(home, f"f{n}.csv", HEADER + LINE.format(f"o{n}"))
    drop(home, "waiting.csv", "")
    night(28)
    (home / "lake" / "runs" / "dt=2026-09-28").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select 'r28' as run_id, 'held' as status, 1 as checks_passed, 0 as "
            f"checks_failed, 0 as checks_warned, '' as message, now() as finished_at) to "
            f"'{home}/lake/runs/dt=2026-09-28/r28.parquet'"
        )
    assert call(["status", "--home", str(home)]) == 0
    some = capsys.readouterr().out
    assert "and 3 more" in some
    assert "waiting.csv" in some
    assert "0 bytes" in " ".join(some.split())
    assert call(["status", "--home", str(home), "--files"]) == 0
    every = capsys.readouterr().out
    assert all(f"f{n}.csv" in every for n in range(7))


def test_stray_files_of_any_name_are_told_in_one_line(home: Path) -> None:
    (home / "landing" / os.fsdecode(b"caf\xe9\n.csv")).write_text("x")
    (said,) = unread_drops(Deployment(home))
    assert "caf\\udce9\\n.csv" in said
    said.encode()


def test_a_file_of_which_nothing_landed_says_so_on_every_night(
    home: Path, night: Callable[[int], None]
) -> None:
    drop(home, "a.csv", HEADER + "o1,c1,soon,1\no2,c1,later,1\n")
    for day, told in ((28, "all 2 are in quarantine (line 2: "), (29, "unchanged, and none of")):
        night(day)
        (found,) = file_statuses(home / "lake", None)
        assert (found.seen, found.loaded, found.quarantined) == (2, 0, 2)
        assert told in found.note
