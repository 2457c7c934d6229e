"""The platforms: every folder of scrapers/platforms with a source.yml, found at run time.

A platform's strategy module holds `Options` (the model of its options in sources.yml) and
`crawl(crawl: Crawl[Options]) -> None`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from lake.config import StrictModel, load_yaml
from scrapers.http.client import Limits

PLATFORMS = Path(__file__).parent / "platforms"

Access = Literal["open_api", "public_feed", "public_page", "by_permission"]
"""What lets us in: an official API, an official feed, pages robots.txt allows, or a permission."""


class PlatformSpec(StrictModel):
    """A platform's source.yml. `mask` are free-text columns; `hash` lists personal identifiers,
    which land only as keyed hashes under `<name>_hash`."""

    title: str
    access: Access
    terms: str
    base_url: str
    path: str
    entity: Literal["complaint", "review"]
    key: str
    times: dict[str, str]
    mask: tuple[str, ...]
    hash: tuple[str, ...] = ()
    overlap_days: int = Field(ge=0)
    history_days: int = Field(ge=1)
    politeness: Limits
    facts: tuple[str, ...]

    @property
    def identity(self) -> dict[str, Any]:
        """The part that decides what is collected and how it is read; wording and pace do not."""
        return self.model_dump(
            mode="json", exclude={"title", "terms", "base_url", "politeness", "facts"}
        )


@dataclass(frozen=True)
class Platform:
    """A platform ready to be crawled."""

    name: str
    spec: PlatformSpec
    options: type[StrictModel]
    crawl: Callable[[Any], None]


def platform_names() -> list[str]:
    """The platforms that exist, by their folders."""
    return sorted(path.parent.name for path in PLATFORMS.glob("*/source.yml"))


@cache
def load_platform(name: str) -> Platform:
    """Read a platform's declaration and strategy. Raises KeyError when there is no such folder."""
    if name not in platform_names():
        raise KeyError(name)
    spec = load_yaml(PLATFORMS / name / "source.yml", PlatformSpec)
    strategy = importlib.import_module(f"scrapers.platforms.{name}.strategy")
    return Platform(name, spec, strategy.Options, strategy.crawl)
