"""Labels become the numbers that were declared for them, and no others."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from loaders.config import Scores, SurveyConfig
from loaders.scores import Scale


@pytest.mark.parametrize(
    ("given", "written", "number"),
    [
        ("非常愿意", "10", 10.0),
        (" 非常愿意 ", "10", 10.0),
        ("10 - extremely  LIKELY", "10", 10.0),
        ("９ - Likely", "9", 9.0),
        ("half", "2.5", 2.5),
        ("7", "7", 7.0),
        ("10", "0", 0.0),  # a declared number wins: this scale was turned round
        ("１０分", "１０分", None),
        ("9 - Very likely", "9 - Very likely", None),
        ("", "", None),
    ],
)
def test_a_declared_label_is_its_number(given: str, written: str, number: float | None) -> None:
    declared = {"非常愿意": 10, "10 - Extremely likely": 10, "9 - Likely": 9, "half": 2.5, "10": 0}
    scale = Scale("nps", declared)
    assert scale.written(given) == written
    assert scale.number(given) == number


def test_without_a_map_nothing_is_guessed_and_labels_are_named() -> None:
    scale = Scale("nps", {})
    assert scale.number("10 - Extremely likely") is None
    assert scale.number("10 - Extremely likely") is None
    assert scale.number("call 13800138000") is None
    assert scale.number("9") == 9.0
    assert scale.number("") is None
    assert scale.note() == (
        "answers without a score (nps): '10 - Extremely likely' (2), 'call [mobile]' (1); "
        "give their numbers in scores: nps if they have one"
    )


def test_many_labels_without_a_number_are_counted() -> None:
    scale = Scale("drivers", {"好": 5})
    for n in range(7):
        scale.number(f"label {n}")
    assert "and 2 other labels" in (scale.note() or "")
    assert Scale("ces", {}).note() is None


def test_a_code_is_known_by_its_label_or_itself() -> None:
    assert Scale("csat", {"很满意": 5}).written("1", "很满意") == "5"
    assert Scale("csat", {"1": 5}).written("1", "很满意") == "5"
    assert Scale("csat", {}).written("1", "很满意") == "1"


def test_labels_that_yaml_reads_as_something_else() -> None:
    assert Scores.model_validate({"nps": {10: 0, "是": 1}}).nps == {"10": 0.0, "是": 1.0}
    assert Scores.model_validate({"nps": None}).nps == {}
    with pytest.raises(ValidationError, match="in quotes"):
        Scores.model_validate({"csat": {True: 5}})
    with pytest.raises(ValidationError):
        Scores.model_validate({"csat": {"x": float("nan")}})


def test_a_moment_asks_something_and_a_separator_is_not_empty() -> None:
    with pytest.raises(ValidationError, match="at least one column"):
        SurveyConfig.model_validate({"roles": {"mot": {"pickup": {}}}})
    with pytest.raises(ValidationError):
        SurveyConfig.model_validate({"multi": {"Q1": ""}})
