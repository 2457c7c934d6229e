"""Survey formats: which one a file is, what its columns are, how a response is judged."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.delimited import open_text
from loaders.files import FileFault
from loaders.headers import unique
from loaders.readers import open_form
from loaders.readers.choices import answers
from loaders.readers.form import Form
from loaders.rows import Row, Table


def table(*rows: list[str]) -> Table:
    return Table("test", rows=iter([Row(n, list(r)) for n, r in enumerate(rows, start=1)]))


def import_id(name: str, **more: str) -> str:
    return json.dumps({"ImportId": name, **more})


def qualtrics(*columns: tuple[str, str, str]) -> Table:
    names, texts, imports = zip(*columns, strict=True)
    return table(list(names), list(texts), list(imports), ["x"] * len(names))


def form_of(source: Table, wanted: str = "auto") -> Form:
    return open_form(source, wanted)[0]


def test_the_third_row_makes_it_qualtrics() -> None:
    source = qualtrics(
        ("Startdatum", "Anfangsdatum", import_id("startDate", timeZone="America/Denver")),
        ("Q1", "Would you\n\n\t recommend us?", import_id("QID1")),
        ("Q1", "Why?", import_id("QID2_TEXT")),
        ("Q1_t_First Click", "Timing", import_id("QID3_FIRST_CLICK")),
        ("OS", "Your OS?", import_id("QID4_OS")),
        ("Mail", "E-Mail", import_id("recipientEmail")),
        ("store_id", "store_id", import_id("store_id")),
    )
    form, reason = open_form(source)
    assert "three header rows" in reason
    assert form.zone is not None
    assert form.zone.key == "America/Denver"
    assert [c.header for c in form.columns[1:3]] == ["Q1", "Q1__2"]
    assert form.columns[1].text == "Would you recommend us?"
    assert [c.question_id for c in form.columns[1:3]] == ["QID1", "QID2_TEXT"]
    assert [c.kind for c in form.columns] == [
        *("built_in", "question", "question", "technical", "technical", "personal", "question")
    ]
    assert form.columns[0].role == "started_at"
    assert [r.line for r in source.rows] == [4]


def test_one_import_id_for_several_choices() -> None:
    form = form_of(
        qualtrics(
            ("Q5_1", "Pick - one - Selected Choice - a", import_id("QID5", choiceId="1")),
            ("Q5_2", "Pick - one - Selected Choice - b", import_id("QID5", choiceId="2")),
            ("Q5_3", "Pick - one - Selected Choice - c", import_id("QID5", choiceId="2")),
            ("Q5_3_TEXT", "Pick - one - c - Text", import_id("QID5_3_TEXT")),
            ("Q6", "Pick", import_id("QID6", choiceId="1")),
            ("Q7_1", "", import_id("QID7", choiceId="1")),
            ("Q7_2", "", import_id("QID7", choiceId="2")),
        )
    )
    assert [(c.question_id, c.text, c.choice) for c in form.columns] == [
        ("QID5", "Pick - one", "a"),
        ("QID5", "Pick - one", "b"),
        ("QID5", "Pick - one", "c"),
        ("QID5_3_TEXT", "Pick - one - c - Text", None),
        ("QID6", "Pick", None),
        ("QID7", "QID7", "1"),
        ("QID7", "QID7", "2"),
    ]
    assert form.called("QID5_1") == [form.columns[0]]


@pytest.mark.parametrize(
    ("cell", "is_chosen"),
    [("a", True), ("1", True), ("4", True), ("0", False), ("", False), ("-99", False)],
)
def test_a_choice_was_made_where_its_column_says_it_or_its_code(cell: str, is_chosen: bool) -> None:
    form = form_of(
        qualtrics(
            ("Q5_1", "Pick - a", import_id("QID5", choiceId="1")),
            ("Q5_2", "Pick - b", import_id("QID5", choiceId="2")),
        )
    )
    found = answers(form.columns[0], [cell, ""], None)
    assert [a.choice for a in found] == (["a"] if is_chosen else [])


def test_each_time_of_a_loop_is_a_question_of_its_own() -> None:
    form = form_of(
        qualtrics(
            ("1_Q5", "How was tea?", import_id("1_QID5")),
            ("2_Q5", "How was coffee?", import_id("2_QID5")),
            ("1_Q6_1", "Why tea? - a", import_id("1_QID6", choiceId="1")),
            ("1_Q6_2", "Why tea? - b", import_id("1_QID6", choiceId="2")),
            ("2_Q6_1", "Why coffee? - a", import_id("2_QID6", choiceId="1")),
            ("2_Q6_2", "Why coffee? - b", import_id("2_QID6", choiceId="2")),
            ("1_Q7_First Click", "Timing", import_id("1_QID7_FIRST_CLICK")),
        )
    )
    assert [(c.question_id, c.choice) for c in form.columns[:6]] == [
        *(("1_QID5", None), ("2_QID5", None), ("1_QID6", "a"), ("1_QID6", "b")),
        *(("2_QID6", "a"), ("2_QID6", "b")),
    ]
    assert form.columns[6].kind == "technical"


def test_a_broken_import_id_falls_back_on_the_header() -> None:
    form = form_of(qualtrics(("Q1", "Text", import_id("QID1")), ("Q2", "Text", '{"Import')))
    assert form.columns[1].question_id == "Q2"


def test_a_cell_nested_beyond_reason_is_no_import_id() -> None:
    deep = '{"a":' * 100_000
    form = form_of(qualtrics(("Q1", "Text", import_id("QID1")), ("Q2", "Text", deep)))
    assert form.columns[1].question_id == "Q2"


def test_legacy_has_two_header_rows() -> None:
    source = table(
        ["V1", "V3", "V10", "Q1", ""],
        ["ResponseID", "Name", "Finished", "How was it?", ""],
        ["R_1", "Anonym", "0", "2", ""],
    )
    form, reason = open_form(source)
    assert "legacy" in reason
    assert [c.kind for c in form.columns] == [
        *("built_in", "personal", "built_in", "question", "question")
    ]
    assert form.columns[0].role == "response_id"
    assert form.columns[4].header == "column_5"
    (row,) = source.rows
    assert form.status(row.cells) == "partial"


@pytest.mark.parametrize(
    ("status", "finished", "expected"),
    [
        ("IP Address", "True", "complete"),
        ("0", "1", "complete"),
        ("IP Address", "False", "partial"),
        ("0", "0", "partial"),
        ("IP-Adresse", "Falsch", "partial"),
        ("Survey Preview", "True", "preview"),
        ("1", "1", "preview"),
        ("17", "1", "preview"),
        ("2", "1", "test"),
        ("Survey Test", "True", "test"),
        ("4", "1", "complete"),
        ("Imported", "True", "complete"),
        ("8", "1", "spam"),
        ("9", "1", "spam"),
        ("Spam", "True", "spam"),
        ("Survey Preview Spam", "False", "spam"),
        ("", "", "complete"),
    ],
)
def test_the_judgement_of_a_response(status: str, finished: str, expected: str) -> None:
    form = form_of(
        qualtrics(
            ("Status", "Status", import_id("status")),
            ("Finished", "Finished", import_id("finished")),
        )
    )
    assert form.status([status, finished]) == expected


def test_without_finished_the_progress_tells() -> None:
    form = form_of(qualtrics(("Progress", "Progress", import_id("progress"))))
    assert form.status(["40"]) == "partial"
    assert form.status(["100"]) == "complete"


def test_a_channel_of_preview_is_a_preview() -> None:
    form = form_of(qualtrics(("DistributionChannel", "", import_id("distributionChannel"))))
    assert form.status(["preview"]) == "preview"


def test_a_plain_table_and_its_personal_columns() -> None:
    source = table(
        ["编号", "3、请填写您的手机号：", "手机号", "推荐意愿", ""], ["1", "", "", "9", ""]
    )
    form, reason = open_form(source)
    assert reason.startswith("table")
    assert [c.kind for c in form.columns] == [
        *("question", "personal", "personal", "question", "question")
    ]
    assert form.columns[3].question_id == "推荐意愿"
    assert form.columns[4].question_id == "column_5"
    assert len(source.header or ()) == 5


def test_a_format_that_is_named_and_is_not_there() -> None:
    with pytest.raises(FileFault, match="format: auto"):
        form_of(table(["a", "b"], ["1", "2"]), "qualtrics")


def test_no_rows_at_all() -> None:
    with pytest.raises(FileFault, match="no header"):
        form_of(table())


def test_a_broken_header_is_told() -> None:
    source = Table("test", rows=iter([Row(1, [], ("nul_byte", "line 1 holds NUL bytes."))]))
    with pytest.raises(FileFault, match="NUL bytes"):
        form_of(source)


@given(st.lists(st.sampled_from(["a", "b", "a__2", "a__3", ""]), max_size=9))
def test_unique_names_are_unique_and_the_first_keeps_its_own(names: list[str]) -> None:
    found = unique(names)
    assert len(set(found)) == len(names)
    assert all(f == n or f.startswith(f"{n}__") for f, n in zip(found, names, strict=True))
    for name in names:
        assert found[names.index(name)] == name


SAID = st.text(st.sampled_from("推荐好abc019 ,;\"'-\n"), min_size=1, max_size=9).map(str.strip)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 10),
            SAID.filter(lambda text: text not in ("", "-99")),
            st.lists(st.sampled_from(["Tea", "Coffee", "水"]), unique=True, max_size=3),
        ),
        max_size=6,
    ),
    st.booleans(),
)
def test_what_qualtrics_writes_is_read_back(
    responses: list[tuple[int, str, list[str]]], is_coded: bool
) -> None:
    choices = ["Tea", "Coffee", "水"]
    columns = [
        ("ResponseId", "Response ID", import_id("_recordId")),
        ("Q1", "Recommend?", import_id("QID1")),
        ("Q2", "Why?", import_id("QID2_TEXT")),
        *(
            (f"Q3_{n}", f"Drinks - Selected Choice - {choice}", import_id("QID3", choiceId=str(n)))
            for n, choice in enumerate(choices, start=1)
        ),
    ]
    rows = [
        [
            f"R_{n}",
            str(score),
            why,
            *((str(i) if is_coded else c) if c in chosen else "" for i, c in enumerate(choices, 1)),
        ]
        for n, (score, why, chosen) in enumerate(responses)
    ]
    out = io.StringIO()
    csv.writer(out).writerows([*map(list, zip(*columns, strict=True)), *rows])
    source = Table("test", ",")
    open_text(io.StringIO(out.getvalue(), newline=""), "utf-8", source)
    form = form_of(source)
    found = []
    for row in source.rows:
        said: dict[str, list[str]] = {}
        for column in form.columns:
            for answer in answers(column, row.cells, column.separator):
                said.setdefault(column.question_id, []).append(answer.raw)
        found.append((said["QID1"], said["QID2_TEXT"], set(said.get("QID3", []))))
    assert found == [([str(score)], [why], set(chosen)) for score, why, chosen in responses]


def test_a_choice_called_no_is_chosen_where_its_cell_repeats_it() -> None:
    form = form_of(
        table(
            ["Q3_1", "Q3_2"],
            ["Pet? - Selected Choice - Dog", "Pet? - Selected Choice - No"],
            [import_id("QID3", choiceId="1"), import_id("QID3", choiceId="2")],
            ["Dog", "No"],
        )
    )
    said = [a.raw for c in form.columns for a in answers(c, ["Dog", "No"], c.separator)]
    assert said == ["Dog", "No"]
    assert [a for c in form.columns for a in answers(c, ["no", "0"], c.separator)] == []


@pytest.mark.parametrize("marked", ["Selected Choice - ", ""])
def test_choices_that_begin_alike(marked: str) -> None:
    form = form_of(
        table(
            ["Q2_1", "Q2_2", "Q3"],
            [
                f"Which do you drink? - {marked}Tea - green",
                f"Which do you drink? - {marked}Tea - black",
                "Which store? - Selected Choice",
            ],
            [
                import_id("QID2", choiceId="1"),
                import_id("QID2", choiceId="2"),
                import_id("QID3"),
            ],
            ["Tea - green", "", "North"],
        )
    )
    assert [(c.text, c.choice) for c in form.columns] == [
        ("Which do you drink?", "Tea - green"),
        ("Which do you drink?", "Tea - black"),
        ("Which store?", None),
    ]
    assert form.called("Which store? - Selected Choice") == form.called("Which store?")
