"""Noise and emerging themes: by texts labelled by hand, and on public reviews where they are.

The reviews lie beside the checkout, or where VOC_REVIEWS says; none of them is part of the project.
"""

from __future__ import annotations

import csv
import hashlib
import os
import resource
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from openpyxl import load_workbook
from rich.console import Console
from rich.table import Table

from orchestration.scaffold import scaffold_file
from verbatims.aspects.finder import AspectFinder
from verbatims.aspects.taxonomy import read_taxonomy
from verbatims.language import language_of
from verbatims.noise import Said, copies, copy_flag, flags_of
from verbatims.normal import Normal, normal
from verbatims.themes import Unnamed, find_themes

LABELLED = Path(__file__).parents[1] / "tests" / "data" / "noise.csv"
LEAST_PRECISION, LEAST_RECALL = 0.95, 0.8
SHOWN = 8
_USUAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "reviews"
_FILES = {
    "waimai_10k.csv": "review",
    "online_shopping_7_cats.csv": "review",
    "amazon_alexa.xlsx": "verified_reviews",
    "airline_tweets.csv": "text",
}
_THEME = 0.6  # share of texts of one matter from which on a theme is of it


def measure(console: Console) -> list[str]:
    """Print figures for labelled and given texts. Returns what is below its bound."""
    faults = _labelled(console)
    folder = Path(os.environ.get("VOC_REVIEWS", _USUAL))
    if all((folder / name).exists() for name in _FILES):
        _given(console, folder)
    return faults


def measure_themes(console: Console) -> list[str]:
    """Print the themes of given reviews once an aspect is out of the taxonomy."""
    folder = Path(os.environ.get("VOC_REVIEWS", _USUAL))
    if not all((folder / name).exists() for name in _FILES):
        return [f"{folder} lacks one of {', '.join(_FILES)}. Set VOC_REVIEWS to their folder."]
    for aspect, name in (("delivery", "waimai_10k.csv"), ("taste", "waimai_10k.csv")):
        _left_out(console, folder / name, aspect)
    return []


def _labelled(console: Console) -> list[str]:
    table = Table("kind", "right", "wrong", "missed", title="Noise: texts labelled by hand")
    counts: Counter[tuple[str, str]] = Counter()
    with LABELLED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            wanted = {row["kind"]} - {""}
            found = {flag.kind for flag in flags_of(*_read(row["text"]))}
            counts.update((kind, "right") for kind in found & wanted)
            counts.update((kind, "wrong") for kind in found - wanted)
            counts.update((kind, "missed") for kind in wanted - found)
    for kind in sorted({kind for kind, _ in counts}):
        table.add_row(kind, *(str(counts[kind, how]) for how in ("right", "wrong", "missed")))
    console.print(table)
    total = {how: sum(n for (_, is_), n in counts.items() if is_ == how) for _, how in counts}
    precision = total["right"] / (total["right"] + total.get("wrong", 0))
    recall = total["right"] / (total["right"] + total.get("missed", 0))
    console.print(f"precision {precision:.3f}, recall {recall:.3f}")
    faults = [("precision", precision, LEAST_PRECISION), ("recall", recall, LEAST_RECALL)]
    return [f"noise: {name} {is_:.3f} < {least}" for name, is_, least in faults if is_ < least]


def _given(console: Console, folder: Path) -> None:
    """What is flagged in given reviews, with the first few of each kind; speed; copies."""
    read = [(name, *_read(text)) for name in _FILES for text in _texts(folder / name)]
    began = time.process_time()
    flagged = [(flag, row) for row in read for flag in flags_of(*row[1:])]
    seconds = time.process_time() - began
    console.print(f"\n{len(read):,} given reviews, {len(read) / seconds:,.0f} a second of one core")
    for kind, count in Counter(flag.kind for flag, _ in flagged).most_common():
        console.print(f"{kind}: {count}")
        for flag, row in [pair for pair in flagged if pair[0].kind == kind][:SHOWN]:
            console.print(f"   {flag.evidence[:30]!r} in {row[1][:60]!r}", markup=False)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    said = (
        Said(_hash(text), text, f"author {number}", name, at, language)
        for number, (name, text, _, language) in enumerate(read)
    )
    began = time.process_time()
    groups = sorted(copies(said), key=lambda group: (-group.size, group.group_id))
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print(
        f"copies: {len(groups)} groups of {sum(group.size for group in groups)} reviews, "
        f"{len(read) / seconds:,.0f} a second, {peak:,.0f} MB with all the reviews"
    )
    for group in groups[:SHOWN]:
        told = f"{copy_flag(group).evidence}: {group.text[:50]!r}"
        console.print(f"   {told}", markup=False)


def _left_out(console: Console, path: Path, aspect: str) -> None:
    taxonomy = read_taxonomy(scaffold_file("taxonomy.yml"))
    others = {name: is_ for name, is_ in taxonomy.aspects.items() if name != aspect}
    finder = AspectFinder(taxonomy)
    without = AspectFinder(taxonomy.model_copy(update={"aspects": others}))
    night = datetime(2026, 11, 1, tzinfo=UTC)
    rows, about = [], {}
    for number, text in enumerate(_texts(path)):
        if without.find(text, "zh"):
            continue
        key = _hash(text)
        about[key] = any(mention.aspect == aspect for mention in finder.find(text, "zh"))
        rows.append(Unnamed(key, text, "zh", night - timedelta(days=7 * number % 56)))
    began = time.process_time()
    themes = find_themes(rows, night)
    seconds = time.process_time() - began
    of_it = {theme: sum(about[key] for key in theme.text_hashes) for theme in themes}
    mine = [theme for theme, count in of_it.items() if count >= _THEME * theme.texts]
    console.print(
        f"\n{path.name} without {aspect}: nothing found in {len(rows):,}, {sum(about.values()):,} "
        f"of them {aspect}. {len(themes)} themes in {seconds:.1f} s, {len(mine)} of them {aspect}, "
        f"with {sum(of_it[theme] for theme in mine) / sum(about.values()):.2f} of its texts"
    )
    for theme in themes:
        words = " ".join(word for word, _ in theme.keywords[:6])
        share = of_it[theme] / theme.texts
        console.print(f"   {theme.texts:>4} texts, {share:>4.0%} {aspect}: {words}", markup=False)


def _read(text: str) -> tuple[str, Normal, str]:
    language = language_of(text)
    return text, normal(text, language), language


def _texts(path: Path) -> Iterator[str]:
    column = _FILES[path.name]
    if path.suffix == ".xlsx":
        names, *rows = load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True)
        yield from (str(row[names.index(column)] or "") for row in rows)
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from (row[column] or "" for row in csv.DictReader(file))


def _hash(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
