"""Paginators: from one page of a list to the next. Pure; whether to go on is walk.py's to judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urljoin

from scrapers.parsing import Page, PageProblemError
from scrapers.spec import (
    TEMPLATE,
    Addresses,
    NextLink,
    Offsets,
    PageNumbers,
    Paging,
    RequestSpec,
    SearchAfter,
    Single,
    Slices,
    Token,
)

Options = Mapping[str, Any]
"""Option -> its value as text, a tuple of texts where there are several, None where not given."""


@dataclass(frozen=True)
class Step:
    """One page to ask for: its number (from 1), what its templates take, or a whole address."""

    number: int
    variables: Mapping[str, str] = field(default_factory=dict)
    address: str | None = None


def first_step(paging: Paging, addresses: tuple[str, ...] = ()) -> Step | None:
    """The first step; None where there is no address to go to."""
    if isinstance(paging, Addresses):
        return _address(addresses, 1)
    return Step(1, _variables(paging, 1))


def next_step(
    paging: Paging, step: Step, page: Page, here: str, addresses: tuple[str, ...] = ()
) -> Step | None:
    """The step after `step`, whose `page` came from the address `here`; None: the list says that
    it ends here. Raises PageProblemError where a page should name its successor and does not."""
    number = step.number + 1
    is_last = page.pages is not None and step.number >= page.pages
    if is_last or at_cap(paging, step):
        return None
    if isinstance(paging, Token | NextLink):
        return _named(paging, number, page, here)
    if isinstance(paging, SearchAfter):
        return _after(paging, number, page)
    if isinstance(paging, Addresses):
        return _address(addresses, number)
    return None if isinstance(paging, Single) else Step(number, _variables(paging, number))


def at_cap(paging: Paging, step: Step) -> bool:
    """Whether the platform goes no further than this step, whatever it counts."""
    last = getattr(paging, "last", None)
    return last is not None and step.number >= last


def build_url(base_url: str, request: RequestSpec, step: Step, variables: Options) -> str:
    """The address of a step. A query value whose option is not given is left out; one that is
    nothing but an option with several values is repeated. An option may be a path of several
    parts; what a page gave is one part, whatever it holds."""
    if step.address is not None:
        return step.address
    given = {**variables, **step.variables}
    path = TEMPLATE.sub(
        lambda found: quote(str(given[found[1]]), safe="" if found[1] in step.variables else "/"),
        request.path,
    )
    address = path if path.startswith(("http://", "https://")) else base_url + path
    first_only = getattr(request.paging, "first_only", ()) if step.number > 1 else ()
    query = {name: value for name, value in request.query.items() if name not in first_only}
    pairs = fill_pairs(query, given)
    return f"{address}?{urlencode(pairs)}" if pairs else address


def fill_pairs(templates: Mapping[str, str], given: Options) -> list[tuple[str, str]]:
    """(name, value) for each template whose variables are all given."""
    pairs: list[tuple[str, str]] = []
    for name, template in templates.items():
        alone = TEMPLATE.fullmatch(template)
        value = given.get(alone[1]) if alone else None
        if alone and isinstance(value, (tuple, list)):
            pairs += [(name, str(one)) for one in value]
        elif all(given.get(v) not in (None, ()) for v in TEMPLATE.findall(template)):
            pairs.append((name, TEMPLATE.sub(lambda found: str(given[found[1]]), template)))
    return pairs


def day_ranges(slices: Slices | None, first: date, last: date) -> list[tuple[date, date]]:
    """The ranges to read, oldest first; taken from the end, so that the newest is read first."""
    if slices is None or slices.days is None:
        return [(first, last)]
    return list(_fixed_ranges(first, last, slices.days))


def halves(first: date, last: date) -> list[tuple[date, date]]:
    """The two halves of a range that is deeper than the search; none for a single day."""
    if first >= last:
        return []
    middle = first + (last - first) // 2
    return [(first, middle), (middle + timedelta(days=1), last)]


def _fixed_ranges(first: date, last: date, days: int) -> Iterator[tuple[date, date]]:
    while first <= last:
        end = min(first + timedelta(days=days - 1), last)
        yield first, end
        first = end + timedelta(days=1)


def _variables(paging: Paging, number: int) -> dict[str, str]:
    match paging:
        case PageNumbers():
            return {"page": str(paging.first + number - 1)}
        case Offsets() | SearchAfter():
            return {"offset": str((number - 1) * paging.size)}
        case Token() if number == 1 and paging.first is not None:
            return {"token": paging.first}
    return {}


def _named(paging: Token | NextLink, number: int, page: Page, here: str) -> Step | None:
    """The step that a page names itself; none where it names none."""
    if not page.next:
        return None
    if isinstance(paging, Token):
        return Step(number, {"token": str(page.next)})
    return Step(number, address=urljoin(here, str(page.next)))


def _after(paging: SearchAfter, number: int, page: Page) -> Step:
    points = page.next if isinstance(page.next, dict) else {}
    point = points.get(str(number))
    if not isinstance(point, list) or not point:
        detail = f"the answer names no point in {paging.points} for page {number} to begin after"
        raise PageProblemError("drift", detail)
    after = paging.join.join(str(part) for part in point)
    return Step(number, {**_variables(paging, number), "after": after})


def _address(addresses: tuple[str, ...], number: int) -> Step | None:
    if number > len(addresses):
        return None
    return Step(number, {"address": addresses[number - 1]}, address=addresses[number - 1])
