"""Showing what is found in one text, for whoever extends the taxonomy."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from verbatims.aspects.taxonomy import Taxonomy
from verbatims.results import Mention

_SIGNS = {-1: "-", 0: "0", 1: "+"}


def print_mentions(
    console: Console, text: str, language: str, taxonomy: Taxonomy, mentions: list[Mention]
) -> None:
    """The mentions in `text`, and the rule behind each."""
    console.print(f"Taxonomy {escape(taxonomy.version)}, language {language}", soft_wrap=True)
    if not mentions:
        console.print("Nothing that the taxonomy knows.")
        return
    table = Table("aspect", "polarity", "where", "rule", "confidence")
    for mention in mentions:
        table.add_row(
            mention.aspect,
            _SIGNS[mention.polarity],
            escape(text[mention.start : mention.end]),
            escape(mention.rule),
            f"{mention.confidence:.2f}",
        )
    console.print(table)
