"""A night's reading of texts: peak memory with few and many, and what looking for copies holds.

`python -m bench.reading night COUNT` and `... copies COUNT` do one of them in a process of its own.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from rich.console import Console

from bench.processes import run_module
from bench.said import rated
from bench.texts import peak_mb
from orchestration.scaffold import scaffold_file
from orchestration.text_reading import Reader
from orchestration.texts import Engineering, understand
from verbatims.aspects.taxonomy import read_taxonomy
from verbatims.noise import Said, copies
from verbatims.store import TextStore

NIGHTS = (20_000, 200_000)
HELD = (20_000, 50_000, 100_000)
MOST_MB = 1_000
"""Of a night, however many texts it reads; DuckDB spills at 1 GB, and takes less."""
_LENGTH = 40
_FIRST = datetime(2026, 7, 1)  # noqa: DTZ001 - as the warehouse has it, in UTC


def measure(console: Console) -> list[str]:
    """Print both. Returns what is above its bound."""
    faults = []
    for count in NIGHTS:
        told = run_module("bench.reading", "night", str(count))
        console.print(
            f"{count:,} texts understood: {told['peak_mb']:.0f} MB at the peak, "
            f"{count / told['seconds']:,.0f} texts a second of processor time"
        )
        if told["peak_mb"] > MOST_MB:
            faults.append(f"{count:,} texts took {told['peak_mb']:.0f} MB, above {MOST_MB:,}.")
    for count in HELD:
        told = run_module("bench.reading", "copies", str(count))
        console.print(
            f"{count:,} distinct texts of {_LENGTH} characters looked through for copies: "
            f"{told['more_mb']:.0f} MB more than before, {count / told['seconds']:,.0f} a second"
        )
    return faults


def _night(count: int) -> dict[str, float]:
    """Read so many invented texts by lexicon, taxonomy, rules of noise, copies and themes."""
    with TemporaryDirectory(prefix="voc-bench-") as folder:
        root = Path(folder)
        with duckdb.connect(str(root / "warehouse.duckdb")) as connection:
            connection.execute(
                "create table said (text string, channel string, said_at timestamp, "
                "author string, unit_id string)"
            )
            rows = []
            for place, one in enumerate(rated(count), 1):
                at = _FIRST + timedelta(seconds=60 * place * 90 * 24 * 60 // count)
                rows.append((one.text, one.channel, at, f"a{place}", "u1"))
                if len(rows) == 10_000 or place == count:
                    columns = [list(column) for column in zip(*rows, strict=True)]
                    connection.execute(
                        f"insert into said select {', '.join(['unnest(?)'] * 5)}", columns
                    )
                    rows = []
        store = TextStore(root / "text")
        store.prepare()
        began = time.process_time()
        understand(
            Engineering(store, root / "models", read_taxonomy(scaffold_file("taxonomy.yml"))),
            Reader(store, "bench", lambda: datetime.now(UTC)),
            root / "warehouse.duckdb",
            "said",
            as_of=date(2026, 9, 28),
            budget=count,
        )
        return {"peak_mb": peak_mb(), "seconds": time.process_time() - began}


def _copies(count: int) -> dict[str, float]:
    sum(1 for _ in copies(_different(1)))  # what is imported for it isn't held
    before, began = peak_mb(), time.process_time()
    sum(1 for _ in copies(_different(count)))
    return {"more_mb": peak_mb() - before, "seconds": time.process_time() - began}


def _different(count: int) -> Iterator[Said]:
    lot = random.Random(20260930)  # noqa: S311 - invented, and the same on purpose
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 2_500)]
    for place in range(count):
        text = "".join(lot.choices(letters, k=_LENGTH))
        at = _FIRST + timedelta(seconds=place)
        yield Said(f"{place:032x}", text, f"a{place}", None, at)


if __name__ == "__main__":
    print(json.dumps({"night": _night, "copies": _copies}[sys.argv[1]](int(sys.argv[2]))))
