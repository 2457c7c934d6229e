"""Customers, their orders and visits: weekdays, habits, and those who fall silent."""

from __future__ import annotations

import random
from bisect import bisect_left
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import accumulate

from demo.world import (
    AS_OF,
    CUTOFF,
    FIRST_DAY,
    REGIONS,
    Customer,
    JourneyEvent,
    Order,
    Unit,
    days,
    local,
    scaled,
)

# Monday to Sunday; tea is a weekend and Friday-evening thing.
_WEEKDAYS = (0.86, 0.84, 0.9, 0.95, 1.12, 1.28, 1.22)
_HOURS = {
    9: 2,
    10: 4,
    11: 7,
    12: 11,
    13: 10,
    14: 9,
    15: 12,
    16: 10,
    17: 8,
    18: 8,
    19: 9,
    20: 7,
    21: 4,
}
_NOTES = (
    "",
    "",
    "",
    "",
    "少冰 三分糖",
    "去冰 无糖",
    "少糖 加珍珠",
    "热 五分糖",
    "多奶盖",
    "不要吸管",
)
_PRICES = (13, 15, 16, 18, 19, 21, 22, 24, 26, 28)
_LANGUAGES = {region.name: region.language for region in REGIONS}
SILENT_SINCE = date(2026, 7, 10)
"""No silent customer orders on or after this day: 82 days without an order on AS_OF."""


def make_customers(rng: random.Random, stores: list[Unit], scale: float) -> list[Customer]:
    """Members C000001…; about 0.6 % of them (never fewer than 8) will fall silent in July."""
    number = scaled(4000, scale, 200)
    pull = [rng.uniform(0.6, 1.5) for _ in stores]
    homes = rng.choices(stores, pull, k=number)
    people = [_customer(rng, n + 1, home) for n, home in enumerate(homes)]
    regulars = [n for n, person in enumerate(people) if person.segment != "new"]
    for n in rng.sample(regulars, scaled(24, scale, 8)):
        people[n] = replace(people[n], fell_silent=True, segment="gold", weekly=0.0)
    return people


def _customer(rng: random.Random, number: int, home: Unit) -> Customer:
    is_new = rng.random() < 0.18
    first = FIRST_DAY if is_new else date(2022, 1, 1)
    last = AS_OF - timedelta(days=20) if is_new else FIRST_DAY - timedelta(days=1)
    signup = _moment(rng, first + timedelta(days=rng.randrange((last - first).days + 1)))
    weekly = rng.gammavariate(1.2, 0.3)
    segment = "new" if is_new else ("gold" if weekly > 0.75 else "regular")
    language = _LANGUAGES[home.region]
    if language == "zh" and rng.random() < 0.03:
        language = "en"
    return Customer(
        customer_id=f"C{number:06d}",
        signup_at=signup,
        unit_id=home.unit_id,
        region=home.region,
        segment=segment,
        consent=rng.random() < 0.9,
        phone=f"199{rng.randrange(10**8):08d}",
        email=f"member{number}@example.com" if rng.random() < 0.6 else "",
        language=language,
        device=f"{rng.getrandbits(48):012x}",
        weekly=weekly,
        delivery_share=min(0.95, rng.betavariate(1.1, 3.0)),
    )


def make_orders(
    rng: random.Random, customers: list[Customer], stores: list[Unit], scale: float
) -> list[Order]:
    """Orders in the order of time, numbered by day (YW260401-00001)."""
    silent = [person for person in customers if person.fell_silent]
    drafts = [draft for person in silent for draft in _habit(rng, person)]
    number = scaled(30000, scale, 1000) - len(drafts)
    span = days()
    day_weights = list(
        accumulate(_WEEKDAYS[day.weekday()] * (0.9 + n / 900) for n, day in enumerate(span))
    )
    active = [person for person in customers if not person.fell_silent]
    pull = [person.weekly for person in active]
    for person in rng.choices(active, pull, k=number):
        start = (person.signup_at.date() - FIRST_DAY).days
        floor = day_weights[start] if start > 0 else 0.0
        index = bisect_left(day_weights, rng.uniform(floor, day_weights[-1]))
        drafts.append((_moment(rng, span[min(index, len(span) - 1)]), person))
    drafts.sort(key=lambda draft: (draft[0], draft[1].customer_id))
    regional = {store.region: [s for s in stores if s.region == store.region] for store in stores}
    return [_order(rng, n, at, person, regional) for n, (at, person) in enumerate(drafts, 1)]


def _habit(rng: random.Random, person: Customer) -> list[tuple[datetime, Customer]]:
    """A regular: an order every five or six days until some day before SILENT_SINCE."""
    day = FIRST_DAY + timedelta(days=rng.randrange(5))
    last = SILENT_SINCE - timedelta(days=rng.randrange(1, 8))
    orders = []
    while day < last:
        orders.append((_moment(rng, day), person))
        day += timedelta(days=rng.choice((5, 5, 6, 6, 7)))
    return orders


def _moment(rng: random.Random, day: date) -> datetime:
    hour = rng.choices(tuple(_HOURS), tuple(_HOURS.values()))[0]
    seconds = rng.randrange(3600)
    return local(day.year, day.month, day.day, hour) + timedelta(seconds=seconds)


def _order(
    rng: random.Random,
    number: int,
    at: datetime,
    person: Customer,
    regional: dict[str, list[Unit]],
) -> Order:
    away = rng.random() < 0.12
    unit_id = rng.choice(regional[person.region]).unit_id if away else person.unit_id
    amount = float(sum(rng.choices(_PRICES, k=rng.choices((1, 2, 3, 4), (55, 28, 12, 5))[0])))
    draw = rng.random()
    cancelled = at + timedelta(minutes=rng.randint(1, 9)) if draw < 0.022 else None
    refunded = at + timedelta(hours=rng.randint(1, 90)) if 0.022 <= draw < 0.037 else None
    if refunded and refunded >= CUTOFF:
        refunded = None
    status = "cancelled" if cancelled else "refunded" if refunded else "completed"
    return Order(
        order_id=f"YW{at:%y%m%d}-{number:06d}",
        customer_id=person.customer_id,
        ordered_at=at,
        unit_id=unit_id,
        region=person.region,
        channel=_channel(rng, person),
        amount=amount,
        margin=round(amount * rng.uniform(0.52, 0.66), 2),
        status=status,
        cancelled_at=cancelled,
        refunded_at=refunded,
        note=rng.choice(_NOTES),
    )


def _channel(rng: random.Random, person: Customer) -> str:
    if rng.random() < person.delivery_share:
        return "delivery"
    if person.language == "en":
        return rng.choice(("app", "app", "store"))
    return rng.choices(("mini_program", "app", "store"), (5, 3, 2))[0]


def make_journey_events(
    rng: random.Random,
    customers: list[Customer],
    orders: list[Order],
    slow_region: str,
    scale: float,
) -> list[JourneyEvent]:
    """Two thirds belong to an order (the wait for it), the rest is browsing and asking."""
    number = scaled(12000, scale, 400)
    served = [order for order in orders if order.status == "completed"]
    events = [_wait(rng, order, slow_region) for order in rng.sample(served, number * 2 // 3)]
    span = days()
    while len(events) < number:
        event = _visit(rng, rng.choice(customers), rng.choice(span))
        if event is not None:
            events.append(event)
    events = sorted((e for e in events if e.occurred_at < CUTOFF), key=lambda e: e.occurred_at)
    return [replace(event, event_id=f"je_{n:06d}") for n, event in enumerate(events, 1)]


def _wait(rng: random.Random, order: Order, slow_region: str) -> JourneyEvent:
    at = order.ordered_at
    if order.channel == "delivery":
        slow = order.region == slow_region and at.date() >= date(2026, 8, 1)
        minutes = rng.lognormvariate(4.1, 0.25) if slow else rng.lognormvariate(3.4, 0.25)
        touchpoint, outcome = "tp_delivery_arrival", "late" if minutes > 45 else "ok"
    else:
        busy = at.hour in (12, 15, 19) or at.weekday() >= 5
        minutes = rng.lognormvariate(2.3 if busy else 1.8, 0.45)
        touchpoint = "tp_queue" if order.channel == "store" else "tp_pickup"
        outcome = "late" if minutes > 20 else "ok"
    return JourneyEvent(
        event_id="",
        customer_id=order.customer_id,
        touchpoint_id=touchpoint,
        occurred_at=at + timedelta(minutes=round(minutes)),
        unit_id=order.unit_id,
        channel=order.channel,
        order_id=order.order_id,
        outcome=outcome,
        wait_minutes=round(minutes, 1),
    )


_VISITS = {
    "tp_app_home": (30, "app", ("ok", "ok", "ok", "abandoned")),
    "tp_menu": (25, "mini_program", ("ok", "ok", "abandoned")),
    "tp_coupon": (16, "mini_program", ("ok", "ok", "failed")),
    "tp_social": (10, "social", ("ok",)),
    "tp_membership": (8, "app", ("ok", "ok", "failed")),
    "tp_support_chat": (6, "wechat", ("solved", "solved", "unsolved")),
    "tp_support_call": (3, "phone", ("solved", "unsolved")),
    "tp_refund": (2, "app", ("ok", "late")),
}


def _visit(rng: random.Random, person: Customer, day: date) -> JourneyEvent | None:
    """A visit without an order; None before the person joined or after they fell silent."""
    if person.signup_at.date() > day or (person.fell_silent and day >= SILENT_SINCE):
        return None
    touchpoint = rng.choices(tuple(_VISITS), [v[0] for v in _VISITS.values()])[0]
    _, channel, outcomes = _VISITS[touchpoint]
    waits = touchpoint.startswith("tp_support")
    return JourneyEvent(
        event_id="",
        customer_id=person.customer_id,
        touchpoint_id=touchpoint,
        occurred_at=_moment(rng, day),
        unit_id="call_centre" if waits else person.unit_id,
        channel=channel,
        order_id="",
        outcome=rng.choice(outcomes),
        wait_minutes=round(rng.lognormvariate(1.0, 0.6), 1) if waits else None,
    )
