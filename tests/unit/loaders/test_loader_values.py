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
from loaders import amounts, texts, times, values
from loaders.texts import ValueFault

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
        "'2026-09-01 12:00:00",
        '="2026-09-01 12:00:00"',
        "\ufeff2026-09-01 12:00:00",
        "2026-08-31T18:00:00-10:00",
        "2026-09-01T17:45:00+13:45",
    ],
)
def test_the_same_noon_in_many_writings(text: str) -> None:
    assert times.timestamp(text, SHANGHAI) == NOON


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-9-1 上午12:30", 0),
        ("2026-9-1 下午3:30", 15),
        ("2026/9/1 3:30 pm", 15),
        ("2026/9/1 12:30 AM", 0),
        ("2026/9/1 12:30 PM", 12),
        ("2026-9-1 下午15:30", 15),
        ("2026-9-1 中午12:30", 12),
        ("2026-9-1 中午1:30", 13),
        ("2026-9-1 晚上8:30", 20),
        ("2026-9-1 晚上20:30", 20),
        ("2026-9-1 凌晨12:30", 0),
        ("2026-9-1 凌晨3:30", 3),
    ],
)
def test_half_days(text: str, hour: int) -> None:
    found = times.timestamp(text, SHANGHAI)
    assert found is not None
    assert found.astimezone(SHANGHAI).hour == hour
    assert found.minute == 30


def test_a_date_is_the_midnight_of_the_zone() -> None:
    for text in ("2026-09-01", "2026/9/1", "2026年9月1日", "20260901"):
        assert times.timestamp(text, SHANGHAI) == datetime(2026, 8, 31, 16, tzinfo=UTC)
        assert times.day(text, SHANGHAI) == date(2026, 9, 1)


def test_a_day_of_a_moment_elsewhere_is_the_zones_own_day() -> None:
    assert times.day("2026-08-31T20:00:00Z", SHANGHAI) == date(2026, 9, 1)


def test_a_zone_with_summer_time_is_obeyed() -> None:
    denver = ZoneInfo("America/Denver")
    summer = times.timestamp("2021-07-23 09:44:10", denver)
    winter = times.timestamp("2021-01-23 09:44:10", denver)
    assert summer == datetime(2021, 7, 23, 15, 44, 10, tzinfo=UTC)
    assert winter == datetime(2021, 1, 23, 16, 44, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2018/10/23 3:48:03 PM GMT+8", "Europe/Berlin", "07:48:03"),
        ("2018/10/23 3:48:03 下午 GMT+8", "Europe/Berlin", "07:48:03"),
        ("2018/10/23 下午3:48:03 GMT+8", "Europe/Berlin", "07:48:03"),
        ("2018/10/23 3:48:03 p. m. GMT-5", "Europe/Berlin", "20:48:03"),
        ("2018/10/23 3:48:03 PM GMT", "Asia/Shanghai", "15:48:03"),
        ("2018/10/23 3:48:03 PM CEST", "Europe/Berlin", "13:48:03"),
        ("2018/10/23 3:48:03 PM CET", "Europe/Berlin", None),  # it was summer time there
        ("2018/10/28 2:48:03 AM CEST", "Europe/Berlin", "00:48:03"),
        ("2018/10/28 2:48:03 AM CET", "Europe/Berlin", "01:48:03"),  # the same hour once more
        ("2018/10/23 3:48:03 PM EDT", "Europe/Berlin", None),
        ("2018/10/23 3:48:03 PM IST", "Asia/Kolkata", None),  # Israel's, Ireland's, or India's
    ],
)
def test_times_of_google_forms(text: str, zone: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(ValueFault) as caught:
            times.timestamp(text, ZoneInfo(zone))
        assert caught.value.code == "bad_timestamp"
        return
    found = times.timestamp(text, ZoneInfo(zone))
    assert found is not None
    assert found.strftime("%H:%M:%S") == expected
    assert times.precision(text) == "second"


def test_day_and_month_in_doubt_are_not_guessed() -> None:
    with pytest.raises(ValueFault, match="date_order"):
        times.timestamp("9/1/2026 12:00", SHANGHAI)
    assert times.timestamp("9/1/2026 12:00", SHANGHAI, "mdy") == NOON
    assert times.timestamp("1/9/2026 12:00", SHANGHAI, "dmy") == NOON


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
        "2026-9-1 晚上1:30",  # one at night, or a slip for one in the afternoon
        "2026-9-1 晚上12:30",
        "2026-9-1 凌晨11:00",
        "2026-9-1 早上12:30",
        "2026-09-01 13:30 AM",
        "2026-09-01+08:00",  # a day with an offset is no time of day
        "2026-09-01-05:00",
        "2026-09-01Z",
        "2026-09-01 10:00-11:00",  # a span
        "2026-09-01 12:00-13:30",
        "2026-09-01 12:00 - 13:30",
        "2026-09-01 08:00-09:10",
        "2026-09-01 24:01",
        "26/9/1",
        "1756699200",
        "1756699200000",
        "2026-09-01 12:00:00 CST",  # China's, or the one of Chicago
        "########",
    ],
)
def test_no_time(text: str) -> None:
    with pytest.raises(ValueFault) as caught:
        times.timestamp(text, SHANGHAI)
    assert caught.value.code == "bad_timestamp"


@pytest.mark.parametrize(
    "text", ["1999-12-31", "1970-01-01 08:00:00", "2100-01-01", "1899年1月1日"]
)
def test_years_outside_the_window_are_told_with_it(text: str) -> None:
    with pytest.raises(ValueFault, match="is not one of 2000 to 2099") as caught:
        times.timestamp(text, SHANGHAI)
    assert caught.value.code == "bad_timestamp"


def test_what_began_long_ago_has_a_longer_window() -> None:
    assert times.day("1900-01-01", SHANGHAI, years=times.OLD_YEARS) == date(1900, 1, 1)
    with pytest.raises(ValueFault, match="is not one of 1900 to 2099"):
        times.day("1899-12-31", SHANGHAI, years=times.OLD_YEARS)


@pytest.mark.parametrize("text", ["2000-01-01", "2099-12-31 23:59:59"])
def test_the_edges_of_the_window_are_in_it(text: str) -> None:
    assert times.timestamp(text, SHANGHAI) is not None


@pytest.mark.parametrize(
    "text", ["", "  ", "NULL", "null", "\\N", "-", "N/A", "NaT", "#N/A", "0000-00-00 00:00:00"]
)
def test_the_ways_to_write_no_time(text: str) -> None:
    assert times.timestamp(text, SHANGHAI) is None


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
    assert times.precision(text) == expected


@given(
    st.datetimes(
        min_value=datetime(2000, 1, 2),  # noqa: DTZ001 - local times, on purpose
        max_value=datetime(2099, 12, 30),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    st.sampled_from(["Asia/Shanghai", "America/Denver", "UTC", "Asia/Kolkata"]),
)
def test_iso_times_come_back(moment: datetime, zone: str) -> None:
    assert times.timestamp(moment.isoformat(), SHANGHAI) == moment
    local = moment.astimezone(ZoneInfo(zone))
    assert times.timestamp(local.isoformat(sep=" "), SHANGHAI) == moment


@given(
    st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 30)),
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_chinese_times_come_back(on: date, hour: int, minute: int) -> None:
    text = f"{on.year}年{on.month}月{on.day}日 {hour}:{minute:02d}"
    expected = datetime(on.year, on.month, on.day, hour, minute, tzinfo=UTC) - timedelta(hours=8)
    assert times.timestamp(text, SHANGHAI) == expected


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
        ("'12.50", "12.50"),
        ("`12.50", "12.50"),
        ('="12.50"', "12.50"),
        ("\u200b12", "12"),
        ("1.234", "1.234"),
        ("12 EUR", "12"),
        ("€1,234.50", "1234.50"),
        ("1.2万", "12000"),
        ("1.2 万元", "12000"),
        ("￥1.2万", "12000"),
        ("１００万", "1000000"),
        ("1,200万", "12000000"),
        ("-0.5千", "-500"),
        ("2.5百万", "2500000"),
        ("3千万", "30000000"),
        ("1.05亿", "105000000"),
        ("1.2萬", "12000"),
        ("1.23456789万", "12345.6789"),
    ],
)
def test_money(text: str, expected: str) -> None:
    assert amounts.money(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "十分",
            "1,23",
            "1,5",
            "12.3.4",
            "NaNs",
            "Infinity",
            "1e999",
            "一万",
            "1.2万3",
            "万",
            "1万2千",
            "12%",
            "¥",
            "1 000",
        ),
        *("(12.50)", "12.50-", "１２％", "0,123", "012,345", "1.234,50", "1,23,456", "€1.234"),
        *("1,234 €", "#DIV/0!", "=B2*2", "12元5角", "2026-09-01"),
    ],
)
def test_no_money(text: str) -> None:
    with pytest.raises(ValueFault) as caught:
        amounts.money(text)
    assert caught.value.code == "bad_number"


@pytest.mark.parametrize("text", ["0.00001", "-0.00004", "1e-9", "¥0.00005"])
def test_an_amount_is_not_rounded_away(text: str) -> None:
    with pytest.raises(ValueFault, match="too small for an amount") as caught:
        amounts.money(text)
    assert caught.value.code == "bad_number"


@pytest.mark.parametrize(("text", "kept"), [("0.0001", "0.0001"), ("0.00009", "0.0001")])
def test_a_small_amount_is_kept(text: str, kept: str) -> None:
    assert amounts.money(text) == Decimal(kept)


@pytest.mark.parametrize("text", ["0", "0.00000", "-0.000000"])
def test_nothing_in_many_decimals_is_nothing(text: str) -> None:
    assert amounts.money(text) == 0


@pytest.mark.parametrize(
    ("text", "decimals", "expected"),
    [
        ("1.234", "comma", "1234"),
        ("1.234,50", "comma", "1234.50"),
        ("1,234", "comma", "1.234"),
        ("12,50 €", "comma", "12.50"),
        ("-12", "comma", "-12"),
        ("12.50", "comma", None),
        ("1,234.50", "comma", None),
        ("1.234", "doubt", None),
        ("1,234", "doubt", None),
        ("0.234", "doubt", "0.234"),
        ("1234.5", "doubt", "1234.5"),
        ("1,234.50", "doubt", "1234.50"),
        ("12,50", "doubt", None),
        ("€ 1.234", "point", "1.234"),
    ],
)
def test_the_sign_before_the_decimals_is_not_guessed(
    text: str, decimals: Any, expected: str | None
) -> None:
    for parse in (amounts.money, amounts.real):
        if parse is amounts.real and "€" in text:
            continue
        if expected is None:
            with pytest.raises(ValueFault, match="decimals"):
                parse(text, decimals)
        else:
            assert parse(text, decimals) == pytest.approx(type(parse("1"))(expected))


def test_amounts_of_one_column_are_of_one_currency() -> None:
    parse = amounts.one_currency(amounts.Currency())
    assert [parse(text) for text in ("5", "¥6", "7元", "RMB 8", "")] == [5, 6, 7, 8, None]
    with pytest.raises(ValueFault) as caught:
        parse("$9")
    assert caught.value.code == "mixed_currency"
    assert parse("￥10") == 10
    assert amounts.one_currency(amounts.Currency())("$9") == 9


def test_amounts_of_one_file_are_of_one_currency() -> None:
    shared = amounts.Currency()
    amount, margin = amounts.one_currency(shared), amounts.one_currency(shared)
    assert amount("¥5") == 5
    with pytest.raises(ValueFault, match="is in USD, and amounts before it in the file are in CNY"):
        margin("$2")
    assert margin("2") == 2


@pytest.mark.parametrize("text", ["=1+1", "#REF!", "免费", "第2行", "1.2.3"])
@pytest.mark.parametrize("decimals", ["auto", "point", "comma", "doubt"])
def test_what_no_sign_makes_a_number_gets_no_advice_on_signs(text: str, decimals: Any) -> None:
    with pytest.raises(ValueFault) as caught:
        amounts.money(text, decimals)
    assert "is not a number" in caught.value.reason
    assert "decimals: " not in caught.value.reason.replace("for decimals: 1234", "")


@pytest.mark.parametrize("text", ["1.234,50", "12,5"])
def test_a_decimal_comma_gets_the_advice_to_declare_it(text: str) -> None:
    with pytest.raises(ValueFault, match="say `decimals: comma`"):
        amounts.money(text)
    assert amounts.money(text, "comma") == Decimal(text.replace(".", "").replace(",", "."))


def test_the_minus_of_typesetters() -> None:
    assert amounts.money("−5") == -5
    assert amounts.whole("−1,200") == -1200


@pytest.mark.parametrize(
    "text", ["2026-09-01 24:00:00", "2026/9/1 24:00", "2026-09-01T24:00:00.0", "20260901 240000"]
)
def test_the_end_of_a_day_is_the_midnight_of_the_next(text: str) -> None:
    assert times.timestamp(text, SHANGHAI) == datetime(2026, 9, 1, 16, tzinfo=UTC)
    with pytest.raises(ValueFault, match="does not exist"):
        times.timestamp("2026-09-01 24:00:01", SHANGHAI)


def test_days_of_a_workbook_that_counts_from_1904() -> None:
    assert times.day("44438.5", SHANGHAI, "excel_1904") == date(2025, 8, 31)
    assert times.day("44438.5", SHANGHAI, "excel") == date(2021, 8, 30)


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=4, allow_nan=False))
def test_grouped_money_comes_back(amount: Decimal) -> None:
    assert amounts.money(f"{amount:,}") == amount
    assert amounts.money(f"{amount:f}元") == amount


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
        (amounts.whole, "1,200", 1200),
        (amounts.whole, "3.0", 3),
        (amounts.whole, "1.2万", 12000),
        (amounts.whole, "３亿", 300_000_000),
        (amounts.real, "1.25亿", 125_000_000.0),
        (amounts.real, "7.5", 7.5),
        (amounts.real, "－2", -2.0),
        (amounts.seconds, "123秒", 123.0),
        (amounts.seconds, "95 s", 95.0),
        (amounts.seconds, "00:02:03", 123.0),
        (amounts.seconds, "", None),
        (values.flag, "是", True),
        (values.flag, "否", False),
        (values.flag, "TRUE", True),
        (values.flag, "0", False),
        (values.flag, "1.0", True),
        (values.flag, "", None),
        (texts.words, "　华东 ", "华东"),
        (texts.words, "NULL", None),
        (amounts.plain_number, " 10 ", 10.0),
        (amounts.plain_number, "十分", None),
        (amounts.plain_number, "１０", None),
        (amounts.plain_number, "10 - Extremely likely", None),
    ],
)
def test_others(parse: Any, text: str, expected: Any) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (amounts.whole, "3.5"),
        (amounts.whole, "1.23456万"),  # 12345.6
        (amounts.whole, "9" * 30),
        (amounts.real, "abc"),
        (values.flag, "maybe"),
    ],
)
def test_others_refused(parse: Any, text: str) -> None:
    with pytest.raises(ValueFault):
        parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026", "2026"),
        ("2026年度", "2026"),
        ("2026-09", "2026-09"),
        ("2026/9", "2026-09"),
        ("202609", "2026-09"),
        ("2026年9月", "2026-09"),
        ("2026-09-01 00:00:00", "2026-09"),  # as a worksheet keeps a month
        ("2026Q3", "2026-Q3"),
        ("２０２６ｑ３", "2026-Q3"),
        ("2026年第三季度", "2026-Q3"),
        ("2026年3季度", "2026-Q3"),
        ("", None),
        ("n/a", None),
    ],
)
def test_periods_have_one_name_each(text: str, expected: str | None) -> None:
    assert times.period(text) == expected


@pytest.mark.parametrize("text", ["2026-13", "20263", "26-09", "2026-09-02", "2026Q5", "九月"])
def test_no_period(text: str) -> None:
    with pytest.raises(texts.ValueFault, match="Write 2026, 2026-Q3"):
        times.period(text)


def test_a_decimal_comma_before_ten_thousand() -> None:
    assert amounts.money("1,2万", "comma") == 12000
    assert amounts.money("1.200万", "comma") == 12_000_000
    with pytest.raises(ValueFault, match="may be a thousand and more"):
        amounts.money("1.234万", "doubt")


@given(st.integers(-(10**9), 10**9))
def test_ten_thousands_come_back_exactly(number: int) -> None:
    text = f"{Decimal(number) / 10000:f}万"
    assert amounts.money(text) == amounts.whole(text) == number


@pytest.mark.parametrize(
    ("header", "scaled"),
    [
        ("金额（万元）", True),
        ("销售额(千元)", True),
        ("金额/万元", True),
        ("金额（单位：亿元）", True),
        *((header, True) for header in ("金额（分）", "金额_分", "金额 万元", "金额万元")),
        *(
            (header, True)
            for header in ("amount_cents", "amount (k)", "Amount (USD k)", "amountCents")
        ),
        *((header, True) for header in ("金额（单位：分）", "price in thousands", "amount ('000)")),
        *(
            (header, True)
            for header in ("金额（百万）", "Price, cents", "amount_fen", "amount (m)")
        ),
        *((header, False) for header in ("score", "points", "满分", "积分", "得分", "积分（个）")),
        *((header, False) for header in ("amount", "paid_amount", "金额 (CNY)", "accents", "分")),
        *(
            (header, False)
            for header in ("amount (USD)", "week", "total_paid", "percent", "单价/元")
        ),
        ("金额（元）", False),
        ("万元户", False),
        ("实付金额", False),
    ],
)
def test_a_header_that_counts_in_ten_thousands(header: str, scaled: bool) -> None:
    assert amounts.header_scale(header) is scaled


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "45900",
            "2025-08-30 16:00",
        ),  # day 45900 is 31 August 2025, which begins there in Shanghai
        ("45900.5", "2025-08-31 04:00"),
        ("45900.75", "2025-08-31 10:00"),
        ("45900.999988426", "2025-08-31 15:59:59"),
        ("４５９００．５", "2025-08-31 04:00"),
    ],
)
def test_a_spreadsheet_s_days_where_they_are_declared(text: str, expected: str) -> None:
    wanted = datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert times.timestamp(text, SHANGHAI, "excel") == wanted
    assert times.day(text, SHANGHAI, "excel") == date(2025, 8, 31)
    with pytest.raises(ValueFault, match="date_order: excel"):
        times.timestamp(text, SHANGHAI)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026/11/05 9:10:11 AM CST", "America/Chicago", "15:10:11"),
        ("2026/07/05 9:10:11 AM CST", "America/Chicago", None),  # it was summer time there
        ("2026/11/05 9:10:11 AM CST", "Asia/Shanghai", "01:10:11"),
        ("2018/10/23 3:48:03 PM IST", "Asia/Kolkata", "10:18:03"),
        ("2026/07/05 9:10:11 AM BST", "Europe/London", "08:10:11"),
        ("2026/11/05 9:10:11 AM AST", "America/Halifax", "13:10:11"),
        ("2026/11/05 9:10:11 AM CST", "Europe/Berlin", None),
    ],
)
def test_a_zone_that_was_stated_settles_a_shared_name(
    text: str, zone: str, expected: str | None
) -> None:
    if expected is None:
        with pytest.raises(ValueFault, match="was not called so then"):
            times.timestamp(text, ZoneInfo(zone), is_stated=True)
        return
    found = times.timestamp(text, ZoneInfo(zone), is_stated=True)
    assert found is not None
    assert found.strftime("%H:%M:%S") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1分23秒", 83), ("1小时2分3秒", 3723), ("2分钟", 120), ("1 h 5 min", 3900), ("123秒", 123)],
)
def test_durations_in_words(text: str, expected: float) -> None:
    assert amounts.seconds(text) == expected
