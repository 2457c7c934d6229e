"""What platforms show over three nights: lists, a timeline, ratings, and what they show no more."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from lake.landing import FieldProfile, Record, RequestOutcome, RunContext
from lake.privacy import Privacy

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).resolve().parents[3]
PROJECT = REPOSITORY / "dbt_project"
PLATFORMS = REPOSITORY / "scrapers" / "platforms"


@pytest.fixture(scope="module")
def platforms(new_warehouse: Callable[[], Any], story: Any) -> Any:
    """All nights of both platforms landed, built as of the third with all tests and marts."""
    warehouse = new_warehouse()
    story.land_platforms(warehouse)
    _land_a_replay(warehouse)
    warehouse.built = warehouse.build(story.last_day).must_pass()
    return warehouse


def _land_a_replay(warehouse: Any) -> None:
    """A night that was read out of the archive once more, and how full its fields were."""
    moment = warehouse.local("2026-10-01 03:00")
    run = RunContext(date(2026, 9, 30), "replay", moment.tzinfo, lambda: moment)
    outcome = RequestOutcome(
        "complaint", "replay", moment, "http://x/feed", "ok", request="feed", etag='"v1"'
    )
    with warehouse.lake.open("trial", "platform", run, Privacy(b"a key for tests only")) as landing:
        landing.outcome(outcome)
        landing.profile([FieldProfile("complaint", "feed", "title", True, 4, 3, 30)])
        landing.profile([FieldProfile("complaint", "feed", "title", False, 4, 1, 2)])
        landing.finish("complete")


def test_every_record_of_a_platform_has_exactly_one_place(platforms: Any) -> None:
    counts = platforms.reconciled()
    assert {night: c for night, c in counts.items() if c[-1] != 0} == {}
    #                                       seen land quar fact sup dup placed diff
    assert counts["heimao complaint 2026-09-28"] == (2, 2, 0, 1, 1, 0, 2, 0)
    assert counts["heimao complaint_event 2026-09-28"] == (1, 1, 0, 1, 0, 0, 1, 0)
    assert counts["heimao complaint_event 2026-09-29"] == (2, 2, 0, 1, 0, 1, 2, 0)
    assert counts["heimao item_state 2026-09-29"] == (1, 1, 0, 1, 0, 0, 1, 0)
    assert counts["dianping rating_summary 2026-09-29"] == (1, 1, 0, 0, 0, 1, 1, 0)
    assert counts["dianping rating_summary 2026-09-30"] == (1, 1, 0, 1, 0, 0, 1, 0)


def test_a_complaint_is_the_whole_of_its_list_and_of_its_own_page(platforms: Any) -> None:
    rows = platforms.rows(
        "select case_id, channel, title, text, current_status, rating_attitude, rating_comment "
        "from core.fct_complaint order by case_id"
    )
    whole, cut = "喝到一半发现杯底有异物，店员不承认", "喝到一半..."
    assert [tuple(row.values()) for row in rows] == [
        ("h1", "complaint_site", "奶茶里有异物", whole, "closed", 5.0, "终于解决"),
        ("h2", "complaint_site", "奶茶里有异物", cut, "open", None, None),
    ]


def test_a_timeline_is_told_once_and_filled_where_it_is_silent(platforms: Any) -> None:
    rows = platforms.rows(
        "select type, actor_kind, is_derived, cast(occurred_at as string) as at, time_precision "
        "from core.fct_complaint_event where case_id = 'h1' order by occurred_at"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("created", "customer", False, "2026-09-28 01:01:00", "exact"),
        ("replied", "company", False, "2026-09-29 02:00:00", "exact"),
        ("closed", "system", True, "2026-09-29 16:00:00", "day"),  # the 30th begins in Shanghai
        ("rated", "customer", False, "2026-09-30 00:00:00", "exact"),
    ]


def test_the_marts_know_the_public_complaints(platforms: Any) -> None:
    rows = platforms.rows(
        "select case_id, channel, status, is_open from marts.complaint_case order by case_id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("h1", "complaint_site", "closed", False),
        ("h2", "complaint_site", "open", True),
    ]


def test_what_is_shown_no_more_stays_with_its_history(platforms: Any) -> None:
    states = platforms.rows(
        "select item_id, state, record_dt, is_current from core.fct_item_state order by all"
    )
    shown = platforms.rows("select visibility from core.fct_complaint where case_id = 'h2'")
    assert shown == [{"visibility": "shown"}]
    assert [tuple(row.values()) for row in states] == [
        ("d1", "expired", date(2026, 9, 30), True),
        ("h2", "hidden", date(2026, 9, 29), False),
        ("h2", "shown", date(2026, 9, 30), True),
    ]
    review = platforms.rows(
        "select channel, rating, rating_of_five, said_date, updated_at, visibility "
        "from core.fct_review"
    )
    assert [tuple(row.values()) for row in review] == [
        ("review_site", 4.5, 4.5, date(2026, 9, 28), None, "expired")
    ]


def test_yesterday_it_was_still_hidden(platforms: Any, story: Any) -> None:
    platforms.build("2026-09-29", "path:models/marts", "--exclude-resource-type", "test")
    rows = platforms.rows("select case_id, current_status, visibility from core.fct_complaint")
    found = {row["case_id"]: (row["current_status"], row["visibility"]) for row in rows}
    platforms.build(story.last_day, "path:models/marts", "--exclude-resource-type", "test")
    assert found == {"h1": ("open", "shown"), "h2": ("open", "hidden")}


def test_a_summary_has_a_row_for_every_night_that_changed_it(platforms: Any) -> None:
    rows = platforms.rows(
        "select rating, rating_count, channel, record_dt, is_current from core.fct_rating_summary "
        "order by record_dt"
    )
    assert [tuple(row.values()) for row in rows] == [
        (4.4, 100, "review_site", date(2026, 9, 28), False),
        (4.6, 120, "review_site", date(2026, 9, 30), True),
    ]


def test_a_replay_tells_its_requests_and_how_full_its_fields_were(platforms: Any) -> None:
    requests = platforms.rows(
        "select kind, request, etag from quality.request_outcome where source = 'trial'"
    )
    assert requests == [{"kind": "replay", "request": "feed", "etag": '"v1"'}]
    fields = platforms.rows(
        "select field, is_known, fill_rate, mean_length from quality.field_profile "
        "where source = 'trial' order by is_known"
    )
    assert [tuple(row.values()) for row in fields] == [
        ("title", False, 0.25, 2.0),
        ("title", True, 0.75, 10.0),
    ]


def test_every_platform_has_its_channel() -> None:
    with (PROJECT / "seeds" / "core" / "platform_channel.csv").open(encoding="utf-8") as seed:
        named = {row["platform"] for row in csv.DictReader(seed)}
    folders = {path.parent.name for path in PLATFORMS.glob("*/source.yml")}
    assert folders - named == set()


def test_a_replay_stands_after_the_run_that_it_reads_again(warehouse: Any) -> None:
    """It observed nothing new, and its name may come first: that it ran later is what counts."""
    fetched = warehouse.local("2026-09-30 23:00")
    for hour, run_id, body in ((2, "z-night", "cut off"), (9, "a-replay", "the whole text")):
        moment = warehouse.local(f"2026-10-01 0{hour}:00")
        run = RunContext(date(2026, 9, 30), run_id, moment.tzinfo, lambda at=moment: at)
        with warehouse.lake.open("shop", "platform", run, Privacy(b"a key for tests")) as landing:
            landing.land(_review(body, fetched))
            landing.outcome(
                RequestOutcome("review", "http", fetched, "http://x/", "ok", items_seen=1)
            )
            landing.finish("complete")
    warehouse.build("2026-09-30", "path:models/marts").must_pass()
    assert warehouse.rows("select body from core.fct_review") == [{"body": "the whole text"}]


def _review(body: str, fetched: datetime) -> Record:
    return Record(
        entity="review",
        natural_key="v1",
        columns={"review_id": "v1", "body": body, "created_at": fetched},
        url="http://x/",
        position=1,
        archive_file="lake/archive/x.warc.gz",
        archive_offset=0,
        parser_version=body,
        spec_hash="s",
        observed_at=fetched,
    )
