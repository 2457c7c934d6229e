"""Texts that several accounts have in the same words: found each night in what is new enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from orchestration.text_reading import Reader, Texts
from verbatims.noise import CopyGroup, copies, copy_flag
from verbatims.noise.copies import COPY_RULES, WINDOW

_AT_ONCE = 10_000  # rows of a file


def note_copies(texts: Texts, reader: Reader, as_of: date) -> int:
    """Note the copies among what was said in the last two windows; returns how many texts.

    The first night under a version of the rules reads all that was ever said. Copies noted in
    earlier nights stay.
    """
    known = any(reader.store.root.glob(f"copies/{COPY_RULES}/*.parquet"))
    since = datetime.combine(as_of, datetime.min.time()) - 2 * WINDOW if known else None
    rows: list[dict[str, Any]] = []
    noted = 0
    for group in copies(texts.said(since, as_of + timedelta(days=2))):
        rows += _rows(group, as_of)
        if len(rows) >= _AT_ONCE:
            noted += len(rows)
            reader.append("copies", COPY_RULES, rows)
            rows = []
    reader.append("copies", COPY_RULES, rows)
    return noted + len(rows)


def _rows(group: CopyGroup, as_of: date) -> Iterator[dict[str, Any]]:
    flag = copy_flag(group)
    for key in group.text_hashes:
        yield {
            "text_hash": key,
            "rule_version": flag.rule_version,
            "group_id": group.group_id,
            "evidence": flag.evidence,
            "confidence": flag.confidence,
            "as_of": as_of,
        }
