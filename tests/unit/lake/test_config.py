"""Config faults: every message names the file, the line, the key, and the mend."""

from pathlib import Path

import pytest
from pydantic import Field, field_validator

from lake.config import ConfigError, StrictModel, load_yaml
from loaders.config import ExtractsFile, SurveysFile
from scrapers.config import SourcesFile


class Part(StrictModel):
    size: int = Field(ge=1)
    colour: str = "red"

    @field_validator("colour")
    @classmethod
    def _known(cls, colour: str) -> str:
        if colour != "red":
            hint = " Did you mean red?" if "r" in colour else ""
            raise ValueError(f"{colour} is no colour.{hint}")
        return colour


class Whole(StrictModel):
    name: str
    parts: dict[str, Part] = Field(default_factory=dict)


def problems(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load_yaml(path, Whole)
    return [str(problem) for problem in raised.value.problems]


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "whole.yml"
    path.write_bytes(text.encode())
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeffname: 云雾茶\nparts:\n  a: {size: 2}\n")
    assert load_yaml(path, Whole) == Whole(name="云雾茶", parts={"a": Part(size=2)})


def test_all_faults_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    found = problems(write(tmp_path, "parts:\n  a:\n    size: none\n  b:\n    sise: 3\n"))
    assert [line.replace(str(tmp_path), "") for line in found] == [
        "/whole.yml, key name: this key is required. Add `name: …`.",
        "/whole.yml, line 3, key parts.a.size: 'none' can't be used. Input should be a valid "
        "integer, unable to parse string as an integer.",
        "/whole.yml, line 4, key parts.b.size: this key is required. Add `size: …`.",
        "/whole.yml, line 5, key parts.b.sise: this key is not known. Did you mean `size`?",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [1, 2\n", "not valid YAML"),
        ("- a\n- b\n", "the file holds a list"),
        ("", "this key is required"),
    ],
)
def test_what_is_no_mapping_is_said_so(tmp_path: Path, text: str, said: str) -> None:
    assert said in problems(write(tmp_path, text))[0]


@pytest.mark.parametrize(
    ("text", "key", "lines"),
    [
        ("name: a\nparts: {}\nname: b\n", "name", (1, 3)),
        ("name: a\nparts:\n  x: {size: 1}\n  y: {size: 1}\n  x:\n    size: 2\n", "parts.x", (3, 5)),
        ("name: a\nparts:\n  x:\n    size: 1\n    size: 1\n", "parts.x.size", (4, 5)),
    ],
)
def test_a_key_that_stands_twice_is_told_with_both_lines(
    tmp_path: Path, text: str, key: str, lines: tuple[int, int]
) -> None:
    (found,) = problems(write(tmp_path, text))
    assert f"line {lines[1]}, key {key}: this key stands twice" in found
    assert f"on lines {lines[0]} and {lines[1]}." in found


def test_keys_twice_are_told_beside_the_other_faults(tmp_path: Path) -> None:
    twice, other = problems(write(tmp_path, "name: a\nname: b\nparts: {x: {size: 0}}\n"))
    assert "stands twice" in twice
    assert "parts.x.size" in other


def test_an_anchor_used_twice_is_no_key_twice(tmp_path: Path) -> None:
    path = write(tmp_path, "name: a\nparts:\n  x: &x {size: 1}\n  y: *x\n")
    assert load_yaml(path, Whole).parts["y"] == Part(size=1)


def test_an_alias_inside_its_own_anchor_is_told(tmp_path: Path) -> None:
    assert problems(write(tmp_path, "name: a\nparts: &p\n  x: *p\n"))


def test_a_key_that_yaml_takes_for_a_number_is_to_be_quoted(tmp_path: Path) -> None:
    number, day = problems(
        write(tmp_path, "name: a\nparts:\n  1001: {size: 1}\n  2026-09-01: {size: 1}\n")
    )
    assert "line 3, key parts.1001: YAML takes this key for a number" in number
    assert number.endswith('Put it in quotes: "1001".')
    assert "line 4" in day
    assert day.endswith('Put it in quotes: "2026-09-01".')


def test_a_question_ends_a_message_without_a_full_stop(tmp_path: Path) -> None:
    found = problems(write(tmp_path, "name: a\nparts: {x: {size: 1, colour: rde}}\n"))[0]
    assert found.endswith("rde is no colour. Did you mean red?")
    assert problems(write(tmp_path, "name: a\nparts: {x: {size: 1, colour: x}}\n"))[0].endswith(
        "x is no colour."
    )


def test_a_day_that_does_not_exist_is_told(tmp_path: Path) -> None:
    assert "does not exist" in problems(write(tmp_path, "name: 2026-02-30\n"))[0]


def test_what_can_not_be_read_is_told(tmp_path: Path) -> None:
    found = problems(tmp_path)[0]
    assert "it can't be read (Is a directory)" in found
    assert "has to be a file" in found


def test_no_rights_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path, "name: a\n")
    monkeypatch.setattr(Path, "read_text", refuse)
    assert "Permission denied" in problems(path)[0]


@pytest.mark.parametrize(
    ("model", "name"),
    [(SurveysFile, "surveys"), (ExtractsFile, "extracts"), (SourcesFile, "sources")],
)
def test_a_list_of_nothing_is_empty(tmp_path: Path, model: type[StrictModel], name: str) -> None:
    assert load_yaml(write(tmp_path, f"{name}:\n"), model).model_dump() == {name: {}}


def test_a_gbk_file_is_said_to_be_no_utf8(tmp_path: Path) -> None:
    path = tmp_path / "whole.yml"
    path.write_bytes("name: 云雾茶\n".encode("gb18030"))
    assert problems(path)[0].endswith("not UTF-8 (byte 6). Save it as UTF-8.")


def test_a_missing_file_points_to_voc_init(tmp_path: Path) -> None:
    assert "voc init" in problems(tmp_path / "absent.yml")[0]
