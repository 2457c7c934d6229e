"""Any page's structured data in one shape: {"reviews": […], "ratings": […], "damaged": N}.

JSON-LD goes before microdata: sites that write both write the same twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import extruct
from extruct.jsonld import JsonLdExtractor
from extruct.utils import parse_html

from scrapers.document import decode_text
from scrapers.parsing import PageProblemError

Node = dict[str, Any]

SUBJECT_IDS = ("sku", "productID", "gtin13", "gtin", "mpn", "isbn", "@id", "url")
"""What a subject is known by, the surest first."""
WORST, BEST = 1, 5
"""The scale where a page names none (schema.org)."""
_SHARED = frozenset({"review", "reviews", "aggregateRating"})
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d{1,2}$)")
_THOUSANDS = re.compile(r"(?<=\d)[,.\s](?=\d{3}(?:\D|$))")


def open_body(body: bytes, content_type: str) -> Node:
    """The reviews and ratings on a page. Raises PageProblemError when all its data is damaged."""
    text = decode_text(body, content_type).strip()
    if not text:
        raise PageProblemError("partial", "The body is empty.", again=True)
    if text[0] in "{[":
        raise PageProblemError("drift", "JSON came where a page was asked for.")
    page = text.encode()  # a page may declare an encoding, which goes with bytes alone
    blocks, damaged = _json_ld(page)
    found = _found(blocks)
    if not found["reviews"] or not found["ratings"]:
        other = _found(_microdata(page))
        found = {name: found[name] or other[name] for name in found}
    if damaged and not (blocks or any(found.values())):
        raise PageProblemError("partial", "The page's structured data is damaged.", again=True)
    return {**found, "damaged": damaged}


def _json_ld(page: bytes) -> tuple[list[Any], int]:
    """The JSON-LD blocks that can be read, and how many can't: one by one, so that a damaged block
    costs no other. Comments, control characters and commas too many are forgiven."""
    extractor = JsonLdExtractor()
    blocks: list[Any] = []
    damaged = 0
    for script in parse_html(page, "utf-8").iter("script"):
        try:
            blocks += extractor.extract_items(script)
        except (ValueError, RecursionError):
            damaged += 1
    return blocks, damaged


def _microdata(page: bytes) -> list[Any]:
    found = extruct.extract(page, encoding="utf-8", syntaxes=["microdata"], uniform=True)
    return list(found["microdata"])


def _found(blocks: list[Any]) -> Node:
    """The reviews and ratings in a page's data, however deep; equal ratings once."""
    named = {node["@id"]: node for node, _ in _nodes(blocks, None) if len(node) > 1 and _id(node)}
    reviews: list[Node] = []
    ratings: list[Node] = []
    for node, above in _nodes(blocks, None):
        if _is(node, "Review"):
            reviews.append(_review(node, _subject(node, above, named)))
        if _is(node, "AggregateRating"):
            rating = _rating(node, _subject(node, above, named))
            if rating not in ratings:
                ratings.append(rating)
    return {"reviews": reviews, "ratings": ratings}


def _nodes(data: Any, above: Node | None) -> Iterator[tuple[Node, Node | None]]:
    """Every node with the one that it hangs below as a review or a rating, if it does."""
    if isinstance(data, list):
        for part in data:
            yield from _nodes(part, above)
    elif isinstance(data, dict):
        node = _typed(data)
        yield node, above
        for name, value in node.items():
            yield from _nodes(_as_nodes(name, value), node if name in _SHARED else None)


def _as_nodes(name: str, value: Any) -> Any:
    """A rating or review whose type is left out is one by where it stands."""
    kind = "AggregateRating" if name == "aggregateRating" else "Review"
    if name not in _SHARED:
        return value
    parts = value if isinstance(value, list) else [value]
    return [
        {"@type": kind, **part}
        for part in parts
        if isinstance(part, dict) and set(part) - {"@id", "id"}
    ]


def _typed(data: Node) -> Node:
    """A node whose `id` and type are where JSON-LD has them (microdata has them elsewhere)."""
    if "id" in data and "@id" not in data:
        return {**data, "@id": data["id"]}
    return data


def _is(node: Node, kind: str) -> bool:
    """Whether a node is of a kind, or of one made from it (UserReview, CriticReview)."""
    names = [str(name).rpartition("/")[2].rpartition(":")[2] for name in _list(node.get("@type"))]
    return any(name == kind or (kind == "Review" and name.endswith(kind)) for name in names)


def _subject(node: Node, above: Node | None, named: dict[str, Node]) -> Node:
    """What a review or rating is about: what it says itself, else what it hangs below."""
    said = _first(node.get("itemReviewed"))
    if isinstance(said, str):
        return {"name": said}
    if not isinstance(said, dict):
        return above or {}
    return named.get(str(said.get("@id")), said) if len(said) == 1 else said


def _review(node: Node, subject: Node) -> Node:
    rating = _first(node.get("reviewRating"))
    scale = rating if isinstance(rating, dict) else {"ratingValue": rating}
    return {
        "id": _own_id(node, subject),
        **_about(subject),
        **_scaled(scale),
        "title": _text(node.get("name") or node.get("headline")),
        "body": _text(node.get("reviewBody") or node.get("description")),
        "author": _name(node.get("author")),
        "published": _text(node.get("datePublished") or node.get("dateCreated")),
        "modified": _text(node.get("dateModified")),
        "language": _text(node.get("inLanguage")),
    }


def _rating(node: Node, subject: Node) -> Node:
    return {
        **_about(subject),
        **_scaled(node),
        "rating_count": _count(node.get("ratingCount")),
        "review_count": _count(node.get("reviewCount")),
    }


def _about(subject: Node) -> Node:
    return {"subject_id": _subject_id(subject), "subject_name": _name(subject)}


def _subject_id(subject: Node) -> str | None:
    for name in SUBJECT_IDS:
        found = _text(subject.get(name))
        if found and not found.startswith(("_:", "#")):  # those hold on their page only
            return _without_query(found)
    return _name(subject)


def _own_id(node: Node, subject: Node) -> str | None:
    """A review's id. An anchor (`#review-7`) holds on its page only: its subject goes before."""
    found = _id(node) or _text(node.get("identifier"))
    if not found or found.startswith("_:"):
        return None
    return f"{_subject_id(subject) or ''}{found}" if found.startswith("#") else found


def _id(node: Node) -> str | None:
    return _text(node.get("@id"))


def _without_query(address: str) -> str:
    """An address without what changes from visit to visit."""
    parts = urlsplit(address)
    return urlunsplit((*parts[:3], "", "")) if parts.scheme in ("http", "https") else address


def _scaled(rating: Node) -> Node:
    """A rating on its own scale; `80%` is 80 of 100, `4/5` is 4 of 5."""
    value = _number(rating.get("ratingValue"))
    best = _number(rating.get("bestRating"))
    worst = _number(rating.get("worstRating"))
    if value is not None and value.endswith("%"):
        value, best, worst = value.rstrip("% "), best or "100", worst or "0"
    elif value is not None and "/" in value:
        value, _, behind = (part.strip() for part in value.partition("/"))
        best = best or behind
    if value is None:
        return {"rating": None, "best": None, "worst": None}
    return {"rating": value, "best": best or BEST, "worst": worst or WORST}


def _number(value: Any) -> str | None:
    """A number as text with a decimal point: 4,5 is 4.5."""
    found = _text(value)
    return None if found is None else _DECIMAL_COMMA.sub(".", found)


def _count(value: Any) -> str | None:
    """A count as text without the marks between its thousands."""
    found = _text(value)
    return None if found is None else _THOUSANDS.sub("", found)


def _name(value: Any) -> str | None:
    value = _first(value)
    return (
        _text(value.get("name") or value.get("value")) if isinstance(value, dict) else _text(value)
    )


def _text(value: Any) -> str | None:
    """A value as text: the first of several, what a language-tagged one says."""
    value = _first(value)
    if isinstance(value, dict):
        value = value.get("@value") or value.get("value") or value.get("@id")
    if value is None or isinstance(value, (bool, dict, list)):
        return None
    return str(value).strip() or None


def _first(value: Any) -> Any:
    return next(iter(value), None) if isinstance(value, list) else value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
