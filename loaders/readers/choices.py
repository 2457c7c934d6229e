"""From a cell to the answers in it: one, one of each choice, or none where nothing was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from loaders.headers import folded
from loaders.readers.form import Column
from loaders.texts import tidy

ONE_OF_SEVERAL = "\x1f"
"""The separator of a column with one choice a cell, of a question that has several such columns."""

_NOT_CHOSEN = frozenset(
    {"0", "0.0", "false", "no", "not selected", "not checked", "unchecked", "n", "否", "未选"}
)


class Answer(NamedTuple):
    """What one question was answered: the words, what stood in the cell for them, the choice that
    it is of a question with several, and what was written beside it."""

    raw: str
    cell: str
    choice: str | None = None
    beside: str | None = None


def answers(column: Column, cells: Sequence[str], separator: str | None) -> list[Answer]:
    """The answers in a row's cell of `column`; choices between `separator`s, each once."""
    cell = column.value(cells)
    if not cell.strip():
        return []
    if column.choice is not None:
        return _of_own_column(column, cell)
    if separator is None:
        words, beside = _beside(column, cell)
        return [Answer(_label(column, words), words, None, beside)]
    found: dict[str, Answer] = {}
    for part in cell.split(separator):
        if not part.strip():
            continue
        words, beside = _beside(column, part.strip())
        label = _label(column, words)
        found.setdefault(label, Answer(label, words, label, beside))
    return list(found.values())


def _of_own_column(column: Column, cell: str) -> list[Answer]:
    words, beside = _beside(column, cell.strip())
    choice = column.choice or ""
    if column.chosen:
        is_chosen = words in column.chosen
    else:  # a choice may be called No: where the cell repeats it, it was chosen
        is_chosen = folded(words) == folded(choice) or not _says_no(words)
    return [Answer(choice, words, choice, beside)] if is_chosen else []


def _says_no(words: str) -> bool:
    return tidy(words).casefold() in _NOT_CHOSEN


def _label(column: Column, words: str) -> str:
    return column.labels.get(words.strip(), words)


def _beside(column: Column, words: str) -> tuple[str, str | None]:
    """`其他〖自己做〗` -> 其他 and 自己做; a text that is nothing but marked stays whole."""
    if column.aside is None:
        return words, None
    opening, closing = column.aside
    choice, mark, rest = words.strip().partition(opening)
    if not mark or not choice.strip() or not rest.endswith(closing):
        return words, None
    return choice.strip(), rest.removesuffix(closing).strip() or None
