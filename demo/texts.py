"""What people write: comments, complaints and reviews in Chinese and English, put together by rule.

All of it is invented. `{slots}` are filled from SLOTS with the caller's random stream, so the same
seed says the same things.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

_SLOTS_ZH: Mapping[str, tuple[str, ...]] = {
    "drink": (
        "茉莉雪芽",
        "云雾龙井奶盖",
        "桂花乌龙",
        "杨枝甘露",
        "黑糖珍珠鲜奶",
        "白桃乌龙",
        "芋泥啵啵",
        "柠檬茶",
        "青提冰茶",
        "凤凰单丛",
        "栀子绿茶",
        "生椰抹茶",
    ),
    "minutes": ("二十分钟", "半个小时", "四十分钟", "四十五分钟", "快一个小时", "一个多小时"),
    "cups": ("两杯", "三杯", "四杯", "六杯"),
    "staff": ("店员", "小哥", "收银的小姑娘", "店长", "戴眼镜的小伙子", "新来的店员"),
    "sugar": ("三分糖", "五分糖", "无糖", "少糖"),
    "time": ("周六下午", "下班路上", "中午", "晚上八点多", "周五晚上", "上班前", "昨天傍晚"),
    "price": ("十八块", "二十二块", "二十六块", "三十多块"),
    "thing": ("一根头发", "一小块塑料片", "一只小飞虫", "一截吸管膜", "黑色的硬渣"),
    "days": ("三天", "五天", "一个星期", "十来天", "半个月"),
}
_SLOTS_EN: Mapping[str, tuple[str, ...]] = {
    "drink": (
        "jasmine snow bud",
        "longjing cheese foam",
        "osmanthus oolong",
        "mango pomelo sago",
        "brown sugar boba",
        "white peach oolong",
        "taro milk",
        "lemon tea",
        "coconut matcha",
    ),
    "minutes": ("20 minutes", "half an hour", "40 minutes", "almost an hour", "over an hour"),
    "cups": ("two drinks", "three drinks", "four drinks", "six drinks"),
    "staff": ("the barista", "the cashier", "the manager", "the new guy", "the girl at the till"),
    "sugar": ("30% sugar", "half sugar", "no sugar", "less sugar"),
    "time": (
        "Saturday afternoon",
        "on my way home",
        "at lunch",
        "last Friday night",
        "before work",
    ),
    "price": ("$6", "$7.50", "eight bucks", "almost $9"),
    "thing": ("a hair", "a bit of plastic", "a small fly", "some gritty black stuff"),
    "days": ("three days", "five days", "a week", "ten days", "two weeks"),
}

_PRAISE_ZH: Mapping[str, tuple[str, ...]] = {
    "taste": (
        "{drink}还是那么好喝，茶味很正，不腻。",
        "茶底清爽，{sugar}刚刚好。",
        "奶盖绵密，配{drink}绝了。",
        "喝得出来是真茶叶，回甘很久。",
        "{drink}是我今年夏天的最爱，已经安利给同事了。",
        "水果新鲜，料给得很足。",
        "味道稳定，每家店喝起来都一样。",
    ),
    "speed": (
        "出杯很快，{time}人多也没等多久。",
        "提前在小程序下单，到店就能拿走。",
        "叫号清楚，不用一直盯着。",
        "排队的人虽多，但队伍走得快。",
        "五分钟就好了，效率高。",
    ),
    "staff": (
        "{staff}很热情，还提醒我活动。",
        "服务态度很好，做错了一杯马上重做。",
        "{staff}记得我的口味，暖心。",
        "打包的时候特意帮我分了冷热，细心。",
        "店员解释得很耐心。",
    ),
    "clean": (
        "店里干净，台面擦得很亮。",
        "环境舒服，适合坐下来聊天。",
        "看得到后厨，放心。",
        "座位多，空调足。",
    ),
    "price": (
        "这个价位能喝到这样的茶，值。",
        "会员日半价很划算。",
        "积分换了一杯{drink}，开心。",
        "分量足，不贵。",
    ),
    "delivery": (
        "送得很快，冰都没化。",
        "包装严实，一滴没洒。",
        "骑手很客气，还发消息说放在前台。",
        "比预计早到了十分钟。",
        "保温袋很好，热饮送到还是烫的。",
    ),
    "app": ("小程序点单很顺手。", "App 改版后好用多了，下单三步搞定。", "优惠券自动用上了，省心。"),
}
_BLAME_ZH: Mapping[str, tuple[str, ...]] = {
    "taste": (
        "{drink}甜得发腻，点的明明是{sugar}。",
        "茶味淡得像水，冰倒是放了大半杯。",
        "奶盖化了，喝起来一股水味。",
        "珍珠是硬的，咬不动。",
        "这次的{drink}发苦，跟上次完全两个味道。",
        "芋泥有股馊味，喝了一口就扔了。",
    ),
    "speed": (
        "{time}等了{minutes}，前面其实没几个人。",
        "叫号乱，后面来的先拿到。",
        "线上下单说十分钟，到店又等了{minutes}。",
        "出餐太慢，店里只有一个人在做。",
        "排队排了{minutes}，最后说{drink}卖完了。",
    ),
    "staff": (
        "{staff}全程黑脸，问两句就不耐烦。",
        "做错了还说是我点错的。",
        "{staff}一直在玩手机，叫了三声才理我。",
        "态度敷衍，想换一杯说要找店长。",
        "说话很冲，不会再来这家。",
    ),
    "clean": (
        "桌子黏糊糊的，垃圾桶满了没人收。",
        "地上都是水，差点滑倒。",
        "洗手间太脏了。",
        "吧台有小飞虫，看着不放心。",
    ),
    "price": (
        "又涨价了，{price}一杯有点喝不起。",
        "券的门槛太高，基本用不上。",
        "小杯取消了，变相涨价。",
        "跟菜单上的价格不一样，多收了两块。",
    ),
    "delivery": (
        "外卖送了{minutes}，到的时候冰全化了。",
        "{cups}洒了一杯，袋子全湿了。",
        "显示已送达，其实根本没收到。",
        "骑手打不通电话，客服让我再等等，又是{minutes}。",
        "送错了，点的是{drink}，来的是别的。",
        "预计送达时间改了三次，最后等了{minutes}。",
        "少送一杯，平台和门店互相推。",
    ),
    "app": (
        "App 一到付款就闪退。",
        "优惠券显示可用，结账时又没了。",
        "登录要反复验证码，{days}都收不到短信。",
        "积分莫名其妙清零了。",
    ),
    "refund": (
        "退款说三个工作日，等了{days}还没到账。",
        "申请退款没人处理，客服只会发模板。",
        "订单取消了钱没退，打了两次电话都说在核实。",
    ),
}
_PRAISE_EN: Mapping[str, tuple[str, ...]] = {
    "taste": (
        "The {drink} is spot on, real tea flavour and not too sweet.",
        "Best {drink} in town.",
        "{sugar} actually tastes like {sugar} here.",
        "Fresh fruit, chewy boba, what else do you want.",
        "Consistent every single time.",
    ),
    "speed": (
        "In and out in five minutes.",
        "Ordered ahead, it was waiting for me.",
        "Line moves fast.",
        "Quick service.",
    ),
    "staff": (
        "{staff} was super friendly and remembered my order.",
        "They remade my drink without any fuss.",
        "Lovely staff, always smiling.",
    ),
    "clean": ("Spotless store.", "Cosy place to sit and work.", "Clean tables, nice music."),
    "price": (
        "Worth every cent.",
        "Member day half price is a great deal.",
        "Fair price for the size.",
    ),
    "delivery": (
        "Arrived early and still ice cold.",
        "Packed so well, not a drop spilled.",
        "Driver was polite and quick.",
    ),
    "app": ("Ordering in the app is painless.", "Love the new app, reorder takes two taps."),
}
_BLAME_EN: Mapping[str, tuple[str, ...]] = {
    "taste": (
        "Asked for {sugar}, got pure syrup.",
        "The {drink} tasted watered down, half a cup of ice.",
        "Boba was rock hard.",
        "My {drink} was sour, I threw it away.",
    ),
    "speed": (
        "Waited {minutes} {time} with three people in front of me.",
        "App said 10 minutes, it took {minutes}.",
        "One person working the whole bar, {minutes} for a tea.",
    ),
    "staff": (
        "{staff} was rude and rolled their eyes.",
        "They got it wrong and blamed me.",
        "{staff} was on the phone and ignored us.",
    ),
    "clean": (
        "Sticky tables, overflowing bins.",
        "The restroom was disgusting.",
        "Flies around the bar.",
    ),
    "price": (
        "{price} for a small tea now, really?",
        "Prices went up again.",
        "Charged more than the menu says.",
    ),
    "delivery": (
        "Delivery took {minutes}, all the ice had melted.",
        "{cups}, one of them spilled all over the bag.",
        "Marked as delivered, never got it.",
        "Wrong drink delivered and nobody answers.",
    ),
    "app": (
        "App crashes at checkout every time.",
        "Coupon shows as valid and then vanishes.",
        "Can't log in for {days}.",
    ),
    "refund": (
        "Still waiting for my refund after {days}.",
        "Cancelled the order, money not returned.",
    ),
}
_SHRUG_ZH = (
    "还行吧，中规中矩。",
    "一般，没有特别惊喜。",
    "可以，就是人有点多。",
    "味道还可以，价格再低点就好了。",
    "偶尔喝喝。",
    "离家近才来的。",
    "这次正常发挥。",
)
_SHRUG_EN = (
    "It's okay.",
    "Decent, nothing special.",
    "Fine, a bit pricey.",
    "Good but crowded.",
    "Average this time.",
    "Convenient location, that's about it.",
)
_OPENERS_ZH = (
    "",
    "",
    "",
    "老顾客了，",
    "第一次来，",
    "说实话，",
    "{time}去的，",
    "带朋友一起来的，",
)
_OPENERS_EN = ("", "", "", "Regular here. ", "First visit. ", "Honest opinion: ", "Came {time}. ")
_CLOSERS_GOOD_ZH = ("", "", "", "会再来。", "推荐！", "加油👍", "下次还点。")
_CLOSERS_BAD_ZH = ("", "", "", "希望改进。", "不会再来了。", "太失望了😡", "请给个说法。")
_CLOSERS_GOOD_EN = ("", "", "", " Will be back.", " Recommended!", " 👍")
_CLOSERS_BAD_EN = ("", "", "", " Please fix this.", " Not coming back.", " Very disappointed.")

_SLOT = re.compile(r"\{(\w+)\}")
_SENTENCE = re.compile(r"(?:^|[.!?:] )[a-z]")


def fill(rng: random.Random, template: str, language: str) -> str:
    """`template` with every slot filled in `language` ('zh' or 'en'), capitalised in English."""
    slots = _SLOTS_ZH if language == "zh" else _SLOTS_EN
    text = _SLOT.sub(lambda match: rng.choice(slots[match[1]]), template)
    return text if language == "zh" else _SENTENCE.sub(lambda match: match[0].upper(), text)


def comment(rng: random.Random, language: str, score: int, topics: Mapping[str, float]) -> str:
    """One or two sentences that fit a 0-10 score; `topics` weigh what is talked about."""
    zh = language == "zh"
    if score in (7, 8) and rng.random() < 0.5:
        return rng.choice(_SHRUG_ZH if zh else _SHRUG_EN)
    good = score >= 7
    bank = (_PRAISE_ZH if zh else _PRAISE_EN) if good else (_BLAME_ZH if zh else _BLAME_EN)
    known = {topic: weight for topic, weight in topics.items() if topic in bank}
    number = 2 if rng.random() < 0.3 else 1
    chosen = dict.fromkeys(rng.choices(tuple(known), tuple(known.values()), k=number))
    between = "\n" if rng.random() < 0.05 else "" if zh else " "
    body = between.join(rng.choice(bank[topic]) for topic in chosen)
    opener = rng.choice(_OPENERS_ZH if zh else _OPENERS_EN)
    if zh:
        closer = rng.choice(_CLOSERS_GOOD_ZH if good else _CLOSERS_BAD_ZH)
    else:
        closer = rng.choice(_CLOSERS_GOOD_EN if good else _CLOSERS_BAD_EN)
    return fill(rng, opener + body + closer, language)


ISSUES = (
    "食品异物",
    "口味不符",
    "出餐慢",
    "配送延迟",
    "配送洒漏",
    "服务态度",
    "退款未到账",
    "优惠券失效",
    "会员积分",
    "价格争议",
    "App 故障",
    "门店卫生",
)
"""Complaint issues as the company's case system names them."""

_CASES_ZH: Mapping[str, tuple[str, ...]] = {
    "食品异物": (
        "在{drink}里喝到{thing}，恶心了一下午，要求说明原因并退款。",
        "{time}买的{drink}，喝到一半发现{thing}，已拍照留存。",
        "孩子喝{drink}时吃出{thing}，门店只说换一杯，不接受，要求赔偿。",
        "{cups}里有一杯漂着{thing}，店里说可能是原料带的，请给检验报告。",
    ),
    "口味不符": (
        "点的{sugar}，送来甜得没法喝，门店不肯重做。",
        "{drink}明显变质，有酸味，希望核实原料保质期。",
        "加料没加，价格照收，要求退差价。",
    ),
    "出餐慢": (
        "小程序显示制作中，到店等了{minutes}仍未出餐，耽误上班。",
        "{time}等了{minutes}，叫号跳过我，店员说系统问题。",
    ),
    "配送延迟": (
        "外卖超时{minutes}，饮品全化，平台让找门店，门店让找平台。",
        "订单预计送达时间一改再改，最后等了{minutes}，要求退款。",
        "超时{minutes}才到，骑手直接放在路边，没有电话。",
    ),
    "配送洒漏": (
        "{cups}洒了一半，袋子湿透，照片已上传，商家拒绝补送。",
        "封口没压紧，送到时{drink}洒了一地。",
    ),
    "服务态度": (
        "{staff}当众说我事多，要求道歉。",
        "询问过敏成分，{staff}不耐烦，说自己看菜单。",
        "做错饮品反说顾客点错，态度恶劣，希望培训员工。",
    ),
    "退款未到账": (
        "退款申请已通过{days}，钱一直没到账。",
        "订单取消后客服承诺三个工作日退款，已过{days}，无人回复。",
        "重复扣款一笔，提交凭证{days}没有结果。",
    ),
    "优惠券失效": (
        "会员日领的券无法核销，提示已使用，但我没有用过。",
        "充值送的券过期了没有任何提醒，要求补发。",
    ),
    "会员积分": (
        "积分被清零，客服说是活动规则，但规则里没有写。",
        "升级到金卡后权益没有到账，等了{days}。",
    ),
    "价格争议": ("菜单价和结账价不一致，多收两元。", "外卖比门店贵，没有任何说明。"),
    "App 故障": (
        "App 付款后闪退，钱扣了没有订单。",
        "更新后登录不上，验证码{days}收不到。",
    ),
    "门店卫生": (
        "吧台有蟑螂，已录视频，请监管部门介入。",
        "员工不戴口罩手套直接抓水果。",
    ),
}
_CASES_EN: Mapping[str, tuple[str, ...]] = {
    "食品异物": ("Found {thing} in my {drink}. I want an explanation and a refund.",),
    "口味不符": ("The {drink} was clearly off, and they refused to remake it.",),
    "出餐慢": ("Order ahead said 10 minutes, I stood there for {minutes}.",),
    "配送延迟": ("Delivery was {minutes} late and everything had melted.",),
    "配送洒漏": ("{cups} arrived, half of it in the bag. Photos attached.",),
    "服务态度": ("{staff} was rude to my mother. We expect an apology.",),
    "退款未到账": ("Refund was approved {days} ago and still nothing on my card.",),
    "优惠券失效": ("The birthday coupon says used. I never used it.",),
    "会员积分": ("My points went to zero overnight.",),
    "价格争议": ("I was charged more than the menu price.",),
    "App 故障": ("App took my money, then crashed; there is no order.",),
    "门店卫生": ("Roaches near the bar. I have a video.",),
}
APPEALS = {
    "zh": ("退款", "赔偿", "道歉", "解释原因", "改善服务", "补发优惠券"),
    "en": ("refund", "compensation", "apology", "explanation"),
}


def case_text(rng: random.Random, issue: str, language: str) -> str:
    """What a complainant writes about `issue` (one of ISSUES)."""
    bank = _CASES_ZH if language == "zh" else _CASES_EN
    text = rng.choice(bank[issue])
    if rng.random() < 0.25:
        text += rng.choice(
            ("之前也反映过一次。", "附件有照片。", "请尽快回复。", "已经等了很久。")
            if language == "zh"
            else (" This is the second time.", " See photo.", " Please reply soon.")
        )
    return fill(rng, text, language)


_REVIEWS: Mapping[str, Mapping[str, tuple[tuple[str, str], ...]]] = {
    "cn": {
        "good": (
            ("很好用", "点单快，取餐不用排队。"),
            ("界面清爽", "改版之后找{drink}方便多了。"),
            ("会员日真香", "券会自动用上，攒积分换了两杯。"),
            ("推荐", "比小程序流畅，常用地址一键下单。"),
            ("每天一杯", "{drink}加购物车，三步搞定。"),
            ("不错", "提前点单到店就拿，省了{minutes}排队。"),
            ("客服靠谱", "洒了一杯，在 App 里传照片当天就退了。"),
            ("五星", "推送不烦人，夜间模式也好看。"),
        ),
        "fair": (
            ("还可以", "功能够用，就是启动广告有点多。"),
            ("一般般", "有时候定位不准，选到隔壁店。"),
            ("凑合", "取餐码字太小，{time}光线差看不清。"),
            ("中评", "希望能保存{sugar}的默认设置。"),
        ),
        "bad": (
            ("闪退", "一到付款就闪退，重装也没用。"),
            ("登录不上", "验证码收不到，{days}了还是不行。"),
            ("券没了", "下单页显示能用，付款时券就不见了。"),
            ("退款太慢", "取消订单{days}了，钱没退。"),
            ("外卖超时", "{minutes}还没送到，客服机器人只会复读。"),
            ("别更新", "新版本白屏，老订单也看不到了。"),
            ("积分清零", "攒了一年的积分一夜清零，没有通知。"),
            ("客服找不到", "转人工要等{minutes}。"),
        ),
    },
    "us": {
        "good": (
            ("Love it", "Order ahead works great, my {drink} is always ready."),
            ("So easy", "Reordering takes two taps."),
            ("Great rewards", "Free {drink} every month."),
            ("Smooth", "Finally an app that remembers {sugar}."),
            ("5 stars", "Skipped the line {time}."),
        ),
        "fair": (
            ("Okay", "Works, but picks the wrong store sometimes."),
            ("Meh", "Too many pop-ups."),
            ("Fine", "Wish I could save my usual."),
        ),
        "bad": (
            ("Crashes", "Crashes at checkout since the last update."),
            ("Charged twice", "Charged {price} twice and no refund after {days}."),
            ("Login loop", "Code never arrives. Tried for {days}."),
            ("Late delivery", "Took {minutes} and support is a bot."),
        ),
    },
}


def app_review(rng: random.Random, country: str, rating: int) -> tuple[str, str]:
    """Title and body of an app store review; `country` is cn or us, `rating` 1-5."""
    mood = "good" if rating >= 4 else "fair" if rating == 3 else "bad"
    title, body = rng.choice(_REVIEWS[country][mood])
    language = "zh" if country == "cn" else "en"
    if rng.random() < 0.35:
        other = rng.choice(_REVIEWS[country][mood])[1]
        if other != body:
            body = f"{body}{'' if language == 'zh' else ' '}{other}"
    return title, fill(rng, body, language)
