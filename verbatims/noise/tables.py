"""Copies as a table of the lake: which texts belonged to which group when a run looked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import pyarrow as pa

from lake.entities import DAY, REAL, STAMP, TEXT, WHOLE
from verbatims.noise.copies import CopyGroup, copy_flag

COPIES = pa.schema(
    [
        ("run_id", TEXT),
        ("as_of", DAY),
        ("text_hash", TEXT),
        ("group_id", TEXT),
        ("size", WHOLE),
        ("authors", WHOLE),
        ("unknown_authors", WHOLE),
        ("units", WHOLE),
        ("likeness", REAL),
        ("first_seen", STAMP),
        ("last_seen", STAMP),
        ("flag", TEXT),
        ("evidence", TEXT),
        ("confidence", REAL),
        ("rule_version", TEXT),
        ("found_at", STAMP),
    ]
)
"""One row per run and text of a group. Unlike other flags it holds only beside the other texts."""


def copies_table(
    groups: Iterable[CopyGroup], *, run_id: str, as_of: date, at: datetime
) -> pa.Table:
    """The texts of all groups that a run found."""
    told = {"run_id": run_id, "as_of": as_of, "found_at": at}
    rows = [row | told for group in groups for row in _rows(group)]
    return pa.Table.from_pylist(rows, schema=COPIES)


def _rows(group: CopyGroup) -> list[dict[str, object]]:
    flag = copy_flag(group)
    of_group: dict[str, object] = {
        "group_id": group.group_id,
        "size": group.size,
        "authors": group.authors,
        "unknown_authors": group.unknown_authors,
        "units": group.units,
        "likeness": group.likeness,
        "first_seen": group.first_seen,
        "last_seen": group.last_seen,
        "flag": flag.kind,
        "evidence": flag.evidence,
        "confidence": flag.confidence,
        "rule_version": flag.rule_version,
    }
    return [{"text_hash": text_hash, **of_group} for text_hash in group.text_hashes]
