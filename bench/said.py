"""Invented reviews, as many as are wanted: short, Chinese, with words that come once in a while."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from verbatims.sentiment.examples import Rated

_GOOD = (
    *(
        "送得很快",
        "味道很好",
        "态度特别好",
        "包装很严实",
        "分量足",
        "很新鲜",
        "性价比高",
        "下次还来",
    ),
    *("老板人很好", "比想象中好", "孩子很喜欢", "客服回复及时", "环境干净", "值得推荐", "真心不错"),
    *("一点都不贵", "没有异味", "用着很顺手"),
)
_BAD = (
    *("等了一个多小时", "味道很一般", "态度太差", "包装都破了", "分量越来越少", "不新鲜", "太贵了"),
    *("再也不来了", "客服不理人", "退款拖了半个月", "质量不行", "和图片不一样", "有异味", "踩雷了"),
    *("很失望", "不是很干净", "用了两天就坏了", "踢皮球", "打了三次电话没人接"),
)
_SIGNS = {1: ("👍👍", "yyds", "666", "❤️"), -1: ("😡", "！！！！！", "打[mobile]没人接", "emo了")}
_SIGNS_SHARE = 0.15
_PLAIN = ("买的是", "点了", "朋友推荐的", "在家门口的", "第二次买", "这次是", "给家人买的")
_COMMON = [chr(code) for code in range(0x4E00, 0x4E00 + 2_500)]


def rated(count: int) -> Iterator[Rated]:
    """So many rated reviews of about 25 characters, the same ones every time."""
    lot = Random(20260930)  # noqa: S311 - invented, and the same on purpose
    for place in range(count):
        feeling = 1 if place % 2 else -1
        mine, other = (_GOOD, _BAD) if feeling > 0 else (_BAD, _GOOD)
        said = [lot.choice(mine) for _ in range(lot.choice((1, 2, 3, 4)))]
        if lot.random() < 0.25:
            said.append(f"就是{lot.choice(other)}")
        if lot.random() < _SIGNS_SHARE:
            said.append(lot.choice(_SIGNS[feeling]))
        names = "".join(lot.choice(_COMMON) for _ in range(lot.choice((2, 3, 4))))
        said.insert(lot.randrange(len(said) + 1), lot.choice(_PLAIN) + names)
        yield Rated(lot.choice("，,。！").join(said), feeling, ("app", "web")[place % 3 > 0])
