"""A new key for a deployment: a new lake beside the old one, loaded again from what is kept.

Hashes can't be turned into those of another key, so all is read again: dropped files from landing/,
platforms' nights from their archives. The old lake stays, whole, until a person removes it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from lake.config import UsageError
from lake.fingerprint import NAME, check_key, keep_key
from lake.landing import Lake, SourceRun
from lake.privacy import KEY_VARIABLE, Privacy
from orchestration.one_source import Tools
from scrapers.replay import NothingToReplayError, archived_night, replay

NEW = "lake.rotating"
"""Where the new lake is made; it takes the old one's place when it is whole."""


def rotate_key(tools: Tools, *, leave_unarchived: bool) -> Iterator[SourceRun | str]:
    """Put a new lake in the place of the old one and read the platforms' nights into it.

    Gives what was done, then each night that was read again. Raises UsageError when the key is not
    a new one, or when nights would be left behind that no archive has any more.
    """
    home = tools.deployment
    privacy = Privacy.from_env()
    with home.writing():
        old = _old_lake(tools)
        if not old.exists():
            _refuse_same_key(home.lake.root, privacy)
            _refuse_unarchived(tools, leave=leave_unarchived)
            _make(home.lake.root, home.home / NEW, privacy)
            home.lake.root.rename(old)
        if (home.home / NEW).exists():
            (home.home / NEW).rename(home.lake.root)
        check_key(home.lake.root, privacy)
        yield f"The old lake is {old}. Keep the old key as long as you keep it."
        for source, day in _nights(Lake(old), tools, archived=True):
            if not any((home.lake.root / "requests" / f"source={source}").glob(f"dt={day}/*")):
                yield replay(
                    source,
                    tools.source(source),
                    day,
                    lake=home.lake,
                    run=tools.run(day, "rotation"),
                    privacy=privacy,
                    progress=tools.progress,
                    past=Lake(old),
                )


def _old_lake(tools: Tools) -> Path:
    return tools.deployment.home / f"lake.before-{tools.clock():%Y-%m-%d}"


def _refuse_same_key(lake: Path, privacy: Privacy) -> None:
    if not (lake / NAME).exists():
        raise UsageError(f"Nothing landed in {lake} yet: set {KEY_VARIABLE} to the key you want.")
    if (lake / NAME).read_text(encoding="ascii").strip() == privacy.fingerprint:
        raise UsageError(
            f"{KEY_VARIABLE} still holds the key that {lake} was written with. Set it to the new "
            "one, and run this again."
        )


def _refuse_unarchived(tools: Tools, *, leave: bool) -> None:
    lost = list(_nights(tools.deployment.lake, tools, archived=False))
    if lost and not leave:
        sources = ", ".join(sorted({source for source, _ in lost}))
        raise UsageError(
            f"{len(lost)} nights of {sources} have no archive any more, or their source is not in "
            "config/sources.yml: they can't be read again, and would be in the old lake alone. "
            "Put the source back; or, to leave those nights behind, add --leave-unarchived."
        )


def _nights(lake: Lake, tools: Tools, *, archived: bool) -> Iterator[tuple[str, date]]:
    """The days of the platforms' sources that landed something, with an archive or without one."""
    for folder in sorted((lake.root / "records").glob("source=*/dt=*")):
        source, day = folder.parent.name[7:], date.fromisoformat(folder.name[3:])
        if source == "_none" or source.startswith(("survey_", "extract_")):
            continue
        if _is_of_dropped_files(lake, source, day):  # they are read again from landing/
            continue
        try:
            archived_night(lake, source, day)
            has_archive = source in tools.deployment.all_platforms
        except NothingToReplayError:
            has_archive = False
        if has_archive == archived:
            yield source, day


def _is_of_dropped_files(lake: Lake, source: str, day: date) -> bool:
    """Whether all that a source read for a day was dropped, and nothing was fetched."""
    folder = lake.root / "requests" / f"source={source}" / f"dt={day}"
    sheets = [pq.ParquetFile(path).read() for path in folder.glob("*/request_outcome.parquet")]
    rows = [row for sheet in sheets for row in sheet.to_pylist()]
    return {row["kind"] for row in rows if row["items_seen"]} == {"file"}


def _make(old: Path, new: Path, privacy: Privacy) -> None:
    """An empty lake under the new key, with the ledger, the archives and the models of the old one.

    They hold no keyed hashes. They are linked, not copied: a file has two names, and none is
    changed in its place.
    """
    shutil.rmtree(new, ignore_errors=True)
    Lake(new).prepare()
    for tree in ("runs", "checks", "archive", "text"):
        if (old / tree).exists():
            shutil.copytree(old / tree, new / tree, copy_function=os.link)
    keep_key(new, privacy)
