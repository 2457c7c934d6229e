"""Exports: the rows of a dropped CSV or XLSX -> items, by the headers that a platform declares.

A row goes through the same conversions as an item of a page: it becomes an item whose members are
our columns, read by the record's own declaration.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from loaders.files import FileFault, Scan
from loaders.headers import folded, listing
from loaders.rows import Remarks, Row, Table
from loaders.tables import open_table
from loaders.texts import ValueFault, identifier, trim, words
from loaders.times import precision, timestamp
from scrapers.fields import Moment
from scrapers.parsing import Item, ItemProblemError, Unreadable
from scrapers.reading import Reader
from scrapers.registry import Platform
from scrapers.spec import TEMPLATE, ExportSpec, FieldSpec, RecordSpec, RequestSpec

HEADER_WITHIN = 10
"""Rows in which the header is looked for: titles stand above it."""
_TIMES = ("instant", "local", "day", "relative", "unix", "unix_ms")


@dataclass(frozen=True)
class _Place:
    """Where one of our columns stands in the file."""

    position: int
    header: str


@dataclass
class Export:
    """An open export: which record its rows are, and how they are read."""

    platform: Platform
    record: str
    how: str
    table: Table
    zone: ZoneInfo
    places: Mapping[str, _Place]
    unused: list[str]
    moment: Moment
    context: Mapping[str, str]
    _occurrences: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        spec = self.platform.spec
        self.declared = spec.records[self.record]
        records = {**spec.records, self.record: _as_exported(self.declared, self.places)}
        self.request = RequestSpec(path="/", format="json", records=(self.record,))
        self._reader = Reader(spec.model_copy(update={"records": records}), self.request)

    def items(self) -> Iterator[Item | Unreadable]:
        """One item per row. Raises FileFault where the file ends in the middle."""
        remarks = Remarks(self.table.header or [""])
        for row in self.table.rows:
            fault = row.fault or remarks.fault(row.cells)
            if fault is not None:
                yield Unreadable(self.record, row.line, ItemProblemError(None, *fault))
            else:
                yield self._item(row)

    def _item(self, row: Row) -> Item | Unreadable:
        raw: dict[str, str] = {}
        for column, place in self.places.items():
            cell = row.cells[place.position]
            try:
                value = self._cell(column, cell)
            except ValueFault as fault:
                reason = f"{place.header}: {fault.reason}"
                problem = ItemProblemError(column, fault.code, reason, cell)
                return Unreadable(self.record, row.line, problem, raw.get(column))
            if value is not None:
                raw[column] = value
        return self._reader.item(
            self.record, row.line, raw, self.moment, self.context, self._occurrences
        )

    def _cell(self, column: str, cell: str) -> str | None:
        """A cell without what spreadsheets put around it; times as the declaration has them."""
        if column.endswith("_id") or column in self.declared.keys:
            return identifier(cell)
        text = words(cell)
        spec = self.declared.fields[column]
        return text if text is None or spec.kind not in _TIMES else _time(text, spec, self.zone)


@contextmanager
def open_export(
    path: Path,
    found: Scan,
    platform: Platform,
    moment: Moment,
    context: Mapping[str, str],
) -> Iterator[Export]:
    """A file as an export of the platform. Raises FileFault, OSError."""
    exports = platform.spec.exports
    if not exports:
        raise FileFault(
            f"no tables of {platform.spec.title} can be read: its source.yml declares none "
            "(exports:). Drop saved pages, or declare which columns the export has."
        )
    with open_table(path, found) as table:
        table.rows = _guarded(table.rows)
        header, name = _header(table, platform)
        export = exports[name]
        table.header = header
        places = _places(header, export)
        used = {place.position for place in places.values()}
        unused = [head or "(blank)" for at, head in enumerate(header) if at not in used]
        yield Export(
            platform, export.record, table.how, table, moment.zone, places, unused, moment, context
        )


def batches(items: Iterator[Item | Unreadable], size: int) -> Iterator[list[Item | Unreadable]]:
    """The items in lists of `size`, so that memory stays flat."""
    while batch := list(islice(items, size)):
        yield batch


def _guarded(rows: Iterator[Row]) -> Iterator[Row]:
    try:
        yield from rows
    except (OSError, UnicodeError) as error:
        raise FileFault(f"it can't be read to its end ({error}). Export it again.") from error


def _header(table: Table, platform: Platform) -> tuple[list[str], str]:
    """The first row that can be a header, and the export that it is one of. Raises FileFault."""
    exports = platform.spec.exports
    best: tuple[int, list[str], str] | None = None
    for row in islice(table.rows, HEADER_WITHIN):
        if row.fault is not None:
            continue
        header = [trim(cell) for cell in row.cells]
        for name, export in exports.items():
            places = _places(header, export)
            if places and not _missing(places, export, platform):
                return header, name
            if best is None or len(places) > best[0]:
                best = (len(places), header, name)
    if best is None:
        raise FileFault("it holds no header.")
    _, header, name = best
    export = exports[name]
    lacking = _missing(_places(header, export), export, platform)
    wanted = {column: " or ".join(export.columns.get(column, (column,))) for column in lacking}
    said = "; ".join(f"{column} ({names})" for column, names in wanted.items())
    raise FileFault(
        f"it is no export of {platform.spec.title} that is known here: it has no column for "
        f"{said}. Its columns: {listing(header)}. Mend the file, or name its headers under "
        "exports: in source.yml."
    )


def _places(header: list[str], export: ExportSpec) -> dict[str, _Place]:
    """Our column -> where it stands: under the first of its headers that the file has."""
    at: dict[str, list[int]] = {}
    for position, name in enumerate(header):
        at.setdefault(folded(name), []).append(position)
    found = {}
    for column, names in export.columns.items():
        known = next((name for name in names if folded(name) in at), None)
        if known is None:
            continue
        positions = at[folded(known)]
        if len(positions) > 1:
            raise FileFault(
                f"its header {known!r} ({column}) stands {len(positions)} times, and which one is "
                "meant is not known. Give the columns different headers."
            )
        found[column] = _Place(positions[0], header[positions[0]])
    return found


def _missing(places: Mapping[str, _Place], export: ExportSpec, platform: Platform) -> list[str]:
    """The columns without which no row could be read."""
    record = platform.spec.records[export.record]
    needed = [*record.keys, *record.content]
    needed += [column for column, spec in record.fields.items() if spec.required]
    elsewhere = {
        column
        for column, spec in record.fields.items()
        if spec.default is not None or TEMPLATE.fullmatch(spec.path)
    }
    given = {*places, *record.constants, *elsewhere}
    return [column for column in dict.fromkeys(needed) if column not in given]


def _as_exported(record: RecordSpec, places: Mapping[str, _Place]) -> RecordSpec:
    """The record with each field read from the member of its own name."""
    fields = {
        column: spec
        if column not in places and TEMPLATE.fullmatch(spec.path)
        else spec.model_copy(update={"path": json.dumps(column), "join": None})
        for column, spec in record.fields.items()
    }
    alone = {"items": None, "within": None, "each": None, "skip": None, "payload": ()}
    return record.model_copy(update={"fields": fields, **alone})


def _time(text: str, spec: FieldSpec, zone: ZoneInfo) -> str:
    """A time as its declaration expects it, out of any of the ways that exports write one.

    What is no time that the loaders know is left as it is: `3小时前` is the declaration's to read.
    """
    if spec.time_format is not None or (spec.kind in ("unix", "unix_ms") and text.isdigit()):
        return text
    try:
        found = timestamp(text, zone)
    except ValueFault:
        return text
    if found is None:
        return ""
    return _written(found.astimezone(zone), text, spec)


def _written(local: datetime, text: str, spec: FieldSpec) -> str:
    if spec.kind in ("unix", "unix_ms"):
        return str(int(local.timestamp()) * (1000 if spec.kind == "unix_ms" else 1))
    if spec.kind == "instant":
        return local.isoformat()
    if spec.kind == "day" or precision(text) == "day":
        return local.date().isoformat()
    return local.replace(tzinfo=None).isoformat(sep=" ")
