"""What the demo company's customers wrote, as two nights have read it."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest

from verbatims.store import TextStore

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("demo")]


def test_every_text_is_scored_or_counted_as_not_scorable(demo_nights: Any) -> None:
    (row,) = demo_nights.rows(
        "select cast(sum(feedback) as bigint) as said, cast(sum(scored) as bigint) as scored, "
        "cast(sum(not_scorable) as bigint) as not_scorable, cast(sum(unread) as bigint) as unread "
        "from quality.text_coverage"
    )
    (facts,) = demo_nights.rows("select count(*) as n from core.fct_feedback")
    assert facts["n"] > 2_000
    assert row["unread"] == 0
    assert row["said"] == facts["n"] == row["scored"] + row["not_scorable"]


def test_two_nights_have_read_each_text_once(demo_nights: Any) -> None:
    store = TextStore(demo_nights.home / "lake" / "text")
    with duckdb.connect() as connection:
        scored = connection.execute(
            "select count(*), count(distinct (text_hash, model_version)) from read_parquet(?)",
            [store.glob("scores")],
        ).fetchone()
    (texts,) = demo_nights.rows("select count(distinct text) as n from core.fct_feedback")
    assert scored == (texts["n"], texts["n"])


def test_the_manifest_names_the_one_version_of_each_language(demo_nights: Any) -> None:
    manifest = json.loads((demo_nights.home / "serving" / "manifest.json").read_text("utf-8"))
    named = {
        (row["language"], row["version"])
        for row in manifest["text_versions"]
        if row["kind"] == "sentiment"
    }
    found = demo_nights.rows(
        "select text_language as language, model_version as version "
        "from core.fct_feedback group by all"
    )
    assert {(row["language"], row["version"]) for row in found} <= named
    assert len({language for language, _ in named}) == 4
    assert {row["kind"] for row in manifest["text_versions"]} >= {"aspects", "flags"}


def test_aspects_stand_where_the_text_says_them(demo_nights: Any) -> None:
    (row,) = demo_nights.rows(
        "select count(*) as n, "
        "count(*) filter (where position(found.words in said.text) > 0) as there, "
        "count(distinct found.aspect) as aspects from core.fct_feedback_aspect as found "
        "join core.fct_feedback as said using (feedback_key)"
    )
    assert row["n"] == row["there"] > 1_000
    assert row["aspects"] > 5


def test_sentiment_follows_the_stars_more_often_than_not(demo_nights: Any) -> None:
    (row,) = demo_nights.rows(
        "select count(*) filter (where is_disagreement) as against, count(*) as n "
        "from core.fct_feedback where abs(star_sentiment) = 1 and sentiment_band <> 'neutral'"
    )
    assert 0 < row["against"] < 0.2 * row["n"]
