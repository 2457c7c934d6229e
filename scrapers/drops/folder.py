"""One source's folder of drops: each file read once, each with a row that says how it ended.

A bad file costs none of its neighbours, and none of what the network brought: the night of a source
that is crawled says so in its message, the night of one that lives on drops alone is not complete.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import python_calamine as calamine

from lake.landing import Outcome, Rejection, RequestOutcome
from lake.privacy import mask_text
from loaders.files import Dropped, FileFault, Scan, find, scan
from scrapers.drops.exports import Export, batches, open_export
from scrapers.drops.matching import Match, Matcher
from scrapers.drops.saved import Broken, Kind, SavedPage, TornError, pages_of
from scrapers.fields import Moment
from scrapers.judging import only_ours
from scrapers.night import Night, Origin
from scrapers.parsing import Item, Page, Unreadable

FILE = "file"
"""What an export's rows have in place of a request's name."""
BATCH = 1_000
PROGRESS_EVERY = 20_000
IGNORED = ("thumbs.db", "desktop.ini")

_TABLES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls")
_PAGES: dict[str, Kind] = {
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".mhtml": "mhtml",
    ".mht": "mhtml",
    ".warc": "warc",
    ".warc.gz": "warc",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".txt": "json",
    ".js": "json",
}
_PACKED = (".zip", ".rar", ".7z", ".gz", ".tar", ".tgz")
_WORST: tuple[Outcome, ...] = ("blocked", "drift", "partial", "gone", "error")
_READ: tuple[Outcome, ...] = ("ok", "empty_confirmed")


def read_drops(night: Night, folder: Path) -> None:
    """Read every file of `folder`, which is landing/platforms/<source>/, that was not read before.

    Never raises for what is in a file. Nothing in the folder is changed.
    """
    home = folder.absolute().parents[2]
    try:
        found = find(folder.absolute(), "*", home, night.landing.privacy)
    except OSError as error:
        _tell(night, f"{folder.name}: the folder can't be opened ({error.strerror or error}).")
        return
    known = night.landing.lake.landed_files(
        night.source, night.run.as_of, night.spec_hash, beside_run=night.run.run_id
    )
    for file, reason in found.refused:
        _Reading(night, file).end("error", reason)
    for file in found.files:
        if file.path.name.casefold() not in IGNORED:
            _Reading(night, file).run(known)


@dataclass
class _Reading:
    """One file while it is read. `items` counts (request, entity) -> items seen."""

    night: Night
    file: Dropped
    size: int | None = None
    sha256: str | None = None
    address: str | None = None
    items: Counter[tuple[str, str]] = field(default_factory=Counter)
    request: str | None = None
    read: Counter[str] = field(default_factory=Counter)
    """Outcome -> pages of the file that ended so."""
    failed: list[tuple[int | None, Match]] = field(default_factory=list)
    strangers: int = 0

    def __post_init__(self) -> None:
        self.started = self.night.run.clock()
        self._landed = self.night.landed
        self._quarantined = self.night.landing.quarantined

    def run(self, known: dict[str, str]) -> None:
        """Read the file, and note how it ended."""
        outcome, detail = self._outcome(known)
        if outcome in _READ and self.sha256 is not None:
            known[self.sha256] = self.file.url
        self.end(outcome, detail)

    def end(self, outcome: Outcome, detail: str) -> None:
        """Note how the file ended: in rows, and to the person who dropped it."""
        detail = mask_text(detail)[0]  # a first row without headers may be told as headers
        self._note(outcome, detail)
        if outcome in (*_READ, "unchanged"):
            self.night.files += 1
        else:
            _tell(self.night, f"{self.file.url}: {detail}")
        self.night.client.progress(f"{self.file.url}: {detail}")

    def _outcome(self, known: dict[str, str]) -> tuple[Outcome, str]:
        try:
            return self._read(known)
        except FileFault as fault:
            detail = str(fault)
        except TornError:
            detail = "it breaks off in the middle. Copy it again, until it is whole."
        except (calamine.CalamineError, zipfile.BadZipFile, EOFError) as error:
            detail = f"the workbook can't be read ({error}). Save it again as XLSX."
        except OSError as error:
            said = error.strerror or str(error)
            detail = f"it can't be opened ({said}). Check its rights and the disk."
        except (
            Exception
        ) as error:  # our own fault on one file must not cost what the network brought
            said = f"{type(error).__name__}: {error}"
            detail = f"reading it met a fault of the program ({said}). Please report this."
        return ("partial" if self.items else "error"), detail

    def _read(self, known: dict[str, str]) -> tuple[Outcome, str]:
        before = self.file.path.stat()
        found = scan(self.file.path)
        self.size, self.sha256 = found.size, found.sha256
        if found.sha256 in known:
            return "unchanged", _same(known[found.sha256], self.file.url)
        suffix = _suffix(self.file.path.name)
        kind = _PAGES.get(suffix)
        ended = self._table(found) if kind is None else self._pages(kind, found.size)
        after = self.file.path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            return "partial", "it changed while it was read: it is read again next time."
        return ended

    def _pages(self, kind: Kind, size: int) -> tuple[Outcome, str]:
        matcher = _matcher(self.night)
        lines: list[SavedPage] = []
        broken: list[Broken] = []
        torn: TornError | None = None
        try:
            for saved in pages_of(self.file.path, kind, size, self._saved_at()):
                if isinstance(saved, Broken):
                    if saved.url is None or matcher.named(saved.url):  # not a page's decoration
                        broken.append(saved)
                elif kind == "json" and saved.offset is not None:
                    lines.append(saved)
                else:
                    self._page(matcher.match(saved), saved)
        except TornError as error:
            torn = error
        if lines:
            self._lines(matcher, lines)
        self._rest(broken)
        if torn is not None:
            raise torn
        return self._ended()

    def _table(self, found: Scan) -> tuple[Outcome, str]:
        if found.sample.lstrip()[:1] == b"<":
            raise FileFault(
                "it is a page under the name of a table. Open it in a spreadsheet, and save it as "
                "XLSX."
            )
        night, matcher = self.night, _matcher(self.night)
        saved_at, self.request, seen = self._saved_at(), FILE, 0
        moment, context = Moment(saved_at, night.zone), matcher.context({})
        with open_export(self.file.path, found, night.platform, moment, context) as export:
            for batch in batches(export.items(), BATCH):
                self._rows(matcher, export, batch, saved_at)
                seen += len(batch)
                if seen % PROGRESS_EVERY == 0:
                    night.client.progress(f"{self.file.url}: {seen:,} rows so far")
            told = [self._tally("rows") if seen else "a header and no rows", export.how]
        if export.unused:
            told.append(f"columns not landed: {', '.join(export.unused[:20])}")
        return ("ok" if seen else "empty_confirmed"), "; ".join(told)

    def _rows(
        self, matcher: Matcher, export: Export, batch: list[Item | Unreadable], saved_at: datetime
    ) -> None:
        """Land rows of an export, each for the unit that its shop is."""
        spec, options = self.night.platform.spec, self.night.config.values()
        ours = only_ours(Page(tuple(batch), len(batch)), spec, export.request, options)
        fields = export.declared.fields
        told_by = [
            name for name, spec in fields.items() if spec.path.strip("{}") in matcher.repeated
        ]

        def unit(item: Item | Unreadable) -> str | None:
            columns = item.columns if isinstance(item, Item) else {}
            shop = next((str(columns[name]) for name in told_by if columns.get(name)), "")
            return self.night.config.units.get(shop, self.night.config.unit_id)

        for item in ours.items:
            self._count(FILE, item.record)
        origin = self._origin(None, saved_at)
        for unit_id, rows in groupby(ours.items, unit):
            items = tuple(rows)
            page = Page(items, len(items))
            self.night.land_page(page, FILE, origin, unit_id=unit_id, in_list=False)

    def _lines(self, matcher: Matcher, lines: list[SavedPage]) -> None:
        """JSON lines: answers of the platform, or items of one list."""
        if matcher.match(lines[0], bare=False).outcome not in _READ:
            match = matcher.bare(lines[0], [line.text for line in lines])
            if match is not None:
                self._page(_at_lines(match, lines), replace(lines[0], offset=None))
                return
        for line in lines:
            self._page(matcher.match(line), line)

    def _page(self, match: Match, saved: SavedPage) -> None:
        """Land what a page holds; keep what can't be read for the end."""
        self.read[match.outcome] += 1
        if match.page is None or match.request is None:
            if match.is_ours:
                self.failed.append((saved.offset, match))
            else:
                self.strangers += 1
                self.failed.append((None, match))
            return
        self.request = self.request or match.request
        self.address = self.address or saved.url
        if match.outcome == "drift":
            self.failed.append((None, match))
        self._land(match.page, match.request, saved, _unit(self.night, match))

    def _land(self, page: Page, request: str, saved: SavedPage, unit_id: str | None) -> None:
        for item in page.items:
            self._count(request, item.record)
        origin = self._origin(saved.offset, saved.saved_at)
        self.night.land_page(page, request, origin, unit_id=unit_id, in_list=False)

    def _origin(self, offset: int | None, at: datetime) -> Origin:
        fetched_at = min(at.astimezone(UTC), self.night.run.clock())
        return Origin(self.file.url, None, self.file.url, offset, fetched_at, is_file=True)

    def _count(self, request: str, record: str) -> None:
        self.items[(request, self.night.platform.spec.records[record].entity)] += 1

    def _saved_at(self) -> datetime:
        """The file's time: all that is known of when a page was saved that does not say it."""
        return datetime.fromtimestamp(self.file.path.stat().st_mtime, UTC)

    def _rest(self, broken: list[Broken]) -> None:
        """Quarantine the pages of a file that can't be read, where others could."""
        if not self.items and not self.read["empty_confirmed"]:
            if broken and not self.failed:
                self.failed.append((None, Match("error", broken[0].reason)))
            return
        for part in broken:
            self._quarantine(part.offset, self.request, "unreadable_page", part.reason)
        for offset, match in self.failed:
            if match.is_ours and offset is not None and match.outcome != "gone":
                self._quarantine(offset, match.request, f"{match.outcome}_page", match.detail)

    def _quarantine(self, offset: int, request: str | None, code: str, reason: str) -> None:
        spec = self.night.platform.spec
        name = request or next(iter(spec.requests))
        record = spec.requests[name].records[0]
        self._count(name, record)
        self.night.landing.reject(
            Rejection(
                entity=spec.records[record].entity,
                file=self.file.url,
                line=offset,
                column=None,
                reason_code=code,
                reason=f"{reason} Save this page again.",
                archive_file=self.file.url,
                archive_offset=offset,
                observed_at=self.night.run.clock(),
            )
        )

    def _ended(self) -> tuple[Outcome, str]:
        """How a file of pages ended: by what could be read of it, else by what is wrong with it."""
        if self.items and not self.read["ok"] and not self.read["empty_confirmed"]:
            return "drift", self._worst().detail
        if self.items:
            return "ok", self._detail()
        if self.read["empty_confirmed"]:
            return "empty_confirmed", self._detail()
        if not self.failed:
            return "error", "it holds no page. Save or record the pages again."
        worst = self._worst()
        return ("error" if worst.outcome == "partial" else worst.outcome), worst.detail

    def _worst(self) -> Match:
        return min((match for _, match in self.failed), key=lambda m: _WORST.index(m.outcome))

    def _detail(self) -> str:
        pages = self.read["ok"] + self.read["empty_confirmed"]
        told = [self._tally("items")]
        if sum(self.read.values()) > 1:
            told.append(f"{pages:,} pages read")
        bad = Counter(match.outcome for offset, match in self.failed if match.is_ours)
        told += [f"{count:,} {outcome}" for outcome, count in sorted(bad.items())]
        if self.strangers:
            told.append(f"{self.strangers:,} others are none of the platform's")
        if bad:
            self.night.note(
                f"{self.file.url}: {sum(bad.values()):,} of its pages could not be read "
                f"({mask_text(self._worst().detail)[0]})"
            )
        return "; ".join(told)

    def _tally(self, what: str) -> str:
        landed = self.night.landed - self._landed
        quarantined = self.night.landing.quarantined - self._quarantined
        seen = sum(self.items.values())
        return f"{seen:,} {what}: {landed:,} landed, {quarantined:,} quarantined"

    def _note(self, outcome: Outcome, detail: str) -> None:
        """A row for the file; where its pages held several kinds of things, one for each."""
        spec = self.night.platform.spec
        if not self.items:
            worst = next((match.request for _, match in self.failed if match.request), None)
            request = self.request or worst
            record = spec.requests[request].records[0] if request in spec.requests else None
            entity = spec.records[record].entity if record else spec.entities[0]
            self.items[(request or FILE, entity)] = 0
        main = RequestOutcome(
            entity="",
            kind="file",
            requested_at=self.started,
            url=self.file.url,
            outcome=outcome,
            detail=detail,
            final_url=self.address,
            bytes=self.size,
            sha256=self.sha256,
            duration_ms=int((self.night.run.clock() - self.started).total_seconds() * 1000),
            archive_file=self.file.url,
            spec_hash=self.night.spec_hash,
        )
        for (request, entity), seen in self.items.items():
            row = replace(main, entity=entity, request=request, items_seen=seen)
            self.night.landing.outcome(row)
            main = replace(main, bytes=None, duration_ms=None)  # the file's, said once


def _tell(night: Night, text: str) -> None:
    """Of a source that is crawled, a bad file holds up neither the night nor its cursor."""
    (night.note if night.asked_network else night.gap)(text)


def _matcher(night: Night) -> Matcher:
    return Matcher(night.platform, night.base_url, night.zone, night.variables())


def _unit(night: Night, match: Match) -> str | None:
    repeated = _matcher(night).repeated
    shop = next((match.context[name] for name in repeated if name in match.context), "")
    return night.config.units.get(shop, night.config.unit_id)


def _at_lines(match: Match, lines: list[SavedPage]) -> Match:
    """The items with the numbers of their lines as positions, where each line held one."""
    page = match.page
    if page is None or len(page.items) != len(lines):
        return match
    items = zip(page.items, lines, strict=True)
    placed = tuple(replace(item, position=line.offset or 0) for item, line in items)
    return replace(match, page=replace(page, items=placed))


def _suffix(name: str) -> str:
    """What a file is, by its name. Raises FileFault for what is not read here."""
    folded = name.casefold()
    for suffix in (*_PAGES, *_TABLES):
        if folded.endswith(suffix):
            return suffix
    if folded.endswith(_PACKED):
        raise FileFault(
            "it is a packed file, which is not opened here. Unpack it into this folder."
        )
    raise FileFault(
        "files of this kind are not read. Drop saved pages (.html, .mhtml, .warc, .json, .jsonl, "
        ".txt) or exports (.csv, .xlsx)."
    )


def _same(earlier: str, now: str) -> str:
    if earlier == now:
        return "unchanged since it landed"
    return f"the same bytes as {earlier}, which landed: not landed again"
