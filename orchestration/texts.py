"""Understanding what customers wrote: which texts are read tonight, and by which versions.

A release names one version per language. While a new one has not read all texts yet, releases go
on naming the old one, which reads what is new; the new one reads the rest by months, newest first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import duckdb

from orchestration.progress import Reporter
from orchestration.reading import literal
from verbatims.aspects.finder import AspectFinder
from verbatims.aspects.taxonomy import LANGUAGES, Taxonomy
from verbatims.noise import RULE_VERSION, flags_of
from verbatims.normal import normal
from verbatims.sentiment.card import read_all
from verbatims.sentiment.engines import NO_ENGINE, Engines, engines
from verbatims.sentiment.lexicon import Engine, lexicon
from verbatims.sentiment.model import Model, ModelError
from verbatims.store import TextStore, aspect_rows, flag_rows, score_row

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
class Understood:
    """What a reading came to. `waiting` texts are still to be read by a version that is new."""

    texts: int
    new: int
    scored: int
    waiting: int
    seconds: float
    versions: Mapping[str, str]

    @property
    def line(self) -> str:
        """In one line, for people."""
        told = f"{self.texts:,} texts, {self.new:,} of them new; {self.scored:,} scored"
        told += f" ({self.scored / self.seconds:,.0f} a second)" if self.scored else ""
        told += f"; {self.waiting:,} wait for a new version" if self.waiting else ""
        return told


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

    def __init__(self, connection: duckdb.DuckDBPyConnection, relation: str) -> None:
        self._connection = connection
        self._relation = relation

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
            yield cls(connection, relation)

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
                self._append("scores", version, [r for r in rows if r["model_version"] == version])
            texts.note_scores(rows)
            self.scored += len(batch)
            self.progress(len(batch))
        return self.scored - before

    def note(self, chosen: Iterator[Text], notes: Notes) -> int:
        """Note what there is to note of texts whose language is known; returns how many."""
        read = 0
        for batch in _batches(chosen):
            rows = [row for text in batch for row in notes.rows(text)]
            self._append(notes.table, notes.version, rows)
            read += len(batch)
            self.progress(len(batch))
        return read

    def _append(self, table: str, version: str, rows: Sequence[Mapping[str, Any]]) -> None:
        told = {"scored_at": self.clock(), "run_id": self.run_id}
        self.store.append(table, version, [{**row, **told} for row in rows], self.run_id)


@dataclass(frozen=True)
class Engineering:
    """What may read texts in a deployment: its models and lexicons, its taxonomies."""

    store: TextStore
    models: Path
    taxonomy: Taxonomy

    def wanted(self) -> dict[str, Engine]:
        """The promoted engine of each language. Raises ModelError."""
        return dict(engines(self.models).by_language)

    def sentiment(self, language: str, version: str) -> Engine | None:
        """The engine of that version, where it can still be had."""
        known = lexicon(language)
        if known.version == version:
            return known
        try:
            return Model.load(self.models / version)
        except ModelError:
            return None

    def finder(self, version: str) -> AspectFinder | None:
        """The finder of that version of the taxonomy, where a copy was kept."""
        if version == self.taxonomy.version:
            return AspectFinder(self.taxonomy)
        kept = self.store.taxonomy(version)
        return None if kept is None else AspectFinder(kept)


def understand(
    engineering: Engineering,
    reader: Reader,
    warehouse: Path,
    relation: str,
    *,
    as_of: date,
    budget: int,
) -> Understood:
    """Read what a release needs, name its versions, then read for new versions.

    A new version is named once no more than `budget` texts have to be read again by it, which are
    then read at once; before, `budget` of them are read each night.
    """
    begun = monotonic()
    store = engineering.store
    store.keep_taxonomy(engineering.taxonomy)
    before = {(row["kind"], row["language"]): row["version"] for row in store.named()}
    with Texts.of(warehouse, relation, store) as texts:
        count, new = texts.count(), texts.unread()
        answering, lagging, left = _answering(engineering, texts, before, budget)
        reader.score(texts, texts.read_unread(), Engines(answering))
        named = [_row("sentiment", "none", lexicon("none").version)]
        named += [_row("sentiment", language, NO_ENGINE) for language in ("none", "other")]
        for language, engine in answering.items():
            _score_missing(reader, texts, language, engine)
            wanted = lagging.get(language, engine).version
            named.append(_row("sentiment", language, engine.version, wanted))
        finder, coming = _finders(engineering, texts, before, left)
        for notes in (aspects_by(finder), flags_by_rules()):
            reader.note(texts.read_without(notes), notes)
        named.append(_row("aspects", "all", finder.version, engineering.taxonomy.version))
        named.append(_row("flags", "all", RULE_VERSION))
        store.decide(reader.run_id, as_of, reader.clock(), named)
        waiting = 0
        for language, engine in lagging.items():
            chosen = _first(texts.read_missing(language, [engine.version]), left)
            left -= reader.score(texts, chosen, engine)
            waiting += texts.missing(language, [engine.version])
        if coming is not None:
            reader.note(_first(texts.read_without(aspects_by(coming)), left), aspects_by(coming))
    store.keep_cards(
        read_all(engineering.models), [row["version"] for row in named if row["version"]]
    )
    versions = {f"{row['kind']} {row['language']}": row["version"] for row in named}
    return Understood(count, new, reader.scored, waiting, monotonic() - begun, versions)


def catch_up(
    engineering: Engineering,
    reader: Reader,
    texts: Texts,
    reporter: Reporter,
    *,
    model: str | None = None,
    aspects_only: bool = False,
) -> Understood:
    """Read all that is missing under the wanted versions now; names none of them.

    `model` scores the texts of its language by that version, and does nothing else. Raises
    ModelError.
    """
    begun = monotonic()
    wanted = engineering.wanted()
    if model is not None:
        chosen = Model.load(engineering.models / model)
        wanted = {chosen.language: chosen}
    count, new = texts.count(), texts.unread()
    if not aspects_only:
        unread = 0 if model else new
        by = {name: texts.missing(name, [engine.version]) for name, engine in wanted.items()}
        total = unread + sum(by.values())
        with reporter.step("Score what customers wrote", total):
            reader.progress = reporter.counter("texts", total)
            if unread:
                reader.score(texts, texts.read_unread(), Engines(wanted))
            for language, engine in wanted.items():
                _score_missing(reader, texts, language, engine)
    if model is None:
        engineering.store.keep_taxonomy(engineering.taxonomy)
        notes = aspects_by(AspectFinder(engineering.taxonomy))
        total = texts.without(notes)
        with reporter.step("Find what they speak of", total):
            reader.progress = reporter.counter("texts", total)
            reader.note(texts.read_without(notes), notes)
    versions = {language: engine.version for language, engine in wanted.items()}
    return Understood(count, new, reader.scored, 0, monotonic() - begun, versions)


def _answering(
    engineering: Engineering,
    texts: Texts,
    before: Mapping[tuple[str, str], str],
    budget: int,
) -> tuple[dict[str, Engine], dict[str, Engine], int]:
    """What answers tonight, what will once it has read the rest, and what is left to read it."""
    answering, lagging = engineering.wanted(), {}
    for language, engine in list(answering.items()):
        named = before.get(("sentiment", language), engine.version)
        if named == engine.version:
            continue
        again = texts.missing(language, [engine.version])
        old = engineering.sentiment(language, named) if again > budget else None
        if old is None:
            budget -= min(again, budget)
        else:
            answering[language], lagging[language] = old, engine
    return answering, lagging, budget


def _finders(
    engineering: Engineering,
    texts: Texts,
    before: Mapping[tuple[str, str], str],
    budget: int,
) -> tuple[AspectFinder, AspectFinder | None]:
    """What finds aspects tonight, and what will once it has read the rest (None: the same)."""
    wanted = AspectFinder(engineering.taxonomy)
    named = before.get(("aspects", "all"), wanted.version)
    if named != wanted.version and texts.without(aspects_by(wanted)) > budget:
        old = engineering.finder(named)
        if old is not None:
            return old, wanted
    return wanted, None


def _score_missing(reader: Reader, texts: Texts, language: str, engine: Engine) -> None:
    """Score the texts of a language that other versions have read."""
    chosen = texts.read_missing(language, [engine.version])
    reader.score(texts, chosen, engine)


def _row(kind: str, language: str, version: str, wanted: str | None = None) -> dict[str, str]:
    return {"kind": kind, "language": language, "version": version, "wanted": wanted or version}


def _first(texts: Iterator[Text], count: int) -> Iterator[Text]:
    for _, text in zip(range(count), texts, strict=False):
        yield text


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
