"""Real exports load by a mapping alone, with the counts that a plain CSV reader finds in them."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

pytestmark = pytest.mark.shared

OWN_COLUMNS = {
    *("startDate", "endDate", "status", "ipAddress", "progress", "duration", "finished"),
    *("recordedDate", "_recordId", "recipientLastName", "recipientFirstName", "recipientEmail"),
    *("externalDataReference", "locationLatitude", "locationLongitude", "distributionChannel"),
    "userLanguage",
}
CLICKS = ("_FIRST_CLICK", "_LAST_CLICK", "_PAGE_SUBMIT", "_CLICK_COUNT")
BROWSER = ("_BROWSER", "_VERSION", "_OS", "_RESOLUTION")


def put(deployment: Any, survey: str, source: Path) -> None:
    folder = deployment.home / "landing" / "surveys" / survey
    folder.mkdir(parents=True)
    shutil.copy(source, folder / source.name)


def cells(source: Path) -> list[list[str]]:
    with source.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_hausladen_pilot(deployment: Any, shared: Path) -> None:
    source = shared / "data/survey/qualtrics/hausladen_pilot.csv"
    _, labels, imports, *rows = cells(source)
    ids = [json.loads(cell)["ImportId"] for cell in imports]
    questions = [
        n for n, i in enumerate(ids) if i not in OWN_COLUMNS and not i.endswith(CLICKS + BROWSER)
    ]
    put(deployment, "pilot", source)
    run = deployment.survey(
        "pilot",
        roles={
            "customer_id": "ExternalReference",
            "csat": "legitimacy_1_1",
            "comment": "QID58_TEXT",
            "device": "IPAddress",
            "drivers": {"first": "polarization_1"},
        },
    )
    assert (run.status, run.seen, run.quarantined) == ("complete", len(rows), 0), run.message
    responses = deployment.landed("survey_response")
    assert [r["response_id"] for r in responses] == [row[ids.index("_recordId")] for row in rows]
    assert len(responses) == 12
    assert Counter(r["response_status"] for r in responses) == {"complete": 12}
    denver = ZoneInfo("America/Denver")
    assert [r["submitted_at"] for r in responses] == [
        datetime.fromisoformat(row[ids.index("endDate")]).replace(tzinfo=denver) for row in rows
    ]
    assert [r["csat_raw"] for r in responses] == [row[ids.index("QID51_1")] or None for row in rows]
    answers = deployment.landed("survey_answer")
    assert len(answers) == sum(bool(row[n].strip()) for row in rows for n in questions)
    assert {a["question_id"] for a in answers} <= {ids[n] for n in questions}
    assert not any("\n" in a["question_text"] for a in answers)
    asked = next(a for a in answers if a["question_id"] == "QID6")
    assert asked["question_text"].split() == labels[ids.index("QID6")].split()
    # The data field recipientId repeats what stands in RecipientLastName.
    assert {a["answer_raw"] for a in answers if a["question_id"] == "recipientId"} == {"[personal]"}
    lake = deployment.everything().decode()
    assert "someone@example.com" not in lake
    assert "192.0.2.1" not in lake


def test_the_lines_named_are_those_of_the_file(deployment: Any, shared: Path) -> None:
    source = shared / "data/survey/qualtrics/hausladen_pilot.csv"
    put(deployment, "pilot", source)
    deployment.survey("pilot", roles={"comment": "QID58_TEXT"})
    lines = source.read_text(encoding="utf-8-sig").split("\n")
    for response in deployment.landed("survey_response"):
        assert response["response_id"] in lines[response["position"] - 1]


def test_german_labels(deployment: Any, shared: Path) -> None:
    put(deployment, "german", shared / "data/survey/qualtrics/qualtRics_sample.csv")
    run = deployment.survey(
        "german", roles={"nps": "Q1", "comment": "This is a free text question."}
    )
    assert (run.status, run.seen) == ("complete", 1), run.message
    (found,) = deployment.landed("survey_response")
    assert found["response_id"] == "R_2YPOQ602ER1jkf1"
    assert found["submitted_at"] == datetime(2017, 7, 18, 0, 28, 48, tzinfo=UTC)
    assert (found["nps_raw"], found["comment"]) == ("2", "Hello World!")
    assert (found["language"], found["duration_seconds"]) == ("DE", 38.0)
    assert [a["question_id"] for a in deployment.landed("survey_answer")] == ["QID1", "QID2_TEXT"]


def test_legacy_export(deployment: Any, shared: Path) -> None:
    put(deployment, "legacy", shared / "data/survey/qualtrics/qualtRics_sample_legacy.csv")
    run = deployment.survey("legacy", roles={"nps": "Q1", "comment": "Q2"})
    assert (run.status, run.seen) == ("complete", 1), run.message
    (found,) = deployment.landed("survey_response")
    assert found["response_id"] == "R_2YPOQ602ER1jkf1"
    assert found["started_at"] == datetime(2017, 7, 18, 0, 28, 9, tzinfo=UTC)
    assert (found["nps_raw"], found["comment"], found["position"]) == ("2", "Hello World!", 3)
    assert [a["question_id"] for a in deployment.landed("survey_answer")] == ["Q1", "Q2"]
    assert "47.115" not in deployment.everything().decode()


def test_carpentries_as_a_plain_table(deployment: Any, shared: Path) -> None:
    source = shared / "data/survey/carpentries/longterm_October2017.csv"
    header, *rows = cells(source)
    scores = [row[header.index("Likely-To-Recommend")] for row in rows]
    put(deployment, "carpentries", source)
    run = deployment.survey(
        "carpentries",
        format="table",
        roles={"nps": "Likely-To-Recommend"},
        constants={"submitted_at": "2017-10-31"},
    )
    assert (run.status, run.seen, run.quarantined) == ("complete", len(rows), 0), run.message
    found = [r["nps_raw"] for r in deployment.landed("survey_response")]
    assert found == [score or None for score in scores]
    scored = [int(s) for s in found if s is not None]
    assert (len(found), len(scored)) == (476, 402)
    nps = 100 * (sum(s >= 9 for s in scored) - sum(s <= 6 for s in scored)) / len(scored)
    assert round(nps, 2) == 36.32
    answers = deployment.landed("survey_answer")
    assert len(answers) == sum(bool(cell.strip()) for row in rows for cell in row)
    assert len({r["response_id"] for r in deployment.landed("survey_response")}) == 476


def sheet(source: Path) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(source, read_only=True).active.iter_rows(values_only=True))


def choices(deployment: Any) -> Counter[tuple[str, str, str]]:
    """(response, question, choice) of the answers to questions with several choices."""
    return Counter(
        (a["response_id"], a["question_id"], a["choice"])
        for a in deployment.landed("survey_answer")
        if a["choice"] is not None
    )


@pytest.mark.parametrize("kind", ["text", "coded"])
def test_wjx_text_and_coded_exports_of_the_same_answers(
    deployment: Any, shared: Path, kind: str
) -> None:
    folder = shared / "data/survey/wjx"
    head, *rows = sheet(folder / "wjx_100_text.xlsx")
    put(deployment, "hobby", folder / f"wjx_100_{kind}.xlsx")
    run = deployment.survey("hobby", constants={"submitted_at": "2019-10-01"})
    assert (run.status, run.seen, run.quarantined) == ("complete", 100, 0), run.message
    assert "wjx: one header row" in deployment.outcomes()[0]["detail"]
    responses = deployment.landed("survey_response")
    assert [r["response_id"] for r in responses] == [str(row[0]) for row in rows]
    expected = Counter(
        (str(row[0]), question, choice)
        for row in rows
        for question, header in (("Q6", "6、兴趣爱好"), ("Q8", "8、关注资讯"))
        for cell in [row[head.index(header)].split("〖")[0]]
        for choice in cell.split("┋")
    )
    assert choices(deployment) == expected
    one_each = [a for a in deployment.landed("survey_answer") if a["choice"] is None]
    assert Counter(a["question_id"] for a in one_each) == dict.fromkeys(
        ("Q1", "Q2", "Q3", "Q4", "Q5", "Q7"), 100
    )
    given = Counter(a["answer_raw"] for a in one_each if a["question_id"] == "Q3")
    men = sum(row[head.index("3、性别 ")] == "男" for row in rows)
    assert given == ({"男": men, "女": 100 - men} if kind == "text" else {"1": men, "2": 100 - men})
