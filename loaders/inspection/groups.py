"""Columns that are the choices, or the rows, of one question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from loaders.inspection.profiles import Profile

_STEMS = (
    re.compile(r"(.+?)\s*\[[^\]]*\]\s*", re.S),
    re.compile(r"(.+?)\s+[-–—]\s+.+", re.S),
    re.compile(r"(.*第\s*\d+\s*题.*?)\(.*\)", re.S),
    re.compile(r"(.+?)[:：—┋].+", re.S),
    re.compile(r"(.+?)[_#.]\d+", re.S),
)
LEAST = 3
"""Fewer columns than these are shown one by one."""


def grouped(
    profiles: Sequence[Profile], alone: set[int], least: int = LEAST
) -> list[list[Profile]]:
    """The columns in order, neighbours of one question together, those at `alone` by themselves.

    Fewer than `least` are no group.
    """
    found: list[list[Profile]] = []
    stem: str | None = None
    for profile in profiles:
        mine = None if profile.column.position in alone else stem_of(profile)
        if found and mine is not None and mine == stem:
            found[-1].append(profile)
        else:
            found.append([profile])
        stem = mine
    return [
        part for group in found for part in ([group] if len(group) >= least else map(_one, group))
    ]


def stem_of(profile: Profile) -> str | None:
    """What the columns of one question have in common: its text, or its number."""
    column = profile.column
    if column.kind in ("personal", "technical"):
        return column.kind
    if column.choice is not None:
        return column.question_id
    for text in (column.text, column.header):
        for pattern in _STEMS:
            match = pattern.fullmatch(text)
            if match:
                return match[1]
    return None


def _one(profile: Profile) -> list[Profile]:
    return [profile]
