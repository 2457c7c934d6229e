"""A person planted everywhere a person can be: nothing of him is left in lake, build and release.

One small deployment, one night, then the same under another key. What the scan looks for is looked
for in every column of every Parquet and DuckDB file, in the raw bytes of every file, and in all
that the commands print.
"""

from __future__ import annotations

import json
import math
import os
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow.parquet as pq
import pytest

from lake.landing import Lake, RunContext
from lake.privacy import KEY_VARIABLE, Privacy
from loaders.config import ExtractConfig
from loaders.extracts import load_extract
from orchestration.cli import call, out
from orchestration.deployment import Deployment
from orchestration.night import Night
from orchestration.nightly import run_night
from orchestration.reading import Warehouse
from orchestration.scaffold import write_scaffold
from orchestration.summary import print_summary

pytestmark = pytest.mark.e2e

AS_OF = date(2026, 9, 30)
OLD_KEY, NEW_KEY = "the old key, only for tests", "the new key, only for tests"
PLANTED = {
    "mobile": "13987654321",
    "landline": "0755-26791357",
    "id card": "440305198503174616",
    "bank card": "6217 9876 5432 1098 761",
    "mail": "zhuge.planted@example.cn",
    "plate": "粤B7X31Z",
    "address": "梧桐山路731号9栋1204室",
    "name": "诸葛先生",
    "ip": "113.87.199.231",
    "wechat": "planted_wx_731",
}
WROTE = (
    "送错了，打13987654321或座机0755-26791357，身份证440305198503174616，"
    "卡6217 9876 5432 1098 761，"
    "邮箱zhuge.planted@example.cn，车牌粤B7X31Z，住在梧桐山路731号9栋1204室，找诸葛先生，"
    "IP 113.87.199.231，微信planted_wx_731"
)
SURVEYS = """
surveys:
  store:
    format: table
    roles: {response_id: 编号, submitted_at: 时间, customer_id: 会员, nps: 推荐, comment: 意见}
    hash: [推荐人手机]
  drinks:
    roles: {nps: 3、推荐, comment: 2、意见}
  typed:
    roles: {nps: nps, comment: words, customer_id: who}
"""
EXTRACTS = """
extracts:
  customers:
  orders:
  cases:
  contacts:
    database: crm
    table: contacts
"""
PLATFORM = """
title: Tea reviews (茶评)
access: by_permission
terms: Ours, for tests.
base_url: https://www.tea.example
zone: Asia/Shanghai
requests:
  feed:
    path: /api/reviews
    query: {p: "{page}"}
    format: json
    items: list
    paging: {kind: page}
    judge: {anchors: [list]}
    records: [review]
records:
  review:
    entity: review
    key: review_id
    fields:
      review_id: id
      rating: {path: score, as: whole, required: true, low: 1, high: 5}
      title: title
      body: content
      reply: answer
      author: user
      created_at: {path: time, as: local, required: true}
    hash: [author]
    drop: [mobile]
    payload: [note]
exports:
  reviews:
    record: review
    columns:
      review_id: [评价编号]
      rating: [评分]
      body: [评价内容]
      author: [用户昵称]
      created_at: [评价时间]
cursor: {order: newest_first, overlap_days: 7, history_days: 365}
bounds: {review: {min_items: 1}}
politeness: {min_interval_seconds: 1.0}
facts: [Invented.]
"""
SURVEY = (
    "编号,时间,会员,推荐,意见,您的姓名,联系电话,推荐人手机,其他补充,来自IP,车\n"
    f"1,2026-09-06 12:00,{PLANTED['mobile']},9,{WROTE},诸葛孔明,{PLANTED['mobile']},"
    f"{PLANTED['mobile']},{WROTE},{PLANTED['ip']}(广东-深圳),{PLANTED['plate']}\n"
    f"2,2026-09-07 12:00,c2,{PLANTED['mobile']},好,李小龙,13900000001,,"
    f"{PLANTED['id card']},1.80.3.4,京A12345\n"
    f"{PLANTED['mail']},2026-09-08 12:00,{PLANTED['id card']},8,{PLANTED['name']},王芳,,,,,\n"
    f"4,{PLANTED['mobile']},c2,8,{WROTE},,,,,,\n"  # no time: quarantined
    f"5,2026-09-08 12:00,c2,8,{WROTE},,,,,\n"  # a cell too few: quarantined
    f"合计,{PLANTED['mobile']},,,{WROTE},,,,,,\n"
)
CUSTOMERS = (
    "customer_id,segment,region,phone,email,姓名,住址\n"
    f"{PLANTED['mobile']},gold,{PLANTED['address']},{PLANTED['mobile']},{PLANTED['mail']},"
    f"诸葛先生,{PLANTED['address']}\n"
    f"c2,basic,华东,{PLANTED['landline']},,,\n"
    f"{PLANTED['id card']},basic,{PLANTED['plate']},,,,\n"
)
ORDERS = (
    "order_id,customer_id,ordered_at,channel,amount,status\n"
    f"o1,{PLANTED['mobile']},2026-09-01 10:00,app,18,{PLANTED['name']}\n"
    f"{PLANTED['mail']},{PLANTED['id card']},2026-09-01 10:00,{PLANTED['ip']},18,paid\n"
    f"o3,c2,2026-09-02 10:00,app,{PLANTED['mobile']}元钱,{PLANTED['mobile']}\n"  # no amount
    f"o4,c2,{WROTE},app,18,paid\n"  # no time
    f"o5,{PLANTED['mobile']},2026-09-02 10:00,{WROTE},18,paid,x\n"  # a cell too many
)
CASES = (
    "case_id,created_at,customer_id,channel,issue,priority,appeal,text\n"
    f"k1,2026-09-10 09:00,{PLANTED['mobile']},{PLANTED['name']},{WROTE},"
    f"{PLANTED['mobile']},{WROTE},{WROTE}\n"
)
DRINKS = (
    "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、您喝什么？,2、意见,3、推荐\n"
    f"1,2026/9/6 12:00:00,123秒,微信,{WROTE},{PLANTED['ip']}(广东-深圳),"
    f"红茶┋其他〖{WROTE}〗,{WROTE},9\n"
    f"2,2026/9/6 12:10:00,123秒,微信,N/A,{PLANTED['ip']}(广东-深圳),"
    f"其他〖{PLANTED['name']}〗,{PLANTED['name']},{WROTE}\n"
)
TYPED = {
    "items": [
        {
            "response_id": PLANTED["mail"],
            "landed_at": "2026-09-06T04:00:00Z",
            "submitted_at": submitted,
            "hidden": {"who": PLANTED["name"], "from": WROTE},
            "metadata": {"network_id": PLANTED["ip"], "referer": f"https://x.cn/?m={WROTE}"},
            "answers": [
                {"field": {"ref": "nps", "type": "opinion_scale"}, "type": "number", "number": 9},
                {"field": {"ref": "words", "type": "long_text"}, "type": "text", "text": WROTE},
                {
                    "field": {"ref": "drinks", "type": "multiple_choice"},
                    "type": "choices",
                    "choices": {"labels": ["红茶"], "other": WROTE},
                },
                {
                    "field": {"ref": "mail", "type": "email"},
                    "type": "email",
                    "email": PLANTED["mail"],
                },
                {
                    "field": {"ref": "phone", "type": "phone_number"},
                    "type": "phone_number",
                    "phone_number": f"+86{PLANTED['mobile']}",
                },
            ],
        }
        for submitted in ("2026-09-06T04:05:00Z", WROTE)
    ]
}
REVIEWS = {
    "list": [
        {
            "id": "1",
            "score": "5",
            "title": PLANTED["name"],
            "content": WROTE,
            "answer": WROTE,
            "user": PLANTED["name"],
            "mobile": PLANTED["mobile"],
            "note": WROTE,
            "time": "2026-09-06 12:00:00",
        },
        {"id": "2", "score": WROTE, "content": WROTE, "time": "2026-09-06 12:00:00"},
        {"id": "3", "score": "4", "user": PLANTED["mail"], "time": WROTE},
    ]
}
REVIEW_TABLE = (
    f"评价编号,评分,评价内容,用户昵称,评价时间,{PLANTED['mobile']}\n"
    f"11,5,{WROTE},{PLANTED['name']},2026-09-06 12:00,{WROTE}\n"
    f"12,{WROTE},{WROTE},{PLANTED['mail']},2026-09-06 12:00,\n"
)
CONTACTS = [
    ("t1", "诸葛先生", WROTE, "2026-09-06 12:00:00", WROTE, PLANTED["mobile"], PLANTED["mail"]),
    ("t2", f"u{PLANTED['mobile']}", "电话", WROTE, "staff", PLANTED["landline"], ""),
]
NAMED = f"{PLANTED['name']} {PLANTED['mobile']} {PLANTED['mail']}"
"""What somebody calls a file."""
HEADERLESS = f"{PLANTED['mobile']},{PLANTED['mail']},{PLANTED['name']}\n1,2,3\n"


@dataclass(frozen=True)
class Home:
    """The deployment's folder, and where its Dagster keeps its state."""

    path: Path
    state: Path

    @property
    def said(self) -> Path:
        """All that the commands printed."""
        return self.state.with_name("said.txt")

    def night(self) -> None:
        """Run the night, and publish whatever the bounds of a usual day say; look at it all."""
        deployment = Deployment(self.path)
        deployment.check()
        with heard(self.said):
            result = run_night(Night(deployment, accept_drift=True), AS_OF, state=self.state)
            print_summary(out, deployment, result)
        assert result.status == "published", result.reasons
        self.call("status", "--files", "--home", str(self.path))

    def call(self, *arguments: str) -> None:
        """One command that ends well."""
        with heard(self.said):
            assert call(list(arguments)) == 0

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return Warehouse(self.path / "serving" / "warehouse.duckdb").rows(sql)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One night over files that are full of one person."""
    folder = tmp_path_factory.mktemp("planted")
    place = Home(folder / "home", folder / "dagster")
    write_scaffold(place.path)
    config = place.path / "config"
    (config / "surveys.yml").write_text(SURVEYS, encoding="utf-8")
    (config / "extracts.yml").write_text(EXTRACTS, encoding="utf-8")
    (config / "sources.yml").write_text("sources:\n  tea: {platform: tea}\n", encoding="utf-8")
    (config / "platforms" / "tea").mkdir(parents=True)
    (config / "platforms" / "tea" / "source.yml").write_text(PLATFORM, encoding="utf-8")
    for name, text in {
        f"surveys/store/{NAMED}.csv": SURVEY,
        "surveys/drinks/a.csv": DRINKS,
        f"surveys/typed/{NAMED}.json": json.dumps(TYPED, ensure_ascii=False),
        f"platforms/tea/{NAMED}.json": json.dumps(REVIEWS, ensure_ascii=False),
        f"platforms/tea/{NAMED}.csv": REVIEW_TABLE,
        f"{NAMED}.txt": WROTE,  # where no source looks
        f"extracts/orders/{NAMED}.bin": WROTE,
        "extracts/customers/a.csv": CUSTOMERS,
        "extracts/orders/a.csv": ORDERS,
        "extracts/orders/headerless.csv": HEADERLESS,
        "extracts/cases/a.csv": CASES,
    }.items():
        path = place.path / "landing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with zipfile.ZipFile(place.path / "landing/extracts/orders/packed.zip", "w") as packed:
        packed.writestr(f"{NAMED}.csv", ORDERS.replace("\no", "\np"))
    database = sqlite3.connect(folder / "crm.db")
    columns = "contact_id, customer_id, channel, started_at, actor_kind, phone, email"
    database.execute(f"create table contacts ({columns})")
    database.executemany("insert into contacts values (?, ?, ?, ?, ?, ?, ?)", CONTACTS)
    database.commit()
    database.close()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("VOC_DB_CRM", f"sqlite:///{folder / 'crm.db'}")
        environment.setenv(KEY_VARIABLE, OLD_KEY)
        place.night()
        yield place


def test_nothing_of_a_person_is_left(home: Home) -> None:
    seen = home.rows("select sum(seen) as seen, sum(landed) as landed from quality.source_status")
    assert seen[0]["landed"] >= 8
    assert found_in(home) == []


def test_everything_that_was_planted_was_read(home: Home) -> None:
    read = home.rows(
        "select source, sum(seen) as seen, sum(quarantined) as quarantined "
        "from quality.dropped_file group by source order by source"
    )
    assert {row["source"]: (row["seen"], row["quarantined"]) for row in read} == {
        "extract_cases": (1, 0),
        "extract_contacts": (2, 1),
        "extract_customers": (3, 0),
        "extract_orders": (10, 6),
        "survey_drinks": (2, 0),
        "survey_store": (6, 3),
        "survey_typed": (2, 1),
        "tea": (5, 3),
    }
    told = home.said.read_text(encoding="utf-8")
    assert "[mobile]" in told


def test_masks_of_the_night_are_counted(home: Home) -> None:
    mails = home.rows(
        "select source || ' ' || entity as place, masked_values from quality.masked_value "
        "where kind = 'mail' and source in ('survey_drinks', 'tea') order by all"
    )
    assert [tuple(row.values()) for row in mails] == [
        ("survey_drinks survey_answer", 2),  # the other drink of 1; the score of 2
        ("survey_drinks survey_response", 2),  # the comment of 1; the score of 2
        ("tea review", 7),  # of 1: content, answer, note; of 11: content; of 2, 3 and 12: the fault
    ]
    counted = home.rows(
        "select source, sum(masked_values) as n from quality.masked_value group by source"
    )
    told = home.rows("select source, masked_values as n from quality.source_status")
    of_each = {row["source"]: row["n"] for row in counted}
    assert of_each == {row["source"]: row["n"] for row in told if row["n"]}
    assert of_each.keys() >= {"survey_store", "survey_drinks", "survey_typed", "tea"}


def test_looking_at_a_file_shows_nobody(home: Home) -> None:
    home.call("survey", "inspect", str(home.path / "landing/surveys/drinks/a.csv"), "--all")
    assert found_in(home) == []


def test_what_was_masked_still_says_what_it_was(home: Home) -> None:
    (case,) = home.rows("select text from core.fct_complaint")
    for kind in ("mobile", "phone", "id-card", "bank-card", "mail", "plate", "address", "name"):
        assert f"[{kind}]" in case["text"]


def test_the_same_person_meets_by_hash(home: Home) -> None:
    mine = Privacy(OLD_KEY.encode()).hash(PLANTED["mobile"])
    orders = home.rows("select distinct customer_id from core.fct_order")
    assert mine in {row["customer_id"] for row in orders}


def test_the_scan_finds_a_person_where_a_mask_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Privacy, "mask", lambda self, text: text)
    folder = tmp_path / "landing" / "extracts" / "cases"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text(CASES, encoding="utf-8")
    run = RunContext(AS_OF, "run", ZoneInfo("Asia/Shanghai"))
    load_extract(
        "cases",
        ExtractConfig(),
        home=tmp_path,
        lake=Lake(tmp_path / "lake"),
        run=run,
        privacy=Privacy(OLD_KEY.encode()),
        progress=lambda _: None,
    )
    kinds = {kind for kind, _ in found_in(Home(tmp_path, tmp_path / "none"))}
    assert kinds == set(PLANTED)


def test_after_a_rotation_the_same_customers_meet_and_nothing_is_lost(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = "select source, seen, landed, quarantined from quality.source_status order by source"
    before = home.rows(counts)
    monkeypatch.setenv(KEY_VARIABLE, NEW_KEY)
    home.call("rotate-key", "--home", str(home.path))
    home.night()
    assert home.rows(counts) == before
    assert home.rows("from quality.reconciliation where difference <> 0") == []
    old, new = (Privacy(k.encode()).hash(PLANTED["mobile"]) for k in (OLD_KEY, NEW_KEY))
    ids = {row["customer_id"] for row in home.rows("select customer_id from core.fct_order")}
    answered = {
        row["customer_id"] for row in home.rows("select customer_id from core.fct_survey_response")
    }
    assert new in ids & answered
    assert old not in ids | answered
    assert found_in(home) == []


@contextmanager
def heard(path: Path) -> Iterator[None]:
    """All that is written to stdout and stderr meanwhile goes into `path`, whoever writes it."""
    with path.open("a", encoding="utf-8") as file:
        kept = {stream: os.dup(stream) for stream in (1, 2)}
        for stream in kept:
            os.dup2(file.fileno(), stream)
        try:
            with redirect_stdout(file), redirect_stderr(file):
                yield
        finally:
            for stream, before in kept.items():
                os.dup2(before, stream)
                os.close(before)


def found_in(home: Home) -> list[tuple[str, str]]:
    """(what was planted, the file) for every planted value that a file of ours holds."""
    found = []
    roots = (*home.path.glob("lake*"), home.path / "build", home.path / "releases", home.state)
    for root in (*roots, home.said):
        for path in sorted(p for p in (root, *root.rglob("*")) if p.is_file()):
            everything = path.read_bytes() + "\n".join(_texts(path)).encode("utf-8", "replace")
            found += [
                (kind, str(path))
                for kind, value in PLANTED.items()
                if any(form in everything for form in _forms(value))
            ]
    return found


def _forms(value: str) -> set[bytes]:
    """A value as bytes: as written and without separators, in each encoding that files come in."""
    bare = re.sub(r"[ -]", "", value)
    return {
        form.encode(encoding)
        for form in {value, bare}
        for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
    }


def _texts(path: Path) -> Iterator[str]:
    """All values of a Parquet or DuckDB file as text; numbers too, as a phone may be one."""
    if path.suffix == ".parquet":
        for row in pq.ParquetFile(path).read().to_pylist():
            yield from map(_text, row.values())
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() where not internal"
            ).fetchall()
            for schema, table in tables:
                for row in connection.execute(f'from "{schema}"."{table}"').fetchall():
                    yield from map(_text, row)


def _text(value: object) -> str:
    return f"{value:.0f}" if isinstance(value, float) and math.isfinite(value) else str(value)
