"""One look at a file, from its bytes to the entry that would load it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from lake.config import UsageError
from loaders.config import SurveyConfig, SurveysFile
from loaders.inspection.dates import DateReading, date_reading
from loaders.inspection.entry import entry, survey_id_for
from loaders.inspection.guesses import Guess, guess
from loaders.inspection.hints import hints
from loaders.inspection.looking import Look, look


@dataclass(frozen=True)
class Inspection:
    """What was found in a file, and the entry for surveys.yml that it suggests."""

    look: Look
    guesses: tuple[Guess, ...]
    dates: DateReading
    survey_id: str
    entry: str


def told(**said: str | None) -> SurveyConfig:
    """What a person said of a file, as its config would. Raises UsageError."""
    try:
        return SurveyConfig.model_validate({k: v for k, v in said.items() if v is not None})
    except ValidationError as error:
        first = error.errors()[0]
        what = str(first["msg"]).removeprefix("Value error, ")
        raise UsageError(f"--{first['loc'][0]} {first['input']!r}: {what}.") from error


def inspect_file(path: Path, given: SurveyConfig, survey_id: str | None = None) -> Inspection:
    """Inspect one export; `given` holds what the person said of it. Raises FileFault."""
    name = survey_id or survey_id_for(path)
    _refuse(name)
    seen = look(path, given)
    dates = date_reading(seen.profiles)
    if given.date_order != "ymd":
        dates = DateReading(given.date_order, "as you said")
    zone = ZoneInfo(given.zone) if given.zone else seen.form.zone
    guesses = tuple(guess(seen.profiles, seen.sampled, dates.order, zone))
    taken = {g.profile.column.position for g in guesses if g.is_taken}
    groups = hints(seen.profiles, taken)
    lines = entry(name, seen, guesses, dates, groups, given)
    return Inspection(seen, guesses, dates, name, lines)


def _refuse(survey_id: str) -> None:
    try:
        SurveysFile.model_validate({"surveys": {survey_id: {}}})
    except ValidationError as error:
        raise UsageError(f"--survey-id: {error.errors()[0]['msg']}.") from error
