"""The bench measures like against like: ours and the others read every row."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from bench import beside, loading, ours, plainly
from bench.processes import make_home
from bench.replicas import PlainList, playing

ROWS = 45


@pytest.mark.parametrize("shape", ["html", "json"])
def test_both_crawlers_read_all_rows(shape: str, tmp_path: Path) -> None:
    platform = f"plain_{shape}"
    with playing([PlainList(shape, ROWS, size=20)]) as (url,):  # type: ignore[arg-type]
        own = ours.crawl(make_home(tmp_path / "home", {"plain": (platform, url)}, interval=0))
        feed = tmp_path / "feed.jsonl"
        theirs = beside.crawl(platform, url, 16, feed)
    assert (own.records, theirs["records"]) == (ROWS, ROWS)
    items = [json.loads(line) for line in feed.read_text("utf-8").splitlines()]
    assert {item["review_id"] for item in items} == {f"r{n:06d}" for n in range(1, ROWS + 1)}
    assert all(item["title"] and item["body"] and item["created_at"] for item in items)


@pytest.mark.parametrize(("kind", "readers"), [("csv", ["duckdb", "polars"]), ("xlsx", ["polars"])])
def test_all_readers_read_all_orders(kind: str, readers: list[str], tmp_path: Path) -> None:
    file = tmp_path / f"orders.{kind}"
    (loading.write_csv if kind == "csv" else loading.write_xlsx)(file, ROWS)
    own = loading.load(file, tmp_path / "home")
    landed = tmp_path / "home/lake/records/source=extract_orders/**/orders.parquet"
    kept = [str(landed)]
    for reader in readers:
        kept.append(str(tmp_path / f"{reader}.parquet"))
        assert plainly.read(reader, file, Path(kept[-1])).records == ROWS
    assert own.records == ROWS
    sums = "select count(distinct order_id), round(sum(amount::double), 2) from '{}'"
    with duckdb.connect() as sql:
        found = [sql.execute(sums.format(path)).fetchall() for path in kept]
    assert found[0][0][0] == ROWS
    assert found == [found[0]] * len(kept)
