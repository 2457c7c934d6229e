"""Aspects: found and judged as in texts labelled by hand, and how many texts a second on one core.

Half of the invented texts were there to develop the rules with (`develop`); the other half was kept
apart and looked at for these figures alone (`kept`). Of given reviews (../shared), only the labels
are here, by the texts' hashes, in samples as they were drawn.
"""

from __future__ import annotations

import csv
import hashlib
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import load_workbook
from rich.console import Console
from rich.table import Table

from orchestration.scaffold import scaffold_file
from verbatims.aspects.finder import AspectFinder
from verbatims.aspects.taxonomy import read_taxonomy
from verbatims.results import Mention

LABELLED = Path(__file__).parents[1] / "tests" / "data" / "aspects.csv"
OTHER_HAND = LABELLED.with_name("aspects_other_hand.csv")
"""90 hard texts that a reviewer wrote and labelled without having seen the rules."""
GIVEN = LABELLED.with_name("aspects_given.csv")
REVIEWS = LABELLED.parents[3] / "shared" / "data" / "reviews"
LEAST_F1, LEAST_POLARITY = 0.85, 0.9
SHORT = 60  # characters of a short text
TEXTS = 20_000
_SIGNS = {"+": {1}, "-": {-1}, "=": {0}, "±": {1, -1}}

Judged = dict[str, set[int]]
"""Aspects with the polarities that a text gives them."""


@dataclass(frozen=True)
class Labelled:
    """A text with what a person found in it."""

    split: str
    language: str
    domain: str
    hard: str
    aspects: Judged
    text: str


@dataclass
class Score:
    """Aspects of texts: found rightly, found wrongly, missed; and the right ones judged rightly."""

    texts: int = 0
    right: int = 0
    wrong: int = 0
    missed: int = 0
    judged: int = 0

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)

    @property
    def polarity(self) -> float:
        return self.judged / max(1, self.right)

    def add(self, wanted: Judged, found: Judged) -> None:
        """Count one text."""
        both = wanted.keys() & found.keys()
        self.texts += 1
        self.right += len(both)
        self.wrong += len(found.keys() - wanted.keys())
        self.missed += len(wanted.keys() - found.keys())
        self.judged += sum(wanted[aspect] == found[aspect] for aspect in both)


def labelled_texts(path: Path = LABELLED) -> list[Labelled]:
    """The texts in `path`; `labels` are aspects ending with + - = (not judged) or ± (both)."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Labelled(
                row["split"], row["language"], row["domain"], row["hard"],
                _aspects(row["labels"]),
                row["text"],
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip


def given_texts(reviews: Path = REVIEWS) -> list[Labelled]:
    """Given reviews with their labels; none where the reviews are not here."""
    if not reviews.is_dir():
        return []
    with GIVEN.open(encoding="utf-8", newline="") as file:
        rows = {row["text_hash"]: row for row in csv.DictReader(file)}
    found = {}
    for name in {row["file"] for row in rows.values()}:
        for text in _cells(reviews / name):
            row = rows.get(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())
            if row is not None:
                found[text] = row
    return [
        Labelled(f"sample {row['sample']}", row["language"], "", "", _aspects(row["labels"]), text)
        for text, row in found.items()
    ]


def _cells(path: Path) -> Iterator[str]:
    if path.suffix == ".xlsx":
        sheet = load_workbook(path, read_only=True).worksheets[0]
        for row in sheet.iter_rows(values_only=True):
            yield from (cell for cell in row if isinstance(cell, str))
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        for cells in csv.reader(file):
            yield from cells


def _aspects(labels: str) -> Judged:
    return {one[:-1]: _SIGNS[one[-1]] for one in labels.split() if one != "none"}


def judged(mentions: Iterable[Mention]) -> Judged:
    """What a text's mentions say of each aspect; where something judges it, 0 is no word of it."""
    found: Judged = defaultdict(set)
    for mention in mentions:
        found[mention.aspect].add(mention.polarity)
    return {aspect: said - {0} or said for aspect, said in found.items()}


def scores(texts: Sequence[Labelled], finder: AspectFinder) -> dict[tuple[str, str], Score]:
    """A score by language and split, `all` included."""
    found: dict[tuple[str, str], Score] = defaultdict(Score)
    for text in texts:
        said = judged(finder.find(text.text, text.language))
        for language in (text.language, "all"):
            for split in (text.split, "all"):
                found[language, split].add(text.aspects, said)
    return dict(found)


def measure(console: Console) -> list[str]:
    """Print both tables. Returns the bounds that are broken."""
    finder = AspectFinder(read_taxonomy(scaffold_file("taxonomy.yml")))
    texts = labelled_texts()
    found = scores(texts, finder)
    _print_scores(console, f"{len(texts)} invented texts, taxonomy {finder.version}", found)
    others = labelled_texts(OTHER_HAND)
    _print_scores(console, f"{len(others)} texts by another hand", scores(others, finder))
    given = given_texts()
    if given:
        _print_scores(console, f"{len(given)} given reviews", scores(given, finder))
    _print_speed(console, finder, texts)
    whole = found["all", "all"]
    faults = []
    if whole.f1 < LEAST_F1:
        faults.append(f"micro F1 of the aspects is {whole.f1:.3f}, below {LEAST_F1}")
    if whole.polarity < LEAST_POLARITY:
        faults.append(f"polarity accuracy is {whole.polarity:.3f}, below {LEAST_POLARITY}")
    return faults


def _print_scores(console: Console, title: str, found: dict[tuple[str, str], Score]) -> None:
    table = Table(title=f"Aspects in {title}")
    for name in ("language", "split", "texts", "precision", "recall", "F1", "polarity"):
        table.add_column(name, justify="left" if name in ("language", "split") else "right")
    for (language, split), score in sorted(found.items()):
        rates = (score.precision, score.recall, score.f1, score.polarity)
        table.add_row(language, split, str(score.texts), *(f"{rate:.3f}" for rate in rates))
    console.print(table)


def _print_speed(console: Console, finder: AspectFinder, texts: Sequence[Labelled]) -> None:
    short = [text for text in texts if len(text.text) <= SHORT]
    for language in ("zh", "en"):
        mine = [text.text for text in short if text.language == language]
        many = (mine * (TEXTS // len(mine) + 1))[:TEXTS]
        began = time.process_time()
        for text in many:
            finder.find(text, language)
        took = time.process_time() - began
        letters = sum(map(len, many)) / len(many)
        speed = f"{len(many) / took:,.0f} texts a second"
        console.print(f"{language}: {speed} of {letters:.0f} characters each, on one core")
