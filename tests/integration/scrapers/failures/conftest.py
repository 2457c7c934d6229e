"""Plain platforms, declared here, crawled night after night while a replica plays its failures."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
import yaml

from demo.replica.failures import Failure
from demo.replica.server import ReplicaServer, Served
from lake.landing import Lake, RunContext, SourceRun, digest
from lake.privacy import Privacy
from scrapers.config import SourceConfig
from scrapers.crawl import Mode, crawl_source
from scrapers.http.hosts import Hosts
from scrapers.registry import Platforms

AS_OF = date(2026, 9, 30)
NOW = datetime(2026, 9, 30, 18, 0, tzinfo=UTC)  # two in the morning of the next day in Shanghai

JSON_FIELDS = {
    "review_id": "id",
    "title": "title",
    "body": "text",
    "rating": {"path": "rating", "as": "whole", "low": 1, "high": 5},
    "author": "author",
    "created_at": {"path": "date", "as": "instant", "required": True},
}
HTML_FIELDS = {
    "review_id": "@data-id",
    "title": ".title",
    "body": "p.text",
    "rating": {"path": ".rating", "as": "whole", "required": True, "low": 1, "high": 5},
    "author": ".author",
    "created_at": {"path": ".date", "as": "local", "required": True},
}
PAGING = {
    "page": ({"kind": "page"}, {"page": "{page}"}),
    "offset": ({"kind": "offset", "size": 20}, {"offset": "{offset}"}),
    "token": ({"kind": "token", "next": "next_token"}, {"token": "{token}"}),
    "next_link": ({"kind": "next_link", "next": "next"}, {}),
}


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`base` with `changes`, member by member; None takes a member away."""
    found = copy.deepcopy(base)
    for name, value in changes.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, dict) and isinstance(found.get(name), dict):
            found[name] = merged(found[name], value)
        else:
            found[name] = value
    return found


def plain(shape: str = "json", paging: str = "page", **changes: Any) -> dict[str, Any]:
    """A source.yml for demo.replica.sites.plain; `changes` are merged into it."""
    pager, query = PAGING[paging]
    page = (
        {"items": "items", "total": "total"}
        if shape == "json"
        else {"items": "ul.items li.item", "total": ".total", "judge": {"anchors": ["ul.items"]}}
    )
    if (shape, paging) == ("html", "next_link"):
        pager = {"kind": "next_link", "next": "a.next@href"}
    declared = {
        "title": "Plain reviews",
        "access": "open_api",
        "terms": "Invented.",
        "base_url": "https://plain.example",
        "zone": "Asia/Shanghai",
        "requests": {
            "list": {
                "path": "/items",
                "query": query,
                "format": shape,
                "paging": pager,
                "records": ["review"],
            }
            | page
        },
        "records": {
            "review": {
                "entity": "review",
                "key": "review_id",
                "fields": JSON_FIELDS if shape == "json" else HTML_FIELDS,
                "hash": ["author"],
            }
            | ({"known": ["url"]} if shape == "json" else {})
        },
        "cursor": {"order": "newest_first", "overlap_days": 1, "history_days": 3650},
        "politeness": {"min_interval_seconds": 1.0, "max_wait_seconds": 60.0},
        "facts": ["Invented."],
    }
    return merged(declared, changes)


@dataclass
class FakeTime:
    """A clock that only moves when somebody sleeps, or by `step` at every look."""

    step: float = 0.0
    slept: list[float] = field(default_factory=list)
    now: float = 1000.0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def monotonic(self) -> float:
        self.now += self.step
        return self.now


@dataclass
class Night:
    """What one night left in the lake: its own rows alone."""

    run: SourceRun
    folder: Callable[[str], Path]
    asked: list[Served]
    time: FakeTime

    def rows(self, tree: str, name: str) -> list[dict[str, Any]]:
        path = self.folder(tree) / f"{name}.parquet"
        return pq.ParquetFile(path).read().to_pylist() if path.exists() else []

    def records(self, entity: str = "review") -> list[dict[str, Any]]:
        return self.rows("records", entity)

    @property
    def keys(self) -> list[str]:
        return [row["natural_key"] for row in self.records()]

    @property
    def quarantine(self) -> list[dict[str, Any]]:
        return self.rows("quarantine", "quarantine")

    @property
    def states(self) -> dict[str, str]:
        return {row["item_id"]: row["state"] for row in self.records("item_state")}

    @property
    def outcomes(self) -> list[tuple[int | None, int | None, str]]:
        """(page, status, outcome) of every attempt but those for robots.txt."""
        return [
            (row["page_no"], row["http_status"], row["outcome"])
            for row in self.rows("requests", "request_outcome")
            if row["request"] != "robots"
        ]

    @property
    def ends(self) -> list[str]:
        """The outcome of every attempt but those for robots.txt."""
        return [outcome for _, _, outcome in self.outcomes]


@dataclass
class Deployment:
    """One source of one platform, night after night."""

    home: Path
    source: str = "src"
    hosts: Hosts | None = None
    port: int = 0

    def declare(self, name: str, declared: dict[str, Any]) -> Platforms:
        text = yaml.safe_dump(declared, allow_unicode=True, sort_keys=False)
        platforms = self.home / f"platforms-{digest(text)}"  # what is read is kept by its path
        folder = platforms / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "source.yml").write_text(text, encoding="utf-8")
        return Platforms((*Platforms().folders, platforms))

    def night(
        self,
        site: Any,
        *failures: Failure,
        declared: dict[str, Any] | None = None,
        day: int = 0,
        attempt: int = 1,
        hour: float = 0.0,
        step: float = 0.0,
        mode: Mode | None = None,
        dropped: Path | None = None,
        etags: bool = False,
        **config: Any,
    ) -> Night:
        """Night number `day` (from 0) against `site`; the address stays the same."""
        platforms = Platforms()
        if declared is not None:
            platforms = self.declare(f"plain_{self.source}", declared)
            config = {"platform": f"plain_{self.source}"} | config
        time = FakeTime(step)
        lake = Lake(self.home / "lake")
        lake.prepare()
        now = NOW + timedelta(days=day, hours=hour)
        run = RunContext(
            AS_OF + timedelta(days=day),
            f"run-{day:02}-{attempt}",
            ZoneInfo("Asia/Shanghai"),
            clock=lambda: now,
        )
        with ReplicaServer(sites=[site], failures=failures, port=self.port, etags=etags) as server:
            self.port = urlsplit(server.url).port or 0
            given = {"base_url": server.url, "allow_private_hosts": True} | config
            result = crawl_source(
                self.source,
                SourceConfig.model_validate(given, context={"platforms": platforms}),
                lake=lake,
                run=run,
                privacy=Privacy(b"a key that is for tests only"),
                contact="voc@yunwu.example",
                progress=lambda text: None,
                hosts=self.hosts or Hosts(time.sleep, time.monotonic),
                dropped=dropped,
                mode=mode,
            )
            return Night(
                result,
                lambda tree: lake.night(tree, self.source, run),
                server.pages,
                time,
            )


@pytest.fixture
def deployment(tmp_path: Path) -> Callable[..., Deployment]:
    """deployment(source="src", hosts=None): a source; several share one home and one lake."""

    def make(source: str = "src", hosts: Hosts | None = None) -> Deployment:
        return Deployment(tmp_path, source, hosts)

    return make


@pytest.fixture
def source(deployment: Callable[..., Deployment]) -> Deployment:
    return deployment()


@pytest.fixture
def declared() -> Callable[..., dict[str, Any]]:
    return plain
