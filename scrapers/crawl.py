"""One source's night: fetch, judge, archive, land; and say how it ended.

A platform's strategy decides which pages to ask for; `Crawl` is what it works with. Whatever the
network or a body does, `crawl_source` ends with a SourceRun: complete, partial (what came before
the failure is landed) or failed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from lake.entities import ENTITIES
from lake.landing import (
    Lake,
    Outcome,
    Record,
    Rejection,
    RunContext,
    SourceLanding,
    SourceRun,
    Status,
)
from lake.privacy import Privacy
from scrapers.config import SourceConfig, access_fault
from scrapers.http.archive import Archive
from scrapers.http.client import (
    FetchError,
    PoliteClient,
    Response,
    Verdict,
    judge_status,
    user_agent,
)
from scrapers.parsing import Item, Page, PageProblemError, Unreadable
from scrapers.registry import PlatformSpec

Options = TypeVar("Options", bound=BaseModel)
SomePage = TypeVar("SomePage", bound=Page)

Reader = Callable[[Response], SomePage | None]
"""Makes a page of a response, or raises PageProblemError; None leaves it to the HTTP status."""


class CrawlStoppedError(Exception):
    """The strategy can't go on; the message says why."""


@dataclass(frozen=True)
class _Fetched(Generic[SomePage]):
    page: SomePage
    response: Response


@dataclass
class Crawl(Generic[Options]):
    """What a strategy works with.

    `since` is the moment from which on things are collected anew (the watermark minus the overlap,
    else the first day); `watermark` is the newest item of the last complete night, None on the
    first. `constants` are columns that every record of the source carries.
    """

    source: str
    spec: PlatformSpec
    options: Options
    base_url: str
    spec_hash: str
    since: datetime
    watermark: datetime | None
    run: RunContext
    client: PoliteClient
    landing: SourceLanding
    progress: Callable[[str], None]
    constants: Mapping[str, Any]
    pages: int = 0
    landed: int = 0
    newest: datetime | None = None
    notes: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    def fetch(
        self, url: str, read: Reader[SomePage], *, parser_version: str, page_no: int
    ) -> SomePage:
        """Fetch a page and land its items. Raises FetchError, also when no item could be read."""

        def judge(response: Response) -> Verdict[_Fetched[SomePage]]:
            return _judge(response, read)

        fetched = self.client.get(url, judge, page_no=page_no)
        page = fetched.page
        for item in page.items:
            self._land(item, url, page_no, fetched.response, parser_version)
        self.pages += 1
        for note in sorted(page.notes):
            self.note(note)
        if page.items and not page.readable:
            problem = next(i.problem for i in page.items if isinstance(i, Unreadable))
            raise FetchError(
                "drift", f"{url}: none of {len(page.items)} items could be read: {problem.reason}"
            )
        return page

    def note(self, text: str) -> None:
        """Something a person should hear of; said once."""
        if text not in self.notes:
            self.notes.append(text)

    def gap(self, text: str) -> None:
        """Something that should have been collected and was not: the night is partial."""
        if text not in self.gaps:
            self.gaps.append(text)

    def moment(self, value: date | datetime) -> datetime:
        """In UTC; a calendar day is placed at its start in the deployment's zone."""
        return _moment(value, self.run)

    def _land(
        self,
        item: Item | Unreadable,
        url: str,
        page_no: int,
        response: Response,
        parser_version: str,
    ) -> None:
        if isinstance(item, Unreadable):
            self._reject(item, url, response)
            return
        entity = ENTITIES[self.spec.entity]
        event_raw = item.columns.get(entity.event_column or "")
        event_at = _moment(event_raw, self.run) if event_raw is not None else None
        landed = self.landing.land(
            Record(
                entity=entity.name,
                natural_key=item.natural_key,
                columns=self._columns(item),
                url=url,
                position=item.position,
                archive_file=response.archive_file,
                archive_offset=response.archive_offset,
                parser_version=parser_version,
                spec_hash=self.spec_hash,
                page_no=page_no,
                event_at=event_at,
                event_at_raw=item.event_at_raw,
                event_precision=_precision(event_raw),
                payload=item.payload,
            )
        )
        if landed:
            self.landed += 1
            if event_at is not None and (self.newest is None or event_at > self.newest):
                self.newest = event_at

    def _columns(self, item: Item) -> dict[str, Any]:
        """The item's columns without personal data, its days placed in time."""
        columns = {**item.columns, **self.constants}
        for name in self.spec.hash:
            columns[f"{name}_hash"] = self.landing.privacy.hash(columns.pop(name, None))
        for name in self.spec.mask:
            columns[name] = self.landing.privacy.mask(columns.get(name))
        return {
            name: self.moment(value) if isinstance(value, date) else value
            for name, value in columns.items()
        }

    def _reject(self, item: Unreadable, url: str, response: Response) -> None:
        problem = item.problem
        self.landing.reject(
            Rejection(
                entity=self.spec.entity,
                file=url,
                line=item.position,
                column=problem.column,
                reason_code=problem.code,
                reason=problem.reason,
                natural_key=item.natural_key,
                value=problem.value,
                archive_file=response.archive_file,
                archive_offset=response.archive_offset,
            )
        )


def crawl_source(
    source_id: str,
    config: SourceConfig,
    *,
    lake: Lake,
    run: RunContext,
    privacy: Privacy,
    contact: str,
    progress: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> SourceRun:
    """Collect one source's night into the lake.

    `contact` (mail or URL) goes into the user agent; `sleep` and `monotonic` are there for tests.
    Never raises for what the network or a body does.
    """
    platform = config.source()
    spec_hash = config.spec_hash()
    agent = user_agent(contact)
    watermark = lake.watermark(source_id, run.as_of, spec_hash)
    with (
        lake.open(source_id, "platform", run, privacy) as landing,
        Archive(lake, source_id, run, agent) as archive,
    ):
        client = PoliteClient(
            entity=platform.spec.entity,
            spec_hash=spec_hash,
            agent=agent,
            limits=config.limits(),
            archive=archive,
            note=landing.outcome,
            progress=lambda text: progress(f"{source_id}: {text}"),
            now=run.clock,
            allow_private=config.allow_private_hosts,
            redirect_hosts=config.redirect_hosts,
            sleep=sleep,
            monotonic=monotonic,
        )
        crawl: Crawl[Any] = Crawl(
            source=source_id,
            spec=platform.spec,
            options=platform.options.model_validate(config.options),
            base_url=(config.base_url or platform.spec.base_url).rstrip("/"),
            spec_hash=spec_hash,
            since=_since(config, platform.spec, watermark, run),
            watermark=watermark,
            run=run,
            client=client,
            landing=landing,
            progress=client.progress,
            constants={"unit_id": config.unit_id},
        )
        failure = access_fault(platform.spec, config.permission)
        try:
            if failure is None:
                platform.crawl(crawl)
        except (FetchError, CrawlStoppedError) as error:
            failure = str(error)
        finally:
            client.close()
        return _finish(crawl, failure)


def _judge(response: Response, read: Reader[SomePage]) -> Verdict[_Fetched[SomePage]]:
    try:
        page = read(response)
    except PageProblemError as problem:
        return Verdict(problem.outcome, problem.detail, again=problem.again)
    if page is None:
        return judge_status(response)
    outcome: Outcome = "ok"
    detail = ""
    unreadable = len(page.items) - len(page.readable)
    if not page.items:
        outcome = "ok" if response.status != 200 else "empty_confirmed"
        detail = "the end" if response.status != 200 else ""
    elif unreadable:
        outcome = "drift" if unreadable == len(page.items) else "ok"
        detail = f"{unreadable} of {len(page.items)} items could not be read."
    return Verdict(outcome, detail, _Fetched(page, response), items_seen=len(page.items))


def _finish(crawl: Crawl[Any], failure: str | None) -> SourceRun:
    landing = crawl.landing
    tally = f"{crawl.landed:,} landed from {crawl.pages:,} page{'' if crawl.pages == 1 else 's'}"
    if landing.quarantined:
        tally += f", {landing.quarantined:,} quarantined"
    status: Status = "complete"
    parts = [f"{tally}."]
    if failure is not None:
        status = "partial" if crawl.landed else "failed"
        kept = "What came before is kept." if crawl.landed else "Earlier nights' data stays."
        parts = [f"Stopped: {failure}", f"{tally}. {kept} The next night tries again."]
    elif crawl.gaps:
        status = "partial"
    parts += [*crawl.gaps, *crawl.notes]
    message = " ".join(parts)
    crawl.progress(f"{status}: {message}")
    return landing.finish(status, message, crawl.newest if status == "complete" else None)


def _since(
    config: SourceConfig, spec: PlatformSpec, watermark: datetime | None, run: RunContext
) -> datetime:
    first = config.first_day or run.as_of - timedelta(days=spec.history_days - 1)
    start = _moment(first, run)
    if watermark is None:
        return start
    overlap = config.overlap_days if config.overlap_days is not None else spec.overlap_days
    return max(start, watermark - timedelta(days=overlap))


def _moment(value: date | datetime, run: RunContext) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.combine(value, clock_time(), tzinfo=run.zone).astimezone(UTC)


def _precision(value: Any) -> Any:
    if value is None:
        return "unknown"
    return "second" if isinstance(value, datetime) else "day"
