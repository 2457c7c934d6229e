"""The entry for surveys.yml that a file suggests: what is sure is set, what is not is a comment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from loaders.config import SurveyConfig
from loaders.inspection.dates import DateReading
from loaders.inspection.guesses import Guess
from loaders.inspection.hints import Hint, several_choices
from loaders.inspection.looking import Look
from loaders.inspection.profiles import one_line
from loaders.readers.form import Column

_FOLDER = re.compile(r"[^A-Za-z0-9]+")
_ROLES = (
    *("response_id", "submitted_at", "started_at", "duration_seconds"),
    *("nps", "csat", "ces", "comment"),
    *("customer_id", "invitation_id", "unit_id", "touchpoint_id", "channel", "device", "language"),
    *("phone", "email"),
)
_MOST_MAYBES = 3
"""So many columns that may play one role are named; the others show in the table."""


def survey_id_for(path: Path) -> str:
    """A survey id made of a file's name."""
    name = path.name.split(".")[0]
    made = _FOLDER.sub("_", name).strip("_").lower()
    return made or "my_survey"


def entry(
    survey_id: str,
    look: Look,
    guesses: Sequence[Guess],
    dates: DateReading,
    hints: Sequence[Hint],
    given: SurveyConfig,
) -> str:
    """The lines to paste below `surveys:`; they load the file as it is."""
    lines = [
        f"  {scalar(survey_id)}:",
        *_reading(look, dates, given),
        *_roles(look, guesses, hints),
        *_several(look),
        *_constants(look, guesses),
        *_dropped(look, guesses),
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def scalar(text: str) -> str:
    """A text as YAML in one line, in quotes where it needs them."""
    plain = yaml.safe_dump(text, allow_unicode=True, width=10**9).strip()
    plain = plain.removesuffix("...").strip()
    if "\n" not in plain and not plain.startswith(("|", ">")):
        return plain
    return yaml.safe_dump(text, allow_unicode=True, default_style='"', width=10**9).strip()


def _reading(look: Look, dates: DateReading, given: SurveyConfig) -> Iterator[str]:
    yield f"    format: {look.format}" + _note(look.why)
    suffixes = [s for s in look.path.suffixes if s.strip(".").isalnum()][-2:]
    yield f"    files: {scalar('*' + _ending(suffixes))}"
    if given.encoding != "auto":
        yield f"    encoding: {scalar(given.encoding)}"
    if given.delimiter != "auto":
        yield f"    delimiter: {scalar(given.delimiter)}"
    if given.sheet is not None:
        yield f"    sheet: {scalar(given.sheet)}"
    yield _zone(look, given)
    if dates.order != "ymd":
        yield f"    date_order: {dates.order}" + _note(
            ("DECIDE: " if dates.decide else "") + dates.reason
        )


def _ending(suffixes: Sequence[str]) -> str:
    packed = suffixes[-1:] in ([".gz"], [".zip"])
    return "".join(suffixes if packed and len(suffixes) > 1 else suffixes[-1:])


def _zone(look: Look, given: SurveyConfig) -> str:
    if given.zone:
        return f"    zone: {scalar(given.zone)}"
    if look.form.zone:
        return f"    # zone: {look.form.zone.key}" + _note("as the file says; write it to fix it")
    said = f"the file says {look.form.zone_said}, which is not known" if look.form.zone_said else ""
    said = said or "the file does not say; without this line it is the deployment's"
    return "    # zone: Asia/Shanghai" + _note(f"DECIDE: {said}")


def _roles(look: Look, guesses: Sequence[Guess], hints: Sequence[Hint]) -> Iterator[str]:
    lines: list[str] = []
    for role in _ROLES:
        lines += _role(look, role, [g for g in guesses if g.role == role])
    lines += [line for hint in hints for line in _hint(look, hint)]
    is_empty = all(line.lstrip().startswith("#") for line in lines)
    yield "    roles: {}" + _note("nothing is sure: decide below") if is_empty else "    roles:"
    if is_empty and lines:
        yield "    # roles:"
    yield from lines
    yield from _scores(guesses)


def _role(look: Look, role: str, mine: Sequence[Guess]) -> Iterator[str]:
    shown = sorted(mine, key=lambda g: (g.certainty == "maybe", -g.weight))
    for guess in shown[: 1 + _MOST_MAYBES]:
        name = scalar(look.form.only_name(guess.profile.column))
        if guess.is_taken:
            yield f"      {role}: {name}" + _note(guess.reason)
        else:
            yield f"      # {role}: {name}" + _note(f"DECIDE: {guess.reason}")


def _scores(guesses: Sequence[Guess]) -> Iterator[str]:
    """The labels of scores, to be confirmed and taken out of the comment with their role."""
    open_ = {g.role: g for g in reversed(guesses) if g.scores is not None}
    if not open_:
        return
    yield "    # scores:" + _note("DECIDE: what each answer is worth; then uncomment its role too")
    for role, guess in open_.items():
        yield f"    #   {role}:"
        for label, number in (guess.scores or {}).items():
            yield f"    #     {scalar(label)}: {'DECIDE' if number is None else number}"


def _hint(look: Look, hint: Hint) -> Iterator[str]:
    yield f"      # {hint.role}:" + _note(f"DECIDE: {hint.reason}")
    for name, member in hint.members.items():
        if isinstance(member, Column):
            yield f"      #   {scalar(name)}: {scalar(look.form.only_name(member))}"
            continue
        yield f"      #   {scalar(name)}:"
        for part, column in member.items():
            yield f"      #     {part}: {scalar(look.form.only_name(column))}"


def _several(look: Look) -> Iterator[str]:
    found = [(p.column, s) for p in look.profiles if (s := several_choices(p))]
    if found:
        yield "    # multi:" + _note("DECIDE: these seem to hold several choices in a cell")
        for column, separator in found:
            yield f"    #   {scalar(look.form.only_name(column))}: {scalar(separator)}"


def _constants(look: Look, guesses: Sequence[Guess]) -> Iterator[str]:
    taken = {g.role for g in guesses if g.is_taken and g.profile.filled}
    lines = []
    if "submitted_at" not in taken:
        reason = "DECIDE: no column says when answers came; say the day of the survey"
        lines.append("    #   submitted_at: 2026-09-30" + _note(reason))
    if "channel" not in taken:
        lines.append("    #   channel: app" + _note("how people were asked, if all the same way"))
    if "unit_id" not in taken:
        lines.append("    #   unit_id: S01" + _note("if all answers are about one unit"))
    if lines:
        yield "    # constants:"
        yield from lines


def _dropped(look: Look, guesses: Sequence[Guess]) -> Iterator[str]:
    names = [look.form.only_name(g.profile.column) for g in guesses if g.role == "drop"]
    guessed = {g.profile.column.position for g in guesses}
    asking = [
        p.column
        for p in look.profiles
        if p.column.kind == "question"
        and p.column.position not in guessed
        and p.asks_who()
        and len(p.values) * 2 > p.filled  # not the ticks of a list of phones
    ]
    if names:
        yield "    drop:" + _note("personal by what they hold; never landed")
        yield from (f"      - {scalar(name)}" for name in names)
    if asking:
        yield "    # drop:" + _note("DECIDE: these sound as if they told who somebody is")
        for column in asking:
            yield f"    #   - {scalar(look.form.only_name(column))}"


def _note(reason: str) -> str:
    return f"  # {one_line(reason)}"
