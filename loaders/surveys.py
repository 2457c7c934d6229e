"""Survey exports: landing/surveys/<survey_id>/* -> survey_response and survey_answer records.

One response per row, and one answer per question that was answered. What tells who somebody is does
not land: personal columns are dropped, or hashed where a role asks for them; free text is masked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lake.entities import SURVEY_RESPONSE
from lake.landing import Lake, Record, RunContext, SourceRun, digest
from lake.privacy import Privacy
from loaders.amounts import plain_number, seconds
from loaders.config import SurveyConfig
from loaders.files import FileFault
from loaders.headers import folded, missing
from loaders.intake import Job, Tally, person_id, take
from loaders.readers import open_form
from loaders.readers.form import Column, Form
from loaders.rows import Row, Table
from loaders.texts import ValueFault, identifier, words
from loaders.times import precision, timestamp

PARSER = "surveys/2"
SCORES = ("nps", "csat", "ces")
ANSWERS = (*SCORES, "comment")
IDS = ("response_id", "customer_id", "invitation_id", "unit_id", "touchpoint_id")
"""Roles that are answers of the respondent too; the other roles say who, where, when."""

SHORT = 4
"""Answers of up to so many characters (scores, codes) hold nothing to mask."""


@dataclass(frozen=True)
class _Question:
    """A column that lands as answers."""

    column: Column
    question_id: str
    text: str
    text_hash: str
    role: str


@dataclass(frozen=True)
class _Plan:
    """How the rows of one file are read: the column of each role, the questions, the zone."""

    survey_id: str
    roles: dict[str, Column]
    personal: tuple[int, ...]
    questions: tuple[_Question, ...]
    zone: ZoneInfo
    date_order: str
    constants: dict[str, str]
    submitted_constant: datetime | None
    form: Form


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
        plan = _plan(survey_id, config, form, job.zone)
        tally.notes += [reason, *form.notes]
        _note_choices(plan, config, tally)
        _read(table, tally, plan)

    return take(job, read, lake=lake, privacy=privacy, progress=progress, parser_version=PARSER)


def _read(table: Table, tally: Tally, plan: _Plan) -> None:
    same_rows: Counter[str] = Counter()
    for row in tally.count(table):
        try:
            values = _response(row, plan, tally, same_rows)
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
            _record(SURVEY_RESPONSE.name, _key(values), values, row=row, plan=plan, tally=tally)
        ):
            _land_answers(row, values, plan, tally)


class _CellFaultError(Exception):
    """A cell of a typed role that can't be read: which column, why, whose response."""

    def __init__(self, column: Column, why: ValueFault, key: str) -> None:
        super().__init__(why.reason)
        self.column, self.why, self.key = column, why, key


def _response(row: Row, plan: _Plan, tally: Tally, same_rows: Counter[str]) -> dict[str, Any]:
    """The typed columns of one response. Raises _CellFaultError."""
    privacy = tally.landing.privacy
    given = {role: c.value(row.cells) for role, c in plan.roles.items()}
    ids: dict[str, str | None] = {}

    def typed(role: str, parse: Callable[[str], Any]) -> Any:
        try:
            return parse(given[role]) if role in given else None
        except ValueFault as fault:
            key = f"{plan.survey_id}|{ids.get('response_id') or ''}"
            raise _CellFaultError(plan.roles[role], fault, key) from fault

    for role in IDS:
        ids[role] = typed(role, identifier)
    text = {role: typed(role, words) for role in ("channel", "comment", "device", "language")}
    if "response_id" not in plan.roles:
        ids["response_id"] = _made_id(row, privacy, same_rows)

    def moment(cell: str) -> datetime | None:
        return timestamp(cell, plan.zone, plan.date_order)

    return {
        "survey_id": plan.survey_id,
        "response_id": ids["response_id"],
        "customer_id": person_id(ids["customer_id"], privacy),
        "invitation_id": ids["invitation_id"],
        "submitted_at": typed("submitted_at", moment) or plan.submitted_constant,
        "started_at": typed("started_at", moment),
        "duration_seconds": typed("duration_seconds", seconds),
        "unit_id": ids["unit_id"] or plan.constants.get("unit_id"),
        "touchpoint_id": ids["touchpoint_id"] or plan.constants.get("touchpoint_id"),
        "channel": text["channel"] or plan.constants.get("channel"),
        "response_status": plan.form.status(row.cells),
        **{f"{score}_raw": _as_given(given.get(score), privacy) for score in SCORES},
        "comment": privacy.mask(text["comment"]),
        "device_hash": privacy.hash(text["device"]),
        "language": text["language"] or plan.constants.get("language"),
    }


def _land_answers(row: Row, response: dict[str, Any], plan: _Plan, tally: Tally) -> None:
    privacy = tally.landing.privacy
    personal = {row.cells[place].strip().casefold() for place in plan.personal}
    for question in plan.questions:
        given = question.column.value(row.cells)
        if not given.strip():
            continue
        answer = response["comment"]  # masked, and counted, once
        if question.role != "comment":
            answer = _masked(given, personal, privacy)
        values = {
            "survey_id": plan.survey_id,
            "response_id": response["response_id"],
            "question_id": question.question_id,
            "question_text": question.text,
            "question_hash": question.text_hash,
            "role": question.role,
            "answer_raw": answer,
            "answer_number": plain_number(given),
            "submitted_at": response["submitted_at"],
        }
        key = f"{_key(response)}|{question.question_id}"
        tally.land_beside(_record("survey_answer", key, values, row=row, plan=plan, tally=tally))


def _masked(given: str, personal: set[str], privacy: Privacy) -> str | None:
    """An answer without what tells who gave it.

    Tools carry names and mails on in data fields of their own: what equals a personal column of
    the same response is as personal.
    """
    if len(given) <= SHORT:
        return given
    if given.strip().casefold() in personal:
        privacy.masked_values += 1
        return "[personal]"
    return privacy.mask(given)


def _record(
    entity: str, key: str, values: dict[str, Any], *, row: Row, plan: _Plan, tally: Tally
) -> Record:
    column = plan.roles.get("submitted_at")
    raw = row.cells[column.position].strip() if column else ""
    raw = raw or plan.constants.get("submitted_at", "")
    moment = values["submitted_at"]
    return Record(
        entity=entity,
        natural_key=key,
        columns=values,
        url=tally.file.url,
        position=row.line,
        archive_file=tally.file.url,
        archive_offset=row.line,
        parser_version=tally.parser_version,
        spec_hash=tally.spec_hash,
        event_at=moment,
        event_at_raw=raw if moment else None,
        event_precision=precision(raw) if moment else "unknown",
    )


def _key(response: dict[str, Any]) -> str:
    return f"{response['survey_id']}|{response['response_id'] or ''}"


def _as_given(cell: str | None, privacy: Privacy) -> str | None:
    """A score as it stands in the file: judging it is the warehouse's job. None for a blank."""
    if cell is None or not cell.strip():
        return None
    return cell if len(cell) <= SHORT else privacy.mask(cell)


def _made_id(row: Row, privacy: Privacy, same_rows: Counter[str]) -> str:
    """An id for a table that has none: the row's content, and its number among equal rows."""
    content = privacy.hash("\x1f".join(row.cells)) or ""
    same_rows[content] += 1
    return f"row-{content}-{same_rows[content]}"


def _plan(survey_id: str, config: SurveyConfig, form: Form, zone: ZoneInfo) -> _Plan:
    """Bind the config to this file's columns. Raises FileFault for a column that is not there."""
    if config.zone is None and form.zone_said:
        if form.zone is None:
            raise FileFault(
                f"it says that its times are in the zone {form.zone_said!r}, which is not known "
                "here. Write the zone in the config: zone: Asia/Shanghai."
            )
        zone = form.zone
    named = {k: v for k, v in config.roles.model_dump().items() if isinstance(v, str)}
    roles = {role: _column(name, role, form) for role, name in named.items()}
    drivers = {
        f"driver:{driver}": _column(name, f"driver {driver}", form)
        for driver, name in config.roles.drivers.items()
    }
    _refuse_shared(roles | drivers)
    claimed = {column.position for column in roles.values()}
    for column in form.columns:
        if column.role and column.role not in roles and column.position not in claimed:
            roles[column.role] = column
    constants = {k: v for k, v in config.constants.model_dump().items() if v}
    return _Plan(
        survey_id=survey_id,
        roles=roles,
        personal=tuple(c.position for c in form.columns if c.kind == "personal"),
        questions=_questions(form, roles, drivers, config.drop),
        zone=zone,
        date_order=config.date_order,
        constants=constants,
        submitted_constant=_constant_time(constants, zone, config.date_order),
        form=form,
    )


def _refuse_shared(roles: dict[str, Column]) -> None:
    """Raise FileFault where the config gives one column two parts of which one is a value's.

    Ids may share one: a response can be known by its invitation.
    """
    by_position: dict[int, list[str]] = {}
    for role, column in roles.items():
        by_position.setdefault(column.position, []).append(role)
    for position, shared in by_position.items():
        if len(shared) > 1 and not set(shared) <= {*IDS, "device"}:
            header = next(c.header for c in roles.values() if c.position == position)
            raise FileFault(
                f"its column {header!r} is mapped to {' and to '.join(shared)}, which can't all be "
                "meant. Mend the roles in the config."
            )


def _constant_time(constants: dict[str, str], zone: ZoneInfo, order: str) -> datetime | None:
    try:
        return timestamp(constants.get("submitted_at", ""), zone, order)
    except ValueFault as fault:
        raise FileFault(f"constants.submitted_at of the config: {fault.reason}") from fault


def _questions(
    form: Form, roles: dict[str, Column], drivers: dict[str, Column], drop: Iterable[str]
) -> tuple[_Question, ...]:
    dropped = {folded(name) for name in drop}
    played = {column.position: role for role, column in (roles | drivers).items()}
    questions = []
    for column in form.columns:
        role = played.get(column.position, "other")
        is_answer = role in ANSWERS or role.startswith("driver:") or role == "other"
        is_dropped = any(folded(name) in dropped for name in column.names if name)
        if column.kind == "question" and is_answer and not is_dropped:
            text_hash = digest(folded(column.text))
            questions.append(_Question(column, column.question_id, column.text, text_hash, role))
    return tuple(questions)


def _column(wanted: str, role: str, form: Form) -> Column:
    """The column that a config calls by its header, its ImportId or its question's text."""
    found = form.called(wanted)
    if not found:
        headers: Sequence[str] = [c.header for c in form.columns]
        raise missing(wanted, f"mapped to {role} in the config", headers)
    if len(found) > 1:
        raise FileFault(
            f"{wanted!r} (mapped to {role} in the config) is the name of {len(found)} columns: "
            f"{', '.join(form.only_name(c) for c in found[:10])}. Write which one is meant, as "
            "it stands here."
        )
    return found[0]


def _note_choices(plan: _Plan, config: SurveyConfig, tally: Tally) -> None:
    if "response_id" not in plan.roles:
        tally.notes.append("no response_id is mapped: ids are made of each row's content")
    said = plan.form.zone_said
    if said and config.zone is None:
        tally.notes.append(f"times are in {plan.zone.key}, as the file says")
    elif said and said != plan.zone.key:
        tally.notes.append(
            f"times are read in {plan.zone.key}, as the config says; the file says {said}"
        )
    dropped = [c.header for c in plan.form.columns if c.kind == "personal"]
    if dropped:
        tally.notes.append(f"personal columns not landed: {', '.join(dropped[:20])}")
