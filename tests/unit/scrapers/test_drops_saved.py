"""Saved pages: their address, time and charset, and what is no page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from loaders.files import FileFault
from scrapers.drops.saved import MAX_PAGE, Broken, SavedPage, pages_of

CANONICAL = '<link rel="canonical" href="https://tea.example/2">'
FILE_TIME = datetime(2026, 9, 30, 1, 0, tzinfo=UTC)


def read(tmp_path: Path, body: bytes, kind: str = "html") -> list[SavedPage | Broken]:
    path = tmp_path / "page"
    path.write_bytes(body)
    return list(pages_of(path, kind, len(body), FILE_TIME))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("head", "url"),
    [
        (
            "<!-- saved from url=(0027)https://tea.example/shop/77 --><html>",
            "https://tea.example/shop/77",
        ),
        ("<!-- saved from url=(0014)about:internet --><html>", None),
        (
            "<!--\n Page saved with SingleFile\n url: https://tea.example/s?a=1&b=2\n--><html>",
            "https://tea.example/s?a=1&b=2",
        ),
        ('<html><link rel="canonical" href="//tea.example/c">', "https://tea.example/c"),
        (
            "<html><meta content='https://tea.example/o?a=1&amp;b=2' property='og:url'>",
            "https://tea.example/o?a=1&b=2",
        ),
        ('<html><link rel="canonical" href="/only/a/path">', None),
        ('<html><link rel="stylesheet" href="https://tea.example/x.css">', None),
        # What a browser wrote goes before what the page says of itself.
        (
            "<!-- saved from url=(0021)https://tea.example/1 -->" + CANONICAL,
            "https://tea.example/1",
        ),
    ],
)
def test_a_pages_address(tmp_path: Path, head: str, url: str | None) -> None:
    [page] = read(tmp_path, head.encode())
    assert isinstance(page, SavedPage)
    assert (page.url, page.saved_at) == (url, FILE_TIME)


def test_singlefile_tells_when_the_page_was_saved(tmp_path: Path) -> None:
    head = (
        "<!DOCTYPE html><html><!--\n Page saved with SingleFile \n url: https://tea.example/1 \n"
        " saved date: Tue Sep 29 2026 12:30:00 GMT+0800 (中国标准时间)\n-->"
    )
    [page] = read(tmp_path, head.encode())
    assert isinstance(page, SavedPage)
    assert page.saved_at == datetime(2026, 9, 29, 4, 30, tzinfo=UTC)


def test_bytes_that_are_no_text_and_pages_that_are_too_large_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFault, match="no page"):
        read(tmp_path, b"<html>\x00\x01\x02")
    with pytest.raises(FileFault, match="neither UTF-8 nor GBK"):
        read(tmp_path, b"<p>" + bytes([0xFF, 0x20, 0x80]) * 300)
    with pytest.raises(FileFault, match="empty"):
        read(tmp_path, b"")
    with pytest.raises(FileFault, match="Save the pages one by one"):
        list(pages_of(tmp_path / "page", "html", MAX_PAGE + 1, FILE_TIME))


def test_a_page_larger_than_the_limit_inside_an_archive_is_one_broken_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small archive may hold a page that unpacks to any size."""
    import gzip
    import io

    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    monkeypatch.setattr("scrapers.drops.saved.MAX_PAGE", 100_000)
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    for number, size in enumerate((3_000_000, 10)):
        headers = [("Content-Type", "text/html"), ("Content-Encoding", "gzip")]
        record = writer.create_warc_record(
            f"https://tea.example/{number}",
            "response",
            payload=io.BytesIO(gzip.compress(b"<" * size)),
            http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
        )
        writer.write_record(record)
    large, small = read(tmp_path, out.getvalue(), "warc")
    assert isinstance(large, Broken) and "larger than" in large.reason
    assert isinstance(small, SavedPage) and small.text == "<" * 10


def test_lines_of_json_keep_their_numbers(tmp_path: Path) -> None:
    found = read(tmp_path, b'{"a": 1}\n\n{"a": \n{"a": 3}\n', "json")
    assert [(type(part).__name__, part.offset) for part in found] == [
        ("SavedPage", 1),
        ("Broken", 3),
        ("SavedPage", 4),
    ]


def test_json_over_several_lines_is_one_page(tmp_path: Path) -> None:
    [page] = read(tmp_path, b'{\n "a": [\n1\n]\n}\n', "json")
    assert isinstance(page, SavedPage)
    assert (page.offset, page.is_markup) == (None, False)
