"""Nights on a shop with schema.org reviews: sitemap, every markup, lasting keys, pages that go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from demo.replica import Answer, Asked, ReplicaServer
from demo.replica.failures import Dates, Encoding, Keys, SoftBlock
from demo.replica.sites.schemaorg import PRODUCTS, SchemaOrgSite, sample_rows
from scrapers.crawl import Mode

pytestmark = pytest.mark.integration
PATHS = [f"/products/{product}.html" for product in PRODUCTS]


@pytest.fixture
def crawl(night):
    def run(server, **more):
        given = {
            "platform": "schemaorg",
            "base_url": server.url,
            "options": {"sitemap": "/sitemap.xml", "match": "/products/"},
        }
        return night(**given | more)

    return run


def said(rows):
    """What identifies reviews whatever their key: subject, time, text; sorted."""
    return sorted(
        (PRODUCTS[r.product], r.at.astimezone(UTC), r.text, float(r.rating)) for r in rows
    )


def landed(crawled, run_id="run-1"):
    return sorted(
        (row["subject_name"], row["created_at"], row["body"], row["rating"])
        for row in crawled.records("review")
        if row["run_id"] == run_id
    )


@pytest.mark.parametrize("markup", ["json_ld", "graph", "list", "comment", "microdata"])
def test_the_sitemap_leads_to_every_review_in_every_markup(crawl, markup):
    rows = sample_rows(40)
    with ReplicaServer(sites=[SchemaOrgSite(rows, markup=markup)]) as server:
        crawled = crawl(server)
        asked = [served.path for served in server.pages]
    assert crawled.run.status == "complete", crawled.run.message
    assert asked == ["/sitemap.xml", "/sitemap-products.xml", *PATHS]
    assert landed(crawled) == said(rows)
    assert len({row["review_id"] for row in crawled.records("review")}) == 40
    ratings = {row["subject_name"]: row for row in crawled.records("rating_summary")}
    assert set(ratings) == set(PRODUCTS.values())
    for product, name in PRODUCTS.items():
        stars = [row.rating for row in rows if row.product == product]
        assert ratings[name]["review_count"] == len(stars)
        assert ratings[name]["rating"] == round(sum(stars) / len(stars), 1)
        assert ratings[name]["rating_best"] == 5


def test_keys_hold_from_night_to_night(crawl):
    rows = sample_rows(30)
    site = SchemaOrgSite(rows[2:])
    with ReplicaServer(sites=[site]) as server:
        first = crawl(server)
        site.insert(rows[:2])
        second = crawl(server, day=1)
    assert first.run.status == second.run.status == "complete"
    before = {r["natural_key"] for r in second.records("review") if r["run_id"] == "run-1"}
    after = {r["natural_key"] for r in second.records("review") if r["run_id"] == "run-2"}
    assert (len(before), len(after), len(before & after)) == (28, 30, 28)
    assert second.records("item_state") == []


def test_addresses_that_change_with_every_visit_change_no_key(crawl):
    rows = sample_rows(12)
    churn = Keys(kind="url_churn")
    with ReplicaServer(sites=[SchemaOrgSite(rows)], failures=[churn]) as server:
        crawl(server)
        second = crawl(server, day=1)
    for entity, count in (("review", 12), ("rating_summary", len(PRODUCTS))):
        assert len({row["natural_key"] for row in second.records(entity)}) == count


def test_two_customers_with_the_same_words_are_two(crawl):
    rows = sample_rows(2)
    twin = replace(rows[0], key="9")
    with ReplicaServer(sites=[SchemaOrgSite([rows[0], twin, rows[1]])]) as server:
        crawled = crawl(server)
    keys = [row["natural_key"] for row in crawled.records("review")]
    assert len(set(keys)) == 3
    assert sorted(key[-2:] for key in keys) == ["#1", "#1", "#2"]


def test_pages_by_option_belong_to_their_units(crawl):
    rows = sample_rows(20)
    with ReplicaServer(sites=[SchemaOrgSite(rows, with_ids=True)]) as server:
        first, second = PATHS[:2]
        crawled = crawl(
            server,
            options={"pages": [first, f"{server.url}{second}"]},
            units={f"{server.url}{first}": "east"},
            unit_id="hq",
        )
        assert [served.path for served in server.pages] == [first, second]
    units = {row["product_id"]: row["unit_id"] for row in crawled.records("review")}
    one, other = list(PRODUCTS)[:2]
    assert units == {one: "east", other: "hq"}
    expected = {f"{r.product}#review-{r.key}" for r in rows if r.product in units}
    assert {row["review_id"] for row in crawled.records("review")} == expected


class Missing(SchemaOrgSite):
    """The shop without one of its pages."""

    def __init__(self, rows, status=404):
        super().__init__(rows)
        self.status = status

    def answer(self, asked):
        if asked.path == PATHS[1]:
            return Answer(b"gone", self.status)
        return super().answer(asked)


def test_a_page_that_is_gone_costs_no_other(crawl):
    rows = sample_rows(20)
    with ReplicaServer(sites=[Missing(rows)]) as server:
        crawled = crawl(server)
    assert crawled.run.status == "complete"
    assert PATHS[1] in crawled.run.message
    lost = list(PRODUCTS)[1]
    assert landed(crawled) == said(row for row in rows if row.product != lost)
    assert crawled.page_outcomes[-2:] == [(2, 404, "gone"), (3, 200, "ok")]


def test_a_page_that_can_not_be_read_leaves_the_night_partial(crawl):
    rows = sample_rows(20)
    with ReplicaServer(sites=[Missing(rows, status=500)]) as server:
        crawled = crawl(server, politeness={"max_attempts": 2})
    assert crawled.run.status == "partial"
    assert PATHS[1] in crawled.run.message
    lost = list(PRODUCTS)[1]
    assert landed(crawled) == said(row for row in rows if row.product != lost)


def test_what_robots_txt_keeps_from_us_is_passed_by(crawl):
    class Guarded(SchemaOrgSite):
        def answer(self, asked):
            if asked.path == "/robots.txt":
                return Answer(f"User-agent: *\nDisallow: {PATHS[0]}\n".encode())
            return super().answer(asked)

    rows = sample_rows(20)
    with ReplicaServer(sites=[Guarded(rows)]) as server:
        crawled = crawl(server)
        assert PATHS[0] not in [served.path for served in server.requests]
    assert crawled.run.status == "complete"
    assert landed(crawled) == said(row for row in rows if row.product != next(iter(PRODUCTS)))
    assert [row["outcome"] for row in crawled.outcomes].count("refused") == 1


def test_a_product_without_reviews_ends_nothing(crawl):
    rows = [row for row in sample_rows(30) if row.product != next(iter(PRODUCTS))]
    with ReplicaServer(sites=[SchemaOrgSite(rows)]) as server:
        crawled = crawl(server)
        assert [served.path for served in server.pages][2:] == PATHS
    assert crawled.run.status == "complete"
    assert landed(crawled) == said(rows)
    assert crawled.page_outcomes[2] == (1, 200, "empty_confirmed")


@pytest.mark.parametrize("kind", ["control_chars", "gbk_wrong_charset", "gbk_no_charset"])
def test_odd_bytes(crawl, kind):
    rows = sample_rows(15)
    odd = Encoding(kind=kind, where=r"/products/")
    with ReplicaServer(sites=[SchemaOrgSite(rows)], failures=[odd]) as server:
        crawled = crawl(server)
    assert crawled.run.status == "complete", crawled.run.message
    found = [(n.strip(), at, t.strip(), r) for n, at, t, r in landed(crawled)]
    assert sorted(found) == said(rows)


@pytest.mark.parametrize(
    ("kind", "days"), [("offset", False), ("date_only", True), ("missing", None)]
)
def test_dates_as_shops_write_them(crawl, kind, days):
    rows = sample_rows(10)
    with ReplicaServer(sites=[SchemaOrgSite(rows)], failures=[Dates(kind=kind)]) as server:
        crawled = crawl(server)
    found = {row["body"]: row for row in crawled.records("review")}
    for row in rows:
        kept = found[row.text]
        if days is None:
            assert (kept["created_at"], kept["event_precision"]) == (None, "unknown")
        elif days:
            day = datetime(row.at.year, row.at.month, row.at.day, tzinfo=row.at.tzinfo)
            assert kept["created_at"] == day.astimezone(UTC)
            assert kept["event_precision"] == "day"
        else:
            assert kept["created_at"] == row.at.astimezone(UTC)


def test_relative_dates_are_quarantined_not_guessed(crawl):
    rows = sample_rows(8)
    odd = Dates(kind="relative")
    with ReplicaServer(sites=[SchemaOrgSite(rows)], failures=[odd]) as server:
        crawled = crawl(server)
    assert crawled.records("review") == []
    assert {q["reason_code"] for q in crawled.quarantine} == {"bad_timestamp"}
    assert len(crawled.quarantine) == 8


def test_a_captcha_is_a_block_for_all_pages(crawl):
    captcha = SoftBlock(kind="captcha_html", where=r"/products/")
    with ReplicaServer(sites=[SchemaOrgSite(sample_rows(9))], failures=[captcha]) as server:
        crawled = crawl(server)
        assert [served.path for served in server.pages][2:] == PATHS[:1]
    assert crawled.run.status == "failed"
    assert crawled.page_outcomes[-1] == (1, 200, "blocked")


def test_authors_land_as_hashes(crawl):
    rows = sample_rows(10)
    with ReplicaServer(sites=[SchemaOrgSite(rows)]) as server:
        crawled = crawl(server)
    values = {str(value) for row in crawled.records("review") for value in row.values()}
    assert not values & {row.author for row in rows}
    assert all(row["author_hash"] for row in crawled.records("review"))


def test_addresses_of_another_host_are_refused(crawl):
    with ReplicaServer(sites=[SchemaOrgSite(sample_rows(3))]) as server:
        crawled = crawl(server, options={"pages": "https://elsewhere.example/p.html"})
        assert server.requests == []
    assert crawled.run.status == "failed"
    assert "elsewhere.example" in crawled.run.message


def test_a_saved_page_is_read_like_a_fetched_one(crawl, tmp_path):
    rows = sample_rows(20)
    site = SchemaOrgSite(rows)
    folder = tmp_path / "landing" / "platforms" / "src"
    folder.mkdir(parents=True)
    (folder / "product.html").write_bytes(site.answer(Asked(PATHS[0])).body)
    with ReplicaServer(sites=[site]) as server:
        crawled = crawl(server, mode=Mode(live=False), dropped=folder)
        assert server.requests == []
    product = next(iter(PRODUCTS))
    assert landed(crawled) == said(row for row in rows if row.product == product)
    keys = {row["natural_key"] for row in crawled.records("review")}
    with ReplicaServer(sites=[site]) as server:
        again = crawl(server, options={"pages": PATHS[0]}, source="other")
    assert {row["natural_key"] for row in again.records("review")} == keys
