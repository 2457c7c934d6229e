"""Outcomes and rejections are written in batches, and things read keep the time of their fetch."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from lake import landing
from lake.landing import Lake, Record, Rejection, RequestOutcome, RunContext
from lake.privacy import Privacy

NOW = datetime(2026, 9, 30, 18, tzinfo=UTC)
RUN = RunContext(date(2026, 9, 30), "run-1", ZoneInfo("Asia/Shanghai"), clock=lambda: NOW)


@pytest.fixture
def night(tmp_path, monkeypatch):
    monkeypatch.setattr(landing, "BATCH_ROWS", 3)
    with Lake(tmp_path).open(
        "src", "platform", RUN, Privacy(b"for tests only, no secret")
    ) as night:
        yield night


def rows(night, tree, name):
    (path,) = night.lake.root.glob(f"{tree}/source=src/dt=*/run-1/{name}.parquet")
    return pq.ParquetFile(path).read().to_pylist()


def review(number, **more):
    return Record(
        entity="review",
        natural_key=str(number),
        columns={"review_id": str(number)} | more.pop("columns", {}),
        url="https://tea.example/1",
        position=number,
        archive_file="a",
        archive_offset=0,
        parser_version="1",
        spec_hash="s",
        **more,
    )


def test_more_outcomes_and_rejections_than_a_batch_are_all_kept_in_order(night):
    for number in range(10):
        night.outcome(RequestOutcome("review", "http", NOW, f"https://tea.example/{number}", "ok"))
        night.reject(Rejection("review", "f", number, None, "bad", "why"))
    night.finish("complete")
    outcomes = rows(night, "requests", "request_outcome")
    assert [row["url"][-1] for row in outcomes] == list("0123456789")
    assert [row["line"] for row in rows(night, "quarantine", "quarantine")] == list(range(10))
    assert len(rows(night, "requests", "source_run")) == 1


def test_a_night_that_breaks_off_after_a_batch_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(landing, "BATCH_ROWS", 2)
    with (
        pytest.raises(RuntimeError),
        Lake(tmp_path).open("src", "platform", RUN, Privacy(b"for tests only")) as night,
    ):
        for _ in range(5):
            night.outcome(RequestOutcome("review", "http", NOW, "https://tea.example/", "ok"))
        raise RuntimeError
    assert not list(tmp_path.rglob("*.parquet"))


def test_what_was_fetched_earlier_was_observed_then(night):
    fetched_at = NOW - timedelta(hours=5)
    assert night.land(review(1, observed_at=fetched_at))
    assert night.land(review(2))
    night.finish("complete")
    assert [row["observed_at"] for row in rows(night, "records", "review")] == [fetched_at, NOW]


def test_the_future_begins_where_the_page_was_fetched(night):
    fetched_at = datetime(2026, 10, 3, tzinfo=UTC)  # read again years later, the clock says nothing
    assert night.land(review(1, observed_at=fetched_at, event_at=fetched_at))
    later = fetched_at + timedelta(hours=2)
    assert not night.land(review(2, observed_at=fetched_at, event_at=later))
    night.finish("complete")
    (rejected,) = rows(night, "quarantine", "quarantine")
    assert (rejected["reason_code"], rejected["observed_at"]) == ("future_timestamp", fetched_at)
