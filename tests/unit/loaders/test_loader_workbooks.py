"""Workbooks as rows of text: cells as a person reads them, and what makes a row unreadable."""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from loaders.files import FileFault, scan
from loaders.rows import Row
from loaders.tables import open_table


def read(path: Path, **options: str) -> list[Row]:
    with open_table(path, scan(path), **options) as table:
        first = next(table.rows)
        table.header = first.cells
        return [first, *table.rows]


def saved(folder: Path, book: Any) -> Path:
    path = folder / "book.xlsx"
    book.save(path)
    return path


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
    monkeypatch.setattr("loaders.book_limits.MAX_BOOK_UNPACKED", 100)
    with pytest.raises(FileFault, match="CSV"):
        read(path)


def with_parts(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A workbook whose files inside were changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return path


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_stray_cell_in_a_far_corner_takes_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: str, quote: str
) -> None:
    """The reader takes memory for the whole rectangle, and ends the process where there is none."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"], book.active[cell] = "id", "x", "stray"

    def requote(parts: dict[str, bytes]) -> None:
        sheet = parts["xl/worksheets/sheet1.xml"].decode()
        parts["xl/worksheets/sheet1.xml"] = sheet.replace(
            f'"{cell}"', f"{quote}{cell}{quote}"
        ).encode()

    monkeypatch.setattr("loaders.book_limits.MAX_CELLS", 2_000_000)
    path = with_parts(saved(tmp_path, book), requote)
    with pytest.raises(FileFault, match="reaches to row 1,048,576"):
        read(path)


def test_cells_that_are_named_by_entities_are_not_trusted(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id"])

    def rename(parts: dict[str, bytes]) -> None:
        sheet = parts["xl/worksheets/sheet1.xml"]
        parts["xl/worksheets/sheet1.xml"] = sheet.replace(b'r="A1"', b'r="&#65;1"')

    with pytest.raises(FileFault, match="unusual way"):
        read(with_parts(saved(tmp_path, book), rename))


def test_a_part_that_says_it_is_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id"])
    path = with_parts(saved(tmp_path, book), lambda parts: parts.update(bomb=bytes(0x123456)))
    raw = path.read_bytes().replace(struct.pack("<I", 0x123456), struct.pack("<I", 10))
    path.write_bytes(raw)
    monkeypatch.setattr("loaders.book_limits.MAX_BOOK_UNPACKED", 1 << 19)
    with pytest.raises(FileFault, match="'bomb' says that it is small"):
        read(path)


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY e "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_entities_of_a_workbook_are_not_resolved(tmp_path: Path, declared: str, part: str) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "SECRET", "=1+1"])

    def declare(parts: dict[str, bytes]) -> None:
        text = parts[part].decode().replace("SECRET", "&e;")
        start = text.index("?>") + 2 if text.startswith("<?xml") else 0
        parts[part] = (text[:start] + declared + text[start:]).encode()

    secret = Path("/etc/hostname").read_text().strip() if Path("/etc/hostname").exists() else "?"
    try:
        rows = read(with_parts(saved(tmp_path, book), declare))
    except FileFault as fault:
        assert secret not in str(fault)
    else:
        assert secret not in str(rows)
        assert "lollol" not in str(rows)


def test_links_to_other_workbooks_are_not_followed(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "linked"])
    book.active.append(["o1", "=[1]Sheet1!A1"])

    def link(parts: dict[str, bytes]) -> None:
        parts["xl/externalLinks/externalLink1.xml"] = b"<externalLink/>"
        parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
            b'<Relationships><Relationship Id="rId1" TargetMode="External" '
            b'Target="file:///etc/passwd"/></Relationships>'
        )

    rows = read(with_parts(saved(tmp_path, book), link))
    assert rows[1].cells == ["o1", "=[1]Sheet1!A1"]


def test_a_workbook_reads_like_its_cells_look(tmp_path: Path) -> None:
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


def test_numbers_of_more_digits_than_a_sheet_keeps_are_not_made_up(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["phone", "id", "card"])
    page.append([13800138000, 999999999999999, 6222020200112233445])
    page.append([1e15, 1234567890123456, -2e15])
    rows = read(saved(tmp_path, book))
    assert rows[1].cells == ["13800138000", "999999999999999", "6.22202020011223e+18"]
    assert rows[2].cells == ["1e+15", "1.23456789012346e+15", "-2e+15"]


def test_a_span_of_time_is_not_a_number_of_some_unit(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["waited", "at"])
    page.append([dt.timedelta(minutes=10), dt.time(0, 2, 3)])
    page.append([dt.timedelta(hours=30, seconds=5.5), None])
    page.append([dt.timedelta(seconds=59.9999), None])
    for row in (2, 3, 4):
        page.cell(row, 1).number_format = "[h]:mm:ss"
    rows = read(saved(tmp_path, book))
    assert [r.cells[0] for r in rows[1:]] == ["0:10:00", "30:00:05.500", "0:01:00"]
    assert rows[1].cells[1] == "00:02:03"


def test_errors_and_formulas_without_a_result_are_no_blanks(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["id", "looked up", "margin", "sum"])
    page.append(["o1", "#N/A", "#DIV/0!", "=SUM(1,2)"])
    page.append(["o2", "c2", 5, 8])
    rows = read(saved(tmp_path, book))
    assert rows[1].cells == ["o1", "#N/A", "#DIV/0!", "=SUM(1,2)"]
    assert rows[2].cells == ["o2", "c2", "5", "8"]


def test_a_formula_with_a_result_is_its_result(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "sum", "text"])
    book.active.append(["o1", "=SUM(1,2)", '=""'])
    path = saved(tmp_path, book)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    sheet = sheet.replace("<f>SUM(1,2)</f><v></v>", "<f>SUM(1,2)</f><v>3</v>")
    sheet = sheet.replace("<f>SUM(1,2)</f><v />", "<f>SUM(1,2)</f><v>3</v>")
    sheet = sheet.replace('<c r="C2"', '<c t="str" r="C2"')
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    assert read(path)[1].cells == ["o1", "3", ""]


def test_leading_zeros_are_read_as_they_are_shown(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["id", "amount"])
    page.append([123, 5])
    page.append([1234567, 1.5])
    for row in (2, 3):
        page.cell(row, 1).number_format = "00000"
        page.cell(row, 2).number_format = "0.00"
    rows = read(saved(tmp_path, book))
    assert [r.cells for r in rows[1:]] == [["00123", "5"], ["1234567", "1.5"]]


def test_a_table_that_starts_in_the_middle_of_its_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page["C4"], page["D4"], page["E4"] = "id", "name", "sum"
    page["C5"], page["D5"], page["E5"] = 7, "a", "#REF!"
    page["C6"], page["D6"], page["E6"] = 8, "b", 2
    page["D8"], page["C8"], page["C9"] = "c", 9, 10
    page.merge_cells("D8:D9")
    for row in (5, 6):
        page[f"C{row}"].number_format = "000"
    rows = read(saved(tmp_path, book))
    assert [(r.line, r.cells) for r in rows[:3]] == [
        (4, ["id", "name", "sum"]),
        (5, ["007", "a", "#REF!"]),
        (6, ["008", "b", "2"]),
    ]
    assert [(r.line, r.fault[0]) for r in rows if r.fault] == [
        (8, "merged_cells"),
        (9, "merged_cells"),
    ]


def test_merged_cells_beside_the_table_and_in_its_header_are_let_be(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    for row in (["id", "rating", None, None], ["1", 9, 8, "a note"], ["2", 7, 6, None]):
        page.append(row)
    page.merge_cells("B1:C1")
    page.merge_cells("D2:D3")
    assert [r.fault for r in read(saved(tmp_path, book))] == [None] * 3


def test_other_sheets_that_are_shown_are_told_of(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id"])
    book.create_sheet("九月").append(["id"])
    book.create_sheet("secret").sheet_state = "hidden"
    path = saved(tmp_path, book)
    with open_table(path, scan(path)) as table:
        assert table.how == "worksheet 'Sheet' (not read: '九月')"
    with open_table(path, scan(path), sheet="九月") as table:
        assert table.how == "worksheet '九月'"


def test_a_sheet_whose_xml_is_broken_is_a_fault_of_the_file(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "=1+1"])
    path = saved(tmp_path, book)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"][:-40]
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    with pytest.raises(FileFault, match="again"):
        read(path)
