"""The sites are in their platforms' shapes: paging to the end, and the traits parsers must know."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup

from demo.replica import Answer, Asked, Site
from demo.replica.sites import (
    bbb,
    dianping,
    dianshubao,
    eleme,
    gd12315,
    googleplay,
    heimao,
    jd,
    meituan,
    plain,
    schemaorg,
    tmall,
    trustpilot,
    zendesk,
)
from demo.replica.sites.rows import NEWEST


def ask(site: Site, target: str, form: str = "", **headers: str) -> Answer:
    method = "POST" if form else "GET"
    answer = site.answer(Asked(target, method, {"host": "x"} | headers, form.encode()))
    assert answer is not None, f"{target} is not the site's"
    return answer


def told(site: Site, target: str, form: str = "", **headers: str) -> Any:
    return json.loads(ask(site, target, form, **headers).body)


def soup(site: Site, target: str) -> BeautifulSoup:
    return BeautifulSoup(ask(site, target).body.decode(), "lxml")


def test_other_addresses_are_none_of_a_sites_business() -> None:
    sites: list[Site] = [
        bbb.BbbSite([]),
        dianping.DianpingSite([]),
        dianshubao.DianshubaoSite([]),
        eleme.ElemeSite([]),
        gd12315.Gd12315Site([]),
        googleplay.GooglePlaySite([]),
        heimao.HeimaoSite([]),
        jd.JdSite([]),
        meituan.MeituanSite([]),
        plain.PlainSite([]),
        schemaorg.SchemaOrgSite([]),
        tmall.TmallSite([]),
        trustpilot.TrustpilotSite([]),
        zendesk.ZendeskSite([]),
    ]
    assert [site.answer(Asked("/elsewhere?page=1")) for site in sites] == [None] * len(sites)


# plain


@pytest.mark.parametrize("shape", ["json", "html"])
@pytest.mark.parametrize("paging", ["page", "offset", "token", "next_link"])
def test_plain_paging_reaches_every_row_once(paging: Any, shape: Any) -> None:
    rows = plain.sample_rows(45)
    site = plain.PlainSite(rows, paging=paging, shape=shape)
    found: list[str] = []
    target: str | None = "/items"
    while target is not None:
        keys, target = _plain_page(site, target, shape, len(found))
        found += keys
    assert found == [row.key for row in rows]


def _plain_page(
    site: plain.PlainSite, target: str, shape: str, before: int
) -> tuple[list[str], str | None]:
    if shape == "html":
        page = soup(site, target)
        following = page.select_one("a.next")
        keys = [str(item["data-id"]) for item in page.select("ul.items li.item")]
        return keys, str(following["href"]) if following else None
    tree = told(site, target)
    keys = [item["id"] for item in tree["items"]]
    seen = before + len(keys)
    if "next" in tree:
        return keys, tree["next"]
    if "next_token" in tree:
        token = tree["next_token"]
        return keys, f"/items?token={token}" if token else None
    if seen >= tree["total"]:
        return keys, None
    return keys, f"/items?page={tree['page'] + 1}" if "page" in tree else f"/items?offset={seen}"


def test_plain_pages_follow_their_rows() -> None:
    site = plain.PlainSite(plain.sample_rows(3))
    site.hide("r000003")
    assert [item["id"] for item in told(site, "/items")["items"]] == ["r000002", "r000001"]
    site.restore("r000003")
    assert len(told(site, "/items")["items"]) == 3


def test_a_broken_token_is_refused() -> None:
    site = plain.PlainSite(plain.sample_rows(3), paging="token")
    assert ask(site, "/items?token=nonsense").status == 400


# heimao


def heimao_list(site: heimao.HeimaoSite, page: int, path: str = heimao.FEED) -> dict[str, Any]:
    return dict(told(site, f"{path}?page_size=10&page={page}")["result"]["data"])


def test_heimao_stops_after_fifty_pages() -> None:
    site = heimao.HeimaoSite(heimao.sample_rows(620))
    assert len(heimao_list(site, 50)["lists"]) == 10
    last = heimao_list(site, 51)
    assert last["lists"] == []
    assert (last["pager"]["item_count"], last["pager"]["page_amount"]) == (620, 50)


def test_heimao_items() -> None:
    rows = heimao.sample_rows(30)
    site = heimao.HeimaoSite(rows, marked="云雾茶")
    item = heimao_list(site, 1)["lists"][0]["main"]
    again = heimao_list(site, 1)["lists"][0]["main"]
    assert re.fullmatch(r"\d{11}", item["sn"])
    assert item["url"].startswith(f"//tousu.sina.com.cn/complaint/view/{item['sn']}/?sld=")
    assert item["url"] != again["url"]
    assert '<span class="code-red">云雾茶</span>' in item["title"]
    assert item["timestamp"] == str(int(rows[0].at.timestamp()))
    items = [i["main"] for page in (1, 2, 3) for i in heimao_list(site, page)["lists"]]
    long = [main["summary"] for main in items if main["summary"].endswith("...")]
    assert long
    assert all(437 <= len(text.encode()) - 3 <= 440 for text in long)
    rated = [main for main in items if main["evaluate_u"]]
    assert {main["status"] for main in rated} == {heimao.COMPLETED}


def test_heimao_by_company_as_jsonp_and_null() -> None:
    site = heimao.HeimaoSite(heimao.sample_rows(3))
    mine = told(site, f"{heimao.RECEIVED}?couid=5001&page=1")["result"]["data"]
    assert len(mine["complaints"]) == 3
    answer = ask(site, f"{heimao.RECEIVED}?couid=9&page=1&callback=jQuery1")
    body = answer.body.decode()
    assert body.startswith("try{jQuery1({")
    assert body.endswith(");}catch(e){};")
    assert '"complaints": null' in body


def test_heimao_pages() -> None:
    rows = heimao.sample_rows(40)
    site = heimao.HeimaoSite(rows)
    row = next(row for row in rows if row.rating)
    page = soup(site, f"/complaint/view/{row.key}/?sld=abc")
    labels = {li.get_text().partition("：")[0] for li in page.select("ul.ts-q-list li")}
    assert labels == {"投诉编号", "投诉对象", "投诉问题", "投诉要求", "涉诉金额", "投诉进度"}
    title = page.select_one("div.ts-d-question h1.article")
    assert title is not None
    assert title.get_text() == row.title
    steps = page.select("div.ts-d-steplist div.ts-d-item")
    assert len(steps) == len(row.steps) + 1
    whole = steps[-1].select_one(".ts-reply p")
    assert whole is not None
    assert whole.get_text() == row.text
    missing = ask(site, "/complaint/view/17000000000/")
    assert missing.status == 200
    assert "页面不存在" in missing.body.decode()


def test_heimao_steps_lead_to_the_status() -> None:
    at = NEWEST
    names = [s.what for s in heimao.steps_to(heimao.COMPLETED, at, "我", "文")]
    assert names == ["发起投诉", "审核通过", "已分配商家", "回复投诉", "确认完成投诉"]
    assert len(heimao.steps_to(heimao.APPROVED, at, "我", "文")) == 2
    assert "确认完成投诉" not in [s.what for s in heimao.steps_to(heimao.CLOSED, at, "我", "文")]


# trustpilot, dianping, bbb


def next_data(site: trustpilot.TrustpilotSite, page: int) -> dict[str, Any]:
    script = soup(site, f"/review/www.yunwu-tea.example?page={page}").select_one("#__NEXT_DATA__")
    assert script is not None
    return dict(json.loads(script.get_text()))


def test_trustpilot_pages() -> None:
    rows = trustpilot.sample_rows(45)
    site = trustpilot.TrustpilotSite(rows)
    trees = [next_data(site, number)["props"]["pageProps"] for number in (1, 2, 3)]
    reviews = [review for tree in trees for review in tree["reviews"]]
    assert [review["id"] for review in reviews] == [row.key for row in rows]
    assert all(re.fullmatch(r"[0-9a-f]{24}", review["id"]) for review in reviews)
    assert trees[0]["filters"]["pagination"]["totalPages"] == 3
    assert all(r["dates"]["publishedDate"].endswith(".000Z") for r in reviews)
    assert any(r["dates"]["updatedDate"] for r in reviews)
    assert any(r["reply"] for r in reviews)
    assert ask(site, "/review/www.yunwu-tea.example?page=4").status == 404


def test_trustpilot_data_route_holds_the_same() -> None:
    site = trustpilot.TrustpilotSite(trustpilot.sample_rows(25))
    build = next_data(site, 1)["buildId"]
    tree = told(site, f"/_next/data/{build}/review/www.yunwu-tea.example.json?page=2")
    assert tree["pageProps"] == next_data(site, 2)["props"]["pageProps"]


def test_dianping_pages() -> None:
    rows = dianping.sample_rows(40)
    site = dianping.DianpingSite(rows)
    base = f"/shop/{dianping.SHOP}/review_all"
    pages = [soup(site, path) for path in (base, f"{base}/p2", f"{base}/p3")]
    items = [item for page in pages for item in page.select(".reviews-items .main-review")]
    keys = [str(item.select(".actions a[data-id]")[0]["data-id"]) for item in items]
    assert keys == [row.key for row in rows]
    assert [bool(page.select("a.NextPage")) for page in pages] == [True, True, False]
    assert not soup(site, f"{base}/p4").select(".main-review")
    classes = {c for item in items for c in item.select(".sml-rank-stars")[0]["class"]}
    assert "sml-str45" in classes
    long = next(item for item in items if item.select(".review-words.Hide"))
    row = rows[items.index(long)]
    whole = long.select(".review-words.Hide")[0].get_text()
    assert whole.startswith(row.text)
    assert len(row.text) > dianping.SHORT


def test_dianping_hides_characters() -> None:
    rows = dianping.sample_rows(5)
    site = dianping.DianpingSite(rows, obfuscated=True, in_words=False)
    page = soup(site, f"/shop/{dianping.SHOP}/review_all")
    assert len(page.select(".review-words svgmtsi")) > 10
    assert any(row.text not in page.get_text() for row in rows)
    assert re.search(r"口味：\d\.\d", page.get_text())


def test_bbb_pages() -> None:
    rows = bbb.sample_rows(25)
    site = bbb.BbbSite(rows)
    pages = [soup(site, f"{bbb.PATH}?page={n}") for n in (1, 2, 3)]
    cards = [card for page in pages for card in page.select("li.card.bpr-complaint-grid[id]")]
    assert [card["id"] for card in cards] == [row.key for row in rows]
    first = cards[0].select(".bpr-complaint-date span")[0].get_text()
    assert first == rows[0].at.strftime("%m/%d/%Y")
    answered = [c for c in cards if "Business response" in c.select(".bpr-complaint-body")[0].text]
    assert len(answered) == sum(bool(row.reply) for row in rows) > 0
    assert ask(site, f"{bbb.PATH}?page=4").status == 404


# jd, tmall, eleme, meituan, google play


def test_jd_is_gbk_jsonp_from_page_zero() -> None:
    rows = jd.sample_rows(25)
    site = jd.JdSite(rows, counted=49_123)
    target = f"{jd.PATH}?productId={jd.PRODUCT}&page={{}}&callback=cb"
    found = []
    for page in (0, 1, 2, 3):
        answer = ask(site, target.format(page))
        assert answer.content_type == "text/html;charset=GBK"
        body = answer.body.decode("gbk")
        assert body.startswith("cb({")
        tree = json.loads(body[3:-2])
        found += [str(comment["id"]) for comment in tree["comments"]]
    assert found == [row.key for row in rows]
    assert tree["maxPage"] == 3
    assert tree["productCommentSummary"]["commentCountStr"] == "4.9万+"
    assert tree["productCommentSummary"]["commentCount"] == 49_000


def test_tmall_clamps_its_page() -> None:
    site = tmall.TmallSite(tmall.sample_rows(45))
    last = told(site, f"{tmall.PATH}?itemId={tmall.ITEM}&currentPage=3")["rateDetail"]
    past = told(site, f"{tmall.PATH}?itemId={tmall.ITEM}&currentPage=9")["rateDetail"]
    assert len(last["rateList"]) == 5
    assert past["rateList"] == []
    assert past["paginator"] == {"lastPage": 3, "page": 3, "items": 45}
    jsonp = ask(site, f"{tmall.PATH}?itemId={tmall.ITEM}&callback=jsonp1").body.decode()
    assert jsonp.startswith("jsonp1({")


def test_eleme_has_no_ids_and_no_times() -> None:
    rows = eleme.sample_rows(30)
    site = eleme.ElemeSite(rows)
    found = [i for n in range(0, 40, 8) for i in told(site, f"{eleme.RATINGS}?offset={n}&limit=8")]
    assert [item["rating_text"] for item in found] == [row.text for row in rows]
    assert not any("id" in item for item in found)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", item["rated_at"]) for item in found)
    said = [(i["username"], i["rated_at"], i["rating_text"]) for i in found]
    assert "匿名用户" in {name for name, _, _ in said}
    assert told(site, eleme.SCORES)["order_rating_amount"] == 30


def test_meituan_wants_a_post() -> None:
    site = meituan.MeituanSite(meituan.sample_rows(45))
    assert ask(site, meituan.PATH).status == 405
    tree = told(site, meituan.PATH, f"wmpoiIdStr={meituan.SHOP}&offset=3")
    assert tree["data"]["page_total"] == 3
    assert len(tree["data"]["wmCommentVo"]) == 5
    assert told(site, meituan.PATH, "wmpoiIdStr=other&offset=1")["code"] == 1


def play_page(site: googleplay.GooglePlaySite, token: str | None) -> list[Any]:
    inner = json.dumps([None, None, [2, 2, [40, None, token], None, []], [googleplay.APP, 7]])
    call = json.dumps([[[googleplay.CALL, inner, None, "generic"]]])
    body = ask(site, googleplay.PATH, f"f.req={call}").body.decode()
    assert body.startswith(")]}'\n\n")
    return list(json.loads(json.loads(body[4:])[0][2]))


def test_google_play_loops_without_a_token() -> None:
    rows = googleplay.sample_rows(90)
    site = googleplay.GooglePlaySite(rows)
    found, token = [], None
    while True:
        page = play_page(site, token)
        found += [review[0] for review in page[0]]
        if len(page) == 1:
            break
        token = page[1][1]
    assert found == [row.key for row in rows]
    assert play_page(site, None) == play_page(site, "")
    assert ask(site, googleplay.PATH, "f.req=nonsense").status == 400


# dianshubao, 12315, zendesk, schema.org


def test_dianshubao_carries_personal_data() -> None:
    site = dianshubao.DianshubaoSite(dianshubao.sample_rows(1200))
    target = "/?_a=product&f=complain&page_record=1000&p={}"
    first, second = told(site, target.format(1)), told(site, target.format(2))
    assert (first["curr_page"], first["page_total"]) == ("1", "2")
    assert (len(first["pw_rec_list"]), len(second["pw_rec_list"])) == (1000, 200)
    personal = [row for row in first["pw_rec_list"] if "mobile" in row]
    assert len(personal) == 200
    assert {"mobile", "email", "idcard", "name"} <= set(personal[0])
    assert {row["state"] for row in first["pw_rec_list"]} == {"1", "2", "3", "4", "5"}
    assert told(site, target.format(3))["pw_rec_list"] == []


def test_12315_shows_a_day_and_forgets_after_a_year() -> None:
    rows = gd12315.sample_rows(60)
    site = gd12315.Gd12315Site(rows, token="t")
    target = f"{gd12315.PATH}?day=2026-09-29&offset={{}}&limit=10&token=t"
    expected = [row.key for row in rows if row.at.date() == date(2026, 9, 29)]
    found = [row["id"] for n in (0, 10, 20) for row in told(site, target.format(n))["rows"]]
    assert found == expected
    assert told(site, target.format(0).removesuffix("t"))["rows"] == []
    site.today = date(2027, 9, 30)
    assert told(site, target.format(0))["rows"] == []


def test_zendesk_by_cursor() -> None:
    rows = zendesk.sample_rows(250)
    site = zendesk.ZendeskSite(rows, token="secret")
    assert ask(site, f"{zendesk.TICKETS}?start_time=0").status == 401
    page = told(site, f"{zendesk.TICKETS}?start_time=0", authorization="Bearer secret")
    found = page["tickets"]
    while not page["end_of_stream"]:
        target = f"{zendesk.TICKETS}?cursor={page['after_cursor']}"
        page = told(site, target, authorization="Bearer secret")
        found += page["tickets"]
    known = {int(row.key) for row in rows if row.updated_at <= NEWEST - timedelta(minutes=1)}
    assert {ticket["id"] for ticket in found} == known
    changes = [ticket["updated_at"] for ticket in found]
    assert changes == sorted(changes)


def test_zendesk_leaves_out_the_last_minute_and_throttles() -> None:
    rows = zendesk.sample_rows(3)
    site = zendesk.ZendeskSite(rows, per_minute=2)
    site.edit(rows[0].key, updated_at=NEWEST - timedelta(seconds=30))
    page = told(site, f"{zendesk.TICKETS}?start_time=0")
    assert int(rows[0].key) not in {ticket["id"] for ticket in page["tickets"]}
    late = int((NEWEST - timedelta(seconds=30)).timestamp())
    assert ask(site, f"{zendesk.TICKETS}?start_time={late}").status == 422
    answer = ask(site, f"{zendesk.TICKETS}?start_time=0")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    assert ask(site, f"{zendesk.TICKETS}?start_time=0").status == 200


def test_zendesk_histories() -> None:
    rows = zendesk.sample_rows(30)
    site = zendesk.ZendeskSite(rows)
    page = told(site, f"{zendesk.EVENTS}?start_time=0&per_page=20")
    found = page["ticket_events"]
    while not page["end_of_stream"]:
        page = told(site, f"{zendesk.EVENTS}?start_time={page['end_time']}&per_page=20")
        found += page["ticket_events"]
    keys = [event["id"] for event in found]
    limit = NEWEST - timedelta(minutes=1)
    known = {int(e.key) for row in rows for e in row.events if e.at <= limit}
    assert len(keys) == len(set(keys))
    assert set(keys) == known
    row = rows[-1]
    audits = told(site, f"/api/v2/tickets/{row.key}/audits.json")["audits"]
    assert [audit["id"] for audit in audits] == [int(event.key) for event in row.events]
    assert audits[1]["events"][0]["body"] == row.text


@pytest.mark.parametrize("markup", ["json_ld", "graph", "list", "comment", "microdata"])
def test_a_shops_reviews_are_found_through_its_sitemap(markup: Any) -> None:
    rows = schemaorg.sample_rows(30)
    site = schemaorg.SchemaOrgSite(rows, markup=markup, with_ids=True)
    assert b"Sitemap: http://x/sitemap.xml" in ask(site, "/robots.txt").body
    assert b"<loc>http://x/sitemap-products.xml</loc>" in ask(site, "/sitemap.xml").body
    urls = re.findall(r"<loc>http://x(.*?)</loc>", ask(site, "/sitemap-products.xml").body.decode())
    pages = [ask(site, url).body.decode() for url in urls]
    found = {key for page in pages for key in re.findall(r"#review-(\d+)", page)}
    assert found == {row.key for row in rows}
    assert ("itemprop" in pages[0]) == (markup == "microdata")
    assert ("// made by" in pages[0]) == (markup == "comment")


def test_a_shops_reviews_have_no_id_by_default() -> None:
    site = schemaorg.SchemaOrgSite(schemaorg.sample_rows(9))
    assert "#review-" not in ask(site, "/products/oolong-gift-box.html").body.decode()


# all


def test_rows_are_newest_first_and_of_the_past() -> None:
    modules: list[Any] = [bbb, dianping, dianshubao, eleme, gd12315, googleplay, heimao, jd]
    modules += [meituan, plain, schemaorg, tmall, trustpilot, zendesk]
    for module in modules:
        rows = module.sample_rows(20)
        moments: list[datetime] = [row.at for row in rows]
        assert moments == sorted(moments, reverse=True)
        assert moments[0] < NEWEST
        assert len({row.key for row in rows}) == 20
