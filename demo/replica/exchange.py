"""What goes back and forth between a visitor and a replica: a request, an answer, a site."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from demo.replica.rendering import Rendering
from demo.replica.wire import WHOLE, Delivery

JSON = "application/json"
HTML = "text/html; charset=utf-8"
Values = dict[str, list[str]]


@dataclass(frozen=True)
class Asked:
    """One request that reached the server.

    `target` is the path with its query as it was sent. `headers` have lower-case names. `nth`
    counts how often this very request (method, target, body) came, from 1. `rendering` holds what
    failures want changed in the content of the answer.
    """

    target: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    nth: int = 1
    rendering: Rendering = field(default_factory=Rendering)

    @property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> Values:
        """The query's values by name; blank ones are left out."""
        return parse_qs(urlsplit(self.target).query)

    @property
    def form(self) -> Values:
        """The values of a urlencoded body by name; blank ones are left out."""
        return parse_qs(self.body.decode("utf-8", "replace")) if self.method == "POST" else {}

    @property
    def host(self) -> str:
        """The Host header: name and port."""
        return self.headers.get("host", "")

    def value(self, name: str, default: str = "") -> str:
        """The last value of `name` in the query, or else in the form."""
        for values in (self.query, self.form):
            if name in values:
                return values[name][-1]
        return default

    def number(self, name: str, default: int) -> int:
        """`value` as a whole number; `default` when it is none."""
        try:
            return int(self.value(name, str(default)))
        except ValueError:
            return default

    def to(self, target: str) -> Asked:
        """The same request for another target."""
        return replace(self, target=target)


@dataclass(frozen=True)
class Answer:
    """One HTTP answer before it is sent. `delivery` says how it goes over the wire.

    `packed`: gzip (True), don't (False), or as the visitor takes it if it's worth it (None).
    """

    body: bytes
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = WHOLE
    packed: bool | None = None

    def with_headers(self, **headers: str) -> Answer:
        """The same answer with more headers; `_` in a name stands for `-`."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **more})


class Site(Protocol):
    """A platform: a pure function of its rows and of what it remembers of its visitors."""

    def answer(self, asked: Asked) -> Answer | None:
        """The answer; None when the address isn't this site's."""


NOT_FOUND = Answer(b"Not found\n", 404)
ROBOTS = Answer(b"User-agent: *\nDisallow: /admin/\n")


def json_answer(
    data: Any,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    content_type: str = JSON,
) -> Answer:
    """`data` as JSON in UTF-8."""
    body = json.dumps(data, ensure_ascii=False).encode()
    return Answer(body, status, content_type, headers or {})


def html_answer(page: str, status: int = 200) -> Answer:
    """An HTML page in UTF-8."""
    return Answer(page.encode(), status, HTML)
