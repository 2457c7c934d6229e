"""Landing: all or nothing, nothing good lost to a bad neighbour, every night found again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from lake.entities import ENTITIES, MONEY
from lake.history import History
from lake.landing import (
    FieldProfile,
    Lake,
    Record,
    Rejection,
    RequestOutcome,
    RunContext,
    SourceLanding,
    content_hash,
)
from lake.privacy import Privacy

NOW = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)
PRIVACY = Privacy(b"0123456789abcdef")
GOOD = {
    "order_id": "1",
    "customer_id": "c1",
    "ordered_at": datetime(2026, 9, 1, tzinfo=UTC),
    "amount": Decimal("18.50"),
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    lake.prepare()
    return lake


def run(run_id: str = "r1", day: date = date(2026, 9, 30)) -> RunContext:
    return RunContext(day, run_id, ZoneInfo("Asia/Shanghai"), lambda: NOW)


def order(key: str = "1", position: int = 2, **changes: Any) -> Record:
    columns = {**GOOD, "order_id": key, **changes}
    return Record(
        entity="orders",
        natural_key=key,
        columns=columns,
        url="landing/extracts/orders/a.csv",
        position=position,
        archive_file="landing/extracts/orders/a.csv",
        archive_offset=position,
        parser_version="1",
        spec_hash="s",
        event_at=columns["ordered_at"],
        event_at_raw=str(columns["ordered_at"]),
    )


def file_outcome(items: int, sha256: str = "ab") -> RequestOutcome:
    return RequestOutcome(
        entity="orders",
        kind="file",
        requested_at=NOW,
        url="landing/extracts/orders/a.csv",
        outcome="ok",
        items_seen=items,
        sha256=sha256,
        spec_hash="s",
    )


def landing(lake: Lake, context: RunContext) -> SourceLanding:
    return lake.open("extract_orders", "extract", context, PRIVACY)


def landed(lake: Lake, name: str = "orders", tree: str = "records") -> list[Mapping[str, Any]]:
    paths = sorted((lake.root / tree).glob(f"source=*/*/*/{name}.parquet"))
    return [row for path in paths for row in pq.ParquetFile(path).read().to_pylist()]


def test_a_record_lands_with_its_envelope(lake: Lake) -> None:
    with landing(lake, run()) as source:
        source.land(order())
        source.outcome(file_outcome(1))
        result = source.finish("complete", "done")
    (row,) = landed(lake)
    assert (row["source"], row["natural_key"], row["dt"]) == ("extract_orders", "1", run().as_of)
    assert (row["amount"], row["observed_at"], row["seq"]) == (Decimal("18.5000"), NOW, 1)
    assert (result.status, result.seen, result.landed) == ("complete", 1, 1)


def test_the_version_changes_with_the_content_and_with_nothing_else(lake: Lake) -> None:
    with landing(lake, run()) as source:
        source.land(order(position=2))
        source.land(order(position=9))
        source.land(order(amount=Decimal("19.00")))
        source.finish("complete")
    first, again, changed = (row["version_hash"] for row in landed(lake))
    assert first == again != changed


@pytest.mark.parametrize("days", [0, 400])
def test_records_that_are_alike_land_as_each_alone(tmp_path: Path, days: int) -> None:
    """An empty required column, and a time in the future, are quarantined here as there."""
    first = order()
    first = replace(first, event_at=GOOD["ordered_at"] + timedelta(days=days))
    ids = ["1", "", "3"]
    records = [
        replace(first, natural_key=one, columns={**first.columns, "order_id": one}) for one in ids
    ]
    columns = ENTITIES["orders"].columns
    alone, alike = Lake(tmp_path / "alone"), Lake(tmp_path / "alike")
    with landing(alone, run()) as source:
        for record in records:
            source.land(record)
        source.finish("complete")
    with landing(alike, run()) as source:
        rows = [(r.natural_key, tuple(map(r.columns.get, columns))) for r in records]
        source.land_alike(first, rows)
        source.finish("complete")
    for name, tree in (("orders", "records"), ("quarantine", "quarantine")):
        assert landed(alike, name, tree) == landed(alone, name, tree)
    assert len(landed(alike)) == (0 if days else 2)


def test_a_column_that_an_entity_gets_later_changes_no_version() -> None:
    orders = ENTITIES["orders"]
    longer = replace(orders, columns={**orders.columns, "tip": MONEY})
    known = {"order_id": "1", "amount": Decimal("18.50")}
    assert content_hash(longer, {**known, "tip": None}) == content_hash(orders, known)
    assert content_hash(longer, {**known, "tip": Decimal(1)}) != content_hash(orders, known)


def test_how_full_the_fields_were_lands_beside_the_requests(lake: Lake) -> None:
    empty = lake.root / "requests" / "source=_none" / "dt=1970-01-01" / "schema"
    lake.prepare()
    with landing(lake, run()) as source:
        source.profile([FieldProfile("orders", "file", "amount", True, 4, 3, 15)])
        source.profile([FieldProfile("orders", "file", "shade", False, 4, 1, 2)])
        source.finish("complete")
    rows = landed(lake, "field_profile", "requests")
    assert [(r["source"], r["run_id"], r["dt"]) for r in rows] == [
        ("extract_orders", "r1", run().as_of)
    ] * 2
    assert [(r["field"], r["is_known"], r["filled"], r["length_sum"]) for r in rows] == [
        ("amount", True, 3, 15),
        ("shade", False, 1, 2),
    ]
    typed = pq.ParquetFile(empty / "field_profile.parquet").schema_arrow
    assert (
        typed
        == pq.ParquetFile(
            next(lake.root.glob("requests/source=extract_orders/*/*/field_profile.parquet"))
        ).schema_arrow
    )


def test_a_future_time_names_the_column_that_told_it(lake: Lake) -> None:
    """A review's time is its creation's or, where a feed tells no creation, its last change's."""
    late = datetime(2031, 1, 1, tzinfo=UTC)
    review = replace(order(), entity="review", event_at=late)
    for told_by in ("created_at", "updated_at"):
        with landing(lake, run(told_by)) as source:
            source.land(replace(review, columns={"review_id": "v1", told_by: late}))
            source.finish("complete")
    rows = landed(lake, "quarantine", "quarantine")
    assert [row["column"] for row in rows] == ["created_at", "updated_at"]


def test_an_exception_on_the_way_lands_nothing(lake: Lake) -> None:
    with pytest.raises(RuntimeError, match="cut"), landing(lake, run()) as source:
        source.land(order())
        raise RuntimeError("cut")
    assert landed(lake) == []
    assert not list((lake.root / ".landing").glob("*"))


@pytest.mark.parametrize("column", ["order_id", "customer_id", "ordered_at", "amount"])
def test_an_empty_required_column_is_quarantined_alone(lake: Lake, column: str) -> None:
    broken = order("2", position=3)
    empty = Record(**{**vars(broken), "columns": {**broken.columns, column: None}})
    with landing(lake, run()) as source:
        source.land(order("1"))
        source.land(empty)
        source.land(order("3"))
        source.finish("complete")
    assert [row["natural_key"] for row in landed(lake)] == ["1", "3"]
    (row,) = landed(lake, "quarantine", "quarantine")
    assert (row["reason_code"], row["column"], row["line"]) == ("missing_required", column, 3)


def test_a_time_after_the_reading_is_quarantined_with_its_raw_text(lake: Lake) -> None:
    future = datetime(2062, 9, 30, tzinfo=UTC)
    with landing(lake, run()) as source:
        source.land(order("1", ordered_at=future))
        source.finish("complete")
    (row,) = landed(lake, "quarantine", "quarantine")
    assert (row["reason_code"], row["column"]) == ("future_timestamp", "ordered_at")
    assert row["value_masked"] == "2062-09-30 00:00:00+00:00"


def test_a_row_after_the_cutoff_but_before_the_reading_is_no_fault(lake: Lake) -> None:
    """At 02:00 a file may hold what was sold after midnight: it lands, and counts tomorrow."""
    with landing(lake, run(day=date(2026, 9, 29))) as source:
        assert source.land(order(ordered_at=datetime(2026, 9, 30, 20, tzinfo=UTC)))
        source.finish("complete")


def test_a_value_that_fits_no_column_costs_its_row_alone(lake: Lake) -> None:
    with landing(lake, run()) as source:
        for n in range(5):
            source.land(order(str(n), amount=Decimal("1e30") if n == 2 else Decimal(n + 1)))
        source.outcome(file_outcome(5))
        result = source.finish("complete")
    assert [row["natural_key"] for row in landed(lake)] == ["0", "1", "3", "4"]
    (row,) = landed(lake, "quarantine", "quarantine")
    assert (row["reason_code"], row["natural_key"]) == ("unstorable_value", "2")
    assert result.seen == result.landed + result.quarantined == 5


def test_quarantined_values_are_masked_and_cut(lake: Lake) -> None:
    with landing(lake, run()) as source:
        text = "13812345678 " + "x" * 500
        source.reject(Rejection("orders", "f", 1, "amount", "bad_number", "No number.", value=text))
        source.finish("complete")
    (row,) = landed(lake, "quarantine", "quarantine")
    assert row["value_masked"].startswith("[mobile] xxx")
    assert len(row["value_masked"]) == 120


def test_what_repeats_a_quarantined_value_is_masked_too(lake: Lake) -> None:
    with landing(lake, run()) as source:
        reason = "'13812345678' is not a date."
        source.reject(
            Rejection("orders", "f", 1, "ordered_at", "bad_date", reason, natural_key="13812345678")
        )
        source.finish("complete")
    (row,) = landed(lake, "quarantine", "quarantine")
    assert (row["reason"], row["natural_key"]) == ("'[mobile]' is not a date.", "[mobile]")


def test_a_public_id_that_looks_like_a_mobile_stays_readable(lake: Lake) -> None:
    with lake.open("heimao", "platform", run(), Privacy(b"a key that is for tests only")) as source:
        reason = "'13812345678' is no status."
        source.reject(
            Rejection(
                "complaint", "f", 1, "status", "unknown_enum", reason, natural_key="17390000042"
            )
        )
        source.finish("complete")
    (row,) = landed(lake, "quarantine", "quarantine")
    assert (row["reason"], row["natural_key"]) == ("'[mobile]' is no status.", "17390000042")


def test_the_same_run_again_replaces_its_night(lake: Lake) -> None:
    for _ in range(2):
        with landing(lake, run()) as source:
            source.land(order())
            source.finish("complete")
    assert len(landed(lake)) == 1


def test_what_a_killed_run_left_is_removed_and_the_rest_stays(lake: Lake) -> None:
    with landing(lake, run("whole")) as source:
        source.land(order())
        source.outcome(file_outcome(1))
        source.finish("complete")
    half = lake.night("records", "extract_orders", run("killed"))
    half.mkdir(parents=True)
    (half / "orders.parquet").write_bytes(b"half")
    assert lake.prepare() == [half]
    assert [row["run_id"] for row in landed(lake)] == ["whole"]


def test_a_file_is_known_again_by_its_bytes_and_its_mapping_up_to_the_day(lake: Lake) -> None:
    with landing(lake, run()) as source:
        source.outcome(file_outcome(1, sha256="seen"))
        source.finish("complete")
    as_of = run().as_of
    assert lake.landed_files("extract_orders", as_of, "s") == {
        "seen": "landing/extracts/orders/a.csv"
    }
    assert lake.landed_files("extract_orders", as_of, "other mapping") == {}
    assert lake.landed_files("extract_orders", date(2026, 9, 29), "s") == {}


def test_only_complete_nights_move_the_watermark(lake: Lake) -> None:
    early, late = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 20, tzinfo=UTC)
    for run_id, status, mark in (("r1", "complete", early), ("r2", "partial", late)):
        with landing(lake, run(run_id)) as source:
            source.finish(status, watermark=mark)  # type: ignore[arg-type]
    history = History(lake, "extract_orders", run().as_of, beside_run="tonight")
    assert history.watermark(None) == early
    assert history.watermark("a spec that nothing was collected under") is None


def test_the_cutoff_is_the_end_of_the_local_day() -> None:
    assert run().cutoff == datetime(2026, 9, 30, 16, 0, tzinfo=UTC)
