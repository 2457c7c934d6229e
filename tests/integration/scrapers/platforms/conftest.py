"""A replica of the platform under test, crawled night after night."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

import pytest

from demo.replica.failures import Failure
from demo.replica.server import ReplicaServer, Served


@pytest.fixture
def crawl(
    night: Callable[..., Any], request: pytest.FixtureRequest
) -> Callable[..., tuple[Any, list[Served]]]:
    """A night of the module's SOURCE against `site`, and what it asked for.

    Keyword arguments are the night's, and change the source's config. The address stays the same.
    """
    port = 0

    def run(
        site: Any,
        *failures: Failure,
        others: Iterable[Any] = (),
        etags: bool = False,
        **config: Any,
    ) -> tuple[Any, list[Served]]:
        nonlocal port
        with ReplicaServer(
            sites=[site, *others], failures=failures, port=port, etags=etags
        ) as server:
            port = urlsplit(server.url).port or 0
            found = night(base_url=server.url, **request.module.SOURCE | config)
        return found, server.pages

    return run
