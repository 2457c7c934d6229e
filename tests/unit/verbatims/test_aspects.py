"""What is found in a text, rule by rule; every expectation is a person's reading of the text."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import aspects as bench
from orchestration.scaffold import scaffold_file
from verbatims.aspects import grammar
from verbatims.aspects.finder import AspectFinder
from verbatims.aspects.taxonomy import read_taxonomy
from verbatims.language import language_of
from verbatims.results import Mention

PIECES = [
    *(
        "不",
        "没有",
        "好吃",
        "味道",
        "但是",
        "希望",
        "等了",
        "小时",
        "说找",
        "哪里",
        "not",
        " clean",
    ),
    *("service ", "[name]", *"，。…?’😀個Ａ"),
]

FINDER = AspectFinder(read_taxonomy(scaffold_file("taxonomy.yml")))


def find(text: str) -> list[Mention]:
    return FINDER.find(text, language_of(text))


def said(text: str) -> dict[str, int]:
    """Aspects with their polarity; the text must not say two things of one."""
    found = bench.judged(find(text))
    assert all(len(polarities) == 1 for polarities in found.values()), found
    return {aspect: next(iter(polarities)) for aspect, polarities in found.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # each clause for itself
        ("虽然慢但是好吃", {"delivery": -1, "taste": 1}),
        ("味道好服务差", {"taste": 1, "service": -1}),
        ("味道，服务，环境都很好", {"taste": 1, "service": 1, "environment": 1}),
        ("Great food and terrible service", {"taste": 1, "service": -1}),
        ("Although shipping was slow, the fabric is lovely", {"delivery": -1, "quality": 1}),
        ("The food and the service were great", {"taste": 1, "service": 1}),
        # negation, and negation of it
        ("不是很干净", {"cleanliness": -1}),
        ("没有想象中那么好吃", {"taste": -1}),
        ("没有一道菜是不好吃的", {"taste": 1}),
        ("没有异味", {"cleanliness": 1}),
        ("一点都不贵", {"price_value": 1}),
        ("特别热情", {"staff_attitude": 1}),  # 别 turns nothing here
        ("it isn't clean", {"cleanliness": -1}),
        ("not clean and not cheap", {"cleanliness": -1, "price_value": -1}),
        ("It isn’t expensive", {"price_value": 1}),
        ("not bad, the curry", {"taste": 1}),
        ("The food was not bad", {"taste": 1}),
        # what should have happened
        ("到现在没退款", {"refund": -1}),
        ("无法登录，一直打不开", {"app_site": -1}),
        ("My parcel never arrived", {"delivery": -1}),
        ("没有服务", {"service": -1}),
        ("I couldn't reach a human", {"bot": -1}),
        ("could not speak to a real person", {"bot": -1}),
        ("I can't get anyone on the phone", {"service": -1}),
        ("Tried to get someone on the phone for days", {"service": -1}),
        # not meant as said
        ("这哪里干净了", {"cleanliness": -1}),
        ("服务好个屁", {"service": -1}),
        ("质量“真好”", {"quality": -1}),
        ("how is this clean", {"cleanliness": -1}),
        # wishes, hopes, conditions, questions, the past
        ("希望能快一点", {"delivery": -1}),
        ("希望质量好", {"quality": 0}),
        ("服务希望能更好", {"service": -1}),
        ("希望味道一直保持，很好吃", {"taste": 1}),
        ("如果难吃就退", {"taste": 0}),
        ("请问质量好吗？", {"quality": 0}),
        ("以前很好吃", {"taste": -1}),
        ("it would be nice if delivery was faster", {"delivery": -1}),
        ("Is there a refund?", {"refund": 0}),
        ("used to be clean", {"cleanliness": -1}),
        # beside others
        ("味道不如以前", {"taste": -1}),
        ("不如隔壁好吃", {"taste": -1}),
        ("比隔壁好吃", {"taste": 1}),
        # a word's meaning is its aspect's
        ("分量很大", {"taste": 1}),
        ("软件很慢", {"app_site": -1}),
        ("配送很慢", {"delivery": -1}),
        ("快递包装很烂", {"packaging": -1}),
        # by themselves
        ("踢皮球", {"passed_around": -1}),
        ("大数据杀熟", {"price_discrimination": -1}),
        ("等了两个小时", {"delivery": -1}),
        ("平台让我找商家，商家让我找平台", {"passed_around": -1}),
        ("only a chatbot", {"bot": 0}),
        # other ways to write
        ("餐點很美味", {"taste": 1}),
        ("ＡＰＰ太卡了", {"app_site": -1}),
        ("DELIVERY WAS SLOW", {"delivery": -1}),
        ("service很nice", {"service": 1}),
        ("快递员[name]把东西扔在[address]门口", {"delivery": -1}),
        # nothing
        ("五星好评", {}),
        ("我们去过", {}),
        ("", {}),
        ("[name] [mobile]", {}),
    ],
)
def test_a_text_is_read_as_a_person_reads_it(text: str, expected: dict[str, int]) -> None:
    assert said(text) == expected


def test_run_ons_without_punctuation_are_cut_at_the_words_that_begin_a_clause() -> None:
    text = "我昨天第一次点这家的菜是真的好吃" + "我们几个人坐在一起边聊边等" * 30 + "但是送得太慢了"
    assert len(text) > 400
    assert said(text) == {"taste": 1, "delivery": -1}


def test_a_mention_shows_its_place_in_the_text_as_it_stands() -> None:
    text = "😀😀 １２３ 餐廳不是很乾淨!!!"
    [mention] = find(text)
    assert (mention.aspect, mention.polarity) == ("cleanliness", -1)
    assert text[mention.start : mention.end] == "乾淨"
    assert mention.rule == "own:干净/not"
    assert mention.taxonomy_version == FINDER.version


def test_less_certain_readings_say_so() -> None:
    by_itself, turned = find("好吃")[0], find("不好吃")[0]
    carried = find("服务员来了，很差")[0]
    assert by_itself.confidence > turned.confidence > carried.confidence > 0


def test_other_languages_are_left_alone() -> None:
    assert FINDER.find("Le service est terrible", "other") == []


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.one_of(st.sampled_from(PIECES), st.text(max_size=5)),
        max_size=40,
    ),
    st.sampled_from(["zh", "en"]),
)
def test_any_text_can_be_read(pieces: list[str], language: str) -> None:
    text = "".join(pieces)
    for mention in FINDER.find(text, language):
        assert 0 <= mention.start < mention.end <= len(text)
        assert mention.polarity in (-1, 0, 1)
        assert 0 < mention.confidence <= 1


@pytest.mark.parametrize(
    "piece",
    ["不", "味道", "好吃", "不好吃", "如果", "希望", "等了", "小时", "但是", "没有味道好", "说找",
     "，", "not ", "clean ", "food ", "not food ", "good food ", "hope ", "[", "a", " ", "“好”",
     "a，味"],
)  # fmt: skip
def test_hostile_texts_cost_their_length_once(piece: str) -> None:
    short, long = (_steps(lambda n=n: find(piece * n)) for n in (300, 1200))
    assert long <= 4.6 * short + 2_000


def _steps(call: Callable[[], Any]) -> int:
    """Lines of verbatims/ that a call executes."""
    with _counted() as count:
        call()
    return count[0]


@contextmanager
def _counted() -> Iterator[list[int]]:
    count = [0]

    def each(frame: FrameType, event: str, _: Any) -> Any:
        if "verbatims" not in frame.f_code.co_filename:
            return None
        if event == "line":
            count[0] += 1
        return each

    before = sys.gettrace()
    sys.settrace(each)
    try:
        yield count
    finally:
        sys.settrace(before)


def test_300_texts_labelled_by_hand_are_read_well() -> None:
    texts = bench.labelled_texts()
    assert len(texts) >= 300
    assert len({text.text for text in texts}) == len(texts)
    known = read_taxonomy(scaffold_file("taxonomy.yml")).aspects.keys()
    assert all(text.aspects.keys() <= known for text in texts)
    score = bench.scores(texts, FINDER)["all", "all"]
    assert score.f1 >= bench.LEAST_F1
    assert score.polarity >= bench.LEAST_POLARITY


def test_texts_by_another_hand_are_read_well_after_mending() -> None:
    """What they were when first seen stands in docs/texts.md."""
    texts = bench.labelled_texts(bench.OTHER_HAND)
    assert len(texts) == 90
    score = bench.scores(texts, FINDER)["all", "all"]
    assert score.f1 >= bench.LEAST_F1
    assert score.polarity >= bench.LEAST_POLARITY


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("Great customer service... if you enjoy being ignored for two weeks", -1),
        ("Great customer service, if you ask me", 1),
    ],
)
def test_praise_for_whoever_likes_to_suffer_is_none(text: str, polarity: int) -> None:
    assert said(text)["service"] == polarity


@pytest.mark.shared
def test_given_reviews_are_read_well(shared: Path) -> None:
    texts = bench.given_texts(shared / "data/reviews")
    assert len(texts) == 546
    score = bench.scores(texts, FINDER)["all", "all"]
    assert score.f1 >= 0.85
    assert score.polarity >= 0.9


def test_no_small_word_does_two_things() -> None:
    words = [w for line in grammar._ZH.values() for w in line.split()]
    words += [w for line in grammar._EN.values() for w in line.split("|")]
    assert len(words) == len(set(words)) == len(grammar.small_words())


def test_the_measure_counts_as_its_definition_says() -> None:
    score = bench.Score()
    score.add(
        {"taste": {1}, "service": {-1}, "refund": {-1}}, {"taste": {1}, "service": {1}, "bot": {-1}}
    )
    assert (score.right, score.wrong, score.missed, score.judged) == (2, 1, 1, 1)
    assert (score.precision, score.recall, score.f1, score.polarity) == (2 / 3, 2 / 3, 2 / 3, 0.5)
