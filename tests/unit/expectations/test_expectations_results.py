"""How a result is said: short, readable, and never rounded into a lie."""

from __future__ import annotations

from typing import Any

import pytest

from expectations.results import expected_text, limits, number, observed_text, share

MEAN = "expect_column_mean_to_be_between"
VALUES = "expect_column_values_to_be_between"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (31.2, "31.2"),
        (1234567, "1,234,567"),
        (4.0, "4"),
        (12345.678, "12,345.7"),
        (0.00012345, "0.0001234"),
        (None, "nothing"),
        (True, "true"),
        ("华东", "华东"),
    ],
)
def test_numbers(value: Any, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.012, "1.2 %"),
        (0, "0 %"),
        (0.000001, "under 0.1 %"),
        (0.999999, "over 99.9 %"),
        (1, "100 %"),
    ],
)
def test_shares_are_never_rounded_to_none_or_all(value: float, text: str) -> None:
    assert share(value) == text


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"min_value": 20, "max_value": 60}, "20 .. 60"),
        ({"min_value": 20}, "at least 20"),
        ({"max_value": 60}, "at most 60"),
        ({"min_value": 0, "strict_min": True}, "more than 0"),
        ({"min_value": 0, "max_value": 1, "strict_max": True}, "at least 0, less than 1"),
        ({"min_value": 5, "max_value": 5}, "5"),
        ({}, "anything"),
    ],
)
def test_limits(settings: dict[str, Any], text: str) -> None:
    assert limits(settings) == text


@pytest.mark.parametrize(
    ("expect", "settings", "text"),
    [
        (MEAN, {"min_value": 20, "max_value": 60}, "20 .. 60"),
        (
            VALUES,
            {"min_value": 0, "max_value": 10, "mostly": 0.95},
            "0 .. 10 in at least 95 % of values",
        ),
        (VALUES, {"min_value": 0, "mostly": 1.0}, "at least 0 in all values"),
        ("expect_column_values_to_be_in_set", {"value_set": ["好", "差"]}, "one of 好, 差"),
        (
            "expect_column_values_to_not_be_in_set",
            {"value_set": ["unknown"]},
            "anything but unknown",
        ),
        ("expect_column_values_to_not_be_null", {}, "a value in all rows"),
        ("expect_column_values_to_match_regex", {"regex": "^s"}, "a match of ^s"),
        (
            "expect_column_proportion_of_non_null_values_to_be_between",
            {"min_value": 0.3},
            "at least 30 %",
        ),
        (
            "expect_column_quantile_values_to_be_between",
            {"quantile_ranges": {"quantiles": [0.5, 0.95], "value_ranges": [[1, 9], [None, 40]]}},
            "median 1 .. 9, p95 at most 40",
        ),
    ],
)
def test_what_is_expected(expect: str, settings: dict[str, Any], text: str) -> None:
    assert expected_text(expect, settings) == text


@pytest.mark.parametrize(
    ("expect", "result", "text"),
    [
        (MEAN, {"observed_value": 31.2}, "mean 31.2"),
        (MEAN, {"observed_value": None}, "mean nothing"),
        ("expect_table_row_count_to_be_between", {"observed_value": 1000}, "row count 1,000"),
        (
            VALUES,
            {"element_count": 1200, "missing_count": 200, "unexpected_count": 12},
            "12 of 1,000 values fail (1.2 %)",
        ),
        (
            VALUES,
            {"element_count": 0, "missing_count": 0, "unexpected_count": None},
            "0 of 0 values fail",
        ),
        (
            "expect_column_values_to_not_be_null",
            {"element_count": 10, "unexpected_count": 10},
            "10 of 10 rows without a value (100 %)",
        ),
        (
            "expect_column_quantile_values_to_be_between",
            {"observed_value": {"quantiles": [0.5], "values": [5]}},
            "median 5",
        ),
        (
            "expect_column_proportion_of_non_null_values_to_be_between",
            {"observed_value": 0.98},
            "filled values 98 %",
        ),
        (
            "expect_column_most_common_value_to_be_in_set",
            {"observed_value": ["a", "b"]},
            "most common value a, b",
        ),
    ],
)
def test_what_was_observed(expect: str, result: dict[str, Any], text: str) -> None:
    assert observed_text(expect, result) == text
