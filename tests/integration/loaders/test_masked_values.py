"""How many personal values are masked, by file and kind: worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

A, B = "landing/extracts/cases/a.csv", "landing/extracts/cases/b.csv"
HEADER = "case_id,created_at,issue,appeal,text\n"
CASES = HEADER + (
    "k1,2026-09-01 10:00:00,食品异物,,喝到头发\n"  # nothing to mask: by the block
    "k2,2026-09-01 10:00:00,食品异物,写信 a@b.cn,请回电 13900139000 或 13900139001\n"
    "k3,2026-09-01 10:00:00,食品异物,,找张先生\n"
    "k4,没有时间,食品异物,写信 c@d.cn,请回电 13900139002\n"  # quarantine repeats the time alone
    "k5,打13900139003,食品异物,,写信 e@f.cn\n"  # the time is a mobile
    "k6,2026-09-01 10:00:00,食品异物,,写信 g@h.cn,x\n"  # a cell too many: nothing is repeated
    ",2026-09-01 10:00:00,食品异物,,写信 i@j.cn\n"  # no key
)
SURVEY = (
    "编号,时间,推荐,意见,其他,更多,姓名\n"
    "1,2026-09-06 12:00,9,打 13800138000,打 13800138001 或 13800138002,a@b.cn,李雷雷雷雷\n"
    "2,2026-09-07 12:00,9,好,李雷雷雷雷,李雷雷雷雷,李雷雷雷雷\n"
    "3,没有时间,9,打 13800138003,打 13800138004,,\n"
    "4,2026-09-08 12:00,打 13800138005,好,,,\n"
)
ROLES = {"response_id": "编号", "submitted_at": "时间", "nps": "推荐", "comment": "意见"}


def masks(deployment: Any) -> dict[tuple[str, str, str], int]:
    """(entity, file, kind) -> how many, as the lake says of the last run."""
    rows = deployment.counted_masks()
    found = {(row["entity"], row["file"], row["kind"]): row["masked_values"] for row in rows}
    assert len(found) == len(rows)
    assert sum(found.values()) == deployment.last.masked_values
    return found


def test_of_an_extract_by_file_whether_by_the_block_or_by_the_row(deployment: Any) -> None:
    deployment.drop("extracts/cases/a.csv", CASES)
    deployment.drop("extracts/cases/b.csv", HEADER + "b1,2026-09-01,,,请回电 13900139005\n")
    deployment.extract("cases")
    assert len(deployment.landed("cases")) == 4
    assert masks(deployment) == {
        ("cases", A, "mobile"): 2 + 1,  # k2; k5 in quarantine
        ("cases", A, "mail"): 1,  # k2
        ("cases", A, "name"): 1,  # k3
        ("cases", B, "mobile"): 1,
    }


@pytest.mark.parametrize("rows", [1, 30_000])
def test_of_rows_between_many_that_are_plain(deployment: Any, rows: int) -> None:
    plain = "".join(f"p{n},2026-09-01 10:00:00,食品异物,,喝到头发\n" for n in range(rows))
    told = "".join(f"t{n},2026-09-01 10:00:00,食品异物,,回电 13900139000\n" for n in range(3))
    deployment.drop("extracts/cases/a.csv", HEADER + plain + told + plain.replace("p", "q"))
    run = deployment.extract("cases")
    assert run.landed == 2 * rows + 3
    assert masks(deployment) == {("cases", A, "mobile"): 3}


def test_of_a_survey_by_what_lands(deployment: Any) -> None:
    deployment.drop("surveys/s/a.csv", SURVEY)
    deployment.survey("s", roles=ROLES)
    file = "landing/surveys/s/a.csv"
    assert masks(deployment) == {
        ("survey_response", file, "mobile"): 1 + 1,  # the comment of 1, once; the score of 4
        ("survey_answer", file, "mobile"): 2 + 1,  # 其他 of 1; the score of 4 as an answer
        ("survey_answer", file, "mail"): 1,
        ("survey_answer", file, "personal"): 2,  # 其他 and 更多 of 2 are his name
    }


def test_of_a_choice_that_was_made_twice_once(deployment: Any) -> None:
    deployment.drop(
        "surveys/s/a.csv",
        "编号,时间,联系\n1,2026-09-06 12:00,打 13800138000;打 13800138001;打 13800138000\n",
    )
    deployment.survey(
        "s", roles={"response_id": "编号", "submitted_at": "时间"}, multi={"联系": ";"}
    )
    (answer,) = deployment.landed("survey_answer")
    assert answer["choice"] == "打 [mobile]"
    file = "landing/surveys/s/a.csv"
    assert masks(deployment) == {("survey_answer", file, "mobile"): 1}


def test_of_what_people_repeat_each_time(deployment: Any) -> None:
    rows = "".join(f"{n},2026-09-06 12:00,9,打 13800138000,找张先生\n" for n in range(5))
    deployment.drop("surveys/s/a.csv", "编号,时间,推荐,意见,其他\n" + rows)
    deployment.survey("s", roles=ROLES)
    file = "landing/surveys/s/a.csv"
    assert masks(deployment) == {
        ("survey_response", file, "mobile"): 5,
        ("survey_answer", file, "name"): 5,
    }


def test_what_was_read_before_is_not_counted_again(deployment: Any) -> None:
    deployment.drop("extracts/cases/a.csv", CASES)
    first = deployment.extract("cases")
    assert first.masked_values == sum(masks(deployment).values()) == 5
    deployment.extract("cases")
    assert masks(deployment) == {}
