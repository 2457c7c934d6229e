"""Blocks of an extract -> lake rows at once, in SQL: the plain ones; the others are told.

A shortcut beside `extracts`, which reads one row after another and whose word counts: what is
written here for a column takes the texts that nearly all rows have, and gives for them what its
parser gives. A row with any other text is left to the parsers.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from queue import SimpleQueue
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lake.entities import DAY, FLAG, MONEY, REAL, STAMP, TEXT, WHOLE, Entity
from lake.privacy import mask_text
from loaders.amounts import Decimals
from loaders.intake import NOBODYS
from loaders.rows import Block
from loaders.texts import trim, words
from loaders.times import YEARS

WORKERS = 2

Kind = Literal[
    "id",
    "person",
    "staff",
    "phone",
    "mail",
    "free_text",
    "period",
    "seconds",
    "version",
    "typed",
]
"""What the texts of a column are; `typed` is what its column's type says."""

_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"
_DAY = r"\d{4}-\d{2}-\d{2}"
_PLAIN = {
    "id": "[A-Za-z]+[-_]?[0-9][A-Za-z0-9_-]*|[0-9]{1,10}",
    "person": NOBODYS,
    "staff": NOBODYS,
    "phone": "1[3-9][0-9]{9}",
    "mail": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+",
}
"""Kind of a column -> its plain texts, whole. Of a kind that is not here, none is."""
_WORDS = r"(?s:[^\s\pZ\pC`=](.*[^\s\pZ\pC])?)"
"""Plain words neither end in white space or marks without room, nor begin so, nor as guarded texts
do."""
_PLAIN_TYPED = {
    STAMP: rf"{_DAY}([ T]{_CLOCK}Z?)?",
    DAY: rf"{_DAY}([ T]{_CLOCK})?",
    MONEY: r"-?\d{1,14}(\.\d{1,4})?",
    WHOLE: r"-?\d{1,18}",
    REAL: r"-?\d{1,15}(\.\d{1,15})?",
    FLAG: "(?i)1|true|t|yes|y|是|0|false|f|no|n|否",
}
"""Type of a column -> its plain texts, whole; of another type, they are words."""
_USUAL = {STAMP: "timestamp", DAY: "date", MONEY: "decimal(18, 2)"}
"""Type of a column -> the type whose texts are nearly all of the plain ones, and told sooner."""
_SQL_TYPES = {
    TEXT: "varchar",
    STAMP: "timestamp",
    DAY: "date",
    MONEY: "decimal(18, 4)",
    WHOLE: "bigint",
    REAL: "double",
    FLAG: "boolean",
}
_YES = "('1', 'true', 't', 'yes', 'y', '是')"
_NO_TEXTS = r"('NULL', '\N', '#N/A')"
_SUMS_UP = "(?i)计|总|汇|平均|total"
_BLOCK_BYTES = 64  # of SHA-256, which HMAC pads its key to


@dataclass(frozen=True)
class Field:
    """One column of the entity: its place in the file, and what its texts are."""

    name: str
    position: int
    kind: Kind
    years: range


@dataclass(frozen=True)
class Setting:
    """What the reading of one file depends on beside its fields."""

    source: str
    entity: Entity
    zone: ZoneInfo
    decimals: Decimals
    key: bytes


class Spell(NamedTuple):
    """Local times between which a zone is the same number of microseconds ahead of UTC."""

    first: datetime
    last: datetime
    ahead: int


class Read(NamedTuple):
    """A block's plain rows, as `SourceLanding.land_table` takes them; the places of the others.

    A row's seq is `first_seq` and its place.
    """

    plain: pa.Table
    odd: list[int]
    first_seq: int


class Columnar:
    """Turns the blocks of one file into rows of the lake."""

    def __init__(self, setting: Setting, fields: Sequence[Field], header: Sequence[str]) -> None:
        self._setting = setting
        self._fields = fields
        self._probe = next((i for i, name in enumerate(header) if i and name.strip()), 0)
        self._header = trim(header[self._probe])
        self._secrets = _hmac_pads(setting.key)

    def read_all(
        self, blocks: Iterable[Block], reserve: Callable[[int], int], latest: datetime
    ) -> Iterator[tuple[Block, Read]]:
        """Blocks with what there is of them, in their order; some are read at a time.

        `reserve` keeps so many places in the order of landing, and tells the number before them.
        Rows of a time after `latest` are not plain.
        """
        idle: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()
        with ExitStack() as stack:
            for _ in range(WORKERS):
                idle.put(stack.enter_context(duckdb.connect(config={"threads": 1})))
            pool = stack.enter_context(ThreadPoolExecutor(WORKERS))
            ahead: deque[tuple[Block, Future[Read]]] = deque()
            for block in blocks:
                first_seq = reserve(len(block.lines)) + 1
                ahead.append((block, pool.submit(self._next, idle, block, first_seq, latest)))
                if len(ahead) > WORKERS:
                    done, found = ahead.popleft()
                    yield done, found.result()
            for done, found in ahead:
                yield done, found.result()

    def _next(
        self,
        idle: SimpleQueue[duckdb.DuckDBPyConnection],
        block: Block,
        first_seq: int,
        latest: datetime,
    ) -> Read:
        sql = idle.get()  # there are as many as workers
        try:
            return self._read(sql, block, first_seq, latest)
        finally:
            idle.put(sql)

    def _read(
        self, sql: duckdb.DuckDBPyConnection, block: Block, first_seq: int, latest: datetime
    ) -> Read:
        count = len(block.lines)
        is_open = np.ones(count, bool)
        is_open[list(block.faults)] = False
        cells = block.cells.append_column("at", pa.array(np.arange(count)))
        cells = cells.append_column("line", block.lines)
        cells = cells.append_column("is_open", pa.array(is_open & self._is_harmless(block)))
        sql.register("block", cells)
        given = {
            "first_seq": first_seq,
            "latest": latest.replace(tzinfo=None) - (latest.utcoffset() or timedelta()),
            "probed": self._header,
            **self._secrets,
        }
        sql.execute(f"create or replace temp macro ahead(local) as {_ahead(self._offsets(sql))}")
        query = self._query()
        used = {name: value for name, value in given.items() if f"${name}" in query}
        found = sql.sql(query, params=used).to_arrow_table()
        is_plain = found.column("is_plain")
        odd = found.column("at").filter(pc.invert(is_plain)).to_pylist()
        plain = found.filter(is_plain) if odd else found
        return Read(_in_utc(plain.drop_columns(["at", "is_plain"])), odd, first_seq)

    def _is_harmless(self, block: Block) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Of each row, whether what people wrote stays as it is: tidy, and nothing to mask."""
        harmless = np.ones(len(block.lines), bool)
        for field in self._fields:
            if field.kind == "free_text":
                texts = block.cells.column(field.position).combine_chunks().dictionary_encode()
                stays = [_stays(text) for text in texts.dictionary.to_pylist()]
                harmless &= np.array(stays, bool)[texts.indices.to_numpy()]
        return harmless

    def _query(self) -> str:
        entity = self._setting.entity
        of_whom = _text(f"{self._setting.source}\x1f{entity.name}\x1f")
        return f"""
            with parsed as (
                select *, {self._parsed()}
                from block
            ),
            in_utc as (
                select {", ".join(["*", *self._moments()])}
                from parsed
            ),
            typed as (
                select "at", "line",
                    {", ".join(f"{self._value(f)} as {_quoted(f.name)}" for f in self._fields)},
                    {self._event()},
                    {" and ".join(["is_open", *self._conditions()])} as is_plain
                from in_utc
            ),
            keyed as (
                select *, {" || '|' || ".join(self._key_part(name) for name in entity.key)}
                    as natural_key
                from typed
            )
            select * exclude (is_plain, "line"),
                "line" as position,
                "line" as archive_offset,
                "at" + $first_seq as seq,
                md5({of_whom} || natural_key) as record_key,
                md5({self._content()}) as version_hash,
                coalesce(is_plain and {self._is_whole()}, false) as is_plain
            from keyed
        """

    def _parsed(self) -> str:
        """What a text says where it is more than a text; a moment in its local time."""
        columns = self._setting.entity.columns
        casts = (
            f"null::{_SQL_TYPES[columns[f.name]]} as {_parsed(f)}"
            if self._is_never_plain(f)
            else f"{_cast(f, self._type(f))} as {_parsed(f)}"
            for f in self._fields
        )
        return ", ".join(casts)

    def _moments(self) -> list[str]:
        """A local time, or one of UTC (Z), as UTC; NULL near a change of the clocks."""
        return [
            f"{_parsed(f)} - to_microseconds(case when ends_with({_given(f)}, 'Z') then 0"
            f" else ahead({_parsed(f)}) end) as {_moment(f)}"
            for f in self._fields
            if self._type(f) == STAMP
        ]

    def _is_never_plain(self, field: Field) -> bool:
        return self._type(field) is None and field.kind not in (*_PLAIN, "free_text", "typed")

    def _type(self, field: Field) -> pa.DataType | None:
        """The type of a column whose texts are read by it, other than text; None for the others."""
        if field.kind == "version":
            return STAMP
        kind = self._setting.entity.columns[field.name]
        return kind if field.kind == "typed" and kind in _PLAIN_TYPED else None

    def _value(self, field: Field) -> str:
        """The value of a plain text: NULL for a blank."""
        if field.kind == "phone":
            return _hmac(_parsed(field))
        if field.kind == "mail":
            return _hmac(f"lower({_parsed(field)})")
        if field.kind == "version":
            return f"coalesce(try_cast({_given(field)} as bigint), epoch_us({_moment(field)}))"
        return _moment(field) if self._type(field) == STAMP else _parsed(field)

    def _conditions(self) -> list[str]:
        """What is said of a plain row, one line each."""
        first = '"0"'
        others = " or ".join(f"{_given(f)} <> ''" for f in self._fields if f.position) or "false"
        ends_in_digit = f"right({first}, 1) between '0' and '9'"
        sums_up = f"regexp_matches({first}, '{_SUMS_UP}')"
        found = [
            f"{first} <> '' and ({others})",  # neither blank nor a remark below the table
            # CASE, here and below: OR would try the dear pattern on every row.
            f"case when {ends_in_digit} then true else not {sums_up} end",
            f'not contains("{self._probe}", $probed)',  # the header once more
        ]
        return [*found, *(f"({self._is_plain(field)})" for field in self._fields)]

    def _is_plain(self, field: Field) -> str:
        text, kind = _given(field), self._type(field)
        if kind is not None:
            is_count = f"or regexp_full_match({text}, '[0-9]{{1,18}}')"
            counts = is_count if field.kind == "version" else ""
            return f"{text} = '' {counts} or ({self._is_plain_typed(field, text, kind)})"
        if self._is_never_plain(field):
            return f"{text} = ''"
        if field.kind == "free_text":
            return "true"
        pattern = _WORDS if field.kind == "typed" else _PLAIN[field.kind]
        fits = f"regexp_full_match({text}, {_text(pattern)})"
        if pattern == _WORDS:
            fits += f" and {text} not in {_NO_TEXTS}"
        return f"{text} = '' or ({fits})"

    def _is_plain_typed(self, field: Field, text: str, kind: pa.DataType) -> str:
        pattern, usual = _PLAIN_TYPED[kind], _USUAL.get(kind)
        if kind in (MONEY, WHOLE, REAL) and self._setting.decimals != "auto":
            pattern, usual = r"-?\d{1,14}", None  # where a point or comma may be either
        fits = f"regexp_full_match({text}, {_text(pattern)})"
        if usual is not None:
            is_usual = f"cast(cast({_parsed(field)} as {usual}) as varchar) = {text}"
            fits = f"case when {is_usual} then true else {fits} end"
        fits += f" and {_parsed(field)} is not null"
        if kind in (STAMP, DAY):
            first, last = date(field.years[0], 1, 1), date(field.years[-1] + 1, 1, 1)
            fits += f" and {_parsed(field)} >= date '{first}' and {_parsed(field)} < date '{last}'"
        if kind == STAMP:
            fits += f" and {_moment(field)} is not null"
        return fits

    def _offsets(self, sql: duckdb.DuckDBPyConnection) -> tuple[Spell, ...]:
        """How far the zone is ahead of UTC in each spell of the block's local times."""
        casts = [_cast(f, STAMP) for f in self._fields if self._type(f) == STAMP]
        steady = _steady(self._setting.zone)
        if not casts or steady:
            return (steady,) if steady else ()
        ends = ", ".join(f"min({cast}), max({cast})" for cast in casts)
        ((*found,),) = sql.sql(f"select {ends} from block").fetchall()
        times = [moment.date() for moment in found if moment is not None]
        return _spells(self._setting.zone, min(times), max(times)) if times else ()

    def _event(self) -> str:
        field = next((f for f in self._fields if f.name == self._setting.entity.event_column), None)
        if field is None:
            return "null::timestamp as event_at, null as event_at_raw, 'unknown' as event_precision"
        text = _given(field)
        return f"""
            {self._value(field)} as event_at,
            nullif({text}, '') as event_at_raw,
            case when {text} = '' then 'unknown' when length({text}) = 10 then 'day'
                else 'second' end as event_precision
        """

    def _key_part(self, name: str) -> str:
        if all(field.name != name for field in self._fields):
            return "''"
        kind, column = self._setting.entity.columns[name], _quoted(name)
        if kind == STAMP:
            micros = f"case when {column} <> date_trunc('second', {column}) then"
            micros += f" strftime({column}, '.%f') else '' end"
            column = f"strftime({column}, '%Y-%m-%d %H:%M:%S') || {micros} || '+00:00'"
        return f"coalesce(cast({column} as varchar), '')"

    def _content(self) -> str:
        """What `lake.landing.content_hash` hashes."""
        here = {field.name for field in self._fields}
        columns = enumerate(self._setting.entity.columns.items())
        values = (
            f"'{place}=' || {_plainly(_quoted(name), kind)}"
            for place, (name, kind) in columns
            if name in here
        )
        return f"concat_ws(chr(31), {', '.join(values)})"

    def _is_whole(self) -> str:
        """Nothing that is required is missing, and nothing is from the future."""
        present = [f"{_quoted(name)} is not null" for name in self._setting.entity.required]
        return " and ".join([*present, "(event_at is null or event_at <= $latest)"])


def _stays(text: str) -> bool:
    return not text or (words(text) == text and mask_text(text)[1] == 0)


def _ahead(spells: tuple[Spell, ...]) -> str:
    """How many microseconds a local time is ahead of UTC; NULL outside of the spells."""
    cases = (
        f"when local between timestamp '{s.first}' and timestamp '{s.last}' then {s.ahead}"
        for s in spells
    )
    return f"case {' '.join(cases)} end" if spells else "null::bigint"


def _given(field: Field) -> str:
    return f'"{field.position}"'


def _parsed(field: Field) -> str:
    return f'"parsed_{field.position}_{field.name}"'


def _moment(field: Field) -> str:
    return f'"moment_{field.position}_{field.name}"'


def _cast(field: Field, kind: pa.DataType | None) -> str:
    """NULL for a blank, and for what is not of the type."""
    text = f"nullif({_given(field)}, '')"
    if kind is None:
        return text
    if kind == FLAG:
        return f"lower({text}) in {_YES}"
    if kind == DAY:
        return f"try_cast(left({text}, 10) as date)"
    return f"try_cast({text} as {_SQL_TYPES[kind]})"


def _in_utc(rows: pa.Table) -> pa.Table:
    """Moments as the lake has them: the SQL works with UTC, and does not say so."""
    naive = pa.timestamp("us")
    return rows.cast(pa.schema([f.with_type(STAMP) if f.type == naive else f for f in rows.schema]))


def _plainly(column: str, kind: pa.DataType) -> str:
    if kind == TEXT:
        return column
    if kind == REAL:
        return f"printf('%.17g', {column} + 0)"
    return f"cast({f'epoch_us({column})' if kind == STAMP else column} as varchar)"


@lru_cache(maxsize=8)
def _steady(zone: ZoneInfo) -> Spell | None:
    """The one spell of a zone whose clocks are never changed, as most are not since 2000."""
    first = datetime(YEARS[0], 1, 1, tzinfo=zone)
    last = datetime(YEARS[-1], 12, 31, tzinfo=zone)
    noons = (first + timedelta(days=n, hours=12) for n in range((last - first).days + 1))
    offsets = {noon.utcoffset() or timedelta() for noon in noons}
    if len(offsets) > 1:
        return None
    ahead = offsets.pop() // timedelta(microseconds=1)
    return Spell(first.replace(tzinfo=None), last.replace(tzinfo=None), ahead)


@lru_cache(maxsize=64)
def _spells(zone: ZoneInfo, first: date, last: date) -> tuple[Spell, ...]:
    """The spells between two days in which a zone's clocks were not changed.

    Days on which they were changed are in none of them.
    """
    spells: list[Spell] = []
    day = datetime.combine(first, time())
    while day.date() <= last:
        end = day + timedelta(days=1) - timedelta(microseconds=1)
        offsets = {
            moment.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta()
            for moment in (day, end)
            for fold in (0, 1)
        }
        if len(offsets) == 1:
            offset = offsets.pop() // timedelta(microseconds=1)
            goes_on = bool(spells) and (spells[-1].ahead, spells[-1].last.date()) == (
                offset,
                day.date() - timedelta(days=1),
            )
            begin = spells.pop().first if goes_on else day
            spells.append(Spell(begin, end, offset))
        day += timedelta(days=1)
    return tuple(spells)


def _hmac_pads(key: bytes) -> Mapping[str, bytes]:
    """The key as HMAC (RFC 2104) puts it before what it hashes, within and around."""
    if len(key) > _BLOCK_BYTES:
        key = hashlib.sha256(key).digest()
    padded = key.ljust(_BLOCK_BYTES, b"\0")
    return {"inner": bytes(b ^ 0x36 for b in padded), "outer": bytes(b ^ 0x5C for b in padded)}


def _hmac(text: str) -> str:
    """What `Privacy.hash` gives."""
    within = f"unhex(sha256($inner::blob || encode({text})))"
    return f"left(sha256($outer::blob || {within}), 32)"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _text(literal: str) -> str:
    return "'" + literal.replace("'", "''") + "'"
