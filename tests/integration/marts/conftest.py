"""A made-up company's night, landed and built once; its tables are read into memory.

The generated rows themselves are what the tests count again in plain Python, so what staging, core
and marts make of them is compared with something that never saw the SQL.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

AS_OF = date(2026, 9, 30)
CUTOFF = datetime(2026, 9, 30, 16, tzinfo=UTC)  # midnight in Shanghai
SHANGHAI = timedelta(hours=8)

REGIONS = {
    "华东": ["e1", "e2", "e3", "e4"],
    "South": ["n1", "n2"],
    "北方": ["lonely"],
    "West": ["w1", "w2", "w3"],
}
REGION_OF = {unit: region for region, units in REGIONS.items() for unit in units}
SCORES = ["10", "9", "9", "8", "7", "6", "3", "0", "10.0", "９"]
NO_SCORES = ["", None, "  "]
INVALID_SCORES = ["11", "7.5", "十分", "-1", "nine"]
ISSUES = ["食品异物", "delivery late", None]

Row = dict[str, Any]


def local_day(moment: datetime) -> date:
    """The business date of a UTC moment: China has no summer time."""
    return (moment + SHANGHAI).date()


def banded(raw: str | None) -> tuple[int | None, str]:
    """Which of the generated answers are scores, written out by hand."""
    given = {"10": 10, "9": 9, "8": 8, "7": 7, "6": 6, "3": 3, "0": 0, "10.0": 10, "９": 9}
    if raw in given:
        return given[raw], "scored"
    return None, "no_score" if raw is None or not raw.strip() else "invalid_score"


@dataclass
class Night:
    """What was landed (by entity), and what the warehouse made of it (by table)."""

    landed: dict[str, list[Row]] = field(default_factory=dict)
    tables: dict[str, list[Row]] = field(default_factory=dict)


def _moment(chance: random.Random, first: date, last: date) -> datetime:
    """Some second of the local days first..last, in UTC."""
    days = (last - first).days
    midnight = datetime.combine(first + timedelta(chance.randint(0, days)), datetime.min.time())
    return (midnight + timedelta(seconds=chance.randrange(86_400)) - SHANGHAI).replace(tzinfo=UTC)


def _units() -> list[Row]:
    stores = [
        {"unit_id": unit, "name": f"店 {unit}", "kind": "store", "region": region, "brand": "云雾"}
        for unit, region in REGION_OF.items()
    ]
    return [*stores, {"unit_id": "hq", "name": "HQ", "kind": "hq", "region": None}]


def _customers(chance: random.Random) -> list[Row]:
    segments = ["new", "loyal", "银卡", None]
    return [
        {
            "customer_id": f"c{number}",
            "unit_id": chance.choice([*REGION_OF, None]),
            "region": chance.choice([*REGIONS, None]),
            "segment": chance.choice(segments),
            "consent": True,
        }
        for number in range(120)
    ]


def _touchpoints() -> list[Row]:
    return [{"touchpoint_id": f"t{n}", "name": f"t{n}", "stage": "use"} for n in range(3)]


def _responses(chance: random.Random) -> list[Row]:
    """Repeat answers, anonymous ones, every kind of score, forms that don't count, the future."""
    rows = []
    for number in range(1_200):
        raw: str | None = chance.choice(SCORES)
        raw = chance.choice(NO_SCORES) if chance.random() < 0.05 else raw
        raw = chance.choice(INVALID_SCORES) if chance.random() < 0.05 else raw
        # a quiet unit among busy ones, so that single parts come out hidden
        unit = "w3" if chance.random() < 0.01 else chance.choice([*REGION_OF, "hq", "n1", "e1"])
        unit = chance.choice(["e1", "n1"]) if unit == "w3" and chance.random() < 0.6 else unit
        rows.append(
            {
                "survey_id": chance.choice(["store_nps", "delivery_nps"]),
                "response_id": f"r{number}",
                "customer_id": None if chance.random() < 0.2 else f"c{chance.randrange(130)}",
                "submitted_at": _moment(chance, date(2026, 7, 1), date(2026, 10, 2)),
                "unit_id": unit if chance.random() < 0.97 else None,
                "touchpoint_id": chance.choice(["t0", "t1", "t2", "nowhere"]),
                "channel": chance.choice(["app", "sms", "store_qr", "fax"]),
                "response_status": chance.choices(
                    ["complete", "partial", "preview"], weights=[94, 4, 2]
                )[0],
                "duration_seconds": chance.choice([60.0, 70.0, 80.0, 90.0, 12.0]),
                "nps_raw": raw,
            }
        )
    return rows


def _invitations(chance: random.Random) -> list[Row]:
    rows = []
    for number in range(400):
        sent = _moment(chance, date(2026, 7, 1), date(2026, 10, 1))
        delivered = sent + timedelta(minutes=1) if chance.random() < 0.9 else None
        completed = sent + timedelta(hours=chance.randrange(1, 60))
        rows.append(
            {
                "invitation_id": f"i{number}",
                "survey_id": "store_nps",
                "customer_id": f"c{chance.randrange(130)}",
                "sent_at": sent,
                "channel": chance.choice(["app", "sms", "fax"]),
                "delivered_at": delivered,
                "completed_at": completed if chance.random() < 0.4 else None,
            }
        )
    return rows


def _orders(chance: random.Random) -> list[Row]:
    """Customers with a rhythm of their own; some go silent, some order once or never."""
    rows: list[Row] = []
    for number in range(130):  # ten of them are not in the customers extract
        every = chance.choice([2, 5, 9, 20, 45, 300])
        until = AS_OF + timedelta(2) if chance.random() < 0.6 else date(2026, 7, 15)
        day = date(2026, 3, 1) + timedelta(chance.randrange(60))
        while day <= until:
            at = _moment(chance, day, day)
            undone = at + timedelta(days=chance.randrange(1, 40))
            rows.append(
                {
                    "order_id": f"o{len(rows)}",
                    "customer_id": f"c{number}",
                    "ordered_at": at,
                    "amount": Decimal("18.50"),
                    "unit_id": chance.choice([*REGION_OF, "elsewhere"]),
                    "channel": "app",
                    "status": "cancelled" if chance.random() < 0.02 else "done",
                    "cancelled_at": undone if chance.random() < 0.05 else None,
                    "refunded_at": undone if chance.random() < 0.03 else None,
                }
            )
            day += timedelta(max(1, round(chance.gauss(every, every / 4))))
    return rows


def _cases(chance: random.Random) -> tuple[list[Row], list[Row]]:
    """Cases whose events come in any order that clocks and people can produce."""
    cases: list[Row] = []
    events: list[Row] = []
    for number in range(150):
        created = _moment(chance, date(2026, 6, 1), date(2026, 10, 1))
        case = {
            "case_id": f"k{number}",
            "created_at": created,
            "customer_id": chance.choice([None, f"c{chance.randrange(120)}"]),
            "unit_id": chance.choice([*REGION_OF, None]),
            "channel": "phone",
            "issue": chance.choice(ISSUES),
            "priority": "normal",
        }
        cases.append(case)
        story = [("created", created)] if chance.random() < 0.7 else []
        moments = {created}
        for _ in range(chance.randrange(0, 12)):
            kind = chance.choices(
                ["assigned", "transferred", "replied", "resolved", "closed", "reopened"],
                weights=[2, 4, 2, 1, 1, 2],
            )[0]
            at = created + timedelta(seconds=round(chance.expovariate(1 / 400_000)) - 3_000)
            while at in moments:
                at += timedelta(seconds=1)
            moments.add(at)
            story.append((kind, at))
            # resolved and closed in the same second: the close comes last
            if kind == "resolved" and chance.random() < 0.3:
                story.append(("closed", at))
        for kind, at in story:
            owner = chance.choice(["e1", "e2", "hq", None])
            events.append(
                {
                    "event_id": f"v{len(events)}",
                    "case_id": case["case_id"],
                    "type": kind,
                    "occurred_at": at,
                    "actor_kind": chance.choice(["human", "bot", "system"]),
                    "owner_unit_id": owner if kind in ("assigned", "transferred") else None,
                }
            )
    return cases, events


def _public_complaints(chance: random.Random) -> list[Row]:
    return [
        {
            "complaint_id": f"p{number}",
            "unit_id": "hq",
            "company": "YUNWU TEA PAY LLC",
            "product": "Prepaid card",
            "issue": "Fees",
            "company_response": response,
            "received_at": (received := _moment(chance, date(2026, 8, 1), AS_OF)),
            "sent_to_company_at": received + timedelta(days=2),
        }
        for number, response in enumerate(["In progress", "Closed with explanation"] * 6)
    ]


def _generate() -> dict[str, list[Row]]:
    chance = random.Random(20260930)  # noqa: S311 - the same rows every time
    cases, events = _cases(chance)
    return {
        "units": _units(),
        "customers": _customers(chance),
        "touchpoints": _touchpoints(),
        "survey_response": _responses(chance),
        "invitations": _invitations(chance),
        "orders": _orders(chance),
        "cases": cases,
        "case_events": events,
        "complaint": _public_complaints(chance),
    }


TABLES = [
    "core.fct_integrity_flag",
    "core.fct_survey_response",
    "core.fct_complaint",
    "intermediate.int_nps_cell",
    "marts.nps_period",
    "marts.nps_distribution",
    "marts.complaint_case",
    "marts.complaint_unit_day",
    "marts.complaint_backlog_day",
    "marts.churn_warning",
]


@pytest.fixture(scope="session")
def night(new_warehouse: Callable[[], Any]) -> Night:
    """The generated night, built with all data tests of the project passing."""
    landed = _generate()
    warehouse = new_warehouse()
    for entity, rows in landed.items():
        source = {"survey_response": "survey_all", "complaint": "cfpb"}.get(
            entity, f"extract_{entity}"
        )
        warehouse.land(AS_OF.isoformat(), source, [(entity, row) for row in rows])
    warehouse.build(AS_OF.isoformat(), "tag:after_checks").must_pass()
    tables = {name.split(".")[1]: warehouse.rows(f"select * from {name}") for name in TABLES}
    return Night(landed, tables)
