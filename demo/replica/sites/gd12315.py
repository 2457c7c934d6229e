"""12315 in Guangdong's shape: handled complaints, a list per day, shown for one year.

`Gd12315Site(sample_rows(200), token="")` answers
- `/api/publicity/list?day=2026-09-29&offset=K&limit=10`: `{code, total, rows}` with the complaints
  that ended that day; `offset` = page x size. Days older than a year before `today` are empty:
  records expire. With a `token`, a request without it gets an empty list, and no error.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from demo import texts
from demo.replica.exchange import Answer, Asked, json_answer
from demo.replica.rendering import Rendering
from demo.replica.sites.rows import NEWEST, Row, RowSite, times
from demo.world import BRAND

PATH = "/api/publicity/list"
LARGEST_PAGE = 50
SHOWN_DAYS = 365
TODAY = NEWEST.date()


@dataclass(frozen=True)
class Complaint(Row):
    """A complaint; `at` is when it ended, `text` what it was about, `result` how it ended."""

    result: str
    department: str
    address: str
    company: str = f"广州{BRAND}餐饮管理有限公司"
    credit_no: str = "91440101MA5YUNWU0X"


class Gd12315Site(RowSite[Complaint]):
    """See the module. `today` and `token` may be set anew between nights."""

    def __init__(self, rows: Iterable[Complaint], *, token: str = "", today: date = TODAY) -> None:
        super().__init__(rows)
        self.token, self.today = token, today

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        if asked.path != PATH:
            return None
        draw = asked.rendering
        rows = self._of_day(asked, draw)
        start = max(0, asked.number("offset", 0))
        size = max(1, min(asked.number("limit", 10), LARGEST_PAGE))
        shown = draw.page(rows[start : start + size])
        tree = {
            "code": 200,
            "total": draw.total(len(rows)),
            "rows": [draw.record(_record(row, draw), n) for n, row in enumerate(shown)],
        }
        return json_answer(draw.tree(tree))

    def _of_day(self, asked: Asked, draw: Rendering) -> list[Complaint]:
        if self.token and asked.value("token") != self.token:
            return []
        oldest = self.today - timedelta(days=SHOWN_DAYS)
        day = asked.value("day")
        return [
            row
            for row in self.shown(draw)
            if row.at.date().isoformat() == day and row.at.date() >= oldest
        ]


def sample_rows(n: int, seed: int = 1) -> list[Complaint]:
    """`n` invented complaints, newest first."""
    rng = random.Random(f"gd12315:{seed}")
    return [_sample(rng, at, n - place) for place, at in enumerate(times(rng, n, 240))]


def _sample(rng: random.Random, at: datetime, number: int) -> Complaint:
    district = rng.choice(("天河区", "越秀区", "南山区", "福田区"))
    return Complaint(
        key=f"44{number:016d}",
        at=at,
        text=texts.case_text(rng, rng.choice(texts.ISSUES), "zh"),
        author="",
        result=rng.choice(("双方达成和解", "商家退款", "投诉不成立", "终止调解")),
        department=f"{district}市场监督管理局",
        address=f"广东省{district}云雾路{number % 90 + 1}号",
    )


def _record(row: Complaint, draw: Rendering) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": draw.key(row.key),
        "entName": row.company,
        "creditNo": row.credit_no,
        "entAddr": row.address,
        "content": row.text,
        "res": row.result,
        "department": row.department,
        "endtime": draw.moment(row.at, f"{row.at:%Y-%m-%d %H:%M:%S}"),
    }
    return {name: value for name, value in record.items() if value is not None}
