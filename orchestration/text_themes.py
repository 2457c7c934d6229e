"""Emerging themes: looked for each night in what no aspect was found in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from orchestration.reading import literal
from orchestration.text_reading import Reader, Texts
from verbatims.store import TextStore
from verbatims.themes import Known, find_themes, known_themes, theme_rows
from verbatims.themes.finding import THEME_RULES, WINDOW

REMEMBERED = timedelta(days=90)
"""How long a theme that isn't found any more keeps its id for when it comes back."""


def note_themes(texts: Texts, reader: Reader, as_of: date, taxonomy_version: str) -> int:
    """Note the themes among what was said in the two windows up to `as_of`; returns how many.

    What is flagged as noise makes no theme. Nothing here reads what later nights found, so an
    earlier day can be looked at again.
    """
    until = datetime.combine(as_of, datetime.max.time())
    themes = find_themes(
        texts.without_aspect(taxonomy_version, until - 2 * WINDOW, until),
        until,
        known=list(_known(reader.store, as_of)),
        said=texts.said_by_language(until - 2 * WINDOW, until - WINDOW, until),
    )
    # a night that finds none says so, else what an earlier run of it found would go on standing
    rows = list(theme_rows(themes, as_of, taxonomy_version))
    reader.append("themes", THEME_RULES, rows or [{"as_of": as_of}])
    return len(themes)


def _known(store: TextStore, as_of: date) -> Iterator[Known]:
    with duckdb.connect() as connection:
        cursor = connection.execute(
            "select theme_id, language, first_seen, words, weights, as_of, scored_at "
            f"from read_parquet({literal(Path(store.glob('themes')))}, union_by_name = true) "
            "where theme_id is not null and as_of < ? and as_of >= ?",
            [as_of, as_of - REMEMBERED],
        )
        names = [column[0] for column in cursor.description]
        rows: list[dict[str, Any]] = [
            dict(zip(names, row, strict=True)) for row in cursor.fetchall()
        ]
    yield from known_themes(rows)
