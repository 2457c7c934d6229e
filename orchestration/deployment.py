"""A deployment's folder (`--home`): where things lie in it and what its config says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb
from filelock import FileLock, Timeout
from pydantic import Field, field_validator

from lake.config import ConfigError, NotNowError, Problem, StrictModel, load_yaml
from lake.fingerprint import check_key
from lake.landing import Lake
from lake.privacy import Privacy
from loaders.config import ExtractConfig, ExtractsFile, SurveyConfig, SurveysFile
from orchestration.scaffold import scaffold_file
from scrapers.config import SourceConfig, SourcesFile
from scrapers.registry import Platforms
from verbatims.aspects.taxonomy import Taxonomy, read_taxonomy

HOME_VARIABLE = "VOC_HOME"


class DeploymentFile(StrictModel):
    """config/deployment.yml: who this is, where its day begins, whom to write to."""

    name: str = Field(min_length=1)
    zone: str = "Asia/Shanghai"
    start_date: date
    contact: str = Field(min_length=3)
    owner: str = Field(default="data-team", pattern=r"^[A-Za-z0-9_.-]+$")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(
                f"{value!r} is not a time zone; write an IANA name such as Asia/Shanghai"
            ) from error
        return value


def zone_of(home: Path | None) -> str:
    """The zone of a deployment, or of one that says none. Raises ConfigError."""
    if home is None:
        return str(DeploymentFile.model_fields["zone"].default)
    return Deployment(home.resolve()).settings.zone


class BusyError(NotNowError):
    """Another run is writing to this deployment."""


@dataclass(frozen=True)
class Deployment:
    """The paths of one deployment, and its config, read when first asked for."""

    home: Path

    @property
    def config(self) -> Path:
        return self.home / "config"

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def lake(self) -> Lake:
        return Lake(self.home / "lake")

    @property
    def text_models(self) -> Path:
        """The models that read texts, and which of them answers."""
        return self.lake.root / "text" / "models"

    @property
    def build_db(self) -> Path:
        """The only writer's file. Readers read `serving`."""
        return self.home / "build" / "warehouse.duckdb"

    @property
    def dbt_target(self) -> Path:
        return self.home / "build" / "dbt"

    @property
    def held_report(self) -> Path:
        """Where the report on a night goes that was not published."""
        return self.home / "build" / "report"

    @property
    def releases(self) -> Path:
        return self.home / "releases"

    @property
    def serving(self) -> Path:
        return self.home / "serving"

    @cached_property
    def settings(self) -> DeploymentFile:
        return load_yaml(self.config / "deployment.yml", DeploymentFile)

    @cached_property
    def all_platforms(self) -> dict[str, SourceConfig]:
        """The platforms by source id, those that are switched off too.

        Their declarations are looked for among the shipped ones and in config/platforms/.
        """
        folders = Platforms((*Platforms().folders, self.config / "platforms"))
        path = self.config / "sources.yml"
        context = {"platforms": folders}
        return load_yaml(path, SourcesFile, missing_ok=True, context=context).sources

    @property
    def platforms(self) -> dict[str, SourceConfig]:
        """The enabled platforms by source id."""
        return {name: config for name, config in self.all_platforms.items() if config.enabled}

    @cached_property
    def surveys(self) -> dict[str, SurveyConfig]:
        """The surveys by survey id."""
        return load_yaml(self.config / "surveys.yml", SurveysFile, missing_ok=True).surveys

    @cached_property
    def extracts(self) -> dict[str, ExtractConfig]:
        """The extracts by entity."""
        return load_yaml(self.config / "extracts.yml", ExtractsFile, missing_ok=True).extracts

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """What customers may speak of; the shipped one where a deployment is older than it."""
        own = self.config / "taxonomy.yml"
        return read_taxonomy(own if own.exists() else scaffold_file("taxonomy.yml"))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.zone)

    def check(self) -> None:
        """Read every config file. Raises ConfigError with the problems of all of them at once."""
        if not self.config.is_dir():
            mend = f"Run `voc init {self.home}` to make a deployment there."
            raise ConfigError([Problem(self.config, None, "", "there is no such folder.", mend)])
        problems: list[Problem] = []
        for part in ("settings", "platforms", "surveys", "extracts", "taxonomy"):
            try:
                getattr(self, part)
            except ConfigError as error:
                problems.extend(error.problems)
        if problems:
            raise ConfigError(problems)

    def privacy(self) -> Privacy:
        """The key of the environment, as long as it is the lake's.

        Raises MissingKeyError and ChangedKeyError, before anything is written.
        """
        privacy = Privacy.from_env()
        check_key(self.lake.root, privacy)
        return privacy

    def newest_day(self, now: datetime) -> date:
        """The last business day that is over at `now`, in the deployment's zone."""
        return now.astimezone(self.zone).date() - timedelta(days=1)

    def try_build_file(self) -> None:
        """Raise BusyError when somebody has the build file open, before an hour's work is done."""
        if not self.build_db.exists():
            return
        try:
            duckdb.connect(str(self.build_db)).close()
        except duckdb.IOException as error:
            holder = re.search(r"PID (\d+)", str(error))
            who = f"Process {holder.group(1)}" if holder else "Another program"
            raise BusyError(
                f"{who} has {self.build_db} open, which only the night writes to. Close it there "
                f"and run again; readers open {self.serving / 'warehouse.duckdb'}."
            ) from None  # DuckDB adds the wrong advice: to open it read-only

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the deployment's one writer's place. Raises BusyError when another run has it.

        Re-entrant inside one process, so that the command holds it around the whole night and
        each step of the job holds it on its own when Dagster's daemon runs them.
        """
        path = self.home / "build" / ".writer.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, timeout=0, is_singleton=True, thread_local=False)
        try:
            lock.acquire()
        except Timeout as error:
            raise BusyError(
                f"Another run is writing to {self.home} (it holds {path}). Wait for it to end; "
                "if its process is gone, the lock is free by itself."
            ) from error
        try:
            yield
        finally:
            lock.release()
