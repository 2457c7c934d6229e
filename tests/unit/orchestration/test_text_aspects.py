"""`voc text aspects`: what it shows of a text, and of a taxonomy that can't be used."""

from pathlib import Path

import pytest

from orchestration.cli import call
from orchestration.deployment import Deployment


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    call(["init", str(tmp_path / "home")])
    capsys.readouterr()
    return tmp_path / "home"


def shown(home: Path, text: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert call(["text", "aspects", "--home", str(home), text]) == 0
    return capsys.readouterr().out


def test_aspects_are_shown_with_their_rules(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = shown(home, "虽然慢但是[red]好吃", capsys)
    assert Deployment(home).taxonomy.version in found
    lines = [line.split() for line in found.splitlines() if "own:" in line]
    assert [line[1:8:2] for line in lines] == [
        ["delivery", "-", "慢", "own:慢"],
        ["taste", "+", "好吃", "own:好吃"],
    ]
    assert "Nothing that the taxonomy knows" in shown(home, "我们去过", capsys)


def test_own_words_are_found_and_make_another_version(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / "config" / "taxonomy.yml"
    before = Deployment(home).taxonomy.version
    path.write_text(
        path.read_text("utf-8").replace("good: [好吃,", "good: [巴适得板, 好吃,"), "utf-8"
    )
    assert "own:巴适得板" in shown(home, "巴适得板", capsys)
    assert Deployment(home).taxonomy.version != before


def test_a_deployment_without_the_file_uses_the_shipped_one(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = Deployment(home).taxonomy.version
    (home / "config" / "taxonomy.yml").unlink()
    assert version in shown(home, "好吃", capsys)


def test_a_taxonomy_that_cant_be_used_is_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (home / "config" / "taxonomy.yml").open("a", encoding="utf-8") as file:
        file.write("colour: red\n")
    assert call(["text", "aspects", "--home", str(home), "好吃"]) == 2
    assert "key colour: this key is not known" in capsys.readouterr().err
    assert call(["run", "--home", str(home)]) == 2
