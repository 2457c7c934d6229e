"""Nights that go wrong: what is good is published, what is not is said, nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from orchestration.deployment import Deployment
from orchestration.gate import run_row
from orchestration.night import Night
from orchestration.nightly import NightResult, run_night
from orchestration.progress import Silent
from orchestration.reading import Warehouse
from orchestration.scaffold import write_scaffold

pytestmark = pytest.mark.e2e

AS_OF = date(2026, 9, 30)
CASES = "case_id,created_at,issue\nk1,2026-09-10 09:00,等太久\n"
ORDERS = "order_id,customer_id,ordered_at,unit_id,channel,amount\n"
SURVEYS = """
surveys:
  nps:
    format: table
    roles: {response_id: id, submitted_at: at, customer_id: customer, nps: score, unit_id: unit}
  nothing_yet:
    format: table
    roles: {response_id: id, submitted_at: at, nps: score}
"""
SOURCES = """
sources:
  cfpb:
    platform: cfpb
    base_url: {url}
    allow_private_hosts: true
    first_day: 2026-09-01
    options: {{company: [ANY]}}
    politeness: {{min_interval_seconds: 0, backoff_seconds: 0}}
"""
FILES = {
    "landing/extracts/customers/c.csv": b"customer_id,segment\nc1,gold\nc2,basic\nc3,basic\n",
    "landing/extracts/units/u.csv": "unit_id,name,kind,region\ns1,南京东路店,store,华东\n".encode(),
    # 3 good orders; one of a customer nobody knows, one from the future, one with no number
    "landing/extracts/orders/a.csv": (
        ORDERS
        + "o1,c1,2026-09-01 10:00,s1,app,18.5\n"
        + "o2,c2,2026-09-02 10:00,s1,app,20\n"
        + "o3,nobody,2026-09-03 10:00,s1,app,21\n"
        + "o4,c3,2062-09-04 10:00,s1,app,22\n"
        + "o5,c3,2026-09-05 10:00,s1,app,十八块\n"
    ).encode(),
    # GBK bytes, with a header of Chinese words that no mapping knows: the columns are missing
    "landing/extracts/orders/b.csv": "订单号,会员号,金额\no6,c1,18\n".encode("gb18030"),
    "landing/extracts/orders/c.csv": ORDERS.encode(),  # a header and nothing else
    "landing/extracts/orders/d.csv": b"PK\x03\x04 this is no csv at all \x00\x00\xff\xfe",
    "landing/extracts/cases/cases.csv": CASES.encode("gb18030"),
    # an 11, a 7.5, a blank and 十分 are counted, not banded; r1 stands there twice, then changed
    "landing/surveys/nps/r.csv": (
        "id,at,customer,score,unit\n"
        + "r1,2026-09-06 12:00,c1,10,s1\n"
        + "r1,2026-09-06 12:00,c1,10,s1\n"
        + "r1,2026-09-06 12:00,c1,2,s1\n"
        + "r2,2026-09-07 12:00,c2,11,s1\n"
        + "r3,2026-09-07 12:00,,7.5,s1\n"
        + "r4,2026-09-07 12:00,,,s1\n"
        + "r5,2026-09-07 12:00,,十分,s1\n"
        + "r6,2026-09-07 12:00,,9,s1\n"
        + ",2026-09-07 12:00,,9,s1\n"
    ).encode(),
}


class _AlwaysBroken(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = (404, b"") if self.path == "/robots.txt" else (500, b"out of order")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@contextmanager
def broken_platform() -> Iterator[str]:
    """A platform on loopback that answers 500 all night."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _AlwaysBroken) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@dataclass(frozen=True)
class BadNight:
    """A night over bad input, and what it came to."""

    home: Path
    state: Path
    result: NightResult

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Ask the served release."""
        return Warehouse(self.home / "serving" / "warehouse.duckdb").rows(sql, *values)


def night(home: Path, **changes: Any) -> Night:
    return Night(Deployment(home), reporter=Silent(), **changes)


@pytest.fixture(scope="session")
def bad_night(tmp_path_factory: pytest.TempPathFactory, key_of_personal_data: None) -> BadNight:
    folder = tmp_path_factory.mktemp("bad")
    home, state = folder / "home", folder / "dagster"
    write_scaffold(home)
    for name, body in FILES.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(body)
    (home / "config" / "surveys.yml").write_text(SURVEYS, encoding="utf-8")
    with broken_platform() as url:
        (home / "config" / "sources.yml").write_text(SOURCES.format(url=url))
        result = run_night(night(home), AS_OF, state)
    return BadNight(home, state, result)


def test_what_is_good_is_published(bad_night: BadNight) -> None:
    assert (bad_night.result.status, bad_night.result.reasons) == ("published", ())
    orders = bad_night.rows("select order_id, customer_key from core.fct_order order by order_id")
    assert [row["order_id"] for row in orders] == ["o1", "o2", "o3"]


def test_an_order_of_an_unknown_customer_is_kept_unresolved(bad_night: BadNight) -> None:
    (row,) = bad_night.rows("from core.fct_order where order_id = 'o3'")
    assert (row["customer_id"], row["customer_key"]) == ("nobody", None)


def test_bad_rows_are_in_quarantine_with_line_column_and_reason(bad_night: BadNight) -> None:
    found = {
        (row["file"].split("/")[-1], row["line"], row["column_name"], row["reason_code"])
        for row in bad_night.rows("from quality.quarantine_record")
    }
    assert found == {
        ("a.csv", 5, "ordered_at", "future_timestamp"),
        ("a.csv", 6, "amount", "bad_number"),
        ("r.csv", 10, "response_id", "missing_required"),
    }


def test_a_file_with_a_missing_column_fails_alone_and_is_told_its_headers(
    bad_night: BadNight,
) -> None:
    (row,) = bad_night.rows("from quality.request_outcome where url like '%orders/b.csv'")
    assert row["outcome"] == "error"
    assert "order_id" in row["detail"]
    assert "订单号" in row["detail"]


def test_a_header_only_file_is_empty_for_sure(bad_night: BadNight) -> None:
    (row,) = bad_night.rows("from quality.request_outcome where url like '%orders/c.csv'")
    assert (row["outcome"], row["items_seen"]) == ("empty_confirmed", 0)


def test_a_file_that_is_no_table_fails_alone(bad_night: BadNight) -> None:
    (row,) = bad_night.rows("from quality.request_outcome where url like '%orders/d.csv'")
    assert row["outcome"] == "error"
    assert row["detail"]


def test_gbk_bytes_are_read_as_chinese(bad_night: BadNight) -> None:
    (row,) = bad_night.rows("select issue from core.fct_complaint where case_id = 'k1'")
    assert row["issue"] == "等太久"


def test_scores_off_the_scale_are_counted_and_not_banded(bad_night: BadNight) -> None:
    """r1's last version is a 2; 11, 7.5 and 十分 are invalid, the blank has no score, one is 9."""
    (row,) = bad_night.rows(
        "from marts.nps_period where unit_level = 'all' and segment = 'all'"
        " and touchpoint_id = 'all' and channel = 'all' and period_grain = 'month'"
    )
    assert (row["responses"], row["no_score"], row["invalid_score"]) == (2, 1, 3)
    assert (row["nps"], row["suppressed_reason"]) == (None, "fewer_than_5")


def test_a_repeated_response_is_a_duplicate_and_a_changed_one_a_new_version(
    bad_night: BadNight,
) -> None:
    (row,) = bad_night.rows(
        "from quality.reconciliation where source = 'survey_nps' and entity = 'survey_response'"
    )
    assert (row["seen"], row["facts"], row["duplicates"], row["superseded"]) == (9, 6, 1, 1)
    assert row["quarantined"] == 1


def test_nothing_is_lost_in_any_source(bad_night: BadNight) -> None:
    rows = bad_night.rows("from quality.reconciliation")
    assert len(rows) >= 6
    assert {row["difference"] for row in rows} == {0}


def test_a_source_that_answers_500_all_night_is_failed_and_stale(bad_night: BadNight) -> None:
    (row,) = bad_night.rows("from quality.source_status where source = 'cfpb'")
    assert (row["status"], row["is_stale"]) == ("failed", True)
    assert "500" in row["message"]
    attempts = bad_night.rows(
        "select http_status, outcome from quality.request_outcome"
        " where source = 'cfpb' and url not like '%robots.txt'"
    )
    assert len(attempts) > 1
    assert {(a["http_status"], a["outcome"]) for a in attempts} == {(500, "error")}


def test_a_survey_without_a_file_is_complete_and_says_so(bad_night: BadNight) -> None:
    (row,) = bad_night.rows("from quality.source_status where source = 'survey_nothing_yet'")
    assert (row["status"], row["seen"]) == ("complete", 0)
    assert row["message"] == "no files: the folder does not exist"


def test_a_failed_check_publishes_nothing_and_leaves_the_last_release(
    bad_night: BadNight, tmp_path: Path
) -> None:
    suite = (
        "table: core.fct_order\n"
        "expectations:\n"
        "  - expect: expect_table_row_count_to_be_between\n"
        "    name: a_thousand_orders\n"
        "    min_value: 1000\n"
        "    severity: error\n"
        "    why: A company of this size sells more.\n"
    )
    (tmp_path / "fct_order.yml").write_text(suite)
    before = (bad_night.home / "serving").resolve()
    with broken_platform() as url:
        (bad_night.home / "config" / "sources.yml").write_text(SOURCES.format(url=url))
        result = run_night(night(bad_night.home, suites=tmp_path), AS_OF, bad_night.state)
    assert (result.status, result.release) == ("held", None)
    assert any("a_thousand_orders" in reason for reason in result.reasons)
    assert (bad_night.home / "serving").resolve() == before
    assert not (bad_night.home / "releases" / result.run_id).exists()
    build = Warehouse(bad_night.home / "build" / "warehouse.duckdb")
    (row,) = build.rows("from quality.run where run_id = ?", result.run_id)
    assert (row["status"], row["checks_failed"]) == ("held", 1)
    page = (bad_night.home / "build" / "report" / "index.html").read_text(encoding="utf-8")
    assert "a_thousand_orders" in page


def test_a_step_that_breaks_fails_the_night_and_leaves_the_last_release(
    bad_night: BadNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    import orchestration.night

    def full_disk(*_: Any, **__: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(orchestration.night, "publish", full_disk)
    before = (bad_night.home / "serving").resolve()
    with broken_platform() as url:
        (bad_night.home / "config" / "sources.yml").write_text(SOURCES.format(url=url))
        result = run_night(night(bad_night.home), AS_OF, bad_night.state)
    assert result.status == "failed"
    assert any("no space left on device" in reason for reason in result.reasons)
    row = run_row(bad_night.home / "lake", AS_OF, result.run_id)
    assert row is not None
    assert (row["status"], "no space left" in row["message"]) == ("failed", True)
    assert (bad_night.home / "serving").resolve() == before


def test_a_build_file_that_somebody_holds_open_is_told_before_the_work(
    bad_night: BadNight,
) -> None:
    holder = (
        "import sys, duckdb; c = duckdb.connect(sys.argv[1], read_only=True)\n"
        "print('open', flush=True); sys.stdin.read()\n"
    )
    build = bad_night.home / "build" / "warehouse.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(build)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "open\n"
        result = run_night(night(bad_night.home), AS_OF, bad_night.state)
        reader.communicate()
    assert result.status == "failed"
    (reason,) = result.reasons
    assert f"Process {reader.pid} has {build} open" in reason
    assert "serving/warehouse.duckdb" in reason
