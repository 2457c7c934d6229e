"""Reading a night again from its archive, with today's declaration and parser; no network.

The walk is the same as the night's was, on a closed tape: an address that is not on it is an error,
and ends the list there. What is read lands beside the first reading, as later versions of the same
records under a new parser_version.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from lake.config import UsageError
from lake.landing import Lake, RunContext, SourceRun
from lake.privacy import Privacy
from scrapers.config import SourceConfig
from scrapers.crawl import Mode, crawl_source
from scrapers.http.tape import Tape

MARK = "-replay-"


class NothingToReplayError(UsageError):
    """There is no archive of that night; the message says what there is."""


@dataclass(frozen=True)
class ArchivedNight:
    """One night of a source that ended and has an archive."""

    run_id: str
    archive: Path
    started_at: datetime
    since: datetime | None


def archived_night(lake: Lake, source: str, day: date) -> ArchivedNight:
    """The night of a source's day that has an archive: the last complete one, else the one that
    landed most. A try with --limit, or a run that was banned at once, is none to read again.

    Raises NothingToReplayError.
    """
    folder = lake.root / "requests" / f"source={source}" / f"dt={day}"
    for requests in sorted(folder.glob("*"), key=_worth, reverse=True):
        name, mark, _ = requests.name.partition(MARK)
        archive = lake.root / "archive" / f"source={source}" / f"dt={day}" / f"{name}.warc.gz"
        # A reading of a night stands for it where the night itself is in a lake of another key.
        is_night = not mark or not (folder / name).exists()
        if is_night and archive.exists():
            row = _source_run(requests)
            return ArchivedNight(name, archive, row["started_at"], row["since"])
    days = sorted({p.parent.name[3:] for p in lake.root.glob(f"archive/source={source}/dt=*/*.gz")})
    there = (
        f"There are archives of {days[0]} to {days[-1]}" if days else "There is no archive at all"
    )
    raise NothingToReplayError(
        f"No night of {source} for {day} ended with an archive. {there} (archive_days in "
        "sources.yml decides how long they are kept)."
    )


def replay(
    source: str,
    config: SourceConfig,
    day: date,
    *,
    lake: Lake,
    run: RunContext,
    privacy: Privacy,
    progress: Callable[[str], None],
    past: Lake | None = None,
) -> SourceRun:
    """Read one night again into the lake, or one of the lake `past` into this one.

    Raises NothingToReplayError.

    `run` gives the zone and the clock; its id is made from that of the night and the time now, so
    that what is read again stands behind what was read first.
    """
    night = archived_night(past or lake, source, day)
    run_id = f"{night.run_id}{MARK}{run.clock():%Y%m%dT%H%M%SZ}"
    return crawl_source(
        source,
        config,
        lake=lake,
        run=RunContext(day, run_id, run.zone, run.clock),
        privacy=privacy,
        contact="replay",
        progress=progress,
        mode=Mode(tape=Tape.of([night.archive]), before=night.started_at, since=night.since),
    )


def _worth(requests: Path) -> tuple[bool, int, str]:
    row = _source_run(requests)
    is_complete = row["status"] == "complete"
    return is_complete, 0 if is_complete else row["landed"], str(row["started_at"])


def _source_run(requests: Path) -> dict[str, Any]:
    rows: list[dict[str, Any]] = pq.ParquetFile(requests / "source_run.parquet").read().to_pylist()
    return rows[0]
