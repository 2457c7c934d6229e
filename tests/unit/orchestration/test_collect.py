"""Collecting: a source's fault stays with it, and what no config names is not passed over."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lake.landing import RunContext, SourceRun
from lake.privacy import Privacy
from orchestration.collect import Source, collect_source, run_name, sources_of, unread_drops
from orchestration.deployment import Deployment
from orchestration.scaffold import write_scaffold
from scrapers.http.hosts import Hosts

RUN = RunContext(
    date(2026, 9, 30),
    "r1",
    ZoneInfo("Asia/Shanghai"),
    lambda: datetime(2026, 10, 1, 2, tzinfo=UTC),
)


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    write_scaffold(tmp_path / "home")
    return Deployment(tmp_path / "home")


def test_a_fault_of_our_own_code_fails_its_source_alone(deployment: Deployment) -> None:
    def broken(*_: object) -> SourceRun:
        raise KeyError("boom")

    source = Source("extract_orders", "extract", ("orders",), "Orders.", broken)
    privacy = Privacy(b"0123456789abcdef")
    result = collect_source(source, deployment, RUN, privacy, lambda _: None, Hosts())
    assert result.status == "failed"
    assert "KeyError: 'boom'" in result.message
    assert deployment.lake.night("requests", "extract_orders", RUN).exists()


def test_the_scaffold_s_extracts_are_the_sources(deployment: Deployment) -> None:
    assert [source.id for source in sources_of(deployment)] == [
        f"extract_{entity}" for entity in deployment.extracts
    ]


def test_files_where_nothing_looks_are_told(deployment: Deployment) -> None:
    landing = deployment.landing
    (landing / "surveys" / "forgotten").mkdir()
    assert unread_drops(deployment) == []  # an empty folder is nothing to lose
    (landing / "extracts" / "orders" / "2026").mkdir()
    for name in ("loose.csv", "surveys/forgotten/a.csv", "extracts/stray.csv"):
        (landing / name).write_text("x\n1\n")
    loose, forgotten, inner, stray = unread_drops(deployment)
    assert loose.startswith(f"{landing}/loose.csv lies where no source looks")
    assert "config/surveys.yml has no entry `forgotten`" in forgotten
    assert inner.startswith(f"{landing}/extracts/orders/2026 is a folder inside")
    assert stray.startswith(f"{landing}/extracts/stray.csv lies where no source looks")


def test_the_pictures_that_a_browser_saves_beside_a_page_are_no_drop(
    deployment: Deployment,
) -> None:
    folder = deployment.landing / "extracts" / "orders"
    (folder / "评价_files").mkdir()
    assert "评价_files is a folder inside" in unread_drops(deployment)[0]
    (folder / "评价.html").write_text("<html></html>")
    assert unread_drops(deployment) == []


def test_a_run_s_name_begins_with_its_day_and_tells_runs_apart() -> None:
    first, second = run_name("2026-09-30", "a"), run_name("2026-09-30", "b")
    assert first.startswith("2026-09-30-")
    assert first != second
    assert run_name("2026-09-30", "a") == first
