"""Keys for items without an id: a hash of their content, and which of the equal ones it is.

Two customers may write the same words on the same day: both are kept, as #1 and #2. The same item
seen twice, because something was added while we turned the page, must not become a #2. Where a
page begins with what the page before ended with, the first page is looked at again: how far it has
moved tells which of the two it is. Equal items are exchangeable; their number must be right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from scrapers.parsing import Item, Page

REMEMBERED = 2
"""So many pages back can be read again; and the first."""
CHANCE = 2
"""Pages of no more than so many different things may be equal by chance."""


@dataclass
class _Walked:
    """What a walk knows of one record's items. `top` is the first page as read last, `firsts`
    what it held at any time; `pending` how far the list moved that no page has shown yet."""

    counts: Counter[str] = field(default_factory=Counter)
    pages: dict[int, list[str]] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)
    firsts: Counter[str] = field(default_factory=Counter)
    whole: set[int] = field(default_factory=set)
    top: list[str] = field(default_factory=list)
    pending: int = 0


@dataclass
class Occurrences:
    """The numbering of one walk, page after page.

    `clamps`: whether a list may answer an earlier page where it has no further one. Offsets past
    the end lead to nothing, so that two pages of 很好, 很好, 很好 are different ones there.
    """

    clamps: bool = True
    _walked: dict[str, _Walked] = field(default_factory=dict)

    def numbered(
        self, page: Page, record: str, number: int, first_again: Callable[[], Page] | None
    ) -> Page:
        """A page with the numbers of one record counted over the whole walk.

        `first_again` reads the list's first page once more; None where pages can't move.
        """
        walked = self._walked.setdefault(record, _Walked())
        contents = _contents(page, record)
        if self._is_repeated(walked, contents):
            return _with_numbers(page, record, _count_up(contents, Counter()))
        shared = _shared(walked, contents, record, first_again)
        walked.counts.subtract(contents[:shared])
        walked.before = walked.pages[number] = contents
        if number == 1:
            walked.firsts, walked.top = Counter(contents), contents
        for old in [n for n in walked.pages if 1 < n <= number - REMEMBERED]:
            del walked.pages[old]
        return _with_numbers(page, record, _count_up(contents, walked.counts))

    def numbered_again(self, page: Page, record: str, number: int) -> Page:
        """A page that is read once more: what it held before keeps its numbers, the rest is new."""
        walked = self._walked.setdefault(record, _Walked())
        contents = _contents(page, record)
        before = walked.firsts if number == 1 else Counter(walked.pages.get(number, []))
        known = walked.counts - (Counter(contents) & before)
        numbers = _count_up(contents, known)
        walked.counts |= known
        if number == 1:
            walked.firsts |= Counter(contents)
        else:
            walked.pages[number] = contents
        return _with_numbers(page, record, numbers)

    def _is_repeated(self, walked: _Walked, contents: list[str]) -> bool:
        """Whether the page came before as a whole, in this order: a clamp, or a loop."""
        if not contents or (len(set(contents)) <= CHANCE and not self.clamps):
            return False
        fingerprint = hash(tuple(contents))
        is_known = fingerprint in walked.whole
        walked.whole.add(fingerprint)
        return is_known


def moved(first: list[str], now: list[str]) -> int | None:
    """How many items came in before those that the first page began with; None if that can't be
    told: it holds none of them any more, or some went."""
    for places in range(len(now)):
        rest = now[places:]
        if rest[: len(first)] == first[: len(rest)]:
            return places
    return None


def overlap(before: list[str], now: list[str]) -> int:
    """How many items at the beginning of a page stood at the end of the page before, as well as the
    two pages alone can tell.

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


def _shared(
    walked: _Walked, contents: list[str], record: str, first_again: Callable[[], Page] | None
) -> int:
    """How many items at the beginning of a page were on the page before."""
    before = walked.before
    longest = min(len(before), len(contents))
    fitting = [n for n in range(1, longest + 1) if before[-n:] == contents[:n]]
    if not fitting:
        return 0
    if first_again is None:
        return overlap(before, contents)
    top, walked.top = walked.top, _contents(first_again(), record)
    places = moved(top, walked.top)
    if places is None:
        return overlap(before, contents)
    walked.pending += places
    shared = max((n for n in fitting if n <= walked.pending), default=0)
    walked.pending -= shared
    return shared


def _count_up(contents: list[str], counts: Counter[str]) -> list[str]:
    """The keys of items, each the next one of its kind; `counts` is what came before, and after."""
    keys = []
    for content in contents:
        counts[content] += 1
        keys.append(f"{content}#{counts[content]}")
    return keys


def _with_numbers(page: Page, record: str, keys: list[str]) -> Page:
    following = iter(keys)
    items = tuple(
        _renumbered(item, next(following))
        if isinstance(item, Item) and _is_counted(item, record)
        else item
        for item in page.items
    )
    return replace(page, items=items)


def _contents(page: Page, record: str) -> list[str]:
    """What the items say, as hashes."""
    found = (item for item in page.readable if _is_counted(item, record))
    return [item.natural_key.rpartition("#")[0] for item in found]


def _is_counted(item: Item, record: str) -> bool:
    return item.record == record and item.by_content


def _renumbered(item: Item, key: str) -> Item:
    columns = {
        name: key if value == item.natural_key else value for name, value in item.columns.items()
    }
    return replace(item, natural_key=key, columns=columns)
