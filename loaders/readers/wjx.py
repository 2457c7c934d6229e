"""问卷星 (wjx) exports, CSV and XLSX: one header row, with 序号, 提交答卷时间 and the like first.

A question's header is `6、兴趣爱好`; a matrix has a column for each of its rows, `5、满意度—口味`;
a question with several choices has one cell, `运动┋音乐`, or a column for each choice,
`第6题(运动)` with 1 or 0. What a person wrote beside a choice stands in 〖〗. A question's number
stays when it is reworded, so it is known by that: Q6, Q5_口味.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from loaders.headers import folded, unique
from loaders.readers.form import Column, Form, Head, Kind, Reader
from loaders.readers.shared import beginning
from loaders.readers.table import kind_of
from loaders.texts import trim

OWN: dict[str, tuple[Kind, str | None]] = {
    "序号": ("built_in", "response_id"),
    "提交答卷时间": ("built_in", "submitted_at"),
    "开始答卷时间": ("built_in", "started_at"),
    "所用时间": ("built_in", "duration_seconds"),
    "来源": ("built_in", None),
    "来源详情": ("built_in", None),
    "来自ip": ("personal", None),
    "总分": ("question", None),
}
"""问卷星's own columns -> their kind, and the role they play when the config gives it to none."""

_TELLING = ("提交答卷时间", "所用时间", "来源详情", "来自ip")
SEPARATOR = "┋"
ASIDE = ("〖", "〗")
BLANKS = frozenset({"-3", "-2", "(跳过)", "（跳过）", "(空)", "（空）"})
"""Skipped (-3) and not answered (-2), as codes and as words."""

_NUMBERED = re.compile(r"(\d{1,4})\s*[、.．:：]\s*(.*)", re.S)
_PART = re.compile(r"(?:第\s*(\d{1,4})\s*题|(\d{1,4}))\s*[(（〖](.*)[)）〗]", re.S)
_BETWEEN = re.compile(r"—+|-{1,2}|–|[:：]|[(（〖]")
_CLOSING = {"(": ")", "（": "）", "〖": "〗"}


@dataclass(frozen=True)
class _Asked:
    """What one header says: the number of its question, the question, the row or choice of it."""

    number: str | None
    title: str
    part: str | None = None


def _recognise(head: Head) -> str | None:
    found = [trim(cell) for cell in head[0] if folded(cell) in OWN] if head else []
    if sum(folded(name) in _TELLING for name in found) < 2:
        return None
    return f"one header row with 问卷星's own columns {', '.join(found)}"


def _form(head: Head) -> Form:
    headers = [trim(cell) for cell in head[0]]
    names = unique(h or f"column_{n}" for n, h in enumerate(headers, start=1))
    asked = _with_parts([_asked(h or n) for h, n in zip(headers, names, strict=True)])
    of_choices = _questions_with_a_column_per_choice(head, asked)
    ids = _ids(asked, of_choices)
    columns = tuple(
        _column(n, headers[n], names[n], asked[n], ids[n], asked[n].number in of_choices, head)
        for n in range(len(headers))
    )
    return Form(columns, status=lambda _: "complete")


def _column(
    position: int,
    given: str,
    header: str,
    asked: _Asked,
    question_id: str,
    is_choice: bool,
    head: Head,
) -> Column:
    kind, role = OWN.get(folded(given), (kind_of(asked.title), None))
    text = asked.title
    if asked.part is not None and not is_choice:
        text = f"{asked.title}—{asked.part}" if asked.title != asked.part else asked.part
    separated = any(SEPARATOR in row[position] for row in head[1:])
    return Column(
        position=position,
        given=given,
        header=header,
        text=text or header,
        question_id=question_id,
        kind=kind,
        names=(header, question_id, text),
        role=role,
        separator=SEPARATOR if separated else None,
        blanks=BLANKS,
        choice=asked.part if is_choice else None,
        aside=ASIDE,
    )


def _asked(header: str) -> _Asked:
    if part := _PART.fullmatch(header):
        number = part[1] or part[2]
        return _Asked(number, f"第{number}题", part[3].strip())
    if numbered := _NUMBERED.fullmatch(header):
        return _Asked(numbered[1], numbered[2].strip())
    return _Asked(None, header)


def _with_parts(asked: Sequence[_Asked]) -> list[_Asked]:
    """Where several columns have one number, what comes after their common beginning."""
    titles: dict[str, list[str]] = {}
    for one in asked:
        if one.number and one.part is None:
            titles.setdefault(one.number, []).append(one.title)
    return [
        _parted(one, titles[one.number])
        if one.number and one.part is None and len(titles[one.number]) > 1
        else one
        for one in asked
    ]


def _parted(one: _Asked, titles: Sequence[str]) -> _Asked:
    shared = beginning(titles)
    between = list(_BETWEEN.finditer(shared))
    if not between:
        return _Asked(one.number, one.title, one.title)
    last = between[-1]
    part = one.title[last.end() :].strip().removesuffix(_CLOSING.get(last[0], "\0"))
    return _Asked(one.number, one.title[: last.start()].strip(), part.strip() or one.title)


def _questions_with_a_column_per_choice(head: Head, asked: Sequence[_Asked]) -> set[str]:
    """The numbers of the questions whose columns say yes or no to a choice: 1 or 0, or its name.

    A column of a matrix is one answer on a scale; no scale of 问卷星's begins at 0.
    """
    cells: dict[str, set[str]] = {}
    for position, one in enumerate(asked):
        if one.number is None or one.part is None:
            continue
        said = cells.setdefault(one.number, set())
        for row in head[1:]:
            cell = row[position].split(ASIDE[0])[0].strip()
            if cell and cell not in BLANKS:
                said.add("named" if folded(cell) == folded(one.part) else cell)
    return {
        number for number, said in cells.items() if said == {"named"} or {"0"} <= said <= {"0", "1"}
    }


def _ids(asked: Sequence[_Asked], of_choices: set[str]) -> list[str]:
    """Q6, Q5_口味; a header without a number is its own id. Choices of one question share it."""
    wanted = [_id(one, of_choices) for one in asked]
    shared = [one.number in of_choices for one in asked]
    apart = iter(unique(w for w, is_shared in zip(wanted, shared, strict=True) if not is_shared))
    return [w if is_shared else next(apart) for w, is_shared in zip(wanted, shared, strict=True)]


def _id(one: _Asked, of_choices: set[str]) -> str:
    if one.number is None:
        return one.title
    if one.part is None or one.number in of_choices:
        return f"Q{one.number}"
    return f"Q{one.number}_{one.part}"


WJX = Reader(
    name="wjx",
    expects=f"it has not two of the columns {', '.join(_TELLING)}",
    recognise=_recognise,
    header_rows=lambda _: 1,
    form=_form,
)
