"""App Store: which pages to ask for. Pages 1 to 10, until they are empty or known already."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from pydantic import field_validator

from lake.config import StrictModel
from scrapers.crawl import Crawl, CrawlStoppedError
from scrapers.http.client import Response
from scrapers.parsing import PageProblemError
from scrapers.platforms.appstore.parser import (
    PARSER_VERSION,
    ReviewPage,
    is_end_of_feed,
    read_page,
)

LAST_PAGE = 10
EMPTY_ANSWERS = 3
"""So many empty answers in a row are believed: one alone is often followed by a full page."""


class Options(StrictModel):
    """One app in one storefront."""

    country: str
    app_id: str

    @field_validator("country", mode="before")
    @classmethod
    def _storefront(cls, value: Any) -> Any:
        if value is False:  # YAML reads a bare `no` so
            raise ValueError('a bare no means false in YAML. Write country: "no"')
        if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z]{2}", value):
            raise ValueError("not a storefront. Write its two letters, like cn or us")
        return value.lower()

    @field_validator("app_id", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        found = str(value).removeprefix("id")
        if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,20}", found):
            raise ValueError("not an app's number. It is the digits after /id in the app's address")
        return found


def crawl(crawl: Crawl[Options]) -> None:
    """Collect pages from the newest on."""
    options = crawl.options
    crawl.constants = {**crawl.constants, "country": options.country, "app_id": options.app_id}
    seen: set[str] = set()
    for number in range(1, LAST_PAGE + 1):
        page = _fetch(crawl, number)
        if page.is_end:
            return
        if not page.items:
            _check_silence(crawl, number)
            return
        if number > 1 and not page.keys - seen:
            crawl.note(f"Page {number} repeats earlier pages: taken as the end of the feed.")
            return
        seen |= page.keys
        moments = [item.columns["updated_at"] for item in page.readable]
        if max(moments) < crawl.since:
            return
    _check_depth(crawl, min(moments))


def _fetch(crawl: Crawl[Options], number: int) -> ReviewPage:
    options = crawl.options
    path = crawl.spec.path.format(country=options.country, app_id=options.app_id, page=number)
    doubt = _Doubt(min(EMPTY_ANSWERS, crawl.client.limits.max_attempts))
    page = crawl.fetch(
        crawl.base_url + path, doubt.read, parser_version=PARSER_VERSION, page_no=number
    )
    crawl.progress(f"page {number}: {len(page.items)} reviews")
    return page


class _Doubt:
    """Reads one page's answers, and believes in an empty one only when it is repeated."""

    def __init__(self, needed: int) -> None:
        self._needed = needed
        self._empty = 0

    def read(self, response: Response) -> ReviewPage | None:
        if is_end_of_feed(response.status, response.body):
            return ReviewPage(items=(), is_end=True)
        if response.status != 200:
            return None
        page = read_page(response.body)
        if page.items:
            return page
        self._empty += 1
        if self._empty < self._needed:
            detail = f"An empty page, {self._empty} of {self._needed} before it is believed."
            raise PageProblemError("partial", detail, again=True)
        return page


def _check_silence(crawl: Crawl[Options], number: int) -> None:
    if number == 1 and crawl.watermark is not None:
        raise CrawlStoppedError(
            "the feed is empty although it had reviews before: the app may have left this "
            "storefront, or the feed is closed to us."
        )


def _check_depth(crawl: Crawl[Options], oldest: datetime) -> None:
    if crawl.watermark is not None and oldest > crawl.watermark:
        crawl.note(
            f"The feed ends at {oldest:%Y-%m-%d %H:%M} UTC, after the newest review known before "
            f"({crawl.watermark:%Y-%m-%d %H:%M} UTC): reviews between them can't be read any more. "
            "Run the source more often."
        )
