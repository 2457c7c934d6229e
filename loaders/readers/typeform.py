"""Typeform exports: CSV with the tool's own columns around the questions, or its response JSON.

In the CSV, each choice of several is a column with the choice as its header, repeated in its cell;
which question it belongs to isn't said. Times are UTC, as their headers say. The JSON comes as a
table already (`typeform_json`), with three header rows: the id of each field, its text, its type.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from loaders.headers import folded
from loaders.readers.choices import ONE_OF_SEVERAL
from loaders.readers.form import Form, Head, Kind, Reader, ResponseStatus
from loaders.readers.shared import Draft, Own, columns, is_choice, label
from loaders.readers.table import kind_of
from loaders.readers.typeform_json import MANY, OWN, PERSONAL

_TYPE = "response type"
_OWN: Own = {
    "#": ("built_in", "response_id"),
    "response id": ("built_in", "response_id"),
    "response_id": ("built_in", "response_id"),
    "token": ("built_in", None),
    _TYPE: ("built_in", None),
    "start date (utc)": ("built_in", "started_at"),
    "stage date (utc)": ("built_in", None),
    "submit date (utc)": ("built_in", "submitted_at"),
    "network id": ("personal", "device"),
    "score": ("built_in", None),
    "tags": ("built_in", None),
    "ending": ("built_in", None),
}
_TELLING = frozenset({"start date (utc)", "stage date (utc)", "submit date (utc)"})
_BEHIND = frozenset({"tags", "ending", "token"})
"""What questions may be called, too: the tool's own stand behind the first of type and dates."""
_VARIABLES = frozenset({"score"})
"""What a form counts up; in a CSV it is told from a question by nothing, and lands as an answer."""
_ID = ("#", "response id", "response_id")
_UNFINISHED = frozenset({"partial", "started"})


def _recognise(head: Head) -> str | None:
    if _is_json(head):
        return "response JSON"
    keys = [folded(cell) for cell in head[0]]
    found = [label(cell) for cell, key in zip(head[0], keys, strict=True) if key in _TELLING]
    if found and (keys[0] in _ID or "network id" in keys):
        return f"one header row with {', '.join(found)}"
    return None


def _is_json(head: Head) -> bool:
    return len(head) >= 3 and head[2][0] == OWN


def _header_rows(head: Head) -> int:
    return 3 if _is_json(head) else 1


def _form(head: Head) -> Form:
    keys = [folded(cell) for cell in head[0]]
    drafts = _json_drafts(head) if _is_json(head) else _csv_drafts(head, keys)
    return Form(columns(drafts, head[0]), _judge(keys), zone_said="UTC", zone=ZoneInfo("UTC"))


def _csv_drafts(head: Head, keys: Sequence[str]) -> list[Draft]:
    dates = next((n for n, key in enumerate(keys) if key in _TELLING or key == _TYPE), -1)
    return [
        _own(cell, key)
        if _is_own(key, n, len(keys), dates)
        else Draft(label(cell), kind=_kind(head, n, label(cell)))
        for n, (cell, key) in enumerate(zip(head[0], keys, strict=True))
    ]


def _is_own(key: str, place: int, width: int, dates: int) -> bool:
    """Whether a column is the tool's: they stand before and behind the questions."""
    if key in _BEHIND:
        return place > dates >= 0
    return key in _OWN and key not in _VARIABLES and (place == 0 or place >= width - len(_OWN))


def _own(header: str, key: str) -> Draft:
    kind, role = _OWN[key]
    return Draft(header, kind=kind, role=role)


def _kind(head: Head, place: int, header: str) -> Kind:
    """A choice called Email is an answer like any other; a question called so is personal."""
    return "question" if is_choice(head[1:], place, header) else kind_of(header)


def _json_drafts(head: Head) -> list[Draft]:
    drafts = []
    for name, text, kind in zip(*head[:3], strict=True):
        if kind == OWN:
            drafts.append(_own(name, folded(name)))
            continue
        is_personal = kind == PERSONAL or kind_of(text) == "personal"
        drafts.append(
            Draft(
                name,
                text=label(text),
                kind="personal" if is_personal else "question",
                separator=ONE_OF_SEVERAL if kind == MANY else None,
            )
        )
    return drafts


def _judge(keys: Sequence[str]) -> Callable[[Sequence[str]], ResponseStatus]:
    kind = keys.index(_TYPE) if _TYPE in keys else None
    submitted = keys.index("submit date (utc)") if "submit date (utc)" in keys else None

    def judge(row: Sequence[str]) -> ResponseStatus:
        if kind is not None and row[kind].strip():
            return "partial" if row[kind].strip().casefold() in _UNFINISHED else "complete"
        is_open = submitted is not None and not row[submitted].strip()
        return "partial" if is_open else "complete"

    return judge


TYPEFORM = Reader(
    name="typeform",
    expects="it has neither a Submit Date (UTC) with a # or Network ID, nor is it response JSON",
    recognise=_recognise,
    header_rows=_header_rows,
    form=_form,
)
