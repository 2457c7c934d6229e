"""问卷星 exports: what a header asks, which columns are choices, and what is read back."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.files import scan
from loaders.readers import open_form
from loaders.readers.choices import answers
from loaders.readers.form import Form
from loaders.rows import Row, Table
from loaders.tables import open_table

OWN = ["序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP", "总分"]
FILLED = ["1", "2026/9/1 12:00:00", "123秒", "微信", "N/A", "192.0.2.7(广东-深圳)", "9"]


def form_of(questions: list[str], *rows: list[str]) -> tuple[Form, str]:
    given = [[*OWN, *questions], *([*FILLED, *row] for row in rows)]
    table = Table("test", rows=iter([Row(n, list(r)) for n, r in enumerate(given, start=1)]))
    return open_form(table)


def asked(questions: list[str], *rows: list[str]) -> list[tuple[str, str, str | None]]:
    """Question id, text and choice of each question's column."""
    form, _ = form_of(questions, *rows)
    return [(c.question_id, c.text, c.choice) for c in form.columns[len(OWN) :]]


def test_own_columns_are_known_and_the_reason_names_them() -> None:
    form, reason = form_of(["1、推荐意愿"])
    assert reason.startswith("wjx: one header row with 问卷星's own columns 序号, 提交答卷时间")
    assert [c.role for c in form.columns[:3]] == ["response_id", "submitted_at", "duration_seconds"]
    assert [c.kind for c in form.columns] == [
        *("built_in", "built_in", "built_in", "built_in", "built_in", "personal"),
        *("question", "question"),
    ]


def test_a_question_is_known_by_its_number_and_called_by_any_of_its_names() -> None:
    form, _ = form_of(["1、推荐意愿 ", "2．您的手机号", "门店"])
    assert [(c.question_id, c.text, c.kind) for c in form.columns[-3:]] == [
        ("Q1", "推荐意愿", "question"),
        ("Q2", "您的手机号", "personal"),
        ("门店", "门店", "question"),
    ]
    for name in ("1、推荐意愿", "Q1", "推荐意愿"):
        assert form.called(name) == [form.columns[len(OWN)]]


@pytest.mark.parametrize(
    "headers",
    [
        ["5、满意度—口味", "5、满意度—速度"],
        ["5、满意度--口味", "5、满意度--速度"],
        ["5、满意度:口味", "5、满意度:速度"],
        ["5、满意度（口味）", "5、满意度（速度）"],
        ["5、满意度〖口味〗", "5、满意度〖速度〗"],
    ],
)
def test_a_matrix_has_a_question_for_each_of_its_rows(headers: list[str]) -> None:
    assert asked(headers, ["1", "5"], ["1", "1"]) == [
        ("Q5_口味", "满意度—口味", None),
        ("Q5_速度", "满意度—速度", None),
    ]


def test_a_matrix_may_show_nothing_but_its_rows() -> None:
    assert asked(["5、口味", "5、速度"], ["1", "5"]) == [
        ("Q5_口味", "口味", None),
        ("Q5_速度", "速度", None),
    ]


def test_a_dash_in_the_one_title_of_a_number_divides_nothing() -> None:
    assert asked(["5、Wi-Fi—信号(1-5)"], ["3"]) == [("Q5", "Wi-Fi—信号(1-5)", None)]


@pytest.mark.parametrize("headers", [["第6题(运动)", "第6题(音乐)"], ["6(运动)", "6(音乐)"]])
def test_a_column_per_choice_is_one_question(headers: list[str]) -> None:
    assert asked(headers, ["1", "0"], ["-3", "-3"]) == [
        ("Q6", "第6题", "运动"),
        ("Q6", "第6题", "音乐"),
    ]


def test_a_scale_from_one_on_is_no_choice() -> None:
    ids = [q for q, _, _ in asked(["第6题(运动)", "第6题(音乐)"], ["1", "2"], ["1", "-2"])]
    assert ids == ["Q6_运动", "Q6_音乐"]


def test_one_cell_holds_several_choices_and_what_was_written_beside_one() -> None:
    form, _ = form_of(["6、兴趣"], ["运动┋其他〖自己做〗┋运动"], ["音乐"], ["(跳过)"], ["-2"])
    column = form.columns[-1]

    def said(cell: str) -> list[tuple[str, str | None, str | None]]:
        found = answers(column, [*FILLED, cell], column.separator)
        return [(a.raw, a.choice, a.beside) for a in found]

    assert said("运动┋其他〖自己做〗┋运动") == [
        ("运动", "运动", None),
        ("其他", "其他", "自己做"),
    ]
    assert said("音乐") == [("音乐", "音乐", None)]
    assert said("(跳过)") == said("-2") == said("-3") == said(" ") == []
    assert said("〖只有这个〗") == [("〖只有这个〗", "〖只有这个〗", None)]


def test_a_question_with_one_answer_keeps_what_was_written_beside_it() -> None:
    form, _ = form_of(["6、来源"], ["3〖朋友〗"])
    (found,) = answers(form.columns[-1], [*FILLED, "3〖朋友〗"], None)
    assert (found.raw, found.choice, found.beside) == ("3", None, "朋友")


def test_questions_of_the_same_words_are_told_apart() -> None:
    ids = [q for q, _, _ in asked(["备注", "备注", "3、备注", "3、备注"], ["a", "b", "c", "d"])]
    assert ids == ["备注", "备注__2", "Q3_备注", "Q3_备注__2"]


def test_a_plain_table_with_a_number_and_a_time_is_not_taken_for_wjx() -> None:
    table = Table("test", rows=iter([Row(1, ["序号", "提交答卷时间", "评分"])]))
    assert open_form(table)[1].startswith("table")


# What is written as 问卷星 writes it is read back equal.

WORDS = st.text(
    st.sampled_from("运动音乐看书abc XYZ019,;'\"\n（）—、％"), min_size=1, max_size=8
).filter(lambda t: t.strip() == t and t not in ("", "0") and not t.startswith(("=", "'", "`")))
CHOICES = ["运动", "音乐", "看书", "其他"]
RESPONSES = st.lists(
    st.tuples(
        st.integers(0, 10),
        st.lists(st.sampled_from(CHOICES), unique=True, max_size=4),
        st.none() | WORDS.filter(lambda t: "〖" not in t and "〗" not in t),
        st.sampled_from(["1", "2", "3", "4", "5"]),
        st.integers(1, 5000),
    ),
    min_size=1,
    max_size=8,
)


def written(responses: list[tuple[int, list[str], str | None, str, int]]) -> list[list[Any]]:
    """Header and rows of an export: 1 a number, 2 several choices, 3 free text, 4 a matrix."""
    head = [*OWN, "1、推荐意愿", "2、兴趣", "3、原因", "4、满意度—口味", "4、满意度—速度"]
    rows: list[list[Any]] = [head]
    for n, (score, chosen, text, taste, took) in enumerate(responses, start=1):
        own = [n, f"2026/9/{n} 12:00:00", f"{took}秒", "微信", "", "192.0.2.7(广东-深圳)", ""]
        several = "┋".join(chosen) or "(跳过)"
        rows.append([*own, score, several, text or "(空)", taste, "5"])
    return rows


def read_back(path: Path) -> list[dict[str, Any]]:
    found = []
    with open_table(path, scan(path)) as table:
        form, reason = open_form(table)
        assert reason.startswith("wjx")
        for row in table.rows:
            assert row.fault is None, row
            said: dict[str, Any] = {}
            for column in form.columns:
                for answer in answers(column, row.cells, column.separator):
                    said.setdefault(column.question_id, []).append(answer.raw)
            found.append(said)
    return found


@settings(max_examples=40, deadline=None)
@given(RESPONSES, st.sampled_from(["utf-8-sig", "gb18030", "xlsx"]))
def test_what_wjx_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    responses: list[tuple[int, list[str], str | None, str, int]],
    kind: str,
) -> None:
    path = tmp_path_factory.mktemp("wjx") / "export"
    rows = written(responses)
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        path.write_bytes(out.getvalue().encode(kind))
    for number, ((score, chosen, text, taste, took), said) in enumerate(
        zip(responses, read_back(path), strict=True), start=1
    ):
        assert said["序号"] == [str(number)]
        assert said["所用时间"] == [f"{took}秒"]
        assert said["提交答卷时间"] == [f"2026/9/{number} 12:00:00"]
        assert said["Q1"] == [str(score)]
        assert said.get("Q2", []) == chosen
        assert said.get("Q3", []) == ([text] if text else [])
        assert (said["Q4_口味"], said["Q4_速度"]) == ([taste], ["5"])


def test_a_choice_called_no_is_no_refusal() -> None:
    form, _ = form_of(["第2题(有孩子)", "第2题(否)"], ["有孩子", ""], ["", "否"])
    no = form.columns[-1]
    row = [*FILLED, "", "否"]
    assert [a.raw for a in answers(no, row, no.separator)] == ["否"]
