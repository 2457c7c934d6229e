"""The same text from more than one hand: exact by its letters alone, near by MinHash.

A stream is read once. What is held is the distinct texts of a window, at most `max_texts` of them,
each as its letters, its signature and a few keys; the oldest leave first.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from verbatims.normal import normal
from verbatims.results import Flag

COPY_RULES = "copies-1"
WINDOW = timedelta(days=90)
"""How long after its last copy a text still counts as the same campaign."""
MAX_TEXTS = 50_000
ALIKE = 0.8
"""Share of common character runs (Jaccard) from which two texts are near copies."""
READ = 10_000
"""Characters of a text that are compared."""
KEPT = 1_000
"""Members, authors and units that a group tells apart; more are counted with it as `at least`."""

_PERMUTATIONS, _BANDS = 32, 8  # proposes 98 % of what is ALIKE, all but all above .85
_RUN = {True: 3, False: 5}
"""Characters of a run: in Chinese, in other writing."""
_LETTERS = {True: 20, False: 60}
"""Letters below which honest people may well write the same."""
_DISTINCT = {True: 12, False: 10}
_HAN = re.compile("[\u4e00-\u9fff]")
_BETWEEN = re.compile(r"[\W_]+")


class Said(NamedTuple):
    """One thing said. `author` is a pseudonym, None where nobody tells."""

    text_hash: str
    text: str
    author: str | None
    unit: str | None
    said_at: datetime
    language: str = "zh"


@dataclass(frozen=True)
class CopyGroup:
    """Texts that are copies of the one first seen."""

    group_id: str
    text: str  # the first, as it stands
    size: int  # things said, not distinct texts
    text_hashes: tuple[str, ...]  # distinct, the first at most KEPT, in the order they came
    first_seen: datetime
    last_seen: datetime
    authors: int  # distinct known ones, up to KEPT
    unknown_authors: int  # things said by nobody known
    units: int  # distinct, up to KEPT
    likeness: float  # of the least alike member to the first; 1 is exact


@dataclass
class _Group:
    """A group as it grows."""

    first: Said
    letters: str
    last_seen: datetime
    size: int = 0
    hashes: dict[str, None] = field(default_factory=dict)
    authors: set[str] = field(default_factory=set)
    unknown: int = 0
    units: set[str] = field(default_factory=set)
    likeness: float = 1.0
    forms: list[str] = field(default_factory=list)
    """Letters of all distinct texts that lead here."""

    def add(self, said: Said, likeness: float) -> None:
        self.size += 1
        self.last_seen = said.said_at  # the last, since they come in order
        self.likeness = min(self.likeness, likeness)
        if len(self.hashes) < KEPT:
            self.hashes[said.text_hash] = None
        if said.author is None:
            self.unknown += 1
        elif len(self.authors) < KEPT:
            self.authors.add(said.author)
        if said.unit is not None and len(self.units) < KEPT:
            self.units.add(said.unit)

    def across_accounts(self) -> bool:
        """Two known authors; of unknown ones two may be one who edited, so it takes three."""
        return len(self.authors) >= 2 or self.unknown + len(self.authors) >= 3

    def closed(self) -> CopyGroup:
        return CopyGroup(
            group_id=hashlib.md5(self.letters.encode(), usedforsecurity=False).hexdigest(),
            text=self.first.text,
            size=self.size,
            text_hashes=tuple(self.hashes),
            first_seen=self.first.said_at,
            last_seen=self.last_seen,
            authors=len(self.authors),
            unknown_authors=self.unknown,
            units=len(self.units),
            likeness=round(self.likeness, 3),
        )


def copies(
    rows: Iterable[Said], *, window: timedelta = WINDOW, max_texts: int = MAX_TEXTS
) -> Iterator[CopyGroup]:
    """Groups of copied texts in `rows`, which come by `said_at`; a group when nothing can join it.

    Short texts are passed over: 好吃 is no copy. A group ends when the window has passed since its
    last text, when `max_texts` others came after it, or with the stream. Raises ValueError where
    the rows are not in order, since the window means nothing then.
    """
    index = _Index()
    now: datetime | None = None
    for said in rows:
        if now is not None and said.said_at < now:
            raise ValueError(f"{said.text_hash} was said before the row above it; sort by said_at")
        now = said.said_at
        letters = _BETWEEN.sub("", normal(said.text[:READ], said.language).text)
        if not _long_enough(letters):
            continue
        yield from index.old(now, window)
        index.add(said, letters)
        yield from index.beyond(max_texts)
    yield from index.beyond(0)


def copy_flag(group: CopyGroup) -> Flag:
    """The flag of every text of a group. The first one may well be the one that was copied."""
    exact = group.likeness == 1
    hands = f"{group.authors} authors" if group.authors else "authors unknown"
    evidence = (
        f"group {group.group_id[:8]}: {group.size} {'equal' if exact else 'alike'}, {hands}, "
        f"{group.units} units, first {group.first_seen:%Y-%m-%d}"
    )
    sure = 0.95 if exact else 0.85
    return Flag("copy", evidence, sure if group.authors >= 2 else sure - 0.25, COPY_RULES)


class _Index:
    """The groups of the window, the one whose last text is oldest first."""

    def __init__(self) -> None:
        from datasketch import MinHash, MinHashLSH  # 0.8 s

        self._groups: OrderedDict[str, _Group] = OrderedDict()
        self._leads: dict[str, str] = {}  # letters of a text -> letters of its group's first
        self._near = MinHashLSH(num_perm=_PERMUTATIONS, params=(_BANDS, _PERMUTATIONS // _BANDS))
        self._empty = MinHash(num_perm=_PERMUTATIONS, scheme="affine32", hashfunc=zlib.crc32)

    def add(self, said: Said, letters: str) -> None:
        """Put a text into its group, or begin one."""
        first = self._leads.get(letters)
        likeness = 1.0
        if first is not None:
            likeness = 1.0 if first == letters else _likeness(_runs(letters), _runs(first))
        else:
            first, likeness = self._nearest(letters)
            self._leads[letters] = first
            if first not in self._groups:
                self._groups[first] = _Group(said, letters, said.said_at)
            self._groups[first].forms.append(letters)
        self._groups[first].add(said, likeness)
        self._groups.move_to_end(first)

    def _nearest(self, letters: str) -> tuple[str, float]:
        """The first text of the most alike group; the text itself where there is none."""
        runs = _runs(letters)
        signature = self._empty.copy()
        signature.update_batch([run.encode() for run in runs])
        found = [(_likeness(runs, _runs(first)), first) for first in self._near.query(signature)]
        best = max(found, default=(0.0, letters))
        if best[0] >= ALIKE:
            return best[1], best[0]
        self._near.insert(letters, signature)
        return letters, 1.0

    def old(self, now: datetime, window: timedelta) -> Iterator[CopyGroup]:
        """Let go what was last seen longer ago than the window."""
        while self._groups:
            group = next(iter(self._groups.values()))
            if now - group.last_seen <= window:
                return
            yield from self._let_go(group)

    def beyond(self, texts: int) -> Iterator[CopyGroup]:
        """Let go until at most `texts` distinct texts are held."""
        while len(self._leads) > texts:
            yield from self._let_go(next(iter(self._groups.values())))

    def _let_go(self, group: _Group) -> Iterator[CopyGroup]:
        del self._groups[group.letters]
        self._near.remove(group.letters)
        for letters in group.forms:
            del self._leads[letters]
        if group.across_accounts():
            yield group.closed()


def _long_enough(letters: str) -> bool:
    chinese = _chinese(letters)
    return len(letters) >= _LETTERS[chinese] and len(set(letters)) >= _DISTINCT[chinese]


def _chinese(letters: str) -> bool:
    return 2 * len(_HAN.findall(letters)) > len(letters)


def _runs(letters: str) -> set[str]:
    size = _RUN[_chinese(letters)]
    return {letters[place : place + size] for place in range(len(letters) - size + 1)}


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(len(one | other), 1)
