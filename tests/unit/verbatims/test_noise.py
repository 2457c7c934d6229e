"""What is flagged as noise, by texts labelled by hand; and what a complaint of noise is not."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verbatims.language import language_of
from verbatims.noise import KINDS, RULE_VERSION, flags_of
from verbatims.normal import normal
from verbatims.results import Flag

LABELLED = Path(__file__).parents[2] / "data/noise.csv"


def flags(text: str) -> list[Flag]:
    language = language_of(text)
    return flags_of(text, normal(text, language), language)


def kinds(text: str) -> set[str]:
    return {flag.kind for flag in flags(text)}


def test_flags_of_labelled_texts_are_right_and_most_are_found() -> None:
    """593 texts, more than half of them nothing but hard to tell (docs/texts.md, Noise)."""
    found: Counter[str] = Counter()
    with LABELLED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            wanted = {row["kind"]} - {""}
            seen = kinds(row["text"])
            found.update({"right": len(seen & wanted), "wrong": len(seen - wanted)})
            found.update({"missed": len(wanted - seen), "labels": len(wanted)})
    assert found["labels"] >= 120
    assert found["right"] / (found["right"] + found["wrong"]) >= 0.95
    assert found["right"] / found["labels"] >= 0.8


@pytest.mark.parametrize(
    ("text", "kind", "evidence"),
    [
        ("衣服不错，好评返现2元，下次再来", "paid_praise", "好评返现"),
        ("東西好，五星好評返現", "paid_praise", "五星好評返現"),
        ("配送很快！点赞，凑够十个字", "filler", "凑够十个字"),
        ("😍好用 兼职日结 加我微信[chat-id]", "advertisement", "兼职日结 加我微信[chat-id]"),
        ("系统默认好评！", "template", "系统默认好评！"),
        ("👍👍", "emoji_only", "👍👍"),
    ],
)
def test_a_flag_shows_the_part_of_the_text_as_it_stands(
    text: str, kind: str, evidence: str
) -> None:
    (flag,) = flags(text)
    assert (flag.kind, flag.evidence, flag.rule_version) == (kind, evidence, RULE_VERSION)


def test_long_evidence_is_cut() -> None:
    (flag,) = flags("质量很好" * 50)
    assert (flag.kind, len(flag.evidence), flag.evidence[-1]) == ("padding", 80, "…")


def test_stress_is_no_padding_and_twelve_repeated_signs_are() -> None:
    assert kinds("不好不好不好不好") == set()
    assert kinds("不好不好不好不好不好不好") == {"padding"}
    assert kinds("不错，不错不错，不错不错，很甜，水分足，孩子爱吃") == set()


def test_what_is_meant_by_digits_is_no_nonsense() -> None:
    for meant in ("666", "6666666", "2333333", "888", "520", "1314", "100"):
        assert kinds(meant) == set()
    for nonsense in ("1111", "77777", "123456"):
        assert kinds(nonsense) == {"meaningless"}


@pytest.mark.parametrize(
    "text",
    [
        "刷单兼职骗子！加我微信[chat-id]，骗了我三千",
        "代开发票的天天打电话，加我微信[chat-id]，烦死了",
        "Crypto scam: contact him via [mail] and your money is gone",
        "买了减肥茶，联系客服[mobile]退款没人理",
    ],
)
def test_whoever_warns_of_an_offer_makes_none(text: str) -> None:
    assert kinds(text) == set()


def test_an_offer_that_denies_to_be_a_fraud_is_one() -> None:
    assert kinds("刷单兼职日结，绝不骗人，加我微信[chat-id]") == {"advertisement"}


def test_other_languages_are_judged_by_signs_alone() -> None:
    form = normal("Gratis Geschenk für 5 Sterne asdfgh", "other")
    assert flags_of("Gratis Geschenk für 5 Sterne asdfgh", form, "other") == []
    assert flags_of("!!!", normal("!!!", "other"), "other")[0].kind == "punctuation_only"


def test_nothing_written_is_nothing_odd() -> None:
    assert flags("") == [] == flags(" \n")


_PIECES = st.sampled_from(
    [
        "好评",
        "返现",
        "加微信",
        "[chat-id]",
        "asdf",
        "👍",
        "。",
        "床前明月光",
        " ",
        "http://t.cn/a",
        "gift card",
    ]
)


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=12).map("".join)))
def test_any_text_is_read_and_each_kind_flagged_once(text: str) -> None:
    found = flags(text)
    assert len({flag.kind for flag in found}) == len(found)
    for flag in found:
        assert flag.kind in KINDS
        assert 0 < flag.confidence <= 1
        assert flag.evidence.rstrip("…") in text
