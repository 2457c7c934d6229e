"""Replicas in a process of their own, so that they share no interpreter with what is measured.

`python -m bench.replicas '[{"shape": "html", "rows": 5000, "size": 20}]'` prints their addresses as
JSON, one per site, and answers until its standard input is closed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Literal

from demo.replica import ReplicaServer
from demo.replica.sites.plain import PlainSite, Review, sample_rows

Shape = Literal["html", "json"]


@dataclass(frozen=True)
class PlainList:
    """One site to play: so many rows, so many on a page."""

    shape: Shape
    rows: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages show all rows."""
        return -(-self.rows // self.size)


@contextmanager
def playing(lists: Sequence[PlainList]) -> Iterator[list[str]]:
    """The addresses of replicas of these sites, while the block lasts."""
    told = json.dumps([asdict(one) for one in lists])
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.replicas", told],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101 - for mypy
        try:
            said = process.stdout.readline()
            if not said:
                raise RuntimeError("The replicas did not start; what they said stands above.")
            yield json.loads(said)
        finally:
            process.stdin.close()


def _play(lists: Sequence[PlainList]) -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(ReplicaServer(sites=[_site(one)])) for one in lists]
        print(json.dumps([server.url for server in servers]), flush=True)
        sys.stdin.read()


def _site(one: PlainList) -> PlainSite:
    # Never packed: both crawlers would spend the same on unpacking, and the replica's CPU is ours.
    return PlainSite(_rows(one.rows), shape=one.shape, size=one.size, packed=False)


def _rows(n: int) -> list[Review]:
    """Rows a minute apart: at the sample's own pace 100,000 of them would begin in 1981."""
    rows = sample_rows(n)
    newest = rows[0].at
    return [replace(row, at=newest - timedelta(minutes=place)) for place, row in enumerate(rows)]


if __name__ == "__main__":
    _play([PlainList(**one) for one in json.loads(sys.argv[1])])
