"""Heimao (黑猫投诉): complaints in a feed, by company, and on pages of their own.

`HeimaoSite(sample_rows(120))` answers
- `/api/index/feed?type=2&page_size=10&page=N` with `result.data.lists`,
- `/api/company/received_complaints?couid=5001&type=1&page_size=10&page=N` with
  `result.data.complaints` (null when there are none),
  both as JSONP when `callback` is given: `try{cb(…);}catch(e){};`,
- `/complaint/view/{sn}/` with the complaint's page: label list, steps, ratings; one that is missing
  is a 200 page with 页面不存在.
Lists stop after 50 pages of 10, whatever `item_count` says. Every address a list gives carries
another `?sld=`. HTTP 456 is `Ban()`.
"""

from __future__ import annotations

import hashlib
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
from demo.replica.sites.rows import AUTHORS, Row, RowSite, cut, pages, times
from demo.world import BRAND

FEED = "/api/index/feed"
RECEIVED = "/api/company/received_complaints"
VIEW = "/complaint/view/"
COUID = "5001"
LAST_PAGE = 50
LARGEST_PAGE = 10
SUMMARY_BYTES = 440
APPROVED, TO_ASSIGN, IN_PROGRESS, REPLIED, COMPLETED, CLOSED = 1, 3, 4, 6, 7, 8
STATUS_TEXT = {
    APPROVED: "已审核",
    TO_ASSIGN: "待分配",
    IN_PROGRESS: "处理中",
    REPLIED: "已回复",
    COMPLETED: "已完成",
    CLOSED: "已关闭",
}


@dataclass(frozen=True)
class Step:
    """One step of a complaint's page: who did what when, and what was said."""

    at: datetime
    who: str
    what: str
    text: str = ""


@dataclass(frozen=True)
class Rating:
    """What the complainant thought of the handling: 1-5 each, as text, and a comment."""

    attitude: int
    process: int
    satisfaction: int
    comment: str


@dataclass(frozen=True)
class Complaint(Row):
    """A complaint. `key` is its sn (11 digits), `text` all that was written, `cost` as shown."""

    title: str
    issue: str
    appeal: str
    cost: str
    status: int
    steps: tuple[Step, ...]
    rating: Rating | None = None
    company: str = BRAND
    couid: str = COUID


class HeimaoSite(RowSite[Complaint]):
    """See the module. `marked` is a word that titles in lists mark with `span.code-red`."""

    def __init__(self, rows: Iterable[Complaint], marked: str = "") -> None:
        super().__init__(rows)
        self._marked = marked
        self._links = 0

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        if asked.path == FEED:
            return self._list(asked, "lists", self.shown(asked.rendering))
        if asked.path == RECEIVED:
            couid = asked.value("couid")
            rows = [row for row in self.shown(asked.rendering) if row.couid == couid]
            return self._list(asked, "complaints", rows)
        if asked.path.startswith(VIEW):
            return self._view(asked, asked.path.removeprefix(VIEW).strip("/"))
        return None

    def _list(self, asked: Asked, name: str, rows: list[Complaint]) -> Answer:
        draw = asked.rendering
        number = asked.number("page", 1)
        size = min(asked.number("page_size", LARGEST_PAGE), LARGEST_PAGE)
        reachable = rows[: LAST_PAGE * size]
        shown = draw.page(cut(reachable, number - 1, size))
        items = [draw.record(self._item(row, draw), n) for n, row in enumerate(shown)]
        amount = min(pages(len(rows), size), LAST_PAGE)
        data = {
            name: items if items or name == "lists" else None,
            "pager": {
                "current": number,
                "next": number + 1 if number < amount else 0,
                "page_amount": amount,
                "item_count": draw.total(len(rows)),
                "page_size": size,
            },
        }
        status = {"code": 0, "msg": ""}
        tree = draw.tree({"result": {"status": status, "timestamp": "", "data": data}})
        callback = asked.value("callback")
        return _jsonp(callback, tree) if callback else json_answer(tree)

    def _item(self, row: Complaint, draw: Rendering) -> dict[str, Any]:
        title = html.escape(row.title)
        if self._marked:
            title = title.replace(
                self._marked, f'<span class="code-red">{html.escape(self._marked)}</span>'
            )
        main: dict[str, Any] = {
            "id": int(row.key[3:]),
            "sn": draw.key(row.key),
            "title": title,
            "url": draw.link(self._link(row.key)),
            "timestamp": draw.moment(row.at, str(int(row.at.timestamp()))),
            "summary": _cut(row.text),
            "cotitle": row.company,
            "appeal": row.appeal,
            "issue": row.issue,
            "cost": row.cost,
            "status": row.status,
            "field": "餐饮",
            "evaluate_u": _evaluation(row.rating),
        }
        for name in ("sn", "timestamp"):
            if main[name] is None:
                del main[name]
        author = {"title": row.author, "gender": "", "avatar": "//example.invalid/a.png"}
        return {"main": main, "author": author}

    def _link(self, sn: str) -> str:
        self._links += 1
        sld = hashlib.md5(f"{sn}:{self._links}".encode(), usedforsecurity=False).hexdigest()
        return f"//tousu.sina.com.cn{VIEW}{sn}/?sld={sld}"

    def _view(self, asked: Asked, sn: str) -> Answer:
        row = self.find(sn)
        if row is None:
            return html_answer(
                _page("页面不存在", '<div class="no-result"><p>页面不存在</p></div>')
            )
        draw = asked.rendering
        body = f'{_question(row, draw)}<div class="ts-d-steplist">{_steps(row, draw)}</div>'
        return html_answer(draw.html(_page(f"{row.title}_黑猫投诉", body)))


def sample_rows(n: int, seed: int = 1) -> list[Complaint]:
    """`n` invented complaints, newest first; older ones are further in their handling."""
    rng = random.Random(f"heimao:{seed}")
    return [_sample(rng, at, n - place) for place, at in enumerate(times(rng, n))]


def _sample(rng: random.Random, at: datetime, number: int) -> Complaint:
    issue = rng.choice(texts.ISSUES)
    said = [texts.case_text(rng, issue, "zh") for _ in range(rng.choice((1, 1, 2, 12)))]
    author = rng.choice(AUTHORS)
    status = rng.choices(tuple(STATUS_TEXT), (1, 2, 3, 3, 4, 1))[0]
    text = "".join(said)
    return Complaint(
        key=f"1739{number:07d}",
        at=at,
        text=text,
        author=author,
        title=f"{BRAND}门店{issue}，要求处理",
        issue=issue,
        appeal=rng.choice(("退款", "赔偿", "道歉", "退款,道歉,作出处罚")),
        cost=rng.choice(("0", "18.5", "26", "88", "1280")),
        status=status,
        steps=steps_to(status, at, author, text),
        rating=Rating(4, 3, rng.randint(1, 5), "处理得还行") if status == COMPLETED else None,
    )


def steps_to(status: int, at: datetime, author: str, text: str) -> tuple[Step, ...]:
    """The steps that lead to a status, oldest first: two hours between them."""
    story = [
        (APPROVED, "黑猫消费者服务平台", "审核通过", ""),
        (TO_ASSIGN, "黑猫消费者服务平台", "已分配商家", f"投诉对象[{BRAND}]"),
        (REPLIED, f"{BRAND}客服", "回复投诉", "您好，门店已与您联系，款项原路退回，请留意到账。"),
        (COMPLETED, author, "确认完成投诉", "已收到退款。"),
        (CLOSED, "黑猫消费者服务平台", "投诉关闭", "长时间未补充信息，投诉已关闭。"),
    ]
    found = [Step(at, author, "发起投诉", text)]
    for reached, who, what, said in story:
        skipped = reached == COMPLETED and status == CLOSED
        if reached <= status and not skipped:
            found.append(Step(at + timedelta(hours=2 * len(found)), who, what, said))
    return tuple(found)


def _evaluation(rating: Rating | None) -> dict[str, str] | None:
    if rating is None:
        return None
    return {
        "attitude": str(rating.attitude),
        "process": str(rating.process),
        "satisfaction": str(rating.satisfaction),
        "evalContent": rating.comment,
    }


def _cut(text: str) -> str:
    data = text.encode()
    if len(data) <= SUMMARY_BYTES:
        return text
    return data[:SUMMARY_BYTES].decode("utf-8", "ignore") + "..."


def _jsonp(callback: str, tree: Any) -> Answer:
    body = f"try{{{callback}({json.dumps(tree, ensure_ascii=False)});}}catch(e){{}};"
    return Answer(body.encode(), 200, "application/javascript; charset=utf-8")


def _page(title: str, body: str) -> str:
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8">'
        f'<title>{html.escape(title)}</title></head><body><div class="main">{body}</div>'
        "</body></html>"
    )


def _question(row: Complaint, draw: Rendering) -> str:
    labels = {
        "投诉编号": row.key if draw.key(row.key) else "",
        "投诉对象": f'<a href="//tousu.sina.com.cn/company/view/?couid={row.couid}">'
        f"{html.escape(row.company)}</a>",
        "投诉问题": html.escape(row.issue),
        "投诉要求": html.escape(row.appeal),
        "涉诉金额": f"{row.cost}元",
        "投诉进度": f"<b>{STATUS_TEXT.get(row.status, str(row.status))}</b>",
    }
    items = "".join(f"<li><label>{name}：</label>{value}</li>" for name, value in labels.items())
    date = draw.text(row.at, f"{row.at:%Y年%m月%d日 %H:%M:%S}")
    return (
        '<div class="ts-d-question">'
        f'<div class="ts-q-user clearfix"><span class="u-name">{html.escape(row.author)}</span>'
        f'<span class="u-date">{f"发布于 {date}" if date else ""}</span></div>'
        f'<h1 class="article">{html.escape(row.title)}</h1><ul class="ts-q-list">{items}</ul></div>'
    )


def _steps(row: Complaint, draw: Rendering) -> str:
    """Newest first, as the page shows them; the rating stands on top."""
    found = [_rating(row, draw)] if row.rating else []
    found += [_step(step, draw) for step in reversed(row.steps)]
    return "".join(draw.item(item, n) for n, item in enumerate(found))


def _step(step: Step, draw: Rendering) -> str:
    reply = f'<div class="ts-reply"><p>{html.escape(step.text)}</p></div>' if step.text else ""
    return (
        '<div class="ts-d-item"><div class="ts-d-user">'
        f'<span class="u-name">{html.escape(step.who)}</span>'
        f'<span class="u-status">{html.escape(step.what)}</span>'
        f'<span class="u-date">{draw.text(step.at, f"{step.at:%Y-%m-%d %H:%M:%S}")}</span>'
        f"</div>{reply}</div>"
    )


def _rating(row: Complaint, draw: Rendering) -> str:
    """The evaluation as a step of its own; it came with the last one."""
    rating = row.rating
    if rating is None:
        return ""
    at = row.steps[-1].at
    stars = (
        ("服务态度", rating.attitude),
        ("处理速度", rating.process),
        ("满意度", rating.satisfaction),
    )
    items = "".join(f"<li><label>{name}：</label><b>{n}</b>星</li>" for name, n in stars)
    return (
        f'<div class="ts-d-item ts-evaluate"><span class="u-name">{html.escape(row.author)}</span>'
        f'<span class="u-status">评价</span>'
        f'<span class="u-date">{draw.text(at, f"{at:%Y-%m-%d %H:%M:%S}")}</span>'
        f'<ul class="ts-e-list">{items}</ul>'
        f'<div class="ts-reply"><p>{html.escape(rating.comment)}</p></div></div>'
    )
