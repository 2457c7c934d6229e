"""What surveys.yml and extracts.yml may say, and what a person is told when they say it wrong."""

from __future__ import annotations

import codecs
import datetime as dt
import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from lake.config import StrictModel, absent_is_empty
from lake.entities import EXTRACTS

HASHED_HEADERS = {"phone": "phone_hash", "email": "email_hash"}
"""Raw columns that a file may carry -> the column of the entity that takes their keyed hash."""
RENAMED_HEADERS = {**HASHED_HEADERS, "source": "denominator_source"}
"""What files call a column -> our name where it differs: `source` is the lake's own word."""

DateOrder = Literal["ymd", "mdy", "dmy", "excel"]
"""How a date reads that doesn't begin with its year; excel: as a spreadsheet's number of days."""
DecimalSign = Literal["auto", "point", "comma"]
Delimiter = Literal["auto", ",", ";", "\t", "|", "^", "\x01"]
Format = Literal[
    "auto",
    "qualtrics",
    "surveymonkey",
    "wjx",
    "typeform",
    "googleforms",
    "limesurvey",
    "spss",
    "table",
]
"""How a survey export is read; each but auto is the name of a Reader."""

_SURVEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def extract_columns(entity: str) -> tuple[str, ...]:
    """The names that an extract file of `entity` may carry: phone and email, not their hashes."""
    raw = {ours: name for name, ours in RENAMED_HEADERS.items()}
    return tuple(raw.get(name, name) for name in EXTRACTS[entity].columns)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`Did you mean `x`?` when something known is close, else an empty text."""
    close = closest(name, known)
    return f"Did you mean `{close}`?" if close else ""


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `name`, whatever the case; None if none does."""
    folded = {k.casefold(): k for k in known}
    found = difflib.get_close_matches(name.casefold(), folded, n=1)
    return folded[found[0]] if found else None


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f"the zone {name!r} is not known. Write an IANA name such as Asia/Shanghai"
        ) from error
    return name


def _encoding(name: str) -> str:
    if name == "auto":
        return name
    try:
        info = codecs.lookup(name)
    except LookupError as error:
        raise ValueError(
            f"the encoding {name!r} is not known. Write auto, utf-8, gb18030, utf-16, …"
        ) from error
    if not info._is_text_encoding:
        raise ValueError(f"{name!r} is not an encoding of text. Write auto, utf-8 or gb18030")
    return name


def _pattern(pattern: str) -> str:
    if not pattern.strip() or "/" in pattern or "\\" in pattern:
        raise ValueError(
            f"{pattern!r} is not a pattern of file names. Files are taken from their landing "
            "folder only: write for example *.csv, without a folder"
        )
    return pattern


def _query_names(query: str) -> set[str]:
    """The placeholders of a query: `:since`, but not `::date` and not `10:30`."""
    return set(re.findall(r"(?<![:\w\\]):(\w+)(?!:)", query))


def _text(value: Any) -> Any:
    """YAML reads 2026-09-01 as a date and 7 as a number: a constant is the text of either."""
    if isinstance(value, dt.date | int | float) and not isinstance(value, bool):
        return str(value)
    return value


def _labels(value: Any) -> Any:
    """YAML reads the label 10 as a number, and yes, no, on as true and false: those are lost."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        return value
    if any(isinstance(label, bool) for label in value):
        raise ValueError(
            "a label reads as true or false. Write yes, no, on and off in quotes: 'yes': 5"
        )
    return {_text(label): score for label, score in value.items()}


Zone = Annotated[str, AfterValidator(_zone)]
Encoding = Annotated[str, AfterValidator(_encoding)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Constant = Annotated[str, BeforeValidator(_text)]
LabelScores = Annotated[
    dict[str, Annotated[float, Field(allow_inf_nan=False)]], BeforeValidator(_labels)
]
Separator = Annotated[str, Field(min_length=1)]


class FileConfig(StrictModel):
    """What any dropped file may need said: which files, their zone, encoding, shape.

    `done_marker`: `a.csv` is left until `a.csv.done` lies beside it. `settle_seconds`: a file that
    was written to less than so long before the night is left for the next.
    """

    files: Pattern = "*"
    done_marker: bool = False
    settle_seconds: int = Field(default=0, ge=0, le=86_400)
    zone: Zone | None = None
    encoding: Encoding = "auto"
    delimiter: Delimiter = "auto"
    date_order: DateOrder = "ymd"
    sheet: str | None = None


class QueryConfig(StrictModel):
    """What is asked of a database in place of reading files; its address is no part of it.

    `database` names the environment variable VOC_DB_<NAME> that holds the address. A `query`, or
    a whole `table`, gives the rows. `incremental` is a column that grows with every change: a night
    asks from the largest value on that the nights before saw, less `overlap_minutes` where it is a
    time. `since` is where the first night begins.
    """

    database: str | None = Field(default=None, pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    query: str | None = None
    table: str | None = None
    incremental: str | None = None
    since: dt.datetime | dt.date | int | float | str | None = None
    overlap_minutes: int = Field(default=60, ge=0)
    timeout_minutes: int = Field(default=60, ge=1)

    @property
    def variable(self) -> str:
        """The environment variable that holds the database's address."""
        return f"VOC_DB_{(self.database or '').upper()}"

    @model_validator(mode="after")
    def _one_way_to_ask(self) -> QueryConfig:
        asked = [name for name in ("query", "table") if getattr(self, name) is not None]
        if self.database is None:
            unused = sorted(self.model_fields_set & set(QueryConfig.model_fields) - {"database"})
            if unused:
                raise ValueError(
                    f"`{unused[0]}` is for a database, and none is named. Write `database: crm` "
                    "and put its address into the environment as VOC_DB_CRM"
                )
            return self
        if len(asked) != 1:
            raise ValueError(
                f"of the database {self.database!r}, either a `query` or a `table` is asked: "
                "write one of the two"
            )
        names = _query_names(self.query or "")
        if names - {"since"}:
            other = min(names - {"since"})
            raise ValueError(
                f"the query has the placeholder :{other}, and only :since is known here. A "
                "colon that is none is written \\:"
            )
        if (names or self.since is not None) and self.incremental is None:
            raise ValueError(
                "`incremental` is needed beside `since`: the column whose largest value the next "
                "night begins from"
            )
        if names and self.since is None:
            raise ValueError(
                "the query asks for :since, which the first night doesn't have. Write `since:`, "
                "such as 2020-01-01; or leave the condition out of the query: it is added"
            )
        return self


class ExtractConfig(FileConfig, QueryConfig):
    """One extract: `columns` maps our column name to the header of the file, or of the query.

    `decimals` is what stands before the decimals of its amounts. Auto is a point; but between
    semicolons, which stand where the comma is taken, 1.234 is refused rather than guessed.
    `mode` says what a file holds: what changed, or (`snapshot`) every row there is, so that a row
    which isn't listed any more is closed; not more than the share `max_closed` at once.
    `version_column` is the header of what says which of two versions of a row is newer.
    """

    columns: dict[str, str] = Field(default_factory=dict)
    decimals: DecimalSign = "auto"
    mode: Literal["delta", "snapshot"] = "delta"
    max_closed: float = Field(default=0.2, ge=0, le=1)
    version_column: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> ExtractConfig:
        of_files = ("files", "encoding", "delimiter", "sheet")
        unused = [name for name in of_files if name in self.model_fields_set]
        if self.database is not None and unused:
            raise ValueError(
                f"`{unused[0]}` is for files, and `database` asks a database: write one of the two"
            )
        if self.mode == "snapshot" and self.incremental is not None:
            raise ValueError(
                "a snapshot holds every row, and `incremental` asks for the changed ones only. "
                "Leave out `incremental`, or write `mode: delta`"
            )
        if "max_closed" in self.model_fields_set and self.mode == "delta":
            raise ValueError("`max_closed` is for snapshots: write `mode: snapshot` beside it")
        return self


class ExtractsFile(StrictModel):
    """extracts.yml: one entry per entity that the company drops."""

    extracts: Annotated[
        dict[str, Annotated[ExtractConfig, BeforeValidator(absent_is_empty)]],
        BeforeValidator(absent_is_empty),
    ] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> ExtractsFile:
        faults: list[InitErrorDetails] = []
        for entity, config in self.extracts.items():
            if entity not in EXTRACTS:
                hint = did_you_mean(entity, EXTRACTS) or f"Known: {', '.join(EXTRACTS)}."
                what = f"{entity!r} is not an extract that can be loaded. {hint}"
                faults.append(_fault(what, ("extracts", entity), entity))
            else:
                faults += _column_faults(entity, config.columns)
        if faults:
            raise ValidationError.from_exception_data("extracts", faults)
        return self


class KanoPair(StrictModel):
    """The two questions of a feature: how is it with it, and how without."""

    functional: str
    dysfunctional: str


class MotItem(StrictModel):
    """The questions on one moment of truth; what is not asked is left out."""

    expected: str | None = None
    actual: str | None = None
    importance: str | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> MotItem:
        if not (self.expected or self.actual or self.importance):
            raise ValueError("name at least one column: expected, actual or importance")
        return self


class InvitationColumns(StrictModel):
    """Where an export of answers tells of the invitation, too. `sent_at` must be told."""

    sent_at: str
    channel: str | None = None
    delivered_at: str | None = None
    opened_at: str | None = None
    incentive: str | None = None


class Roles(StrictModel):
    """Which column of the form plays which part: a header, an ImportId or a question's text."""

    response_id: str | None = None
    customer_id: str | None = None
    invitation_id: str | None = None
    submitted_at: str | None = None
    started_at: str | None = None
    duration_seconds: str | None = None
    nps: str | None = None
    csat: str | None = None
    ces: str | None = None
    comment: str | None = None
    unit_id: str | None = None
    touchpoint_id: str | None = None
    channel: str | None = None
    device: str | None = None
    phone: str | None = None
    email: str | None = None
    language: str | None = None
    drivers: dict[str, str] = Field(default_factory=dict)
    kano: dict[str, KanoPair] = Field(default_factory=dict)
    mot: dict[str, MotItem] = Field(default_factory=dict)
    invitation: InvitationColumns | None = None


class Scores(StrictModel):
    """The numbers that the labels of each scale stand for. A label that is not here has none."""

    nps: LabelScores = Field(default_factory=dict)
    csat: LabelScores = Field(default_factory=dict)
    ces: LabelScores = Field(default_factory=dict)
    drivers: LabelScores = Field(default_factory=dict)
    kano: LabelScores = Field(default_factory=dict)
    mot: LabelScores = Field(default_factory=dict)


class Constants(StrictModel):
    """What holds for every response whose own column is absent or blank."""

    channel: Constant | None = None
    unit_id: Constant | None = None
    touchpoint_id: Constant | None = None
    language: Constant | None = None
    submitted_at: Constant | None = None


class SurveyConfig(FileConfig):
    """One survey: the format of its exports and the roles of their columns.

    `multi` says what stands between the choices of a column's cells, where the format can't know.
    """

    format: Format = "auto"
    roles: Annotated[Roles, BeforeValidator(absent_is_empty)] = Roles()
    constants: Annotated[Constants, BeforeValidator(absent_is_empty)] = Constants()
    scores: Annotated[Scores, BeforeValidator(absent_is_empty)] = Scores()
    multi: Annotated[dict[str, Separator], BeforeValidator(absent_is_empty)] = Field(
        default_factory=dict
    )
    drop: list[str] = Field(default_factory=list)
    hash: list[str] = Field(default_factory=list)


class SurveysFile(StrictModel):
    """surveys.yml: one entry per survey; its key is the survey_id and its landing folder."""

    surveys: Annotated[
        dict[str, Annotated[SurveyConfig, BeforeValidator(absent_is_empty)]],
        BeforeValidator(absent_is_empty),
    ] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _ids(self) -> SurveysFile:
        faults = [
            _fault(
                f"{survey!r} can't be a survey id: it names a folder. Use letters, digits, _ and -",
                ("surveys", survey),
                survey,
            )
            for survey in self.surveys
            if not _SURVEY_ID.fullmatch(survey)
        ]
        if faults:
            raise ValidationError.from_exception_data("surveys", faults)
        return self


def _column_faults(entity: str, columns: Mapping[str, str]) -> list[InitErrorDetails]:
    known = extract_columns(entity)
    hashed = {v: k for k, v in HASHED_HEADERS.items()}
    faults = []
    for name in columns:
        if name in known:
            continue
        if name in hashed and hashed[name] in known:
            hint = f"Write `{hashed[name]}: <header>`: it is hashed here, with your key."
        else:
            hint = did_you_mean(name, known) or f"Its columns: {', '.join(known)}."
        what = f"{name!r} is not a column of {entity}. {hint}"
        faults.append(_fault(what, ("extracts", entity, "columns", name), name))
    return faults


def _fault(what: str, loc: tuple[str, ...], value: str) -> InitErrorDetails:
    # A literal brace would be taken for a placeholder of the template, hence the parameter.
    error = PydanticCustomError("value_error", "{what}", {"what": what})
    return InitErrorDetails(type=error, loc=loc, input=value)
