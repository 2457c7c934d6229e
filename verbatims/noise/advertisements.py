"""Advertisements: a contact or a link with a call to use it, or a trade that lives on such calls.

One alone is none: customers tell phone numbers, links and WeChat in their complaints.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from lake.privacy import KINDS
from verbatims.noise.finding import Finding
from verbatims.normal import Normal, folded

_MASK = rf"\[(?:{'|'.join((*KINDS, 'personal'))})\]"
_REACHED = re.compile(
    rf"{_MASK}|https?:/{{0,2}}[!-~]+|\bwww\.[!-~]+|\b[a-z0-9-]+\.(?:com|cn|net|shop|xyz|top|vip|"
    r"ly|me)\b[!-~]*|"
    r"(?<![a-z])(?:微信|薇信|威信|徽信|维信|[薇威徽]|卫星|wx|vx|wechat|weixin|v信|v❤|v心|"
    "qq群?|q群|扣扣|企鹅号?)(?:号|群)?[ :：是为]{0,3}[a-z0-9_*-]{5,20}(?![a-z])|"
    r"(?<![a-z])q[ :：]{0,2}\d{5,11}|"
    r"(?:加|＋|\+|➕)(?:我)?(?:微信|薇信|威信|薇|微|威|v信?|vx|wx|qq|扣扣|q)(?![a-z])|"
    r"(?:扣|q|qq)群|二维码|淘口令|公众号|视频号|"
    r"\bwhats ?app\b|\btelegram\b|\bline id\b|\bkik\b|\bt\.me\b|\bin (?:my |the )bio\b|"
    r"\bmy (?:channel|page|store|shop|profile|website|site|link)\b"
)
_CALLS = re.compile(
    "加我|私我|滴滴我|私信我|联系我|找我(?:拿|买|领|咨询|要)|私聊我|戳我|扣我|(?:需要|想要|"
    "想做|感兴趣|有兴趣|想赚|有意|有需求)"
    "(?:的|者)?(?:朋友|亲|宝妈|姐妹|兄弟|家人|老板|同学|伙伴)?(?:们)?(?:的)?(?:请|都|可以|"
    "可)?[,，、 ]?"
    "(?:加|联系|私|来|扫|进|找|点|滴|戳|咨询|致电|拨打)|欢迎(?:加|咨询|联系|来电|私信|扫码|"
    "关注|进群|致电|合作)|"
    r"(?:加|＋|\+|➕)(?:我)?(?:薇|v信?|vx|wx)(?![a-z])|(?:加|联系|咨询|详询|详情|添加)(?:微信|"
    "薇信|威信|qq|扣扣|电话|v|客服)?"
    rf"[ :：]{{0,3}}{_MASK}|"
    "扫码(?:加|进|领|关注|下单)|(?:点击|戳|点开|打开|复制)(?:下方|此|这个?|我的|主页|"
    "本)?(?:链接|连接|口令|网址|淘宝|头像)|"
    r"进群(?:领|免费|福利|有|交流)|进(?:我)?主页|看我(?:主页|头像|简介)|关注(?:我|公众号|主页)领|"
    r"\b(?:contact|dm|text|call|message|inbox|whatsapp|add|reach)(?: out to)? (?:me|us) (?:on|"
    r"at|via|now|today|for|if you)\b|"
    rf"\b(?:contact|dm|inbox|whatsapp|e-?mail|add)(?: me| us)?(?: on| at| via|:)? ?{_MASK}|"
    r"\bdm (?:me|us)\b|"
    r"\b(?:click|tap|check out|visit|follow|subscribe to|go to|shop at|join)(?: on)? (?:the |"
    "this |my |our )+"
    r"(?:link|channel|page|store|shop|profile|web ?site|site|group|blog|bio|telegram|instagram)\b|"
    r"\b(?:use|with|enter) (?:my |our |the )?(?:promo |discount |coupon |referral |"
    r"invite )code\b|\bsubscribe to my\b|"
    r"\b(?:visit|shop (?:now )?at|order (?:now )?at|sign up at|join (?:now )?at|"
    "apply (?:now )?at|buy (?:now )?(?:at|from)|click(?: here)?|search)"
    r"[: ]+(?:https?:|www\.|[a-z0-9-]+\.(?:com|net|shop|top|xyz|vip))|\b(?:limited offer|"
    r"order now|act now|sign up now|apply now)\b"
)
_TRADES = re.compile(
    r"兼职|日结|日入|日赚|月入(?:过万|上万|\d)|躺赚|宝妈|副业|刷单(?!刷)|(?:诚|高薪)招|"
    "招(?:代理|兼职|加盟|聘)|一手货源|货源|"
    "高仿|复刻|a货|1:1|代开发票|办证|贷款|下款|套现|提现秒到|彩票|博彩|下注|棋牌|包过|代写|"
    "代刷|代购|代理加盟|"
    "涨粉|引流|出售(?:账号|会员)|低价(?:出|充值)|内部(?:券|价|渠道|优惠)|优惠券群|免费领|"
    "福利群|回收|"
    r"清仓|厂家直销|工厂直销|全场\d折|全国招商|专业(?:办理|代办|维修|疏通|治疗)|祖传|根治|包治|"
    "无效退款|减肥(?:产品|茶|咖啡)|"
    r"\bwork(?:ing)? from home\b|\b(?:earn|make|making|earning)(?: up to)? \$? ?\d+[\d,]*(?:k|"
    r"usd|dollars)?(?: \w+)?"
    r" ?(?:per|a|an|every|each|/) ?(?:day|week|month|hour)\b|\bpromo ?code\b|\bdiscount code\b|"
    r"\breferral code\b|\breplicas?\b|"
    r"\bbitcoin\b|\bcrypto\b|\bforex\b|\binvest(?:ing|ment)? (?:with|plat)|\bcasino\b|\bloan\b|"
    r"\bseo service|\bcheap(?:est)? (?:viagra|followers|watches)\b|"
    r"\bfree followers\b|\bpart[- ]time jobs?\b|\bbest prices? guaranteed\b|\b\d+% off\b|"
    r"\bfollow (?:4|for) follow\b|\bwholesale\b|\bspell ?caster\b|"
    r"\bget your (?:ex|money|funds|crypto) back\b|\bfunds recover|\brecover(?:y|ed)? (?:my |"
    "your |of )?(?:lost |stolen )?(?:funds|money|bitcoin|crypto)"
)
_TOLD = re.compile(
    "骗|投诉|举报|诈骗|曝光|(?:让|叫|要|喊|求|非|还|竟|就|想|说)(?:我|你)?(?:加|扫码|联系|"
    "私)(?:我|他|她)?|让我|叫我|要我|非让|非要|要求加|差评|假货|刷的|很烂|垃圾|客服(?:说|让|叫|"
    "要|加|给)|商家(?:说|让|叫|要|加|给|电话)|"
    "店家(?:说|让|叫|要|加)|卖家(?:说|让|叫|要|加|给)|对方|他们?(?:说|让|叫|加|给)|她说|"
    "给我(?:发|打)|"
    "打不通|没人接|不接|退款|退货|拉黑|维权|赔|被(?:加|拉|骗|坑|拖)|收到(?:短信|广告|电话)|"
    "骚扰|小卡片|垃圾(?:短信|广告)|不敢|"
    "小心|警惕|谨防|别(?:信|加|上当)|不要(?:信|加|上当)|请(?:客服|商家|卖家|平台|你们|贵|尽快|"
    "及时)|希望(?:客服|商家|平台|你们|能)|麻烦|"
    r"\bscam|\bspam|\bfraud|\brefund|\bnever\b|\bdid ?n[o']t\b|\bdo ?n[o']t\b|\bwo ?n[o']t\b|"
    r"\bca ?n[o']t\b|\bcould ?n[o']t\b|\bcannot\b|\bno ?one\b|\btold\b|\basked\b|\bplease\b|"
    r"\bhelp\b|\bthey\b|\bmy (?:flight|order|bag|bags|luggage|account|card|package|money|"
    r"claim)\b|\bpls\b|\bwaiting\b|\bfake\b|\bhacked\b|\?"
)


def advertisement(text: str, form: Normal) -> Finding | None:
    """A call with a contact or a trade; not where somebody tells of one, unless all three speak."""
    del form  # masks and links, which it has not, are what counts here
    read = folded(text)
    call = _CALLS.search(read)
    if call is None:
        return None
    contact = _REACHED.search(read)
    trade = _TRADES.search(read)
    if contact is None and trade is None:
        return None
    told = _TOLD.search(read) is not None
    if told and not (contact and trade and _early(read, trade.start())):
        return None
    parts = [part.span() for part in (call, contact, trade) if part is not None]
    start, end = min(part[0] for part in parts), max(part[1] for part in parts)
    return Finding(start, end, 0.9 if len(parts) == 3 else 0.8)


def _early(read: str, place: int) -> bool:
    """Whether the trade is what the text opens with: who tells of one has told who came, first."""
    told = [match.start() for match in _TOLD.finditer(read)]
    return bisect_right(told, place) == 0
