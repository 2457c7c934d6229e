"""Pages by hand, in the shape of the platforms' own, with invented content."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def hit() -> Callable[..., dict[str, Any]]:
    """A search hit of the CFPB; keyword arguments replace fields, `...` removes one."""

    def build(complaint_id: Any = "7000001", **changes: Any) -> dict[str, Any]:
        source = {
            "product": "Prepaid card",
            "sub_product": "Gift card",
            "issue": "Trouble using the card",
            "sub_issue": None,
            "company": "YUNWU TEA PAY LLC",
            "company_response": "Closed with explanation",
            "company_public_response": None,
            "complaint_what_happened": "卡里有余额，门店说刷不了。The card was declined.",
            "complaint_id": complaint_id,
            "date_received": "2026-09-12T12:00:00-05:00",
            "date_sent_to_company": "2026-09-13T12:00:00-05:00",
            "submitted_via": "Web",
            "state": "CA",
            "zip_code": "941XX",
            "tags": None,
            "timely": "Yes",
            "consumer_disputed": "N/A",
            "has_narrative": True,
        } | changes
        source = {name: value for name, value in source.items() if value is not ...}
        return {"_id": str(complaint_id), "_source": source, "sort": [1, str(complaint_id)]}

    return build


@pytest.fixture
def answer(hit: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A search answer of the CFPB, as an object that a test may still change."""

    def build(*hits: dict[str, Any], total: Any = None) -> dict[str, Any]:
        value = len(hits) if total is None else total
        return {
            "timed_out": False,
            "_shards": {"total": 1, "failed": 0},
            "hits": {"total": {"value": value, "relation": "eq"}, "hits": list(hits)},
            "_meta": {
                "is_data_stale": False,
                "has_data_issue": False,
                "break_points": {"2": [1789200000000, "7000001"]},
            },
        }

    return build


@pytest.fixture
def entry() -> Callable[..., dict[str, Any]]:
    """A review's entry in the App Store feed; keyword arguments replace labels."""

    def build(review_id: Any = "14100000001", **changes: Any) -> dict[str, Any]:
        labels = {
            "updated": "2026-09-20T23:40:59-07:00",
            "im:rating": "2",
            "im:version": "7.5.2",
            "id": review_id,
            "title": "等太久",
            "content": "下单四十分钟还没出杯，客服不回。",
            "im:voteSum": "1",
            "im:voteCount": "2",
        } | {name.replace("_", ":"): value for name, value in changes.items()}
        built: dict[str, Any] = {
            name: {"label": value} for name, value in labels.items() if value is not ...
        }
        built["author"] = {
            "uri": {"label": "https://itunes.apple.com/cn/reviews/id900000001"},
            "name": {"label": "茶茶"},
        }
        return built

    return build


@pytest.fixture
def feed() -> Callable[..., bytes]:
    """An App Store feed around `entry` as given (a list, a dict, None); `...` leaves it out."""

    def build(entries: Any = ...) -> bytes:
        head: dict[str, Any] = {"id": {"label": "feed"}, "updated": {"label": "2026-09-30"}}
        if entries is not ...:
            head["entry"] = entries
        return json.dumps({"feed": head}, ensure_ascii=False).encode()

    return build
