"""Trustpilot pages: what is read from the JSON in their script tag, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from scrapers.parsing import PageProblemError, Unreadable

HTML = "text/html; charset=utf-8"
ID = "66f0000000000000000000c1"


def review(review_id=ID, **changes):
    return {
        "id": review_id,
        "filtered": False,
        "pending": False,
        "text": "Ordered at noon, the cup came at four. 茶是凉的。",
        "rating": 2,
        "labels": {"merged": None, "verification": {"isVerified": True}},
        "title": "Cold tea",
        "likes": 3,
        "dates": {
            "experiencedDate": "2026-09-20T00:00:00.000Z",
            "publishedDate": "2026-09-21T23:30:05.000Z",
            "updatedDate": None,
        },
        "report": None,
        "hasUnhandledReports": False,
        "consumer": {
            "id": "65c0000000000000000000d2",
            "displayName": "Jenny K.",
            "countryCode": "US",
        },
        "reply": {
            "message": "We are sorry.",
            "publishedDate": "2026-09-22T08:00:00.000Z",
            "updatedDate": None,
        },
        "consumersReviewCountOnSameDomain": 1,
        "consumersReviewCountOnSameLocation": None,
        "productReviews": [],
        "language": "en",
        "location": None,
    } | changes


def unit(**changes):
    return {
        "id": "66f0000000000000000000aa",
        "displayName": "云雾茶 Yunwu Tea",
        "identifyingName": "www.yunwu-tea.example",
        "numberOfReviews": 41,
        "trustScore": 3.7,
        "stars": 3.5,
        "contactInfo": {"email": "hello@yunwu-tea.example", "phone": "555-0100"},
    } | changes


def page(*reviews, pages=3, number=1, business=None, **more):
    props = {
        "businessUnit": business or unit(),
        "reviews": list(reviews),
        "filters": {"pagination": {"currentPage": number, "totalPages": pages, **more}},
    }
    return html({"props": {"pageProps": props}, "buildId": "b1"})


def html(data):
    said = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    return f'<html><body><script id="__NEXT_DATA__">{said}</script></body></html>'.encode()


@pytest.fixture
def reviews(read):
    return lambda body: read(
        "trustpilot", "reviews", body, HTML, context={"domain": "www.yunwu-tea.example"}
    )


def test_reads_a_review_and_the_business(reviews):
    found = reviews(page(review(), totalCount=41))
    first, business = found.items
    assert dict(first.columns) == {
        "review_id": ID,
        "subject_name": "www.yunwu-tea.example",
        "rating": 2.0,
        "rating_best": 5,
        "title": "Cold tea",
        "body": "Ordered at noon, the cup came at four. 茶是凉的。",
        "language": "en",
        "country": "US",
        "author": "65c0000000000000000000d2",
        "vote_count": 3,
        "is_verified": True,
        "reply": "We are sorry.",
        "replied_at": datetime(2026, 9, 22, 8, tzinfo=UTC),
        "experienced_on": date(2026, 9, 20),
        "created_at": datetime(2026, 9, 21, 23, 30, 5, tzinfo=UTC),
        "updated_at": None,
    }
    assert first.event == datetime(2026, 9, 21, 23, 30, 5, tzinfo=UTC)
    assert first.payload == {"filtered": False, "pending": False}
    assert dict(business.columns) == {
        "subject_id": "www.yunwu-tea.example",
        "subject_name": "云雾茶 Yunwu Tea",
        "rating": 3.7,
        "rating_best": 5,
        "rating_text": "3.5",
        "review_count": 41,
    }
    assert (found.listed, found.total, found.pages, found.shown) == (1, 41, 3, 1)
    assert found.unknown_fields == {}


def test_a_review_without_reply_text_or_verification(reviews):
    bare = review(reply=None, text=None, labels={"merged": None, "verification": None})
    item = reviews(page(bare)).items[0]
    for column in ("reply", "replied_at", "body", "is_verified"):
        assert item.columns[column] is None


def test_an_edit_is_told_by_its_own_time(reviews):
    dates = review()["dates"] | {"updatedDate": "2026-09-25T01:02:03.000Z"}
    item = reviews(page(review(dates=dates))).items[0]
    assert item.columns["updated_at"] == datetime(2026, 9, 25, 1, 2, 3, tzinfo=UTC)
    assert item.event == datetime(2026, 9, 21, 23, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"id": None}, "review_id", "missing_required"),
        ({"id": "promo-1"}, "review_id", "missing_required"),
        ({"rating": 0}, "rating", "out_of_range"),
        ({"rating": None}, "rating", "missing_required"),
        ({"rating": "five"}, "rating", "not_a_number"),
        ({"dates": {"publishedDate": "yesterday"}}, "created_at", "bad_timestamp"),
        ({"dates": {"publishedDate": "2026-09-21T23:30:05"}}, "created_at", "bad_timestamp"),
        ({"dates": {}}, "created_at", "missing_required"),
        ({"labels": {"verification": {"isVerified": "maybe"}}}, "is_verified", "not_a_flag"),
    ],
)
def test_one_review_that_can_not_be_read_costs_no_other(reviews, changes, column, code):
    good = review("66f0000000000000000000c2")
    bad, kept, _ = reviews(page(review(**changes), good)).items
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.problem.code) == (column, code)
    assert kept.natural_key == good["id"]


def test_unknown_fields_are_counted_and_not_landed(reviews):
    found = reviews(page(review(mood="angry"), business=unit(owner="somebody")))
    assert found.unknown_fields == {"mood": 1, "owner": 1}


def test_competitors_of_a_category(read):
    listed = {
        "businessUnitId": "1",
        "stars": 4,
        "identifyingName": "www.other-tea.example",
        "displayName": "Other Tea",
        "numberOfReviews": 1200,
        "trustScore": 4.1,
        "contact": {"email": "x@other-tea.example"},
        "location": {"address": "1 Tea Road"},
    }
    props = {"businessUnits": {"businesses": [listed], "totalPages": 2}}
    found = read("trustpilot", "category", html({"props": {"pageProps": props}}), HTML)
    assert [dict(item.columns) for item in found.items] == [
        {
            "subject_id": "www.other-tea.example",
            "subject_name": "Other Tea",
            "rating": 4.1,
            "rating_best": 5,
            "rating_text": "4",
            "review_count": 1200,
        }
    ]
    assert (found.listed, found.pages, found.unknown_fields) == (1, 2, {})


@pytest.mark.parametrize(
    ("body", "outcome", "words"),
    [
        (b"<html><body><h1>Reviews</h1></body></html>", "drift", "no script#__NEXT_DATA__"),
        (html({"props": {"pageProps": {}}}), "drift", "no props.pageProps.businessUnit"),
        (b"<html><script>window.awsWafCookieDomainList = []</script></html>", "blocked", "awsWaf"),
        (b'<html><div id="captcha">Slide</div></html>', "blocked", "captcha"),
        (b'<html><script id="__NEXT_DATA__">{"props": {"pa</script>', "partial", "breaks off"),
    ],
)
def test_pages_that_are_none(reviews, body, outcome, words):
    with pytest.raises(PageProblemError, match=words) as caught:
        reviews(body)
    assert caught.value.outcome == outcome


def captured(shared, name):
    return json.loads((shared / "captures/trustpilot" / name).read_bytes())


def check_review(item, source):
    """A review beside what its captured object says."""
    assert not isinstance(item, Unreadable), item.problem
    columns = item.columns
    assert item.natural_key == source["id"]
    assert columns["rating"] == source["rating"]
    assert (columns["title"], columns["language"]) == (source["title"], source["language"])
    assert (columns["body"] or "") == (source["text"] or "")
    assert columns["author"] == source["consumer"]["id"]
    assert columns["country"] == source["consumer"]["countryCode"]
    assert columns["is_verified"] is source["labels"]["verification"]["isVerified"]
    assert columns["vote_count"] == source["likes"]
    dates = source["dates"]
    assert f"{columns['created_at']:%Y-%m-%dT%H:%M:%S}.000Z" == dates["publishedDate"]
    assert f"{columns['experienced_on']}T00:00:00.000Z" == dates["experiencedDate"]
    assert (columns["updated_at"] is None) == (dates["updatedDate"] is None)
    reply = source["reply"]
    assert columns["reply"] == (reply and reply["message"])
    if reply:
        assert f"{columns['replied_at']:%Y-%m-%dT%H:%M:%S}.000Z" == reply["publishedDate"]


@pytest.mark.shared
def test_the_captured_reviews(reviews, shared):
    sources = captured(shared, "scrapfly_reviews.json")
    assert len(sources) == 60
    found = reviews(page(*sources))
    assert found.unknown_fields == {}
    for item, source in zip(found.items[:-1], sources, strict=True):
        check_review(item, source)


@pytest.mark.shared
def test_the_captured_companies_with_their_reviews(reviews, shared):
    companies = captured(shared, "scrapfly_companies.json")
    assert len(companies) == 3
    for company in companies:
        details = company["companyDetails"]
        found = reviews(page(*company["reviews"], business=details))
        assert found.unknown_fields == {}
        *items, business = found.items
        for item, source in zip(items, company["reviews"], strict=True):
            check_review(item, source)
        assert business.natural_key == details["identifyingName"]
        assert business.columns["rating"] == details["trustScore"]
        assert business.columns["rating_text"] == str(details["stars"])
        assert business.columns["review_count"] == details["numberOfReviews"]


@pytest.mark.shared
def test_the_captured_listing_of_a_category(read, shared):
    sources = captured(shared, "scrapfly_search.json")
    props = {"businessUnits": {"businesses": sources, "totalPages": 3}}
    found = read("trustpilot", "category", html({"props": {"pageProps": props}}), HTML)
    assert found.unknown_fields == {}
    for item, source in zip(found.items, sources, strict=True):
        assert item.natural_key == source["identifyingName"]
        assert item.columns["subject_name"] == source["displayName"]
        assert item.columns["rating"] == source["trustScore"]
        assert item.columns["review_count"] == source["numberOfReviews"]
