"""What people type instead of words: pinyin initials, words of the net, emoji; and what they mean.

Only what has one meaning in a customer's mouth. Whoever adds to it: meanings are plain words that a
model or a rule knows, without a negation where none was said.
"""

from __future__ import annotations

LETTERS = {
    "yyds": "非常好",
    "awsl": "太可爱了",
    "xswl": "笑死我了",
    "hhh": "哈哈",
    "hhhh": "哈哈",
    "u1s1": "有一说一",
    "yysy": "有一说一",
    "nsdd": "你说得对",
    "dbq": "对不起",
    "zqsg": "真情实感",
    "emo": "难过",
    "pyq": "朋友圈",
    "plmm": "漂亮妹妹",
    "xjj": "小姐姐",
    "xgg": "小哥哥",
    "xdm": "兄弟们",
    "jms": "姐妹们",
    "gkd": "搞快点",
    "szd": "是真的",
    "bdjw": "不懂就问",
    "srds": "虽然但是",
    "dddd": "懂的都懂",
    "kswl": "太甜了",
    "ssfd": "瑟瑟发抖",
    "wtcl": "我太菜了",
    "nbcs": "没人在乎",
    "tmd": "他妈的",
    "nmd": "你妈的",
    "tnnd": "他奶奶的",
    "mmp": "妈卖批",
    "cnm": "骂人",
    "nmsl": "骂人",
    "sb": "傻逼",
    "lj": "垃圾",
    "laji": "垃圾",
    "niubi": "厉害",
    "yygq": "阴阳怪气",
    "pua": "洗脑",
    "bug": "故障",
}
"""Latin letters that stand alone in a Chinese text. `nb` is none: it is a brand of shoes, too."""

DIGITS = {"6": "厉害", "2": "哈哈"}
"""666 and 2333, by their first digit, where they are no number of anything."""

CHINESE_ALONE = frozenset(LETTERS) - {"emo", "bug", "sb", "lj", "pua", "hhh", "hhhh"}
"""Of these, what makes a text Chinese although it has no Han character."""

PHRASES = {
    "绝绝子": "非常好",
    "永远滴神": "非常好",
    "永远嘀神": "非常好",
    "栓q": "无语",
    "芭比q了": "完蛋了",
    "芭比q": "完蛋",
    "蚌埠住": "绷不住",
    "无语子": "无语",
    "集美": "姐妹",
    "针不戳": "真不错",
    "奥利给": "加油",
    "蓝瘦香菇": "难受想哭",
    "辣鸡": "垃圾",
    "垃鸡": "垃圾",
    "尼玛": "你妈",
    "卧槽": "我操",
    "智商税": "骗钱",
    "yyds": "非常好",
}
"""Words of the net, wherever they stand in a Chinese text; `yyds` also without a gap around it."""

_GOOD, _BAD = ("好", "good", 1), ("差", "bad", -1)
_MOODS = {
    "👍👏🙌💯🎉✅🏆🥇⭐🌟": _GOOD,
    "👎❌💩🚫🗑": _BAD,
    "❤🧡💛💚💙💜🖤🤍💕💖💗💓💞💘💝♥😍🥰😘😻🤩": ("喜欢", "love", 1),
    "😀😃😄😁😆😊☺🙂😋🤗😎🥳😺": ("开心", "happy", 1),
    "😂🤣": ("笑死", "laughing", 0),
    "🌹💐🌸": ("送花", "flowers", 1),
    "🙏": ("感谢", "thanks", 1),
    "😡😠🤬👿😤": ("生气", "angry", -1),
    "😢😭😞😔😟🙁☹😥😿💔😩😫": ("难过", "sad", -1),
    "😒🙄😑😓": ("无语", "annoyed", -1),
    "🤮🤢": ("恶心", "disgusting", -1),
    "😱😨😰": ("可怕", "scared", -1),
}
EMOJI = {sign: (mood[0], mood[1]) for signs, mood in _MOODS.items() for sign in signs}
"""Emoji with a mood: its word in Chinese and in English."""
FEELINGS = {sign: mood[2] for signs, mood in _MOODS.items() for sign in signs if mood[2]}
"""Emoji that alone say whether somebody is pleased (1) or not (-1)."""

EMOJI_RANGES = (
    "\u203c\u2049\u2139\u231a-\u23ff\u25aa-\u27bf\u2b05-\u2b55\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff"
)
"""Characters that may be an emoji, or the first of one; written as inside of [ ]."""
