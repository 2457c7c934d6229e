"""Public reviews beside the checkout: routed to their language, learned from, told apart."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from orchestration.text_training import Columns, of_file
from verbatims.language import language_of
from verbatims.sentiment.examples import Rated
from verbatims.sentiment.training import train

pytestmark = [pytest.mark.shared, pytest.mark.integration]
ZONE = ZoneInfo("UTC")
TWEETS = Columns(time="tweet_created", date_order="mdy")


@pytest.fixture(scope="module")
def reviews(shared: Path) -> Path:
    return shared / "data" / "reviews"


def some(file: Path, columns: Columns, step: int) -> list[Rated]:
    return of_file(file, columns, ZONE).rows[::step]


@pytest.mark.parametrize(
    ("name", "columns", "language"),
    [
        ("waimai_10k.csv", Columns(), "zh"),
        ("online_shopping_7_cats.csv", Columns(), "zh"),
        ("airline_tweets.csv", TWEETS, "en"),
    ],
)
def test_every_text_goes_to_its_language(
    reviews: Path, name: str, columns: Columns, language: str
) -> None:
    rows = some(reviews / name, columns, 7)
    strays = [row.text for row in rows if language_of(row.text) not in (language, "none")]
    assert len(rows) > 1_500
    assert [text for text in strays if len(text) > 10] == []


def test_a_model_beats_the_lexicon_where_it_has_not_been(reviews: Path, tmp_path: Path) -> None:
    rows = some(reviews / "waimai_10k.csv", Columns(), 6)
    rows += some(reviews / "online_shopping_7_cats.csv", Columns(), 12)
    (outcome,) = train(rows, tmp_path, "public reviews", ["zh"])
    card = outcome.card
    assert card is not None and card["promoted"]
    assert (card["held_out"]["auc"] or 0) > 0.93
    assert (card["in_place"]["held_out"]["auc"] or 1) < 0.9
    assert (card["left_out_channels"]["衣服"] or 0) > 0.93
    assert all(
        abs(told["told"] - told["pleased"]) < 0.15
        for told in card["held_out"]["overall"]["calibration"]
    )
