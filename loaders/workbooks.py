"""Workbooks (XLSX) as rows of text, each cell as a person reads it."""

from __future__ import annotations

import datetime as dt
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_calamine as calamine
from lxml import etree  # type: ignore[import-untyped]

from loaders.archives import open_zip
from loaders.book_limits import check_cells, check_size, check_unpacked
from loaders.cells import MAX_COLUMNS, Number, clock
from loaders.files import CHUNK, FileFault
from loaders.rows import Row, Table

EXACT = 1e15  # a spreadsheet keeps 15 digits of a number

_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, EOFError, etree.XMLSyntaxError),
    *(KeyError, NotImplementedError, OverflowError),
)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SAFE: dict[str, Any] = {"resolve_entities": False, "no_network": True, "huge_tree": False}

Place = tuple[int, int]
"""A cell: its row and column in the worksheet, both from 0."""


@dataclass(frozen=True)
class _Page:
    """One worksheet: `values` start at its first row and at its column `left`.

    `texts` are what some cells say in place of their values; `merged` the corners of cells that
    were made one.
    """

    values: Iterable[list[Any]]
    width: int
    height: int
    left: int
    texts: Mapping[Place, str]
    merged: Iterable[tuple[Place, Place]]


def open_book(path: Path, size: int, sheet: str | None) -> Table:
    """A worksheet as a table: the one called `sheet`, or the first that is shown.

    Raises FileFault, OSError.
    """
    check_size(size)
    try:
        with open_zip(path) as archive:
            _must_be_xlsx(archive)
            check_unpacked(path, archive)
            with calamine.CalamineWorkbook.from_path(str(path)) as book:
                name, others = _choose(book, sheet)
                page = _page(book, name, archive)
                is_1904 = _counts_from_1904(archive)
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError) as error:
        raise FileFault(
            f"the workbook can't be opened ({error}). Save it again as XLSX."
        ) from error
    except calamine.PasswordError as error:
        raise FileFault("the workbook has a password. Save it without one.") from error
    except _DAMAGED as error:
        raise FileFault(
            f"the workbook is cut or damaged ({error}). Copy or export it again."
        ) from error
    how = f"worksheet {name!r}"
    if others:
        how += f" (not read: {', '.join(map(repr, others[:10]))})"
    table = Table(how, is_1904=is_1904)
    table.rows = _rows(page, table)
    return table


def _must_be_xlsx(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if "xl/workbook.bin" in names:
        raise FileFault("it is a binary workbook (XLSB). Save it as XLSX.")
    if "xl/workbook.xml" not in names:
        raise FileFault(
            "it is a zip file, not a workbook. Unpack it, or save it as CSV (UTF-8) or XLSX."
        )


def _counts_from_1904(archive: zipfile.ZipFile) -> bool:
    said = _parsed(archive, "xl/workbook.xml").find("{*}workbookPr")
    return said is not None and said.get("date1904", "").lower() in ("1", "true", "on")


def _choose(book: Any, wanted: str | None) -> tuple[str, list[str]]:
    """The worksheet to read, and the others that a person would see and that nobody named."""
    sheets = [m for m in book.sheets_metadata if m.typ == calamine.SheetTypeEnum.WorkSheet]
    names = [m.name for m in sheets]
    if wanted is not None:
        if wanted in names:
            return wanted, []
        raise FileFault(f"it has no sheet {wanted!r}. Its sheets: {', '.join(names)}.")
    shown = [m.name for m in sheets if m.visible == calamine.SheetVisibleEnum.Visible] or names
    if not shown:
        raise FileFault("the workbook has no sheet.")
    return shown[0], shown[1:]


def _page(book: Any, name: str, archive: zipfile.ZipFile) -> _Page:
    parts = list(_parts(archive, name))
    if not parts:
        raise FileFault(f"the workbook does not hold its sheet {name!r}. Save it again as XLSX.")
    check_cells(archive, parts, name)
    sheet = book.get_sheet_by_name(name)
    if sheet.end is not None and sheet.end[1] >= MAX_COLUMNS:
        raise FileFault(f"its sheet {name!r} has {sheet.end[1] + 1} columns.")
    return _Page(
        values=sheet.iter_rows() if sheet.height else (),
        width=sheet.width,
        height=sheet.end[0] + 1 if sheet.end else 0,
        left=sheet.start[1] if sheet.start else 0,
        texts=_texts(archive, parts[0]),
        merged=sheet.merged_cell_ranges or (),
    )


def _rows(page: _Page, table: Table) -> Iterator[Row]:
    """The rows that are not blank; a worksheet is a rectangle, so all are as wide as the header."""
    merged = _merged_columns(page)
    texts: dict[int, dict[int, str]] = {}
    for (at, column), text in page.texts.items():
        texts.setdefault(at, {})[column - page.left] = text
    for at, values in enumerate(page.values):
        cells = [as_text(value) for value in values]
        for column, text in texts.get(at, {}).items():
            if 0 <= column < len(cells):
                cells[column] = text
        if not "".join(cells).strip():
            continue
        fault = None
        if table.header is not None and any(table.header[c] for c in merged.get(at, ())):
            fault = (
                "merged_cells",
                "cells of the row are merged with others, so that what they say stands in one of "
                "them only. Unmerge them, and fill in each.",
            )
        yield Row(at + 1, cells, fault)


def _merged_columns(page: _Page) -> dict[int, set[int]]:
    """Row -> the columns, counted from `left`, of its merged cells."""
    found: dict[int, set[int]] = {}
    for (top, first), (bottom, last) in page.merged:
        columns = range(max(first - page.left, 0), min(last - page.left + 1, page.width))
        for at in range(top, min(bottom + 1, page.height)):
            found.setdefault(at, set()).update(columns)
    return found


def as_text(value: Any) -> str:
    """A worksheet's value as a person reads it in the cell: 9, not 9.0; ISO dates; 0:10:00."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return _number(float(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.timedelta):
        return clock(value)
    return str(value)  # dates and times of day are ISO texts so


def _number(value: float) -> str:
    if abs(value) >= EXACT:
        return Number(f"{value:.15g}")  # 1.23456789012346e+15: the digits behind were never kept
    return str(int(value)) if value.is_integer() else Number(repr(value))


def _texts(archive: zipfile.ZipFile, part: str) -> dict[Place, str]:
    """What cells say that calamine gives as blank, or as a number that is shown otherwise.

    Errors (#DIV/0!) as such; a formula that nobody has worked out as the formula; and numbers with
    leading zeros as they are shown: 00123, not 123. The fault of each is for its column to find.
    """
    zeros = _zero_styles(archive)
    if not (zeros or _holds(archive, part, (b't="e"', b"<f", b":f"))):
        return {}
    texts: dict[Place, str] = {}
    with archive.open(part) as stream:
        for _, cell in etree.iterparse(stream, tag="{*}c", **_SAFE):
            text = _said(cell, zeros)
            place = _place(cell.get("r", ""))
            if text is not None and place is not None:
                texts[place] = text
            _free(cell)
    return texts


def _said(cell: Any, zeros: Mapping[str, int]) -> str | None:
    """What a cell says in place of its value; None for nearly all."""
    kind, value = cell.get("t", "n"), cell.findtext("{*}v") or ""
    if kind == "e":
        return value or None
    formula = cell.find("{*}f")
    if formula is not None and not value and kind != "str":
        return f"={formula.text or '…'}"
    digits = zeros.get(cell.get("s", ""), 0)
    if kind == "n" and digits and value.isdecimal():
        return value.zfill(digits)
    return None


def _place(name: str) -> Place | None:
    """B3 -> (2, 1); None for what is no cell's name."""
    letters = name.rstrip("0123456789")
    if not letters.isalpha() or letters == name:
        return None
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(name[len(letters) :]) - 1, column - 1


def _free(cell: Any) -> None:
    """Let go of what was read: a worksheet is large."""
    cell.clear()
    row = cell.getparent()
    while row is not None and row.getprevious() is not None:
        del row.getparent()[0]


def _parts(archive: zipfile.ZipFile, sheet: str) -> Iterator[str]:
    """The names of the files in the archive that are the worksheet: one in a sound workbook."""
    sheets = _parsed(archive, "xl/workbook.xml").iter("{*}sheet")
    ids = [s.get(_RELATION) for s in sheets if s.get("name") == sheet]
    there = {name.casefold(): name for name in archive.namelist()}
    for relation in _parsed(archive, "xl/_rels/workbook.xml.rels").iter("{*}Relationship"):
        target = str(relation.get("Target"))
        part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if relation.get("Id") in ids and part.casefold() in there:
            yield there[part.casefold()]


def _zero_styles(archive: zipfile.ZipFile) -> dict[str, int]:
    """The styles that show numbers with leading zeros (format 00000) -> how many digits."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    styles = _parsed(archive, "xl/styles.xml")
    codes = {f.get("numFmtId"): f.get("formatCode", "") for f in styles.iter("{*}numFmt")}
    digits = {form: len(code) for form, code in codes.items() if set(code) == {"0"}}
    cells = [cell.get("numFmtId") for cell in styles.iterfind("{*}cellXfs/{*}xf")]
    return {str(number): digits[form] for number, form in enumerate(cells) if form in digits}


def _parsed(archive: zipfile.ZipFile, part: str) -> Any:
    return etree.fromstring(archive.read(part), etree.XMLParser(**_SAFE))


def _holds(archive: zipfile.ZipFile, part: str, marks: tuple[bytes, ...]) -> bool:
    """Whether a part holds one of the marks, without keeping it in memory."""
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            if any(mark in tail + chunk for mark in marks):
                return True
            tail = chunk[-8:]
    return False
