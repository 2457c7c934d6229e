"""What every survey format is read into: the columns of a form, and how to judge a response."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

ResponseStatus = Literal["complete", "partial", "preview", "spam", "test"]

Kind = Literal["question", "built_in", "personal", "technical"]
"""question: lands as an answer. built_in: the tool's own data, read only in a role. personal: never
lands, is hashed in a role. technical: timings and browsers, neither answer nor role."""

Head = list[list[str]]
"""The first rows of a file, as wide as its columns."""


@dataclass(frozen=True)
class Column:
    """One column of a form.

    `header` is unique in the file; `question_id` too, and stays when a question is reworded, as far
    as the format allows; `names` is all that a config may call it by; `role` is the part that the
    format itself gives it.
    """

    position: int
    header: str
    text: str
    question_id: str
    kind: Kind = "question"
    names: tuple[str, ...] = ()
    role: str | None = None


@dataclass(frozen=True)
class Form:
    """A file's columns; the zone of its times when the file states one; the judge of a row."""

    columns: tuple[Column, ...]
    status: Callable[[Sequence[str]], ResponseStatus]
    zone: ZoneInfo | None = None


@dataclass(frozen=True)
class Reader:
    """One format. `recognise` says why a file is of it, or None; `expects` what it looks like."""

    name: str
    expects: str
    recognise: Callable[[Head], str | None]
    header_rows: Callable[[Head], int]
    form: Callable[[Head], Form]
