"""What the scaffold and the docs say of surveys.yml can be used as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from loaders.config import SurveysFile

ROOT = Path(__file__).parents[3]


def test_the_scaffold_s_example_is_a_config_when_taken_out_of_its_comment() -> None:
    lines = (ROOT / "orchestration/scaffold_files/surveys.yml").read_text().splitlines()
    start = lines.index("# surveys:")
    example = "\n".join(line.removeprefix("# ") for line in lines[start:])
    assert SurveysFile.model_validate(yaml.safe_load(example)).surveys["store_nps"].scores.nps


def yaml_blocks() -> list[str]:
    text = (ROOT / "docs/surveys.md").read_text(encoding="utf-8")
    blocks = [part.partition("```")[0] for part in text.split("```yaml\n")[1:]]
    return [
        "\n".join(
            line.removeprefix("   ") if b.startswith("   ") else line for line in b.splitlines()
        )
        for b in blocks
    ]


@pytest.mark.parametrize("block", yaml_blocks())
def test_what_the_docs_show_is_a_config(block: str) -> None:
    assert SurveysFile.model_validate(yaml.safe_load(block)).surveys
