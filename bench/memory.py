"""Peak memory of a source's night with 10,000 records, and with 100,000."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bench import ours
from bench.processes import make_home
from bench.replicas import PlainList, playing

FEW, MANY, SIZE = 10_000, 100_000, 200
MOST_RATIO, MOST_MB = 1.3, 60


def measure(console: Console) -> list[str]:
    """Print both peaks. Returns what is wrong: memory that grows with the records."""
    lists = [PlainList("json", rows, SIZE) for rows in (FEW, MANY)]
    with TemporaryDirectory(prefix="voc-bench-") as folder, playing(lists) as urls:
        few, many = (
            ours.crawl(make_home(Path(folder) / f"{number}", {"plain": ("plain_json", url)}, 0))
            for number, url in enumerate(urls)
        )
    ratio, more = many.peak_mb / few.peak_mb, many.peak_mb - few.peak_mb
    console.print(
        f"Memory of one source's night (peak resident, a process each)\n"
        f"  {FEW:,} records {few.peak_mb:.0f} MB; {MANY:,} records {many.peak_mb:.0f} MB: "
        f"{ratio:.2f} x, {more:+.0f} MB (at most {MOST_RATIO} x, or {MOST_MB} MB more)"
    )
    faults = []
    if ratio > MOST_RATIO and more > MOST_MB:
        faults.append(f"Memory grew {ratio:.2f} x from {FEW:,} to {MANY:,} records.")
    if (few.records, many.records) != (FEW, MANY):
        faults.append(f"{few.records:,} and {many.records:,} records were kept.")
    return faults
