"""Values as pages write them: counts, pairs, relative times, words that stand for nothing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup

from scrapers.fields import Moment, count_of, read_field
from scrapers.parsing import ItemProblemError
from scrapers.spec import FieldSpec

AFTER_MIDNIGHT = Moment(datetime(2026, 9, 29, 16, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
"""00:30 on 30 September in Shanghai."""


def value(node, moment=AFTER_MIDNIGHT, **spec):
    return read_field(node, "column", FieldSpec.model_validate({"path": "x"} | spec), moment)


def soup(html):
    return BeautifulSoup(html, "lxml")


@pytest.mark.parametrize(
    ("said", "count", "exact"),
    [
        (1521, 1521, True),
        ("1,234", 1234, True),
        ("60条点评", 60, True),
        ("4.9万+", 49_000, False),
        ("1.1万", 11_000, False),
        ("700+", 700, False),
        ("", None, True),
        (None, None, True),
    ],
)
def test_counts_as_people_write_them(said, count, exact):
    assert count_of(said, "x") == (count, exact)
    assert value({"x": said}, **{"as": "count"}).value == count


def test_words_are_no_count():
    with pytest.raises(ItemProblemError) as caught:
        value({"x": "很多"}, **{"as": "count"})
    assert (caught.value.code, caught.value.value) == ("not_a_number", "很多")


def test_pairs_keep_words_as_words_and_numbers_as_numbers():
    page = soup("<p><i>口味：很好</i><i>环境：4.5</i><i>服务: 3</i><b>人均：25元</b></p>")
    found = value(page, path="i", **{"as": "pairs"}).value
    assert json.loads(found) == {"口味": "很好", "环境": 4.5, "服务": 3.0}
    assert value(page, path="u", **{"as": "pairs"}).value is None


def test_a_part_that_is_no_pair_is_told():
    with pytest.raises(ItemProblemError) as caught:
        value(soup("<i>口味：很好</i><i>推广</i>"), path="i", **{"as": "pairs"})
    assert (caught.value.code, caught.value.value) == ("unknown_shape", "推广")


def test_words_that_stand_for_nothing_are_nothing():
    spec = {"values": {"此用户没有填写评价。": ""}}
    assert value({"x": "此用户没有填写评价。"}, **spec).value is None
    assert value({"x": "好喝"}, **spec).value == "好喝"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("3小时前", datetime(2026, 9, 29, 13, 30, tzinfo=UTC)),  # 21:30, the day before
        ("5分钟前", datetime(2026, 9, 29, 16, 25, tzinfo=UTC)),
        ("昨天 21:05", datetime(2026, 9, 29, 13, 5, tzinfo=UTC)),
        ("前天 21:05", datetime(2026, 9, 28, 13, 5, tzinfo=UTC)),
        ("09-12", date(2026, 9, 12)),
        ("12-09", date(2025, 12, 9)),  # not in the future
        ("25-09-12", date(2025, 9, 12)),
        ("25-09-12 21:05", datetime(2025, 9, 12, 13, 5, tzinfo=UTC)),
    ],
)
def test_relative_times_count_from_the_fetch_in_the_platforms_zone(said, expected):
    assert value({"x": said}, **{"as": "relative"}).value == expected


def test_words_for_yes_are_declared():
    spec = {"as": "flag", "values": {"置顶": "1"}}
    assert value({"x": "置顶"}, **spec).value is True
    assert value({"x": None}, **spec).value is None
    with pytest.raises(ItemProblemError):
        value({"x": "精华"}, **spec)


def test_a_function_that_does_not_fit_finds_nothing():
    assert value({"x": 5}, path="keys(x)").value is None
