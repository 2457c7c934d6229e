"""What failures may change in the content of an answer while a site draws it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

Said = str | int | None
"""A date or a key as a page says it; None leaves it out (or null)."""
Row = TypeVar("Row")


class Change:
    """Changes nothing. Failures override the one hook they are about."""

    def rows(self, rows: list[Any]) -> list[Any]:
        """All rows of a list, in its order, before they are cut into pages."""
        return rows

    def page(self, rows: list[Any]) -> list[Any]:
        """The rows of one page."""
        return rows

    def total(self, total: int) -> int:
        """The number of rows that the list claims to have."""
        return total

    def moment(self, at: datetime, said: Said) -> Said:
        """How a page says `at`; `said` is how it says it usually."""
        return said

    def key(self, key: Said) -> Said:
        """An item's id."""
        return key

    def link(self, url: str) -> str:
        """An address that a page gives."""
        return url

    def record(self, record: dict[str, Any], n: int) -> dict[str, Any]:
        """The `n`-th JSON item of a page, from 0."""
        return record

    def item(self, html: str, n: int) -> str:
        """The `n`-th HTML item of a page, from 0."""
        return html

    def array(self, values: list[Any], n: int) -> list[Any]:
        """The `n`-th item of a page whose fields have places instead of names."""
        return values

    def tree(self, tree: Any) -> Any:
        """A whole JSON document, also when it stands in a script tag."""
        return tree

    def html(self, html: str) -> str:
        """A whole HTML page."""
        return html


@dataclass(frozen=True)
class Rendering:
    """All changes that apply to one answer, in order; each method applies one hook of all."""

    changes: tuple[Change, ...] = ()

    def plus(self, change: Change) -> Rendering:
        """With one more change, after the others."""
        return Rendering((*self.changes, change))

    def rows(self, rows: Iterable[Row]) -> list[Row]:
        """See Change.rows."""
        found = list(rows)
        for change in self.changes:
            found = change.rows(found)
        return found

    def page(self, rows: Iterable[Row]) -> list[Row]:
        """See Change.page."""
        found = list(rows)
        for change in self.changes:
            found = change.page(found)
        return found

    def total(self, total: int) -> int:
        """See Change.total."""
        for change in self.changes:
            total = change.total(total)
        return total

    def moment(self, at: datetime, said: Said) -> Said:
        """See Change.moment."""
        for change in self.changes:
            said = change.moment(at, said)
        return said

    def text(self, at: datetime, said: str) -> str:
        """`moment` for pages that can only write: left out is empty."""
        found = self.moment(at, said)
        return "" if found is None else str(found)

    def key(self, key: Said) -> Said:
        """See Change.key."""
        for change in self.changes:
            key = change.key(key)
        return key

    def link(self, url: str) -> str:
        """See Change.link."""
        for change in self.changes:
            url = change.link(url)
        return url

    def record(self, record: dict[str, Any], n: int) -> dict[str, Any]:
        """See Change.record."""
        for change in self.changes:
            record = change.record(record, n)
        return record

    def item(self, html: str, n: int) -> str:
        """See Change.item."""
        for change in self.changes:
            html = change.item(html, n)
        return html

    def array(self, values: list[Any], n: int) -> list[Any]:
        """See Change.array."""
        for change in self.changes:
            values = change.array(values, n)
        return values

    def tree(self, tree: Any) -> Any:
        """See Change.tree."""
        for change in self.changes:
            tree = change.tree(tree)
        return tree

    def html(self, html: str) -> str:
        """See Change.html."""
        for change in self.changes:
            html = change.html(html)
        return html
