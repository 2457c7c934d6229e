"""Ids: what tells who somebody is becomes a keyed hash, the same wherever it stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.privacy import Privacy, mask_text
from loaders.intake import NOBODYS, person_id, thing_id

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


@pytest.mark.parametrize("value", ["南京路12号店3楼", "QQ12345678", "6217987654321098761", None])
def test_ids_of_things_stay_as_they_are(value: str | None) -> None:
    assert thing_id(value, PRIVACY) == value
