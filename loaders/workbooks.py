"""Workbooks (XLSX) as rows of text, each cell as a person reads it."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import python_calamine as calamine

from loaders.files import FileFault
from loaders.rows import Row, Table

MAX_BOOK = 64 << 20  # bytes of a workbook
MAX_BOOK_UNPACKED = 512 << 20
MAX_COLUMNS = 20_000


def open_book(path: Path, size: int, sheet: str | None) -> Table:
    """A worksheet as a table: the one called `sheet`, or the first that is shown.

    Raises FileFault, OSError.
    """
    if size > MAX_BOOK:
        raise FileFault(_too_large("it", size, MAX_BOOK))
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        if not any(e.filename in ("xl/workbook.xml", "xl/workbook.bin") for e in entries):
            raise FileFault(
                "it is a zip file, not a workbook. Unpack it, or save it as CSV (UTF-8) or XLSX."
            )
        if unpacked > MAX_BOOK_UNPACKED:
            raise FileFault(_too_large("unpacked it", unpacked, MAX_BOOK_UNPACKED))
        with calamine.CalamineWorkbook.from_path(str(path)) as book:
            name = _sheet_name(book, sheet)
            page = book.get_sheet_by_name(name)
            if page.end is not None and page.end[1] >= MAX_COLUMNS:
                raise FileFault(f"its sheet {name!r} has {page.end[1] + 1} columns.")
            rows = list(page.iter_rows()) if page.height else []
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError) as error:
        raise FileFault(
            f"the workbook can't be opened ({error}). Save it again as XLSX."
        ) from error
    except calamine.PasswordError as error:
        raise FileFault("the workbook has a password. Save it without one.") from error
    except zipfile.BadZipFile as error:
        raise FileFault(
            f"the workbook is cut or damaged ({error}). Copy or export it again."
        ) from error
    return Table(f"worksheet {name!r}", rows=_rows(rows))


def _too_large(what: str, size: int, limit: int) -> str:
    return (
        f"{what} is {size >> 20} MB, and workbooks of more than {limit >> 20} MB are not opened. "
        "Save it as CSV (UTF-8)."
    )


def _sheet_name(book: Any, wanted: str | None) -> str:
    names = list(book.sheet_names)
    if wanted is not None:
        if wanted in names:
            return wanted
        raise FileFault(f"it has no sheet {wanted!r}. Its sheets: {', '.join(names)}.")
    shown = [m.name for m in book.sheets_metadata if m.visible == calamine.SheetVisibleEnum.Visible]
    if not (shown or names):
        raise FileFault("the workbook has no sheet.")
    return str((shown or names)[0])


def _rows(rows: list[list[Any]]) -> Iterator[Row]:
    """The rows that are not blank; a worksheet is a rectangle, so all are as wide as the header."""
    for line, values in enumerate(rows, start=1):
        cells = [_as_text(value) for value in values]
        if "".join(cells).strip():
            yield Row(line, cells)


def _as_text(value: Any) -> str:
    """A worksheet's value as a person reads it in the cell: 9, not 9.0; ISO dates."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return _as_text(value.total_seconds())
    return str(value)
