"""BBB (Better Business Bureau): complaints about a business in HTML, 10 a page, reviews, search.

`BbbSite(sample_rows(35), reviews=sample_reviews(12))` answers
- `/us/ca/san-francisco/profile/tea-house/yunwu-tea-1116-880001/complaints?page=N`:
  `li.card.bpr-complaint-grid[id]` with `.bpr-complaint-date span` (09/28/2026),
  `.bpr-complaint-type span`, `.bpr-complaint-body` (the text; below it an `h4` Business response
  with its date and text); `a[rel=next]` unless this is the last page. Past it: 404.
- `…/customer-reviews?page=N`: `li.card.bpr-review[id]` with `h3 > span` (Review from …),
  `p.bds-body` (Date: …), the stars, the text and the business's answer; in its head a JSON-LD list
  whose LocalBusiness tells the BBB's letter and the numbers of reviews and complaints.
- `/api/search?find_text=…&page=N`: `results` as JSON, 15 a page, with `totalPages`.
"""

from __future__ import annotations

import html
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from demo import texts
from demo.replica.exchange import Answer, Asked, html_answer, json_answer
from demo.replica.rendering import Rendering
from demo.replica.sites.rows import Row, RowSite, cut, pages, times

PROFILE = "us/ca/san-francisco/profile/tea-house/yunwu-tea-1116-880001"
PATH = f"/{PROFILE}/complaints"
REVIEWS_PATH = f"/{PROFILE}/customer-reviews"
SEARCH_PATH = "/api/search"
PER_PAGE = 10
PER_SEARCH = 15
LETTER = "B-"
_TYPES = (
    "Product Issues",
    "Service or Repair Issues",
    "Billing Issues",
    "Delivery Issues",
    "Order Issues",
)


@dataclass(frozen=True)
class Complaint(Row):
    """A complaint; the date on the page is the day of `at`. `status` as BBB words it."""

    type: str
    status: str
    reply: str = ""
    replied_at: datetime | None = None


@dataclass(frozen=True)
class Review(Row):
    """A customer's review, 1 to 5 stars; its date on the page is the day of `at`."""

    rating: int
    reply: str = ""
    replied_at: datetime | None = None


class BbbSite(RowSite[Complaint]):
    """See the module."""

    def __init__(self, rows: Iterable[Complaint], reviews: Iterable[Review] = ()) -> None:
        super().__init__(rows)
        self.reviews = list(reviews)

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        if asked.path == REVIEWS_PATH:
            return self._reviews(asked)
        if asked.path == SEARCH_PATH:
            return _search(asked.number("page", 1))
        if asked.path != PATH:
            return None
        return self._complaints(asked)

    def _reviews(self, asked: Asked) -> Answer:
        draw = asked.rendering
        number = asked.number("page", 1)
        rows = draw.rows(self.reviews)
        last = pages(len(rows), PER_PAGE)
        if not 1 <= number <= last:
            return html_answer(_page("<h1>Page not found</h1>"), 404)
        shown = draw.page(cut(rows, number - 1, PER_PAGE))
        cards = "".join(draw.item(_review(row, draw), n) for n, row in enumerate(shown))
        block = draw.tree([_business(len(rows), len(self.rows)), _TRAIL])
        head = f'<script type="application/ld+json">{json.dumps(block)}</script>'
        return html_answer(draw.html(_page(f'<ul class="stack">{cards}</ul>', head)))

    def _complaints(self, asked: Asked) -> Answer:
        draw = asked.rendering
        rows = self.shown(draw)
        number = asked.number("page", 1)
        total = draw.total(len(rows))
        last = pages(total, PER_PAGE)
        if not 1 <= number <= last:
            return html_answer(_page("<h1>Page not found</h1>"), 404)
        shown = draw.page(cut(rows, number - 1, PER_PAGE))
        items = "".join(draw.item(_item(row, draw), n) for n, row in enumerate(shown))
        following = f'<a rel="next" href="{PATH}?page={number + 1}">Next</a>'
        body = (
            f'<h1><span class="bpr-header-business-name">Yunwu Tea</span> Complaints</h1>'
            f'<p class="bpr-complaints-summary">{total} total complaints in the last 3 years.</p>'
            f'<ul class="stack">{items}</ul><nav>{following if number < last else ""}</nav>'
        )
        return html_answer(draw.html(_page(body)))


def sample_rows(n: int, seed: int = 1) -> list[Complaint]:
    """`n` invented complaints, newest first."""
    rng = random.Random(f"bbb:{seed}")
    return [_sample(rng, at, n - place) for place, at in enumerate(times(rng, n, 2880))]


def sample_reviews(n: int, seed: int = 1) -> list[Review]:
    """`n` invented customer reviews, newest first; every third is answered."""
    rng = random.Random(f"bbb-reviews:{seed}")
    return [_sample_review(rng, at, n - place) for place, at in enumerate(times(rng, n, 2880))]


def _sample_review(rng: random.Random, at: datetime, number: int) -> Review:
    rating = rng.randint(1, 5)
    is_answered = number % 3 == 0
    return Review(
        key=f"9917{number:05d}",
        at=at,
        text=texts.app_review(rng, "us", rating)[1],
        author=rng.choice(("Jenny K", "Marcus T", "Priya S")),
        rating=rating,
        reply="Thank you for your words." if is_answered else "",
        replied_at=at + timedelta(days=2) if is_answered else None,
    )


def _sample(rng: random.Random, at: datetime, number: int) -> Complaint:
    is_answered = rng.random() < 0.6
    return Complaint(
        key=f"2288{number:05d}",
        at=at,
        text=texts.case_text(rng, rng.choice(texts.ISSUES), "en"),
        author="",
        type=rng.choice(_TYPES),
        status=rng.choice(("Answered", "Resolved", "Unresolved")) if is_answered else "Unanswered",
        reply="We are sorry to hear this and have issued a refund." if is_answered else "",
        replied_at=at + timedelta(days=1) if is_answered else None,
    )


def _item(row: Complaint, draw: Rendering) -> str:
    key = draw.key(row.key)
    attribute = f' id="{key}"' if key else ""
    return (
        f'<li class="card bpr-complaint-grid"{attribute}><div class="bpr-complaint-head">'
        f'<h3 class="bpr-complaint-title">Complaint</h3>'
        f'<p class="bpr-complaint-date"><span>{draw.text(row.at, f"{row.at:%m/%d/%Y}")}</span></p>'
        f'<div class="bpr-complaint-type"><strong>Type:</strong><span>{row.type}</span></div>'
        f'<div class="bpr-complaint-status"><strong>Status:</strong><span>{row.status}</span></div>'
        f'</div><div class="bpr-complaint-body"><div>{html.escape(row.text)}</div>{_reply(row)}'
        "</div></li>"
    )


def _reply(row: Complaint) -> str:
    if not row.reply:
        return ""
    date = f"{row.replied_at:%m/%d/%Y}" if row.replied_at else ""
    return (
        f'<div class="bpr-complaint-response"><h4>Business response</h4><p>{date}</p>'
        f"<div>{html.escape(row.reply)}</div></div>"
    )


def _review(row: Review, draw: Rendering) -> str:
    key = draw.key(row.key)
    attribute = f' id="{key}"' if key else ""
    replied = f"{row.replied_at:%m/%d/%Y}" if row.replied_at else ""
    reply = (
        '<div class="bpr-review-business-response-grid">'
        '<h4 class="bpr-review-business-response-title">Yunwu Tea response</h4>'
        f'<p class="bpr-review-business-response-date">Date: {replied}</p>'
        f'<div class="bpr-review-business-response-body">{html.escape(row.reply)}</div></div>'
    )
    return (
        f'<li class="card bpr-review stack dtm-review"{attribute}>'
        f"<h3><span>Review from {html.escape(row.author)}</span></h3>"
        f'<p class="bds-body">Date: {draw.text(row.at, f"{row.at:%m/%d/%Y}")}</p>'
        f"<div><span>{row.rating} stars</span></div><div>{html.escape(row.text)}</div>"
        f"{reply if row.reply else ''}</li>"
    )


_TRAIL = {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": []}


def _business(reviews: int, complaints: int) -> dict[str, Any]:
    told = {
        "BBB Accreditation": "BBB Accredited Business",
        "BBB Rating": LETTER,
        "BBB Complaints Closed in Last 3 Years": str(complaints),
        "BBB Customer Reviews": str(reviews),
    }
    return {
        "@context": "https://schema.org",
        "@type": "LocalBusiness",
        "@id": f"https://www.bbb.org/{PROFILE}",
        "name": "Yunwu Tea",
        "telephone": "(415) 555-0100",
        "additionalProperty": [
            {"@type": "PropertyValue", "name": name, "value": value} for name, value in told.items()
        ],
    }


def _search(number: int) -> Answer:
    """Tea houses, of which the search shows two pages."""
    found = [_listed(place) for place in range(1, 21)]
    return json_answer(
        {
            "page": number,
            "pageSize": PER_SEARCH,
            "totalPages": pages(len(found), PER_SEARCH),
            "totalResults": 728,
            "results": cut(found, number - 1, PER_SEARCH),
        }
    )


def _listed(place: int) -> dict[str, Any]:
    business = f"{880000 + place}"
    return {
        "id": f"1116_{business}_1",
        "businessName": f"Tea House No. {place}",
        "phone": ["(415) 555-0100"],
        "rating": "A+" if place % 2 else "C",
        "ratingScore": 97.0 if place % 2 else 74.5,
        "reportUrl": f"/us/ca/san-francisco/profile/tea-house/tea-house-{place}-1116-{business}",
        "businessId": business,
        "bbbId": "1116",
    }


def _page(body: str, head: str = "") -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f"<title>Yunwu Tea | BBB</title>{head}</head><body><main>{body}</main></body></html>"
    )
