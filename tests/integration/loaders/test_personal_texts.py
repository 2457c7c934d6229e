"""What people write where nobody expects it: masked or hashed in every text column that lands."""

from __future__ import annotations

from typing import Any

import pytest

from lake.entities import EXTRACTS, TEXT
from lake.privacy import Privacy
from loaders.config import extract_columns
from loaders.extracts import OF_THE_COMPANY

PRIVACY = Privacy(b"a key for tests only")
WROTE = "打13987654321找诸葛先生"
MASKED = "打[mobile]找[name]"
ROLES = {"response_id": "编号", "submitted_at": "时间", "nps": "推荐"}


def test_the_texts_of_a_survey_s_roles_are_masked(deployment: Any) -> None:
    deployment.drop(
        "surveys/s/a.csv",
        "编号,时间,推荐,渠道,语言,发送,方式,奖励,会员\n"
        f"1,2026-09-06 12:00,9,{WROTE},{WROTE},2026-09-05,{WROTE},{WROTE},c1\n"
        "2,2026-09-06 13:00,张先生,app,中文,2026-09-05,,券,诸葛先生\n",
    )
    sent = {"sent_at": "发送", "channel": "方式", "incentive": "奖励"}
    deployment.survey(
        "s",
        roles=ROLES
        | {"channel": "渠道", "language": "语言", "customer_id": "会员", "invitation": sent},
    )
    first, second = deployment.landed("survey_response")
    assert (first["channel"], first["language"]) == (MASKED, MASKED)
    assert (second["channel"], second["language"], second["nps_raw"]) == ("app", "中文", "[name]")
    assert (first["customer_id"], second["customer_id"]) == ("c1", PRIVACY.hash("诸葛先生"))
    told = [(row["channel"], row["incentive"]) for row in deployment.landed("invitations")]
    assert told == [(MASKED, MASKED), ("app", "券")]


def test_a_short_name_is_known_by_its_own_column(deployment: Any) -> None:
    deployment.drop(
        "surveys/s/a.csv",
        "编号,时间,推荐,您的姓名,推荐给谁,其他\n"
        "1,2026-09-06 12:00,9,李雷,李雷,9\n"
        "2,2026-09-06 13:00,9,韩梅梅,没有,李女士\n"
        "3,2026-09-06 14:00,9,没有,没有,无\n",
    )
    deployment.survey("s", roles=ROLES)
    answers = {
        (row["response_id"], row["question_text"]): row["answer_raw"]
        for row in deployment.landed("survey_answer")
        if row["role"] == "other"
    }
    assert answers == {
        ("1", "推荐给谁"): "[personal]",
        ("1", "其他"): "9",
        ("2", "推荐给谁"): "没有",
        ("2", "其他"): "[name]",
        ("3", "推荐给谁"): "没有",
        ("3", "其他"): "无",
    }


def test_a_comment_that_is_the_name_or_mail_of_its_form_is_as_personal(deployment: Any) -> None:
    deployment.drop(
        "surveys/s/a.csv",
        "编号,时间,推荐,姓名,Email,Why\n"
        "1,2026-09-06 12:00,9,王小明,w@x.cn,王小明\n"
        "2,2026-09-06 13:00,9,李雷,wang,很好 李雷\n"
        "3,2026-09-06 14:00,9,没有,none.at.all,没有\n"
        "4,2026-09-06 15:00,9,韩梅梅,Meimei Han,meimei han\n",
    )
    deployment.survey("s", roles=ROLES | {"comment": "Why"})
    comments = ["[personal]", "很好 李雷", "没有", "[personal]"]
    assert [row["comment"] for row in deployment.landed("survey_response")] == comments
    answers = deployment.landed("survey_answer")
    assert [row["answer_raw"] for row in answers if row["role"] == "comment"] == comments
    assert {row["kind"]: row["masked_values"] for row in deployment.counted_masks()} == {
        "personal": 2
    }


def test_columns_under_hash_land_as_keyed_hashes_and_meet_other_files(deployment: Any) -> None:
    deployment.drop(
        "surveys/s/a.csv",
        "编号,时间,推荐,您的手机,推荐人,等级\n"
        "1,2026-09-06 12:00,9,+86 139-8765-4321,诸葛孔明,5\n"
        "2,2026-09-06 13:00,9,13987654321,,4\n",
    )
    deployment.survey("s", roles=ROLES, hash=["您的手机", "推荐人", "等级"])
    hashed = {
        (row["response_id"], row["question_text"]): (row["answer_raw"], row["answer_number"])
        for row in deployment.landed("survey_answer")
        if row["role"] == "other"
    }
    mobile = PRIVACY.hash("13987654321")
    assert hashed == {
        ("1", "您的手机"): (mobile, None),
        ("2", "您的手机"): (mobile, None),
        ("1", "推荐人"): (PRIVACY.hash("诸葛孔明"), None),
        ("1", "等级"): (PRIVACY.hash("5"), None),  # whatever it is
        ("2", "等级"): (PRIVACY.hash("4"), None),
    }
    deployment.drop("extracts/customers/a.csv", "customer_id,phone\nc1,139 8765 4321\n")
    deployment.extract("customers")
    assert [row["phone_hash"] for row in deployment.landed("customers")] == [mobile]


def test_made_up_phones_and_mails_of_a_survey_tell_nobody(deployment: Any) -> None:
    deployment.drop(
        "surveys/s/a.csv",
        "编号,时间,推荐,手机,邮箱\n"
        "1,2026-09-06 12:00,9,11111111111,没有邮箱\n"
        "2,2026-09-06 13:00,9,13800000000,none\n"
        "3,2026-09-06 14:00,9,13987654321,a.b@c.cn\n",
    )
    deployment.survey("s", roles=ROLES | {"phone": "手机", "email": "邮箱"})
    landed = [(r["phone_hash"], r["email_hash"]) for r in deployment.landed("survey_response")]
    assert landed == [
        (None, None),
        (None, None),
        (PRIVACY.hash("13987654321"), PRIVACY.hash("a.b@c.cn")),
    ]
    details = " ".join(outcome["detail"] for outcome in deployment.outcomes())
    assert "2 values of email are nobody's" in details
    assert "2 values of phone are nobody's" in details


@pytest.mark.parametrize("entity", sorted(set(EXTRACTS) - OF_THE_COMPANY))
def test_no_text_of_an_extract_lands_as_a_person_wrote_it(deployment: Any, entity: str) -> None:
    """A mobile, a mail and a name in every column of text: a row for each column."""
    columns = EXTRACTS[entity].columns
    names = list(extract_columns(entity))
    good = {"string": "x1", "timestamp[us, tz=UTC]": "2026-09-01 10:00:00", "bool": "是"}
    row = {name: good.get(str(columns.get(name, TEXT)), "2026") for name in names}
    row |= {name: "2026-09-01" for name in names if str(columns.get(name)) == "date32[day]"}
    texts = [name for name in names if columns.get(name, TEXT) == TEXT]
    rows = [row | {name: value} for name in texts for value in ("a.b@c.cn", "13987654321")]
    rows += [row | {name: WROTE} for name in texts if not name.endswith("_id")]
    text = "".join(",".join(one.values()) + "\n" for one in [{name: name for name in names}, *rows])
    deployment.drop(f"extracts/{entity}/a.csv", text)
    run = deployment.extract(entity)
    assert run.seen == len(rows)
    lake = deployment.everything().decode()
    for planted in ("a.b@c.cn", "13987654321", "诸葛"):
        assert planted not in lake
