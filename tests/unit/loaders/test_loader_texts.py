"""Ids as their systems wrote them, whatever a spreadsheet did to them; rows that are no records."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders import texts
from loaders.headers import folded
from loaders.rows import Remarks
from loaders.texts import ValueFault


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("YW-0001", "YW-0001"),
        ("  00123 ", "00123"),
        ("'00123", "00123"),
        ("'00123'", "00123"),
        ("`4200001234", "4200001234"),
        ('="00123"', "00123"),
        ("20260901120000123456\t", "20260901120000123456"),
        ("\ufeffo1", "o1"),
        ("o1\u200b", "o1"),
        ("o\u200b1", "o1"),
        ("\u202a13800138000\u202c", "13800138000"),
        ("Ｃ００１", "C001"),
        ("10001.0", "10001"),
        ("13800138000.0", "13800138000"),
        ("张三", "张三"),
        ("1E5", "1E5"),
        ("v1.0", "v1.0"),
        ("s#1", "s#1"),
        ("*1", "*1"),
        ("2026-09-01-001", "2026-09-01-001"),
    ],
)
def test_ids(text: str, expected: str) -> None:
    assert texts.identifier(text) == expected


@pytest.mark.parametrize("text", ["", " ", "\ufeff", "NULL", "nan", "None", "-", "N/A", "#N/A"])
def test_no_id_is_nobodys_id(text: str) -> None:
    assert texts.identifier(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.38E+10", "bad_id"),
        ("1e+15", "bad_id"),
        ("1.23456789012346e+17", "bad_id"),
        ("2026-03-01", "bad_id"),
        ("2026-03-01 00:00:00", "bad_id"),
        ("1-Mar", "bad_id"),
        ("3月1日", "bad_id"),
        ("#REF!", "bad_id"),
        ("#VALUE!", "bad_id"),
        ("########", "bad_id"),
        ("=A2&B2", "bad_id"),
        ("138****8000", "bad_id"),
        ("合计", "totals_row"),
        ("小计：", "totals_row"),
        ("Grand Total", "totals_row"),
    ],
)
def test_what_can_not_be_an_id_any_more(text: str, code: str) -> None:
    with pytest.raises(ValueFault) as caught:
        texts.identifier(text)
    assert caught.value.code == code


@given(st.from_regex(r"[A-Za-z]{1,3}[0-9]{1,12}", fullmatch=True))
def test_ids_of_letters_and_digits_stay(text: str) -> None:
    assert texts.identifier(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\ufeff好喝 ", "好喝"),
        ("'s-Hertogenbosch", "'s-Hertogenbosch"),
        ("`app", "app"),
        ('="app"', "app"),
        ("`a` or `b`", "`a` or `b`"),
        ("#N/A", None),
    ],
)
def test_words_are_let_be(text: str, expected: str | None) -> None:
    assert texts.words(text) == expected


def test_headers_meet_whatever_stands_unseen_in_them() -> None:
    assert folded("\ufeff订单号 ") == folded("订单\u200b号")
    assert folded("Order  ID") == folded("ｏｒｄｅｒ id")


HEADER = ["编号", "姓名", "金额", "备注"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["1", "李", "5", ""], None),
        (["合计", "", "500", ""], "totals_row"),
        (["", "总计：", "500", ""], "totals_row"),
        (["Total", "", "500", ""], "totals_row"),
        (["Total", "Energies", "500", "petrol"], None),
        (["合计费", "", "500", ""], None),
        (["共 1,280 条记录", "", "", ""], "footer_row"),
        (["导出时间：2026-09-30 10:00", "", "", ""], "footer_row"),
        (["Exported on 2026-09-30", "", "", ""], "footer_row"),
        (["备注：以上为九月数据", "", "", ""], "footer_row"),
        (["备注：好", "李", "", ""], None),
        (["c1", "", "", ""], None),
        (["编号", "姓名", "金额", "备注"], "repeated_header"),
        (["\ufeff编号", "姓名", "金额", "备注 "], "repeated_header"),
        (["编号", " 姓名", "金额", "备注"], "repeated_header"),
        (["1", "姓名", "金额", "备注"], None),
    ],
)
def test_rows_that_are_no_records(cells: list[str], code: str | None) -> None:
    fault = Remarks(HEADER).fault(cells)
    assert (fault[0] if fault else None) == code


@pytest.mark.parametrize("header", [[""], ["", "", ""], ["a"]])
def test_any_header_will_do(header: list[str]) -> None:
    assert Remarks(header).fault(["1"] * len(header)) is None
