"""Nights of dropped files: which rows land, how each file ends, and what the next night does."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import quopri
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow.parquet as pq
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from demo.replica.server import ReplicaServer
from demo.replica.sites.dianping import SHOP as DIANPING_SHOP
from demo.replica.sites.dianping import DianpingSite
from demo.replica.sites.dianping import sample_rows as dianping_rows
from demo.replica.sites.heimao import HeimaoSite, sample_rows
from lake.landing import Lake, RunContext, SourceRun
from lake.privacy import Privacy
from scrapers.config import SourceConfig
from scrapers.crawl import Mode, crawl_source
from scrapers.http.hosts import Hosts
from scrapers.http.tape import read_response
from scrapers.registry import PLATFORMS, Platforms

pytestmark = pytest.mark.integration

AS_OF = date(2026, 9, 30)
NOW = datetime(2026, 9, 30, 18, 0, tzinfo=UTC)
SAVED = datetime(2026, 9, 29, 4, 30, tzinfo=UTC)  # 12:30 in China

TEA = """
title: Tea reviews (茶评)
access: by_permission
terms: Ours, for tests.
base_url: https://www.tea.example
zone: Asia/Shanghai
options:
  shop_id: {about: a shop's number, many: true, required: true, pattern: "[0-9]+"}
requests:
  page:
    path: /shop/{shop_id}/reviews
    query: {p: "{page}"}
    each: shop_id
    format: html
    encoding: gbk
    items: li.review
    total: .total
    paging: {kind: page}
    judge:
      anchors: [ul.reviews]
      blocked_text: [请先登录]
      gone_text: [页面不存在]
    records: [review]
  feed:
    path: /api/reviews
    query: {shop: "{shop_id}", p: "{page}"}
    each: shop_id
    format: jsonp
    items: data.list
    paging: {kind: page}
    judge: {anchors: [data], blocked_when: code == `401`}
    records: [comment]
records:
  review:
    entity: review
    key: review_id
    fields:
      review_id: "@data-id"
      product_id: "{shop_id}"
      rating: {path: .stars, as: real, required: true, low: 1, high: 5}
      body: p.words
      author: .author
      created_at: {path: time, as: relative, required: true}
    hash: [author]
  comment:
    entity: review
    key: review_id
    fields:
      review_id: id
      product_id: "{shop_id}"
      rating: {path: score, as: whole, required: true, low: 1, high: 5}
      body: content
      author: user
      created_at: {path: time, as: local, required: true}
    hash: [author]
    drop: [mobile]
  sold:
    entity: review
    key: content
    content: [body, author, created_at]
    fields:
      product_id: "{shop_id}"
      rating: {path: score, as: real, low: 1, high: 5}
      body: content
      author: user
      created_at: {path: time, as: unix, required: true}
    hash: [author]
exports:
  reviews:
    record: comment
    columns:
      review_id: [评价编号, id]
      product_id: [门店编号]
      rating: [评分, 星级]
      body: [评价内容]
      author: [用户昵称]
      created_at: [评价时间]
  sales:
    record: sold
    columns:
      rating: [打分]
      body: [留言]
      author: [客人]
      created_at: [留言时间]
cursor: {order: newest_first, overlap_days: 7, history_days: 365}
bounds: {review: {min_items: 100}}
politeness: {min_interval_seconds: 1.0}
facts: [Invented.]
"""
TEA_CONFIG = {
    "platform": "tea",
    "options": {"shop_id": ["77", "88"]},
    "units": {"77": "U077", "88": "U088"},
}


@dataclass
class Desk:
    """A deployment's folder with one source's drops, and its nights."""

    home: Path
    source: str = "src"
    told: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.home / "landing" / "platforms" / self.source

    def drop(self, name: str, body: bytes | str, at: datetime = SAVED) -> Path:
        """Put a file there, as it was saved `at`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        path.write_bytes(body.encode() if isinstance(body, str) else body)
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    def night(self, days: int = 0, *, live: bool = True, **config: Any) -> SourceRun:
        """One night, so many days after the first. The folder is as it was before."""
        platforms = self.home / "platforms" / "tea"
        platforms.mkdir(parents=True, exist_ok=True)
        (platforms / "source.yml").write_text(TEA, encoding="utf-8")
        where = {"platforms": Platforms((PLATFORMS, self.home / "platforms"))}
        before = self.listing()
        now = NOW + timedelta(days=days)
        run = crawl_source(
            self.source,
            SourceConfig.model_validate({**TEA_CONFIG, **config}, context=where),
            lake=Lake(self.home / "lake"),
            run=RunContext(
                AS_OF + timedelta(days=days), f"run-{days}", ZoneInfo("Asia/Shanghai"), lambda: now
            ),
            privacy=Privacy(b"a key that is for tests only"),
            contact="voc@yunwu.example",
            progress=self.told.append,
            hosts=Hosts(lambda _: None, lambda: 0.0),
            dropped=self.folder,
            mode=Mode(live=live),
        )
        assert self.listing() == before
        self.balance(f"run-{days}")
        return run

    def listing(self) -> dict[str, tuple[bytes, int]]:
        paths = sorted(self.folder.rglob("*")) if self.folder.exists() else []
        return {
            str(path): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in paths
            if path.is_file() and not path.is_symlink()
        }

    def rows(self, tree: str, name: str, run: str = "*") -> list[dict[str, Any]]:
        found = (self.home / "lake" / tree).glob(f"source={self.source}/dt=*/{run}/{name}.parquet")
        return [row for path in sorted(found) for row in pq.ParquetFile(path).read().to_pylist()]

    def records(self, entity: str = "review") -> list[dict[str, Any]]:
        return self.rows("records", entity)

    @property
    def quarantine(self) -> list[dict[str, Any]]:
        return self.rows("quarantine", "quarantine")

    def files(self, run: str = "*") -> list[dict[str, Any]]:
        rows = self.rows("requests", "request_outcome", run)
        return [row for row in rows if row["kind"] == "file"]

    def outcomes(self, run: str = "*") -> dict[str, str]:
        """File -> how it ended."""
        return {row["url"].rpartition("/")[2]: row["outcome"] for row in self.files(run)}

    def balance(self, run: str) -> None:
        """Of every kind of thing, what was seen landed or went to quarantine."""
        seen: dict[str, int] = {}
        for row in self.rows("requests", "request_outcome", run):
            seen[row["entity"]] = seen.get(row["entity"], 0) + row["items_seen"]
        refused = self.rows("quarantine", "quarantine", run)
        for entity, count in seen.items():
            landed = len(self.rows("records", entity, run))
            assert count == landed + sum(row["entity"] == entity for row in refused), entity


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def page(*reviews: tuple[str, str, str, str], head: str = "", total: int | None = None) -> str:
    """A list of reviews: (id, stars, words, time) each."""
    items = "".join(
        f'<li class="review" data-id="{key}"><b class="stars">{stars}</b>'
        f'<i class="author">茶友{key}</i><p class="words">{words}</p><time>{when}</time></li>'
        for key, stars, words, when in reviews
    )
    count = f'<b class="total">{len(reviews) if total is None else total}</b>'
    body = f'<body>{count}<ul class="reviews">{items}</ul></body>'
    return f"<!DOCTYPE html><html><head>{head}</head>{body}</html>"


def saved_from(url: str) -> str:
    return f"<!-- saved from url=({len(url):04d}){url} -->"


def chromium_mhtml(url: str, html: str, when: str = "Tue, 29 Sep 2026 04:30:00 -0000") -> bytes:
    """A page as Chromium saves it in one file, with a picture and a frame of somebody else."""
    boundary = "----MultipartBoundary--AbC123----"
    body = quopri.encodestring(html.encode()).decode().replace("\n", "\r\n")
    picture = base64.b64encode(b"\x89PNG\r\n" * 10).decode()
    return (
        "From: <Saved by Blink>\r\n"
        f"Snapshot-Content-Location: {url}\r\n"
        "Subject: =?utf-8?Q?=E4=BA=91=E9=9B=BE=E8=8C=B6?=\r\n"
        f"Date: {when}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n'
        f'\tboundary="{boundary}"\r\n\r\n\r\n'
        f"--{boundary}\r\nContent-Type: text/html\r\nContent-ID: <frame-1@mhtml.blink>\r\n"
        f"Content-Transfer-Encoding: quoted-printable\r\nContent-Location: {url}\r\n\r\n{body}\r\n"
        f"--{boundary}\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Location: https://cdn.example/1.png\r\n\r\n{picture}\r\n"
        f"--{boundary}\r\nContent-Type: text/html\r\nContent-ID: <frame-2@mhtml.blink>\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\nContent-Location: cid:frame-2@mhtml.blink"
        f"\r\n\r\n<html><body>ad</body></html>\r\n--{boundary}--\r\n"
    ).encode()


def warc(*answers: tuple[str, int, str, bytes], packed: bool = True) -> bytes:
    """An archive with one response per (url, status, content type, body)."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("saved.warc", {"software": "a browser"}))
    for url, status, kind, body in answers:
        record = writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(gzip.compress(body, mtime=0)),
            http_headers=StatusAndHeaders(
                f"{status} OK",
                [("Content-Type", kind), ("Content-Encoding", "gzip"), ("Location", "/login")][
                    : 3 if status == 302 else 2
                ],
                protocol="HTTP/1.1",
            ),
            warc_headers_dict={"WARC-Date": "2026-09-28T02:00:00Z"},
        )
        writer.write_record(record)
    return out.getvalue()


def book(*rows: list[Any]) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


SHOP = "https://www.tea.example/shop/77/reviews?p=1"
TWO = (("r1", "4.5", "好喝，电话 13800138000", "2026-09-12 21:30"), ("r2", "1", "太甜", "3小时前"))


def test_a_saved_page_lands_with_its_shop_its_time_and_the_way_back_to_the_file(desk: Desk) -> None:
    desk.drop("云雾茶 评价.html", page(*TWO, head=saved_from(SHOP)))
    run = desk.night()
    assert (run.status, run.landed, run.seen, run.watermark) == ("complete", 2, 2, None)
    first, second = desk.records()
    name = "landing/platforms/src/云雾茶 评价.html"
    assert (first["review_id"], first["product_id"], first["unit_id"]) == ("r1", "77", "U077")
    assert first["body"] == "好喝，电话 [mobile]"
    assert first["author_hash"] and "茶友" not in str(first)
    assert first["created_at"] == datetime(2026, 9, 12, 13, 30, tzinfo=UTC)
    # 3 hours before the file's time, not before the night's
    assert second["created_at"] == SAVED - timedelta(hours=3)
    assert [row["observed_at"] for row in (first, second)] == [SAVED, SAVED]
    assert {(row["url"], row["archive_file"]) for row in (first, second)} == {(name, name)}
    assert [(row["archive_offset"], row["position"]) for row in (first, second)] == [(1, 1), (2, 2)]
    [row] = desk.files()
    assert (row["request"], row["outcome"], row["items_seen"]) == ("page", "ok", 2)
    assert (row["url"], row["final_url"], row["entity"]) == (name, SHOP, "review")
    assert row["bytes"] == (desk.folder / "云雾茶 评价.html").stat().st_size
    assert len(row["sha256"]) == 64


def test_a_page_of_a_shop_that_the_source_does_not_name_is_refused(desk: Desk) -> None:
    other = SHOP.replace("/77/", "/78/")
    desk.drop("别家.html", page(*TWO, head=saved_from(other)))
    desk.drop("自家.html", page(*TWO, head=saved_from(SHOP)))
    run = desk.night()
    assert desk.outcomes() == {"别家.html": "error", "自家.html": "ok"}
    assert "shop_id 78, which the source does not name" in run.message
    assert {row["product_id"] for row in desk.records()} == {"77"}


def test_a_second_night_reads_no_file_again_unless_the_source_is_told_otherwise(desk: Desk) -> None:
    desk.drop("a.html", page(*TWO, head=saved_from(SHOP)))
    desk.night()
    desk.drop("b.html", page(*TWO, head=saved_from(SHOP)))  # the same bytes under another name
    second = desk.night(1)
    assert (second.status, second.landed) == ("complete", 0)
    assert desk.outcomes("run-1") == {"a.html": "unchanged", "b.html": "unchanged"}
    assert "2 dropped files" in second.message
    third = desk.night(2, units={"77": "U-new"})
    assert (third.status, third.landed) == ("complete", 2)
    assert desk.outcomes("run-2") == {"a.html": "ok", "b.html": "unchanged"}
    assert {row["unit_id"] for row in desk.rows("records", "review", "run-2")} == {"U-new"}


def test_a_small_drop_is_no_drift_and_a_night_without_files_is_complete(desk: Desk) -> None:
    """bounds ask for 100 items of a crawl; how much people drop is theirs to say."""
    for day in range(4):
        desk.drop(f"{day}.html", page((f"x{day}", "3", "好", "2026-09-01 08:00")))
        assert desk.night(day).status == "complete"
    quiet = desk.night(4)
    assert (quiet.status, quiet.landed) == ("complete", 0)


def test_bad_files_cost_no_neighbour_and_say_what_to_do(desk: Desk) -> None:
    whole = chromium_mhtml(SHOP, page(*TWO))
    desk.drop("1 好.html", page(("g1", "5", "好", "2026-09-01 08:00")))
    desk.drop("2 断.mhtml", whole[: len(whole) - 60])
    desk.drop("3.zip", b"PK\x03\x04rest")
    desk.drop("4.html", page(head="<title>x</title>").replace("reviews", "other"))
    desk.drop("5.html", "<html><body>请先登录 后查看</body></html>")
    desk.drop("6.html", f"<html>{saved_from(SHOP)}<body>页面不存在</body></html>")
    desk.drop("7.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"EncryptedPackage" * 99)
    desk.drop("8.html", bytes(range(256)) * 40)
    desk.drop("9.json", '{"data": {"list": [{"id": ')
    desk.drop("a.docx", b"PK\x03\x04")
    desk.drop("b.html", f"<html>{saved_from(SHOP)}<body><ul class=neu></ul></body></html>")
    desk.drop("c.html", b"")
    desk.drop("d.mht", b"no header here")
    desk.drop("e.xls", "<table><tr><td>评分</td></tr></table>")
    desk.drop("f.warc", b"no archive")
    desk.drop("g.json", json.dumps({"weather": {"today": "fine"}}))
    desk.drop(".hidden.html", page(*TWO))
    desk.drop("half.html.crdownload", page(*TWO))
    desk.drop("Thumbs.db", b"\x00")
    (desk.folder / "h.html").symlink_to(desk.folder / "1 好.html")
    (desk.folder / "1 好_files").mkdir()
    desk.drop("z 好.html", page(("g2", "2", "差", "2026-09-02 08:00")))
    run = desk.night()
    assert run.status == "partial"
    assert [row["review_id"] for row in desk.records()] == ["g1", "g2"]
    assert desk.outcomes() == {
        "1 好.html": "ok",
        "2 断.mhtml": "error",
        "3.zip": "error",
        "4.html": "error",
        "5.html": "blocked",
        "6.html": "gone",
        "7.xlsx": "error",
        "8.html": "error",
        "9.json": "error",
        "a.docx": "error",
        "b.html": "drift",
        "c.html": "error",
        "d.mht": "error",
        "e.xls": "error",
        "f.warc": "error",
        "g.json": "error",
        "h.html": "error",
        "z 好.html": "ok",
    }
    detail = {row["url"].rpartition("/")[2]: row["detail"] for row in desk.files()}
    for name, advice in {
        "2 断.mhtml": "it is cut",
        "3.zip": "Unpack it into this folder",
        "4.html": "none of the pages of Tea reviews",
        "5.html": "a login, captcha or ban page",
        "7.xlsx": "password-protected",
        "8.html": "no page",
        "9.json": "breaks off",
        "a.docx": "Drop saved pages",
        "b.html": "there is no ul.reviews",
        "d.mht": "no MHTML",
        "e.xls": "save it as XLSX",
        "f.warc": "no WARC file",
        "h.html": "it is a link",
    }.items():
        assert advice in detail[name], (name, detail[name])
        assert f"landing/platforms/src/{name}: {detail[name]}" in run.message
    assert not desk.quarantine
    # They are read again the next night, and those that were read are not.
    desk.night(1)
    assert desk.outcomes("run-1")["5.html"] == "blocked"
    assert desk.outcomes("run-1")["1 好.html"] == "unchanged"
    assert len(desk.records()) == 2


def test_unreadable_items_go_to_quarantine_with_their_place(desk: Desk) -> None:
    desk.drop("混.html", page(TWO[0], ("r9", "9", "好", "昨天"), ("r8", "4", "好", "随时")))
    run = desk.night()
    assert (run.status, run.landed, run.quarantined) == ("complete", 1, 2)
    told = ("line", "column", "reason_code", "natural_key")
    assert [tuple(row[name] for name in told) for row in desk.quarantine] == [
        (2, "rating", "out_of_range", "r9"),
        (3, "created_at", "bad_timestamp", "r8"),
    ]
    assert {row["file"] for row in desk.quarantine} == {"landing/platforms/src/混.html"}
    assert desk.files()[0]["items_seen"] == 3


def test_a_page_of_which_nothing_can_be_read_is_drift(desk: Desk) -> None:
    desk.drop("a.html", page(("r1", "十", "好", "昨天"), ("r2", "八", "好", "昨天")))
    run = desk.night()
    assert (run.status, run.landed, run.quarantined) == ("failed", 0, 2)
    assert desk.outcomes() == {"a.html": "drift"}
    assert "None of 2 items could be read" in run.message


@pytest.mark.parametrize(
    "body",
    [
        page(*TWO, head='<meta charset="gbk">').encode("gbk"),
        page(*TWO, head='<meta charset="utf-8">').encode("gbk"),  # it says what it is not
        page(*TWO, head='<meta charset="gbk">').encode(),  # as a browser saves what it shows
        page(*TWO).encode("utf-16"),
        page(*TWO).encode("utf-8-sig"),
        page(*TWO).encode().replace("太甜".encode(), "太甜".encode() + b"\xff"),
    ],
)
def test_a_page_is_read_by_its_bytes_not_by_what_it_says_of_them(desk: Desk, body: bytes) -> None:
    desk.drop("a.htm", body)
    assert desk.night().landed == 2
    assert [row["body"].rstrip("\ufffd") for row in desk.records()] == [
        "好喝，电话 [mobile]",
        "太甜",
    ]


def test_an_empty_list_is_empty_and_one_that_counts_items_is_a_block(desk: Desk) -> None:
    desk.drop("a.html", page())
    desk.drop("b.html", page(total=1000))
    desk.drop("c.html", page(total=1000, head=saved_from(SHOP.replace("p=1", "p=9"))))
    assert desk.night().status == "partial"
    ended = ["empty_confirmed", "blocked", "empty_confirmed"]
    assert desk.outcomes() == dict(zip(("a.html", "b.html", "c.html"), ended, strict=True))


def test_mhtml_of_chromium_tells_its_address_and_time(desk: Desk) -> None:
    desk.drop("评价.mhtml", chromium_mhtml(SHOP.replace("77", "88"), page(*TWO)), at=NOW)
    run = desk.night()
    assert (run.status, run.landed) == ("complete", 2)
    assert {(r["unit_id"], r["observed_at"]) for r in desk.records()} == {("U088", SAVED)}
    assert desk.records()[1]["created_at"] == SAVED - timedelta(hours=3)


def test_mhtml_of_word_in_gbk_takes_the_files_time(desk: Desk) -> None:
    html = page(*TWO, head='<meta http-equiv=Content-Type content="text/html; charset=gb2312">')
    body = quopri.encodestring(html.encode("gbk")).decode().replace("\n", "\r\n")
    desk.drop(
        "另存.mht",
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; boundary="----=_NextPart_01D"\r\n\r\n'
        "This document is a Single File Web Page.\r\n\r\n"
        "------=_NextPart_01D\r\nContent-Location: file:///C:/1/page.htm\r\n"
        'Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/html; charset="gb2312"'
        f"\r\n\r\n{body}\r\n------=_NextPart_01D--\r\n",
    )
    assert desk.night().landed == 2
    assert desk.records()[0]["body"] == "好喝，电话 [mobile]"
    assert {(row["observed_at"], row["product_id"]) for row in desk.records()} == {(SAVED, None)}


def test_json_that_a_browser_shows_in_a_page_is_json(desk: Desk) -> None:
    answer = {"data": {"list": [{**JSON_ROWS[0], "id": 5, "mobile": "13800138000"}]}}
    shown = f"<html><head></head><body><pre>{json.dumps(answer)}</pre></body></html>"
    desk.drop("a.mhtml", chromium_mhtml("https://www.tea.example/api/reviews?shop=88&p=2", shown))
    assert desk.night().landed == 1
    [row] = desk.records()
    assert (row["review_id"], row["unit_id"], row["product_id"]) == ("5", "U088", "88")
    assert "13800138000" not in str(desk.records()) + str(desk.files())


@pytest.mark.parametrize("packed", [True, False])
def test_every_page_of_an_archive_is_read_and_the_rest_of_it_passed_over(
    desk: Desk, packed: bool
) -> None:
    url = "https://www.tea.example/shop/{}/reviews?p={}"
    name = "录制.warc.gz" if packed else "录制.warc"
    answers = warc(
        (url.format(77, 1), 200, "text/html; charset=gbk", page(*TWO).encode("gbk")),
        ("https://cdn.example/a.css", 200, "text/css", b"a{}"),
        ("https://cdn.example/a.js", 200, "text/javascript", b"define([1]);"),
        ("https://www.tea.example/me", 302, "text/html", b""),
        (url.format(88, 1), 200, "text/html", page(("r3", "3", "还行", "昨天")).encode()),
        (url.format(88, 2), 200, "text/html", "<html>请先登录</html>".encode()),
        (url.format(88, 3), 403, "text/html", b"no"),
        packed=packed,
    )
    path = desk.drop(name, answers)
    run = desk.night()
    assert (run.status, run.landed, run.quarantined) == ("complete", 3, 2)
    records = desk.records()
    assert [row["review_id"] for row in records] == ["r1", "r2", "r3"]
    assert [row["unit_id"] for row in records] == ["U077", "U077", "U088"]
    asked = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
    assert {row["observed_at"] for row in records} == {asked}
    assert records[1]["created_at"] == asked - timedelta(hours=3)
    offset = records[2]["archive_offset"]
    led_to = read_response(path, offset)
    assert (led_to.url, "还行" in led_to.body.decode()) == (url.format(88, 1), True)
    [row] = desk.files()
    assert (row["outcome"], row["items_seen"]) == ("ok", 5)
    assert [row["reason_code"] for row in desk.quarantine] == ["blocked_page", "blocked_page"]
    assert all(row["archive_offset"] > offset for row in desk.quarantine)
    assert "2 of its pages could not be read" in run.message


@pytest.mark.parametrize("cut", [40, 400])
@pytest.mark.parametrize("packed", [True, False])
def test_an_archive_that_breaks_off_lands_what_is_whole_and_is_read_again(
    desk: Desk, packed: bool, cut: int
) -> None:
    url = "https://www.tea.example/shop/77/reviews?p={}"
    pages = [(n, page((f"r{n}", "3", f"第{n}", "昨天"))) for n in (1, 2, 3)]
    parts = [(url.format(n), 200, "text/html", body.encode()) for n, body in pages]
    whole = warc(*parts, packed=packed)
    name = "录制.warc.gz" if packed else "录制.warc"
    desk.drop(name, whole[:-cut])
    run = desk.night()
    assert (run.status, run.landed) == ("partial", 2)
    assert desk.outcomes() == {name: "partial"}
    assert "breaks off" in run.message
    desk.drop(name, whole)
    assert (desk.night(1).status, len(desk.rows("records", "review", "run-1"))) == ("complete", 3)


JSON_ROWS = [
    {"id": 11, "score": 5, "content": "好喝", "user": "茶友甲", "time": "2026-09-01 10:00:00"},
    {"id": 12, "score": 2, "content": "太慢", "user": "茶友乙", "time": "2026-09-02 10:00:00"},
]
ANSWER = json.dumps({"data": {"list": JSON_ROWS}}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("name", "body", "offsets"),
    [
        ("a.json", ANSWER, [1, 2]),
        ("a.txt", f"try{{cb({ANSWER});}}catch(e){{}};", [1, 2]),
        ("a.js", f"cb({ANSWER})".encode("gbk"), [1, 2]),
        ("列表.json", json.dumps(JSON_ROWS, ensure_ascii=False), [1, 2]),
        ("a.jsonl", "\n\n".join(json.dumps(row) for row in JSON_ROWS), [1, 3]),
        ("b.jsonl", "\n".join(json.dumps({"data": {"list": [row]}}) for row in JSON_ROWS), [1, 2]),
    ],
)
def test_json_as_the_platform_answers_or_as_exporters_write_it(
    desk: Desk, name: str, body: bytes | str, offsets: list[int]
) -> None:
    desk.drop(name, body)
    run = desk.night()
    assert (run.status, run.landed) == ("complete", 2)
    assert [(r["review_id"], r["body"], r["archive_offset"]) for r in desk.records()] == [
        ("11", "好喝", offsets[0]),
        ("12", "太慢", offsets[1]),
    ]


def test_a_broken_line_of_json_costs_no_other_line(desk: Desk) -> None:
    desk.drop("a.jsonl", f"{json.dumps(JSON_ROWS[0])}\n{{cut\n{json.dumps(JSON_ROWS[1])}\n")
    run = desk.night()
    assert (run.status, run.landed, run.quarantined) == ("complete", 2, 1)
    [row] = desk.quarantine
    assert (row["line"], row["reason_code"]) == (2, "unreadable_page")


HEADER = ["评价编号", "门店编号", "评分", "评价内容", "用户昵称", "评价时间", "手机号"]


def test_a_workbook_with_chinese_headers_below_a_title(desk: Desk) -> None:
    at = datetime(2026, 9, 1, 10, 0)  # noqa: DTZ001 - a worksheet knows no zones
    rows = [
        ["评价明细表"],
        HEADER,
        ["00123", "77", 5, "好喝", "茶友甲", at, "13800138000"],
        ["00124", "88", 9, "太慢", "茶友乙", "2026/9/2 8:05", "13800138001"],
        ["00125", "88", 2, "太甜 13900139000", "茶友丙", "2026年9月3日 下午3:20", ""],
        ["合计", None, None, None, None, None, None],
    ]
    desk.drop("导出.xlsx", book(*rows))
    run = desk.night()
    assert (run.status, run.landed, run.quarantined) == ("complete", 2, 2)
    first, second = desk.records()
    assert [r["review_id"] for r in (first, second)] == ["00123", "00125"]
    assert [r["unit_id"] for r in (first, second)] == ["U077", "U088"]
    assert first["created_at"] == datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
    assert second["created_at"] == datetime(2026, 9, 3, 7, 20, tzinfo=UTC)
    assert second["body"] == "太甜 [mobile]"
    assert (first["position"], first["archive_offset"], second["archive_offset"]) == (3, 3, 5)
    assert [(r["line"], r["reason_code"], r["natural_key"]) for r in desk.quarantine] == [
        (4, "out_of_range", "00124"),
        (6, "totals_row", None),
    ]
    [row] = desk.files()
    assert (row["request"], row["items_seen"], row["outcome"]) == ("file", 4, "ok")
    assert "columns not landed: 手机号" in row["detail"]
    everything = str(desk.records()) + str(desk.files()) + str(desk.quarantine)
    assert "1380013800" not in everything and "茶友" not in everything


def test_a_csv_in_gbk_whose_items_have_no_id(desk: Desk) -> None:
    """Two equal rows are two voices."""
    header, twice, last = (
        "留言,客人,留言时间,打分",
        "好喝,匿名,2026-09-01 10:00:00,5",
        "差,甲,1756692000,1",
    )
    desk.drop("留言.csv", "\n".join([header, twice, twice, last]).encode("gbk"))
    assert desk.night().landed == 3
    keys = [row["review_id"] for row in desk.records()]
    assert keys[0].rpartition("#")[0] == keys[1].rpartition("#")[0]
    assert [key.rpartition("#")[2] for key in keys] == ["1", "2", "1"]
    assert [row["created_at"] for row in desk.records()] == [
        datetime(2026, 9, 1, 2, 0, tzinfo=UTC),
        datetime(2026, 9, 1, 2, 0, tzinfo=UTC),
        datetime(2025, 9, 1, 2, 0, tzinfo=UTC),
    ]


def test_an_export_without_a_column_it_needs_says_which(desk: Desk) -> None:
    desk.drop("a.csv", "评价编号,评价内容\n1,好\n")
    desk.drop("b.csv", "评价编号,评分,评价时间\n")
    run = desk.night()
    assert desk.outcomes() == {"a.csv": "error", "b.csv": "empty_confirmed"}
    assert "no column for rating (评分 or 星级); created_at (评价时间)" in run.message


VIEW = """<!DOCTYPE html>
<!-- saved from url=(0048)https://tousu.sina.com.cn/complaint/view/17300000001/ -->
<html><body><div class="ts-d-question"><h1 class="article">云雾茶 门店不退款</h1></div>
<div class="ts-q-user"><span class="u-name">茶客甲</span>
<span class="u-date">2026年09月20日 10:11:12</span></div>
<ul class="ts-q-list"><li><label>投诉编号</label> <b>17300000001</b></li>
<li><label>投诉对象</label> 云雾茶</li><li><label>涉诉金额</label> ￥32元</li>
<li><label>投诉进度</label> 已回复</li></ul>
<div class="ts-d-steplist">
<div class="ts-d-item"><span class="u-name">茶客甲</span><span class="u-status">发起投诉</span>
<span class="u-date">2026-09-20 10:11:12</span>
<div class="ts-reply"><p>请退 32 元，电话 13800138000</p></div></div>
<div class="ts-d-item"><span class="u-name">云雾茶</span><span class="u-status">回复投诉</span>
<span class="u-date">2026-09-21 09:00:00</span><div class="ts-reply"><p>已联系</p></div></div>
<div class="ts-d-item"><span class="u-name">云雾茶</span><span class="u-status">跳了个舞</span>
<span class="u-date">2026-09-22 09:00:00</span></div>
</div></body></html>"""


def test_a_complaints_own_page_lands_the_complaint_and_its_steps(desk: Desk) -> None:
    """Each kind of thing has a row of its own, so that each is accounted for."""
    desk.drop("投诉.html", VIEW)
    run = desk.night(platform="heimao", options={"couid": "5001"}, units={})
    assert (run.landed, run.quarantined) == (3, 1)
    [complaint] = desk.records("complaint")
    assert (complaint["complaint_id"], complaint["company"]) == ("17300000001", "云雾茶")
    assert complaint["narrative"] == "请退 32 元，电话 [mobile]"
    steps = desk.records("complaint_event")
    assert [(s["complaint_id"], s["type"]) for s in steps] == [
        ("17300000001", "created"),
        ("17300000001", "replied"),
    ]
    assert [(r["entity"], r["items_seen"], r["request"]) for r in desk.files()] == [
        ("complaint", 1, "saved_view"),
        ("complaint_event", 3, "saved_view"),
    ]
    assert len({row["sha256"] for row in desk.files()}) == 1
    assert desk.night(1, platform="heimao", options={"couid": "5001"}, units={}).landed == 0


def test_of_a_list_that_shows_everybodys_only_ours_lands(desk: Desk) -> None:
    def feed(*companies: str) -> str:
        items = [
            {
                "main": {
                    "sn": f"1730000000{n}",
                    "title": "退款",
                    "cotitle": name,
                    "timestamp": 1789900000,
                    "status": 4,
                }
            }
            for n, name in enumerate(companies)
        ]
        data = {"lists": items, "pager": {"item_count": len(items), "current": 1}}
        return json.dumps({"result": {"status": {"code": 0}, "data": data}}, ensure_ascii=False)

    desk.drop("1.json", feed("云雾茶", "别家茶"))
    desk.drop("2.json", feed("别家茶"))
    options = {"company": ["云雾"]}
    assert desk.night(live=False, platform="heimao", options=options, units={}).landed == 1
    assert desk.outcomes() == {"1.json": "ok", "2.json": "empty_confirmed"}
    assert [row["company"] for row in desk.records("complaint")] == ["云雾茶"]


def test_drops_leave_the_cursor_of_a_crawled_source_alone(desk: Desk) -> None:
    """Neither a newer item in a drop moves it, nor does a bad file hold it back."""
    site = HeimaoSite(sample_rows(12))
    newest = max(row.at for row in site.rows)
    config = {"platform": "heimao", "options": {}, "units": {}, "allow_private_hosts": True}
    desk.drop("投诉.html", VIEW.replace("2026年09月20日", "2026年09月30日"))
    desk.drop("坏.html", "<html>gone with the wind</html>")
    with ReplicaServer(sites=[site]) as server:
        run = desk.night(base_url=server.url, **config)
    assert run.status == "complete", run.message
    assert run.watermark == newest.astimezone(UTC)
    assert "坏.html" in run.message
    assert desk.outcomes() == {"投诉.html": "ok", "坏.html": "error"}
    assert len(desk.records("complaint")) == 13


def test_what_was_only_dropped_is_not_missed_in_the_lists(desk: Desk) -> None:
    """A list need not show what it never showed: that item isn't hidden."""
    unlisted = replace(sample_rows(1)[0], key="17300000001", is_hidden=True)
    config = {"platform": "heimao", "options": {}, "units": {}, "allow_private_hosts": True}
    desk.drop("投诉.html", VIEW)
    with ReplicaServer(sites=[HeimaoSite([*sample_rows(12), unlisted])]) as server:
        desk.night(base_url=server.url, **config)
        run = desk.night(1, base_url=server.url, **config)
    assert run.status == "complete", run.message
    assert desk.records("item_state") == []


def test_what_is_dropped_says_nothing_of_what_a_crawl_should_bring(desk: Desk) -> None:
    """A list that falls silent is not made up for by a file."""
    config = {"platform": "heimao", "options": {}, "units": {}, "allow_private_hosts": True}
    config["bounds"] = {"complaint": {"min_items": 5}}
    desk.drop("投诉.html", VIEW)
    with ReplicaServer(sites=[HeimaoSite([])]) as server:
        run = desk.night(base_url=server.url, **config)
    assert "Only 0 items of complaint came" in run.message
    assert run.status == "partial"


def test_what_a_crawl_archived_reads_the_same_when_it_is_dropped(desk: Desk) -> None:
    """The archive of one deployment's crawl is another's drop: equal items in equal versions."""
    site = DianpingSite(dianping_rows(40))
    config: dict[str, Any] = {
        "platform": "dianping",
        "options": {"shop_id": [DIANPING_SHOP]},
        "units": {DIANPING_SHOP: "U009"},
        "allow_private_hosts": True,
    }
    with ReplicaServer(sites=[site]) as server:
        crawled = desk.night(base_url=server.url, permission="Ours, for tests.", **config)
    [archive] = (desk.home / "lake" / "archive").rglob("*.warc.gz")
    other = Desk(desk.home / "other")
    other.drop("抓取.warc.gz", archive.read_bytes())
    dropped = other.night(**config)
    assert (crawled.status, dropped.status, dropped.landed) == ("complete", "complete", 40)
    assert other.outcomes() == {"抓取.warc.gz": "ok"}
    same = ("natural_key", "version_hash", "unit_id", "event_at", "observed_at")
    assert [[row[name] for name in same] for row in other.records()] == [
        [row[name] for name in same] for row in desk.records()
    ]


def test_an_export_of_12315_lands_without_the_people_in_it(desk: Desk) -> None:
    header = "登记编号,被投诉企业,投诉内容,涉及金额,办结时间,投诉人姓名,联系电话"
    row = "粤A20260901001,云雾茶珠江店,多收 6 元,￥6.00,2026-09-05 17:30,陈小茶,13800138000"
    desk.drop("12315 九月.csv", f"{header}\n{row}\n".encode("gb18030"))
    run = desk.night(platform="gd12315", options={}, units={}, unit_id="U001")
    assert (run.status, run.landed) == ("complete", 1)
    [complaint] = desk.records("complaint")
    assert complaint["complaint_id"] == "粤A20260901001"
    assert (complaint["amount"], complaint["unit_id"]) == (Decimal("6"), "U001")
    assert complaint["closed_at"] == datetime(2026, 9, 5, 9, 30, tzinfo=UTC)
    assert "陈小茶" not in str(desk.records("complaint")) + str(desk.files())


def test_a_folder_that_is_a_link_is_refused(desk: Desk) -> None:
    elsewhere = desk.home / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.html").write_text(page(*TWO))
    desk.folder.parent.mkdir(parents=True)
    desk.folder.symlink_to(elsewhere)
    run = desk.night()
    assert (run.status, run.landed) == ("failed", 0)
    assert "a link that leads elsewhere" in run.message
