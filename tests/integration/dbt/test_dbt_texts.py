"""What customers wrote, through the real project: composed, read, joined to its stars."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestration.scaffold import scaffold_file
from orchestration.text_reading import Reader
from orchestration.texts import Engineering, understand
from orchestration.warehouse import TEXTS
from verbatims.aspects.taxonomy import read_taxonomy
from verbatims.store import TextStore

pytestmark = pytest.mark.integration
DAY = "2026-09-28"
AS_OF = date(2026, 9, 28)
SAID = {
    "angry": (1, "配送太慢了，客服态度很差。"),
    "sarcastic": (5, "垃圾，太失望了，退款也不给"),
    "pleased": (5, "The tea is delicious and the staff were very friendly."),
    "spoilt": (1, "I love it! Great taste, amazing and wonderful."),
    "middling": (3, "好喝，喜欢"),
    "foreign": (4, "とても美味しいです"),
    "wordless": (5, "12345"),
    "again": (1, "配送太慢了，客服态度很差。"),
}


def review(warehouse: Any, name: str) -> tuple[str, dict[str, Any]]:
    rating, body = SAID[name]
    return "review", {
        "review_id": name,
        "unit_id": "hq",
        "country": "cn",
        "rating": rating,
        "body": body,
        "updated_at": warehouse.utc(f"{DAY} 08:00"),
    }


def comment(warehouse: Any) -> tuple[str, dict[str, Any]]:
    return "survey_response", {
        "survey_id": "store_nps",
        "response_id": "q1",
        "submitted_at": warehouse.local(f"{DAY} 12:00"),
        "unit_id": "s001",
        "channel": "store_qr",
        "response_status": "complete",
        "nps_raw": "10",
        "comment": "太差了，很失望",
    }


@pytest.fixture(scope="module")
def night(new_warehouse: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One night: the texts composed, read, and the warehouse built on them."""
    warehouse = new_warehouse()
    warehouse.land(DAY, "appstore_cn", [review(warehouse, name) for name in SAID])
    warehouse.land(DAY, "survey_store_nps", [comment(warehouse)])
    kinds = ("--resource-type", "model", "--resource-type", "seed")
    warehouse.dbt("build", DAY, "--select", f"+{TEXTS}", *kinds).must_pass()
    store = TextStore(warehouse.lake.root / "text")
    models: Path = tmp_path_factory.mktemp("models")
    engineering = Engineering(store, models, read_taxonomy(scaffold_file("taxonomy.yml")))
    reader = Reader(store, "r1", lambda: datetime(2026, 9, 29, tzinfo=UTC))
    build = warehouse.project.build_db
    warehouse.done = understand(
        engineering, reader, build, f"intermediate.{TEXTS}", as_of=AS_OF, budget=10
    )
    warehouse.built = warehouse.build(DAY).must_pass()
    return warehouse


def test_every_text_is_read_once(night: Any) -> None:
    assert (night.done.texts, night.done.new, night.done.scored) == (8, 8, 8)
    assert night.rows("select count(*) as n from core.fct_feedback") == [{"n": 9}]


def test_stars_stay_beside_what_the_text_says(night: Any) -> None:
    rows = night.rows(
        "select ref_id, text_language, sentiment_band, star_sentiment, is_disagreement "
        "from core.fct_feedback where kind = 'review'"
    )
    assert {row.pop("ref_id"): tuple(row.values()) for row in rows} == {
        "angry": ("zh", "negative", -1, False),
        "again": ("zh", "negative", -1, False),
        "sarcastic": ("zh", "negative", 1, True),
        "pleased": ("en", "positive", 1, False),
        "spoilt": ("en", "positive", -1, True),
        "middling": ("zh", "positive", 0, False),
        "foreign": ("other", None, 1, None),
        "wordless": ("none", None, 1, None),
    }
    survey = night.rows(
        "select score, star_sentiment, sentiment_band, is_disagreement "
        "from core.fct_feedback where kind = 'survey_comment'"
    )
    assert survey == [
        {"score": 10, "star_sentiment": 1, "sentiment_band": "negative", "is_disagreement": True}
    ]


def test_the_words_that_decided_are_cut_from_the_text(night: Any) -> None:
    rows = night.rows("select text, sentiment_phrases from core.fct_feedback")
    told = {row["text"]: row["sentiment_phrases"] for row in rows}
    english = told["The tea is delicious and the staff were very friendly."]
    assert set(english.split(" | ")) == {"+delicious", "+friendly"}
    assert told["とても美味しいです"] is None
    for text, phrases in told.items():
        for phrase in (phrases or "").split(" | "):
            assert phrase[1:] in text


def test_one_version_is_named_per_language(night: Any) -> None:
    rows = night.rows(
        "select text_language, string_agg(distinct model_version, ',') as versions "
        "from core.fct_feedback group by 1"
    )
    versions = {row["text_language"]: row["versions"] for row in rows}
    assert versions["other"] == versions["none"] == "none"
    assert versions["zh"].startswith("zh-lexicon-bixin-")
    assert versions["en"].startswith("en-lexicon-vader-")


def test_aspects_stand_with_the_polarity_of_their_clause(night: Any) -> None:
    rows = night.rows(
        "select found.ref_id, found.aspect, found.polarity, aspects.qsc_class, found.words "
        "from core.fct_feedback_aspect as found join core.dim_aspect as aspects using (aspect_key) "
        "where found.ref_id in ('angry', 'pleased')"
    )
    found = {(row["ref_id"], row["aspect"]): row["polarity"] for row in rows}
    assert found[("angry", "delivery")] == -1
    assert found[("angry", "staff_attitude")] == -1
    assert {polarity for (ref, _), polarity in found.items() if ref == "pleased"} == {1}
    assert all(row["words"] in SAID[row["ref_id"]][1] for row in rows)


def test_what_was_read_is_counted_by_language_and_day(night: Any) -> None:
    rows = night.rows(
        "select language, feedback, scored, not_scorable, unread, by_stars_only "
        "from quality.text_coverage"
    )
    assert {row.pop("language"): tuple(row.values()) for row in rows} == {
        "zh": (5, 5, 0, 0, 0),
        "en": (2, 2, 0, 0, 0),
        "other": (1, 0, 1, 0, 1),
        "none": (1, 0, 1, 0, 1),
    }


def test_each_reader_is_listed_with_what_it_read(night: Any) -> None:
    rows = night.rows(
        "select language, is_named, is_promoted, texts_scored from quality.text_model "
        "where texts_scored > 0"
    )
    assert {row.pop("language"): tuple(row.values()) for row in rows} == {
        "zh": (True, True, 4),
        "en": (True, True, 2),
        "other": (True, True, 1),
        "none": (True, True, 1),
    }


def test_a_text_that_was_not_read_breaks_the_rule_and_the_next_reading_mends_it(
    night: Any,
) -> None:
    rule = "text_coverage_every_text_is_scored_or_counted_as_not_scorable"
    night.change("update core.fct_feedback set model_version = null where ref_id = 'angry'")
    built = night.dbt("build", DAY, "--select", "text_coverage", "--exclude", "test_type:unit")
    assert rule in built.named("fail")
    night.build(DAY, "--select", "fct_feedback", "text_coverage").must_pass()
