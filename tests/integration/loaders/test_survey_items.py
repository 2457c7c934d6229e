"""What lands beside a response: choices, declared scores, Kano, moments of truth, invitations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest


def rows(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def answers(deployment: Any) -> list[tuple[str, str, str | None, str | None, float | None]]:
    return [
        (a["response_id"], a["question_id"], a["choice"], a["answer_raw"], a["answer_number"])
        for a in deployment.landed("survey_answer")
        if a["question_id"] != "id"
    ]


def test_a_declared_separator_makes_an_answer_of_each_choice(deployment: Any) -> None:
    deployment.drop(
        "surveys/s/a.csv",
        rows("id,drinks", "1,茶; 咖啡;;茶", "2,茶", "3,", "4,call 13800138000;茶"),
    )
    deployment.survey("s", roles={"response_id": "id"}, multi={"drinks": ";"})
    assert answers(deployment) == [
        ("1", "drinks", "茶", "茶", None),
        ("1", "drinks", "咖啡", "咖啡", None),
        ("2", "drinks", "茶", "茶", None),
        ("4", "drinks", "call [mobile]", "call [mobile]", None),
        ("4", "drinks", "茶", "茶", None),
    ]
    keys = [a["natural_key"] for a in deployment.landed("survey_answer")]
    assert len(set(keys)) == len(keys)
    assert "s|1|drinks|茶" in keys


def test_a_column_with_a_role_is_not_split(deployment: Any) -> None:
    deployment.drop("surveys/s/a.csv", rows("id,why", "1,slow; cold"))
    run = deployment.survey("s", roles={"response_id": "id", "comment": "why"}, multi={"why": ";"})
    assert run.status == "failed"
    assert "'why' is mapped to comment in the config and to multi" in run.message


def test_declared_labels_are_scores_and_others_stay_and_are_named(deployment: Any) -> None:
    deployment.drop(
        "surveys/s/a.csv",
        rows(
            "id,recommend,sat,taste",
            "1,10 - Extremely likely,很满意,好",
            "2,大概吧,一般,5",
            "3,9,,差",
        ),
    )
    deployment.survey(
        "s",
        roles={
            "response_id": "id",
            "nps": "recommend",
            "csat": "sat",
            "drivers": {"taste": "taste"},
        },
        scores={
            "nps": {"10 - Extremely likely": 10},
            "csat": {"很满意": 5, "一般": 3},
            "drivers": {"好": 5},
        },
    )
    found = deployment.landed("survey_response")
    assert [(r["nps_raw"], r["csat_raw"]) for r in found] == [
        ("10", "5"),
        ("大概吧", "3"),
        ("9", None),
    ]
    assert deployment.quarantine() == []
    assert answers(deployment) == [
        ("1", "recommend", None, "10 - Extremely likely", 10.0),
        ("1", "sat", None, "很满意", 5.0),
        ("1", "taste", None, "好", 5.0),
        ("2", "recommend", None, "大概吧", None),
        ("2", "sat", None, "一般", 3.0),
        ("2", "taste", None, "5", 5.0),
        ("3", "recommend", None, "9", 9.0),
        ("3", "taste", None, "差", None),
    ]
    detail = deployment.outcomes()[0]["detail"]
    assert "answers without a score (nps): '大概吧' (1)" in detail
    assert "answers without a score (drivers): '差' (1)" in detail
    assert "(csat)" not in detail


def test_a_label_with_a_number_in_it_is_not_guessed(deployment: Any) -> None:
    deployment.drop("surveys/s/a.csv", rows("id,q", "1,10 - Extremely likely"))
    deployment.survey("s", roles={"response_id": "id", "nps": "q"})
    assert deployment.landed("survey_response")[0]["nps_raw"] == "10 - Extremely likely"
    assert answers(deployment)[0][-1] is None
    assert "'10 - Extremely likely' (1)" in deployment.outcomes()[0]["detail"]


ITEMS = {
    "response_id": "id",
    "kano": {"预约": {"functional": "with", "dysfunctional": "without"}},
    "mot": {"tp_pickup": {"expected": "wanted", "actual": "got"}},
}


def test_kano_and_moments_land_beside_the_answers(deployment: Any) -> None:
    deployment.drop(
        "surveys/s/a.csv",
        rows("id,with,without,wanted,got", "1,喜欢,5,5,3", "2,,,,4", "3,喜欢,,很高,"),
    )
    deployment.survey("s", roles=ITEMS, scores={"kano": {"喜欢": 1}})
    assert [
        (k["natural_key"], k["functional_raw"], k["functional_number"], k["dysfunctional_number"])
        for k in deployment.landed("kano_answer")
    ] == [("s|1|预约", "喜欢", 1.0, 5.0), ("s|3|预约", "喜欢", 1.0, None)]
    assert [
        (m["natural_key"], m["item"], m["expected_raw"], m["expected_number"], m["actual_number"])
        for m in deployment.landed("mot_rating")
    ] == [
        ("s|1|tp_pickup", "tp_pickup", "5", 5.0, 3.0),
        ("s|2|tp_pickup", "tp_pickup", None, None, 4.0),
        ("s|3|tp_pickup", "tp_pickup", "很高", None, None),
    ]
    roles = {a["question_id"]: a["role"] for a in deployment.landed("survey_answer")}
    assert roles["with"] == "kano:预约:functional"
    assert roles["got"] == "mot:tp_pickup:actual"
    assert "answers without a score (mot): '很高' (1)" in deployment.outcomes()[0]["detail"]


def test_a_moments_actual_may_be_a_score_too(deployment: Any) -> None:
    deployment.drop("surveys/s/a.csv", rows("id,with,without,wanted,got", "1,1,2,3,4"))
    run = deployment.survey("s", roles=ITEMS | {"csat": "got"})
    assert run.status == "complete", run.message
    assert deployment.landed("survey_response")[0]["csat_raw"] == "4"
    assert deployment.landed("mot_rating")[0]["actual_number"] == 4.0
    run = deployment.survey("s", roles=ITEMS | {"csat": "with"})
    assert run.status == "failed"
    assert "which can't all be meant" in run.message


INVITED = {
    "response_id": "id",
    "customer_id": "who",
    "submitted_at": "done",
    "invitation": {"sent_at": "sent", "opened_at": "opened"},
}


def test_an_export_that_tells_of_invitations_lands_them(deployment: Any) -> None:
    deployment.drop(
        "surveys/s/a.csv",
        rows(
            "id,who,done,sent,opened,q",
            "1,c1,2026-09-02 12:00:00,2026-09-01 10:00:00,2026-09-02 11:00:00,9",
            "2,c2,2026-09-02 12:00:00,,,8",
            "3,c3,2026-09-02 12:00:00,2026-09-01 10:00:00,later,7",
            "4,,2026-09-02 12:00:00,2026-09-01 10:00:00,,7",
        ),
    )
    run = deployment.survey("s", roles=INVITED, constants={"channel": "sms"})
    assert [r["response_id"] for r in deployment.landed("survey_response")] == ["1", "2", "3", "4"]
    (found,) = deployment.landed("invitations")
    assert (found["invitation_id"], found["survey_id"], found["customer_id"]) == ("s|1", "s", "c1")
    assert found["channel"] == "sms"
    assert found["sent_at"] == datetime(2026, 9, 1, 2, tzinfo=UTC)
    assert found["opened_at"] == datetime(2026, 9, 2, 3, tzinfo=UTC)
    assert found["completed_at"] == datetime(2026, 9, 2, 4, tzinfo=UTC)
    assert [
        (q["entity"], q["line"], q["column"], q["reason_code"]) for q in deployment.quarantine()
    ] == [
        ("invitations", 4, "opened", "bad_timestamp"),
        ("invitations", 5, "customer_id", "missing_required"),
    ]
    assert run.quarantined == 2
    assert {a["question_id"] for a in deployment.landed("survey_answer")} == {"q"}


@pytest.mark.parametrize("cell", ["-3", "-2", "(跳过)"])
def test_a_skipped_score_of_wjx_is_no_score(deployment: Any, cell: str) -> None:
    head = "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、推荐意愿,2、爱好"
    line = f"1,2026/9/1 12:00:00,123秒,微信,x,192.0.2.7(广东-深圳),{cell},运动┋其他〖13800138000〗"
    deployment.drop("surveys/s/a.csv", rows(head, line), "gbk")
    run = deployment.survey("s", roles={"nps": "1、推荐意愿"})
    assert run.status == "complete", run.message
    (found,) = deployment.landed("survey_response")
    assert (found["response_id"], found["nps_raw"], found["duration_seconds"]) == ("1", None, 123)
    assert found["submitted_at"] == datetime(2026, 9, 1, 4, tzinfo=UTC)
    landed = deployment.landed("survey_answer")
    assert [(a["question_id"], a["choice"], a["answer_beside"]) for a in landed] == [
        ("Q2", "运动", None),
        ("Q2", "其他", "[mobile]"),
    ]
    assert b"192.0.2.7" not in deployment.everything()
