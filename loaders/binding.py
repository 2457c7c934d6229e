"""What a survey's config means in one file: the column of each role, the questions, the scales.

Everything here is settled before the first row; a column that isn't there is a FileFault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from lake.landing import digest
from loaders.config import HASHED_HEADERS, Roles, Scores, SurveyConfig
from loaders.files import FileFault
from loaders.headers import folded, missing
from loaders.readers.form import Column, Form
from loaders.scores import Scale
from loaders.texts import ValueFault
from loaders.times import timestamp

SCORES = ("nps", "csat", "ces")
ANSWERS = (*SCORES, "comment")
IDS = ("response_id", "customer_id", "invitation_id", "unit_id", "touchpoint_id")
"""Roles that are answers of the respondent too; the other roles say who, where, when."""

OF_ITEMS = ("driver", "kano", "mot")
"""Roles that are followed by what they are about: driver:taste, mot:pickup:actual."""


@dataclass(frozen=True)
class Question:
    """A column that lands as answers: its place among the roles, and how its cells are read.

    `separator` stands between the choices of a cell, where it may hold several; `scale` has the
    numbers of the labels, where the role is one that is counted in numbers. `is_hashed` ones land
    as keyed hashes.
    """

    column: Column
    text_hash: str
    role: str
    separator: str | None
    scale: Scale | None
    is_hashed: bool = False


@dataclass(frozen=True)
class Plan:
    """How the rows of one file are read: the column of each role, the questions, the zone.

    `kano`, `mot` and `invitation` hold their columns by feature or item, and by part. The zone is
    stated by the config or the file, or else the deployment's.
    """

    survey_id: str
    roles: dict[str, Column]
    personal: tuple[int, ...]
    questions: tuple[Question, ...]
    scales: Mapping[str, Scale]
    kano: Mapping[str, Mapping[str, Column]]
    mot: Mapping[str, Mapping[str, Column]]
    invitation: Mapping[str, Column]
    zone: ZoneInfo
    zone_is_stated: bool
    date_order: str
    constants: dict[str, str]
    submitted_constant: datetime | None
    form: Form


def bind(survey_id: str, config: SurveyConfig, form: Form, zone: ZoneInfo, date_order: str) -> Plan:
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
    items = _items(config.roles, form)
    _refuse_shared(roles | items)
    claimed = {column.position for column in (roles | items).values()}
    for column in form.columns:
        if column.role and column.role not in roles and column.position not in claimed:
            roles[column.role] = column
    scales = _scales(config.scores)
    constants = {k: v for k, v in config.constants.model_dump().items() if v}
    invitation = _invitation(config.roles, form)
    played = {f"invitation:{part}": column for part, column in invitation.items()} | items | roles
    return Plan(
        survey_id=survey_id,
        roles=roles,
        personal=_personal(form, roles),
        questions=_questions(form, played, config, scales),
        scales=scales,
        kano=_grouped(items, "kano"),
        mot=_grouped(items, "mot"),
        invitation=invitation,
        zone=zone,
        zone_is_stated=bool(config.zone or form.zone_said),
        date_order=date_order,
        constants=constants,
        submitted_constant=_constant_time(constants, zone, date_order),
        form=form,
    )


def _personal(form: Form, roles: Mapping[str, Column]) -> tuple[int, ...]:
    """Where a response tells who gave it: what the tool calls so, and the phone and the mail."""
    contacts = {roles[name].position for name in HASHED_HEADERS if name in roles}
    return tuple(sorted({c.position for c in form.columns if c.kind == "personal"} | contacts))


def _items(roles: Roles, form: Form) -> dict[str, Column]:
    """driver:taste, kano:dark mode:functional, mot:pickup:actual -> its column."""
    named = {f"driver:{driver}": name for driver, name in roles.drivers.items()}
    for kind, groups in (("kano", roles.kano), ("mot", roles.mot)):
        for item, parts in groups.items():
            for part, name in parts.model_dump().items():
                if name is not None:
                    named[f"{kind}:{item}:{part}"] = name
    return {role: _column(name, role, form) for role, name in named.items()}


def _grouped(items: Mapping[str, Column], kind: str) -> dict[str, dict[str, Column]]:
    """The columns of one kind of items, by item and part."""
    found: dict[str, dict[str, Column]] = {}
    for role, column in items.items():
        if role.startswith(f"{kind}:"):
            item, _, part = role.removeprefix(f"{kind}:").rpartition(":")
            found.setdefault(item, {})[part] = column
    return found


def _invitation(roles: Roles, form: Form) -> dict[str, Column]:
    said = roles.invitation.model_dump(exclude_none=True) if roles.invitation else {}
    return {part: _column(name, f"invitation {part}", form) for part, name in said.items()}


def _scales(scores: Scores) -> dict[str, Scale]:
    """One scale for each kind of role: `driver` for all drivers."""
    scales = {role: Scale(role, labels) for role, labels in scores.model_dump().items()}
    scales["driver"] = scales.pop("drivers")
    return scales


def _refuse_shared(roles: dict[str, Column]) -> None:
    """Raise FileFault where the config gives one column two parts of which one is a value's.

    Ids may share one: a response can be known by its invitation. What a moment of truth was like
    may be what was asked for as a score, too.
    """
    by_position: dict[int, list[str]] = {}
    for role, column in roles.items():
        by_position.setdefault(column.position, []).append(role)
    for position, shared in by_position.items():
        values = [role for role in shared if not role.startswith("mot:")]
        may_share = set(shared) <= {*IDS, "device"} or (
            len(values) <= 1 < len(shared)
            and all(role in SCORES or role.startswith("driver:") for role in values)
        )
        if len(shared) > 1 and not may_share:
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
    form: Form, played: Mapping[str, Column], config: SurveyConfig, scales: Mapping[str, Scale]
) -> tuple[Question, ...]:
    dropped = {folded(name) for name in config.drop}
    hashed = {_column(name, "hash", form).position for name in config.hash}
    roles = {column.position: role for role, column in played.items()}
    separators = _separators(form, config.multi, roles)
    questions = []
    for column in form.columns:
        role = roles.get(column.position, "other")
        kind = role.partition(":")[0]
        is_answer = role in ANSWERS or kind in OF_ITEMS or role == "other"
        names = (*column.names, column.question_id)
        is_dropped = any(folded(name) in dropped for name in names if name)
        is_hashed = column.position in hashed
        if (column.kind == "question" or is_hashed) and is_answer and not is_dropped:
            questions.append(
                Question(
                    column=column,
                    text_hash=digest(folded(column.text)),
                    role=role,
                    separator=separators.get(column.position),
                    scale=scales.get(kind),
                    is_hashed=is_hashed,
                )
            )
    return tuple(questions)


def _separators(form: Form, said: Mapping[str, str], roles: Mapping[int, str]) -> dict[int, str]:
    """What stands between the choices, by column. A column with a role of its own is one answer."""
    found = {
        c.position: c.separator
        for c in form.columns
        if c.separator is not None and c.position not in roles
    }
    for name, separator in said.items():
        column = _column(name, "multi", form)
        if column.position in roles:
            raise FileFault(
                f"its column {column.header!r} is mapped to {roles[column.position]} in the config "
                "and to multi, which splits it into several answers. Leave one of them out."
            )
        found[column.position] = separator
    return found


def _column(wanted: str, role: str, form: Form) -> Column:
    """The column that a config calls by its header, its ImportId or its question's text."""
    found = form.called(wanted)
    if not found:
        headers: Sequence[str] = [c.header for c in form.columns]
        raise missing(wanted, f"mapped to {role} in the config", headers)
    if len(found) > 1:
        raise FileFault(
            f"{wanted!r} (mapped to {role} in the config) is the name of {len(found)} columns: "
            f"{_names(form, found[:10])}. Write which one is meant, as it stands here."
        )
    return found[0]


def _names(form: Form, columns: Iterable[Column]) -> str:
    return ", ".join(form.only_name(column) for column in columns)
