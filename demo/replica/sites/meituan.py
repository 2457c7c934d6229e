"""Meituan (美团外卖): a store's comments by POST, 20 a page.

`MeituanSite(sample_rows(50))` answers
- POST `/ajax/comment` with the form `wmpoiIdStr=M88001&offset=N&scoreType=0` (offset counts pages,
  from 1): `{code: 0, msg, data{page_total, record_count, shop_score, wmCommentVo[…]}}`; each item
  has `wmComment{id, username, clean_comment, order_comment_score, …}`, `commentTime` (date only)
  and `poiReplyContent`; past the end an empty list. A GET is answered with 405.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from demo import texts
from demo.replica.exchange import Answer, Asked, json_answer
from demo.replica.rendering import Rendering
from demo.replica.sites.rows import AUTHORS, Row, RowSite, cut, pages, times

PATH = "/ajax/comment"
SHOP = "M88001"
PER_PAGE = 20


@dataclass(frozen=True)
class Comment(Row):
    """A comment on an order: 1-5 for the order, and for the delivery."""

    stars: int
    delivery_stars: int
    reply: str = ""


class MeituanSite(RowSite[Comment]):
    """See the module."""

    def __init__(self, rows: Iterable[Comment]) -> None:
        super().__init__(rows)

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        if asked.path != PATH:
            return None
        if asked.method != "POST":
            return json_answer({"code": 405, "msg": "Method Not Allowed"}, 405, {"Allow": "POST"})
        if asked.value("wmpoiIdStr") != SHOP:
            return json_answer({"code": 1, "msg": "商家不存在", "data": None})
        draw = asked.rendering
        rows = self.shown(draw)
        shown = draw.page(cut(rows, asked.number("offset", 1) - 1, PER_PAGE))
        total = draw.total(len(rows))
        data = {
            "page_total": pages(total, PER_PAGE),
            "record_count": total,
            "shop_score": round(sum(row.stars for row in rows) / max(1, len(rows)), 1),
            "wmCommentVo": [draw.record(_comment(row, draw), n) for n, row in enumerate(shown)],
        }
        return json_answer(draw.tree({"code": 0, "msg": "success", "data": data}))


def sample_rows(n: int, seed: int = 1) -> list[Comment]:
    """`n` invented comments, newest first."""
    rng = random.Random(f"meituan:{seed}")
    found = []
    for place, at in enumerate(times(rng, n)):
        stars = rng.choices((1, 2, 3, 4, 5), (15, 5, 10, 20, 50))[0]
        text = texts.comment(rng, "zh", stars * 2, {"delivery": 2, "taste": 1})
        reply = "感谢反馈，已联系骑手核实。" if rng.random() < 0.2 else ""
        found.append(
            Comment(
                key=str(3_300_000_000 + (n - place) * 59),
                at=at,
                text=text,
                author=f"{rng.choice(AUTHORS)[0]}****",
                stars=stars,
                delivery_stars=rng.randint(1, 5),
                reply=reply,
            )
        )
    return found


def _comment(row: Comment, draw: Rendering) -> dict[str, Any]:
    comment: dict[str, Any] = {
        "id": draw.key(int(row.key)),
        "username": row.author,
        "is_anonymous": 0,
        "clean_comment": row.text,
        "comment": row.text,
        "order_comment_score": row.stars,
        "ship_score": row.delivery_stars,
        "valid": 1,
    }
    return {
        "wmComment": {name: value for name, value in comment.items() if value is not None},
        "commentTime": draw.moment(row.at, f"{row.at:%Y-%m-%d}"),
        "has_content_comment": 1 if row.text else 0,
        "poiReplyContent": row.reply,
        "praiseDishes": [],
    }
