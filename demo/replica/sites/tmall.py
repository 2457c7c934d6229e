"""Tmall (天猫): an item's reviews as JSONP, 20 a page.

`TmallSite(sample_rows(70))` answers
- `/list_detail_rate.htm?itemId=700012345678&sellerId=1&order=1&currentPage=N&callback=jsonp128`:
  `rateDetail{rateCount, rateList, paginator{lastPage, page, items}}`; without `callback` as plain
  JSON. Past the end `rateList` is [] and `page` is clamped to the last one.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from demo import texts
from demo.replica.exchange import Answer, Asked
from demo.replica.rendering import Rendering
from demo.replica.sites.rows import AUTHORS, Row, RowSite, cut, pages, times

PATH = "/list_detail_rate.htm"
ITEM = "700012345678"
PER_PAGE = 20
LAST_PAGE = 99


@dataclass(frozen=True)
class Rate(Row):
    """A review; Tmall gives no stars. `sku` is what was bought."""

    sku: str
    reply: str = ""
    follow_up: str = ""
    followed_at: datetime | None = None


class TmallSite(RowSite[Rate]):
    """See the module. `claimed` is rateCount's total; by default all rows."""

    def __init__(self, rows: Iterable[Rate], *, claimed: int | None = None) -> None:
        super().__init__(rows)
        self._claimed = claimed

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        if asked.path != PATH:
            return None
        draw = asked.rendering
        rows = self.shown(draw) if asked.value("itemId") == ITEM else []
        last = min(pages(len(rows), PER_PAGE), LAST_PAGE)
        number = asked.number("currentPage", 1)
        shown = draw.page(cut(rows, number - 1, PER_PAGE) if number <= last else [])
        total = draw.total(len(rows))
        tree = {
            "rateDetail": {
                "rateCount": {"total": self._claimed or total, "shop": 0, "picNum": 0, "used": 0},
                "rateDanceInfo": {"storeType": 4, "showChooseTopic": False},
                "rateList": [draw.record(_rate(row, draw), n) for n, row in enumerate(shown)],
                "searchinfo": "",
                "from": "search",
                "paginator": {"lastPage": last, "page": min(number, last), "items": total},
                "tags": [],
            }
        }
        text = json.dumps(draw.tree(tree), ensure_ascii=False)
        callback = asked.value("callback")
        media = "application/javascript" if callback else "application/json"
        body = f"{callback}({text})" if callback else text
        return Answer(body.encode(), 200, f"{media};charset=utf-8")


def sample_rows(n: int, seed: int = 1) -> list[Rate]:
    """`n` invented reviews, newest first."""
    rng = random.Random(f"tmall:{seed}")
    return [_sample(rng, at, n - place) for place, at in enumerate(times(rng, n))]


def _sample(rng: random.Random, at: datetime, number: int) -> Rate:
    is_back = rng.random() < 0.2
    return Rate(
        key=str(1_150_000_000_000 + number * 211),
        at=at,
        text=texts.comment(rng, "zh", rng.randint(0, 10), {"taste": 3, "price": 1, "delivery": 1}),
        author=f"{rng.choice(AUTHORS)[0]}**{rng.choice('abcxyz')}",
        sku="净含量:12包;口味:茉莉雪芽",
        reply="亲，感谢您的支持，云雾茶祝您生活愉快~" if rng.random() < 0.3 else "",
        follow_up="又回购了，这次罐子有点瘪。" if is_back else "",
        followed_at=at + timedelta(hours=12) if is_back else None,
    )


def _rate(row: Rate, draw: Rendering) -> dict[str, Any]:
    rate: dict[str, Any] = {
        "id": draw.key(int(row.key)),
        "auctionSku": row.sku,
        "displayUserNick": row.author,
        "anony": True,
        "rateContent": row.text,
        "rateDate": draw.moment(row.at, f"{row.at:%Y-%m-%d %H:%M:%S}"),
        "reply": row.reply,
        "sellerId": 1,
        "useful": True,
        "pics": "",
        "position": "920-11-10,20;",
        "goldUser": False,
    }
    found = {name: value for name, value in rate.items() if value is not None}
    return found | {"appendComment": _follow_up(row)}


def _follow_up(row: Rate) -> dict[str, Any] | None:
    if not row.follow_up or row.followed_at is None:
        return None
    days = (row.followed_at - row.at).days
    return {
        "content": row.follow_up,
        "commentTime": f"{row.followed_at:%Y-%m-%d %H:%M:%S}",
        "days": days,
        "reply": "",
    }
