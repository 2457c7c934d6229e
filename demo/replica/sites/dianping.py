"""Dianping (大众点评): a shop's reviews in HTML, 15 a page.

`DianpingSite(sample_rows(60))` answers
- `/shop/{shop}/review_all`, then `/shop/{shop}/review_all/pN`: `.reviews-items .main-review` with
  `sml-str45` for 4.5 stars, `.score .item` (口味：很好, or 口味：4.5), 人均, `.review-words` (a
  long text: `.review-words.Hide`, beside a cut `.review-truncated-words`), `.time`,
  `.actions a[data-id]`, the shop's answer in `.shop-reply`; `a.NextPage` unless this is the last
  page; past it, a page without reviews.
`obfuscated=True` replaces characters of the texts by empty `svgmtsi` elements, as the site does:
their meaning is in a style sheet and a drawing, which are not played.
"""

from __future__ import annotations

import hashlib
import html
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from demo import texts
from demo.replica.exchange import Answer, Asked, html_answer
from demo.replica.rendering import Rendering
from demo.replica.sites.rows import AUTHORS, Row, RowSite, cut, pages, times

SHOP = "H1a2B3c4D5e6"
PER_PAGE = 15
SHORT = 60
"""Longer texts are folded: cut to so many characters, and whole in a hidden element."""
_PATH = re.compile(r"/shop/([^/]+)/review_all(?:/p(\d+))?")
_WORDS = {5: "非常好", 4: "很好", 3: "好", 2: "一般", 1: "差"}


@dataclass(frozen=True)
class Review(Row):
    """A review. `stars` in halves, 0.5-5; `scores` by aspect; `price` per head in yuan or None."""

    stars: float
    scores: tuple[tuple[str, float], ...]
    price: int | None
    reply: str = ""
    replied_at: datetime | None = None
    updated_at: datetime | None = None
    is_pinned: bool = False


class DianpingSite(RowSite[Review]):
    """See the module. `name` is the shop's; `in_words` writes aspects as words, not numbers."""

    def __init__(
        self,
        rows: Iterable[Review],
        *,
        shop: str = SHOP,
        name: str = "云雾茶(湖滨店)",
        in_words: bool = True,
        obfuscated: bool = False,
    ) -> None:
        super().__init__(rows)
        self._shop, self._name = shop, name
        self._in_words, self._obfuscated = in_words, obfuscated

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        found = _PATH.fullmatch(asked.path)
        if found is None or found[1] != self._shop:
            return None
        draw = asked.rendering
        number = int(found[2] or 1)
        rows = self.shown(draw)
        shown = draw.page(cut(rows, number - 1, PER_PAGE))
        items = "".join(draw.item(self._item(row, draw), n) for n, row in enumerate(shown))
        total = draw.total(len(rows))
        return html_answer(draw.html(self._page(items, number, total)))

    def _page(self, items: str, number: int, total: int) -> str:
        last = pages(total, PER_PAGE)
        base = f"/shop/{self._shop}/review_all"
        links = "".join(
            f'<a href="{base}/p{page}" class="PageLink" data-pg="{page}">{page}</a>'
            for page in range(1, last + 1)
            if page != number
        )
        if number < last:
            links += (
                f'<a href="{base}/p{number + 1}" class="NextPage" data-pg="{number + 1}">下一页</a>'
            )
        name = html.escape(self._name)
        return (
            f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{name}的全部点评'
            '</title></head><body><div class="review-shop-wrap">'
            f'<h1 class="shop-name">{name}</h1></div>'
            f'<div class="reviews-wrapper"><span class="total-num">{total}条点评</span>'
            f'<div class="reviews-items"><ul>{items}</ul></div>'
            f'<div class="reviews-pages">{links}</div></div></body></html>'
        )

    def _item(self, row: Review, draw: Rendering) -> str:
        key = draw.key(row.key)
        data_id = f' data-id="{key}"' if key else ""
        said = f"{row.at:%Y-%m-%d %H:%M}"
        if row.updated_at:
            said += f" 更新于{row.updated_at:%Y-%m-%d %H:%M}"
        pinned = '<span class="top-tag">置顶</span>' if row.is_pinned else ""
        return (
            '<li><div class="main-review"><div class="dper-info">'
            f'<a class="name" href="/member/0">{html.escape(row.author)}</a>{pinned}</div>'
            f'<div class="review-rank"><span class="sml-rank-stars sml-str{round(row.stars * 10)} '
            f'star"></span><span class="score">{self._scores(row)}</span></div>'
            f"{self._words(row.text)}"
            f'<div class="misc-info clearfix"><span class="time">{draw.text(row.at, said)}</span>'
            f'<span class="actions"><a class="praise"{data_id}>赞</a><a class="reply"{data_id}>回应'
            f"</a></span></div>{_reply(row)}</div></li>"
        )

    def _scores(self, row: Review) -> str:
        said = [
            f"{name}：{_WORDS[max(1, round(score))] if self._in_words else score}"
            for name, score in row.scores
        ]
        said += [f"人均：{row.price}元"] if row.price is not None else []
        return "".join(f'<span class="item">{text}</span>' for text in said)

    def _words(self, text: str) -> str:
        if len(text) <= SHORT:
            return f'<div class="review-words">{self._written(text)}</div>'
        return (
            f'<div class="review-truncated-words">{self._written(text[:SHORT])}...</div>'
            f'<div class="review-words Hide">{self._written(text)}'
            '<div class="less-words"><a class="fold">收起评论</a></div></div>'
        )

    def _written(self, text: str) -> str:
        if not self._obfuscated:
            return html.escape(text)
        return "".join(_hidden(char) if _is_hidden(char) else html.escape(char) for char in text)


def sample_rows(n: int, seed: int = 1) -> list[Review]:
    """`n` invented reviews of one shop, newest first."""
    rng = random.Random(f"dianping:{seed}")
    return [_sample(rng, at, n - place) for place, at in enumerate(times(rng, n))]


def _sample(rng: random.Random, at: datetime, number: int) -> Review:
    score = rng.randint(0, 10)
    said = [
        texts.comment(rng, "zh", score, {"taste": 2, "speed": 1, "staff": 1})
        for _ in range(rng.choice((1, 1, 5)))
    ]
    is_answered = rng.random() < 0.2
    return Review(
        key=f"{1_760_000_000 + number * 37}",
        at=at.replace(second=0),
        text="".join(said),
        author=rng.choice(AUTHORS),
        stars=max(0.5, score / 2),
        scores=tuple((name, rng.randint(2, 10) / 2) for name in ("口味", "环境", "服务")),
        price=rng.choice((None, 18, 22, 26, 35)),
        reply="感谢光临，您的建议我们已转给门店。" if is_answered else "",
        replied_at=at + timedelta(days=1) if is_answered else None,
    )


def _is_hidden(char: str) -> bool:
    """About every fourth Chinese character, always the same ones."""
    return "\u4e00" <= char <= "\u9fff" and ord(char) % 4 == 0


def _hidden(char: str) -> str:
    name = hashlib.md5(char.encode(), usedforsecurity=False).hexdigest()[:3]
    return f'<svgmtsi class="yw{name}"></svgmtsi>'


def _reply(row: Review) -> str:
    if not row.reply:
        return ""
    date = f"{row.replied_at:%Y-%m-%d}" if row.replied_at else ""
    return (
        '<div class="shop-reply"><p class="shop-reply-top"><span class="title">商家回应</span>'
        f'<span class="date">{date}</span></p>'
        f'<p class="shop-reply-content">{html.escape(row.reply)}</p></div>'
    )
