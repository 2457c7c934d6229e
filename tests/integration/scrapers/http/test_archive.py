"""The archive: exact bytes, every attempt, and what it was told to mask."""

from __future__ import annotations

import gzip
import json
import os
import signal
import stat
import subprocess
import sys
from itertools import pairwise

import pytest
from warcio.archiveiterator import ArchiveIterator

from scrapers.http.archive import read_response
from scrapers.http.client import FetchError
from scrapers.http.mask import Mask
from scrapers.http.tape import members

pytestmark = pytest.mark.integration


def records(path):
    """(type, WARC headers, HTTP headers or None, content) of every record, as warcio reads it."""
    with path.open("rb") as stream:
        return [
            (
                record.rec_type,
                dict(record.rec_headers.headers),
                record.http_headers and dict(record.http_headers.headers),
                record.raw_stream.read(),
            )
            for record in ArchiveIterator(stream, check_digests="raise")
        ]


def test_bytes_are_kept_as_they_came(host, visit, answer):
    packed = gzip.compress("茉莉奶绿".encode(), mtime=0)
    host.answer = lambda seen: answer(packed, headers={"Content-Encoding": "gzip", "X-Shop": "7"})
    crawl = visit()
    response = crawl.get("/1")
    crawl.archive.__exit__(None, None, None)
    assert response.body.decode() == "茉莉奶绿"
    kind, warc, http, content = records(crawl.archive.path)[-1]
    assert (kind, content, http["X-Shop"], http["Content-Encoding"]) == (
        "response",
        packed,
        "7",
        "gzip",
    )
    assert warc["WARC-Target-URI"] == host.url + "/1"
    assert warc["WARC-Date"] == "2026-09-30T18:00:00.000000Z"
    archived = read_response(crawl.archive.path, response.archive_offset)
    assert (archived.wire, archived.body) == (packed, response.body)


def test_every_attempt_is_on_it(host, visit, answer):
    host.robots = answer(b"User-agent: *\nDisallow: /secret")
    host.answer = lambda seen: answer(b"x" * 9, cut=4 if seen.nth == 1 else None)
    crawl = visit()
    crawl.get("/1")
    with pytest.raises(FetchError):
        crawl.get("/secret")
    crawl.archive.__exit__(None, None, None)
    found = records(crawl.archive.path)
    assert [
        (kind, warc.get("WARC-Target-URI", "").removeprefix(host.url)) for kind, warc, *_ in found
    ] == [
        ("warcinfo", ""),
        ("response", "/robots.txt"),
        ("response", "/1"),
        ("response", "/1"),
        ("metadata", "/secret"),
    ]
    assert found[2][1]["WARC-Truncated"] == "disconnect"
    told = json.loads(found[4][3])
    assert (told["outcome"], told["again"]) == ("refused", False)
    assert "does not allow it" in told["detail"]


def test_it_is_its_owners_alone(visit):
    crawl = visit()
    crawl.get("/1")
    assert stat.S_IMODE(crawl.archive.path.stat().st_mode) == 0o600
    crawl.archive.__exit__(None, None, None)
    crawl.archive.path.chmod(0o600)
    second = visit(run_id="run-2")
    second.get("/1")
    assert stat.S_IMODE(second.archive.path.stat().st_mode) == 0o600


def test_each_record_stands_alone(visit):
    crawl = visit()
    for number in range(3):
        crawl.get(f"/{number}")
    data = crawl.archive.path.read_bytes()
    with crawl.archive.path.open("rb") as stream:
        found = list(members(stream))
    assert len(found) == 5
    assert all(first.end == second.start for first, second in pairwise(found))
    assert found[-1].end == len(data)
    for member in found:
        assert gzip.decompress(data[member.start : member.end]).startswith(b"WARC/1.0\r\n")


def test_every_cut_of_an_archive_leaves_its_whole_records(visit, tmp_path):
    crawl = visit()
    crawl.get("/1")
    data = crawl.archive.path.read_bytes()
    with crawl.archive.path.open("rb") as stream:
        ends = [member.end for member in members(stream)]
    cut = tmp_path / "cut.warc.gz"
    for size in range(len(data)):
        cut.write_bytes(data[:size])
        with cut.open("rb") as stream:
            assert [m.end for m in members(stream)] == [end for end in ends if end <= size]


KILLED = """
import os, sys
from datetime import date, datetime, UTC
from pathlib import Path
from zoneinfo import ZoneInfo
from lake.landing import Lake, RunContext
from scrapers.http.archive import Archive
from scrapers.http.client import Ask, Limits, PoliteClient, Verdict
from scrapers.http.hosts import Hosts

home, url = Path(sys.argv[1]), sys.argv[2]
now = lambda: datetime(2026, 9, 30, 18, tzinfo=UTC)
run = RunContext(date(2026, 9, 30), "run-0", ZoneInfo("Asia/Shanghai"), clock=now)
archive = Archive(Lake(home), "src", run, "tea/1", "spec-1")
client = PoliteClient(
    spec_hash="spec-1", agent=str(os.getpid()), limits=Limits(min_interval_seconds=0),
    archive=archive, note=lambda row: None, progress=print, now=now, hosts=Hosts(),
    tape=archive.tape, allow_private=True,
)
for number in range(9):
    client.get(Ask(f"{url}/{number}", "page"), lambda response: Verdict("ok", "", response))
"""


def test_a_process_that_is_killed_leaves_what_the_next_one_continues(host, visit, lake, answer):
    def reply(seen):
        if seen.path == "/3" and seen.nth == 1:
            os.kill(int(seen.headers["User-Agent"]), signal.SIGKILL)
        return answer(b"tea")

    host.answer = reply
    killed = subprocess.run([sys.executable, "-c", KILLED, str(lake.root), host.url], check=False)
    assert killed.returncode == -signal.SIGKILL
    crawl = visit()
    for number in range(5):
        assert crawl.get(f"/{number}").body == b"tea"
    assert [seen.path for seen in host.pages] == ["/0", "/1", "/2", "/3", "/3", "/4"]


# --- masks ---

PAGE = """<html><head><meta charset="utf-8"><title>云雾茶</title></head><body>
<span class="user">茶茶小鹿</span><p class="text">打 13800138000 找客服</p>
<script>var page = {"nickName": "茶茶小鹿", "id": 7};</script></body></html>"""


@pytest.mark.parametrize(
    ("mask", "body", "content_type", "kept"),
    [
        (
            Mask(fields=("nick",)),
            '{"list": [{"nick": "小鹿", "text": "太甜"}, {"nick": null}]}',
            "application/json",
            '{"list": [{"nick": "[masked]", "text": "太甜"}, {"nick": null}]}',
        ),
        (
            Mask(fields=("user",)),
            'jsonp1({"user": {"name": "小鹿"}, "n": 1});',
            "text/javascript",
            'jsonp1({"user": "[masked]", "n": 1});',
        ),
        (Mask(text=True), "打 13800138000 找客服", "text/plain", "打 [mobile] 找客服"),
        (
            Mask(fields=("nickName",), text=True),
            PAGE,
            "text/html; charset=utf-8",
            PAGE.replace('"茶茶小鹿"', '"[masked]"').replace("13800138000", "[mobile]"),
        ),
    ],
)
def test_what_is_masked(host, visit, answer, mask, body, content_type, kept):
    packed = gzip.compress(body.encode())
    headers = {"Content-Encoding": "gzip", "Content-Type": content_type}
    host.answer = lambda seen: answer(packed, headers=headers)
    crawl = visit(archive_options={"mask": mask})
    assert crawl.get("/1").body == body.encode()  # what is parsed is not masked
    crawl.archive.__exit__(None, None, None)
    _, warc, http, content = records(crawl.archive.path)[-1]
    assert content.decode() == kept
    assert "Content-Encoding" not in http
    assert "WARC-X-Masked" in warc


def test_elements_are_masked_in_their_own_encoding():
    page = PAGE.replace("utf-8", "gb18030").encode("gb18030")
    masked = Mask(selectors=(".user",)).apply(page, "text/html").decode("gb18030")
    assert '<span class="user">[masked]</span>' in masked
    assert "打 13800138000 找客服" in masked


def test_utf16_is_masked_too():
    masked = Mask(text=True).apply("打 13800138000".encode("utf-16"), "text/plain")
    assert masked.decode("utf-16") == "打 [mobile]"


def test_pictures_are_not_touched():
    picture = b"\x89PNG\r\n 13800138000"
    assert Mask(text=True).apply(picture, "image/png") == picture
    assert Mask(text=True).apply(picture, "") == picture


def test_what_can_not_be_unpacked_is_not_kept_unmasked(host, visit, answer):
    cut = gzip.compress("打 13800138000 找客服".encode() * 50)[:-12]
    host.answer = lambda seen: answer(cut, headers={"Content-Encoding": "gzip"})
    crawl = visit(archive_options={"mask": Mask(text=True)}, max_attempts=1)
    with pytest.raises(FetchError):
        crawl.get("/1")
    crawl.archive.__exit__(None, None, None)
    assert records(crawl.archive.path)[-1][3] == b""


def test_a_masked_archive_says_what_was_masked(visit):
    mask = Mask(fields=("昵称",), selectors=(".user > b",), text=True)
    crawl = visit(archive_options={"mask": mask})
    crawl.get("/1")
    crawl.archive.__exit__(None, None, None)
    _, warc, *_ = records(crawl.archive.path)[-1]
    assert warc["WARC-X-Masked"] == (
        "field %E6%98%B5%E7%A7%B0; selector .user > b; phones, mails and cards"
    )
