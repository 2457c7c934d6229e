"""Playing archives back: a killed run is continued as if nothing had happened, a night replayed."""

from __future__ import annotations

import gzip
import re
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from scrapers.http.client import FetchError
from scrapers.http.hosts import Hosts
from scrapers.http.tape import Tape, members

pytestmark = pytest.mark.integration


@pytest.fixture
def tea_shop(host, answer):
    """A host with a bit of everything: a form, a redirect, troubles, a forbidden and a gone page.

    What it answers depends on the request and on how often it came, so that a request that is
    made twice shows.
    """
    host.robots = answer(b"User-agent: *\nDisallow: /secret\n")

    def reply(seen):
        said = b"%s %s %s no. %d" % (
            seen.method.encode(),
            seen.path.encode(),
            seen.body,
            seen.nth,
        )
        if seen.path == "/moved":
            return answer(status=302, headers={"Location": "/here"})
        if seen.path == "/limited" and seen.nth == 1:
            return answer(status=429, headers={"Retry-After": "9"})
        if seen.path == "/cut" and seen.nth == 1:
            return answer(b"0123456789", cut=4)
        if seen.path == "/gone":
            return answer(status=410)
        if seen.path == "/packed":
            return answer(gzip.compress(said, mtime=0), headers={"Content-Encoding": "gzip"})
        return answer(b"captcha", status=403) if seen.path == "/wall" else answer(said)

    host.answer = reply
    return host


ASKS = [
    ("/list", {"page_no": 1}),
    ("/list", {"page_no": 1}),  # the same again: a list's end is asked for twice
    ("/search", {"method": "POST", "form": {"p": "1"}}),
    ("/search", {"method": "POST", "form": {"p": "2"}}),
    ("/secret/1", {}),
    ("/moved", {}),
    ("/limited", {}),
    ("/cut", {}),
    ("/gone", {}),
    ("/packed", {}),
    ("/wall", {}),
    ("/after", {}),
]


def crawl_all(crawl, asks=ASKS):
    """Ask for everything; what each ask ended in: a body, or an outcome with its message."""
    ends = []
    for path, ask in asks:
        try:
            ends.append(crawl.get(path, **ask).body)
        except FetchError as error:
            ends.append((error.outcome, str(error)))
    return ends


def without(rows, *fields):
    """Rows without the fields that may differ."""
    return [replace(row, **dict.fromkeys(fields)) for row in rows]


def cut_after(path, records, torn=b""):
    """Leave an archive as a run leaves it that is killed after so many records, mid-write."""
    with path.open("r+b") as stream:
        stream.truncate([member.end for member in members(stream)][records])
    with path.open("ab") as stream:
        stream.write(torn)


ENDS = [
    b"GET /list  no. 1",
    b"GET /list  no. 2",
    b"POST /search p=1 no. 1",
    b"POST /search p=2 no. 1",
    "refused",
    b"GET /here  no. 1",
    b"GET /limited  no. 2",
    b"GET /cut  no. 2",
    "gone",
    b"GET /packed  no. 1",
    "blocked",
    "blocked",
]


def test_a_run_that_was_killed_after_its_last_record_asks_for_nothing(tea_shop, visit, lake):
    first = visit()
    ends = crawl_all(first)
    assert [end if isinstance(end, bytes) else end[0] for end in ends] == ENDS
    first.archive.__exit__(None, None, None)
    asked = len(tea_shop.seen)

    second = visit(run_id="run-2", time=first.time)
    slept = len(first.time.slept)
    assert crawl_all(second) == ends
    assert len(tea_shop.seen) == asked
    assert len(second.time.slept) == slept
    assert without(second.rows, "archive_file") == without(first.rows, "archive_file")
    assert {row.archive_file for row in second.rows} == {
        "lake/archive/source=src/dt=2026-09-30/run-2.warc.gz",
        None,
    }
    assert [path.name for path in second.archive.path.parent.iterdir()] == ["run-2.warc.gz"]


TORN = [b"", b"\x1f\x8b\x08\x00\x00", b"\0\0\0\0"]


@pytest.mark.parametrize("records", range(1, 17))
def test_a_run_that_is_killed_anywhere_ends_like_an_undisturbed_one(tea_shop, visit, records):
    first = visit()
    ends = crawl_all(first)
    first.archive.__exit__(None, None, None)
    asked = list(tea_shop.seen)
    cut_after(first.archive.path, records, TORN[records % len(TORN)])
    with first.archive.path.open("rb") as stream:  # the host as it was at that moment
        reached = sum(member.head["warc-type"] == "response" for member in members(stream))
    tea_shop.seen[:] = asked[:reached]

    second = visit(run_id="run-2")
    assert [_without_times(end) for end in crawl_all(second)] == list(map(_without_times, ends))
    assert [seen.path for seen in tea_shop.seen] == [seen.path for seen in asked]
    changing = ("archive_file", "archive_offset", "requested_at", "duration_ms", "detail")
    assert without(second.rows, *changing) == without(first.rows, *changing)

    # What it left is one whole night, to be replayed.
    second.archive.__exit__(None, None, None)
    replay = visit(run_id="run-3", tape=Tape.of([second.archive.path]))
    crawl_all(replay)
    assert without(replay.rows, "kind") == without(second.rows, "kind")


def _without_times(end):
    """A breaker's message says when it opened."""
    return end if isinstance(end, bytes) else (end[0], re.sub(r"\d\d:\d\d:\d\d", "", end[1]))


def test_played_answers_keep_their_times(tea_shop, visit, fake_time):
    first = visit()
    fetched_at = first.get("/list").fetched_at
    first.archive.__exit__(None, None, None)
    later = fake_time()
    later.seconds += 3600
    second = visit(run_id="run-2", time=later)
    response = second.get("/list")
    assert response.fetched_at == fetched_at
    assert second.rows[-1].requested_at == fetched_at


def test_the_first_request_after_a_kill_keeps_its_distance(host, visit, fake_time):
    first = visit(min_interval_seconds=30)
    first.get("/1")
    first.archive.__exit__(None, None, None)
    time = fake_time()
    time.seconds = first.time.seconds + 10
    second = visit(run_id="run-2", time=time, min_interval_seconds=30)
    second.get("/1")
    second.get("/2")
    assert time.slept == [20.0]


def test_a_wait_that_a_killed_run_was_told_is_kept(host, visit, fake_time, answer):
    host.answer = lambda seen: (
        answer(status=429, headers={"Retry-After": "60"}) if seen.nth == 1 else answer(b"tea")
    )
    first = visit(max_attempts=1)
    with pytest.raises(FetchError):
        first.get("/1")
    first.archive.__exit__(None, None, None)
    time = fake_time()
    time.seconds = first.time.seconds + 10
    second = visit(run_id="run-2", time=time)
    assert second.get("/1").body == b"tea"
    assert sum(time.slept) == 60.0


def test_a_block_that_a_killed_run_met_still_holds(tea_shop, visit):
    first = visit()
    with pytest.raises(FetchError):
        first.get("/wall")
    first.archive.__exit__(None, None, None)
    second = visit(run_id="run-2")
    with pytest.raises(FetchError, match="HTTP 403"):
        second.get("/wall")
    with pytest.raises(FetchError, match="circuit breaker"):
        second.get("/after")
    assert [seen.path for seen in tea_shop.pages] == ["/wall"]


def test_cookies_of_the_killed_run_are_sent_on(host, visit, answer):
    host.answer = lambda seen: answer(b"tea", headers={"Set-Cookie": "visit=7; Path=/"})
    first = visit()
    first.get("/1")
    first.archive.__exit__(None, None, None)
    second = visit(run_id="run-2")
    second.get("/1")
    second.get("/2")
    assert host.pages[-1].headers["Cookie"] == "visit=7"


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("another spec", {"spec_hash": "spec-2"}),
        ("another spec that begins alike", {"spec_hash": "spec-11"}),
        ("another source", {"source": "other"}),
        ("it is masked", {"masked": True}),
        ("it is old", {"hours": 12}),
        ("its run has finished", {"finished": True}),
        ("its run is still going on", {"alive": True}),
    ],
)
def test_what_is_not_adopted(host, visit, lake, fake_time, why, changes):
    from scrapers.http.mask import Mask

    masked = {"archive_options": {"mask": Mask(text=True)}} if changes.pop("masked", False) else {}
    first = visit(**masked)
    first.get("/1")
    if not changes.pop("alive", False):
        first.archive.__exit__(None, None, None)
    if changes.pop("finished", False):
        (lake.root / "requests/source=src/dt=2026-09-30/run-1").mkdir(parents=True)
    time = fake_time()
    time.seconds += timedelta(hours=changes.pop("hours", 1)).total_seconds()
    second = visit(run_id="run-2", time=time, **changes)
    second.get("/1")
    assert len(host.pages) == 2, why
    assert first.archive.path.exists()
    assert second.archive.path.exists()


def test_the_same_run_tried_again_continues_its_own_archive(host, visit):
    first = visit()
    first.get("/1")
    first.archive.__exit__(None, None, None)
    second = visit()
    second.get("/1")
    second.get("/2")
    assert [seen.path for seen in host.pages] == ["/1", "/2"]


def test_an_archive_with_nothing_whole_on_it_is_left_alone(host, visit):
    first = visit()
    first.get("/1")
    first.archive.__exit__(None, None, None)
    first.archive.path.write_bytes(first.archive.path.read_bytes()[:100])
    assert visit(run_id="run-2").get("/1").status == 200


# --- replay ---


def test_a_closed_tape_tells_the_same_without_a_network(tea_shop, visit, lake):
    first = visit()
    ends = crawl_all(first)
    first.archive.__exit__(None, None, None)
    tea_shop.seen.clear()
    replay = visit(run_id="run-2", tape=Tape.of([first.archive.path]))
    assert crawl_all(replay) == ends
    assert tea_shop.seen == []
    assert replay.time.slept == []
    assert {row.kind for row in replay.rows} == {"replay"}
    assert without(replay.rows, "kind") == without(first.rows, "kind")
    assert not replay.archive.path.exists()


def test_what_is_not_on_a_closed_tape_is_an_error(host, visit):
    first = visit()
    first.get("/1")
    first.archive.__exit__(None, None, None)
    replay = visit(run_id="run-2", tape=Tape.of([first.archive.path]))
    replay.get("/1")
    for path, ask in [("/2", {}), ("/1", {}), ("/1", {"method": "POST", "form": {"a": "b"}})]:
        with pytest.raises(FetchError, match=r"is not in the archive") as caught:
            replay.get(path, page_no=2, **ask)
        assert caught.value.outcome == "error"
        row = replay.rows[-1]
        assert (row.kind, row.outcome, row.http_status, row.page_no) == ("replay", "error", None, 2)
    assert len(host.pages) == 1


def test_a_redirect_that_was_refused_is_refused_again(host, visit, answer):
    host.robots = answer(b"User-agent: *\nDisallow: /login\n")
    host.answer = lambda seen: answer(status=302, headers={"Location": "/login"})
    first = visit()
    (first_end,) = crawl_all(first, [("/1", {})])
    replay = visit(run_id="run-2", tape=Tape.of([first.archive.path]))
    assert crawl_all(replay, [("/1", {})]) == [first_end]
    assert first_end[0] == "refused"
    assert without(replay.rows, "kind") == without(first.rows, "kind")


def test_a_replay_that_judges_otherwise_tells_what_it_found(host, visit, verdict):
    first = visit()
    first.get("/1")
    first.archive.__exit__(None, None, None)
    replay = visit(run_id="run-2", tape=Tape.of([first.archive.path]))
    with pytest.raises(FetchError, match=r"The list breaks off\.$") as caught:
        replay.get("/1", lambda response: verdict("partial", "The list breaks off.", again=True))
    assert caught.value.outcome == "partial"


def test_a_replayed_block_closes_nothing(tea_shop, visit):
    first = visit(breaker_after=5)
    crawl_all(first)
    first.archive.__exit__(None, None, None)
    tape = Tape.of([first.archive.path])
    replay = visit(run_id="run-2", tape=tape, breaker_after=1)
    with pytest.raises(FetchError, match="HTTP 403"):
        replay.get("/wall")
    assert replay.get("/after").body == b"GET /after  no. 1"


def test_several_archives_are_one_tape(host, visit, answer):
    host.answer = lambda seen: answer(b"%s no. %d" % (seen.path.encode(), seen.nth))
    paths = []
    for run_id in ("run-1", "run-2"):
        crawl = visit(run_id=run_id, spec_hash=run_id)
        crawl.get("/1")
        paths.append(crawl.archive.path)
    replay = visit(run_id="run-3", tape=Tape.of(paths))
    assert [replay.get("/1").body for _ in paths] == [b"/1 no. 1", b"/1 no. 2"]
    names = [row.archive_file for row in replay.rows if row.request == "page"]
    assert [name.rsplit("/", 1)[1] for name in names] == ["run-1.warc.gz", "run-2.warc.gz"]


def test_a_robots_txt_that_another_source_read_is_not_missed(host, visit, fake_time, answer):
    host.robots = answer(b"User-agent: *\nDisallow: /secret\n")
    time = fake_time()
    hosts = Hosts(time.sleep, time.monotonic)
    visit(source="other", hosts=hosts, time=time).get("/0")
    crawl = visit(hosts=hosts, time=time)
    crawl.get("/1")
    with pytest.raises(FetchError):
        crawl.get("/secret")
    replay = visit(run_id="run-2", tape=Tape.of([crawl.archive.path]))
    replay.get("/1")
    with pytest.raises(FetchError, match="does not allow it") as caught:
        replay.get("/secret")
    assert caught.value.outcome == "refused"
    assert without(replay.rows, "kind") == without(crawl.rows, "kind")


def test_archives_of_before_are_replayed(host, visit, lake):
    """Records without our own headers, as earlier releases wrote them."""
    from io import BytesIO

    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    path = lake.root / "archive/source=src/dt=2026-09-29/run-0.warc.gz"
    path.parent.mkdir(parents=True)
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        record = writer.create_warc_record(
            host.url + "/1",
            "response",
            payload=BytesIO(b"old tea"),
            http_headers=StatusAndHeaders("200 OK", [], protocol="HTTP/1.1"),
        )
        writer.write_record(record)
    replay = visit(run_id="run-2", tape=Tape.of([path]))
    assert replay.get("/1").body == b"old tea"
    shutil.rmtree(lake.root)
