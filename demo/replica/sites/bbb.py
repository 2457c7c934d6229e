"""BBB (Better Business Bureau): complaints about a business in HTML, 10 a page.

`BbbSite(sample_rows(35))` answers
- `/us/ca/san-francisco/profile/tea-house/yunwu-tea-1116-880001/complaints?page=N`:
  `li.card.bpr-complaint-grid[id]` with `.bpr-complaint-date span` (09/28/2026),
  `.bpr-complaint-type span`, `.bpr-complaint-body` (the text; below it an `h4` Business response
  with its date and text); `a[rel=next]` unless this is the last page. Past it: 404.
"""

from __future__ import annotations

import html
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from demo import texts
from demo.replica.exchange import Answer, Asked, html_answer
from demo.replica.rendering import Rendering
from demo.replica.sites.rows import Row, RowSite, cut, pages, times

PATH = "/us/ca/san-francisco/profile/tea-house/yunwu-tea-1116-880001/complaints"
PER_PAGE = 10
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


class BbbSite(RowSite[Complaint]):
    """See the module."""

    def __init__(self, rows: Iterable[Complaint]) -> None:
        super().__init__(rows)

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        if asked.path != PATH:
            return None
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


def _page(body: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f"<title>Yunwu Tea | BBB Complaints</title></head><body><main>{body}</main></body></html>"
    )
