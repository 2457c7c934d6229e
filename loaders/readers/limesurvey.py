"""LimeSurvey exports: one header row of codes, of texts, or both: `Q1[SQ1]. Text [Subquestion]`.

A code is what stays when a question is reworded. A response without the date of its submission was
not finished. `N/A` stands where a question was not asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from loaders.headers import folded
from loaders.readers.form import Form, Head, Reader, ResponseStatus
from loaders.readers.shared import Draft, Own, columns, filled, label
from loaders.readers.table import kind_of

Style = Literal["codes", "both", "texts"]

_OWN: Own = {
    "id": ("built_in", "response_id"),
    "response_id": ("built_in", "response_id"),
    "submitdate": ("built_in", "submitted_at"),
    "completed": ("built_in", None),
    "lastpage": ("built_in", None),
    "startlanguage": ("built_in", "language"),
    "seed": ("built_in", None),
    "startdate": ("built_in", "started_at"),
    "datestamp": ("built_in", None),
    "interviewtime": ("built_in", "duration_seconds"),
    "refurl": ("technical", None),
    "token": ("built_in", None),
    "tid": ("built_in", None),
    "ipaddr": ("personal", None),
    "firstname": ("personal", None),
    "lastname": ("personal", None),
    "email": ("personal", None),
}
_TEXTS = {
    "response id": "id",
    "date submitted": "submitdate",
    "completed": "completed",
    "last page": "lastpage",
    "last page seen": "lastpage",
    "start language": "startlanguage",
    "seed": "seed",
    "date started": "startdate",
    "date last action": "datestamp",
    "total time": "interviewtime",
    "referrer url": "refurl",
    "access code": "token",
    "token": "token",
    "ip address": "ipaddr",
    "first name": "firstname",
    "last name": "lastname",
    "email address": "email",
}
"""What the tool's own columns are called in an export with full texts -> their code."""

_TELLING = frozenset({"submitdate", "lastpage", "startlanguage", "startdate", "datestamp"})
"""Two of these make a file LimeSurvey's; `submitdate` does by itself."""

_CODED = re.compile(r"(?P<code>[A-Za-z][\w-]*(?:\[[^\[\]]*\])*)(?:\.\s*(?P<text>.*))?", re.S)
_WORDY = re.compile(r"(?:[A-Za-z_-]*[A-Za-z]){2,}.*|.*\]", re.S)
"""A code that somebody thought out, or with its subquestion: not the Q1 of any numbered list."""

_TIMINGS = re.compile(r"groupTime\d*|(?:Group|Question) time: .*", re.S)
_SUBQUESTION = re.compile(r"\[[^\[\]]*\]$")
_NOT_ASKED = frozenset({"N/A"})
_WRITTEN_IN = frozenset(
    {"other", "其他", "其它", "sonstiges", "autre", "otro", "outro", "altro", "anders", "その他"}
)
"""The subquestion that holds what was written in beside the choices: `other` in codes."""

_CHOSEN = frozenset({"Y"})
"""What stands at a choice that was taken, in an export of codes; at another, nothing."""
_YES_NO = {
    "Yes": "No",
    "是": "否",
    "Ja": "Nein",
    "Oui": "Non",
    "Sí": "No",
    "Sì": "No",
    "Sim": "Não",
    "はい": "いいえ",
}
"""The same in one of full answers: a word at every choice."""
_COMMENT = "comment"
"""What follows the code of a choice in the column of what was written beside it."""
_NO_DATE = frozenset({"1980-01-01 00:00:00"})
"""What is written for every response where a survey is not told to note dates."""


@dataclass(frozen=True)
class _Heading:
    """A header taken apart: its code, where it shows one, and its text."""

    given: str
    code: str
    text: str

    @property
    def own(self) -> str:
        """The code of the tool's own column that this is; empty where it is a question."""
        key = self.code.casefold() if self.code else _TEXTS.get(folded(self.text), "")
        return key if key in _OWN else ""

    @property
    def part(self) -> str:
        """The subquestion, or choice, that stands in brackets behind the question."""
        return _subquestion(self.code or self.text).strip("[]")

    @property
    def stem(self) -> str:
        """The question without it."""
        return _SUBQUESTION.sub("", self.code or self.text).strip()


def _recognise(head: Head) -> str | None:
    own = _telling(_headings(head[0], _style(head[0])))
    if _is_export(own):
        return f"one header row with {', '.join(h.given for h in own[:4])}"
    share, example = _coded(head[0])
    return f"its headers begin with codes ({example})" if share >= 0.9 else None


def _telling(headings: Sequence[_Heading]) -> list[_Heading]:
    return [h for h in headings if h.own in _TELLING]


def _is_export(own: Sequence[_Heading]) -> bool:
    return len(own) > 1 or any(h.code == "submitdate" for h in own)


def _coded(header: Sequence[str]) -> tuple[float, str]:
    """The share of headers such as `socio1. In which country?`, and the first of them."""
    headings = [h for h in _headings(header, "both") if h.given]
    found = [h for h in headings if h.code and h.text and _WORDY.fullmatch(h.code)]
    if len(found) < 3:
        return 0.0, ""
    return len(found) / len(headings), found[0].given[:40]


def _style(header: Sequence[str]) -> Style:
    """How the headers of a file are written; both, where none of the tool's own columns tells."""
    styles: tuple[Style, ...] = ("both", "codes", "texts")
    return max(styles, key=lambda style: len(_telling(_headings(header, style))))


def _headings(header: Sequence[str], style: Style) -> list[_Heading]:
    return [_heading(label(cell), style) for cell in header]


def _heading(given: str, style: Style) -> _Heading:
    found = _CODED.fullmatch(given)
    if style == "texts" or found is None:
        return _Heading(given, "", given)
    code, text = found["code"], found["text"] or ""
    if bool(text) != (style == "both"):
        return _Heading(given, "", given)
    return _Heading(given, code, text)


def _form(head: Head) -> Form:
    headings = _headings(head[0], _style(head[0]))
    questions = _questions(headings, head[1:])
    notes = _notes(questions)
    if not _is_export(_telling(headings)):
        return Form(columns(questions, head[0]), status=lambda _: "complete", notes=notes)
    drafts = [_own(h) if h.own else d for h, d in zip(headings, questions, strict=True)]
    made = columns(_without_timings(headings, drafts), head[0])
    return Form(made, _judge(headings), notes=notes)


def _notes(questions: Sequence[Draft]) -> tuple[str, ...]:
    """Which columns were taken for choices by words that the rows of a matrix may hold, too."""
    worded = {q.text: None for q in questions if q.chosen and q.chosen != _CHOSEN}
    if not worded:
        return ()
    said = f"columns of yes and no are choices of one question: {', '.join(list(worded)[:10])}"
    return (f"{said}. Where no is an answer, too, export codes",)


def _own(heading: _Heading) -> Draft:
    kind, role = _OWN[heading.own]
    is_date = role in ("submitted_at", "started_at")
    return Draft(
        heading.given,
        kind=kind,
        names=(heading.code, heading.text),
        role=role,
        blanks=_NO_DATE if is_date else frozenset(),
    )


def _questions(headings: Sequence[_Heading], rows: Head) -> list[Draft]:
    codes = Counter(h.code for h in headings)
    groups = _choice_groups(headings, rows)
    return [
        _choice(h, *groups[n])
        if n in groups
        else Draft(
            h.given,
            text=h.text or h.given,
            question_id=f"{h.code}{_subquestion(h.text)}"
            if h.code and codes[h.code] > 1
            else h.code,
            kind=kind_of(h.text or h.given),
            names=(h.code,),
        )
        for n, h in enumerate(headings)
    ]


def _choice_groups(
    headings: Sequence[_Heading], rows: Head
) -> dict[int, tuple[int, frozenset[str]]]:
    """The columns that are choices of one question -> its first column, and what says taken.

    The rows of a matrix are answered with more than that.
    """
    found: dict[str, list[int]] = {}
    codes = {(h.stem, h.part) for h in headings}
    for n, heading in enumerate(headings):
        choice = heading.part.removesuffix(_COMMENT)
        is_beside = choice != heading.part and (heading.stem, choice) in codes
        if heading.part and folded(heading.part) not in _WRITTEN_IN and not is_beside:
            found.setdefault(heading.stem, []).append(n)
    return {
        n: (places[0], chosen)
        for places in found.values()
        if len(places) > 1 and (chosen := _chosen(rows, places))
        for n in places
    }


def _chosen(rows: Head, places: Sequence[int]) -> frozenset[str]:
    """What says in some columns that a choice was taken; nothing where they are no choices."""
    said = set().union(*(filled(rows, n) for n in places)) - _NOT_ASKED
    if said == _CHOSEN:
        return _CHOSEN
    yes = next((yes for yes, no in _YES_NO.items() if said == {yes, no}), None)
    is_whole = all(len({row[n].strip() in ("", *_NOT_ASKED) for n in places}) == 1 for row in rows)
    return frozenset({yes}) if yes and is_whole else frozenset()


def _choice(heading: _Heading, group: int, chosen: frozenset[str]) -> Draft:
    question = _SUBQUESTION.sub("", heading.text).strip() or heading.stem
    return Draft(
        heading.given,
        text=question,
        question_id=heading.stem,
        kind=kind_of(question),
        names=(heading.code, heading.text),
        choice=_subquestion(heading.text).strip("[]") or heading.part,
        chosen=chosen,
        group=group,
    )


def _subquestion(text: str) -> str:
    """What stands in brackets at the end: it tells columns apart where tidied codes don't."""
    found = _SUBQUESTION.search(text)
    return found[0] if found else ""


def _without_timings(headings: Sequence[_Heading], drafts: Sequence[Draft]) -> Iterator[Draft]:
    """The columns of an export: seconds on a page are no answers, nor is what was not asked."""
    codes = {_SUBQUESTION.sub("", h.code) for h in headings}
    for heading, draft in zip(headings, drafts, strict=True):
        timed = heading.code.removesuffix("Time")
        is_timing = timed not in ("", heading.code) and timed in codes
        if is_timing or _TIMINGS.fullmatch(heading.code or heading.text):
            yield replace(draft, kind="technical")
        elif heading.own:
            yield draft
        else:
            yield replace(draft, blanks=_NOT_ASKED)


def _judge(headings: Sequence[_Heading]) -> Callable[[Sequence[str]], ResponseStatus]:
    places = {h.own: n for n, h in reversed(list(enumerate(headings))) if h.own}
    place = places.get("submitdate", places.get("completed"))

    def judge(row: Sequence[str]) -> ResponseStatus:
        # The cell itself: a date that stands for none was written when the form was submitted.
        is_done = place is None or folded(row[place]) not in ("", "n", "n/a", "no")
        return "complete" if is_done else "partial"

    return judge


LIMESURVEY = Reader(
    name="limesurvey",
    expects="it has neither LimeSurvey's own columns (submitdate, lastpage) nor coded headers",
    recognise=_recognise,
    header_rows=lambda _: 1,
    form=_form,
)
