"""Releases on real DuckDB files: complete, readable, switched at once, in nobody's way."""

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from orchestration.releases import Release, list_releases, publish, switch

TABLES = [("core", "fct_order"), ("marts", "nps_period")]


def build(folder: Path, rows: int) -> Path:
    path = folder / "build" / "warehouse.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema if not exists core; create schema if not exists marts")
        connection.execute(f"create or replace table core.fct_order as from range({rows}) t(n)")
        connection.execute("create or replace table marts.nps_period as select 30.0 as nps")
        connection.execute("create or replace table marts.gone as select 1 as left_over")
    return path


def render(warehouse: Path, folder: Path) -> Path:
    folder.mkdir()
    page = folder / "index.html"
    page.write_text(f"<p>{warehouse.name}</p>")
    return page


def release(folder: Path, run_id: str, rows: int) -> Release:
    return publish(
        build(folder, rows),
        folder / "releases",
        folder / "serving",
        run_id=run_id,
        as_of="2026-09-30",
        tables=TABLES,
        checks=[{"name": "a", "passed": True}],
        sources=[],
        text_versions=[],
        write_report=render,
    )


def count(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute("select count(*) from core.fct_order").fetchone()
    assert row is not None
    return int(row[0])


def test_a_release_holds_the_tables_as_warehouse_and_as_parquet(tmp_path: Path) -> None:
    made = release(tmp_path, "r1", 7)
    assert count(tmp_path / "serving" / "warehouse.duckdb") == 7
    parquet = made.folder / "parquet" / "core" / "fct_order.parquet"
    with duckdb.connect() as connection:
        rows = connection.execute(f"select count(*) from '{parquet}'").fetchall()
    assert rows == [(7,)]
    assert made.manifest["tables"] == [
        {"schema": "core", "table": "fct_order", "rows": 7},
        {"schema": "marts", "table": "nps_period", "rows": 1},
    ]


def test_what_the_project_no_longer_has_is_not_published(tmp_path: Path) -> None:
    release(tmp_path, "r1", 1)
    with duckdb.connect(str(tmp_path / "serving" / "warehouse.duckdb"), read_only=True) as reader:
        names = reader.execute("select table_name from information_schema.tables").fetchall()
    assert ("gone",) not in names


def test_the_manifest_s_hashes_are_those_of_the_files(tmp_path: Path) -> None:
    made = release(tmp_path, "r1", 3)
    told = json.loads((made.folder / "manifest.json").read_text())
    assert {f["path"] for f in told["files"]} == {
        "warehouse.duckdb",
        "parquet/core/fct_order.parquet",
        "parquet/marts/nps_period.parquet",
        "report/index.html",
    }
    for entry in told["files"]:
        body = (made.folder / entry["path"]).read_bytes()
        assert (hashlib.sha256(body).hexdigest(), len(body)) == (entry["sha256"], entry["bytes"])


def test_a_reader_keeps_the_old_release_while_the_next_is_published(tmp_path: Path) -> None:
    release(tmp_path, "r1", 5)
    held = duckdb.connect(str(tmp_path / "serving" / "warehouse.duckdb"), read_only=True)
    try:
        release(tmp_path, "r2", 9)
        assert held.execute("select count(*) from core.fct_order").fetchone() == (5,)
        assert count(tmp_path / "serving" / "warehouse.duckdb") == 9
    finally:
        held.close()


def test_a_release_that_breaks_half_way_leaves_the_old_one_serving(tmp_path: Path) -> None:
    release(tmp_path, "r1", 5)

    def breaks(warehouse: Path, folder: Path) -> Path:
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        publish(
            build(tmp_path, 9),
            tmp_path / "releases",
            tmp_path / "serving",
            run_id="r2",
            as_of="2026-09-30",
            tables=TABLES,
            checks=[],
            sources=[],
            text_versions=[],
            write_report=breaks,
        )
    assert count(tmp_path / "serving" / "warehouse.duckdb") == 5
    assert [path.name for path in (tmp_path / "releases").iterdir()] == ["r1"]


def test_releases_are_listed_newest_first_and_the_served_one_is_marked(tmp_path: Path) -> None:
    first, second = release(tmp_path, "r1", 1), release(tmp_path, "r2", 2)
    for made, when in ((first, "2026-10-01T02:00:00+00:00"), (second, "2026-10-02T02:00:00+00:00")):
        told = {**made.manifest, "created_at": when}
        (made.folder / "manifest.json").write_text(json.dumps(told))
    (tmp_path / "releases" / "r3").mkdir()
    (tmp_path / "releases" / "r3" / "manifest.json").write_text("{half a file")
    switch(tmp_path / "serving", first.folder)
    listed = list_releases(tmp_path / "releases", tmp_path / "serving")
    assert [(r.run_id, r.serving) for r in listed] == [("r2", False), ("r1", True)]


def test_the_file_can_be_read_by_every_duckdb_since_1_0(tmp_path: Path) -> None:
    """The storage version is the number at byte 12 of the header; 64 is that of v1.0.0."""
    made = release(tmp_path, "r1", 1)
    header = made.warehouse.read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") == 64


def test_a_backfill_is_written_and_readers_stay_with_the_later_day(tmp_path: Path) -> None:
    release(tmp_path, "r1", 5)
    older = publish(
        build(tmp_path, 2),
        tmp_path / "releases",
        tmp_path / "serving",
        run_id="r0",
        as_of="2026-09-29",
        tables=TABLES,
        checks=[],
        sources=[],
        text_versions=[],
        write_report=render,
    )
    assert not older.serving
    assert count(older.warehouse) == 2
    assert count(tmp_path / "serving" / "warehouse.duckdb") == 5
