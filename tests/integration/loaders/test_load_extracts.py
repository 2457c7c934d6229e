"""Company extracts into a real lake: what lands, what is quarantined, what a bad file costs."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from lake.landing import SourceLanding
from loaders import intake

HEADER = "order_id,customer_id,ordered_at,unit_id,channel,amount,status\n"
GOOD = "o1,c1,2026-09-01 12:00:00,s001,app,19.90,paid\n"
CHINESE = {
    "order_id": "订单号",
    "customer_id": "会员号",
    "ordered_at": "下单时间",
    "amount": "金额",
}


def test_orders_land_typed_with_their_place(deployment: Any) -> None:
    deployment.drop("extracts/orders/a.csv", "\ufeff" + HEADER + GOOD)
    run = deployment.extract("orders")
    assert (run.source, run.kind, run.status) == ("extract_orders", "extract", "complete")
    assert (run.seen, run.landed, run.quarantined) == (1, 1, 0)
    (row,) = deployment.landed("orders")
    assert row["ordered_at"] == row["event_at"] == datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
    assert row["event_precision"] == "second"
    assert row["amount"] == Decimal("19.90")
    assert (row["refunded_at"], row["margin"]) == (None, None)
    assert (row["natural_key"], row["position"], row["archive_offset"]) == ("o1", 2, 2)
    assert row["url"] == row["archive_file"] == "landing/extracts/orders/a.csv"
    assert row["payload"] is None
    assert run.watermark == row["event_at"]
    (outcome,) = deployment.outcomes()
    assert (outcome["outcome"], outcome["items_seen"], outcome["kind"]) == ("ok", 1, "file")
    assert len(outcome["sha256"]) == 64


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_chinese_headers_by_mapping_in_every_encoding(deployment: Any, encoding: str) -> None:
    text = "订单号,会员号,下单时间,金额,备注\nA1,张,2026年9月1日 12:00,￥1,无\n"
    deployment.drop("extracts/orders/a.csv", text, encoding)
    run = deployment.extract("orders", columns=CHINESE)
    assert run.status == "complete", run.message
    (row,) = deployment.landed("orders")
    assert (row["order_id"], row["customer_id"], row["amount"]) == ("A1", "张", Decimal(1))
    assert row["event_precision"] == "minute"
    assert "columns not landed: 备注" in deployment.outcomes()[0]["detail"]


def test_a_workbook(deployment: Any) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["订单号", "会员号", "下单时间", "金额"])
    page.append([10001, "c1", dt.datetime(2026, 9, 1, 12, 0), 1234.5])  # noqa: DTZ001
    page.append(["o2", "c2", "2026/9/1 8:00", "1,234.50元"])
    page.append(["o3", "c3", "soon", 3])
    out = io.BytesIO()
    book.save(out)
    deployment.drop("extracts/orders/a.xlsx", out.getvalue())
    run = deployment.extract("orders", columns=CHINESE)
    assert (run.status, run.landed, run.quarantined) == ("complete", 2, 1)
    first, second = deployment.landed("orders")
    assert (first["order_id"], first["amount"]) == ("10001", Decimal("1234.5"))
    assert first["ordered_at"] == datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
    assert second["amount"] == Decimal("1234.50")
    (bad,) = deployment.quarantine()
    assert (bad["line"], bad["column"], bad["natural_key"]) == (4, "下单时间", "o3")


@pytest.mark.parametrize("make", [False, True])
def test_an_empty_landing_folder(deployment: Any, make: bool) -> None:
    if make:
        (deployment.home / "landing" / "extracts" / "orders").mkdir(parents=True)
    run = deployment.extract("orders")
    assert run.status == "complete"
    assert run.message.startswith("no files")
    assert deployment.outcomes() == deployment.landed("orders") == []


def test_a_missing_column_fails_that_file_alone(deployment: Any) -> None:
    deployment.drop("extracts/orders/a.csv", HEADER.replace("amount", "amont") + GOOD)
    deployment.drop("extracts/orders/b.csv", HEADER + GOOD)
    run = deployment.extract("orders")
    assert (run.status, run.landed) == ("partial", 1)
    bad, good = deployment.outcomes()
    assert (bad["outcome"], bad["items_seen"], good["outcome"]) == ("error", 0, "ok")
    for words in ("'amount'", "Did you mean `amont`?", "order_id, customer_id"):
        assert words in bad["detail"]
    assert "a.csv" in run.message


def test_when_all_files_fail_the_source_failed(deployment: Any) -> None:
    deployment.drop("extracts/orders/a.csv", "x,y\n1,2\n")
    deployment.drop("extracts/orders/b.csv", b"")
    run = deployment.extract("orders")
    assert (run.status, run.landed, run.seen) == ("failed", 0, 0)
    assert "0 bytes" in run.message


def test_a_mapped_column_that_is_absent_is_told_even_when_optional(deployment: Any) -> None:
    deployment.drop("extracts/orders/a.csv", HEADER + GOOD)
    run = deployment.extract("orders", columns={"refunded_at": "退款时间"})
    assert run.status == "failed"
    assert "退款时间" in run.message


def test_a_header_only_file_is_empty_and_confirmed(deployment: Any) -> None:
    deployment.drop("extracts/orders/a.csv", HEADER)
    run = deployment.extract("orders")
    assert run.status == "complete"
    (outcome,) = deployment.outcomes()
    assert (outcome["outcome"], outcome["items_seen"]) == ("empty_confirmed", 0)


def test_bad_rows_are_quarantined_and_their_neighbours_land(deployment: Any) -> None:
    bad = (
        "o2,c1,2026-02-30 12:00:00,s001,app,5,paid\n"
        "o3,c1,2026-09-01 12:00:00,s001,app,abc,paid\n"
        "o4,c1,2026-09-01\n"
        ",c1,2026-09-01 12:00:00,s001,app,5,paid\n"
        "o6,c1,2036-09-01 12:00:00,s001,app,5,paid\n"
        "o7,,2026-09-01 12:00:00,s001,app,5,paid\n"
        'o8,c1,2026-09-01 12:00:00,"s001,app,5,paid\n'
    )
    deployment.drop("extracts/orders/a.csv", HEADER + GOOD + bad + GOOD.replace("o1", "o9"))
    run = deployment.extract("orders")
    assert (run.status, run.seen, run.landed, run.quarantined) == ("complete", 9, 2, 7)
    assert [r["order_id"] for r in deployment.landed("orders")] == ["o1", "o9"]
    found = {(q["line"], q["column"], q["reason_code"]) for q in deployment.quarantine()}
    assert found == {
        (3, "ordered_at", "bad_timestamp"),
        (4, "amount", "bad_number"),
        (5, None, "wrong_field_count"),
        (6, "order_id", "missing_required"),
        (7, "ordered_at", "future_timestamp"),
        (8, "customer_id", "missing_required"),
        (9, None, "open_quote"),
    }
    assert {q["file"] for q in deployment.quarantine()} == {"landing/extracts/orders/a.csv"}
    assert all(q["reason"] for q in deployment.quarantine())


def test_duplicate_keys_all_land_and_an_unknown_customer_too(deployment: Any) -> None:
    again = GOOD.replace("19.90", "29.90")
    deployment.drop("extracts/orders/a.csv", HEADER + GOOD + again + GOOD)
    deployment.extract("orders")
    rows = deployment.landed("orders")
    assert len({r["record_key"] for r in rows}) == 1
    assert [r["version_hash"] for r in rows].count(rows[0]["version_hash"]) == 2
    assert [r["seq"] for r in rows] == [1, 2, 3]


def test_a_file_lands_once_however_it_is_called(deployment: Any) -> None:
    deployment.drop("extracts/orders/a.csv", HEADER + GOOD)
    deployment.drop("extracts/orders/b.csv", HEADER + GOOD)
    first = deployment.extract("orders", day=29)
    assert first.landed == 1
    assert [o["outcome"] for o in deployment.outcomes()] == ["ok", "unchanged"]
    assert "a.csv" in deployment.outcomes()[1]["detail"]
    second = deployment.extract("orders")
    assert (second.status, second.seen, second.landed) == ("complete", 0, 0)
    assert {o["outcome"] for o in deployment.outcomes()} == {"unchanged"}


def test_another_mapping_or_other_bytes_are_read_anew(deployment: Any) -> None:
    deployment.drop("extracts/orders/a.csv", HEADER + GOOD)
    deployment.extract("orders")
    assert deployment.extract("orders", columns={"status": "channel"}).landed == 1
    deployment.drop("extracts/orders/a.csv", HEADER + GOOD + GOOD.replace("o1", "o2"))
    assert deployment.extract("orders").landed == 2


def test_a_failed_file_is_tried_again(deployment: Any) -> None:
    deployment.drop("extracts/orders/a.csv", "a,b\n1,2\n")
    assert deployment.extract("orders", day=29).status == "failed"
    assert deployment.extract("orders").status == "failed"


def test_customers_land_as_keyed_hashes_only(deployment: Any) -> None:
    deployment.drop(
        "extracts/customers/a.csv",
        "customer_id,signup_at,consent,phone,email,name,address\n"
        "c1,2026-04-01,是,138 0013 8000,Li@Example.com,李雷,南京路1号\n"
        "c2,2026-04-02,否,+86 13800138000,,韩梅梅,\n"
        "13900139000,2026-04-03,maybe,13700137000,a@b.cn,x,\n",
    )
    run = deployment.extract("customers")
    first, second = deployment.landed("customers")
    assert first["phone_hash"] == second["phone_hash"] is not None
    assert first["email_hash"] is not None
    assert second["email_hash"] is None
    assert (first["consent"], second["consent"]) == (True, False)
    assert run.quarantined == 1
    lake = deployment.everything().decode().lower()
    for secret in (
        "0013",
        "13800138000",
        "example.com",
        "李雷",
        "韩梅梅",
        "南京路",
        "13900139000",
        "b.cn",
    ):
        assert secret not in lake


def test_a_phone_in_place_of_a_customer_id_becomes_the_same_hash_everywhere(
    deployment: Any,
) -> None:
    deployment.drop("extracts/customers/a.csv", "customer_id,phone\n13800138000,13800138000\n")
    deployment.extract("customers")
    (customer,) = deployment.landed("customers")
    deployment.drop("extracts/orders/a.csv", HEADER + GOOD.replace("c1", "+86 138-0013-8000"))
    deployment.extract("orders")
    (order,) = deployment.landed("orders")
    assert order["customer_id"] == customer["customer_id"] == customer["phone_hash"]
    assert customer["natural_key"] == customer["customer_id"]


def test_free_text_of_cases_is_masked_and_counted(deployment: Any) -> None:
    deployment.drop(
        "extracts/cases/a.csv",
        "case_id,created_at,issue,appeal,text\n"
        'k1,2026-09-01 10:00,食品异物,退款到 13800138000,"喝到头发\n请回电 13900139000，a@b.com"\n',
    )
    run = deployment.extract("cases")
    (case,) = deployment.landed("cases")
    assert case["text"] == "喝到头发\n请回电 [mobile]，[mail]"
    assert case["appeal"] == "退款到 [mobile]"
    assert run.masked_values == 3


def test_the_zone_of_an_extract_is_its_own(deployment: Any) -> None:
    deployment.drop("extracts/orders/a.csv", HEADER + GOOD)
    deployment.extract("orders", zone="America/New_York")
    assert deployment.landed("orders")[0]["ordered_at"] == datetime(2026, 9, 1, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("entity", "header", "row"),
    [
        ("units", "unit_id,name,kind,opened_on,is_competitor", "s1,南京路店,store,2020/5/1,否"),
        ("touchpoints", "touchpoint_id,stage,is_mot,desired_score", "t1,order,是,8.5"),
        ("journey_events", "event_id,customer_id,touchpoint_id,occurred_at", "e1,c1,t1,2026-9-1"),
        (
            "invitations",
            "invitation_id,survey_id,customer_id,sent_at,channel",
            "i,s,c,2026-9-1,sms",
        ),
        ("case_events", "event_id,case_id,type,occurred_at", "e1,k1,created,2026-09-01 10:00"),
    ],
)
def test_every_extract_loads(deployment: Any, entity: str, header: str, row: str) -> None:
    deployment.drop(f"extracts/{entity}/a.csv", f"{header}\n{row}\n")
    run = deployment.extract(entity)
    assert (run.status, run.landed) == ("complete", 1), run.message
    assert deployment.landed(entity)[0]["natural_key"] == row.split(",", maxsplit=1)[0]


def test_a_link_out_of_the_folder_is_refused_and_the_rest_loads(deployment: Any) -> None:
    secret = deployment.home / "secret.csv"
    secret.write_text(HEADER + GOOD.replace("o1", "stolen"))
    deployment.drop("extracts/orders/b.csv", HEADER + GOOD)
    (deployment.home / "landing/extracts/orders/a.csv").symlink_to(secret)
    run = deployment.extract("orders")
    assert (run.status, run.landed) == ("partial", 1)
    assert b"stolen" not in deployment.everything()


@pytest.mark.parametrize("twin", ["amount", "Amount", " amount ", "ＡＭＯＵＮＴ", "\u200bamount"])
def test_a_header_that_stands_twice_is_not_guessed(deployment: Any, twin: str) -> None:
    header = f"order_id,customer_id,ordered_at,amount,{twin}\n"
    deployment.drop("extracts/orders/a.csv", header + "o1,c1,2026-09-01,5,6\n")
    run = deployment.extract("orders")
    assert run.status == "failed"
    assert "stands 2 times" in run.message


def test_a_run_tried_again_lands_the_same_again(deployment: Any) -> None:
    deployment.drop("extracts/orders/a.csv", HEADER + GOOD)
    deployment.extract("orders")
    first = deployment.landed("orders")
    run = deployment.extract("orders", again=True)
    assert run.landed == 1
    assert deployment.landed("orders") == first


def test_a_file_that_grows_while_it_is_read_is_read_again_next_time(
    deployment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = deployment.drop("extracts/orders/a.csv", HEADER + GOOD)
    real = intake.scan

    def scan_then_grow(which: Path) -> Any:
        found = real(which)
        path.write_bytes(path.read_bytes() + GOOD.replace("o1", "o2").encode())
        return found

    monkeypatch.setattr(intake, "scan", scan_then_grow)
    run = deployment.extract("orders", day=29)
    assert run.status == "partial"
    assert "changed while it was read" in run.message
    monkeypatch.undo()
    assert deployment.extract("orders").landed == 2


def test_a_lake_that_fails_is_not_blamed_on_the_file(
    deployment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.drop("extracts/orders/a.csv", HEADER + GOOD)

    def full(*_: Any) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SourceLanding, "_write", full)
    with pytest.raises(intake.LakeError, match="No space left"):
        deployment.extract("orders")
    assert not list((deployment.home / "lake").rglob("*.parquet"))


def reasons(deployment: Any) -> list[tuple[int, str | None, str]]:
    return [(q["line"], q["column"], q["reason_code"]) for q in deployment.quarantine()]


def test_an_unquoted_amount_before_blank_cells_shifts_nothing(deployment: Any) -> None:
    header = "order_id,customer_id,ordered_at,amount,margin,channel,status\n"
    good = "o1,c1,2026-09-01 12:00:00,19.90,5,,\n"
    bad = "o2,c1,2026-09-01 12:00:00,1,280.00,700,,\n"
    deployment.drop("extracts/orders/a.csv", header + bad + good + good.replace("o1", "o3"))
    deployment.extract("orders")
    assert [r["order_id"] for r in deployment.landed("orders")] == ["o1", "o3"]
    assert reasons(deployment) == [(2, None, "wrong_field_count")]
    assert '"1,280.00"' in deployment.quarantine()[0]["reason"]


def test_totals_and_remarks_are_no_customers(deployment: Any) -> None:
    deployment.drop(
        "extracts/customers/a.csv",
        "序号,customer_id,segment\n1,c1,gold\n合计,1,\n2,小计,\n,,共 1 条记录\n"
        "导出时间：2026-09-30,,\n",
    )
    deployment.extract("customers")
    print(deployment.quarantine(), deployment.outcomes())
    assert [r["customer_id"] for r in deployment.landed("customers")] == ["c1"]
    assert reasons(deployment) == [
        (3, None, "totals_row"),
        (4, "customer_id", "totals_row"),
        (5, None, "footer_row"),
        (6, None, "footer_row"),
    ]


def test_joined_files_do_not_make_their_header_a_unit(deployment: Any) -> None:
    one = "\ufeffunit_id,name\ns1,南京路\n"
    deployment.drop("extracts/units/a.csv", one + one.replace("s1", "s2"))
    deployment.extract("units")
    assert [r["unit_id"] for r in deployment.landed("units")] == ["s1", "s2"]
    assert reasons(deployment) == [(3, None, "repeated_header")]


def test_ids_that_went_through_a_spreadsheet(deployment: Any) -> None:
    deployment.drop(
        "extracts/customers/a.csv",
        "customer_id,unit_id,phone\n13800138000,001,13800138000\n13800138000.0,'001,`13800138000\n"
        '\'13800138000,="001",13800138000.0\nc4,\ufeff001,138****8000\nc5,001,1.38E+10\n'
        "1.38E+10,001,\n138****8000,001,\nnan,001,\n",
    )
    run = deployment.extract("customers")
    rows = deployment.landed("customers")
    assert len({r["customer_id"] for r in rows}) == 2
    assert {r["unit_id"] for r in rows} == {"001"}
    assert rows[0]["customer_id"] == rows[0]["phone_hash"]
    assert len({r["phone_hash"] for r in rows[:3]}) == 1
    assert rows[3]["phone_hash"] is None
    assert reasons(deployment) == [
        (6, "phone", "bad_id"),
        (7, "customer_id", "bad_id"),
        (8, "customer_id", "bad_id"),
        (9, "customer_id", "missing_required"),
    ]
    assert run.seen == 8
    assert b"13800138000" not in deployment.everything()


def test_ids_of_a_workbook(deployment: Any) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["order_id", "customer_id", "ordered_at", "amount", "unit_id", "status"])
    day = dt.datetime(2026, 9, 1)  # noqa: DTZ001
    for order, customer, amount, unit, status in (
        (10001, 13800138000, 1234.5, 7, True),
        (123456789012345678, "c1", 5, 7, "paid"),
        (10003, "#N/A", 5, 7, "paid"),
        (10004, "c1", "=D2*2", 7, "paid"),
        (10005, "c1", 5, dt.date(2026, 3, 1), "paid"),
        (10006, "c1", "#DIV/0!", 7, "paid"),
        (10007, "c1", 5, 7, "paid"),
    ):
        page.append([order, customer, day, amount, unit, status])
    for row in range(2, 9):
        page.cell(row, 5).number_format = "000" if row != 6 else "yyyy-mm-dd"
    page["C8"], page["C9"], page["A9"] = 46266, day, "o8"
    page["C8"].number_format = "General"
    page.merge_cells("E9:E10")
    deployment.drop("extracts/orders/a.xlsx", b"")
    book.save(deployment.home / "landing/extracts/orders/a.xlsx")
    run = deployment.extract("orders")
    (row,) = deployment.landed("orders")
    assert (row["order_id"], row["unit_id"], row["status"]) == ("10001", "007", "true")
    assert row["amount"] == Decimal("1234.5")
    assert row["event_precision"] == "day"
    assert reasons(deployment) == [
        (3, "order_id", "bad_id"),
        (4, "customer_id", "missing_required"),
        (5, "amount", "bad_number"),
        (6, "unit_id", "bad_id"),
        (7, "amount", "bad_number"),
        (8, "ordered_at", "bad_timestamp"),
        (9, None, "merged_cells"),
    ]
    assert run.seen == 8
    assert b"13800138000" not in deployment.everything()


def test_a_span_in_a_workbook_is_not_taken_for_minutes(deployment: Any) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["event_id", "customer_id", "touchpoint_id", "occurred_at", "wait_minutes"])
    page.append(["e1", "c1", "t1", "2026-09-01 10:00", dt.timedelta(minutes=10)])
    page["E2"].number_format = "[h]:mm:ss"
    deployment.drop("extracts/journey_events/a.xlsx", b"")
    book.save(deployment.home / "landing/extracts/journey_events/a.xlsx")
    deployment.extract("journey_events")
    assert reasons(deployment) == [(2, "wait_minutes", "bad_number")]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"ordered_at": "下单时间", "refunded_at": "下单时间"}, "ordered_at and as refunded_at"),
        ({"margin": "amount"}, "amount and as margin"),
        ({"customer_id": "order_id"}, "order_id and as customer_id"),
    ],
)
def test_one_header_is_not_two_values(deployment: Any, columns: dict[str, str], words: str) -> None:
    header = HEADER.replace("ordered_at", "下单时间" if "ordered_at" in columns else "ordered_at")
    deployment.drop("extracts/orders/a.csv", header + GOOD)
    run = deployment.extract("orders", columns=columns)
    assert run.status == "failed"
    assert words in run.message


def test_one_header_may_be_two_texts(deployment: Any) -> None:
    deployment.drop(
        "extracts/journey_events/a.csv",
        "order_id,customer_id,touchpoint_id,occurred_at\no1,c1,t1,2026-09-01 10:00\n",
    )
    deployment.extract("journey_events", columns={"event_id": "order_id"})
    (event,) = deployment.landed("journey_events")
    assert (event["event_id"], event["order_id"]) == ("o1", "o1")
    assert "is read as event_id and as order_id" in deployment.outcomes()[0]["detail"]
    deployment.drop("extracts/customers/a.csv", "phone\n13800138000\n")
    deployment.extract("customers", columns={"customer_id": "phone"})
    (customer,) = deployment.landed("customers")
    assert customer["customer_id"] == customer["phone_hash"]


@pytest.mark.parametrize(
    ("decimals", "landed"),
    [
        ("auto", {"o3": "12.5"}),
        ("point", {"o1": "1.234", "o3": "12.5"}),
        ("comma", {"o1": "1234", "o2": "1234.50", "o4": "12.5"}),
    ],
)
def test_amounts_between_semicolons(deployment: Any, decimals: str, landed: dict[str, str]) -> None:
    header = "order_id;customer_id;ordered_at;amount\n"
    amounts = {"o1": "1.234", "o2": "1.234,50", "o3": "12.5", "o4": "12,5"}
    rows = "".join(f"{o};c1;2026-09-01 12:00;{a}\n" for o, a in amounts.items())
    deployment.drop("extracts/orders/a.csv", header + rows)
    deployment.extract("orders", decimals=decimals)
    found = {r["order_id"]: r["amount"] for r in deployment.landed("orders")}
    assert found == {order: Decimal(amount) for order, amount in landed.items()}
    assert {q["reason_code"] for q in deployment.quarantine()} == {"bad_number"}


def test_numbers_of_a_workbook_have_no_sign_to_guess(deployment: Any) -> None:
    book = openpyxl.Workbook()
    book.active.append(["order_id", "customer_id", "ordered_at", "amount"])
    book.active.append(["o1", "c1", "2026-09-01 12:00", 1.234])
    deployment.drop("extracts/orders/a.xlsx", b"")
    book.save(deployment.home / "landing/extracts/orders/a.xlsx")
    deployment.extract("orders", decimals="comma")
    assert deployment.landed("orders")[0]["amount"] == Decimal("1.234")


def test_texts_of_a_workbook_have_the_sign_that_is_declared(deployment: Any) -> None:
    book = openpyxl.Workbook()
    book.active.append(["order_id", "customer_id", "ordered_at", "amount"])
    for n, amount in enumerate(["12,345", "1.234", "1.234,50", 1.234, 1234.5, 7, "12.5"]):
        book.active.append([f"o{n}", "c1", "2026-09-01 12:00", amount])
    deployment.drop("extracts/orders/a.xlsx", b"")
    book.save(deployment.home / "landing/extracts/orders/a.xlsx")
    deployment.extract("orders", decimals="comma")
    found = [str(row["amount"].normalize()) for row in deployment.landed("orders")]
    assert found == ["12.345", "1234", "1234.5", "1.234", "1234.5", "7"]
    assert reasons(deployment) == [(8, "amount", "bad_number")]


def test_texts_in_parquet_have_the_sign_that_is_declared(deployment: Any) -> None:
    rows = {
        "order_id": ["o1", "o2"],
        "customer_id": ["c1", "c1"],
        "ordered_at": [dt.date(2026, 9, 1)] * 2,
        "amount": ["12,345", "1.234"],
        "margin": [Decimal("1.234"), Decimal("1.5")],
    }
    path = deployment.drop("extracts/orders/a.parquet", b"")
    pq.write_table(pa.table(rows), path)
    deployment.extract("orders", decimals="comma")
    found = [(row["amount"], row["margin"]) for row in deployment.landed("orders")]
    assert found == [(Decimal("12.345"), Decimal("1.234")), (Decimal(1234), Decimal("1.5"))]


def test_a_workbook_that_counts_days_from_1904(deployment: Any) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["order_id", "customer_id", "ordered_at", "amount"])
    book.active.append(["o1", "c1", 44438.5, 5])
    deployment.drop("extracts/orders/a.xlsx", b"")
    book.save(deployment.home / "landing/extracts/orders/a.xlsx")
    deployment.extract("orders", date_order="excel")
    assert deployment.landed("orders")[0]["ordered_at"] == datetime(2025, 8, 31, 4, tzinfo=UTC)


def test_two_currencies_of_one_row_are_not_landed(deployment: Any) -> None:
    deployment.drop(
        "extracts/orders/a.csv",
        "order_id,customer_id,ordered_at,amount,margin\n"
        "o1,c1,2026-09-01,¥5,$2\no2,c1,2026-09-01,5,2\n",
    )
    deployment.extract("orders")
    assert [row["order_id"] for row in deployment.landed("orders")] == ["o2"]
    assert reasons(deployment) == [(2, "margin", "mixed_currency")]


def test_two_currencies_are_not_summed(deployment: Any) -> None:
    amounts = enumerate(("¥5", "$5", "5"))
    rows = "".join(GOOD.replace("o1", f"o{n}").replace("19.90", amount) for n, amount in amounts)
    deployment.drop("extracts/orders/a.csv", HEADER + rows)
    deployment.extract("orders")
    assert [r["order_id"] for r in deployment.landed("orders")] == ["o0", "o2"]
    assert reasons(deployment) == [(3, "amount", "mixed_currency")]


@pytest.mark.parametrize("amount", ["NaN", "nan", "0.00001"])
def test_an_amount_that_is_no_number_is_not_called_missing(deployment: Any, amount: str) -> None:
    deployment.drop("extracts/orders/a.csv", HEADER + GOOD.replace("19.90", amount))
    deployment.extract("orders")
    assert reasons(deployment) == [(2, "amount", "bad_number")]


def test_a_case_may_lack_its_amount(deployment: Any) -> None:
    deployment.drop("extracts/cases/a.csv", "case_id,created_at,amount\nk1,2026-09-01,NaN\n")
    deployment.extract("cases")
    assert deployment.landed("cases")[0]["amount"] is None


def test_only_signups_and_openings_may_lie_before_2000(deployment: Any) -> None:
    deployment.drop(
        "extracts/customers/a.csv", "customer_id,signup_at\nc1,1988-05-01\nc2,1899-1-1\n"
    )
    deployment.drop("extracts/units/a.csv", "unit_id,opened_on\ns1,1903-08-15\n")
    deployment.drop("extracts/orders/a.csv", HEADER + GOOD.replace("2026-09-01", "1988-05-01"))
    deployment.extract("customers")
    assert [r["customer_id"] for r in deployment.landed("customers")] == ["c1"]
    assert "1900 to 2099" in deployment.quarantine()[0]["reason"]
    deployment.extract("units")
    assert deployment.landed("units")[0]["opened_on"] == dt.date(1903, 8, 15)
    deployment.extract("orders")
    assert deployment.landed("orders") == []
    assert "2000 to 2099" in deployment.quarantine()[0]["reason"]


def test_two_lines_of_one_product_are_told_apart_by_their_number(deployment: Any) -> None:
    deployment.drop(
        "extracts/order_lines/a.csv",
        "订单号,商品,行号,件数,金额\no1,p1,0,1,9.90\no1,p1,1,2,19.80\no1,p2,,0.5,３元\n",
    )
    mapping = {
        "order_id": "订单号",
        "product_id": "商品",
        "line_no": "行号",
        "quantity": "件数",
        "amount": "金额",
    }
    run = deployment.extract("order_lines", columns=mapping)
    assert (run.status, run.landed) == ("complete", 3), run.message
    rows = deployment.landed("order_lines")
    assert [row["natural_key"] for row in rows] == ["o1|p1|0", "o1|p1|1", "o1|p2|"]
    assert [(row["quantity"], row["amount"]) for row in rows] == [
        (1, Decimal("9.90")),
        (2, Decimal("19.80")),
        (0.5, Decimal(3)),
    ]


def test_staff_are_known_by_a_number_or_by_a_hash(deployment: Any) -> None:
    deployment.drop(
        "extracts/employees/a.csv", "employee_id,unit_id,role\nE17,s001,店长\n王芳,s001,\n"
    )
    deployment.drop(
        "extracts/loop_actions/a.csv",
        "action_id,customer_id,action,actor,occurred_at\n"
        "a1,c1,call 13812345678,王芳,2026-09-01 12:00\na2,c1,coupon,E17,2026-09-01 12:00\n",
    )
    assert deployment.extract("employees").landed == 2
    known, named = (row["employee_id"] for row in deployment.landed("employees"))
    assert deployment.extract("loop_actions").landed == 2
    first, second = deployment.landed("loop_actions")
    assert (known, second["actor"]) == ("E17", "E17")
    assert named == first["actor"] != "王芳"
    assert "13812345678" not in first["action"]


def test_a_contact_s_wait_and_a_benchmark_s_source(deployment: Any) -> None:
    deployment.drop(
        "extracts/contacts/a.csv",
        "contact_id,started_at,wait_seconds,resolved\n"
        "k1,2026-09-01 12:00,00:02:03,是\nk2,2026-09-01,95秒,否\n",
    )
    deployment.extract("contacts")
    assert [(r["wait_seconds"], r["resolved"]) for r in deployment.landed("contacts")] == [
        (123.0, True),
        (95.0, False),
    ]
    deployment.drop(
        "extracts/benchmarks/a.csv",
        '品牌,期间,口径,来源,数量\n云雾茶,2026年第三季度,stores,年报,"1,280"\n云雾茶,2026年第五季度,stores,年报,9\n',
    )
    mapping = {
        "brand": "品牌",
        "period": "期间",
        "kind": "口径",
        "source": "来源",
        "denominator": "数量",
    }
    run = deployment.extract("benchmarks", columns=mapping)
    assert (run.landed, run.quarantined) == (1, 1)
    (row,) = deployment.landed("benchmarks")
    assert (row["source"], row["denominator_source"]) == ("extract_benchmarks", "年报")
    assert (row["natural_key"], row["denominator"]) == ("云雾茶|2026-Q3|stores|年报", 1280.0)


def test_a_spreadsheet_s_days_in_a_csv(deployment: Any) -> None:
    rows = "o1,c1,45900.5,s001,app,1.2万,paid\no2,c1,2025-08-31 12:00,s001,app,￥3,paid\n"
    deployment.drop("extracts/orders/a.csv", HEADER + rows)
    assert deployment.extract("orders").quarantined == 1
    (bad,) = deployment.quarantine()
    assert "date_order: excel" in bad["reason"]
    run = deployment.extract("orders", date_order="excel")
    assert (run.landed, run.quarantined) == (2, 0)
    noon = datetime(2025, 8, 31, 4, 0, tzinfo=UTC)
    landed = [(row["ordered_at"], row["amount"]) for row in deployment.landed("orders")]
    assert landed == [(noon, Decimal(12000)), (noon, Decimal(3))]


def test_a_column_of_ten_thousands_is_not_taken_for_single_ones(deployment: Any) -> None:
    deployment.drop(
        "extracts/orders/a.csv",
        HEADER.replace("amount", "金额（万元）") + GOOD.replace("19.90", "1.2"),
    )
    run = deployment.extract("orders", columns={"amount": "金额（万元）"})
    assert (run.status, run.landed) == ("failed", 0)
    assert "a unit larger or smaller" in run.message


def test_an_audit_is_known_by_its_unit_moment_and_item(deployment: Any) -> None:
    deployment.drop(
        "extracts/qsc_audits/a.csv",
        "unit_id,visited_at,item,class,score\ns1,2026-09-01 12:00,操作台,C,3\n"
        "s1,2026/9/1 12:00:00,操作台,C,4\ns1,2026-09-01 13:00,操作台,C,5\n",
    )
    assert deployment.extract("qsc_audits").landed == 3
    first, corrected, later = (row["natural_key"] for row in deployment.landed("qsc_audits"))
    assert first == corrected == "s1|2026-09-01 04:00:00+00:00|操作台"
    assert later != first


def test_a_bar_within_an_id_is_no_other_row(deployment: Any) -> None:
    deployment.drop(
        "extracts/order_lines/a.csv",
        "order_id,product_id,line_no,quantity,amount\no1|p1,x,1,1,5\no1,p1|x,1,1,6\no1,a\\,1,1,7\n",
    )
    deployment.extract("order_lines")
    keys = [row["natural_key"] for row in deployment.landed("order_lines")]
    assert keys == ["o1\\|p1|x|1", "o1|p1\\|x|1", "o1|a\\\\|1"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_both_read(deployment: Any) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", HEADER + GOOD)
        archive.writestr("a.csv", HEADER + GOOD.replace("o1", "o2"))
    deployment.drop("extracts/orders/a.zip", packed.getvalue())
    assert (deployment.extract("orders").landed, deployment.last.status) == (2, "complete")
    assert [row["order_id"] for row in deployment.landed("orders")] == ["o1", "o2"]
    told = [(o["member"], o["outcome"], o["items_seen"]) for o in deployment.outcomes()]
    assert told == [("a.csv", "ok", 1), ("a.csv#2", "ok", 1)]
    assert deployment.extract("orders").landed == 0
    assert {o["outcome"] for o in deployment.outcomes()} == {"unchanged"}
