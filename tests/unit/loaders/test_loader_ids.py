"""Ids: what tells who somebody is becomes a keyed hash, the same wherever it stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.privacy import Privacy, mask_kinds, mask_text
from loaders.ids import NOBODYS, THINGS, hashed_email, hashed_phone, person_id, thing_id

PRIVACY = Privacy(b"a key that is for tests only")


@settings(max_examples=500, deadline=None)
@given(st.from_regex(NOBODYS, fullmatch=True))
def test_an_id_that_is_told_to_be_nobodys_holds_nothing_to_mask(value: str) -> None:
    assert mask_text(value) == (value, 0)
    assert person_id(value, PRIVACY) == value


@pytest.mark.parametrize(
    "value",
    [
        *("张先生", "粤B7X31Z", "113.87.199.231", "u13987654321", "tel26791357", "wx13987654321"),
        *("A0102000000", "ID110105199102034564", "a110105199102034564", "110105199102034564a"),
        *("梧桐山路731号9栋1204室", "QQ12345678", "0755-26791357", "a@b.cn", "440305198503174616"),
        *("6217 9876 5432 1098 761", "+86 139-8765-4321"),
    ],
)
def test_an_id_of_a_person_that_tells_who_it_is_is_hashed(value: str) -> None:
    kept = person_id(value, PRIVACY)
    assert kept is not None
    assert len(kept) == 32
    assert kept == person_id(value, PRIVACY)


def test_a_mobile_in_place_of_any_id_has_one_hash() -> None:
    found = {
        kept(written, PRIVACY)
        for kept in (person_id, thing_id)
        for written in ("13987654321", "+86 139 8765 4321", "139-8765-4321")
    }
    assert found == {PRIVACY.hash("13987654321")}


@settings(max_examples=500, deadline=None)
@given(st.from_regex(THINGS, fullmatch=True))
def test_an_id_that_is_told_to_be_a_thing_s_holds_nobody_s_number(value: str) -> None:
    assert not mask_kinds(value)[1].keys() & {"mail", "id-card", "mobile", "plate", "name"}


@pytest.mark.parametrize(
    "value",
    [
        *("南京路12号店3楼", "QQ12345678", "6217987654321098761", None, "SO0755266012", "SKU-7"),
        *("ORD-20260901-00123", "o20260901000123", "13", "0102345678", "P-1200.50", "A2026-11-22"),
        "04745314-5943-4085-AC20-41B0C5FDDE36",
    ],
)
def test_ids_of_things_stay_as_they_are(value: str | None) -> None:
    assert thing_id(value, PRIVACY) == value


@pytest.mark.parametrize(
    "value",
    [
        *("D-13911112222", "o11 110105199102034564", "粤B7X31Z", "身份证110105199102034564"),
        *("张先生", "zhang(at)example.com", "0755-26791357", "(0755)26791357", "case 张先生 2"),
    ],
)
def test_an_id_of_a_thing_with_somebody_in_it_is_hashed_whole(value: str) -> None:
    assert thing_id(value, PRIVACY) == person_id(value, PRIVACY) == PRIVACY.hash(value)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "0",
            "000",
            "00000000000",
            "11111111111",
            "12345678901",
            "无",
            "-",
            "123456",
            "138****8000",
        ),
        *("13800000000", "010-00000000", "98765432", "1234567", ""),
    ],
)
def test_a_phone_that_is_made_up_is_nobody_s(text: str) -> None:
    assert hashed_phone(text, PRIVACY) is None


@pytest.mark.parametrize(
    "text", ["13812345678", "13900000001", "0755-26791357", "26791357", "+1 415 555 0132"]
)
def test_a_phone_is_somebody_s(text: str) -> None:
    assert hashed_phone(text, PRIVACY) is not None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "无",
            "-",
            "none",
            "no",
            "n/a",
            "null",
            "unknown",
            "@",
            "没有邮箱",
            "123456",
            "a@b",
            "w***@a.cn",
        ),
        *("none@none.com", "XXX@xxx.com", "No-Email@x.cn", "a" * 400 + "@b.cn"),
    ],
)
def test_a_mail_that_is_made_up_is_nobody_s(text: str) -> None:
    assert hashed_email(text, PRIVACY) is None


@pytest.mark.parametrize(
    "text",
    ["a@b.cn", "王芳@例子.中国", "nobel@x.cn", "123456@qq.com", "W. F. <w.f@mail.example.cn>"],
)
def test_a_mail_is_somebody_s(text: str) -> None:
    assert hashed_email(text, PRIVACY) == PRIVACY.hash(text)
