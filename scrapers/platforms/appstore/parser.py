"""App Store review feeds: bytes -> reviews. The app's own entry, where there is one, is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scrapers.parsing import (
    Item,
    ItemProblemError,
    Page,
    PageProblemError,
    instant,
    json_body,
    member,
    read_items,
    required_text,
    text,
    whole,
)

PARSER_VERSION = "appstore-1"
END_OF_FEED = b"page depth is limited"
"""What the HTTP 400 beyond the last page says."""

KNOWN_FIELDS = {
    "author",
    "updated",
    "im:rating",
    "im:version",
    "id",
    "title",
    "content",
    "link",
    "im:voteSum",
    "im:contentType",
    "im:voteCount",
}
APP_FIELDS = ("im:name", "im:artist", "im:image", "im:price")


@dataclass(frozen=True)
class ReviewPage(Page):
    """A page of the feed; `is_end` when the platform says that there are no further pages."""

    is_end: bool = False


def is_end_of_feed(status: int, body: bytes) -> bool:
    """Whether an answer is the platform's word for "no such page"."""
    return status == 400 and END_OF_FEED in body.lower()


def read_page(body: bytes) -> ReviewPage:
    """Read one page, which may hold no review. Raises PageProblemError when the body isn't a feed.

    The content type is not asked: the feed comes as text/javascript with a charset that may lie.
    """
    feed = member(json_body(body, ""), "feed", dict, "the answer")
    entries = _entries(feed)
    if entries and _is_app(entries[0]):
        entries = entries[1:]
    unknown = {name for e in entries if isinstance(e, dict) for name in e} - KNOWN_FIELDS
    notes = {f"Unknown fields, not landed: {', '.join(sorted(unknown))}."} if unknown else set()
    return ReviewPage(
        items=read_items(entries, _review, lambda entry: entry["id"]["label"]),
        notes=frozenset(notes),
    )


def _entries(feed: Mapping[str, Any]) -> list[Any]:
    entry = feed.get("entry")
    if entry is None:
        if "id" not in feed and "link" not in feed and "updated" not in feed:
            raise PageProblemError(
                "drift", "The layout changed: the feed has neither entry nor head."
            )
        return []
    if isinstance(entry, dict):  # a single entry comes without its list
        return [entry]
    return list(member(feed, "entry", list, "feed"))


def _is_app(entry: Any) -> bool:
    if not isinstance(entry, dict) or "im:rating" in entry:
        return False
    return "author" not in entry or any(name in entry for name in APP_FIELDS)


def _review(position: int, entry: Any) -> Item:
    if not isinstance(entry, dict):
        raise ItemProblemError(None, "unknown_shape", f"the entry is a {type(entry).__name__}")
    review_id = required_text(_label(entry, "id"), "review_id")
    updated_raw = _label(entry, "updated")
    return Item(
        position=position,
        natural_key=review_id,
        columns={
            "review_id": review_id,
            "rating": _rating(entry),
            "title": text(_label(entry, "title"), "title"),
            "body": text(_label(entry, "content"), "body"),
            "app_version": text(_label(entry, "im:version"), "app_version"),
            "author": _author(entry),
            "vote_sum": whole(_label(entry, "im:voteSum"), "vote_sum"),
            "vote_count": whole(_label(entry, "im:voteCount"), "vote_count"),
            "updated_at": instant(updated_raw, "updated_at"),
        },
        event_at_raw=str(updated_raw),
    )


def _label(entry: Mapping[str, Any], name: str) -> Any:
    value = entry.get(name)
    return value.get("label") if isinstance(value, dict) else value


def _rating(entry: Mapping[str, Any]) -> int:
    rating = whole(_label(entry, "im:rating"), "rating")
    if rating is None:
        raise ItemProblemError("rating", "missing_required", "rating is missing from the entry.")
    if not 1 <= rating <= 5:
        raise ItemProblemError("rating", "out_of_range", "rating is not 1 to 5 stars.", rating)
    return rating


def _author(entry: Mapping[str, Any]) -> str | None:
    """What tells authors apart: their page, which outlives a change of name; else the name."""
    author = entry.get("author")
    if not isinstance(author, dict):
        return None
    return text(_label(author, "uri"), "author") or text(_label(author, "name"), "author")
