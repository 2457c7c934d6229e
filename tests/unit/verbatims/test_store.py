"""lake/text: batches, typed empty files, decisions, kept taxonomies."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.scaffold import scaffold_file
from verbatims.aspects.taxonomy import read_taxonomy
from verbatims.results import Mention, Phrase, Sentiment
from verbatims.store import BY_COMMAND, TABLES, TextStore, aspect_rows, score_row, text_hash

TOLD = Sentiment(0.5, 0.75, "positive", (Phrase(0, 2, 1.0),), "zh", "zh-1")
ROW = score_row(text_hash("好喝"), "app", TOLD)


def asked(sql: str, *values: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and rows, by a connection of its own: the module's is every test's."""
    with duckdb.connect() as connection:
        found = connection.execute(sql, list(values))
        return [column[0] for column in found.description], found.fetchall()


@pytest.fixture
def store(tmp_path: Path) -> TextStore:
    """An empty one."""
    found = TextStore(tmp_path / "text")
    found.prepare()
    return found


@settings(deadline=None)  # DuckDB takes its time once
@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")))
def test_the_hash_is_that_of_sql(text: str) -> None:
    assert asked("select md5(?)", text)[1] == [(text_hash(text),)]


def test_sql_finds_every_column_before_anything_was_read(store: TextStore) -> None:
    for name, schema in TABLES.items():
        sql = f"select * from read_parquet('{store.glob(name)}', union_by_name = true)"
        assert asked(sql) == (schema.names, [])


def test_batches_stand_in_files_of_their_own(store: TextStore) -> None:
    for _ in range(3):
        store.append("scores", "zh-1", [ROW], "r1")
    store.append("scores", "zh-1", [], "r1")
    folder = store.root / "scores" / "zh-1"
    assert sorted(path.name for path in folder.iterdir()) == [
        "r1-000001.parquet",
        "r1-000002.parquet",
        "r1-000003.parquet",
    ]
    (row,) = pq.ParquetFile(folder / "r1-000002.parquet").read().to_pylist()
    assert row["phrases"] == [{"start": 0, "end": 2, "weight": 1.0}]
    assert "好喝" not in str(row)


def test_each_clears_up_after_its_own_kind(store: TextStore) -> None:
    store.append("scores", "zh-1", [ROW], "r1")
    folder = store.root / "scores" / "zh-1"
    nightly, commanded = folder / "r2-000001.parquet.tmp", folder / f"{BY_COMMAND}1-1.parquet.tmp"
    for path in (nightly, commanded):
        path.write_bytes(b"half")
    assert store.prepare() == [nightly]
    assert store.prepare(by_command=True) == [commanded]


def test_a_file_without_its_end_is_removed_so_that_its_texts_are_read_again(
    store: TextStore,
) -> None:
    for run in ("r1", "r2", "r3"):
        store.append("scores", "zh-1", [ROW], run)
    folder = store.root / "scores" / "zh-1"
    whole, cut, empty = (folder / f"{run}-000001.parquet" for run in ("r1", "r2", "r3"))
    cut.write_bytes(whole.read_bytes()[:-10])
    empty.write_bytes(b"")
    assert store.prepare() == [cut, empty]
    assert asked(f"select count(*) from '{store.glob('scores')}'")[1] == [(1,)]


def test_a_version_may_be_called_anything_and_stays_in_its_folder(store: TextStore) -> None:
    for version in ("../../up", "a/b", "二〇二六 秋"):
        store.append("scores", version, [ROW], "r1")
    folders = {path.name for path in (store.root / "scores").iterdir()}
    assert len(folders) == 4  # with that of the empty file
    assert not (store.root.parent / "up").exists()


def test_a_text_without_aspects_has_one_row_that_says_so() -> None:
    assert list(aspect_rows("h", "1", [])) == [{"text_hash": "h", "taxonomy_version": "1"}]
    mention = Mention("delivery", 2, 4, -1, "own:慢", 0.9, "1")
    (row,) = aspect_rows("h", "1", [mention])
    assert (row["aspect"], row["span_start"], row["span_end"], row["polarity"]) == (
        *("delivery", 2, 4),
        -1,
    )


def test_the_last_decision_counts_and_a_run_replaces_its_own(store: TextStore) -> None:
    def decide(run: str, day: int, hour: int, version: str) -> None:
        row = {"kind": "sentiment", "language": "zh", "version": version, "wanted": version}
        store.decide(run, date(2026, 9, day), datetime(2026, 10, 1, hour, tzinfo=UTC), [row])

    assert store.named() == []
    decide("r1", 29, 1, "a")
    decide("r2", 30, 2, "b")
    decide("r2", 30, 3, "c")
    assert [row["version"] for row in store.named()] == ["c"]
    decide("r3", 28, 4, "d")  # a backfill is decided last, though its day is an earlier one
    assert [row["version"] for row in store.named()] == ["d"]


def test_a_kept_taxonomy_reads_as_it_was(store: TextStore) -> None:
    taxonomy = read_taxonomy(scaffold_file("taxonomy.yml"))
    store.keep_taxonomy(taxonomy)
    kept = store.taxonomy(taxonomy.version)
    assert kept is not None
    assert kept.aspects == taxonomy.aspects
    assert store.taxonomy("gone") is None
    rows = asked(f"select count(*) from '{store.glob('taxonomies')}'")[1]
    assert rows == [(len(taxonomy.aspects),)]


def test_a_kept_taxonomy_that_older_rules_wrote_is_none(store: TextStore) -> None:
    taxonomy = read_taxonomy(scaffold_file("taxonomy.yml"))
    store.keep_taxonomy(taxonomy)
    (path,) = store.root.glob("taxonomies/*/taxonomy.yml")
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(told | {"of_old": 1}), encoding="utf-8")
    assert store.taxonomy(taxonomy.version) is None


def test_a_night_and_the_command_may_write_the_same_files_at_once(store: TextStore) -> None:
    taxonomy = read_taxonomy(scaffold_file("taxonomy.yml"))

    def write(by_command: bool) -> None:
        mine = TextStore(store.root)
        for _ in range(20):
            mine.prepare(by_command=by_command)
            mine.keep_taxonomy(taxonomy)
            mine.keep_cards([], [])

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, [False, True, True]))
    assert not list(store.root.rglob("*.tmp"))
    assert store.taxonomy(taxonomy.version) is not None
