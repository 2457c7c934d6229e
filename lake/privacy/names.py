"""Names that a title gives away: 张先生, 欧阳老师, 王小明女士, Mr. Smith.

A title alone names nobody (店长, 客服, 先生您好), and most Chinese surnames are words as well. So a
surname counts where it stands right before its title and no word swallows it (由于老师, 感谢老师).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

USUAL_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤"
)
"""The hundred most usual surnames: four of five people."""
_OTHER = (
    "于洪施翁倪伍俞岑柳庄章鲁葛岳聂齐樊殷阎凌霍裴欧翟骆卓佟瞿涂柯梅盛"
    "童游蓝耿甘鲍褚臧屈冼麦敖宁关焦柴兰"
)
_DOUBLE = (
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|端木|夏侯|南宫|长孙|宇文|轩辕|独孤"
)
_OF_PEOPLE = "先生|女士|小姐(?!姐)|太太|夫人"
_OF_WORK = (
    "老师|总经理|副经理|经理|主任|师傅|医生|大夫|护士|教授|博士|律师|阿姨|大姐|大哥|大爷|大妈|叔叔|同学"
    "|副店长|店长|主管|总监|老板|警官|总(?=[，。,.：:！!？?\\s您你好的说在来给]|$)"
)
TITLES = tuple(
    word for word in f"{_OF_PEOPLE}|{_OF_WORK}".replace("(?!姐)", "").split("|") if word.isalpha()
)
"""Every title but 总, which is a usual word."""
_TITLE = re.compile(f"(?:{_OF_PEOPLE}|{_OF_WORK})")
_SURNAME = frozenset(USUAL_SURNAMES + _OTHER)
_GIVING = frozenset(USUAL_SURNAMES)
_DOUBLES = frozenset(_DOUBLE.split("|"))
_SWALLOWED = {
    **{
        "于": "对由关至等属基处终鉴限善位在",
        "谢": "感谢多致答鸣",
        "高": "提较很最更太真好挺",
        "方": "对地双官店警校院我他大",
    },
    **{
        "任": "责班主信担前现",
        "金": "现押奖租美佣",
        "白": "明空小表",
        "周": "一每本上下这四",
        "程": "流过工课行",
    },
    **{"许": "也或允", "何": "如任为几", "曾": "不未", "万": "千百几十一两三五"},
    **{"江": "长", "马": "立", "钱": "花价退给块元的多", "余": "其多业"},
    **{"关": "有相", "宁": "苏南", "游": "导旅", "兰": "荷", "童": "儿"},
    **{"史": "历", "贺": "祝", "叶": "茶", "段": "阶", "陆": "大登"},
    **{"施": "实措设", "齐": "整一"},
}
"""Surname -> the characters before it with which it is another word."""
_WORD_LIST = """
安装 安排 安全 高级 任何 方便 谢谢 感谢 万一 周末 周一 周二 周三 周四 周五 周六 周日 马上
高兴 钱大 白天 江苏 江西 苏宁 苏州 龙江 黄牛 黄金 金牌 金融 石油 石家 何时 何况 程序 方太
华帝 万和 万科 万达 毛重 毛病 余下 曾经 严格 严重 武汉 汤圆 莫名 龙虾 熊猫 马桶 田园 许多
高薪 高端 高大 高档 方案 段位 雷军 夏天 秦皇 任务 白酒 白色 黄色 林业 沈阳 江南 江北 马路
顾客 顾问 范围 贾府 金额 金属 唐朝 宋朝 韩国 韩式 汪汪 尹始 史上 史密 万能 万分 孔子 胡乱
胡说 蒋家 蔡家 叶子 程度 陶瓷 毛巾 武功 陆续 陆军 汤头 孟婆 肖像 梁山 吴江 姜汤 钟点 钟表
石头 何必 贺卡 高中 高二 高三 高一 王府 王牌 王者 李子 张家 张口 陈列 陈旧 林子 罗马 罗湖
杨梅 杨枝 康师 梅林 关于 宁波 游泳 游客 兰州 麦当 牛奶 牛肉 盛大 余额 徐州 曹操 彭州 董事
潘多 郑州 温州 高铁 高速 高峰 周边 周年 周围 周到 周期 江湖 田间 马力 雷人 高手 方式 方面
"""
_WORDS = frozenset(_WORD_LIST.split())
"""Words of two characters that begin like a surname with a given name."""
_BRANDS = ("康师傅", "麦先生")
_BEFORE_A_NAME = frozenset(
    "叫是找给跟和与的位个为人系员理：:，,。.！!？?、；;（(“\"'「》 \n\t我请问谢谢对让由把被"
)

_IN_NO_NAME = frozenset("的了是在和我你他说请给找叫位个先生老师")
_PLACES = frozenset({"东方", "长孙", "南宫"})
"""Double surnames that begin names of things (东方航空经理): known right before a title alone."""
_AFAR = frozenset(
    "阿艾买提麦合尔古丽努热依帕江汗孜克木曼吐逊肉库班加卡西拜迪力亚吾布都卜杜拉赛甫玉素吉娜扎巴哈米瓦不姆萨伊沙斯"
    "塔日明坎衣孙苏里·"
)
"""What names of Xinjiang are written with."""
_AFAR_PARTS = (
    *("古丽", "买提", "麦提", "阿卜", "阿布都", "阿不都", "阿依", "艾力", "努尔", "吐尔", "热合曼"),
    *("肉孜", "库尔班", "玉素", "依明", "热依", "帕提", "迪丽", "木江", "尔江", "提江"),
)
_AFAR_REACH = 14
_BEFORE_AFAR = frozenset("·加里都力明日西不")

_HAN = re.compile(r"[一-鿿]")
_GIVEN = (
    r"(?:O['’]|Mc|Mac|De |Van |Von )?[A-Z][a-zà-ÿ'’]{1,20}(?:-[A-Za-zà-ÿ][a-zà-ÿ'’]{1,20}){0,2}"
)
_NO_GIVEN = (
    *("You", "Universe", "World", "America", "Pepper", "Martens", "Oetker", "Bean", "Muscle"),
    *("Coffee", "Suite", "Clean", "Who", "The", "This", "That", "And", "OFFICE", "Right", "Bond"),
)
_ENGLISH = re.compile(
    r"(?<![A-Za-z])(?:Mr|Mrs|Ms|Mx|Dr|Prof|Miss|MR|MRS)\b\.?[ ]{1,2}(?:(?:Dr|Prof|Ing)\.? ){0,2}"
    rf"(?!X+\b|(?:{'|'.join(_NO_GIVEN)})\b)"
    rf"(?:(?:[A-Z]\. ?){{0,2}}{_GIVEN}(?: {_GIVEN}(?![A-Za-z]))?|(?<=[A-Z]{{2}} )[A-Z]{{2,20}})"
)
_NO_NAME = (
    *("the", "and", "or", "is", "was", "are", "has", "had", "in", "of", "to", "for", "from", "at"),
    *("on", "not", "but", "with", "said", "who", "you", "right", "bean", "bond", "clean", "coffee"),
    *("muscle", "pepper", "universe", "world", "martens", "oetker", "big", "nice", "manager"),
    *("president", "chairman", "director", "driver", "office", "this", "that", "will", "can"),
    *("were", "did", "does", "would", "could", "should", "came", "went", "told", "if", "as", "so"),
)
_IN_SMALL = re.compile(
    r"(?<![A-Za-z.])(?:[Mm]rs?\.?|Ms\.?|(?:ms|[Dd]r|[Pp]rof)\.)[ ]{1,2}"
    rf"(?!(?:{'|'.join(_NO_NAME)})\b)[a-zà-ÿ][a-zà-ÿ'’]{{1,20}}(?:-[a-zà-ÿ]{{2,20}})?(?![A-Za-z])"
)
"""mr smith: one word, as where the name ends is not known."""


def chinese_names(view: str) -> Sequence[tuple[int, int]]:
    """Where names with titles stand, title and all; apart from each other and in order."""
    spans: list[tuple[int, int]] = []
    for title in _TITLE.finditer(view):
        start = _start(view, title.start(), title[0])
        if start is not None and (not spans or start >= spans[-1][1]):
            spans.append((start, title.end()))
    return spans


def english_names(view: str) -> Sequence[tuple[int, int]]:
    """Where Mr, Ms, Dr … stand before a name."""
    spans = [m.span() for m in _ENGLISH.finditer(view)]
    taken = {start for start, _ in spans}
    small = [m.span() for m in _IN_SMALL.finditer(view) if m.start() not in taken]
    return sorted(spans + small)


def looks_like_a_name(value: str) -> bool:
    """Whether a cell, where names are asked for, is one: a surname and up to three characters, or
    words in Latin letters without a digit."""
    value = value.strip()
    if 2 <= len(value) <= 4 and all(_HAN.match(char) for char in value):
        return value[0] in _SURNAME or value[:2] in _DOUBLES
    return len(value) <= 60 and value[:1].isalpha() and not any(c.isdigit() for c in value)


def _start(view: str, at: int, title: str) -> int | None:
    """Where the name before a title at `at` begins; None when nobody is named."""
    far = _start_from_afar(view, at)
    if far is not None:
        return far
    for given in (0, 1, 2):  # 欧阳先生, 司马懿先生, 欧阳小明先生
        start = at - given - 2
        if start >= 0 and _is_double(view[start:at]):
            return start
    for given in (2, 1):  # a whole name before a surname alone: 王小明先生, not 明先生
        start = at - given - 1
        if start >= 0 and _is_whole_name(view, start, given, title):
            return start
    return at - 1 if at and _is_surname(view, at - 1, title) else None


def _is_double(name: str) -> bool:
    """Whether a double surname stands there, with or without a given name."""
    given = name[2:]
    if name[:2] not in _DOUBLES or (given and name[:2] in _PLACES):
        return False
    return given not in _WORDS and all(_HAN.match(c) and c not in _IN_NO_NAME for c in given)


def _start_from_afar(view: str, at: int) -> int | None:
    """Where a name of Xinjiang before a title begins: 阿依古丽, 买买提江."""
    start = at
    while start and at - start < _AFAR_REACH and view[start - 1] in _AFAR:
        start -= 1
    while start < at and view[start] in _BEFORE_AFAR:
        start += 1
    name = view[start:at]
    is_whole = len(name) > 2 and any(part in name for part in _AFAR_PARTS)
    return start if is_whole else None


def _is_surname(view: str, at: int, title: str) -> bool:
    surname, before = view[at], view[at - 1] if at else ""
    if surname not in _SURNAME or (before in _SWALLOWED.get(surname, "") and before):
        return False
    return not any(f"{surname}{title}" == brand for brand in _BRANDS)


def _is_whole_name(view: str, start: int, given: int, title: str) -> bool:
    """A surname, a given name, a title: where it begins after a sign or a word that leads to names.

    A surname that is met in the given name's place is taken alone (感谢王先生).
    """
    name = view[start : start + given + 1]
    before = view[start - 1] if start else " "
    return (
        name[0] in _GIVING
        and name[:2] not in _WORDS
        and all(_HAN.match(char) for char in name)
        and before in _BEFORE_A_NAME
        and before not in (_SWALLOWED.get(name[0]) or "")
        and not any(char in _IN_NO_NAME for char in name[1:])
        and not (given == 2 and name[1:] in _WORDS)
    )
