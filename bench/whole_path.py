"""Pages and records per second of the whole path, beside Scrapy on the same pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from bench import beside, ours
from bench.processes import make_home
from bench.replicas import PlainList, playing

ROUNDS = 3
OURS = "voc-warehouse"
BESIDE = {"Scrapy, 1 at a time": 1, "Scrapy, 16 at a time": 16}
LISTS = {
    "plain_html": PlainList("html", rows=3_000, size=20),
    "plain_json": PlainList("json", rows=12_000, size=50),
}


@dataclass(frozen=True)
class Run:
    """One crawl of a whole list."""

    seconds: float
    cpu_seconds: float
    records: int


def measure(console: Console) -> list[str]:
    """Print the table. Returns what is wrong: crawlers that did not read every row."""
    table = Table(title=f"The whole path, best of {ROUNDS}, replica in a process of its own")
    table.add_column("pages of")
    table.add_column("crawler")
    for name in ("pages/s", "records/s", "CPU ms/page", "ours: speed", "ours: CPU"):
        table.add_column(name, justify="right")
    faults: list[str] = []
    with TemporaryDirectory(prefix="voc-bench-") as folder, playing(list(LISTS.values())) as urls:
        for (platform, played), url in zip(LISTS.items(), urls, strict=True):
            best = _best(platform, url, Path(folder))
            faults += [
                f"{name} read {run.records:,} of {played.rows:,} records of {platform}."
                for name, run in best.items()
                if run.records != played.rows
            ]
            _add_rows(table, platform, played, best)
    console.print(table)
    console.print(
        "Speed: ours by theirs, 1 and more is faster. CPU: ours by theirs, 1 and less is cheaper.\n"
        "Scrapy reads and writes JSON lines. In the same time ours also archives every answer\n"
        "(WARC), hashes it, judges it, types and checks every value, masks free text, hashes\n"
        "authors and versions, counts fields, and writes Parquet; one request at a time, always."
    )
    return faults


def _best(platform: str, url: str, folder: Path) -> dict[str, Run]:
    """The fastest of several rounds per crawler; the crawlers take turns."""
    crawlers: dict[str, Callable[[Path], Run]] = {OURS: partial(_ours, platform, url)}
    for name, concurrency in BESIDE.items():
        crawlers[name] = partial(_beside, platform, url, concurrency)
    runs: dict[str, list[Run]] = {name: [] for name in crawlers}
    for turn in range(ROUNDS):
        for name, crawl in crawlers.items():
            runs[name].append(crawl(folder / f"{platform}-{turn}"))
    return {name: min(found, key=lambda run: run.seconds) for name, found in runs.items()}


def _ours(platform: str, url: str, home: Path) -> Run:
    took = ours.crawl(make_home(home, {"plain": (platform, url)}, interval=0))
    return Run(took.seconds, took.cpu_seconds, took.records)


def _beside(platform: str, url: str, concurrency: int, folder: Path) -> Run:
    took = beside.crawl(platform, url, concurrency, folder / "feed.jsonl")
    return Run(took["seconds"], took["cpu_seconds"], int(took["records"]))


def _add_rows(table: Table, platform: str, played: PlainList, best: dict[str, Run]) -> None:
    own = best[OURS]
    for name, run in best.items():
        is_own = name == OURS
        table.add_row(
            f"{platform} ({played.pages:,} x {played.size})" if is_own else "",
            name,
            f"{played.pages / run.seconds:,.0f}",
            f"{run.records / run.seconds:,.0f}",
            f"{1000 * run.cpu_seconds / played.pages:.1f}",
            "" if is_own else f"{run.seconds / own.seconds:.2f}",
            "" if is_own else f"{own.cpu_seconds / run.cpu_seconds:.2f}",
        )
