"""Trustpilot: reviews in the JSON of a page's script tag, 20 a page.

`TrustpilotSite(sample_rows(90))` answers
- `/review/www.yunwu-tea.example?page=N` with HTML whose `script#__NEXT_DATA__` holds
  props.pageProps{businessUnit, reviews, filters.pagination{currentPage, perPage, totalPages,
  totalCount}} and `buildId`; past the last page 404,
- `/_next/data/{buildId}/review/www.yunwu-tea.example.json?page=N` with `pageProps` as JSON,
- `/reviews/{id}` with one review's page; 404 when it is deleted.
A stale build id is `Session("stale_build_id", build=BUILD_ID)`.
"""

from __future__ import annotations

import html
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from demo import texts
from demo.replica.exchange import Answer, Asked, html_answer, json_answer
from demo.replica.rendering import Rendering
from demo.replica.sites.rows import Row, RowSite, cut, pages, times

DOMAIN = "www.yunwu-tea.example"
BUILD_ID = "yunwuBuild-2026092901"
PER_PAGE = 20
_NAMES = ("Jenny K.", "Marcus", "Priya S", "boba_fan", "T. Novak", "小鹿在旧金山", "Mike R")
_LIST = f"/review/{DOMAIN}"
_DATA = f"/_next/data/{BUILD_ID}{_LIST}.json"
_ONE = "/reviews/"


@dataclass(frozen=True)
class Reply:
    """What the company answered."""

    text: str
    at: datetime


@dataclass(frozen=True)
class Review(Row):
    """A review. `key` is 24 hex digits; `updated_at` is set once its author edits it."""

    title: str
    rating: int
    experienced_at: datetime
    country: str
    language: str
    is_verified: bool
    reply: Reply | None = None
    updated_at: datetime | None = None
    likes: int = 0


class TrustpilotSite(RowSite[Review]):
    """See the module."""

    def __init__(self, rows: Iterable[Review]) -> None:
        super().__init__(rows)

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        if asked.path in (_LIST, _DATA):
            return self._list(asked, is_data=asked.path == _DATA)
        if asked.path.startswith(_ONE):
            return self._one(asked.path.removeprefix(_ONE), asked.rendering)
        return None

    def _list(self, asked: Asked, *, is_data: bool) -> Answer:
        draw = asked.rendering
        number = asked.number("page", 1)
        rows = self.shown(draw)
        if not 1 <= number <= pages(len(rows), PER_PAGE):
            return json_answer({"notFound": True}, 404) if is_data else _missing()
        shown = draw.page(cut(rows, number - 1, PER_PAGE))
        total = draw.total(len(rows))
        pagination = {
            "currentPage": number,
            "perPage": PER_PAGE,
            "totalCount": total,
            "totalPages": pages(total, PER_PAGE),
        }
        props = {
            "businessUnit": self._unit(rows, total),
            "reviews": [draw.record(_review(row, draw), n) for n, row in enumerate(shown)],
            "filters": {"pagination": pagination, "selected": {"languages": "all"}},
        }
        if is_data:
            return json_answer(draw.tree({"pageProps": props, "__N_SSP": True}))
        return html_answer(draw.html(_page(draw, props, "云雾茶 Yunwu Tea Reviews")))

    def _one(self, key: str, draw: Rendering) -> Answer:
        row = self.find(key)
        if row is None:
            return _missing()
        props = {"review": _review(row, draw), "businessUnit": self._unit(self.rows, 1)}
        return html_answer(draw.html(_page(draw, props, row.title)))

    def _unit(self, rows: list[Review], total: int) -> dict[str, Any]:
        mean = sum(row.rating for row in rows) / max(1, len(rows))
        return {
            "id": "66f0000000000000000000aa",
            "displayName": "云雾茶 Yunwu Tea",
            "identifyingName": DOMAIN,
            "numberOfReviews": total,
            "trustScore": round(mean, 1),
            "stars": round(mean * 2) / 2,
            "websiteUrl": f"https://{DOMAIN}",
            "isClaimed": True,
            "isClosed": False,
        }


def sample_rows(n: int, seed: int = 1) -> list[Review]:
    """`n` invented reviews, newest first; some answered, some edited."""
    rng = random.Random(f"trustpilot:{seed}")
    return [_sample(rng, at, n - place) for place, at in enumerate(times(rng, n))]


def _sample(rng: random.Random, at: datetime, number: int) -> Review:
    rating = rng.choices((1, 2, 3, 4, 5), (30, 8, 7, 15, 40))[0]
    title, text = texts.app_review(rng, "us", rating)
    reply = Reply("Thank you for telling us. We have passed it on.", at + timedelta(days=1))
    return Review(
        key=f"66f0{number:020x}",
        at=at,
        text=text,
        author=rng.choice(_NAMES),
        title=title,
        rating=rating,
        experienced_at=at - timedelta(days=rng.randrange(5)),
        country=rng.choice(("US", "GB", "SG")),
        language="en",
        is_verified=rng.random() < 0.4,
        reply=reply if rng.random() < 0.3 else None,
        updated_at=at + timedelta(hours=5) if rng.random() < 0.1 else None,
        likes=rng.choice((0, 0, 0, 1, 4)),
    )


def _iso(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def _review(row: Review, draw: Rendering) -> dict[str, Any]:
    published = draw.moment(row.at, _iso(row.at))
    day = f"{row.experienced_at.astimezone(UTC):%Y-%m-%d}T00:00:00.000Z"
    review = {
        "id": draw.key(row.key),
        "filtered": False,
        "pending": False,
        "text": row.text,
        "rating": row.rating,
        "labels": {"merged": None, "verification": _verification(row)},
        "title": row.title,
        "likes": row.likes,
        "dates": {
            "experiencedDate": day,
            "publishedDate": published,
            "updatedDate": _iso(row.updated_at) if row.updated_at else None,
        },
        "report": None,
        "hasUnhandledReports": False,
        "consumer": _consumer(row),
        "reply": _reply(row.reply),
        "language": row.language,
        "location": None,
    }
    return {name: value for name, value in review.items() if name != "id" or value is not None}


def _verification(row: Review) -> dict[str, Any]:
    return {
        "isVerified": row.is_verified,
        "createdDateTime": _iso(row.at),
        "reviewSourceName": "InvitationLinkApi" if row.is_verified else "Organic",
        "verificationSource": "invitation" if row.is_verified else "invalid",
        "verificationLevel": "invited" if row.is_verified else "not-verified",
    }


def _consumer(row: Review) -> dict[str, Any]:
    return {
        "id": f"65c{sum(row.author.encode()):021x}",
        "displayName": row.author,
        "imageUrl": "",
        "numberOfReviews": 1 + row.likes,
        "countryCode": row.country,
        "hasImage": False,
        "isVerified": False,
    }


def _reply(reply: Reply | None) -> dict[str, Any] | None:
    if reply is None:
        return None
    return {"message": reply.text, "publishedDate": _iso(reply.at), "updatedDate": None}


def _page(draw: Rendering, props: dict[str, Any], title: str) -> str:
    data = {
        "props": {"pageProps": props, "__N_SSP": True},
        "page": "/review/[businessUnit]",
        "query": {"businessUnit": DOMAIN},
        "buildId": BUILD_ID,
    }
    text = json.dumps(draw.tree(data), ensure_ascii=False).replace("</", "<\\/")
    return (
        '<!DOCTYPE html><html lang="en-US"><head><meta charset="utf-8">'
        f'<title>{html.escape(title)}</title></head><body><div id="__next"></div>'
        f'<script id="__NEXT_DATA__" type="application/json">{text}</script></body></html>'
    )


def _missing() -> Answer:
    return html_answer(
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>404</title></head>'
        "<body><h1>We can't find the page you're looking for</h1></body></html>",
        404,
    )
