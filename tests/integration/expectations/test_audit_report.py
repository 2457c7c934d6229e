"""The audit report from real DuckDB files: what it says, and what it must never do."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from bs4 import BeautifulSoup

from expectations.report import write_report

pytestmark = pytest.mark.integration

RUN = "r1"
AS_OF = "2026-09-30"

TABLES = {
    "quality.run": "run_id varchar, as_of date, started_at timestamp, finished_at timestamp,"
    " status varchar, tool_version varchar, checks_passed bigint, checks_failed bigint,"
    " checks_warned bigint, message varchar",
    "quality.expectation_result": "run_id varchar, as_of date, engine varchar, name varchar,"
    " table_name varchar, column_name varchar, severity varchar, passed boolean,"
    " observed varchar, expected varchar, rows_failing bigint, message varchar,"
    " checked_at timestamp",
    "quality.source_status": "source varchar, kind varchar, run_id varchar, last_run_dt date,"
    " status varchar, message varchar, last_complete_dt date, is_stale boolean,"
    " watermark timestamp",
    "quality.reconciliation": "source varchar, entity varchar, dt date, seen bigint,"
    " landed bigint, quarantined bigint, facts bigint, superseded bigint, duplicates bigint,"
    " placed bigint, difference bigint",
    "quality.quarantine_record": "source varchar, entity varchar, dt date, run_id varchar,"
    " file varchar, line bigint, column_name varchar, reason_code varchar, reason varchar,"
    " natural_key varchar, value_masked varchar, archive_file varchar, archive_offset bigint,"
    " observed_at timestamp",
    "marts.nps_period": "metric varchar, unit_level varchar, unit_id varchar, segment varchar,"
    " touchpoint_id varchar, channel varchar, period_grain varchar, period_start date,"
    " period_end date, responses bigint, no_score bigint, invalid_score bigint, nps double,"
    " nps_low double, nps_high double, nps_clean double, response_rate double, delta double,"
    " delta_low double, delta_high double, low_n boolean, suppressed_reason varchar",
    "marts.complaint_backlog_day": "date_day date, unit_id varchar, age_bucket varchar,"
    " age_order bigint, open_cases bigint",
    "marts.churn_warning": "customer_id varchar, snapshot_date date, band varchar,"
    " score double, reason_1 varchar, reason_1_zh varchar, reason_1_code varchar",
}

Make = Callable[..., BeautifulSoup]


@pytest.fixture
def page(tmp_path: Path) -> Make:
    """A maker of pages: the rows given by table, every other table empty, or left out."""

    def make(*, without: tuple[str, ...] = (), title: str = "云雾茶", **rows: Any) -> BeautifulSoup:
        path = tmp_path / "warehouse.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema marts; create schema quality")
            for table, columns in TABLES.items():
                if table in without:
                    continue
                connection.execute(f"create table {table} ({columns})")
                for row in rows.get(table.split(".")[1], []):
                    marks = ", ".join("?" for _ in row)
                    names = ", ".join(f'"{name}"' for name in row)
                    connection.execute(
                        f"insert into {table} ({names}) values ({marks})", list(row.values())
                    )
        before = hashlib.sha256(path.read_bytes()).hexdigest()
        written = write_report(path, tmp_path / "report", title=title, as_of=AS_OF, run_id=RUN)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == before
        assert written == tmp_path / "report" / "index.html"
        return BeautifulSoup(written.read_text(encoding="utf-8"), "lxml")

    return make


def _run(status: str = "published", **more: Any) -> list[dict[str, Any]]:
    return [{"run_id": RUN, "as_of": AS_OF, "status": status, **more}]


def _check(name: str = "not_null", *, passed: bool = True, **more: Any) -> dict[str, Any]:
    row = {"run_id": RUN, "as_of": AS_OF, "engine": "dbt", "name": name, "severity": "error"}
    return {**row, "table_name": "core.fct_order", "passed": passed, "observed": "seen", **more}


def _counts(difference: int = 0, source: str = "extract_orders", **more: Any) -> dict[str, Any]:
    row = {"source": source, "entity": "orders", "dt": AS_OF, "seen": 10, "landed": 9}
    rest = {"quarantined": 1, "facts": 9 - difference, "superseded": 0, "duplicates": 0}
    return {**row, **rest, "placed": 10 - difference, "difference": difference, **more}


def _rejected(**more: Any) -> dict[str, Any]:
    row = {"source": "extract_orders", "entity": "orders", "dt": AS_OF, "run_id": RUN}
    fault = {"file": "landing/extracts/orders/九月.csv", "line": 7, "reason_code": "bad_timestamp"}
    return {**row, **fault, "reason": "No such day.", "column_name": "ordered_at", **more}


def _nps(month: int, nps: float | None, **more: Any) -> dict[str, Any]:
    cell = {"metric": "nps", "unit_level": "all", "unit_id": "all", "segment": "all"}
    cell |= {"touchpoint_id": "all", "channel": "all", "period_grain": "month"}
    cell |= {"period_start": f"2026-{month:02}-01", "period_end": f"2026-{month:02}-28"}
    value = {} if nps is None else {"nps": nps, "nps_low": nps - 8, "nps_high": nps + 8}
    return {**cell, "responses": 120, "low_n": False, **value, **more}


def _said(page: BeautifulSoup, selector: str) -> str:
    found = page.select_one(selector)
    assert found is not None, selector
    return " ".join(found.get_text(" ").split())


def test_a_published_night_says_so_and_why(page: Make) -> None:
    html = page(
        run=_run(),
        expectation_result=[_check(), _check("odd", passed=False, severity="warn")],
        reconciliation=[_counts()],
        quarantine_record=[_rejected()],
    )
    verdict = _said(html, "#verdict")
    assert verdict.startswith("Published")
    assert "2 were made, 1 gave a warning" in verdict
    assert "Each of the 10 records seen so far is accounted for, 1 of them in quarantine" in verdict
    assert html.select_one("#verdict.good") is not None
    assert "云雾茶" in _said(html, "h1")
    assert AS_OF in _said(html, "header")


def test_a_held_night_says_what_failed_first(page: Make) -> None:
    html = page(
        run=_run("held"),
        expectation_result=[
            _check("fine"),
            _check("odd", passed=False, severity="warn"),
            _check("rows", passed=False, engine="gx", message="Row count 749, expected 750."),
        ],
    )
    verdict = _said(html, "#verdict")
    assert verdict.startswith("Held back")
    assert "1 check that guards a release failed" in verdict
    assert "Row count 749, expected 750." in verdict
    shown = [" ".join(row.get_text(" ").split()) for row in html.select("#checks tbody tr")]
    assert [row.split()[0] for row in shown] == ["failed", "warning", "passed"]


def test_a_night_held_by_something_else_than_a_check_says_what(page: Make) -> None:
    html = page(
        run=_run("held", message="fct_order was not built: disk full"),
        expectation_result=[_check()],
    )
    verdict = _said(html, "#verdict")
    assert verdict.startswith("Held back")
    assert "fct_order was not built: disk full." in verdict


def test_another_runs_checks_are_not_this_runs(page: Make) -> None:
    html = page(
        run=_run(), expectation_result=[_check(), _check("of_another", passed=False, run_id="r0")]
    )
    assert _said(html, "#verdict").startswith("Published")
    assert "of_another" not in _said(html, "#checks")


def test_a_run_that_is_not_in_the_file_is_not_vouched_for(page: Make) -> None:
    html = page()
    assert _said(html, "#verdict").startswith("Not checked")
    assert html.select_one("#verdict.unsure") is not None


def test_a_lost_record_is_shown_where_it_was_lost(page: Make) -> None:
    html = page(run=_run(), expectation_result=[_check()], reconciliation=[_counts(difference=2)])
    assert "2 of 10 records seen so far are not accounted for" in _said(html, "#verdict")
    lost = _said(html, "#reconciliation")
    assert "Nights that do not add up" in lost
    assert f"extract_orders orders {AS_OF} 10 8 2" in lost


def test_sources_show_their_night_and_what_is_stale(page: Make) -> None:
    status = {"source": "cfpb", "kind": "platform", "status": "failed", "is_stale": True}
    html = page(
        run=_run(),
        expectation_result=[_check()],
        source_status=[{**status, "message": "HTTP 500 all night.", "last_complete_dt": None}],
        reconciliation=[_counts(source="cfpb")],
    )
    row = _said(html, "#sources tbody tr")
    assert row == "cfpb platform failed stale 10 9 1 never HTTP 500 all night."
    assert "cfpb did not complete tonight" in _said(html, "#verdict")


def test_quarantine_names_file_line_column_and_reason(page: Make) -> None:
    older = [_rejected(dt="2026-09-29", line=n) for n in range(1, 6)]
    html = page(run=_run(), quarantine_record=[*older, _rejected(line=7)])
    (row,) = html.select("#quarantine tbody tr")
    cells = [" ".join(cell.get_text(" ").split()) for cell in row.select("td")]
    assert cells[:4] == ["extract_orders orders", "bad_timestamp", "6", "1"]
    examples = [" ".join(e.get_text(" ").split()) for e in row.select("td:last-child > div")]
    assert len(examples) == 3
    assert examples[0] == "landing/extracts/orders/九月.csv:7 · column ordered_at No such day."


def test_nps_is_drawn_by_month_and_a_hidden_month_stays_hidden(page: Make) -> None:
    html = page(
        run=_run(),
        nps_period=[
            _nps(7, 30.0, responses=400, delta=-3.0, delta_low=-9.0, delta_high=3.0),
            _nps(8, 20.0, unit_level="region", unit_id="华东"),
            _nps(9, None, responses=3, suppressed_reason="fewer_than_5"),
        ],
    )
    titles = [t.get_text() for t in html.select("#nps svg title")]
    assert "July 2026: NPS 30, 95 % interval 22 to 38; 400 responses" in titles
    assert "September 2026: hidden: fewer than 5 responses; 3 responses" in titles
    assert not [t for t in titles if t.startswith("August")]
    assert "hidden: fewer than 5 responses" in _said(html, ".key")


def test_backlog_and_churn_are_shown(page: Make) -> None:
    day = {"unit_id": "s1", "age_bucket": "0-1d", "age_order": 1}
    churn = {
        "snapshot_date": AS_OF,
        "score": 80.0,
        "reason_1": "Silent 90 d",
        "reason_1_zh": "沉默",
    }
    churn["reason_1_code"] = "recency_gone"
    html = page(
        run=_run(),
        complaint_backlog_day=[
            {**day, "date_day": "2026-09-23", "open_cases": 4},
            {**day, "date_day": AS_OF, "open_cases": 2},
            {**day, "date_day": AS_OF, "unit_id": "s2", "open_cases": 3},
        ],
        churn_warning=[
            {**churn, "customer_id": "c1", "band": "high"},
            {**churn, "customer_id": "c2", "band": "low"},
            {**churn, "customer_id": "c3", "band": "high", "snapshot_date": "2026-09-29"},
        ],
    )
    assert "5 open on 2026-09-30" in _said(html, "#backlog")
    assert "4 a week earlier" in _said(html, ".keys")
    churned = _said(html, "#churn")
    assert "high 1 · 50 % low 1 · 50 %" in churned
    assert "recency gone e.g. Silent 90 d · 沉默 1 · 100 %" in churned


def test_an_empty_night_is_told_in_words(page: Make) -> None:
    html = page(run=_run(), expectation_result=[_check()])
    assert "No response has landed yet" in _said(html, "#nps")
    assert "Nothing is in quarantine" in _said(html, "#quarantine")
    assert "None failed and none warned" in _said(html, "#checks")
    assert not html.select("svg")


def test_missing_tables_are_named_and_not_counted_as_zero(page: Make) -> None:
    html = page(without=tuple(TABLES))
    assert _said(html, "#verdict").startswith("Not checked")
    for table in TABLES.keys() - {"quality.run"}:
        assert table in html.get_text()
    values = [v.get_text(strip=True) for v in html.select(".key .value")]
    assert values[:4] == ["–", "–", "–", "–"]


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)></style></title>{{ 7*7 }}'


def test_hostile_text_stays_text_wherever_it_comes_from(page: Make) -> None:
    churn = {"customer_id": "c", "snapshot_date": AS_OF, "band": "high", "score": 1.0}
    html = page(
        title=HOSTILE,
        run=_run("held", message=HOSTILE, tool_version=HOSTILE, finished_at="2026-09-30 18:00:00"),
        expectation_result=[
            _check(HOSTILE, passed=passed, table_name=HOSTILE, observed=HOSTILE, message=HOSTILE)
            for passed in (True, False)
        ],
        source_status=[{"source": HOSTILE, "status": HOSTILE, "message": HOSTILE, "kind": HOSTILE}],
        reconciliation=[_counts(source=HOSTILE, entity=HOSTILE)],
        quarantine_record=[
            _rejected(file=HOSTILE, reason=HOSTILE, column_name=HOSTILE, value_masked=HOSTILE)
        ],
        complaint_backlog_day=[
            {"date_day": AS_OF, "age_bucket": HOSTILE, "age_order": 1, "open_cases": 1}
        ],
        churn_warning=[
            {
                **churn,
                "band": band,
                "reason_1": HOSTILE,
                "reason_1_zh": HOSTILE,
                "reason_1_code": HOSTILE,
            }
            for band in ("high", HOSTILE)
        ],
    )
    assert not html.select("script, img, iframe, object, link, base, form")
    assert not [tag for tag in html.find_all(True) if any(a.startswith("on") for a in tag.attrs)]
    assert "<script>alert(1)</script>" in _said(html, "#quarantine")
    assert "{{ 7*7 }}" in _said(html, "h1")
    assert len(html.select("style")) == 1


def test_the_page_asks_nothing_of_a_network(page: Make) -> None:
    html = page(
        run=_run(),
        nps_period=[_nps(9, 30.0)],
        quarantine_record=[_rejected(file="https://itunes.apple.com/cn/rss", line=None)],
    )
    text = str(html)
    loading = [
        (tag.name, name)
        for tag in html.find_all(True)
        for name in tag.attrs
        if name in ("src", "href", "srcset", "action", "poster", "data", "xlink:href")
    ]
    assert loading == []
    assert "@import" not in text
    assert "url(" not in text
    assert re.findall(r"https?://[^\s<]+", text) == ["https://itunes.apple.com/cn/rss"]
    policy = html.select_one("meta[http-equiv=Content-Security-Policy]")
    assert policy is not None
    assert "default-src 'none'" in str(policy["content"])


def test_text_can_not_turn_the_reading_direction_or_flood_the_page(page: Make) -> None:
    html = page(run=_run(), quarantine_record=[_rejected(reason="abc\u202egnp.exe" + "长" * 9000)])
    said = _said(html, "#quarantine")
    assert "abcgnp.exe长" in said
    assert said.count("长") < 300


def test_the_same_file_gives_the_same_page(page: Make, tmp_path: Path) -> None:
    page(run=_run(), expectation_result=[_check()], nps_period=[_nps(9, 30.0)])
    first = (tmp_path / "report" / "index.html").read_bytes()
    again = write_report(
        tmp_path / "warehouse.duckdb", tmp_path / "again", title="云雾茶", as_of=AS_OF, run_id=RUN
    )
    assert again.read_bytes() == first
