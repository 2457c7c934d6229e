"""CFPB search results: what is read, what is refused, and in which words."""

from __future__ import annotations

import json
from datetime import date

import pytest
import yaml

from scrapers.parsing import PageProblemError, Unreadable
from scrapers.registry import Platforms

JSON = "application/json"
CAPTURED_LISTS = {
    "ui_list_get-complaints.json": 10,
    "ui_list_get-next-complaints.json": 10,
    "ui_common_get-10-complaints.json": 10,
    "ui_document_get-complaints.json": 25,
}
"""The search's own answers, and how many complaints each lists."""
SAME_NAME = (
    "company",
    "product",
    "sub_product",
    "issue",
    "sub_issue",
    "company_response",
    "company_public_response",
    "timely",
    "consumer_disputed",
    "submitted_via",
    "state",
)


@pytest.fixture
def page(read):
    """The page of an answer that is given as an object."""
    return lambda answer: read("cfpb", "search", json.dumps(answer).encode(), JSON)


@pytest.fixture
def verdict(judged):
    """What an answer that is given as an object is worth."""
    return lambda answer, **given: judged(
        "cfpb", "search", json.dumps(answer).encode(), JSON, **given
    )


def test_reads_a_complaint_with_chinese_text(read, answer, hit):
    body = json.dumps(answer(hit()), ensure_ascii=False).encode()
    found = read("cfpb", "search", body, "application/json;charset=iso-8859-1")
    (item,) = found.items
    assert (item.record, item.natural_key) == ("complaint", "7000001")
    assert dict(item.columns) == {
        "complaint_id": "7000001",
        "company": "YUNWU TEA PAY LLC",
        "product": "Prepaid card",
        "sub_product": "Gift card",
        "issue": "Trouble using the card",
        "sub_issue": None,
        "narrative": "卡里有余额，门店说刷不了。The card was declined.",
        "state": "CA",
        "submitted_via": "Web",
        "company_response": "Closed with explanation",
        "company_public_response": None,
        "timely": "Yes",
        "consumer_disputed": "N/A",
        "tags": None,
        "received_at": date(2026, 9, 12),
        "sent_to_company_at": date(2026, 9, 13),
    }
    assert (item.event, item.event_at_raw) == (date(2026, 9, 12), "2026-09-12T12:00:00-05:00")
    assert item.payload == {"has_narrative": True}
    assert (found.total, found.listed) == (1, 1)
    assert found.next == {"2": [1789200000000, "7000001"]}


def test_zip_codes_and_highlights_stay_out(page, answer, hit):
    one = hit() | {"highlight": {"complaint_what_happened": ["<em>Call 415</em>"]}}
    (item,) = page(answer(one)).items
    kept = json.dumps([dict(item.columns), item.payload], default=str)
    assert "941XX" not in kept
    assert "Call 415" not in kept


def test_a_removed_field_lands_empty_and_a_new_one_is_counted(page, answer, hit):
    found = page(
        answer(hit("1", complaint_what_happened=..., mood="furious"), hit("2", mood="calm"))
    )
    first, second = found.items
    assert first.columns["narrative"] is None
    assert second.columns["narrative"] is not None
    assert found.unknown_fields == {"mood": 2}
    assert "furious" not in str(first)


def test_a_blank_narrative_is_none(page, answer, hit):
    (item,) = page(answer(hit(complaint_what_happened=""))).items
    assert item.columns["narrative"] is None


def test_an_id_as_a_number_is_the_same_id(page, answer, hit):
    (item,) = page(answer(hit(7000001))).items
    assert (item.natural_key, item.columns["complaint_id"]) == ("7000001", "7000001")


def test_tags_as_a_list_and_days_as_the_index_writes_them(page, answer, hit):
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
        ({"date_sent_to_company": "22.06.2018"}, "sent_to_company_at", "bad_timestamp"),
        ({"company": {"name": "X"}}, "company", "not_text"),
    ],
)
def test_an_unreadable_complaint_leaves_its_neighbours(page, answer, hit, changes, column, code):
    first, bad, last = page(answer(hit("1"), hit("2", **changes), hit("3"))).items
    assert isinstance(bad, Unreadable)
    assert (bad.position, bad.problem.column, bad.problem.code) == (2, column, code)
    assert (first.natural_key, last.natural_key) == ("1", "3")


def test_an_unreadable_complaint_keeps_its_key_where_it_has_one(page, answer, hit):
    (bad,) = page(answer(hit("42", date_received="soon"))).items
    assert bad.natural_key == "42"


def test_a_complaint_without_its_id(page, answer, hit):
    (bad,) = page(answer(hit(" "))).items
    assert (bad.problem.column, bad.problem.code) == ("complaint_id", "missing_required")
    assert bad.natural_key is None


def test_things_that_are_no_hit_at_all(page, answer):
    items = page(answer({"_id": "1"}, None, 7)).items
    assert [type(item) for item in items] == [Unreadable] * 3


def test_half_an_emoji_costs_that_character_only(page, answer, hit):
    (item,) = page(answer(hit(complaint_what_happened="so angry \ud83d"))).items
    assert item.columns["narrative"] == "so angry \ufffd"


def test_total_as_a_number_and_as_a_floor(page, answer, hit):
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
        (("hits",), "no hits.total"),
        (("hits", "hits"), "no hits.hits"),
        (("hits", "total"), "no hits.total"),
        (("_meta",), "no _meta.break_points"),
        (("_meta", "break_points"), "no _meta.break_points"),
    ],
)
def test_a_missing_anchor_is_drift(page, answer, hit, path, words):
    with pytest.raises(PageProblemError, match=words) as caught:
        page(_without(answer(hit()), *path))
    assert caught.value.outcome == "drift"


def test_an_empty_list_beside_a_positive_total_is_asked_again_and_then_a_block(verdict, answer):
    first = verdict(answer(total=1000))
    assert (first.value, first.again) == (None, True)
    second = verdict(answer(total=1000), times=2)
    assert (second.outcome, second.value, second.again) == ("blocked", None, False)
    assert "1,000" in second.detail


def test_nothing_found_is_a_page_once_it_came_twice(page, verdict, answer):
    assert page(answer()).items == ()
    first = verdict(answer())
    assert (first.outcome, first.again) == ("partial", True)
    assert verdict(answer(), attempts=1).outcome == "empty_confirmed"


@pytest.mark.parametrize("change", [{"timed_out": True}, {"_shards": {"failed": 1}}])
def test_an_index_with_a_part_missing_is_asked_again(page, answer, hit, change):
    with pytest.raises(PageProblemError) as caught:
        page(answer(hit()) | change)
    assert (caught.value.outcome, caught.value.again) == ("partial", True)


@pytest.mark.parametrize(
    ("body", "content_type", "outcome", "again"),
    [
        (b"<!doctype html><form>login</form>", JSON, "blocked", False),
        (b"\xef\xbb\xbf  <html>", "", "blocked", False),
        (b'{"hits": {}}', "text/html; charset=utf-8", "drift", False),
        (b"", JSON, "partial", True),
        (b'{"hits": {"total": 3, "hi', JSON, "partial", True),
        (b"Service moved", "text/plain", "drift", False),
        (b"[1, 2]", JSON, "drift", False),
        ('{"a": "茶"}'.encode("gbk"), JSON, "drift", False),
        (b"[" * 200_000, JSON, "drift", False),
    ],
)
def test_bodies_that_are_no_answer(read, body, content_type, outcome, again):
    with pytest.raises(PageProblemError) as caught:
        read("cfpb", "search", body, content_type)
    assert (caught.value.outcome, caught.value.again) == (outcome, again)


def test_notes_what_the_platform_says_of_its_data(page, answer, hit):
    stale = answer(hit())
    stale["_meta"] |= {"is_data_stale": True, "has_data_issue": True}
    assert page(stale).notes == {
        "The CFPB says its data is stale.",
        "The CFPB says its data has an issue.",
    }


def _check_items(items, sources):
    """Every complaint beside what its captured object says."""
    assert len(items) == len(sources)
    for item, source in zip(items, sources, strict=True):
        assert not isinstance(item, Unreadable), item.problem
        assert item.natural_key == source["complaint_id"]
        for name in SAME_NAME:
            assert item.columns[name] == source.get(name), name
        assert (item.columns["narrative"] or "") == (source.get("complaint_what_happened") or "")
        assert item.columns["tags"] == source["tags"]
        assert item.columns["received_at"].isoformat() == source["date_received"][:10]
        assert item.event_at_raw == source["date_received"]


@pytest.mark.shared
@pytest.mark.parametrize("name", CAPTURED_LISTS)
def test_a_captured_search_answer(read, shared, name):
    body = (shared / "captures" / "cfpb" / name).read_bytes()
    data = json.loads(body)
    found = read("cfpb", "search", body, JSON)
    assert len(found.items) == CAPTURED_LISTS[name]
    _check_items(found.items, [hit["_source"] for hit in data["hits"]["hits"]])
    assert found.total == data["hits"]["total"]["value"]
    assert found.next == data["_meta"]["break_points"]
    assert found.unknown_fields == {}


@pytest.mark.shared
def test_the_captured_single_complaint_holds_a_hit_but_is_no_search_answer(page, shared, answer):
    """/{complaintId}: the same hit without `_meta`, which the search never lacks."""
    data = json.loads((shared / "captures/cfpb/ui_document_get-detail.json").read_bytes())
    with pytest.raises(PageProblemError, match=r"no _meta\.break_points") as caught:
        page(data)
    assert caught.value.outcome == "drift"
    found = page(answer(*data["hits"]["hits"]))
    _check_items(found.items, [hit["_source"] for hit in data["hits"]["hits"]])
    assert found.unknown_fields == {}


@pytest.mark.shared
def test_the_captured_map_counts_complaints_and_lists_none(page, verdict, shared):
    """Aggregations (size=0): not asked for here, and as a list it would be a block."""
    data = json.loads((shared / "captures/cfpb/ui_common_get-geo.json").read_bytes())
    assert data["hits"]["hits"] == []
    if "_meta" not in data:
        with pytest.raises(PageProblemError, match=r"no _meta\.break_points"):
            page(data)
    judged = verdict(data | {"_meta": {"break_points": {}}}, times=2)
    assert judged.outcome == "blocked"
    assert f"{data['hits']['total']['value']:,}" in judged.detail


@pytest.mark.shared
def test_the_captured_hits_of_the_index(page, shared, answer):
    """The API's own test data: bare hits, whose day of sending is written 06/22/18."""
    hits = json.loads((shared / "captures/cfpb/api_break_point_data.json").read_bytes())["hits"]
    found = page(answer(*hits))
    _check_items(found.items, [hit["_source"] for hit in hits])
    for item, hit in zip(found.items, hits, strict=True):
        month, day, year = hit["_source"]["date_sent_to_company"].split("/")
        assert item.columns["sent_to_company_at"].isoformat() == f"20{year}-{month}-{day}"
    assert found.unknown_fields == {}


@pytest.mark.shared
def test_the_captured_specification_knows_every_parameter_that_is_sent(shared):
    """api_swagger-config.yaml is no body: it says what the search may be asked."""
    told = yaml.safe_load((shared / "captures/cfpb/api_swagger-config.yaml").read_text("utf-8"))
    parameters = told["components"]["parameters"].values()
    spec = Platforms().load("cfpb").spec
    search = spec.requests["search"]
    assert set(search.query) <= {parameter["name"] for parameter in parameters}
    assert told["servers"][0]["url"] == f"{spec.base_url}{search.path}"
    (sort,) = [parameter["schema"] for parameter in parameters if parameter["name"] == "sort"]
    assert search.query["sort"] in sort["enum"]
    told_fields = set(told["components"]["schemas"]["Complaint"]["properties"])
    record = spec.records["complaint"]
    read = {field.path for field in record.fields.values()}
    assert told_fields <= read | {*record.payload, *record.known}
