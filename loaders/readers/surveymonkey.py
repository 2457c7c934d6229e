"""SurveyMonkey exports: two header rows, questions over choices; or one, when condensed.

A question over several columns stands above the first of them only. The row below holds `Response`
or `Open-Ended Response` where a column is the whole question, else the choice, the row of a matrix,
or `Other (please specify)`; a chosen choice is repeated in its cell, which is how the columns of a
question with several answers are told from those of a matrix.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from loaders.headers import folded
from loaders.readers.choices import ONE_OF_SEVERAL
from loaders.readers.form import Form, Head, Reader
from loaders.readers.shared import (
    Draft,
    Own,
    are_choices,
    columns,
    filled,
    is_choice,
    label,
    with_choice,
)
from loaders.readers.table import PERSONAL, kind_of

_ID = "respondentid"
_OWN: Own = {
    _ID: ("built_in", "response_id"),
    "collectorid": ("built_in", None),
    "collector": ("built_in", None),
    "startdate": ("built_in", "started_at"),
    "datecreated": ("built_in", "started_at"),
    "enddate": ("built_in", "submitted_at"),
    "datemodified": ("built_in", "submitted_at"),
    "ipaddress": ("personal", None),
    "emailaddress": ("personal", None),
    "firstname": ("personal", None),
    "lastname": ("personal", None),
}
"""By their headers without spaces and underscores, as `_key` makes them."""

_PLACES = (
    *(_ID, "collectorid", "startdate", "enddate", "ipaddress", "emailaddress"),
    *("firstname", "lastname", "customdata1"),
)
"""The tool's own columns in their order, which no language of the account changes."""
_LOOKS = {
    0: re.compile(r"\d{8,}"),
    1: re.compile(r"\d{5,}"),
    **dict.fromkeys((2, 3), re.compile(r"\d{1,4}\D\d{1,2}\D\d{1,4}\D.*\d:\d\d.*")),
    4: re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]*:[\da-fA-F:.]+"),
    5: re.compile(r"[^@\s]+@[^@\s]+"),
}
"""What their cells look like, where they hold something."""

_CUSTOM = re.compile(r"custom(?:data)?\d*")
_WHOLE = frozenset({"response", "open-ended response"})
"""What stands below a question that is one column."""

_OTHER = re.compile(r"other\b.*\(please .*\)", re.I)
"""The column of what was written in beside the choices."""

_CONTACT = frozenset(
    {"name", "company", "address 2", "city/town", "state/province", "zip/postal code", "country"}
)
"""Rows of the question that asks for somebody's address, beside those that anybody would know."""

_ROUNDED = re.compile(r"\d{1,3}0{8,}|\d(?:\.\d+)?[eE]\+\d{2}")
"""What a spreadsheet leaves of an id of eleven digits: 1.38E+10, or that written out again."""


def _recognise(head: Head) -> str | None:
    place = _id_place(head)
    if place is None and _own_by_place(head):
        return f"two header rows, the tool's own columns by their places ({head[0][0].strip()}, …)"
    if place is None:
        marks = sum(folded(cell) in _WHOLE for cell in head[1]) if len(head) > 1 else 0
        return f"two header rows, the second with {marks} x Response" if marks > 1 else None
    if _header_rows(head) == 2:
        return f"two header rows, {head[0][place].strip()} over a blank"
    ids = filled(head[1:], place)
    if _own_columns(head[0]) > 1 or (ids and all(i.isdecimal() and len(i) > 7 for i in ids)):
        return f"one header row with {head[0][place].strip()} (condensed export)"
    return None


def _header_rows(head: Head) -> int:
    place = _id_place(head)
    if len(head) < 2:
        return 1
    if place is None:
        return 2
    # Tidied exports repeat in the second row what stands alone in the first.
    below = head[1][place].strip()
    return 2 if below in ("", head[0][place].strip()) else 1


def _id_place(head: Head) -> int | None:
    return next((n for n, cell in enumerate(head[0]) if _key(cell) == _ID), None)


def _own_by_place(head: Head) -> int:
    """How many columns at the beginning are the tool's, whatever language they are called in."""
    if len(head) < 3:
        return 0
    alone = zip(head[0], head[1], _PLACES, strict=False)
    count = sum(1 for _ in takewhile(lambda pair: pair[0].strip() and not pair[1].strip(), alone))
    looks = all(
        look.fullmatch(cell.strip())
        for place, look in _LOOKS.items()
        if place < count
        for cell in filled(head[2:], place)
    )
    has_ids = count >= len(_PLACES) - 1 and filled(head[2:], 0) and filled(head[2:], 2)
    return count if looks and has_ids else 0


def _key(header: str) -> str:
    return re.sub(r"[\s_]+", "", folded(header))


def _own_columns(header: Sequence[str]) -> int:
    return sum(_key(cell) in _OWN for cell in header)


def _form(head: Head) -> Form:
    rows = _header_rows(head)
    questions = [label(cell) for cell in head[0]]
    below = head[1] if rows == 2 else [""] * len(questions)
    choices = [label(cell).removeprefix("- ") for cell in below]  # "- 5": a scale without labels
    own = _own_by_place(head) if _id_place(head) is None else 0
    drafts = [_own(header, key) for header, key in zip(questions[:own], _PLACES, strict=False)]
    drafts += _drafts(questions, choices, head[rows:], own)
    place = 0 if own else _id_place(head)
    rounded = place is not None and _rounded(head[rows:], place)
    if place is None or not rounded:
        return Form(columns(drafts), status=lambda _: "complete")
    drafts[place] = Draft(drafts[place].header, kind="built_in")
    note = (
        f"{drafts[place].header} was rounded by a spreadsheet ({rounded}), so that people share "
        "it: it is not used as the id of a response. Export again, and don't save it in one"
    )
    return Form(columns(drafts), status=lambda _: "complete", notes=(note,))


def _rounded(rows: Head, place: int) -> str:
    return next((i for i in filled(rows, place) if _ROUNDED.fullmatch(i.strip())), "")


def _drafts(questions: Sequence[str], choices: Sequence[str], rows: Head, own: int) -> list[Draft]:
    """The columns behind the tool's `own`; without any by their places, all of them."""
    drafts: list[Draft] = []
    while own + len(drafts) < len(questions):
        block = _block(questions, choices, own + len(drafts))
        if own and len(block) == 1 and not is_choice(rows, block.start, choices[block.start]):
            drafts.append(_own(questions[block.start]))  # what is below says Response, somehow
        else:
            drafts += _drafts_of(block, questions, choices, rows)
    return drafts


def _block(questions: Sequence[str], choices: Sequence[str], first: int) -> range:
    """The columns of the question that begins here."""
    last = first + 1
    while last < len(questions) and not questions[last] and choices[last]:
        last += 1
    return range(first, last)


def _drafts_of(
    block: range, questions: Sequence[str], choices: Sequence[str], rows: Head
) -> list[Draft]:
    """The columns of one question."""
    question = questions[block.start]
    said = {n: choices[n] for n in block}
    if choices[block.start] in ("", question):
        del said[block.start]
    offered = {n: c for n, c in said.items() if folded(c) not in _WHOLE and not _OTHER.match(c)}
    is_many = len(offered) > 1 and are_choices(rows, offered)
    asks_contact = sum(folded(c) in _CONTACT for c in said.values()) > 1 and not is_many
    drafts = []
    for n in block:
        if n not in said:
            drafts.append(_own(question))
        elif n in offered and is_many:
            drafts.append(_choice(question, choices[n], block.start))
        else:
            drafts.append(_part(question, choices[n], asks_contact=asks_contact))
    return drafts


def _choice(question: str, choice: str, group: int) -> Draft:
    return Draft(
        with_choice(question, choice),
        text=question,
        question_id=question,
        kind=kind_of(question),
        names=(choice,),
        separator=ONE_OF_SEVERAL,
        group=group,
    )


def _part(question: str, part: str, *, asks_contact: bool) -> Draft:
    """The whole question, or what of it has a column of its own: a row, or what was written in."""
    if folded(part) in _WHOLE:
        return Draft(question, kind=kind_of(question))
    is_personal = asks_contact and folded(part) in PERSONAL | _CONTACT
    return Draft(
        with_choice(question, part),
        kind="personal" if is_personal else kind_of(question),
        names=(part,),
    )


def _own(header: str, key: str = "") -> Draft:
    """A column with nothing below its header: the tool's own, or a whole question."""
    key = key or _key(header)
    if _CUSTOM.fullmatch(key):
        return Draft(header, kind="built_in")
    kind, role = _OWN.get(key, (kind_of(header), None))
    return Draft(header, kind=kind, role=role)


SURVEYMONKEY = Reader(
    name="surveymonkey",
    expects="it has neither a Respondent ID nor a second header row with Response",
    recognise=_recognise,
    header_rows=_header_rows,
    form=_form,
)
