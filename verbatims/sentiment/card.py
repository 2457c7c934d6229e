"""The card of a model: what it was made from, how good it is, and why it answers or doesn't."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

from verbatims.sentiment.examples import Chosen
from verbatims.sentiment.figures import Measured

NAME = "card.json"


class InPlace(TypedDict):
    """What answered before, measured on the same held-out texts."""

    version: str
    held_out: Measured


class Card(TypedDict):
    """One model's card, as card.json holds it. Shares and areas are 0 to 1."""

    version: str
    language: str
    made_from: str
    window: list[str | None]  # first and last day of the texts
    held_out_from: str | None  # the day from which texts only measure
    texts: dict[str, int]  # learned, held_out, neutral
    left_out: dict[str, int]  # by reason
    channels: dict[str, int]  # texts that were learned from
    calibrated_channels: list[str]
    neutral_band: list[float]
    held_out: Measured
    left_out_channels: dict[str, float | None]  # AUC on a channel that was not learned from
    left_out_auc: float | None  # the mean of them
    in_place: InPlace
    promoted: bool
    verdict: str
    parameters: dict[str, Any]


def texts_of(chosen: Chosen) -> dict[str, int]:
    """How many texts served for what."""
    return {
        "learned": len(chosen.learned),
        "pleased": sum(one.feeling > 0 for one in chosen.learned),
        "displeased": sum(one.feeling < 0 for one in chosen.learned),
        "held_out": len(chosen.held_out),
        "neutral": len(chosen.neutral),
    }


def held_out_from(chosen: Chosen) -> str | None:
    """The day of the first text that only measures; None where no time is known."""
    times = [one.rated.said_at for one in chosen.held_out if one.rated.said_at is not None]
    return min(times).date().isoformat() if times else None


def write(card: Card, folder: Path) -> None:
    """Put the card beside its model."""
    text = json.dumps(card, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")


def read_all(models: Path) -> list[Card]:
    """The cards of a deployment, by version; folders without a readable card are none."""
    found: list[Card] = []
    for file in sorted(models.glob(f"*/{NAME}")):
        try:
            card: Any = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if _is_card(card, file.parent.name):
            found.append(card)
    return found


def _is_card(card: Any, version: str) -> bool:
    """Whether a file's content is the card of that version, with the figures that are shown."""
    try:
        figures = [
            number
            for measured in (card["held_out"], card["in_place"]["held_out"])
            for number in (measured["auc"], measured["overall"]["accuracy"])
        ]
        figures += [card["held_out"]["overall"]["brier"], card["left_out_auc"]]
        whole = Card.__annotations__.keys() <= card.keys() and len(card["window"]) == 2
        counts = card["texts"]["learned"]
    except (KeyError, TypeError, AttributeError):
        return False
    numbers = all(isinstance(one, float | int | None) for one in (*figures, counts))
    return whole and numbers and card["version"] == version


def mean(values: Sequence[float | None]) -> float | None:
    """The mean of those that are known."""
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 4) if known else None


def counted(names: Mapping[str, int]) -> str:
    """Counts in words: `12 in another language, 3 no words`."""
    return ", ".join(f"{count:,} {name}" for name, count in names.items())
