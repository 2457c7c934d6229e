"""Whatever answers a survey tool writes into its format are read back equal through load_survey."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

QuestionKind = Literal["open", "single", "multi", "matrix"]
OTHER = "Other (please specify)"
FIRST = datetime(2026, 9, 1, 4, 0, 5, tzinfo=UTC)

# Characters that trouble readers; none that a mask, a total or a null would take for its own.
_ANSWER = st.text(alphabet="好喝味道慢ab é,;|\t\"'\n，、。", max_size=12)
_WORDS = st.text(alphabet="服务味道环境价格abc'\"-", min_size=1, max_size=8)


@dataclass(frozen=True)
class Question:
    """One question; `parts` are its choices, or the rows of its matrix."""

    code: str
    text: str
    kind: QuestionKind
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Survey:
    """Questions, and per response the answers: question's code -> part (or empty) -> text."""

    questions: tuple[Question, ...]
    responses: tuple[dict[str, dict[str, str]], ...]


@dataclass
class Export:
    """A file, and what must be read of it: (response id, question's text, answer), and times."""

    text: str
    answers: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    submitted: list[datetime] = field(default_factory=list)


def moment(number: int) -> datetime:
    """When response `number` was submitted."""
    return FIRST + timedelta(days=number, hours=number, seconds=7)


@st.composite
def surveys(draw: st.DrawFn) -> Survey:
    """A form of up to four questions, and up to six responses to it."""
    texts = draw(st.lists(_WORDS, min_size=1, max_size=4, unique=True))
    questions = []
    for number, text in enumerate(texts, start=1):
        kind = draw(st.sampled_from(["open", "single", "multi", "matrix"]))
        parts = draw(st.lists(_WORDS, min_size=2, max_size=4, unique=True))
        parts = [f"选{part}" for part in parts] if kind in ("multi", "matrix") else []
        questions.append(Question(f"G01Q{number:02d}", f"您觉得{text}如何？", kind, tuple(parts)))
    count = draw(st.integers(0, 6))
    responses = [{q.code: draw(_answers(q)) for q in questions} for _ in range(count)]
    return Survey(tuple(questions), tuple(responses))


def _answers(question: Question) -> st.SearchStrategy[dict[str, str]]:
    if question.kind == "matrix":
        return st.dictionaries(st.sampled_from(question.parts), _ANSWER.filter(_is_filled))
    if question.kind == "multi":
        chosen = st.sets(st.sampled_from(question.parts)).map(lambda parts: {p: p for p in parts})
        return st.tuples(chosen, _ANSWER).map(
            lambda both: both[0] | ({OTHER: both[1]} if _is_filled(both[1]) else {})
        )
    return _ANSWER.map(lambda text: {"": text} if _is_filled(text) else {})


def _is_filled(text: str) -> bool:
    return bool(text.strip())


def _parts(question: Question) -> tuple[str, ...]:
    return (*question.parts, OTHER) if question.kind == "multi" else question.parts or ("",)


def _csv(rows: list[list[str]], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def _grid(survey: Survey) -> list[list[str]]:
    """The cells of each response, a column per question or part."""
    return [
        [given[q.code].get(part, "") for q in survey.questions for part in _parts(q)]
        for given in survey.responses
    ]


def _expected(
    export: Export,
    survey: Survey,
    says: Callable[[Question, str, str], tuple[str, str]],
    first_id: int,
) -> Export:
    """Note what must be read: `says` gives question and answer for what was answered to a part."""
    for number, response in enumerate(survey.responses):
        export.submitted.append(moment(number))
        for question in survey.questions:
            for part, text in response[question.code].items():
                export.answers[str(first_id + number), *says(question, part, text)] += 1
    return export


def _is_choice(question: Question, part: str) -> bool:
    return question.kind == "multi" and part != OTHER


def bracketed(question: Question, part: str) -> str:
    """`Question [Part]`."""
    return f"{question.text} [{part}]" if part else question.text


def surveymonkey(survey: Survey, delimiter: str) -> Export:
    """Two header rows; a question stands above the first of its columns."""
    own = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address"]
    above, below = list(own), [""] * len(own)
    for question in survey.questions:
        parts = _parts(question)
        above += [question.text] + [""] * (len(parts) - 1)
        whole = "Response" if question.kind == "single" else "Open-Ended Response"
        below += [part or whole for part in parts]
    rows = []
    for number, cells in enumerate(_grid(survey)):
        at = moment(number).strftime("%m/%d/%Y %I:%M:%S %p")
        rows.append([f"{11443000001 + number}", "254609041", at, at, "192.0.2.1", "a@b.cn", *cells])
    export = Export(_csv([above, below, *rows], delimiter))

    def says(question: Question, part: str, text: str) -> tuple[str, str]:
        asked = question.text if _is_choice(question, part) else bracketed(question, part)
        return asked, text

    return _expected(export, survey, says, 11443000001)


def googleforms(survey: Survey, delimiter: str) -> Export:
    """One header row; the choices of a question joined in one cell by semicolons."""
    header, rows = ["时间戳记", "电子邮件地址"], []
    for question in survey.questions:
        is_grid = question.kind == "matrix"
        header += [bracketed(question, p) for p in question.parts] if is_grid else [question.text]
    export = Export("")
    for number, response in enumerate(survey.responses):
        at = moment(number) + timedelta(hours=8)
        clock = at.strftime("%Y/%m/%d %I:%M:%S ") + ("上午" if at.hour < 12 else "下午")
        row = [f"{clock} GMT+8", "someone@example.com"]
        for question in survey.questions:
            answers = response[question.code]
            is_grid = question.kind == "matrix"
            cells = {p: answers.get(p, "") for p in question.parts} if is_grid else {}
            row += list(cells.values()) if is_grid else [";".join(answers.values())]
            named = cells if is_grid else {"": row[-1]}
            for part, text in named.items():
                if _is_filled(text):
                    export.answers["", bracketed(question, part), text] += 1
        rows.append(row)
        export.submitted.append(moment(number))
    export.text = _csv([header, *rows], delimiter)
    return export


def limesurvey(survey: Survey, delimiter: str, style: str) -> Export:
    """One header row of codes, of texts, or of both; Y for a choice, N/A for nothing."""
    subs: dict[tuple[str, str], str] = {}
    codes = ["id", "submitdate", "lastpage", "startlanguage", "ipaddr"]
    texts = ["Response ID", "Date submitted", "Last page", "Start language", "IP address"]
    for question in survey.questions:
        for number, part in enumerate(_parts(question), start=1):
            sub = "other" if part == OTHER else f"SQ{number:03d}" if part else ""
            subs[question.code, part] = sub
            codes.append(question.code + (f"[{sub}]" if sub else ""))
            texts.append(bracketed(question, "Other" if part == OTHER else part))
    header = {
        "codes": codes,
        "texts": texts,
        "both": [f"{code}. {text}" for code, text in zip(codes, texts, strict=True)],
    }[style]
    chosen = [_is_choice(q, part) for q in survey.questions for part in _parts(q)]
    rows = []
    for n, cells in enumerate(_grid(survey)):
        own = [f"{n + 1}", moment(n).strftime("%Y-%m-%d %H:%M:%S"), "2", "zh", "192.0.2.1"]
        marked = [
            "Y" if cell and is_choice else cell
            for cell, is_choice in zip(cells, chosen, strict=True)
        ]
        rows.append(own + [cell or "N/A" for cell in marked])

    def says(question: Question, part: str, text: str) -> tuple[str, str]:
        sub = subs[question.code, part]
        if style != "codes":
            choice = _is_choice(question, part)
            named = "Other" if part == OTHER else part
            return (question.text, part) if choice else (bracketed(question, named), text)
        if _is_choice(question, part):
            return question.code, sub
        return f"{question.code}[{sub}]" if sub else question.code, text

    return _expected(Export(_csv([header, *rows], delimiter)), survey, says, 1)


def typeform_csv(survey: Survey, delimiter: str) -> Export:
    """One header row; a choice, or a row, is a column of its own name; times are UTC."""
    header = ["#", *(part or q.text for q in survey.questions for part in _parts(q))]
    header += ["Start Date (UTC)", "Submit Date (UTC)", "Network ID"]
    rows = []
    for number, cells in enumerate(_grid(survey)):
        at = moment(number).strftime("%Y-%m-%d %H:%M:%S")
        rows.append([f"{101 + number}", *cells, at, at, "5f57f20d14"])
    export = Export(_csv([header, *rows], delimiter))
    return _expected(export, survey, lambda q, part, text: (part or q.text, text), 101)


def typeform_json(survey: Survey, _delimiter: str) -> Export:
    """A page of the Responses API with the form; the rows of a matrix are fields of their own."""
    fields = [
        {"id": f"f{q.code}{n}", "ref": f"{q.code}-{n}", "title": bracketed(q, part), "type": "x"}
        for q in survey.questions
        for n, part in enumerate(q.parts if q.kind == "matrix" else ("",))
    ]
    items = []
    for number, response in enumerate(survey.responses):
        at = moment(number).strftime("%Y-%m-%dT%H:%M:%SZ")
        answers = [a for q in survey.questions for a in _json_answers(q, response[q.code])]
        items.append({"response_id": f"{101 + number}", "submitted_at": at, "answers": answers})
    document = {"form": {"fields": fields}, "items": items, "total_items": len(items)}
    export = Export(json.dumps(document, ensure_ascii=bool(len(items) % 2)))

    def says(question: Question, part: str, text: str) -> tuple[str, str]:
        if question.kind == "multi":
            return question.text, text.strip()
        return bracketed(question, part), text

    return _expected(export, survey, says, 101)


def _json_answers(question: Question, given: dict[str, str]) -> list[dict[str, Any]]:
    def asked(number: int) -> dict[str, str]:
        return {"id": f"f{question.code}{number}", "ref": f"{question.code}-{number}", "type": "x"}

    if question.kind == "multi":
        labels = [part for part in given if part != OTHER]
        choices = {"labels": labels} | ({"other": given[OTHER]} if OTHER in given else {})
        return [{"field": asked(0), "type": "choices", "choices": choices}] if given else []
    if question.kind == "matrix":
        return [
            {"field": asked(question.parts.index(part)), "type": "text", "text": text}
            for part, text in given.items()
        ]
    if question.kind == "single":
        return [
            {"field": asked(0), "type": "choice", "choice": {"label": t}} for t in given.values()
        ]
    return [{"field": asked(0), "type": "text", "text": text} for text in given.values()]


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gb18030")
FORMATS: dict[str, tuple[Callable[[Survey, str], Export], str, dict[str, Any]]] = {
    "surveymonkey": (surveymonkey, "surveymonkey", {"date_order": "mdy", "zone": "UTC"}),
    "googleforms": (googleforms, "googleforms", {}),
    "limesurvey codes": (partial(limesurvey, style="codes"), "limesurvey", {"zone": "UTC"}),
    "limesurvey texts": (partial(limesurvey, style="texts"), "limesurvey", {"zone": "UTC"}),
    "limesurvey both": (partial(limesurvey, style="both"), "limesurvey", {"zone": "UTC"}),
    "typeform csv": (typeform_csv, "typeform", {}),
    "typeform json": (typeform_json, "typeform", {}),
}


@pytest.mark.parametrize("name", FORMATS)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_what_a_tool_writes_is_read_back_equal(
    deployment: Any, name: str, data: st.DataObject
) -> None:
    write, reader, config = FORMATS[name]
    survey = data.draw(surveys())
    export = write(survey, data.draw(st.sampled_from([",", ";", "\t"])))
    is_json = name.endswith("json")
    encoding = data.draw(st.sampled_from(ENCODINGS[:3] if is_json else ENCODINGS))
    if encoding == "gb18030":  # which a few letters of an export can't show
        config = config | {"encoding": encoding}
    shutil.rmtree(deployment.home / "landing", ignore_errors=True)
    shutil.rmtree(deployment.home / "lake", ignore_errors=True)
    deployment.drop("surveys/s/export", export.text, encoding)
    run = deployment.survey("s", **config)
    assert (run.status, run.quarantined) == ("complete", 0), run.message
    (outcome,) = deployment.outcomes()
    assert f"{reader}: " in outcome["detail"] or not survey.responses
    responses = deployment.landed("survey_response")
    assert [r["submitted_at"] for r in responses] == export.submitted
    assert {r["response_status"] for r in responses} <= {"complete"}
    assert len({r["response_id"] for r in responses}) == len(survey.responses)
    assert _landed(deployment, with_ids=reader != "googleforms") == export.answers
    assert b"example.com" not in deployment.everything()


def _landed(deployment: Any, *, with_ids: bool) -> Counter[tuple[str, str, str]]:
    return Counter(
        (a["response_id"] if with_ids else "", a["question_text"], a["answer_raw"])
        for a in deployment.landed("survey_answer")
    )


WHOLE = Survey(
    questions=(
        Question("G01Q01", "您愿意推荐吗？", "single"),
        Question("G01Q02", "您喝什么？", "multi", ("红茶", "绿茶")),
        Question("G01Q03", "为什么？", "open"),
    ),
    responses=tuple(
        {"G01Q01": {"": f"{n}"}, "G01Q02": {"红茶": "红茶"}, "G01Q03": {"": '好喝,\n"真的"'}}
        for n in range(1, 4)
    ),
)


@pytest.mark.parametrize("name", FORMATS)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    damage=st.lists(
        st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=4)), min_size=1, max_size=5
    ),
    encoding=st.sampled_from(ENCODINGS),
)
def test_a_damaged_export_ends_with_rows_quarantine_or_a_clear_fault(
    deployment: Any, name: str, damage: list[tuple[int, bytes]], encoding: str
) -> None:
    write, _, config = FORMATS[name]
    data = bytearray(write(WHOLE, ",").text.encode(encoding))
    for place, put in damage:
        at = place % len(data)
        data[at : at + len(put)] = put
    deployment.drop("surveys/s/export", bytes(data))
    run = deployment.survey("s", **config)
    assert run.status in {"complete", "partial", "failed"}
    (outcome,) = deployment.outcomes()
    assert outcome["outcome"] in {"ok", "empty_confirmed", "error", "unchanged"}
    assert outcome["detail"]
