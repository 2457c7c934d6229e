"""Delimited text as rows: the delimiter, physical lines, broken rows, rows of another width.

A row that is broken comes as a row with a fault, and costs no other row. Where nothing is broken,
`loaders.blocks` reads many rows at once.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from typing import Protocol

from loaders.blocks import read_block
from loaders.rows import Block, Row, Table

MAX_LINE = 16 << 20  # characters of one physical line
MAX_FIELDS = 1_000_000  # delimiters of one physical line, those in long texts among them
BLOCK = 6 << 20  # characters that are tried to be read at once
MAX_SPAN = 500  # physical lines of one record: no answer is longer, an open quote is
DELIMITERS = (",", "\t", ";", "|", "^", "\x01")

csv.field_size_limit(MAX_LINE)  # a field may be as long as its line

_DIGIT = re.compile(r"\d")


class Lines(Protocol):
    """What physical lines are read from: an open text file."""

    def readline(self, limit: int, /) -> str: ...

    def read(self, size: int, /) -> str: ...


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


def detect_quote(sample: str, delimiter: str) -> str:
    """What stands around fields: an apostrophe where it stands around all of the first row's."""
    field, mark = "'(?:[^']|'')*'", re.escape(delimiter)
    return "'" if re.match(rf"{field}(?:{mark}{field})+\r?(?:\n|$)", sample) else '"'


def open_text(stream: Lines, encoding: str, table: Table, quote: str = '"') -> None:
    """Make an open file's rows that are not blank those of `table`, one by one and in blocks."""
    lines = _Lines(stream, table.delimiter, quote)
    widths = _Widths(table, lines)
    table.rows = _rows(lines, widths, encoding, table)
    table.fast = lambda: _next_block(lines, widths, table)


def _next_block(lines: _Lines, widths: _Widths, table: Table) -> Block | None:
    """The next rows, if all of them are as plain as most files are; else they are left."""
    if widths.habit is None or lines.quote != '"':
        return None
    text = lines.next_text()
    width = len(table.header or ())
    is_cut = len(text) - text.rfind("\n") > MAX_LINE  # its last line is
    block = None
    if not is_cut:
        block = read_block(text, lines.line + 1, table.delimiter, width, widths.habit)
    if block is None:
        lines.leave(text)
    else:
        lines.line += len(block.lines)
    return block


def _rows(lines: _Lines, widths: _Widths, encoding: str, table: Table) -> Iterator[Row]:
    reader = _reader(lines, table)
    while True:
        line = lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _SpanError) as error:
            cells, fault = _salvage(lines, line, widths, error)
            reader = _reader(lines, table)
        else:
            if _is_blank(cells):
                continue
            cells, fault = widths.fit(cells)
            if len(lines.taken) > 1 and (fault or _swallowed(lines.taken, cells, table)):
                # The quote that joined these lines was a stray one: give back what it swallowed.
                fault = _open_quote(line)
                lines.give_back(keep=1)
                reader = _reader(lines, table)
        yield Row(line, cells, _bad_text(lines.taken, line, encoding) or fault)


def _is_blank(cells: list[str]) -> bool:
    return not "".join(cells).strip()


def _reader(lines: _Lines, table: Table) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=table.delimiter, quotechar=lines.quote, strict=True)


class _SpanError(Exception):
    """A record that goes on for longer than any answer does."""


class _LongLineError(_SpanError):
    """A line longer than any record, or of more fields: split, they would take all memory."""


class _Lines:
    """Physical lines, counted, that can be given back when a record turns out to be broken."""

    def __init__(self, stream: Lines, delimiter: str, quote: str) -> None:
        self.quote = quote
        self._stream = stream
        self._delimiter = delimiter
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
        if len(text) <= MAX_FIELDS or self._is_sensible(text):
            self.taken.append(text)
            return text
        self.taken.append(self._ended(text))
        raise _LongLineError

    def _is_sensible(self, text: str) -> bool:
        return len(text) < MAX_LINE and text.count(self._delimiter) <= MAX_FIELDS

    def _ended(self, text: str) -> str:
        """A line that is cut, as one that ends there: what is behind the cut is passed over."""
        rest = text
        while rest and not rest.endswith(("\n", "\r")):
            rest = self._stream.readline(MAX_LINE)
        return text if text.endswith(("\n", "\r")) else text + "\n"

    def next_text(self) -> str:
        """What comes next, to the end of a physical line; empty at the end."""
        text = "".join(self._back)
        self._back.clear()
        if len(text) < BLOCK:
            text += self._stream.read(BLOCK)
        return text if text.endswith("\n") else text + self._stream.readline(MAX_LINE)

    def leave(self, text: str) -> None:
        """Take back what `next_text` gave."""
        self._back.extend(io.StringIO(text, newline=""))

    def begin(self) -> int:
        """Start a record; its first line's number."""
        self.taken.clear()
        self.ended = False
        return self.line + 1

    def give_back(self, keep: int) -> None:
        """Give back all lines of the record but its first `keep`."""
        rest = self.taken[keep:]
        self._back.extendleft(reversed(rest))
        self.line -= len(rest)
        del self.taken[keep:]

    def peek(self, table: Table) -> list[str]:
        """The next record that is not blank, left where it is; empty if it is broken or the end."""
        record = self.taken
        self.taken, cells = [], [""]
        try:
            while _is_blank(cells):
                cells = next(_reader(self, table))
        except (csv.Error, _SpanError, StopIteration):
            cells = []
        self.give_back(keep=0)
        self.taken = record
        return cells


class _Widths:
    """How wide the rows of a file are: as wide as the header, or wider by a habit of the file.

    Some exporters end every row, but not the header, with a delimiter: the first two rows show it.
    In any other row, a blank cell too many is left over by a delimiter inside a value, such as an
    unquoted 1,280.00, and every cell after it stands under the header of its neighbour.
    """

    def __init__(self, table: Table, lines: _Lines) -> None:
        self.table = table
        self._lines = lines
        self.habit: int | None = None

    def fit(self, cells: list[str]) -> tuple[list[str], tuple[str, str] | None]:
        """A row as wide as the header; or as it is, with a fault."""
        if self.table.header is None:
            return cells, None
        width = len(self.table.header)
        if self.habit is None:
            self.habit = self._shown_by(cells, width)
        if len(cells) == width + self.habit and _is_blank(cells[width:]):
            return cells[:width], None
        return cells, _wrong_width(cells, width)

    def _shown_by(self, first: list[str], width: int) -> int:
        """How many blank cells too many the first two rows have alike."""
        if len(first) <= width or not _is_blank(first[width:]):
            return 0
        second = self._lines.peek(self.table)
        alike = len(second) == len(first) and _is_blank(second[width:])
        return len(first) - width if alike else 0


def _salvage(
    lines: _Lines, line: int, widths: _Widths, error: Exception
) -> tuple[list[str], tuple[str, str] | None]:
    """What can be had of a record that strict CSV refuses: only its first line is lost.

    A line with undoubled quotes inside a field (`1,"so "good" it is",x`) is taken when it comes
    out as wide as the other rows.
    """
    if isinstance(error, _LongLineError) and len(lines.taken) == 1:
        return [], _too_long(line)
    if len(lines.taken) > 1 or isinstance(error, _SpanError) or lines.ended:
        lines.give_back(keep=1)
        return [], _open_quote(line)
    try:
        mark = widths.table.delimiter
        cells = next(csv.reader(lines.taken, delimiter=mark, quotechar=lines.quote))
    except csv.Error as again:
        return [], ("unreadable_row", f"line {line} can't be split into fields: {again}.")
    fitted, fault = widths.fit(cells)
    if widths.table.header is not None and not fault and not cells[-1].endswith(("\n", "\r")):
        return fitted, None
    return [], ("unreadable_row", f"line {line} can't be split into fields: {error}.")


def _swallowed(taken: list[str], cells: list[str], table: Table) -> bool:
    """Whether a field of several lines holds what are rows of the file, each begun like this one.

    Two stray quotes, rows apart, make one field of all between them. Answers hold commas and line
    breaks too, but hardly as many as the header in one line, behind the ids and times of a row.
    """
    width = len(table.header or ())
    opened = next((at for at, cell in enumerate(cells) if "\n" in cell or "\r" in cell), 0)
    first = _split(taken[0], table)
    known = first if len(first) == width else [cell.strip() for cell in cells[:opened]]
    for offset, text in enumerate(taken[1:], start=1):
        fields = _split(text, table)
        if len(fields) < max(width, len(known)):
            continue
        pairs = [(fields[at], cell) for at, cell in enumerate(known) if at != opened]
        is_like = all(_kind(field) == _kind(cell) or not (field and cell) for field, cell in pairs)
        if is_like and any(_tells(field, cell, offset) for field, cell in pairs):
            return True
    return False


def _split(line: str, table: Table) -> list[str]:
    return [field.strip(" \r\n\"'") for field in line.split(table.delimiter)]


def _kind(text: str) -> str:
    """Roughly what a cell holds: a number, something with digits, or words."""
    if text.isdigit():
        return "number"
    return "code" if _DIGIT.search(text) and len(text) <= 64 else "words"


def _tells(field: str, begin: str, offset: int) -> bool:
    """Whether a field can hardly be part of an answer: a time, an id, the next number."""
    if field.isdigit() and begin.isdigit() and int(field) == int(begin) + offset:
        return True
    if _kind(field) != "code" and not (field.isdigit() and len(field) >= 3):
        return False
    is_token = len(field) == len(begin) >= 6 and field.isalnum() and begin.isalnum()
    return is_token or _DIGIT.sub("9", field) == _DIGIT.sub("9", begin)


def _open_quote(line: int) -> tuple[str, str]:
    return (
        "open_quote",
        f'a quotation mark (") opens on line {line} and does not close where it should. '
        'Double the marks inside a quoted field ("").',
    )


def _too_long(line: int) -> tuple[str, str]:
    return (
        "unreadable_row",
        f"line {line} has more than {MAX_FIELDS:,} fields, or {MAX_LINE:,} characters. Check the "
        "delimiter and the line ends.",
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


def _wrong_width(cells: list[str], width: int) -> tuple[str, str]:
    counts = f"the row has {len(cells)} fields and the header has {width}"
    if len(cells) > width:
        advice = (
            "A delimiter inside a value shifts all that follows it: write such a value in "
            'quotation marks ("1,280.00").'
        )
    else:
        advice = "Check the delimiter and the quotation marks in that row."
    return "wrong_field_count", f"{counts}. {advice}"
