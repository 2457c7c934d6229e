"""Which request of a platform reads a saved page: by its address, else the first that can.

Requests that exist for saved pages alone are tried first, then those whose address fits, then
items' own pages, then lists.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from bs4 import BeautifulSoup

from lake.entities import ENTITIES
from lake.landing import Outcome
from scrapers.drops.saved import SavedPage
from scrapers.fields import Moment
from scrapers.http.asking import Response, Verdict, judge_status
from scrapers.judging import PageJudge, only_ours
from scrapers.parsing import Item, Page, PageProblemError
from scrapers.reading import Reader
from scrapers.registry import Platform
from scrapers.spec import TEMPLATE, Judge, RequestSpec

_LOGIN = re.compile(r"login|passport|signin|captcha|verify|challenge", re.IGNORECASE)
_BARE_KNOWN_SHARE = 0.5
"""Items without their list around them must be told by their members."""
_FAULTS = (AttributeError, LookupError, TypeError, ValueError, RecursionError)
"""What a platform's parser.py ends with on a page that is not its platform's."""


@dataclass(frozen=True)
class Match:
    """What a saved page is: the request that reads it (None: of this platform, none), its page.

    `is_ours`: its address, or what it says, is the platform's. `context` are the variables that
    its address gave.
    """

    outcome: Outcome
    detail: str = ""
    request: str | None = None
    page: Page | None = None
    is_ours: bool = True
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Matcher:
    """Reads saved pages of one source. `options` are the source's, with what each night gives."""

    platform: Platform
    base_url: str
    zone: ZoneInfo
    options: dict[str, Any]

    def match(self, saved: SavedPage, *, bare: bool = True) -> Match:
        """What a page is; never raises for what is in it. `bare`: also items without a list."""
        named = self.named(saved.url)
        if saved.status != 200:
            return _answered(saved, next(iter(named), None))
        document = _unwrapped(saved)
        failures: list[Match] = []
        for name in self._order(named):
            context = self.context({**_merged(named), **named.get(name, {})})
            if name not in named and not _may_hold(self._requests[name], document):
                failures += _marked(name, self._requests[name], document)
                continue
            found = self._tried(name, document, context)
            if found.outcome == "ok" or _is_others(found):
                return found
            failures.append(found if name in named else replace(found, is_ours=False))
        alone = self.bare(document, [document.text]) if bare and not document.is_markup else None
        return alone or self._failed(saved, failures, named)

    def bare(self, saved: SavedPage, texts: list[str]) -> Match | None:
        """Items without the list around them, as exporters write them: one array, or one a line."""
        try:
            read = [json.loads(text, strict=False) for text in texts]
        except (ValueError, RecursionError):
            return None
        items = read[0] if len(read) == 1 and isinstance(read[0], list) else read
        if not items or not all(isinstance(item, dict) for item in items):
            return None
        for name, request in self._requests.items():
            if request.of or request.is_html or request.format == "own":
                continue
            page = self._bare_page(name, items, saved)
            if page is not None and page.readable:
                detail = "items without their list"
                return Match("ok", detail, name, page, context=self.context({}))
        return None

    def named(self, url: str | None) -> dict[str, dict[str, str]]:
        """Request -> the variables of an address that it could have asked for; best fit first."""
        if url is None:
            return {}
        found = {}
        for name, request in self._requests.items():
            if request.path and request.paging.kind != "addresses":
                fit = _fit(request, url, self._prefixes)
                if fit is not None:
                    found[name] = fit
        return {name: fit[1] for name, fit in sorted(found.items(), key=lambda pair: -pair[1][0])}

    def context(self, variables: Mapping[str, str]) -> dict[str, str]:
        """What a page would have been asked for with, as far as it is known.

        Of an option with several values (shops), which of them it was stands in the address.
        """
        given = {key: value for key, value in self.options.items() if isinstance(value, str)}
        for each in self.repeated:
            values = self.options.get(each)
            if isinstance(values, (tuple, list)) and len(values) == 1:
                given[each] = str(values[0])
        return {**given, **variables}

    @property
    def repeated(self) -> tuple[str, ...]:
        """The options that requests are repeated for: shops, products."""
        return tuple(dict.fromkeys(r.each for r in self._requests.values() if r.each))

    @property
    def _requests(self) -> dict[str, RequestSpec]:
        return self.platform.spec.requests

    @property
    def _prefixes(self) -> tuple[str, ...]:
        """What stands before a request's path in an address: for a base_url with a path."""
        bases = (self.base_url, self.platform.spec.base_url)
        return tuple({urlsplit(base).path.rstrip("/") for base in bases} | {""})

    def _order(self, named: Mapping[str, Any]) -> list[str]:
        requests = self._requests
        return list(
            dict.fromkeys(
                [
                    *(name for name, request in requests.items() if request.drop_only),
                    *named,
                    *(name for name, request in requests.items() if request.of),
                    *requests,
                ]
            )
        )

    def _tried(self, name: str, saved: SavedPage, context: dict[str, str]) -> Match:
        stray = self._stray(name, context)
        if stray is not None:
            return stray
        judge = PageJudge(self.platform, name, self.zone, context, options=self.options)
        response = Response(
            url=saved.url or "",
            final_url=saved.url or "",
            status=200,
            content_type=saved.content_type,
            body=saved.body,
            fetched_at=saved.saved_at,
            archive_file="",
            archive_offset=saved.offset or 0,
            wire_bytes=len(saved.body),
        )
        try:
            page = judge.read(response)
        except PageProblemError as problem:
            return Match(problem.outcome, problem.detail, name, context=context)
        except _FAULTS as error:
            detail = f"parser.py can't read it ({type(error).__name__}: {error})."
            return Match("drift", detail, name, context=context)
        return self._weighed(name, page, context)

    def _stray(self, name: str, context: dict[str, str]) -> Match | None:
        """A page about something that the source does not name: another company's shop, say."""
        each = self._requests[name].each
        named, value = self.options.get(each or ""), context.get(each or "")
        if not isinstance(named, (tuple, list)) or value is None or value in named:
            return None
        detail = (
            f"It is about {each} {value}, which the source does not name. Add it under options in "
            "sources.yml, or drop the page into the folder of the source that does."
        )
        return Match("error", detail, name, context=context)

    def _weighed(self, name: str, page: Page, context: dict[str, str]) -> Match:
        request = self._requests[name]
        if page.others and not page.items:
            detail = f"{page.others:,} items of others, passed over"
            return Match("empty_confirmed", detail, name, page, context=context)
        if not page.items:
            if page.total and not _is_later(context):
                detail = f"No item is listed although the list counts {page.total:,}."
                return Match("blocked", detail, name, context=context)
            return Match("empty_confirmed", "the page holds no items", name, page, context=context)
        if not page.readable:
            problem = next(item.problem for item in page.items if not isinstance(item, Item))
            detail = f"None of {len(page.items)} items could be read: {problem.reason}"
            return Match("drift", detail, name, page, context=context)
        lost = _without_subject(page, request, self.platform)
        if lost is not None:
            detail = (
                f"It does not say which {lost} it is about: that stands in its address, which was "
                "not saved with it. Save it as MHTML (“Web page, single file”)."
            )
            return Match("error", detail, name, context=context)
        return Match("ok", "", name, page, context=context)

    def _bare_page(self, name: str, items: list[Any], saved: SavedPage) -> Page | None:
        """The items read by a list's declaration; None where they are not its items."""
        request, spec = self._requests[name], self.platform.spec
        first = request.records[0]
        alone = spec.records[first].model_copy(update={"items": None})
        alone_request = request.model_copy(
            update={
                "items": "@",
                "records": (first,),
                "judge": Judge(),
                "total": None,
                "total_is_floor": None,
                "pages": None,
                "page_shown": None,
            }
        )
        reader = Reader(
            spec.model_copy(update={"records": {**spec.records, first: alone}}), alone_request
        )
        moment = Moment(saved.saved_at, self.zone)
        try:
            page = reader.page(items, moment, self.context({}))
        except (PageProblemError, *_FAULTS):
            return None
        page = only_ours(page, spec, alone_request, self.options)
        members = sum(len(item) for item in items)
        known = members - sum(page.unknown_fields.values())
        return page if known >= _BARE_KNOWN_SHARE * members else None

    def _failed(self, saved: SavedPage, failures: list[Match], named: Mapping[str, Any]) -> Match:
        """What to say of a page that no request could read items from."""
        for match in _by_weight(failures, self._requests):
            return match
        if saved.url is not None and _LOGIN.search(saved.url):
            detail = f"It is from {saved.url}: a login or captcha page. Save the page behind it."
            return Match("blocked", detail, is_ours=bool(named))
        known = ", ".join(self._requests)
        title = self.platform.spec.title
        detail = (
            f"It is none of the pages of {title} that are read here ({known}). Drop it into the "
            "folder of the source that it belongs to, or remove it."
        )
        return Match("error", detail, is_ours=False)


def _by_weight(failures: list[Match], requests: Mapping[str, RequestSpec]) -> Iterator[Match]:
    """The failures that say something, the most telling first."""
    ours = [match for match in failures if match.is_ours]
    anchored = [m for m in failures if m.request and requests[m.request].judge.anchors]
    yield from (m for m in ours if m.outcome in ("blocked", "gone"))
    yield from (replace(m, is_ours=True) for m in anchored if m.page is not None and m.page.items)
    yield from (m for m in failures if m.outcome == "error" and m.request)
    yield from (m for m in failures if m.outcome in ("blocked", "gone"))
    empty = [m for m in [*anchored, *ours] if m.outcome == "empty_confirmed"]
    yield from (replace(m, is_ours=True) for m in empty)
    yield from ours
    yield from (match for match in failures if match.outcome == "partial")  # JSON that breaks off


def _is_later(context: Mapping[str, str]) -> bool:
    """Whether a page is a later one of its list, by its address: it may lie behind the last."""
    return any(context.get(name, "0") not in ("0", "1") for name in ("page", "offset"))


def _marked(name: str, request: RequestSpec, saved: SavedPage) -> list[Match]:
    """A login page in place of what the request would have brought: told by its words alone."""
    for marker in request.judge.blocked_text:
        if marker in saved.text:
            detail = f"The page holds {marker!r}: a login, captcha or ban page."
            return [Match("blocked", detail, name, is_ours=False)]
    return []


def _is_others(match: Match) -> bool:
    """Whether it is a list that shows everybody's, without anything of ours."""
    return match.page is not None and bool(match.page.others)


def _may_hold(request: RequestSpec, saved: SavedPage) -> bool:
    """Whether a page of this kind can be one of the request's."""
    if request.format == "own":
        return True
    return saved.is_markup == (request.format in ("html", "html_json"))


def _merged(named: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What the page's address says, by whichever request: for those that have no address."""
    return {key: value for found in reversed(list(named.values())) for key, value in found.items()}


def _answered(saved: SavedPage, name: str | None) -> Match:
    """What an archived answer other than 200 is. Redirects lead to an answer of their own."""
    if saved.location is not None and _LOGIN.search(saved.location):
        detail = f"Sent to {saved.location}: a login or captcha page."
        return Match("blocked", detail, name, is_ours=name is not None)
    if saved.status in range(300, 400):
        return Match("error", f"HTTP {saved.status}", is_ours=False)
    response = Response(
        saved.url or "", saved.url or "", saved.status, "", b"", saved.saved_at, "", 0
    )
    verdict: Verdict[None] = judge_status(response)
    return Match(verdict.outcome, verdict.detail, name, is_ours=name is not None)


def _without_subject(page: Page, request: RequestSpec, platform: Platform) -> str | None:
    """The record that a page is about, where its steps need its key and nothing says it."""
    for item in page.readable:
        record = platform.spec.records[item.record]
        for column in {*ENTITIES[record.entity].required, *record.keys} & set(record.fields):
            is_asked = TEMPLATE.fullmatch(record.fields[column].path)
            if is_asked and item.columns.get(column) in (None, ""):
                return request.of or column
    return None


def _fit(
    request: RequestSpec, url: str, prefixes: tuple[str, ...]
) -> tuple[int, dict[str, str]] | None:
    """How well an address fits a request (how many constants it has), and its variables."""
    parts = urlsplit(url)
    template = urlsplit(request.path) if "://" in request.path else None
    if template is not None and template.netloc != parts.netloc:
        return None
    path = template.path if template is not None else request.path
    pattern, _, in_path = path.partition("?")
    ways = [prefix + way for prefix in prefixes for way in _ways(pattern.rstrip("/"))]
    matches = (re.fullmatch(_as_pattern(way) + "/?", parts.path) for way in ways)
    found = next((match for match in matches if match), None)
    if found is None:
        return None
    variables = {name: unquote(value) for name, value in found.groupdict().items()}
    constants = len(TEMPLATE.sub("", pattern).split("/"))
    given = parse_qs(parts.query, keep_blank_values=True)
    wanted = {**{k: v[0] for k, v in parse_qs(in_path).items()}, **request.query}
    for name, value in wanted.items():
        if name not in given:
            continue
        said = re.fullmatch(_as_pattern(value), given[name][0])
        if said is None:
            return None
        variables |= said.groupdict()
        constants += not TEMPLATE.search(value)
    return constants, variables


def _ways(path: str) -> list[str]:
    """A path, and the one of its first page: `/shop/1/reviews` for `/shop/1/reviews/p{page}`."""
    above, _, last = path.rpartition("/")
    is_page = any(f"{{{name}}}" in last for name in ("page", "offset"))
    return [path, above] if is_page and above else [path]


def _as_pattern(template: str) -> str:
    """A template as a regular expression; a variable that stands twice is the same in both."""
    seen: set[str] = set()
    parts = []
    for position, part in enumerate(TEMPLATE.split(template)):
        if position % 2 == 0:
            parts.append(re.escape(part))
        elif part in seen:
            parts.append(f"(?P={part})")
        else:
            seen.add(part)
            parts.append(f"(?P<{part}>[^/?#]*?)")
    return "".join(parts)


def _unwrapped(saved: SavedPage) -> SavedPage:
    """JSON out of the page that a browser shows it in: `<pre>` and nothing else of weight."""
    if not saved.is_markup or len(saved.body) > 1 << 20 or b"<pre" not in saved.body[: 1 << 16]:
        return saved
    soup = BeautifulSoup(saved.text, "lxml")
    shown = soup.find("pre")
    text = shown.get_text().strip() if shown is not None else ""
    if soup.body is None or soup.body.get_text().strip() != text or text.startswith("<"):
        return saved
    return replace(
        saved, body=text.encode("utf-8", "replace"), content_type="application/json; charset=utf-8"
    )
