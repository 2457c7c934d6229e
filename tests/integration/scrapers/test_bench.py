"""The bench measures like against like: ours and Scrapy read every row of the same pages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import beside, ours
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
