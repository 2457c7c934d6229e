"""The entry that `voc survey inspect` proposes loads the file it was made of, every row of it."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import openpyxl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.config import load_yaml
from loaders.config import SurveyConfig, SurveysFile
from loaders.inspection.inspect_file import Inspection, inspect_file
from tests.integration.loaders.conftest import Deployment

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
    rows = data.draw(st.lists(width, max_size=6))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        path.write_bytes(written([headers, *rows], "csv"))
        inspection = inspect_file(path, AS_SAID)
        deployment = load(Path(folder), path, inspection)
        landed = deployment.landed("survey_response")
        assert len(landed) == inspection.look.rows - inspection.look.faulty.total()
        assert len(deployment.quarantine()) == inspection.look.faulty.total()


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
