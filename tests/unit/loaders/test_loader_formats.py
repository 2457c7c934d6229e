"""SurveyMonkey, Google Forms, LimeSurvey, Typeform: their columns, ids, roles and judgements."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.config import Format
from loaders.files import FileFault
from loaders.readers import READERS, open_form
from loaders.readers.choices import ONE_OF_SEVERAL, answers
from loaders.readers.form import Form
from loaders.readers.typeform_json import is_json, open_json
from loaders.rows import Row, Table


def table(text: str) -> Table:
    rows = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    return Table("test", rows=iter([Row(n, r) for n, r in enumerate(rows, start=1)]))


def form_of(text: str, wanted: str = "auto") -> tuple[Form, str]:
    return open_form(table(text), wanted)


def ids(form: Form) -> list[str]:
    return [c.question_id for c in form.columns]


def kinds(form: Form) -> list[str]:
    return [c.kind for c in form.columns]


def roles(form: Form) -> dict[str, str]:
    return {c.role: c.header for c in form.columns if c.role}


def test_every_format_can_be_written_in_the_config() -> None:
    assert {r.name for r in READERS} | {"auto"} == set(get_args(Format))


class TestSurveyMonkey:
    HEAD = (
        "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,"
        "Last Name,Custom Data 1,Which do you drink?,,,How likely?,,Why?,Rate us,,\n"
        ",,,,,,,,,Tea,Coffee <b>black</b>,Other (please specify),Response,Why that score?,"
        "Open-Ended Response,Taste,Speed,\n"
    )
    ROW = "1,7,,,192.0.2.1,,,,c1,Tea,,Milk,9,,fine,Good,Bad,\n"

    def test_two_rows(self) -> None:
        source = table(self.HEAD + self.ROW)
        form, reason = open_form(source)
        assert reason == "surveymonkey: two header rows, Respondent ID over a blank"
        assert ids(form)[9:] == [
            "Which do you drink?",
            "Which do you drink?",
            "Which do you drink? [Other (please specify)]",
            "How likely?",
            "How likely? [Why that score?]",
            "Why?",
            "Rate us [Taste]",
            "Rate us [Speed]",
            "column_18",
        ]
        assert {c.text for c in form.columns[9:11]} == {"Which do you drink?"}
        assert [c.separator is None for c in form.columns[9:12]] == [False, False, True]
        assert kinds(form)[:9] == ["built_in"] * 4 + ["personal"] * 4 + ["built_in"]
        assert set(kinds(form)[9:]) == {"question"}
        assert roles(form) == {
            "response_id": "Respondent ID",
            "started_at": "Start Date",
            "submitted_at": "End Date",
        }
        assert [r.line for r in source.rows] == [3]

    def test_what_a_config_may_call_a_column(self) -> None:
        form, _ = form_of(self.HEAD + self.ROW)

        def position(name: str) -> list[int]:
            return [c.position for c in form.called(name)]

        assert position("How likely?") == [12]
        assert position("why that score?") == [13]
        assert position("Tea") == [9]
        assert position("Rate us [Speed]") == [16]
        assert position("Which do you drink? [Tea]") == [9]
        assert position("Which do you drink?") == [9, 10]

    def test_a_tidied_export_repeats_what_stands_alone(self) -> None:
        form, reason = form_of(
            "Respondent ID,Start Date,How many?,Pick,\nRespondent ID,Start Date,How many?,a,b\n"
            "10103000748,43290.5,3,a,\n"
        )
        assert "two header rows" in reason
        assert ids(form)[2:] == ["How many?", "Pick", "Pick"]

    def test_without_ids_the_second_row_tells(self) -> None:
        form, reason = form_of(
            "How is it?,Pick,,Why?\nResponse,a,b,Open-Ended Response\nGood,a,,x\n"
        )
        assert reason == "surveymonkey: two header rows, the second with 2 x Response"
        assert ids(form) == ["How is it?", "Pick", "Pick", "Why?"]

    @pytest.mark.parametrize(
        ("own", "whole"),
        [
            (
                "受访者 ID,收集器 ID,开始日期,结束日期,IP 地址,电子邮件地址,名字,姓氏,自定义数据 1",
                "回答",
            ),
            (
                "Befragten-ID,Collector-ID,Startdatum,Enddatum,IP-Adresse,E-Mail-Adresse,Vorname,"
                "Nachname,Benutzerdefinierte Daten 1",
                "Antwort",
            ),
            ("ID,Collecteur,Début,Fin,Adresse IP,E-mail,Prénom,Nom,Données 1", "Réponse"),
        ],
    )
    def test_the_tools_own_columns_in_other_languages(self, own: str, whole: str) -> None:
        names = own.split(",")
        source = table(
            f"{own},推荐？,饮料？,,为什么？\n,,,,,,,,,{whole},茶,咖啡,{whole} 2\n"
            "11403748291,402837465,2026-09-01 12:00:00,2026-09-01 12:03:00,192.0.2.1,a@b.cn,"
            "A,B,c1,9,茶,,好喝\n"
            "11403748292,402837465,2026/09/02 8:00:00,2026/09/02 8:03:00,,,,,,3,,咖啡,\n"
        )
        form, reason = open_form(source)
        assert reason == (
            f"surveymonkey: two header rows, the tool's own columns by their places ({names[0]}, …)"
        )
        assert roles(form) == {
            "response_id": names[0],
            "started_at": names[2],
            "submitted_at": names[3],
        }
        assert kinds(form)[:9] == ["built_in"] * 4 + ["personal"] * 4 + ["built_in"]
        assert ids(form)[9:] == ["推荐？", "饮料？", "饮料？", "为什么？"]
        assert [r.line for r in source.rows] == [3, 4]

    def test_other_tables_with_blanks_below_are_not_its(self) -> None:
        _, reason = form_of("a,b,c,d,e,f,g,h,i,j\n,,,,,,,,,x\nA1,2,2026-09-01 12:00:00,,,,,,,y\n")
        assert reason.startswith("table:")

    def test_a_matrix_is_told_from_choices_by_what_its_cells_hold(self) -> None:
        head = "Respondent ID,Rate,,Rate,\n,Tea,Milk,Tea,Milk\n"
        form, _ = form_of(head + "1,Good,,Tea,\n2,Tea,Bad,,Milk\n")
        assert ids(form)[1:] == ["Rate [Tea]", "Rate [Milk]", "Rate", "Rate"]

    def test_two_questions_of_one_text_stay_two(self) -> None:
        form, _ = form_of("Respondent ID,Pick,,Pick,\n,a,b,a,b\n1,a,b,a,b\n")
        assert ids(form)[1:] == ["Pick", "Pick", "Pick__2", "Pick__2"]

    def test_a_scale_without_labels(self) -> None:
        form, _ = form_of("Respondent ID,Score,\n, - 1, - 2\n1,1,\n2,,2\n")
        assert ids(form)[1:] == ["Score", "Score"]

    def test_a_condensed_export(self) -> None:
        source = table("RespondentID,How is it?\n3292953864,Good\n")
        form, reason = open_form(source)
        assert reason == "surveymonkey: one header row with RespondentID (condensed export)"
        assert roles(form) == {"response_id": "RespondentID"}
        assert [r.line for r in source.rows] == [2]

    def test_a_table_that_only_sounds_like_it(self) -> None:
        assert form_of("Respondent ID,How is it?\nAnna,Good\n")[1].startswith("table")

    @pytest.mark.parametrize("rounded", ["13800000000", "1.38E+10"])
    def test_an_id_that_a_spreadsheet_rounded_is_none(self, rounded: str) -> None:
        form, _ = form_of(
            f"Respondent ID,Collector ID,How?\n,,Response\n12981527724,1,b\n{rounded},1,a\n"
        )
        assert roles(form) == {}
        assert rounded in form.notes[0]

    def test_an_address_is_personal_and_the_same_word_as_a_choice_is_not(self) -> None:
        form, _ = form_of(
            "Respondent ID,Where do you live?,,,How may we reach you?,\n"
            ",Name,City/Town,Email Address,Email,Phone\n"
            "1,Li Lei,Shanghai,a@b.cn,Email,\n2,Han Meimei,Suzhou,c@d.cn,,Phone\n"
        )
        assert kinds(form)[1:] == ["personal"] * 3 + ["question"] * 2


class TestGoogleForms:
    @pytest.mark.parametrize(
        ("row", "is_stray"),
        [
            (["9/18/2017 18:00:16", "", "4"], False),
            (["", "", "4.105263158"], True),  # a mean below the answers
            (["", "", "4"], True),
            (["", "yes", "4"], False),  # somebody's answers, their time taken out
        ],
    )
    def test_sums_below_the_answers_are_no_response(self, row: list[str], is_stray: bool) -> None:
        form, _ = form_of("Timestamp,Why?,How is it?\n9/18/2017 18:00:16,x,4\n")
        assert (form.stray(row) is not None) == is_stray

    @pytest.mark.parametrize(
        ("header", "time"),
        [
            ("Timestamp", "4/22/2016 19:57:50"),
            ("时间戳记", "2018/10/23 3:48:03 下午 GMT+8"),
            ("Zeitstempel", "23.10.2018 15:48:03"),
            ("時間戳記", "2018/10/23 下午 3:48:03"),
        ],
    )
    def test_it_is_known_by_its_first_column(self, header: str, time: str) -> None:
        form, reason = form_of(
            f"{header},Email Address,您的姓名,How is it? [Taste],\n{time},a@b.cn,李雷,5,\n"
        )
        assert reason == f"googleforms: one header row, its first column is {header}"
        assert roles(form) == {"submitted_at": header}
        assert kinds(form) == ["built_in", "personal", "personal", "question", "question"]
        assert ids(form)[3:] == ["How is it? [Taste]", "column_5"]

    def test_a_table_whose_timestamps_are_none(self) -> None:
        assert form_of("Timestamp,Score\n1756699200,9\n")[1].startswith("table")


class TestLimeSurvey:
    CODES = (
        "id,submitdate,lastpage,startlanguage,seed,token,startdate,datestamp,ipaddr,refurl,"
        "Q1,Q2[SQ001],Q2[other],waitTime,interviewtime,groupTime7,Q1Time\n"
    )

    def test_codes(self) -> None:
        form, reason = form_of(self.CODES + "1,,,zh,5,t,,,,,9,Y,,3,60,4,5\n")
        assert reason.startswith("limesurvey: one header row with submitdate, lastpage")
        assert roles(form) == {
            "response_id": "id",
            "submitted_at": "submitdate",
            "language": "startlanguage",
            "started_at": "startdate",
            "duration_seconds": "interviewtime",
        }
        assert ids(form)[10:14] == ["Q1", "Q2[SQ001]", "Q2[other]", "waitTime"]
        assert kinds(form)[5] == "built_in"
        assert kinds(form)[8:] == [
            *("personal", "technical", "question", "question", "question", "question"),
            *("built_in", "technical", "technical"),
        ]

    def test_texts(self) -> None:
        form, reason = form_of(
            "Response ID,Date submitted,Last page,Start language,How is it?,Rate [Taste],"
            "Total time,Group time: One\n1,,2,en,9,5,60,5\n"
        )
        assert reason.startswith("limesurvey: one header row with Date submitted, Last page")
        assert ids(form)[4:6] == ["How is it?", "Rate [Taste]"]
        assert roles(form)["response_id"] == "Response ID"
        assert kinds(form)[-2:] == ["built_in", "technical"]

    def test_codes_and_texts(self) -> None:
        form, _ = form_of(
            '"id. Response ID","submitdate. Date submitted","lastpage. Last page",'
            '"G01Q01. How is it, etc. and so on?","G01Q02[SQ1]. Rate [Taste]"\n1,,2,9,5\n'
        )
        assert ids(form)[3:] == ["G01Q01", "G01Q02[SQ1]"]
        assert form.columns[3].text == "How is it, etc. and so on?"
        assert [c.position for c in form.called("Rate [Taste]")] == [4]

    def test_choices_are_told_from_a_matrix_by_their_y(self) -> None:
        head = "id,submitdate,Q2[a],Q2[b],Q2[other],Q3[a],Q3[b]\n"
        form, _ = form_of(head + "1,,Y,N/A,Milk,Y,U\n2,,Y,Y,,N,N\n")
        assert ids(form)[2:] == ["Q2", "Q2", "Q2[other]", "Q3[a]", "Q3[b]"]
        assert [c.choice for c in form.columns[2:]] == ["a", "b", None, None, None]

    def test_choices_have_their_texts(self) -> None:
        form, _ = form_of(
            "submitdate. Date submitted,Q2[a]. Which? [Tea],Q2[b]. Which? [Milk]\n,Y,\n"
        )
        assert [(c.question_id, c.text, c.choice) for c in form.columns[1:]] == [
            *(("Q2", "Which?", "Tea"), ("Q2", "Which?", "Milk"))
        ]

    def test_tidied_codes_that_are_shared(self) -> None:
        form, reason = form_of(
            ",socio1. Country?,tool5_can[multi]. Where? [Windows],tool5_can[multi]. Where? [Mac]\n"
            "0,Canada,N/A,No\n"
        )
        assert reason == "limesurvey: its headers begin with codes (socio1. Country?)"
        assert ids(form) == [
            *("column_1", "socio1", "tool5_can[multi][Windows]", "tool5_can[multi][Mac]")
        ]
        # Not the tool's own export: what N/A says there is an answer.
        assert form.columns[2].value(["0", "Canada", "N/A", "No"]) == "N/A"

    def test_a_numbered_list_of_questions_is_a_table(self) -> None:
        assert form_of("Q1. How?,Q2. Why?,Q3. When?\n1,2,3\n")[1].startswith("table")

    @pytest.mark.parametrize(
        ("submitdate", "expected"),
        [("", "partial"), ("N/A", "partial"), ("2026-09-01 12:00:00", "complete")],
    )
    def test_what_was_not_submitted_is_partial(self, submitdate: str, expected: str) -> None:
        form, _ = form_of("id,submitdate,Q1\n1,,9\n")
        assert form.status(["1", submitdate, "9"]) == expected

    def test_comments_beside_choices_take_none_of_them_apart(self) -> None:
        form, _ = form_of(
            "id,submitdate,lastpage,G1[SQ001],G1[SQ001comment],G1[SQ002],G1[SQ002comment]\n"
            "1,2026-11-01 10:01:00,3,Y,hot,,\n2,2026-11-02 10:01:00,3,,,Y,cold\n"
        )
        assert [(c.question_id, c.choice) for c in form.columns[3:]] == [
            ("G1", "SQ001"),
            ("G1[SQ001comment]", None),
            ("G1", "SQ002"),
            ("G1[SQ002comment]", None),
        ]

    def test_choices_in_full_answers(self) -> None:
        form, _ = form_of(
            "Response ID,Date submitted,Last page,Which? [Tea],Which? [Coffee],Which? [No],"
            "Rate [A],Rate [B]\n"
            "1,2026-11-01 10:01:00,3,Yes,No,No,Yes,\n2,,3,No,Yes,No,No,Yes\n"
        )
        assert [(c.text, c.choice) for c in form.columns[3:]] == [
            *(("Which?", "Tea"), ("Which?", "Coffee"), ("Which?", "No")),
            *(("Rate [A]", None), ("Rate [B]", None)),  # who left one blank was asked each
        ]
        row = ["1", "", "", "Yes", "No", "No", "Yes", ""]
        said = [a.raw for c in form.columns[3:6] for a in answers(c, row, c.separator)]
        assert said == ["Tea"]
        assert "Which?" in form.notes[0]

    def test_what_was_not_asked_and_a_date_that_is_none(self) -> None:
        form, _ = form_of("id,submitdate,Q1\n1,,9\n")
        row = ["1", "1980-01-01 00:00:00", "N/A"]
        assert form.status(row) == "complete"
        assert [c.value(row) for c in form.columns] == ["1", "", ""]


class TestTypeformCsv:
    HEAD = (
        "#,How is it?,Tea,Email,Other,Email,Other,Start Date (UTC),Submit Date (UTC),Network ID\n"
    )

    def test_columns(self) -> None:
        form, reason = form_of(self.HEAD + "a1,9,Tea,Email,,a@b.cn,x,,,5f57\n")
        assert reason == "typeform: one header row with Start Date (UTC), Submit Date (UTC)"
        assert roles(form) == {
            "response_id": "#",
            "started_at": "Start Date (UTC)",
            "submitted_at": "Submit Date (UTC)",
            "device": "Network ID",
        }
        assert kinds(form)[1:7] == [
            *("question", "question", "question", "question", "personal", "question")
        ]
        assert ids(form)[3:7] == ["Email", "Other", "Email__2", "Other__2"]
        assert form.zone is not None
        assert form.zone.key == "UTC"

    def test_questions_called_like_its_own_columns(self) -> None:
        form, _ = form_of(
            "#,How likely?,Score,Tags,Start Date (UTC),Submit Date (UTC),Network ID,Tags\n"
            "abc1,10,my own answer,asked tag,,,n1,\n"
        )
        assert kinds(form)[1:4] == ["question"] * 3
        assert kinds(form)[-1] == "built_in"

    @pytest.mark.parametrize(
        "head",
        [
            "#,Are <b>you</b> well?,Submit Date (UTC)",
            "Timestamp,Are <b>you</b> well?",
            "id,submitdate,Are <b>you</b> well?",
        ],
    )
    def test_a_header_with_marks_of_its_editor(self, head: str) -> None:
        form, _ = form_of(f"{head}\n")
        for name in ("Are <b>you</b> well?", "Are you well?"):
            (found,) = form.called(name)
            assert found.text == "Are you well?"

    @pytest.mark.parametrize(
        ("head", "row", "expected"),
        [
            ("#,Q,Submit Date (UTC)", ["1", "a", ""], "partial"),
            ("#,Q,Submit Date (UTC)", ["1", "a", "2026-09-01 12:00:00"], "complete"),
            ("#,Q,Response Type,Submit Date (UTC)", ["1", "a", "partial", "x"], "partial"),
            ("#,Q,Response Type,Submit Date (UTC)", ["1", "a", "started", ""], "partial"),
            ("#,Q,Response Type,Submit Date (UTC)", ["1", "a", "completed", ""], "complete"),
        ],
    )
    def test_the_judgement(self, head: str, row: list[str], expected: str) -> None:
        assert form_of(f"{head}\n{','.join(row)}\n")[0].status(row) == expected


def opened(tmp_path: Path, document: Any) -> tuple[Form, list[Row]]:
    path = tmp_path / "responses.json"
    text = document if isinstance(document, str) else json.dumps(document)
    path.write_text(text, encoding="utf-8")
    source = open_json(path, path.stat().st_size)
    form, _ = open_form(source)
    return form, list(source.rows)


def answer(ref: str, kind: str, value: Any, field_type: str = "short_text") -> dict[str, Any]:
    return {"field": {"id": f"id_{ref}", "ref": ref, "type": field_type}, "type": kind, kind: value}


TEXTS = st.none() | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\x1f"), max_size=20
)

RESPONSE = {
    "landing_id": "L1",
    "token": "T1",
    "response_id": "R1",
    "landed_at": "2026-09-01T04:00:00Z",
    "submitted_at": "2026-09-01T04:01:00Z",
    "metadata": {"user_agent": "Mozilla", "network_id": "5f57"},
    "hidden": {"store": "s001"},
    "calculated": {"score": 7},
    "answers": [
        answer("nps", "number", 9, "nps"),
        answer("why", "text", "好喝,\n真的"),
        answer("one", "choice", {"label": "Tea"}, "multiple_choice"),
        answer("two", "choice", {"other": "Milk"}, "multiple_choice"),
        answer("many", "choices", {"labels": ["Tea", "Café"], "other": "Milk"}, "multiple_choice"),
        answer("yes", "boolean", True, "yes_no"),
        answer("mail", "email", "a@b.cn", "email"),
        answer("call", "phone_number", "+8613800138000", "phone_number"),
        answer("when", "date", "2026-08-30T00:00:00Z", "date"),
        answer("paid", "payment", {"amount": "5", "last4": "1234", "name": "Li Lei"}, "payment"),
        answer("odd", "new_kind", {"a": 1}),
    ],
}


class TestTypeformJson:
    def test_a_page_of_the_api(self, tmp_path: Path) -> None:
        form, (row,) = opened(tmp_path, {"total_items": 1, "page_count": 1, "items": [RESPONSE]})
        found = {c.header: row.cells[c.position] for c in form.columns}
        assert found == {
            "Response ID": "R1",
            "Start Date (UTC)": "2026-09-01T04:00:00Z",
            "Submit Date (UTC)": "2026-09-01T04:01:00Z",
            "Response Type": "",
            "Network ID": "5f57",
            "Score": "7",
            "nps": "9",
            "why": "好喝,\n真的",
            "one": "Tea",
            "two": "Milk",
            "many": ONE_OF_SEVERAL.join(["Tea", "Café", "Milk"]),
            "yes": "true",
            "mail": "a@b.cn",
            "call": "+8613800138000",
            "when": "2026-08-30T00:00:00Z",
            "paid": "5",
            "odd": '{"a": 1}',
            "store": "s001",
        }
        assert {c.header for c in form.columns if c.kind == "personal"} == {
            *("Network ID", "mail", "call")
        }
        assert {c.header: c.separator for c in form.columns if c.separator} == {
            "many": ONE_OF_SEVERAL
        }
        assert form.status(row.cells) == "complete"
        assert row.line == 1

    def test_the_form_gives_the_texts_and_what_is_personal(self, tmp_path: Path) -> None:
        definition = {
            "fields": [
                {"id": "id_nps", "ref": "nps", "type": "nps", "title": "How\nlikely?"},
                {
                    "id": "g",
                    "type": "contact_info",
                    "title": "You",
                    "properties": {
                        "fields": [{"id": "id_why", "ref": "why", "title": "First", "type": "x"}]
                    },
                },
                {"id": "s", "type": "statement", "title": "Thanks"},
            ]
        }
        hook = {"form_response": RESPONSE | {"definition": definition}}
        form, _ = opened(tmp_path, [hook, hook])
        by_id = {c.question_id: c for c in form.columns}
        assert by_id["nps"].text == "How likely?"
        assert by_id["why"].kind == "personal"
        assert "s" not in by_id
        assert [c.question_id for c in form.called("how likely?")] == ["nps"]

    def test_fields_beside_the_responses(self, tmp_path: Path) -> None:
        document = {
            "form": {"fields": [{"ref": "nps", "type": "nps", "title": "How likely?"}]},
            "responses": {"items": [RESPONSE]},
        }
        form, rows = opened(tmp_path, document)
        assert len(rows) == 1
        assert next(c.text for c in form.columns if c.question_id == "nps") == "How likely?"

    def test_a_response_that_was_not_submitted(self, tmp_path: Path) -> None:
        open_one = RESPONSE | {"submitted_at": "0001-01-01T00:00:00Z", "answers": None}
        form, (row,) = opened(tmp_path, {"items": [open_one]})
        assert form.status(row.cells) == "partial"
        assert row.cells[2] == ""

    def test_broken_responses_cost_no_other(self, tmp_path: Path) -> None:
        bad = [
            "x",
            RESPONSE | {"answers": {}},
            RESPONSE | {"answers": [{"type": "text", "text": "x"}]},
            RESPONSE | {"hidden": {"a": "\x00"}},
            RESPONSE | {"hidden": {"a": "\ud800"}},
        ]
        _, rows = opened(tmp_path, {"items": [*bad, RESPONSE]})
        assert [(r.line, r.fault[0] if r.fault else None) for r in rows] == [
            (1, "unreadable_row"),
            (2, "unreadable_row"),
            (3, "unreadable_row"),
            (4, "nul_byte"),
            (5, "undecodable_bytes"),
            (6, None),
        ]

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('{"items": [', "can't be read"),
            ("[" * 100_000, "can't be read"),
            ('{"a": 1}', "no responses of Typeform"),
            ('[{"a": 1}]', "no responses of Typeform"),
            ("[[1]]", "no responses of Typeform"),
        ],
    )
    def test_other_json_is_told(self, tmp_path: Path, text: str, told: str) -> None:
        with pytest.raises(FileFault, match=told):
            opened(tmp_path, text)

    def test_one_webhook_a_line(self, tmp_path: Path) -> None:
        fields = {"fields": [{"ref": "nps", "type": "nps", "title": "推荐？"}]}
        hook = json.dumps({"event_id": "e", "form_response": RESPONSE | {"definition": fields}})
        form, rows = opened(tmp_path, f"\ufeff{hook}\r\n\n{hook}\n{hook[:50]}")
        assert [(r.line, r.fault and r.fault[0]) for r in rows] == [
            (1, None),
            (2, None),
            (3, "unreadable_row"),
        ]
        assert rows[0].cells == rows[1].cells
        assert next(c.text for c in form.columns if c.question_id == "nps") == "推荐？"

    @settings(max_examples=60, deadline=None)
    @given(data=st.data(), is_lines=st.booleans())
    def test_what_is_written_as_responses_is_read_back(
        self, data: st.DataObject, is_lines: bool, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        refs = data.draw(
            st.lists(st.text("abc好", min_size=1, max_size=4), unique=True, min_size=1)
        )
        given_texts = data.draw(st.lists(st.lists(TEXTS, min_size=len(refs), max_size=len(refs))))
        items = [
            {
                "token": f"t{n}",
                "answers": [
                    answer(ref, "text", text)
                    for ref, text in zip(refs, texts, strict=True)
                    if text is not None
                ],
            }
            for n, texts in enumerate(given_texts)
        ]
        document: Any = {"items": items}
        if is_lines and len(items) > 1:
            document = "\n".join(json.dumps({"form_response": item}) for item in items)
        form, rows = opened(tmp_path_factory.mktemp("typeform"), document)
        places = {c.header: c.position for c in form.columns}
        read = [[r.cells[places[ref]] if ref in places else "" for ref in refs] for r in rows]
        assert read == [[text or "" for text in texts] for texts in given_texts]
        assert [r.cells[0] for r in rows] == [item["token"] for item in items]

    def test_too_much_of_it_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(FileFault, match="64 MB"):
            open_json(tmp_path / "x.json", 65 << 20)

    @pytest.mark.parametrize(
        ("sample", "expected"),
        [
            (b'{"items": []}', True),
            (b"\xef\xbb\xbf\n [ {", True),
            (b"[]", True),
            ('{"items": []}'.encode("utf-16"), True),
            ("id,score\n".encode("utf-16"), False),
            (b"id,score\n", False),
            (b"{id},score\n", False),
            (b"[Q1],[Q2]\n", False),
        ],
    )
    def test_what_begins_as_json(self, sample: bytes, expected: bool) -> None:
        assert is_json(sample) is expected
