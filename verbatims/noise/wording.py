"""Patterns written one a line."""

from __future__ import annotations


def either(lines: str) -> str:
    """The lines as alternatives of one regular expression; blanks at their ends don't count."""
    return "|".join(line.strip() for line in lines.splitlines() if line.strip())
