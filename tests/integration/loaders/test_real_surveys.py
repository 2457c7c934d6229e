"""Real exports load by a mapping alone, with the counts that a plain CSV reader finds in them."""

from __future__ import annotations

import csv
import json
import shutil
import struct
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pandas as pd
import pyreadstat
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


REAL: dict[str, tuple[str, int, int, dict[str, Any]]] = {
    "cncf/ambassador_2019_h1*": ("surveymonkey", 21, 168, {"date_order": "mdy"}),
    "cncf/ambassador_2019_h2*": ("surveymonkey", 42, 401, {}),
    "cncf/ambassador_2020_h1*": ("surveymonkey", 44, 433, {"date_order": "mdy"}),
    "cncf/ambassador_2021*": ("surveymonkey", 44, 444, {"date_order": "mdy"}),
    "cncf/maintainer_2017*h1*": ("googleforms", 20, 133, {"date_order": "mdy"}),
    "cncf/maintainer_2017*h2*": ("googleforms", 13, 84, {"date_order": "mdy"}),
    "cncf/maintainer_2018*": ("googleforms", 56, 392, {"date_order": "mdy"}),
    "cncf/maintainer_2019*h1*": ("surveymonkey", 64, 1027, {}),
    "cncf/maintainer_2019*h2*": ("surveymonkey", 70, 1106, {}),
    "cncf/maintainer_2020*": ("surveymonkey", 79, 1315, {"date_order": "mdy"}),
    "cncf/micro-surveys*": ("surveymonkey", 253, 5327, {"date_order": "mdy"}),
    "cncf/projects_strimzi*": ("surveymonkey", 41, 805, {}),
    "fivethirtyeight/StarWars.csv": ("surveymonkey", 1186, 30428, {"encoding": "cp1252"}),
    "fivethirtyeight/comma-survey.csv": ("surveymonkey", 1129, 12624, {}),
    "fivethirtyeight/steak-risk-survey.csv": ("surveymonkey", 550, 7230, {}),
    "osposurvey/2018_results.csv": ("surveymonkey", 748, 21810, {"date_order": "excel"}),
    "jupyter/2016-*": ("googleforms", 125, 2308, {"date_order": "mdy"}),
    "jupyter/2015-*": (
        *("table", 1706, 15729 + 1706),
        {"roles": {"submitted_at": "Date Submitted", "started_at": "Time Started"}},
    ),
    "softwaresaved/2016*": ("limesurvey", 273, 16955, {}),
    "softwaresaved/2017*": ("limesurvey", 110, 4689, {}),
    "pandas/2019.csv.gz": ("googleforms", 1249, 35894, {}),
}
"""Pattern -> format, rows below the headers that aren't blank, cells filled in columns that are
neither the tool's own nor personal (counted with `csv.reader`), and what the config must say."""
MEANS = {"cncf/maintainer_2017*h1*": 1, "cncf/maintainer_2017*h2*": 1}
"""Rows that hold nothing but a mean of those above: quarantined, their one cell is no answer."""


@pytest.mark.parametrize("pattern", REAL)
def test_every_export_loads_by_its_mapping_and_nothing_is_lost(
    deployment: Any, shared: Path, pattern: str
) -> None:
    (source,) = (shared / "data/survey").glob(pattern)
    reader, rows, answers, config = REAL[pattern]
    put(deployment, "s", source)
    run = deployment.survey("s", **config)
    means = MEANS.get(pattern, 0)
    assert (run.status, run.seen, run.quarantined) == ("complete", rows, means), run.message
    assert f"{reader}: " in deployment.outcomes()[0]["detail"]
    assert len({r["response_id"] for r in deployment.landed("survey_response")}) == rows - means
    assert len(deployment.landed("survey_answer")) == answers


def test_days_of_a_spreadsheet(deployment: Any, shared: Path) -> None:
    put(deployment, "ospo", shared / "data/survey/osposurvey/2018_results.csv")
    run = deployment.survey("ospo", zone="UTC")
    assert run.quarantined == 748
    assert "`date_order: excel`" in deployment.quarantine()[0]["reason"]
    deployment.survey("ospo", zone="UTC", date_order="excel")
    found = deployment.landed("survey_response")[0]
    # 43290 days after 1899-12-30; .53487 and .54118 of a day are 46,212.8 and 46,758.0 seconds.
    assert found["response_id"] == "10103000748"
    assert found["started_at"] == datetime(2018, 7, 9, 12, 50, 13, tzinfo=UTC)
    assert found["submitted_at"] == datetime(2018, 7, 9, 12, 59, 18, tzinfo=UTC)


def test_choices_of_a_surveymonkey_export(deployment: Any, shared: Path) -> None:
    (source,) = (shared / "data/survey/cncf").glob("ambassador_2019_h2*")
    put(deployment, "cncf", source)
    feeling = (
        "What is your feeling with respect to your overall experience with CNCF staff, where 10 is "
        "completely met expectations and 1 - did not meet expectations? *"
    )
    run = deployment.survey("cncf", zone="UTC", roles={"csat": feeling})
    assert run.status == "complete", run.message
    scores = Counter(r["csat_raw"] for r in deployment.landed("survey_response"))
    assert scores == {"9": 17, "10": 14, "8": 7, "7": 3, "5": 1}
    projects = "Which CNCF Project are you contributing to/representing?"
    chosen = Counter(
        a["answer_raw"]
        for a in deployment.landed("survey_answer")
        if a["question_text"] == projects and a["choice"] is not None
    )
    _, below, *rows = cells(source)
    by_hand = Counter(row[n] for row in rows for n in range(4, 46) if row[n])
    assert below[46] == "Other (please specify)"
    assert chosen == by_hand
    assert chosen["Kubernetes"] == 38


def test_a_rounded_respondent_id_merges_nobody(deployment: Any, shared: Path) -> None:
    (source,) = (shared / "data/survey/cncf").glob("ambassador_2021*")
    shared_ids = Counter(row[0] for row in cells(source)[2:])
    assert shared_ids["13800000000"] == 28
    put(deployment, "cncf", source)
    deployment.survey("cncf", date_order="mdy")
    assert "rounded by a spreadsheet ([mobile])" in deployment.outcomes()[0]["detail"]
    assert len({r["record_key"] for r in deployment.landed("survey_response")}) == 44


def test_typeform_hashes_the_network_and_reads_utc(deployment: Any, shared: Path) -> None:
    (source,) = (shared / "data/survey/freecodecamp").glob("2016*")
    lines = source.read_bytes().split(b"\n")
    deployment.drop("surveys/s/few.csv", b"\n".join(lines[:21]) + b"\n")
    deployment.survey("s")
    found = deployment.landed("survey_response")
    assert [r["response_id"] for r in found] == [row[0] for row in cells(source)[1:21]]
    assert found[0]["started_at"] == datetime(2016, 3, 29, 21, 21, 23, tzinfo=UTC)
    assert found[0]["submitted_at"] == datetime(2016, 3, 29, 21, 23, 43, tzinfo=UTC)
    assert found[0]["device_hash"] is not None
    assert b"5f57f20d14" not in deployment.everything()


def test_choices_that_the_config_declares(deployment: Any, shared: Path) -> None:
    put(deployment, "pandas", shared / "data/survey/pandas/2019.csv.gz")
    asked = "What readers / writers do you use?"
    deployment.survey("pandas", multi={asked: ";"})
    found = [a for a in deployment.landed("survey_answer") if a["question_text"] == asked]
    assert len(found) == 4607
    assert len({a["response_id"] for a in found}) == 1235


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


def as_sav(source: Path, target: Path, cases: int) -> list[dict[str, str]]:
    """Write the first answers of quantipy's example as SPSS would; the same answers as text.

    q2 has a variable for each of its choices, bound together by a multiple response set.
    """
    known = json.loads(source.with_suffix(".json").read_text())["columns"]
    head, *rows = cells(source)
    answers = [dict(zip(head, row, strict=True)) for row in rows[:cases]]
    singles = [n for n in head if isinstance(known.get(n, {}).get("values"), list) and n != "q2"]
    singles = [n for n in singles if known[n]["type"] == "single"]
    labels = {
        name: {float(v["value"]): v["text"]["en-GB"] for v in known[name]["values"]}
        for name in (*singles, "q2")
    }
    values: dict[str, list[Any]] = {"unique_id": [a["unique_id"] for a in answers]}
    for name in singles:
        values[name] = [float(a[name]) if a[name] else None for a in answers]
    texts: dict[str, str | None] = {n: known[n]["text"]["en-GB"] for n in singles}
    for code, choice in labels["q2"].items():
        texts[f"q2_{code:.0f}"] = choice
        values[f"q2_{code:.0f}"] = [
            float(f"{code:.0f}" in a["q2"].split(";")) if a["q2"] else None for a in answers
        ]
    pyreadstat.write_sav(
        pd.DataFrame(values),
        target,
        column_labels=texts,
        variable_value_labels={name: labels[name] for name in singles},
    )
    variables = " ".join(n for n in values if n.startswith("q2_"))
    asked = known["q2"]["text"]["en-GB"]
    text = f"$q2=D1 1 {len(asked)} {asked} {variables}\n".encode()
    end = struct.pack("<ii", 999, 0)  # the dictionary's last record; sets stand before it
    record = struct.pack("<iiii", 7, 7, 1, len(text)) + text
    target.write_bytes(target.read_bytes().replace(end, record + end, 1))
    return answers


def test_quantipys_example_as_an_spss_file(deployment: Any, shared: Path) -> None:
    source = shared / "data/survey/quantipy/Example_Data_A.csv"
    folder = deployment.home / "landing" / "surveys" / "sport"
    folder.mkdir(parents=True)
    answers = as_sav(source, folder / "a.sav", 300)
    run = deployment.survey(
        "sport", roles={"response_id": "unique_id"}, constants={"submitted_at": "2014-03-01"}
    )
    assert (run.status, run.seen, run.quarantined) == ("complete", 300, 0), run.message
    assert "spss: an SPSS file" in deployment.outcomes()[0]["detail"]
    responses = [r["response_id"] for r in deployment.landed("survey_response")]
    assert responses == [a["unique_id"] for a in answers]
    known = json.loads(source.with_suffix(".json").read_text())["columns"]
    words = {
        name: {str(v["value"]): v["text"]["en-GB"] for v in known[name]["values"]}
        for name in ("gender", "q1", "q2")
    }
    assert choices(deployment) == Counter(
        (a["unique_id"], "q2", words["q2"][code])
        for a in answers
        for code in a["q2"].split(";")
        if code
    )
    landed = deployment.landed("survey_answer")
    for name in ("gender", "q1"):
        found = [(a["answer_raw"], a["answer_number"]) for a in landed if a["question_id"] == name]
        assert found == [(words[name][a[name]], float(a[name])) for a in answers if a[name]]
    asked = {a["question_id"]: a["question_text"] for a in landed}
    assert asked["q1"] == " ".join(known["q1"]["text"]["en-GB"].split())
    assert asked["q2"] == known["q2"]["text"]["en-GB"]
