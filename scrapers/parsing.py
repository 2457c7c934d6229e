"""What every parser hands back, and the judgements that every JSON body gets before it is read.

Parsers are pure: bytes in, pages of items out. They raise PageProblemError when a body is not what
it should be, and ItemProblemError when one item can't be read while its neighbours can.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from lake.landing import Outcome

EARLIEST_YEAR, LATEST_YEAR = 1990, 2200


class PageProblemError(Exception):
    """A body that can't be used. `again` says whether asking once more may help."""

    def __init__(self, outcome: Outcome, detail: str, *, again: bool = False) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail
        self.again = again


class ItemProblemError(Exception):
    """One item that can't be read: the field, why, and the value found there."""

    def __init__(self, column: str | None, code: str, reason: str, value: object = None) -> None:
        super().__init__(reason)
        self.column = column
        self.code = code
        self.reason = reason
        self.value = None if value is None else str(value)


@dataclass(frozen=True)
class Item:
    """One thing read from a page. Its columns are raw: masking and hashing come at landing.

    A `date` among the columns is a calendar day without a time; the landing places it at the start
    of that day in the deployment's zone. A `datetime` carries its own offset.
    """

    position: int
    natural_key: str
    columns: Mapping[str, Any]
    event_at_raw: str | None = None
    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Unreadable:
    """One thing on a page that could not be read, and why."""

    position: int
    problem: ItemProblemError
    natural_key: str | None = None


@dataclass(frozen=True)
class Page:
    """What one body held. `notes` are things a person should hear of, once per source and night."""

    items: tuple[Item | Unreadable, ...]
    notes: frozenset[str] = field(default_factory=frozenset)

    @property
    def readable(self) -> list[Item]:
        """The items that could be read."""
        return [item for item in self.items if isinstance(item, Item)]

    @property
    def nameless(self) -> int:
        """How many items have no natural key that could be read."""
        return sum(item.natural_key is None for item in self.items)

    @property
    def keys(self) -> set[str]:
        """The natural keys on the page, of unreadable items too where they are known."""
        return {item.natural_key for item in self.items if item.natural_key}


def json_body(body: bytes, content_type: str) -> Any:
    """Decode a JSON body, whatever charset its header claims. Raises PageProblemError otherwise."""
    head = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head:
        raise PageProblemError("partial", "The body is empty: not even a JSON object.", again=True)
    if head.startswith(b"<") or "html" in content_type.lower():
        detail = "HTML came where JSON was asked for: a login, captcha or error page."
        raise PageProblemError("blocked", detail)
    try:
        return json.loads(body)
    except UnicodeDecodeError as error:
        detail = f"The body is not Unicode text (byte {error.start})."
        raise PageProblemError("drift", detail) from error
    except RecursionError as error:
        raise PageProblemError("drift", "The JSON is nested too deeply to be read.") from error
    except ValueError as error:
        if head[:1] in (b"{", b"["):
            detail = f"The JSON breaks off or is damaged: {error}."
            raise PageProblemError("partial", detail, again=True) from error
        raise PageProblemError("drift", f"The body is not JSON: {error}.") from error


def member(parent: Any, name: str, kind: type | tuple[type, ...], where: str) -> Any:
    """`parent[name]`, which must be there and of `kind`. Raises PageProblemError (drift)."""
    value = parent.get(name) if isinstance(parent, dict) else None
    if isinstance(value, kind) and not (isinstance(value, bool) and kind is int):
        return value
    found = "is missing" if value is None else f"is a {type(value).__name__}"
    raise PageProblemError("drift", f"The layout changed: {where}.{name} {found}.")


def read_items(
    raw: list[Any], read: Callable[[int, Any], Item], key: Callable[[Any], Any]
) -> tuple[Item | Unreadable, ...]:
    """Read every item; one that can't be read never costs its neighbours.

    `key` finds the natural key of an unreadable item, so that a person can look it up.
    """
    return tuple(_read_item(n, item, read, key) for n, item in enumerate(raw, start=1))


def _read_item(
    position: int, raw: Any, read: Callable[[int, Any], Item], key: Callable[[Any], Any]
) -> Item | Unreadable:
    try:
        return read(position, raw)
    except ItemProblemError as problem:
        return Unreadable(position, problem, _key(raw, key))
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError) as error:
        reason = f"The item has a shape the parser does not know ({type(error).__name__}: {error})."
        return Unreadable(position, ItemProblemError(None, "unknown_shape", reason), _key(raw, key))


def _key(raw: Any, key: Callable[[Any], Any]) -> str | None:
    try:
        return text(key(raw), "key")
    except (AttributeError, LookupError, TypeError, ItemProblemError):
        return None


def text(value: Any, column: str) -> str | None:
    """Text as given, None for nothing or blank. Halves of cut emoji and NULs become U+FFFD."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ItemProblemError(
            column, "not_text", f"{column} is a {type(value).__name__}, not text."
        )
    clean = str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    clean = clean.replace("\x00", "\ufffd")
    return clean if clean.strip() else None


def required_text(value: Any, column: str) -> str:
    """Text that must be there. Raises ItemProblemError."""
    found = text(value, column)
    if found is None:
        raise ItemProblemError(column, "missing_required", f"{column} is missing from the item.")
    return found.strip()


def whole(value: Any, column: str) -> int | None:
    """A whole number, also when written as text; None for nothing. Raises ItemProblemError."""
    found = text(value, column)
    if found is None:
        return None
    try:
        return int(found)
    except ValueError:
        reason = f"{column} is not a whole number."
        raise ItemProblemError(column, "not_a_number", reason, found) from None


def calendar_day(value: Any, column: str) -> date | None:
    """The day of `2021-12-11`, `2021-12-11T12:00:00-05:00` or `12/11/21`, None for nothing."""
    found = text(value, column)
    if found is None:
        return None
    try:
        if "/" in found:
            day = datetime.strptime(found, "%m/%d/%y").date()  # noqa: DTZ007 - a day has no zone
        else:
            day = datetime.fromisoformat(found).date()
    except ValueError:
        reason = f"{column} is not a date that is known here."
        raise ItemProblemError(column, "bad_timestamp", reason, found) from None
    _plausible(day, column, found)
    return day


def instant(value: Any, column: str) -> datetime:
    """A moment with its offset, which must be there. Raises ItemProblemError."""
    found = required_text(value, column)
    try:
        moment = datetime.fromisoformat(found)
    except ValueError:
        reason = f"{column} is not a timestamp that is known here."
        raise ItemProblemError(column, "bad_timestamp", reason, found) from None
    if moment.tzinfo is None:
        reason = f"{column} has no offset from UTC, so its moment can't be known."
        raise ItemProblemError(column, "bad_timestamp", reason, found)
    _plausible(moment.date(), column, found)
    return moment.astimezone(UTC)


def _plausible(day: date, column: str, found: str) -> None:
    """Years that no customer voice comes from are misread or placeholders (0001, 9999)."""
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        reason = f"{column} lies in the year {day.year}, which can't be right."
        raise ItemProblemError(column, "bad_timestamp", reason, found)
