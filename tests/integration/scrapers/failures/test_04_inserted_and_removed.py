"""Failure 4: items come and go while a list is being paged through."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from demo.replica.failures import InsertBetween, RemoveBetween
from demo.replica.sites.plain import PlainSite, sample_rows

pytestmark = pytest.mark.integration


def keys_of(site):
    return {row.key for row in site.rows}


def newer(rows, count):
    """So many reviews after the newest of `rows`, the newest first."""
    return [
        replace(rows[0], key=f"n{number:03}", at=rows[0].at + timedelta(minutes=number))
        for number in range(count, 0, -1)
    ]


@pytest.mark.parametrize("paging", ["page", "offset", "token", "next_link"])
@pytest.mark.parametrize("count", [1, 7, 19])
def test_what_is_inserted_meanwhile_neither_doubles_nor_vanishes(source, declared, paging, count):
    rows = sample_rows(90)
    site = PlainSite(rows, paging=paging)
    spec = declared(paging=paging)
    first = source.night(
        site, InsertBetween(after=2, site=site, rows=newer(rows, count)), declared=spec
    )
    assert first.run.status == "complete", first.run.message
    assert first.run.watermark == rows[0].at
    assert set(first.keys) == {row.key for row in rows}
    second = source.night(site, declared=spec, day=1)
    assert second.run.status == "complete", second.run.message
    assert set(first.keys) | set(second.keys) == keys_of(site)
    assert second.run.watermark == site.rows[0].at


@pytest.mark.parametrize("count", [20, 33])
def test_more_than_a_page_inserted_at_once_is_no_end(source, declared, count):
    rows = sample_rows(90)
    for spec in (declared(), declared(requests={"list": {"total": None}})):
        site = PlainSite(rows)
        source.source = f"src_{'total' in spec['requests']['list']}".lower()
        failure = InsertBetween(after=2, site=site, rows=newer(rows, count))
        first = source.night(site, failure, declared=spec)
        assert first.run.status == "complete", first.run.message
        assert set(first.keys) == {row.key for row in rows}
        second = source.night(site, declared=spec, day=1)
        assert set(first.keys) | set(second.keys) == keys_of(site)


@pytest.mark.parametrize("paging", ["page", "offset", "next_link", "token"])
@pytest.mark.parametrize("total", [60, 62, 102])
@pytest.mark.parametrize("after", [1, 2, 5])
@pytest.mark.parametrize("count", [1, 2])
def test_what_is_removed_meanwhile_hides_nothing_that_moved_up(
    source, declared, paging, total, after, count
):
    rows = sample_rows(total)
    site = PlainSite(rows, paging=paging)
    gone = [row.key for row in rows[3 : 3 + count]]
    first = source.night(
        site, RemoveBetween(after=after, site=site, keys=gone), declared=declared(paging=paging)
    )
    assert first.run.status == "complete", first.run.message
    assert set(first.keys) - set(gone) == {row.key for row in rows} - set(gone)


def test_what_is_removed_before_it_was_read_is_not_missed(source, declared):
    rows = sample_rows(90)
    site = PlainSite(rows)
    gone = [row.key for row in rows[-3:]]
    night = source.night(site, RemoveBetween(after=2, site=site, keys=gone), declared=declared())
    assert night.run.status == "complete", night.run.message
    assert set(night.keys) == {row.key for row in rows} - set(gone)


def test_more_than_a_page_removed_at_once_leaves_the_cursor(source, declared):
    rows = sample_rows(160)
    site = PlainSite(rows)
    gone = [row.key for row in rows[:33]]
    first = source.night(site, RemoveBetween(after=3, site=site, keys=gone), declared=declared())
    assert first.run.status == "partial"
    assert first.run.watermark is None
    assert "shrank" in first.run.message
    second = source.night(site, declared=declared(), day=1)
    assert set(second.keys) == keys_of(site)


@pytest.mark.parametrize("paging", ["page", "offset"])
def test_items_without_an_id_are_not_counted_twice_when_a_page_is_read_again(
    source, declared, paging
):
    content = {"key": "content", "content": ["title", "body", "created_at", "author"]}
    spec = declared(paging=paging, records={"review": content})
    rows = [replace(row, text="好喝", title="好喝", author="匿名用户") for row in sample_rows(70)]
    twin = replace(rows[30], key="twin")  # says the same at the same moment
    rows.insert(31, twin)
    site = PlainSite(rows, paging=paging)
    removal = RemoveBetween(after=2, site=site, keys=[rows[3].key])
    first = source.night(site, removal, declared=spec)
    assert first.run.status == "complete", first.run.message
    assert len(set(first.keys)) == 71
    assert sum(key.endswith("#2") for key in set(first.keys)) == 1
