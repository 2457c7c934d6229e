"""A company's own exports (orders, customers, cases, …): landing/extracts/<entity>/* -> records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lake.entities import EXTRACTS, Entity
from lake.landing import Lake, Record, RunContext, SourceRun
from lake.privacy import Privacy
from loaders.config import HASHED_HEADERS, ExtractConfig, extract_columns
from loaders.files import FileFault
from loaders.headers import folded, missing
from loaders.intake import Job, Tally, person_id, phone_number, take
from loaders.rows import Row, Table
from loaders.values import Parser, ValueFault, parser_for, precision, words

PARSER = "extracts/1"
MASKED = frozenset({"text", "appeal", "issue"})
"""Columns in which people write freely: what identifies someone is masked before landing."""


@dataclass(frozen=True)
class _Field:
    """One of our columns: where it stands in the file, and how its text becomes a value."""

    name: str
    header: str
    position: int
    parse: Parser


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
    )

    def read(table: Table, tally: Tally) -> None:
        _read(table, tally, EXTRACTS[entity], config, job.zone)

    return take(job, read, lake=lake, privacy=privacy, progress=progress, parser_version=PARSER)


def _read(
    table: Table, tally: Tally, entity: Entity, config: ExtractConfig, zone: ZoneInfo
) -> None:
    header = next(table.rows, None)
    if header is None or header.fault is not None:
        reason = header.fault[1] if header and header.fault else "it holds no header."
        raise FileFault(reason)
    headers = [cell.strip() for cell in header.cells]
    table.header = header.cells
    privacy = tally.landing.privacy
    fields = _fields(entity, config, headers, zone, privacy)
    _note_unused(tally, fields, headers)
    blank = dict.fromkeys(entity.columns)
    event = next((f for f in fields if f.name == entity.event_column), None)
    for row in tally.count(table.rows):
        values = _values(row, fields, blank, tally, entity)
        if values is not None:
            tally.land(_record(row, values, event, entity, tally))


def _values(
    row: Row, fields: Sequence[_Field], blank: dict[str, Any], tally: Tally, entity: Entity
) -> dict[str, Any] | None:
    """The row's typed columns; None when one can't be read, and the row is then quarantined."""
    values = blank.copy()
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
    return values


def _record(
    row: Row, values: dict[str, Any], event: _Field | None, entity: Entity, tally: Tally
) -> Record:
    moment = values[event.name] if event else None
    raw = row.cells[event.position] if event and moment else None
    return Record(
        entity=entity.name,
        natural_key=_key(entity, values),
        columns=values,
        url=tally.file.url,
        position=row.line,
        archive_file=tally.file.url,
        archive_offset=row.line,
        parser_version=tally.parser_version,
        spec_hash=tally.spec_hash,
        event_at=moment,
        event_at_raw=raw,
        event_precision=precision(raw) if raw else "unknown",
    )


def _key(entity: Entity, values: dict[str, Any]) -> str:
    return "|".join(str(values[name] or "") for name in entity.key)


def _fields(
    entity: Entity, config: ExtractConfig, headers: list[str], zone: ZoneInfo, privacy: Privacy
) -> list[_Field]:
    """Where our columns stand in this file.

    A column that the config maps must be there, and so must a required one; others may be absent.
    The key comes first, so that a row that can't be read is named by it.
    """
    places: dict[str, list[int]] = {}
    for position, header in enumerate(headers):
        places.setdefault(folded(header), []).append(position)
    fields = []
    for name in extract_columns(entity.name):
        wanted = config.columns.get(name, name)
        found = places.get(folded(wanted), [])
        if not found:
            if name in config.columns or name in entity.required:
                raise missing(wanted, _why(name, entity, config), headers)
            continue
        if len(found) > 1:
            raise FileFault(
                f"its header {wanted!r} ({name}) stands {len(found)} times, and which one is meant "
                "is not known. Give the columns different headers."
            )
        column = HASHED_HEADERS.get(name, name)
        parse = _parser(name, entity, zone, config, privacy)
        fields.append(_Field(column, wanted, found[0], parse))
    return sorted(fields, key=lambda f: f.name not in entity.key)


def _why(name: str, entity: Entity, config: ExtractConfig) -> str:
    if name in entity.required:
        return f"{name}, which {entity.name} require"
    return f"mapped to {name} in the config"


def _parser(
    name: str, entity: Entity, zone: ZoneInfo, config: ExtractConfig, privacy: Privacy
) -> Parser:
    if name == "phone":
        return lambda text: privacy.hash(phone_number(text) if words(text) else None)
    if name == "email":
        return lambda text: privacy.hash(words(text))
    if name == "customer_id":
        return lambda text: person_id(words(text), privacy)
    if name in MASKED:
        return lambda text: privacy.mask(words(text))
    return parser_for(entity.columns[name], zone, config.date_order)


def _note_unused(tally: Tally, fields: Sequence[_Field], headers: Sequence[str]) -> None:
    used = {field.position for field in fields}
    unused = [h or "(blank)" for i, h in enumerate(headers) if i not in used]
    if unused:
        tally.notes.append(f"columns not landed: {', '.join(unused[:20])}")
