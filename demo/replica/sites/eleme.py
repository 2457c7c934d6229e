"""Eleme (饿了么): a store's ratings by offset; they have no id.

`ElemeSite(sample_rows(35))` answers
- `/restapi/ugc/v3/restaurants/{shop}/ratings?offset=K&limit=8`: a list of ratings with date-only
  `rated_at`, `username` 匿名用户 or masked, `rating_star`, `rating_text`, `item_ratings`; [] past
  the end,
- `/restapi/ugc/v1/restaurants/{shop}/rating_scores`: the store's scores.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from demo import texts
from demo.replica.exchange import Answer, Asked, json_answer
from demo.replica.rendering import Rendering
from demo.replica.sites.rows import Row, RowSite, times

SHOP = "E1500001"
RATINGS = f"/restapi/ugc/v3/restaurants/{SHOP}/ratings"
SCORES = f"/restapi/ugc/v1/restaurants/{SHOP}/rating_scores"
LARGEST_PAGE = 20


@dataclass(frozen=True)
class Rating(Row):
    """A rating of an order. `key` is only the replica's: the platform gives none."""

    stars: int
    foods: tuple[str, ...]
    reply: str = ""


class ElemeSite(RowSite[Rating]):
    """See the module."""

    def __init__(self, rows: Iterable[Rating]) -> None:
        super().__init__(rows)

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        draw = asked.rendering
        if asked.path == SCORES:
            return json_answer(draw.tree(self._scores(draw)))
        if asked.path != RATINGS:
            return None
        start, size = asked.number("offset", 0), asked.number("limit", 8)
        if start < 0 or not 0 < size <= LARGEST_PAGE:
            return json_answer({"name": "INVALID_PARAMETER", "message": "参数错误"}, 400)
        shown = draw.page(self.shown(draw)[start : start + size])
        items = [draw.record(_rating(row, draw), n) for n, row in enumerate(shown)]
        return json_answer(draw.tree(items))

    def _scores(self, draw: Rendering) -> dict[str, Any]:
        rows = self.shown(draw)
        mean = round(sum(row.stars for row in rows) / max(1, len(rows)), 5)
        return {
            "compare_rating": 0.80967,
            "deliver_time": 33,
            "food_score": mean,
            "order_rating_amount": draw.total(len(rows)),
            "overall_score": mean,
            "service_score": mean,
        }


def sample_rows(n: int, seed: int = 1) -> list[Rating]:
    """`n` invented ratings, newest first. Short ones repeat: several people say 很好."""
    rng = random.Random(f"eleme:{seed}")
    return [_sample(rng, n - place, at) for place, at in enumerate(times(rng, n))]


def _sample(rng: random.Random, number: int, at: datetime) -> Rating:
    stars = rng.choices((1, 2, 3, 4, 5), (15, 5, 10, 20, 50))[0]
    topics = {"delivery": 2, "taste": 1}
    text = rng.choice(("很好", "")) if rng.random() < 0.3 else ""
    return Rating(
        key=f"e{number:06d}",
        at=at,
        text=text or texts.comment(rng, "zh", stars * 2, topics),
        author=rng.choice(("匿名用户", "匿名用户", "茶***鹿", "l***o")),
        stars=stars,
        foods=tuple(rng.sample(("茉莉雪芽", "桂花乌龙", "杨枝甘露", "柠檬茶"), rng.randint(1, 2))),
        reply="亲，抱歉给您带来不便，我们会改进。" if stars <= 2 and rng.random() < 0.5 else "",
    )


def _rating(row: Rating, draw: Rendering) -> dict[str, Any]:
    return {
        "avatar": "",
        "highlights": [],
        "item_ratings": [_food(food, row.stars) for food in row.foods],
        "rated_at": draw.moment(row.at, f"{row.at:%Y-%m-%d}"),
        "rating_star": row.stars,
        "rating_text": row.text,
        "reply": row.reply,
        "tags": [],
        "time_spent_desc": "",
        "username": row.author,
    }


def _food(name: str, stars: int) -> dict[str, Any]:
    return {
        "food_id": 555_000_000 + sum(name.encode()),
        "food_name": name,
        "image_hash": "",
        "is_valid": 1,
        "rating_star": stars,
    }
