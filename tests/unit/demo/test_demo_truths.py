"""The planted truths hold in the raw files: each is computed anew from the rows, by plain code."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from statistics import mean
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from demo.replica import ReplicaServer
from demo.world import Company

Home = dict[str, bytes]
Row = dict[str, Any]
Read = Callable[[Home, str], list[Row]]
DELIVERY_SCORE = "您有多大可能向朋友推荐云雾茶外卖？（0-10）"
CUTOFF = "2026-10-01"


@pytest.fixture(params=["home", "small_home"])
def any_home(request: pytest.FixtureRequest) -> Home:
    home: Home = request.getfixturevalue(request.param)
    return home


def truth(home: Home, name: str) -> Row:
    return next(dict(t) for t in json.loads(home["truths.json"])["truths"] if t["name"] == name)


def people(home: Home, read: Read) -> tuple[dict[str, str], dict[str, str]]:
    """Whose a mail is; and into whom a customer was merged, unless it was taken back."""
    rows = read(home, "landing/extracts/customers/")
    owners = {row["email"]: row["customer_id"] for row in rows if row["email"]}
    links = read(home, "landing/extracts/customer_links/")
    parted = {row["customer_id"] for row in links if row["kind"] == "unmerge"}
    merged = {row["other_id"]: row["customer_id"] for row in links if row["kind"] == "merge"}
    return owners, {other: one for other, one in merged.items() if other not in parted}


def answers(home: Home, read: Read) -> list[Row]:
    """Complete answers before the cutoff, one per id (the later row), in one shape."""
    found: dict[str, Row] = {}
    owners, remaining = people(home, read)
    for row in read(home, "landing/surveys/store_nps/"):
        if row["Status"] == "IP Address" and row["Finished"] == "True" and "store_id" in row:
            found[row["ResponseId"]] = {
                "survey": "store",
                "id": row["ResponseId"],
                "customer": remaining.get(row["ExternalReference"], row["ExternalReference"])
                or owners.get(row["RecipientEmail"], ""),
                "at": row["EndDate"],
                "raw": row.get("Q1_NPS"),
                "unit": row.get("store_id"),
                "device": row["IPAddress"],
                "seconds": int(row["Duration (in seconds)"]),
            }
    for row in read(home, "landing/surveys/delivery_nps/"):
        found[row["答卷编号"]] = {
            "survey": "delivery",
            "id": row["答卷编号"],
            "customer": remaining.get(row["会员号"], row["会员号"]),
            "at": str(row["提交答卷时间"]),
            "raw": row[DELIVERY_SCORE],
            "unit": row["门店编号"],
        }
    return [a for a in found.values() if "2026-04" <= a["at"] < CUTOFF and a["raw"] is not None]


def cases(home: Home, read: Read) -> list[Row]:
    """The cases without the planted dirt, which carries names instead of numbers."""
    rows = read(home, "landing/extracts/cases/")
    return [row for row in rows if re.fullmatch(r"case_\d{6}", row["case_id"])]


def score(raw: object) -> int | None:
    return int(str(raw)) if str(raw) in {str(n) for n in range(11)} else None


def nps(scores: list[int]) -> float:
    return 100 * (sum(s >= 9 for s in scores) - sum(s <= 6 for s in scores)) / len(scores)


def latest(rows: list[Row]) -> list[Row]:
    """Each known customer's last answer per survey and month."""
    kept: dict[tuple[str, str, str], Row] = {}
    for row in sorted(rows, key=lambda r: r["at"]):
        kept[row["survey"], row["customer"] or row["id"], row["at"][:7]] = row
    return list(kept.values())


def test_chain_nps(any_home: Home, read: Read) -> None:
    months: dict[str, list[int]] = defaultdict(list)
    for answer in latest(answers(any_home, read)):
        value = score(answer["raw"])
        if value is not None:
            months[f"{answer['at'][:7]}-01"].append(value)
    expected = truth(any_home, "chain_nps")["expect"]["by_period_start"]
    assert set(months) == set(expected)
    for month, scores in months.items():
        assert len(scores) == expected[month]["responses"]
        assert sum(s >= 9 for s in scores) == expected[month]["promoters"]
        assert sum(s <= 6 for s in scores) == expected[month]["detractors"]
        assert nps(scores) == pytest.approx(expected[month]["nps"], abs=1e-5)


def test_chain_nps_is_plausible(home: Home) -> None:
    months = truth(home, "chain_nps")["expect"]["by_period_start"].values()
    pooled = (
        100
        * (sum(m["promoters"] for m in months) - sum(m["detractors"] for m in months))
        / sum(m["responses"] for m in months)
    )
    assert 30 <= pooled <= 45
    assert sum(m["invalid_score"] for m in months) == 9
    assert sum(m["no_score"] for m in months) == 7


def test_the_delivery_region(any_home: Home, read: Read) -> None:
    planted = truth(any_home, "delivery_problem_region")
    units = {row["unit_id"]: row["region"] for row in read(any_home, "landing/extracts/units/")}
    mine: list[int] = []
    others: list[int] = []
    for answer in answers(any_home, read):
        value = score(answer["raw"])
        months = {start[:7] for start in planted["key"]["period_start"]}
        if answer["survey"] == "delivery" and answer["at"][:7] in months and value is not None:
            here = units[answer["unit"]] == planted["key"]["unit_id"]
            (mine if here else others).append(value)
    assert len(mine) >= 20
    assert nps(mine) <= planted["expect"]["nps_at_most"]
    assert nps(others) - nps(mine) >= planted["expect"]["below_pooled_other_regions_by_at_least"]


def test_the_delivery_region_was_fine_before(home: Home, read: Read) -> None:
    region = truth(home, "delivery_problem_region")["key"]["unit_id"]
    units = {row["unit_id"]: row["region"] for row in read(home, "landing/extracts/units/")}
    before = [
        score(a["raw"])
        for a in answers(home, read)
        if a["survey"] == "delivery" and a["at"] < "2026-08" and units[a["unit"]] == region
    ]
    assert nps([value for value in before if value is not None]) > 10


def test_the_induced_store(any_home: Home, read: Read) -> None:
    planted = truth(any_home, "induced_store")
    flagged = set(planted["expect"]["flagged_response_ids"])
    mine = [
        a
        for a in answers(any_home, read)
        if a["unit"] == planted["key"]["unit_id"] and a["at"].startswith("2026-09")
    ]
    raw = [s for a in mine if (s := score(a["raw"])) is not None]
    clean = [s for a in mine if a["id"] not in flagged and (s := score(a["raw"])) is not None]
    assert len(clean) >= 10
    assert nps(raw) >= planted["expect"]["nps_at_least"]
    assert nps(raw) - nps(clean) >= planted["expect"]["nps_above_nps_clean_by_at_least"]
    induced = [a for a in mine if a["id"] in flagged]
    assert len(induced) == len(flagged)
    assert len({a["device"] for a in induced}) == 1
    assert max(a["seconds"] for a in induced) < 10
    assert {a["raw"] for a in induced} == {"10"}


def test_no_other_device_answers_again_and_again(home: Home, read: Read) -> None:
    flagged = set(truth(home, "induced_store")["expect"]["flagged_response_ids"])
    devices = Counter(
        (a["unit"], a["device"], a["at"][:10])
        for a in answers(home, read)
        if a["survey"] == "store" and a["id"] not in flagged
    )
    assert max(devices.values()) == 1


def test_the_complaint_spike(any_home: Home, read: Read) -> None:
    planted = truth(any_home, "complaint_spike")
    key = planted["key"]
    weeks: Counter[date] = Counter()
    for row in cases(any_home, read):
        if row["unit_id"] == key["unit_id"] and row["issue"] == key["issue"]:
            day = date.fromisoformat(row["created_at"][:10])
            weeks[day - timedelta(days=day.weekday())] += 1
    monday = date.fromisoformat(key["first_day"])
    assert weeks.pop(monday) == planted["expect"]["created"] == 18
    assert sum(weeks.values()) == planted["expect"]["created_outside"] <= 3


def test_the_silent_customers(any_home: Home, read: Read) -> None:
    planted = truth(any_home, "silent_customers")
    silent = set(planted["key"]["customer_id"])
    numbered = re.compile(r"YW\d{6}-\d{6}")  # planted dirt carries other numbers
    days: dict[str, list[date]] = defaultdict(list)
    for row in read(any_home, "landing/extracts/orders/"):
        if row["会员号"] in silent and numbered.fullmatch(row["订单号"]):
            days[row["会员号"]].append(date.fromisoformat(row["下单时间"][:10].replace("/", "-")))
    assert set(days) == silent
    assert len(silent) >= 8
    for visits in days.values():
        visits.sort()
        gaps = [(b - a).days for a, b in pairwise(visits)]
        assert len(visits) >= 10
        assert max(gaps) <= 7
        recency = (date(2026, 9, 30) - visits[-1]).days
        assert recency >= planted["expect"]["recency_days_at_least"] >= 60


def history(home: Home, read: Read, case_id: str) -> list[Row]:
    rows = [r for r in read(home, "landing/extracts/case_events/") if r["case_id"] == case_id]
    return sorted(rows, key=lambda row: row["occurred_at"])


def test_the_ping_pong_case(any_home: Home, read: Read) -> None:
    planted = truth(any_home, "ping_pong_case")
    owners: list[str] = []
    returns = 0
    for event in history(any_home, read, planted["key"]["case_id"]):
        if event["type"] == "transferred":
            returns += event["owner_unit_id"] in owners
        if event["owner_unit_id"]:
            owners.append(event["owner_unit_id"])
    assert len(owners) - 1 == planted["expect"]["transfers"]
    assert returns == planted["expect"]["ping_pong_returns"]
    assert owners[-1] == planted["expect"]["owner_unit_id"]


def test_the_reopened_case(any_home: Home, read: Read) -> None:
    planted = truth(any_home, "reopened_case")
    events = history(any_home, read, planted["key"]["case_id"])
    kinds = [event["type"] for event in events]
    assert kinds.count("reopened") == planted["expect"]["reopens"] == 1
    assert not {"resolved", "closed"} & set(kinds[kinds.index("reopened") :])
    assert events[-1]["occurred_at"] < CUTOFF


def test_the_case_resolved_after_the_cutoff(any_home: Home, read: Read) -> None:
    planted = truth(any_home, "case_resolved_after_the_cutoff")
    events = history(any_home, read, planted["key"]["case_id"])
    ends = [e["occurred_at"] for e in events if e["type"] in ("resolved", "closed")]
    assert len(ends) == 1
    assert CUTOFF < ends[0] < "2026-10-01 01:00:00"


def test_the_rising_backlog(any_home: Home, read: Read) -> None:
    """Also that both readings agree: no case of the call centre is resolved but not closed."""
    planted = truth(any_home, "rising_backlog")
    created = {
        row["case_id"]: row["created_at"]
        for row in cases(any_home, read)
        if row["unit_id"] == planted["key"]["unit_id"]
    }
    ends: dict[str, dict[str, str]] = {"resolved": {}, "closed": {}}
    for row in read(any_home, "landing/extracts/case_events/"):
        if row["type"] in ends and row["occurred_at"] < CUTOFF:
            ends[row["type"]][row["case_id"]] = row["occurred_at"]
    by_day = planted["expect"]["open_cases_by_day"]
    for day, expected in by_day.items():
        for kind in ("resolved", "closed"):
            is_open = [
                case
                for case, at in created.items()
                if at[:10] <= day and ends[kind].get(case, CUTOFF)[:10] > day
            ]
            assert len(is_open) == expected, (day, kind)
    july, august, september = (by_day[day] for day in sorted(by_day))
    assert july * 2 <= august < september


def test_the_customer_answering_twice(any_home: Home, read: Read) -> None:
    planted = truth(any_home, "customer_answering_twice")
    mine = [a for a in answers(any_home, read) if a["customer"] == planted["key"]["customer_id"]]
    assert [a["id"] for a in sorted(mine, key=lambda a: a["at"])] == planted["key"]["response_id"]
    assert [score(a["raw"]) for a in sorted(mine, key=lambda a: a["at"])] == [3, 9]
    assert score(latest(mine)[0]["raw"]) == planted["expect"]["score_that_counts_in_the_month"]


@pytest.fixture(params=["company", "small_company"])
def heimao(request: pytest.FixtureRequest) -> tuple[Row, list[Row]]:
    """The truth, and what Heimao's replica shows: the feed, and each page's steps.

    They are read without the crawler.
    """
    company: Company = request.getfixturevalue(request.param)
    home: Home = request.getfixturevalue("home" if request.param == "company" else "small_home")
    with ReplicaServer(company) as replica:
        found: list[Row] = []
        while True:
            feed = {"type": "2", "page_size": "10", "page": str(len(found) // 10 + 1)}
            answer = requests.get(f"{replica.url}/api/index/feed", params=feed, timeout=10)
            listed = [dict(item["main"]) for item in answer.json()["result"]["data"]["lists"]]
            found += listed
            if len(listed) < 10:
                break
        for row in found:
            page = requests.get(f"{replica.url}/complaint/view/{row['sn']}/", timeout=10)
            row["steps"] = BeautifulSoup(page.content, "lxml").select("div.ts-d-item")
    return truth(home, "heimao_complaints")["expect"], found


def test_the_complaints_on_heimao(heimao: tuple[Row, list[Row]]) -> None:
    planted, listed = heimao
    mine = [row for row in listed if "云雾茶" in row["cotitle"]]
    assert len(mine) == planted["complaints"]
    assert Counter(str(row["status"]) for row in mine) == planted["by_status_raw"]
    others = sorted(row["sn"] for row in listed if row not in mine)
    assert others == sorted(planted["other_complaints"])
    assert {row["cotitle"] for row in listed if row not in mine} == {planted["other_brand"]}
    ended = {7: "resolved", 8: "closed"}
    assert Counter(ended.get(row["status"], "open") for row in mine) == planted["by_current_status"]
    steps = [step for row in mine for step in row["steps"]]
    said = Counter(step.select_one(".u-status").text for step in steps)
    by_type = planted["steps_by_type"]
    assert sum(said.values()) == sum(by_type.values())
    assert said["发起投诉"] == by_type["created"] == len(mine)
    assert said["审核通过"] + said["补充投诉"] == by_type["commented"]
    assert said["确认完成投诉"] == by_type["resolved"]
    assert said["投诉关闭"] == by_type["closed"]
    assert said["评价"] == by_type["rated"] == len(planted["rating_satisfaction"])
    whole = {row["sn"]: row["steps"][-1].select_one(".ts-reply p").text for row in mine}
    assert {sn: len(text) for sn, text in whole.items()} == planted["characters"]
    assert planted["longest_text"] in whole.values()
    cut = [row for row in mine if row["summary"] != whole[row["sn"]]]
    assert cut
    assert all(row["summary"].endswith("...") for row in cut)


def test_the_saved_page_of_reviews(any_home: Home, read: Read) -> None:
    planted = truth(any_home, "shop_reviews")
    expect = planted["expect"]
    text = any_home[expect["file"]].decode()
    page = BeautifulSoup(text, "lxml")
    assert f"url: https://www.dianping.com/shop/{expect['product_id']}/review_all/p1?" in text
    units = {row["unit_id"]: row["name"] for row in read(any_home, "landing/extracts/units/")}
    assert page.select_one("h1.shop-name").text == units[expect["unit_id"]]
    stars = [
        int(re.search(r"sml-str(\d+)", tag["class"][1])[1]) / 10 for tag in page.select(".star")
    ]
    assert len(stars) == expect["reviews"] == 15
    assert mean(stars) == pytest.approx(expect["mean_rating"], abs=1e-6)
    assert len(page.select(".shop-reply")) == expect["replies"]
    assert len({tag["data-id"] for tag in page.select(".praise")}) == 15
    assert not page.select(".NextPage")


def test_head_office_s_complaints(company: Company, home: Home) -> None:
    expect = truth(home, "head_office_complaints")["expect"]
    cfpb = [c for c in company.public_complaints if c.company == "YUNWU TEA PAY LLC"]
    heimao = [c for c in company.heimao_complaints if c.company == "云雾茶"]
    months = Counter(f"{day:%Y-%m-01}" for day in [c.received_on for c in cfpb])
    months += Counter(f"{at:%Y-%m-01}" for at in [c.at for c in heimao])
    assert months == expect["created_by_month"]
    assert expect["open_at_as_of"] == {
        "cfpb": sum(c.company_response == "In progress" for c in cfpb),
        "heimao": sum(c.status not in (7, 8) for c in heimao),
    }


def test_the_lines_of_an_order_make_its_amount(any_home: Home, read: Read) -> None:
    amounts = {
        row["订单号"]: float(row["实付金额"])
        for row in read(any_home, "landing/extracts/orders/")
        if row["订单号"].startswith("YW2609") and len(row["*"]) == 11
    }
    lines = {tuple(row["*"]) for row in read(any_home, "landing/extracts/order_lines/")}
    summed: Counter[str] = Counter()
    for order_id, _, _, quantity, amount in lines:
        assert quantity == "1"
        summed[order_id] += float(amount.removeprefix("￥"))
    assert len(summed) > 100
    assert all(amounts[order_id] == total for order_id, total in summed.items())
    assert min(summed).startswith("YW260924")


def test_a_store_was_dirty_before_its_foreign_objects(any_home: Home, read: Read) -> None:
    found = truth(any_home, "dirty_store")
    scores: dict[str, list[float]] = {}
    for row in read(any_home, "landing/extracts/qsc_audits/"):
        if row["类别"] == "卫生" and row["巡店时间"] < "2026-09" and row["得分"] != "优":
            scores.setdefault(row["门店编号"], []).append(float(row["得分"]))
    means = {unit: mean(given) for unit, given in scores.items()}
    assert min(means, key=lambda unit: means[unit]) == found["key"]["unit_id"]
    assert means[found["key"]["unit_id"]] == found["expect"]["mean_score_in_august"]


def test_who_is_who(any_home: Home, read: Read) -> None:
    """Counted by the story's own words: three second cards, a mistake, two families, a stranger."""
    expect = truth(any_home, "who_is_who")["expect"]
    records = expect["records"].values()
    cases = expect["by_source"]["extract_cases"]
    assert cases["ambiguous"] == 2
    assert cases["unmatched"] == 1
    assert cases["by_phone"] == 5  # four of their own, and one of an owner of two cards
    answered = expect["by_source"]["survey_store_nps"]
    assert (answered["by_email"], answered["unmatched"], answered["by_declared_link"]) == (5, 2, 3)
    assert answered["facts"] > answered["with_identifier"] > 100
    assert Counter(who["status"] for who in records)["ambiguous"] == 2
    assert expect["links"] == {"merge": 4, "unmerge": 1}
    _, remaining = people(any_home, read)
    assert len(remaining) == 3
    told = [who["customer_id"] for who in records if who["method"] == "declared_link"]
    assert sorted(told) == sorted(remaining.values())
    customers = read(any_home, "landing/extracts/customers/")
    kept = {row["customer_id"]: row["phone"] for row in customers if row["customer_id"]}
    phones = Counter(kept.values())
    assert sum(n == 2 for n in phones.values()) == 2 + 3  # the families', and the second cards'
