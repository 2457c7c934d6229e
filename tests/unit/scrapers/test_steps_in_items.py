"""Steps that stand inside the items of a list (`each`): they take their item's key from it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from bs4 import BeautifulSoup

from scrapers.fields import Moment
from scrapers.registry import Platform
from scrapers.spec import PlatformSpec

NOW = Moment(datetime(2026, 9, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
DECLARED = """
title: Tearoom complaints
access: open_api
terms: An open API.
base_url: https://tearoom.example
zone: Asia/Shanghai
requests:
  items: {path: /items, format: json, items: data.list, records: [complaint, step]}
records:
  complaint:
    entity: complaint
    key: complaint_id
    fields: {complaint_id: number, narrative: text}
  step:
    entity: complaint_event
    each: log
    key: content
    content: [complaint_id, occurred_at]
    fields:
      complaint_id: "{complaint_id}"
      type: {path: act, as: enum, values: {SUBMIT: created, ANSWER: replied}}
      occurred_at: {path: at, as: local, required: true}
cursor: {order: newest_first, overlap_days: 7, history_days: 30}
politeness: {min_interval_seconds: 3}
facts: []
"""
JSON = {
    "data": {
        "list": [
            {
                "number": "T2",
                "text": "奶盖洒了",
                "shop": "s1",
                "log": [
                    {"act": "SUBMIT", "at": "2026-09-29 10:00:00"},
                    {"act": "ANSWER", "at": "2026-09-29 12:00:00", "by": "小王"},
                ],
            },
            {"text": "没有编号", "log": [{"act": "SUBMIT", "at": "2026-09-28 09:00:00"}]},
            {"number": "T1", "text": "太慢", "log": []},
        ]
    }
}
HTML = """
<ul><li><b>T2</b><i>奶盖洒了</i><p><u>SUBMIT</u><s>2026-09-29 10:00:00</s></p>
<p><u>ANSWER</u><s>2026-09-29 12:00:00</s></p></li>
<li><b>T1</b><i>太慢</i></li></ul>
"""


def read(declared: dict[str, Any], document: Any) -> Any:
    spec = PlatformSpec.model_validate(declared)
    return Platform("tearoom", spec).read("items", document, NOW, {})


def steps(page: Any) -> list[tuple[str, str]]:
    found = [item for item in page.items if item.record == "step"]
    return [(item.columns["complaint_id"], item.columns["type"]) for item in found]


def test_steps_of_json_items_know_their_item() -> None:
    page = read(yaml.safe_load(DECLARED), JSON)
    assert steps(page)[:2] == [("T2", "created"), ("T2", "replied")]
    assert [found for found, _ in steps(page)[2:]] == [None]  # an item without its own key


def test_the_member_that_holds_the_steps_is_no_unknown_one() -> None:
    page = read(yaml.safe_load(DECLARED), JSON)
    assert page.unknown_fields == {"shop": 1, "by": 1}


def test_steps_of_html_items_know_their_item() -> None:
    declared = yaml.safe_load(DECLARED)
    html = {"format": "html", "items": "ul > li", "judge": {"anchors": ["ul"]}}
    declared["requests"]["items"] |= html
    declared["records"]["complaint"]["fields"] = {"complaint_id": "b", "narrative": "i"}
    step = declared["records"]["step"]
    step["each"] = "p"
    step["fields"]["type"]["path"] = "u"
    step["fields"]["occurred_at"]["path"] = "s"
    page = read(declared, BeautifulSoup(HTML, "lxml"))
    assert steps(page) == [("T2", "created"), ("T2", "replied")]
