"""Keys for items without an id: a hash of their content, and which of the equal ones it is.

Two customers may write the same words on the same day: both are kept, as #1 and #2. The same item
seen twice, because something was added while we turned the page, must not become a #2: the end of
the page before is laid over the beginning of this one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from scrapers.parsing import Item, Page


@dataclass
class Occurrences:
    """The numbering of one walk, page after page."""

    _counts: dict[str, Counter[str]] = field(default_factory=dict)
    _before: dict[str, list[str]] = field(default_factory=dict)

    def numbered(self, page: Page, record: str) -> Page:
        """The page with the occurrence numbers of one record counted over the whole walk."""
        contents = [_content(item) for item in page.readable if _is_counted(item, record)]
        counts = self._counts.setdefault(record, Counter())
        earlier = self._before.get(record, [])
        shared = overlap(earlier, contents)
        counts.subtract(contents[:shared])
        numbers = iter(self._numbers(contents, counts))
        self._before[record] = contents
        items = tuple(
            _renumbered(item, next(numbers))
            if isinstance(item, Item) and _is_counted(item, record)
            else item
            for item in page.items
        )
        return replace(page, items=items)

    def _numbers(self, contents: list[str], counts: Counter[str]) -> list[str]:
        found = []
        for content in contents:
            counts[content] += 1
            found.append(f"{content}#{counts[content]}")
        return found


def overlap(before: list[str], now: list[str]) -> int:
    """How many items at the beginning of a page stood at the end of the page before.

    Only a run that reaches the page's edge counts, and only where it can't be chance: its items
    are not all equal, or it is a single one that occurs nowhere else on the page before.
    """
    for length in range(min(len(before), len(now)), 0, -1):
        if before[-length:] != now[:length]:
            continue
        run = now[:length]
        if len(set(run)) > 1 or before.count(run[0]) + now.count(run[0]) == 2 * length:
            return length
    return 0


def _is_counted(item: Item, record: str) -> bool:
    return item.record == record and item.by_content


def _content(item: Item) -> str:
    return item.natural_key.rpartition("#")[0]


def _renumbered(item: Item, key: str) -> Item:
    columns = {
        name: key if value == item.natural_key else value for name, value in item.columns.items()
    }
    return replace(item, natural_key=key, columns=columns)
