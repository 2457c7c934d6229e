"""BBB pages: complaints with the business's answer, reviews, and what it says of a business."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from scrapers.parsing import PageProblemError, Unreadable

HTML = "text/html; charset=utf-8"
PROFILE = "us/ca/san-francisco/profile/tea-house/yunwu-tea-1116-880001"


def card(
    key="228800007", day="09/28/2026", body="No tea, no refund. 没有退款。", status="Answered"
):
    identity = f' id="{key}"' if key else ""
    return (
        f'<li class="card bpr-complaint-grid"{identity}>'
        f'<p class="bpr-complaint-date"><span>{day}</span></p>'
        '<div class="bpr-complaint-type"><strong>Type:</strong><span>Delivery Issues</span></div>'
        f'<div class="bpr-complaint-status"><span>{status}</span></div>'
        f'<div class="bpr-complaint-body">{body}</div></li>'
    )


def page(*cards):
    return f'<main><h1 class="bpr-title">Yunwu Tea</h1><ul>{"".join(cards)}</ul></main>'.encode()


@pytest.fixture
def complaints(read):
    return lambda body: read("bbb", "complaints", body, HTML, context={"profile": PROFILE})


ANSWERED = (
    "<div>No tea,<br>no refund.</div><div><h4>Business response</h4><p>09/30/2026</p>"
    "<div>We paid it back.</div></div>"
)


def test_reads_a_complaint_and_the_answer_inside_its_body(complaints):
    (item,) = complaints(page(card(body=ANSWERED))).items
    assert dict(item.columns) == {
        "complaint_id": "228800007",
        "company": PROFILE,
        "issue": "Delivery Issues",
        "status": "replied",
        "status_raw": "Answered",
        "narrative": "No tea,\nno refund.",
        "company_response": "We paid it back.",
        "replied_at": date(2026, 9, 30),
        "received_at": date(2026, 9, 28),
    }
    assert item.event == date(2026, 9, 28)


@pytest.mark.parametrize(
    ("body", "narrative", "response", "day"),
    [
        ("No tea. 没有茶。", "No tea. 没有茶。", None, None),
        (
            "<p>Late.</p><h4>Business Response</h4>Date: 1/5/2026 <p>Sorry.</p>",
            "Late.",
            "Sorry.",
            date(2026, 1, 5),
        ),
        ("The Business response was rude.", "The Business response was rude.", None, None),
        ("", None, None, None),
    ],
)
def test_where_the_answer_begins(complaints, body, narrative, response, day):
    (item,) = complaints(page(card(body=body))).items
    columns = item.columns
    assert (columns["narrative"], columns["company_response"]) == (narrative, response)
    assert columns["replied_at"] == day


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Resolved", "resolved"),
        ("Answered", "replied"),
        ("Unresolved", "replied"),
        ("Unanswered", "closed"),
    ],
)
def test_statuses(complaints, word, status):
    (item,) = complaints(page(card(status=word))).items
    assert (item.columns["status"], item.columns["status_raw"]) == (status, word)


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"key": None}, "complaint_id", "missing_required"),
        ({"day": "28.09.2026"}, "received_at", "bad_timestamp"),
        ({"day": ""}, "received_at", "missing_required"),
        ({"status": "Escalated"}, "status", "unknown_enum"),
    ],
)
def test_one_complaint_that_can_not_be_read_costs_no_other(complaints, changes, column, code):
    bad, good = complaints(page(card(**changes), card("228800008"))).items
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.problem.code) == (column, code)
    assert good.natural_key == "228800008"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"<html><title>Just a moment...</title></html>", "blocked"),
        (b"<html><h1>Yunwu Tea</h1></html>", "drift"),
        (b'{"error": 1}', "drift"),
    ],
)
def test_pages_that_are_none(complaints, body, outcome):
    with pytest.raises(PageProblemError) as caught:
        complaints(body)
    assert caught.value.outcome == outcome


REVIEW = (
    '<li class="card bpr-review stack dtm-review"{id}><h3><span>Review from Jenny K</span></h3>'
    '<p class="bds-body">Date: 09/12/2026</p><div><span>2 stars</span></div><div>Too sweet.</div>'
    '<div class="bpr-review-business-response-grid">'
    '<p class="bpr-review-business-response-date">Date: 09/14/2026</p>'
    '<div class="bpr-review-business-response-body">Try half sugar.</div></div></li>'
)


def test_reads_a_review_with_its_answer(read):
    body = REVIEW.format(id=' id="r7"').encode()
    (item,) = read("bbb", "reviews", body, HTML, context={"profile": PROFILE}).items
    assert item.natural_key == "r7"
    assert item.columns["author"] == "Jenny K"
    assert (item.columns["rating"], item.columns["rating_best"]) == (2.0, 5)
    assert (item.columns["body"], item.columns["reply"]) == ("Too sweet.", "Try half sugar.")
    assert item.columns["created_at"] == date(2026, 9, 12)
    assert item.columns["replied_at"] == date(2026, 9, 14)


def test_reviews_without_an_id_are_known_by_what_they_say(read):
    other = REVIEW.replace("Too sweet.", "Too cold.").format(id="")
    body = f"<ul>{REVIEW.format(id='')}{other}{REVIEW.format(id='')}</ul>".encode()
    keys = [item.natural_key for item in read("bbb", "reviews", body, HTML).items]
    first, second, third = (key.split("#") for key in keys)
    assert first[0] == third[0] != second[0]
    assert [first[1], second[1], third[1]] == ["1", "1", "2"]


@pytest.mark.shared
def test_the_captured_search_answer(read, shared):
    body = (shared / "captures/bbb/api_search_listing_sample.json").read_bytes()
    data = json.loads(body)
    found = read("bbb", "search", body, "application/json")
    assert (found.listed, found.pages, found.shown) == (2, data["totalPages"], data["page"])
    assert found.unknown_fields == {}
    for item, source in zip(found.items, data["results"], strict=True):
        assert item.natural_key == f"{source['bbbId']}-{source['businessId']}"
        assert item.columns["subject_name"] == source["businessName"]
        assert item.columns["rating_text"] == source["rating"]
        assert item.columns["rating"] == source.get("ratingScore")
        assert item.columns["rating_best"] == (100 if "ratingScore" in source else None)


@pytest.mark.shared
def test_the_captured_head_of_a_reviews_page(read, shared):
    body = (shared / "captures/bbb/customer_reviews_page_jsonld_excerpt.html").read_bytes()
    (block,) = re.findall(rb'<script type="application/ld\+json">(.*?)</script>', body)
    business = json.loads(block)[0]
    told = {part["name"]: part["value"] for part in business["additionalProperty"]}
    found = read("bbb", "profile", body, HTML)
    assert found.unknown_fields == {}
    (item,) = found.items
    assert business["@id"].endswith(f"-{item.natural_key}")
    assert item.columns["subject_name"] == business["name"]
    assert item.columns["rating_text"] == told["BBB Rating"]
    assert item.columns["review_count"] == int(told["BBB Customer Reviews"])
    closed = told["BBB Complaints Closed in Last 3 Years"]
    assert json.loads(item.columns["breakdown"]) == {"complaints_closed_3_years": closed}
    assert item.columns["rating"] is None
