"""Plain paths are followed by short cuts of our own: they find what soupsieve and JMESPath find."""

from __future__ import annotations

from typing import Any

import jmespath
import pytest
from bs4 import BeautifulSoup

from scrapers.fields import holds, is_there, select, select_all

PAGE = """
<ul class="items">
  <li class="item new"><a class="title" href="/1">云雾茶</a><P class="Text">好喝<br>再来</P></li>
  <li class="item"><a class="title">Yunwu</a><p>  <b class="price item">18</b> 元 </p></li>
  <li class="items">其他<h2 class="title-small">少冰</h2></li>
  <li class="">空</li>
</ul>
"""
SELECTORS = (
    "li",
    "p",
    "h2",
    "br",
    "table",
    ".item",
    ".title",
    ".title-small",
    ".text",
    ".Text",
    ".new.item",
    ".item.new",
    "li.item",
    "b.item",
    "li.item.new",
    "li.new.item",
    "a.item",
    "ul.items",
)


@pytest.mark.parametrize("css", SELECTORS)
def test_a_name_and_classes_find_what_soupsieve_finds(css: str) -> None:
    page = BeautifulSoup(PAGE, "lxml")
    for node in (page, *page.find_all("li"), *page.find_all("b")):
        wanted = node.select(css)
        assert [id(tag) for tag in select_all(node, css)] == [id(tag) for tag in wanted]
        assert is_there(node, css) == holds(node, css) == bool(wanted)


def test_other_selectors_are_left_to_soupsieve() -> None:
    page = BeautifulSoup(PAGE, "lxml")
    assert select(page, "ul.items > li:nth-of-type(2) a") == "Yunwu"
    assert select(page, "li:not(.item) .title-small") == "少冰"
    assert select(page, "LI.item p") == "好喝\n再来"


def test_the_first_element_that_has_the_attribute_counts() -> None:
    page = BeautifulSoup('<a class="t">x</a><a class="t" href="/2">y</a>', "lxml")
    assert select(page, "a.t@href") == "/2"
    assert is_there(page, "a.t@href")
    assert not is_there(page, "a.t@title")
    assert select_all(page, "a.t@href") == ["/2"]


@pytest.mark.parametrize("path", ["a", "b", "a.b", "a.b.c", "a.d", "e_1", "a.length", "null"])
@pytest.mark.parametrize(
    "document",
    [
        {"a": {"b": {"c": 1}, "d": None}, "e_1": [1, 2], "b": ""},
        {"a": [{"b": 1}], "b": 0, "null": 3},
        {"a": "text", "b": False},
        [{"a": 1}],
        "a",
        None,
        7,
    ],
)
def test_names_lead_where_jmespath_leads(path: str, document: Any) -> None:
    assert select(document, path) == jmespath.search(path, document)
