"""What every survey format is read into: the columns of a form, and how to judge a response."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

from loaders.headers import folded

ResponseStatus = Literal["complete", "partial", "preview", "spam", "test"]

Kind = Literal["question", "built_in", "personal", "technical"]
"""question: lands as an answer. built_in: the tool's own data, read only in a role. personal: never
lands, is hashed in a role. technical: timings and browsers, neither answer nor role."""

Head = list[list[str]]
"""The first rows of a file, as wide as its columns."""


@dataclass(frozen=True)
class Column:
    """One column of a form.

    `given` is the header as it stands in the file, `header` unique in it; `question_id` too, and
    stays when a question is reworded, as far as the format allows; `names` is all that a config may
    call it by; `role` is the part that the format itself gives it; `blanks` are texts that the
    format writes where there is nothing; `labels` say what the codes in its cells mean.

    Of a question with several choices: `separator` stands between those of one cell, and is None
    where a cell is one answer. Or each choice has a column of its own: then `choice` is what it
    says, `question_id` and `text` are the question's and the same in all its columns, and a cell
    with one of `chosen` (with nothing there: the choice again, or whatever doesn't say no)
    means that it was chosen.
    `aside` are the marks around what a person wrote beside a choice.
    """

    position: int
    given: str
    header: str
    text: str
    question_id: str
    kind: Kind = "question"
    names: tuple[str, ...] = ()
    role: str | None = None
    separator: str | None = None
    blanks: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    choice: str | None = None
    chosen: frozenset[str] = frozenset()
    aside: tuple[str, str] | None = None

    def value(self, cells: Sequence[str]) -> str:
        """This column's cell of a row; empty where the format says that there is nothing."""
        cell = cells[self.position]
        return "" if self.blanks and cell.strip() in self.blanks else cell


@dataclass(frozen=True)
class Form:
    """A file's columns; the judge of a row; the zone that the file says its times are in.

    `zone` is None where it says none, or one that is not known. `notes` tell what a person should
    know of how this file is read. `stray` says why a row is no response; None for nearly all.
    """

    columns: tuple[Column, ...]
    status: Callable[[Sequence[str]], ResponseStatus]
    zone_said: str = ""
    zone: ZoneInfo | None = None
    notes: tuple[str, ...] = ()
    stray: Callable[[Sequence[str]], str | None] = lambda _: None

    def called(self, name: str) -> list[Column]:
        """The columns that a config may mean by `name`: by header first, then by any other name."""
        for names in (
            [(c, {c.given, c.header}) for c in self.columns],
            [(c, {f"{c.header}__1"}) for c in self.columns],
        ):
            found = [c for c, known in names if name in known]
            if found:
                return found
        key = folded(name)
        return [c for c in self.columns if any(folded(n) == key for n in c.names if n)]

    def only_name(self, column: Column) -> str:
        """A name that only this column has: of equal headers, the first is X__1."""
        names = (column.header, f"{column.header}__1", column.question_id, column.text)
        return next((n for n in names if self.called(n) == [column]), column.header)


@dataclass(frozen=True)
class Reader:
    """One format. `recognise` says why a file is of it, or None; `expects` what it looks like."""

    name: str
    expects: str
    recognise: Callable[[Head], str | None]
    header_rows: Callable[[Head], int]
    form: Callable[[Head], Form]
