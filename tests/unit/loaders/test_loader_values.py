"""Texts to typed values: what is understood, what is refused, and that nothing is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.entities import ENTITIES
from loaders import values
from loaders.values import ValueFault

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-01 12:00:00",
        "2026-09-01T12:00:00",
        "2026-09-01T04:00:00Z",
        "2026-09-01 12:00:00+08:00",
        "2026-09-01 12:00 +0800",
        "2026-08-31T23:00:00-05:00",
        "2026/9/1 12:00",
        "2026/09/01 12:00:00.000",
        "2026.9.1 12:00",
        "2026年9月1日12:00",
        "2026年9月1日 12时00分00秒",
        "2026年9月1日 下午12:00",
        "2026-9-1 12:00 PM",
        "２０２６－０９－０１　１２：００",
        " 20260901120000 ",
    ],
)
def test_the_same_noon_in_many_writings(text: str) -> None:
    assert values.timestamp(text, SHANGHAI) == NOON


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2026-9-1 上午12:30", 0), ("2026-9-1 下午3:30", 15), ("2026/9/1 3:30 pm", 15)],
)
def test_half_days(text: str, hour: int) -> None:
    found = values.timestamp(text, SHANGHAI)
    assert found is not None
    assert found.astimezone(SHANGHAI).hour == hour
    assert found.minute == 30


def test_a_date_is_the_midnight_of_the_zone() -> None:
    for text in ("2026-09-01", "2026/9/1", "2026年9月1日", "20260901"):
        assert values.timestamp(text, SHANGHAI) == datetime(2026, 8, 31, 16, tzinfo=UTC)
        assert values.day(text, SHANGHAI) == date(2026, 9, 1)


def test_a_day_of_a_moment_elsewhere_is_the_zones_own_day() -> None:
    assert values.day("2026-08-31T20:00:00Z", SHANGHAI) == date(2026, 9, 1)


def test_a_zone_with_summer_time_is_obeyed() -> None:
    denver = ZoneInfo("America/Denver")
    summer = values.timestamp("2021-07-23 09:44:10", denver)
    winter = values.timestamp("2021-01-23 09:44:10", denver)
    assert summer == datetime(2021, 7, 23, 15, 44, 10, tzinfo=UTC)
    assert winter == datetime(2021, 1, 23, 16, 44, 10, tzinfo=UTC)


def test_day_and_month_in_doubt_are_not_guessed() -> None:
    with pytest.raises(ValueFault, match="date_order"):
        values.timestamp("9/1/2026 12:00", SHANGHAI)
    assert values.timestamp("9/1/2026 12:00", SHANGHAI, "mdy") == NOON
    assert values.timestamp("1/9/2026 12:00", SHANGHAI, "dmy") == NOON


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30",
        "2026-13-01 00:00",
        "2026-09-01 25:00",
        "yesterday",
        "45917.5",
        "12345",
        "0001-01-01",
        "9999-12-31",
    ],
)
def test_no_time(text: str) -> None:
    with pytest.raises(ValueFault) as caught:
        values.timestamp(text, SHANGHAI)
    assert caught.value.code == "bad_timestamp"


@pytest.mark.parametrize(
    "text", ["", "  ", "NULL", "null", "\\N", "-", "N/A", "0000-00-00 00:00:00"]
)
def test_the_ways_to_write_no_time(text: str) -> None:
    assert values.timestamp(text, SHANGHAI) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-09-01 12:00:00", "second"),
        ("2026-09-01T12:00:00.123Z", "second"),
        ("2026/9/1 12:00", "minute"),
        ("2026年9月1日 12时05分", "minute"),
        ("2026年9月1日", "day"),
        ("20260901", "day"),
        ("9/1/2026", "day"),
        ("nonsense", "unknown"),
    ],
)
def test_precision(text: str, expected: str) -> None:
    assert values.precision(text) == expected


@given(
    st.datetimes(
        min_value=datetime(1901, 1, 1),  # noqa: DTZ001 - local times, on purpose
        max_value=datetime(2099, 12, 31),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    st.sampled_from(["Asia/Shanghai", "America/Denver", "UTC", "Asia/Kolkata"]),
)
def test_iso_times_come_back(moment: datetime, zone: str) -> None:
    assert values.timestamp(moment.isoformat(), SHANGHAI) == moment
    local = moment.astimezone(ZoneInfo(zone))
    assert values.timestamp(local.isoformat(sep=" "), SHANGHAI) == moment


@given(
    st.dates(min_value=date(1992, 1, 1), max_value=date(2099, 12, 30)),
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_chinese_times_come_back(on: date, hour: int, minute: int) -> None:
    text = f"{on.year}年{on.month}月{on.day}日 {hour}:{minute:02d}"
    expected = datetime(on.year, on.month, on.day, hour, minute, tzinfo=UTC) - timedelta(hours=8)
    assert values.timestamp(text, SHANGHAI) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234.5", "1234.5"),
        ("1,234.50", "1234.50"),
        ("¥1,234.50", "1234.50"),
        ("￥ 12", "12"),
        ("-¥12.00", "-12.00"),
        ("12元", "12"),
        ("１２３．５", "123.5"),
        ("￥１，２３４", "1234"),
        ("CNY 5", "5"),
        ("$3", "3"),
        ("1.23E+3", "1.23E+3"),
        ("19.900000000000002", "19.9000"),
    ],
)
def test_money(text: str, expected: str) -> None:
    assert values.money(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    ["十分", "1,23", "1,5", "12.3.4", "NaNs", "Infinity", "1e999", "１００万", "12%", "¥", "1 000"],
)
def test_no_money(text: str) -> None:
    with pytest.raises(ValueFault) as caught:
        values.money(text)
    assert caught.value.code == "bad_number"


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=4, allow_nan=False))
def test_grouped_money_comes_back(amount: Decimal) -> None:
    assert values.money(f"{amount:,}") == amount
    assert values.money(f"{amount:f}元") == amount


@given(st.text(max_size=40))
def test_any_text_is_a_value_nothing_or_a_fault(text: str) -> None:
    kinds = {kind for entity in ENTITIES.values() for kind in entity.columns.values()}
    for kind in kinds:
        parse = values.parser_for(kind, SHANGHAI)
        try:
            parse(text)
        except ValueFault as fault:
            assert fault.code
            assert fault.reason


@pytest.mark.parametrize(
    ("parse", "text", "expected"),
    [
        (values.whole, "1,200", 1200),
        (values.whole, "3.0", 3),
        (values.real, "7.5", 7.5),
        (values.real, "－2", -2.0),
        (values.seconds, "123秒", 123.0),
        (values.seconds, "95 s", 95.0),
        (values.seconds, "00:02:03", 123.0),
        (values.seconds, "", None),
        (values.flag, "是", True),
        (values.flag, "否", False),
        (values.flag, "TRUE", True),
        (values.flag, "0", False),
        (values.flag, "1.0", True),
        (values.flag, "", None),
        (values.words, "　华东 ", "华东"),
        (values.words, "NULL", None),
        (values.plain_number, " 10 ", 10.0),
        (values.plain_number, "十分", None),
        (values.plain_number, "１０", None),
        (values.plain_number, "10 - Extremely likely", None),
    ],
)
def test_others(parse: Any, text: str, expected: Any) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("parse", "text"),
    [(values.whole, "3.5"), (values.whole, "9" * 30), (values.real, "abc"), (values.flag, "maybe")],
)
def test_others_refused(parse: Any, text: str) -> None:
    with pytest.raises(ValueFault):
        parse(text)
