"""Reading a page by its declaration: a document and a RequestSpec -> a Page of items.

One item that can't be read never costs its neighbours. Names of fields that nobody declared are
counted, never absorbed; words that nobody declared send their item to quarantine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from bs4 import Tag

from lake.entities import ENTITIES
from lake.landing import digest
from scrapers.fields import (
    Moment,
    Value,
    count_of,
    holds,
    names_in,
    read_field,
    select,
    select_all,
)
from scrapers.parsing import Item, ItemProblemError, Page, PageProblemError, Unreadable, text
from scrapers.spec import TEMPLATE, FieldSpec, PlatformSpec, RecordSpec, RequestSpec


@dataclass(frozen=True)
class Reader:
    """Reads the pages of one request of a platform."""

    spec: PlatformSpec
    request: RequestSpec
    find_items: Callable[[Any, str], list[Any]] | None = None

    @cached_property
    def _known(self) -> dict[str, set[str]]:
        """Record -> the members of a JSON item that are read, or declared as known.

        Where several records are made of the same items, the first stands for all of them.
        """
        known: dict[str, set[str]] = {}
        firsts: dict[tuple[str | None, ...], str] = {}
        for name in self.request.records:
            record = self.spec.records[name]
            first = firsts.setdefault((record.items, record.within, record.each), name)
            known.setdefault(first, set()).update(_known_fields(record))
        for record in map(self.spec.records.__getitem__, self.request.records):
            whole = firsts.get((record.items, record.within, None))
            if record.each is not None and whole is not None:  # the member that holds the parts
                known[whole] |= names_in(record.each)
        return known

    def page(self, document: Any, moment: Moment, context: Mapping[str, str]) -> Page:
        """Everything on a page. `context` are the variables that the page was asked for with.

        Raises PageProblemError when the list itself is not what was declared.
        """
        found: list[Item | Unreadable] = []
        unknown: Counter[str] = Counter()
        for name in self.request.records:
            raw = self._raw_items(document, name)
            read = list(self._items(name, raw, moment, context, unknown))
            found.extend(read)
            context = {**self._subject(name, read), **context}
        primary = sum(item.record == self.request.records[0] for item in found)
        total, exact = self._count(document, self.request.total)
        return Page(
            items=tuple(found),
            listed=primary,
            notes=frozenset(
                said for when, said in self.request.judge.notes.items() if holds(document, when)
            ),
            total=total,
            exact=exact
            and not (self.request.total_is_floor and holds(document, self.request.total_is_floor)),
            pages=self._count(document, self.request.pages)[0],
            shown=self._count(document, self.request.page_shown)[0],
            next=self._next(document),
            unknown_fields=dict(unknown),
        )

    def _subject(self, name: str, read: list[Item | Unreadable]) -> dict[str, str]:
        """What a page is about, for the records after it: the key of the one item that it shows.

        A page that was asked for says so in its context already; a saved one has only itself.
        """
        if len(read) != 1 or not isinstance(read[0], Item):
            return {}
        columns = read[0].columns
        return {key: str(columns[key]) for key in self.spec.records[name].keys if columns.get(key)}

    def _items(
        self,
        name: str,
        raw: list[Any],
        moment: Moment,
        context: Mapping[str, str],
        unknown: Counter[str],
    ) -> Iterator[Item | Unreadable]:
        record = self.spec.records[name]
        occurrences: Counter[str] = Counter()
        position = 0
        for item in raw:
            if record.skip is not None and holds(item, record.skip):
                continue
            about = {**context, **self._owner(record, item, moment)}
            for part in _parts(item, record):
                position += 1
                if isinstance(part, dict) and name in self._known:
                    unknown.update(set(part) - self._known[name])
                yield self.item(name, position, part, moment, about, occurrences)

    def _owner(self, record: RecordSpec, item: Any, moment: Moment) -> dict[str, str]:
        """The key of the item that several parts stand in, read as the first record reads it."""
        first = self.spec.records[self.request.records[0]]
        if record.each is None or first is record or first.each or first.items != record.items:
            return {}
        inside = item if first.within is None else _inside(item, first.within)
        found: dict[str, str] = {}
        for column in first.keys if inside is not None else ():
            field = first.fields.get(column)
            if field is not None and not TEMPLATE.fullmatch(field.path):
                with suppress(ItemProblemError):  # told where the first record is read
                    value = read_field(inside, column, field, moment).value
                    found |= {} if value is None else {column: str(value)}
        return found

    def item(
        self,
        name: str,
        position: int,
        part: Any,
        moment: Moment,
        context: Mapping[str, str],
        occurrences: Counter[str],
    ) -> Item | Unreadable:
        """One item of the record `name`; `occurrences` counts the equal ones before it."""
        record = self.spec.records[name]
        if record.drop:  # before anything is read: also inside of what is kept whole
            part = _without(part, frozenset(record.drop))
        values: dict[str, Value] = {}
        try:
            for column, field in record.fields.items():
                values[column] = _value(part, column, field, moment, context)
            by_content = _lacks_id(record, values)
            key = (
                _content_key(record, values, occurrences)
                if by_content
                else _natural_key(record, values)
            )
        except ItemProblemError as problem:
            return Unreadable(name, position, problem, _key_of_the_unreadable(record, values))
        except (AttributeError, LookupError, TypeError, ValueError, OverflowError) as error:
            shape = f"{type(error).__name__}: {error}"
            reason = f"The item has a shape the declaration does not know ({shape})."
            unknown = ItemProblemError(None, "unknown_shape", reason)
            return Unreadable(name, position, unknown, _key_of_the_unreadable(record, values))
        event, event_raw = _event(record, values)
        return Item(
            record=name,
            position=position,
            natural_key=key,
            columns=_columns(record, values, key),
            event=event,
            event_at_raw=None if event_raw is None else str(event_raw),
            payload={n: part[n] for n in record.payload if isinstance(part, dict) and n in part}
            or None,
            unstable=frozenset(column for column, value in values.items() if value.unstable),
            by_content=by_content,
        )

    def _raw_items(self, document: Any, record: str) -> list[Any]:
        """A record's items before any is read. `null` is an empty list, one alone is a list."""
        if self.find_items is not None:
            return self.find_items(document, record)
        own = self.spec.records[record].items
        path = own or self.request.items
        if path is None:
            return [document]
        if isinstance(document, Tag):
            return select_all(document, path)
        found = select(document, path)
        if found is None:
            if own is None:
                self._check_absent(document, path)
            return []
        if isinstance(found, dict):  # {"0": …, "1": …} is a list, too, as PHP writes it
            return list(found.values()) if found and all(map(str.isdigit, found)) else [found]
        if isinstance(found, list):
            return found
        kind = type(found).__name__
        raise PageProblemError("drift", f"The layout changed: {path} is a {kind}, not a list.")

    def _check_absent(self, document: Any, path: str) -> None:
        """No list at all is an empty one only where its neighbourhood is there."""
        above = path.rpartition(".")[0]
        if not isinstance(document, dict) or (above and select(document, above) is None):
            raise PageProblemError("drift", f"The layout changed: {path} is not there.")

    def _count(self, document: Any, path: str | None) -> tuple[int | None, bool]:
        """A count that the page tells of its list, and whether it is exact."""
        if path is None:
            return None, True
        try:
            return count_of(select(document, path), path)
        except ItemProblemError as problem:
            detail = f"The layout changed: {path} is not a count ({problem.value})."
            raise PageProblemError("drift", detail) from problem

    def _next(self, document: Any) -> Any:
        paging = self.request.paging
        if paging.kind == "search_after":
            return select(document, paging.points)
        if paging.kind == "token":
            if paging.done is not None and holds(document, paging.done):
                return None
            return text(select(document, paging.next), "the next page's token")
        if paging.kind == "next_link":
            return text(select(document, paging.next), "the next page's link")
        return None


def _parts(item: Any, record: RecordSpec) -> Iterator[Any]:
    """The things of one record in an item: itself, a part of it, or several."""
    within = item if record.within is None else _inside(item, record.within)
    if record.each is None:
        yield within
    elif within is not None:
        yield from select_all(within, record.each)


def _without(value: Any, dropped: frozenset[str]) -> Any:
    """A JSON value without members of these names, at any depth; HTML has none."""
    if isinstance(value, dict):
        return {n: _without(inner, dropped) for n, inner in value.items() if n not in dropped}
    return [_without(inner, dropped) for inner in value] if isinstance(value, list) else value


def _inside(item: Any, path: str) -> Any:
    if isinstance(item, Tag):
        return item.select_one(path)
    return select(item, path)


def _value(
    part: Any, column: str, field: FieldSpec, moment: Moment, context: Mapping[str, str]
) -> Value:
    """A column's value. Steps take what their page is about (`{complaint_id}`) from the ask."""
    if TEMPLATE.fullmatch(field.path):
        given = context.get(field.path.strip("{}"))
        return Value(given, given)
    return read_field(part, column, field, moment)


def _columns(record: RecordSpec, values: Mapping[str, Value], key: str) -> dict[str, Any]:
    """The columns to land; the entity's own key is there even where it is made here."""
    columns = {column: value.value for column, value in values.items()} | record.constants
    for column in ENTITIES[record.entity].key:
        columns[column] = columns.get(column) or key
    return columns


def _lacks_id(record: RecordSpec, values: Mapping[str, Value]) -> bool:
    """Whether an item is known by its content: all of its kind are, or it has no id of its own."""
    if record.key == "content":
        return True
    return bool(record.content) and all(values[column].value is None for column in record.keys)


def _content_key(record: RecordSpec, values: Mapping[str, Value], occurrences: Counter[str]) -> str:
    said = digest(*(str(values[column].raw) for column in record.content))[:24]
    occurrences[said] += 1
    return f"{said}#{occurrences[said]}"


def _natural_key(record: RecordSpec, values: Mapping[str, Value]) -> str:
    parts = []
    for column in record.keys:
        found = text(record.constants.get(column) or values[column].value, column)
        if found is None:
            reason = f"{column} is missing from the item, which is its key."
            raise ItemProblemError(column, "missing_required", reason)
        parts.append(found.strip())
    return parts[0] if len(parts) == 1 else "/".join(parts)


def _key_of_the_unreadable(record: RecordSpec, values: Mapping[str, Value]) -> str | None:
    """What a person could look the item up by, where that much could be read."""
    found = [values[column].value for column in record.keys if column in values]
    return "/".join(str(part).strip() for part in found if part is not None) or None


def _event(record: RecordSpec, values: Mapping[str, Value]) -> tuple[date | datetime | None, Any]:
    columns = (record.event,) if record.event else ENTITIES[record.entity].event_columns
    for column in columns:
        found = values.get(column)
        if found is not None and found.value is not None:
            return found.value, found.raw
    return None, None


def _known_fields(record: RecordSpec) -> set[str]:
    paths = [field.path for field in record.fields.values() if not TEMPLATE.fullmatch(field.path)]
    paths += [path for path in (record.each, record.skip) if path]
    known = {*record.known, *record.payload, *record.drop}
    return known.union(*(names_in(path) for path in paths))
