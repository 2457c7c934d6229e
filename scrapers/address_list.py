"""The addresses that a source is told to read: those of an option, and those of a sitemap."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from bs4 import BeautifulSoup, Tag

from scrapers.document import decode_text
from scrapers.http.address import RefusedError, check_redirect
from scrapers.http.asking import Ask, Response, Verdict, judge_status
from scrapers.night import Night
from scrapers.spec import Addresses, RequestSpec

MOST_SITEMAPS = 50


def addresses_of(night: Night, name: str, request: RequestSpec) -> tuple[str, ...]:
    """Every address to ask for, in order and once. Raises FetchError for an unreadable sitemap."""
    paging = request.paging
    if not isinstance(paging, Addresses):
        return ()
    options = night.config.values()
    found = _many(options.get(paging.from_option))
    for sitemap in _many(options.get(paging.sitemap_option or "")):
        found += _of_sitemap(night, name, request, sitemap)
    wanted = options.get(paging.match_option or "")
    if isinstance(wanted, str):
        given = set(_many(options.get(paging.from_option)))
        found = [url for url in found if url in given or re.search(wanted, url)]
    whole = [url if "://" in url else night.base_url + url for url in found]
    return tuple(dict.fromkeys(whole))


def _many(value: Any) -> list[str]:
    if value is None:
        return []
    return list(value) if isinstance(value, tuple) else [value]


def _of_sitemap(night: Night, name: str, request: RequestSpec, sitemap: str) -> list[str]:
    """The pages of a sitemap, and of the sitemaps that it is an index of."""
    waiting, found, read = [sitemap], [], 0
    while waiting and read < MOST_SITEMAPS:
        url = waiting.pop(0)
        url = url if "://" in url else night.base_url + url
        read += 1
        entity = night.platform.spec.records[request.records[0]].entity
        ask = Ask(url, f"{name}:sitemap", entity=entity)
        soup = night.client.get(ask, _judge)
        waiting += _on_host(night, url, soup.select("sitemap > loc"))
        found += [loc.get_text(strip=True) for loc in soup.select("url > loc")]
    if waiting:
        night.note(f"{sitemap} leads to more than {MOST_SITEMAPS} sitemaps: the rest is not read.")
    return found


def _on_host(night: Night, sitemap: str, places: Iterable[Tag]) -> list[str]:
    """The sitemaps that an index leads to, without those of other hosts."""
    found = []
    for place in places:
        target = place.get_text(strip=True)
        try:
            check_redirect(sitemap, target, night.config.redirect_hosts)
        except RefusedError as refused:
            night.note(str(refused).replace("The redirect", f"A link of {sitemap}"))
        else:
            found.append(target)
    return found


def _judge(response: Response) -> Verdict[BeautifulSoup]:
    if response.status != 200:
        return judge_status(response)
    soup = BeautifulSoup(decode_text(response.body, response.content_type), "xml")
    if soup.find(["urlset", "sitemapindex"]) is None:
        return Verdict("drift", "The sitemap is none: it has neither urlset nor sitemapindex.")
    return Verdict("ok", "sitemap", soup)
