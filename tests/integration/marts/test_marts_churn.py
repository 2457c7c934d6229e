"""Churn warnings scored again in plain Python from the landed rows and the scorecard's file."""

from __future__ import annotations

import csv
import itertools
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest

from .conftest import AS_OF, CUTOFF, Night, Row, banded, local_day

pytestmark = pytest.mark.integration

FEATURES = ["recency", "frequency", "last_score", "open_complaints"]


@pytest.fixture(scope="module")
def order_days(night: Night) -> dict[str, Counter[date]]:
    """Counted orders by customer and local day, as they were known at the end of as_of."""
    found: dict[str, Counter[date]] = defaultdict(Counter)
    for row in night.landed["orders"]:
        ended = [at for at in (row["cancelled_at"], row["refunded_at"]) if at]
        void = any(at < CUTOFF for at in ended) or (row["status"] == "cancelled" and not ended)
        if row["ordered_at"] < CUTOFF and not void:
            found[row["customer_id"]][local_day(row["ordered_at"])] += 1
    return found


@pytest.fixture(scope="module")
def active(order_days: dict[str, Counter[date]]) -> set[str]:
    return {who for who, days in order_days.items() if max(days) > AS_OF - timedelta(180)}


@pytest.fixture(scope="module")
def warnings(night: Night) -> dict[str, Row]:
    return {row["customer_id"]: row for row in night.tables["churn_warning"]}


def test_every_active_customer_has_exactly_one_row(
    night: Night, active: set[str], warnings: dict[str, Row], order_days: dict[str, Counter[date]]
) -> None:
    assert len(warnings) == len(night.tables["churn_warning"])
    assert set(warnings) == active
    assert active < set(order_days), "somebody must have become inactive, or nothing is tested"
    strangers = active - {row["customer_id"] for row in night.landed["customers"]}
    assert strangers
    assert all(warnings[who]["customer_key"] is None for who in strangers)
    assert {row["snapshot_date"] for row in warnings.values()} == {AS_OF}


def own_interval(days: Counter[date]) -> float | None:
    ordered = sorted(days)
    gaps = [(b - a).days for a, b in itertools.pairwise(ordered)]
    return float(median(gaps)) if len(gaps) >= 2 else None


def test_features_are_those_of_the_day(
    night: Night, warnings: dict[str, Row], order_days: dict[str, Counter[date]]
) -> None:
    intervals = {who: own_interval(days) for who, days in order_days.items()}
    typical = median(i for i in intervals.values() if i is not None)
    latest: dict[str, tuple[datetime, int | None]] = {}
    for row in night.landed["survey_response"]:
        score, _ = banded(row["nps_raw"])
        counts = score is not None and row["response_status"] == "complete"
        if counts and row["customer_id"] and row["submitted_at"] < CUTOFF:
            seen = latest.get(row["customer_id"])
            if seen is None or row["submitted_at"] > seen[0]:
                latest[row["customer_id"]] = (row["submitted_at"], score)
    complaints = Counter(
        row["customer_id"]
        for row in night.tables["complaint_case"]
        if row["is_open"] and row["created_date"] > AS_OF - timedelta(90)
    )
    for who, row in warnings.items():
        days = order_days[who]
        last = max(days)
        assert row["last_order_date"] == last
        assert row["recency_days"] == (AS_OF - last).days
        assert row["usual_interval_days"] == (intervals[who] or typical)
        assert row["usual_interval_basis"] == ("own" if intervals[who] else "all_customers")
        ages = {day: (AS_OF - day).days for day in days}
        assert row["orders_90d"] == sum(n for d, n in days.items() if ages[d] < 90)
        assert row["orders_prior_90d"] == sum(n for d, n in days.items() if 90 <= ages[d] < 180)
        assert row["last_score"] == (latest[who][1] if who in latest else None)
        assert row["open_complaints"] == complaints[who]
    assert any(row["open_complaints"] for row in warnings.values())


def test_points_score_band_and_reasons_follow_the_scorecard(
    warnings: dict[str, Row], repository: Path
) -> None:
    seeds = repository / "dbt_project" / "seeds" / "marts"
    with (seeds / "churn_scorecard.csv").open(encoding="utf-8", newline="") as file:
        card = list(csv.DictReader(file))
    most = sum(max(float(c["points"]) for c in card if c["feature"] == f) for f in FEATURES)
    bands: Counter[str] = Counter()
    for who, row in warnings.items():
        measured = {
            "recency": row["recency_days"] / row["usual_interval_days"],
            "frequency": row["orders_90d"] / row["orders_prior_90d"]
            if row["orders_prior_90d"]
            else None,
            "last_score": row["last_score"],
            "open_complaints": row["open_complaints"],
        }
        chosen = [_class_of(card, name, value) for name, value in measured.items()]
        for line in chosen:
            assert row[f"{line['feature']}_points"] == float(line["points"]), who
        score = 100 * sum(float(line["points"]) for line in chosen) / most
        assert row["score"] == pytest.approx(score)
        assert row["band"] == ("high" if score >= 50 else "medium" if score >= 25 else "low")
        # sorted() is stable: equal points stay in the order of the features
        largest = sorted(chosen, key=lambda line: -float(line["points"]))[:3]
        for place, line in enumerate(largest, start=1):
            assert row[f"reason_{place}_code"] == line["reason_code"], who
            for language, column in (("en", f"reason_{place}"), ("zh", f"reason_{place}_zh")):
                assert row[column] == _filled(line[f"reason_{language}"], row)
        bands[row["band"]] += 1
    assert min(bands[name] for name in ("high", "medium", "low")) >= 3


def _class_of(card: list[dict[str, str]], feature: str, value: float | None) -> dict[str, str]:
    found = [line for line in card if line["feature"] == feature and _holds(line, value)]
    assert len(found) == 1, (feature, value, found)
    return found[0]


def _holds(line: dict[str, str], value: float | None) -> bool:
    if value is None or line["is_missing"] == "true":
        return value is None and line["is_missing"] == "true"
    return float(line["lower"]) <= value < float(line["upper"] or "inf")


def _filled(text: str, row: Row) -> str:
    for name in ("recency_days", "orders_90d", "orders_prior_90d", "last_score", "open_complaints"):
        text = text.replace(f"{{{name}}}", str(row[name]))
    interval = int(row["usual_interval_days"] + 0.5)  # half a day up
    text = text.replace("{usual_interval_days}", str(interval))
    assert "{" not in text
    return text
