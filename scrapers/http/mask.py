"""What the archive is told to mask before it keeps a body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup
from bs4.dammit import EncodingDetector

from lake.privacy import mask_text

MASK = "[masked]"
_CHARSET = re.compile(r"charset=[\"']?([\w-]+)", re.IGNORECASE)
_BINARY = re.compile(r"^(image|audio|video|font)/", re.IGNORECASE)
_BINARY_BEGINS = (b"PK\x03\x04", b"%PDF", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
_JSONP = re.compile(r"^(\s*[\w.$]+\s*\()(.*)(\)\s*;?\s*)$", re.DOTALL)


@dataclass(frozen=True)
class Mask:
    """Values of JSON fields by name (at any depth), texts of HTML elements by CSS selector, and,
    with `text`, whatever in the text looks like a phone, mail or card."""

    fields: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()
    text: bool = False

    @property
    def name(self) -> str:
        """What is masked, in a line for the record."""
        parts = [f"field {name}" for name in self.fields]
        parts += [f"selector {selector}" for selector in self.selectors]
        return "; ".join([*parts, *(["phones, mails and cards"] if self.text else [])])

    def apply(self, body: bytes, content_type: str) -> bytes:
        """The body with everything masked. Pictures and packed files stay as they are."""
        if _BINARY.match(content_type) or body.startswith(_BINARY_BEGINS):
            return body
        charset = _charset(body, content_type)
        text = body.decode(charset, "surrogateescape")
        if self.fields:
            text = self._mask_fields(text)
        if self.selectors and "<" in text and _json_parts(text) is None:
            text = self._mask_elements(text)
        if self.text:
            text = mask_text(text)[0]
        return text.encode(charset, "surrogateescape")

    def _mask_fields(self, text: str) -> str:
        parts = _json_parts(text)
        if parts is None:  # JSON inside a page, perhaps: plain values only
            names = "|".join(map(re.escape, self.fields))
            value = r'("(?:[^"\\]|\\.)*"|[\w.+-]+)'
            return re.sub(rf'("(?:{names})"\s*:\s*){value}', rf'\1"{MASK}"', text)
        before, document, after = parts
        return before + json.dumps(self._masked(document), ensure_ascii=False) + after

    def _masked(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: MASK if name in self.fields and inner is not None else self._masked(inner)
                for name, inner in value.items()
            }
        return [self._masked(inner) for inner in value] if isinstance(value, list) else value

    def _mask_elements(self, text: str) -> str:
        soup = BeautifulSoup(text, "lxml")
        for selector in self.selectors:
            for element in soup.select(selector):
                element.string = MASK
        return str(soup)


def _json_parts(text: str) -> tuple[str, Any, str] | None:
    """A JSON or JSONP body as what stands before the document, the document, what follows."""
    for before, inner, after in _json_candidates(text):
        try:
            return before, json.loads(inner), after
        except ValueError:
            continue
    return None


def _json_candidates(text: str) -> Iterator[tuple[str, str, str]]:
    yield "", text, ""
    wrapped = _JSONP.match(text)
    if wrapped:
        yield wrapped[1], wrapped[2], wrapped[3]


def _charset(body: bytes, content_type: str) -> str:
    """The first of those told and those usual that fits."""
    named = _CHARSET.search(content_type)
    marked = EncodingDetector.strip_byte_order_mark(body)[1]
    told: list[str | None] = [
        "utf-16" if marked in ("utf-16le", "utf-16be") else marked,  # this one keeps the mark
        named[1] if named else None,
        EncodingDetector.find_declared_encoding(body, is_html=True),
    ]
    for charset in [*filter(None, told), "utf-8", "gb18030"]:
        try:
            body.decode(charset)
        except (LookupError, UnicodeDecodeError):
            continue
        return charset
    return "utf-8"
