"""All measurements, one after the other; `python -m bench whole_path` runs one alone.

Ends with 1 when a bound is broken or a crawler lost records. Speeds are shown, never judged: they
are the machine's.
"""

from __future__ import annotations

import os
import platform
import sys
import time

from rich.console import Console

from bench import aspects, loading, memory, noise, polite, reading, sentiment, texts, whole_path

PARTS = {
    "whole_path": whole_path.measure,
    "polite": polite.measure,
    "memory": memory.measure,
    "loading": loading.measure,
    "aspects": aspects.measure,
    "texts": texts.measure,
}
# Long, or in need of data that is not here: only when asked for.
BY_NAME = {
    "big_csv": loading.measure_big,
    "sentiment": sentiment.measure,
    "noise": noise.measure,
    "reading": reading.measure,
    "themes": noise.measure_themes,
}


def main(names: list[str]) -> int:
    """Run the parts that are named, or all. Returns the exit code."""
    console = Console(width=120, highlight=False)
    parts = PARTS | BY_NAME
    unknown = sorted(set(names) - set(parts))
    if unknown:
        console.print(f"There is no {', '.join(unknown)} to measure; there is {', '.join(parts)}.")
        return 2
    console.print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"load {os.getloadavg()[0]:.1f} at the start\n"
    )
    began = time.perf_counter()
    faults: list[str] = []
    for name in names or PARTS:
        faults += parts[name](console)
        console.print()
    console.print(f"{time.perf_counter() - began:.0f} s in all")
    for fault in faults:
        console.print(f"Broken: {fault}", style="red")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
