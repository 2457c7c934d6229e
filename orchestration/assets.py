"""The night as Dagster assets: lake, records of each source, warehouse, release."""

# No `from __future__ import annotations` here: Dagster reads the type of `context` as it stands.
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator
from dagster_dbt.asset_utils import build_dbt_specs

from expectations.results import CheckResult
from expectations.runner import declared_checks
from lake.landing import RunContext, SourceRun
from orchestration.collect import Kind, Source, run_name
from orchestration.gate import Verdict, tested_model
from orchestration.night import (
    HeldError,
    Night,
    build_and_judge,
    collect,
    prepare,
    publish_night,
    published_tables,
    understand_texts,
)

WRITER_POOL = "duckdb_writer"
PREPARED = dg.AssetKey(["lake", "prepared"])
TEXTS = dg.AssetKey(["text", "understood"])
RELEASE = dg.AssetKey(["release"])


@dataclass(frozen=True)
class Common:
    """What every asset of a deployment has in common."""

    owners: tuple[str, ...]
    partitions: dg.DailyPartitionsDefinition


def records_key(source_id: str) -> dg.AssetKey:
    """The asset of one source's landed records."""
    return dg.AssetKey(["records", source_id])


def prepared_asset(common: Common) -> dg.AssetsDefinition:
    """The lake, made ready for the night."""

    @dg.asset(
        key=PREPARED,
        group_name="lake",
        description="The lake is ready for tonight: every entity has a typed file, and nothing is "
        "left of a run that was killed half-way.",
        owners=common.owners,
        partitions_def=common.partitions,
        required_resource_keys={"night"},
    )
    def lake_prepared(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata={"removed": prepare(context.resources.night)})

    return lake_prepared


def collecting_assets(
    sources: Sequence[Source], kind: Kind, *, title: str, workers: int, common: Common
) -> list[dg.AssetsDefinition]:
    """One step that collects every source of a kind; no assets where there is none."""
    chosen = {records_key(source.id): source for source in sources if source.kind == kind}
    if not chosen:
        return []
    specs = [
        dg.AssetSpec(
            key=key,
            deps=[PREPARED],
            description=source.description,
            group_name=f"{kind}s",
            owners=common.owners,
            kinds={"parquet"},
        )
        for key, source in chosen.items()
    ]
    complete = "The source was read to its end tonight. If it was not, its last good data stays."
    checks = [dg.AssetCheckSpec("complete", asset=key, description=complete) for key in chosen]

    @dg.multi_asset(
        name=f"collect_{kind}s",
        specs=specs,
        check_specs=checks,
        partitions_def=common.partitions,
        can_subset=True,
        required_resource_keys={"night"},
    )
    def collect_sources(context: dg.AssetExecutionContext) -> Iterator[Any]:
        night: Night = context.resources.night
        wanted = [source for key, source in chosen.items() if key in context.selected_asset_keys]
        for result in collect(night, _run(context), wanted, title=title, workers=workers):
            yield from _source_events(result, context)

    return [collect_sources]


def _source_events(result: SourceRun, context: dg.AssetExecutionContext) -> Iterator[Any]:
    key = records_key(result.source)
    counts = {
        "seen": result.seen,
        "landed": result.landed,
        "quarantined": result.quarantined,
        "masked_values": result.masked_values,
    }
    yield dg.MaterializeResult(
        asset_key=key, metadata={**counts, "status": result.status, "message": result.message}
    )
    check = dg.AssetCheckKey(key, "complete")
    if check in context.selected_asset_check_keys:
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name="complete",
            passed=result.status == "complete",
            severity=dg.AssetCheckSeverity.WARN,
            description=result.message,
        )


def texts_asset(sources: Sequence[Source], common: Common) -> dg.AssetsDefinition:
    """One step between the records and the warehouse: what customers wrote is read."""

    @dg.asset(
        key=TEXTS,
        deps=[PREPARED, *(records_key(source.id) for source in sources)],
        group_name="text",
        description="Sentiment and aspects of every text, read once per version of a model or of "
        "the taxonomy, and the versions that tonight's release names.",
        owners=common.owners,
        partitions_def=common.partitions,
        pool=WRITER_POOL,
        kinds={"parquet"},
        required_resource_keys={"night"},
    )
    def text_understood(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        done = understand_texts(context.resources.night, _run(context))
        if done is None:
            return dg.MaterializeResult(metadata={"message": "The texts could not be composed."})
        return dg.MaterializeResult(
            metadata={
                "texts": done.texts,
                "new": done.new,
                "scored": done.scored,
                "waiting for a new version": done.waiting,
                "texts per second": round(done.scored / max(done.seconds, 1e-3)),
                "versions": dict(done.versions),
                "models that can't be read": list(done.faults),
            }
        )

    return text_understood


class Translator(DagsterDbtTranslator):
    """Names, groups, owners and upstream records of the dbt models in Dagster."""

    def __init__(self, sources: Sequence[Source], common: Common) -> None:
        super().__init__()
        self._owners = list(common.owners)
        self._records: dict[str, list[dg.AssetKey]] = {}
        for source in sources:
            for entity in source.entities:
                self._records.setdefault(entity, []).append(records_key(source.id))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: Any
    ) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        if unique_id.startswith("source."):
            return spec
        node = manifest["nodes"][unique_id]
        upstream = [PREPARED]
        for parent in node["depends_on"].get("nodes", []):
            if parent.startswith("source."):
                read = manifest["sources"][parent]
                records = self._records.get(read["name"], [])
                upstream += [TEXTS] if read["source_name"] == "text" else records
            else:
                upstream.append(self.get_asset_key(manifest["nodes"][parent]))
        folders = node["fqn"][1:-1]
        return spec.replace_attributes(
            deps=[dg.AssetDep(key) for key in dict.fromkeys(upstream)],
            group_name="_".join(folders) or "seeds",
            owners=self._owners,
            description=node["description"] or f"Reference rows of {node['name']}.",
        )

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: Any
    ) -> dg.AssetCheckSpec | None:
        node = manifest["nodes"][unique_id]
        target = tested_model(node, manifest)
        if target is None or self.get_asset_key(target) != asset_spec.key:
            return None
        # Not blocking for Dagster: the gate weighs all checks together and holds the release, so
        # that a held night still leaves its whole list of results.
        return dg.AssetCheckSpec(
            node["name"], asset=asset_spec.key, description=node["description"] or None
        )


def warehouse_asset(
    manifest: Mapping[str, Any], sources: Sequence[Source], suites: Path, common: Common
) -> dg.AssetsDefinition:
    """One step: dbt builds and tests, GX checks, the verdict goes into the quality tables."""
    specs, dbt_checks = build_dbt_specs(
        translator=Translator(sources, common),
        manifest=manifest,
        select="fqn:*",
        exclude="",
        selector="",
        io_manager_key=None,
        project=None,
    )
    known = {spec.key for spec in specs}
    graph = {spec.key: {dep.asset_key for dep in spec.deps} & known for spec in specs}
    upstream_first = list(TopologicalSorter(graph).static_order())
    checks = {
        spec.key: spec for spec in (*dbt_checks, *_gx_specs(suites)) if spec.asset_key in known
    }

    @dg.multi_asset(
        name="warehouse",
        specs=specs,
        check_specs=list(checks.values()),
        partitions_def=common.partitions,
        pool=WRITER_POOL,
        required_resource_keys={"night"},
    )
    def warehouse(context: dg.AssetExecutionContext) -> Iterator[Any]:
        night: Night = context.resources.night
        begun = context.instance.get_run_stats(context.run.run_id).start_time
        started_at = datetime.fromtimestamp(begun, UTC) if begun else night.clock()
        verdict = build_and_judge(night, _run(context), manifest, started_at=started_at)
        for key in upstream_first:
            yield dg.MaterializeResult(asset_key=key)
        yield from _check_events(verdict, checks)

    return warehouse


def _gx_specs(suites: Path) -> Iterator[dg.AssetCheckSpec]:
    for check in declared_checks(suites):
        table = dg.AssetKey(check.table_name.split("."))
        yield dg.AssetCheckSpec(check.name, asset=table, description=check.why)


def _check_events(
    verdict: Verdict, checks: Mapping[dg.AssetCheckKey, dg.AssetCheckSpec]
) -> Iterator[dg.AssetCheckResult]:
    results = {(check.table_name, check.name): check for check in verdict.checks}
    for key in checks:
        yield _check_event(key, results.get((".".join(key.asset_key.path), key.name)))


def _check_event(key: dg.AssetCheckKey, result: CheckResult | None) -> dg.AssetCheckResult:
    """A check's result; one that did not run is a failed one, and says so."""
    if result is None:
        return dg.AssetCheckResult(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=False,
            severity=dg.AssetCheckSeverity.WARN,
            description="Not run tonight: a step before it failed.",
        )
    severe = result.severity == "error"
    return dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR if severe else dg.AssetCheckSeverity.WARN,
        description=result.message,
        metadata={
            "engine": result.engine,
            "observed": result.observed,
            "expected": result.expected,
            "rows_failing": result.rows_failing or 0,
        },
    )


def release_asset(manifest: Mapping[str, Any], common: Common) -> dg.AssetsDefinition:
    """The last step: publish what passed, or hold it and say why."""

    @dg.asset(
        key=RELEASE,
        deps=[dg.AssetKey([schema, name]) for schema, name in published_tables(manifest)],
        group_name="release",
        description="The published release: an immutable warehouse file, Parquet, the report and "
        "the manifest; `serving` points at the newest.",
        owners=common.owners,
        partitions_def=common.partitions,
        pool=WRITER_POOL,
        required_resource_keys={"night"},
    )
    def release(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        try:
            published = publish_night(context.resources.night, _run(context), manifest)
        except HeldError as held:
            raise dg.Failure(f"The gate held this release back: {held}") from held
        rows = sum(table["rows"] for table in published.manifest["tables"])
        return dg.MaterializeResult(metadata={"folder": str(published.folder), "rows": rows})

    return release


def _run(context: dg.AssetExecutionContext) -> RunContext:
    """The run's identity. A re-execution of failed steps belongs to the run that it continues."""
    night: Night = context.resources.night
    as_of = date.fromisoformat(context.partition_key)
    first = context.run.root_run_id or context.run.run_id
    return night.run_context(as_of, run_name(context.partition_key, first))
