"""What a check came to, and how it is said in short readable text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warn"]

_AFFIXES = ("_to_be_between", "_to_be_in_set", "_to_equal", "_to_be_less_than")


@dataclass(frozen=True)
class CheckResult:
    """One check of one run. `passed` with an `observed` of "only N rows" means: not applicable.

    `rows_failing` is a count of rows where the check is about single rows, else None. `message`
    is empty when the check passed; otherwise what happened, why it matters and what to do next.
    """

    name: str
    table_name: str
    column_name: str | None
    severity: Severity
    passed: bool
    observed: str
    expected: str
    rows_failing: int | None
    message: str
    engine: str = "gx"


def number(value: Any) -> str:
    """A value as people write it: 1,234 and 31.2; dates and texts as they are."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, (int, float)):
        return str(value)
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.4g}"


def share(value: float) -> str:
    """A share of 1 as per cent, never rounded to 0 % or 100 % when it is neither."""
    percent = value * 100
    if 0 < percent < 0.1:
        return "under 0.1 %"
    if 99.9 < percent < 100:
        return "over 99.9 %"
    return f"{percent:.3g} %"


def limits(settings: Mapping[str, Any], say: Callable[[Any], str] = number) -> str:
    """`min_value` and `max_value` as "20 .. 60", "at least 20" or "at most 60"."""
    low, high = settings.get("min_value"), settings.get("max_value")
    more = "more than" if settings.get("strict_min") else "at least"
    less = "less than" if settings.get("strict_max") else "at most"
    if low is None and high is None:
        return "anything"
    if high is None:
        return f"{more} {say(low)}"
    if low is None:
        return f"{less} {say(high)}"
    if settings.get("strict_min") or settings.get("strict_max"):
        return f"{more} {say(low)}, {less} {say(high)}"
    return say(low) if low == high else f"{say(low)} .. {say(high)}"


def expected_text(expect: str, settings: Mapping[str, Any]) -> str:
    """What expectation `expect` asks for, e.g. "0 .. 10 in at least 95 % of values"."""
    if "quantile_ranges" in settings:
        return _quantiles_expected(settings["quantile_ranges"])
    text = _asked(expect, settings)
    mostly = settings.get("mostly")
    if mostly is None:
        return text
    return f"{text} in {'all' if mostly >= 1 else f'at least {share(mostly)} of'} values"


def observed_text(expect: str, result: Mapping[str, Any]) -> str:
    """What was found, e.g. "mean 31.2" or "12 of 1,000 values fail (1.2 %)"."""
    if "unexpected_count" in result:
        return _values_observed(expect, result)
    found = result.get("observed_value")
    if isinstance(found, Mapping) and "quantiles" in found:
        pairs = zip(found["quantiles"], found["values"], strict=True)
        return ", ".join(f"{_quantile(q)} {number(v)}" for q, v in pairs)
    if isinstance(found, (list, set, tuple)):
        found = ", ".join(number(v) for v in list(found)[:10]) or None
    if "_proportion_of_" in expect and isinstance(found, (int, float)):
        return f"{measure(expect)} {share(found)}"
    return f"{measure(expect)} {number(found)}"


def measure(expect: str) -> str:
    """The thing that an aggregate expectation measures: "mean", "row count"."""
    name = expect.removeprefix("expect_").removeprefix("column_").removeprefix("table_")
    name = name.replace("proportion_of_non_null", "filled").replace(
        "proportion_of_unique", "different"
    )
    for affix in _AFFIXES:
        name = name.removesuffix(affix)
    return name.replace("_", " ")


def _asked(expect: str, settings: Mapping[str, Any]) -> str:
    if "value_set" in settings:
        return _set_expected(expect, list(settings["value_set"]))
    if expect.endswith("to_not_be_null"):
        return "a value" if "mostly" in settings else "a value in all rows"
    if "regex" in settings:
        return f"{'no match of' if '_not_match' in expect else 'a match of'} {settings['regex']}"
    if expect.endswith("_between"):
        return limits(settings, share if "_proportion_of_" in expect else number)
    rest = {k: v for k, v in settings.items() if k != "mostly"}
    listed = ", ".join(f"{k} {number(v)}" for k, v in rest.items())
    return listed or measure(expect)


def _set_expected(expect: str, values: list[Any]) -> str:
    listed = ", ".join(number(v) for v in values[:10]) + (", …" if len(values) > 10 else "")
    if "not_be_in_set" in expect:
        return f"anything but {listed}"
    return listed if len(values) == 1 else f"one of {listed}"


def _values_observed(expect: str, result: Mapping[str, Any]) -> str:
    failing = result.get("unexpected_count") or 0
    values = (result.get("element_count") or 0) - (result.get("missing_count") or 0)
    what = "rows without a value" if expect.endswith("to_not_be_null") else "values fail"
    if not failing:
        return f"0 of {number(values)} {what}"
    return f"{number(failing)} of {number(values)} {what} ({share(failing / values)})"


def _quantiles_expected(ranges: Mapping[str, Any]) -> str:
    pairs = zip(ranges["quantiles"], ranges["value_ranges"], strict=True)
    return ", ".join(
        f"{_quantile(q)} {limits({'min_value': low, 'max_value': high})}"
        for q, (low, high) in pairs
    )


def _quantile(q: float) -> str:
    return "median" if q == 0.5 else f"p{q * 100:g}"
