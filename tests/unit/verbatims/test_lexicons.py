"""What answers until a model is trained, and which engine a text is given to."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verbatims.sentiment.engines import engines, promote, promoted
from verbatims.sentiment.lexicon import lexicon
from verbatims.sentiment.model import ModelError

BIXIN, VADER = "zh-lexicon-bixin-0.0.6-1", "en-lexicon-vader-3.3.2-1"


@pytest.mark.parametrize(
    ("text", "band", "version", "said"),
    [
        ("很好吃", "positive", BIXIN, "好吃"),
        ("東西垃圾", "negative", BIXIN, "垃圾"),
        ("不是很干净", "negative", BIXIN, "不是很干净"),
        ("桌子", "neutral", BIXIN, None),
        ("不是不好吃", "positive", BIXIN, "不是不好吃"),
        ("没毛病", "positive", BIXIN, "没毛病"),
        ("不太好吃", "negative", BIXIN, "不太好吃"),
        ("没有，好吃", "positive", BIXIN, "好吃"),
        ("服務員態度很差", "negative", BIXIN, "很差"),
        ("真的yyds", "positive", BIXIN, "yyds"),
        ("no complaints", "positive", VADER, "no complaints"),
        ("Couldn't be happier", "positive", VADER, "happier"),
        ("couldn’t be happier", "positive", VADER, "happier"),
        ("I can’t recommend it", "negative", VADER, "can’t recommend"),
        ("ＶＥＲＹ　ＢＡＤ", "negative", VADER, "ＢＡＤ"),
        ("waited 😡 for it", "negative", VADER, "😡"),
        ("The crew was wonderful", "positive", VADER, "wonderful"),
        ("not bad at all", "positive", VADER, "not bad"),
        ("[name] was terrible to me", "negative", VADER, "terrible"),
        ("👍🎉", "positive", "emoji-lexicon-1", "👍"),
        ("😡", "negative", "emoji-lexicon-1", "😡"),
    ],
)
def test_a_lexicon_answers_and_says_so(
    tmp_path: Path, text: str, band: str, version: str, said: str | None
) -> None:
    (found,) = engines(tmp_path).score_many([text])
    assert (found.band, found.model_version) == (band, version)
    phrases = [text[phrase.start : phrase.end] for phrase in found.phrases]
    assert phrases[:1] == ([said] if said else [])
    assert (found.confidence > 0) == bool(said)


@pytest.mark.parametrize(
    ("text", "language"),
    [("", "none"), ("[mobile] 123", "none"), ("La comida estaba muy fría", "other")],
)
def test_what_nothing_reads_has_no_score(tmp_path: Path, text: str, language: str) -> None:
    (found,) = engines(tmp_path).score_many([text])
    assert (found.score, found.band, found.language) == (None, None, language)
    assert found.model_version == "none"


def test_languages_keep_the_order_of_the_texts(tmp_path: Path) -> None:
    texts = ["很好吃", "terrible", "", "垃圾", "очень вкусно", "great", "👍"]
    found = list(engines(tmp_path).score_many(texts, ["app"] * len(texts)))
    assert [one.language for one in found] == ["zh", "en", "none", "zh", "other", "en", "none"]
    assert found == [next(engines(tmp_path).score_many([text])) for text in texts]


def test_as_many_channels_as_texts(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shorter"):
        list(engines(tmp_path).score_many(["好", "差"], ["app"]))


def test_a_promoted_model_that_is_gone_is_told(tmp_path: Path) -> None:
    promote(tmp_path, "zh", "zh-tfidf-20260930-abc123")
    assert promoted(tmp_path) == {"zh": "zh-tfidf-20260930-abc123"}
    with pytest.raises(ModelError, match="zh-tfidf-20260930-abc123"):
        engines(tmp_path)


@pytest.mark.parametrize("text", ["[1]", "{", ""])
def test_names_that_cannot_be_read_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "promoted.json").write_text(text)
    with pytest.raises(ModelError, match=r"promoted\.json"):
        engines(tmp_path)


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=60), st.sampled_from(["zh", "en", "none"]))
def test_any_text_ends_with_a_score(text: str, language: str) -> None:
    (found,) = lexicon(language).score_many([text])
    assert found.score is not None and -1 <= found.score <= 1
    assert 0 <= found.confidence <= 1
    assert all(0 <= phrase.start < phrase.end <= len(text) for phrase in found.phrases)


@pytest.mark.parametrize(
    "text",
    [
        "没有不好的地方",
        "不难吃，没毛病",
        "分量很足，但是味道不怎么好",
        "Not great, but no complaints at all",
        "the least helpful crew, never again",
        "GREAT seats but the food wasn’t good",
    ],
)
def test_a_score_never_contradicts_the_words_that_are_told(tmp_path: Path, text: str) -> None:
    (found,) = engines(tmp_path).score_many([text])
    assert found.score is not None and found.phrases
    assert found.score * sum(phrase.weight for phrase in found.phrases) >= 0
