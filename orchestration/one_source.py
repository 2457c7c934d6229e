"""One platform apart from the night: `voc crawl`, `voc replay` and `voc suggest-assertions`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import yaml

from lake.config import UsageError
from lake.history import History
from lake.landing import Lake, RunContext, SourceRun
from orchestration.deployment import Deployment
from scrapers.config import SourceConfig
from scrapers.crawl import Mode, crawl_source
from scrapers.replay import replay
from scrapers.suggest import suggest_bounds


class UnknownSourceError(UsageError):
    """There is no such source; the message names those that there are."""


class RefusedSourceError(UsageError):
    """The source may not be asked live; the message says why and what would change it."""


@dataclass(frozen=True)
class Seen:
    """What a crawl brought: how it ended, its rows by file, in the order of landing."""

    result: SourceRun
    records: dict[str, list[dict[str, Any]]]
    quarantine: list[dict[str, Any]]
    outcomes: list[dict[str, Any]]
    unknown_fields: list[str]


@dataclass(frozen=True)
class Tools:
    """What these commands work with: the deployment, where progress goes, the clock."""

    deployment: Deployment
    progress: Callable[[str], None]
    clock: Callable[[], datetime]

    def source(self, name: str) -> SourceConfig:
        """A source's config, enabled or not. Raises UnknownSourceError."""
        found = self.deployment.all_platforms.get(name)
        if found is None:
            known = ", ".join(self.deployment.all_platforms) or "none"
            raise UnknownSourceError(f"config/sources.yml has no source {name!r}. It has: {known}.")
        return found

    def run(self, day: date, what: str) -> RunContext:
        """A run of its own, told from the nights by its name."""
        now = self.clock()
        short = hashlib.sha256(f"{what}{now.isoformat()}".encode()).hexdigest()[:8]
        return RunContext(day, f"{day}-{what}-{short}", self.deployment.zone, self.clock)


def crawl_one(tools: Tools, name: str, day: date, *, limit: int | None, dry_run: bool) -> Seen:
    """Crawl one source and read what was dropped for it, into the lake or (`dry_run`) into nothing.

    With a limit, dropped files are left to the night, unless the source lives on them.
    Raises UnknownSourceError, RefusedSourceError.
    """
    config = tools.source(name)
    folder = tools.deployment.landing / "platforms" / name
    refusals = [config.refusal(request) for request in config.source().spec.lists.values()]
    by_drops = all(refusals)
    if by_drops and not (folder.is_dir() and any(folder.iterdir())):
        raise RefusedSourceError(str(refusals[0]))
    run = tools.run(day, "crawl")
    with _lake(tools, dry_run=dry_run) as lake:
        result = crawl_source(
            name,
            config,
            lake=lake,
            run=run,
            privacy=tools.deployment.privacy(),
            contact=tools.deployment.settings.contact,
            progress=tools.progress,
            dropped=folder if by_drops or limit is None else None,
            mode=Mode(limit=None if by_drops else limit),
        )
        return _seen(lake, run, result)


def replay_days(tools: Tools, name: str, days: list[date]) -> Iterator[SourceRun]:
    """Read nights of one source again from their archives, the oldest first.

    Raises UnknownSourceError, NothingToReplayError.
    """
    config = tools.source(name)
    with tools.deployment.writing():
        tools.deployment.lake.prepare()
        for day in sorted(days):
            yield replay(
                name,
                config,
                day,
                lake=tools.deployment.lake,
                run=tools.run(day, "replay"),
                privacy=tools.deployment.privacy(),
                progress=tools.progress,
            )


def suggestion(tools: Tools, name: str, day: date) -> str:
    """Bounds for sources.yml, as YAML. Raises UnknownSourceError, TooLittleHistoryError."""
    platform = tools.source(name).source()
    after = day + timedelta(days=1)  # the night of that day counts, too
    history = History(tools.deployment.lake, name, after, beside_run="")
    found = suggest_bounds(platform, history)
    bounds = {record: bound.model_dump(exclude_none=True) for record, bound in found.items()}
    return str(yaml.safe_dump({"bounds": bounds}, sort_keys=False, allow_unicode=True))


@contextmanager
def _lake(tools: Tools, *, dry_run: bool) -> Iterator[Lake]:
    if dry_run:
        with TemporaryDirectory(prefix="voc-dry-run-") as folder:
            yield Lake(Path(folder) / "lake")
        return
    with tools.deployment.writing():
        tools.deployment.lake.prepare()
        yield tools.deployment.lake


def _seen(lake: Lake, run: RunContext, result: SourceRun) -> Seen:
    records = lake.night("records", result.source, run)
    requests = lake.night("requests", result.source, run)
    quarantine = lake.night("quarantine", result.source, run) / "quarantine.parquet"
    profile = _rows(requests / "field_profile.parquet")
    return Seen(
        result=result,
        records={path.stem: _rows(path) for path in sorted(records.glob("*.parquet"))},
        quarantine=_rows(quarantine),
        outcomes=_rows(requests / "request_outcome.parquet"),
        unknown_fields=sorted({row["field"] for row in profile if not row["is_known"]}),
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    return pq.ParquetFile(path).read().to_pylist() if path.exists() else []
