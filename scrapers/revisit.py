"""The second queue: items' own pages, for what is new, and for what is still open.

It keeps no state. From the lake: when an item was first read, when its page was last visited,
whether it is closed. Due is what was never visited, what its list shows in a new version, and what
is open when as many days have passed since the last visit as had passed until then (1, 2, 4, 8 …),
until it closes or grows older than `revisit.days`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lake.history import Known, Visit, below_host
from scrapers.http.asking import Ask, FetchError
from scrapers.judging import PageJudge, lost_to_layout
from scrapers.night import Night, Origin
from scrapers.paging import Step, build_url
from scrapers.spec import RequestSpec, Revisit

PATIENCE_NIGHTS = 3
"""After so many nights a page of its own that can't be read holds the cursor no longer."""
CLOSING_EVENTS = ("resolved", "closed", "withdrawn")


@dataclass(frozen=True)
class _Due:
    """One page to visit, and what a conditional request sends along."""

    key: str
    url: str
    visit: Visit | None


def visit_details(night: Night) -> None:
    """Visit every page that is due; a page that can't be read is tried again the next night."""
    for name, request in night.platform.spec.details.items():
        refusal = night.refusal(request)
        if refusal is not None:
            night.note(refusal)
            continue
        queue = sorted(_due(night, name, request), key=lambda due: (due.visit is not None, due.key))
        most = (night.platform.spec.revisit or Revisit()).per_night
        if night.page_limit is not None:
            most = night.page_limit
        elif len(queue) > most:
            night.note(
                f"{len(queue):,} pages of {name} are due, {most:,} are visited tonight; the rest "
                "follows in the next nights."
            )
        for due in queue[:most]:
            if not _visit(night, name, request, due):
                break


def _visit(night: Night, name: str, request: RequestSpec, due: _Due) -> bool:
    """Visit one page; False when no further one should be asked for tonight."""
    record = night.platform.spec.records[request.of or ""]
    context = dict.fromkeys(record.keys[:1], due.key)
    judge = PageJudge(night.platform, name, night.zone, context)
    visit = due.visit if request.conditional else None
    ask = Ask(
        due.url,
        name,
        etag=visit.etag if visit else None,
        last_modified=visit.last_modified if visit else None,
        secret_headers=night.config.secret_headers(),
        entity=night.platform.spec.records[request.records[0]].entity,
    )
    try:
        fetched = night.client.get(ask, judge)
    except FetchError as error:
        if error.outcome == "gone":
            night.visited += 1
            night.gone[(record.entity, due.key)] = str(error)
            return True
        _tell_failed(night, name, due, error)
        return error.outcome not in ("blocked", "refused")
    night.pages += 1
    night.visited += 1
    if not fetched.unchanged:
        origin = Origin.of(fetched.response, None)
        night.land_page(fetched.page, name, origin, unit_id=None, in_list=False)
        if lost_to_layout(fetched.page) or (fetched.page.items and not fetched.page.readable):
            night.gap(f"{name}: the layout of items' own pages changed, e.g. of {due.key}.")
    return True


def _tell_failed(night: Night, name: str, due: _Due, error: FetchError) -> None:
    """A page that can't be read holds the cursor for some nights; one that never can, not for good:
    it is due again every night, and said."""
    nights = night.history.failed_nights.get((name, below_host(due.url)), 0)
    if nights >= PATIENCE_NIGHTS and error.outcome not in ("blocked", "refused"):
        night.note(f"{name} of {due.key} can't be read, for the {nights + 1}th night: {error}")
    else:
        night.gap(f"{name} of {due.key}: {error}")


def _due(night: Night, name: str, request: RequestSpec) -> Iterator[_Due]:
    record_name = request.of or ""
    entity = night.platform.spec.records[record_name].entity
    rule = night.platform.spec.revisit or Revisit()
    known = night.history.items(entity)
    visits = night.history.visits([name], night.spec_hash)
    closed = _closed(night, entity, rule)
    tonight = night.seen.get(record_name, {})
    for key in {**known, **tonight}:
        url = _address(night, request, key)
        item, visit, is_closed = known.get(key), visits.get(below_host(url)), key in closed
        if _is_due(night.run.as_of, rule, item, tonight.get(key), visit, is_closed):
            yield _Due(key, url, visit)


def _is_due(
    today: date,
    rule: Revisit,
    known: Known | None,
    seen_version: str | None,
    visit: Visit | None,
    is_closed: bool,
) -> bool:
    first = known.first_dt if known else today
    if visit is None:
        return (today - first).days <= rule.days
    changed = seen_version is not None and (known is None or seen_version != known.version_hash)
    if changed:
        return True
    if is_closed or (today - first).days > rule.days:
        return False
    return (today - visit.dt).days >= max(1, (visit.dt - first).days)


def _closed(night: Night, entity: str, rule: Revisit) -> set[str]:
    """Keys of items that are closed, by their list or by their newest step."""
    found: set[str] = set()
    if entity == "complaint":
        statuses = night.history.values(entity, "status")
        found |= {key for key, status in statuses.items() if status in rule.closed}
        events = night.history.last_events()
        found |= {key for key, kind in events.items() if kind in CLOSING_EVENTS}
    return found


def _address(night: Night, request: RequestSpec, key: str) -> str:
    column = night.platform.spec.records[request.of or ""].keys[0]
    step = Step(1, {column: key})
    return build_url(night.base_url, request, step, night.variables())
