"""JD (京东): a product's comments as JSONP in GBK, pages from 0.

`JdSite(sample_rows(45))` answers
- `/comment/productPageComments.action?productId=100012345678&score=0&sortType=6&page=N&pageSize=10
  &callback=fetchJSON_comment98`: `productCommentSummary` (rounded: `4.9万+`), `maxPage` (at most
  100), `comments` (with `isTop`, `replies`, `afterUserComment.hAfterUserComment`); without
  `callback` the same as plain JSON. Past maxPage: no comments. Another product: no comments and
  maxPage 0.
An empty body with 200, as JD blocks, is `EmptyUntil(n, body=b"")`.
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

PATH = "/comment/productPageComments.action"
PRODUCT = "100012345678"
LAST_PAGE = 100
_NAME = "云雾茶 茉莉雪芽冷泡茶 12包"


@dataclass(frozen=True)
class FollowUp:
    """What the customer added later."""

    text: str
    at: datetime


@dataclass(frozen=True)
class Comment(Row):
    """A comment. `key` is its id, `score` 1-5."""

    score: int
    replies: tuple[str, ...] = ()
    follow_up: FollowUp | None = None
    votes: int = 0
    is_pinned: bool = False


class JdSite(RowSite[Comment]):
    """See the module. `counted` is the count that the summary rounds; by default all rows."""

    def __init__(self, rows: Iterable[Comment], *, counted: int | None = None) -> None:
        super().__init__(rows)
        self._counted = counted

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        if asked.path != PATH:
            return None
        draw = asked.rendering
        size = min(asked.number("pageSize", 10), 10)
        is_ours = asked.value("productId") == PRODUCT
        rows = self.shown(draw) if is_ours else []
        last = min(pages(len(rows), size), LAST_PAGE) if rows else 0
        page = asked.number("page", 0)
        shown = draw.page(cut(rows, page, size) if page < last else [])
        tree = {
            "productAttr": None,
            "productCommentSummary": self._summary(rows, draw),
            "hotCommentTagStatistics": [],
            "jwotestProduct": "99",
            "maxPage": last,
            "score": asked.number("score", 0),
            "soType": asked.number("sortType", 5),
            "imageListCount": 0,
            "vTagStatistics": [],
            "comments": [draw.record(_comment(row, draw), n) for n, row in enumerate(shown)],
        }
        return _in_gbk(draw.tree(tree), asked.value("callback"))

    def _summary(self, rows: list[Comment], draw: Rendering) -> dict[str, Any]:
        total = draw.total(self._counted if self._counted is not None else len(rows))
        summary: dict[str, Any] = {"skuId": int(PRODUCT), "productId": int(PRODUCT)}
        good = sum(row.score >= 4 for row in rows)
        poor = sum(row.score == 1 for row in rows)
        counts = {"comment": total, "good": good, "general": len(rows) - good - poor, "poor": poor}
        for name, count in counts.items():
            summary[f"{name}Count"] = _rounded(count)
            summary[f"{name}CountStr"] = _rounded_text(count)
        scores = sum(row.score for row in rows) / max(1, len(rows))
        rate = round(good / max(1, len(rows)), 3)
        return summary | {"averageScore": round(scores), "goodRate": rate}


def sample_rows(n: int, seed: int = 1) -> list[Comment]:
    """`n` invented comments, newest first."""
    rng = random.Random(f"jd:{seed}")
    return [_sample(rng, at, n - place) for place, at in enumerate(times(rng, n))]


def _sample(rng: random.Random, at: datetime, number: int) -> Comment:
    score = rng.choices((1, 2, 3, 4, 5), (15, 5, 10, 20, 50))[0]
    text = texts.comment(rng, "zh", score * 2, {"taste": 3, "price": 1, "delivery": 1})
    is_answered, is_back = rng.random() < 0.2, rng.random() < 0.15
    return Comment(
        key=str(19_000_000_000 + number * 113),
        at=at,
        text=text,
        author=f"{rng.choice(AUTHORS)[0]}***{rng.randrange(10)}",
        score=score,
        replies=("感谢您选择云雾茶，祝您生活愉快。",) if is_answered else (),
        follow_up=FollowUp("喝完一盒再来说：回甘不错。", at + timedelta(hours=12))
        if is_back
        else None,
        votes=rng.choice((0, 0, 1, 3)),
    )


def _rounded(count: int) -> int:
    """The first one or two digits, as the summary gives it: 48,123 becomes 48,000."""
    if count < 100:
        return count
    unit: int = 10 ** (len(str(count)) - (2 if count >= 10_000 else 1))
    return count // unit * unit


def _rounded_text(count: int) -> str:
    rounded = _rounded(count)
    if count < 100:
        return str(count)
    return f"{rounded / 10_000:g}万+" if count >= 10_000 else f"{rounded}+"


def _comment(row: Comment, draw: Rendering) -> dict[str, Any]:
    key = draw.key(int(row.key))
    comment: dict[str, Any] = {
        "id": key,
        "guid": None if key is None else f"yunwu-{row.key}",
        "content": row.text,
        "creationTime": draw.moment(row.at, _said(row.at)),
        "isTop": row.is_pinned,
        "referenceId": PRODUCT,
        "referenceName": _NAME,
        "referenceTime": _said(row.at - timedelta(days=4)),
        "replies": [_reply(row, n, text) for n, text in enumerate(row.replies)],
        "replyCount": len(row.replies),
        "score": row.score,
        "status": 1,
        "usefulVoteCount": row.votes,
        "uselessVoteCount": 0,
        "userProvince": "",
        "nickname": row.author,
        "userClient": 4,
        "productColor": "",
        "productSize": "12包",
        "plusAvailable": 0,
        "days": 4,
        "afterDays": (row.follow_up.at - row.at).days if row.follow_up else 0,
    }
    if row.follow_up:
        comment["afterUserComment"] = {
            "id": int(row.key) + 1,
            "created": _said(row.follow_up.at),
            "hAfterUserComment": {"content": row.follow_up.text},
        }
    return {name: value for name, value in comment.items() if value is not None}


def _reply(row: Comment, n: int, text: str) -> dict[str, Any]:
    return {
        "id": int(row.key) + 10 + n,
        "content": text,
        "nickname": "云雾茶京东自营旗舰店",
        "creationTime": _said(row.at + timedelta(days=1)),
    }


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _in_gbk(tree: Any, callback: str) -> Answer:
    text = json.dumps(tree, ensure_ascii=False)
    if callback:
        return Answer(f"{callback}({text});".encode("gbk", "replace"), 200, "text/html;charset=GBK")
    return Answer(text.encode("gbk", "replace"), 200, "application/json;charset=GBK")
