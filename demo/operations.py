"""What shops and the service desk record beside orders: products, order lines, staff, contacts
and audits."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import combinations_with_replacement

from demo.world import (
    CALL_CENTRE,
    Audit,
    Case,
    Contact,
    Employee,
    Order,
    OrderLine,
    Product,
    Unit,
    local,
)

PRODUCTS = [
    Product("P01", "原叶乌龙", "纯茶", 13),
    Product("P02", "茉莉绿茶", "纯茶", 15),
    Product("P03", "茉莉奶绿", "奶茶", 16),
    Product("P04", "云雾奶茶", "奶茶", 18),
    Product("P05", "黑糖珍珠奶茶", "奶茶", 19),
    Product("P06", "柠檬红茶", "果茶", 21),
    Product("P07", "葡萄冻冻", "果茶", 22),
    Product("P08", "满杯百香果", "果茶", 24),
    Product("P09", "芝士草莓", "果茶", 26),
    Product("P10", "生椰抹茶", "奶茶", 28),
]
"""One for each price that an order's cups have."""
LINES_FROM = local(2026, 9, 24)
"""The tills export the lines of orders from here on."""
AUDIT_ITEMS = (
    ("茶汤出品", "品质"),
    ("杯量标准", "品质"),
    ("问候与回应", "服务"),
    ("出餐速度", "服务"),
    ("操作台清洁", "卫生"),
    ("制冰机清洁", "卫生"),
)
"""What an audit judges from 1 to 5, and the word for its class."""
DIRTY_SCORE = 1.5
"""What the store with the foreign objects got for cleanliness, in the week before them."""
_STAFFED = range(8, 22)
_ROLES = ("店长", "店员", "店员")


def make_order_lines(rng: random.Random, orders: list[Order]) -> list[OrderLine]:
    """A line for each cup of the last week's orders: two cups of one kind are two lines."""
    by_price = {product.price: product.product_id for product in PRODUCTS}
    lines = []
    for order in orders:
        if order.ordered_at < LINES_FROM:
            continue
        cups = rng.choice(_cups(round(order.amount)))
        for number, price in enumerate(cups, 1):
            lines.append(OrderLine(order.order_id, by_price[price], number, 1, float(price)))
    return lines


@cache
def _cups(amount: int) -> list[tuple[int, ...]]:
    """Every choice of the fewest cups whose prices make the amount."""
    prices = [product.price for product in PRODUCTS]
    for number in range(1, 5):
        found = [c for c in combinations_with_replacement(prices, number) if sum(c) == amount]
        if found:
            return found
    raise ValueError(f"No four cups cost {amount}.")


def make_employees(stores: list[Unit]) -> list[Employee]:
    """A manager and two hands in each store, six agents in the call centre."""
    places = [(store.unit_id, role) for store in stores for role in _ROLES]
    places += [(CALL_CENTRE, "客服")] * 6
    return [Employee(f"E{n:04d}", unit, role) for n, (unit, role) in enumerate(places, 1)]


def make_contacts(rng: random.Random, cases: list[Case]) -> list[Contact]:
    """What came before a case: a bot in the app and on the web, then an agent if it is day."""
    contacts: list[Contact] = []
    for case in cases:
        if case.channel not in ("app", "wechat", "web", "phone"):
            continue
        channel = "phone" if case.channel == "phone" else "support"
        start = case.created_at - timedelta(minutes=rng.randint(4, 9))
        draft = Contact("", case.customer_id, channel, start, "bot", 1, False, case.case_id)
        if channel == "support":
            contacts.append(draft)
        if start.hour in _STAFFED:
            later = start + timedelta(minutes=1)
            wait, solved = rng.randint(15, 400), rng.random() < 0.4
            contacts.append(
                replace(
                    draft, started_at=later, actor_kind="human", wait_seconds=wait, resolved=solved
                )
            )
    contacts.sort(key=lambda contact: (contact.started_at, contact.case_id))
    return [replace(contact, contact_id=f"T{n:05d}") for n, contact in enumerate(contacts, 1)]


def make_audits(rng: random.Random, stores: list[Unit], dirty_store: str) -> list[Audit]:
    """Two visits to each store, in August and September; one store was filthy in August."""
    audits = []
    for month in (8, 9):
        for n, store in enumerate(stores):
            visit = local(2026, month, 10 + n % 5, 9 + n % 8)
            for item, word in AUDIT_ITEMS:
                score = rng.choice((3.5, 4.0, 4.0, 4.5, 5.0))
                if (store.unit_id, month, word) == (dirty_store, 8, "卫生"):
                    score = DIRTY_SCORE
                audits.append(Audit(store.unit_id, visit, item, word, score))
    return audits
