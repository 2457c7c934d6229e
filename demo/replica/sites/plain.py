"""A plain list of reviews without any platform's quirks: for tests of paging, and for benches.

`PlainSite(sample_rows(200), paging="page", shape="json", size=20)` answers (with GET or POST)
- `/items`, paged by `paging`:
  `page`: `?page=N`, from `first` on, with `pages`; `offset`: `?offset=K`; `token`: `?token=T`, the
  last page's `next_token` (null at the end); `next_link`: the last page's `next` (null at the end),
  an address relative to the host; `search_after`: `?after=A`, the values joined by `_` that the
  last page's `points` gives for the page's number (from 1);
  `?from=DAY&before=DAY` narrows it to the days from the one to before the other;
  JSON: `{"items": […], "total": T, …}`;
  HTML: `ul.items li.item[data-id]` with `a.title`, `.author`, `.date`, `.rating`, `p.text`; below
  it `.total`, and `a.next` unless this is the end;
- `/items/{id}`: one item by itself, 404 when there is none.
Pages are drawn once, when the site is made; `packed=False` never gzips them.
"""

from __future__ import annotations

import base64
import html
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from demo import texts
from demo.replica.exchange import Answer, Asked, html_answer, json_answer
from demo.replica.rendering import Rendering
from demo.replica.sites.rows import AUTHORS, Row, RowSite, pages, times

LIST = "/items"
Paging = Literal["page", "offset", "token", "next_link", "search_after"]


@dataclass(frozen=True)
class Review(Row):
    """One item: a review with a title and 1-5 stars."""

    title: str
    rating: int


class PlainSite(RowSite[Review]):
    """See the module."""

    def __init__(
        self,
        rows: Iterable[Review],
        *,
        paging: Paging = "page",
        shape: Literal["json", "html"] = "json",
        size: int = 20,
        first: int = 1,
        packed: bool | None = None,
    ) -> None:
        super().__init__(rows)
        self._paging, self._shape, self._size, self._packed = paging, shape, size, packed
        self._first = first
        self._drawn_from = self.rows
        self._listed = self.shown(Rendering())
        self._drawn: dict[int, Answer] = {}
        for start in range(0, len(self.rows), size):
            self._at(start, Rendering())

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        if asked.path == LIST:
            narrowed = self._narrowed(asked)
            rows = self.shown(asked.rendering) if narrowed is None else narrowed
            start = self._start(asked, rows)
            if start is None:
                return json_answer({"error": "bad_request"}, 400)
            if narrowed is not None:
                return self._list(start, asked.rendering, rows)
            return self._at(start, asked.rendering)
        if asked.path.startswith(f"{LIST}/"):
            return self._one(asked.path.removeprefix(f"{LIST}/"), asked.rendering)
        return None

    def _narrowed(self, asked: Asked) -> list[Review] | None:
        """The rows of the days asked for; None when all are."""
        try:
            first = date.fromisoformat(asked.value("from", "0001-01-01"))
            before = date.fromisoformat(asked.value("before", "9999-12-31"))
        except ValueError:
            return []
        if not (asked.value("from") or asked.value("before")):
            return None
        return [row for row in self.shown(asked.rendering) if first <= row.at.date() < before]

    def _start(self, asked: Asked, rows: list[Review]) -> int | None:
        """The place of the first row asked for; None when the request makes no sense."""
        if self._paging == "search_after":
            after = [_point(row) for row in rows]
            said = asked.value("after")
            return (after.index(said) + 1 if said in after else None) if said else 0
        if self._paging == "offset":
            return asked.number("offset", 0)
        if self._paging == "token":
            return _place(asked.value("token"))
        return (asked.number("page", self._first) - self._first) * self._size

    def _at(self, start: int, draw: Rendering) -> Answer:
        if draw.changes:
            return self._list(start, draw, self.shown(draw))
        if self._drawn_from is not self.rows:
            self._drawn_from, self._drawn = self.rows, {}
            self._listed = self.shown(draw)
        if start not in self._drawn:
            self._drawn[start] = self._list(start, draw, self._listed)
        return self._drawn[start]

    def _list(self, start: int, draw: Rendering, rows: list[Review]) -> Answer:
        shown = draw.page(rows[start : start + self._size]) if start >= 0 else []
        end = start + self._size
        following = end if end < len(rows) else None
        total = draw.total(len(rows))
        if self._shape == "json":
            items = [draw.record(_record(row, draw), n) for n, row in enumerate(shown)]
            tree = {"items": items, "total": total} | self._more(start, following, total)
            if self._paging == "search_after" and following is not None:
                last = rows[following - 1]
                tree["points"] = {str(end // self._size + 1): [last.at.isoformat(), last.key]}
            return replace(json_answer(draw.tree(tree)), packed=self._packed)
        items_html = "".join(draw.item(_item(row, draw), n) for n, row in enumerate(shown))
        link = (
            ""
            if following is None
            else f'<a class="next" href="{self._link(following)}">下一页</a>'
        )
        body = f'<ul class="items">{items_html}</ul><span class="total">{total}</span>{link}'
        return replace(html_answer(draw.html(_page(body))), packed=self._packed)

    def _more(self, start: int, following: int | None, total: int) -> dict[str, Any]:
        if self._paging == "page":
            return {"page": start // self._size + self._first, "pages": pages(total, self._size)}
        if self._paging == "offset":
            return {"offset": start, "limit": self._size}
        if self._paging == "token":
            return {"next_token": None if following is None else _token(following)}
        if self._paging == "search_after":
            return {"points": {}}
        return {"next": None if following is None else self._link(following)}

    def _link(self, start: int) -> str:
        if self._paging == "offset":
            return f"{LIST}?offset={start}"
        if self._paging == "token":
            return f"{LIST}?token={_token(start)}"
        return f"{LIST}?page={start // self._size + self._first}"

    def _one(self, key: str, draw: Rendering) -> Answer:
        row = self.find(key)
        if row is None:
            return json_answer({"error": "not_found"}, 404)
        if self._shape == "json":
            return json_answer(draw.tree(_record(row, draw)))
        return html_answer(draw.html(_page(f'<ul class="items">{_item(row, draw)}</ul>')))


def sample_rows(n: int, seed: int = 1) -> list[Review]:
    """`n` invented reviews, newest first, every third in English."""
    rng = random.Random(f"plain:{seed}")
    found = []
    for place, at in enumerate(times(rng, n)):
        rating = rng.randint(1, 5)
        title, text = texts.app_review(rng, "us" if place % 3 == 2 else "cn", rating)
        author = f"{rng.choice(AUTHORS)}{rng.randrange(1000)}"
        found.append(Review(f"r{n - place:06d}", at, text, author, title, rating))
    return found


def _point(row: Review) -> str:
    return f"{row.at.isoformat()}_{row.key}"


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"after:{start}".encode()).decode().rstrip("=")


def _place(token: str) -> int | None:
    if not token:
        return 0
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        return int(text.removeprefix("after:"))
    except ValueError:
        return None


def _record(row: Review, draw: Rendering) -> dict[str, Any]:
    date = draw.moment(row.at, row.at.isoformat())
    record = {
        "id": draw.key(row.key),
        "title": row.title,
        "text": row.text,
        "rating": row.rating,
        "author": row.author,
        "date": date,
        "url": draw.link(f"{LIST}/{row.key}"),
    }
    return {name: value for name, value in record.items() if value is not None}


def _item(row: Review, draw: Rendering) -> str:
    key = draw.key(row.key)
    data_id = f' data-id="{key}"' if key else ""
    return (
        f'<li class="item"{data_id}>'
        f'<a class="title" href="{draw.link(f"{LIST}/{row.key}")}">{html.escape(row.title)}</a>'
        f'<span class="author">{html.escape(row.author)}</span>'
        f'<span class="date">{draw.text(row.at, f"{row.at:%Y-%m-%d %H:%M:%S}")}</span>'
        f'<span class="rating">{row.rating}</span><p class="text">{html.escape(row.text)}</p></li>'
    )


def _page(body: str) -> str:
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>云雾茶 点评</title></head>'
        f"<body>{body}</body></html>"
    )
