"""Understanding what customers wrote: which texts are read tonight, and by which versions.

A release names one version per language. While a new one has not read all texts yet, releases go
on naming the old one, which reads what is new; the new one reads the rest by months, newest first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic

from orchestration.progress import Reporter
from orchestration.text_copies import note_copies
from orchestration.text_reading import Reader, Text, Texts, aspects_by, flags_by_rules
from orchestration.text_themes import note_themes
from verbatims.aspects.finder import AspectFinder
from verbatims.aspects.taxonomy import Taxonomy
from verbatims.noise import RULE_VERSION
from verbatims.noise.copies import COPY_RULES
from verbatims.sentiment.card import read_all
from verbatims.sentiment.engines import NO_ENGINE, Engines, engines, usable_engines
from verbatims.sentiment.lexicon import Engine, lexicon
from verbatims.sentiment.model import Model, ModelError
from verbatims.store import TextStore


@dataclass(frozen=True)
class Understood:
    """What a reading came to. `waiting` texts are still to be read by a version that is new."""

    texts: int
    new: int
    scored: int
    waiting: int
    seconds: float
    versions: Mapping[str, str]
    faults: tuple[str, ...] = ()
    """Models that could not be read, so that their language's lexicon answered."""

    @property
    def line(self) -> str:
        """In one line, for people."""
        told = f"{self.texts:,} texts, {self.new:,} of them new; {self.scored:,} scored"
        told += f" ({self.scored / self.seconds:,.0f} a second)" if self.scored else ""
        told += f"; {self.waiting:,} wait for a new version" if self.waiting else ""
        return told


@dataclass(frozen=True)
class Engineering:
    """What may read texts in a deployment: its models and lexicons, its taxonomies."""

    store: TextStore
    models: Path
    taxonomy: Taxonomy

    def wanted(self) -> dict[str, Engine]:
        """The promoted engine of each language. Raises ModelError."""
        return dict(engines(self.models).by_language)

    def usable(self, named: Mapping[str, str]) -> tuple[dict[str, Engine], dict[str, str]]:
        """The same; and why not, by language, where that can't be read.

        Then the version of `named` answers on, or the lexicon, if that is what can't be read.
        """
        found, faults = usable_engines(self.models)
        usable = dict(found.by_language)
        for language in faults:
            old = self.sentiment(language, named.get(language, ""))
            usable[language] = old or usable[language]
        return usable, {
            language: f"{fault} Until then {usable[language].version} answers."
            for language, fault in faults.items()
        }

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
        named_before = {name: was for (kind, name), was in before.items() if kind == "sentiment"}
        wanted, faults = engineering.usable(named_before)
        answering, lagging, left = _answering(engineering, wanted, texts, before, budget)
        reader.score(texts, texts.read_unread(), Engines(answering))
        named = [_row("sentiment", "none", lexicon("none").version)]
        named += [_row("sentiment", language, NO_ENGINE) for language in ("none", "other")]
        for language, engine in answering.items():
            _score_missing(reader, texts, language, engine)
            coming_version = lagging.get(language, engine).version
            named.append(_row("sentiment", language, engine.version, coming_version))
        finder, coming = _finders(engineering, texts, before, left)
        for notes in (aspects_by(finder), flags_by_rules()):
            reader.note(texts.read_without(notes), notes)
        named.append(_row("aspects", "all", finder.version, engineering.taxonomy.version))
        note_copies(texts, reader, as_of)
        note_themes(texts, reader, as_of, finder.version)
        named.append(_row("flags", "all", RULE_VERSION))
        named.append(_row("copies", "all", COPY_RULES))
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
    seconds = monotonic() - begun
    told = tuple(faults.values())
    return Understood(count, new, reader.scored, waiting, seconds, versions, told)


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
    wanted: Mapping[str, Engine],
    texts: Texts,
    before: Mapping[tuple[str, str], str],
    budget: int,
) -> tuple[dict[str, Engine], dict[str, Engine], int]:
    """What answers tonight, what will once it has read the rest, and what is left to read it."""
    answering, lagging = dict(wanted), {}
    for language, engine in wanted.items():
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
