"""A deployment's folder: its config faults told at once, its days, its one writer."""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lake.config import ConfigError
from orchestration.deployment import Deployment
from orchestration.scaffold import CONFIG_FILES, write_scaffold


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_scaffold(tmp_path / "home")
    return tmp_path / "home"


def faults(home: Path) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        Deployment(home).check()
    return [str(problem) for problem in raised.value.problems]


def test_what_init_writes_is_a_config_that_can_be_used(home: Path) -> None:
    deployment = Deployment(home)
    deployment.check()
    assert deployment.zone.key == "Asia/Shanghai"
    assert len(deployment.extracts) == 8
    assert (deployment.platforms, deployment.surveys) == ({}, {})


def test_init_touches_nothing_that_is_there(home: Path) -> None:
    mine = home / "config" / "deployment.yml"
    mine.write_text("name: Mine\nstart_date: 2026-01-01\ncontact: me@example.com\n")
    (home / "config" / "surveys.yml").unlink()
    assert [path.name for path in write_scaffold(home)] == ["surveys.yml"]
    assert Deployment(home).settings.name == "Mine"
    assert set(CONFIG_FILES) == {path.name for path in (home / "config").iterdir()}


def test_faults_of_all_files_are_told_at_once(home: Path) -> None:
    (home / "config" / "deployment.yml").write_text("name: X\nzone: Asia/Beijing\n")
    (home / "config" / "sources.yml").write_text("sources:\n  x:\n    platform: cfbp\n")
    (home / "config" / "extracts.yml").write_text("extracts:\n  order:\n")
    said = "\n".join(faults(home))
    assert "deployment.yml, line 2, key zone: 'Asia/Beijing' is not a time zone" in said
    assert "key start_date: this key is required" in said
    assert "there is no platform 'cfbp'. Did you mean cfpb?" in said
    assert "'order' is not an extract that can be loaded. Did you mean `orders`?" in said


def test_a_home_that_is_none_is_told_how_to_become_one(tmp_path: Path) -> None:
    (said,) = faults(tmp_path / "nowhere")
    assert f"voc init {tmp_path / 'nowhere'}" in said


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        (datetime(2026, 9, 30, 15, 59, tzinfo=UTC), date(2026, 9, 29)),  # 23:59 in Shanghai
        (datetime(2026, 9, 30, 16, 0, tzinfo=UTC), date(2026, 9, 30)),  # midnight in Shanghai
    ],
)
def test_a_business_day_is_over_at_local_midnight(home: Path, now: datetime, newest: date) -> None:
    assert Deployment(home).newest_day(now) == newest


def test_the_writers_place_is_held_once_per_process_and_barred_to_others(home: Path) -> None:
    other = (
        "import sys; from pathlib import Path\n"
        "from orchestration.deployment import BusyError, Deployment\n"
        "try:\n"
        "    with Deployment(Path(sys.argv[1])).writing(): print('got it')\n"
        "except BusyError as busy: print(busy)\n"
    )
    deployment = Deployment(home)
    with deployment.writing(), deployment.writing():
        said = subprocess.run(
            [sys.executable, "-c", other, str(home)], capture_output=True, text=True, check=True
        )
    assert "Another run is writing" in said.stdout
    free = subprocess.run(
        [sys.executable, "-c", other, str(home)], capture_output=True, text=True, check=True
    )
    assert free.stdout.strip() == "got it"
