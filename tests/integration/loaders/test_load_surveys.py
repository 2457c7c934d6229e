"""Survey exports into a real lake: roles, answers, statuses, privacy, and what bad files cost."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

COLUMNS = [
    ("StartDate", "Start Date", "startDate"),
    ("EndDate", "End Date", "endDate"),
    ("Status", "Response Type", "status"),
    ("IPAddress", "IP Address", "ipAddress"),
    ("Finished", "Finished", "finished"),
    ("ResponseId", "Response ID", "_recordId"),
    ("RecipientEmail", "Recipient Email", "recipientEmail"),
    ("ExternalReference", "External Data Reference", "externalDataReference"),
    ("Q1_NPS", "How likely are you to\n recommend us?", "QID1"),
    ("Q2", "Why?", "QID2_TEXT"),
    ("Q5_1", "Taste", "QID5_1"),
    ("Q1_t_Page Submit", "Timing - Page Submit", "QID3_PAGE_SUBMIT"),
    ("store_id", "store_id", "store_id"),
    ("mail_copy", "mail_copy", "mail_copy"),
]
ROLES = {
    "customer_id": "ExternalReference",
    "nps": "QID1",
    "comment": "Why?",
    "unit_id": "store_id",
    "device": "IPAddress",
    "drivers": {"taste": "Q5_1"},
}


def response(number: int, **cells: str) -> list[str]:
    """One row of the export above, cells by header."""
    usual = {
        "StartDate": "2026-09-01 11:58:00",
        "EndDate": "2026-09-01 12:00:00",
        "Status": "IP Address",
        "IPAddress": "192.0.2.7",
        "Finished": "True",
        "ResponseId": f"R_{number}",
        "RecipientEmail": f"someone{number}@example.com",
        "ExternalReference": f"c{number}",
        "Q1_NPS": "9",
        "store_id": "s001",
        "Q1_t_Page Submit": "1.5",
    }
    return [(usual | cells).get(name, "") for name, _, _ in COLUMNS]


def export(*rows: list[str], zone: str = "") -> str:
    """A three-header Qualtrics CSV."""
    extra = {"timeZone": zone} if zone else {}
    heads = [
        [name for name, _, _ in COLUMNS],
        [text for _, text, _ in COLUMNS],
        [json.dumps({"ImportId": i} | extra) for _, _, i in COLUMNS],
    ]
    out = io.StringIO()
    csv.writer(out).writerows([*heads, *rows])
    return out.getvalue()


def test_a_qualtrics_export_lands_responses_and_answers(deployment: Any) -> None:
    row = response(1, Q2="很好喝\n下次还来", Q5_1="5")
    deployment.drop("surveys/store_nps/a.csv", export(row))
    run = deployment.survey("store_nps", roles=ROLES, constants={"channel": "app", "unit_id": "hq"})
    assert (run.source, run.status, run.seen) == ("survey_store_nps", "complete", 1)
    (found,) = deployment.landed("survey_response")
    assert found["natural_key"] == "store_nps|R_1"
    assert found["submitted_at"] == datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
    assert found["started_at"] == datetime(2026, 9, 1, 3, 58, tzinfo=UTC)
    assert (found["customer_id"], found["unit_id"], found["channel"]) == ("c1", "s001", "app")
    assert (found["nps_raw"], found["comment"]) == ("9", "很好喝\n下次还来")
    assert found["response_status"] == "complete"
    assert found["position"] == 5  # a label of two lines stands above
    assert found["device_hash"] not in (None, "192.0.2.7")
    answers = {a["question_id"]: a for a in deployment.landed("survey_answer")}
    assert {q: (a["role"], a["answer_raw"]) for q, a in answers.items()} == {
        "QID1": ("nps", "9"),
        "QID2_TEXT": ("comment", "很好喝\n下次还来"),
        "QID5_1": ("driver:taste", "5"),
    }
    assert answers["QID1"]["question_text"] == "How likely are you to recommend us?"
    assert answers["QID5_1"]["answer_number"] == 5.0
    assert answers["QID1"]["natural_key"] == "store_nps|R_1|QID1"


def test_scores_land_as_given(deployment: Any) -> None:
    given = ["11", "7.5", "", "十分", " 9", "１０", "10 - Extremely likely"]
    rows = [response(n, Q1_NPS=score) for n, score in enumerate(given)]
    deployment.drop("surveys/s/a.csv", export(*rows))
    deployment.survey("s", roles=ROLES)
    assert [r["nps_raw"] for r in deployment.landed("survey_response")] == [
        score or None for score in given
    ]


def test_previews_spam_and_unfinished_are_kept_and_named(deployment: Any) -> None:
    deployment.drop(
        "surveys/s/a.csv",
        export(
            response(1),
            response(2, Status="Survey Preview"),
            response(3, Status="Spam"),
            response(4, Finished="False"),
            response(5, Status="1", Finished="1"),
            response(6, Status="0", Finished="0"),
        ),
    )
    deployment.survey("s", roles=ROLES)
    assert [r["response_status"] for r in deployment.landed("survey_response")] == [
        *("complete", "preview", "spam", "partial", "preview", "partial")
    ]


def test_personal_data_never_lands(deployment: Any) -> None:
    row = response(1, Q2="call 13800138000 or x@y.com", mail_copy="SomeOne1@example.com")
    deployment.drop("surveys/s/a.csv", export(row, response(2, mail_copy="zhang.wei")))
    deployment.survey("s", roles=ROLES)
    lake = deployment.everything().decode().lower()
    for secret in ("example.com", "192.0.2.7", "13800138000", "x@y.com"):
        assert secret not in lake
    copies = [a for a in deployment.landed("survey_answer") if a["question_id"] == "mail_copy"]
    assert [a["answer_raw"] for a in copies] == ["[personal]", "zhang.wei"]
    assert deployment.landed("survey_response")[0]["comment"] == "call [mobile] or [mail]"


def test_dropped_columns_do_not_land(deployment: Any) -> None:
    deployment.drop("surveys/s/a.csv", export(response(1, mail_copy="zhang.wei")))
    deployment.survey("s", roles=ROLES, drop=["MAIL_COPY"])
    assert b"zhang.wei" not in deployment.everything()


def test_a_mail_address_as_customer_id_lands_as_its_hash(deployment: Any) -> None:
    deployment.drop("surveys/s/a.csv", export(response(1)))
    deployment.survey("s", roles=ROLES | {"customer_id": "RecipientEmail"})
    (row,) = deployment.landed("survey_response")
    assert len(row["customer_id"]) == 32
    assert "@" not in row["customer_id"]


def test_the_files_own_zone_is_used_unless_the_config_names_one(deployment: Any) -> None:
    deployment.drop("surveys/s/a.csv", export(response(1), zone="America/Denver"))
    deployment.survey("s", roles=ROLES)
    assert deployment.landed("survey_response")[0]["submitted_at"].hour == 18
    assert "America/Denver" in deployment.outcomes()[0]["detail"]
    deployment.survey("s", roles=ROLES, zone="Asia/Tokyo")
    assert deployment.landed("survey_response")[0]["submitted_at"].hour == 3


def test_bad_rows_of_an_export(deployment: Any) -> None:
    deployment.drop(
        "surveys/s/a.csv",
        export(
            response(1, ResponseId=""),
            response(2, EndDate="tomorrow"),
            response(3, EndDate="2031-01-01 00:00:00"),
            response(4)[:-1],
            response(5),
        ),
    )
    run = deployment.survey("s", roles=ROLES)
    assert (run.status, run.seen, run.quarantined) == ("complete", 5, 4)
    found = [(q["line"], q["column"], q["reason_code"]) for q in deployment.quarantine()]
    assert found == [
        (5, "response_id", "missing_required"),
        (6, "EndDate", "bad_timestamp"),
        (7, "submitted_at", "future_timestamp"),
        (8, None, "wrong_field_count"),
    ]
    assert {a["response_id"] for a in deployment.landed("survey_answer")} == {"R_5"}


def test_a_duplicate_response_id_lands_twice_in_order(deployment: Any) -> None:
    deployment.drop("surveys/s/a.csv", export(response(1, Q1_NPS="3"), response(1, Q1_NPS="9")))
    deployment.survey("s", roles=ROLES)
    first, second = deployment.landed("survey_response")
    assert first["record_key"] == second["record_key"]
    assert first["version_hash"] != second["version_hash"]
    assert (first["nps_raw"], second["nps_raw"]) == ("3", "9")
    assert first["seq"] < second["seq"]


def test_a_role_whose_column_is_gone_fails_that_file(deployment: Any) -> None:
    deployment.drop("surveys/s/a.csv", export(response(1)).replace("Q1_NPS", "Q1_NPR"))
    deployment.drop("surveys/s/b.csv", export(response(2)))
    run = deployment.survey("s", roles=ROLES | {"nps": "Q1_NPS"})
    assert run.status == "partial"
    assert "Did you mean `Q1_NPR`?" in run.message
    assert [r["response_id"] for r in deployment.landed("survey_response")] == ["R_2"]


def test_a_name_for_two_columns_is_not_guessed(deployment: Any) -> None:
    text = export(response(1)).replace("Taste", "Why?")
    deployment.drop("surveys/s/a.csv", text)
    run = deployment.survey("s", roles=ROLES)
    assert run.status == "failed"
    assert "Q2, Q5_1" in run.message


def test_empty_folder_and_header_only_exports(deployment: Any) -> None:
    assert deployment.survey("s").message.startswith("no files")
    deployment.drop("surveys/s/a.csv", export())
    run = deployment.survey("s", roles=ROLES)
    assert run.status == "complete"
    assert deployment.outcomes()[0]["outcome"] == "empty_confirmed"


def test_a_chinese_workbook_by_mapping(deployment: Any) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["序号", "提交答卷时间", "所用时间", "您的姓名", "推荐意愿", "原因", "门店"])
    page.append([1, "2026/9/1 12:00:00", "123秒", "李雷", 9, "好喝", "s001"])
    page.append([2, "2026/9/1 12:05:00", "60秒", "韩梅梅", "十分", "打 13800138000", ""])
    out = io.BytesIO()
    book.save(out)
    deployment.drop("surveys/delivery_nps/a.xlsx", out.getvalue())
    run = deployment.survey(
        "delivery_nps",
        format="table",
        roles={
            "response_id": "序号",
            "submitted_at": "提交答卷时间",
            "duration_seconds": "所用时间",
            "nps": "推荐意愿",
            "comment": "原因",
            "unit_id": "门店",
        },
        constants={"unit_id": "hq", "touchpoint_id": "tp_delivery"},
    )
    assert (run.status, run.seen, run.quarantined) == ("complete", 2, 0), run.message
    first, second = deployment.landed("survey_response")
    assert (first["response_id"], first["nps_raw"], second["nps_raw"]) == ("1", "9", "十分")
    assert first["duration_seconds"] == 123.0
    assert (first["unit_id"], second["unit_id"]) == ("s001", "hq")
    assert second["touchpoint_id"] == "tp_delivery"
    assert "李雷" not in deployment.everything().decode()


def test_a_gbk_table_without_ids_gets_ids_that_hold(deployment: Any) -> None:
    text = "推荐意愿,原因\n9,好喝\n9,好喝\n3,太慢\n"
    deployment.drop("surveys/s/a.csv", text, "gbk")
    config: dict[str, Any] = {
        "roles": {"nps": "推荐意愿"},
        "constants": {"submitted_at": "2026-09-01"},
    }
    deployment.survey("s", day=29, **config)
    ids = [r["response_id"] for r in deployment.landed("survey_response")]
    assert len(set(ids)) == 3
    assert "ids are made" in deployment.outcomes()[0]["detail"]
    assert {r["event_precision"] for r in deployment.landed("survey_response")} == {"day"}
    deployment.drop("surveys/s/b.csv", text + "8,新的\n")
    deployment.survey("s", **config)
    again = [r["response_id"] for r in deployment.landed("survey_response")]
    assert again[:3] == ids


def test_ids_that_are_made_hold_when_a_form_gets_a_question_more(deployment: Any) -> None:
    rows = "2026/9/1 3:48:03 下午 GMT+8,9,好喝\n2026/9/1 3:48:04 下午 GMT+8,3,\n"
    old = "时间戳记,推荐意愿,原因\n" + rows
    deployment.drop("surveys/s/a.csv", old)
    deployment.survey("s", day=29)
    ids = [r["response_id"] for r in deployment.landed("survey_response")]
    new = old.replace("原因", "原因,门店").replace("好喝", "好喝,").replace("3,\n", "3,,\n")
    deployment.drop("surveys/s/b.csv", new + "2026/9/2 9:00:00 上午 GMT+8,8,,s001\n")
    deployment.survey("s")
    again = [r["response_id"] for r in deployment.landed("survey_response")]
    assert again[:2] == ids
    assert len(set(again)) == 3


def test_a_reworded_question_keeps_its_id_and_changes_its_hash(deployment: Any) -> None:
    deployment.drop("surveys/s/a.csv", export(response(1)))
    deployment.drop("surveys/s/b.csv", export(response(2)).replace("recommend us", "advise us"))
    deployment.survey("s", roles=ROLES)
    nps = [a for a in deployment.landed("survey_answer") if a["role"] == "nps"]
    assert {a["question_id"] for a in nps} == {"QID1"}
    assert len({a["question_hash"] for a in nps}) == 2


@pytest.mark.parametrize("format_", ["qualtrics", "auto"])
def test_the_reason_for_the_format_is_kept(deployment: Any, format_: str) -> None:
    deployment.drop("surveys/s/a.csv", export(response(1)))
    deployment.survey("s", format=format_, roles=ROLES)
    assert "qualtrics" in deployment.outcomes()[0]["detail"]


def test_a_plain_file_where_qualtrics_was_promised(deployment: Any) -> None:
    deployment.drop("surveys/s/a.csv", "a,b\n1,2\n")
    run = deployment.survey("s", format="qualtrics", roles={"nps": "a"})
    assert run.status == "failed"
    assert "format: auto" in run.message


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=4)), max_size=6),
    st.sampled_from(["utf-8", "gb18030", "utf-16"]),
)
def test_a_damaged_export_ends_with_rows_quarantine_or_a_clear_fault(
    deployment: Any, damage: list[tuple[int, bytes]], encoding: str
) -> None:
    data = bytearray(
        export(*(response(n, Q2="很好喝，下次还来") for n in range(4))).encode(encoding)
    )
    for place, put in damage:
        at = place % len(data)
        data[at : at + len(put)] = put
    deployment.drop("surveys/s/a.csv", bytes(data))
    run = deployment.survey("s", roles={"nps": "QID1"})
    assert run.status in {"complete", "failed"}
    (outcome,) = deployment.outcomes()
    assert outcome["outcome"] in {"ok", "empty_confirmed", "error", "unchanged"}
    assert outcome["detail"]


@pytest.mark.parametrize(
    ("zone", "hour"), [("", 4), ("Z", 12), ("America/Denver", 18), ("Asia/Shanghai", 4)]
)
def test_the_zone_that_the_export_names_is_obeyed(deployment: Any, zone: str, hour: int) -> None:
    deployment.drop("surveys/s/a.csv", export(response(1), zone=zone))
    deployment.survey("s", roles=ROLES)
    (found,) = deployment.landed("survey_response")
    assert found["submitted_at"] == datetime(2026, 9, 1, hour, tzinfo=UTC)


def test_a_zone_that_is_not_known_is_not_passed_over(deployment: Any) -> None:
    deployment.drop("surveys/s/a.csv", export(response(1), zone="Mountain Time"))
    run = deployment.survey("s", roles=ROLES)
    assert run.status == "failed"
    assert "'Mountain Time'" in run.message
    assert deployment.survey("s", roles=ROLES, zone="America/Denver").status == "complete"
    assert "the file says Mountain Time" in deployment.outcomes()[0]["detail"]


def test_a_qualtrics_export_without_its_header_rows_is_not_guessed(deployment: Any) -> None:
    lines = list(csv.reader(io.StringIO(export(response(1)))))
    out = io.StringIO()
    csv.writer(out).writerows([lines[0], *lines[3:]])
    deployment.drop("surveys/s/a.csv", out.getvalue())
    run = deployment.survey("s")
    assert run.status == "failed"
    assert "Qualtrics" in run.message
    assert deployment.survey("s", format="table").status == "complete"


@pytest.mark.parametrize(
    "roles",
    [
        {"nps": "Q1", "csat": "q1"},
        {"nps": "Q1", "comment": "Q1"},
        {"submitted_at": "when", "started_at": "when"},
        {"drivers": {"taste": "Q1", "speed": "Q1"}},
        {"nps": "Q1", "drivers": {"taste": "Q1"}},
    ],
)
def test_one_column_does_not_play_two_parts(deployment: Any, roles: dict[str, Any]) -> None:
    deployment.drop("surveys/s/a.csv", "Q1,when\n9,2026-09-01\n")
    run = deployment.survey("s", roles=roles)
    assert run.status == "failed"
    assert "which can't all be meant" in run.message


def test_one_column_may_be_two_ids_and_a_role_takes_it_from_the_formats_own(
    deployment: Any,
) -> None:
    deployment.drop("surveys/s/a.csv", export(response(1)))
    mapped = {"invitation_id": "ResponseId", "submitted_at": "StartDate"}
    deployment.survey("s", roles=mapped | {"response_id": "ResponseId"})
    (found,) = deployment.landed("survey_response")
    assert found["invitation_id"] == found["response_id"] == "R_1"
    assert found["submitted_at"] == datetime(2026, 9, 1, 3, 58, tzinfo=UTC)
    assert found["started_at"] is None


def test_of_two_equal_headers_none_is_guessed(deployment: Any) -> None:
    deployment.drop("surveys/s/a.csv", "id,score, score \n1,9,3\n")
    run = deployment.survey("s", roles={"nps": "score"})
    assert run.status == "failed"
    assert "score__1, score__2" in run.message
    deployment.survey("s", roles={"nps": "score__1", "csat": "score__2"})
    (found,) = deployment.landed("survey_response")
    assert (found["nps_raw"], found["csat_raw"]) == ("9", "3")


def test_ids_and_totals_of_a_table(deployment: Any) -> None:
    deployment.drop(
        "surveys/s/a.csv",
        "序号,答卷编号,会员号,门店,评分\n1,10001.0,13800138000.0,'007,9\n2,1.2E+15,c2,007,8\n"
        "3,10003,c3,#REF!,8\n合计,,,,17\n,平均分,,,8.5\n",
    )
    roles = {"response_id": "答卷编号", "customer_id": "会员号", "unit_id": "门店", "nps": "评分"}
    deployment.survey("s", roles=roles)
    (found,) = deployment.landed("survey_response")
    assert (found["response_id"], found["unit_id"]) == ("10001", "007")
    quarantined = [(q["line"], q["column"], q["reason_code"]) for q in deployment.quarantine()]
    assert quarantined == [
        (3, "答卷编号", "bad_id"),
        (4, "门店", "bad_id"),
        (5, None, "totals_row"),
        (6, None, "totals_row"),
    ]
    assert deployment.quarantine()[1]["natural_key"] == "s|10003"
    assert b"13800138000" not in deployment.everything()


GOOGLE = "Timestamp,How likely are you to recommend us?,Why?\n"


def test_short_names_of_a_zone_that_was_stated(deployment: Any) -> None:
    text = GOOGLE + "2025/11/05 9:10:11 AM CST,10,a\n2025/07/05 9:10:11 PM CDT,0,b\n"
    deployment.drop("surveys/s/gf.csv", text)
    run = deployment.survey("s", zone="America/Chicago")
    assert (run.status, run.seen, run.quarantined) == ("complete", 2, 0)
    assert [r["submitted_at"] for r in deployment.landed("survey_response")] == [
        datetime(2025, 11, 5, 15, 10, 11, tzinfo=UTC),
        datetime(2025, 7, 6, 2, 10, 11, tzinfo=UTC),
    ]


def test_a_file_of_which_nothing_lands_is_told_of_every_night(deployment: Any) -> None:
    deployment.drop("surveys/s/gf.csv", GOOGLE + "2026/11/05 9:10:11 AM XYZ,10,a\n")
    for word in ("all 1 are in quarantine (line 2: ", "unchanged, and none of its rows landed"):
        run = deployment.survey("s")
        assert run.status == "partial"
        assert "gf.csv: " in run.message
        assert word in run.message


def test_labels_without_a_number_are_named_in_the_message(deployment: Any) -> None:
    deployment.drop("surveys/s/a.csv", "id,nps,taste\n1,9,很满意\n2,8,很满意\n3,8,5\n")
    run = deployment.survey("s", roles={"response_id": "id", "drivers": {"taste": "taste"}})
    assert run.status == "complete"
    assert "answers without a score" in run.message
    assert "'很满意' (2)" in run.message


def test_a_duration_that_cannot_be_read_costs_no_response(deployment: Any) -> None:
    head = "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、推荐意愿\n"
    rows = "1,2026/9/1 12:00:00,1分23秒,微信,N/A,,9\n2,2026/9/1 12:00:00,很久,微信,N/A,,8\n"
    deployment.drop("surveys/s/wjx.csv", head + rows)
    run = deployment.survey("s")
    assert (run.status, run.quarantined) == ("complete", 0)
    found = deployment.landed("survey_response")
    assert [r["duration_seconds"] for r in found] == [83.0, None]
    (outcome,) = deployment.outcomes()
    assert "the duration of 1 response can't be read" in outcome["detail"]
