"""What lands beside a survey response: its answers, ratings of moments of truth, Kano answers, and
the invitation that it followed, where the export tells of that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lake.landing import Record
from lake.privacy import Privacy, looks_like_a_name
from loaders.amounts import plain_number
from loaders.binding import Plan, Question
from loaders.ids import hashed
from loaders.intake import Tally
from loaders.keys import BAR, escaped, joined
from loaders.readers.choices import Answer, answers
from loaders.readers.form import Column
from loaders.rows import Row
from loaders.scores import Scale
from loaders.texts import ValueFault, words
from loaders.times import timestamp

_SCORE = re.compile(r"[\x00-\x7f]{0,4}")
"""Scores and codes: nothing to mask. 张先生 is as short."""

_SHORT = 4

_REPEATED, _KEPT = 100, 2_000
"""Cells of up to so many characters are kept with what they hold, so many of each question."""

_TOLD = ("delivered_at", "opened_at")


class Beside:
    """Lands what the rows of one file hold beside their responses."""

    def __init__(self, plan: Plan, tally: Tally) -> None:
        self._plan, self._tally = plan, tally
        self._questions = [_Known(question) for question in plan.questions]

    def land(self, row: Row, response: dict[str, Any]) -> None:
        """Land all that a row holds beside its response, which landed."""
        plan, tally = self._plan, self._tally
        shared = record_of("survey_answer", "", response, row=row, plan=plan, tally=tally)
        tally.land_alike(shared, self._answers(row, response))
        for entity, item_name, groups in (
            ("kano_answer", "feature", plan.kano),
            ("mot_rating", "item", plan.mot),
        ):
            for item, parts in groups.items():
                _land_item(row, response, plan, tally, (entity, item_name, item), parts)
        if plan.invitation:
            _land_invitation(row, response, plan, tally)

    def _answers(self, row: Row, response: dict[str, Any]) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The natural key of each answer of a row, and the columns of survey_answer."""
        privacy = self._tally.landing.privacy
        personal = personal_words(row, self._plan)
        survey_id, response_id = response["survey_id"], response["response_id"]
        key_of_response, submitted_at = response_key(response), response["submitted_at"]
        landed: set[str] = set()
        for known in self._questions:
            if not row.cells[known.position]:  # most of them, of many choices
                continue
            question = known.question
            for answer in known.answers(row.cells):
                given = response["comment"]  # masked, and counted, once
                if question.is_hashed:
                    given = hashed(answer.raw, privacy)
                elif question.role != "comment":
                    given = masked(answer.raw, personal, privacy)
                choice = None if answer.choice is None else given
                key = f"{key_of_response}{BAR}{escaped(question.column.question_id)}"
                key = key if choice is None else f"{key}{BAR}{escaped(choice)}"
                if key in landed:  # the same choice in two columns of one question
                    privacy.take_masked()
                    continue
                landed.add(key)
                number = _number(question, answer) if given == answer.raw else None
                beside = masked(answer.beside or "", personal, privacy) or None
                yield (
                    key,
                    (
                        *(survey_id, response_id, *known.of_question),
                        *(choice, given, number, beside, submitted_at),
                    ),
                )


def response_key(response: Mapping[str, Any]) -> str:
    """The natural key of a response; those of what lands beside it begin with it."""
    return joined((response["survey_id"], response["response_id"] or ""))


def record_of(
    entity: str, key: str, values: dict[str, Any], *, row: Row, plan: Plan, tally: Tally
) -> Record:
    """A record of a row, which happened when its form was sent off."""
    column = plan.roles.get("submitted_at")
    written = row.cells[column.position].strip() if column else ""
    return tally.record(
        row.line,
        entity,
        key,
        values,
        event_at=values["submitted_at"],
        written=written or plan.constants.get("submitted_at", ""),
    )


def personal_words(row: Row, plan: Plan) -> set[str]:
    """What a row says in columns that tell who gave its answers, as `masked` compares them."""
    return {row.cells[place].strip().casefold() for place in plan.personal}


def masked(given: str, personal: set[str], privacy: Privacy) -> str | None:
    """An answer without what tells who gave it.

    Tools carry names and mails on in data fields of their own: what equals a personal column of
    the same response is as personal.
    """
    if _SCORE.fullmatch(given):
        return given
    bare = given.strip().casefold()
    # A short word may stand in both without being a person's (没有): a name does not by chance.
    if bare in personal and (len(bare) > _SHORT or looks_like_a_name(bare)):
        privacy.masked["personal"] += 1
        return "[personal]"
    return privacy.mask(given)


def score_as_given(cell: str | None, privacy: Privacy) -> str | None:
    """A score as it stands in the file: judging it is the warehouse's job. None for a blank."""
    if cell is None or not cell.strip():
        return None
    return cell if _SCORE.fullmatch(cell) else privacy.mask(cell)


def score_of(column: Column, cells: list[str], scale: Scale) -> str:
    """A score's cell, or the number that was declared for what it says."""
    given = column.value(cells)
    return scale.written(given, column.labels.get(given.strip()))


class _Known:
    """One question, and what those of its cells hold that came before: most say the same again."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.position = question.column.position
        self.of_question = (
            question.column.question_id,
            question.column.text,
            question.text_hash,
            question.role,
        )
        self._read: dict[str, Sequence[Answer]] = {}

    def answers(self, cells: Sequence[str]) -> Sequence[Answer]:
        """The answers in a row's cell."""
        cell = cells[self.position]
        found = self._read.get(cell)
        if found is None:
            found = answers(self.question.column, cells, self.question.separator)
            if len(cell) <= _REPEATED and len(self._read) < _KEPT:
                self._read[cell] = found
        return found


def _number(question: Question, answer: Answer) -> float | None:
    if question.scale is None:
        return plain_number(answer.cell)
    return question.scale.number(answer.cell, answer.raw)


def _land_item(
    row: Row,
    response: dict[str, Any],
    plan: Plan,
    tally: Tally,
    about: tuple[str, str, str],
    parts: Mapping[str, Column],
) -> None:
    """Land what one form said of a feature or a moment of truth, unless it said nothing."""
    entity, item_name, item = about
    privacy = tally.landing.privacy
    scale = plan.scales[entity.partition("_")[0]]
    values: dict[str, Any] = {
        "survey_id": plan.survey_id,
        "response_id": response["response_id"],
        item_name: item,
        "submitted_at": response["submitted_at"],
    }
    for part, column in parts.items():
        cell = column.value(row.cells)
        label = column.labels.get(cell.strip(), cell)
        values[f"{part}_raw"] = score_as_given(label, privacy)
        values[f"{part}_number"] = plain_number(scale.written(cell, label))
    if any(values[f"{part}_raw"] is not None for part in parts):
        key = f"{response_key(response)}{BAR}{escaped(item)}"
        tally.land_beside(record_of(entity, key, values, row=row, plan=plan, tally=tally))


def _land_invitation(row: Row, response: dict[str, Any], plan: Plan, tally: Tally) -> None:
    """Land the invitation that a form followed; one that can't be read costs nothing else."""
    privacy = tally.landing.privacy
    cells = {part: column.value(row.cells) for part, column in plan.invitation.items()}
    if not cells["sent_at"].strip():
        return
    # Numbers of responses begin at 1 in every survey: without an id of its own, it is the form's.
    invitation_id = response["invitation_id"] or response_key(response)
    times = {}
    for part in ("sent_at", *_TOLD):
        try:
            times[part] = timestamp(
                cells.get(part, ""), plan.zone, plan.date_order, is_stated=plan.zone_is_stated
            )
        except ValueFault as fault:
            column = plan.invitation[part]
            tally.reject(
                row.line,
                column.header,
                fault.code,
                f"{column.header}: {fault.reason}",
                natural_key=invitation_id,
                value=cells[part],
                entity="invitations",
            )
            return
    values = {
        "invitation_id": invitation_id,
        "survey_id": plan.survey_id,
        "customer_id": response["customer_id"],
        **times,
        "channel": privacy.mask(words(cells.get("channel", ""))) or response["channel"],
        "started_at": response["started_at"],
        "completed_at": (
            response["submitted_at"] if response["response_status"] == "complete" else None
        ),
        "incentive": privacy.mask(words(cells.get("incentive", ""))),
    }
    tally.land_beside(
        tally.record(
            row.line,
            "invitations",
            invitation_id,
            values,
            event_at=times["sent_at"],
            written=cells["sent_at"].strip(),
        )
    )
