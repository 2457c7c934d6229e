"""Selectors and conversions: a part of a document and a FieldSpec -> one column's value.

In JSON a path is JMESPath; in HTML it is CSS, with `@name` at its end for an attribute and `.` (or
nothing before the `@`) for the element itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import jmespath
import soupsieve
from bs4 import BeautifulSoup, Tag
from soupsieve import SoupSieve

from scrapers.parsing import (
    ItemProblemError,
    calendar_day,
    instant,
    plausible,
    text,
    whole,
)
from scrapers.spec import FieldSpec

_SPACES = re.compile(r"[ \t\r\f\v\u00a0\u3000]+")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?|-?\.\d+")
_PLAIN_PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
_PLAIN_CSS = re.compile(r"([a-z][a-z0-9]*)?((?:\.[A-Za-z_][\w-]*)*)", re.ASCII)
_PAIR = re.compile(r"\s*([^:：]+?)\s*[:：]\s*(.+?)\s*", re.DOTALL)
_SHORT_YEAR = re.compile(r"\d\d-\d\d-\d\d(?!\d)")
_TEN_THOUSANDS = {"万": 10_000, "w": 10_000, "千": 1_000, "k": 1_000}
_YES = {"1", "true", "yes", "y", "是"}
_NO = {"0", "false", "no", "n", "否"}


@dataclass(frozen=True)
class Moment:
    """When a body was fetched, and the zone of the platform's own times."""

    fetched_at: datetime
    zone: ZoneInfo


@dataclass(frozen=True)
class Value:
    """A column's value with what the platform wrote; `unstable` values drift while time passes
    (`3 hours ago`), so they make no new version."""

    value: Any
    raw: Any
    unstable: bool = False


def select(node: Any, path: str) -> Any:
    """The first thing at `path`: in HTML a text or attribute, in JSON the value. None if absent."""
    if isinstance(node, Tag):
        return next(_html_values(node, path), None)
    return _json_value(node, path)


def select_all(node: Any, path: str) -> list[Any]:
    """Everything at `path`: elements in HTML; in JSON the list there (one thing alone is one)."""
    if isinstance(node, Tag):
        if _css(path)[1] is not None:
            return list(_html_values(node, path))
        return list(_elements(node, path))
    found = _json_value(node, path)
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def holds(node: Any, path: str) -> bool:
    """Whether there is something at `path`; in JSON, whether the expression is true."""
    if isinstance(node, Tag):
        return is_there(node, path)
    found = _json_value(node, path)
    return found is not None and found is not False and found not in ("", [], {})


def is_there(node: Any, path: str) -> bool:
    """Whether `path` leads to something, be it empty."""
    if isinstance(node, Tag) and _css(path)[1] is None:
        return next(_elements(node, path), None) is not None
    return select(node, path) is not None


def count_of(raw: Any, what: str) -> tuple[int | None, bool]:
    """A count as people write it, and whether it is exact (4.9万+ is not). None for nothing."""
    found = (text(raw, what) or "").strip()
    if not found:
        return None, True
    number = _NUMBER.search(found)
    if number is None:
        raise ItemProblemError(what, "not_a_number", f"{what} is not a count.", found)
    rest = found[number.end() :].strip().lower()
    unit = _TEN_THOUSANDS.get(rest[:1], 1)
    return int(Decimal(number[0].replace(",", "")) * unit), unit == 1 and "+" not in rest


def read_field(node: Any, column: str, spec: FieldSpec, moment: Moment) -> Value:
    """One column's value. Raises ItemProblemError with the column, why, and what was found."""
    raw = _raw(node, column, spec)
    if raw is None and spec.default is not None:
        raw = spec.default
    value, unstable = (None, False) if raw is None else _converted(raw, column, spec, moment)
    if value is None and spec.required:
        raise ItemProblemError(column, "missing_required", f"{column} is missing from the item.")
    _check_range(value, column, spec, raw)
    return Value(value, raw, unstable)


def names_in(path: str) -> set[str]:
    """Every member that a JMESPath expression names: fields that are known."""
    return set(_named(_compiled(path).parsed))


def _named(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == "field":
            yield str(node["value"])
        for child in node.get("children", []):
            yield from _named(child)


def _searched(node: Any, path: str) -> Any:
    """What an expression finds; nothing where one of its functions does not fit what is there."""
    try:
        return _compiled(path).search(node)
    except jmespath.exceptions.JMESPathTypeError:
        return None


@cache
def _compiled(path: str) -> Any:
    return jmespath.compile(path)


def _json_value(node: Any, path: str) -> Any:
    """As JMESPath finds it; nearly all paths are names, which take no interpreter to follow."""
    names = _plain_names(path)
    if names is None:
        return _searched(node, path)
    for name in names:
        if not isinstance(node, dict):
            return None
        node = node.get(name)
    return node


@cache
def _plain_names(path: str) -> tuple[str, ...] | None:
    return tuple(path.split(".")) if _PLAIN_PATH.fullmatch(path) else None


@dataclass(frozen=True)
class _PlainCss:
    """A selector of a name, of classes, or of both (`li`, `.date`, `li.item`), as nearly all are.

    Finds what soupsieve finds, without its preparations for every look at an item.
    """

    name: str | None
    classes: frozenset[str]

    def iselect(self, node: Tag) -> Iterator[Tag]:
        """The elements below `node`, in their order."""
        for part in node.descendants:
            if isinstance(part, Tag) and self._fits(part):
                yield part

    def _fits(self, tag: Tag) -> bool:
        if self.name is not None and tag.name != self.name:
            return False
        if not self.classes:
            return True
        given = tag.get("class") or ()
        return self.classes.issubset(given.split() if isinstance(given, str) else given)


@cache
def _css(path: str) -> tuple[SoupSieve | _PlainCss | None, str | None]:
    """A path's selector, None for the element itself; and its attribute, None for the text."""
    css, at, attribute = path.rpartition("@")
    return _selector((css if at else path).strip()), attribute if at else None


def _selector(css: str) -> SoupSieve | _PlainCss | None:
    if css in ("", "."):
        return None
    plain = _PLAIN_CSS.fullmatch(css)
    if plain is not None:
        return _PlainCss(plain[1], frozenset(plain[2].split(".")[1:]))
    # Compiled here: Beautiful Soup's own `select` looks its selectors up at a high price.
    return soupsieve.compile(css)


def _elements(node: Tag, path: str) -> Iterator[Tag]:
    """The elements that a path selects, as they are asked for: most callers want the first."""
    selector, _ = _css(path)
    return iter((node,)) if selector is None else selector.iselect(node)


def _html_values(node: Tag, path: str) -> Iterator[str]:
    attribute = _css(path)[1]
    for tag in _elements(node, path):
        if attribute is None:
            yield readable_text(tag)
        else:
            found = tag.get(attribute)
            if found is not None:
                yield " ".join(found) if isinstance(found, list) else str(found)


def readable_text(tag: Tag) -> str:
    """An element's text as a person sees it: breaks kept as lines, other white space as one."""
    if tag.string is None:  # else it is text alone
        for line_break in tag.find_all("br"):
            line_break.replace_with("\n")
    lines = (_SPACES.sub(" ", line).strip() for line in tag.get_text().splitlines())
    return "\n".join(line for line in lines if line)


def _raw(node: Any, column: str, spec: FieldSpec) -> Any:
    """What stands there, as text where it is one; lists are joined where `join` says how."""
    if spec.kind == "pairs":
        return _texts(node, spec.path) or None
    if spec.join is not None:
        parts = [p for p in (text(v, column) for v in _texts(node, spec.path)) if p]
        raw: Any = spec.join.join(parts) or None
    else:
        raw = select(node, spec.path)
    if raw is None or spec.pattern is None:
        return raw
    found = re.search(spec.pattern, text(raw, column) or "")
    return (found[1] if found.re.groups else found[0]) if found else None


def _texts(node: Any, path: str) -> list[Any]:
    found = select_all(node, path)
    return [readable_text(part) if isinstance(part, Tag) else part for part in found]


def _converted(raw: Any, column: str, spec: FieldSpec, moment: Moment) -> tuple[Any, bool]:
    plain = _PLAIN.get(spec.kind)
    if plain is not None:
        return plain(raw, column, spec), False
    return _time(raw, column, spec, moment)


def _time(raw: Any, column: str, spec: FieldSpec, moment: Moment) -> tuple[Any, bool]:
    if not (text(raw, column) or "").strip():
        return None, False
    match spec.kind:
        case "instant":
            return instant(raw, column), False
        case "day":
            return calendar_day(raw, column, spec.time_format), False
        case "unix" | "unix_ms":
            return _unix(raw, column, 1000 if spec.kind == "unix_ms" else 1), False
        case "local":
            return _local(str(raw).strip(), column, spec, moment), False
    return _relative(str(raw).strip(), column, moment)


def _without_tags(raw: Any, column: str) -> str | None:
    found = text(raw, column)
    if found is None:
        return None
    return readable_text(BeautifulSoup(found, "lxml")) or None


def _word(raw: Any, column: str, spec: FieldSpec) -> str | None:
    found = (text(raw, column) or "").strip()
    if not found:
        return None
    if found not in spec.values:
        reason = (
            f"{column} has a word that is not declared. Add it to `values` in source.yml, with "
            "what it means here."
        )
        raise ItemProblemError(column, "unknown_enum", reason, found)
    return spec.values[found]


def _pairs(raw: list[Any], column: str) -> str:
    """`口味：4.5`, `环境：很好` -> {"口味": 4.5, "环境": "很好"} as JSON."""
    pairs: dict[str, float | str] = {}
    for part in raw:
        found = _PAIR.fullmatch(text(part, column) or "")
        if found is None:
            reason = f"{column} has a part that is no name with a value."
            raise ItemProblemError(column, "unknown_shape", reason, part)
        is_number = _NUMBER.fullmatch(found[2]) is not None
        pairs[found[1]] = float(found[2].replace(",", "")) if is_number else found[2]
    return json.dumps(pairs, ensure_ascii=False, sort_keys=True)


def _real(raw: Any, column: str) -> float | None:
    """A number in text as people write it: 4.5, 1,234, 4.9万+."""
    found = (text(raw, column) or "").strip()
    if not found:
        return None
    number = _NUMBER.search(found)
    if number is None:
        raise ItemProblemError(column, "not_a_number", f"{column} is not a number.", found)
    rest = found[number.end() : number.end() + 1].lower()
    return float(number[0].replace(",", "")) * _TEN_THOUSANDS.get(rest, 1)


def _scaled(value: float | None, spec: FieldSpec) -> float | None:
    return value if value is None or spec.scale is None else value * spec.scale


def _money(raw: Any, column: str) -> Decimal | None:
    found = (text(raw, column) or "").strip()
    if not found:
        return None
    number = _NUMBER.search(found)
    try:
        return Decimal(number[0].replace(",", "")) if number else None
    except InvalidOperation as error:
        reason = f"{column} is not an amount."
        raise ItemProblemError(column, "not_a_number", reason, found) from error


def _flag(raw: Any, column: str, spec: FieldSpec) -> bool | None:
    if isinstance(raw, bool):
        return raw
    found = (text(raw, column) or "").strip().lower()
    found = spec.values.get(found, found)
    if found in _YES:
        return True
    if found in _NO:
        return False
    if not found:
        return None
    raise ItemProblemError(column, "not_a_flag", f"{column} is neither yes nor no.", found)


def _unix(raw: Any, column: str, per_second: int) -> datetime | None:
    seconds = whole(raw, column)
    if not seconds:  # 0 stands for "never"
        return None
    try:
        moment = datetime.fromtimestamp(seconds / per_second, UTC)
    except (OverflowError, OSError, ValueError) as error:
        reason = f"{column} is no moment in seconds since 1970."
        raise ItemProblemError(column, "bad_timestamp", reason, seconds) from error
    plausible(moment.date(), column, str(seconds))
    return moment


def _local(found: str, column: str, spec: FieldSpec, moment: Moment) -> datetime | date:
    """A time of the platform's zone; without a time of day it is a day."""
    if spec.time_format is not None:
        try:
            parsed = datetime.strptime(found, spec.time_format)  # noqa: DTZ007 - the zone follows
        except ValueError as error:
            raise _bad_time(column, found) from error
        if not any(part in spec.time_format for part in ("%H", "%I", "%c", "%X", "%T", "%R")):
            plausible(parsed.date(), column, found)
            return parsed.date()
    else:
        try:
            parsed = datetime.fromisoformat(found.replace("/", "-"))
        except ValueError as error:
            raise _bad_time(column, found) from error
        if len(found) <= 10:
            plausible(parsed.date(), column, found)
            return parsed.date()
    plausible(parsed.date(), column, found)
    placed = parsed if parsed.tzinfo else parsed.replace(tzinfo=moment.zone)
    return placed.astimezone(UTC)


def _relative(found: str, column: str, moment: Moment) -> tuple[datetime | date, bool]:
    """`3小时前`, `昨天 21:30`, `2026年9月12日`: resolved against the fetch, in the platform's zone.

    Only what counts back from now is unstable; `unstable` decides about versions, not about trust.
    """
    from dateparser.date import DateDataParser  # slow to import, and few platforms need it

    if _SHORT_YEAR.match(found):  # 25-09-12, which would be taken for the 25th of September 2012
        found = f"20{found}"
    here = moment.fetched_at.astimezone(moment.zone)
    settings: Any = {
        "RELATIVE_BASE": here.replace(tzinfo=None),
        "PREFER_DATES_FROM": "past",
        "RETURN_TIME_AS_PERIOD": True,
    }
    data = DateDataParser(languages=["zh", "en"], settings=settings).get_date_data(found)
    if data.date_obj is None:
        raise _bad_time(column, found)
    unstable = not re.search(r"\d{4}", found)
    plausible(data.date_obj.date(), column, found)
    if data.period != "time":
        return data.date_obj.date(), unstable
    return data.date_obj.replace(tzinfo=moment.zone).astimezone(UTC), unstable


def _bad_time(column: str, found: str) -> ItemProblemError:
    reason = f"{column} is not a time that is known here."
    return ItemProblemError(column, "bad_timestamp", reason, found)


def _check_range(value: Any, column: str, spec: FieldSpec, raw: Any) -> None:
    if value is None or isinstance(value, str):
        return
    too_low = spec.low is not None and value < spec.low
    if too_low or (spec.high is not None and value > spec.high):
        reason = (
            f"{column} is not between {spec.low:g} and {spec.high:g}."
            if (spec.low is not None and spec.high is not None)
            else f"{column} is out of range."
        )
        raise ItemProblemError(column, "out_of_range", reason, raw)


def _translated(raw: Any, column: str, spec: FieldSpec) -> str | None:
    found = text(raw, column)
    return (spec.values.get(found.strip(), found) or None) if found else None


_PLAIN: dict[str, Callable[[Any, str, FieldSpec], Any]] = {
    "text": _translated,
    "html": lambda raw, column, _: _without_tags(raw, column),
    "enum": _word,
    "json": lambda raw, _, __: json.dumps(raw, ensure_ascii=False, sort_keys=True) if raw else None,
    "whole": lambda raw, column, spec: _scaled(whole(raw, column), spec),
    "count": lambda raw, column, _: count_of(raw, column)[0],
    "pairs": lambda raw, column, _: _pairs(raw, column),
    "real": lambda raw, column, spec: _scaled(_real(raw, column), spec),
    "money": lambda raw, column, _: _money(raw, column),
    "flag": _flag,
}
"""Conversions that ask for no time."""
