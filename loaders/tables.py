"""Opening a file as rows of text, whatever its kind. What is packed is unpacked by archives.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from loaders.cells import MAX_COLUMNS
from loaders.charsets import detect_encoding, verify
from loaders.columnar import open_parquet
from loaders.delimited import detect_delimiter, detect_quote, open_text
from loaders.files import SAMPLE, FileFault, Scan
from loaders.kinds import kind_of, stranger
from loaders.labelled import open_labelled
from loaders.readers.typeform_json import is_json, open_json
from loaders.rows import Row, Table
from loaders.workbooks import open_book

_DELIMITER_NAMES = {
    ",": "comma",
    "\t": "tab",
    ";": "semicolon",
    "|": "bar",
    "^": "caret",
    "\x01": "control-A",
}
_TOLD = re.compile(rf"\ufeff?\"?sep=([{re.escape(''.join(_DELIMITER_NAMES))}])\"?\r?\n", re.I)
"""What Excel reads, and writes, above a table whose delimiter is not the usual one."""


@contextmanager
def open_table(
    path: Path,
    found: Scan,
    *,
    encoding: str = "auto",
    delimiter: str = "auto",
    sheet: str | None = None,
) -> Iterator[Table]:
    """A file as rows of text, whatever its kind. Raises FileFault, OSError."""
    if found.size == 0:
        raise FileFault("it is empty (0 bytes), without even a header. Export it again.")
    kind, strange = kind_of(found.sample), stranger(found.sample)
    if strange is not None:
        raise FileFault(
            f"it is {strange}, which can't be read here. Save it as CSV (UTF-8) or XLSX."
        )
    if is_json(found.sample):
        yield open_json(path, found.size)
        return
    if kind == "zip":
        yield open_book(path, found.size, sheet)
        return
    if kind == "spss":
        with open_labelled(path, encoding) as table:
            yield table
        return
    if kind == "parquet":
        yield open_parquet(path, found.size)
        return
    if kind == "gzip":
        raise FileFault("it is a gzip file, which is not opened here. Unpack it into this folder.")
    name = detect_encoding(found) if encoding == "auto" else encoding
    lenient = not name.startswith(("utf-16", "utf-32"))
    if not lenient:
        verify(path, name)
    errors = "surrogateescape" if lenient else "strict"
    # A byte order mark may stand there whatever the config says.
    codec = "utf-8-sig" if name.casefold() in ("utf-8", "utf8") else name
    with path.open("r", encoding=codec, errors=errors, newline="") as stream:
        sample = stream.read(SAMPLE)
        stream.seek(0)
        told = _TOLD.match(sample)
        if delimiter == "auto":
            delimiter = told[1] if told else detect_delimiter(sample)
        quote = detect_quote(sample, delimiter)
        how = f"{name.upper()}, {_DELIMITER_NAMES[delimiter]} separated"
        table = Table(how if quote == '"' else f"{how}, in apostrophes", delimiter)
        open_text(_WithoutFirst(stream) if told else stream, name, table, quote)
        table.rows = _bounded(table.rows)
        yield table


class _WithoutFirst:
    """A text whose first line is blank, so that those behind it keep their numbers."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._at_start = True

    def readline(self, limit: int) -> str:
        """The next line, or as much of it as `limit` allows."""
        line = self._stream.readline(limit)
        if self._at_start:
            self._at_start, line = False, "\n"
        return line

    def read(self, size: int) -> str:
        """So many characters of what comes behind the first line, which was read before."""
        return self._stream.read(size)


def _bounded(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows of a text whose first row can be a header. Raises FileFault."""
    first = next(rows, None)
    if first is None:
        return
    if len(first.cells) > MAX_COLUMNS:
        raise FileFault(
            f"its first row has {len(first.cells):,} columns or more, and up to {MAX_COLUMNS:,} "
            "are read. Check its delimiter and its line ends."
        )
    yield first
    yield from rows
