"""Queries of a database as a source: PostgreSQL as it is, and SQLite."""

from __future__ import annotations

import hashlib
import itertools
import os
import sqlite3
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from loaders import databases
from loaders.config import ExtractConfig

TABLE = """
create table orders (
    order_id text primary key, customer_id text, ordered_at timestamptz, amount numeric(14, 4),
    status text, cancelled_at timestamp, updated_at timestamptz
)
"""


def put(crm: Any, order_id: str, updated: str, **more: str) -> None:
    row = {
        "order_id": f"'{order_id}'",
        "customer_id": "'c1'",
        "ordered_at": "'2026-09-01 12:00:00+08'",
        "amount": "19.9",
        "updated_at": f"'{updated}'",
    } | more
    changed = ", ".join(f"{name} = excluded.{name}" for name in row)
    crm.run(
        f"insert into orders ({', '.join(row)}) values ({', '.join(row.values())}) "
        f"on conflict (order_id) do update set {changed}"
    )


def keys(deployment: Any) -> list[str]:
    return sorted(row["natural_key"] for row in deployment.landed("orders"))


def said(deployment: Any, run: Any) -> str:
    everything: bytes = deployment.everything()
    return str(run) + "".join(deployment.said) + everything.decode()


def test_a_table_s_typed_values_are_read_as_a_file_s_texts_are(deployment: Any, crm: Any) -> None:
    crm.run(TABLE)
    put(crm, "中文-1", "2026-09-01 00:00+00", status="'已付款'", amount="12345678.9012")
    put(crm, "o2", "2026-09-02 00:00+00", cancelled_at="'2026-09-02 08:00:00.25'")
    put(crm, "o3", "2026-09-02 00:00+00", ordered_at="'infinity'")
    put(crm, "o4", "2026-09-02 00:00+00", amount="'NaN'")
    run = deployment.extract("orders", database="crm", table="public.orders")
    assert (run.status, run.seen, run.landed, run.quarantined) == ("complete", 4, 2, 2), run.message
    first, second = deployment.landed("orders")
    assert (first["natural_key"], first["status"]) == ("中文-1", "已付款")
    assert first["amount"] == Decimal("12345678.9012")
    assert first["ordered_at"] == datetime(2026, 9, 1, 4, tzinfo=UTC)
    assert first["event_precision"] == "second"
    assert (first["cancelled_at"], first["unit_id"], first["position"]) == (None, None, 1)
    # A timestamp without a zone is on the clock of the deployment's zone.
    assert second["cancelled_at"] == datetime(2026, 9, 2, 0, 0, 0, 250_000, tzinfo=UTC)
    assert first["url"] == first["archive_file"] == "database://crm/orders"
    bad = {row["natural_key"]: row["reason_code"] for row in deployment.quarantine()}
    assert bad == {"o3": "bad_timestamp", "o4": "bad_number"}
    (outcome,) = deployment.outcomes()
    assert (outcome["kind"], outcome["outcome"], outcome["items_seen"]) == ("query", "ok", 4)
    assert len(outcome["sha256"]) == 64


def test_nothing_of_the_address_is_ever_told(
    deployment: Any, crm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm.run(TABLE)
    put(crm, "o1", "2026-09-01 00:00+00")
    told = said(deployment, deployment.extract("orders", database="crm", table="orders"))
    told += said(deployment, deployment.extract("orders", database="crm", table="nowhere"))
    for address in (
        crm.url.replace("crm_", "gone_"),
        crm.url.replace("%2Fvoc-pg", "%2Fno-such-place"),
        crm.url.replace("@/", "@127.0.0.1:1/"),
        "gehéim is no address",
        "postgresql+psycopg://crm_reader:gehéim@/: 1@[bad",
        "oracle://crm_reader:geh%C3%A9im@/x",
        "nosuch://crm_reader:geh%C3%A9im@/x",
    ):
        monkeypatch.setenv("VOC_DB_CRM", address)
        run = deployment.extract("orders", database="crm", table="orders")
        assert run.status == "failed"
        assert "VOC_DB_CRM" in run.message or "driver" in run.message, run.message
        told += said(deployment, run)
    assert "gehéim" not in told
    assert "geh%C3%A9im" not in told
    assert "crm_reader" not in told


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"table": "order"}, 'relation "order" does not exist'),
        ({"query": "select order_id fro orders"}, "syntax error"),
        ({"query": "delete from orders returning *"}, "refused"),
        (
            {"query": "with gone as (delete from orders returning *) select * from gone"},
            "refused",
        ),
        ({"query": "select setval('s', 9) as order_id"}, "read-only transaction"),
        ({"query": "select order_id, customer_id from orders"}, "no column 'ordered_at'"),
        ({"table": "orders", "incremental": "changed"}, "no column 'changed'"),
        (
            {"query": "select *, 1 as order_id from orders"},
            "its header 'order_id' (order_id) stands 2 times",
        ),
    ],
)
def test_a_query_that_can_t_be_answered_says_why(
    deployment: Any, crm: Any, config: dict[str, str], why: str
) -> None:
    crm.run(TABLE, "create sequence s")
    crm.run("grant all on all tables in schema public to crm_reader")
    crm.run("grant all on all sequences in schema public to crm_reader")
    put(crm, "o1", "2026-09-01 00:00+00")
    run = deployment.extract("orders", database="crm", **config)
    assert (run.status, run.landed) == ("failed", 0)
    assert why in run.message
    assert deployment.extract("orders", database="crm", table="orders").landed == 1


def test_a_second_night_asks_for_what_changed_and_loses_no_tie(deployment: Any, crm: Any) -> None:
    crm.run(TABLE)
    put(crm, "o1", "2026-09-20 00:00+00")
    put(crm, "o2", "2026-09-25 10:00+00")
    put(crm, "o3", "2026-09-25 10:00+00")
    config = {"database": "crm", "table": "orders", "incremental": "updated_at"}
    deployment.extract("orders", day=26, **config, overlap_minutes=0)
    assert keys(deployment) == ["o1", "o2", "o3"]
    put(crm, "o2", "2026-09-26 10:00+00", amount="7")  # changed
    put(crm, "o4", "2026-09-25 10:00+00")  # a tie with what was reached
    run = deployment.extract("orders", day=27, **config, overlap_minutes=0)
    assert keys(deployment) == ["o2", "o3", "o4"]
    assert "updated_at from 2026-09-25 10:00:00+00:00 on" in run.message
    run = deployment.extract("orders", day=28, **config, overlap_minutes=0)
    assert (keys(deployment), run.status) == (["o2"], "complete")
    put(crm, "o5", "2026-09-26 09:30+00")  # committed late
    deployment.extract("orders", day=29, **config, overlap_minutes=60)
    assert keys(deployment) == ["o2", "o5"]
    crm.run("update orders set updated_at = null where order_id = 'o1'")
    deployment.extract("orders", day=30, **config)
    assert keys(deployment) == ["o1", "o2", "o5"]


def test_a_night_that_fails_or_breaks_off_moves_nothing(deployment: Any, crm: Any) -> None:
    crm.run(TABLE)
    put(crm, "o1", "2026-09-20 00:00+00")
    ask = "select orders.*, 1 / (amount - 13)::int as x from orders order by updated_at"
    config = {"database": "crm", "query": ask, "incremental": "updated_at"}
    deployment.extract("orders", day=26, **config)
    put(crm, "o2", "2026-09-21 00:00+00")
    put(crm, "o3", "2026-09-22 00:00+00", amount="13")
    run = deployment.extract("orders", day=27, **config)
    assert run.status in ("failed", "partial")
    assert "division by zero" in run.message
    put(crm, "o3", "2026-09-22 00:00+00", amount="14")
    deployment.extract("orders", day=28, **config)
    assert keys(deployment) == ["o1", "o2", "o3"]
    deployment.extract("orders", day=28, again=True, **config)
    assert keys(deployment) == ["o1", "o2", "o3"]  # from the same place
    deployment.extract("orders", day=29, **config)
    assert keys(deployment) == ["o3"]


def test_a_query_may_ask_for_since_itself(deployment: Any, crm: Any) -> None:
    crm.run(TABLE)
    for number in range(1, 5):
        put(crm, f"o{number}", f"2026-09-{number + 20} 00:00+00", amount=str(number))
    config = {
        "database": "crm",
        "query": "select * from orders where updated_at >= :since and status is null -- 10% off\n;",
        "incremental": "updated_at",
        "since": datetime(2026, 9, 23),  # noqa: DTZ001
        "overlap_minutes": 0,
    }
    run = deployment.extract("orders", day=26, **config)
    assert (run.status, keys(deployment)) == ("complete", ["o3", "o4"]), run.message
    deployment.extract("orders", day=27, **config)
    assert keys(deployment) == ["o4"]


def test_numbers_and_days_lead_on_as_well(deployment: Any, crm: Any) -> None:
    crm.run(TABLE, "alter table orders add n bigint, add d date, add f numeric")
    put(crm, "o1", "2026-09-20 00:00+00", n="1", d="'2026-09-20'", f="0.5")
    put(crm, "o2", "2026-09-20 00:00+00", n="9007199254740993", d="'2026-09-21'", f="1.25")
    put(crm, "o3", "2026-09-20 00:00+00", n="null", d="'2062-01-01'", f="'NaN'")
    for column, second in (("n", ["o2", "o3"]), ("d", ["o1", "o2", "o3"]), ("f", ["o2", "o3"])):
        config = {"database": "crm", "table": "orders", "incremental": column}
        deployment.extract("orders", day=26, **config)
        assert keys(deployment) == ["o1", "o2", "o3"]
        run = deployment.extract("orders", day=27, **config)
        # A day of 2062 is not what was reached: all that changes until then would be hidden.
        assert (run.status, keys(deployment)) == ("complete", second), run.message
    run = deployment.extract("orders", database="crm", table="orders", incremental="customer_id")
    assert "holds neither times nor numbers (str)" in run.message


def test_a_column_of_any_type_is_read(deployment: Any, crm: Any) -> None:
    crm.run(
        "create table customers (customer_id uuid, consent bool, tags text[], seen jsonb, photo "
        "bytea, region text, joined date, waited interval, place inet)",
        "insert into customers values ('6f1c1c0e-8a2b-4a53-9d0e-0123456789ab', true, "
        "array['a', '中'], '{\"中\": [1]}', '\\xff00', '华东', '0044-03-15 BC', '1 day 02:00', "
        "'10.0.0.1')",
    )
    columns = {"segment": "tags", "unit_id": "seen"}
    run = deployment.extract("customers", database="crm", table="customers", columns=columns)
    assert run.status == "complete", run.message
    (row,) = deployment.landed("customers")
    assert row["natural_key"] == "6f1c1c0e-8a2b-4a53-9d0e-0123456789ab"
    assert (row["consent"], row["region"]) == (True, "华东")
    assert (row["segment"], row["unit_id"]) == ('["a", "中"]', '{"中": [1]}')


def memory() -> int:
    """The bytes that this process holds, those of the driver's C code too."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux tells its memory there")
def test_millions_of_rows_are_never_in_memory_at_once(deployment: Any, crm: Any) -> None:
    ask = (
        "select 'o' || n as order_id, 'c' || n % 100 as customer_id, amount, "
        "timestamptz '2026-09-01 12:00+08' as ordered_at "
        "from generate_series(1, {count}) n, (values (19.9)) a (amount)"
    )
    run = deployment.extract("orders", database="crm", query=ask.format(count=12_000))
    assert (run.status, run.landed) == ("complete", 12_000)
    config = ExtractConfig(database="crm", query=ask.format(count=2_000_000))
    reached = databases.Reached(config, datetime.now(UTC), [])
    before = memory()
    with databases.answer(config, reached, hashlib.sha256()) as table:
        assert sum(1 for _ in itertools.islice(table.rows, 100_000)) == 100_000
        held = memory() - before
    assert held < 60_000_000  # of 2,000,000 rows, 5,000 at a time


def test_a_query_that_takes_too_long_is_ended(
    deployment: Any, crm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "MILLISECONDS", 1)
    query = "select sum(n)::text as order_id from generate_series(1, 50000000) n"
    run = deployment.extract("orders", database="crm", query=query, timeout_minutes=1)
    assert run.status == "failed"
    assert "raise timeout_minutes" in run.message


def test_a_snapshot_of_a_table_closes_what_is_gone(deployment: Any, crm: Any) -> None:
    crm.run(TABLE)
    for number in range(10):
        put(crm, f"o{number}", "2026-09-20 00:00+00")
    config = {"database": "crm", "table": "orders", "mode": "snapshot"}
    deployment.extract("orders", day=26, **config)
    crm.run("delete from orders where order_id = 'o7'")
    run = deployment.extract("orders", day=27, **config)
    gone = [r["natural_key"] for r in deployment.landed("orders") if r["vanished_at"] is not None]
    assert (run.status, gone) == ("complete", ["o7"])
    crm.run("delete from orders")
    run = deployment.extract("orders", day=28, **config)
    assert (run.status, run.landed) == ("partial", 0)
    assert "it would close 9 of 9 known rows" in run.message


def test_sqlite(deployment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = deployment.home / "库 shop.db"
    monkeypatch.setenv("VOC_DB_SHOP", f"sqlite:///{path}")
    config = {"database": "shop", "table": "orders", "incremental": "updated_at"}
    run = deployment.extract("orders", day=26, **config)
    assert "the database 'shop' can't be reached" in run.message
    assert not path.exists()
    _fill(path)
    run = deployment.extract("orders", day=26, **config)
    assert (run.status, run.landed) == ("complete", 2), run.message
    assert [row["amount"] for row in deployment.landed("orders")] == [Decimal("19.9"), Decimal(3)]
    with sqlite3.connect(path) as connection:
        connection.execute("update orders set amount = 4, updated_at = '2026-09-25 10:00:00.5'")
    assert deployment.extract("orders", day=27, **config).landed == 2
    run = deployment.extract("orders", day=28, **config)
    assert "updated_at from 2026-09-25 09:00:00 on" in run.message


def _fill(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(
            "create table orders (order_id integer primary key, customer_id text, "
            "ordered_at text, amount real, updated_at text)"
        )
        connection.executemany(
            "insert into orders values (?, 'c1', '2026-09-01 12:00:00', ?, ?)",
            [(1, 19.9, "2026-09-20 10:00:00"), (2, 3.0, "2026-09-21 10:00:00")],
        )


def test_duckdb_is_only_read(deployment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    path = deployment.home / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table orders as select 'o1' as order_id, 'c1' as customer_id, "
            "timestamp '2026-09-01 12:00' as ordered_at, 1.5::decimal(9, 2) as amount"
        )
    monkeypatch.setenv("VOC_DB_SHOP", f"duckdb:///{path}")
    run = deployment.extract("orders", database="shop", table="orders")
    assert (run.status, run.landed) == ("complete", 1), run.message


def test_texts_of_a_database_have_the_sign_that_is_declared(
    deployment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb

    path = deployment.home / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table orders as select 'o1' as order_id, 'c1' as customer_id, "
            "timestamp '2026-09-01 12:00' as ordered_at, '12,345' as amount, 1.5::double as margin"
        )
    monkeypatch.setenv("VOC_DB_SHOP", f"duckdb:///{path}")
    deployment.extract("orders", database="shop", table="orders", decimals="comma")
    (row,) = deployment.landed("orders")
    assert (row["amount"], row["margin"]) == (Decimal("12.345"), Decimal("1.5"))


def test_an_address_that_is_not_set(deployment: Any) -> None:
    run = deployment.extract("orders", database="crm", table="orders")
    assert run.status == "failed"
    assert "Set the environment variable VOC_DB_CRM" in run.message
