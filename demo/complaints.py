"""Complaints that reach the company itself, and the history of each: who did what, and when."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from demo import texts
from demo.world import (
    CALL_CENTRE,
    CUTOFF,
    FIRST_DAY,
    HQ,
    Case,
    CaseEvent,
    Customer,
    Landmarks,
    Order,
    Unit,
    local,
    scaled,
)

_STORE_ISSUES = {
    "口味不符": 16,
    "出餐慢": 18,
    "服务态度": 15,
    "价格争议": 8,
    "门店卫生": 6,
    "食品异物": 3,
}
_DELIVERY_ISSUES = {"配送延迟": 22, "配送洒漏": 12}
_CENTRE_ISSUES = {"退款未到账": 30, "优惠券失效": 16, "会员积分": 14, "App 故障": 14}
_URGENT = ("食品异物", "门店卫生")
BACKLOG_FROM = local(2026, 8, 1)
"""From here on the call centre closes fewer cases than it gets."""


@dataclass(frozen=True)
class _Draft:
    """A case without its number, with its history: (type, time, actor, owner named or '')."""

    case: Case
    steps: tuple[tuple[str, datetime, str, str], ...]
    part: str = ""


def make_cases(
    rng: random.Random,
    customers: list[Customer],
    orders: list[Order],
    stores: list[Unit],
    landmarks: Landmarks,
    scale: float,
) -> tuple[list[Case], list[CaseEvent], Landmarks]:
    """About 450 cases at scale 1, numbered in the order of creation, and their events.

    Returns them with `landmarks` completed by the numbers of the planted cases.
    """
    desk = _Desk(rng, customers, stores, landmarks)
    served = [order for order in orders if order.status != "cancelled"]
    drafts = [desk.about_order(order) for order in rng.sample(served, scaled(275, scale, 30))]
    drafts += [desk.for_centre() for _ in range(scaled(140, scale, 40))]
    drafts += desk.spike([order for order in served if order.unit_id == landmarks.spike_store])
    drafts += [desk.unanswered(person) for person in customers if person.fell_silent][::3]
    drafts += [desk.ping_pong(), desk.reopened(), desk.late_resolved()]
    drafts.sort(key=lambda draft: draft.case.created_at)
    numbered = [
        replace(draft, case=replace(draft.case, case_id=f"case_{n:06d}"))
        for n, draft in enumerate(drafts, 1)
    ]
    parts = {draft.part: draft.case.case_id for draft in numbered if draft.part}
    done = replace(
        landmarks,
        ping_pong_case=parts["ping_pong"],
        reopened_case=parts["reopened"],
        late_resolved_case=parts["late_resolved"],
    )
    return [draft.case for draft in numbered], list(_events(numbered)), done


def _events(drafts: list[_Draft]) -> Iterator[CaseEvent]:
    """All events in the order of time; what has not happened by the cutoff is not there.

    The planted late resolution alone lies minutes after it: an export taken after midnight.
    """
    steps = [
        (at, draft.case.case_id, kind, actor, owner)
        for draft in drafts
        for kind, at, actor, owner in draft.steps
        if at < CUTOFF or draft.part == "late_resolved"
    ]
    for n, (at, case_id, kind, actor, owner) in enumerate(sorted(steps), 1):
        yield CaseEvent(f"ce_{n:06d}", case_id, kind, at, actor, owner)


class _Desk:
    """Writes cases and plays their course."""

    def __init__(
        self,
        rng: random.Random,
        customers: list[Customer],
        stores: list[Unit],
        landmarks: Landmarks,
    ) -> None:
        self.rng = rng
        self.customers = customers
        self.people = {person.customer_id: person for person in customers}
        self.parents = {store.unit_id: store.parent_unit_id for store in stores}
        self.stores = stores
        self.landmarks = landmarks

    def about_order(self, order: Order) -> _Draft:
        """Something went wrong with an order; the store answers for it."""
        issues = _DELIVERY_ISSUES if order.channel == "delivery" else _STORE_ISSUES
        issue = self.rng.choices(tuple(issues), tuple(issues.values()))[0]
        if order.unit_id == self.landmarks.spike_store and issue == self.landmarks.spike_issue:
            issue = "口味不符"
        delay = timedelta(minutes=int(self.rng.lognormvariate(5.0, 1.4)))
        created = min(order.ordered_at + delay, CUTOFF - timedelta(minutes=45))
        channels = (
            ("delivery", "app")
            if order.channel == "delivery"
            else ("app", "wechat", "store", "web")
        )
        case = self._case(
            created, self.people[order.customer_id], order.unit_id, issue, self.rng.choice(channels)
        )
        case = replace(case, order_id=order.order_id, amount=order.amount)
        return _Draft(case, tuple(self._course(case, order.unit_id)))

    def for_centre(self) -> _Draft:
        """A case of the call centre's own: refunds, coupons, points, the app."""
        day = self._centre_day()
        issue = self.rng.choices(tuple(_CENTRE_ISSUES), tuple(_CENTRE_ISSUES.values()))[0]
        created = local(2026, 4, 1) + timedelta(days=day, minutes=self.rng.randint(540, 1200))
        channel = self.rng.choice(("phone", "phone", "app", "wechat"))
        known = [person for person in self.customers if person.signup_at < created]
        case = self._case(created, self.rng.choice(known), CALL_CENTRE, issue, channel)
        case = replace(case, amount=float(self.rng.randint(12, 120)))
        return _Draft(case, tuple(self._centre_course(case)))

    def spike(self, orders: list[Order]) -> list[_Draft]:
        """The planted week: one store, foreign objects, again and again."""
        monday = self.landmarks.spike_monday
        start = local(monday.year, monday.month, monday.day)
        week = [o for o in orders if start - timedelta(days=30) <= o.ordered_at < start]
        drafts = []
        for n in range(self.landmarks.spike_cases):
            order = week[n % len(week)]
            created = start + timedelta(days=n % 7, minutes=self.rng.randint(600, 1290))
            case = self._case(
                created,
                self.people[order.customer_id],
                self.landmarks.spike_store,
                self.landmarks.spike_issue,
                self.rng.choice(("app", "wechat", "store")),
            )
            drafts.append(_Draft(case, tuple(self._course(case, case.unit_id))))
        return drafts

    def unanswered(self, person: Customer) -> _Draft:
        """What a customer who then fell silent complained about: never answered."""
        created = local(2026, 7, self.rng.randint(1, 9), self.rng.randint(9, 20), 12)
        case = self._case(created, person, person.unit_id, "服务态度", "app")
        steps = self._opening(case, person.unit_id)
        return _Draft(case, tuple(steps))

    def ping_pong(self) -> _Draft:
        """Store, region, call centre, store, call centre: 4 transfers, 2 of them returns."""
        store = self._landmark_store()
        created = local(2026, 9, 3, 10, 12)
        case = self._planted(created, store, "退款未到账")
        owners = (self.parents[store], CALL_CENTRE, store, CALL_CENTRE)
        steps = [
            ("created", created, "system", ""),
            ("assigned", created + timedelta(minutes=6), "system", store),
            *(
                ("transferred", created + timedelta(days=2 * n, hours=3), "human", owner)
                for n, owner in enumerate(owners, 1)
            ),
            ("replied", created + timedelta(days=9), "human", ""),
        ]
        return _Draft(case, tuple(steps), "ping_pong")

    def reopened(self) -> _Draft:
        """Resolved and closed, reopened two days later, and open on AS_OF."""
        store = self._landmark_store()
        created = local(2026, 9, 14, 11, 30)
        case = self._planted(created, store, "口味不符")
        steps = [
            ("created", created, "system", ""),
            ("assigned", created + timedelta(minutes=4), "system", store),
            ("replied", created + timedelta(hours=2), "human", ""),
            ("resolved", created + timedelta(hours=26), "human", ""),
            ("closed", created + timedelta(hours=50), "system", ""),
            ("reopened", created + timedelta(days=4, hours=3), "human", ""),
            ("replied", created + timedelta(days=4, hours=5), "bot", ""),
        ]
        return _Draft(case, tuple(steps), "reopened")

    def late_resolved(self) -> _Draft:
        """Resolved a quarter past midnight after AS_OF: still open as of AS_OF."""
        store = self._landmark_store()
        created = local(2026, 9, 29, 18, 5)
        case = self._planted(created, store, "出餐慢")
        steps = [
            ("created", created, "system", ""),
            ("assigned", created + timedelta(minutes=3), "system", store),
            ("replied", created + timedelta(hours=15), "human", ""),
            ("resolved", CUTOFF + timedelta(minutes=15), "human", ""),
        ]
        return _Draft(case, tuple(steps), "late_resolved")

    def _landmark_store(self) -> str:
        return next(s.unit_id for s in self.stores if s.region == self.landmarks.delivery_region)

    def _planted(self, created: datetime, store: str, issue: str) -> Case:
        person = next(p for p in self.customers if p.unit_id == store and p.segment != "new")
        return replace(self._case(created, person, store, issue, "app"), created_at=created)

    def _centre_day(self) -> int:
        """Days since FIRST_DAY; August and September bring more."""
        late = (BACKLOG_FROM.date() - FIRST_DAY).days
        return self.rng.randrange(late) if self.rng.random() < 0.52 else self.rng.randint(late, 181)

    def _case(
        self, created: datetime, person: Customer, unit_id: str, issue: str, channel: str
    ) -> Case:
        rng = self.rng
        priority = (
            "urgent" if issue in _URGENT else rng.choices(("high", "normal", "low"), (2, 6, 2))[0]
        )
        text = texts.case_text(rng, issue, person.language)
        return Case(
            case_id="",
            created_at=created.replace(second=rng.randrange(60), microsecond=0),
            customer_id=person.customer_id,
            order_id="",
            unit_id=unit_id,
            channel=channel,
            issue=issue,
            amount=None,
            priority=priority,
            appeal=rng.choice(texts.APPEALS[person.language]),
            text=text,
        )

    def _opening(self, case: Case, owner: str) -> list[tuple[str, datetime, str, str]]:
        """Created (a tenth of the cases lacks the event), assigned, and often a bot's answer."""
        at = case.created_at
        steps = [] if self.rng.random() < 0.1 else [("created", at, "system", "")]
        steps.append(("assigned", at + timedelta(minutes=self.rng.randint(1, 25)), "system", owner))
        if case.channel in ("app", "wechat") and self.rng.random() < 0.55:
            steps.append(("replied", at + timedelta(seconds=self.rng.randint(3, 40)), "bot", ""))
        return steps

    def _course(self, case: Case, owner: str) -> Iterator[tuple[str, datetime, str, str]]:
        """A store's case: answered, at times passed on, resolved, closed, now and then reopened."""
        rng = self.rng
        yield from self._opening(case, owner)
        at = case.created_at + timedelta(hours=min(120.0, rng.lognormvariate(1.6, 1.0)))
        yield "replied", at, "human", ""
        if rng.random() < 0.16:
            at += timedelta(hours=rng.uniform(1, 30))
            yield "transferred", at, "human", rng.choice((self.parents[owner], CALL_CENTRE, HQ))
            at += timedelta(hours=rng.uniform(1, 20))
            yield "replied", at, "human", ""
        if rng.random() < 0.05:
            return
        at += timedelta(hours=min(400.0, rng.lognormvariate(2.9, 0.9)))
        yield "resolved", at, "human", ""
        if rng.random() < 0.12:  # closed by hand only, or never
            return
        at += timedelta(hours=48)
        yield "closed", at, "system", ""
        if rng.random() < 0.06:
            at += timedelta(hours=rng.uniform(5, 90))
            yield "reopened", at, "human", ""
            at += timedelta(hours=rng.uniform(2, 40))
            yield "replied", at, "human", ""
            at += timedelta(hours=rng.uniform(2, 60))
            yield "resolved", at, "human", ""
            yield "closed", at + timedelta(hours=48), "system", ""

    def _centre_course(self, case: Case) -> Iterator[tuple[str, datetime, str, str]]:
        """The call centre resolves and closes on the same day, or does not get round to it."""
        rng = self.rng
        yield from self._opening(case, CALL_CENTRE)
        swamped = case.created_at >= BACKLOG_FROM
        at = case.created_at + timedelta(hours=rng.lognormvariate(3.2 if swamped else 1.2, 0.6))
        yield "replied", at, "human", ""
        if rng.random() < (0.45 if swamped else 0.03):
            return
        done = (at + timedelta(days=rng.randint(3, 14) if swamped else rng.randint(0, 3))).replace(
            hour=rng.randint(15, 18), minute=rng.randrange(60)
        )
        if done <= at:
            done += timedelta(days=1)
        yield "resolved", done, "human", ""
        yield "closed", done + timedelta(minutes=rng.randint(5, 90)), "system", ""
