"""Natural keys of several parts: one text, which no other parts give."""

from __future__ import annotations

import re
from collections.abc import Iterable

BAR = "|"
_ESCAPED = re.compile(r"\\.", re.S)


def joined(parts: Iterable[str]) -> str:
    """The parts with a bar between them; within a part, bars and backslashes have a backslash."""
    return BAR.join(map(escaped, parts))


def escaped(part: str) -> str:
    """One part, as it stands in a key of several."""
    if BAR not in part and "\\" not in part:  # nearly always
        return part
    return part.replace("\\", "\\\\").replace(BAR, f"\\{BAR}")


def is_whole(key: str) -> bool:
    """Whether none of the parts of a joined key is blank."""
    return all(_ESCAPED.sub("_", key).split(BAR))
