"""Showing what was trained: what answers for each language, and the models with their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from orchestration.text_training import Labelled
from verbatims.sentiment.card import Card
from verbatims.sentiment.figures import Figures, Measured
from verbatims.sentiment.training import Outcome

_SHOWN = 5


def print_labelled(console: Console, found: Labelled) -> None:
    """How a labelled file was read, and what of it could not be used."""
    console.print(f"Labels read as {found.read_as}; {len(found.rows):,} rows", soft_wrap=True)
    for reason, count in sorted(found.unusable.items()):
        console.print(f"{count:,} rows {reason}", soft_wrap=True)
    if found.unknown:
        shown = ", ".join(repr(label) for label, _ in found.unknown.most_common(_SHOWN))
        console.print(f"Labels that are not known: {shown}", soft_wrap=True)


def print_measured(
    console: Console, language: str, version: str, measured: Measured, left_out: Mapping[str, int]
) -> None:
    """What one engine is worth on labelled texts, by channel."""
    console.print(f"{_LANGUAGES.get(language, language)}: {version}", soft_wrap=True)
    if left_out:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in left_out.items())
        console.print(f"  not used: {reasons}", soft_wrap=True)
    table = Table("channel", "n", "pleased", "AUC", "accuracy", "Brier")
    for channel, figures in measured["channels"].items():
        table.add_row(channel, *_figures(figures))
    table.add_row("all", *_figures(measured["overall"]))
    console.print(table)


def print_outcome(console: Console, outcome: Outcome) -> None:
    """What became of one language, and the figures of its model by channel."""
    console.print(f"{outcome.language}: {outcome.message}", soft_wrap=True)
    card = outcome.card
    if card is None:
        return
    texts = card["texts"]
    console.print(
        f"  learned from {texts['learned']:,} texts ({texts['pleased']:,} pleased, "
        f"{texts['displeased']:,} displeased), measured on the {texts['held_out']:,} newest"
        + (f" (from {card['held_out_from']})" if card["held_out_from"] else ""),
        soft_wrap=True,
    )
    if card["left_out"]:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in card["left_out"].items())
        console.print(f"  not used: {reasons}", soft_wrap=True)
    table = Table("channel", "n", "pleased", "AUC", "accuracy", "Brier", "AUC if left out")
    unseen = card["left_out_channels"]
    for channel, figures in card["held_out"]["channels"].items():
        table.add_row(channel, *_figures(figures), _share(unseen.get(channel)))
    table.add_row("all", *_figures(card["held_out"]["overall"]), _share(card["left_out_auc"]))
    console.print(table)


def print_models(console: Console, versions: Mapping[str, str], cards: Sequence[Card]) -> None:
    """What answers, then every model that was trained."""
    for language, version in sorted(versions.items()):
        console.print(f"{_LANGUAGES.get(language, language)}: {version}")
    known = {card["version"] for card in cards}
    for version in sorted(version for version in versions.values() if "-tfidf-" in version):
        if version not in known:
            console.print(
                f"{version} has no card that can be read, so nobody knows what it is worth: "
                "restore its card.json, or measure it with voc text evaluate.",
                soft_wrap=True,
            )
    if not cards:
        console.print("No model was trained yet. Train one: voc text train")
        return
    table = Table()
    for name in ("model", "texts", "window", "AUC", "accuracy", "Brier", "if left out", "before"):
        table.add_column(name, overflow="fold", no_wrap=name == "model")
    table.add_column("", no_wrap=True)
    for card in cards:
        figures, before = card["held_out"], card["in_place"]
        first, last = card["window"]
        table.add_row(
            card["version"],
            f"{card['texts']['learned']:,}",
            f"{first} to {last}" if first else "undated",
            _share(figures["auc"]),
            f"{figures['overall']['accuracy']:.3f}",
            f"{figures['overall']['brier']:.3f}",
            _share(card["left_out_auc"]),
            f"{_share(before['held_out']['auc'])} {before['version']}",
            "answers" if card["version"] in versions.values() else "",
        )
    console.print(table)


_LANGUAGES = {
    "zh": "Chinese",
    "en": "English",
    "none": "no words, but emoji",
    "other": "other languages",
}


def _figures(figures: Figures) -> tuple[str, ...]:
    return (
        f"{figures['n']:,}",
        f"{figures['pleased']:.0%}",
        _share(figures["auc"]),
        f"{figures['accuracy']:.3f}",
        f"{figures['brier']:.3f}",
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
