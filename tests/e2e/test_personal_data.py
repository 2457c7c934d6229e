"""A person planted everywhere a person can be: nothing of him is left in lake, build and release.

One small deployment, one night, then the same under another key. What the scan looks for is looked
for in every column of every Parquet and DuckDB file, and in the raw bytes of every file.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
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
from orchestration.cli import call
from orchestration.deployment import Deployment
from orchestration.night import Night
from orchestration.nightly import run_night
from orchestration.progress import Silent
from orchestration.reading import Warehouse
from orchestration.scaffold import write_scaffold

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("personal-data")]

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
HEADERLESS = f"{PLANTED['mobile']},{PLANTED['mail']},{PLANTED['name']}\n1,2,3\n"


@dataclass(frozen=True)
class Home:
    """The deployment's folder, and where its Dagster keeps its state."""

    path: Path
    state: Path

    def night(self) -> None:
        """Run the night, and publish whatever the bounds of a usual day say."""
        deployment = Deployment(self.path)
        deployment.check()
        night = Night(deployment, reporter=Silent(), accept_drift=True)
        result = run_night(night, AS_OF, state=self.state)
        assert result.status == "published", result.reasons

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
    (config / "extracts.yml").write_text(
        "extracts:\n  customers:\n  orders:\n  cases:\n", encoding="utf-8"
    )
    for name, text in {
        "surveys/store/a.csv": SURVEY,
        "extracts/customers/a.csv": CUSTOMERS,
        "extracts/orders/a.csv": ORDERS,
        "extracts/orders/headerless.csv": HEADERLESS,
        "extracts/cases/a.csv": CASES,
    }.items():
        path = place.path / "landing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    before = os.environ.get(KEY_VARIABLE)
    os.environ[KEY_VARIABLE] = OLD_KEY
    place.night()
    yield place
    os.environ.pop(KEY_VARIABLE)
    if before is not None:
        os.environ[KEY_VARIABLE] = before


def test_nothing_of_a_person_is_left(home: Home) -> None:
    seen = home.rows("select sum(seen) as seen, sum(landed) as landed from quality.source_status")
    assert seen[0]["landed"] >= 8
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
    assert call(["rotate-key", "--home", str(home.path)]) == 0
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


def found_in(home: Home) -> list[tuple[str, str]]:
    """(what was planted, the file) for every planted value that a file of ours holds."""
    found = []
    for root in (*home.path.glob("lake*"), home.path / "build", home.path / "releases", home.state):
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
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
