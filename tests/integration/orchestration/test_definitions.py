"""Dagster's definitions: what a person finds in its pages, and what the schedule will do."""

from pathlib import Path

import dagster as dg
import pytest

from orchestration.assets import WRITER_POOL
from orchestration.definitions import JOB, build_defs
from orchestration.deployment import Deployment
from orchestration.night import Night
from orchestration.progress import Silent
from orchestration.scaffold import write_scaffold

SOURCES = """
sources:
  appstore_cn:
    platform: appstore
    options: {country: cn, app_id: "6400000001"}
  appstore_us:
    platform: appstore
    enabled: false
    options: {country: us, app_id: "6400000001"}
"""
SURVEYS = """
surveys:
  store_nps:
    roles: {response_id: id, submitted_at: at, nps: score}
"""


@pytest.fixture(scope="module")
def defs(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    home = tmp_path_factory.mktemp("defs") / "home"
    write_scaffold(home)
    (home / "config" / "sources.yml").write_text(SOURCES)
    (home / "config" / "surveys.yml").write_text(SURVEYS)
    settings = home / "config" / "deployment.yml"
    settings.write_text(settings.read_text().replace("Asia/Shanghai ", "Europe/Berlin "))
    deployment = Deployment(home)
    return build_defs(deployment, {"night": Night(deployment, reporter=Silent())})


def specs(defs: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {"/".join(spec.key.path): spec for spec in defs.resolve_all_asset_specs()}


def test_dagster_accepts_them(defs: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(defs)


def test_every_asset_has_a_group_an_owner_and_a_description(defs: dg.Definitions) -> None:
    for key, spec in specs(defs).items():
        assert spec.group_name not in (None, "default"), key
        assert list(spec.owners) == ["team:data-team"], key
        assert spec.description, key


def test_each_configured_source_is_an_asset_and_a_disabled_one_is_not(
    defs: dg.Definitions,
) -> None:
    sources = {key for key in specs(defs) if key.startswith("records/")}
    assert {"records/appstore_cn", "records/survey_store_nps", "records/extract_orders"} < sources
    assert "records/appstore_us" not in sources
    assert len(sources) == 1 + 1 + 8


def test_lineage_leads_from_the_records_to_the_release(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    upstream = graph.upstream_key_iterator(dg.AssetKey(["release"]))
    above = {"/".join(key.path) for key in upstream}
    assert {"records/extract_orders", "records/appstore_cn", "lake/prepared"} < above
    assert {"core/fct_order", "marts/nps_period", "quality/reconciliation"} < above


def test_the_night_is_partitioned_by_the_deployment_s_day(defs: dg.Definitions) -> None:
    partitions = defs.resolve_job_def(JOB).partitions_def
    assert isinstance(partitions, dg.DailyPartitionsDefinition)
    assert partitions.timezone == "Europe/Berlin"
    assert partitions.get_first_partition_key() == "2026-01-01"


def test_the_schedule_runs_at_two_in_the_deployment_s_zone(defs: dg.Definitions) -> None:
    schedule = defs.resolve_schedule_def("nightly_schedule")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Europe/Berlin")
    assert schedule.job_name == JOB


def test_the_writers_of_the_build_file_share_one_pool(defs: dg.Definitions) -> None:
    nodes = defs.resolve_job_def(JOB).nodes_in_topological_order
    pools = {node.name: node.definition.pool for node in nodes}  # type: ignore[attr-defined]
    assert {name for name, pool in pools.items() if pool == WRITER_POOL} == {
        "text__understood",
        "warehouse",
        "release",
    }


def test_dbt_s_tests_and_gx_s_expectations_are_checks_of_their_tables(
    defs: dg.Definitions,
) -> None:
    checks = {
        ("/".join(key.asset_key.path), key.name)
        for key in defs.resolve_asset_graph().asset_check_keys
    }
    assert ("core/fct_order", "fct_order_customer_is_known") in checks
    assert ("marts/nps_period", "table_exists") in checks
    assert ("records/extract_orders", "complete") in checks


def test_the_instance_keeps_its_state_in_an_ignored_folder(repository: Path) -> None:
    said = (repository / "dagster.yaml").read_text()
    folders = [line.split(":")[1].strip() for line in said.splitlines() if "base_dir" in line]
    assert len(folders) == 3
    assert all(folder.startswith(".state/") for folder in folders)
    assert ".state/" in (repository / ".gitignore").read_text().splitlines()
    assert "telemetry:\n  enabled: false" in said
