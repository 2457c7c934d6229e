"""What every dropped file is read into: rows of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Row(NamedTuple):
    """One record of a file: its first physical line (1-based), its cells, what is wrong with it."""

    line: int
    cells: list[str]
    fault: tuple[str, str] | None = None


@dataclass
class Table:
    """An open file. Set `header` once it is read: rows of another width are then faults.

    `how` says in words how the file was read, for the person who wonders; `delimiter` stands
    between the fields, and is empty for a worksheet.
    """

    how: str
    delimiter: str = ""
    header: list[str] | None = None
    rows: Iterator[Row] = field(default_factory=lambda: iter(()))
