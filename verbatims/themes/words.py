"""The words of a text that may name a theme, in Chinese and English."""

from __future__ import annotations

import re
from itertools import pairwise

import rjieba

from verbatims.normal import normal

_ENGLISH = re.compile(r"[a-z]+(?:['-][a-z]+)*|[^\sa-z]+")
_WORDED = re.compile(r"[^\W\d_]")
_LONGEST = 30

_SAY_NOTHING_CHINESE = frozenset(
    re.findall(
        r"\S+",
        """
        的 了 是 我 也 很 都 就 不 还 在 有 这 那 和 啊 吧 呢 吗 给 说 要 会 到 没 没有 一个
        你 他 她 它 我们 你们 他们 太 真 好 又 可以 但 但是 还是 不过 就是 这个 那个 什么 一
        再 去 来 上 下 被 把 让 对 与 而 非常 感觉 比较 有点 有些 不错 挺 才 得 地 着 点 人
        个 次 啦 哦 呀 多 少 怎么 为什么 更 最 已经 还有 里 从 比 以后 下次 一次 第一次 觉得
        竟然 居然 完全 真的 那么 这么 一直 几 两 两个 一下 一点 赞 谢谢 好评 差评 差 棒 好好
        一般 喜欢 满意 不好 不是 不会 不能 不行 知道 如果 因为 所以 而且 然后 虽然 或者 只是
        只有 只能 能 想 用 买 做 看 过 之 于 以 及 等 嗯 哈 哈哈 哈哈哈 呵呵 嘿嘿 呃 唉 哎 嘛
        么 自己 大家 别人 每次 今天 昨天 现在 时候 之前 之后 后来 特别 相当 十分 极 超 超级
        实在 确实 简直 其他 其它 任何 东西 事 事情 样 这样 那样 一样 样子 起来 出来 下来 希望
        请 应该 可能 必须 需要 继续 支持 加油 垃圾 无语 总体 整体 目前 暂时 家 天 件 块 元 分
        年 月 日 号 位 份 该 此 每 各 某 将 向 往 跟 同 为 由 并 却 则 即 若 连 只 仅 刚 刚刚
        马上 越来越 依然 仍然 终于 说实话 老实说 老顾客 推荐 失望
        """,
    )
)
_SAY_NOTHING_ENGLISH = frozenset(
    re.findall(
        r"\S+",
        """
        good great nice love loves loved like likes liked best better worst bad terrible
        awful amazing awesome excellent perfect thank thanks thx please pls just really very
        much lot lots i'm i've i'll it's don't didn't doesn't can't won't isn't wasn't
        couldn't that's you're they're there's what's let's get got getting did does do done
        know think want make made going way thing things time times day days today use used
        using yes no not never ever always still also even well one two ok okay lol hi hey
        guys amp rt u ur im dont
        """,
    )
)


def features_of(text: str, language: str) -> list[str]:
    """Words in their order without those that any text may have, and each two neighbours joined."""
    words = _chinese(text) if language == "zh" else _english(text)
    telling = [word if _tells(word, language) else None for word in words]
    joint = "" if language == "zh" else " "
    pairs = [
        f"{one}{joint}{other}" for one, other in pairwise(telling) if one and other and one != other
    ]
    return [word for word in telling if word] + pairs


def _tells(word: str, language: str) -> bool:
    if len(word) > _LONGEST or not _WORDED.search(word):
        return False
    if word.isascii() and len(set(word)) == 1:  # what others mask with: XXXX charged XX/XX
        return False
    if language == "zh":
        return word not in _SAY_NOTHING_CHINESE
    return len(word) > 1 and word not in _SAY_NOTHING_ENGLISH and word not in _stop_words()


def _chinese(text: str) -> list[str]:
    cut: list[str] = rjieba.cut(normal(text, "zh").text, True)
    return cut


def _english(text: str) -> list[str]:
    return _ENGLISH.findall(normal(text.replace("’", "'"), "en").text)


def _stop_words() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    found: frozenset[str] = ENGLISH_STOP_WORDS
    return found
