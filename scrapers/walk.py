"""Walking a list from its first page to a confirmed end.

An end is confirmed by the list's total, by an empty page that came twice, by the platform's own
word, or by a page that lies wholly before the window. A page that repeats earlier ones is a clamp
or a loop: the end where nothing is owed, a failure where the list counts more than came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from lake.history import Visit
from lake.privacy import mask_text
from scrapers.address_list import addresses_of
from scrapers.http.address import RefusedError, check_redirect
from scrapers.http.asking import Ask, FetchError
from scrapers.judging import (
    Fetched,
    PageJudge,
    keys_of,
    lost_to_layout,
    nameless,
    says_its_end,
    times_of,
)
from scrapers.night import Night, Origin, moment
from scrapers.occurrences import Occurrences
from scrapers.paging import (
    Step,
    at_cap,
    build_url,
    day_ranges,
    fill_pairs,
    first_step,
    halves,
    next_step,
)
from scrapers.parsing import END_PAGE, Item, Page, PageProblemError, Unreadable
from scrapers.spec import Paging, RequestSpec


class WalkStoppedError(Exception):
    """The list can't be read on; the message says why."""


def walk_list(night: Night, name: str, repeated: str | None) -> None:
    """Read one list of a source (for one value of the option that it is repeated for)."""
    request = night.platform.spec.requests[name]
    first = night.since.astimezone(night.zone).date()
    last = night.run.as_of
    ranges = day_ranges(request.slices, min(first, last), last)
    whole, listed = True, 0
    while ranges:
        begin, end = ranges.pop()
        walk = Walk(night, name, repeated, (begin, end))
        try:
            ranges += walk.run()
            listed += walk.came
        except (FetchError, WalkStoppedError) as error:
            night.fail(str(error))
            whole = False
            if isinstance(error, FetchError) and error.outcome in ("blocked", "refused"):
                break
    if whole and not listed and _is_too_silent(night, request):
        night.fail(
            f"{name}: every list from {first} to {last} is empty, although the newest item of the "
            f"last complete night is from {night.watermark:%Y-%m-%d}: what lets us in (a token, a "
            "session, a permission) may have expired."
        )
        whole = False
    if whole:
        night.walked.append(name if repeated is None else f"{name} {repeated}")


def _is_too_silent(night: Night, request: RequestSpec) -> bool:
    """Whether lists by ranges of days can't all be empty: the newest item that we know lies within.

    Unless it is so old that the platform does not show it any more.
    """
    known = night.watermark
    if request.slices is None or known is None or night.page_limit is not None:
        return False
    kept = night.platform.spec.expires_after_days
    age = (night.run.as_of - known.astimezone(night.zone).date()).days
    return night.since <= known and (kept is None or age < kept)


@dataclass
class Walk:
    """One way through a list. `seen` are the keys that came, as hashes; `least` the smallest total
    that a page named: items that are added meanwhile belong to the next night. `shrunk` is how many
    went meanwhile, which may be among those that came; `added` how many a second look at the first
    page found, which the total before them does not count; `longest` the most items of one page;
    `stale` how many pages in a row brought nothing new."""

    night: Night
    name: str
    repeated: str | None
    days: tuple[date, date]
    seen: set[int] = field(default_factory=set)
    nameless: int = 0
    read: int = 0
    least: int | None = None
    last_total: int | None = None
    shrunk: int = 0
    added: int = 0
    longest: int = 0
    stale: int = 0
    previous: Step | None = None
    tokens: set[str] = field(default_factory=set)
    oldest: datetime | None = None
    beside: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.request: RequestSpec = self.night.platform.spec.requests[self.name]
        self.paging = _sized(self.request.paging, self.night.config.values())
        self.record = self.request.records[0]
        self.usual = self.night.history.usual_bytes(self.name)
        self.end_bytes = self.night.history.end_bytes(self.name)
        self.occurrences = Occurrences(clamps=self.paging.kind != "offset")
        self.addresses: tuple[str, ...] = ()
        self.is_unchanged = False

    def run(self) -> list[tuple[date, date]]:
        """Read to the end. Returns the ranges to read instead, where this one is too deep.

        Raises FetchError, WalkStoppedError.
        """
        self.addresses = addresses_of(self.night, self.name, self.request)
        step = first_step(self.paging, self.addresses)
        while step is not None:
            page = self._fetch_or_pass(step)
            if page is None:
                step = self._next(step, END_PAGE)
                continue
            self.night.pages += 1
            self.read += 1
            if step.number == 1 and self._too_deep(page):
                return halves(*self.days)
            self._go_back_if_shrunk(page)
            if self._ends(step, page):
                return []
            self.previous = step
            step = self._next(step, page)
        if self._goes_by_pages() and self.addresses and not self.read:
            raise WalkStoppedError(
                f"{self.name}: none of {len(self.addresses):,} addresses could be read."
            )
        self._check_owed()
        return []

    @property
    def came(self) -> int:
        """How many different items came so far."""
        return len(self.seen) + self.nameless

    def _fetch_or_pass(self, step: Step) -> Page | None:
        """The page; None for one of several addresses that could not be read, while the others
        may. A block is a block for all of them."""
        try:
            return self._fetch(step)
        except FetchError as error:
            if not self._goes_by_pages() or error.outcome == "blocked":
                raise
            is_lost = error.outcome not in ("gone", "refused")
            (self.night.gap if is_lost else self.night.note)(str(error))
            return None

    def _fetch(self, step: Step, *, again: bool = False) -> Page:
        variables = self._variables()
        url = build_url(self.night.base_url, self.request, step, variables)
        self._check_host(url, step)
        given = {**variables, **step.variables}
        context = {k: v for k, v in given.items() if isinstance(v, str)}
        judge = PageJudge(
            self.night.platform,
            self.name,
            self.night.zone,
            context,
            missing=None if again else self._owed(),
            came=self.came,
            usual_bytes=self.usual,
            end_bytes=self.end_bytes,
            attempts=self.night.client.limits.max_attempts,
            number=step.number,
            options=self.night.config.values(),
        )
        form = dict(fill_pairs(self.request.form, given)) or None
        visit = self._last_visit(url)
        ask = Ask(
            url,
            self.name,
            page_no=step.number,
            method=self.request.method,
            form=form,
            etag=visit.etag if visit else None,
            last_modified=visit.last_modified if visit else None,
            secret_headers=self.night.config.secret_headers(),
            entity=self.night.platform.spec.records[self.record].entity,
        )
        fetched = self.night.client.get(ask, judge)
        return self._land(fetched, step, again=again)

    def _last_visit(self, url: str) -> Visit | None:
        """What a file is asked for with, so that it isn't sent again unchanged."""
        return self.night.last_visit(self.name, url) if self.request.conditional else None

    def _land(self, fetched: Fetched, step: Step, *, again: bool) -> Page:
        page = fetched.page
        if fetched.unchanged:
            self.is_unchanged = True
            self.night.unchanged += 1
            self.night.note(f"{self.name}: unchanged since it was last fetched.")
        page = self._numbered(page, step, again=again)
        page = self._without_repeats(page)
        origin = Origin.of(fetched.response, step.number)
        self.night.land_page(page, self.name, origin, unit_id=self._unit(step), in_list=True)
        self._tell(step, page)
        if page.items and not page.readable:
            problem = next(i.problem for i in page.items if isinstance(i, Unreadable))
            raise FetchError(
                "drift",
                f"{origin.url}: none of {len(page.items)} items could be read: "
                f"{mask_text(problem.reason)[0]}",
            )
        for item in lost_to_layout(page):
            self.night.gap(
                f"{self.name}: the layout changed for a part of the items, which are in quarantine "
                f"({item.problem.reason.rstrip('.')})."
            )
        return page

    def _numbered(self, page: Page, step: Step, *, again: bool) -> Page:
        """The page with the keys of what has no id counted over the whole walk."""
        may_move = self.paging.kind in ("page", "offset")
        for name in self.request.records:
            if not self.night.platform.spec.records[name].content:
                continue
            if again:
                page = self.occurrences.numbered_again(page, name, step.number)
            else:
                first_again = self._first_again if may_move and step.number > 1 else None
                page = self.occurrences.numbered(page, name, step.number, first_again)
        return page

    def _first_again(self) -> Page:
        """The list's first page as it is now; what is new on it lands."""
        first = first_step(self.paging, self.addresses) or Step(1)
        page = self._fetch(first, again=True)
        keys = {hash(key) for key in keys_of(page, self.record)}
        self.added += len(keys - self.seen)
        self.seen |= keys
        return page

    def _without_repeats(self, page: Page) -> Page:
        """Without what every page says again beside its list (a shop's average): it lands once."""
        items = []
        for item in page.items:
            if isinstance(item, Item) and item.record != self.record:
                said = hash((item.record, item.natural_key, repr(sorted(item.columns.items()))))
                if said in self.beside:
                    continue
                self.beside.add(said)
            items.append(item)
        return replace(page, items=tuple(items))

    def _tell(self, step: Step, page: Page) -> None:
        where = f"{self.name} {self.repeated}" if self.repeated else self.name
        counted = f" of {page.total:,}" if page.total is not None else ""
        self.night.client.progress(f"{where}, page {step.number}: {page.listed} items{counted}")

    def _unit(self, step: Step) -> str | None:
        """The unit of the repeated value, or of the page's address."""
        config = self.night.config
        return config.units.get(self.repeated or step.address or "", config.unit_id)

    def _variables(self) -> dict[str, Any]:
        begin, end = self.days
        own = {
            "from_day": begin.isoformat(),
            "to_day": end.isoformat(),
            "before_day": date.fromordinal(end.toordinal() + 1).isoformat(),
        }
        repeated = {self.request.each: self.repeated} if self.request.each else {}
        return {**self.night.variables(), **own, **repeated}

    def _check_host(self, url: str, step: Step) -> None:
        """A link that a page gave leads nowhere else than a redirect might."""
        if step.address is None:
            return
        try:
            check_redirect(self.night.base_url, url, self.night.config.redirect_hosts)
        except RefusedError as refused:
            said = str(refused).replace("The redirect", "The link")
            raise FetchError("refused", f"{self.name}, page {step.number}: {said}") from refused

    def _too_deep(self, page: Page) -> bool:
        slices = self.request.slices
        if slices is None or slices.depth is None or page.total is None:
            return False
        if page.total <= slices.depth and page.exact:
            return False
        begin, end = self.days
        if begin < end:
            return True
        self.night.gap(
            f"{begin} alone has {page.total:,} items, of which the search shows {slices.depth:,}: "
            "narrow the source by its options."
        )
        return False

    def _ends(self, step: Step, page: Page) -> bool:
        """Whether the list ends with this page. Raises WalkStoppedError where it must not."""
        if self._goes_by_pages():  # none of them says anything of the others
            return self._at_limit(step)
        if page.is_end or self._is_silent(page):
            if not self.is_unchanged:
                self._check_silence(step)
            return True
        self._count_total(page)
        if self._repeats(step, page) or self._at_limit(step):
            return True
        if self._is_paid() or self._is_before_window(page):
            return True
        if at_cap(self.paging, step):
            self._check_cap(step)
            return True
        return False

    def _at_limit(self, step: Step) -> bool:
        """Whether no more pages are wanted (`voc crawl --limit`)."""
        return self.night.page_limit is not None and step.number >= self.night.page_limit

    def _is_paid(self) -> bool:
        """Whether everything came that the list counts, and that went while it was read."""
        return self.least is not None and self.came >= self.least + self.shrunk + self.added

    def _goes_by_pages(self) -> bool:
        """Whether each page is a thing of its own (addresses), so that no total ends the walk."""
        return self.paging.kind == "addresses"

    def _repeats(self, step: Step, page: Page) -> bool:
        """Whether a page and the one before it brought nothing new: the list stands, or turns back.

        One such page alone may be a page's worth of items that were added meanwhile, unless it says
        itself that it is another page than was asked for.
        """
        keys = {hash(key) for key in keys_of(page, self.record)}
        fresh = keys - self.seen
        self.seen |= keys
        self.nameless += nameless(page, self.record)
        self._note_oldest(page)
        if fresh or page.listed == 0 or step.number == 1 or says_its_end(self.request):
            self.stale = 0
            return False
        self.stale += 1
        moves = self.paging.kind != "search_after" and page.shown in (None, step.number)
        if self.stale == 1 and moves:
            return False
        where = f"{self._place()}page {step.number - self.stale + 1} repeats earlier pages"
        if self._owed() and not at_cap(self.paging, step):
            raise WalkStoppedError(
                f"{where} although the list counts more ({self.came:,} of {self.least or 0:,} "
                "items came): its paging is not obeyed any more."
            )
        clamp = (
            f" (it calls itself page {page.shown})" if page.shown not in (None, step.number) else ""
        )
        self.night.note(f"{where}{clamp}: taken as the end.")
        return True

    def _is_silent(self, page: Page) -> bool:
        """Whether a page without items is the end: not where the list says that more follows."""
        goes_on = says_its_end(self.request) and page.next is not None
        return page.listed == 0 and not page.others and not goes_on

    def _count_total(self, page: Page) -> None:
        self.longest = max(self.longest, page.listed)
        total = page.total
        if total is None or not page.exact:
            return
        depth = self.request.slices.depth if self.request.slices else None
        total = min(total, depth) if depth is not None else total
        self.least = total if self.least is None else min(self.least, total)

    def _owed(self) -> int | None:
        """How many items the list still owes; None where it names no total."""
        if self.least is None:
            return None
        return max(0, self.least - self.came)

    def _check_owed(self) -> None:
        owed = self._owed()
        if owed:
            came = self.came
            self.night.gap(
                f"{self._place()}the list ended after {came:,} items although it counts "
                f"{self.least:,}: {owed:,} never came. The next night reads it again."
            )

    def _check_silence(self, step: Step) -> None:
        if step.number == 1 and self._looks_back() and self._held_items(step):
            raise WalkStoppedError(
                f"{self._place()}the list is empty although it held items before: it may have been "
                "closed to us, or what it is about has left the platform."
            )
        self._check_owed()

    def _held_items(self, step: Step) -> bool:
        """Whether this very list had items before: one of several shops may never have had any.

        A form's values are not in its address, so that all its lists are taken for one.
        """
        if self.night.watermark is None or self.repeated is None or self.request.form:
            return self.night.watermark is not None
        url = build_url(self.night.base_url, self.request, step, self._variables())
        return self.night.history.held_items(url)

    def _looks_back(self) -> bool:
        """Whether a list shows old items too, so that an empty one can't be right."""
        if self.request.slices is not None:
            return False
        return self.night.platform.spec.cursor.order != "oldest_first"

    def _is_before_window(self, page: Page) -> bool:
        if self.night.platform.spec.cursor.order != "newest_first":
            return False
        times = times_of(page, self.record)
        if not times:
            return False
        return max(self._latest(time) for time in times) < self.night.since

    def _latest(self, time: date | datetime) -> datetime:
        """The latest moment that a time may mean: of a day alone, its end."""
        if isinstance(time, datetime):
            return moment(time, self.night.run)
        return moment(time + timedelta(days=1), self.night.run)

    def _note_oldest(self, page: Page) -> None:
        times = [moment(t, self.night.run) for t in times_of(page, self.record)]
        if times:
            self.oldest = min([min(times), *([self.oldest] if self.oldest else [])])

    def _check_cap(self, step: Step) -> None:
        """The platform goes no further: what lies between here and the last night is lost."""
        if not self._owed() and self.least is not None:
            return
        self.night.capped = True
        watermark = self.night.watermark
        if watermark is not None and self.oldest is not None and self.oldest > watermark:
            self.night.note(
                f"{self._place()}the list shows no more than {step.number} pages and ends at "
                f"{self.oldest:%Y-%m-%d %H:%M} UTC, after the newest item known before "
                f"({watermark:%Y-%m-%d %H:%M} UTC): what lies between them can't be read any more. "
                "Run the source more often."
            )

    def _go_back_if_shrunk(self, page: Page) -> None:
        """Items that went meanwhile moved others onto the page before this one: read it again."""
        if self.paging.kind in ("addresses", "search_after"):  # nothing moves there
            return
        if page.total is None or not page.exact or page.others:
            return
        before, self.last_total = self.last_total, page.total
        if before is None or page.total >= before or self.previous is None:
            return
        self.shrunk += before - page.total
        if before - page.total > self.longest:
            self.night.gap(
                f"{self._place()}the list shrank from {before:,} to {page.total:,} items while it "
                "was read: some may have moved past us. The next night reads it again."
            )
            return
        again = self._fetch(self.previous, again=True)
        self.seen |= {hash(key) for key in keys_of(again, self.record)}

    def _next(self, step: Step, page: Page) -> Step | None:
        here = build_url(self.night.base_url, self.request, step, self._variables())
        try:
            following = next_step(self.paging, step, page, here, self.addresses)
        except PageProblemError as problem:
            came = self.came
            raise WalkStoppedError(
                f"{self._place()}{came:,} of {self.least or 0:,} items came, and {problem.detail}."
            ) from problem
        if following is not None and following.variables.get("token") is not None:
            self._check_token(step, following)
        return following

    def _check_token(self, step: Step, following: Step) -> None:
        if following.variables["token"] in self.tokens:
            raise WalkStoppedError(
                f"{self._place()}page {step.number} names a page as the next that was read before: "
                "its tokens stand still or go in a circle."
            )
        self.tokens.add(following.variables["token"])

    def _place(self) -> str:
        """Where in the source: the range of days and the repeated value, for messages."""
        parts = []
        if self.repeated is not None:
            parts.append(f"{self.request.each} {self.repeated}")
        if self.request.slices is not None:
            parts.append(f"{self.days[0]} to {self.days[1]}")
        return f"{', '.join(parts)}: " if parts else ""


def _sized(paging: Paging, options: Mapping[str, Any]) -> Paging:
    """The paginator with the page size that the source asks for."""
    option = getattr(paging, "size_option", None)
    chosen = options.get(option) if option else None
    return paging.model_copy(update={"size": int(chosen)}) if chosen else paging
