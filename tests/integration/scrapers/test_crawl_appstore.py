"""App Store nights over HTTP on loopback: ends, hiccups, repeats, and what is kept of a failure."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime

import pytest

from scrapers.http.archive import read_response

pytestmark = pytest.mark.integration
STORE = {"platform": "appstore", "options": {"country": "cn", "app_id": "6400000001"}}
END = b"CustomerReviews RSS page depth is limited to 10"
EMPTY = 3  # so many empty answers are believed


def page_of(seen):
    return int(re.search(r"/page=(\d+)/", seen.path).group(1))


@pytest.fixture
def pages(host, answer, feed):
    """Serve these entries as pages 1, 2, …, and nothing after them."""

    def serve(*entries):
        def reply(seen):
            number = page_of(seen)
            found = entries[number - 1] if number <= len(entries) else None
            return answer(feed(found), headers={"Content-Type": "text/javascript; charset=latin-1"})

        host.answer = reply

    return serve


def test_two_pages_and_their_end(night, pages, reviews, host):
    app = {"im:name": {"label": "云雾茶"}, "id": {"label": "https://apps.apple.com/app/id1"}}
    pages([app, *reviews(1, 50)], reviews(51, 1)[0])
    crawled = night(**STORE, unit_id="hq")
    assert crawled.run.status == "complete"
    rows = crawled.records("review")
    assert sorted(int(row["review_id"]) for row in rows) == list(range(1, 52))
    one = rows[0]
    assert (one["rating"], one["title"], one["country"]) == (2, "等太久", "cn")
    assert (one["app_id"], one["unit_id"]) == ("6400000001", "hq")
    assert one["updated_at"] == datetime(2026, 9, 21, 6, 40, 59, tzinfo=UTC)
    assert (one["event_at"], one["event_precision"]) == (one["updated_at"], "second")
    assert one["event_at_raw"] == "2026-09-20T23:40:59-07:00"
    assert [page_of(seen) for seen in host.pages] == [1, 2, *[3] * EMPTY]
    assert crawled.run.watermark == one["updated_at"]
    assert (crawled.run.seen, crawled.run.landed, crawled.run.quarantined) == (51, 51, 0)


def test_no_personal_data_lands(night, pages, reviews):
    pages(reviews(1, 2))
    crawled = night(**STORE)
    rows = crawled.records("review")
    assert rows[0]["body"] == "客服让我打 [mobile]，没人接。"
    assert rows[0]["author_hash"]
    assert "茶茶小鹿" not in str(rows)
    assert "https://x/id9" not in str(rows)
    masks = crawled.rows("requests", "masked_value")
    told = [(row["entity"], row["file"], row["kind"], row["masked_values"]) for row in masks]
    assert told == [("review", rows[0]["url"], "mobile", 2)]
    assert crawled.run.masked_values == 2


def test_an_empty_answer_is_asked_again_before_it_is_believed(night, host, answer, feed, reviews):
    def reply(seen):
        full = page_of(seen) == 1 and seen.nth == 2
        return answer(feed(reviews(1, 3) if full else None))

    host.answer = reply
    crawled = night(**STORE)
    assert crawled.run.status == "complete"
    assert len(crawled.records("review")) == 3
    assert crawled.page_outcomes == [
        (1, 200, "partial"),
        (1, 200, "ok"),
        (2, 200, "partial"),
        (2, 200, "partial"),
        (2, 200, "empty_confirmed"),
    ]


def test_an_app_without_reviews_is_complete_and_says_so(night, pages):
    pages()
    crawled = night(**STORE)
    assert (crawled.run.status, crawled.run.landed) == ("complete", 0)
    assert crawled.run.watermark is None


def test_silence_after_reviews_is_a_failure(night, pages, reviews):
    pages(reviews(1, 3))
    night(**STORE)
    pages()
    crawled = night(**STORE, run_id="run-2")
    assert crawled.run.status == "failed"
    assert "although it held items before" in crawled.run.message


def test_the_page_after_the_last_is_the_end_and_not_asked_for(night, host, answer, feed, reviews):
    host.answer = lambda seen: answer(feed(reviews(page_of(seen) * 50, 50)))
    crawled = night(**STORE)
    assert crawled.run.status == "complete"
    assert len(crawled.records("review")) == 500
    assert [page_of(seen) for seen in host.pages] == list(range(1, 11))


def test_the_depth_limit_is_the_end_wherever_it_comes(night, host, answer, feed, reviews):
    def reply(seen):
        if page_of(seen) < 3:
            return answer(feed(reviews(page_of(seen) * 50, 50)))
        return answer(END, status=400, headers={"Content-Type": "text/plain"})

    host.answer = reply
    crawled = night(**STORE)
    assert crawled.run.status == "complete"
    assert crawled.page_outcomes == [(1, 200, "ok"), (2, 200, "ok"), (3, 400, "ok")]


def test_another_400_is_no_end(night, host, answer):
    host.answer = lambda seen: answer(b"bad id", status=400)
    crawled = night(**STORE)
    assert crawled.run.status == "failed"
    assert crawled.page_outcomes == [(1, 400, "error")]


def test_a_known_page_ends_the_night_early(night, pages, reviews, host):
    pages(
        reviews(100, 50, "2026-09-20"), reviews(50, 50, "2026-09-01"), reviews(1, 49, "2026-08-01")
    )
    first = night(**STORE)
    assert len(first.records("review")) == 149
    host.seen.clear()
    pages(
        reviews(150, 50, "2026-09-28"),
        reviews(100, 50, "2026-09-20"),
        reviews(50, 50, "2026-09-01"),
        reviews(1, 49, "2026-08-01"),
    )
    second = night(**STORE, run_id="run-2")
    assert second.run.status == "complete"
    assert [page_of(seen) for seen in host.pages] == [1, 2, 3]


def test_one_old_review_among_new_ones_ends_nothing(night, pages, reviews, host):
    pages(reviews(1, 1, "2026-09-20"))
    night(**STORE)
    host.seen.clear()
    pages([*reviews(500, 1, "2026-05-01"), *reviews(2, 49, "2026-09-28")], reviews(51, 50))
    crawled = night(**STORE, run_id="run-2")
    assert {page_of(seen) for seen in host.pages} == {1, 2, 3}
    assert len({row["review_id"] for row in crawled.records("review")}) == 101


def test_another_app_begins_its_own_history(night, pages, reviews, host):
    pages(reviews(50, 50, "2026-09-20"), reviews(1, 49, "2026-08-01"))
    night(**STORE)
    host.seen.clear()
    pages(reviews(550, 50, "2026-09-01"), reviews(501, 49, "2026-06-01"))
    other = {"platform": "appstore", "options": {"country": "cn", "app_id": "77"}}
    night(**other, run_id="run-2")
    assert {page_of(seen) for seen in host.pages} == {1, 2, 3}


def test_a_feed_that_ends_before_what_is_known_says_so(night, host, answer, feed, reviews):
    host.answer = lambda seen: answer(feed(reviews(1, 1, "2026-08-01")))
    night(**STORE)
    host.answer = lambda seen: answer(feed(reviews(page_of(seen) * 50, 50, "2026-09-28")))
    crawled = night(**STORE, run_id="run-2")
    assert crawled.run.status == "complete"
    assert "can't be read any more" in crawled.run.message


def test_a_feed_that_repeats_itself_ends(night, host, answer, feed, reviews):
    host.answer = lambda seen: answer(feed(reviews(1, 50)))
    crawled = night(**STORE)
    assert crawled.run.status == "complete"
    assert "page 2 repeats earlier pages" in crawled.run.message
    assert len(host.pages) == 3  # one page alone might have been pushed down by new reviews


def test_an_unreadable_review_goes_to_quarantine_with_its_place(night, pages, reviews):
    bad = reviews(2, 1, **{"im:rating": "9"})
    future = reviews(4, 1, "2027-01-01")
    pages([*reviews(1, 1), *bad, *reviews(3, 1), *future])
    crawled = night(**STORE)
    assert crawled.run.status == "complete"
    assert sorted(row["review_id"] for row in crawled.records("review")) == ["1", "3"]
    found = {row["reason_code"]: row for row in crawled.quarantine}
    assert set(found) == {"out_of_range", "future_timestamp"}
    stars = found["out_of_range"]
    assert (stars["line"], stars["column"], stars["natural_key"]) == (2, "rating", "2")
    assert stars["value_masked"] == "9"
    response = read_response(crawled.home / stars["archive_file"], stars["archive_offset"])
    assert "/page=1/" in response.url
    assert crawled.run.watermark == datetime(2026, 9, 21, 6, 40, 59, tzinfo=UTC)


def test_a_page_of_which_nothing_can_be_read_is_drift(night, pages, reviews):
    pages(reviews(1, 5, updated="last week"))
    crawled = night(**STORE)
    assert crawled.run.status == "failed"
    assert crawled.page_outcomes == [(1, 200, "drift")]
    assert "none of 5 items could be read" in crawled.run.message
    assert len(crawled.quarantine) == 5


def test_what_came_before_a_failure_is_kept(night, host, answer, feed, reviews):
    def reply(seen):
        if page_of(seen) == 1:
            return answer(feed(reviews(1, 50)))
        return answer(b"<html>are you a robot?</html>", headers={"Content-Type": "text/html"})

    host.answer = reply
    crawled = night(**STORE)
    assert crawled.run.status == "partial"
    assert crawled.run.watermark is None
    assert len(crawled.records("review")) == 50
    assert crawled.page_outcomes == [(1, 200, "ok"), (2, 200, "blocked")]
    assert "What came is kept" in crawled.run.message


def test_exact_bytes_are_archived_bad_ones_too(night, host, answer, feed, reviews):
    packed = gzip.compress(feed(reviews(1, 2)), mtime=0)

    def reply(seen):
        if page_of(seen) == 1 and seen.nth == 1:
            return answer("<p>出错了</p>".encode(), status=500, headers={"X-Cause": "tea"})
        if page_of(seen) == 1:
            return answer(packed, headers={"Content-Encoding": "gzip"}, chunked=True)
        return answer(feed(None))

    host.answer = reply
    crawled = night(**STORE)
    assert crawled.run.status == "complete"
    bad, good = [row for row in crawled.outcomes if row["page_no"] == 1]
    archived = read_response(crawled.home / bad["archive_file"], bad["archive_offset"])
    assert (archived.status, archived.wire.decode()) == (500, "<p>出错了</p>")
    assert ("X-Cause", "tea") in archived.headers
    archived = read_response(crawled.home / good["archive_file"], good["archive_offset"])
    assert archived.wire == packed
    assert good["bytes"] == len(packed)
    (record, _) = crawled.records("review")
    assert record["archive_file"] == "lake/archive/source=src/dt=2026-09-30/run-1.warc.gz"
    assert record["archive_offset"] == good["archive_offset"]
    mode = (crawled.home / record["archive_file"]).stat().st_mode
    assert mode & 0o077 == 0
