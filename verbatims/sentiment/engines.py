"""Which engine answers for a text: by its language, the promoted model, else the lexicon.

Models lie in a folder (`lake/text/models`), each in one of its own; `promoted.json` names one per
language. Texts in other languages get no score: their stars have to do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from verbatims.language import language_of
from verbatims.results import Sentiment
from verbatims.sentiment.lexicon import Engine, lexicon
from verbatims.sentiment.model import Model, ModelError

LANGUAGES = ("zh", "en")
NO_ENGINE = "none"
"""`model_version` of texts that no engine reads."""
_AT_ONCE = 8_000


@dataclass(frozen=True)
class Engines:
    """An engine per language."""

    by_language: Mapping[str, Engine]

    @property
    def versions(self) -> dict[str, str]:
        """What answers for each language, and for texts without words; nothing does for others."""
        told = {language: engine.version for language, engine in self.by_language.items()}
        return told | {"none": lexicon("none").version, "other": NO_ENGINE}

    def score_many(
        self, texts: Iterable[str], channels: Iterable[str | None] | None = None
    ) -> Iterator[Sentiment]:
        """The sentiment of each text, in order, with memory for some thousand texts."""
        given = ((text, None) for text in texts) if channels is None else None
        pairs = given or zip(texts, channels or (), strict=True)
        while batch := list(islice(pairs, _AT_ONCE)):
            yield from self._score(batch)

    def _score(self, batch: list[tuple[str, str | None]]) -> list[Sentiment]:
        languages = [language_of(text) for text, _ in batch]
        done = [_UNREAD] * len(batch)
        for language, engine in self.by_language.items():
            places = [place for place, found in enumerate(languages) if found == language]
            answers = engine.score_many(
                [batch[place][0] for place in places], [batch[place][1] for place in places]
            )
            for place, answer in zip(places, answers, strict=True):
                done[place] = answer
        for place, found in enumerate(languages):
            if found == "none":
                done[place] = _without_words(batch[place][0])
        return done


def engines(models: Path) -> Engines:
    """The engines of a deployment. Raises ModelError where a promoted model can't be read."""
    named = promoted(models)
    return Engines({language: _engine(models, language, named) for language in LANGUAGES})


def usable_engines(models: Path) -> tuple[Engines, dict[str, str]]:
    """The same, a lexicon in the place of a model that can't be read; and why, by language."""
    found: dict[str, Engine] = {}
    faults: dict[str, str] = {}
    for language in LANGUAGES:
        try:
            found[language] = _engine(models, language, promoted(models))
        except ModelError as fault:
            found[language] = lexicon(language)
            faults[language] = str(fault)
    return Engines(found), faults


def _engine(models: Path, language: str, named: Mapping[str, str]) -> Engine:
    if language not in named:
        return lexicon(language)
    model = Model.load(models / named[language])
    if model.language != language:
        raise ModelError(
            f"{models / 'promoted.json'} names {model.version} for {language!r}, but it is a "
            f"model of {model.language!r}. Name another, or take the line out."
        )
    return model


def promoted(models: Path) -> dict[str, str]:
    """Language -> version of the model that answers; empty where none was promoted yet."""
    file = models / "promoted.json"
    if not file.exists():
        return {}
    try:
        named: Any = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(named, dict):
            raise ValueError("it holds no names")
        return {str(language): str(name) for language, name in named.items()}
    except (OSError, ValueError) as fault:
        raise ModelError(f"{file} cannot be read: {fault}. Restore or remove it.") from fault


def promote(models: Path, language: str, name: str) -> None:
    """Let a model answer for its language from now on; one rename, so nobody sees half of it."""
    file = models / "promoted.json"
    named = promoted(models) | {language: name}
    fresh = file.with_suffix(".json.new")
    fresh.write_text(json.dumps(named, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(file)


def _without_words(text: str) -> Sentiment:
    """Emoji may tell how pleased somebody is; digits, masks and strokes don't."""
    found = next(lexicon("none").score_many([text]))
    return found if found.phrases else _UNREAD._replace(language="none")


_UNREAD = Sentiment(None, 0.0, None, (), "other", NO_ENGINE)
