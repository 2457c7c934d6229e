"""A deployment's folder to drop files into, and a look at what landed of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

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

    def landed(self, entity: str) -> list[dict[str, Any]]:
        """The records of an entity that the last run landed, in order."""
        return self._rows("records", entity)

    def quarantine(self) -> list[dict[str, Any]]:
        """What the last run quarantined."""
        return self._rows("quarantine", "quarantine")

    def outcomes(self) -> list[dict[str, Any]]:
        """How the last run's files ended."""
        return self._rows("requests", "request_outcome")

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

    def _rows(self, tree: str, name: str) -> list[dict[str, Any]]:
        assert self.last is not None
        pattern = f"source={self.last.source}/dt=*/run{self.runs}/{name}.parquet"
        paths = list((self.home / "lake" / tree).glob(pattern))
        return [row for path in paths for row in pq.ParquetFile(path).read().to_pylist()]


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """An empty deployment."""
    return Deployment(tmp_path)
