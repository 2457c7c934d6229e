"""Each failure does what it says, on the requests it is asked for and on no other."""

from __future__ import annotations

import gzip
import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from demo.replica import ReplicaServer
from demo.replica.failures import (
    Ban,
    Dates,
    Drift,
    Edit,
    EmptyUntil,
    Encoding,
    Failure,
    InsertBetween,
    Keys,
    PastEnd,
    RemoveBetween,
    Session,
    SoftBlock,
    Throttle,
    Wire,
)
from demo.replica.sites.googleplay import GooglePlaySite
from demo.replica.sites.googleplay import sample_rows as play_rows
from demo.replica.sites.heimao import FEED, HeimaoSite
from demo.replica.sites.heimao import sample_rows as heimao_rows
from demo.replica.sites.plain import PlainSite, sample_rows
from demo.replica.sites.rows import CHINA, NEWEST
from demo.replica.sites.schemaorg import SchemaOrgSite
from demo.replica.sites.schemaorg import sample_rows as shop_rows
from demo.replica.sites.trustpilot import BUILD_ID, TrustpilotSite
from demo.replica.sites.trustpilot import sample_rows as trust_rows

Play = Callable[..., ReplicaServer]


@pytest.fixture
def play() -> Iterator[Play]:
    """Starts a server with failures; its only site is `site`, or 45 plain rows, 20 a page."""
    with ExitStack() as stack:

        def start(*failures: Failure, site: Any = None) -> ReplicaServer:
            played = site or PlainSite(sample_rows(45))
            return stack.enter_context(ReplicaServer(sites=[played], failures=failures))

        yield start


def get(server: ReplicaServer, path: str = "/items?page=1", **headers: str) -> requests.Response:
    return requests.get(server.url + path, headers=headers, timeout=10, allow_redirects=False)


def page(server: ReplicaServer, number: int) -> dict[str, Any]:
    return dict(get(server, f"/items?page={number}").json())


def ids(answer: dict[str, Any]) -> list[str]:
    return [item["id"] for item in answer["items"]]


def statuses(server: ReplicaServer, number: int, path: str = "/items?page=1") -> list[int]:
    return [get(server, path).status_code for _ in range(number)]


# when


def test_a_failure_is_due_where_and_when_it_is_asked_for(play: Play) -> None:
    here = play(Throttle(where=r"page=2\b"))
    assert [get(here, f"/items?page={n}").status_code for n in (1, 2, 3)] == [200, 429, 200]
    assert statuses(play(Throttle(nth=2)), 3) == [200, 429, 200]
    assert statuses(play(Throttle(nth=(1, 3))), 4) == [429, 200, 429, 200]
    assert statuses(play(Throttle(after=1, until=3)), 5) == [200, 429, 429, 200, 200]
    chosen = play(Throttle(where=lambda asked: asked.number("page", 0) > 2))
    assert [get(chosen, f"/items?page={n}").status_code for n in (2, 3)] == [200, 429]


def test_failures_compose_the_first_is_outermost(play: Play) -> None:
    server = play(Throttle(until=1), Ban(403, until=1))
    assert statuses(server, 3) == [429, 403, 200]


def test_all_twelve_can_be_played() -> None:
    def below(kind: type) -> set[int]:
        own = {kind.number} if "number" in vars(kind) else set()  # type: ignore[attr-defined]
        return own.union(*(below(child) for child in kind.__subclasses__()))

    assert below(Failure) == set(range(1, 13))


# 1


def test_empty_until_it_fills(play: Play) -> None:
    server = play(EmptyUntil(2, where="page=1$"))
    found = [page(server, 1) for _ in range(3)]
    assert [(len(p["items"]), p["total"]) for p in found] == [(0, 0), (0, 0), (20, 45)]
    assert len(page(server, 2)["items"]) == 20
    assert page(server, 4)["items"] == [], "a true end stays empty"


def test_empty_may_mean_no_byte_at_all(play: Play) -> None:
    answer = get(play(EmptyUntil(body=b"")))
    assert (answer.status_code, answer.content) == (200, b"")


# 2


@pytest.mark.parametrize(
    ("kind", "word"), [("login_html", "请先登录"), ("captcha_html", "请完成验证")]
)
def test_html_on_a_json_route(play: Play, kind: Any, word: str) -> None:
    answer = get(play(SoftBlock(kind)))
    assert answer.status_code == 200
    assert "html" in answer.headers["Content-Type"]
    assert word in answer.content.decode()


def test_an_empty_list_with_a_large_total(play: Play) -> None:
    server = play(SoftBlock("empty_with_total"), site=HeimaoSite(heimao_rows(30)))
    data = get(server, f"{FEED}?page=1").json()["result"]["data"]
    assert data["lists"] == []
    assert data["pager"]["item_count"] == 1000


def test_sent_to_the_login_page(play: Play) -> None:
    server = play(SoftBlock("redirect_login"))
    answer = get(server)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")
    assert "请先登录" in get(server, "/login").content.decode()


# 3


def test_a_ban_with_cool_down(play: Play) -> None:
    assert statuses(play(Ban(after=2, cool_down_requests=3)), 7) == [200, 200, *[456] * 3, 200, 200]
    assert statuses(play(Ban(403, after=1)), 4) == [200, 403, 403, 403]


def test_retry_after_in_seconds_as_a_date_or_missing(play: Play) -> None:
    later = datetime(2026, 9, 30, 18, 5, tzinfo=UTC)
    assert get(play(Throttle(7))).headers["Retry-After"] == "7"
    told = get(play(Throttle(later))).headers["Retry-After"]
    assert told == "Wed, 30 Sep 2026 18:05:00 GMT"
    assert "Retry-After" not in get(play(Throttle(None))).headers


# 4


def test_rows_inserted_between_pages_come_twice(play: Play) -> None:
    rows = sample_rows(45)
    site = PlainSite(rows[5:])
    server = play(InsertBetween(site, rows[:5], where="page=2"), site=site)
    seen = ids(page(server, 1)) + ids(page(server, 2)) + ids(page(server, 3))
    assert len(seen) - len(set(seen)) == 5
    assert {row.key for row in rows} - set(seen) == {row.key for row in rows[:5]}


def test_rows_removed_between_pages_hide_others(play: Play) -> None:
    rows = sample_rows(45)
    site = PlainSite(rows)
    gone = [row.key for row in rows[:3]]
    server = play(RemoveBetween(site, gone, where="page=2"), site=site)
    seen = ids(page(server, 1)) + ids(page(server, 2)) + ids(page(server, 3))
    assert {row.key for row in rows} - set(seen) == {row.key for row in rows[20:23]}


# 5


def test_past_the_end(play: Play) -> None:
    def fifth(kind: Any) -> requests.Response:
        return get(play(PastEnd(kind, last=3)), "/items?page=5")

    plain = play()
    assert ids(fifth("clamp").json()) == ids(page(plain, 3))
    assert ids(fifth("loop").json()) == ids(page(plain, 2))
    assert fifth("400").status_code == 400
    capped = play(PastEnd("capped_total", last=1))
    assert (len(page(capped, 1)["items"]), page(capped, 2)["items"]) == (20, [])
    assert page(capped, 2)["total"] == 45


# 6


def test_rows_change_during_the_night(play: Play) -> None:
    rows = sample_rows(10)
    site = PlainSite(rows)
    one, two, three = (row.key for row in rows[:3])
    server = play(
        Edit(site, (one,), changes={"text": "改过了", "rating": 1}, after=1),
        Edit(site, (two,), "hide", after=2),
        Edit(site, (two,), "restore", after=3),
        Edit(site, (three,), "delete", after=4),
        Edit(site, kind="expire", before=rows[8].at, after=5),
        site=site,
    )
    found = [page(server, 1) for _ in range(6)]
    assert found[0]["items"][0]["text"] == rows[0].text
    assert (found[1]["items"][0]["text"], found[1]["items"][0]["rating"]) == ("改过了", 1)
    assert [two in ids(p) for p in found] == [True, True, False, True, True, True]
    assert [three in ids(p) for p in found] == [True, True, True, True, False, False]
    assert ids(found[5]) == [row.key for row in rows if row.key != three and row.at >= rows[8].at]


def test_a_hidden_row_has_its_own_page_and_a_deleted_one_has_not(play: Play) -> None:
    rows = sample_rows(3)
    site = PlainSite(rows)
    site.hide(rows[0].key)
    site.delete(rows[1].key)
    server = play(site=site)
    assert ids(page(server, 1)) == [rows[2].key]
    assert get(server, f"/items/{rows[0].key}").status_code == 200
    assert get(server, f"/items/{rows[1].key}").status_code == 404
    with pytest.raises(KeyError, match="no row 'x' to edit"):
        site.edit("x", text="")


# 7


def test_html_drift(play: Play) -> None:
    def drawn(kind: Any, name: str) -> str:
        site = PlainSite(sample_rows(4), shape="html")
        return get(play(Drift(kind, name), site=site)).content.decode()

    renamed = drawn("class_renamed", ".author")
    assert renamed.count('class="v2-redesign"') == 4
    assert 'class="author"' not in renamed
    assert drawn("half_redesigned", ".author").count('class="author"') == 2
    assert drawn("column_inserted", ".date").count('<span class="ad-slot">推广</span><span') == 4
    assert "rating" not in drawn("field_removed", ".rating")


def test_json_drift(play: Play) -> None:
    def first(kind: Any, name: str, **more: Any) -> Any:
        site = HeimaoSite(heimao_rows(12))
        server = play(Drift(kind, name, **more), site=site)
        return get(server, f"{FEED}?page=2").json()["result"]["data"]

    assert "cotitle" not in first("field_removed", "cotitle")["lists"][0]["main"]
    assert first("new_enum", "status", to=99)["lists"][0]["main"]["status"] == 99
    assert first("null_list", "lists")["lists"] is None
    assert set(first("dict_list", "lists")["lists"]) == {"0", "1"}
    assert first("number_as_text", "item_count")["pager"]["item_count"] == "12"
    assert first("column_inserted", "sn")["lists"][0]["main"]["promo"] == "推广"
    renamed = first("half_redesigned", "main", to="body")["lists"]
    assert ["main" in item for item in renamed] == [True, False]


def test_a_list_of_one_becomes_its_item(play: Play) -> None:
    server = play(Drift("dict_list", "lists"), site=HeimaoSite(heimao_rows(1)))
    data = get(server, FEED).json()["result"]["data"]
    assert set(data["lists"]) == {"main", "author"}


def test_a_place_is_inserted_in_items_without_names(play: Play) -> None:
    inner = json.dumps([None, None, [2, 2, [5, None, None], None, []], ["com.example.yunwu", 7]])
    form = {"f.req": json.dumps([[["UsvDTd", inner, None, "generic"]]])}
    server = play(Drift("column_inserted", "2"), site=GooglePlaySite(play_rows(5)))
    url = f"{server.url}/_/PlayStoreUi/data/batchexecute"
    frames = json.loads(requests.post(url, data=form, timeout=10).text.removeprefix(")]}'"))
    review = json.loads(frames[0][2])[0][0]
    assert review[2] is None
    assert review[3] in range(1, 6)


# 8


def test_gbk_under_a_wrong_name_or_none(play: Play) -> None:
    site = PlainSite(sample_rows(4), shape="html")
    wrong = get(play(Encoding("gbk_wrong_charset"), site=site))
    assert wrong.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "云雾茶" in wrong.content.decode("gb18030")
    nothing = get(play(Encoding("gbk_no_charset"), site=site))
    assert nothing.headers["Content-Type"] == "text/html"
    assert b"charset" not in nothing.content
    assert "云雾茶" in nothing.content.decode("gb18030")


def test_jsonp(play: Play) -> None:
    answer = get(play(Encoding("jsonp", callback="cb9")))
    assert answer.text.startswith("cb9({")
    assert answer.text.endswith("});")


def test_control_characters_in_json_and_in_json_ld(play: Play) -> None:
    with pytest.raises(json.JSONDecodeError, match="control character"):
        json.loads(get(play(Encoding("control_chars"))).content)
    site = SchemaOrgSite(shop_rows(9))
    body = get(play(Encoding("control_chars"), site=site), "/products/oolong-gift-box.html").text
    block = re.search(r"<script.*?>(.*?)</script>", body, re.DOTALL)
    assert block is not None
    with pytest.raises(json.JSONDecodeError, match="control character"):
        json.loads(block[1])
    assert json.loads(block[1], strict=False)["sku"] == "\x0boolong-gift-box"


# 9


def test_framed_well_but_cut(play: Play) -> None:
    whole = get(play()).content
    cut = get(play(Wire("cut_json", at=100)))
    assert (cut.content, cut.headers["Content-Length"]) == (whole[:100], "100")
    raw = requests.get(
        f"{play(Wire('truncated_gzip')).url}/items?page=1", stream=True, timeout=10
    ).raw.read(decode_content=False)
    assert len(raw) == int(len(gzip.compress(whole, mtime=0)) / 2)
    with pytest.raises(EOFError):
        gzip.decompress(raw)


def exchange(server: ReplicaServer, limit: int = 10**9) -> tuple[bytes, str]:
    """The bytes of one answer as they came, at most about `limit`, and how they ended."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    found = b""
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(b"GET /items?page=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            while len(found) < limit:
                part = line.recv(65536)
                if not part:
                    return found, "closed"
                found += part
        except ConnectionResetError:
            return found, "reset"
    return found, "left"


def test_the_connection_breaks(play: Play) -> None:
    whole = get(play()).content
    for kind, end in (("cut_connection", "closed"), ("reset", "reset")):
        head, _, body = exchange(play(Wire(kind, at=50)))[0].partition(b"\r\n\r\n")  # type: ignore[arg-type]
        assert f"Content-Length: {len(whole)}".encode() in head
        assert body == whole[:50]
        assert exchange(play(Wire(kind, at=50)))[1] == end  # type: ignore[arg-type]


def test_drips_and_endless_bodies_are_bounded(play: Play) -> None:
    whole = get(play()).content
    dripped, end = exchange(play(Wire("slow_drip", size=7)))
    assert (dripped.partition(b"\r\n\r\n")[2], end) == (whole, "closed")
    endless, end = exchange(play(Wire("endless", limit=300_000)))
    head, _, body = endless.partition(b"\r\n\r\n")
    assert (len(body), end) == (300_000, "closed")
    assert b"Content-Length" not in head
    assert body.startswith(whole + whole[:10])
    headers, end = exchange(play(Wire("header_drip", limit=500)))
    assert (headers.endswith(b"X-Padding: " + b"a" * 500), end) == (True, "closed")


def test_who_hangs_up_ends_the_drip(play: Play) -> None:
    server = play(Wire("endless", until=1))
    assert exchange(server, limit=200_000)[1] == "left"
    assert get(server).status_code == 200, "the server goes on with the next visitor"


# 10


def test_a_token_expires_until_one_starts_over(play: Play) -> None:
    site = PlainSite(sample_rows(45), paging="token")
    server = play(Session("token_expires", after=2), site=site)
    token = get(server, "/items").json()["next_token"]
    path = f"/items?token={token}"
    assert statuses(server, 3, path) == [200, 401, 401]
    assert get(server, "/items").status_code == 200
    assert get(server, path).status_code == 200


def test_the_clock_is_skewed(play: Play) -> None:
    told = parsedate_to_datetime(get(play(Session("clock_skew", hours=26))).headers["Date"])
    assert timedelta(hours=25) < told - datetime.now(UTC) < timedelta(hours=27)


def test_the_build_id_goes_stale(play: Play) -> None:
    site = TrustpilotSite(trust_rows(45))
    server = play(Session("stale_build_id", build=BUILD_ID, after=1), site=site)
    path = "/_next/data/{}/review/www.yunwu-tea.example.json?page=2"
    assert statuses(server, 2, path.format(BUILD_ID)) == [200, 404]
    listed = get(server, "/review/www.yunwu-tea.example").text
    found = re.search(r'"buildId": "([^"]+)"', listed)
    assert found is not None
    assert found[1] != BUILD_ID
    assert len(get(server, path.format(found[1])).json()["pageProps"]["reviews"]) == 20


def test_a_cookie_first(play: Play) -> None:
    server = play(Session("cookie_first"))
    answer = get(server)
    assert "html" in answer.headers["Content-Type"]
    assert answer.headers["Set-Cookie"] == "visit=yes; Path=/"
    assert get(server, Cookie="visit=yes").json()["total"] == 45


def test_sent_to_another_host_or_a_private_address(play: Play) -> None:
    other = play(Session("redirect_other_host", target="http://127.0.0.1:9"))
    assert get(other).headers["Location"] == "http://127.0.0.1:9/items?page=1"
    private = get(play(Session("redirect_private")))
    assert (private.status_code, private.headers["Location"]) == (302, "http://10.0.0.1/")


# 11


def test_relative_dates_across_midnight(play: Play) -> None:
    now = datetime(2026, 9, 29, 0, 30, tzinfo=CHINA)
    moments = [now - timedelta(minutes=m) for m in (0, 5, 59, 190, 1440, 1500, 9000)]
    site = PlainSite(sample_rows(7))
    for row, at in zip(sample_rows(7), moments, strict=True):
        site.edit(row.key, at=at)
    server = play(Dates("relative", now), site=site)
    dates = [item["date"] for item in page(server, 1)["items"]]
    expected = ["刚刚", "5分钟前", "59分钟前", "3小时前", "昨天 00:30", "前天 23:30", "09-22"]
    assert dates == expected
    morning = play(Dates("relative", now + timedelta(hours=4)), site=site)
    assert page(morning, 1)["items"][0]["date"] == "4小时前"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("offset", "2026-09-29T05:00:00-07:00"),
        ("date_only", "2026-09-29"),
        ("future", "2027-09-29T20:00:00+08:00"),
        ("missing", None),
    ],
)
def test_other_dates(play: Play, kind: Any, expected: str | None) -> None:
    site = PlainSite(sample_rows(2))
    site.edit("r000002", at=NEWEST)
    found = page(play(Dates(kind, only=lambda at: at == NEWEST), site=site), 1)["items"]
    assert found[0].get("date") == expected
    assert found[1]["date"] == sample_rows(2)[1].at.isoformat()


def test_dates_in_unix_seconds_move_to_the_future_too(play: Play) -> None:
    rows = heimao_rows(1)
    server = play(Dates("future"), site=HeimaoSite(rows))
    main = get(server, FEED).json()["result"]["data"]["lists"][0]["main"]
    assert int(main["timestamp"]) == int(rows[0].at.timestamp()) + 366 * 86400


def test_an_old_item_is_pinned_first(play: Play) -> None:
    rows = sample_rows(25)
    server = play(Dates("pinned_old_first"))
    assert ids(page(play(Dates("pinned_old_first"), site=PlainSite(rows)), 1))[:2] == [
        rows[-1].key,
        rows[0].key,
    ]
    assert len({key for n in (1, 2, 3) for key in ids(page(server, n))}) == 45


# 12


def test_keys_are_missing_churning_or_of_no_help(play: Play) -> None:
    assert all("id" not in item for item in page(play(Keys("no_id")), 1)["items"])
    churning = play(Keys("url_churn"))
    urls = [page(churning, 1)["items"][0]["url"] for _ in range(2)]
    assert urls[0] != urls[1]
    assert {url.partition("?")[0] for url in urls} == {"/items/r000045"}
    same = page(play(Keys("identical_texts")), 1)["items"]
    assert len({item["text"] for item in same}) == 1
    assert len({item["author"] for item in same}) > 1
