"""Survey exports: landing/surveys/<survey_id>/* -> survey_response records, one response per row.

What lands beside a response is in loaders.answers. What tells who somebody is does
not land: personal columns are dropped, or hashed where a role asks for them; free text is masked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from lake.entities import SURVEY_RESPONSE
from lake.landing import Lake, RunContext, SourceRun
from lake.privacy import Privacy
from loaders.amounts import seconds
from loaders.answers import (
    Beside,
    masked,
    personal_words,
    record_of,
    response_key,
    score_as_given,
    score_of,
)
from loaders.binding import IDS, SCORES, Plan, bind
from loaders.config import SurveyConfig
from loaders.ids import hashed_email, hashed_phone, keeper, thing_id
from loaders.intake import Job, Tally, take
from loaders.people import without_people
from loaders.readers import open_form
from loaders.readers.form import Column
from loaders.rows import Row, Table
from loaders.texts import ValueFault, identifier, words
from loaders.times import timestamp

PARSER = "surveys/3"

WORDS = ("channel", "comment", "language")
"""Roles that are read as words: of a code, its label."""


def load_survey(
    survey_id: str,
    config: SurveyConfig,
    *,
    home: Path,
    lake: Lake,
    run: RunContext,
    privacy: Privacy,
    progress: Callable[[str], None],
) -> SourceRun:
    """Land the exports of one survey. Never raises for a bad file: the run's message names it."""
    job = Job(
        source=f"survey_{survey_id}",
        kind="survey",
        entity=SURVEY_RESPONSE.name,
        folder=home / "landing" / "surveys" / survey_id,
        home=home,
        config=config,
        run=run,
    )

    def read(table: Table, tally: Tally) -> None:
        form, reason = open_form(table, config.format)
        form = without_people(form, table)
        plan = bind(survey_id, config, form, job.zone, table.date_order(config.date_order))
        tally.notes += [reason, *form.notes]
        _note_choices(plan, config, tally)
        _read(table, tally, plan)
        unscored = [note for scale in plan.scales.values() if (note := scale.note())]
        tally.notes += unscored
        tally.warning = "; ".join(filter(None, [tally.warning, *unscored]))

    return take(job, read, lake=lake, privacy=privacy, progress=progress, parser_version=PARSER)


def _read(table: Table, tally: Tally, plan: Plan) -> None:
    same_rows: Counter[str] = Counter()
    beside, unread = Beside(plan, tally), _Unread()
    for row in tally.count(table):
        stray = plan.form.stray(row.cells)
        if stray is not None:
            tally.reject(row.line, None, "totals_row", stray)
            continue
        try:
            values = _response(row, plan, tally, same_rows, unread)
        except _CellFaultError as fault:
            tally.reject(
                row.line,
                fault.column.header,
                fault.why.code,
                f"{fault.column.header}: {fault.why.reason}",
                natural_key=fault.key,
                value=row.cells[fault.column.position],
            )
            continue
        if tally.land(
            record_of(
                SURVEY_RESPONSE.name, response_key(values), values, row=row, plan=plan, tally=tally
            )
        ):
            beside.land(row, values)
    tally.notes += unread.notes()


class _Unread:
    """How long people took, where that can't be read: it costs no response, and is told of."""

    def __init__(self) -> None:
        self._count, self._first = 0, ""

    def duration(self, text: str, line: int) -> float | None:
        """The seconds; None, and counted, for what is no duration."""
        try:
            return seconds(text)
        except ValueFault as fault:
            self._count, self._first = self._count + 1, self._first or f"line {line}: {fault}"
            return None

    def notes(self) -> list[str]:
        """What a person should know of them."""
        if not self._count:
            return []
        rows = "1 response" if self._count == 1 else f"{self._count:,} responses"
        return [f"the duration of {rows} can't be read, and is left blank ({self._first})"]


class _CellFaultError(Exception):
    """A cell of a typed role that can't be read: which column, why, whose response."""

    def __init__(self, column: Column, why: ValueFault, key: str) -> None:
        super().__init__(why.reason)
        self.column, self.why, self.key = column, why, key


def _response(
    row: Row, plan: Plan, tally: Tally, same_rows: Counter[str], unread: _Unread
) -> dict[str, Any]:
    """The typed columns of one response. Raises _CellFaultError."""
    privacy = tally.landing.privacy
    given = {role: _words(role, c, row.cells) for role, c in plan.roles.items()}
    scores = {
        role: score_of(plan.roles[role], row.cells, plan.scales[role])
        for role in SCORES
        if role in plan.roles
    }
    ids: dict[str, str | None] = {}

    def typed(role: str, parse: Callable[[str], Any]) -> Any:
        try:
            return parse(given[role]) if role in given else None
        except ValueFault as fault:
            key = f"{plan.survey_id}|{ids.get('response_id') or ''}"
            raise _CellFaultError(plan.roles[role], fault, key) from fault

    for role in IDS:
        ids[role] = keeper(role)(typed(role, identifier), privacy)
    personal = personal_words(row, plan)
    text = {role: masked(typed(role, words) or "", personal, privacy) or None for role in WORDS}
    if "response_id" not in plan.roles:
        ids["response_id"] = _made_id(row, privacy, same_rows)

    def someone(role: str, parse: Callable[[str, Privacy], str | None]) -> str | None:
        found: str | None = typed(role, lambda cell: parse(cell, privacy))
        if found is None and words(given.get(role, "")):
            tally.nobodys[role] += 1
        return found

    def moment(cell: str) -> datetime | None:
        return timestamp(cell, plan.zone, plan.date_order, is_stated=plan.zone_is_stated)

    return {
        "survey_id": plan.survey_id,
        "response_id": ids["response_id"],
        "customer_id": ids["customer_id"],
        "invitation_id": ids["invitation_id"],
        "submitted_at": typed("submitted_at", moment) or plan.submitted_constant,
        "started_at": typed("started_at", moment),
        "duration_seconds": typed("duration_seconds", lambda t: unread.duration(t, row.line)),
        "unit_id": ids["unit_id"] or thing_id(plan.constants.get("unit_id"), privacy),
        "touchpoint_id": ids["touchpoint_id"] or plan.constants.get("touchpoint_id"),
        "channel": text["channel"] or plan.constants.get("channel"),
        "response_status": plan.form.status(row.cells),
        **{f"{score}_raw": score_as_given(scores.get(score), privacy) for score in SCORES},
        "comment": text["comment"],
        "device_hash": privacy.hash(typed("device", words)),
        "phone_hash": someone("phone", hashed_phone),
        "email_hash": someone("email", hashed_email),
        "language": text["language"] or plan.constants.get("language"),
    }


def _words(role: str, column: Column, cells: list[str]) -> str:
    """A role's cell; of a code, what it means, where words are asked for."""
    cell = column.value(cells)
    return column.labels.get(cell.strip(), cell) if role in WORDS else cell


def _made_id(row: Row, privacy: Privacy, same_rows: Counter[str]) -> str:
    """An id for a table that has none: the row's content, and its number among equal rows.

    Blank cells don't count: a form that gets a question more is exported with all its old rows.
    """
    content = privacy.hash("\x1f".join(filter(None, map(str.strip, row.cells)))) or ""
    same_rows[content] += 1
    return f"row-{content}-{same_rows[content]}"


def _note_choices(plan: Plan, config: SurveyConfig, tally: Tally) -> None:
    if "response_id" not in plan.roles:
        tally.notes.append("no response_id is mapped: ids are made of each row's content")
    said = plan.form.zone_said
    if said and config.zone is None:
        tally.notes.append(f"times are in {plan.zone.key}, as the file says")
    elif said and said != plan.zone.key:
        tally.notes.append(
            f"times are read in {plan.zone.key}, as the config says; the file says {said}"
        )
    used = {column.position for column in plan.roles.values()}
    dropped = [
        c.header for c in plan.form.columns if c.kind == "personal" and c.position not in used
    ]
    if dropped:
        tally.notes.append(f"personal columns not landed: {', '.join(dropped[:20])}")
