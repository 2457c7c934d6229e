"""Plain delimited text -> a block of many rows at once.

Only what can be read in one way is: every row as wide as the header, no line breaks inside fields,
every quotation mark where the CSV rules (RFC 4180) have it. Anything else is for `delimited`, which
looks at each row by itself. Both read the same cells out of the same text.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

from loaders.rows import Block

_PARSED_AT_ONCE = 1 << 20  # bytes for one thread; a row must fit in
_QUOTE, _NEWLINE, _RETURN = b'"\n\r'

Bytes = npt.NDArray[np.uint8]


def read_block(text: str, line: int, delimiter: str, width: int, extra: int) -> Block | None:
    """The rows of `text`, whose first line is number `line`; None if they are not plain.

    `width` fields, and `extra` blank ones behind them.
    """
    if width < 2 or not text.endswith("\n") or "\x00" in text:
        return None
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return None
    newlines = _plain_lines(data, delimiter)
    cells = None if newlines is None else _parsed(data, delimiter, width + extra)
    # A blank line is none of Arrow's rows.
    if cells is None or cells.num_rows != newlines or not _are_blank(cells.columns[width:]):
        return None
    lines = pa.array(np.arange(line, line + cells.num_rows))
    return Block(cells.select(range(width)), lines)


def _plain_lines(data: bytes, delimiter: str) -> int | None:
    """How many lines there are; None if one ends oddly, or marks stand out of place."""
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return None
    if b'"' in data and not _are_in_place(np.frombuffer(data, np.uint8), ord(delimiter)):
        return None
    return data.count(b"\n")


def _are_in_place(seen: Bytes, delimiter: int) -> bool:
    """Whether the marks open and close whole fields, and are doubled within."""
    quotes, ends = np.flatnonzero(seen == _QUOTE), np.flatnonzero(seen == _NEWLINE)
    if len(quotes) % 2 or (np.searchsorted(quotes, ends) % 2).any():
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    before = np.where(opening > 0, seen[opening - 1], _NEWLINE)
    after = seen[closing + 1]  # the text ends with a line's end
    doubled = closing[:-1] + 1 == opening[1:]
    opens = (before == delimiter) | (before == _NEWLINE)
    closes = (after == delimiter) | (after == _NEWLINE) | (after == _RETURN)
    opens[1:] |= doubled
    closes[:-1] |= doubled
    return bool(opens.all() and closes.all())


def _parsed(data: bytes, delimiter: str, width: int) -> pa.Table | None:
    names = [str(place) for place in range(width)]
    try:
        return csv.read_csv(
            pa.BufferReader(data),
            csv.ReadOptions(block_size=_PARSED_AT_ONCE, column_names=names),
            csv.ParseOptions(delimiter=delimiter, newlines_in_values=False),
            csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:  # another width somewhere, or a row that is longer than a piece
        return None


def _are_blank(columns: list[pa.ChunkedArray]) -> bool:
    return all(not text.strip() for column in columns for text in column.unique().to_pylist())
