"""One night on one deployment: its tools, and its steps as plain functions that the assets call."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from expectations.config import SUITES
from expectations.report import write_report
from expectations.results import CheckResult
from expectations.runner import run_suites
from lake.landing import RunContext, SourceRun, utc_now
from loaders.intake import remove_unpacked
from orchestration.collect import Source, collect_source, unread_drops
from orchestration.deployment import Deployment
from orchestration.gate import (
    Verdict,
    end_run,
    judge,
    prepare_ledger,
    record_checks,
    record_run,
)
from orchestration.progress import Reporter
from orchestration.reading import Warehouse
from orchestration.releases import Release, list_releases, publish, remove_half_written
from orchestration.text_reading import Reader
from orchestration.texts import Engineering, Understood, understand
from orchestration.warehouse import AFTER_CHECKS, TEXTS, Dbt, DbtError, NodeResult
from scrapers.http.hosts import Hosts
from verbatims.store import TextStore

COMPOSED = "composed.json"
"""Beside dbt's own results: what was built before the texts were read."""
PUBLISHED_SCHEMAS = ("core", "marts", "quality")


class HeldError(RuntimeError):
    """The gate held the release back: the last one goes on serving."""


@dataclass(frozen=True)
class Night:
    """The tools of a nightly run. A test overrides the reporter, the clock, or the whole of it."""

    deployment: Deployment
    reporter: Reporter = field(default_factory=Reporter)
    clock: Callable[[], datetime] = utc_now
    suites: Path = SUITES
    accept_drift: bool = False
    text_budget: int = 200_000
    """So many texts a night are read again by a new model; a release names it when it has all."""

    @property
    def dbt(self) -> Dbt:
        home = self.deployment
        return Dbt(lake=home.lake.root, build_db=home.build_db, target=home.dbt_target)

    def run_context(self, as_of: date, run_id: str) -> RunContext:
        zone = self.deployment.zone
        return RunContext(as_of, run_id, zone, self.clock, self.accept_drift)

    def variables(self, as_of: date) -> dict[str, str]:
        """dbt's variables: they change once a day, so that dbt parses in full once a day."""
        return {"as_of": as_of.isoformat(), "zone": self.deployment.settings.zone}


def prepare(night: Night) -> int:
    """Make the lake ready; returns how many folders of killed runs were removed."""
    night.deployment.privacy()  # Dagster's own runs begin here
    with night.deployment.writing():
        night.deployment.try_build_file()
        removed = night.deployment.lake.prepare()
        prepare_ledger(night.deployment.lake.root)
        removed += text_store(night).prepare()
        removed += remove_half_written(night.deployment.releases)
        removed += remove_unpacked(night.deployment.home)
        forgotten = _forget_archives(night)
    for folder in removed:
        night.reporter.note(f"removed {folder}: a run was killed before it had finished there")
    for folder in forgotten:
        night.reporter.note(f"removed {folder}: older than its source's archive_days")
    for sentence in unread_drops(night.deployment):
        night.reporter.note(sentence)
    return len(removed)


def _forget_archives(night: Night) -> list[Path]:
    """Remove fetched pages that are kept no longer."""
    today = night.clock().astimezone(night.deployment.zone).date()
    return [
        folder
        for source, config in night.deployment.platforms.items()
        if config.archive_days is not None
        for folder in night.deployment.lake.forget_archive(
            source, today - timedelta(days=config.archive_days)
        )
    ]


def collect(
    night: Night, run: RunContext, sources: Sequence[Source], *, title: str, workers: int
) -> Iterator[SourceRun]:
    """Collect the sources, `workers` at a time, and give each one's result as it ends."""
    privacy = night.deployment.privacy()
    hosts = Hosts()
    with (
        night.deployment.writing(),
        night.reporter.step(title, len(sources)),
        ThreadPoolExecutor(max_workers=workers) as pool,
    ):
        tasks = [
            pool.submit(
                collect_source, source, night.deployment, run, privacy, night.reporter.detail, hosts
            )
            for source in sources
        ]
        for task in as_completed(tasks):
            result = task.result()
            night.reporter.advance(result.source)
            night.reporter.note(source_line(result))
            yield result


def source_line(result: SourceRun) -> str:
    """A source's night in one line."""
    counts = f"{result.seen:,} seen, {result.landed:,} landed"
    counts += f", {result.quarantined:,} quarantined" if result.quarantined else ""
    said = f": {result.message}" if result.message else ""
    return f"{result.source}: {result.status} ({counts}){said}"


def text_store(night: Night) -> TextStore:
    """What was found in the deployment's texts."""
    return TextStore(night.deployment.lake.root / "text")


def understand_texts(night: Night, run: RunContext) -> Understood | None:
    """Compose what customers wrote, and read what nobody has read yet.

    None where the texts could not be composed: the build that follows says why, and is held.
    """
    reporter, dbt, home = night.reporter, night.dbt, night.deployment
    with home.writing():
        with reporter.step("Compose what customers wrote (dbt)"):
            built = dbt.build(variables=night.variables(run.as_of), select=f"+{TEXTS}", tests=False)
        if any(result.status != "success" for result in built):
            reporter.note("What customers wrote could not be composed; the build will say why")
            return None
        _keep_composed(dbt, run, built)
        reader = Reader(
            text_store(night), run.run_id, night.clock, progress=reporter.counter("texts read")
        )
        with reporter.step("Understand what customers wrote"):
            done = understand(
                Engineering(text_store(night), home.text_models, home.taxonomy),
                reader,
                home.build_db,
                f"intermediate.{TEXTS}",
                as_of=run.as_of,
                budget=night.text_budget,
            )
        reporter.note(done.line)
        for fault in done.faults:
            reporter.note(fault)
        return done


def _keep_composed(dbt: Dbt, run: RunContext, built: Sequence[NodeResult]) -> None:
    """Note what this run has built already, for its step that builds the rest."""
    told = {"run_id": run.run_id, "results": [asdict(result) for result in built]}
    (dbt.target / COMPOSED).write_text(json.dumps(told), encoding="utf-8")


def _composed(dbt: Dbt, run: RunContext) -> list[NodeResult]:
    """What this run has built already; [] where it has not, so that all is built."""
    path = dbt.target / COMPOSED
    if not path.exists():
        return []
    told = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()  # once: a step that is tried again builds all
    if told["run_id"] != run.run_id:
        return []
    return [NodeResult(**result) for result in told["results"]]


def build_and_judge(
    night: Night, run: RunContext, manifest: Mapping[str, Any], *, started_at: datetime
) -> Verdict:
    """Build with dbt, check with GX, weigh both, and build the tables that report on it."""
    reporter, dbt, lake = night.reporter, night.dbt, night.deployment.lake.root
    variables = night.variables(run.as_of)
    kinds = ("model", "seed", "test")
    nodes = sum(node["resource_type"] in kinds for node in manifest["nodes"].values())
    with night.deployment.writing():
        with reporter.step("Build and test the warehouse (dbt)", nodes):
            composed = _composed(dbt, run)
            for result in composed:
                reporter.advance(result.unique_id)
            built = composed + dbt.build(
                variables=variables,
                exclude=AFTER_CHECKS,
                standing=f"+{TEXTS}" if composed else None,
                on_node=reporter.advance,
            )
        expectations: list[CheckResult] = []
        if all(r.status == "success" for r in built if r.unique_id.startswith(("model", "seed"))):
            with reporter.step("Check distributions (Great Expectations)"):
                expectations = run_suites(
                    night.deployment.build_db,
                    night.suites,
                    previous_db=_release_before(night, run),
                    progress=reporter.detail,
                )
        verdict = judge(built, expectations, manifest)
        record_checks(lake, run, verdict)
        record_run(lake, run, verdict, started_at=started_at, version=version("voc-warehouse"))
        with reporter.step("Write the quality tables (dbt)"):
            after = dbt.build(variables=variables, select=AFTER_CHECKS)
        reporter.note(f"Dagster notes the results of {len(verdict.checks):,} checks")
    broken = [f"{r.unique_id}: {r.message}" for r in after if r.status not in ("success", "pass")]
    if broken:
        raise DbtError("The quality tables could not be written. " + "; ".join(broken))
    return verdict


def _release_before(night: Night, run: RunContext) -> Path | None:
    """The served warehouse that drift is measured from; none where it is of a later day.

    `accept_drift` leaves it out: a source that was taken out on purpose would hold every night.
    """
    if night.accept_drift:
        return None
    deployment = night.deployment
    for release in list_releases(deployment.releases, deployment.serving):
        if release.serving and release.manifest["as_of"] <= run.as_of.isoformat():
            return release.warehouse
    return None


def published_tables(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(schema, name) of every table that a release holds."""
    return [
        (node["schema"], node["name"])
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed") and node["schema"] in PUBLISHED_SCHEMAS
    ]


def publish_night(night: Night, run: RunContext, manifest: Mapping[str, Any]) -> Release:
    """Publish what the build file holds of this run. Raises HeldError when the gate said no."""
    home = night.deployment
    row, checks, sources = _quality_of(home.build_db, run.run_id)
    text_versions = Warehouse(home.build_db).rows(
        "select kind, language, version from staging.stg_text_version order by all"
    )

    def render(warehouse: Path, folder: Path) -> Path:
        title = home.settings.name
        as_of = run.as_of.isoformat()
        return write_report(warehouse, folder, title=title, as_of=as_of, run_id=run.run_id)

    if row["status"] == "held":
        report = render(home.build_db, home.held_report)
        raise HeldError(f"{row['message']}\nThe report on it: {report}")
    with home.writing(), night.reporter.step("Publish the release"):
        release = publish(
            home.build_db,
            home.releases,
            home.serving,
            run_id=run.run_id,
            as_of=run.as_of.isoformat(),
            tables=published_tables(manifest),
            checks=checks,
            sources=sources,
            text_versions=text_versions,
            write_report=render,
        )
        end_run(home.lake.root, run, "published", version=version("voc-warehouse"))
        return release


def _quality_of(
    build_db: Path, run_id: str
) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """The run's row, its check results and the sources' status, from the build file."""
    build = Warehouse(build_db)
    run = build.rows("from quality.run where run_id = ?", run_id)
    if not run:
        raise LookupError(
            f"The build file {build_db} does not hold run {run_id}: the step before did not "
            "finish. Run the night again."
        )
    checks = build.rows("from quality.expectation_result where run_id = ? order by all", run_id)
    sources = build.rows("from quality.source_status order by source")
    return run[0], checks, sources
