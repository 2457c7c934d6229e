"""robots.txt: read once per host and run through protego, and obeyed."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

PRODUCT = "voc-warehouse"  # the token that robots.txt rules name us by
MAX_BYTES = 512 * 1024  # RFC 9309: at least 500 KiB must be read; more is padding


@dataclass(frozen=True)
class Robots:
    """One host's rules. `refusal` says why nothing may be fetched when they could not be read."""

    rules: Protego | None = None
    refusal: str = ""

    def allows(self, url: str) -> bool:
        """Whether our user agent may fetch `url`."""
        if self.refusal:
            return False
        return self.rules is None or bool(self.rules.can_fetch(url, PRODUCT))

    @property
    def distance(self) -> float:
        """Seconds between requests that the host asks for (Crawl-delay, Request-rate), or 0."""
        if self.rules is None:
            return 0.0
        delay = self.rules.crawl_delay(PRODUCT) or 0.0
        rate = self.rules.request_rate(PRODUCT)
        return max(float(delay), rate.seconds / rate.requests if rate and rate.requests else 0.0)


def robots_url(url: str) -> str:
    """Where the rules of the host of `url` stand."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def parse_robots(body: bytes) -> Robots:
    """Rules from a robots.txt body; what isn't a rule is ignored, as the standard says."""
    text = body[:MAX_BYTES].decode("utf-8-sig", "replace")  # a mark would hide the first line
    return Robots(Protego.parse(text))
