"""What customers wrote, through the real project: composed, read, joined to its stars."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestration.scaffold import scaffold_file
from orchestration.texts import Engineering, Reader, understand
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
