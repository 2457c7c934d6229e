"""The chain's stores, regions and head office, and the steps of its customers' journey."""

from __future__ import annotations

import random
from datetime import date, timedelta

from demo.world import BRAND, CALL_CENTRE, HQ, REGIONS, Region, Touchpoint, Unit, scaled

_HOURS = ("10:00-22:00", "09:30-22:30", "10:00-23:00", "08:00-21:30")


def make_units(rng: random.Random, scale: float) -> list[Unit]:
    """Head office, call centre, regions, stores s001…, the delivery platform, one competitor."""
    units = [
        _unit(HQ, "云雾茶总部 Yunwu Tea HQ", "hq", "", "", date(2014, 3, 1)),
        _unit(CALL_CENTRE, "客服中心 Call centre", "hq", HQ, "", date(2017, 6, 1)),
        _unit("p_delivery", "外卖平台 Delivery platform", "platform", HQ, "", date(2018, 1, 1)),
        Unit(
            "x_shanlan",
            "山岚茶铺 Shanlan Tea",
            "hq",
            "",
            "山岚茶铺",
            True,
            "",
            date(2015, 5, 1),
            "",
        ),
    ]
    for region in REGIONS:
        name = f"{region.name}大区 {region.english}"
        opened = date(2016, 1, 1)
        units.append(_unit(region.unit_id, name, "region", HQ, region.name, opened))
    for region in REGIONS:
        for place in range(scaled(region.stores, scale, 2)):
            units.append(_store(rng, region, place, _next_store(units)))
    return units


def _unit(unit_id: str, name: str, kind: str, parent: str, region: str, opened: date) -> Unit:
    return Unit(unit_id, name, kind, parent, BRAND, False, region, opened, "")


def _next_store(units: list[Unit]) -> str:
    return f"s{sum(unit.kind == 'store' for unit in units) + 1:03d}"


def _store(rng: random.Random, region: Region, place: int, unit_id: str) -> Unit:
    city = region.cities[place % len(region.cities)]
    round_no = place // len(region.cities)
    more = f"{round_no + 1}" if round_no else ""
    name = (
        f"Yunwu Tea {city} {more}".strip() if region.language == "en" else f"云雾茶{city}{more}店"
    )
    opened = date(2016, 3, 1) + timedelta(days=rng.randrange(3300))
    return Unit(
        unit_id,
        name,
        "store",
        region.unit_id,
        BRAND,
        False,
        region.name,
        opened,
        rng.choice(_HOURS),
    )


def stores_of(units: list[Unit], region_unit_id: str) -> list[Unit]:
    """The stores right below one region."""
    return [u for u in units if u.kind == "store" and u.parent_unit_id == region_unit_id]


TOUCHPOINTS = [
    Touchpoint("tp_social", "社交媒体种草", "aware", "discover", "online", False, 7.0, HQ),
    Touchpoint("tp_app_home", "App 首页", "consider", "browse", "online", False, 7.5, HQ),
    Touchpoint("tp_menu", "菜单与选品", "consider", "browse", "online", False, 8.0, HQ),
    Touchpoint("tp_coupon", "优惠券领取", "consider", "promotion", "online", False, 7.5, HQ),
    Touchpoint("tp_order_app", "线上下单", "order", "pickup", "online", True, 8.5, HQ),
    Touchpoint("tp_order_counter", "柜台点单", "order", "walk-in", "store", False, 8.0, ""),
    Touchpoint("tp_queue", "排队等待", "receive", "walk-in", "store", True, 8.0, ""),
    Touchpoint("tp_pickup", "取餐", "receive", "pickup", "store", True, 8.5, ""),
    Touchpoint(
        "tp_delivery_promise", "预计送达", "order", "delivery", "online", False, 8.0, "p_delivery"
    ),
    Touchpoint(
        "tp_delivery_arrival", "送达与包装", "receive", "delivery", "home", True, 8.5, "p_delivery"
    ),
    Touchpoint("tp_taste", "口味体验", "enjoy", "any", "store", True, 9.0, ""),
    Touchpoint("tp_store_env", "门店环境", "enjoy", "walk-in", "store", False, 8.0, ""),
    Touchpoint("tp_support_chat", "在线客服", "support", "help", "online", True, 8.0, CALL_CENTRE),
    Touchpoint("tp_support_call", "电话客服", "support", "help", "phone", True, 8.0, CALL_CENTRE),
    Touchpoint("tp_refund", "退款", "support", "help", "online", True, 8.5, CALL_CENTRE),
    Touchpoint("tp_membership", "会员与积分", "loyalty", "reward", "online", False, 7.5, HQ),
]
"""Every step that journey events and surveys name."""
