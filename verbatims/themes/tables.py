"""Themes as rows of the lake, and back. They hold hashes of texts, never the texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from verbatims.themes.finding import THEME_RULES, Known, Theme

_SHOWN = 10


def theme_rows(
    themes: Iterable[Theme], as_of: date, taxonomy_version: str
) -> Iterator[dict[str, Any]]:
    """The rows of `lake/text/themes` (THEMES in verbatims/store.py) of a night.

    The themes are of texts in which this version of the taxonomy found no aspect.
    """
    told = {"as_of": as_of, "taxonomy_version": taxonomy_version, "rule_version": THEME_RULES}
    for theme in themes:
        yield _row(theme) | told


def known_themes(rows: Iterable[Mapping[str, Any]]) -> list[Known]:
    """Each theme of these rows of earlier nights, as it was last seen."""
    last = {
        row["theme_id"]: row
        for row in sorted(rows, key=lambda row: (row["as_of"], row["scored_at"]))
    }
    return [
        Known(
            row["theme_id"],
            row["language"],
            row["first_seen"],
            tuple(zip(row["words"], row["weights"], strict=True)),
        )
        for row in last.values()
    ]


def _row(theme: Theme) -> dict[str, Any]:
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
