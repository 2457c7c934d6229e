"""Bodies as a platform's declaration reads and judges them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scrapers.http.asking import Response, Verdict
from scrapers.judging import Fetched, PageJudge
from scrapers.parsing import Page
from scrapers.registry import Platforms

FETCHED = datetime(2026, 9, 30, 18, 0, tzinfo=UTC)


def _judge(slug: str, request: str, **given: Any) -> PageJudge:
    platform = Platforms().load(slug)
    zone = ZoneInfo(platform.spec.zone or "Asia/Shanghai")
    return PageJudge(platform, request, zone, given.pop("context", {}), **given)


def _response(body: bytes, content_type: str, status: int, fetched_at: datetime) -> Response:
    return Response(
        url="https://replica.example/",
        final_url="https://replica.example/",
        status=status,
        content_type=content_type,
        body=body,
        fetched_at=fetched_at,
        archive_file="",
        archive_offset=0,
        wire_bytes=len(body),
    )


@pytest.fixture
def read() -> Callable[..., Page]:
    """read(slug, request, body, content_type, fetched_at=…, context={…}): the page of a body.
    Raises PageProblemError."""

    def page(
        slug: str,
        request: str,
        body: bytes,
        content_type: str = "",
        *,
        fetched_at: datetime = FETCHED,
        **given: Any,
    ) -> Page:
        answer = _response(body, content_type, 200, fetched_at)
        return _judge(slug, request, **given).read(answer)

    return page


@pytest.fixture
def judged() -> Callable[..., Verdict[Fetched]]:
    """judged(slug, request, body, content_type, status=…, times=…): what an answer is worth, when
    it comes for the `times`-th time; `missing` and the like as PageJudge takes them."""

    def verdict(
        slug: str,
        request: str,
        body: bytes,
        content_type: str = "",
        *,
        status: int = 200,
        times: int = 1,
        fetched_at: datetime = FETCHED,
        **given: Any,
    ) -> Verdict[Fetched]:
        judge = _judge(slug, request, **given)
        answer = _response(body, content_type, status, fetched_at)
        for _ in range(times - 1):
            judge(answer)
        return judge(answer)

    return verdict
