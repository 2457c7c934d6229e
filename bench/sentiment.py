"""How good sentiment is on public reviews: trained on some, tested on others that it never saw.

The reviews lie beside the checkout, or where VOC_REVIEWS says (docs/texts.md names the files); none
of them is part of the project. Everything is fitted as `voc text train` does it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from rich.console import Console
from rich.table import Table

from orchestration.text_training import Columns, of_file
from verbatims.sentiment.examples import Example, Rated, choose
from verbatims.sentiment.figures import area
from verbatims.sentiment.fitting import fit

LEAST_AUC = 0.93
FOLDS = 5
_USUAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "reviews"
_ZONE = ZoneInfo("UTC")
_FILES = {
    "takeaway": ("waimai_10k.csv", Columns()),
    "shopping": ("online_shopping_7_cats.csv", Columns()),
    "alexa": ("amazon_alexa.xlsx", Columns(label="rating", time="date")),
    "tweets": ("airline_tweets.csv", Columns(time="tweet_created", date_order="mdy")),
}


def measure(console: Console) -> list[str]:
    """Print each AUC with its n. Returns what is wrong: a mean below .93, or no data."""
    folder = Path(os.environ.get("VOC_REVIEWS", _USUAL))
    lacking = [name for name, _ in _FILES.values() if not (folder / name).exists()]
    if lacking:
        return [
            f"{folder} has no {', '.join(lacking)}. Set VOC_REVIEWS to the folder of the reviews."
        ]
    return _chinese(console, folder) + _english(console, folder)


def _chinese(console: Console, folder: Path) -> list[str]:
    """Takeaway and all categories but one are learned from; the one left out is tested."""
    every = _examples("zh", [*_rated(folder, "takeaway"), *_rated(folder, "shopping")])
    table = _table("Chinese: takeaway and shopping without one category, tested on it")
    aucs = []
    for category in sorted({one.channel for one in every} - {_stem("takeaway")}):
        mine = [one for one in every if one.channel == category]
        others = [one for one in every if one.channel != category]
        decisions = fit(others, "zh").decisions([one.form for one in mine])
        aucs.append(_add(table, category, len(others), mine, decisions))
    console.print(table)
    return _judged(console, "Chinese, on a category left out", aucs)


def _english(console: Console, folder: Path) -> list[str]:
    """Both sets together, in folds; each text is scored by a model that has not seen it."""
    every = _examples("en", [*_rated(folder, "alexa"), *_rated(folder, "tweets")])
    decisions = np.zeros(len(every))
    for fold in range(FOLDS):
        others = [one for place, one in enumerate(every) if place % FOLDS != fold]
        forms = [one.form for one in every[fold::FOLDS]]
        decisions[fold::FOLDS] = fit(others, "en").decisions(forms)
    table = _table(f"English: cross-validated in {FOLDS} folds, neutral tweets and 3 stars apart")
    learned = len(every) * (FOLDS - 1) // FOLDS
    aucs = []
    for name in ("alexa", "tweets"):
        places = [place for place, one in enumerate(every) if one.channel == _stem(name)]
        mine = [every[place] for place in places]
        aucs.append(_add(table, name, learned, mine, decisions[places]))
    _add(table, "both together", learned, every, decisions)
    console.print(table)
    return _judged(console, "English, cross-validated", aucs)


def _rated(folder: Path, name: str) -> list[Rated]:
    file, columns = _FILES[name]
    return of_file(folder / file, columns, _ZONE).rows


def _stem(name: str) -> str:
    return Path(_FILES[name][0]).stem


def _examples(language: str, rows: Sequence[Rated]) -> list[Example]:
    chosen = choose(rows, [language])[language]
    return sorted([*chosen.learned, *chosen.held_out], key=lambda one: one.key)


def _table(title: str) -> Table:
    table = Table(title=title)
    for column in ("tested on", "learned from", "n", "pleased", "AUC", "accuracy"):
        table.add_column(column, justify="left" if column == "tested on" else "right")
    return table


def _add(
    table: Table, name: str, learned: int, mine: Sequence[Example], decisions: np.ndarray
) -> float:
    pleased = np.array([one.feeling > 0 for one in mine])
    auc = area(decisions, pleased)
    right = ((decisions > 0) == pleased).mean()
    table.add_row(
        *(name, f"{learned:,}", f"{len(mine):,}", f"{pleased.mean():.0%}"),
        *(f"{auc:.4f}", f"{right:.3f}"),
    )
    return auc


def _judged(console: Console, what: str, aucs: Sequence[float]) -> list[str]:
    mean = sum(aucs) / len(aucs)
    console.print(f"  {what}: mean AUC {mean:.4f} of {len(aucs)} (at least {LEAST_AUC})")
    return [] if mean >= LEAST_AUC else [f"{what}: the mean AUC is {mean:.4f}."]


if __name__ == "__main__":
    sys.exit(bool(measure(Console(width=120, highlight=False))))
