"""电诉宝 (315.100ec.cn): complaints as JSON, some rows with personal data that must never be kept.

`DianshubaoSite(sample_rows(2500))` answers
- `/api/index.php?_a=product&f=complain&page_record=1000&p=N` (also `/index.php` and `/`):
  `{curr_page: "N", page_total, pw_rec_list}`; past the end an empty list.
Times are `YYYY-MM-DD HH:MM:SS` of China, empty while a step hasn't happened.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from demo import texts
from demo.replica.exchange import Answer, Asked, json_answer
from demo.replica.rendering import Rendering
from demo.replica.sites.rows import AUTHORS, Row, RowSite, cut, pages, times
from demo.world import BRAND

PATHS = ("/api/index.php", "/index.php", "/")
LARGEST_PAGE = 1000
UNREVIEWED, HANDED_OVER, ACCEPTED, RATED, INVALID = 1, 2, 3, 4, 5


@dataclass(frozen=True)
class Complaint(Row):
    """A complaint. `at` is time1; `person` holds what must be dropped: name, mobile and so on."""

    title: str
    category: str
    area: str
    money: str
    order_no: str
    state: int
    handed_at: datetime | None = None
    accepted_at: datetime | None = None
    rated_at: datetime | None = None
    reply: str = ""
    review: str = ""
    company: str = BRAND
    person: tuple[tuple[str, str], ...] = ()


class DianshubaoSite(RowSite[Complaint]):
    """See the module."""

    def __init__(self, rows: Iterable[Complaint]) -> None:
        super().__init__(rows)

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        if asked.path not in PATHS or asked.value("f") != "complain":
            return None
        draw = asked.rendering
        rows = self.shown(draw)
        size = max(1, min(asked.number("page_record", 20), LARGEST_PAGE))
        number = asked.number("p", 1)
        shown = draw.page(cut(rows, number - 1, size))
        tree = {
            "curr_page": str(number),
            "page_total": str(pages(draw.total(len(rows)), size)),
            "pw_rec_list": [draw.record(_record(row, draw), n) for n, row in enumerate(shown)],
        }
        return json_answer(draw.tree(tree))


def sample_rows(n: int, seed: int = 1) -> list[Complaint]:
    """`n` invented complaints, newest first; every fifth carries invented personal data."""
    rng = random.Random(f"dianshubao:{seed}")
    return [_sample(rng, at, n - place) for place, at in enumerate(times(rng, n))]


def _sample(rng: random.Random, at: datetime, number: int) -> Complaint:
    issue = rng.choice(texts.ISSUES)
    state = rng.choice((UNREVIEWED, HANDED_OVER, ACCEPTED, RATED, INVALID))
    reached = state if state != INVALID else UNREVIEWED
    author = rng.choice(AUTHORS)
    return Complaint(
        key=str(3_080_000 + number),
        at=at,
        text=texts.case_text(rng, issue, "zh"),
        author=author,
        title=f"“{BRAND}”用户投诉{issue}",
        category=rng.choice(("生活服务电商", "外卖平台")),
        area=rng.choice(("浙江省", "上海市", "广东省", "四川省")),
        money=rng.choice(("0.00", "26.00", "88.50", "1280.00")),
        order_no=f"YW{at:%y%m%d}{number:06d}",
        state=state,
        handed_at=at + timedelta(hours=3) if reached >= HANDED_OVER else None,
        accepted_at=at + timedelta(hours=8) if reached >= ACCEPTED else None,
        rated_at=at + timedelta(hours=15) if reached >= RATED else None,
        reply="已核实并退款。" if reached >= ACCEPTED else "",
        review=rng.choice(("满意", "一般", "不满意")) if reached >= RATED else "",
        person=_person(rng, number) if number % 5 == 0 else (),
    )


def _person(rng: random.Random, number: int) -> tuple[tuple[str, str], ...]:
    return (
        ("name", rng.choice(("周小茶", "林阿雾", "陈云"))),
        ("mobile", f"138{number:08d}"),
        ("email", f"tea{number}@example.com"),
        ("idcard", f"33010619900101{number % 10_000:04d}"),
    )


def _record(row: Complaint, draw: Rendering) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": draw.key(row.key),
        "title": row.title,
        "to_company": row.company,
        "category": row.category,
        "concrete_area": row.area,
        "money": row.money,
        "order_num": row.order_no,
        "remark": row.text,
        "remark2": row.reply,
        "state": str(row.state),
        "review": row.review,
        "time1": draw.moment(row.at, _said(row.at)),
        "time2": _said(row.handed_at),
        "time3": _said(row.accepted_at),
        "time4": _said(row.rated_at),
    }
    return {name: value for name, value in record.items() if value is not None} | dict(row.person)


def _said(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""
