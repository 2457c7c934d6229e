"""A file read into Parquet by DuckDB or Polars, in a process of its own, and nothing else done.

`python -m bench.plainly READER FILE PARQUET` prints what it took as JSON. Imports are not in the
time. Both write with the lake's compression.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq

from bench.ours import Took
from bench.processes import run_module


def read(reader: str, file: Path, parquet: Path) -> Took:
    """Read with `duckdb` or `polars` in a new process. Raises RuntimeError if it fails."""
    return Took(**run_module("bench.plainly", reader, str(file), str(parquet)))


def _duckdb(file: Path, parquet: Path) -> None:
    with duckdb.connect() as sql:
        sql.execute(
            f"copy (select * from read_csv('{file}')) to '{parquet}' "
            "(format parquet, compression zstd)"
        )


def _polars(file: Path, parquet: Path) -> None:
    if file.suffix == ".xlsx":
        pl.read_excel(file).write_parquet(parquet, compression="zstd")
    else:
        pl.scan_csv(file).sink_parquet(parquet, compression="zstd")


def _measure(reader: str, file: Path, parquet: Path) -> Took:
    began, cpu_began = time.perf_counter(), time.process_time()
    {"duckdb": _duckdb, "polars": _polars}[reader](file, parquet)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Took(seconds, cpu, peak, pq.ParquetFile(parquet).metadata.num_rows)


if __name__ == "__main__":
    print(json.dumps(asdict(_measure(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))))
