"""Dagster's entry point: what `dagster dev` shows and schedules, and what `voc run` executes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.assets import (
    Common,
    collecting_assets,
    prepared_asset,
    release_asset,
    texts_asset,
    warehouse_asset,
)
from orchestration.collect import sources_of
from orchestration.deployment import HOME_VARIABLE, Deployment
from orchestration.night import Night

JOB = "nightly_job"
STARTS_AT_HOUR = 2
HOSTS = 32
"""So many platforms are asked at a time. They wait more than they work: each host has one queue."""
DEFAULT_HOME = Path(__file__).resolve().parents[1] / ".demo"


def build_defs(
    deployment: Deployment, resource_overrides: Mapping[str, Any] | None = None
) -> dg.Definitions:
    """The definitions of one deployment.

    `resource_overrides` replaces resources by their key: `night` (a Night) holds the clock, the
    reporter and the suites. Raises ConfigError when the deployment's config can't be used.
    """
    deployment.check()
    resources: dict[str, Any] = {"night": Night(deployment), **(resource_overrides or {})}
    night: Night = resources["night"]
    manifest = night.dbt.manifest()
    sources = sources_of(deployment)
    common = Common(
        owners=(f"team:{deployment.settings.owner}",),
        partitions=dg.DailyPartitionsDefinition(
            start_date=deployment.settings.start_date.isoformat(),
            timezone=deployment.settings.zone,
        ),
    )
    nightly = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        description="Collect every source, build and check the warehouse, publish the release.",
    )
    schedule = dg.build_schedule_from_partitioned_job(
        nightly,
        name="nightly_schedule",
        hour_of_day=STARTS_AT_HOUR,
        description=f"At 02:00 in {deployment.settings.zone}, for the day that has just ended.",
    )
    return dg.Definitions(
        assets=[
            prepared_asset(common),
            *collecting_assets(
                sources, "platform", title="Crawl the platforms", workers=HOSTS, common=common
            ),
            *collecting_assets(
                sources, "survey", title="Load the surveys", workers=1, common=common
            ),
            *collecting_assets(
                sources, "extract", title="Load the extracts", workers=1, common=common
            ),
            texts_asset(sources, common),
            warehouse_asset(manifest, sources, night.suites, common),
            release_asset(manifest, common),
        ],
        jobs=[nightly],
        schedules=[schedule],
        resources=resources,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The deployment that VOC_HOME names; the demo company's when it names none."""
    return build_defs(Deployment(Path(os.environ.get(HOME_VARIABLE, DEFAULT_HOME)).resolve()))
