"""Trained models in the place of lexicons: what answers, and what has answered before."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import numpy as np
import pytest

from orchestration.scaffold import scaffold_file
from orchestration.text_reading import Reader
from orchestration.texts import Engineering, Understood, understand
from verbatims.aspects.taxonomy import read_taxonomy
from verbatims.sentiment.engines import promote
from verbatims.sentiment.model import Calibration, Model
from verbatims.store import TextStore

pytestmark = pytest.mark.integration


def model(models: Path, version: str, app: float) -> None:
    """A model of two words, whose calibration of the channel `app` is its own."""
    Model(
        version=version,
        language="zh",
        within_words=False,
        grams=("好喝", "难喝"),
        idf=np.ones(2),
        weights=np.array([2.0, -2.0]),
        intercept=0.0,
        overall=Calibration(1.0, 0.0),
        channels={"app": Calibration(1.0, app)},
        neutral=(-0.2, 0.2),
    ).save(models / version)


class Place:
    """A deployment's models and a warehouse file with four things said."""

    def __init__(self, root: Path) -> None:
        self.models = root / "text" / "models"
        self.store = TextStore(root / "text")
        self.store.prepare()
        self.models.mkdir(parents=True)
        self.file = root / "warehouse.duckdb"
        self.nights = 0
        with duckdb.connect(str(self.file)) as connection:
            connection.execute(
                "create table said as select *, timestamp '2026-09-01' as said_at, "
                "cast(null as string) as author, 'unknown' as unit_id from (values "
                "('好喝', 'app'), ('难喝', 'web'), ('好喝吗', 'app'), ('好喝吗', 'web')) "
                "as said (text, channel)"
            )

    def night(self, budget: int = 100) -> Understood:
        self.nights += 1
        at = datetime(2026, 10, self.nights, tzinfo=UTC)
        taxonomy = read_taxonomy(scaffold_file("taxonomy.yml"))
        return understand(
            Engineering(self.store, self.models, taxonomy),
            Reader(self.store, f"r{self.nights}", lambda: at),
            self.file,
            "said",
            as_of=date(2026, 9, self.nights),
            budget=budget,
        )

    def bands(self) -> dict[tuple[str, str | None], str]:
        """(version, channel) -> band, of the Chinese texts."""
        with duckdb.connect() as connection:
            rows = connection.execute(
                "select model_version, channel, band from read_parquet(?) where language = 'zh'",
                [self.store.glob("scores")],
            ).fetchall()
        return {(version, channel): band for version, channel, band in rows}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Nothing trained yet."""
    return Place(tmp_path)


def test_a_promoted_model_takes_over_from_the_lexicon(place: Place) -> None:
    first = place.night()
    assert first.versions["sentiment zh"].startswith("zh-lexicon-bixin-")
    model(place.models, "zh-tfidf-1", app=-9.0)
    promote(place.models, "zh", "zh-tfidf-1")
    second = place.night(budget=2)
    assert second.versions == first.versions  # three texts are more than two
    assert (second.scored, second.waiting) == (2, 1)
    third = place.night(budget=2)
    assert third.versions["sentiment zh"] == "zh-tfidf-1"
    assert (third.scored, third.waiting) == (1, 0)
    bands = {key: band for key, band in place.bands().items() if key[0] == "zh-tfidf-1"}
    assert bands == {
        ("zh-tfidf-1", "app"): "negative",  # by the channel's own calibration
        ("zh-tfidf-1", "web"): "negative",
        ("zh-tfidf-1", None): "positive",  # said through two channels
    }


def test_going_back_to_an_older_model_reads_nothing_again(place: Place) -> None:
    for version in ("zh-tfidf-1", "zh-tfidf-2"):
        model(place.models, version, app=0.0)
        promote(place.models, "zh", version)
        assert place.night().scored == 3
    promote(place.models, "zh", "zh-tfidf-1")
    back = place.night()
    assert (back.scored, back.versions["sentiment zh"]) == (0, "zh-tfidf-1")


def test_a_promoted_model_that_cannot_be_read_costs_no_night(place: Place) -> None:
    model(place.models, "zh-tfidf-1", app=0.0)
    promote(place.models, "zh", "zh-tfidf-1")
    place.night()
    (place.models / "zh-tfidf-1" / "model.npz").write_bytes(b"cut")
    told = place.night()
    assert told.versions["sentiment zh"].startswith("zh-lexicon-bixin-")
    assert told.scored == 3  # all of them, so that the release is of one version
    (fault,) = told.faults
    assert "zh-tfidf-1" in fault and "Restore" in fault and "zh-lexicon-bixin" in fault
    model(place.models, "zh-tfidf-1", app=0.0)
    mended = place.night()
    assert (mended.versions["sentiment zh"], mended.scored) == ("zh-tfidf-1", 0)
    assert mended.faults == ()


def test_names_that_cannot_be_read_leave_answering_what_answered(place: Place) -> None:
    model(place.models, "zh-tfidf-1", app=0.0)
    promote(place.models, "zh", "zh-tfidf-1")
    place.night()
    (place.models / "promoted.json").write_text("{")
    told = place.night()
    assert (told.versions["sentiment zh"], told.scored) == ("zh-tfidf-1", 0)
    assert len(told.faults) == 2 and "promoted.json" in told.faults[0]
