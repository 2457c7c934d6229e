"""A story of nights: whatever a source can do to its records, it does here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

DAY1, DAY2, DAY3, DAY4 = "2026-09-28", "2026-09-29", "2026-09-30", "2026-10-01"


def order(
    warehouse: Any, order_id: str, amount: str, at: str = f"{DAY1} 10:00", **more: Any
) -> tuple[str, dict[str, Any]]:
    return "orders", {
        "order_id": order_id,
        "customer_id": "c1",
        "ordered_at": warehouse.local(at),
        "amount": Decimal(amount) if amount else None,
        "unit_id": "s001",
        "channel": "app",
    } | more


def customer(customer_id: str, segment: str) -> tuple[str, dict[str, Any]]:
    return "customers", {"customer_id": customer_id, "segment": segment, "consent": True}


def response(warehouse: Any, response_id: str, nps: str | None) -> tuple[str, dict[str, Any]]:
    return "survey_response", {
        "survey_id": "store_nps",
        "response_id": response_id,
        "customer_id": "c1",
        "submitted_at": warehouse.local(f"{DAY1} 12:00"),
        "unit_id": "s001",
        "touchpoint_id": "tp_pickup",
        "channel": "store_qr",
        "response_status": "complete",
        "nps_raw": nps,
        "comment": "等了太久" if response_id == "q1" else None,
    }


def answer(
    warehouse: Any, response_id: str, taste: float, question_id: str = "Q5_1"
) -> tuple[str, dict[str, Any]]:
    return "survey_answer", {
        "survey_id": "store_nps",
        "response_id": response_id,
        "question_id": question_id,
        "question_text": "口味",
        "question_hash": "h1",
        "role": "driver:taste",
        "answer_raw": str(taste),
        "answer_number": taste,
        "submitted_at": warehouse.local(f"{DAY1} 12:00"),
    }


def choice(warehouse: Any, response_id: str, words: str) -> tuple[str, dict[str, Any]]:
    """One choice of a question that allows several."""
    return "survey_answer", answer(warehouse, response_id, 1.0, "Q6")[1] | {
        "role": "other",
        "choice": words,
        "answer_raw": words,
    }


def rated(warehouse: Any, response_id: str, item: str) -> tuple[str, dict[str, Any]]:
    return "mot_rating", {
        "survey_id": "store_nps",
        "response_id": response_id,
        "item": item,
        "expected_raw": "5",
        "expected_number": 5.0,
        "actual_raw": "3",
        "actual_number": 3.0,
        "submitted_at": warehouse.local(f"{DAY1} 12:00"),
    }


def kano(warehouse: Any, response_id: str, feature: str) -> tuple[str, dict[str, Any]]:
    return "kano_answer", {
        "survey_id": "store_nps",
        "response_id": response_id,
        "feature": feature,
        "functional_raw": "我很喜欢",
        "functional_number": 1.0,
        "dysfunctional_raw": "无所谓",
        "dysfunctional_number": 3.0,
        "submitted_at": warehouse.local(f"{DAY1} 12:00"),
    }


def complaint(
    warehouse: Any, complaint_id: str, company_response: str | None
) -> tuple[str, dict[str, Any]]:
    return "complaint", {
        "complaint_id": complaint_id,
        "unit_id": "hq",
        "company": "YUNWU TEA PAY LLC",
        "issue": "Fees",
        "narrative": "They charged me twice",
        "company_response": company_response,
        "received_at": warehouse.utc(f"{DAY1} 04:00"),
        "sent_to_company_at": warehouse.utc(f"{DAY1} 06:00"),
    }


def case(warehouse: Any, case_id: str, at: str) -> tuple[str, dict[str, Any]]:
    return "cases", {
        "case_id": case_id,
        "created_at": warehouse.local(at),
        "customer_id": "c2",
        "unit_id": "s001",
        "channel": "phone",
        "issue": "食品异物",
        "text": "杯子里有异物",
    }


def event(
    warehouse: Any, event_id: str, case_id: str, kind: str, at: str
) -> tuple[str, dict[str, Any]]:
    return "case_events", {
        "event_id": event_id,
        "case_id": case_id,
        "type": kind,
        "occurred_at": warehouse.local(at),
        "actor_kind": "human",
        "owner_unit_id": "hq",
    }


def review(warehouse: Any, review_id: str, rating: int) -> tuple[str, dict[str, Any]]:
    return "review", {
        "review_id": review_id,
        "unit_id": "hq",
        "country": "cn",
        "rating": rating,
        "title": "好喝",
        "body": "就是贵",
        "updated_at": warehouse.utc(f"{DAY1} 08:00"),
    }


def land_first_night(warehouse: Any) -> None:
    unit = {"unit_id": "s001", "name": "人民广场店", "kind": "store", "region": "华东"}
    touchpoint = {"touchpoint_id": "tp_pickup", "name": "取茶", "stage": "use"}
    moment = {"occurred_at": warehouse.local(f"{DAY1} 10:05"), "touchpoint_id": "tp_gone"}
    invited = {"sent_at": warehouse.local(f"{DAY1} 11:00"), "channel": "sms"}
    w = warehouse
    w.land(DAY1, "extract_customers", [customer("c1", "new"), customer("c2", "new")])
    link = {"customer_id": "c1", "other_id": "c2", "occurred_at": w.local(f"{DAY1} 10:00")}
    w.land(DAY1, "extract_customer_links", [("customer_links", link)])
    w.land(DAY1, "extract_units", [("units", unit)])
    w.land(DAY1, "extract_touchpoints", [("touchpoints", touchpoint)])
    w.land(
        DAY1,
        "extract_orders",
        [
            order(w, "o1", "20"),
            order(w, "o2", "15"),
            order(w, "o2", "15"),  # the same line twice in one file
            order(w, "o3", "18", customer_id="stranger"),
            order(w, "o5", "22", at=f"{DAY2} 00:30"),  # still the 28th in UTC
            order(w, "o6", ""),  # required and blank: quarantine
            order(w, "o7", "9", at="2031-01-01 00:00"),  # from the future: quarantine
        ],
    )
    # the same night once more, by another run: o1 repeats, o8 is new
    w.land(DAY1, "extract_orders", [order(w, "o1", "20"), order(w, "o8", "30")], run_id="again")
    journey = {"event_id": "e1", "customer_id": "c1"} | moment
    w.land(DAY1, "extract_journey_events", [("journey_events", journey)])
    invitation = {"invitation_id": "i1", "survey_id": "store_nps", "customer_id": "c2"} | invited
    w.land(DAY1, "extract_invitations", [("invitations", invitation)])
    w.land(
        DAY1,
        "survey_store_nps",
        [
            response(w, "q1", "9"),
            answer(w, "q1", 5.0),
            response(w, "q2", "8"),
            answer(w, "q2", 2.0),
            answer(w, "q2", 1.0, "Q5_2"),
            choice(w, "q2", "奶茶"),
            choice(w, "q2", "咖啡"),
            rated(w, "q2", "tp_pickup"),
            kano(w, "q2", "预约"),
            response(w, "q2", "3"),  # the same response id with other content: the later row stands
            answer(w, "q2", 4.0),  # and Q5_2 is taken back: blank answers have no record
            choice(w, "q2", "咖啡"),  # 奶茶 is taken back, and all of the moment and the feature
            response(w, "q3", "十分"),
            choice(w, "q3", "奶茶"),
            rated(w, "q3", "tp_pickup"),
            rated(w, "q3", "口味"),
            kano(w, "q3", "预约"),
        ],
    )
    w.land(DAY1, "extract_cases", [case(w, "k1", f"{DAY1} 09:00"), case(w, "k2", f"{DAY1} 09:30")])
    w.land(
        DAY1,
        "extract_case_events",
        [
            event(w, "v1", "k1", "created", f"{DAY1} 09:00"),
            event(w, "v2", "k1", "resolved", f"{DAY1} 20:00"),
            event(w, "v3", "k9", "replied", f"{DAY1} 20:00"),  # of a case nobody exported
        ],
    )
    w.land(
        DAY1,
        "cfpb",
        [complaint(w, "p1", "In progress"), complaint(w, "p2", "Closed with explanation")],
    )
    w.land(DAY1, "appstore_cn", [review(w, "a1", 4)])


def land_later_nights(warehouse: Any) -> None:
    w = warehouse
    w.land(DAY2, "extract_customers", [customer("c1", "loyal"), customer("c2", "new")])
    w.land(DAY2, "extract_orders", [order(w, "o1", "25")])
    w.land(DAY2, "cfpb", [complaint(w, "p1", "In progress")])
    w.land(DAY2, "appstore_cn", [], status="failed", message="HTTP 500 all night")
    # changed twice in one night: what never stood at the end of a day is no version of a dimension
    w.land(DAY3, "extract_customers", [customer("c1", "gold")])
    w.land(DAY3, "extract_customers", [customer("c1", "vip")], run_id="again")
    w.land(DAY3, "extract_orders", [order(w, "o1", "20")])
    w.land(DAY3, "cfpb", [complaint(w, "p1", "Closed with monetary relief")])
    w.land(DAY3, "appstore_cn", [review(w, "a1", 2)])
    w.land(DAY3, "extract_case_events", [event(w, "v4", "k1", "reopened", f"{DAY3} 10:00")])
    w.land(DAY4, "extract_orders", [order(w, "o1", "99"), order(w, "o9", "99")])
    w.note_run(
        {"run_id": "r3", "as_of": date(2026, 9, 30), "status": "published", "checks_passed": 1},
        [
            {
                "run_id": "r3",
                "as_of": date(2026, 9, 30),
                "engine": "gx",
                "name": "rows_between",
                "table_name": "core.fct_order",
                "severity": "error",
                "passed": True,
            }
        ],
    )


def public_complaint(warehouse: Any, complaint_id: str, status: str) -> tuple[str, dict[str, Any]]:
    return "complaint", {
        "complaint_id": complaint_id,
        "platform": "heimao",
        "title": "奶茶里有异物",
        "company": "云雾茶",
        "issue": "食品安全",
        "narrative": "喝到一半...",
        "status": status,
        "received_at": warehouse.local(f"{DAY1} 09:00"),
    }


def step(
    warehouse: Any, event_id: str, complaint_id: str, kind: str, at: str, **more: Any
) -> tuple[str, dict[str, Any]]:
    return "complaint_event", {
        "event_id": event_id,
        "complaint_id": complaint_id,
        "platform": "heimao",
        "type": kind,
        "actor_kind": "customer",
        "occurred_at": warehouse.local(at),
    } | more


def visibility(
    warehouse: Any, entity: str, item_id: str, state: str, at: str
) -> tuple[str, dict[str, Any]]:
    return "item_state", {
        "item_entity": entity,
        "item_id": item_id,
        "state": state,
        "reason": "absent from a complete crawl",
        "seen_at": warehouse.local(at),
    }


def summary(subject_id: str, rating: float, count: int) -> tuple[str, dict[str, Any]]:
    return "rating_summary", {
        "subject_id": subject_id,
        "platform": "dianping",
        "rating": rating,
        "rating_best": 5.0,
        "rating_count": count,
    }


def shop_review(warehouse: Any, review_id: str, rating: float) -> tuple[str, dict[str, Any]]:
    return "review", {
        "review_id": review_id,
        "platform": "dianping",
        "product_id": "shop1",
        "rating": rating,
        "rating_best": 5.0,
        "body": "茉莉奶绿很香",
        "created_at": warehouse.local(f"{DAY1} 23:30"),
    }


def land_platforms(warehouse: Any) -> None:
    """Two platforms over three nights: h1 is read to its end, h2 is hidden, a shop is rated."""
    w = warehouse
    opened, replied = f"{DAY1} 09:01", f"{DAY2} 10:00"
    whole = "喝到一半发现杯底有异物，店员不承认"
    first = step(w, "h1-1", "h1", "created", opened, text=whole, type_raw="发起投诉")
    answered = step(w, "h1-2", "h1", "replied", replied, actor_kind="company", text="已退款")
    w.land(
        DAY1,
        "heimao",
        [public_complaint(w, "h1", "assigned"), public_complaint(w, "h2", "open"), first],
    )
    w.land(
        DAY2,
        "heimao",
        [
            public_complaint(w, "h1", "replied"),
            first,
            answered,
            visibility(w, "complaint", "h2", "hidden", f"{DAY2} 23:00"),
        ],
        items={"complaint": 1, "complaint_event": 2},
    )
    rated = {"rating_attitude": 5.0, "rating_process": 4.0, "rating_satisfaction": 2.0}
    w.land(
        DAY3,
        "heimao",
        [
            public_complaint(w, "h1", "closed"),
            step(w, "h1-3", "h1", "rated", f"{DAY3} 08:00", text="终于解决", **rated),
            visibility(w, "complaint", "h2", "shown", f"{DAY3} 23:00"),
        ],
        items={"complaint": 1, "complaint_event": 1},
    )
    w.land(
        DAY1,
        "dianping",
        [shop_review(w, "d1", 4.5), summary("shop1", 4.4, 100)],
        items={"review": 1},
    )
    w.land(DAY2, "dianping", [summary("shop1", 4.4, 100)], items={})
    w.land(
        DAY3,
        "dianping",
        [summary("shop1", 4.6, 120), visibility(w, "review", "d1", "expired", f"{DAY3} 23:00")],
        items={},
    )


@dataclass(frozen=True)
class Story:
    """The nights, to be landed in a warehouse."""

    first_day: str = DAY1
    last_day: str = DAY3

    def land_first_night(self, warehouse: Any) -> None:
        """28 September."""
        land_first_night(warehouse)

    def land_all(self, warehouse: Any) -> None:
        """28 to 30 September, and a night after them that no build as of the 30th may read."""
        land_first_night(warehouse)
        land_later_nights(warehouse)

    def land_platforms(self, warehouse: Any) -> None:
        """28 to 30 September of a complaint site and of a review site."""
        land_platforms(warehouse)


@pytest.fixture(scope="session")
def story() -> Story:
    """What happened in three nights."""
    return Story()
