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
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from queue import SimpleQueue
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lake.entities import STAMP
from lake.privacy import mask_text
from loaders.bulk_sql import Field, Fill, Question, Setting
from loaders.rows import Block
from loaders.texts import trim, words
from loaders.times import YEARS

WORKERS = 2

_BLOCK_BYTES = 64  # of SHA-256, which HMAC pads its key to
_DIGITS_AS_9 = np.arange(256, dtype=np.uint8)
_DIGITS_AS_9[ord("0") : ord("9")] = ord("9")

Bytes = npt.NDArray[np.uint8]


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
        fields = [_described(field, block.cells) for field in self._fields]
        question = Question(self._setting, fields, self._probe)
        ahead = _ahead(self._offsets(sql, question.span()))
        sql.execute(f"create or replace temp macro ahead(local) as {ahead}")
        query = question.rows()
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

    def _offsets(self, sql: duckdb.DuckDBPyConnection, span: str | None) -> tuple[Spell, ...]:
        """How far the zone is ahead of UTC in each spell of the block's local times."""
        steady = _steady(self._setting.zone)
        if span is None or steady:
            return (steady,) if steady else ()
        ((*found,),) = sql.sql(span).fetchall()
        times = [moment.date() for moment in found if moment is not None]
        return _spells(self._setting.zone, min(times), max(times)) if times else ()


def _described(field: Field, cells: pa.Table) -> Field:
    """The field, with what is known of all of a block's texts in its column."""
    texts = cells.column(field.position)
    ends = pc.min_max(pc.binary_length(texts)).as_py()
    fill: Fill = "full" if ends["min"] else "some" if ends["max"] else "blank"
    return replace(field, fill=fill, shape=_shape(texts, ends["max"] or 0))


def _shape(texts: pa.ChunkedArray, length: int) -> str | None:
    """What all texts that are not blank look like, their digits as 9; None if they aren't alike."""
    seen: Bytes | None = None
    for chunk in texts.chunks if length else ():
        _, places, data = chunk.buffers()
        ends = np.frombuffer(places, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
        lengths = np.diff(ends)
        if not ((lengths == length) | (lengths == 0)).all():
            return None
        digits_as_9 = _DIGITS_AS_9[np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]]
        rows = digits_as_9.reshape(-1, length)
        if seen is None and len(rows):
            seen = rows[0]
        if seen is not None and (rows != seen).any():
            return None
    return seen.tobytes().decode("ascii", "replace") if seen is not None else None


def _stays(text: str) -> bool:
    return not text or (words(text) == text and mask_text(text)[1] == 0)


def _ahead(spells: tuple[Spell, ...]) -> str:
    """How many microseconds a local time is ahead of UTC; NULL outside of the spells."""
    cases = (
        f"when local between timestamp '{s.first}' and timestamp '{s.last}' then {s.ahead}"
        for s in spells
    )
    return f"case {' '.join(cases)} end" if spells else "null::bigint"


def _in_utc(rows: pa.Table) -> pa.Table:
    """Moments as the lake has them: the SQL works with UTC, and does not say so."""
    naive = pa.timestamp("us")
    return rows.cast(pa.schema([f.with_type(STAMP) if f.type == naive else f for f in rows.schema]))


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
