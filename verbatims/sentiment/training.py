"""From rated texts to a model with its card, which answers only if it is better than what does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from verbatims.sentiment import card as cards
from verbatims.sentiment import fitting
from verbatims.sentiment.card import Card
from verbatims.sentiment.engines import LANGUAGES, promote, promoted, usable_engines
from verbatims.sentiment.examples import Chosen, Example, Rated, choose
from verbatims.sentiment.figures import LEAST_OF_EACH, Measured, area, measure
from verbatims.sentiment.grams import parameters
from verbatims.sentiment.lexicon import Engine
from verbatims.sentiment.model import Calibration, Model
from verbatims.sentiment.phrases import Floats

LEAST_LEARNED = 200
"""Pleased, and displeased, texts that a model needs to learn from."""
LEAST_CHANNELS = 3
"""Channels that it takes to judge how a model does on one that it has not seen."""


@dataclass(frozen=True)
class Outcome:
    """What became of one language: its card, or None with the reason."""

    language: str
    card: Card | None
    message: str


def train(
    rows: Iterable[Rated], models: Path, made_from: str, languages: Sequence[str] = LANGUAGES
) -> list[Outcome]:
    """Train a model for each language that has enough, into `models`. Raises ModelError.

    `made_from` says on the card where the texts came from.
    """
    promoted(models)  # what can't be read can't be added to: said before the work, not after it
    in_place, faults = usable_engines(models)
    found: list[Outcome] = []
    for language, chosen in choose(rows, languages).items():
        outcome = _train(language, chosen, models, made_from, in_place.by_language[language])
        if language in faults:
            outcome = replace(outcome, message=f"{faults[language]} {outcome.message}")
        found.append(outcome)
    return found


def _train(
    language: str, chosen: Chosen, models: Path, made_from: str, in_place: Engine
) -> Outcome:
    lacking = missing(chosen)
    if lacking:
        return Outcome(language, None, f"{lacking} Until then {in_place.version} answers.")
    model, unseen = make(language, chosen)
    held_out = _measured(model, chosen.held_out)
    before = _measured(in_place, chosen.held_out)
    promoted, verdict = _verdict(model, held_out, in_place, before)
    card = Card(
        version=model.version,
        language=language,
        made_from=made_from,
        window=[_day(chosen.oldest), _day(chosen.newest)],
        held_out_from=cards.held_out_from(chosen),
        texts=cards.texts_of(chosen),
        left_out=dict(chosen.left_out),
        channels=dict(sorted(Counter(one.channel for one in chosen.learned).items())),
        calibrated_channels=sorted(model.channels),
        neutral_band=list(model.neutral),
        held_out=held_out,
        left_out_channels=unseen,
        left_out_auc=cards.mean(list(unseen.values())),
        in_place={"version": in_place.version, "held_out": before},
        promoted=promoted,
        verdict=verdict,
        parameters=parameters(language) | {"C": fitting.STRENGTH},
    )
    if model.version != in_place.version:
        folder = models / model.version
        model.save(folder)
        cards.write(card, folder)
    if promoted:
        promote(models, language, model.version)
    return Outcome(language, card, verdict)


def evaluate(
    rows: Iterable[Rated], by_language: Mapping[str, Engine]
) -> dict[str, tuple[Measured, dict[str, int]]]:
    """What engines are worth on rated texts, by language; and what was not measured, by reason.

    All texts that were rated good or bad count, each once. A language without any is left out.
    """
    found: dict[str, tuple[Measured, dict[str, int]]] = {}
    for language, chosen in choose(rows, list(by_language)).items():
        rated = sorted([*chosen.learned, *chosen.held_out], key=lambda one: one.key)
        if rated:
            left_out = dict(chosen.left_out)
            if chosen.neutral:
                left_out["rated neither good nor bad"] = len(chosen.neutral)
            found[language] = (_measured(by_language[language], rated), left_out)
    return found


def missing(chosen: Chosen) -> str | None:
    """What there is too little of to train, in words; None where there is enough."""
    if not chosen.learned and not chosen.held_out:
        return "There are no rated texts to learn from."
    pleased = sum(one.feeling > 0 for one in chosen.learned)
    displeased = sum(one.feeling < 0 for one in chosen.learned)
    good = sum(one.feeling > 0 for one in chosen.held_out)
    bad = len(chosen.held_out) - good
    wanted = (
        ("pleased texts to learn from", pleased, LEAST_LEARNED),
        ("displeased texts to learn from", displeased, LEAST_LEARNED),
        ("pleased texts among the newest, to measure by", good, LEAST_OF_EACH),
        ("displeased texts among the newest, to measure by", bad, LEAST_OF_EACH),
    )
    lacks = [
        f"{have:,} of at least {least:,} {what}" for what, have, least in wanted if have < least
    ]
    if not lacks:
        return None
    aside = f" Left out: {cards.counted(chosen.left_out)}." if chosen.left_out else ""
    return f"Too few rated texts: {'; '.join(lacks)}.{aside}"


def make(language: str, chosen: Chosen) -> tuple[Model, dict[str, float | None]]:
    """A calibrated model, and the AUC on each channel by a model that had not seen it."""
    model = fitting.as_model(fitting.fit(chosen.learned, language), language, "")
    decisions, few = fitting.folded(chosen.learned, language)
    unseen = fitting.left_out(chosen.learned, language)
    model = replace(
        model,
        channels=fitting.calibrations(decisions, few),
        overall=_for_others(unseen, decisions, few),
    )
    scores = [_score(model, *pair) for pair in zip(decisions.tolist(), few, strict=True)]
    between = model.decisions([one.form for one in chosen.neutral]).tolist()
    neutral = fitting.neutral_band(
        [_score(model, *pair) for pair in zip(between, chosen.neutral, strict=True)],
        scores,
        [one.feeling for one in few],
    )
    model = replace(model, neutral=neutral)
    return replace(model, version=_version(model, chosen)), _areas(unseen)


def _for_others(
    unseen: Mapping[str, tuple[Floats, list[Example]]], decisions: Floats, few: list[Example]
) -> Calibration:
    """For channels without a calibration of their own, as if half of their texts were pleased.

    By how models did on channels that they had not seen, where there are three to judge by.
    """
    wide = [part for part in unseen.values() if len(fitting.calibrations(*part)) == 1]
    if len(wide) >= LEAST_CHANNELS:
        decisions = np.concatenate([part[0] for part in wide])
        few = [one for part in wide for one in part[1]]
    pleased = np.array([one.feeling > 0 for one in few])
    return fitting.calibrated(decisions, pleased, fitting.balance(few))


def _areas(unseen: Mapping[str, tuple[Floats, list[Example]]]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for channel, (decisions, examples) in unseen.items():
        pleased = np.array([one.feeling > 0 for one in examples])
        good = int(pleased.sum())
        enough = min(good, len(pleased) - good) >= LEAST_OF_EACH
        found[channel] = round(area(decisions, pleased), 4) if enough else None
    return found


def _measured(engine: Engine, examples: Sequence[Example]) -> Measured:
    """How an engine does on texts as they stand; what it can't tell counts as 0."""
    answers = engine.score_many(
        [one.rated.text for one in examples], [one.channel for one in examples]
    )
    return measure(
        [answer.score or 0.0 for answer in answers],
        [one.feeling for one in examples],
        [one.channel for one in examples],
    )


def _verdict(model: Model, mine: Measured, in_place: Engine, theirs: Measured) -> tuple[bool, str]:
    new, old = mine["auc"] or 0.0, theirs["auc"] or 0.0
    beside = (
        f"AUC {new:.4f} beside {old:.4f} of {in_place.version}, "
        f"accuracy {mine['overall']['accuracy']:.3f} beside {theirs['overall']['accuracy']:.3f}, "
        f"on the same {mine['overall']['n']:,} newest texts"
    )
    if model.version == in_place.version:
        return False, f"The same model is in place already: {model.version}."
    if new > old:
        return True, f"{model.version} answers from now on: {beside}."
    return False, f"{model.version} is no better, so {in_place.version} still answers: {beside}."


def _score(model: Model, decision: float, example: Example) -> float:
    return model.channels.get(example.channel, model.overall).score(decision)


def _version(model: Model, chosen: Chosen) -> str:
    """Language, kind, day of the newest text, and a hash of all that decides a score."""
    told = sha256("\n".join(model.grams).encode("utf-8"))
    told.update(np.round(np.concatenate([model.idf, model.weights]), 6).tobytes())
    told.update(
        repr(
            (round(model.intercept, 6), model.overall, dict(model.channels), model.neutral)
        ).encode()
    )
    newest = chosen.newest
    day = newest.strftime("%Y%m%d") if newest else "undated"
    return f"{model.language}-tfidf-{day}-{told.hexdigest()[:6]}"


def _day(time: object) -> str | None:
    return str(time)[:10] if time is not None else None
