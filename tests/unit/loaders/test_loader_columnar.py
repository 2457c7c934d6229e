"""Parquet as rows of text: each type as a worksheet's cell would say it, and what is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loaders import columnar
from loaders.files import FileFault, scan
from loaders.rows import Row
from loaders.tables import open_table

SHANGHAI = ZoneInfo("Asia/Shanghai")
MOMENT = dt.datetime(2026, 9, 1, 12, 30)  # noqa: DTZ001


def read(path: Path) -> list[Row]:
    with open_table(path, scan(path)) as table:
        return list(table.rows)


def written(folder: Path, columns: dict[str, Any], **options: Any) -> Path:
    path = folder / "a.parquet"
    pq.write_table(pa.table(columns), path, **options)
    return path


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pa.array(["南京路店", ""]), "南京路店"),
        (pa.array([True, None]), "true"),
        (pa.array([2**62, None]), "4611686018427387904"),
        (pa.array([9.0, None]), "9"),
        (pa.array([7.5, None]), "7.5"),
        (pa.array([0.1, None], pa.float32()), "0.1"),
        (pa.array([Decimal("1234.50"), None]), "1234.50"),
        (pa.array([dt.date(2026, 9, 1), None]), "2026-09-01"),
        (pa.array([MOMENT, None], pa.timestamp("us")), "2026-09-01 12:30:00"),
        (pa.array([1788265800123456789, None], pa.timestamp("ns")), "2026-09-01 12:30:00.123456"),
        (
            pa.array([MOMENT.replace(tzinfo=SHANGHAI), None], pa.timestamp("ms", "Asia/Shanghai")),
            "2026-09-01 04:30:00+00:00",
        ),
        (pa.array([dt.timedelta(minutes=10), None]), "0:10:00"),
        (pa.array([dt.time(8, 30), None]), "08:30:00"),
        (pa.array(["a", None]).dictionary_encode(), "a"),
        (pa.array([b"caf\xc3\xa9", None]), "café"),
        (pa.array([["a", "b"], None]), '["a", "b"]'),
        (pa.array([{"a": Decimal("1.5")}, None]), '{"a": "1.5"}'),
    ],
)
def test_each_type_as_a_cell_says_it(tmp_path: Path, column: Any, said: str) -> None:
    rows = read(written(tmp_path, {"值": column, "n": ["1", "2"]}))
    assert rows == [Row(1, ["值", "n"]), Row(2, [said, "1"]), Row(3, ["", "2"])]


def test_blank_rows_are_passed_over_and_lines_count_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columnar, "BATCH_ROWS", 2)
    rows = read(written(tmp_path, {"a": ["1", None, "3", "4", "5"]}, row_group_size=3))
    assert [(r.line, r.cells[0]) for r in rows] == [
        (1, "a"),
        (2, "1"),
        (4, "3"),
        (5, "4"),
        (6, "5"),
    ]


def test_a_file_without_rows_has_its_header(tmp_path: Path) -> None:
    assert read(written(tmp_path, {"a": pa.array([], pa.string())})) == [Row(1, ["a"])]


@pytest.mark.parametrize("cut", [4, 20, 200, -30, -5])
def test_a_cut_file_is_a_fault(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path, {"a": [str(n) for n in range(500)]})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(FileFault, match="cut or damaged"):
        read(path)


def test_more_rows_than_its_bytes_can_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, {"a": pa.array(["x"] * 2_000_000).dictionary_encode()})
    with pytest.raises(FileFault, match="2,000,000 rows"):
        read(path)


def test_too_many_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnar, "MAX_COLUMNS", 2)
    with pytest.raises(FileFault, match="3 columns"):
        read(written(tmp_path, {"a": ["1"], "b": ["1"], "c": ["1"]}))
