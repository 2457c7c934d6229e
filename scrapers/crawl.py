"""One source's night: walk its lists, visit what is open, read what was dropped, and land it.

Whatever the network or a body does, `crawl_source` ends with a SourceRun: complete, partial (what
came before the failure is landed) or failed. Only a complete night moves the cursor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from lake.history import History
from lake.landing import Lake, RequestOutcome, RunContext, SourceRun, Status
from lake.privacy import Privacy
from scrapers.config import SourceConfig
from scrapers.drift import findings
from scrapers.drops import read_drops
from scrapers.http.archive import Archive
from scrapers.http.client import PoliteClient, user_agent
from scrapers.http.hosts import Hosts
from scrapers.http.tape import Tape
from scrapers.night import Night, moment
from scrapers.revisit import visit_details
from scrapers.spec import RequestSpec
from scrapers.visibility import note_visibility
from scrapers.walk import walk_list


@dataclass(frozen=True)
class Mode:
    """How a crawl is run: `tape` is what a replay reads instead of the network, `before` the
    moment whose past it takes; `limit` ends every list after so many pages; `live` off reads
    dropped files alone."""

    tape: Tape | None = None
    before: datetime | None = None
    since: datetime | None = None
    limit: int | None = None
    live: bool = True

    @property
    def is_whole(self) -> bool:
        """Whether it is a night's crawl: one that may take over what a killed one left."""
        return self.live and self.limit is None


def crawl_source(
    source_id: str,
    config: SourceConfig,
    *,
    lake: Lake,
    run: RunContext,
    privacy: Privacy,
    contact: str,
    progress: Callable[[str], None],
    hosts: Hosts | None = None,
    dropped: Path | None = None,
    mode: Mode | None = None,
) -> SourceRun:
    """Collect one source's night into the lake.

    `contact` (mail or URL) goes into the user agent; `hosts` are the night's, shared by all
    sources; `dropped` is the folder of saved pages and exports. Never raises for what the network
    or a body does.
    """
    mode = mode or Mode()
    platform = config.source()
    spec_hash = config.spec_hash()
    agent = user_agent(contact)
    history = History(lake, source_id, run.as_of, run.run_id, mode.before)
    watermark = history.watermark(spec_hash if mode.tape is None else None)
    with (
        lake.open(source_id, "platform", run, privacy) as landing,
        Archive(
            lake, source_id, run, agent, spec_hash=spec_hash, mask=config.archive_rules()
        ) as archive,
    ):
        client = PoliteClient(
            spec_hash=spec_hash,
            agent=agent,
            limits=config.limits(),
            archive=archive,
            hosts=hosts or Hosts(),
            tape=mode.tape or (archive.tape if mode.is_whole else None),
            note=landing.outcome,
            progress=lambda text: progress(f"{source_id}: {text}"),
            now=run.clock,
            allow_private=config.allow_private_hosts,
            redirect_hosts=config.redirect_hosts,
        )
        night = Night(
            source=source_id,
            config=config,
            platform=platform,
            base_url=config.address(),
            zone=ZoneInfo(platform.spec.zone) if platform.spec.zone else run.zone,
            spec_hash=spec_hash,
            since=mode.since or _since(config, watermark, run),
            watermark=watermark,
            run=run,
            history=history,
            client=client,
            landing=landing,
            page_limit=mode.limit,
            is_replay=mode.tape is not None,
        )
        try:
            if mode.live:
                _crawl(night)
            if dropped is not None and mode.tape is None:
                read_drops(night, dropped)
        finally:
            client.close()
        return _finish(night, partial_read=mode.limit is not None)


def _crawl(night: Night) -> None:
    """Everything that the network has for this source."""
    refused: set[str] = set()
    for name, request in night.platform.spec.lists.items():
        if not _wanted(night, request):
            continue
        refusal = night.refusal(request)
        if refusal is not None:
            if refusal not in refused:
                _refuse(night, name, request, refusal)
            refused.add(refusal)
            continue
        for value in _repeated(night, request):
            walk_list(night, name, value)
    if night.walked:
        visit_details(night)
        note_visibility(night)


def _wanted(night: Night, request: RequestSpec) -> bool:
    options = night.config.values()
    if request.when is not None and not options.get(request.when):
        return False
    return request.unless is None or not options.get(request.unless)


def _repeated(night: Night, request: RequestSpec) -> tuple[str | None, ...]:
    """The values that a request is repeated for: shops, products; one None where it isn't."""
    if request.each is None:
        return (None,)
    value = night.config.values().get(request.each)
    return value if isinstance(value, tuple) else (value,)


def _refuse(night: Night, name: str, request: RequestSpec, refusal: str) -> None:
    night.landing.outcome(
        RequestOutcome(
            entity=night.platform.spec.records[request.records[0]].entity,
            kind="http",
            requested_at=night.run.clock(),
            url=night.base_url,
            outcome="refused",
            detail=refusal,
            request=name,
            spec_hash=night.spec_hash,
        )
    )
    night.note(refusal)


def _finish(night: Night, *, partial_read: bool) -> SourceRun:
    landing = night.landing
    landing.profile(night.profile.rows())
    if partial_read:
        night.gap(f"Only {night.page_limit} pages of each list were asked for (--limit).")
    elif night.read_anything:
        for finding in findings(night):
            (night.gap if finding.fatal else night.note)(finding.text)
    tally = f"{night.landed:,} landed from {_origins(night)}"
    if landing.quarantined:
        tally += f", {landing.quarantined:,} quarantined"
    status: Status = "complete"
    parts = [f"{tally}."]
    if night.failures:
        status = "partial" if night.landed else "failed"
        kept = "What came is kept." if night.landed else "Earlier nights' data stays."
        stopped = " ".join(f"Stopped: {failure}" for failure in night.failures)
        parts = [stopped, f"{tally}. {kept} The next night tries again."]
    elif night.gaps:
        has_drops = bool(night.files) and not night.asked_network
        status = "partial" if night.landed or has_drops else "failed"
    parts += [*night.gaps, *night.notes]
    message = " ".join(parts)
    night.client.progress(f"{status}: {message}")
    return landing.finish(
        status, message, _reached(night) if status == "complete" else None, night.since
    )


def _origins(night: Night) -> str:
    """How many pages and dropped files the night read, as a person says it."""
    counts = [(night.pages, "page"), (night.files, "dropped file")]
    said = [f"{count:,} {what}{'' if count == 1 else 's'}" for count, what in counts if count]
    return " and ".join(said) or "0 pages"


def _reached(night: Night) -> datetime | None:
    """How far time was read: no further than to when the first page was asked for.

    What came later may stand in a list that was read before, and what is dated later is misdated.
    """
    if night.newest is None or night.first_fetch is None:
        return night.newest
    return min(night.newest, night.first_fetch)


def _since(config: SourceConfig, watermark: datetime | None, run: RunContext) -> datetime:
    cursor = config.source().spec.cursor
    first = config.first_day or run.as_of - timedelta(days=cursor.history_days - 1)
    start = moment(first, run)
    if watermark is None:
        return start
    overlap = config.overlap_days if config.overlap_days is not None else cursor.overlap_days
    return max(start, watermark - timedelta(days=overlap))
