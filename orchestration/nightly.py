"""Running a night from the command: the job that the schedule runs, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from orchestration.collect import run_name
from orchestration.definitions import JOB, build_defs
from orchestration.deployment import Deployment
from orchestration.gate import end_run, run_row
from orchestration.night import Night
from orchestration.releases import Release, list_releases

ROOT = Path(__file__).resolve().parents[1]
STATE = ROOT / ".state" / "dagster"
HOME_TAG = "voc/command-home"  # on runs of the command only, not on those that Dagster launched
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class NightResult:
    """How a night ended. `reasons` say why it was held or failed."""

    status: Literal["published", "held", "failed"]
    run_id: str
    release: Release | None
    reasons: tuple[str, ...]


def run_night(night: Night, as_of: date, state: Path = STATE) -> NightResult:
    """Execute nightly_job for one day; Dagster's own run state lands below `state`.

    Raises ConfigError and BusyError before anything is done.
    """
    deployment = night.deployment
    with deployment.writing(), _instance(state) as instance:
        _close_killed_runs(instance, deployment)
        with night.reporter.step("Read the config and the dbt project"):
            job = build_defs(deployment, {"night": night}).resolve_job_def(JOB)
        night.reporter.note("Dagster notes the plan of the job")
        executed = job.execute_in_process(
            partition_key=as_of.isoformat(),
            tags={HOME_TAG: str(deployment.home)},
            instance=instance,
            run_config=QUIET,
            raise_on_error=False,
        )
        run_id = run_name(as_of.isoformat(), executed.run_id)
    if executed.success:
        newest = list_releases(deployment.releases, deployment.serving)
        published = next(release for release in newest if release.run_id == run_id)
        return NightResult("published", run_id, published, ())
    lake, run = deployment.lake.root, night.run_context(as_of, run_id)
    row = run_row(lake, as_of, run_id)
    if row is not None and row["status"] == "held":
        return NightResult("held", run_id, None, tuple(row["message"].splitlines()))
    reasons = tuple(_failures(executed))
    end_run(lake, run, "failed", version=version("voc-warehouse"), message="\n".join(reasons))
    return NightResult("failed", run_id, None, reasons)


def _close_killed_runs(instance: dg.DagsterInstance, deployment: Deployment) -> None:
    """Call runs of the command that were killed what they are: failed.

    The command holds the deployment from its first step to its last, and this process holds it
    now: a run of it that still counts as going has no process any more.
    """
    going = dg.RunsFilter(
        tags={HOME_TAG: str(deployment.home)},
        statuses=[dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED],
    )
    for run in instance.get_runs(filters=going):
        instance.report_run_failed(run, "The process of this run was killed.")


@contextmanager
def _instance(state: Path) -> Iterator[dg.DagsterInstance]:
    """The instance of dagster.yaml, its state below `state` wherever `voc` was called.

    The deployment's own lock keeps the command the one writer of its build file. Dagster's pool is
    there for runs that Dagster launches; a run of the command would only wait in it for other
    deployments, or for a slot that a killed run never gave back.
    """
    state.mkdir(parents=True, exist_ok=True)
    with dg.DagsterInstance.from_ref(
        InstanceRef.from_dir(
            str(ROOT),
            overrides={
                "concurrency": {"pools": {"granularity": "run"}},
                "storage": {"sqlite": {"base_dir": str(state / "storage")}},
                "local_artifact_storage": {
                    "module": "dagster._core.storage.root",
                    "class": "LocalArtifactStorage",
                    "config": {"base_dir": str(state / "artifacts")},
                },
                "compute_logs": {
                    "module": "dagster._core.storage.noop_compute_log_manager",
                    "class": "NoOpComputeLogManager",
                },
            },
        )
    ) as instance:
        yield instance


def _failures(executed: dg.ExecuteInProcessResult) -> Iterator[str]:
    """What each failed step said: the error below Dagster's own, whose message has the mend."""
    for event in executed.all_events:
        if not event.is_step_failure:
            continue
        error = event.step_failure_data.error
        while error is not None and error.cause is not None and _is_wrapper(error.cls_name):
            error = error.cause
        said = error.message.strip() if error is not None else "no message"
        yield f"{event.step_key}: {said}"


def _is_wrapper(name: str | None) -> bool:
    """Whether Dagster raises errors of this name, to tell of another one."""
    return name is not None and (name.startswith("Dagster") or name == "Failure")
