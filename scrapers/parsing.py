"""What reading hands back, and the plain values that every platform is made of.

Reading is pure: bytes in, pages of items out. It raises PageProblemError when a body is not what
it should be, and ItemProblemError when one item can't be read while its neighbours can.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    of that day in the deployment's zone. A `datetime` carries its own offset. `unstable` columns
    drift while time passes (`3 hours ago`) and make no new version. `by_content`: its natural key
    is made of what it says, with an occurrence number after it.
    """

    record: str
    position: int
    natural_key: str
    columns: Mapping[str, Any]
    event: date | datetime | None = None
    event_at_raw: str | None = None
    payload: Mapping[str, Any] | None = None
    unstable: frozenset[str] = frozenset()
    by_content: bool = False


@dataclass(frozen=True)
class Unreadable:
    """One thing on a page that could not be read, and why."""

    record: str
    position: int
    problem: ItemProblemError
    natural_key: str | None = None


@dataclass(frozen=True)
class Page:
    """What one body held: its items, and what it says of the list it is a page of.

    `listed` counts the items of the request's first record before any is read; `others` those that
    are not ours and were passed over, which happened at `others_times`. `total` is the
    list's size (a floor unless `exact`), `pages` its number of pages, `shown` the number that this
    page gives itself, `next` what leads to the next page (a token, a link, or {page: [values]}).
    """

    items: tuple[Item | Unreadable, ...]
    listed: int
    notes: frozenset[str] = frozenset()
    total: int | None = None
    exact: bool = True
    pages: int | None = None
    shown: int | None = None
    next: Any = None
    is_end: bool = False
    others: int = 0
    others_times: tuple[date | datetime, ...] = ()
    unknown_fields: Mapping[str, int] = field(default_factory=dict)

    @property
    def readable(self) -> list[Item]:
        """The items that could be read."""
        return [item for item in self.items if isinstance(item, Item)]


END_PAGE = Page((), 0, is_end=True)
"""What stands for the platform's own word that there is no such page."""


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


def calendar_day(value: Any, column: str, time_format: str | None = None) -> date | None:
    """The day of `time_format`, of `2021-12-11`, or of `2021-12-11T12:00:00-05:00`.

    One platform writes days in both ways, so a format of its own does not shut the other out.
    None for nothing. Raises ItemProblemError.
    """
    found = text(value, column)
    if found is None:
        return None
    day = _day_of_format(found.strip(), time_format) if time_format is not None else None
    if day is None:
        try:
            day = datetime.fromisoformat(found.strip()).date()
        except ValueError:
            reason = f"{column} is not a date that is known here."
            raise ItemProblemError(column, "bad_timestamp", reason, found) from None
    plausible(day, column, found)
    return day


def _day_of_format(found: str, time_format: str) -> date | None:
    try:
        return datetime.strptime(found, time_format).date()  # noqa: DTZ007 - a day
    except ValueError:
        return None


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
    plausible(moment.date(), column, found)
    return moment.astimezone(UTC)


def plausible(day: date, column: str, found: str) -> None:
    """Years that no customer voice comes from are misread or placeholders (0001, 9999)."""
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        reason = f"{column} lies in the year {day.year}, which can't be right."
        raise ItemProblemError(column, "bad_timestamp", reason, found)
