"""Pages by a token: what the first page is asked for with, and what only it is; addresses."""

from __future__ import annotations

import pytest

from scrapers.config import SourceConfig
from scrapers.paging import build_url, fill_pairs, first_step, next_step
from scrapers.parsing import Page
from scrapers.spec import RequestSpec

BASE = "https://desk.example"


def export(**paging):
    return RequestSpec.model_validate(
        {
            "path": "/export",
            "method": "POST",
            "query": {"start": "{since_unix}", "cursor": "{token}", "size": "50"},
            "form": {"asked": "[{token}]"},
            "format": "json",
            "records": ["case"],
            "paging": {"kind": "token", "next": "next"} | paging,
        }
    )


def test_without_a_first_token_its_parameters_are_left_out():
    request = export()
    step = first_step(request.paging)
    assert build_url(BASE, request, step, {"since_unix": "7"}) == f"{BASE}/export?start=7&size=50"
    assert fill_pairs(request.form, dict(step.variables)) == []


def test_a_first_token_stands_in_its_place():
    step = first_step(export(first="null").paging)
    assert fill_pairs(export().form, dict(step.variables)) == [("asked", "[null]")]


def test_what_belongs_to_the_first_page_alone_is_left_out_afterwards():
    request = export(first_only=["start"])
    first = first_step(request.paging)
    assert "start=7" in build_url(BASE, request, first, {"since_unix": "7"})
    second = next_step(request.paging, first, Page((), 3, next="abc"), "")
    url = build_url(BASE, request, second, {"since_unix": "7"})
    assert url == f"{BASE}/export?cursor=abc&size=50"


@pytest.mark.parametrize("first", [None, "null"])
def test_a_page_without_a_token_is_the_last(first):
    request = export(first=first)
    assert next_step(request.paging, first_step(request.paging), Page((), 3), "") is None


def test_an_address_takes_the_options_of_its_source():
    desk = {"platform": "zendesk", "options": {"subdomain": "Yunwu-Tea"}}
    assert SourceConfig.model_validate(desk).address() == "https://yunwu-tea.zendesk.com"
    own = desk | {"base_url": "https://help.yunwu.example/"}
    assert SourceConfig.model_validate(own).address() == "https://help.yunwu.example"
