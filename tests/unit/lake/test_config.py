"""Config faults: every message names the file, the line, the key, and the mend."""

from pathlib import Path

import pytest
from pydantic import Field

from lake.config import ConfigError, StrictModel, load_yaml


class Part(StrictModel):
    size: int = Field(ge=1)
    colour: str = "red"


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


def test_a_gbk_file_is_said_to_be_no_utf8(tmp_path: Path) -> None:
    path = tmp_path / "whole.yml"
    path.write_bytes("name: 云雾茶\n".encode("gb18030"))
    assert problems(path)[0].endswith("not UTF-8 (byte 6). Save it as UTF-8.")


def test_a_missing_file_points_to_voc_init(tmp_path: Path) -> None:
    assert "voc init" in problems(tmp_path / "absent.yml")[0]
