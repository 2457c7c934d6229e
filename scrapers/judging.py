"""Judging an answer before anything of it is landed: is this the page that was asked for?

A status of 200 proves nothing: login pages, captchas and empty lists come with it. What passes
here is opened, checked against its declaration, and read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lake.landing import Outcome
from scrapers.document import decode_text
from scrapers.fields import Moment, holds, is_there
from scrapers.http.asking import Response, Verdict, judge_status
from scrapers.options import OptionValues
from scrapers.parsing import END_PAGE, Item, Page, PageProblemError, Unreadable
from scrapers.registry import Platform
from scrapers.spec import PlatformSpec, RequestSpec

USELESS_SHARE = 0.2
"""A page without items that is smaller than this share of the usual ones is no empty page."""
LIKE_AN_END = 0.5
"""Unless it is at least this share of the smallest that was believed on an earlier night."""
LIKE_A_LIST, UNLIKE_AN_END = 0.5, 2
"""One that is this share of the usual ones, and so many times an end, holds items unseen."""
REDESIGNED_SHARE, FEWEST_LOST = 0.25, 3
"""A page on which so many items are not what they were was redesigned in part."""


_LOGIN = re.compile(r"login|passport|signin|captcha|verify|challenge", re.IGNORECASE)


@dataclass(frozen=True)
class Fetched:
    """A page with the answer that it was read from; `unchanged` after a conditional request."""

    page: Page
    response: Response
    unchanged: bool = False


@dataclass
class PageJudge:
    """Judges the answers to one ask; of one instance all attempts of that ask.

    `missing` is how many items the list still owes (None where it gives no total), `came` how many
    it gave; `usual_bytes`
    the size that pages of this request had on earlier nights, `end_bytes` that of the smallest
    confirmed end; `number` the page that was asked for.
    """

    platform: Platform
    request_name: str
    moment_zone: Any
    context: Mapping[str, str]
    missing: int | None = None
    came: int = 0
    usual_bytes: float | None = None
    end_bytes: float | None = None
    attempts: int = 4
    number: int | None = None
    options: OptionValues = field(default_factory=dict)
    _empty_answers: int = 0
    _last_answers: int = 0
    _blank_answers: int = 0

    @property
    def request(self) -> RequestSpec:
        return self.platform.spec.requests[self.request_name]

    def __call__(self, response: Response) -> Verdict[Fetched]:
        if response.status != 200 or response.location is not None:
            return self._judge_status(response)
        try:
            page = self.read(response)
        except PageProblemError as problem:
            if self.request.judge.blank_is_block and not response.body.strip():
                return self._weigh_blank()
            if problem.outcome == "drift" and self._is_useless(response):
                return Verdict("blocked", f"{problem.detail} {self._size(response)}")
            return Verdict(problem.outcome, problem.detail, again=problem.again)
        return self._weigh(page, response)

    def _judge_status(self, response: Response) -> Verdict[Fetched]:
        """What an answer is worth that is no page: an end, an unchanged one, a block, a fault."""
        end = self._end(response)
        if end is not None:
            return end
        if response.status == 304 and self.request.conditional:
            unchanged = Fetched(END_PAGE, response, unchanged=True)
            return Verdict("ok", "Unchanged since the last visit.", unchanged)
        if response.location is not None and _LOGIN.search(response.location):
            return Verdict("blocked", f"Sent to {response.location}: a login or captcha page.")
        return judge_status(response)

    def read(self, response: Response) -> Page:
        """The page of a body. Raises PageProblemError when it isn't the page asked for."""
        moment = Moment(response.fetched_at, self.moment_zone)
        self._check_text(response)
        document = self.platform.open(self.request_name, response.body, response.content_type)
        self._check_document(document)
        page = self.platform.read(self.request_name, document, moment, self.context)
        return only_ours(page, self.platform.spec, self.request, self.options)

    def _end(self, response: Response) -> Verdict[Fetched] | None:
        said = self.request.end.statuses.get(response.status)
        if said is None or said.lower() not in _plain(response).lower():
            return None
        return Verdict("ok", "the end", Fetched(END_PAGE, response))

    def _check_text(self, response: Response) -> None:
        judge = self.request.judge
        if not (judge.blocked_text or judge.gone_text):
            return
        body = _plain(response)
        for marker in judge.gone_text:
            if marker in body:
                raise PageProblemError("gone", f"The page says {marker!r}: it is gone.")
        for marker in judge.blocked_text:
            if marker in body:
                detail = f"The page holds {marker!r}: a login, captcha or ban page."
                raise PageProblemError("blocked", detail)

    def _check_document(self, document: Any) -> None:
        judge = self.request.judge
        if judge.gone_when and holds(document, judge.gone_when):
            raise PageProblemError("gone", "The answer says that there is nothing here (any more).")
        if judge.blocked_when and holds(document, judge.blocked_when):
            detail = f"The answer refuses the request ({judge.blocked_when})."
            raise PageProblemError("blocked", detail)
        if judge.incomplete_when and holds(document, judge.incomplete_when):
            detail = "The answer says that it is not whole."
            raise PageProblemError("partial", detail, again=True)
        for anchor in judge.anchors:
            if not is_there(document, anchor):
                detail = f"The layout changed: there is no {anchor} on the page."
                raise PageProblemError("drift", detail)

    def _weigh(self, page: Page, response: Response) -> Verdict[Fetched]:
        fetched = Fetched(page, response)
        if page.others and not page.items:
            return Verdict("ok", f"{page.others} items of others, passed over.", fetched)
        if page.listed == 0:
            return self._weigh_empty(fetched)
        if page.next is None and self._doubts_the_end():
            detail = "The page names no successor: asked again before that is believed."
            return Verdict("partial", detail, again=True)
        unreadable = sum(isinstance(item, Unreadable) for item in page.items)
        if not unreadable:
            return Verdict("ok", "", fetched, items_seen=page.listed)
        is_whole = page.readable and not lost_to_layout(page)
        outcome: Outcome = "ok" if is_whole else "drift"
        detail = f"{unreadable} of {len(page.items)} items could not be read."
        return Verdict(outcome, detail, fetched, items_seen=page.listed)

    def _doubts_the_end(self) -> bool:
        self._last_answers += 1
        return self._last_answers < min(self.request.end.last_answers, self.attempts)

    def _weigh_blank(self) -> Verdict[Fetched]:
        self._blank_answers += 1
        if self._blank_answers < min(self.request.end.empty_answers, self.attempts):
            return Verdict("partial", "The body is empty.", again=True)
        detail = f"An empty body with HTTP 200, {self._blank_answers} times: access is refused."
        return Verdict("blocked", detail)

    def _weigh_empty(self, fetched: Fetched) -> Verdict[Fetched]:
        """An empty page is believed when it comes again, and when nothing speaks against it."""
        if self.request.of:  # an item's own page may have nothing to tell yet
            return Verdict("empty_confirmed", "", fetched)
        page = fetched.page
        if says_its_end(self.request) and page.next is None:
            return Verdict("empty_confirmed", "The list says that it ends here.", fetched)
        owed = self.missing if self.missing is not None else page.total
        if page.total is not None and self.missing is not None:
            owed = min(self.missing, max(0, page.total - self.came))
        needed = min(self.request.end.empty_answers, self.attempts)
        if self.missing == 0 and page.total is not None:
            return Verdict("empty_confirmed", "The list counts nothing (more).", fetched)
        self._empty_answers += 1
        if self._empty_answers < needed:
            detail = f"An empty page, {self._empty_answers} of {needed} before it is believed."
            return Verdict("partial", detail, again=True)
        outcome: Outcome = "blocked"
        if owed:
            detail = f"No item is listed although the list counts {owed:,} (more)."
        elif self._is_counted(page):
            detail = f"No item is listed on page {self.number}, of {page.pages:,} pages."
        elif self._is_useless(fetched.response):
            detail = f"No item is listed. {self._size(fetched.response)}"
        elif self._looks_full(fetched.response):
            size = fetched.response.wire_bytes
            detail = f"No item is found on a page of {size:,} bytes, as large as those with items."
            outcome = "drift"
        else:
            return Verdict("empty_confirmed", "", fetched)
        return Verdict(outcome, detail)

    def _size(self, response: Response) -> str:
        return (
            f"The page has {response.wire_bytes:,} bytes, where {self.usual_bytes or 0:,.0f} are "
            "usual: a soft block rather than another layout or an empty list."
        )

    def _is_useless(self, response: Response) -> bool:
        """Whether a page without items is too small to be one, or to be the end as before."""
        may_be_empty = self.number not in (None, 1) or self.request.slices is not None
        if may_be_empty and (self.request.judge.anchors or not self.request.is_html):
            return False  # ends and quiet days are small
        size = response.wire_bytes
        if self.usual_bytes is None or size >= USELESS_SHARE * self.usual_bytes:
            return False
        return self.end_bytes is None or size < LIKE_AN_END * self.end_bytes

    def _looks_full(self, response: Response) -> bool:
        """Whether a page without items is like those with items, and unlike the ends before."""
        if self.usual_bytes is None or self.end_bytes is None:
            return False
        size = response.wire_bytes
        return size >= LIKE_A_LIST * self.usual_bytes and size >= UNLIKE_AN_END * self.end_bytes

    def _is_counted(self, page: Page) -> bool:
        """Whether an empty page is one that the list counts. A list of nothing has a page, too."""
        if page.pages is None or self.number is None:
            return False
        return self.number < page.pages or 1 < self.number == page.pages


def lost_to_layout(page: Page) -> list[Unreadable]:
    """The items that lack what they should have, where they are too many to be accidents."""
    codes = ("missing_required", "unknown_shape")
    lost = [i for i in page.items if isinstance(i, Unreadable) and i.problem.code in codes]
    enough = max(FEWEST_LOST, REDESIGNED_SHARE * len(page.items))
    return lost if len(lost) >= enough else []


def says_its_end(request: RequestSpec) -> bool:
    """Whether the list itself tells where it ends: items may come again on it, and none at all."""
    return getattr(request.paging, "done", None) is not None


def keys_of(page: Page, record: str) -> list[str]:
    """The natural keys of one record on a page, of unreadable items too where they are known."""
    return [item.natural_key for item in page.items if item.record == record and item.natural_key]


def nameless(page: Page, record: str) -> int:
    """How many items of one record have no key that could be read."""
    return sum(item.record == record and not item.natural_key for item in page.items)


def times_of(page: Page, record: str) -> list[Any]:
    """When the items of one record happened: days and moments as they were read."""
    ours = [
        item.event
        for item in page.items
        if isinstance(item, Item) and item.record == record and item.event is not None
    ]
    return [*ours, *page.others_times]


def only_ours(page: Page, spec: PlatformSpec, request: RequestSpec, options: OptionValues) -> Page:
    """The page without the items of others, nor what belongs to them (the steps of a complaint);
    what can't be read is kept, whosever it is."""
    wanted = _wanted(spec, request, options)
    if not wanted:
        return page
    ours: list[Item | Unreadable] = []
    others: list[Item | Unreadable] = []
    for item in page.items:
        column, words = wanted.get(item.record, ("", ()))
        said = str(item.columns.get(column)).casefold() if isinstance(item, Item) else ""
        is_others = isinstance(item, Item) and words and not any(word in said for word in words)
        (others if is_others else ours).append(item)
    theirs: dict[str, set[str | None]] = {}
    for item in others:
        for key in spec.records[item.record].keys[:1]:
            theirs.setdefault(key, set()).add(item.natural_key)
    ours = [item for item in ours if not _belongs(item, theirs)]
    first = request.records[0]
    return replace(
        page,
        items=tuple(ours),
        listed=sum(item.record == first for item in ours),
        total=None,  # it counts everybody's
        others=sum(item.record == first for item in others),
        others_times=tuple(i.event for i in others if isinstance(i, Item) and i.event is not None),
    )


def _belongs(item: Item | Unreadable, theirs: Mapping[str, set[str | None]]) -> bool:
    """Whether an item names one of these (column -> keys) as what it is about."""
    if not isinstance(item, Item):
        return False
    return any(item.columns.get(column) in keys for column, keys in theirs.items())


def _wanted(
    spec: PlatformSpec, request: RequestSpec, options: OptionValues
) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Record -> the column to look at, and the words of which it must hold one."""
    found = {}
    for name in request.records:
        rule = spec.records[name].ours
        words = options.get(rule.option) if rule is not None else None
        if rule is not None and words:
            many = words if isinstance(words, tuple) else (words,)
            found[name] = (rule.column, tuple(word.casefold() for word in many))
    return found


def _plain(response: Response) -> str:
    try:
        return decode_text(response.body, response.content_type)
    except PageProblemError:  # what can't be decoded holds no marker; opening it tells the rest
        return ""
