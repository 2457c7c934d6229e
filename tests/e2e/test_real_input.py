"""A night over real captures and exports: the star schema holds what the bodies and files say."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from orchestration.deployment import Deployment
from orchestration.night import Night
from orchestration.nightly import run_night
from orchestration.progress import Silent
from orchestration.reading import Warehouse
from orchestration.scaffold import write_scaffold

pytestmark = [pytest.mark.e2e, pytest.mark.shared]

AS_OF = date(2021, 12, 14)
PAGES = ("ui_list_get-complaints.json", "ui_list_get-next-complaints.json")
SETTINGS = "name: Real input\nstart_date: 2017-01-01\ncontact: tests@example.com\n"
SOURCES = """
sources:
  cfpb:
    platform: cfpb
    base_url: {url}
    allow_private_hosts: true
    first_day: 2021-01-01
    options: {{company: ["Debt Recovery Solutions, LLC"]}}
    politeness: {{min_interval_seconds: 0, backoff_seconds: 0}}
"""
SURVEYS = """
surveys:
  carpentries:
    format: table
    roles: {nps: Likely-To-Recommend}
    constants: {submitted_at: 2017-10-31}
  hausladen:
    format: qualtrics
    roles: {response_id: ResponseId, submitted_at: EndDate, started_at: StartDate}
"""


@contextmanager
def captured_platform(bodies: list[bytes]) -> Iterator[str]:
    """The captured pages on loopback: the first, then the second; a third was never captured."""

    class Captured(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            page = int(query.get("frm", ["0"])[0]) // int(query.get("size", ["10"])[0])
            found = page < len(bodies) and not self.path.startswith("/robots.txt")
            body = bodies[page] if found else b"{}"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Captured) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@pytest.fixture(scope="session")
def real_night(
    tmp_path_factory: pytest.TempPathFactory, shared: Path, key_of_personal_data: None
) -> Warehouse:
    folder = tmp_path_factory.mktemp("real")
    home = folder / "home"
    write_scaffold(home)
    (home / "config" / "deployment.yml").write_text(SETTINGS)
    (home / "config" / "surveys.yml").write_text(SURVEYS)
    for survey, file in (
        ("carpentries", "carpentries/longterm_October2017.csv"),
        ("hausladen", "qualtrics/hausladen_pilot.csv"),
    ):
        landing = home / "landing" / "surveys" / survey
        landing.mkdir(parents=True)
        shutil.copy(shared / "data" / "survey" / file, landing)
    bodies = [(shared / "captures" / "cfpb" / page).read_bytes() for page in PAGES]
    with captured_platform(bodies) as url:
        (home / "config" / "sources.yml").write_text(SOURCES.format(url=url))
        night = Night(Deployment(home), reporter=Silent())
        result = run_night(night, AS_OF, folder / "dagster")
    assert (result.status, result.reasons) == ("published", ())
    return Warehouse(home / "serving" / "warehouse.duckdb")


def test_the_captured_complaints_are_in_the_star_schema(
    real_night: Warehouse, shared: Path
) -> None:
    expected = set()
    for page in PAGES:
        body = json.loads((shared / "captures" / "cfpb" / page).read_text(encoding="utf-8"))
        for hit in body["hits"]["hits"]:
            said = hit["_source"]
            expected.add(
                (
                    said["complaint_id"],
                    said["company"],
                    said["product"],
                    date.fromisoformat(said["date_received"][:10]),
                )
            )
    found = {
        (row["case_id"], row["company"], row["product"], row["created_date"])
        for row in real_night.rows("from core.fct_complaint where source = 'cfpb'")
    }
    assert len(expected) == 20
    assert found == expected


def test_page_three_was_never_captured_and_the_source_says_it_is_partial(
    real_night: Warehouse,
) -> None:
    (row,) = real_night.rows("from quality.source_status where source = 'cfpb'")
    assert (row["status"], row["landed"], row["is_stale"]) == ("partial", 20, True)


def test_the_carpentries_answers_give_the_nps_that_was_published(real_night: Warehouse) -> None:
    """402 scored answers, NPS +36.32 (data/INDEX.md)."""
    (row,) = real_night.rows(
        "from marts.nps_period where unit_level = 'all' and segment = 'all'"
        " and touchpoint_id = 'all' and channel = 'all' and period_grain = 'month'"
        " and period_start = cast('2017-10-01' as date)"
    )
    assert (row["responses"], row["no_score"]) == (402, 74)
    assert round(row["nps"], 2) == 36.32


def test_the_qualtrics_pilot_is_there_in_its_own_zone(real_night: Warehouse, shared: Path) -> None:
    """The file's third header row says America/Denver; the deployment's zone is Shanghai."""
    path = shared / "data" / "survey" / "qualtrics" / "hausladen_pilot.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["ResponseId"].startswith("R_")]
    expected = {
        row["ResponseId"]: datetime.fromisoformat(row["EndDate"])
        .replace(tzinfo=ZoneInfo("America/Denver"))
        .astimezone(UTC)
        .replace(tzinfo=None)
        for row in rows
    }
    found = real_night.rows(
        "select response_id, submitted_at from core.fct_survey_response"
        " where survey_id = 'hausladen'"
    )
    assert len(expected) == 12
    assert {row["response_id"]: row["submitted_at"] for row in found} == expected


def test_nothing_of_it_is_lost(real_night: Warehouse) -> None:
    rows = real_night.rows("from quality.reconciliation")
    assert {row["source"] for row in rows} == {"cfpb", "survey_carpentries", "survey_hausladen"}
    assert {row["difference"] for row in rows} == {0}
