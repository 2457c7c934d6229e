"""One reader per survey format, and the choice between them.

A new format is a new module here with a `Reader`, and its place in `READERS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from loaders.files import FileFault
from loaders.headers import listing
from loaders.readers.form import Form, Head, Reader
from loaders.readers.googleforms import GOOGLEFORMS
from loaders.readers.limesurvey import LIMESURVEY
from loaders.readers.qualtrics import QUALTRICS, has_lost_its_rows
from loaders.readers.spss import SPSS, reader_of
from loaders.readers.surveymonkey import SURVEYMONKEY
from loaders.readers.table import TABLE
from loaders.readers.typeform import TYPEFORM
from loaders.readers.wjx import WJX
from loaders.rows import Row, Table

READERS: tuple[Reader, ...] = (
    *(QUALTRICS, WJX, TYPEFORM, SURVEYMONKEY, LIMESURVEY, GOOGLEFORMS, SPSS),
    TABLE,
)
"""In the order of asking: the plain table, which takes anything, comes last."""

HEAD_ROWS = 500
"""Rows that a reader may see: up to three of them are headers, the rest show what columns hold."""


def open_form(table: Table, wanted: str = "auto") -> tuple[Form, str]:
    """A table as a survey form, and why it is read that way. Raises FileFault.

    The header rows are used up: what is left in `table.rows` are the answers.
    """
    peeked = _peek(table)
    head: Head = [row.cells for row in peeked]
    reader, reason = _choose(head, wanted, reader_of(table.dictionary))
    table.rows = chain(peeked[reader.header_rows(head) :], table.rows)
    return reader.form(head), reason


def _peek(table: Table) -> list[Row]:
    """The first rows, up to the first broken one; every row is as wide as the first."""
    rows: list[Row] = []
    while len(rows) < HEAD_ROWS:
        row = next(table.rows, None)
        if row is None:
            break
        if row.fault is not None:
            if not rows:
                raise FileFault(f"its header can't be read: {row.fault[1]}")
            table.rows = chain([row], table.rows)
            break
        rows.append(row)
        table.header = rows[0].cells
    if not rows:
        raise FileFault("it holds no header: every row is blank.")
    return rows


def _choose(head: Head, wanted: str, spss: Reader) -> tuple[Reader, str]:
    """The reader of a table; `spss` is the one by the table's own dictionary, if it has one."""
    readers = (spss, *READERS)
    if wanted == "auto":
        if not spss.recognise(head) and has_lost_its_rows(head):
            raise FileFault(
                "it has Qualtrics' columns, but not the rows with ImportIds below its header: "
                "which answers are previews, and which columns are personal, can't be told. "
                "Export it again and leave it as it is, or write `format: table`."
            )
        for reader in readers:
            reason = reader.recognise(head)
            if reason:
                return reader, f"{reader.name}: {reason}"
    reader = next(r for r in readers if r.name == wanted)
    if reader.recognise(head) is None:
        raise FileFault(
            f"the config says it is a {wanted} export, but {reader.expects}. Its first row: "
            f"{_first(head)}. Export it again, or write `format: auto`."
        )
    return reader, f"{wanted}: the config says so"


def _first(head: Head) -> str:
    first: Sequence[str] = head[0]
    return listing(first[:10])
