"""What the readers of survey formats share: columns from drafts, texts in one line, choices."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from loaders.headers import folded, unique
from loaders.readers.form import Column, Head, Kind

Own = dict[str, tuple[Kind, str | None]]
"""A tool's own columns: the folded header -> what kind it is, and the role that it plays."""

_TAGS = re.compile(
    r"</?(?:a|b|br|center|div|em|font|h[1-6]|hr|i|img|li|ol|p|small|span|strong|su[bp]|table|tbody"
    r"|td|tr|u|ul)\b[^<>]*>",
    re.I,
)


@dataclass(frozen=True)
class Draft:
    """A column as its format describes it; what is left empty follows from the header.

    The columns that are choices of one question have its `group`, a number that no other has, its
    text and its id.
    """

    header: str
    text: str = ""
    question_id: str = ""
    kind: Kind = "question"
    names: tuple[str, ...] = ()
    role: str | None = None
    separator: str | None = None
    blanks: frozenset[str] = frozenset()
    choice: str | None = None
    chosen: frozenset[str] = frozenset()
    group: int | None = None


def columns(drafts: Iterable[Draft], cells: Sequence[str] = ()) -> tuple[Column, ...]:
    """The columns of a form, in the order of the file; headers and question ids made unique.

    `cells`, one per column, are headers as the file has them, marks of the editor and all: a config
    may call the columns so, too.
    """
    given = list(drafts)
    headers = unique(d.header or f"column_{n}" for n, d in enumerate(given, start=1))
    ids = _question_ids(given, headers)
    return tuple(
        Column(
            position=n,
            given=draft.header,
            header=headers[n],
            text=draft.text or draft.header or headers[n],
            question_id=ids[n],
            kind=draft.kind,
            names=(headers[n], ids[n], draft.text, *draft.names, *cells[n : n + 1]),
            role=draft.role,
            separator=draft.separator,
            blanks=draft.blanks,
            choice=draft.choice,
            chosen=draft.chosen,
        )
        for n, draft in enumerate(given)
    )


def _question_ids(drafts: Sequence[Draft], headers: Sequence[str]) -> list[str]:
    """One id per column, and one for all columns of a group."""
    wanted: dict[tuple[str, int], str] = {}
    keys = []
    for n, (draft, header) in enumerate(zip(drafts, headers, strict=True)):
        key = ("column", n) if draft.group is None else ("group", draft.group)
        wanted.setdefault(key, unicodedata.normalize("NFC", one_line(draft.question_id or header)))
        keys.append(key)
    ids = dict(zip(wanted, unique(wanted.values()), strict=True))
    return [ids[key] for key in keys]


def one_line(text: str) -> str:
    """A text with every run of white space as one space."""
    return " ".join(text.split())


def label(cell: str) -> str:
    """A question's text in one line, without the marks of the editor that it was written in."""
    return one_line(_TAGS.sub(" ", cell))


def with_choice(question: str, choice: str) -> str:
    """One choice, or row, of a question: `Which do you drink? [Tea]`."""
    return f"{question} [{choice}]" if question and choice else question or choice


def is_choice(rows: Head, position: int, choice: str) -> bool:
    """Whether a column is one choice of several: wherever it is filled, the choice is repeated."""
    return are_choices(rows, {position: choice})


def are_choices(rows: Head, choices: Mapping[int, str]) -> bool:
    """Whether columns are choices of one question: filled somewhere, and with nothing but them."""
    said = [(folded(cell), folded(c)) for n, c in choices.items() for cell in filled(rows, n)]
    return bool(said) and all(cell == choice for cell, choice in said)


def filled(rows: Sequence[Sequence[str]], position: int) -> list[str]:
    """The cells of a column that hold something."""
    return [row[position] for row in rows if row[position].strip()]


def beginning(texts: Sequence[str]) -> str:
    """What all the texts begin with."""
    first, last = min(texts), max(texts)
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return first if same is None else first[:same]
