"""The CFPB parser: what is read, what is refused, and in which words."""

from __future__ import annotations

import json
from datetime import date

import pytest

from scrapers.parsing import PageProblemError, Unreadable
from scrapers.platforms.cfpb.parser import read_page


def page(answer):
    return read_page(json.dumps(answer).encode(), "application/json")


def test_reads_a_complaint_with_chinese_text(answer, hit):
    body = json.dumps(answer(hit()), ensure_ascii=False).encode()
    read = read_page(body, "application/json;charset=iso-8859-1")
    (item,) = read.items
    assert item.natural_key == "7000001"
    assert item.columns["narrative"] == "卡里有余额，门店说刷不了。The card was declined."
    assert item.columns["received_at"] == date(2026, 9, 12)
    assert item.columns["sent_to_company_at"] == date(2026, 9, 13)
    assert item.columns["company"] == "YUNWU TEA PAY LLC"
    assert item.event_at_raw == "2026-09-12T12:00:00-05:00"
    assert read.total == 1
    assert read.break_points == {2: (1789200000000, "7000001")}


def test_zip_codes_and_highlights_stay_out(answer, hit):
    one = hit() | {"highlight": {"complaint_what_happened": ["<em>Call 415</em>"]}}
    (item,) = page(answer(one)).items
    kept = json.dumps([dict(item.columns), item.payload], default=str)
    assert "941XX" not in kept
    assert "Call 415" not in kept


def test_a_removed_field_lands_empty_and_a_new_one_is_named(answer, hit):
    read = page(answer(hit(complaint_what_happened=..., mood="furious")))
    (item,) = read.items
    assert item.columns["narrative"] is None
    assert read.notes == {"Unknown fields, not landed: mood."}
    assert "furious" not in str(item)


def test_a_blank_narrative_is_none(answer, hit):
    (item,) = page(answer(hit(complaint_what_happened=""))).items
    assert item.columns["narrative"] is None


def test_an_id_as_a_number_is_the_same_id(answer, hit):
    (item,) = page(answer(hit(7000001))).items
    assert item.natural_key == "7000001"


def test_tags_as_a_list_and_days_as_the_index_writes_them(answer, hit):
    one = hit(tags=["Older American", "Servicemember"], date_sent_to_company="06/22/18")
    (item,) = page(answer(one)).items
    assert item.columns["tags"] == "Older American, Servicemember"
    assert item.columns["sent_to_company_at"] == date(2018, 6, 22)


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"date_received": "yesterday"}, "received_at", "bad_timestamp"),
        ({"date_received": "0001-01-01T12:00:00-05:00"}, "received_at", "bad_timestamp"),
        ({"date_received": None}, "received_at", "missing_required"),
        ({"company": {"name": "X"}}, "company", "not_text"),
    ],
)
def test_an_unreadable_complaint_leaves_its_neighbours(answer, hit, changes, column, code):
    first, bad, last = page(answer(hit("1"), hit("2", **changes), hit("3"))).items
    assert isinstance(bad, Unreadable)
    assert (bad.position, bad.problem.column, bad.problem.code) == (2, column, code)
    assert (first.natural_key, last.natural_key) == ("1", "3")


def test_an_unreadable_complaint_keeps_its_key_where_it_has_one(answer, hit):
    (bad,) = page(answer(hit("42", date_received="soon"))).items
    assert bad.natural_key == "42"


def test_a_complaint_without_its_id(answer, hit):
    (bad,) = page(answer(hit(" "))).items
    assert (bad.problem.column, bad.problem.code) == ("complaint_id", "missing_required")
    assert bad.natural_key is None


def test_things_that_are_no_hit_at_all(answer):
    items = page(answer({"_id": "1"}, None, 7)).items
    assert [type(item) for item in items] == [Unreadable] * 3


def test_half_an_emoji_costs_that_character_only(answer, hit):
    (item,) = page(answer(hit(complaint_what_happened="so angry \ud83d"))).items
    assert item.columns["narrative"] == "so angry \ufffd"


def test_total_as_a_number_and_as_a_floor(answer, hit):
    plain = answer(hit())
    plain["hits"]["total"] = 1
    assert (page(plain).total, page(plain).exact) == (1, True)
    floor = answer(hit())
    floor["hits"]["total"] = {"value": 10_000, "relation": "gte"}
    assert page(floor).exact is False


def _without(answer, *path):
    *way, last = path
    inner = answer
    for name in way:
        inner = inner[name]
    del inner[last]
    return answer


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("hits",), "the answer.hits is missing"),
        (("hits", "hits"), "hits.hits is missing"),
        (("hits", "total"), "hits.total is missing"),
        (("_meta",), "the answer._meta is missing"),
        (("_meta", "break_points"), "_meta.break_points is missing"),
    ],
)
def test_a_missing_anchor_is_drift(answer, hit, path, words):
    with pytest.raises(PageProblemError, match=words) as caught:
        page(_without(answer(hit()), *path))
    assert caught.value.outcome == "drift"


def test_break_points_of_another_shape_are_drift(answer, hit):
    changed = answer(hit())
    changed["_meta"]["break_points"] = {"2": "later"}
    with pytest.raises(PageProblemError) as caught:
        page(changed)
    assert caught.value.outcome == "drift"


def test_an_empty_list_beside_a_positive_total_is_a_block(answer):
    with pytest.raises(PageProblemError, match="counts 1,000") as caught:
        page(answer(total=1000))
    assert (caught.value.outcome, caught.value.again) == ("blocked", True)


def test_nothing_found_is_a_page(answer):
    assert page(answer()).items == ()


@pytest.mark.parametrize("change", [{"timed_out": True}, {"_shards": {"failed": 1}}])
def test_an_index_with_a_part_missing_is_asked_again(answer, hit, change):
    with pytest.raises(PageProblemError) as caught:
        page(answer(hit()) | change)
    assert (caught.value.outcome, caught.value.again) == ("partial", True)


@pytest.mark.parametrize(
    ("body", "content_type", "outcome", "again"),
    [
        (b"<!doctype html><form>login</form>", "application/json", "blocked", False),
        (b"\xef\xbb\xbf  <html>", "", "blocked", False),
        (b'{"hits": {}}', "text/html; charset=utf-8", "blocked", False),
        (b"", "application/json", "partial", True),
        (b'{"hits": {"total": 3, "hi', "application/json", "partial", True),
        (b"Service moved", "text/plain", "drift", False),
        (b"[1, 2]", "application/json", "drift", False),
        ('{"a": "茶"}'.encode("gbk"), "application/json", "drift", False),
        (b"[" * 200_000, "application/json", "drift", False),
    ],
)
def test_bodies_that_are_no_answer(body, content_type, outcome, again):
    with pytest.raises(PageProblemError) as caught:
        read_page(body, content_type)
    assert (caught.value.outcome, caught.value.again) == (outcome, again)


def test_notes_what_the_platform_says_of_its_data(answer, hit):
    stale = answer(hit())
    stale["_meta"] |= {"is_data_stale": True, "has_data_issue": True}
    assert len(page(stale).notes) == 2
