"""Workbooks as rows of text: cells as a person reads them, and what makes a row unreadable."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from loaders.files import FileFault, scan
from loaders.rows import Row
from loaders.tables import open_table


def read(path: Path, **options: str) -> list[Row]:
    with open_table(path, scan(path), **options) as table:
        return list(table.rows)


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(FileFault, match="zip file"):
        read(path)


def test_a_workbook_that_unpacks_to_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["id"])
    book.save(path)
    monkeypatch.setattr("loaders.workbooks.MAX_BOOK_UNPACKED", 100)
    with pytest.raises(FileFault, match="CSV"):
        read(path)


def test_a_workbook_reads_like_its_cells_look(tmp_path: Path) -> None:
    import datetime as dt

    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    page.append(["编号", "评分", "时间", "是否", "日期"])
    page.append([10001, 9, dt.datetime(2026, 9, 1, 12, 0), True, dt.date(2026, 9, 1)])  # noqa: DTZ001
    page.append([])
    page.append(["a", 7.5, "2026年9月1日", "=1/0", None])
    hidden = book.create_sheet("hidden", 0)
    hidden.sheet_state = "hidden"
    hidden.append(["no"])
    book.save(path)
    rows = read(path)
    assert [r.line for r in rows] == [1, 2, 4]
    assert rows[1].cells == ["10001", "9", "2026-09-01 12:00:00", "true", "2026-09-01"]
    assert rows[2].cells[:3] == ["a", "7.5", "2026年9月1日"]
    with pytest.raises(FileFault, match="no sheet 'x'"):
        read(path, sheet="x")
