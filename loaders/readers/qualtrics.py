"""Qualtrics CSV exports: names, question texts and ImportIds in three header rows (legacy: two).

The third row holds JSON, `{"ImportId":"QID1_TEXT","timeZone":"America/Denver"}`: the ImportId is
what stays when a question is renamed or its label translated, so built-in columns are known by it,
in every language. The zone, where it is stated, is that of the file's times.

A question with several choices has a column for each, told by `choiceId`; one that is asked several
times (loop and merge) has the number of the loop before its ImportId, and is a question each time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from loaders.headers import folded, unique
from loaders.readers.form import Column, Form, Head, Kind, Reader, ResponseStatus
from loaders.readers.shared import beginning
from loaders.texts import trim

BUILT_IN: dict[str, str | None] = {
    "startDate": "started_at",
    "endDate": "submitted_at",
    "status": None,
    "progress": None,
    "duration": "duration_seconds",
    "finished": None,
    "recordedDate": None,
    "_recordId": "response_id",
    "externalDataReference": None,
    "distributionChannel": None,
    "userLanguage": "language",
    "responseSet": None,
}
"""ImportIds of Qualtrics' own columns -> the role they play when the config gives it to none."""

PERSONAL = frozenset(
    {
        *("ipAddress", "recipientLastName", "recipientFirstName", "recipientEmail"),
        *("recipientName", "recipientPhone", "locationLatitude", "locationLongitude"),
        "locationAccuracy",
    }
)

_LEGACY = {
    "ResponseID": "_recordId",
    "ResponseSet": "responseSet",
    "Name": "recipientName",
    "ExternalDataReference": "externalDataReference",
    "ExternalReference": "externalDataReference",
    "EmailAddress": "recipientEmail",
    "IPAddress": "ipAddress",
    "Status": "status",
    "StartDate": "startDate",
    "EndDate": "endDate",
    "Finished": "finished",
    "LocationLatitude": "locationLatitude",
    "LocationLongitude": "locationLongitude",
    "LocationAccuracy": "locationAccuracy",
}
"""Second header row of a legacy export -> the ImportId that the same column has today."""

_HEADERS = {
    "StartDate": "startDate",
    "EndDate": "endDate",
    "Status": "status",
    "IPAddress": "ipAddress",
    "Progress": "progress",
    "Duration (in seconds)": "duration",
    "Duration__in_seconds_": "duration",
    "Finished": "finished",
    "RecordedDate": "recordedDate",
    "ResponseId": "_recordId",
    "RecipientLastName": "recipientLastName",
    "RecipientFirstName": "recipientFirstName",
    "RecipientEmail": "recipientEmail",
    "ExternalReference": "externalDataReference",
    "LocationLatitude": "locationLatitude",
    "LocationLongitude": "locationLongitude",
    "DistributionChannel": "distributionChannel",
    "UserLanguage": "userLanguage",
}
"""First header row, and variable of an SPSS export -> its ImportId."""
_TECHNICAL = re.compile(
    r"_(?:FIRST_CLICK|LAST_CLICK|PAGE_SUBMIT|CLICK_COUNT|BROWSER|VERSION|OS|RESOLUTION)$"
    r"|_(?:First Click|Last Click|Page Submit|Click Count)$"
)
_QUESTION = re.compile(r"(?:\d+_)?QID\d+")
_DASH = " - "
_SELECTED = f"{_DASH}Selected Choice"
"""What follows a question beside whose choices people may write something."""
_UNANSWERED = frozenset({"-99"})
"""What Qualtrics writes for a question that was seen and not answered, where it is asked to."""
_FALSE = frozenset({"0", "false", "falsch", "否", "no", "faux", "falso"})
# Bits of the numeric response type: 1 preview, 2 test, 4 imported, 8 spam, 16 offline, 32 EX.
_PREVIEW_BIT, _TEST_BIT, _SPAM_BIT = 1, 2, 8
_PREVIEW_WORDS = ("preview", "vorschau", "预览", "預覽")
_TEST_WORDS = ("test", "测试", "測試")
_SPAM_WORDS = ("spam", "垃圾")


@dataclass(frozen=True)
class _Import:
    """What the third header row says of one column."""

    name: str
    choice: str = ""
    zone: str = ""


def _recognise(head: Head) -> str | None:
    if len(head) >= 3 and any(_import(cell) for cell in head[2]):
        return "three header rows, the third with ImportIds"
    if len(head) >= 2 and head[0][0].strip() == "V1" and "ResponseID" in head[1]:
        return "two header rows, V1 over ResponseID (legacy export)"
    return None


def has_lost_its_rows(head: Head) -> bool:
    """Whether it is a Qualtrics export that somebody tidied: previews would count as answers."""
    return has_its_columns([trim(cell) for cell in head[0]]) and _recognise(head) is None


def has_its_columns(names: Iterable[str]) -> bool:
    """Whether columns, or the variables of an SPSS file, are those of a Qualtrics export."""
    told = set(names) & set(_HEADERS) - {"Status", "Finished", "Progress"}
    return len(told) >= 4


def own_column(name: str) -> tuple[Kind, str | None] | None:
    """The kind and the role of one of Qualtrics' own columns; None for any other."""
    import_id = _HEADERS.get(name)
    if import_id is None:
        return None
    return _kind(import_id, name), BUILT_IN.get(import_id)


def judge_of(names: Iterable[str]) -> Callable[[Sequence[str]], ResponseStatus]:
    """The judge of an export whose columns are known by their names alone."""
    return _judge([_Import(_HEADERS.get(name, "")) for name in names])


def _header_rows(head: Head) -> int:
    return 3 if len(head) >= 3 and any(_import(cell) for cell in head[2]) else 2


def _form(head: Head) -> Form:
    names = [trim(cell) for cell in head[0]]
    texts = [_label(cell) for cell in head[1]]
    imports = _imports(head, texts)
    headers = unique(n or f"column_{i}" for i, n in enumerate(names, start=1))
    ids = unique(i.name or h for i, h in zip(imports, headers, strict=True))
    columns = [
        Column(
            position=i,
            given=names[i],
            header=headers[i],
            text=texts[i].removesuffix(_SELECTED) or headers[i],
            question_id=ids[i],
            kind=_kind(imports[i].name, headers[i]),
            names=(headers[i], ids[i], imports[i].name, texts[i], texts[i].removesuffix(_SELECTED)),
            role=BUILT_IN.get(imports[i].name),
            blanks=frozenset() if imports[i].name.endswith("_TEXT") else _UNANSWERED,
        )
        for i in range(len(names))
    ]
    for name, places in _of_several_choices(imports).items():
        stem, choices = _choices([texts[i] for i in places], [_cells(head, i) for i in places])
        for i, choice in zip(places, choices, strict=True):
            columns[i] = replace(
                columns[i],
                text=stem or name,
                question_id=name,
                names=(headers[i], f"{name}_{imports[i].choice}", texts[i]),
                choice=choice or imports[i].choice,
            )
    said = next((found.zone for found in imports if found.zone), "")
    return Form(tuple(columns), _judge(imports), said, _zone(said))


def _imports(head: Head, texts: Sequence[str]) -> list[_Import]:
    if _header_rows(head) == 3:
        return [_import(cell) or _Import("") for cell in head[2]]
    return [_Import(_LEGACY.get(text, "")) for text in texts]


def _import(cell: str) -> _Import | None:
    if not cell.lstrip().startswith("{"):
        return None
    try:
        found: Any = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("ImportId"), str):
        return None
    zone, choice = found.get("timeZone"), found.get("choiceId")
    return _Import(
        found["ImportId"],
        choice=str(choice) if choice is not None else "",
        zone=zone if isinstance(zone, str) else "",
    )


def _label(cell: str) -> str:
    """A question's text in one line: labels carry the line breaks and tabs of the editor."""
    return " ".join(cell.split())


def _of_several_choices(imports: Sequence[_Import]) -> dict[str, list[int]]:
    """ImportId -> the places of its columns, of questions with a column for each choice."""
    places: dict[str, list[int]] = {}
    for i, found in enumerate(imports):
        if found.name and found.choice:
            places.setdefault(found.name, []).append(i)
    return {name: several for name, several in places.items() if len(several) > 1}


def _choices(texts: Sequence[str], cells: Sequence[set[str]]) -> tuple[str, list[str]]:
    """The question, and each column's choice: `Which? - Selected Choice - Tea` -> Which?, Tea.

    Choices may begin alike (`Tea - green`, `Tea - black`): Qualtrics' words before them tell, or
    the `cells` of each column, which repeat its choice.
    """
    shared = beginning(texts)
    question, marked, _ = shared.partition(_SELECTED + _DASH)
    stem = question + _SELECTED if marked else _stem_by_cells(texts, cells)
    if not stem or not shared.startswith(stem + _DASH):
        stem = shared.rpartition(_DASH)[0]
    choices = [text.removeprefix(stem + _DASH) if stem else text for text in texts]
    return stem.removesuffix(_SELECTED), choices


def _stem_by_cells(texts: Sequence[str], cells: Sequence[set[str]]) -> str:
    """What stands before the choices that cells repeat, where they agree; else nothing."""
    found = {
        text.removesuffix(_DASH + cell)
        for text, said in zip(texts, cells, strict=True)
        for cell in said
        if text.endswith(_DASH + cell)
    }
    return found.pop() if len(found) == 1 else ""


def _cells(head: Head, place: int) -> set[str]:
    """What a column holds below the headers, as labels are read."""
    return {_label(row[place]) for row in head[_header_rows(head) :] if row[place].strip()}


def _kind(name: str, header: str) -> Kind:
    if name in PERSONAL:
        return "personal"
    if name in BUILT_IN:
        return "built_in"
    if _TECHNICAL.search(name) and (_QUESTION.match(name) or not name):
        return "technical"
    return "technical" if _TECHNICAL.search(header) else "question"


def _zone(said: str) -> ZoneInfo | None:
    """The zone that an export names; exports over the API are in UTC, and call it Z."""
    if not said:
        return None
    try:
        return ZoneInfo("UTC" if said == "Z" else said)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _judge(imports: Sequence[_Import]) -> Callable[[Sequence[str]], ResponseStatus]:
    places = {found.name: i for i, found in reversed(list(enumerate(imports)))}

    def cell(row: Sequence[str], name: str) -> str:
        place = places.get(name)
        return "" if place is None else row[place].strip()

    def judge(row: Sequence[str]) -> ResponseStatus:
        special = _special(cell(row, "status"))
        if special:
            return special
        if folded(cell(row, "distributionChannel")) == "preview":
            return "preview"
        finished, progress = cell(row, "finished"), cell(row, "progress")
        if finished.casefold() in _FALSE:
            return "partial"
        # Whatever the language of `finished`: a form is at 100 when it is, and not before.
        if progress.isdecimal() and int(progress) < 100:
            return "partial"
        return "complete"

    return judge


def _special(status: str) -> ResponseStatus | None:
    """Spam, preview or test by the response type; None for people's own responses."""
    if status.isdecimal():
        bits = int(status)
        is_spam, is_preview = bits & _SPAM_BIT, bits & _PREVIEW_BIT
        is_test = bits & _TEST_BIT
    else:
        words = status.casefold()
        is_spam = any(w in words for w in _SPAM_WORDS)
        is_preview = any(w in words for w in _PREVIEW_WORDS)
        is_test = any(w in words for w in _TEST_WORDS)
    if is_spam:
        return "spam"
    if is_preview:
        return "preview"
    return "test" if is_test else None


QUALTRICS = Reader(
    name="qualtrics",
    expects="it has neither ImportIds in a third header row nor V1 over ResponseID",
    recognise=_recognise,
    header_rows=_header_rows,
    form=_form,
)
