"""CFPB search results: bytes -> complaints, the total, and where the next pages begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scrapers.parsing import (
    Item,
    ItemProblemError,
    Page,
    PageProblemError,
    calendar_day,
    json_body,
    member,
    read_items,
    required_text,
    text,
)

PARSER_VERSION = "cfpb-1"

COLUMNS = {
    "company": "company",
    "product": "product",
    "sub_product": "sub_product",
    "issue": "issue",
    "sub_issue": "sub_issue",
    "narrative": "complaint_what_happened",
    "state": "state",
    "submitted_via": "submitted_via",
    "company_response": "company_response",
    "company_public_response": "company_public_response",
    "timely": "timely",
    "consumer_disputed": "consumer_disputed",
}
"""Our column: the API's field. Fields do get removed; a missing one lands as NULL."""

AUDIT_FIELDS = ("consumer_consent_provided", "has_narrative", "date_indexed")
KNOWN_FIELDS = {
    *COLUMNS.values(),
    *AUDIT_FIELDS,
    "complaint_id",
    "date_received",
    "date_sent_to_company",
    "tags",
    "zip_code",
    ":updated_at",
}
BreakPoint = tuple[int, str]


@dataclass(frozen=True)
class CfpbPage(Page):
    """A page of search results. `total` counts the whole search; it is a floor unless `exact`."""

    total: int = 0
    exact: bool = True
    break_points: Mapping[int, BreakPoint] | None = None


def read_page(body: bytes, content_type: str) -> CfpbPage:
    """Read one page. Raises PageProblemError when the body isn't one."""
    data = json_body(body, content_type)
    hits = member(data, "hits", dict, "the answer")
    listed = member(hits, "hits", list, "hits")
    total, exact = _total(hits)
    meta = member(data, "_meta", dict, "the answer")
    _complete(data)
    if total > 0 and not listed:
        detail = f"No complaint is listed although the search counts {total:,}."
        raise PageProblemError("blocked", detail, again=True)
    items = read_items(listed, _complaint, lambda hit: hit["_source"]["complaint_id"])
    return CfpbPage(
        items=items,
        notes=frozenset(_notes(meta, listed)),
        total=total,
        exact=exact,
        break_points=_break_points(meta),
    )


def _total(hits: Mapping[str, Any]) -> tuple[int, bool]:
    total = member(hits, "total", (dict, int), "hits")
    if isinstance(total, int):
        return total, True
    return member(total, "value", int, "hits.total"), total.get("relation", "eq") == "eq"


def _complete(data: Mapping[str, Any]) -> None:
    """The index answers with what it has when a part of it is down: that is not the whole page."""
    shards = data.get("_shards")
    failed = shards.get("failed", 0) if isinstance(shards, dict) else 0
    if data.get("timed_out") is True or failed:
        detail = "The search timed out or lacks a part of its index: the list is not whole."
        raise PageProblemError("partial", detail, again=True)


def _break_points(meta: Mapping[str, Any]) -> dict[int, BreakPoint]:
    points = member(meta, "break_points", dict, "_meta")
    try:
        return {int(page): (int(point[0]), str(point[1])) for page, point in points.items()}
    except (LookupError, TypeError, ValueError) as error:
        detail = "The layout changed: _meta.break_points is not {page: [time, id]}."
        raise PageProblemError("drift", detail) from error


def _notes(meta: Mapping[str, Any], listed: list[Any]) -> list[str]:
    notes = []
    if meta.get("is_data_stale"):
        notes.append("The CFPB says its data is stale.")
    if meta.get("has_data_issue"):
        notes.append("The CFPB says its data has an issue.")
    sources = [hit.get("_source") for hit in listed if isinstance(hit, dict)]
    unknown = {name for s in sources if isinstance(s, dict) for name in s} - KNOWN_FIELDS
    if unknown:
        notes.append(f"Unknown fields, not landed: {', '.join(sorted(unknown))}.")
    return notes


def _complaint(position: int, hit: Any) -> Item:
    source = hit.get("_source") if isinstance(hit, dict) else None
    if not isinstance(source, dict):
        raise ItemProblemError("_source", "missing_required", "the hit holds no _source")
    complaint_id = required_text(source.get("complaint_id"), "complaint_id")
    received = calendar_day(source.get("date_received"), "received_at")
    if received is None:
        raise ItemProblemError("received_at", "missing_required", "date_received is missing.")
    columns = {ours: text(source.get(theirs), ours) for ours, theirs in COLUMNS.items()}
    return Item(
        position=position,
        natural_key=complaint_id,
        columns={
            "complaint_id": complaint_id,
            **columns,
            "tags": _tags(source.get("tags")),
            "received_at": received,
            "sent_to_company_at": calendar_day(
                source.get("date_sent_to_company"), "sent_to_company_at"
            ),
        },
        event_at_raw=str(source["date_received"]),
        payload={name: source[name] for name in AUDIT_FIELDS if name in source},
    )


def _tags(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(tag for tag in (text(v, "tags") for v in value) if tag) or None
    return text(value, "tags")
