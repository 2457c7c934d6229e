"""The company itself: deterministic, scaled, coherent, and like a chain of tea shops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from statistics import mean

import pytest

from demo.company import AS_OF, CUTOFF, FIRST_DAY, generate
from demo.deploy import home_files
from demo.replica.sites.rows import CHINA
from demo.truths import band
from demo.world import Company, Response, local

DIGEST = """
import hashlib
from demo.company import generate
from demo.deploy import home_files
files = home_files(generate(scale=0.1), replica_url="http://x")
print(hashlib.sha256(b"".join(name.encode() + files[name] for name in sorted(files))).hexdigest())
"""


def nps(responses: list[Response]) -> float:
    bands = Counter(band(r.nps) for r in responses if r.is_complete)
    scored = bands["promoter"] + bands["passive"] + bands["detractor"]
    return 100 * (bands["promoter"] - bands["detractor"]) / scored


def test_the_same_seed_gives_the_same_bytes_in_another_process(
    said_by_a_process: Callable[[str, str], str],
) -> None:
    first, second = (said_by_a_process(DIGEST, hash_seed) for hash_seed in ("1", "2"))
    assert first == second
    assert len(first.strip()) == 64


def test_the_same_seed_gives_the_same_company(small_company: Company) -> None:
    assert generate(scale=0.25) == small_company


def test_another_seed_gives_another_company(small_home: dict[str, bytes]) -> None:
    other = home_files(generate(seed=7, scale=0.25), replica_url="http://127.0.0.1:9")
    assert other.keys() == small_home.keys()
    same = {name for name in other if other[name] == small_home[name]}
    fixed = {"touchpoints.csv", "products.csv", "journey_events_2026q4.csv"}
    assert {Path(n).name for n in same if n.startswith("landing")} == fixed


def test_full_size(company: Company) -> None:
    assert len(company.stores) == 40
    assert len({store.region for store in company.stores}) == 5
    assert len(company.customers) == 4000
    assert len(company.orders) == 30000
    assert len(company.invitations) == 9000
    assert len(company.journey_events) == 12000
    assert 3000 <= sum(r.is_complete for r in company.responses) <= 3600
    assert 420 <= len(company.cases) <= 480
    assert 1900 <= len(company.case_events) <= 2500
    names = Counter(complaint.company for complaint in company.public_complaints)
    assert names["YUNWU TEA PAY LLC"] == 220
    assert len(names) == 2
    assert Counter(review.country for review in company.app_reviews) == {"cn": 380, "us": 51}
    brands = Counter(complaint.company for complaint in company.heimao_complaints)
    assert brands == {"云雾茶": 60, "朝汐咖啡": 15}
    assert len(company.shop_reviews) == 15


def test_scale_scales(company: Company, small_company: Company) -> None:
    for part in ("customers", "orders", "invitations"):
        assert len(getattr(small_company, part)) * 4 == len(getattr(company, part))
    ratio = len(company.journey_events) / len(small_company.journey_events)
    assert ratio == pytest.approx(4, rel=0.01)
    assert 10 <= len(small_company.stores) < 20
    brands = Counter(complaint.company for complaint in small_company.heimao_complaints)
    assert brands == {"云雾茶": 15, "朝汐咖啡": 4}


def test_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match=r"at least 0\.05"):
        generate(scale=0.01)


def test_the_smallest_company_can_be_made() -> None:
    tiny = generate(scale=0.05)
    assert tiny.landmarks.ping_pong_case in {case.case_id for case in tiny.cases}


@pytest.mark.parametrize(
    ("part", "key"),
    [
        ("units", "unit_id"),
        ("touchpoints", "touchpoint_id"),
        ("customers", "customer_id"),
        ("orders", "order_id"),
        ("journey_events", "event_id"),
        ("invitations", "invitation_id"),
        ("responses", "response_id"),
        ("cases", "case_id"),
        ("case_events", "event_id"),
        ("public_complaints", "complaint_id"),
        ("app_reviews", "review_id"),
        ("heimao_complaints", "key"),
        ("shop_reviews", "key"),
    ],
)
def test_keys_are_unique(company: Company, part: str, key: str) -> None:
    keys = [getattr(row, key) for row in getattr(company, part)]
    assert len(set(keys)) == len(keys) > 0


def test_references_lead_somewhere(company: Company) -> None:
    units = {unit.unit_id for unit in company.units}
    people = {person.customer_id for person in company.customers}
    orders = {order.order_id for order in company.orders}
    touchpoints = {touchpoint.touchpoint_id for touchpoint in company.touchpoints}
    invitations = {invitation.invitation_id for invitation in company.invitations}
    cases = {case.case_id for case in company.cases}
    assert {unit.parent_unit_id for unit in company.units} <= units | {""}
    assert {person.unit_id for person in company.customers} <= units
    assert {order.customer_id for order in company.orders} <= people
    assert {order.unit_id for order in company.orders} <= units
    assert {event.order_id for event in company.journey_events} <= orders | {""}
    assert {event.touchpoint_id for event in company.journey_events} <= touchpoints
    assert {event.customer_id for event in company.journey_events} <= people
    assert {answer.customer_id for answer in company.responses} <= people | {""}
    assert {answer.invitation_id for answer in company.responses} <= invitations | {""}
    assert {answer.touchpoint_id for answer in company.responses} <= touchpoints
    assert {answer.unit_id for answer in company.responses} <= units
    assert {case.order_id for case in company.cases} <= orders | {""}
    assert {case.customer_id for case in company.cases} <= people | {""}
    for link in company.customer_links:
        assert {link.customer_id, link.other_id} <= people
    assert {event.case_id for event in company.case_events} == cases
    assert {event.owner_unit_id for event in company.case_events} <= units | {""}


def test_answers_match_their_invitations(company: Company) -> None:
    invitations = {i.invitation_id: i for i in company.invitations}
    invited = [r for r in company.responses if r.invitation_id]
    assert all(invitations[r.invitation_id].customer_id == r.customer_id for r in invited)
    assert all(invitations[r.invitation_id].survey_id == r.survey_id for r in invited)
    completed = {i.invitation_id for i in company.invitations if i.completed_at}
    assert {r.invitation_id for r in invited if r.is_complete} == completed


def test_nobody_acts_before_joining(company: Company) -> None:
    joined = {person.customer_id: person.signup_at.date() for person in company.customers}
    assert all(joined[order.customer_id] <= order.ordered_at.date() for order in company.orders)
    assert all(joined[e.customer_id] <= e.occurred_at.date() for e in company.journey_events)


def test_nothing_happens_outside_the_history(company: Company) -> None:
    late = company.landmarks.late_resolved_case
    moments = [
        *(order.ordered_at for order in company.orders),
        *(event.occurred_at for event in company.journey_events),
        *(invitation.sent_at for invitation in company.invitations),
        *(answer.submitted_at for answer in company.responses),
        *(case.created_at for case in company.cases),
        *(event.occurred_at for event in company.case_events if event.case_id != late),
    ]
    assert min(moments) >= local(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day)
    assert max(moments) < CUTOFF
    for order in company.orders:
        ends = [at for at in (order.cancelled_at, order.refunded_at) if at]
        assert all(order.ordered_at < at < CUTOFF for at in ends)
    assert max(c.sent_on for c in company.public_complaints) < AS_OF
    posted = [
        *(step.at for complaint in company.heimao_complaints for step in complaint.steps),
        *(review.at for review in company.shop_reviews),
        *(review.replied_at for review in company.shop_reviews if review.replied_at),
    ]
    assert min(posted) >= datetime(2026, 4, 1, tzinfo=CHINA)
    assert max(posted) < datetime(2026, 9, 30, tzinfo=CHINA)


def test_invitations_go_down_the_funnel_in_order(company: Company) -> None:
    for i in company.invitations:
        steps = [i.sent_at, i.delivered_at, i.opened_at, i.started_at, i.completed_at]
        reached = [at for at in steps if at is not None]
        assert reached == sorted(reached)
        assert steps[: len(reached)] == reached, "a step was skipped"


def test_scores_look_like_a_chain_of_tea_shops(company: Company) -> None:
    assert 30 <= nps(company.responses) <= 45
    delivered = [i for i in company.invitations if i.delivered_at]
    rate = sum(i.completed_at is not None for i in delivered) / len(delivered)
    assert 0.30 <= rate <= 0.40
    stores = {}
    for store in company.stores:
        mine = [r for r in company.responses if r.unit_id == store.unit_id]
        if store.unit_id != company.landmarks.induced_store:
            stores[store.unit_id] = nps(mine)
    assert max(stores.values()) - min(stores.values()) > 20
    words = Counter(r.comment for r in company.responses if r.comment)
    assert len(words) > 0.6 * sum(words.values()), "comments repeat too much"
    assert {r.language for r in company.responses} == {"zh", "en"}


def test_weekends_are_busier(company: Company) -> None:
    days = Counter(order.ordered_at.weekday() for order in company.orders)
    assert mean((days[5], days[6])) > 1.2 * mean(days[n] for n in range(4))


def test_cases_run_their_course(company: Company) -> None:
    created = {case.case_id: case.created_at for case in company.cases}
    course: dict[str, list[str]] = {}
    for event in company.case_events:
        assert event.occurred_at >= created[event.case_id]
        course.setdefault(event.case_id, []).append(event.type)
    kinds = Counter(kind for steps in course.values() for kind in steps)
    assert set(kinds) == {
        "created",
        "assigned",
        "transferred",
        "replied",
        "resolved",
        "closed",
        "reopened",
    }
    assert {e.actor_kind for e in company.case_events} == {"human", "bot", "system"}
    for steps in course.values():
        for n, kind in enumerate(steps):
            if kind == "reopened":
                assert {"resolved", "closed"} & set(steps[:n])
    assert sum("created" not in steps for steps in course.values()) > 5


def test_complaints_on_heimao_run_their_course(company: Company) -> None:
    mine = [c for c in company.heimao_complaints if c.company == "云雾茶"]
    assert {complaint.status for complaint in mine} == {1, 3, 4, 6, 7, 8}
    last = {3: "审核通过", 6: "回复投诉", 7: "确认完成投诉", 8: "投诉关闭"}
    for complaint in mine:
        moments = [step.at for step in complaint.steps]
        assert moments == sorted(set(moments))
        assert (moments[0], complaint.steps[0].text) == (complaint.at, complaint.text)
        assert complaint.steps[-1].what == last.get(complaint.status, complaint.steps[-1].what)
        assert complaint.rating is None or complaint.status == 7
    assert any(complaint.rating for complaint in mine)
    assert any("补充投诉" in {step.what for step in complaint.steps} for complaint in mine)
    assert sum(len(complaint.text.encode()) > 440 for complaint in mine) > 10


def test_public_complaints_have_gaps(company: Company) -> None:
    narratives = [complaint.narrative for complaint in company.public_complaints]
    assert narratives.count(None) > 10
    assert narratives.count("") > 40
    assert sum(bool(text) for text in narratives) > 100
    assert None in {complaint.tags for complaint in company.public_complaints}
    assert "In progress" in {complaint.company_response for complaint in company.public_complaints}
