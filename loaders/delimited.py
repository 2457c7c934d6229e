"""Delimited text as rows: the delimiter, physical lines, broken rows, rows of another width.

A row that is broken comes as a row with a fault, and costs no other row.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from typing import TextIO

from loaders.rows import Row, Table

MAX_LINE = 16 << 20  # characters of one physical line
MAX_SPAN = 500  # physical lines of one record: no answer is longer, an open quote is
DELIMITERS = (",", "\t", ";", "|")


def detect_delimiter(sample: str) -> str:
    """The delimiter under which most records are as wide as the first; a comma when in doubt."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        try:
            records = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
        except csv.Error:
            continue
        records = [r for r in records[:51] if r]
        if not records or len(records[0]) < 2:
            continue
        width = len(records[0])
        body = records[1:-1] or records  # the last one may be cut
        share = sum(len(r) == width for r in body) / len(body)
        score = (1.0 if share >= 0.8 else share, width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def text_rows(stream: TextIO, delimiter: str, encoding: str, table: Table) -> Iterator[Row]:
    """The rows of an open file that are not blank."""
    lines = _Lines(stream)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _SpanError) as error:
            cells, fault = _salvage(lines, line, delimiter, table.width, error)
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
        else:
            if not "".join(cells).strip():
                continue
            cells, fault = _fit(cells, table.width)
            if fault and len(lines.taken) > 1:
                # The quote that joined these lines was a stray one: give back what it swallowed.
                fault = _open_quote(line)
                lines.keep_first()
                reader = csv.reader(lines, delimiter=delimiter, strict=True)
        yield Row(line, cells, _bad_text(lines.taken, line, encoding) or fault)


class _SpanError(Exception):
    """A record that goes on for longer than any answer does."""


class _Lines:
    """Physical lines, counted, that can be given back when a record turns out to be broken."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._back: deque[str] = deque()
        self.line = 0
        self.taken: list[str] = []
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_SPAN:
            raise _SpanError
        text = self._back.popleft() if self._back else self._stream.readline(MAX_LINE)
        if not text:
            self.ended = True
            raise StopIteration
        self.line += 1
        self.taken.append(text)
        return text

    def begin(self) -> int:
        """Start a record; its first line's number."""
        self.taken.clear()
        self.ended = False
        return self.line + 1

    def keep_first(self) -> None:
        """Give back all lines of the record but its first."""
        rest = self.taken[1:]
        self._back.extendleft(reversed(rest))
        self.line -= len(rest)
        del self.taken[1:]


def _salvage(
    lines: _Lines, line: int, delimiter: str, width: int | None, error: Exception
) -> tuple[list[str], tuple[str, str] | None]:
    """What can be had of a record that strict CSV refuses: only its first line is lost.

    A line with undoubled quotes inside a field (`1,"so "good" it is",x`) is taken when it comes
    out as wide as the header.
    """
    if len(lines.taken) > 1 or isinstance(error, _SpanError) or lines.ended:
        lines.keep_first()
        return [], _open_quote(line)
    try:
        cells = next(csv.reader(lines.taken, delimiter=delimiter))
    except csv.Error as again:
        return [], ("unreadable_row", f"line {line} can't be split into fields: {again}.")
    if width == len(cells) and not cells[-1].endswith(("\n", "\r")):
        return cells, None
    return [], ("unreadable_row", f"line {line} can't be split into fields: {error}.")


def _open_quote(line: int) -> tuple[str, str]:
    return (
        "open_quote",
        f'a quotation mark (") opens on line {line} and does not close where it should. '
        'Double the marks inside a quoted field ("").',
    )


def _bad_text(taken: list[str], line: int, encoding: str) -> tuple[str, str] | None:
    for offset, text in enumerate(taken):
        if "\x00" in text:
            where = f"line {line + offset}"
            return "nul_byte", f"{where} holds NUL bytes: the file was damaged. Export it again."
        if not text.isascii():
            try:
                text.encode("utf-8")
            except UnicodeEncodeError:
                return (
                    "undecodable_bytes",
                    f"line {line + offset} holds bytes that are not {encoding}. Save the file in "
                    "one encoding, or name it in the config (encoding: …).",
                )
    return None


def _fit(cells: list[str], width: int | None) -> tuple[list[str], tuple[str, str] | None]:
    """A row as wide as the header: blank fields too many are cut, anything else is a fault."""
    if width is None or len(cells) == width:
        return cells, None
    if len(cells) > width and not "".join(cells[width:]).strip():
        return cells[:width], None
    return cells, (
        "wrong_field_count",
        f"the row has {len(cells)} fields and the header has {width}. Check the delimiter and the "
        "quotation marks in that row.",
    )
