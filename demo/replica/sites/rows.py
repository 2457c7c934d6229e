"""What all sites share: rows that change, hide and go; pages; sample times."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Generic, TypeVar

from demo.replica.rendering import Rendering

CHINA = timezone(timedelta(hours=8))
NEWEST = datetime(2026, 9, 29, 20, 0, tzinfo=CHINA)
"""No sample row is younger than this: it is the evening before the demo's night."""
AUTHORS = ("茶茶小鹿", "奶盖控", "不加糖的阿May", "打工人老周", "momo", "山风", "Leo", "三分甜")


@dataclass(frozen=True)
class Row:
    """One item of a platform. `at` is aware; lists show rows in the site's order, newest first."""

    key: str
    at: datetime
    text: str
    author: str
    is_hidden: bool = field(default=False, kw_only=True)


AnyRow = TypeVar("AnyRow", bound=Row)


class RowSite(Generic[AnyRow]):
    """A site with rows. Tests change them between nights; failures change them within one.

    Every change makes `rows` a new list, so that a site may keep what it drew from the old one.
    """

    def __init__(self, rows: Iterable[AnyRow]) -> None:
        self.rows: list[AnyRow] = list(rows)

    def insert(self, rows: Iterable[AnyRow], at: int = 0) -> None:
        """Put new rows before the `at`-th; at the top by default."""
        self.rows = [*self.rows[:at], *rows, *self.rows[at:]]

    def edit(self, key: str, **changes: Any) -> None:
        """Change fields of a row. Raises KeyError when there is none of this key."""
        if self.find(key) is None:
            raise KeyError(f"The site has no row {key!r} to edit.")
        self.rows = [replace(r, **changes) if r.key == key else r for r in self.rows]

    def hide(self, *keys: str) -> None:
        """Take rows out of all lists; their own pages still answer."""
        for key in keys:
            self.edit(key, is_hidden=True)

    def restore(self, *keys: str) -> None:
        """Show hidden rows again."""
        for key in keys:
            self.edit(key, is_hidden=False)

    def delete(self, *keys: str) -> None:
        """Take rows away for good: their own pages are gone as well."""
        self.rows = [row for row in self.rows if row.key not in keys]

    def expire(self, before: datetime) -> None:
        """Delete all rows older than `before`, as a platform's retention does."""
        self.rows = [row for row in self.rows if row.at >= before]

    def find(self, key: str) -> AnyRow | None:
        """The row of this key, hidden or not."""
        return next((row for row in self.rows if row.key == key), None)

    def shown(self, draw: Rendering) -> list[AnyRow]:
        """What lists show, in order."""
        return draw.rows(row for row in self.rows if not row.is_hidden)


Item = TypeVar("Item")


def cut(rows: Sequence[Item], page: int, size: int) -> Sequence[Item]:
    """The `page`-th part of `rows`, from 0; empty outside of them."""
    return rows[page * size : (page + 1) * size] if page >= 0 else rows[:0]


def pages(total: int, size: int) -> int:
    """How many pages of `size` hold `total` rows; at least 1."""
    return max(1, -(-total // size))


def times(rng: random.Random, n: int, most_minutes: int = 480) -> list[datetime]:
    """`n` moments, newest first, from NEWEST back, at most `most_minutes` apart."""
    found, at = [], NEWEST
    for _ in range(n):
        at -= timedelta(minutes=rng.randint(1, most_minutes), seconds=rng.randrange(60))
        found.append(at)
    return found
