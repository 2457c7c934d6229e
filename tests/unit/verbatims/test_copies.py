"""Copied texts in a stream: who belongs together, when a group ends, what is held meanwhile."""

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verbatims.noise import CopyGroup, Said, copies, copy_flag

DAY = datetime(2026, 3, 1, tzinfo=UTC)
PRAISE = "质量非常好，与卖家描述的完全一致，非常满意，发货速度非常快，包装非常仔细"
CHANGED = "质量非常好，与卖家描述的完全一致，非常满意，发货速度很快，包装非常仔细"
ENGLISH = (
    "Absolutely love this blender, it crushes ice in seconds and is so easy to clean afterwards"
)


def said(
    text: str, author: str | None, day: int = 0, unit: str = "u1", language: str = "zh"
) -> Said:
    text_hash = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return Said(text_hash, text, author, unit, DAY + timedelta(days=day), language)


def groups(*rows: Said, **limits: timedelta | int) -> list[CopyGroup]:
    return list(copies(rows, **limits))  # type: ignore[arg-type]


def test_equal_but_for_signs_and_writing_is_one_exact_group() -> None:
    traditional = "質量非常好!!與賣家描述的完全一致，非常滿意。發貨速度非常快，包裝非常仔細～"
    (group,) = groups(
        said(PRAISE, "a"),
        said(traditional, "b", 2, "u2"),
        said(PRAISE, "a", 5),
        said("好吃", "c", 6),
    )
    assert (group.size, group.authors, group.units, group.likeness) == (3, 2, 2, 1.0)
    assert len(group.text_hashes) == 2
    assert (group.text, group.first_seen, group.last_seen) == (PRAISE, DAY, DAY + timedelta(days=5))
    flag = copy_flag(group)
    assert (flag.kind, flag.confidence) == ("copy", 0.95)
    assert flag.evidence.endswith("3 equal, 2 authors, 2 units, first 2026-03-01")


def test_a_changed_word_is_near() -> None:
    ending = "，下次一定还会再来光顾"
    (group,) = groups(said(PRAISE + ending, "a"), said(CHANGED + ending, "b"))
    # 42 letters, so 40 runs of three; 很 in place of 非常 breaks four of them and makes three
    assert (group.size, group.likeness) == (2, round(36 / 43, 3))
    assert copy_flag(group).confidence == 0.85


def test_a_changed_word_in_a_short_text_is_not() -> None:
    # 32 letters, so 30 runs: 26 of 33 are shared, less than 0.8
    assert groups(said(PRAISE, "a"), said(CHANGED, "b")) == []


def test_in_english_too() -> None:
    changed = ENGLISH.replace("afterwards", "after use").upper()
    (group,) = groups(said(ENGLISH, "a", language="en"), said(changed, "b", language="en"))
    assert (group.size, group.authors) == (2, 2)


def test_what_honest_people_write_alike_is_no_copy() -> None:
    short = [said("送餐很快，味道不错，下次还来", str(author)) for author in range(5)]
    padded = [said("很好" * 30, str(author)) for author in range(5)]
    other = [
        said(PRAISE, "a"),
        said("这家店的牛肉面汤头浓郁，牛肉给得很足，就是排队时间有点长了", "b"),
    ]
    assert groups(*short, *padded, *other) == []


def test_one_author_who_repeats_copies_nobody() -> None:
    assert groups(said(PRAISE, "a"), said(PRAISE, "a", 1), said(PRAISE, "a", 2)) == []


def test_of_unknown_authors_it_takes_three_and_is_less_sure() -> None:
    assert groups(said(PRAISE, None), said(PRAISE, None)) == []
    (group,) = groups(said(PRAISE, None), said(PRAISE, None), said(PRAISE, None))
    assert (group.authors, group.unknown_authors) == (0, 3)
    assert copy_flag(group).confidence == 0.7
    assert "authors unknown" in copy_flag(group).evidence


def test_a_group_ends_when_the_window_has_passed_since_its_last() -> None:
    ninety = timedelta(days=90)
    (joined,) = groups(
        said(PRAISE, "a"), said(PRAISE, "b", 80), said(PRAISE, "c", 165), window=ninety
    )
    assert joined.size == 3
    assert groups(said(PRAISE, "a"), said(PRAISE, "b", 91), window=ninety) == []


def test_a_group_comes_out_as_soon_as_it_ends() -> None:
    rows = iter([said(PRAISE, "a"), said(PRAISE, "b"), said(ENGLISH, "c", 100, language="en")])
    assert next(copies(rows)).size == 2


def test_no_more_texts_are_held_than_said() -> None:
    first = [said(PRAISE, "a"), said(PRAISE, "b")]
    alphabet = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
    others = [said(alphabet[n:] + alphabet[:n], "c", 1) for n in (0, 7, 13)]
    (group,) = groups(*first, *others, said(PRAISE, "d", 2), max_texts=3)
    assert group.size == 2  # the third came after its text had to leave


def test_rows_out_of_order_stop_with_a_reason() -> None:
    with pytest.raises(ValueError, match="sort by said_at"):
        groups(said(PRAISE, "a", 1), said(ENGLISH, "b", 0))


_TEXTS = st.sampled_from([PRAISE, CHANGED, ENGLISH, "好吃", "", PRAISE + ENGLISH, "👍" * 30])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(_TEXTS, st.sampled_from([None, "a", "b"]), st.integers(0, 200)), max_size=12)
)
def test_every_text_is_in_one_group_at_most_and_order_within_a_day_changes_no_size(
    rows: list[tuple[str, str | None, int]],
) -> None:
    number = count()
    ordered = [said(*row, f"u{next(number)}") for row in sorted(rows, key=lambda row: row[2])]
    found = groups(*ordered)
    assert sum(group.size for group in found) <= len(rows)
    assert all(group.size >= 2 for group in found)
    assert found == groups(*ordered)
