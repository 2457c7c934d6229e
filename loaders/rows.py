"""What every dropped file is read into: rows of text; and which of them are no data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import pyarrow as pa

from loaders.headers import folded
from loaders.texts import is_total, trim

BLOCK_ROWS = 10_000

_FOOTER = re.compile(
    r"(?:共计?|总共|总计|合计)\s*[:：]?\s*[\d,]+\s*[条行人笔单份个家位](?:记录|数据)?[。.]?"
    r"|(?:导出|制表|打印|生成|统计|下载)(?:时间|日期|人员?|于)?\s*[:：].*"
    r"|(?:备注|说明|注)\s*[:：].*"
    r"|(?:exported|generated|printed|downloaded)\s+(?:on|at|by)\b.*"
    r"|[\d,]+\s+(?:rows?|records?)(?:\s.*)?",
    re.I | re.S,
)
"""What exports write below their rows, alone in its row: 共 128 条记录, 导出时间：2026-09-30."""

NO_RECORD = frozenset({"totals_row", "footer_row", "repeated_header"})
"""Why a row is quarantined that holds no record at all: there is nothing to be mended in it."""


class Row(NamedTuple):
    """One record of a file: its first physical line (1-based), its cells, what is wrong with it."""

    line: int
    cells: list[str]
    fault: tuple[str, str] | None = None


@dataclass(frozen=True)
class Variable:
    """What a file with a dictionary says of one column: its text, and what its codes mean.

    `set_name` and `set_text` are those of the multiple response set that it is part of. Each of the
    set's variables stands for one choice, which was made where its value is `counted`; or, without
    that, holds one.
    """

    name: str
    text: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    set_name: str | None = None
    set_text: str = ""
    counted: str | None = None


@dataclass(frozen=True)
class Block:
    """Many rows at once: a text column for each of the header's, and each row's first line.

    A row with a fault keeps its place, and its cells are blank. `rows` are those that the block
    was made of, if any: they know which cells are numbers.
    """

    cells: pa.Table
    lines: pa.Array
    faults: dict[int, tuple[str, str]] = field(default_factory=dict)
    rows: Sequence[Row] = ()

    def row(self, at: int) -> Row:
        """One of its rows, as `Table.rows` gives it."""
        if self.rows:
            return self.rows[at]
        cells = [column[at].as_py() for column in self.cells.columns]
        return Row(self.lines[at].as_py(), cells, self.faults.get(at))


@dataclass
class Table:
    """An open file. Set `header` once it is read: rows of another width are then faults.

    `how` says in words how the file was read, for the person who wonders; `delimiter` stands
    between the fields, and is empty for a worksheet; `dictionary` is empty for most kinds of files.
    `is_1904` is a workbook that counts days from 1904 on, not from 1900.
    `fast`, where a kind of file has it, gives the next rows as a block without reading them one by
    one; None when they have to be.
    """

    how: str
    delimiter: str = ""
    header: list[str] | None = None
    dictionary: tuple[Variable, ...] = ()
    is_1904: bool = False
    rows: Iterator[Row] = field(default_factory=lambda: iter(()))
    fast: Callable[[], Block | None] = lambda: None

    def date_order(self, declared: str) -> str:
        """How `loaders.times` has to read days, where the config says `declared`."""
        return "excel_1904" if self.is_1904 and declared == "excel" else declared

    def blocks(self) -> Iterator[Block]:
        """All rows that are left, in blocks. The header has to be known."""
        while True:
            block = self.fast() or _block(list(islice(self.rows, BLOCK_ROWS)), self.header or [])
            if not len(block.lines):
                return
            yield block


def _block(rows: list[Row], header: list[str]) -> Block:
    faults = {at: row.fault for at, row in enumerate(rows) if row.fault is not None}
    blank = [""] * len(header)
    columns = zip(*(blank if row.fault else row.cells for row in rows), strict=True)
    arrays = [pa.array(column, pa.string()) for column in columns]
    names = [str(place) for place in range(len(arrays))]
    lines = pa.array([row.line for row in rows], pa.int64())
    return Block(pa.Table.from_arrays(arrays, names), lines, faults, rows)


class Remarks:
    """Tells the rows of one file that hold no record: totals, remarks below, the header again."""

    def __init__(self, header: list[str]) -> None:
        self._header = [folded(name) for name in header]
        # Not the first cell: where files are joined, a byte order mark stands in it.
        self._probe = next((i for i, name in enumerate(header) if i and name.strip()), 0)
        self._probed = trim(header[self._probe])

    def fault(self, cells: list[str]) -> tuple[str, str] | None:
        """Why a row, as wide as the header, is no record; None for nearly all."""
        first = cells[0] or next((cell for cell in cells if cell), "")
        may_sum = not first[-1:].isdigit() and is_total(trim(first))
        if may_sum and (not first.isascii() or cells.count("") * 2 >= len(cells)):
            return (
                "totals_row",
                f"the row begins with {trim(first)!r}: it sums up others and is no record. Export "
                "without totals.",
            )
        if "".join(cells) == first and _FOOTER.fullmatch(trim(first)):
            return "footer_row", "the row is a remark below the table, and no record."
        if (
            cells[self._probe].strip() == self._probed
            and [folded(c) for c in cells] == self._header
        ):
            return (
                "repeated_header",
                "the row is the header once more: files were joined. Drop each by itself.",
            )
        return None
