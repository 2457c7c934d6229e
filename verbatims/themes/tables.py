"""Themes as tables of the lake, and back. They hold hashes of texts, never the texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from verbatims.themes.finding import THEME_RULES, Known, Theme

THEMES = pa.schema(
    [
        pa.field("dt", pa.date32()),
        pa.field("theme_id", pa.string()),
        pa.field("language", pa.string()),
        pa.field("first_seen", pa.date32()),
        pa.field("keywords", pa.list_(pa.string())),
        pa.field("weights", pa.list_(pa.float64())),
        pa.field("texts", pa.int64()),
        pa.field("n_now", pa.int64()),
        pa.field("n_before", pa.int64()),
        pa.field("said_now", pa.int64()),
        pa.field("said_before", pa.int64()),
        pa.field("growth", pa.float64()),
        pa.field("growth_low", pa.float64()),
        pa.field("growth_high", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("q_value", pa.float64()),
        pa.field("cohesion", pa.float64()),
        pa.field("sampling_share", pa.float64()),
        pa.field("exemplar_1", pa.string()),
        pa.field("exemplar_2", pa.string()),
        pa.field("exemplar_3", pa.string()),
        pa.field("taxonomy_version", pa.string()),
        pa.field("rule_version", pa.string()),
    ]
)
"""One row per night and theme. Exemplars are text hashes."""

THEME_TEXTS = pa.schema(
    [
        pa.field("dt", pa.date32()),
        pa.field("theme_id", pa.string()),
        pa.field("text_hash", pa.string()),
    ]
)
"""One row per night, theme and distinct text of it that was read."""


def themes_table(themes: Iterable[Theme], dt: date, taxonomy_version: str) -> pa.Table:
    """The themes of the night `dt`, found in texts that this version of the taxonomy left over."""
    rows = [_row(theme, dt, taxonomy_version) for theme in themes]
    return pa.Table.from_pylist(rows, schema=THEMES)


def texts_table(themes: Iterable[Theme], dt: date) -> pa.Table:
    """Which texts belong to which theme on the night `dt`."""
    rows = [
        {"dt": dt, "theme_id": theme.theme_id, "text_hash": text_hash}
        for theme in themes
        for text_hash in theme.text_hashes
    ]
    return pa.Table.from_pylist(rows, schema=THEME_TEXTS)


def known_themes(table: pa.Table) -> list[Known]:
    """Each theme of the nights in `table`, as it was last seen."""
    rows: list[Mapping[str, Any]] = table.sort_by("dt").to_pylist()
    last = {row["theme_id"]: row for row in rows}
    return [
        Known(
            row["theme_id"],
            row["language"],
            row["first_seen"],
            tuple(zip(row["keywords"], row["weights"], strict=True)),
        )
        for row in last.values()
    ]


def _row(theme: Theme, dt: date, taxonomy_version: str) -> dict[str, object]:
    exemplars = [exemplar.text_hash for exemplar in theme.exemplars]
    return {
        "dt": dt,
        "theme_id": theme.theme_id,
        "language": theme.language,
        "first_seen": theme.first_seen,
        "keywords": [word for word, _ in theme.keywords],
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
        **{f"exemplar_{place + 1}": text for place, text in enumerate(exemplars)},
        "taxonomy_version": taxonomy_version,
        "rule_version": THEME_RULES,
    }
