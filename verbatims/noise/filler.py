"""Text for the sake of length: words again and again, poems, counting, what says that it fills."""

from __future__ import annotations

import re

from ahocorasick_rs import AhoCorasick

from verbatims.noise.finding import Finding
from verbatims.noise.wording import either
from verbatims.normal import Normal, folded

_NO_SOUND = r"[^\W\d_啊阿哈呵嗯恩哦噢额呃嘿嘻呜哇唔咯嗷哎呀]"
_AGAIN = re.compile(rf"({_NO_SOUND}[^\W\d_]{{0,39}}?)\1{{3,}}")
_BETWEEN = re.compile(r"[\W_]+")
_TIMES = 4
_SHORTEST = 12  # characters that are repeated words; fewer are stress: 不好不好不好
_ONE_SIGN = 12  # 好好好好好 is joy
_SHARE = 0.85
_SENTENCE = re.compile(r"[^。！？!?.;；\n，,、~～]+")
_SAYING = 4  # letters of a sentence that can be told from a sigh

_COUNT = r"(?:字数|字儿数|\d+个?字|[一二两三五]?[十百]五?个?字)"
_POINTS = "(?:京豆|积分|金币|评价分|淘金币)"
_ANNOUNCED = re.compile(
    either(
        rf"""
        [凑填补充](?:一?[凑够足满到下])?[够足满点个]?(?:一?些)?(?:评价|评论)?的?{_COUNT}
        凑凑字|字数[补不布]丁|字数不够诗来凑|在凑字
        字数(?:不够)?[凑补][够齐满]
        (?:赚|拿|领|换|得|为了?|混)[点个些取]?{_POINTS}[而才就]?(?:评价|评论|来评|写|复制|灌水)
        (?:统一|通用|万能)用?(?:这|一)?[段句]?话?(?:作为|的|来)?(?:评价内容|(?:评价|评论|好评)模[板版])
        复制粘贴的?(?:评价|评论|好评)
        (?:评价|评论)(?:都是|全是|是)?复制(?:粘贴)?的
        懒得(?:写|打字)[^。]{{0,8}}复制
        \b(?:typing|words?|text)\b.{{0,20}}\b(?:reach|meet|fill|make|hit|satisfy)\b.{{0,20}}\b(?:character|word|letter)s? (?:count|limit|minimum|requirement)s?\b
        \bfill(?:er|ing)? (?:text|words)\b.{{0,30}}\b(?:count|minimum|limit)
        \blorem ipsum\b
        \bblah(?: blah){{3,}}
        \bthe quick brown fox\b
        """  # noqa: E501
    )
)
_FILLS_NOT = re.compile(
    either(
        r"""
        (?:不是|并非|绝不|不想|不用|拒绝|禁止|别|不为|全是|都是|一堆|很多|好多|那些)[^，。]{0,6}(?:凑|复制|水军)
        商家|评论区|\bnot\b[^.]{0,12}\bfill|\b(?:other|these|those|most) reviews\b
        """
    )
)
_LINES = re.findall(
    r"\S+",
    """
    床前明月光 疑是地上霜 举头望明月 低头思故乡 春眠不觉晓 处处闻啼鸟 夜来风雨声
    花落知多少 白日依山尽 黄河入海流 欲穷千里目 更上一层楼 锄禾日当午 汗滴禾下土
    谁知盘中餐 粒粒皆辛苦 鹅鹅鹅 曲项向天歌 白毛浮绿水 红掌拨清波 离离原上草 一岁一枯荣
    野火烧不尽 春风吹又生 两个黄鹂鸣翠柳 一行白鹭上青天 窗含西岭千秋雪 门泊东吴万里船
    日照香炉生紫烟 遥看瀑布挂前川 飞流直下三千尺 疑是银河落九天 红豆生南国 春来发几枝
    愿君多采撷 此物最相思 千山鸟飞绝 万径人踪灭 孤舟蓑笠翁 独钓寒江雪 朝辞白帝彩云间
    千里江陵一日还 两岸猿声啼不住 轻舟已过万重山 故人西辞黄鹤楼 烟花三月下扬州
    孤帆远影碧空尽 唯见长江天际流 明月几时有 把酒问青天 不知天上宫阙 今夕是何年 大江东去
    浪淘尽 人之初 性本善 性相近 习相远 天地玄黄 宇宙洪荒 日月盈昃 辰宿列张 赵钱孙李
    周吴郑王 冯陈褚卫 蒋沈韩杨 子曰学而时习之 关关雎鸠 在河之洲 窈窕淑女 君子好逑
    君不见黄河之水天上来 奔流到海不复回 清明时节雨纷纷 路上行人欲断魂
    一二三四五六七八九十 甲乙丙丁戊己庚辛 子丑寅卯辰巳午未 门前大桥下 游过一群鸭
    一闪一闪亮晶晶 两只老虎两只老虎 跑得快跑得快 小燕子穿花衣 twinkletwinklelittlestar
    howiwonderwhatyouare rosesarered violetsareblue maryhadalittlelamb
    onetwothreefourfivesix abcdefghijklmnop jinglebellsjinglebells rowrowrowyourboat
    humptydumptysatonawall fourscoreandsevenyearsago
    """,
)
_POEM = AhoCorasick(_LINES)
_COUNTED = re.compile(r"(?:1234567890|0123456789|123456789)(?:\d{5,}|(?=.*123456789))")
_POEM_SHARE = 0.35


def padding(text: str, form: Normal) -> Finding | None:
    """Words that make up nearly all of a text by standing in it four times or more."""
    del form
    read = folded(text)
    bare = _BETWEEN.sub("", read)
    if len(bare) < _SHORTEST:
        return None
    again = _AGAIN.search(bare)
    if again is not None and _fills(again, bare):
        return Finding(0, len(text), 0.9)
    return _said_again(text, read, len(bare))


def _fills(again: re.Match[str], bare: str) -> bool:
    length = again.end() - again.start()
    least = _ONE_SIGN if len(set(again.group(1))) == 1 else _SHORTEST
    return length >= least and length >= _SHARE * len(bare)


def _said_again(text: str, read: str, letters: int) -> Finding | None:
    """The same sentences, in whatever order."""
    counts: dict[str, int] = {}
    for sentence in _SENTENCE.findall(read):
        bare = _BETWEEN.sub("", sentence)
        if len(bare) >= _SAYING:
            counts[bare] = counts.get(bare, 0) + 1
    repeated = sum(len(said) * count for said, count in counts.items() if count >= _TIMES)
    if repeated >= 2 * _SHORTEST and repeated >= _SHARE * letters:
        return Finding(0, len(text), 0.9)
    return None


def filler(text: str, form: Normal) -> Finding | None:
    """A poem, a count, or words that say themselves that they fill."""
    announced = _ANNOUNCED.search(form.text)
    if announced is not None and _FILLS_NOT.search(form.text) is None:
        return Finding(*form.span(*announced.span()), 0.85)
    bare = _BETWEEN.sub("", form.text)
    recited: list[str] = _POEM.find_matches_as_strings(bare)
    said = sum(map(len, recited))
    if len(recited) >= 3 or (said >= 5 and said >= _POEM_SHARE * len(bare)):
        return Finding(0, len(text), 0.9)
    counted = _COUNTED.search(bare)
    if counted is not None:
        return Finding(0, len(text), 0.9)
    return None
