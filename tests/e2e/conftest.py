"""Whole nights, run once a session and looked at by many tests."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo.company import AS_OF, generate
from demo.deploy import write_home
from demo.replica import ReplicaServer
from lake.privacy import KEY_VARIABLE
from orchestration.deployment import Deployment
from orchestration.night import Night
from orchestration.nightly import NightResult, run_night
from orchestration.progress import Silent
from orchestration.reading import Warehouse


@dataclass(frozen=True)
class DemoNights:
    """The demo company's night and its rerun; `old_reader` held the first release meanwhile."""

    home: Path
    truths: dict[str, Any]
    first: NightResult
    second: NightResult
    old_reader: duckdb.DuckDBPyConnection

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Ask the served release."""
        return Warehouse(self.home / "serving" / "warehouse.duckdb").rows(sql, *values)

    def truth(self, name: str) -> dict[str, Any]:
        """One planted truth by its name."""
        return next(truth for truth in self.truths["truths"] if truth["name"] == name)


@pytest.fixture(scope="session")
def key_of_personal_data() -> Iterator[None]:
    """A key in the environment for as long as the session's nights run."""
    before = os.environ.get(KEY_VARIABLE)
    os.environ[KEY_VARIABLE] = "a key for tests only"
    yield
    if before is None:
        del os.environ[KEY_VARIABLE]
    else:
        os.environ[KEY_VARIABLE] = before


@pytest.fixture(scope="session")
def demo_nights(
    tmp_path_factory: pytest.TempPathFactory, key_of_personal_data: None
) -> Iterator[DemoNights]:
    """Two nights of the same business day over the same files and the same replicas."""
    folder = tmp_path_factory.mktemp("demo")
    home, state = folder / "home", folder / "dagster"
    company = generate()
    with ReplicaServer(company) as replica:
        write_home(home, company, replica_url=replica.url)
        first = run_night(_night(home), AS_OF, state)
        held_open = duckdb.connect(str(home / "serving" / "warehouse.duckdb"), read_only=True)
        second = run_night(_night(home), AS_OF, state)
    truths = json.loads((home / "truths.json").read_text(encoding="utf-8"))
    yield DemoNights(home, truths, first, second, held_open)
    held_open.close()


def _night(home: Path) -> Night:
    return Night(Deployment(home), reporter=Silent())
