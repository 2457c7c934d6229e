"""NPS counted again in plain Python from the rows that were landed: every cell, every column.

Formulas as METRICS.md states them; p-values through math.erfc and not the SQL's algorithm, q-values
by the textbook's step-up procedure, suppression as sets that grow until nothing changes.
"""

from __future__ import annotations

import calendar
import hashlib
import itertools
import math
from collections import Counter, defaultdict
from datetime import date, timedelta
from statistics import NormalDist
from typing import Any, NamedTuple

import pytest

from .conftest import AS_OF, CUTOFF, REGION_OF, Night, Row, banded, local_day

pytestmark = pytest.mark.integration

Z = NormalDist().inv_cdf(0.975)


class Cell(NamedTuple):
    """What names a row of nps_period, metric apart."""

    grain: str
    start: date
    level: str
    unit: str
    segment: str = "all"
    touchpoint: str = "all"
    channel: str = "all"

    @property
    def split(self) -> str:
        named = {"segment": self.segment, "touchpoint": self.touchpoint, "channel": self.channel}
        return next((name for name, value in named.items() if value != "all"), "none")

    @property
    def key(self) -> str:
        """The SQL's key of the cell: it breaks ties between parts of the same size."""
        parts = (*self[:4], self.split, *self[4:])
        return hashlib.md5("|".join(map(str, parts)).encode()).hexdigest()  # noqa: S324


class Answer(NamedTuple):
    response_id: str
    survey: str
    customer: str | None
    at: Any
    unit: str
    region: str
    segment: str
    touchpoint: str
    channel: str
    score: int | None
    status: str


def answers_of(night: Night) -> list[Answer]:
    segments = {row["customer_id"]: row["segment"] for row in night.landed["customers"]}
    answers = []
    for row in night.landed["survey_response"]:
        if row["response_status"] != "complete" or row["submitted_at"] >= CUTOFF:
            continue
        unit = row["unit_id"] or "unknown"
        score, status = banded(row["nps_raw"])
        answers.append(
            Answer(
                row["response_id"],
                row["survey_id"],
                row["customer_id"],
                row["submitted_at"],
                unit,
                REGION_OF.get(unit, "unknown"),
                segments.get(row["customer_id"]) or "unknown",
                "unknown" if row["touchpoint_id"] == "nowhere" else row["touchpoint_id"],
                "unknown" if row["channel"] == "fax" else row["channel"],
                score,
                status,
            )
        )
    return answers


def period(grain: str, day: date) -> tuple[date, date]:
    if grain == "day":
        return day, day
    if grain == "week":
        monday = day - timedelta(day.weekday())
        return monday, monday + timedelta(6)
    last = calendar.monthrange(day.year, day.month)[1]
    return day.replace(day=1), day.replace(day=last)


def before(grain: str, start: date) -> date:
    return period(grain, start - timedelta(1))[0]


def counted(answers: list[Answer]) -> dict[tuple[str, date], list[Answer]]:
    """By grain and period: the latest scored answer per survey and customer, and the others."""
    kept: dict[tuple[str, date], dict[Any, Answer]] = defaultdict(dict)
    for grain in ("day", "week", "month"):
        for answer in sorted(answers, key=lambda a: a.at):
            one_each = answer.customer is None or answer.score is None
            who = answer.response_id if one_each else (answer.survey, answer.customer)
            kept[grain, period(grain, local_day(answer.at))[0]][who] = answer
    return {where: list(found.values()) for where, found in kept.items()}


def cells_of(answer: Answer, grain: str, start: date) -> list[Cell]:
    levels = [("all", "all"), ("region", answer.region), ("store", answer.unit)]
    splits: list[dict[str, str]] = [
        {},
        {"segment": answer.segment},
        {"touchpoint": answer.touchpoint},
        {"channel": answer.channel},
    ]
    return [Cell(grain, start, *level, **split) for level in levels for split in splits]


@pytest.fixture(scope="module")
def members(night: Night) -> dict[Cell, list[Answer]]:
    """Every cell with an answer, and its answers."""
    found: dict[Cell, list[Answer]] = defaultdict(list)
    for (grain, start), answers in counted(answers_of(night)).items():
        for answer in answers:
            for cell in cells_of(answer, grain, start):
                found[cell].append(answer)
    return found


@pytest.fixture(scope="module")
def published(night: Night) -> dict[Cell, Row]:
    return {
        Cell(
            row["period_grain"],
            row["period_start"],
            row["unit_level"],
            row["unit_id"],
            row["segment"],
            row["touchpoint_id"],
            row["channel"],
        ): row
        for row in night.tables["nps_period"]
    }


def scored(answers: list[Answer]) -> Counter[str]:
    classes = Counter(
        "promoter" if a.score >= 9 else "passive" if a.score >= 7 else "detractor"
        for a in answers
        if a.score is not None
    )
    classes["n"] = sum(classes.values())
    return classes


def value(classes: Counter[str]) -> float:
    return 100 * (classes["promoter"] - classes["detractor"]) / classes["n"]


def variance(classes: Counter[str]) -> float:
    p, d = classes["promoter"] / classes["n"], classes["detractor"] / classes["n"]
    return p + d - (p - d) ** 2


def hidden_cells(members: dict[Cell, list[Answer]]) -> dict[Cell, str]:
    """Which cells are hidden: small ones, then the smallest shown part of any telling sum."""
    size = {cell: scored(answers)["n"] for cell, answers in members.items()}
    sums: dict[Any, tuple[Cell, list[Cell]]] = {}
    for cell in (c for c in members if size[c]):
        if cell.split != "none":
            total = Cell(*cell[:4])
            sums.setdefault(("split", total, cell.split), (total, []))[1].append(cell)
        if cell.level != "all":
            region = REGION_OF.get(cell.unit, "unknown")
            above = ("all", "all") if cell.level == "region" else ("region", region)
            total = Cell(*cell[:2], *above, *cell[4:])
            sums.setdefault(("unit", total), (total, []))[1].append(cell)
    hidden = {cell for cell in members if 0 < size[cell] < 5}
    while True:
        found = set()
        for total, parts in sums.values():
            if sum(member in hidden for member in (total, *parts)) == 1:
                shown = [part for part in parts if part not in hidden]
                # a part that is all of its total takes the total along
                found.add(min(shown or [total], key=lambda c: (size[c], c.key)))
        if not found:
            break
        hidden |= found
    return {
        cell: "fewer_than_5" if size[cell] < 5 else "complementary"
        for cell in members
        if cell in hidden or size[cell] < 5
    }


def test_every_cell_is_there_once_and_no_other(
    night: Night, members: dict[Cell, list[Answer]], published: dict[Cell, Row]
) -> None:
    assert len(published) == len(night.tables["nps_period"])
    assert set(members) - set(published) == set()
    asked_only = [published[cell] for cell in set(published) - set(members)]
    assert asked_only
    assert all(row["responses"] == row["no_score"] == 0 for row in asked_only)
    assert all(row["invitations_delivered"] is not None for row in asked_only)
    assert len(members) > 5_000


def test_small_cells_and_those_that_would_tell_them_are_hidden(
    members: dict[Cell, list[Answer]], published: dict[Cell, Row]
) -> None:
    expected = hidden_cells(members)
    found = {cell: row["suppressed_reason"] for cell, row in published.items() if cell in members}
    assert {c: r for c, r in found.items() if r} == expected
    kinds = Counter(expected.values())
    assert kinds["fewer_than_5"] > 1_000
    assert kinds["complementary"] > 10


def test_counts_are_those_of_the_answers(
    members: dict[Cell, list[Answer]], published: dict[Cell, Row]
) -> None:
    for cell, answers in members.items():
        row = published[cell]
        classes = scored(answers)
        assert row["responses"] == classes["n"], cell
        for status in ("no_score", "invalid_score"):
            assert row[status] == sum(a.status == status for a in answers), cell
        assert row["period_end"] == period(cell.grain, cell.start)[1]
        assert row["low_n"] == (5 <= classes["n"] <= 29)
        shown = row["suppressed_reason"] is None
        for column, name in (
            ("promoters", "promoter"),
            ("passives", "passive"),
            ("detractors", "detractor"),
        ):
            assert row[column] == (classes[name] if shown else None), cell


def test_values_and_intervals_follow_the_formulas(
    members: dict[Cell, list[Answer]], published: dict[Cell, Row]
) -> None:
    shown = 0
    for cell, answers in members.items():
        row = published[cell]
        if row["suppressed_reason"]:
            assert row["nps"] is row["nps_low"] is row["nps_high"] is None
            continue
        shown += 1
        classes = scored(answers)
        more = Counter(
            promoter=classes["promoter"] + 0.75,
            detractor=classes["detractor"] + 0.75,
            n=classes["n"] + 3,
        )
        half = 100 * Z * math.sqrt(variance(more) / more["n"])
        assert row["nps"] == pytest.approx(value(classes), abs=1e-8)
        assert row["nps_low"] == pytest.approx(max(-100, value(more) - half), abs=1e-8)
        assert row["nps_high"] == pytest.approx(min(100, value(more) + half), abs=1e-8)
    assert shown > 200


def test_clean_figures_leave_the_flagged_answers_out(
    night: Night, members: dict[Cell, list[Answer]], published: dict[Cell, Row]
) -> None:
    ids = {r["response_key"]: r["response_id"] for r in night.tables["fct_survey_response"]}
    flags = night.tables["fct_integrity_flag"]
    flagged = {ids[f["response_key"]] for f in flags if f["severity"] == "default"}
    assert len(flagged) > 20
    differing = 0
    for cell, answers in members.items():
        row = published[cell]
        if row["suppressed_reason"]:
            assert row["clean_responses"] is row["nps_clean"] is None
            continue
        clean = scored([a for a in answers if a.response_id not in flagged])
        assert row["clean_responses"] == clean["n"], cell
        if clean["n"] < 5:
            assert row["nps_clean"] is row["clean_promoters"] is row["clean_detractors"] is None
            continue
        assert row["nps_clean"] == pytest.approx(value(clean), abs=1e-8)
        differing += abs(row["nps_clean"] - row["nps"]) > 1
    assert differing > 20


def benjamini_hochberg(p_values: list[float]) -> list[float]:
    """Step-up: q of the i-th smallest of m is the least of p(j) m / j over j >= i."""
    ranked = sorted(range(len(p_values)), key=p_values.__getitem__)
    q_values = [0.0] * len(p_values)
    least = 1.0
    for rank, place in reversed(list(enumerate(ranked, start=1))):
        least = min(least, p_values[place] * len(p_values) / rank)
        q_values[place] = least
    return q_values


def test_changes_are_tested_and_corrected_within_their_period(
    members: dict[Cell, list[Answer]], published: dict[Cell, Row]
) -> None:
    tested: dict[tuple[str, date], dict[Cell, float]] = defaultdict(dict)
    for cell, row in published.items():
        earlier = cell._replace(start=before(cell.grain, cell.start))
        known = cell in members and earlier in members
        known = known and not row["suppressed_reason"]
        if not known or published[earlier]["suppressed_reason"]:
            assert row["delta"] is row["p_value"] is row["q_value"] is row["delta_low"] is None
            continue
        now, then = scored(members[cell]), scored(members[earlier])
        delta = value(now) - value(then)
        error = 100 * math.sqrt(variance(now) / now["n"] + variance(then) / then["n"])
        assert row["delta"] == pytest.approx(delta, abs=1e-8)
        if error == 0:
            assert row["p_value"] == (1.0 if delta == 0 else None)
            assert row["delta_low"] is row["delta_high"] is None
        else:
            assert row["delta_low"] == pytest.approx(max(-200, delta - Z * error), abs=1e-8)
            assert row["delta_high"] == pytest.approx(min(200, delta + Z * error), abs=1e-8)
            p = math.erfc(abs(delta / error) / math.sqrt(2))
            assert row["p_value"] == pytest.approx(p, rel=1e-9)
        if row["p_value"] is not None:
            tested[cell.grain, cell.start][cell] = row["p_value"]
    for cells in tested.values():
        for cell, q in zip(cells, benjamini_hochberg(list(cells.values())), strict=True):
            assert published[cell]["q_value"] == pytest.approx(q, rel=1e-12)
    assert max(len(cells) for cells in tested.values()) > 20


def test_response_rates_and_bounds_stand_where_invitations_can_be_attributed(
    night: Night, published: dict[Cell, Row]
) -> None:
    segments = {row["customer_id"]: row["segment"] for row in night.landed["customers"]}
    delivered: Counter[Cell] = Counter()
    completed: Counter[Cell] = Counter()
    for row, grain in itertools.product(night.landed["invitations"], ("day", "week", "month")):
        if row["sent_at"] >= CUTOFF:
            continue
        start = period(grain, local_day(row["sent_at"]))[0]
        whole = Cell(grain, start, "all", "all")
        segment = segments.get(row["customer_id"]) or "unknown"
        channel = "unknown" if row["channel"] == "fax" else row["channel"]
        arrived = row["delivered_at"] is not None and row["delivered_at"] < CUTOFF
        done = row["completed_at"] is not None and row["completed_at"] < CUTOFF
        for cell in (whole, whole._replace(segment=segment), whole._replace(channel=channel)):
            delivered[cell] += arrived
            completed[cell] += arrived and done
    bounds = 0
    for cell, row in published.items():
        if cell.level != "all" or cell.split == "touchpoint":
            assert row["invitations_delivered"] is row["response_rate"] is None
            continue
        assert row["invitations_delivered"] == delivered[cell], cell
        assert row["invitations_completed"] == completed[cell], cell
        if not delivered[cell]:
            assert row["response_rate"] is row["nps_bound_low"] is None
            continue
        rate = completed[cell] / delivered[cell]
        assert row["response_rate"] == pytest.approx(rate)
        if row["nps"] is not None:
            bounds += 1
            low, high = (rate * row["nps"] + sign * (1 - rate) * 100 for sign in (-1, 1))
            assert row["nps_bound_low"] == pytest.approx(low, abs=1e-7)
            assert row["nps_bound_high"] == pytest.approx(high, abs=1e-7)
    assert bounds > 20


def test_the_distribution_holds_the_same_answers_by_score(night: Night) -> None:
    expected: Counter[tuple[Any, ...]] = Counter()
    for (grain, start), answers in counted(answers_of(night)).items():
        if grain == "day":
            expected.update(
                (start, a.unit, a.touchpoint, a.score) for a in answers if a.score is not None
            )
    found = {
        (row["date_day"], row["unit_id"], row["touchpoint_id"], row["score"]): row["responses"]
        for row in night.tables["nps_distribution"]
    }
    assert found == dict(expected)
    assert max(day for day, *_ in found) == AS_OF
