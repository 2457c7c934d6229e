"""Reading a warehouse file in nobody's way: read-only, one short connection a query."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb


def literal(path: Path) -> str:
    """A path as a SQL text literal: ATTACH and COPY take no parameters."""
    return "'" + str(path).replace("'", "''") + "'"


@dataclass(frozen=True)
class Warehouse:
    """Questions to one warehouse file, a build or a release."""

    path: Path

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """The rows of a query as dicts. The file is attached, as its own kind may not be opened."""
        with duckdb.connect() as connection:
            connection.execute(f"attach {literal(self.path)} as warehouse (read_only)")
            connection.execute("use warehouse")
            cursor = connection.execute(sql, values)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
