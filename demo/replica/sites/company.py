"""The demo company's platforms on loopback: CFPB's search API, the App Store's feed, and Heimao.

The first two, in this module, behave as the real ones are known to, at their worst: a 429 early on,
an empty first page that fills on the retry, break points that reach only a few pages ahead, a lying
charset.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from demo.public import APP_ID
from demo.replica.exchange import Answer, Asked, Site, json_answer
from demo.replica.rendering import Rendering
from demo.replica.sites.heimao import HeimaoSite
from demo.world import BRAND, AppReview, Company, PublicComplaint

CFPB_PATH = "/data-research/consumer-complaints/search/api/v1/"
DEPTH = 10_000
"""How deep the search reaches."""
PAGES_AHEAD = 3
"""So many pages after the one asked for have a break point."""
PER_PAGE = 50
LAST_PAGE = 10
THROTTLED_SEARCH = 2
"""The search (counted from 1) that is answered with 429 once."""
_FEED = re.compile(r"/([a-z]{2})/rss/customerreviews/page=(\d+)/id=(\d+)/sortby=mostrecent/json")
_FEED_TYPE = "text/javascript; charset=ISO-8859-1"  # not true: the body is UTF-8


def sites_of(company: Company) -> list[Site]:
    """Every site that the company's sources ask. Dianping is not among them: nobody may ask it."""
    return [Platforms(company), HeimaoSite(company.heimao_complaints)]


class Platforms:
    """What each address answers, and the little each platform remembers of its visitors."""

    def __init__(self, company: Company) -> None:
        self._complaints = sorted(company.public_complaints, key=_position, reverse=True)
        self._reviews: dict[str, list[AppReview]] = {}
        for review in company.app_reviews:
            self._reviews.setdefault(review.country, []).append(review)
        self._searches = 0
        self._warmed: set[str] = set()

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        if asked.path.startswith(CFPB_PATH):
            rest = asked.path.removeprefix(CFPB_PATH)
            return self._cfpb(rest, asked.query, asked.rendering)
        feed = _FEED.fullmatch(asked.path)
        if feed and feed[3] == APP_ID and feed[1] in self._reviews:
            return self._appstore(feed[1], int(feed[2]), asked.rendering)
        return None

    def _cfpb(self, rest: str, query: dict[str, list[str]], draw: Rendering) -> Answer:
        if rest:
            found = [c for c in self._complaints if c.complaint_id == rest.rstrip("/")]
            return (
                json_answer(draw.tree({"hits": _hits(found, len(found))}))
                if found
                else json_answer({"detail": "Not found."}, 404)
            )
        self._searches += 1
        if self._searches == THROTTLED_SEARCH:
            throttled = {"detail": "Request was throttled. Expected available in 1 second."}
            return json_answer(throttled, 429, {"Retry-After": "1"})
        try:
            search = Search.read(query)
        except ValueError as error:
            return json_answer({"errors": str(error)}, 400)
        return json_answer(draw.tree(search.run(self._complaints)))

    def _appstore(self, country: str, page: int, draw: Rendering) -> Answer:
        if page > LAST_PAGE:
            return Answer(b"CustomerReviews RSS page depth is limited to 10", 400)
        reviews = self._reviews[country]
        shown = [_entry(review) for review in reviews[(page - 1) * PER_PAGE : page * PER_PAGE]]
        if page == 1 and country not in self._warmed:
            self._warmed.add(country)
            shown = []
        elif page == 1:
            shown.insert(0, _app_entry(country))
        feed = _feed_head(country, page, reviews)
        if shown:
            feed["entry"] = shown if len(shown) > 1 else shown[0]
        return json_answer(draw.tree({"feed": feed}), content_type=_FEED_TYPE)


@dataclass(frozen=True)
class Search:
    """A CFPB search: its filters, and where its page begins."""

    companies: frozenset[str]
    products: frozenset[str]
    issues: frozenset[str]
    term: str
    first: str
    before: str
    size: int
    offset: int
    ascending: bool
    after: tuple[int, str] | None
    with_counts: bool

    @classmethod
    def read(cls, query: dict[str, list[str]]) -> Search:
        """From a query string's values. Raises ValueError with what is wrong with which."""
        sort = _last(query, "sort", "")
        if sort not in (
            "",
            "relevance_desc",
            "relevance_asc",
            "created_date_desc",
            "created_date_asc",
        ):
            raise ValueError(f'sort: "{sort}" is not a valid choice.')
        size = _number(query, "size", 25)
        if not 0 <= size <= 100:
            raise ValueError("size: Ensure this value is less than or equal to 100.")
        by_date = sort.startswith("created_date")
        after = _last(query, "search_after", "")
        return cls(
            companies=frozenset(query.get("company", [])),
            products=frozenset(query.get("product", [])),
            issues=frozenset(query.get("issue", [])),
            term=_last(query, "search_term", "").casefold(),
            first=_day(query, "date_received_min", "0000-01-01"),
            before=_day(query, "date_received_max", "9999-12-31"),
            size=size,
            offset=_number(query, "frm", 0),
            ascending=sort == "created_date_asc",
            after=_point(after) if after and by_date else None,  # ignored without a sort, silently
            with_counts=_last(query, "no_aggs", "false").lower() != "true",
        )

    def run(self, complaints: list[PublicComplaint]) -> dict[str, Any]:
        """The page of `complaints` (newest first) that this search asks for."""
        found = [complaint for complaint in complaints if self._fits(complaint)]
        if self.ascending:
            found.reverse()
        page = self._page(found[:DEPTH])
        counts = {"aggregations": _counts(found)} if self.with_counts else {}
        return {
            "took": 7,
            "timed_out": False,
            "_shards": {"total": 5, "successful": 5, "skipped": 0, "failed": 0},
            "hits": _hits(page, len(found)),
            **counts,
            "_meta": _meta(complaints, self._break_points(found[:DEPTH])),
        }

    def _fits(self, complaint: PublicComplaint) -> bool:
        wanted = (
            (self.companies, complaint.company),
            (self.products, complaint.product),
            (self.issues, complaint.issue),
        )
        return (
            all(not choice or value in choice for choice, value in wanted)
            and self.first <= complaint.received_on.isoformat() < self.before
            and self.term in (complaint.narrative or "").casefold()
        )

    def _page(self, found: list[PublicComplaint]) -> list[PublicComplaint]:
        if self.after is None:
            return found[self.offset : self.offset + self.size]
        if self.ascending:
            rest = [complaint for complaint in found if _position(complaint) > self.after]
        else:
            rest = [complaint for complaint in found if _position(complaint) < self.after]
        return rest[: self.size]

    def _break_points(self, found: list[PublicComplaint]) -> dict[str, list[Any]]:
        """Page number -> the sort values of the last complaint before that page."""
        if not self.size:
            return {}
        asked = self.offset // self.size + 1
        pages = range(2, asked + PAGES_AHEAD + 1)
        return {
            str(page): list(_position(found[(page - 1) * self.size - 1]))
            for page in pages
            if (page - 1) * self.size < len(found)
        }


def _last(query: dict[str, list[str]], name: str, default: str) -> str:
    return query.get(name, [default])[-1]


def _number(query: dict[str, list[str]], name: str, default: int) -> int:
    value = _last(query, name, str(default))
    if not value.isdigit():
        raise ValueError(f"{name}: A valid integer is required.")
    return int(value)


def _day(query: dict[str, list[str]], name: str, default: str) -> str:
    value = _last(query, name, default)
    if name in query:
        try:
            date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"{name}: Date has wrong format. Use YYYY-MM-DD.") from error
    return value


def _point(text: str) -> tuple[int, str]:
    moment, _, complaint_id = text.partition("_")
    if not moment.isdigit() or not complaint_id:
        raise ValueError("search_after: use <sort>_<id> of a break point.")
    return int(moment), complaint_id


def _position(complaint: PublicComplaint) -> tuple[int, str]:
    """A complaint's sort values: noon at UTC-5 in milliseconds, and its id."""
    return int(
        datetime.fromisoformat(_noon(complaint.received_on)).timestamp() * 1000
    ), complaint.complaint_id


def _noon(day: date) -> str:
    return f"{day.isoformat()}T12:00:00-05:00"


def _hits(complaints: list[PublicComplaint], total: int) -> dict[str, Any]:
    return {
        "total": {"value": total, "relation": "eq"},
        "max_score": None,
        "hits": [
            {
                "_index": "complaint-public-v1",
                "_type": "_doc",
                "_id": complaint.complaint_id,
                "_score": None,
                "_source": _source(complaint),
                "sort": list(_position(complaint)),
            }
            for complaint in complaints
        ],
    }


def _source(complaint: PublicComplaint) -> dict[str, Any]:
    source: dict[str, Any] = {
        "product": complaint.product,
        "complaint_what_happened": complaint.narrative,
        "date_sent_to_company": _noon(complaint.sent_on),
        "issue": complaint.issue,
        "sub_product": complaint.sub_product,
        "zip_code": complaint.zip_code,
        "tags": complaint.tags,
        "has_narrative": bool(complaint.narrative),
        "complaint_id": complaint.complaint_id,
        "timely": complaint.timely,
        "consumer_consent_provided": "Consent provided" if complaint.narrative else None,
        "company_response": complaint.company_response,
        "submitted_via": complaint.submitted_via,
        "company": complaint.company,
        "date_received": _noon(complaint.received_on),
        "state": complaint.state,
        "consumer_disputed": "N/A",
        "company_public_response": complaint.company_public_response,
        "sub_issue": complaint.sub_issue,
    }
    if complaint.narrative is None:
        del source["complaint_what_happened"]
    return source


def _counts(found: list[PublicComplaint]) -> dict[str, Any]:
    totals: dict[str, int] = {}
    for complaint in found:
        totals[complaint.product] = totals.get(complaint.product, 0) + 1
    buckets = [{"key": product, "doc_count": number} for product, number in sorted(totals.items())]
    return {"product": {"doc_count": len(found), "product": {"buckets": buckets}}}


def _meta(complaints: list[PublicComplaint], break_points: dict[str, list[Any]]) -> dict[str, Any]:
    newest = _noon(max(complaint.received_on for complaint in complaints))
    return {
        "license": "CC0",
        "last_updated": newest,
        "last_indexed": newest,
        "total_record_count": len(complaints),
        "is_data_stale": False,
        "has_data_issue": False,
        "break_points": break_points,
    }


def _label(value: object) -> dict[str, str]:
    return {"label": str(value)}


def _entry(review: AppReview) -> dict[str, Any]:
    page = f"https://itunes.apple.com/{review.country}"
    return {
        "author": {
            "uri": _label(f"{page}/reviews/id{int(review.review_id) % 10**9}"),
            "name": _label(review.author),
            "label": "",
        },
        "updated": _label(review.updated),
        "im:rating": _label(review.rating),
        "im:version": _label(review.version),
        "id": _label(review.review_id),
        "title": _label(review.title),
        "content": {"label": review.body, "attributes": {"type": "text"}},
        "link": {
            "attributes": {
                "rel": "related",
                "href": f"{page}/review?id={APP_ID}&type=Purple%20Software",
            }
        },
        "im:voteSum": _label(review.vote_sum),
        "im:contentType": {"attributes": {"term": "Application", "label": "Application"}},
        "im:voteCount": _label(review.vote_count),
    }


def _app_entry(country: str) -> dict[str, Any]:
    """The old first entry: the app itself, without a rating."""
    return {
        "im:name": _label(f"{BRAND} Yunwu Tea"),
        "im:image": [{"label": "https://example.invalid/icon.png", "attributes": {"height": "53"}}],
        "title": _label(f"{BRAND} Yunwu Tea - Yunwu Tea Holdings"),
        "im:artist": _label("Yunwu Tea Holdings"),
        "id": {
            "label": f"https://apps.apple.com/{country}/app/id{APP_ID}",
            "attributes": {"im:id": APP_ID, "im:bundleId": "com.example.yunwu"},
        },
        "im:contentType": {"attributes": {"term": "Application", "label": "Application"}},
    }


def _feed_head(country: str, page: int, reviews: list[AppReview]) -> dict[str, Any]:
    address = f"https://itunes.apple.com/{country}/rss/customerreviews/page={page}/id={APP_ID}"
    return {
        "author": {"name": _label("iTunes Store"), "uri": _label("http://www.apple.com/")},
        "updated": _label(reviews[0].updated),
        "rights": _label("Copyright 2008 Apple Inc."),
        "title": _label("iTunes Store: Customer Reviews"),
        "link": [{"attributes": {"rel": "self", "href": f"{address}/sortby=mostrecent/json"}}],
        "id": _label(f"{address}/sortby=mostrecent/json"),
    }
