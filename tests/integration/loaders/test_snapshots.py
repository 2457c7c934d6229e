"""Full snapshots and versions of rows: what is closed, what isn't, and why not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from lake.entities import ENVELOPE
from loaders import intake, tables

HEADER = "customer_id,segment\n"
TEN = [f"c{n}" for n in range(10)]


def listing(keys: Iterable[str], segment: str = "new") -> str:
    return HEADER + "".join(f"{key},{segment}\n" for key in keys)


def load(deployment: Any, day: int, **more: Any) -> Any:
    return deployment.extract("customers", day=day, mode="snapshot", **more)


def closings(deployment: Any) -> list[str]:
    rows = deployment.landed("customers")
    return [row["natural_key"] for row in rows if row["vanished_at"] is not None]


def test_a_row_that_is_listed_no_more_is_closed_with_its_last_content(deployment: Any) -> None:
    deployment.drop("extracts/customers/1.csv", listing(TEN))
    first = load(deployment, 28)
    assert (first.landed, closings(deployment)) == (10, [])
    (before,) = [r for r in deployment.landed("customers") if r["natural_key"] == "c9"]
    deployment.drop("extracts/customers/2.csv", listing(TEN[:9]))
    run = load(deployment, 29)
    assert (run.status, run.seen, run.landed) == ("complete", 10, 10)
    *_, closing = deployment.landed("customers")
    assert (closing["natural_key"], closing["segment"]) == ("c9", "new")
    assert closing["record_key"] == before["record_key"]
    assert closing["version_hash"] != before["version_hash"]
    assert (closing["seq"], closing["dt"].day, closing["run_id"]) == (10, 29, "run2")
    assert closing["vanished_at"] == closing["observed_at"] > before["observed_at"]
    assert closing["url"] == "landing/extracts/customers/2.csv"
    assert (closing["archive_file"], closing["archive_offset"]) == (
        "landing/extracts/customers/1.csv",
        11,
    )
    assert [o["items_seen"] for o in deployment.outcomes() if o["kind"] == "closing"] == [1]


def test_closed_once_and_open_again_when_it_is_back(deployment: Any) -> None:
    hashes = []
    for day, keys in ((26, TEN), (27, TEN[:9]), (28, [*TEN[:9], "new"]), (29, TEN), (30, TEN[:9])):
        deployment.drop(f"extracts/customers/{day}.csv", listing(keys))
        run = load(deployment, day)
        assert run.status == "complete", run.message
        hashes += [
            (day, r["version_hash"], r["vanished_at"] is not None)
            for r in deployment.landed("customers")
            if r["natural_key"] == "c9"
        ]
    (_, first, _), (_, second, _), (_, third, _), (_, fourth, _) = hashes
    assert [(day, gone) for day, _, gone in hashes] == [
        (26, False),
        (27, True),
        (29, False),
        (30, True),
    ]
    assert first == third != second == fourth


def test_a_listed_row_that_can_t_be_read_is_not_closed(deployment: Any) -> None:
    deployment.drop("extracts/customers/1.csv", "customer_id,consent\na,yes\nb,yes\nc,no\n")
    load(deployment, 28)
    deployment.drop("extracts/customers/2.csv", "customer_id,consent\na,yes\nb,perhaps\n合计,2\n")
    run = load(deployment, 29, max_closed=0.4)
    assert run.quarantined == 2
    assert closings(deployment) == ["c"]


def test_a_row_without_a_readable_key_closes_nothing_and_says_so(deployment: Any) -> None:
    deployment.drop("extracts/customers/1.csv", listing(TEN))
    load(deployment, 28)
    deployment.drop("extracts/customers/2.csv", listing([*TEN[:9], "1.38E+10"]))
    run = load(deployment, 29)
    assert closings(deployment) == []
    assert "1 row was quarantined without a key" in run.message
    assert run.status == "complete"


@pytest.mark.parametrize(("listed", "closed"), [(8, 2), (7, 0), (0, 0)])
def test_too_much_at_once_waits_for_a_person(deployment: Any, listed: int, closed: int) -> None:
    deployment.drop("extracts/customers/1.csv", listing(TEN))
    load(deployment, 28)
    deployment.drop("extracts/customers/2.csv", listing(TEN[:listed], "loyal"))
    run = load(deployment, 29)
    assert len(closings(deployment)) == closed
    if closed:
        return
    assert run.status == "partial"
    assert f"it would close {10 - listed} of 10 known rows" in run.message
    assert "--accept-drift" in run.message
    assert "drift" in [o["outcome"] for o in deployment.outcomes()]
    load(deployment, 30)  # read again, and refused again
    assert closings(deployment) == []
    run = load(deployment, 30, accept_drift=True)
    assert (run.status, len(closings(deployment))) == ("complete", 10 - listed)
    run = load(deployment, 30)
    assert (run.landed, run.status) == (0, "complete")


def test_an_empty_snapshot_closes_nothing_whatever_may_be_closed(deployment: Any) -> None:
    deployment.drop("extracts/customers/1.csv", listing(TEN))
    load(deployment, 28)
    deployment.drop("extracts/customers/2.csv", HEADER)
    run = load(deployment, 29, max_closed=1.0)
    assert (run.status, closings(deployment)) == ("partial", [])


def test_snapshots_of_one_night_apply_in_the_order_of_their_names(deployment: Any) -> None:
    deployment.drop("extracts/customers/2026-09-26.csv", listing(TEN))
    deployment.drop("extracts/customers/2026-09-27.csv", listing(TEN[:9]))
    deployment.drop("extracts/customers/2026-09-28.csv", listing([*TEN[:8], "c9"]))
    load(deployment, 28)
    rows = deployment.landed("customers")
    assert [row["seq"] for row in rows] == list(range(1, 31))
    place: dict[tuple[str, bool], list[int]] = {
        ("c9", False): [],
        ("c9", True): [],
        ("c8", True): [],
    }
    for row in rows:
        key = (row["natural_key"], row["vanished_at"] is not None)
        if key in place:
            place[key].append(row["seq"])
    assert place == {("c9", False): [10, 29], ("c9", True): [20], ("c8", True): [30]}


def test_what_is_known_already_closes_nothing_and_an_older_list_that_is_back_does(
    deployment: Any,
) -> None:
    deployment.drop("extracts/customers/all.csv", listing(TEN))
    load(deployment, 26)
    deployment.drop("extracts/customers/all.csv", listing(TEN[:9]))
    load(deployment, 27)
    assert closings(deployment) == ["c9"]
    run = load(deployment, 28)
    assert (run.landed, run.status) == (0, "complete")
    deployment.drop("extracts/customers/all.csv", listing(TEN))  # the first bytes once more
    run = load(deployment, 29)
    assert (run.landed, closings(deployment)) == (10, [])
    deployment.drop("extracts/customers/copy.csv", listing(TEN))
    assert load(deployment, 30).landed == 0


def test_a_snapshot_that_changes_while_it_is_read_closes_nothing(
    deployment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.drop("extracts/customers/1.csv", listing(TEN))
    load(deployment, 28)
    path = deployment.drop("extracts/customers/2.csv", listing(TEN[:9]))
    opened = tables.open_table

    def growing(*arguments: Any, **named: Any) -> Any:
        with path.open("a", encoding="utf-8") as more:
            more.write("c10,new\n")
        return opened(*arguments, **named)

    monkeypatch.setattr(intake, "open_table", growing)
    run = load(deployment, 29)
    assert (run.status, closings(deployment)) == ("partial", [])


def test_a_run_that_is_tried_again_closes_the_same_rows(deployment: Any) -> None:
    deployment.drop("extracts/customers/1.csv", listing(TEN))
    load(deployment, 28)
    deployment.drop("extracts/customers/2.csv", listing(TEN[:9]))
    load(deployment, 29)
    first = deployment.landed("customers")
    load(deployment, 29, again=True)
    assert deployment.landed("customers") == first
    assert closings(deployment) == ["c9"]


def test_the_lake_of_an_older_version_is_read(deployment: Any) -> None:
    deployment.drop("extracts/customers/1.csv", listing(TEN))
    load(deployment, 28)
    (path,) = (deployment.home / "lake" / "records").rglob("customers.parquet")
    _without(path, {"vanished_at", "row_version"})
    deployment.drop("extracts/customers/2.csv", listing(TEN[:9]))
    load(deployment, 29)
    assert closings(deployment) == ["c9"]
    names = pq.ParquetFile(next(path.parents[2].glob("dt=*-29/*/*.parquet"))).schema_arrow.names
    assert set(ENVELOPE) <= set(names)


def _without(path: Path, columns: set[str]) -> None:
    table = pq.ParquetFile(path).read()
    pq.write_table(table.drop_columns(sorted(columns)), path)


def test_changes_close_nothing(deployment: Any) -> None:
    deployment.drop("extracts/customers/1.csv", listing(TEN))
    deployment.extract("customers", day=28)
    deployment.drop("extracts/customers/2.csv", listing(TEN[:9]))
    assert deployment.extract("customers", day=29).landed == 9


def test_the_row_s_own_version_lands_beside_it(deployment: Any) -> None:
    deployment.drop(
        "extracts/customers/1.csv",
        "customer_id,segment,updated_at\n"
        "a,new,2026-09-01 08:00:00.000001\nb,new,7\nc,new,\nd,new,0x07D1\ne,new,soon\n",
    )
    run = deployment.extract("customers", version_column="updated_at")
    found = {row["natural_key"]: row["row_version"] for row in deployment.landed("customers")}
    assert found == {"a": 1_788_220_800_000_001, "b": 7, "c": None, "d": 2001}
    assert run.quarantined == 1
    assert deployment.quarantine()[0]["column"] == "updated_at"


def test_an_older_version_of_a_row_does_not_open_what_a_newer_snapshot_closed(
    deployment: Any,
) -> None:
    header = "customer_id,segment,version\n"
    rows = "".join(f"c{n},new,{n + 10}\n" for n in range(10))
    deployment.drop("extracts/customers/1.csv", header + rows)
    load(deployment, 27, version_column="version")
    deployment.drop("extracts/customers/2.csv", header + rows.replace("c9,new,19\n", ""))
    load(deployment, 28, version_column="version")
    assert closings(deployment) == ["c9"]
    deployment.drop("extracts/customers/3.csv", header + rows.replace("c9,new,19", "c9,new,18"))
    load(deployment, 29, version_column="version")
    deployment.drop("extracts/customers/4.csv", header + rows.replace("c9,new,19\n", "\n"))
    load(deployment, 30, version_column="version")
    assert closings(deployment) == []


def test_a_version_column_that_is_not_there_fails_the_file(deployment: Any) -> None:
    deployment.drop("extracts/customers/1.csv", listing(TEN))
    run = deployment.extract("customers", version_column="updated")
    assert run.status == "failed"
    assert "it has no column 'updated' (its version_column)" in run.message
