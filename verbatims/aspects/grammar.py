"""The small words that turn, limit or undo what is said, in both languages.

A taxonomy is a company's own; grammar is not, so it stands here.
"""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """What a small word does to the clause that it stands in."""

    CANNOT = "cannot"  # turns only what was expected: 无法 登录
    NOT = "not"  # turns the judgement that follows closely
    NOT_HERE = "not here"  # turns only what it touches: 无 异味
    NOT_FAR = "not, at a distance"  # 不是 很 干净, 没有 想象中 那么 好
    NONE_OF_IT = "none of it"  # a negator that needs no judgement: 没有 服务
    TURN = "turn"  # begins a clause that stands against its neighbour
    LINK = "link"  # begins a clause, no more
    WISH = "wish"  # asks for what follows: 希望 快 一点
    HOPE = "hope"  # a wish only where it is for more: 希望 更 快; else a hope
    WISHED = "wished"  # asks for what stands before it, too: 再 快 点 就好了
    IF = "if"
    ASKED = "asked"
    RHETORICAL = "rhetorical"
    ONCE = "once"  # it was so, and is no more
    THAN = "than"
    AGAIN = "again"
    UNDONE = "undone"  # turns the judgement before it: 干净 个屁
    MOCKING = "mocking"
    PLAIN = "plain"  # only looks like a small word: 特别, not only
    LIKE = "like"  # keeps a wish from asking for change: 希望 继续


_ZH = {
    Part.NOT: "不 不够 不太 不怎么 不大 不会 没 没那么 甚少 不如 从不 从未 绝不 毫不 不见得",
    Part.NOT_HERE: "未 非 无",
    Part.NOT_FAR: (
        "不是 并不 并非 并不是 不算 谈不上 算不上 称不上 说不上 没觉得 不觉得 没感觉 没有一 "
        "没有哪 没一 没有任何 没有什么 没什么 毫无 不能说 不是说 没想象 没有想象 没有那么 "
        "没有传说 没有说的 没出过 没有出现 没有发现 没发现 没有遇到 从没 从来没 从来不 "
        "一点都不 一点也不 一点不"
    ),
    Part.NONE_OF_IT: "没有",
    Part.CANNOT: "不能 无法 不可以 没法 不给 拒绝 不让 不肯 不予",
    Part.TURN: (
        "但是 但 可是 可惜 不过 然而 只是 就是 除了 虽然 虽说 虽 尽管 即使 架不住 相反 唯独 "
        "美中不足 缺点是 优点是 只不过 胜在 而不是 可 可架不住"
    ),
    Part.LINK: (
        "然后 结果 而且 并且 所以 因为 后来 另外 还有 同时 以及 加上 再加上 最后 甚至 因此 "
        "于是 其次 首先 总之 总的来说 比如 而"
    ),
    Part.HOPE: "希望 盼 但愿",
    Part.WISH: (
        "建议 要是能 如果能 能不能 能否 可不可以 可否 什么时候能 什么时候才能 早点能 请改进 "
        "要是再 如果再"
    ),
    Part.WISHED: (
        "就好了 就更好了 更好了 更完美 有待 需要改进 需要加强 望改进 可以改进 改进一下 "
        "有待加强 还需加强 望加强 有待提高 需要提高 点行么 点行吗 点好吗 一点行吗"
    ),
    Part.IF: "以为 本以为 还以为 担心 如果 要是 假如 若 若是 万一 倘若 的话 只要",
    Part.ASKED: "请问 是否 吗 怎么样 想问 想咨询 好不好 会不会 多久能",
    Part.RHETORICAL: (
        "哪里 哪儿 哪有 难道 也叫 也能叫 这叫 还叫 好意思 怎么可能 凭什么 何来 谈何 还敢 "
        "居然还 有什么资格 算什么"
    ),
    Part.ONCE: "以前 之前 原来 原先 从前 曾经 当初 旧版 上一代 老版 早些年 刚开始",
    Part.THAN: "比 相比 比起 胜过",
    Part.AGAIN: "再 又 还是 依然 仍然 总是 老是 每次",
    Part.UNDONE: "个屁 个鬼 才怪 不到哪 个毛线 个锤子 不起来",
    Part.MOCKING: "呵呵哒 真行 可真行 也是没谁 给跪 真会做生意 可真是",
    Part.PLAIN: (
        "是不是 不到 没几天 没几 没多久 没过多久 没用多久 没用几天 怪不得 恨不得 巴不得 没穿过 "
        "没遇见过 没见到过 不应该 不应当 看不到 想不到 买不到 吃不到 听不到 用不到 找不到 "
        "达不到 看不清 舍不得 来不及 受不了 吃不了 少不了 免不了 说不清 搞不懂 弄不清 看不懂 "
        "等不及 没吃过 没见过 没喝过 没用过 没遇到过 没买过 没有吃到 没吃到 没有见过 没有吃过 "
        "这不是 不就是 这不就 可不是 特别 分别 区别 级别 别人 别的 别家 别处 个别 性别 告别 "
        "无比 无线 无糖 无论 无所谓 未来 非常 非要 非得 除非 不但 不仅 不光 不管 不论 不断 "
        "不停 不得不 不好意思 差不多 不一会 不久 不愿 不知道 不知 不清楚 不再 不同 不然 不得了 "
        "不愧 不少 不止 不禁 忍不住 对不起 了不起 不敢相信 没想到 没事 没关系 没错 没怎么 可能 "
        "可是说 可口 可爱 可靠 可见 可惜了 说不定 不妨 不由 不要 不用 不必 不光是 一不小心 "
        "动不动 不时 就是说 就是这 结果是 要不是 要不 不要紧 不得已 不得以 主要是 重要是 "
        "只要是 需要是 无力 无数 史无前例 对不住 不可思议 不愧是"
    ),
    Part.LIKE: "继续 保持 一直 越来越好 大家 购买 入手 再接再厉 生意兴隆 一如既往 越办越好",
}

_EN = {
    Part.NOT: (
        "not|no|never|n't|couldn't|couldnt|don't|dont|doesn't|doesnt|didn't|didnt|isn't|isnt|"
        "wasn't|wasnt|aren't|arent|weren't|werent|won't|wont|wouldn't|wouldnt|hasn't|hasnt|"
        "haven't|havent|hadn't|shouldn't|ain't|without|hardly|barely|scarcely|nothing|none|"
        "neither|nor|nobody|no one|far from|not exactly|not really|not very|fails to|failed to|"
        "lack of|zero|still haven't|still hasn't|less"
    ),
    Part.NOT_FAR: (
        "not a single|don't think|didn't think|do not think|wouldn't say|wouldn't call|"
        "would not call|not that|cannot say|can't say|can't call|never had|never seen"
    ),
    Part.CANNOT: "cannot|cant|can't|unable to|refused to|refuses to|not able to|won't let",
    Part.NONE_OF_IT: "there was no|there is no|there's no|lack",
    Part.TURN: (
        "but|however|although|though|yet|except|despite|while|whereas|nevertheless|even though|"
        "on the other hand|other than|apart from|unfortunately|instead|only downside|"
        "only complaint"
    ),
    Part.LINK: (
        "because|then|so|when|also|plus|which|and the|and it|and they|and we|and i|and my|"
        "and our|and was|and then|and when|after|before|since|until|and yet|even"
    ),
    Part.WISH: (
        "wish|would have been nice|would be nice|would be great|would be better|would be good|"
        "please|would love|could use|if only|would prefer|suggest|consider|could you|"
        "can you please|can we have|bring back"
    ),
    Part.WISHED: "could be better|could be|should be|needs to|need to be",
    Part.IF: "if|unless|in case|whether",
    Part.HOPE: "hope|hoping",
    Part.ASKED: (
        "can i|do you|does it|is there|are there|could i|may i|how do i|what is|what's|"
        "when will|is it possible|how much|how long"
    ),
    Part.RHETORICAL: (
        "that hard to|so hard to|is it too much to ask|how is this|how is that|you call this|"
        "call that|since when|in their right mind|why on earth|how hard is it|why does|why do"
    ),
    Part.ONCE: (
        "used to be|used to|the old|old model|old version|once was|was once|previously|back then"
    ),
    Part.THAN: "than|compared to|compared with",
    Part.AGAIN: "again|still|always|every time",
    Part.UNDONE: "my foot|my ass",
    Part.MOCKING: (
        "oh sure|yeah right|we love that|thanks for nothing|so much for|way to go|slow clap|bravo|"
        "if you enjoy being|if you enjoy waiting|if you like being|"
        "if you like waiting|if you love being|if you love waiting"
    ),
    Part.PLAIN: (
        "not only|no wonder|no matter|no doubt|can't wait|nothing but|not to mention|why not|"
        "no longer|no one else|not sure|no idea|don't know|couldn't be|can't go wrong|no need|"
        "don't hesitate|so far|so much|so many|so good|please note|even better"
    ),
    Part.LIKE: "keep it up|keep up|continue|stay|come back|you like|to go back|friends",
}


def small_words() -> dict[str, Part]:
    """Every small word, and what it does."""
    words = {word: part for part, line in _ZH.items() for word in line.split()}
    return words | {word: part for part, line in _EN.items() for word in line.split("|")}
