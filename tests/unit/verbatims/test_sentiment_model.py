"""The trained model: values worked out by hand, the same as scikit-learn, files, phrases."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from verbatims.results import Phrase
from verbatims.sentiment.forms import LONGEST, form_of
from verbatims.sentiment.grams import parameters
from verbatims.sentiment.model import Calibration, Model, ModelError

GRAMS = {"好": 2.0, "不": -1.0, "不好": -3.0, "吃": 0.5, "好吃": 1.0}


def model(**changes: object) -> Model:
    made = Model(
        version="zh-tfidf-20260930-abc123",
        language="zh",
        within_words=False,
        grams=tuple(GRAMS),
        idf=np.ones(len(GRAMS)),
        weights=np.array(list(GRAMS.values())),
        intercept=0.0,
        overall=Calibration(1.0, 0.0),
        channels={"app": Calibration(2.0, -1.0)},
        neutral=(-0.2, 0.2),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_score_worked_out_by_hand() -> None:
    # 不, 好, 不好 once each: every value is 1 / sqrt(3); log odds (-1 + 2 - 3) / sqrt(3) = -1.1547;
    # p = 1 / (1 + e^1.1547) = 0.2396; score = 2 p - 1 = -0.5207.
    (found,) = model().score_many(["不好"])
    assert found.score == pytest.approx(-0.5207, abs=1e-4)
    assert found.band == "negative"
    assert found.confidence == pytest.approx(0.7604, abs=1e-4)  # 1 - p; every character is known
    # 不 gives -1 / sqrt(3) and half of 不好's -3 / sqrt(3); 好 gives a fifth of that, too little.
    assert found.phrases == (Phrase(0, 1, pytest.approx(-1.4434, abs=1e-4)),)
    assert (found.language, found.model_version) == ("zh", "zh-tfidf-20260930-abc123")


def test_what_is_said_twice_counts_by_its_logarithm() -> None:
    # 好 twice: 1 + ln 2 = 1.6931; 不 once: 1. Log odds (2 * 1.6931 - 1) / sqrt(1.6931^2 + 1).
    decided = model().decisions(["好,好,不"])
    assert decided[0] == pytest.approx((2 * (1 + math.log(2)) - 1) / math.hypot(1 + math.log(2), 1))


def test_a_channel_has_its_own_threshold() -> None:
    # 好 alone has log odds 2: p = sigmoid(2) = 0.8808; in the app sigmoid(2 * 2 - 1) = 0.9526.
    elsewhere, app = model().score_many(["好", "好"], ["web", "app"])
    assert elsewhere.score == pytest.approx(2 * 0.8808 - 1, abs=1e-4)
    assert app.score == pytest.approx(2 * 0.9526 - 1, abs=1e-4)


def test_scores_inside_the_band_are_neutral() -> None:
    (found,) = model(neutral=(-0.6, 0.2)).score_many(["不好"])
    assert found.band == "neutral"


def test_what_the_model_has_never_seen_gets_no_score() -> None:
    (found,) = model().score_many(["猫狗"])
    assert (found.score, found.band, found.confidence, found.phrases) == (None, None, 0.0, ())


def test_little_that_is_known_makes_it_less_sure() -> None:
    known, hardly = model().score_many(["好吃", "好吃甲乙丙丁戊己"])
    assert known.score == hardly.score
    assert hardly.confidence == pytest.approx(known.confidence * 2 / 8, abs=1e-4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[mobile]昨天說好吃", "好吃"),
        ("真ＨＡＯ，好吃👍。甲", "好吃👍"),
        ("甲啊啊啊啊啊啊乙不好", "不"),
    ],
)
def test_phrases_point_into_the_text_as_it_stands(text: str, said: str) -> None:
    (found,) = model().score_many([text])
    weightiest = found.phrases[0]
    assert text[weightiest.start : weightiest.end] == said


def test_phrases_are_three_of_each_side_at_most() -> None:
    text = "好吃。甲好吃。乙好吃。丙好吃。不甲。不乙。不丙。不丁。"
    (found,) = model().score_many([text])
    sides = [phrase.weight > 0 for phrase in found.phrases]
    assert (sides.count(True), sides.count(False)) == (3, 3)
    assert [abs(p.weight) for p in found.phrases] == sorted(
        (abs(p.weight) for p in found.phrases), reverse=True
    )


ENGLISH = [
    "Great service, thanks so much!",
    "the worst flight ever, never again",
    "not bad at all: great seats",
    "a bag was lost... a  bag!",
    "love it love it love it",
    "terrible, rude, and late again",
    "i am happy with the crew",
    "no refund, no answer, no thanks",
]
CHINESE = [
    "送得很快，味道很好",
    "等了一个多小时，太慢了",
    "不是很好吃，下次不来了",
    "好好好，真不错",
    "态度太差，再也不来",
    "东西很新鲜，下次还来",
]


@pytest.mark.parametrize(("language", "texts"), [("zh", CHINESE * 5), ("en", ENGLISH * 3)])
def test_the_same_log_odds_as_scikit_learn(language: str, texts: list[str]) -> None:
    vectorizer = TfidfVectorizer(**parameters(language))
    counted = vectorizer.fit_transform([text.lower() for text in texts])
    classifier = LogisticRegression().fit(counted, [at % 2 for at in range(len(texts))])
    mine = model(
        language=language,
        within_words=language == "en",
        grams=tuple(vectorizer.get_feature_names_out()),
        idf=vectorizer.idf_,
        weights=classifier.coef_[0],
        intercept=float(classifier.intercept_[0]),
    )
    asked = [*(text.lower() for text in texts), "neu und anders gut", "别的话", " "]
    theirs = classifier.decision_function(vectorizer.transform(asked))
    assert mine.decisions(asked) == pytest.approx(theirs, abs=1e-12)


def test_what_was_saved_scores_the_same(tmp_path: Path) -> None:
    made = model()
    made.save(tmp_path / made.version)
    again = Model.load(tmp_path / made.version)
    texts = ["不好", "好吃", "猫", ""]
    assert list(again.score_many(texts)) == list(model().score_many(texts))
    assert again.channels == model().channels


def _npz(folder: Path, **changed: object) -> None:
    with np.load(folder / "model.npz") as arrays:
        kept = dict(arrays)
    np.savez(folder / "model.npz", **(kept | changed))  # type: ignore[arg-type]


def _json(folder: Path, **changed: object) -> None:
    told = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(told | changed))


HARMS = {
    "no folder": lambda folder: [file.unlink() for file in folder.iterdir()],
    "cut": lambda folder: (folder / "model.json").write_text('{"form": 2'),
    "a list": lambda folder: (folder / "model.json").write_text("[]"),
    "other form": lambda folder: _json(folder, form=1),
    "no arrays": lambda folder: (folder / "model.npz").write_bytes(b"PK\x03\x04 and no more"),
    "pickled": lambda folder: _npz(folder, grams=np.array([{}] * 5, dtype=object)),
    "fewer weights": lambda folder: _npz(folder, weights=np.ones(4)),
    "a table of weights": lambda folder: _npz(folder, weights=np.ones((5, 1))),
    "no number": lambda folder: _npz(folder, weights=np.array([2.0, -1.0, np.nan, 0.5, 1.0])),
    "other weights": lambda folder: _npz(folder, weights=np.array([2.0, -1.0, -3.0, 0.5, 1.5])),
    "words for weights": lambda folder: _npz(folder, weights=np.array(list("abcde"))),
    "other n-grams": lambda folder: _npz(folder, grams=np.array(["好", "不", "差", "吃", ""])),
    "other calibration": lambda folder: _json(folder, overall={"slope": 9.0, "offset": 0.0}),
    "no calibration": lambda folder: _json(folder, channels=[1]),
    "other band": lambda folder: _json(folder, neutral=[0.5, -0.5]),
    "other version": lambda folder: _json(folder, version="zh-tfidf-20260930-000000"),
    "renamed": lambda folder: folder.rename(folder.with_name("zh-tfidf-2")),
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_model_that_was_harmed_says_so(tmp_path: Path, harm: str) -> None:
    folder = tmp_path / model().version
    model().save(folder)
    HARMS[harm](folder)
    if harm == "renamed":
        folder = folder.with_name("zh-tfidf-2")
    with pytest.raises(ModelError, match="voc text train"):
        Model.load(folder)


TEXTS = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(["好吃", "不好", "，", " ", "[name]", "👍", "啊啊啊啊", "甲"])
        ).map("".join),
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=150)
@given(TEXTS)
def test_a_batch_is_the_same_as_one_by_one(texts: list[str]) -> None:
    together = list(model().score_many(texts, ["app"] * len(texts)))
    assert together == [next(model().score_many([text], ["app"])) for text in texts]
    for text, found in zip(texts, together, strict=True):
        assert found.score is None or -1 <= found.score <= 1
        assert 0 <= found.confidence <= 1
        assert all(0 <= phrase.start < phrase.end <= len(text) for phrase in found.phrases)


def test_many_batches_keep_their_order() -> None:
    texts = ["好吃", "不好", "猫"] * 3_000
    found = list(model().score_many(iter(texts)))
    assert [one.score for one in found[-3:]] == [one.score for one in found[:3]]
    assert len(found) == len(texts)


def test_a_text_without_end_is_read_in_part() -> None:
    endless = "好" * (5 * LONGEST) + "不好"
    (found,) = model().score_many([endless])
    assert found.score is not None and found.score > 0


def test_slang_is_one_phrase_whatever_its_words_say() -> None:
    # yyds is read as 非常好: 非 against, 好 for, on the same four characters of the text.
    told = {"非": -1.0, "常": 0.5, "好": 2.0}
    made = model(grams=tuple(told), idf=np.ones(3), weights=np.array(list(told.values())))
    (found,) = made.score_many(["甲yyds"])
    assert found.phrases == (Phrase(1, 5, pytest.approx(1.5 / math.sqrt(3), abs=2e-4)),)


def test_an_english_negation_is_one_with_its_word() -> None:
    assert form_of("Not bad, I don't mind. No!", "en").text == "not_BAD, i don't_MIND. no!"
    grams = {"bad": -2.0, "BAD": 6.0}
    made = model(
        language="en",
        within_words=True,
        grams=tuple(grams),
        idf=np.ones(2),
        weights=np.array(list(grams.values())),
    )
    bad, not_bad = made.score_many(["A bad one", "It is NOT bad"])
    assert (bad.band, not_bad.band) == ("negative", "positive")
    (phrase,) = not_bad.phrases
    assert "It is NOT bad"[phrase.start : phrase.end] == "NOT bad"


def test_what_could_not_be_better_negates_nothing() -> None:
    text = "I couldn’t be happier, could not ask for more, can't be there"
    form = form_of(text, "en").text
    assert form == "i !!!!!!!! be happier, !!!!!!!!! ask for more, can't_BE there"
    assert len(form) == len(text)
