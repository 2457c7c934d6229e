"""A database as a source of rows: an entity's query, read through SQLAlchemy in place of files.

Values become the texts that a worksheet or CSV would hold, and go the way of those. The address
stands in the environment only: it is in no record, no message and no log.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import psycopg
import sqlalchemy as sa
from psycopg.types import datetime as psycopg_times
from sqlalchemy.exc import SQLAlchemyError

from lake.landing import Lake, Outcome, RequestOutcome, SourceRun, Status
from lake.privacy import Privacy, mask_text
from loaders.columnar import cell_text
from loaders.config import ExtractConfig
from loaders.files import Dropped, FileFault
from loaders.headers import missing
from loaders.intake import Job, Read, Tally, closed, described, snapshots_of
from loaders.rows import Row, Table

FETCHED_ROWS = 5_000
CONNECT_SECONDS = 15
MILLISECONDS = 60_000  # of a minute
_TOOK_TOO_LONG = "57014"  # PostgreSQL's code for a statement that was ended by its timeout
_MOMENT_TEXT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}.*)?")

Mark = dt.datetime | dt.date | int | float | Decimal | str
"""A value of an incremental column: a moment, a day, a number; or either as an ISO text."""


def ask(
    job: Job,
    config: ExtractConfig,
    read: Read,
    *,
    lake: Lake,
    privacy: Privacy,
    progress: Callable[[str], None],
    parser_version: str,
) -> SourceRun:
    """Load what the job's query gives. Never raises for the database: the run's message tells.

    Status: complete when the query was read to its end, partial when it broke off after rows that
    landed (or a snapshot asks for a person's word), failed when it gave none. Only a complete night
    moves the value from which the next one begins.
    """
    url = f"database://{config.database}/{job.entity}"
    with lake.open(job.source, job.kind, job.run, privacy) as landing:
        file = Dropped(Path(url), url)
        tally = Tally(landing, job.entity, file, job.spec_hash, parser_version, progress)
        earlier = lake.good_outcomes(
            "query", job.source, job.run.as_of, job.spec_hash, beside_run=job.run.run_id
        )
        marks = [row["etag"] for row in earlier if row["etag"]]
        reached = Reached(config, job.run.clock().astimezone(job.zone), marks[-1:])
        snapshots = snapshots_of(job, landing, lake)
        started, digest = job.run.clock(), hashlib.sha256()
        outcome: Outcome
        try:
            if snapshots is not None:
                snapshots.begin()
            with answer(config, reached, digest) as table:
                read(table, tally)
            reached.check()
            outcome = "ok" if tally.seen else "empty_confirmed"
            detail = described(table, tally, landing.quarantined)
            outcome, detail = closed(job, tally, snapshots, outcome, detail)
        except (FileFault, UnicodeError) as error:
            outcome, detail = "partial" if tally.seen else "error", str(error)
        landing.outcome(
            RequestOutcome(
                entity=job.entity,
                kind="query",
                requested_at=started,
                url=url,
                outcome=outcome,
                detail=detail,
                sha256=digest.hexdigest(),
                items_seen=tally.seen,
                items_landed=tally.landed,
                duration_ms=int((job.run.clock() - started).total_seconds() * 1000),
                spec_hash=job.spec_hash,
                etag=_written(reached.mark) if outcome in ("ok", "empty_confirmed") else None,
            )
        )
        progress(mask_text(f"{url}: {detail}")[0])
        is_lost = tally.seen > 0 and tally.landed == 0
        status = "partial" if is_lost and outcome == "ok" else _STATUS.get(outcome, "complete")
        return landing.finish(status, f"{url}: {detail}", tally.newest)


_STATUS: dict[Outcome, Status] = {"error": "failed", "partial": "partial", "drift": "partial"}


class Reached:
    """How far the incremental column has come: from where a night asks, and where it ended.

    Values of the future don't count: one order dated 2062 would hide all that changes before then.
    """

    def __init__(self, config: ExtractConfig, now: dt.datetime, earlier: list[str]) -> None:
        self._column = config.incremental
        self._now = now
        self.mark = _mark(earlier[0]) if earlier else None
        overlap = dt.timedelta(minutes=config.overlap_minutes)
        self.begin = config.since if self.mark is None else _before(self.mark, overlap)
        self._unusable: Any = None

    def see(self, value: Any) -> None:
        """A row of the answer has this value. Raises FileFault for values of different kinds."""
        if value is None:
            return
        is_moment = isinstance(value, dt.date) or _is_moment_text(value)
        if not is_moment and not _is_number(value):
            self._unusable = value
            return
        ahead = is_moment and _lies_ahead(value, self._now)
        if not ahead and (self.mark is None or _later(value, self.mark, self._column)):
            self.mark = value

    def check(self) -> None:
        """Raise FileFault where no value could be used at all."""
        if self.mark is None and self._unusable is not None:
            raise FileFault(
                f"its incremental column {self._column!r} holds neither times nor numbers "
                f"({type(self._unusable).__name__}). Name one that grows with every change, such "
                "as updated_at."
            )


@contextmanager
def answer(config: ExtractConfig, reached: Reached, digest: Any) -> Iterator[Table]:
    """The query's answer as rows of text; the header comes first. Raises FileFault."""
    address = _address(config)
    is_there = False
    try:
        engine = _engine(address)
        with engine.connect() as connection:
            is_there = True
            _guard(connection, config.timeout_minutes)
            statement, values = _statement(config, reached.begin, connection.dialect)
            result = connection.execution_options(
                stream_results=True, yield_per=FETCHED_ROWS
            ).execute(statement, values)
            with result:
                names = list(result.keys())
                how = f"asked of {engine.dialect.name}"
                if reached.begin is not None:
                    how += f", {config.incremental} from {reached.begin} on"
                table = Table(how)
                table.rows = _rows(
                    result, names, _place(config.incremental, names), reached, digest
                )
                yield table
    except (SQLAlchemyError, ImportError) as error:
        # Not `from error`: its text may hold the address.
        raise FileFault(_words(error, config, address, is_there=is_there)) from None


def _rows(
    result: sa.CursorResult[Any], names: list[str], place: int | None, reached: Reached, digest: Any
) -> Iterator[Row]:
    """The header, then every row as texts; what was seen and its hash are kept as they pass."""
    yield Row(0, names)
    for line, values in enumerate(result, start=1):
        if place is not None:
            reached.see(values[place])
        cells = [cell_text(value) for value in values]
        digest.update("\x1f".join(cells).encode("utf-8", "surrogatepass") + b"\x1e")
        yield Row(line, cells)


def _place(column: str | None, names: list[str]) -> int | None:
    if column is None:
        return None
    found = [i for i, name in enumerate(names) if name.casefold() == column.casefold()]
    if not found:
        raise missing(column, "the incremental column", names)
    return found[0]


def _statement(
    config: ExtractConfig, begin: Any, dialect: sa.Dialect
) -> tuple[sa.TextClause, dict[str, Any]]:
    """What is asked, and from which value on.

    Rows without a value in the incremental column come every night, as nothing tells their change.
    """
    preparer = dialect.identifier_preparer
    if config.table is not None:
        parts = [preparer.quote(part) for part in config.table.split(".")]
        asked, names = f"select * from {'.'.join(parts)}", False
    else:
        asked = f"select * from ({(config.query or '').strip().rstrip(';')}\n) as asked"
        names = ":since" in (config.query or "")
    if begin is None:
        return sa.text(asked), {}
    if not names:
        column = preparer.quote(config.incremental or "")
        asked = f"select * from ({asked}) as extract where {column} >= :since or {column} is null"
    return sa.text(asked), {"since": begin}


def _address(config: ExtractConfig) -> sa.URL:
    """Where the database is. Raises FileFault, and never says what the variable holds."""
    given = os.environ.get(config.variable, "").strip()
    if not given:
        raise FileFault(
            f"the address of the database {config.database!r} is not known. Set the environment "
            f"variable {config.variable}, for example postgresql+psycopg://user:password@host/name"
        )
    try:
        url = sa.make_url(given)
    except (SQLAlchemyError, ValueError):
        raise FileFault(
            f"what the environment variable {config.variable} holds is no address of a database. "
            "Write postgresql+psycopg://user:password@host:5432/name; signs such as @ and / in the "
            "password are written as %40 and %2F"
        ) from None
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    return url


def _engine(url: sa.URL) -> sa.Engine:
    """An engine that can only read, and gives up when nobody answers."""
    kind = url.get_backend_name()
    options: dict[str, Any] = {}
    if kind == "postgresql":
        options = {"connect_timeout": CONNECT_SECONDS, "application_name": "voc-warehouse"}
    elif kind == "mysql":
        options = {"connect_timeout": CONNECT_SECONDS}
    elif kind == "duckdb":
        options = {"read_only": True}
    elif kind == "sqlite" and url.database and not url.database.startswith("file:"):
        # Else SQLite makes the file that isn't there.
        read_only = {"mode": "ro", "uri": "true"}
        url = url.set(database=f"file:{quote(url.database)}").update_query_dict(read_only)
    engine = sa.create_engine(url, connect_args=options, poolclass=sa.NullPool)
    if engine.driver == "psycopg":
        sa.event.listen(engine, "connect", _read_any_time)
    return engine


def _guard(connection: sa.Connection, minutes: int) -> None:
    """Let the transaction read only, and not for ever, as far as the database knows how."""
    milliseconds = minutes * MILLISECONDS
    guards = {
        "postgresql": (
            "set transaction read only",
            f"set local statement_timeout = {milliseconds}",
        ),
        "mysql": ("start transaction read only",),
        "mariadb": ("start transaction read only",),
        "sqlite": ("pragma query_only = on",),
    }
    for guard in guards.get(connection.dialect.name, ()):
        connection.execute(sa.text(guard))


class _AnyTime(psycopg.adapt.Loader):
    """A time as psycopg reads it; what Python has no time for (infinity, BC) as its text.

    Without it, one such value would end the whole answer.
    """

    known: type[psycopg.adapt.Loader]

    def __init__(self, oid: int, context: psycopg.abc.AdaptContext | None = None) -> None:
        super().__init__(oid, context)
        self._known = self.known(oid, context)

    def load(self, data: psycopg.abc.Buffer) -> Any:
        """The value, or its text."""
        try:
            return self._known.load(data)
        except psycopg.DataError:
            return bytes(data).decode()


class _AnyDay(_AnyTime):
    known = psycopg_times.DateLoader


class _AnyLocal(_AnyTime):
    known = psycopg_times.TimestampLoader


class _AnyMoment(_AnyTime):
    known = psycopg_times.TimestamptzLoader


def _read_any_time(connection: Any, _record: Any) -> None:
    for name, loader in (("date", _AnyDay), ("timestamp", _AnyLocal), ("timestamptz", _AnyMoment)):
        connection.adapters.register_loader(name, loader)


def _words(error: Exception, config: ExtractConfig, url: sa.URL, *, is_there: bool) -> str:
    """What a database or its driver says, on one line, without anything of the address."""
    if isinstance(error, ImportError | sa.exc.NoSuchModuleError):
        return (
            f"databases of the kind {url.drivername!r} can't be read here: its driver is not "
            "installed. Install it beside this program, or use another address."
        )
    said = " ".join(str(getattr(error, "orig", None) or error).split())
    for secret in _secrets(url):
        said = said.replace(secret, "…")
    said = mask_text(said)[0]  # before it is cut: half a number is not known
    if not is_there:
        return (
            f"the database {config.database!r} can't be reached: {said[:500]} Check that it runs, "
            f"and what {config.variable} holds."
        )
    mend = "Check the query in extracts.yml, and what its user may read."
    if getattr(error.__dict__.get("orig"), "sqlstate", "") == _TOOK_TOO_LONG:
        mend = "Ask for less, or raise timeout_minutes in extracts.yml."
    return f"the database {config.database!r} refused or broke off: {said[:500]} {mend}"


def _secrets(url: sa.URL) -> list[str]:
    """What an address holds that nobody else may read, the longest first."""
    found = {str(url.password or ""), url.render_as_string(hide_password=False)}
    if url.username:
        found |= {f'"{url.username}"', f"'{url.username}'"}
    for name, value in url.query.items():
        if re.search("pass|key|token|secret|user", name, re.I):
            found |= {value} if isinstance(value, str) else set(value)
    found |= {quote(secret, safe="") for secret in found} | {quote_plus(s) for s in found}
    return sorted(found - {""}, key=len, reverse=True)


def _is_number(value: Any) -> bool:
    is_one = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return is_one and math.isfinite(value)


def _is_moment_text(value: Any) -> bool:
    return isinstance(value, str) and _MOMENT_TEXT.fullmatch(value) is not None


def _later(value: Any, mark: Any, column: str | None) -> bool:
    try:
        return bool(value > mark)
    except TypeError as error:
        raise FileFault(
            f"its incremental column {column!r} holds values of different kinds "
            f"({type(mark).__name__} and {type(value).__name__}), which have no order. Cast it in "
            "the query."
        ) from error


def _lies_ahead(value: Any, now: dt.datetime) -> bool:
    """Whether a moment, a day, or the text of either is later than `now` (in the source's zone)."""
    if isinstance(value, str):
        return value > now.isoformat(sep=value[10:11] or " ", timespec="seconds")
    if not isinstance(value, dt.datetime):
        return bool(value > now.date())
    return value > (now if value.tzinfo else now.replace(tzinfo=None))


def _before(mark: Mark, overlap: dt.timedelta) -> Mark:
    """Where the next night begins: a little before what was reached, where that is a time.

    What was changed before and committed after a night had read is found so.
    """
    if isinstance(mark, dt.datetime):
        return mark - overlap
    if isinstance(mark, dt.date):
        return mark - dt.timedelta(days=math.ceil(overlap / dt.timedelta(days=1)))
    if isinstance(mark, str):
        moment = dt.datetime.fromisoformat(mark).replace(tzinfo=None)
        if len(mark) == len("2026-09-30"):
            return _before(moment.date(), overlap).__str__()
        return (moment - overlap).isoformat(sep=mark[10], timespec="seconds")
    return mark


_KINDS: dict[str, Callable[[str], Mark]] = {
    "time": dt.datetime.fromisoformat,
    "day": dt.date.fromisoformat,
    "whole": int,
    "real": float,
    "decimal": Decimal,
    "text": str,
}


def _written(mark: Mark | None) -> str | None:
    """A mark as the lake keeps it: its kind, so that the database gets the same kind again."""
    if mark is None:
        return None
    if isinstance(mark, dt.date):
        kind = "time" if isinstance(mark, dt.datetime) else "day"
        return f"{kind} {mark.isoformat()}"
    kinds = {int: "whole", float: "real", Decimal: "decimal", str: "text"}
    return f"{kinds[type(mark)]} {mark}"


def _mark(written: str) -> Mark:
    kind, _, text = written.partition(" ")
    return _KINDS[kind](text)
