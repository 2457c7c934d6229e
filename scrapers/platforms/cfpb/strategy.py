"""CFPB: which pages to ask for. Date ranges, split until the search reaches their end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from pydantic import Field, field_validator, model_validator

from lake.config import StrictModel
from scrapers.crawl import Crawl, CrawlStoppedError
from scrapers.http.client import Response
from scrapers.platforms.cfpb.parser import PARSER_VERSION, BreakPoint, CfpbPage, read_page

DEPTH = 10_000  # the search reaches no further, whatever the total
SORT = "created_date_desc"  # search_after is silently ignored without it


class Options(StrictModel):
    """Whose complaints to collect: by company, product, issue or words."""

    company: tuple[str, ...] = ()
    product: tuple[str, ...] = ()
    issue: tuple[str, ...] = ()
    search_term: str | None = None
    field: str | None = None
    page_size: int = Field(100, ge=1, le=100)

    @field_validator("company", "product", "issue", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _narrowed(self) -> Options:
        if not (self.company or self.product or self.issue or self.search_term):
            raise ValueError(
                "nothing narrows the search, which would collect millions of complaints. Name "
                'your company as the CFPB writes it, like company: ["EXAMPLE BANK, N.A."]'
            )
        return self


def crawl(crawl: Crawl[Options]) -> None:
    """Collect everything received from `since` to the business date, newest range first."""
    first = crawl.since.astimezone(crawl.run.zone).date()
    ranges = [(min(first, crawl.run.as_of), crawl.run.as_of)]
    while ranges:
        first, last = ranges.pop()
        ranges.extend(_collect(crawl, first, last))


def _collect(crawl: Crawl[Options], first: date, last: date) -> Iterator[tuple[date, date]]:
    """Read one range to its end, or hand back its halves when it is deeper than the search."""
    page = _fetch(crawl, first, last, 1, None)
    if page.total > DEPTH or not page.exact:
        if first < last:
            middle = first + (last - first) // 2
            yield first, middle
            yield middle + timedelta(days=1), last
            return
        crawl.gap(
            f"{first} alone has {page.total:,} complaints, of which the search shows {DEPTH:,}: "
            "narrow the source by company, product or issue."
        )
    seen, number = set(page.keys), 1
    nameless = page.nameless
    while len(seen) + nameless < min(page.total, DEPTH):
        number += 1
        point = (page.break_points or {}).get(number)
        if point is None:
            raise CrawlStoppedError(
                f"{first} to {last}: {len(seen) + nameless:,} of {page.total:,} complaints came, "
                f"and the answer names no break point for page {number}."
            )
        page = _fetch(crawl, first, last, number, point)
        if not page.keys - seen and page.keys:
            raise CrawlStoppedError(
                f"{first} to {last}: page {number} repeats earlier pages, so search_after is not "
                f"obeyed any more ({len(seen) + nameless:,} of {page.total:,} complaints came)."
            )
        seen |= page.keys
        nameless += page.nameless


def _fetch(
    crawl: Crawl[Options], first: date, last: date, number: int, point: BreakPoint | None
) -> CfpbPage:
    url = f"{crawl.base_url}{crawl.spec.path}?{_query(crawl.options, first, last, number, point)}"
    page = crawl.fetch(url, _read, parser_version=PARSER_VERSION, page_no=number)
    crawl.progress(f"{first} to {last}, page {number}: {page.total:,} complaints in this range")
    return page


def _read(response: Response) -> CfpbPage | None:
    return read_page(response.body, response.content_type) if response.status == 200 else None


def _query(options: Options, first: date, last: date, number: int, point: BreakPoint | None) -> str:
    pairs: list[tuple[str, Any]] = [
        ("size", options.page_size),
        ("frm", (number - 1) * options.page_size),
        ("sort", SORT),
        ("date_received_min", first.isoformat()),
        ("date_received_max", (last + timedelta(days=1)).isoformat()),  # exclusive
        ("no_aggs", "true"),
    ]
    if options.search_term:
        pairs.append(("search_term", options.search_term))
        pairs.append(("field", options.field or "all"))
    for name in ("company", "product", "issue"):
        pairs += [(name, value) for value in getattr(options, name)]
    if point is not None:
        pairs.append(("search_after", f"{point[0]}_{point[1]}"))
    return urlencode(pairs)
