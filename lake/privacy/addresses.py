"""Where somebody lives: a road with its number, a building with its flat, and what leads to it.

A pattern finds the core (建国路88号, 3栋502室, 12 Baker Street); from there the text is walked
to the left, as far as it goes on as one address, and never further than `_REACH` characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_REACH = 40
_NUMBER = r"(?:\d{1,5}(?:[-之]\d{1,4})?|[一二三四五六七八九十百零〇]{1,5})"
_FEW = r"(?:\d{1,4}|[A-Za-z](?![A-Za-z])|[一二三四五六七八九十]{1,3})"
_OTHERWISE = (
    *("线", "店", "机", "选手", "桌", "窗", "柜", "餐", "套", "客服", "技师", "员工", "前", "后"),
    *("之前", "左右", "上午", "下午", "早", "晚", "那天", "发货", "到货", "下单"),
)
"""What follows a number that is of no house: 路5号线, 街1号店, 8号下单."""
_ROAD = re.compile(
    r"(?:大道|大街|胡同|街道|(?<![线网套思电公])路|街|巷|弄)"
    r"(?:[东南西北中]?[一二三四五六七八九十]{0,2}(?:段|路|街|巷))?"
    rf"[ ]?{_NUMBER}[ ]?(?:弄[ ]?{_NUMBER}[ ]?号|号|弄)(?!{'|'.join(_OTHERWISE)})"
)
_NO_HOUSE = r"(?![\d年月日元块点分天个人岁件层楼次赢胜负平比%]|[ ]?(?:[-:：/]\d|小时|领先|落后))"
_DASHED = re.compile(
    r"(?:(?:大道|大街|[东南西北中][一二三四五六七八九]路|[一-鿿][^\W线网套思电公一同顺出a-zA-Z0-9]路|[一-鿿]街|巷)"
    rf"\d{{2,5}}-\d{{1,4}}{_NO_HOUSE}"
    r"|(?:花园|小区|公寓|家园|苑|大厦|新村|社区|嘉园|新城|国际|华府|名邸)"
    rf"\d{{1,3}}-\d{{1,3}}-(?!(?:19|20)\d\d(?!\d))\d{{3,4}}{_NO_HOUSE})"
)
"""Numbers without a word for what they are: 环市东路368-2, 阳光花园3-2-501."""
_NO_FLAT = r"(?![\d年月日元块个人多分天斤件米平岁小次层楼]|[ ]?[元块])"
_BUILDING = re.compile(
    rf"{_FEW}[ ]?(?:栋|幢|座|号楼|单元|号院)[ ,，-]?"
    rf"(?:{_FEW}[ ]?(?:单元|号楼|栋|层|楼|门)[ ,，-]?){{0,3}}"
    rf"(?:[A-Za-z]?\d{{2,5}}(?:室|房|户|号)?{_NO_FLAT}|\d{{1,3}}(?:层|楼)(?=$|[^一-鿿]))"
)
_TAIL = re.compile(
    r"(?:[ ,，、]?(?:[一-鿿]{1,8}(?:小区|花园|公寓|大厦|广场|家园|苑|城|楼盘|社区))?[ ]?"
    rf"{_FEW}[ ]?(?:号楼|号院|单元|栋|幢|座|层|楼|室|房|户)[ -]?){{0,5}}"
    rf"(?:[ ]?[A-Za-z]?\d{{3,4}}(?:室|房|户|号)?{_NO_FLAT})?"
)
_IN_AN_ADDRESS = re.compile(r"[一-鿿A-Za-z0-9()·-]")
_STOPS = frozenset(
    "我你您他她它们的了在到是住送寄从去给和与跟就也很说来这那把被让请往位于距离址叫找：:"
)
_AREAS = re.compile(r"自治[区州县]|特别行政区|[省市区县镇乡村州旗盟]|街道|小区|社区")

STREETS = (
    *("Street", "St", "Road", "Rd", "Avenue", "Ave", "Boulevard", "Blvd", "Lane", "Ln", "Drive"),
    *("Terrace", "Crescent"),
)
_ENGLISH = re.compile(
    r"(?<![\w$€£.,-])\d{1,5}[A-Z]?,? (?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.? )?"
    r"(?:(?:[A-Z][a-z'’.]{1,20}|\d{1,3}(?:st|nd|rd|th)) ){1,3}"
    rf"(?:{'|'.join(STREETS)})\b\.?"
    r"(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Flat|#)\.? ?#?\w{1,6})?"
)


def chinese_addresses(view: str) -> Sequence[tuple[int, int]]:
    """Where addresses stand in a text with plain digits, apart from each other and in order."""
    spans = [_whole(view, m.start(), m.end()) for m in _ROAD.finditer(view)]
    spans += [_whole(view, m.start(), m.end()) for m in _DASHED.finditer(view)]
    spans += [_whole(view, m.start(), m.end()) for m in _BUILDING.finditer(view)]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def english_addresses(view: str) -> Sequence[tuple[int, int]]:
    """Where a house number, a name and a kind of street follow each other."""
    return [m.span() for m in _ENGLISH.finditer(view)]


def _whole(view: str, start: int, end: int) -> tuple[int, int]:
    """The core with the places before it and the rooms after it."""
    first = start
    while first > 0 and start - first < _REACH:
        char = view[first - 1]
        if char in _STOPS or not _IN_AN_ADDRESS.match(char):
            break
        first -= 1
    areas = list(_AREAS.finditer(view, first, start))
    reach = 9 if areas and areas[0][0].startswith("自治") else 5
    known = areas[0].start() - reach if areas else start - 8
    tail = _TAIL.match(view, end)
    return max(first, known), max(end, tail.end() if tail else end)
