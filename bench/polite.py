"""A polite crawl over several hosts, against its bound: the slowest host's pages x delay."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bench import ours
from bench.processes import make_home
from bench.replicas import PlainList, playing

DELAY = 0.5
PAGES = (12, 20, 50, 8, 30, 40, 16, 24)
MOST = 1.05


def measure(console: Console) -> list[str]:
    """Print wall time and bound. Returns what is wrong: a night longer than its bound allows."""
    lists = [
        PlainList("html" if number % 2 else "json", rows=20 * pages, size=20)
        for number, pages in enumerate(PAGES)
    ]
    with TemporaryDirectory(prefix="voc-bench-") as folder, playing(lists) as urls:
        sources = {
            f"host_{number}": (f"plain_{one.shape}", url)
            for number, (one, url) in enumerate(zip(lists, urls, strict=True), start=1)
        }
        took = ours.crawl(make_home(Path(folder) / "home", sources, DELAY), workers=len(lists))
    bound = max(PAGES) * DELAY
    ratio = took.seconds / bound
    console.print(
        f"Polite crawl over {len(PAGES)} hosts, {DELAY:g} s between two requests to one host\n"
        f"  {sum(PAGES)} pages, {max(PAGES)} of them on the slowest host: bound {bound:.1f} s\n"
        f"  took {took.seconds:.2f} s, {ratio:.3f} x the bound (at most {MOST})"
    )
    faults = [] if ratio <= MOST else [f"The polite crawl took {ratio:.3f} x its bound."]
    if took.records != 20 * sum(PAGES):
        faults.append(f"The polite crawl kept {took.records:,} of {20 * sum(PAGES):,} records.")
    return faults
