"""What a rule of noise hands back, before it becomes a flag."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """A part of the text as it stands that shows noise, and how sure that is (0..1)."""

    start: int
    end: int
    confidence: float
