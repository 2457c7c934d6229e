"""Choosing texts, figures worked out by hand, and a model that answers only if it is better."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest

from verbatims.sentiment import training
from verbatims.sentiment.card import read_all
from verbatims.sentiment.engines import engines, promoted
from verbatims.sentiment.examples import (
    Rated,
    choose,
    feeling_of_nps,
    feeling_of_stars,
)
from verbatims.sentiment.figures import measure
from verbatims.sentiment.fitting import balance, calibrated, neutral_band
from verbatims.sentiment.model import ModelError
from verbatims.sentiment.training import train

START = datetime(2026, 1, 1)  # noqa: DTZ001 - UTC without saying so
GOOD = ("送得很快", "味道很好", "下次还来", "又来买了", "分量足", "三天到货")
BAD = ("等了一小时", "态度太差", "再也不来", "打了三次电话", "拖了半个月", "退款拖着")
"""Some say what no lexicon knows, so that there is something to learn."""


def reviews(count: int, channel: str = "app", *, swapped: float = 0.0) -> list[Rated]:
    """Invented reviews a day apart; a share of them is rated the wrong way round."""
    lot = Random(f"{channel} {count}")  # noqa: S311 - the same on purpose
    made = []
    for day in range(count):
        feeling = lot.choice((-1, 1))
        words = "，".join(lot.sample(GOOD if feeling > 0 else BAD, 2))
        dish = "".join(lot.choices("牛羊鸡鸭鱼虾蟹米面粥粉茶糖豆菜瓜果", k=4))
        told = -feeling if lot.random() < swapped else feeling
        made.append(Rated(f"{dish}{words}", told, channel, START + timedelta(days=day)))
    return made


def test_stars_and_scores_as_feelings() -> None:
    assert [feeling_of_stars(stars) for stars in (1, 2, 2.5, 3, 3.5, 4, 5)] == [
        *(-1, -1, 0, 0, 0, 1, 1)
    ]
    assert [feeling_of_nps(score) for score in range(11)] == [-1] * 7 + [0] * 2 + [1] * 2


def test_each_text_counts_once_and_none_that_is_rated_both_ways() -> None:
    rows = [
        Rated("很好吃", 1, "app", START),
        Rated("很好吃 ", 1, "web", START + timedelta(days=1)),
        Rated("還行", 1, "app"),
        Rated("还行", -1, "app"),
        Rated("一般", 0, "app"),
        Rated("great", 1, "app"),
        Rated("очень вкусно", 1, "app"),
        Rated("👍", 1, "app"),
    ]
    chosen = choose(rows, ["zh"])["zh"]
    assert [(one.form, one.channel) for one in (*chosen.learned, *chosen.held_out)] == [
        ("很好吃", "app")
    ]
    assert [one.form for one in chosen.neutral] == ["一般"]
    assert chosen.left_out == {
        "in another language": 2,
        "no words": 1,
        "rated good and bad in the same words": 1,
        "said before in the same words": 2,
    }


def test_the_last_fifth_of_each_channel_only_measures() -> None:
    rows = reviews(50, "app") + reviews(10, "web")
    chosen = choose(rows, ["zh"])["zh"]
    for channel, learned, held_out in (("app", 40, 10), ("web", 8, 2)):
        early = [one.rated.said_at for one in chosen.learned if one.channel == channel]
        late = [one.rated.said_at for one in chosen.held_out if one.channel == channel]
        assert (len(early), len(late)) == (learned, held_out)
        assert max(filter(None, early)) < min(filter(None, late))


def test_without_times_a_text_is_always_on_the_same_side() -> None:
    rows = [replace(row, said_at=None) for row in reviews(300)]
    few, many = choose(rows[:100], ["zh"])["zh"], choose(rows, ["zh"])["zh"]
    assert {one.key for one in few.held_out} <= {one.key for one in many.held_out}
    assert 40 <= len(many.held_out) <= 80


def test_channels_and_feelings_weigh_alike() -> None:
    rows = [*([("app", 1)] * 6), *([("app", -1)] * 2), ("web", 1), ("web", -1)]
    examples = choose([Rated(f"第{at}条", f, c) for at, (c, f) in enumerate(rows)], ["zh"])["zh"]
    every = [*examples.learned, *examples.held_out]
    weights = balance(every)
    sums = {
        cell: sum(w for w, e in zip(weights, every, strict=True) if (e.channel, e.feeling) == cell)
        for cell in (("app", 1), ("app", -1), ("web", 1), ("web", -1))
    }
    assert all(total == pytest.approx(2.5) for total in sums.values())


def test_figures_worked_out_by_hand() -> None:
    # Pleased: .8, .2, -.4; displeased: .2, -.6. Pairs in order: .8 beats both, .2 beats -.6 and
    # ties with .2, -.4 beats -.6: (2 + 1.5 + 1) / 6 = .75. Right by sign: .8, .2, -.6: 3 of 5.
    # Brier: (.1^2 + .4^2 + .7^2 + .6^2 + .2^2) / 5 = .212.
    repeat = 20
    scores, felt = [0.8, 0.2, -0.4, 0.2, -0.6] * repeat, [1, 1, 1, -1, -1] * repeat
    found = measure(scores, felt, ["app"] * len(felt))["channels"]["app"]
    assert (found["n"], found["pleased"], found["auc"]) == (100, 0.6, 0.75)
    assert (found["accuracy"], found["brier"]) == (0.6, 0.212)
    assert found["calibration"] == [
        {"n": 40, "told": 0.25, "pleased": 0.5},  # .2 and .3
        {"n": 40, "told": 0.6, "pleased": 0.5},
        {"n": 20, "told": 0.9, "pleased": 1.0},
    ]


def test_a_channel_with_hardly_any_of_one_side_has_no_auc() -> None:
    found = measure([0.5] * 40 + [-0.5] * 40, [1] * 79 + [-1], ["app"] * 40 + ["web"] * 40)
    assert found["channels"]["web"]["auc"] is None
    assert found["auc"] is None


def test_calibration_finds_the_shares_that_are_there() -> None:
    # At log odds 1, 88 of 100 are pleased (logit 2); at -1, 27 of 100 (logit -1): slope 1.5, 0.5.
    decisions = np.repeat([1.0, -1.0], 100)
    pleased = np.array([*([True] * 88), *([False] * 12), *([True] * 27), *([False] * 73)])
    found = calibrated(decisions, pleased)
    assert found.slope == pytest.approx(1.49, abs=0.03)
    assert found.offset == pytest.approx(0.50, abs=0.03)


def test_the_neutral_band_lies_around_what_was_rated_so() -> None:
    # The lowest step that leaves -.5 below it, and the lowest that has .1 inside.
    between = [0.1] * 80 + [-0.1] * 80
    assert neutral_band(between, [0.5, -0.5] * 50, [1, -1] * 50) == (-0.45, 0.1)
    assert neutral_band(between[:99], [0.5, -0.5], [1, -1]) == (-0.2, 0.2)


def test_a_better_model_answers_from_now_on(tmp_path: Path) -> None:
    rows = reviews(700, "app") + reviews(300, "web") + [Rated("一般", 0, "app", START)]
    zh, en = train(rows, tmp_path, "a test")
    assert en.card is None and "no rated texts" in en.message and "en-lexicon" in en.message
    assert zh.card is not None and zh.card["promoted"]
    assert promoted(tmp_path) == {"zh": zh.card["version"]}
    assert zh.card["version"].startswith("zh-tfidf-20271201-")
    assert zh.card["in_place"]["version"].startswith("zh-lexicon-bixin")
    assert zh.card["window"] == ["2026-01-01", "2027-12-01"]
    assert set(zh.card["left_out_channels"]) == {"app", "web"}
    assert read_all(tmp_path) == [json.loads(json.dumps(zh.card))]
    (found,) = engines(tmp_path).score_many(["再也不来，态度太差"], ["app"])
    assert found.band == "negative" and found.model_version == zh.card["version"]


def test_the_same_texts_in_another_order_make_the_same_model(tmp_path: Path) -> None:
    rows = reviews(600)
    (one,) = train(rows, tmp_path / "one", "a test", ["zh"])
    (other,) = train(rows[::-1], tmp_path / "other", "a test", ["zh"])
    assert one.card is not None and other.card == one.card
    (again,) = train(rows, tmp_path / "one", "a test", ["zh"])
    assert again.card is not None and not again.card["promoted"]
    assert "in place already" in again.message


def test_a_worse_model_is_kept_but_does_not_answer(tmp_path: Path) -> None:
    (good,) = train(reviews(600), tmp_path, "good ratings", ["zh"])
    muddled = reviews(480, swapped=0.45) + reviews(600)[480:]
    (worse,) = train(muddled, tmp_path, "muddled ratings", ["zh"])
    assert good.card is not None and worse.card is not None
    assert not worse.card["promoted"] and "no better" in worse.message
    assert promoted(tmp_path) == {"zh": good.card["version"]}
    assert {card["version"] for card in read_all(tmp_path)} == {
        good.card["version"],
        worse.card["version"],
    }


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (reviews(60), "of at least 200 pleased texts to learn from"),
        ([row for row in reviews(900) if row.feeling > 0], "0 of at least 200 displeased texts"),
    ],
)
def test_too_few_texts_are_told_by_their_counts(
    tmp_path: Path, rows: Sequence[Rated], said: str
) -> None:
    (outcome,) = train(rows, tmp_path, "a test", ["zh"])
    assert outcome.card is None
    assert said in outcome.message
    assert promoted(tmp_path) == {}


def test_all_counts_that_lack_are_told() -> None:
    chosen = choose(reviews(60), ["zh"])["zh"]
    assert (training.missing(chosen) or "").count("of at least") == 4


def test_a_model_in_place_that_is_gone_gives_way_to_the_lexicon(tmp_path: Path) -> None:
    (first,) = train(reviews(600), tmp_path, "a test", ["zh"])
    assert first.card is not None
    (tmp_path / first.card["version"] / "model.npz").unlink()
    (second,) = train(reviews(700), tmp_path, "a test", ["zh"])
    assert second.card is not None and second.card["promoted"]
    assert first.card["version"] in second.message and "cannot be read" in second.message
    assert second.card["in_place"]["version"].startswith("zh-lexicon-bixin")
    assert promoted(tmp_path) == {"zh": second.card["version"]}


def test_names_that_cannot_be_read_are_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "promoted.json").write_text("{")
    with pytest.raises(ModelError, match=r"promoted\.json"):
        train(reviews(600), tmp_path, "a test", ["zh"])
    assert read_all(tmp_path) == []


@pytest.mark.parametrize(
    "harm",
    [
        {"held_out": None},
        {"held_out": {}},
        {"version": 3},
        {"window": None},
        {"texts": {}},
        {"left_out_auc": "much"},
    ],
)
def test_a_card_that_cannot_be_read_is_none(tmp_path: Path, harm: dict[str, object]) -> None:
    (made,) = train(reviews(600), tmp_path, "a test", ["zh"])
    assert made.card is not None
    assert len(read_all(tmp_path)) == 1
    file = tmp_path / made.card["version"] / "card.json"
    file.write_text(json.dumps(made.card | harm))
    assert read_all(tmp_path) == []
