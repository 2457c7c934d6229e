"""A company's own exports (orders, customers, cases, …): landing/extracts/<entity>/* -> records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lake.entities import EXTRACTS, MONEY, REAL, TEXT, WHOLE, Entity
from lake.landing import Lake, Record, RunContext, SourceRun
from lake.privacy import Privacy
from loaders.amounts import Currency, Decimals, by_cell, counted, header_scale, seconds
from loaders.bulk import Columnar
from loaders.bulk_sql import Field, Kind, Setting
from loaders.config import HASHED_HEADERS, RENAMED_HEADERS, ExtractConfig, extract_columns
from loaders.databases import ask
from loaders.files import FileFault
from loaders.headers import folded, missing
from loaders.ids import OF_PEOPLE, hashed_email, hashed_phone, person_id, thing_id
from loaders.intake import Job, Tally, take
from loaders.keys import joined
from loaders.rows import Remarks, Row, Table
from loaders.texts import ValueFault, identifier, trim, words
from loaders.times import OLD_YEARS, YEARS, period
from loaders.values import Parser, parser_for, row_version

PARSER = "extracts/2"
OF_THE_COMPANY = frozenset({"units", "touchpoints", "products", "benchmarks", "campaigns"})
"""Entities that are nobody's: their names and places stay. All other texts are masked."""
ROW_VERSION = "row_version"
LONG_AGO = frozenset({"signup_at", "opened_on"})
"""Columns of customers and units whose moment may lie before 2000."""


@dataclass(frozen=True)
class _Field:
    """One of our columns: where it stands in the file, and how its text becomes a value.

    `given` is the name that a file may carry: phone, where the column is phone_hash.
    """

    name: str
    given: str
    header: str
    position: int
    parse: Parser


@dataclass(frozen=True)
class _Reading:
    """What the reading of one file's cells depends on."""

    entity: Entity
    config: ExtractConfig
    zone: ZoneInfo
    decimals: Decimals
    privacy: Privacy
    date_order: str
    currency: Currency

    def parser(self, name: str) -> Parser:
        """How the text of our column `name` becomes a value."""
        parsers: dict[Kind, Parser] = {
            "id": lambda text: thing_id(identifier(text), self.privacy),
            "person": self._person,
            "staff": self._staff,
            "phone": lambda text: hashed_phone(text, self.privacy),
            "mail": lambda text: hashed_email(text, self.privacy),
            "free_text": lambda text: self.privacy.mask(words(text)),
            "period": period,
            "seconds": seconds,
        }
        kind = self.kind(name)
        return parsers[kind] if kind in parsers else self._typed(name)

    def kind(self, name: str) -> Kind:
        """What the texts are in our column `name`."""
        if name in KINDS:
            return KINDS[name]
        if name.endswith("_id"):
            return "person" if name in OF_PEOPLE else "id"
        kind = self.entity.columns[RENAMED_HEADERS.get(name, name)]
        is_written = kind == TEXT and self.entity.name not in OF_THE_COMPANY
        return "free_text" if is_written else "typed"

    def years(self, name: str) -> range:
        """The years that a moment in our column `name` may lie in."""
        return OLD_YEARS if name in LONG_AGO else YEARS

    def _typed(self, name: str) -> Parser:
        kind = self.entity.columns[RENAMED_HEADERS.get(name, name)]
        parse = parser_for(
            kind,
            self.zone,
            self.date_order,
            self.decimals,
            self.years(name),
            self.currency,
            is_stated=self.config.zone is not None,
        )
        if self.decimals == "comma" and kind in (MONEY, WHOLE, REAL):
            parse = by_cell(parse, parser_for(kind, self.zone))
        return counted(parse) if kind == MONEY and name in self.entity.required else parse

    def _staff(self, text: str) -> str | None:
        """An employee's number as it is; a name, or a login made of one, as its keyed hash."""
        value = self._person(text)
        if value is None or any(character.isdigit() for character in value):
            return value
        return self.privacy.hash(value)

    def _person(self, text: str) -> str | None:
        return person_id(identifier(text), self.privacy)


KINDS: dict[str, Kind] = {
    "employee_id": "staff",
    "actor": "staff",
    "survey_id": "free_text",  # a survey may be called by a day
    "phone": "phone",
    "email": "mail",
    "period": "period",
    "wait_seconds": "seconds",
    ROW_VERSION: "version",
}
"""Our columns whose texts are neither ids nor what the column's type says -> what they are."""
PHONES_AND_MAILS = frozenset(name for name, kind in KINDS.items() if kind in ("phone", "mail"))


def load_extract(
    entity: str,
    config: ExtractConfig,
    *,
    home: Path,
    lake: Lake,
    run: RunContext,
    privacy: Privacy,
    progress: Callable[[str], None],
) -> SourceRun:
    """Land the files of one extract. Never raises for a bad file: the run's message names it."""
    job = Job(
        source=f"extract_{entity}",
        kind="extract",
        entity=entity,
        folder=home / "landing" / "extracts" / entity,
        home=home,
        config=config,
        run=run,
        max_closed=config.max_closed if config.mode == "snapshot" else None,
    )

    def read(table: Table, tally: Tally) -> None:
        _read(table, tally, EXTRACTS[entity], config, job.zone)

    load = take if config.database is None else partial(ask, config=config)
    return load(
        job, read=read, lake=lake, privacy=privacy, progress=progress, parser_version=PARSER
    )


def _read(
    table: Table, tally: Tally, entity: Entity, config: ExtractConfig, zone: ZoneInfo
) -> None:
    header = next(table.rows, None)
    if header is None or header.fault is not None:
        reason = header.fault[1] if header and header.fault else "it holds no header."
        raise FileFault(reason)
    headers = [trim(cell) for cell in header.cells]
    table.header = headers
    reading = _Reading(
        entity,
        config,
        zone,
        decimals=_decimals(config, table),
        privacy=tally.landing.privacy,
        date_order=table.date_order(config.date_order),
        currency=Currency(),
    )
    fields = _fields(reading, headers)
    _note_shared(tally, fields, entity)
    if config.version_column is not None:
        fields.append(_version_field(reading, config.version_column, headers))
    _note_unused(tally, fields, headers)
    landing = tally.landing
    fast = _columnar(reading, fields, headers, tally)
    remarks = Remarks(headers)
    latest = landing.latest(landing.run.clock())
    for block, found in fast.read_all(table.blocks(), landing.reserve, latest):
        if found.plain.num_rows:
            tally.land_table(found.plain)
        for at in found.odd:
            _land(block.row(at), fields, entity, tally, remarks, found.first_seq + at)


def _land(
    row: Row,
    fields: Sequence[_Field],
    entity: Entity,
    tally: Tally,
    remarks: Remarks,
    seq: int,
) -> None:
    """Land one row by itself, at its place in the file's order."""
    values = _values(row, fields, tally, entity) if tally.admits(row, remarks) else None
    if values is not None:
        event = next((f for f in fields if f.name == entity.event_column), None)
        tally.land(_record(row, values, event, entity, tally), seq)


def _columnar(
    reading: _Reading, fields: Sequence[_Field], headers: Sequence[str], tally: Tally
) -> Columnar:
    setting = Setting(
        source=tally.landing.source,
        entity=reading.entity,
        zone=reading.zone,
        decimals=reading.decimals,
        key=reading.privacy.key,
    )
    plain = [
        Field(f.name, f.position, reading.kind(f.given), reading.years(f.name)) for f in fields
    ]
    return Columnar(setting, plain, headers)


def _values(
    row: Row, fields: Sequence[_Field], tally: Tally, entity: Entity
) -> dict[str, Any] | None:
    """The row's typed columns; None when one can't be read, and the row is then quarantined."""
    values: dict[str, Any] = dict.fromkeys(entity.columns)
    for field in fields:
        cell = row.cells[field.position]
        if not cell:
            continue
        try:
            values[field.name] = field.parse(cell)
        except ValueFault as fault:
            tally.reject(
                row.line,
                field.header,
                fault.code,
                f"{field.header}: {fault.reason}",
                natural_key=_key(entity, values) or None,
                value=cell,
            )
            return None
        if field.given in PHONES_AND_MAILS and values[field.name] is None and words(cell):
            tally.nobodys[field.given] += 1
    return values


def _record(
    row: Row, values: dict[str, Any], event: _Field | None, entity: Entity, tally: Tally
) -> Record:
    version = values.pop(ROW_VERSION, None)
    return tally.record(
        row.line,
        entity.name,
        _key(entity, values),
        values,
        event_at=values[event.name] if event else None,
        written=row.cells[event.position] if event else "",
        row_version=version,
    )


def _key(entity: Entity, values: dict[str, Any]) -> str:
    parts = ["" if values[name] is None else str(values[name]) for name in entity.key]
    return joined(parts) if len(parts) > 1 else parts[0]


def _fields(reading: _Reading, headers: list[str]) -> list[_Field]:
    """Where our columns stand in this file.

    A column that the config maps must be there, and so must a required one; others may be absent.
    The key comes first, so that a row that can't be read is named by it.
    """
    entity, config = reading.entity, reading.config
    places: dict[str, list[int]] = {}
    for position, header in enumerate(headers):
        places.setdefault(folded(header), []).append(position)
    fields = []
    for name in extract_columns(entity.name):
        wanted = config.columns.get(name, name)
        found = places.get(folded(wanted), [])
        if not found:
            if name in config.columns or name in entity.required:
                raise missing(wanted, _why(name, entity), headers)
            continue
        if len(found) > 1:
            raise FileFault(
                f"its header {wanted!r} ({name}) stands {len(found)} times, and which one is meant "
                "is not known. Give the columns different headers."
            )
        column = RENAMED_HEADERS.get(name, name)
        _refuse_scale(column, wanted, entity)
        fields.append(_Field(column, name, wanted, found[0], reading.parser(name)))
    return sorted(fields, key=lambda f: f.name not in entity.key)


def _version_field(reading: _Reading, header: str, headers: list[str]) -> _Field:
    """Where the column stands that says which version of a row is newer. Raises FileFault."""
    found = [i for i, name in enumerate(headers) if folded(name) == folded(header)]
    if len(found) != 1:
        if not found:
            raise missing(header, "its version_column", headers)
        raise FileFault(f"its version_column {header!r} stands {len(found)} times. Rename one.")
    zone, order = reading.zone, reading.date_order
    return _Field(
        ROW_VERSION, ROW_VERSION, header, found[0], lambda text: row_version(text, zone, order)
    )


def _refuse_scale(column: str, header: str, entity: Entity) -> None:
    if entity.columns[column] == MONEY and header_scale(header):
        raise FileFault(
            f"its header {header!r} says that the numbers below it are in a unit larger or "
            "smaller than 元, dollars or euros: they would be taken as they stand. Export amounts "
            "in 元, or with the unit behind each number (1.2万), under a header without it."
        )


def _why(name: str, entity: Entity) -> str:
    if name in entity.required:
        return f"{name}, which {entity.name} require"
    return f"mapped to {name} in the config"


def _decimals(config: ExtractConfig, table: Table) -> Decimals:
    is_doubtful = config.decimals == "auto" and table.delimiter == ";"
    return "doubt" if is_doubtful else config.decimals


def _note_shared(tally: Tally, fields: Sequence[_Field], entity: Entity) -> None:
    """Say which columns are read from one header. Raises FileFault where that can't be meant.

    One text may well be two ids (an order's event is known by the order's id). One moment is not
    both an order's and its refund's, nor one sum its amount and its margin.
    """
    by_header: dict[int, list[_Field]] = {}
    for field in fields:
        by_header.setdefault(field.position, []).append(field)
    for shared in by_header.values():
        if len(shared) < 2:
            continue
        names = [field.name for field in shared]
        others = set(names) - {"customer_id", *HASHED_HEADERS.values()}
        is_someone = "customer_id" in names and others
        if is_someone or any(entity.columns[name] != TEXT for name in names):
            raise FileFault(
                f"its column {shared[0].header!r} is read as {' and as '.join(names)}, which can't "
                "both be meant. Mend the mapping in the config; a column that is not mapped is "
                "read from the header of its own name."
            )
        tally.notes.append(f"{shared[0].header!r} is read as {' and as '.join(names)}")


def _note_unused(tally: Tally, fields: Sequence[_Field], headers: Sequence[str]) -> None:
    used = {field.position for field in fields}
    unused = [h or "(blank)" for i, h in enumerate(headers) if i not in used]
    if unused:
        tally.notes.append(f"columns not landed: {', '.join(unused[:20])}")
