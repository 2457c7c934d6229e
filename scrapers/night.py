"""What one source's night knows and keeps: where it stands, what it landed, what it must tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as clock_time
from typing import Any
from zoneinfo import ZoneInfo

from lake.entities import ENTITIES
from lake.history import History, Visit, below_host
from lake.landing import Record, Rejection, RunContext, SourceLanding
from scrapers.config import SourceConfig
from scrapers.http.asking import Response
from scrapers.http.client import PoliteClient
from scrapers.parsing import Item, Page, Unreadable
from scrapers.profile import Profile
from scrapers.registry import Platform
from scrapers.spec import RecordSpec, RequestSpec


@dataclass(frozen=True)
class Origin:
    """Where a page came from: an answer of the network, or a dropped file (`is_file`).

    An `archive_offset` of None is each item's own position: its row, or its place on the page.
    """

    url: str
    page_no: int | None
    archive_file: str
    archive_offset: int | None
    fetched_at: datetime
    is_file: bool = False

    @classmethod
    def of(cls, response: Response, page_no: int | None) -> Origin:
        """The origin of a page that was fetched."""
        return cls(
            response.url,
            page_no,
            response.archive_file,
            response.archive_offset,
            response.fetched_at,
        )

    def offset_of(self, position: int) -> int:
        """What leads to the item at `position` in its archive or file."""
        return position if self.archive_offset is None else self.archive_offset


@dataclass
class Night:
    """The state of one source's night.

    `since` is the moment from which on things are collected anew; `watermark` the newest item of
    the last complete night, None on the first. `seen` holds what was seen in lists: by record and
    key, the version; no more, as it grows with every item of the night.
    """

    source: str
    config: SourceConfig
    platform: Platform
    base_url: str
    zone: ZoneInfo
    spec_hash: str
    since: datetime
    watermark: datetime | None
    run: RunContext
    history: History
    client: PoliteClient
    landing: SourceLanding
    page_limit: int | None = None
    is_replay: bool = False
    first_fetch: datetime | None = None
    last_fetch: datetime | None = None
    """When the last page was fetched: the time that is now, also for a night read again."""
    pages: int = 0
    files: int = 0
    """Dropped files that are read, tonight or before."""
    unchanged: int = 0
    """Files that the host did not send again."""
    landed: int = 0
    newest: datetime | None = None
    walked: list[str] = field(default_factory=list)
    """Lists that were read to their end."""
    capped: bool = False
    """Whether a list ended at the platform's limit, short of the window."""
    seen: dict[str, dict[str, str]] = field(default_factory=dict)
    unread: set[tuple[str, str | None]] = field(default_factory=set)
    """(entity, key) of what lists showed and what could not be landed; None where it has no key."""
    visited: int = 0
    """How many items' own pages were asked for and answered."""
    gone: dict[tuple[str, str], str] = field(default_factory=dict)
    """(entity, key) -> how its own page said that it is gone."""
    counts: dict[str, int] = field(default_factory=dict)
    """Record -> how many items of it the network brought."""
    profile: Profile = field(default_factory=Profile)
    failures: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def asked_network(self) -> bool:
        """Whether a list was walked tonight, be it in vain; else the source lives on drops."""
        return bool(self.walked or self.failures)

    @property
    def read_anything(self) -> bool:
        """Whether there was something to read tonight: a list, or a dropped file."""
        return bool(self.asked_network or self.files)

    @property
    def now(self) -> datetime:
        """The time of the night: that of its last page."""
        return self.last_fetch or self.run.clock()

    def refusal(self, request: RequestSpec) -> str | None:
        """Why a request may not be made; None when it may, or when nothing is asked anew."""
        return None if self.is_replay else self.config.refusal(request)

    def last_visit(self, request: str, url: str) -> Visit | None:
        """The last time this address was asked for by this request; None if it never was."""
        return self.history.visits([request], self.spec_hash).get(below_host(url))

    def note(self, text: str) -> None:
        """Something a person should hear of; said once."""
        if text not in self.notes:
            self.notes.append(text)

    def gap(self, text: str) -> None:
        """Something that should have been collected and was not: the night is not complete."""
        if text not in self.gaps:
            self.gaps.append(text)

    def fail(self, text: str) -> None:
        """A list that could not be read to its end."""
        if text not in self.failures:
            self.failures.append(text)

    def variables(self) -> dict[str, Any]:
        """What every template may use: the options, and where this night's window begins."""
        first = self.since.astimezone(self.zone).date()
        return {
            **self.config.values(),
            "since": self.since.isoformat(),
            "since_unix": str(int(self.since.timestamp())),
            "from_day": first.isoformat(),
            "to_day": self.run.as_of.isoformat(),
            "as_of": self.run.as_of.isoformat(),
        }

    def land_page(
        self, page: Page, request: str, origin: Origin, *, unit_id: str | None, in_list: bool
    ) -> None:
        """Land everything on a page, and count how full its fields are."""
        self.last_fetch = origin.fetched_at
        if in_list and self.first_fetch is None:
            self.first_fetch = origin.fetched_at
        for item in page.items:
            if not origin.is_file:  # what people drop says nothing of how much there should be
                self.counts[item.record] = self.counts.get(item.record, 0) + 1
            if isinstance(item, Unreadable):
                self._reject(item, origin)
                if in_list:
                    self.unread.add((self._entity(item.record), item.natural_key))
            else:
                self._land(item, request, origin, unit_id, in_list=in_list)
        for name, count in page.unknown_fields.items():
            record = self.platform.spec.requests[request].records[0]
            self.profile.unknown(self._entity(record), request, name, count, page.listed)
        if page.unknown_fields:
            self.note(f"Unknown fields, not landed: {', '.join(sorted(page.unknown_fields))}.")
        for said in sorted(page.notes):
            self.note(said)

    def _land(
        self, item: Item, request: str, origin: Origin, unit_id: str | None, *, in_list: bool
    ) -> None:
        record = self.platform.spec.records[item.record]
        entity = ENTITIES[record.entity]
        event_at = None if item.event is None else moment(item.event, self.run)
        columns = self._columns(item, record, unit_id)
        self.profile.add(entity.name, request, columns, record)
        version_hash = self.landing.land(
            Record(
                entity=entity.name,
                natural_key=item.natural_key,
                columns=columns,
                url=origin.url,
                position=item.position,
                archive_file=origin.archive_file,
                archive_offset=origin.offset_of(item.position),
                parser_version=self.platform.parser_version,
                spec_hash=self.spec_hash,
                page_no=origin.page_no,
                event_at=event_at,
                event_at_raw=item.event_at_raw,
                event_precision=_precision(item.event),
                payload=self.landing.privacy.mask_within(item.payload),
                observed_at=origin.fetched_at,
                unstable=item.unstable,
            )
        )
        if version_hash is None:
            if in_list:
                self.unread.add((entity.name, item.natural_key))
            return
        self.landed += 1
        if in_list:
            self._sight(item, version_hash, event_at)

    def _sight(self, item: Item, version_hash: str, event_at: datetime | None) -> None:
        """Keep what was seen in a list, and how far time has come there."""
        if event_at is not None and (self.newest is None or event_at > self.newest):
            self.newest = event_at
        self.seen.setdefault(item.record, {})[item.natural_key] = version_hash

    def _columns(self, item: Item, record: RecordSpec, unit_id: str | None) -> dict[str, Any]:
        """The item's columns without personal data, its days placed in time."""
        own = ENTITIES[record.entity].columns
        columns = dict(item.columns)
        if "unit_id" in own:
            columns.setdefault("unit_id", unit_id)
        if "platform" in own:
            columns["platform"] = self.platform.name
        for name in record.hash:
            columns[f"{name}_hash"] = self.landing.privacy.hash(columns.pop(name, None))
        for name in record.masked:
            columns[name] = self.landing.privacy.mask(columns.get(name))
        for name, declared in record.fields.items():
            if declared.kind in ("json", "pairs") and columns.get(name):
                found = self.landing.privacy.mask_within(json.loads(columns[name]))
                columns[name] = json.dumps(found, ensure_ascii=False, sort_keys=True)
        return {
            name: moment(value, self.run)
            if isinstance(value, date) and not isinstance(value, datetime) and is_stamp(own, name)
            else value
            for name, value in columns.items()
        }

    def _reject(self, item: Unreadable, origin: Origin) -> None:
        problem = item.problem
        personal = self.platform.spec.records[item.record].hash
        self.landing.reject(
            Rejection(
                entity=self._entity(item.record),
                file=origin.url,
                line=item.position,
                column=problem.column,
                reason_code=problem.code,
                reason=problem.reason,
                natural_key=item.natural_key,
                value=None if problem.column in personal else problem.value,
                archive_file=origin.archive_file,
                archive_offset=origin.offset_of(item.position),
                observed_at=origin.fetched_at,
            )
        )

    def _entity(self, record: str) -> str:
        return self.platform.spec.records[record].entity


def moment(value: date | datetime, run: RunContext) -> datetime:
    """In UTC; a calendar day is placed at its start in the deployment's zone."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.combine(value, clock_time(), tzinfo=run.zone).astimezone(UTC)


def is_stamp(columns: Mapping[str, Any], name: str) -> bool:
    """Whether a column holds moments (a calendar day in it is placed in time)."""
    return str(columns[name]).startswith("timestamp")


def _precision(value: Any) -> Any:
    if value is None:
        return "unknown"
    return "second" if isinstance(value, datetime) else "day"
