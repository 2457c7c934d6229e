"""Themes as tables of the lake, and back. They hold hashes of texts, never the texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from lake.entities import DAY, REAL, STAMP, TEXT, WHOLE
from verbatims.themes.finding import THEME_RULES, Known, Theme

_SHOWN = 10
THEMES = pa.schema(
    [
        ("run_id", TEXT),
        ("as_of", DAY),
        ("theme_id", TEXT),
        ("language", TEXT),
        ("first_seen", DAY),
        ("keywords", TEXT),  # the best ten, for people
        ("words", pa.list_(TEXT)),
        ("weights", pa.list_(REAL)),
        ("texts", WHOLE),
        ("n_now", WHOLE),
        ("n_before", WHOLE),
        ("said_now", WHOLE),
        ("said_before", WHOLE),
        ("growth", REAL),
        ("growth_low", REAL),
        ("growth_high", REAL),
        ("p_value", REAL),
        ("q_value", REAL),
        ("cohesion", REAL),
        ("sampling_share", REAL),
        ("exemplar_1", TEXT),
        ("exemplar_2", TEXT),
        ("exemplar_3", TEXT),
        ("taxonomy_version", TEXT),
        ("rule_version", TEXT),
        ("found_at", STAMP),
    ]
)
"""One row per run and theme. Exemplars are hashes of texts."""
THEME_TEXTS = pa.schema(
    [
        ("run_id", TEXT),
        ("as_of", DAY),
        ("theme_id", TEXT),
        ("text_hash", TEXT),
        ("found_at", STAMP),
    ]
)
"""One row per run, theme and distinct text of it that was read."""


def themes_table(
    themes: Iterable[Theme], *, run_id: str, as_of: date, at: datetime, taxonomy_version: str
) -> pa.Table:
    """The themes of a run, found in texts that this version of the taxonomy left over."""
    told = {
        "run_id": run_id,
        "as_of": as_of,
        "found_at": at,
        "taxonomy_version": taxonomy_version,
        "rule_version": THEME_RULES,
    }
    return pa.Table.from_pylist([_row(theme) | told for theme in themes], schema=THEMES)


def texts_table(themes: Iterable[Theme], *, run_id: str, as_of: date, at: datetime) -> pa.Table:
    """Which texts belong to which theme of a run."""
    told = {"run_id": run_id, "as_of": as_of, "found_at": at}
    rows = [
        {"theme_id": theme.theme_id, "text_hash": text_hash} | told
        for theme in themes
        for text_hash in theme.text_hashes
    ]
    return pa.Table.from_pylist(rows, schema=THEME_TEXTS)


def known_themes(table: pa.Table) -> list[Known]:
    """Each theme of the runs in `table` (THEMES), as it was last seen."""
    order = [("as_of", "ascending"), ("found_at", "ascending")]
    rows: list[Mapping[str, Any]] = table.sort_by(order).to_pylist()
    last = {row["theme_id"]: row for row in rows}
    return [
        Known(
            row["theme_id"],
            row["language"],
            row["first_seen"],
            tuple(zip(row["words"], row["weights"], strict=True)),
        )
        for row in last.values()
    ]


def _row(theme: Theme) -> dict[str, object]:
    exemplars = [exemplar.text_hash for exemplar in theme.exemplars]
    words = [word for word, _ in theme.keywords]
    return {
        "theme_id": theme.theme_id,
        "language": theme.language,
        "first_seen": theme.first_seen,
        "keywords": ", ".join(words[:_SHOWN]),
        "words": words,
        "weights": [weight for _, weight in theme.keywords],
        "texts": theme.texts,
        "n_now": theme.n_now,
        "n_before": theme.n_before,
        "said_now": theme.said_now,
        "said_before": theme.said_before,
        "growth": theme.growth.ratio,
        "growth_low": theme.growth.low,
        "growth_high": theme.growth.high,
        "p_value": theme.growth.p_value,
        "q_value": theme.q_value,
        "cohesion": theme.cohesion,
        "sampling_share": theme.sampling_share,
        **{f"exemplar_{place}": text for place, text in enumerate(exemplars, 1)},
    }
