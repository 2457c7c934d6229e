"""What a killed run leaves is cleared by the next one: its place in Dagster, its half release."""

from pathlib import Path

import dagster as dg

from orchestration.deployment import Deployment
from orchestration.nightly import HOME_TAG, _close_killed_runs
from orchestration.releases import remove_half_written


@dg.job
def some_job() -> None:
    """A job for runs to be of."""


def started(instance: dg.DagsterInstance, **tags: str) -> str:
    """A run whose process is gone, as Dagster still sees it."""
    run = instance.create_run_for_job(some_job, status=dg.DagsterRunStatus.STARTED, tags=tags)
    return run.run_id


def test_a_killed_run_of_the_command_is_failed_and_others_are_left_alone(tmp_path: Path) -> None:
    mine, other = Deployment(tmp_path / "mine"), tmp_path / "other"
    with dg.DagsterInstance.ephemeral() as instance:
        killed = started(instance, **{HOME_TAG: str(mine.home)})
        elsewhere = started(instance, **{HOME_TAG: str(other)})
        launched_by_dagster = started(instance)
        _close_killed_runs(instance, mine)
        status = {run.run_id: run.status for run in instance.get_runs()}
    assert status == {
        killed: dg.DagsterRunStatus.FAILURE,
        elsewhere: dg.DagsterRunStatus.STARTED,
        launched_by_dagster: dg.DagsterRunStatus.STARTED,
    }


def test_a_half_written_release_is_removed_and_whole_ones_stay(tmp_path: Path) -> None:
    for name in ("r1", ".r2.writing"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "warehouse.duckdb").write_bytes(b"x")
    assert remove_half_written(tmp_path) == [tmp_path / ".r2.writing"]
    assert [path.name for path in tmp_path.iterdir()] == ["r1"]
    assert remove_half_written(tmp_path / "absent") == []
