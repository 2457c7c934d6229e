"""Real wordings, with answers as tools export them -> the role that a person would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from loaders.inspection.guesses import Guess, guess
from loaders.inspection.hints import several_choices
from loaders.inspection.profiles import Profile, add, profiles
from loaders.readers.table import TABLE

TENS = ["10", "9", "0", "7", "8", "3", "10"]
FIVES = ["5", "4", "1", "3", "5", "2", "4"]
TEXTS = [
    "The delivery came two days late and nobody told me",
    "Friendly people at the counter, quick service",
    "I could not find the button for my order",
]
TEXTE = ["送餐太慢了，等了一个小时", "服务态度很好，味道也不错", "包装破了，汤洒了一地，希望改进"]


def guesses(**columns: Sequence[str]) -> dict[str, Guess]:
    """Header -> its guess, of a plain table with these columns."""
    headers = list(columns)
    rows = max(len(values) for values in columns.values())
    found = guess(filled(headers, list(columns.values())), rows, "ymd")
    return {g.profile.column.header: g for g in found}


def filled(headers: list[str], columns: list[Sequence[str]]) -> list[Profile]:
    found = profiles(TABLE.form([headers]).columns)
    for n in range(max(len(values) for values in columns)):
        add(found, [values[n] if n < len(values) else "" for values in columns])
    return found


def only(header: str, values: Sequence[str]) -> Guess | None:
    return guesses(**{header: values}).get(header)


SURE = [
    ("nps", "How likely are you to recommend us to a friend or colleague?", TENS),
    ("nps", "On a scale of 0-10, how likely is it that you would recommend CleanMyMac?", TENS),
    ("nps", "Likely-To-Recommend", TENS),
    ("nps", "您有多大可能性向朋友或同事推荐我们的品牌？", TENS),
    ("nps", "1、您有多大可能会把本店推荐给亲朋好友？（0-10分）", TENS),
    ("nps", "您愿意推荐XX银行给您的朋友的可能性有多大", TENS),
    ("nps", "您在多大程度上愿意推荐我们", TENS),
    ("nps", "NPS", TENS),
    ("nps", "推荐意愿", TENS),
    ("nps", "Would you recommend CNCF to other open source projects, and why?", TENS),
    ("nps", "¿Qué tan probable es que recomiende nuestra tienda a un amigo?", TENS),
    ("nps", "Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?", TENS),
    ("csat", "Overall, how satisfied are you with your visit?", FIVES),
    ("csat", "您对本次服务的总体满意度", FIVES),
    ("csat", "How satisfied are you with pandas?", ["3.0", "5.0", "4.0"]),
    ("ces", "How easy was it to solve your problem today?", FIVES),
    ("ces", "How much effort did you personally have to put forth to handle your request?", FIVES),
    ("ces", "您觉得这次办理业务费力吗？", FIVES),
    ("comment", "Why did you give this score?", TEXTS),
    ("comment", "What is the main reason for your score?", TEXTS),
    ("comment", "您给出这个分数的原因是什么？", TEXTE),
    ("comment", "5、您对我们还有什么建议？", TEXTE),
    ("comment", "Any other feedback that you wish to share?", TEXTS),
    ("response_id", "Response ID", ["1001", "1002", "1003"]),
    ("response_id", "答卷编号", ["1001", "1002", "1003"]),
    ("response_id", "序号", ["1", "2", "3"]),
    ("customer_id", "customer_id", ["C1", "C2", "C1"]),
    ("customer_id", "会员号", ["88001", "88002"]),
    ("invitation_id", "invitation_id", ["I1", "I2"]),
    ("invitation_id", "邀请码", ["I1", "I2"]),
    ("unit_id", "store_id", ["S01", "S02"]),
    ("unit_id", "门店编号", ["S01", "S02"]),
    ("submitted_at", "提交答卷时间", ["2026/9/1 12:00:03", "2026/9/2 9:01:00"]),
    ("submitted_at", "Submit Date (UTC)", ["2026-09-01 12:00:03"]),
    ("submitted_at", "Timestamp", ["2026-09-01 12:00:03"]),
    ("started_at", "Time Started", ["2026-09-01 12:00:03"]),
    ("duration_seconds", "所用时间", ["123秒", "45秒"]),
    ("duration_seconds", "Duration (in seconds)", ["123", "45"]),
    ("device", "来自IP", ["10.0.0.1", "10.0.0.2"]),
    ("device", "device_id", ["a1", "b2"]),
    ("channel", "渠道", ["app", "短信"]),
    ("language", "UserLanguage", ["ZH-S", "EN"]),
]


@pytest.mark.parametrize(("role", "header", "values"), SURE)
def test_sure_by_wording_and_values(role: str, header: str, values: list[str]) -> None:
    found = only(header, values)
    assert found is not None
    assert (found.role, found.certainty) == (role, "sure"), found.reason
    assert found.is_taken


MAYBE = [
    # wording, but the values are of another scale, or words, or none
    ("nps", "How likely are you to recommend us?", FIVES, "another scale"),
    ("nps", "How likely are you to recommend us?", ["Yes", "No"], "no numbers"),
    ("nps", "您有多大可能向朋友推荐我们？", ["非常愿意", "愿意", "不愿意"], "words"),
    ("nps", "您有多大可能向朋友推荐我们？", [""], "nobody answered"),
    # values, but not the wording
    ("nps", "Q7", [str(n) for n in range(11)], "wording"),
    ("response_id", "Response ID", ["1", "1", "2"], "stand twice"),
    ("response_id", "Response ID", ["1", "", "2"], "have none"),
    ("response_id", "Respondent ID", ["13800000001", "13800000002"], "look like a mobile"),
    ("unit_id", "您所在的门店", ["朝阳店", "海淀店"], "names"),
    ("submitted_at", "Timestamp", ["soon", "later"], "can't be read"),
    ("comment", "Q9_TEXT", [f"{text} {n}" for n in range(5) for text in TEXTS], "free text"),
    ("phone", "3、请填写您的手机号：", ["13812345678"], "keyed hash only"),
    ("email", "Email address", ["a@example.com"], "keyed hash only"),
    ("channel", "来源", ["微信", "链接"], "may not be your channels"),
]


@pytest.mark.parametrize(("role", "header", "values", "why"), MAYBE)
def test_maybe_says_what_speaks_against_it(
    role: str, header: str, values: list[str], why: str
) -> None:
    found = only(header, values)
    assert found is not None
    assert (found.role, found.certainty) == (role, "maybe"), found.reason
    assert why in found.reason
    assert not found.is_taken


NOTHING = [
    ("How did you hear about us?", ["A friend recommended it", "TV", "TV", "TV"]),
    ("Gender", ["Male", "Female", "Male"]),
    ("年龄", ["30~34岁", "40~49岁", "30~34岁"]),
    ("How many workshops?", ["1", "2", "3"]),
    ("Recommended by", ["Ann", "Bob"]),
    ("Rating", ["0", "1"]),
    ("您的姓名", ["张三", "李四"]),
]


@pytest.mark.parametrize(("header", "values"), NOTHING)
def test_what_plays_no_part(header: str, values: list[str]) -> None:
    assert only(header, values) is None


@pytest.mark.parametrize(
    ("header", "values", "scores"),
    [
        (
            "How likely are you to recommend us?",
            ["10 - Extremely likely", "9", "0 - Not at all likely", "8"],
            {"0 - Not at all likely": 0, "8": 8, "9": 9, "10 - Extremely likely": 10},
        ),
        (
            "您有多大可能推荐我们",
            ["非常愿意 10分", "9分", "不愿意 0分"],
            {"不愿意 0分": 0, "9分": 9, "非常愿意 10分": 10},
        ),
        (
            "您对门店的满意度",
            ["很满意", "满意", "一般", "不满意", "很不满意"],
            {"很不满意": 1, "不满意": 2, "一般": 3, "满意": 4, "很满意": 5},
        ),
        (
            "How satisfied are you with us?",
            ["Very satisfied", "Satisfied", "Neither satisfied nor dissatisfied", "Dissatisfied"],
            {
                "Dissatisfied": 2,
                "Neither satisfied nor dissatisfied": 3,
                "Satisfied": 4,
                "Very satisfied": 5,
            },
        ),
        # only one end of the scale has a word
        (
            "Would you recommend CNCF to other open source projects?",
            ["Absolutely", "9", "7", "8", "3"],
            {"3": 3, "7": 7, "8": 8, "9": 9, "Absolutely": None},
        ),
        # two labels of one rank: a person has to say
        (
            "您对服务满意吗",
            ["比较满意", "满意", "不满意"],
            {"不满意": None, "比较满意": None, "满意": None},
        ),
    ],
)
def test_labels_are_proposed_with_numbers_and_never_taken(
    header: str, values: list[str], scores: dict[str, int | None]
) -> None:
    found = only(header, values)
    assert found is not None
    assert found.scores == scores
    assert list(found.scores) == list(scores)  # in the order of the scale
    assert not found.is_taken


def test_the_better_column_wins_and_the_other_is_told() -> None:
    found = guesses(
        **{
            "How likely are you to recommend our app?": TENS,
            "Would you recommend our store to others?": TENS,
            "Timestamp": ["2026-09-01 12:00"],
            "End Date": ["2026-09-01 12:00"],
        }
    )
    assert found["How likely are you to recommend our app?"].certainty == "sure"
    other = found["Would you recommend our store to others?"]
    assert (other.role, other.certainty) == ("nps", "maybe")
    assert "fits better" in other.reason
    assert found["End Date"].is_taken
    assert not found["Timestamp"].is_taken


def test_the_comment_is_the_one_behind_the_score() -> None:
    long = [text + " " + text + " and a good deal more of it" for text in TEXTS]
    found = guesses(
        **{
            "How likely are you to recommend us?": TENS,
            "Why this score?": TEXTS,
            "Q3": FIVES,
            "Q4": FIVES,
            "Anything else you want to tell us?": long,
        }
    )
    assert found["Why this score?"].is_taken
    assert not found["Anything else you want to tell us?"].is_taken


def test_a_column_of_mails_is_dropped_whatever_it_is_called() -> None:
    found = only("Q5", ["ann@example.com", "bob@example.com", "none"])
    assert found is not None
    assert (found.role, found.reason) == ("drop", "most of its answers are nothing but a mail")
    assert found.profile.examples() == []


def test_examples_are_masked_and_personal_columns_hidden() -> None:
    said = ["call me on 13812345678 please, it is urgent", "fine"]
    texts, names = filled(["Q1", "您的姓名"], [said, ["张三"]])
    assert texts.examples() == ["call me on [mobile] please, it …", "fine"]
    assert names.examples() == []


def coded(text: str, codes: Sequence[str], labels: dict[str, str]) -> Guess | None:
    """The guess for an SPSS variable: codes in its cells, and what they mean."""
    (column,) = TABLE.form([[text]]).columns
    found = profiles((replace(column, labels=labels),))
    for code in codes:
        add(found, [code])
    return next(iter(guess(found, len(codes), "ymd")), None)


@pytest.mark.parametrize(
    ("text", "labels", "certainty", "scores"),
    [
        ("How satisfied are you?", {"1": "Very dissatisfied", "5": "Very satisfied"}, "sure", None),
        (
            "How satisfied are you?",
            {"1": "Very satisfied", "2": "Satisfied", "3": "Dissatisfied"},
            "maybe",
            {"Dissatisfied": 2, "Satisfied": 4, "Very satisfied": 5},
        ),
        # Qualtrics' choice codes: 1 is the first choice, which says 0
        (
            "您有多大可能推荐我们？",
            {"1": "0 - 完全不可能", "2": "9", "3": "10 - 非常可能"},
            "maybe",
            {"0 - 完全不可能": 0, "9": 9, "10 - 非常可能": 10},
        ),
    ],
)
def test_codes_are_scores_only_where_their_labels_agree(
    text: str, labels: dict[str, str], certainty: str, scores: dict[str, int] | None
) -> None:
    found = coded(text, [*labels, *labels], labels)
    assert found is not None
    assert (found.certainty, found.scores) == (certainty, scores), found.reason


def test_a_choice_of_a_question_with_several_is_no_answer_of_its_own() -> None:
    (column,) = TABLE.form([["为什么推荐我们？"]]).columns
    found = profiles((replace(column, choice="味道好"),))
    for text in TEXTE:
        add(found, [text])
    assert guess(found, 3, "ymd") == []


@pytest.mark.parametrize(
    ("values", "separator"),
    [
        (["运动┋影视", "运动", "影视┋购物", "购物┋运动", "购物", "影视"], "┋"),
        (["CSV;JSON", "CSV;SQL", "JSON;SQL", "CSV", "JSON", "SQL"], ";"),
        (["CSV, JSON", "CSV, SQL", "JSON, SQL", "CSV", "JSON", "SQL"], ","),
        (["$0 - $24,999", "$25,000 - $49,999", "$100,000 - $149,999"] * 9, None),
        (["I came, saw, won", "Well, it depends", "Good, but slow"], None),
        (["yes", "no", "yes"], None),
    ],
)
def test_several_choices_in_a_cell(values: list[str], separator: str | None) -> None:
    (profile,) = filled(["Q"], [values])
    assert several_choices(profile) == separator


def test_a_row_of_a_matrix_is_a_driver_and_not_the_score() -> None:
    rows = {f"您对环境的满意度 [{part}]": FIVES for part in ("灯光", "音乐", "座位")}
    found = guesses(**rows, 总体满意度=FIVES)
    assert found["总体满意度"].is_taken
    assert {found[header].certainty for header in rows} == {"maybe"}
    alone = guesses(**rows)
    assert not any(g.is_taken for g in alone.values())
    assert "rather a driver" in alone["您对环境的满意度 [灯光]"].reason


def test_one_stray_value_does_not_hide_the_scale() -> None:
    asked = "How likely are you to recommend us?"
    many = only(asked, [*(str(n % 11) for n in range(58)), "99"])
    assert many is not None
    assert (many.role, many.certainty) == ("nps", "sure")
    assert "58 of 59" in many.reason
    few = only(asked, ["1", "2", "99"])
    assert few is not None
    assert "2 of 3" in few.reason


def test_two_rows_of_a_matrix_are_no_overall_question() -> None:
    asked = {"4、满意度—口味": FIVES, "4、满意度—口感": FIVES, "6、您满意吗？": FIVES}
    found = guesses(**asked)
    assert [(g.role, g.certainty) for g in found.values()] == [
        *(("csat", "maybe"), ("csat", "maybe"), ("csat", "sure"))
    ]


def test_codes_of_which_only_the_ends_have_words_are_numbers() -> None:
    (profile,) = filled(["How likely are you to recommend us to a friend?"], [["10", "0", "7"]])
    labels = {"0": "Not at all likely", "10": "Extremely likely", "99": "Refused"}
    worded = replace(profile, column=replace(profile.column, labels=labels))
    (found,) = guess([worded], 3, "ymd")
    assert (found.role, found.certainty, found.scores) == ("nps", "sure", None)
