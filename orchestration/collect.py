"""Collecting one night: every configured source by its own collector, none able to stop another."""

from __future__ import annotations

import hashlib
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from lake.entities import ITEM_STATE, SURVEY_ANSWER, SURVEY_RESPONSE
from lake.landing import RequestOutcome, RunContext, SourceRun
from lake.privacy import Privacy, mask_text
from loaders.config import ExtractConfig
from loaders.extracts import load_extract
from loaders.files import one_line
from loaders.surveys import load_survey
from orchestration.deployment import Deployment
from scrapers.config import SourceConfig
from scrapers.crawl import crawl_source
from scrapers.http.hosts import Hosts

Kind = Literal["platform", "survey", "extract"]
Progress = Callable[[str], None]

CONFIG = {"surveys": "surveys.yml", "extracts": "extracts.yml", "platforms": "sources.yml"}
"""Folder of landing/ -> the config that names its folders."""


@dataclass(frozen=True)
class Source:
    """One thing that is collected every night: its id, what it lands, and how to collect it."""

    id: str
    kind: Kind
    entities: tuple[str, ...]
    description: str
    collect: Callable[[RunContext, Privacy, Progress, Hosts], SourceRun]


def sources_of(deployment: Deployment) -> list[Source]:
    """Every source of the deployment's config: platforms, then surveys, then extracts."""
    return [*_platforms(deployment), *_surveys(deployment), *_extracts(deployment)]


def unread_drops(deployment: Deployment) -> list[str]:
    """What was dropped where nothing looks, one sentence each: silence would lose it."""
    known = {
        "surveys": set(deployment.surveys),
        "extracts": set(deployment.extracts),
        "platforms": set(deployment.platforms),
    }
    asked = {name for name, config in deployment.extracts.items() if config.database is not None}
    found = [_stray(path) for path in _entries(deployment.landing) if path.is_file()]
    for kind, listed in known.items():
        for path in _entries(deployment.landing / kind):
            if path.is_file():
                found.append(_stray(path))
            elif path.name not in listed and _entries(path):
                found.append(
                    f"{path} holds files, but config/{CONFIG[kind]} has no entry `{path.name}`: "
                    "nothing of it is loaded. Add the entry, or move the files."
                )
            elif kind == "extracts" and path.name in asked and _entries(path):
                found.append(
                    f"{path} holds files, but config/extracts.yml reads `{path.name}` from a "
                    "database: nothing of them is loaded. Leave out `database`, or move the files."
                )
            elif path.name in listed:
                found += [
                    f"{inner} is a folder inside a landing folder: nothing of it is loaded. Move "
                    "its files up."
                    for inner in _entries(path)
                    if inner.is_dir() and not _belongs_to_a_page(inner)
                ]
    return [mask_text(one_line(sentence))[0] for sentence in found]


def _belongs_to_a_page(folder: Path) -> bool:
    """Whether a browser saved it beside a page: `a.html` has its pictures in `a_files`."""
    name = re.sub(r"(_files|\.files)$", "", folder.name)
    return name != folder.name and any(
        folder.with_name(name + s).exists() for s in (".html", ".htm")
    )


def _entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if not path.name.startswith("."))


def _stray(path: Path) -> str:
    return (
        f"{path} lies where no source looks: it is not loaded. Move it to "
        "landing/surveys/<survey_id>/, landing/extracts/<entity>/ or landing/platforms/<source>/."
    )


def collect_source(
    source: Source,
    deployment: Deployment,
    run: RunContext,
    privacy: Privacy,
    progress: Progress,
    hosts: Hosts,
) -> SourceRun:
    """Collect one source. A fault of our own code fails this source alone, and says so."""
    try:
        return source.collect(run, privacy, progress, hosts)
    except Exception as error:  # a collector's bug must not cost the other sources their night
        where = traceback.extract_tb(error.__traceback__)[-1]
        message = (
            f"{source.id} stopped on a fault of the program ({type(error).__name__}: {error}, "
            f"{where.name} line {where.lineno}). Its last good data stays; please report this."
        )
        with deployment.lake.open(source.id, source.kind, run, privacy) as landing:
            fault = RequestOutcome(
                entity=source.entities[0],
                kind="http" if source.kind == "platform" else "file",
                requested_at=run.clock(),
                url="",
                outcome="error",
                detail=message,
            )
            landing.outcome(fault)
            return landing.finish("failed", message)


def _platforms(deployment: Deployment) -> list[Source]:
    return [
        Source(
            id=source_id,
            kind="platform",
            entities=(*config.source().spec.entities, ITEM_STATE.name),
            description=f"What customers say on {config.source().spec.title}.",
            collect=partial(_crawl, source_id, config, deployment),
        )
        for source_id, config in deployment.platforms.items()
    ]


def _surveys(deployment: Deployment) -> list[Source]:
    return [
        Source(
            id=f"survey_{survey_id}",
            kind="survey",
            entities=(SURVEY_RESPONSE.name, SURVEY_ANSWER.name),
            description=f"Answers of the survey {survey_id}, from landing/surveys/{survey_id}.",
            collect=partial(_load, load_survey, survey_id, config, deployment),
        )
        for survey_id, config in deployment.surveys.items()
    ]


def _extracts(deployment: Deployment) -> list[Source]:
    return [
        Source(
            id=f"extract_{entity}",
            kind="extract",
            entities=(entity,),
            description=f"The company's own {entity}, from {_origin(entity, config)}.",
            collect=partial(_load, load_extract, entity, config, deployment),
        )
        for entity, config in deployment.extracts.items()
    ]


def _origin(entity: str, config: ExtractConfig) -> str:
    if config.database is not None:
        return f"the database {config.database}"
    return f"landing/extracts/{entity}"


def _crawl(
    source_id: str,
    config: SourceConfig,
    deployment: Deployment,
    run: RunContext,
    privacy: Privacy,
    progress: Progress,
    hosts: Hosts,
) -> SourceRun:
    return crawl_source(
        source_id,
        config,
        lake=deployment.lake,
        run=run,
        privacy=privacy,
        contact=deployment.settings.contact,
        progress=progress,
        hosts=hosts,
        dropped=deployment.landing / "platforms" / source_id,
    )


def _load(
    loader: Callable[..., SourceRun],
    name: str,
    config: object,
    deployment: Deployment,
    run: RunContext,
    privacy: Privacy,
    progress: Progress,
    _hosts: Hosts,
) -> SourceRun:
    return loader(
        name,
        config,
        home=deployment.home,
        lake=deployment.lake,
        run=run,
        privacy=privacy,
        progress=progress,
    )


def run_name(as_of: str, dagster_run_id: str) -> str:
    """The run's id in the lake and the release: its business date and a short hash."""
    return f"{as_of}-{hashlib.sha256(dagster_run_id.encode()).hexdigest()[:8]}"
