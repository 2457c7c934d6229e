"""What tables of every kind have alike: how wide they may be, how a span of time stands in a cell.

Nothing is imported here that takes time: loaders.sav begins anew for every file.
"""

from __future__ import annotations

import datetime as dt

MAX_COLUMNS = 20_000


class Number(str):
    """What a cell holds that is a number, not a text of one: a point stands before its decimals."""

    __slots__ = ()


def clock(span: dt.timedelta) -> str:
    """Hours, minutes and seconds, as a worksheet shows a span: not a number of unsaid unit."""
    minutes, rest = divmod(round(span.total_seconds(), 3), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{rest:06.3f}".removesuffix(".000")
