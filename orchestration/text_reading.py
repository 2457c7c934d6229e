"""The texts of a warehouse file, and the reading of them into `lake/text`, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from orchestration.reading import literal
from verbatims.aspects.finder import AspectFinder
from verbatims.aspects.taxonomy import LANGUAGES
from verbatims.noise import RULE_VERSION, Said, flags_of
from verbatims.normal import normal
from verbatims.sentiment.engines import Engines
from verbatims.sentiment.lexicon import Engine
from verbatims.store import TextStore, aspect_rows, flag_rows, score_row
from verbatims.themes.sample import Unnamed

_BATCH_TEXTS, _BATCH_CHARACTERS = 10_000, 4_000_000
_MEMORY = "1GB"


@dataclass(frozen=True)
class Text:
    """A text to read. `channel` is None where it was said through several."""

    key: str
    text: str
    channel: str | None
    language: str | None  # None until it was read for the first time


@dataclass(frozen=True)
class Notes:
    """What is noted of texts in some languages besides their sentiment: a table, and its version.

    `rows` gives those of one text, one at least.
    """

    table: str
    version: str
    languages: tuple[str, ...]
    rows: Callable[[Text], Iterable[Mapping[str, Any]]]


def aspects_by(finder: AspectFinder) -> Notes:
    """The aspects that a finder finds."""
    return Notes(
        "aspects",
        finder.version,
        LANGUAGES,
        lambda text: aspect_rows(
            text.key, finder.version, finder.find(text.text, text.language or "")
        ),
    )


def flags_by_rules() -> Notes:
    """What the rules of noise find odd about a text by itself."""

    def rows(text: Text) -> Iterable[Mapping[str, Any]]:
        language = text.language or ""
        found = flags_of(text.text, normal(text.text, language), language)
        return flag_rows(text.key, RULE_VERSION, found)

    return Notes("flags", RULE_VERSION, (*LANGUAGES, "other", "none"), rows)


class Texts:
    """The distinct texts of one relation of a warehouse file, beside what has read them."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, relation: str, store: TextStore
    ) -> None:
        self._connection = connection
        self._relation = relation
        self._store = store

    @classmethod
    @contextmanager
    def of(cls, warehouse: Path, relation: str, store: TextStore) -> Iterator[Texts]:
        """The texts of `relation` (text, channel, said_at); both are only read."""
        with TemporaryDirectory(prefix="voc-texts-") as spill, duckdb.connect() as connection:
            connection.execute(f"set memory_limit = '{_MEMORY}'")
            connection.execute(f"set temp_directory = {literal(Path(spill))}")
            connection.execute(f"attach {literal(warehouse)} as warehouse (read_only)")
            connection.execute(
                f"""
                create table texts as
                select
                    md5(text) as text_hash,
                    min(rowid) as place,
                    case when count(distinct channel) = 1 then min(channel) end as channel,
                    coalesce(strftime(max(said_at), '%Y-%m'), '') as month
                from warehouse.{relation}
                where text is not null
                group by 1
                """
            )
            for table, columns in (
                ("scores", "text_hash, language, model_version as version"),
                ("aspects", "text_hash, taxonomy_version as version"),
                ("flags", "text_hash, rule_version as version"),
            ):
                connection.execute(
                    f"create table {table} as select distinct {columns} "
                    f"from read_parquet({literal(Path(store.glob(table)))}, union_by_name = true) "
                    "semi join texts using (text_hash)"
                )
            yield cls(connection, relation, store)

    def count(self) -> int:
        """How many there are."""
        return self._number("select count(*) from texts")

    def unread(self) -> int:
        """How many no version has read yet."""
        return self._number(f"select count(*) from texts where {_UNREAD}")

    def missing(self, language: str, versions: Sequence[str]) -> int:
        """How many texts of a language none of these versions of sentiment has read."""
        return self._number(f"select count(*) from ({_MISSING})", language, list(versions))

    def without(self, notes: Notes) -> int:
        """How many texts have not been read for these notes."""
        sql = f"select count(*) from ({_without(notes)})"
        return self._number(sql, list(notes.languages), notes.version)

    def read_unread(self) -> Iterator[Text]:
        """Those that no version has read yet."""
        return self._read(f"select *, cast(null as string) as language from texts where {_UNREAD}")

    def read_missing(self, language: str, versions: Sequence[str]) -> Iterator[Text]:
        """Those that `missing` counts, newest month first."""
        return self._read(_MISSING, language, list(versions))

    def read_without(self, notes: Notes) -> Iterator[Text]:
        """Those that `without` counts, newest month first."""
        return self._read(_without(notes), list(notes.languages), notes.version)

    def said(self, since: datetime | None, until: date) -> Iterator[Said]:
        """All things said whose text has been read, by their time; `author`, `unit_id` as given."""
        cursor = self._connection.cursor()
        cursor.execute(
            f"""
            select
                known.text_hash, said.text, said.author, nullif(said.unit_id, 'unknown'),
                said.said_at, known.language
            from warehouse.{self._relation} as said join {_LANGUAGES} as known
            on md5(said.text) = known.text_hash
            where said.said_at >= coalesce(?, said.said_at) and said.said_at < ?
            order by said.said_at, known.text_hash, said.author
            """,
            [since, until],
        )
        while rows := cursor.fetchmany(1_000):
            yield from (Said(*row) for row in rows)

    def without_aspect(
        self, taxonomy_version: str, since: datetime, until: datetime
    ) -> Iterator[Unnamed]:
        """Things said in which that version found no aspect, and the rules of noise nothing odd."""
        cursor = self._connection.cursor()
        cursor.execute(
            f"""
            select known.text_hash, said.text, known.language, said.said_at
            from warehouse.{self._relation} as said join {_LANGUAGES} as known
            on md5(said.text) = known.text_hash
            semi join (
                select text_hash from {self._noted("aspects")} where taxonomy_version = ?
                group by text_hash having count(aspect) = 0
            ) as unnamed on known.text_hash = unnamed.text_hash
            anti join (
                select text_hash from {self._noted("flags")} where rule_version = ?
                group by text_hash having count(flag) > 0
            ) as odd on known.text_hash = odd.text_hash
            where said.said_at > ? and said.said_at <= ?
            """,
            [taxonomy_version, RULE_VERSION, since, until],
        )
        while rows := cursor.fetchmany(1_000):
            yield from (Unnamed(*row) for row in rows)

    def said_by_language(
        self, since: datetime, middle: datetime, until: datetime
    ) -> dict[str, tuple[int, int]]:
        """How many things were said per language, up to the middle and after it."""
        found = self._connection.cursor().execute(
            f"""
            select
                known.language,
                count(*) filter (where said.said_at <= $middle),
                count(*) filter (where said.said_at > $middle)
            from warehouse.{self._relation} as said join {_LANGUAGES} as known
            on md5(said.text) = known.text_hash
            where said.said_at > $since and said.said_at <= $until
            group by known.language
            """,
            {"since": since, "middle": middle, "until": until},
        )
        return {language: (before, now) for language, before, now in found.fetchall()}

    def _noted(self, table: str) -> str:
        """A table of results with what was noted tonight, in SQL."""
        return f"read_parquet({literal(Path(self._store.glob(table)))}, union_by_name = true)"

    def note_scores(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """These have been scored just now."""
        names = ("text_hash", "language", "model_version")
        columns = [[row[name] for row in rows] for name in names]
        self._connection.cursor().execute(
            "insert into scores select unnest(?), unnest(?), unnest(?)", columns
        )

    def _read(self, chosen: str, *values: Any) -> Iterator[Text]:
        cursor = self._connection.cursor()
        cursor.execute(f"create or replace table chosen as {chosen}", values)
        months = cursor.execute("select distinct month from chosen order by 1 desc").fetchall()
        for (month,) in months:
            cursor.execute(
                "select chosen.text_hash, said.text, chosen.channel, chosen.language "
                f"from chosen join warehouse.{self._relation} as said "
                "on said.rowid = chosen.place where chosen.month = ?",
                [month],
            )
            while rows := cursor.fetchmany(1_000):
                yield from (Text(*row) for row in rows)

    def _number(self, sql: str, *values: Any) -> int:
        row = self._connection.execute(sql, values).fetchone()
        return int(row[0]) if row else 0


_UNREAD = "not exists (from scores where scores.text_hash = texts.text_hash)"
_LANGUAGES = "(select text_hash, min(language) as language from scores group by text_hash)"
_MISSING = f"""
    select texts.*, known.language
    from texts join {_LANGUAGES} as known using (text_hash)
    where known.language = ? and not exists (
        from scores
        where scores.text_hash = texts.text_hash and list_contains(?, scores.version)
    )
"""


def _without(notes: Notes) -> str:
    return f"""
        select texts.*, known.language
        from texts join {_LANGUAGES} as known using (text_hash)
        where list_contains(?, known.language) and not exists (
            from {notes.table} as noted
            where noted.text_hash = texts.text_hash and noted.version = ?
        )
    """


@dataclass
class Reader:
    """Reads texts into `lake/text`, a batch at a time.

    `progress` is told of each batch how many texts it had.
    """

    store: TextStore
    run_id: str
    clock: Callable[[], datetime]
    progress: Callable[[int], None] = lambda more: None
    scored: int = field(default=0, init=False)

    def score(self, texts: Texts, chosen: Iterator[Text], by: Engine | Engines) -> int:
        """Score texts, all by one engine or each by its language's; returns how many."""
        before = self.scored
        for batch in _batches(chosen):
            answers = by.score_many([t.text for t in batch], [t.channel for t in batch])
            rows = [
                score_row(text.key, text.channel, found)
                for text, found in zip(batch, answers, strict=True)
            ]
            for version in sorted({row["model_version"] for row in rows}):
                self.append("scores", version, [r for r in rows if r["model_version"] == version])
            texts.note_scores(rows)
            self.scored += len(batch)
            self.progress(len(batch))
        return self.scored - before

    def note(self, chosen: Iterator[Text], notes: Notes) -> int:
        """Note what there is to note of texts whose language is known; returns how many."""
        read = 0
        for batch in _batches(chosen):
            rows = [row for text in batch for row in notes.rows(text)]
            self.append(notes.table, notes.version, rows)
            read += len(batch)
            self.progress(len(batch))
        return read

    def append(self, table: str, version: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add a batch to a table, with when it was made and by which run."""
        told = {"scored_at": self.clock(), "run_id": self.run_id}
        self.store.append(table, version, [{**row, **told} for row in rows], self.run_id)


def _batches(texts: Iterator[Text]) -> Iterator[list[Text]]:
    batch: list[Text] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text.text)
        if len(batch) >= _BATCH_TEXTS or size >= _BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
