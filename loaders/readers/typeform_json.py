"""Typeform's response JSON as a table: pages of its API, or webhooks, with or without the form.

A document, or one in each line (JSON Lines, as a receiver of webhooks writes them).

Three header rows, then one row per response, numbered from 1: the ref of a field (or its id), its
text where the file holds the form, and what kind of column it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders.files import FileFault
from loaders.readers.choices import ONE_OF_SEVERAL
from loaders.rows import Row, Table

OWN, ONE, MANY, PERSONAL = "typeform:own", "typeform:one", "typeform:many", "typeform:personal"
"""Third header row: the tool's column, one answer a cell, several, or one that tells who it is.

Several answers of one cell have ONE_OF_SEVERAL between them, a sign that nobody types.
"""

MAX_SIZE = 64 << 20
OWN_COLUMNS = (
    *("Response ID", "Start Date (UTC)", "Submit Date (UTC)", "Response Type", "Network ID"),
    "Score",
)
_START = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*(?:\{\s*[\"}]|\[\s*[\[{\]])")
_PERSONAL_TYPES = frozenset({"email", "phone_number", "file_url", "file_upload"})
_PERSONAL_GROUPS = frozenset({"contact_info", "address"})
_NO_QUESTION = frozenset({"statement", "welcome_screen", "thankyou_screen"})
_RESPONSE = frozenset({"answers", "response_id", "token"})
_NEVER = "0001-01-01T00:00:00Z"  # Go's zero, for a response that was not submitted

Key = tuple[str, str]
"""Where a value stands (`answer`, `hidden`, `variable`), and the name of its column there."""


def is_json(sample: bytes) -> bool:
    """Whether a file begins as JSON does; in UTF-16, too, where NULs stand between the letters."""
    return _START.match(sample[:1024].replace(b"\x00", b"")) is not None


def open_json(path: Path, size: int) -> Table:
    """A file of responses as a table. Raises FileFault for any other JSON."""
    if size > MAX_SIZE:
        raise FileFault(
            f"it is JSON of more than {MAX_SIZE >> 20} MB, which is read as a whole. Export fewer "
            "responses at a time, or CSV."
        )
    found = _Responses()
    try:
        content = path.read_bytes()
        text = content.decode(json.detect_encoding(content), "surrogatepass")
        for document in _documents(text):
            found.add(document)
        rows = list(found.rows())
    except (ValueError, RecursionError) as error:
        raise FileFault(f"its JSON can't be read ({error}). Export it again.") from error
    if not found.is_known:
        raise FileFault(
            "it is JSON, but holds no responses of Typeform (`items` or `form_response`). Save "
            "what you have as CSV."
        )
    table = Table("JSON")
    table.rows = iter(rows)
    return table


def _documents(text: str) -> list[Any]:
    """The document of a file; or those of its lines, of which one may be broken, or cut off.

    Raises ValueError, RecursionError for what is neither.
    """
    text = text.removeprefix("\ufeff")
    try:
        return [json.loads(text)]
    except ValueError as error:
        lines = [line for line in text.split("\n") if line.strip()]
        found = [_document(line) for line in lines]
        if len(lines) < 2 or not isinstance(found[0], dict):
            raise ValueError(str(error)) from error
        return found


def _document(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None  # what is no response is told as one


@dataclass
class _Column:
    """One column of the table, as far as the responses read so far tell."""

    name: str
    text: str = ""
    kind: str = ONE


@dataclass
class _Responses:
    """The responses of a document, and the columns that they need."""

    items: list[Any] = field(default_factory=list)
    columns: dict[Key, _Column] = field(default_factory=dict)
    is_known: bool = False

    def add(self, document: Any) -> None:
        """Take in a page, a webhook, a response, or a list of any of them."""
        if isinstance(document, list):
            for part in document:
                self._add_part(part)
        else:
            self._add_part(document)

    def rows(self) -> Iterator[Row]:
        """The header rows, then the responses."""
        read = [_response(item) for item in self.items]
        for response in read:
            if isinstance(response, dict):
                self._widen(response)
        own, columns = list(OWN_COLUMNS), list(self.columns.values())
        yield Row(0, own + [c.name for c in columns])
        yield Row(0, own + [c.text or c.name for c in columns])
        yield Row(0, [OWN] * len(own) + [c.kind for c in columns])
        for number, (item, response) in enumerate(zip(self.items, read, strict=True), start=1):
            if isinstance(response, str):
                yield Row(number, [], ("unreadable_row", f"response {number}: {response}"))
                continue
            cells = [ONE_OF_SEVERAL.join(response.get(key, _Value()).texts) for key in self.columns]
            whole = [*_own_cells(item), *cells]
            yield Row(number, whole, _unfit("".join(whole), number))

    def _add_part(self, part: Any) -> None:
        if not isinstance(part, dict):
            self.items.append(part)
            return
        for form in (part, part.get("form"), part.get("definition")):
            if isinstance(form, dict):
                self._add_fields(form.get("fields"))
        inner = next((part[k] for k in ("form_response", "items", "responses") if k in part), None)
        if inner is not None:
            self.is_known = True
            self.add(inner)
        elif "fields" not in part:
            self.is_known = self.is_known or not _RESPONSE.isdisjoint(part)
            self.items.append(part)

    def _add_fields(self, fields: Any, *, is_personal: bool = False) -> None:
        for found in fields if isinstance(fields, list) else []:
            if not isinstance(found, dict):
                continue
            kind, properties = found.get("type"), found.get("properties")
            if isinstance(properties, dict) and properties.get("fields"):
                personal = is_personal or kind in _PERSONAL_GROUPS
                self._add_fields(properties["fields"], is_personal=personal)
            elif _name(found) and kind not in _NO_QUESTION:
                column = self._column(("answer", _name(found)))
                column.text = _text(found.get("title"))
                if is_personal or kind in _PERSONAL_TYPES:
                    column.kind = PERSONAL

    def _column(self, key: Key) -> _Column:
        return self.columns.setdefault(key, _Column(key[1]))

    def _widen(self, response: dict[Key, _Value]) -> None:
        for key, value in response.items():
            column = self._column(key)
            if value.is_personal:
                column.kind = PERSONAL
            elif value.is_many and column.kind == ONE:
                column.kind = MANY


@dataclass
class _Value:
    """What one response holds for one column."""

    texts: list[str] = field(default_factory=list)
    is_many: bool = False
    is_personal: bool = False


def _response(item: Any) -> dict[Key, _Value] | str:
    """The values of one response by column; or what is wrong with it."""
    if not isinstance(item, dict):
        return "it is no object. Export it again."
    answers = item.get("answers")
    answers = [] if answers is None else answers
    if not isinstance(answers, list):
        return "its answers are no list. Export it again."
    found: dict[Key, _Value] = {}
    for number, answer in enumerate(answers, start=1):
        asked = answer.get("field") if isinstance(answer, dict) else None
        if not isinstance(asked, dict) or not _name(asked):
            return f"its answer {number} does not say to which field it belongs. Export it again."
        value = found.setdefault(("answer", _name(asked)), _Value())
        value.is_many = value.is_many or bool(value.texts) or answer.get("type") == "choices"
        kinds = {answer.get("type"), asked.get("type")}
        value.is_personal = value.is_personal or not kinds.isdisjoint(_PERSONAL_TYPES)
        value.texts += _texts(answer)
    found |= {("hidden", key): _Value([text]) for key, text in _hidden(item)}
    found |= {("variable", key): _Value([text]) for key, text in _variables(item)}
    return found


def _name(asked: dict[str, Any]) -> str:
    return _text(asked.get("ref") or asked.get("id"))


def _texts(answer: dict[str, Any]) -> list[str]:
    """The answer, or the answers, of one field as text."""
    kind = answer.get("type")
    given = answer.get(kind) if isinstance(kind, str) else None
    if kind == "choices" and isinstance(given, dict):
        listed = next((given[k] for k in ("labels", "refs", "ids") if given.get(k)), None)
        chosen = [*listed] if isinstance(listed, list) else []
        return [text for text in map(_text, [*chosen, given.get("other")]) if text]
    if kind == "choice" and isinstance(given, dict):
        given = next((given[k] for k in ("label", "other", "ref", "id") if given.get(k)), None)
    if kind == "payment" and isinstance(given, dict):
        given = given.get("amount")  # beside it stand a name and the end of a card's number
    text = _text(given)
    return [text] if text else []


def _hidden(item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    hidden = item.get("hidden")
    for key, value in (hidden if isinstance(hidden, dict) else {}).items():
        yield key, _text(value)


def _variables(item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    variables = item.get("variables")
    for found in variables if isinstance(variables, list) else []:
        if isinstance(found, dict) and found.get("key") and isinstance(found.get("type"), str):
            yield _text(found["key"]), _text(found.get(found["type"]))


def _own_cells(item: dict[str, Any]) -> list[str]:
    """The cells of OWN_COLUMNS."""
    metadata, calculated = item.get("metadata"), item.get("calculated")
    submitted = _text(item.get("submitted_at"))
    return [
        next((_text(item[k]) for k in ("response_id", "token", "landing_id") if item.get(k)), ""),
        _text(item.get("landed_at")),
        "" if submitted == _NEVER else submitted,
        _text(item.get("response_type")),
        _text(metadata.get("network_id")) if isinstance(metadata, dict) else "",
        _text(calculated.get("score")) if isinstance(calculated, dict) else "",
    ]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _unfit(text: str, number: int) -> tuple[str, str] | None:
    """What no Parquet file takes: NULs, and halves of characters, which JSON can write."""
    if "\x00" in text:
        return "nul_byte", f"response {number} holds NUL characters. Export it again."
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "undecodable_bytes", f"response {number} holds halves of characters (\\ud800)."
    return None
