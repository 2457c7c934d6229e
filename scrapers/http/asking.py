"""What is asked for and what comes back: Ask, Response, Verdict, and the limits of both."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, Protocol, TypeVar
from urllib.parse import urlencode

from lake.config import StrictModel
from lake.landing import Outcome

Value_co = TypeVar("Value_co", covariant=True)
Value = TypeVar("Value")

TRANSIENT = (408, 425, 429, 500, 502, 503, 504)
BLOCKED = (401, 403, 407, 451, 456)  # 456: what 新浪 says to whom it takes for a machine
GONE = (404, 410)
NOT_MODIFIED = 304


class Limits(StrictModel):
    """How gently to ask, and what to put up with. Times in seconds, sizes in megabytes."""

    min_interval_seconds: float = 3.0
    timeout_seconds: float = 30.0
    response_seconds: float = 120.0
    max_attempts: int = 4
    backoff_seconds: float = 2.0
    max_wait_seconds: float = 300.0
    max_body_mb: float = 20.0
    max_decoded_mb: float = 100.0
    breaker_after: int = 1
    """So many blocked answers in a row close a host for the night."""


@dataclass(frozen=True)
class Ask:
    """One thing to ask for. `request` is its name in source.yml, `entity` what it brings.

    `form` is the body of a POST. `etag` and `last_modified` make a conditional GET. What stands
    in `secret_headers` (the credentials of an own account) is sent to the host of `url` alone,
    and never archived, noted or told.
    """

    url: str
    request: str
    page_no: int | None = None
    method: Literal["GET", "POST"] = "GET"
    form: Mapping[str, str] | None = None
    accept: str = "application/json, text/html;q=0.9, */*;q=0.5"
    etag: str | None = None
    last_modified: str | None = None
    secret_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    entity: str = ""

    @property
    def body(self) -> bytes | None:
        """The form as it is sent; None without one."""
        return None if self.form is None else urlencode(self.form).encode()

    @property
    def key(self) -> str:
        """What tells this request from others in an archive."""
        return request_key(self.method, self.url, self.body)


@dataclass(frozen=True)
class Response:
    """A response with its decoded body, and where its exact bytes are archived.

    `url` was asked, `final_url` answered; `fetched_at` (UTC) is when it was asked, tonight or, out
    of an archive, then. `retry_after` in seconds from then. `wire_bytes` counts what was sent.
    """

    url: str
    final_url: str
    status: int
    content_type: str
    body: bytes
    fetched_at: datetime
    archive_file: str
    archive_offset: int
    location: str | None = None
    retry_after: float | None = None
    etag: str | None = None
    last_modified: str | None = None
    wire_bytes: int = 0


@dataclass(frozen=True)
class Verdict(Generic[Value_co]):
    """What a response is worth. Accepted when `value` is there; `again`: asking anew may help."""

    outcome: Outcome
    detail: str = ""
    value: Value_co | None = None
    items_seen: int = 0
    again: bool = False
    wait: float | None = None


class Judge(Protocol[Value_co]):
    """Looks at a response before anything is made of it.

    It is shown a redirect that may not be followed, too: when it takes that for a block, the
    outcome is blocked, else refused.
    """

    def __call__(self, response: Response, /) -> Verdict[Value_co]: ...


class FetchError(Exception):
    """A request that came to nothing, after every attempt; the message says how it ended."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


def request_key(method: str, url: str, body: bytes | None) -> str:
    """32 hex characters: equal for equal requests."""
    whole = f"{method} {url}\n".encode() + (body or b"")
    return hashlib.sha256(whole).hexdigest()[:32]


def judge_status(response: Response) -> Verdict[Value]:
    """What a status other than 200 means."""
    status, detail = response.status, f"HTTP {response.status}"
    if status in TRANSIENT:
        return Verdict("error", detail, again=True, wait=response.retry_after)
    if status in BLOCKED:
        return Verdict("blocked", f"{detail}: access is refused.")
    if status in GONE:
        return Verdict("gone", f"{detail}: there is nothing at this address (any more).")
    if status == NOT_MODIFIED:
        return Verdict("unchanged", f"{detail}: not changed since it was last asked for.")
    return Verdict("error", detail, again=status >= 500)
