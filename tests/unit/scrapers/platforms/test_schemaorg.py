"""Pages with schema.org markup: every shape that sites write it in, read into the same rows."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime

import pytest

from scrapers.parsing import PageProblemError, Unreadable

HTML = "text/html"


def ld(*blocks):
    scripts = "".join(
        f'<script type="application/ld+json">{b if isinstance(b, str) else json.dumps(b)}</script>'
        for b in blocks
    )
    return f"<html><head>{scripts}</head><body></body></html>".encode()


def review(**changes):
    return {
        "@type": "Review",
        "author": {"@type": "Person", "name": "茶茶小鹿"},
        "datePublished": "2026-09-20",
        "name": "凉了",
        "reviewBody": "茶是凉的。",
        "reviewRating": {"@type": "Rating", "ratingValue": 2},
    } | changes


def product(**changes):
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": "桂花乌龙",
        "sku": "oolong",
    } | changes


@pytest.fixture
def items(read):
    def found(body, record="review"):
        page = read("schemaorg", "page", body, HTML)
        return [item for item in page.items if item.record == record]

    return found


EXPECTED = {
    "review_id": ...,
    "product_id": "oolong",
    "subject_name": "桂花乌龙",
    "rating": 2.0,
    "rating_best": 5.0,
    "title": "凉了",
    "body": "茶是凉的。",
    "language": None,
    "author": "茶茶小鹿",
    "created_at": date(2026, 9, 20),
    "updated_at": None,
}
MICRODATA = """<div itemscope itemtype="https://schema.org/Product">
<h1 itemprop="name">桂花乌龙</h1><meta itemprop="sku" content="oolong">
<div itemprop="review" itemscope itemtype="https://schema.org/Review"><b itemprop="name">凉了</b>
<span itemprop="author" itemscope itemtype="https://schema.org/Person">
<span itemprop="name">茶茶小鹿</span></span><time itemprop="datePublished"
datetime="2026-09-20">20 September</time><span itemprop="reviewRating" itemscope
itemtype="https://schema.org/Rating"><meta itemprop="ratingValue" content="2"></span>
<p itemprop="reviewBody">茶是凉的。</p></div></div>"""
ABOUT = {"@type": "Product", "name": "桂花乌龙", "sku": "oolong"}


@pytest.mark.parametrize(
    "body",
    [
        ld(product(review=review())),
        ld(product(review=[review()])),
        ld(product(reviews=[review()])),
        ld([product(), review(itemReviewed=ABOUT)]),
        ld({"@graph": [{"@type": "WebPage"}, product(review=[review()])]}),
        ld({"@graph": [product(**{"@id": "#tea"}), review(itemReviewed={"@id": "#tea"})]}),
        ld({"@type": "WebPage", "mainEntity": product(review=review(author="茶茶小鹿"))}),
        ld(product(review=review(**{"@type": ["UserReview", "Review"]}, reviewRating="2"))),
        ld(product(review={k: v for k, v in review().items() if k != "@type"})),
        ld("{broken", product(review=review())),
        ld(
            "// our plugin\n" + json.dumps(product(review=review()), ensure_ascii=False)[:-1] + ",}"
        ),
        MICRODATA.encode(),
        b'<?xml version="1.0" encoding="UTF-8"?><html><body>'
        + MICRODATA.encode()
        + b"</body></html>",
        ld(product()).replace(b"<body>", b"<body>" + MICRODATA.encode()),
        ld(product(review=review())).replace(b"<body>", b"<body>" + MICRODATA.encode()),
        MICRODATA.encode("gbk"),
    ],
)
def test_one_review_however_it_is_written(items, body):
    (item,) = items(body)
    assert not isinstance(item, Unreadable), item.problem
    assert dict(item.columns) == EXPECTED | {"review_id": item.natural_key}
    assert re.fullmatch(r"[0-9a-f]{24}#1", item.natural_key)


def test_the_same_content_has_the_same_key_in_every_shape(items):
    keys = {
        items(body)[0].natural_key for body in (ld(product(review=review())), MICRODATA.encode())
    }
    assert len(keys) == 1


def test_control_characters_are_read(items):
    text = json.dumps(product(review=review(reviewBody="LINE")), ensure_ascii=False)
    (item,) = items(ld(text.replace("LINE", "一行\n又一行")))
    assert item.columns["body"] == "一行\n又一行"


def test_equal_reviews_are_told_apart_by_their_number(items):
    body = ld(product(review=[review(), review(reviewBody="好喝"), review()]))
    first, other, second = (item.natural_key.split("#") for item in items(body))
    assert first[0] == second[0] != other[0]
    assert (first[1], other[1], second[1]) == ("1", "1", "2")


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"@id": "https://shop.example/r/7"}, "https://shop.example/r/7"),
        ({"@id": "#review-7"}, "oolong#review-7"),
        ({"identifier": {"@type": "PropertyValue", "value": 71}}, "71"),
    ],
)
def test_an_id_is_the_key_where_there_is_one(items, given, key):
    (item,) = items(ld(product(review=review(**given))))
    assert (item.natural_key, item.columns["review_id"]) == (key, key)


def test_with_and_without_an_id_on_one_page(items):
    body = ld(product(review=[review(), review(**{"@id": "#r2"}), review()]))
    first, second, third = (item.natural_key for item in items(body))
    assert second == "oolong#r2"
    assert (first[-2:], third[-2:], first[:-2] == third[:-2]) == ("#1", "#2", True)


@pytest.mark.parametrize(
    ("rating", "value", "best", "worst"),
    [
        ({"ratingValue": "4,5"}, 4.5, 5, 1),
        ({"ratingValue": 8, "bestRating": 10, "worstRating": 0}, 8, 10, "0"),
        ({"ratingValue": "80%"}, 80, 100, "0"),
        ({"ratingValue": "4/6"}, 4, 6, 1),
        ("3", 3, 5, 1),
        (["4"], 4, 5, 1),
    ],
)
def test_every_scale_is_kept(items, rating, value, best, worst):
    (item,) = items(ld(product(review=review(reviewRating=rating))))
    assert (item.columns["rating"], item.columns["rating_best"]) == (value, best)
    assert item.payload == {"worst": worst}


def test_a_review_without_stars_has_no_scale(items):
    (item,) = items(ld(product(review=review(reviewRating=None))))
    assert (item.columns["rating"], item.columns["rating_best"]) == (None, None)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2026-09-20T08:00:00+08:00", datetime(2026, 9, 20, 0, 0, tzinfo=UTC)),
        ("2026-09-20T08:00:00Z", datetime(2026, 9, 20, 8, 0, tzinfo=UTC)),
        ("2026-09-20 08:00:00", datetime(2026, 9, 20, 8, 0, tzinfo=UTC)),
        (None, None),
    ],
)
def test_times(items, said, expected):
    (item,) = items(ld(product(review=review(datePublished=said))))
    assert item.columns["created_at"] == expected


@pytest.mark.parametrize("said", ["04.05.2006", "May 4, 2006", "0001-01-01"])
def test_dates_that_could_mean_two_days_are_quarantined(items, said):
    bad, good = items(ld(product(review=[review(datePublished=said), review()])))
    assert isinstance(bad, Unreadable)
    assert (bad.problem.column, bad.problem.code) == ("created_at", "bad_timestamp")
    assert good.columns["created_at"] == date(2026, 9, 20)


@pytest.mark.parametrize(
    ("subject", "key"),
    [
        ({"sku": "s-1", "url": "https://shop.example/a"}, "s-1"),
        ({"isbn": "978"}, "978"),
        ({"@id": "#p", "url": "https://shop.example/a?sid=1#x"}, "https://shop.example/a"),
        ({"@id": "_:b0"}, "云雾茶"),
    ],
)
def test_what_a_rating_is_about(items, subject, key):
    rating = {"@type": "AggregateRating", "ratingValue": "4.4", "reviewCount": "1,089"}
    about = {"@type": "LocalBusiness", "name": "云雾茶", "aggregateRating": rating} | subject
    (item,) = items(ld(about), "rating")
    assert dict(item.columns) == {
        "subject_id": key,
        "subject_name": "云雾茶",
        "rating": 4.4,
        "rating_best": 5.0,
        "rating_count": None,
        "review_count": 1089,
    }


def test_the_same_rating_beside_every_review_is_one(items):
    about = ABOUT | {"aggregateRating": {"ratingValue": 4, "ratingCount": 9}}
    body = ld([review(itemReviewed=about), review(itemReviewed=about)])
    assert len(items(body)) == 2
    (rating,) = items(body, "rating")
    assert rating.columns["rating_count"] == 9


def test_a_rating_about_nothing_is_quarantined(items):
    (item,) = items(ld({"@type": "AggregateRating", "ratingValue": 4}), "rating")
    assert (item.problem.column, item.problem.code) == ("subject_id", "missing_required")


def test_a_damaged_block_is_noted_and_costs_itself(read):
    page = read("schemaorg", "page", ld("{broken", product(review=review())), HTML)
    assert page.listed == 1
    assert page.notes == {
        "A page has structured data that is damaged; the rest of the page was read."
    }
    assert read("schemaorg", "page", ld(product(review=review())), HTML).notes == frozenset()


@pytest.mark.parametrize(
    ("body", "outcome", "again"),
    [
        (ld("{broken"), "partial", True),
        (b"  ", "partial", True),
        (b'{"error": "login"}', "drift", False),
        (b"<title>Just a moment...</title>", "blocked", False),
    ],
)
def test_bodies_that_are_no_page(read, body, outcome, again):
    with pytest.raises(PageProblemError) as caught:
        read("schemaorg", "page", body, HTML)
    assert (caught.value.outcome, caught.value.again) == (outcome, again)


def captured(shared, name):
    return (shared / "captures/schemaorg" / name).read_bytes()


def said(body, name):
    """The text of the first `itemprop` of a captured page, by a plain search."""
    found = re.search(rf'itemprop="{name}">\s*([^<]*?)\s*<'.encode(), body)
    assert found is not None
    return found[1].decode()


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("misc_product_microdata.html", "mpn"),
        ("schema.org_product.html", ""),
        ("schema.org_product-ref.html", ""),
        ("schema.org_LocalBusiness.002.html", "url"),
    ],
)
def test_the_captured_ratings(read, shared, name, key):
    body = captured(shared, name)
    page = read("schemaorg", "page", body, HTML)
    assert page.listed == 0
    (item,) = page.items
    assert item.columns["subject_name"] == said(body, "name")
    assert item.columns["rating"] == float(said(body, "ratingValue"))
    assert item.columns["review_count"] == int(said(body, "reviewCount"))
    if key == "mpn":
        assert item.natural_key == said(body, "mpn")
    if key == "url":
        assert f'itemprop="url" href="{item.natural_key}"'.encode() in body


@pytest.mark.shared
def test_the_captured_book_with_its_reviews(read, shared):
    body = captured(shared, "schema.org_CreativeWork.001.html")
    (block,) = re.findall(rb'<script type="application/ld\+json">(.*?)</script>', body, re.DOTALL)
    book = json.loads(block)["mainEntity"]
    *reviews, rating = read("schemaorg", "page", body, HTML).items
    for item, source in zip(reviews, book["review"], strict=True):
        assert item.columns["product_id"] == book["isbn"]
        assert item.columns["author"] == source["author"]
        assert item.columns["title"] == source["name"]
        assert item.columns["body"] == source["reviewBody"]
        assert item.columns["created_at"].isoformat() == source["datePublished"]
        stars = source["reviewRating"]
        stars = stars["ratingValue"] if isinstance(stars, dict) else stars
        assert item.columns["rating"] == float(stars)
    told = book["aggregateRating"]
    assert rating.columns["review_count"] == int(told["reviewCount"])
    assert rating.columns["rating"] == float(told["ratingValue"])


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "custom.invalid_JSONLD_with_JS_comment.html",
        "custom.invalid_JSONLD_with_control_characters.html",
        "websites_microdata-with-description.html",
    ],
)
def test_captured_pages_without_a_review_are_read_to_nothing(read, judged, shared, name):
    """Broken JSON-LD is forgiven (nothing is noted as damaged); they tell of other things."""
    body = captured(shared, name)
    assert not re.search(rb"schema\.org/(Aggregate)?R(eview|ating)|ratingValue", body)
    page = read("schemaorg", "page", body, HTML)
    assert (page.items, page.notes) == ((), frozenset())
    assert judged("schemaorg", "page", body, HTML).outcome == "empty_confirmed"
