"""Showing what a crawl read, for whoever writes a source.yml."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from lake.entities import ENTITIES
from orchestration.one_source import Seen

SHOWN_ROWS = 100
WIDEST = 160


def print_seen(console: Console, seen: Seen) -> None:
    """The rows field by field, then what could not be read, then how the requests ended."""
    for entity, rows in seen.records.items():
        console.print(f"\n{entity}: {len(rows):,} rows", style="bold")
        for row in rows[:SHOWN_ROWS]:
            _print_row(console, entity, row)
        if len(rows) > SHOWN_ROWS:
            console.print(f"  … and {len(rows) - SHOWN_ROWS:,} more")
    _print_quarantine(console, seen)
    if seen.unknown_fields:
        names = ", ".join(seen.unknown_fields)
        console.print(f"\nFields that nothing reads and nobody declared: {names}", soft_wrap=True)
    console.print()
    console.print(_requests(seen))
    console.print(f"{seen.result.status}: {seen.result.message}", soft_wrap=True)


def _print_row(console: Console, entity: str, row: dict[str, Any]) -> None:
    event = f", {row['event_at']:%Y-%m-%d %H:%M} UTC" if row["event_at"] else ", no time"
    console.print(f"  {row['natural_key']} (item {row['position']}{event})", style="cyan")
    empty = []
    for column in ENTITIES[entity].columns:
        if row[column] is None:
            empty.append(column)
        else:
            console.print(f"    {column}: {_short(row[column])}", soft_wrap=True, markup=False)
    if empty:
        console.print(f"    empty: {', '.join(empty)}", soft_wrap=True, style="dim")


def _print_quarantine(console: Console, seen: Seen) -> None:
    if not seen.quarantine:
        return
    console.print(f"\nCould not be read: {len(seen.quarantine):,}", style="bold")
    for row in seen.quarantine[:SHOWN_ROWS]:
        told = f"  item {row['line']} ({row['natural_key'] or 'no key'}): {row['reason']}"
        found = f" Found: {_short(row['value_masked'])}" if row["value_masked"] else ""
        console.print(told + found, soft_wrap=True, markup=False)


def _requests(seen: Seen) -> Table:
    table = Table("request", "page", "status", "outcome", "items", "address", title="Requests")
    for row in seen.outcomes:
        table.add_row(
            row["request"] or "",
            "" if row["page_no"] is None else str(row["page_no"]),
            "" if row["http_status"] is None else str(row["http_status"]),
            row["outcome"],
            f"{row['items_seen']:,}",
            row["url"],
        )
    return table


def _short(value: Any) -> str:
    text = str(value).replace("\n", " ⏎ ")
    return text if len(text) <= WIDEST else f"{text[:WIDEST]}…"
