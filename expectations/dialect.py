"""A DuckDB dialect for SQLAlchemy whose results outlive their connection.

Great Expectations closes a connection before it fetches from it, and DuckDB drops a result with
its connection. So every result is read into memory right after its statement ran. That is cheap
for a gate: its statements bring home counts and means, not rows.
"""

from __future__ import annotations

import atexit
import sys
from functools import cache
from pathlib import Path

import duckdb_sqlalchemy
from sqlalchemy import URL
from sqlalchemy.dialects import registry
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

DRIVER = "voc_buffered"


class BufferedContext(duckdb_sqlalchemy.DuckDBExecutionContext):
    """Reads a statement's rows as soon as it has run."""

    def post_exec(self) -> None:
        """Swap the fetch from the open cursor for one from memory."""
        super().post_exec()  # type: ignore[no-untyped-call]
        if self.cursor.description:
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
                self.cursor, self.cursor.description, self.cursor.fetchall()
            )


class BufferedDialect(duckdb_sqlalchemy.Dialect):
    """DuckDB as `duckdb+voc_buffered://`."""

    driver = DRIVER
    execution_ctx_cls = BufferedContext
    supports_statement_cache = True


@cache
def register() -> None:
    """Make `duckdb+voc_buffered://` known to SQLAlchemy; harmless when called again."""
    registry.register(f"duckdb.{DRIVER}", __name__, BufferedDialect.__name__)
    atexit.register(_let_go_of_duckdb)


def _let_go_of_duckdb() -> None:
    """Empty the dialect's modules when Python ends.

    Beside Great Expectations they outlive DuckDB's binding, which then prints a page about leaks
    under the night's summary. By then every engine is disposed of, so nobody misses them.
    """
    theirs = [name for name in sys.modules if name.split(".")[0] == "duckdb_sqlalchemy"]
    for name in theirs:
        vars(sys.modules[name]).clear()


def address(database: Path) -> str:
    """The SQLAlchemy address of a DuckDB file, whatever characters its path holds."""
    url = URL.create(f"duckdb+{DRIVER}", database=str(database.resolve()))
    return url.render_as_string(hide_password=False)
