"""The twelve failures that a replica plays on request, wrapped around what its sites answer.

Each failure belongs to one of the twelve (`number`, as PLATFORMS.md counts them) and says when it
is due: `where` (a regular expression searched in the target, or a function of the request; by
default everywhere but in robots.txt), `after` that many requests there, `until` that many, and only
the `nth` time that this very request comes there. Those about transport (1, 2, 3, 5, 8, 9, 10)
change the answer; those about content (4, 6, 7, 11, 12) change the site's rows or how they are
drawn. A failure remembers its visitors: it belongs to one server.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any, ClassVar, Literal

from bs4 import BeautifulSoup

from demo.replica.exchange import HTML, Answer, Asked, html_answer, json_answer
from demo.replica.rendering import Change, Said
from demo.replica.sites.rows import NEWEST, RowSite
from demo.replica.wire import Cut, Drip, Endless, HeaderDrip

Ask = Callable[[Asked], Answer]
LOGIN = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>登录</title></head><body>'
    '<form id="login" action="/login" method="post"><h1>请先登录</h1>'
    '<input name="username"><input type="password" name="password"></form></body></html>'
)
CAPTCHA = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>验证中心</title></head><body>'
    '<div id="captcha" class="verify-wrap">请完成验证：向右拖动滑块填充拼图</div></body></html>'
)
COOKIE_PAGE = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>'
    "<script>location.reload()</script></body></html>"
)


@dataclass(kw_only=True)
class Failure:
    """When a failure is due. Subclasses say what it does in `play`."""

    number: ClassVar[int]
    where: str | Callable[[Asked], bool] = ""
    nth: int | tuple[int, ...] | None = None
    after: int = 0
    until: int | None = None
    _seen: int = field(default=0, init=False, repr=False)
    _times: dict[tuple[str, str, bytes], int] = field(default_factory=dict, init=False, repr=False)

    def answer(self, asked: Asked, ask: Ask) -> Answer:
        """The answer to a request; `ask` asks what lies behind this failure."""
        return self.play(asked, ask) if self._is_due(asked) else ask(asked)

    def play(self, asked: Asked, ask: Ask) -> Answer:
        """The answer when the failure is due."""
        raise NotImplementedError

    def _is_here(self, asked: Asked) -> bool:
        if callable(self.where):
            return self.where(asked)
        if not self.where:
            return asked.path != "/robots.txt"
        return re.search(self.where, asked.target) is not None

    def _is_due(self, asked: Asked) -> bool:
        if not self._is_here(asked):
            return False
        self._seen += 1
        address = (asked.method, asked.target, asked.body)
        self._times[address] = self._times.get(address, 0) + 1
        if self._seen <= self.after or (self.until is not None and self._seen > self.until):
            return False
        wanted = (self.nth,) if isinstance(self.nth, int) else self.nth
        return wanted is None or self._times[address] in wanted


class _Drawn(Failure, Change):
    """A failure about content: it changes how the answer is drawn."""

    def play(self, asked: Asked, ask: Ask) -> Answer:
        """See Failure."""
        return ask(replace(asked, rendering=asked.rendering.plus(self)))


# 1 ---------------------------------------------------------------------------------------------


@dataclass
class EmptyUntil(_Drawn):
    """Every request is answered with an empty page `times` times; then it fills.

    Empty means no rows and a total of 0 in the site's own shape, or exactly `body` when given.
    """

    number = 1
    times: int = 1
    body: bytes | None = None

    def _is_due(self, asked: Asked) -> bool:
        due = super()._is_due(asked)
        return due and self._times[asked.method, asked.target, asked.body] <= self.times

    def play(self, asked: Asked, ask: Ask) -> Answer:
        """See Failure."""
        answer = super().play(asked, ask)
        return answer if self.body is None else replace(answer, body=self.body)

    def page(self, rows: list[Any]) -> list[Any]:
        """See Change."""
        return []

    def total(self, total: int) -> int:
        """See Change."""
        return 0


# 2 ---------------------------------------------------------------------------------------------


@dataclass
class SoftBlock(_Drawn):
    """No data, politely: a login or captcha page with 200, or an empty list with a large total.

    `redirect_login` sends the visitor to /login with 302, which answers the login page.
    """

    number = 2
    kind: Literal["login_html", "captcha_html", "empty_with_total", "redirect_login"]
    claimed: int = 1000

    def play(self, asked: Asked, ask: Ask) -> Answer:
        """See Failure."""
        if self.kind == "empty_with_total":
            return super().play(asked, ask)
        if self.kind == "redirect_login" and asked.path != "/login":
            return Answer(b"", 302, HTML, {"Location": "/login"})
        return html_answer(CAPTCHA if self.kind == "captcha_html" else LOGIN)

    def page(self, rows: list[Any]) -> list[Any]:
        """See Change."""
        return []

    def total(self, total: int) -> int:
        """See Change."""
        return max(total, self.claimed)


# 3 ---------------------------------------------------------------------------------------------


@dataclass
class Ban(Failure):
    """After `after` requests `cool_down_requests` are refused (None: all)."""

    number = 3
    status: int = 456
    cool_down_requests: int | None = None
    retry_after: int | None = None

    def __post_init__(self) -> None:
        if self.cool_down_requests is not None:
            self.until = self.after + self.cool_down_requests

    def play(self, asked: Asked, ask: Ask) -> Answer:
        """See Failure."""
        waits = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return Answer("访问过于频繁".encode(), self.status, headers=waits)


@dataclass
class Throttle(Failure):
    """429 with Retry-After: seconds, an HTTP date, or none at all."""

    number = 3
    retry_after: int | datetime | None = 1

    def play(self, asked: Asked, ask: Ask) -> Answer:
        """See Failure."""
        answer = json_answer({"detail": "Request was throttled."}, 429)
        if self.retry_after is None:
            return answer
        if isinstance(self.retry_after, datetime):
            at = self.retry_after.astimezone(UTC)
            return answer.with_headers(Retry_After=format_datetime(at, usegmt=True))
        return answer.with_headers(Retry_After=str(self.retry_after))


# 4 ---------------------------------------------------------------------------------------------


@dataclass
class _Once(Failure):
    """Does something to a site's rows, once, before the request that makes it due is answered."""

    _is_done: bool = field(default=False, init=False, repr=False)

    def play(self, asked: Asked, ask: Ask) -> Answer:
        """See Failure."""
        if not self._is_done:
            self._is_done = True
            self.happen()
        return ask(asked)

    def happen(self) -> None:
        """What happens to the rows."""
        raise NotImplementedError


@dataclass
class InsertBetween(_Once):
    """New rows appear at the top (or before the `at`-th) while a list is being paged through."""

    number = 4
    site: RowSite[Any]
    rows: Iterable[Any]
    at: int = 0

    def happen(self) -> None:
        """See _Once."""
        self.site.insert(self.rows, self.at)


@dataclass
class RemoveBetween(_Once):
    """Rows disappear while a list is being paged through: those behind them move up."""

    number = 4
    site: RowSite[Any]
    keys: Iterable[str]

    def happen(self) -> None:
        """See _Once."""
        self.site.delete(*self.keys)


# 5 ---------------------------------------------------------------------------------------------


@dataclass
class PastEnd(Failure):
    """What is answered past the `last` page.

    `clamp`: the last page again; `loop`: from the first page on; `400`: an error; `capped_total`:
    empty pages, although the total promises more. `page` finds the page's number in the target as
    its first group; `first` is how the first page is numbered.
    """

    number = 5
    kind: Literal["clamp", "loop", "400", "capped_total"]
    last: int
    page: str = r"[?&]page=(\d+)"
    first: int = 1

    def play(self, asked: Asked, ask: Ask) -> Answer:
        """See Failure."""
        found = re.search(self.page, asked.target)
        if found is None or int(found[1]) <= self.last:
            return ask(asked)
        if self.kind == "400":
            return Answer(f"There are only {self.last} pages\n".encode(), 400)
        start, end = found.span(1)
        page = self._instead(int(found[1]))
        return ask(asked.to(f"{asked.target[:start]}{page}{asked.target[end:]}"))

    def _instead(self, page: int) -> int:
        if self.kind == "clamp":
            return self.last
        if self.kind == "loop":
            return self.first + (page - self.first) % (self.last - self.first + 1)
        return 1_000_000  # beyond any row, while the site's total stays as it is


# 6 ---------------------------------------------------------------------------------------------


@dataclass
class Edit(_Once):
    """Rows change after they were crawled: the same as the site's methods, but during a night.

    `kind` is what happens to the rows of `keys`: `change` sets `changes`; `expire` deletes all that
    are older than `before` and needs no keys.
    """

    number = 6
    site: RowSite[Any]
    keys: tuple[str, ...] = ()
    kind: Literal["change", "hide", "restore", "delete", "expire"] = "change"
    changes: Mapping[str, Any] = field(default_factory=dict)
    before: datetime | None = None

    def happen(self) -> None:
        """See _Once."""
        if self.kind == "change":
            for key in self.keys:
                self.site.edit(key, **self.changes)
        elif self.kind == "expire":
            self.site.expire(self.before or NEWEST)
        else:
            getattr(self.site, self.kind)(*self.keys)


# 7 and the second half of 12 -------------------------------------------------------------------

DriftKind = Literal[
    "class_renamed",
    "column_inserted",
    "half_redesigned",
    "field_removed",
    "new_enum",
    "null_list",
    "dict_list",
    "number_as_text",
]


@dataclass
class Drift(_Drawn):
    """The layout is no longer what it was.

    `name` is a CSS selector in HTML and a key in JSON (in item arrays: a place, as text).
    `class_renamed` (and `half_redesigned`, for every second item) gives those elements the class
    `to`, and in JSON `half_redesigned` renames the key; `column_inserted` puts something new before
    them; `field_removed` takes them away. Only in JSON, and of failure 12: `new_enum` sets the
    value `to`; `null_list` makes it null; `dict_list` makes a list of one its item, and a longer
    list a dict by place; `number_as_text` turns numbers into text.
    """

    number = 7
    kind: DriftKind
    name: str
    to: Any = "v2-redesign"

    def html(self, html: str) -> str:
        """See Change."""
        in_html = ("class_renamed", "column_inserted", "field_removed")
        if self.kind not in in_html or self.name.startswith("@") or self.name.isdigit():
            return html
        return self._redrawn(html)

    def item(self, html: str, n: int) -> str:
        """See Change."""
        return self._redrawn(html) if self.kind == "half_redesigned" and n % 2 else html

    def record(self, record: dict[str, Any], n: int) -> dict[str, Any]:
        """See Change."""
        if self.kind == "half_redesigned" and n % 2:
            return {self.to if key == self.name else key: v for key, v in record.items()}
        return record

    def array(self, values: list[Any], n: int) -> list[Any]:
        """See Change."""
        if self.kind == "column_inserted" and self.name.isdigit():
            place = int(self.name)
            return [*values[:place], None, *values[place:]]
        return values

    def tree(self, tree: Any) -> Any:
        """See Change."""
        if isinstance(tree, list):
            return [self.tree(part) for part in tree]
        if not isinstance(tree, dict):
            return tree
        found: dict[str, Any] = {}
        for key, value in tree.items():
            if key != self.name:
                found[key] = self.tree(value)
                continue
            if self.kind == "column_inserted":
                found["promo"] = "推广"
            if self.kind != "field_removed":
                found[key] = self._drifted(value)
        return found

    def _drifted(self, value: Any) -> Any:
        if self.kind == "new_enum":
            return self.to
        if self.kind == "null_list":
            return None
        if self.kind == "dict_list" and isinstance(value, list):
            return value[0] if len(value) == 1 else {str(n): v for n, v in enumerate(value)}
        if self.kind == "number_as_text" and isinstance(value, int | float):
            return str(value)
        return value

    def _redrawn(self, html: str) -> str:
        soup = BeautifulSoup(html, "html.parser")
        chosen = soup.select(self.name)
        for tag in chosen:
            if self.kind == "column_inserted":
                new = soup.new_tag(tag.name, attrs={"class": "ad-slot"})
                new.string = "推广"
                tag.insert_before(new)
            elif self.kind == "field_removed":
                tag.decompose()
            else:
                tag["class"] = self.to
        return str(soup) if chosen else html


# 8 ---------------------------------------------------------------------------------------------


@dataclass
class Encoding(Failure):
    """Bytes that are not what they are said to be.

    `gbk_wrong_charset`: GBK, called UTF-8; `gbk_no_charset`: GBK, called nothing; `jsonp`: JSON in
    a call of `callback`; `control_chars`: a raw control character at the start of every text in
    JSON, or in the JSON of a page's script tags.
    """

    number = 8
    kind: Literal["gbk_wrong_charset", "gbk_no_charset", "jsonp", "control_chars"]
    callback: str = "callback"

    def play(self, asked: Asked, ask: Ask) -> Answer:
        """See Failure."""
        answer = ask(asked)
        media = answer.content_type.split(";")[0]
        if self.kind == "jsonp":
            body = self.callback.encode() + b"(" + answer.body + b");"
            return replace(answer, body=body, content_type="application/javascript; charset=utf-8")
        if self.kind == "control_chars":
            return replace(answer, body=_with_control_characters(answer.body, media))
        body = _in_gbk(answer.body)
        if self.kind == "gbk_wrong_charset":
            return replace(answer, body=body, content_type=f"{media}; charset=utf-8")
        body = body.replace(b'<meta charset="utf-8">', b"")
        return replace(answer, body=body, content_type=media)


def _in_gbk(body: bytes) -> bytes:
    try:
        return body.decode("utf-8").encode("gb18030")
    except UnicodeDecodeError:  # a site that speaks GBK anyway
        return body


_SCRIPT = re.compile(rb"<script[^>]*json[^>]*>.*?</script>", re.DOTALL)


def _with_control_characters(body: bytes, media: str) -> bytes:
    def in_texts(found: bytes) -> bytes:
        return re.sub(rb'(": ?")(?=[^"])', rb"\1" + b"\x0b", found)

    if media != "text/html":
        return in_texts(body)
    return _SCRIPT.sub(lambda found: in_texts(found[0]), body)


# 9 ---------------------------------------------------------------------------------------------


@dataclass
class Wire(Failure):
    """A body that breaks on its way, `at` bytes in (half-way by default).

    `truncated_gzip` and `cut_json` are framed well: only their content breaks off.
    `cut_connection` promises more than it sends, `reset` ends with a TCP reset. `slow_drip` sends
    `size` bytes every `pause` seconds, `header_drip` never comes to the body, `endless` never ends
    it; the last two stop at `limit` bytes, all three when the visitor hangs up.
    """

    number = 9
    kind: Literal[
        "truncated_gzip",
        "cut_json",
        "cut_connection",
        "reset",
        "slow_drip",
        "endless",
        "header_drip",
    ]
    at: int | None = None
    size: int = 1
    pause: float = 0.0
    limit: int = 50_000_000

    def play(self, asked: Asked, ask: Ask) -> Answer:
        """See Failure."""
        answer = replace(ask(asked), packed=False)
        body = answer.body
        if self.kind == "truncated_gzip":
            packed = gzip.compress(body, mtime=0)
            cut = replace(answer, body=packed[: self._place(packed)])
            return cut.with_headers(Content_Encoding="gzip")
        if self.kind == "cut_json":
            return replace(answer, body=body[: self._place(body)])
        if self.kind in ("cut_connection", "reset"):
            delivery = Cut(self._place(body), reset=self.kind == "reset")
            return replace(answer, delivery=delivery)
        if self.kind == "slow_drip":
            return replace(answer, delivery=Drip(self.size, self.pause))
        if self.kind == "endless":
            return replace(answer, delivery=Endless(self.limit))
        return replace(answer, delivery=HeaderDrip(min(self.limit, 60_000), self.pause))

    def _place(self, body: bytes) -> int:
        return len(body) // 2 if self.at is None else self.at


# 10 --------------------------------------------------------------------------------------------


@dataclass
class Session(Failure):
    """What a visitor must carry, or where it is sent.

    `token_expires`: requests with the parameter `token` get 401 until one comes without it.
    `clock_skew`: the Date header is `hours` ahead. `stale_build_id`: `build` in paths answers 404
    and pages name another one instead. `cookie_first`: without the cookie, a page that only sets
    it. `redirect_other_host` and `redirect_private`: 302 to `target`, or to a private address.
    """

    number = 10
    kind: Literal[
        "token_expires",
        "clock_skew",
        "stale_build_id",
        "cookie_first",
        "redirect_other_host",
        "redirect_private",
    ]
    token: str = "token"  # noqa: S105 - a parameter's name
    hours: float = 26.0
    build: str = ""
    target: str = "http://10.0.0.1/"
    _is_over: bool = field(default=False, init=False, repr=False)

    def play(self, asked: Asked, ask: Ask) -> Answer:
        """See Failure."""
        if self.kind == "token_expires":
            return self._expired(asked, ask)
        if self.kind == "clock_skew":
            at = datetime.now(UTC) + timedelta(hours=self.hours)
            return ask(asked).with_headers(Date=format_datetime(at, usegmt=True))
        if self.kind == "stale_build_id":
            return self._rebuilt(asked, ask)
        if self.kind == "cookie_first":
            return self._with_cookie(asked, ask)
        target = self.target + asked.target if self.kind == "redirect_other_host" else self.target
        return Answer(b"", 302, HTML, {"Location": target})

    def _expired(self, asked: Asked, ask: Ask) -> Answer:
        if not asked.value(self.token):
            self._is_over = True
        if self._is_over:
            return ask(asked)
        return json_answer({"error": "token_expired"}, 401)

    def _rebuilt(self, asked: Asked, ask: Ask) -> Answer:
        new = self.build[::-1]
        if self.build in asked.path:
            return json_answer({"notFound": True}, 404)
        answer = ask(asked.to(asked.target.replace(new, self.build)))
        body = answer.body.replace(self.build.encode(), new.encode())
        return replace(answer, body=body)

    def _with_cookie(self, asked: Asked, ask: Ask) -> Answer:
        if "visit=yes" in asked.headers.get("cookie", ""):
            return ask(asked)
        return html_answer(COOKIE_PAGE).with_headers(Set_Cookie="visit=yes; Path=/")


# 11 --------------------------------------------------------------------------------------------


@dataclass
class Dates(_Drawn):
    """Dates that are hard to read.

    `relative` to `now`: 刚刚, 5分钟前, 3小时前, 昨天 21:05, 前天 21:05, 09-12. `offset`: ISO at
    -07:00. `date_only`. `future`: a year later. `missing`. `only` limits these to some moments.
    `pinned_old_first`: the oldest row stands first (and is pinned, where rows know that).
    """

    number = 11
    kind: Literal["relative", "offset", "date_only", "future", "missing", "pinned_old_first"]
    now: datetime = NEWEST
    only: Callable[[datetime], bool] | None = None

    def moment(self, at: datetime, said: Said) -> Said:
        """See Change."""
        if self.only is not None and not self.only(at):
            return said
        if self.kind == "relative":
            return _relative(at, self.now.astimezone(at.tzinfo))
        if self.kind == "offset":
            return at.astimezone(timezone(timedelta(hours=-7))).isoformat(timespec="seconds")
        if self.kind == "date_only":
            return f"{at:%Y-%m-%d}"
        if self.kind == "future":
            return _a_year_later(at, said)
        return None if self.kind == "missing" else said

    def rows(self, rows: list[Any]) -> list[Any]:
        """See Change."""
        if self.kind != "pinned_old_first" or not rows:
            return rows
        oldest = min(rows, key=lambda row: (row.at, row.key))
        pinned = replace(oldest, is_pinned=True) if hasattr(oldest, "is_pinned") else oldest
        return [pinned, *(row for row in rows if row is not oldest)]


def _relative(at: datetime, now: datetime) -> str:
    minutes = int((now - at).total_seconds() // 60)
    days = (now.date() - at.date()).days
    if minutes < 1:
        return "刚刚"
    if minutes < 60:
        return f"{minutes}分钟前"
    if minutes < 12 * 60 or days == 0:  # hours reach across midnight, as they do on real pages
        return f"{minutes // 60}小时前"
    if days <= 2:
        return f"{('昨天', '前天')[days - 1]} {at:%H:%M}"
    return f"{at:%m-%d}"


def _a_year_later(at: datetime, said: Said) -> Said:
    if isinstance(said, str) and not said.isdigit():
        return said.replace(str(at.year), str(at.year + 1), 1)
    later = int(said or 0) + 366 * 86400 * (1000 if int(said or 0) > 10**11 else 1)
    return str(later) if isinstance(said, str) else later


# 12 --------------------------------------------------------------------------------------------


@dataclass
class Keys(_Drawn):
    """Items that are hard to tell apart; the other half of failure 12 is in Drift.

    `no_id`: items have no id. `url_churn`: every address carries another `sid` each time it is
    given. `identical_texts`: all users of a page say the same.
    """

    number = 12
    kind: Literal["no_id", "url_churn", "identical_texts"]
    _given: int = field(default=0, init=False, repr=False)

    def key(self, key: Said) -> Said:
        """See Change."""
        return None if self.kind == "no_id" else key

    def link(self, url: str) -> str:
        """See Change."""
        if self.kind != "url_churn":
            return url
        self._given += 1
        return f"{url}{'&' if '?' in url else '?'}sid={self._given:08x}"

    def page(self, rows: list[Any]) -> list[Any]:
        """See Change."""
        if self.kind != "identical_texts" or not rows:
            return rows
        return [replace(row, text=rows[0].text) for row in rows]
