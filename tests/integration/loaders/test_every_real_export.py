"""Every real export beside the project loads by config alone, and every row is accounted for.

The config is the entry that `voc survey inspect` proposes, plus what only a person knows. Rows are
counted here by csv and openpyxl, not by our readers. With `-s` the table of the counts is printed.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from lake.config import load_yaml
from loaders.config import SurveyConfig, SurveysFile
from loaders.inspection.inspect_file import inspect_file
from tests.integration.loaders.conftest import Deployment

pytestmark = pytest.mark.shared


@dataclass(frozen=True)
class Export:
    """A file, what is known of it apart from our readers, and what a person declares."""

    path: str
    format: str
    headers: int = 1
    encoding: str = "utf-8-sig"
    declared: dict[str, Any] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    nps: tuple[int, float] | None = None
    """Valid scores from 0 to 10 and the NPS, worked out by hand from the file."""


US = {"zone": "America/Los_Angeles"}


def on(day: str, **more: Any) -> dict[str, Any]:
    """What is declared of a file that doesn't say when its answers came."""
    return {"constants": {"submitted_at": day}, **more}


def cncf(name: str, **more: Any) -> Export:
    """A SurveyMonkey export with two header rows and local times."""
    return Export(f"cncf/{name}.csv", "surveymonkey", 2, declared=US, **more)


def google(name: str, **more: Any) -> Export:
    """A Google Forms export, in local times."""
    return Export(name, "googleforms", declared=US, **more)


EXPORTS = (
    Export(
        "carpentries/longterm_October2017.csv",
        "table",
        declared=on("2017-10-31"),
        nps=(402, 36.32),
    ),
    cncf("ambassador_2019_h1_CNCF_Ambassadors_Survey_2019_H1"),
    cncf("ambassador_2019_h2_CNCF_Ambassadors_Survey_2019_H2"),
    cncf("ambassador_2020_h1_CNCF_Ambassadors_Survey_2020_H1"),
    cncf("ambassador_2021_CNCF_Ambassadors_Survey_2021"),
    google("cncf/maintainer_2017_results-h1-2017.csv", quarantined={"totals_row": 1}),
    google("cncf/maintainer_2017_results-h2-2017.csv", quarantined={"totals_row": 1}),
    google("cncf/maintainer_2018_results-h1.csv"),
    cncf("maintainer_2019_maintainer-survey-results-2019-h1"),
    cncf("maintainer_2019_maintainer-survey-results-2019-h2"),
    cncf("maintainer_2020_h1_CNCF_Maintainers_Survey_2020_H1"),
    cncf("micro-surveys_Service_Mesh\xa0Microsurvey"),
    Export(
        "cncf/projects_strimzi_Strimzi_Survey_2022.csv",
        "surveymonkey",
        2,
        declared=on("2022-06-30"),
    ),
    Export(
        "fivethirtyeight/StarWars.csv",
        "surveymonkey",
        2,
        encoding="cp1252",
        declared=on("2014-06-30", encoding="cp1252"),
    ),
    Export("fivethirtyeight/comma-survey.csv", "surveymonkey", declared=on("2014-06-30")),
    Export("fivethirtyeight/steak-risk-survey.csv", "surveymonkey", 2, declared=on("2014-05-30")),
    Export("freecodecamp/2016_New_Coders_Survey_Part_1.csv", "typeform"),
    Export("jupyter/2015-20160115235816-SurveyExport.csv", "table", declared=US),
    google("jupyter/2016-education-responses.csv"),
    Export("osposurvey/2018_results.csv", "surveymonkey", 2, declared=US),
    google("pandas/2019.csv.gz"),
    Export("qualtrics/hausladen_pilot.csv", "qualtrics", 3),
    Export("qualtrics/qualtRics_sample.csv", "qualtrics", 3, declared={"zone": "UTC"}),
    Export("qualtrics/qualtRics_sample_legacy.csv", "qualtrics", 2, declared={"zone": "UTC"}),
    Export("quantipy/Example_Data_A.csv", "table", declared={"zone": "Europe/London"}),
    Export("softwaresaved/2016_uk_public_data.csv", "limesurvey", declared=on("2016-12-31")),
    Export("softwaresaved/2017_can_public_data.csv", "limesurvey", declared=on("2017-12-31")),
    Export("wjx/wjx_100_coded.xlsx", "wjx", declared=on("2020-01-01")),
    Export("wjx/wjx_100_text.xlsx", "wjx", declared=on("2020-01-01")),
)


def test_no_export_is_forgotten(shared: Path) -> None:
    top = shared / "data" / "survey"
    there = {p.relative_to(top).as_posix() for p in top.rglob("*") if p.is_file()}
    assert there - {e.path for e in EXPORTS} == {"quantipy/Example_Data_A.json"}  # its labels


@pytest.mark.parametrize("export", EXPORTS, ids=lambda e: e.path)
def test_it_loads_by_config_alone(export: Export, shared: Path, tmp_path: Path) -> None:
    path = shared / "data" / "survey" / export.path
    check(path, export, rows_of(path, export), tmp_path)


def test_labels_of_a_real_survey_as_an_spss_file(shared: Path, tmp_path: Path) -> None:
    top = shared / "data" / "survey" / "quantipy"
    cells, meta = read_quantipy(top)
    cells = cells.iloc[::4].copy()  # with every label; all of them are loaded as CSV
    path = tmp_path / "Example_Data_A.sav"
    write_sav(path, cells, meta)
    export = Export("quantipy/Example_Data_A.sav", "spss", declared={"zone": "Europe/London"})
    deployment = check(path, export, (len(cells), 0), tmp_path)

    values = {str(v["value"]): v["text"]["en-GB"] for v in meta["columns"]["gender"]["values"]}
    expected = Counter(values[code] for code in cells["gender"])
    asked = deployment.landed("survey_answer", question_id="gender")
    assert Counter(a["answer_raw"] for a in asked) == expected
    assert Counter(str(int(a["answer_number"])) for a in asked) == Counter(cells["gender"])
    assert {a["question_text"] for a in asked} == {meta["columns"]["gender"]["text"]["en-GB"]}


def check(path: Path, export: Export, counted: tuple[int, int], tmp_path: Path) -> Deployment:
    """Load a file as proposed and declared, and see that every row is accounted for."""
    rows, blank = counted
    found = inspect_file(path, SurveyConfig(encoding=export.declared.get("encoding", "auto")))
    assert found.look.format == export.format, found.look.why
    config = with_declared(found.entry, found.survey_id, export.declared, tmp_path)

    deployment = Deployment(tmp_path)
    deployment.drop(f"surveys/{found.survey_id}/{path.name}", path.read_bytes())
    run = deployment.survey(found.survey_id, **config.model_dump())
    responses = deployment.landed("survey_response")
    reasons = Counter(q["reason_code"] for q in deployment.quarantine())
    tell(export, rows, blank, len(responses), reasons)

    assert run.status == "complete", run.message
    assert rows == len(responses) + reasons.total() + blank
    assert reasons == export.quarantined
    assert all(r["submitted_at"] is not None for r in responses)
    keys = [r["natural_key"] for r in responses]
    assert len(set(keys)) == len(keys)
    if export.nps:
        scores = [int(r["nps_raw"]) for r in responses if (r["nps_raw"] or "").isdecimal()]
        nps = 100 * (sum(s >= 9 for s in scores) - sum(s <= 6 for s in scores)) / len(scores)
        assert (len(scores), round(nps, 2)) == export.nps
    return deployment


def read_quantipy(top: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The cells as text, and what the codes mean."""
    cells = pd.read_csv(top / "Example_Data_A.csv", dtype=str, keep_default_na=False)
    cells = cells.drop(columns=["Unnamed: 0", "@1"])  # no names of variables
    return cells, json.loads((top / "Example_Data_A.json").read_text(encoding="utf-8"))


def write_sav(path: Path, cells: pd.DataFrame, meta: dict[str, Any]) -> None:
    """The same answers as SPSS keeps them: codes with labels, and texts."""
    texts, labels = {}, {}
    for name, column in meta["columns"].items():
        values = column.get("values", ())
        if isinstance(values, str):  # lib@values@q6
            values = meta["lib"]["values"][values.rpartition("@")[2]]
        texts[name] = column.get("text", {}).get("en-GB", name)
        if column["type"] == "single" and name in cells:
            cells[name] = pd.to_numeric(cells[name])
            labels[name] = {v["value"]: v["text"]["en-GB"] for v in values}
    coded = cells.copy()
    cells[list(labels)] = cells[list(labels)].map(lambda n: "" if pd.isna(n) else str(int(n)))
    pyreadstat.write_sav(coded, path, column_labels=texts, variable_value_labels=labels)


def rows_of(path: Path, export: Export) -> tuple[int, int]:
    """How many rows below the headers a file has, and how many of them are blank."""
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
        rows = [
            ["" if v is None else str(v) for v in row] for row in sheet.iter_rows(values_only=True)
        ]
    else:
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        text = io.StringIO(content.decode(export.encoding), newline="")
        rows = list(csv.reader(text))
    below = rows[export.headers :]
    return len(below), sum(not "".join(row).strip() for row in below)


def with_declared(
    entry: str, survey_id: str, declared: dict[str, Any], folder: Path
) -> SurveyConfig:
    """The proposed entry, as it stands in surveys.yml, with what a person adds to it."""
    path = folder / "surveys.yml"
    path.write_text("surveys:\n" + entry, encoding="utf-8")
    proposed = load_yaml(path, SurveysFile).surveys[survey_id]
    return SurveyConfig.model_validate(proposed.model_dump(exclude_defaults=True) | declared)


def tell(export: Export, rows: int, blank: int, responses: int, reasons: Counter[str]) -> None:
    """One line of the table, for `pytest -s`."""
    bad = ", ".join(f"{count} {code}" for code, count in reasons.most_common()) or "0"
    blanks = f" ({blank} blank)" if blank else ""
    print(f"\n| {export.path} | {export.format} | {rows}{blanks} | {responses} | {bad} |")
