"""The entry that `voc survey inspect` proposes loads the file it was made of, every row of it."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.config import load_yaml
from loaders.config import SurveyConfig, SurveysFile
from loaders.files import FileFault
from loaders.inspection.inspect_file import Inspection, inspect_file
from tests.integration.loaders.conftest import Deployment
from tests.integration.loaders.test_survey_formats import FORMATS, surveys

AS_SAID = SurveyConfig()

HEADERS = st.one_of(
    st.sampled_from(
        [
            *("Response ID", "Timestamp", "提交时间", "NPS", "您有多大可能推荐我们？", "门店编号"),
            *(
                "How likely are you to recommend us?",
                "Why?",
                "姓名",
                "#",
                "Q1",
                "Q1",
                "yes",
                "null",
            ),
            *("- a: b", "'x'", '"y"', "{a}", "[b]", "a # b", "? c", "1.5", "2026-09-01", "*&!%@`"),
            *("第一行\n第二行", "tab\there", "〖选项〗", "a__1", "~", "on", "", "x\u2028y", "\\n"),
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12),
)
CELLS = st.one_of(
    st.sampled_from(
        [
            *("", "10", "0", "7", "9/1/2026 10:00", "2026-09-01 10:00:00", "13/1/2026", "S01"),
            *("10 - Extremely likely", "非常愿意 10分", "很满意", "ann@example.com", "13812345678"),
            *("a, b", "two\nlines", "#REF!", "1.38E+10", "so long a text that it is a comment"),
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12),
)


def proposed(inspection: Inspection, folder: Path) -> SurveyConfig:
    """The entry as a person pastes it: below `surveys:`, read back with everything else's rules."""
    path = folder / "surveys.yml"
    path.write_text("surveys:\n" + inspection.entry, encoding="utf-8")
    return load_yaml(path, SurveysFile).surveys[inspection.survey_id]


def load(home: Path, path: Path, inspection: Inspection) -> Deployment:
    """The file loaded by its proposed entry."""
    config = proposed(inspection, home)
    deployment = Deployment(home)
    deployment.drop(f"surveys/{inspection.survey_id}/{path.name}", path.read_bytes())
    run = deployment.survey(inspection.survey_id, **config.model_dump())
    assert run.status == "complete", run.message
    return deployment


def written(rows: list[list[str]], kind: str) -> bytes:
    if kind == "xlsx":
        book, content = openpyxl.Workbook(), io.BytesIO()
        for row in rows:
            book.active.append(row)
        book.save(content)
        return content.getvalue()
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode()


@pytest.mark.integration
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_entry_of_any_table_loads_all_its_rows(data: st.DataObject) -> None:
    headers = data.draw(
        st.lists(HEADERS, min_size=1, max_size=6).filter(lambda h: any(map(str.strip, h)))
    )
    width = st.lists(CELLS, min_size=len(headers), max_size=len(headers))
    # A header once more is refused, and tested in test_load_extracts.py.
    once_more = [header.strip() for header in headers]
    new = width.filter(lambda row: [cell.strip() for cell in row] != once_more)
    rows = data.draw(st.lists(new, max_size=6))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        path.write_bytes(written([headers, *rows], "csv"))
        inspection = inspect_file(path, AS_SAID)
        deployment = load(Path(folder), path, inspection)
        landed = deployment.landed("survey_response")
        assert len(landed) == inspection.look.rows - inspection.look.faulty.total()
        assert len(deployment.quarantine()) == inspection.look.faulty.total()


@pytest.mark.integration
@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_the_entry_of_every_format_loads_all_its_rows(name: str, data: st.DataObject) -> None:
    write, reader, _ = FORMATS[name]
    survey = data.draw(surveys())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        path.write_text(write(survey, ",").text, encoding="utf-8", newline="")
        inspection = inspect_file(path, AS_SAID)
        assert inspection.look.format == reader or not survey.responses
        landed = load(Path(folder), path, inspection).landed("survey_response")
        assert len(landed) == len(survey.responses)
        if inspection.dates.order == "ymd" or not inspection.dates.decide:
            assert all(row["submitted_at"] for row in landed)


SCORES = st.lists(st.sampled_from([0, 3, 7, 9, 10, None]), min_size=1, max_size=6)


@pytest.mark.integration
@settings(max_examples=20, deadline=None)
@given(SCORES, st.sampled_from(["csv", "xlsx"]))
def test_the_entry_of_a_wjx_export_loads_all_its_rows(scores: list[int | None], kind: str) -> None:
    own = ["序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"]
    rows = [[*own, "1、您有多大可能向朋友推荐我们？", "2、您喜欢什么", "3、您的手机号"]]
    for n, score in enumerate(scores, start=1):
        answers = ["(跳过)" if score is None else str(score), "饮料┋其他〖茶〗", "13812345678"]
        rows.append([str(n), f"2026/9/{n} 12:00:00", f"{n}秒", "微信", "", "192.0.2.7", *answers])
    with tempfile.TemporaryDirectory() as folder:
        inspection = by_hand(Path(folder), f"export.{kind}", rows)
        assert inspection.look.format == "wjx"
        deployment = load(Path(folder), Path(folder) / f"export.{kind}", inspection)
        landed = deployment.landed("survey_response")
        assert [r["response_id"] for r in landed] == [str(n) for n in range(1, len(scores) + 1)]
        assert all(r["submitted_at"] for r in landed)
        if len(set(scores) - {None}) > 1 and max(s or 0 for s in scores) > 5:
            assert [r["nps_raw"] for r in landed] == [None if s is None else str(s) for s in scores]
        assert "13812345678" not in inspection.entry


@pytest.mark.integration
@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 11), st.sampled_from(["好", "", "不错"])), max_size=6))
def test_the_entry_of_an_spss_file_loads_all_its_rows(said: list[tuple[int, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.sav"
        pyreadstat.write_sav(
            pd.DataFrame(
                {
                    "id": [float(n) for n in range(len(said))],
                    "q1": [s for s, _ in said],
                    "q2": [t for _, t in said],
                }
            ),
            path,
            column_labels={"q1": "您有多大可能向朋友推荐我们？", "q2": "为什么？"},
            variable_value_labels={"q1": {1: "0 - 不可能", 11: "10 - 非常可能"}},
        )
        inspection = inspect_file(path, AS_SAID)
        assert inspection.look.format == "spss"
        assert "      nps: q1" not in inspection.entry  # 1 stands for 0: a person confirms
        landed = load(Path(folder), path, inspection).landed("survey_response")
        assert len(landed) == len(said)


def by_hand(folder: Path, name: str, rows: list[list[str]]) -> Inspection:
    path = folder / name
    path.write_bytes(written(rows, path.suffix[1:]))
    return inspect_file(path, AS_SAID)


def test_what_is_sure_is_set_and_the_rest_is_a_comment(tmp_path: Path) -> None:
    found = by_hand(
        tmp_path,
        "门店 NPS 2026.xlsx",
        [
            [
                "答卷编号",
                "提交时间",
                "1、您有多大可能向朋友推荐本店？",
                "2、为什么？",
                "姓名",
                "您所在的门店",
            ],
            ["1", "2026-09-01 10:00:00", "10", "店员很热情，菜也好吃，下次还来", "张三", "朝阳店"],
            ["2", "2026-09-02 11:00:00", "0", "等位等了一个多小时，没人理", "李四", "海淀店"],
        ],
    )
    assert found.survey_id == "nps_2026"
    config = proposed(found, tmp_path)
    assert config.model_dump(exclude_defaults=True) == {
        "format": "table",
        "files": "*.xlsx",
        "roles": {
            "response_id": "答卷编号",
            "submitted_at": "提交时间",
            "nps": "1、您有多大可能向朋友推荐本店？",
            "comment": "2、为什么？",
        },
    }
    assert "# unit_id: 您所在的门店  # DECIDE" in found.entry
    assert "张三" not in found.entry


def test_an_entry_for_labels_holds_scores_to_be_confirmed(tmp_path: Path) -> None:
    found = by_hand(
        tmp_path,
        "labels.csv",
        [
            ["Response ID", "How likely are you to recommend us?"],
            ["1", "10 - Extremely likely"],
            ["2", "0 - Not at all likely"],
        ],
    )
    assert "      # nps: How likely are you to recommend us?  # DECIDE" in found.entry
    lines = found.entry.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("    # scores:"))
    block = "\n".join(line.removeprefix("    # ") for line in lines[start : start + 4])
    assert yaml.safe_load(block) == {
        "scores": {"nps": {"0 - Not at all likely": 0, "10 - Extremely likely": 10}}
    }


@pytest.mark.parametrize(
    ("dates", "order", "decide"),
    [
        (["9/21/2025 10:00", "10/2/2025 9:00"], "mdy", False),
        (["21/9/2025 10:00", "2/10/2025 9:00"], "dmy", False),
        (["2/10/2025 9:00", "3/9/2025 9:00", "4/8/2025 9:00"], "mdy", True),  # rising in mdy only
        (["10/2/2025 9:00", "9/3/2025 9:00", "10/4/2025 9:00"], "dmy", True),
        (["9/9/2025 10:00"], "mdy", True),
        (["2025-09-09 10:00"], "ymd", False),
        (["45909.41667", "45910.5"], "excel", False),
    ],
)
def test_the_order_of_dates_is_told_by_the_file(
    tmp_path: Path, dates: list[str], order: str, decide: bool
) -> None:
    rows = [["id", "Timestamp"], *([str(n), date] for n, date in enumerate(dates))]
    found = by_hand(tmp_path, "dates.csv", rows)
    config = proposed(found, tmp_path)
    assert (config.date_order, found.dates.decide) == (order, decide)
    assert ("date_order: " + order + "  # DECIDE" in found.entry) == decide
    landed = load(tmp_path, tmp_path / "dates.csv", found).landed("survey_response")
    assert all(row["submitted_at"] is not None for row in landed)
    assert len(landed) == len(dates)


@pytest.mark.parametrize("name", ["2019.csv", "no.csv", "null.csv", "1e5.csv", "2026-09-01.csv"])
def test_an_id_that_yaml_reads_as_something_else_stays_a_text(tmp_path: Path, name: str) -> None:
    found = by_hand(tmp_path, name, [["id", "Q1"], ["1", "yes"]])
    assert proposed(found, tmp_path).format == "table"


def test_groups_are_hinted_in_comments_that_can_be_taken_in(tmp_path: Path) -> None:
    header = [
        "id",
        *("请评价 [口味]", "请评价 [速度]", "请评价 [环境]"),
        *("如果有宅配，您觉得", "如果没有宅配，您觉得"),
        *("取货：期望", "取货：实际", "取货：重要性"),
    ]
    row = ["1", "5", "4", "3", "喜欢", "无所谓", "9", "7", "8"]
    more = [
        ["2", "1", "2", "5", "理所当然", "不喜欢", "8", "8", "9"],
        ["3", *"234", "喜欢", *"a123"],
    ]
    found = by_hand(tmp_path, "groups.csv", [header, row, *more])
    lines = found.entry.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("      # drivers:"))
    end = next(n for n, line in enumerate(lines) if line.startswith("    # constants"))
    block = "\n".join(line.removeprefix("      # ") for line in lines[start:end])
    assert yaml.safe_load(block) == {
        "drivers": {"口味": header[1], "速度": header[2], "环境": header[3]},
        "kano": {"feature_1": {"functional": header[4], "dysfunctional": header[5]}},
        "mot": {"取货": {"expected": header[6], "actual": header[7], "importance": header[8]}},
    }


def test_a_time_that_no_row_has_is_asked_for(tmp_path: Path) -> None:
    own = ["序号", "提交答卷时间", "所用时间", "来自IP"]
    found = by_hand(tmp_path, "blank.xlsx", [[*own, "1、好吗"], ["1", "", "", "", "好"]])
    assert "submitted_at: 提交答卷时间  # the format says so, but no row has it" in found.entry
    assert "    #   submitted_at: 2026-09-30  # DECIDE" in found.entry


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace"))
    )
)
def test_whatever_bytes_come_in_there_is_an_entry_or_a_fault(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        path.write_bytes(content)
        try:
            inspection = inspect_file(path, AS_SAID)
        except FileFault as fault:
            assert str(fault)
            return
        proposed(inspection, Path(folder))


def test_what_is_personal_by_its_values_is_told_as_the_loader_sees_it(tmp_path: Path) -> None:
    rows = [["id", "Q7"], *([str(n), f"person{n}@example.com"] for n in range(5))]
    found = by_hand(tmp_path, "who.csv", rows)
    assert found.look.form.columns[1].kind == "personal"
    assert "# email: Q7  # DECIDE: it does not land, or as a keyed hash only" in found.entry
    assert "person1" not in found.entry
    assert [p.examples() for p in found.look.profiles][1] == []
