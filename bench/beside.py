"""Scrapy on the same pages with the same selectors, in a process of its own.

`python -m bench.beside PLATFORM URL CONCURRENCY FILE` writes JSON lines to FILE and prints what it
took as JSON. Imports are not in the time. Pages are asked for as a Scrapy user would: the first one
says how many there are, the others are queued at once.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import jmespath
import yaml
from scrapy import Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Request, Response, TextResponse

from bench.processes import PLATFORMS, run_module


def crawl(platform: str, url: str, concurrency: int, file: Path) -> dict[str, float]:
    """Crawl with Scrapy in a new process: its seconds, processor seconds and records."""
    file.unlink(missing_ok=True)
    took = run_module("bench.beside", platform, url, str(concurrency), str(file))
    with file.open(encoding="utf-8") as lines:
        return took | {"records": sum(1 for _ in lines)}


class PlainSpider(Spider):
    """Reads a plain list by the selectors of its source.yml."""

    name = "plain"

    def __init__(self, platform: str, url: str) -> None:
        super().__init__()
        declared = yaml.safe_load((PLATFORMS / platform / "source.yml").read_text("utf-8"))
        self.url = url
        self.request = declared["requests"]["list"]
        fields = declared["records"]["review"]["fields"]
        self.paths = {n: f if isinstance(f, str) else f["path"] for n, f in fields.items()}
        if self.request["format"] == "json":
            self.compiled = {n: jmespath.compile(path) for n, path in self.paths.items()}
        else:
            self.css = {n: _parsel(path) for n, path in self.paths.items()}

    async def start(self) -> AsyncIterator[Any]:
        """The first page."""
        yield Request(f"{self.url}/items?page=1", self.first)

    def first(self, response: Response) -> Iterator[Any]:
        """The first page's items, and all other pages."""
        items = list(self.parse(response))
        yield from items
        for number in range(2, -(-self._total(response) // len(items)) + 1):
            yield Request(f"{self.url}/items?page={number}", self.parse)

    def parse(self, response: Response, **_: Any) -> Iterator[dict[str, Any]]:
        """A page's items."""
        assert isinstance(response, TextResponse)  # noqa: S101 - for mypy
        if self.request["format"] == "json":
            for item in response.json()[self.request["items"]]:
                yield {name: path.search(item) for name, path in self.compiled.items()}
        else:
            for node in response.css(self.request["items"]):
                yield {name: node.css(path).get() for name, path in self.css.items()}

    def _total(self, response: Response) -> int:
        assert isinstance(response, TextResponse)  # noqa: S101 - for mypy
        if self.request["format"] == "json":
            return int(response.json()[self.request["total"]])
        return int(response.css(f"{self.request['total']}::text").get("0"))


def _parsel(path: str) -> str:
    """Our `css@attribute` in parsel's words."""
    css, at, attribute = path.rpartition("@")
    return f"{css}::attr({attribute})" if at else f"{path}::text"


def _crawl(platform: str, url: str, concurrency: int, file: str) -> dict[str, float]:
    settings = {
        "AUTOTHROTTLE_ENABLED": False,
        "CONCURRENT_REQUESTS": concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        "DOWNLOAD_DELAY": 0,
        "FEEDS": {file: {"format": "jsonlines"}},
        "FEED_EXPORT_ENCODING": "utf-8",
        "HTTPPROXY_ENABLED": False,
        "LOG_LEVEL": "ERROR",
        "ROBOTSTXT_OBEY": True,
        "TELNETCONSOLE_ENABLED": False,
    }
    process = CrawlerProcess(settings)
    began, cpu_began = time.perf_counter(), time.process_time()
    process.crawl(PlainSpider, platform=platform, url=url)
    process.start()
    return {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - cpu_began,
    }


if __name__ == "__main__":
    print(json.dumps(_crawl(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])))
