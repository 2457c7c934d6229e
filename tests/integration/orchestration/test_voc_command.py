"""The `voc` command as a person meets it: help, exit codes, and messages that say the mend."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

KEY = {"VOC_PII_KEY": "a key for tests only"}


def voc(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with nothing of ours in its environment."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("VOC_")}
    code = "import sys; from orchestration.cli import main; sys.argv[0] = 'voc'; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=clean | environment,
        check=False,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert voc("init", tmp_path / "home").returncode == 0
    return tmp_path / "home"


def test_help_names_the_commands_and_the_exit_codes() -> None:
    said = voc("--help").stdout
    for word in ("init", "run", "status", "releases", "0 published", "2 wrong usage", "held"):
        assert word in said


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "dance"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "No such command 'dance'" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run",), "--home"),
        (("dance",), "No such command 'dance'"),
        (("run", "--home", "nowhere"), "voc init"),
        (("status", "--home", "nowhere"), "voc init"),
        (("releases", "--home", "nowhere"), "voc init"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_to_do(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    ended = voc(*arguments, **KEY)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("yesterday", "is not a date. Write it as YYYY-MM-DD"),
        ("2026-02-30", "is not a date"),
        ("2999-01-01", "is not over yet"),
        ("2001-01-01", "lies before start_date 2026-01-01"),
    ],
)
def test_a_day_that_can_t_be_run_is_refused(home: Path, day: str, said: str) -> None:
    ended = voc("run", "--home", home, "--as-of", day, **KEY)
    assert ended.returncode == 2
    assert said in " ".join(ended.stderr.split())


def test_a_config_fault_names_file_line_key_and_mend(home: Path) -> None:
    (home / "config" / "sources.yml").write_text("sources:\n  a:\n    plattform: cfpb\n")
    ended = voc("run", "--home", home, **KEY)
    assert ended.returncode == 2
    assert f"{home}/config/sources.yml, line 3, key sources.a.plattform" in ended.stderr
    assert "Did you mean `platform`?" in ended.stderr


def test_without_a_key_for_personal_data_nothing_is_run(home: Path) -> None:
    ended = voc("run", "--home", home)
    assert ended.returncode == 2
    assert "VOC_PII_KEY is not set" in ended.stderr
    assert not (home / "lake").exists()


def test_before_the_first_night_status_and_releases_say_how_to_start(home: Path) -> None:
    for command in ("status", "releases"):
        ended = voc(command, "--home", home)
        assert ended.returncode == 0
        assert "voc run --home" in " ".join(ended.stdout.split())


def test_init_on_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    ended = voc("init", tmp_path / "taken")
    assert ended.returncode == 2
    assert "can't be made into a deployment" in ended.stderr
