"""Charsets of bodies: what is declared holds, but for bytes that are UTF-8."""

from __future__ import annotations

import pytest

from scrapers.document import decode_text

TEXT = '{"content": "云雾茶很好喝，就是等得太久了。"}'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_declared_gbk_body_may_have_moved_on_to_utf_8(encoding: str) -> None:
    assert decode_text(TEXT.encode(encoding), "text/plain", "gbk") == TEXT


def test_utf_8_that_is_valid_gbk_too_is_utf_8() -> None:
    body = "云雾茶好".encode()
    assert body.decode("gbk") != "云雾茶好"  # it decodes, into other words
    assert decode_text(body, "", "gbk") == "云雾茶好"
