"""The suites' YAML: what each table's numbers should look like, read into typed models.

Nothing here imports Great Expectations, so that schedulers can list the checks at no cost.
Whether an expectation's name and settings exist is asked of Great Expectations by the runner.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from lake.config import ConfigError, Problem, StrictModel, load_yaml

SUITES = Path(__file__).parent / "suites"

Severity = Literal["error", "warn"]

_TABLE = re.compile(r"^(core|marts)\.[a-z][a-z0-9_]*$")
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_ROW_COUNT = "expect_table_row_count_to_be_between"
_COMPLETENESS = frozenset(
    {
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_null",
        "expect_column_proportion_of_non_null_values_to_be_between",
    }
)


class Drift(StrictModel):
    """How far a table's row count may move from the previous release's, as shares of it."""

    max_drop_share: float | None = Field(default=None, ge=0, le=1)
    max_growth_share: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _says_something(self) -> Drift:
        if self.max_drop_share is None and self.max_growth_share is None:
            raise ValueError("drift is empty. Give max_drop_share, max_growth_share or both")
        return self

    def bounds(self, previous_rows: int) -> dict[str, int]:
        """The row counts allowed beside a previous release that had `previous_rows`."""
        bounds = {}
        if self.max_drop_share is not None:
            bounds["min_value"] = round(previous_rows * (1 - self.max_drop_share))
        if self.max_growth_share is not None:
            bounds["max_value"] = round(previous_rows * (1 + self.max_growth_share))
        return bounds


class Expectation(BaseModel):
    """One expectation; keys beside these are handed to Great Expectations as they stand.

    `where` keeps only the rows whose columns equal the values given. `min_rows` is the number of
    values below which the expectation says nothing (for drift: rows of the previous release); by
    default 1 for a column and 0 for a table.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    expect: str
    why: str
    severity: Severity = "error"
    column: str | None = None
    name: str | None = None
    where: dict[str, str | int | float | bool] = Field(default_factory=dict)
    min_rows: int | None = Field(default=None, ge=0)
    drift: Drift | None = None

    @field_validator("name")
    @classmethod
    def _plain_name(cls, name: str | None) -> str | None:
        if name is not None and not _NAME.match(name):
            raise ValueError(f"the name {name!r} can't be used. Use a-z, 0-9 and _ only")
        return name

    @model_validator(mode="after")
    def _drift_is_about_rows(self) -> Expectation:
        if self.drift and (self.expect != _ROW_COUNT or self.settings or self.where):
            raise ValueError(
                f"drift compares row counts. Use it with expect: {_ROW_COUNT} and neither"
                " min_value, max_value nor where"
            )
        return self

    @property
    def settings(self) -> dict[str, Any]:
        """What is handed to Great Expectations beside the column."""
        return dict(self.model_extra or {})

    @property
    def check_name(self) -> str:
        """The check's name inside its table: `name`, or the column and what is expected of it."""
        if self.name:
            return self.name
        if self.drift:
            return "row_count_against_previous_release"
        what = self.expect.removeprefix("expect_").removeprefix("column_")
        return re.sub(r"\W+", "_", "_".join(filter(None, [self.column, what]))).lower()

    @property
    def least_rows(self) -> int:
        """The number of values from which the expectation says something."""
        if self.min_rows is not None:
            return self.min_rows
        return 1 if self.column or self.drift else 0

    @property
    def counts_values(self) -> bool:
        """Whether `least_rows` is about the column's values, not the table's rows."""
        return self.column is not None and self.expect not in _COMPLETENESS


class Suite(StrictModel):
    """The expectations about one table of core or marts."""

    table: str
    expectations: list[Expectation]

    @field_validator("table")
    @classmethod
    def _known_schema(cls, table: str) -> str:
        if not _TABLE.match(table):
            raise ValueError(
                f"the table {table!r} can't be used. Write it as core.<table> or marts.<table>"
            )
        return table

    @model_validator(mode="after")
    def _names_differ(self) -> Suite:
        names = [e.check_name for e in self.expectations]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ValueError(
                f"two expectations are both called {', '.join(twice)}. Give one a `name` of its own"
            )
        return self

    @property
    def schema_name(self) -> str:
        """core or marts."""
        return self.table.split(".")[0]

    @property
    def table_name(self) -> str:
        """The table without its schema."""
        return self.table.split(".")[1]


def load_suites(folder: Path = SUITES) -> dict[Path, Suite]:
    """Every suite in `folder` by its file, in the order of the names.

    Raises ConfigError with a Problem for every fault of every file; so it does when the folder
    holds no suite, because a gate without checks would let everything through.
    """
    suites: dict[Path, Suite] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yml")):
        try:
            suites[path] = load_yaml(path, Suite)
        except ConfigError as error:
            problems.extend(error.problems)
    problems.extend(_tables_named_twice(suites))
    if not suites and not problems:
        what = "no suite (*.yml) is here, so nothing would be checked."
        problems.append(Problem(folder, None, "", what, "Point to the folder with the suites."))
    if problems:
        raise ConfigError(problems)
    return suites


def line_of(path: Path, index: int) -> int | None:
    """The line on which expectation number `index` (from 0) of a suite's file begins."""
    root = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    for key, value in root.value if isinstance(root, yaml.MappingNode) else []:
        if key.value == "expectations" and index < len(value.value):
            return int(value.value[index].start_mark.line) + 1
    return None


def _tables_named_twice(suites: dict[Path, Suite]) -> list[Problem]:
    first: dict[str, Path] = {}
    problems = []
    for path, suite in suites.items():
        if suite.table in first:
            what = f"{suite.table} has a suite already, in {first[suite.table].name}."
            problems.append(Problem(path, None, "table", what, "Keep one file per table."))
        first.setdefault(suite.table, path)
    return problems
