"""What a person is told of a taxonomy that can't be used, and what makes a new version."""

from pathlib import Path

import pytest

from demo.units import TOUCHPOINTS
from lake.config import ConfigError
from orchestration.scaffold import scaffold_file
from verbatims.aspects.taxonomy import Taxonomy, forms_of, read_taxonomy

SMALL = """
version: "1"
aspects:
  taste:
    name: {zh: 口味, en: Taste}
    stage: use
    class: Q
    owner: kitchen
    zh: {about: [味道], good: [好吃]}
"""
ASKED_FOR = {
    *("quality", "service", "cleanliness", "price_value", "price_discrimination", "auto_renewal"),
    *("delivery", "bot", "passed_around", "refused_claims", "capacity", "refund", "safety"),
    *("privacy", "product_fault", "staff_attitude", "app_site"),
}


def read(folder: Path, text: str) -> Taxonomy:
    path = folder / "taxonomy.yml"
    path.write_text(text, encoding="utf-8")
    return read_taxonomy(path)


def fault(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        read(folder, text)
    return str(raised.value)


def test_the_shipped_one_has_all_that_was_asked_for_in_both_languages() -> None:
    taxonomy = read_taxonomy(scaffold_file("taxonomy.yml"))
    assert taxonomy.aspects.keys() >= ASKED_FOR
    for name, aspect in taxonomy.aspects.items():
        for wording in (aspect.zh, aspect.en):
            assert wording.about or wording.good or wording.bad, name


def test_a_version_is_the_declared_one_and_the_content(tmp_path: Path) -> None:
    first = read(tmp_path, SMALL).version
    assert first.startswith("1-")
    assert read(tmp_path, "# a comment changes nothing\n" + SMALL).version == first
    assert read(tmp_path, SMALL.replace("[好吃]", "[好吃, 美味]")).version != first
    assert read(tmp_path, SMALL.replace('"1"', '"2"')).version.startswith("2-")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("stage: use", "", "key aspects.taste.stage: this key is required. Add `stage: …`."),
        ("class: Q", "class: X", "key aspects.taste.class: 'X' can't be used."),
        ("owner: kitchen", "owner: kitchen\n    colour: red", "this key is not known"),
        ("good: [好吃]", "god: [好吃]", "Did you mean `good`?"),
        ("good: [好吃]", "good: 好吃", "Write it as a list: [好吃]."),
        ("good: [好吃]", "good: [no]", "not for a text: put it in quotes"),
        ("good: [好吃]", "good: ['…好吃']", "no word before or after a …"),
        ("good: [好吃]", "good: [一(掰|扯就裂]", "every ( needs its )"),
        ("good: [好吃]", "good: [好*吃]", "* stands at the end of an English word"),
        ("about: [味道], good: [好吃]", "expected: [上菜]", "no text can be about it"),
        ("about: [味道], good", "said_good: [足], good", "need an `about` word"),
        ("  taste:\n", "  Taste 1:\n", "`Taste 1` is no id"),
    ],
)
def test_a_fault_is_told_with_its_key_and_the_mend(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    assert before in SMALL
    message = fault(tmp_path, SMALL.replace(before, after))
    assert said in message
    assert "taxonomy.yml" in message


def test_words_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    both = SMALL + "opinions:\n  zh: {good: [不错], bad: [不错]}\n"
    assert "`不错` is both good and bad" in fault(tmp_path, both)
    judged = SMALL.replace("good: [好吃]", "good: [好吃], bad: [好吃]")
    assert "`好吃` is both good and bad" in fault(tmp_path, judged)
    ignored = SMALL + "opinions:\n  zh: {ignore: [好吃]}\n"
    assert "`好吃` is in opinions.zh.ignore and in aspects.taste.zh.good" in fault(
        tmp_path, ignored
    )


def test_one_entry_may_stand_for_several_wordings() -> None:
    assert forms_of("好吃") == (("好吃",),)
    assert forms_of("一(掰|扯)就…裂") == (("一掰就", "…", "裂"), ("一扯就", "…", "裂"))
    assert forms_of("说找……说找") == (("说找", "……", "说找"),)
    assert forms_of("量(|很)足") == (("量足",), ("量很足",))


def test_an_entry_does_not_explode() -> None:
    with pytest.raises(ValueError, match="1024 wordings"):
        forms_of("(a|b)" * 10)


def test_the_shipped_stages_are_those_of_the_demo_company() -> None:
    shipped = read_taxonomy(scaffold_file("taxonomy.yml"))
    used = {touchpoint.stage for touchpoint in TOUCHPOINTS}
    assert {aspect.stage for aspect in shipped.aspects.values()} <= used
