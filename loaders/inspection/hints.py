"""Groups of columns that belong together: drivers on one scale, Kano pairs, moments of truth."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hint:
    """What a group of columns may be, and the lines below `roles:` that would say so."""

    reason: str
    lines: tuple[str, ...]
