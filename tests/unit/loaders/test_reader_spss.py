"""SPSS files: what pyreadstat writes is read back; labels, missing values, times, response sets."""

from __future__ import annotations

import base64
import datetime as dt
import math
import struct
import zlib
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.files import FileFault, scan
from loaders.readers import open_form
from loaders.readers.choices import answers
from loaders.readers.form import Form
from loaders.tables import open_table

ENDS_THE_READER = (
    "eNpTcfMxdtBQ1lQIDggOVnBxDHFUcPP0cVXQVcgoKSkottLXT88syShN0kvOz9UPz6xKLErxTUzWD0pNTAkuSSxR"
    "YGJgYIBhEOBngIFIByMjBb/8MgUjMwMzK1NzK1NDBQoBkj2MUMzEwQrGgVDD2YFiz/pWvOidYK8AVnggwgGkhx2q"
    "HgzYGcE4GGosSLwCSDMjmc/A8MGe+cmOXqi1IODA/GzGehCfBWH/HpC5IH0gMQ4gFmFAgP9AAHcnEL/8C3EHTC0z"
    "VM3//+//Q+n6f1A+O9QskF5WIA4NcdO1AAlyQw1gg1rCgeQxDpj/gJgXKs4JxIGGtoWGnMG2xSAJAahCJiSNsFh7"
    "zgyhxaDBEA6lDaDyFXO8/55mYOvkEpjA9tQ+dtf3n2vEWFsfB+ybr+xiV3pi5f/mRXIMjUetzeZAPYQUmmDLYAbr"
    "QekPQKwJxAAmvXGy"
)
"""A file of fifteen cases with a few bytes changed, packed."""

LABELS = {1: "非常满意", 2: "满意", 3: "不满意"}


def sav(path: Path, **columns: list[Any]) -> Path:
    pyreadstat.write_sav(
        pd.DataFrame(columns),
        path,
        column_labels={"q1": "您满意吗？", "q2": "您的手机号"},
        variable_value_labels={"q1": LABELS},
        missing_ranges={"q1": [99]} if "q1" in columns else None,
    )
    return path


def with_sets(path: Path, *sets: str) -> Path:
    """The same file with multiple response sets, which pyreadstat reads but can't write."""
    data, end = path.read_bytes(), struct.pack("<ii", 999, 0)
    text = "".join(f"{one}\n" for one in sets).encode()
    record = struct.pack("<iiii", 7, 7, 1, len(text)) + text
    path.write_bytes(data.replace(end, record + end, 1))
    return path


def read(path: Path, **how: Any) -> tuple[Form, str, list[list[str]]]:
    with open_table(path, scan(path), **how) as table:
        form, reason = open_form(table)
        return form, reason, [row.cells for row in table.rows]


def test_labels_codes_and_missing_values(tmp_path: Path) -> None:
    path = sav(tmp_path / "a.sav", q1=[1.0, 3.0, 99.0, None, 7.0], q2=["x", "", "z", "李雷", "y"])
    form, reason, rows = read(path)
    assert reason == "spss: an SPSS file, whose dictionary says it"
    assert [(c.question_id, c.text, c.kind) for c in form.columns] == [
        ("q1", "您满意吗？", "question"),
        ("q2", "您的手机号", "personal"),
    ]
    said = [answers(form.columns[0], row, None) for row in rows]
    assert [(a[0].raw, a[0].cell) if a else None for a in said] == [
        ("非常满意", "1"),
        ("不满意", "3"),
        None,
        None,
        ("7", "7"),
    ]
    assert form.called("您满意吗？") == form.called("q1") == [form.columns[0]]


def test_times_spans_and_numbers_as_a_person_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "a.zsav"
    frame = pd.DataFrame(
        {
            "on": [dt.date(2026, 9, 1)],
            "at": [dt.datetime(2026, 9, 1, 12, 0, 1)],  # noqa: DTZ001
            "took": [dt.time(0, 2, 3)],
            "n": [9.0],
            "x": [7.25],
        }
    )
    pyreadstat.write_sav(frame, path, compress=True)
    assert path.read_bytes().startswith(b"$FL3")
    rows = read(path)[2]
    assert rows == [["2026-09-01", "2026-09-01 12:00:01", "0:02:03", "9", "7.25"]]


def test_a_dichotomy_set_is_one_question_with_a_choice_for_each_variable(tmp_path: Path) -> None:
    frame = pd.DataFrame({"m1": [1.0, 0.0], "m2": [1.0, None], "c1": [2.0, 1.0], "c2": [1.0, 1.0]})
    labels = {"c1": LABELS, "c2": LABELS}
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(
        frame, path, column_labels=["运动", "音乐", "x", "y"], variable_value_labels=labels
    )
    with_sets(path, "$hobby=D1 1 7 Hobbies m1 m2", "$mood=C 4 Mood c1 c2")
    form, _, rows = read(path)
    assert [(c.question_id, c.text, c.choice) for c in form.columns] == [
        ("hobby", "Hobbies", "运动"),
        ("hobby", "Hobbies", "音乐"),
        ("mood", "Mood", None),
        ("mood", "Mood", None),
    ]
    assert form.notes == ("multiple response sets: hobby, mood",)
    said = [[a.choice for c in form.columns for a in answers(c, r, c.separator)] for r in rows]
    assert said == [["运动", "音乐", "满意", "非常满意"], ["非常满意", "非常满意"]]


def test_a_file_in_another_code_page_is_read_when_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(pd.DataFrame({"q": ["推荐"]}), path)
    data = path.read_bytes().replace("推荐".encode(), "推荐".encode("gb18030") + b"  ")
    path.write_bytes(data.replace(b"UTF-8", b"WRONG"[:5]))
    with pytest.raises(FileFault, match="encoding: gb18030"):
        read(path)
    assert read(path, encoding="gb18030")[2] == [["推荐"]]


def test_qualtrics_own_variables_are_known(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    frame = pd.DataFrame(
        {
            "StartDate": [dt.datetime(2026, 9, 1)] * 2,  # noqa: DTZ001
            "EndDate": [dt.datetime(2026, 9, 1, 1)] * 2,  # noqa: DTZ001
            "Status": [0.0, 1.0],
            "IPAddress": ["192.0.2.1"] * 2,
            "RecipientEmail": ["a@example.com"] * 2,
            "ResponseId": ["R_1", "R_2"],
            "Q1": [9.0, 8.0],
        }
    )
    pyreadstat.write_sav(frame, path)
    form, _, rows = read(path)
    assert [c.kind for c in form.columns] == [
        *("built_in", "built_in", "built_in", "personal", "personal", "built_in", "question")
    ]
    assert form.columns[5].role == "response_id"
    assert [form.status(row) for row in rows] == ["complete", "preview"]


@pytest.mark.parametrize("kept", [4, 100, -10])
def test_a_cut_file_is_told(tmp_path: Path, kept: int) -> None:
    path = sav(tmp_path / "a.sav", q1=[1.0] * 50, q2=["x"] * 50)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(FileFault, match="cut or damaged"):
        read(path)


def test_a_csv_where_spss_was_promised_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    with open_table(path, scan(path)) as table, pytest.raises(FileFault, match="no SPSS file"):
        open_form(table, "spss")


NUMBERS = st.none() | st.integers(-5, 5).map(float) | st.floats(-1e6, 1e6, allow_nan=False)
TEXTS = st.text(st.sampled_from("推荐非常Abc 1,;\"'\t·"), max_size=12).map(lambda t: t.rstrip())


@settings(max_examples=10, deadline=None)  # each starts a process
@given(st.lists(st.tuples(NUMBERS, TEXTS), min_size=1, max_size=20), st.booleans())
def test_what_spss_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, cases: list[tuple[float | None, str]], is_zipped: bool
) -> None:
    path = tmp_path_factory.mktemp("spss") / "a.sav"
    frame = pd.DataFrame({"n": [n for n, _ in cases], "t": [t for _, t in cases]})
    frame["n"] = frame["n"].astype(float)
    pyreadstat.write_sav(frame, path, compress=is_zipped)
    rows = read(path)[2]
    expected = [(n, t) for n, t in cases if n is not None or t]
    assert len(rows) == len(expected)
    for (number, text), (n, t) in zip(expected, rows, strict=True):
        assert t == text
        assert (n == "") == (number is None)
        assert number is None or math.isclose(float(n), number)


def test_a_file_that_ends_the_process_that_reads_it_is_a_fault(tmp_path: Path) -> None:
    """Found by changing single bytes at random: the library's C code runs beyond its memory."""
    path = tmp_path / "a.sav"
    path.write_bytes(zlib.decompress(base64.b64decode(ENDS_THE_READER)))
    with pytest.raises(FileFault, match="damaged"):
        read(path)


@settings(max_examples=20, deadline=None)
@given(
    damage=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=4),
    kept=st.none() | st.integers(0, 5000),
    more=st.binary(max_size=40),
)
def test_whatever_bytes_come_they_end_in_rows_or_a_clear_fault(
    tmp_path_factory: pytest.TempPathFactory,
    damage: list[tuple[int, int]],
    kept: int | None,
    more: bytes,
) -> None:
    """Single bytes changed, the end cut off, anything put in its place."""
    path = sav(tmp_path_factory.mktemp("spss") / "a.sav", q1=[1.0, 99.0] * 9, q2=["x", "好"] * 9)
    data = bytearray(path.read_bytes())
    for place, byte in damage:
        data[place % (len(data) - 4) + 4] = byte
    path.write_bytes(data[: None if kept is None else max(4, kept)] + more)
    try:
        form, _, rows = read(path)
    except FileFault as fault:
        assert str(fault)
    else:
        assert all(len(row) == len(form.columns) for row in rows)
