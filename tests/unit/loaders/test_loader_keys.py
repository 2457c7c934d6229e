"""Natural keys of several parts: other parts, another key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.keys import is_whole, joined

PARTS = st.lists(st.text("a|\\", max_size=4), min_size=2, max_size=2)


@given(PARTS, PARTS)
def test_other_parts_are_another_key(one: list[str], other: list[str]) -> None:
    assert (joined(one) == joined(other)) is (one == other)
    assert is_whole(joined(one)) is all(one)


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        (("o1", "p1"), "o1|p1"),
        (("o1|p1", "x"), "o1\\|p1|x"),
        (("o1", "p1|x"), "o1|p1\\|x"),
        (("a\\", ""), "a\\\\|"),
    ],
)
def test_a_bar_within_a_part_is_escaped(parts: tuple[str, ...], key: str) -> None:
    assert joined(parts) == key
