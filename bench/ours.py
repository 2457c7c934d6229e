"""One night of ours in a process of its own, by the same `collect` that `voc run` calls.

`python -m bench.ours HOME WORKERS` prints what it took as JSON. Imports are not in the time.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from bench.processes import run_module
from orchestration.collect import sources_of
from orchestration.deployment import Deployment
from orchestration.night import Night, collect

AS_OF = date(2026, 9, 30)


@dataclass(frozen=True)
class Took:
    """What one crawl took: wall and processor seconds, peak resident memory, records kept."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    records: int


def crawl(home: Path, workers: int = 1) -> Took:
    """Collect all sources of a deployment in a new process. Raises RuntimeError if one fails."""
    return Took(**run_module("bench.ours", str(home), str(workers)))


def _collect(home: Path, workers: int) -> Took:
    night = Night(Deployment(home))
    sources = sources_of(night.deployment)
    run = night.run_context(AS_OF, f"bench-{time.time_ns()}")
    night.deployment.lake.prepare()
    began, cpu_began = time.perf_counter(), time.process_time()
    results = list(collect(night, run, sources, title="Crawl", workers=workers))
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    for result in results:
        if result.status != "complete":
            raise SystemExit(f"{result.source} ended {result.status}: {result.message}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Took(seconds, cpu, peak, sum(result.landed for result in results))


if __name__ == "__main__":
    print(json.dumps(asdict(_collect(Path(sys.argv[1]), int(sys.argv[2])))))
