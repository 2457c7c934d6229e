"""Loading a dropped file: rows per second and peak memory, beside DuckDB and Polars.

Ours checks, types, masks, hashes and versions each row; the others read the same file into Parquet
and no more, which is the least that anybody could do.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from openpyxl import Workbook
from rich.console import Console
from rich.table import Table

from bench import ours, plainly
from bench.processes import make_home

CSV_ROWS, XLSX_ROWS = 2_000_000, 200_000
ROUNDS = 3
MOST_RATIO = 3.0  # seconds of ours by those of DuckDB, for the CSV
MOST_MB = 1024
BIG_ROWS = 65_000_000  # 5 GB

_ORDERS = """
    select
        'O' || lpad(n::varchar, 9, '0') as order_id,
        'C' || lpad((hash(n) % 300000)::varchar, 7, '0') as customer_id,
        strftime(timestamp '2026-01-01' + to_seconds(n * 13 % 20000000), '%Y-%m-%d %H:%M:%S')
            as ordered_at,
        'S' || lpad((n % 200)::varchar, 3, '0') as unit_id,
        ['app', 'store', 'web'][1 + n % 3] as channel,
        printf('%.2f', (hash(n * 7) % 100000) / 100.0) as amount,
        printf('%.2f', (hash(n * 5) % 30000) / 100.0) as margin,
        ['paid', 'shipped', 'done', 'cancelled'][1 + n % 4] as status,
        case when n % 4 = 3 then
            strftime(timestamp '2026-01-02' + to_seconds(n * 13 % 20000000), '%Y-%m-%d %H:%M:%S')
        end as cancelled_at,
        null as refunded_at
    from range({rows}) as made(n)
"""
_AS_CELLS = """
    select * replace (
        ordered_at::timestamp as ordered_at,
        cancelled_at::timestamp as cancelled_at,
        amount::double as amount,
        margin::double as margin
    )
    from {orders}
"""


def measure(console: Console) -> list[str]:
    """Print both tables. Returns what is wrong: a lost row, or a bound that is broken."""
    with TemporaryDirectory(prefix="voc-bench-") as folder:
        csv, xlsx = Path(folder) / "orders.csv", Path(folder) / "orders.xlsx"
        write_csv(csv, CSV_ROWS)
        write_xlsx(xlsx, XLSX_ROWS)
        faults = _compare(console, csv, CSV_ROWS, ["duckdb", "polars"], MOST_RATIO)
        return faults + _compare(console, xlsx, XLSX_ROWS, ["polars"], None)


def measure_big(console: Console) -> list[str]:
    """Print what a CSV of 5 GB takes, ours alone. Returns what is wrong: memory above 1 GB."""
    with TemporaryDirectory(prefix="voc-bench-") as folder:
        csv = Path(folder) / "orders.csv"
        write_csv(csv, BIG_ROWS)
        took = load(csv, Path(folder) / "home")
        size = csv.stat().st_size / 1e9
    console.print(
        f"Loading a CSV of {size:.2f} GB, {BIG_ROWS:,} rows: {took.seconds:.0f} s, "
        f"{took.records / took.seconds:,.0f} rows/s, peak {took.peak_mb:.0f} MB "
        f"(at most {MOST_MB} MB)"
    )
    return _wrong(took, BIG_ROWS)


def _compare(
    console: Console, file: Path, rows: int, others: list[str], most: float | None
) -> list[str]:
    mine, theirs = _take_turns(file, others)
    table = Table(title=f"{file.name}: {rows:,} rows, {file.stat().st_size / 1e6:.0f} MB")
    for column in ("reader", "rows/s", "seconds", "CPU s", "peak MB", "ours: time", "ours: CPU"):
        table.add_column(column, justify="left" if column == "reader" else "right")
    table.add_row("voc-warehouse", *_figures(mine, rows), "", "")
    for name, took in theirs.items():
        by = (mine.seconds / took.seconds, mine.cpu_seconds / took.cpu_seconds)
        table.add_row(name, *_figures(took, rows), *(f"{ratio:.2f}" for ratio in by))
    console.print(table)
    faults = _wrong(mine, rows)
    lost = [f"{name} read {took.records:,} of {rows:,} rows." for name, took in theirs.items()]
    faults += [
        fault for fault, took in zip(lost, theirs.values(), strict=True) if took.records != rows
    ]
    if most is not None:
        ratio = mine.seconds / theirs["duckdb"].seconds
        console.print(f"  {ratio:.2f} x DuckDB's time (at most {most:g})")
        if ratio > most:
            faults.append(f"Loading {file.name} took {ratio:.2f} x the time of DuckDB.")
    return faults


def _take_turns(file: Path, others: list[str]) -> tuple[ours.Took, dict[str, ours.Took]]:
    """The best of some rounds of each, so that what else the machine does hits all alike."""
    mine: list[ours.Took] = []
    theirs: dict[str, list[ours.Took]] = {name: [] for name in others}
    for _ in range(ROUNDS):
        with TemporaryDirectory(prefix="voc-bench-") as folder:
            mine.append(load(file, Path(folder) / "home"))
            for name in others:
                theirs[name].append(plainly.read(name, file, Path(folder) / "plain.parquet"))
    return _best(mine), {name: _best(rounds) for name, rounds in theirs.items()}


def _best(rounds: list[ours.Took]) -> ours.Took:
    return min(rounds, key=lambda took: took.seconds)


def load(file: Path, home: Path) -> ours.Took:
    """Load a file of orders into a new deployment, in a new process."""
    make_home(home, {}, 0)
    (home / "config" / "extracts.yml").write_text("extracts: {orders: {}}\n", encoding="utf-8")
    landing = home / "landing" / "extracts" / "orders"
    landing.mkdir(parents=True)
    os.link(file, landing / file.name)
    return ours.crawl(home)


def _wrong(took: ours.Took, rows: int) -> list[str]:
    faults = [] if took.records == rows else [f"{took.records:,} of {rows:,} rows were landed."]
    if took.peak_mb > MOST_MB:
        faults.append(f"Loading {rows:,} rows peaked at {took.peak_mb:.0f} MB.")
    return faults


def _figures(took: ours.Took, rows: int) -> list[str]:
    return [
        f"{rows / took.seconds:,.0f}",
        f"{took.seconds:.2f}",
        f"{took.cpu_seconds:.2f}",
        f"{took.peak_mb:.0f}",
    ]


def write_csv(file: Path, rows: int) -> None:
    """Write so many orders."""
    with duckdb.connect() as sql:
        sql.execute(f"copy ({_ORDERS.format(rows=rows)}) to '{file}' (header)")


def write_xlsx(file: Path, rows: int) -> None:
    """Write so many orders; moments and numbers are cells of their type."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("orders")
    with duckdb.connect() as sql:
        orders = sql.sql(_ORDERS.format(rows=rows))
        sheet.append(orders.columns)
        for row in sql.sql(_AS_CELLS.format(orders="orders")).fetchall():
            sheet.append(row)
    book.save(file)
