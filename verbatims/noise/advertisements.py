"""Advertisements: a call to readers, with a contact to use or a trade that lives on such calls.

One alone is none: customers tell phone numbers, links and WeChat in their complaints.
"""

from __future__ import annotations

import re

from lake.privacy import KINDS
from verbatims.noise.finding import Finding
from verbatims.noise.wording import either
from verbatims.normal import Normal, folded

_MASK = rf"\[(?:{'|'.join((*KINDS, 'personal'))})\]"
_CHAT = "(?:微信|薇信|威信|徽信|维信|[薇威徽]|卫星|wx|vx|wechat|weixin|v信|v)"
_PENGUIN = "(?:qq群?|q群|扣扣|企鹅号?)"
_ENDS = "com|cn|net|shop|xyz|top|vip|ly|me"
_REACHED = re.compile(
    either(
        rf"""
        {_MASK}
        https?:/{{0,2}}[!-~]+
        \bwww\.[!-~]+
        \b[a-z0-9-]+\.(?:{_ENDS})\b[!-~]*
        (?<![a-z])(?:{_CHAT}|{_PENGUIN})[号群]?[ :：是为]{{0,3}}[a-z0-9_*-]{{5,20}}(?![a-z])
        (?<![a-z])q[ :：]{{0,2}}\d{{5,11}}
        [加＋+➕]我?(?:{_CHAT}|微|qq|扣扣|q)(?![a-z])(?:号?[ :：]{{0,3}}{_MASK})?
        (?:扣|q|qq)群
        二维码|淘口令|公众号|视频号
        \bwhats ?app\b|\btelegram\b|\bline id\b|\bkik\b|\bin (?:my |the )bio\b
        \bmy (?:channel|page|store|shop|profile|website|site|link)\b
        """
    )
)
_WISH = (
    "(?:需要|想要|想做|想买[^，。]{0,4}|感兴趣|有兴趣|想赚[^，。]{0,4}|有意|有需求|想[^，。]{1,4})"
)
_FRIENDS = "(?:朋友|亲|宝妈|姐妹|兄弟|家人|老板|同学|伙伴)们?"
_COME = (
    "(?:加我?(?:微|薇|v|w|q|扣)|加我(?![一个的们几点])|联系|私信?我|扫码|滴滴|戳我|咨询"
    "|致电|拨打|来电|看我)"
)
_PLACES = (
    "(?:link|channel|page|store|shop|profile|web ?site|site|group|blog|bio|telegram|instagram)"
)
_TO_ALL = re.compile(
    either(
        rf"""
        {_WISH}(?:的{_FRIENDS}?|者|{_FRIENDS})(?:请|都|可以|可)?[,，、 ]?{_COME}
        欢迎(?:加|咨询|联系|来电|私信|进群|致电|合作)(?![的时后])
        扫码(?:加|进群)
        [进加]群(?:领|免费|福利|有|交流)
        进我?主页|看我(?:主页|头像|简介)|关注(?:我|主页)领
        \b(?:check out|visit|follow|subscribe to|go to|shop at|join) (?:my |our )+{_PLACES}\b
        \b(?:use|with|enter) (?:my |our |the )?(?:promo |discount |coupon |referral |invite )code\b
        \bsubscribe to my\b
        \b(?:visit|(?:shop|order|sign up|join|apply|buy) now (?:at|from)|click(?: here)?)[: ]+(?:https?:|www\.|[a-z0-9-]+\.(?:{_ENDS}))
        \bjoin (?:us )?(?:at |on |here:? )?(?:https?:|www\.|[a-z0-9-]+\.(?:{_ENDS})/)
        \b(?:limited offer|order now|act now|sign up now|apply now)\b
        \bcontact (?:him|her|them) (?:on|via)\b
        """  # noqa: E501
    )
)
"""Calls that are meant for every reader: an advertisement with a contact or with a trade."""
_TO_SOMEBODY = re.compile(
    either(
        rf"""
        (?:加|私|滴滴|私信|联系|私聊|戳|扣)我(?![一个的们几点了])
        找我(?:拿|买|领|咨询|要)
        (?:点击|戳|点开|打开|复制)(?:下方|此|这[个条]?|我的|主页|本)?(?:链接|连接|口令|网址|淘口令)
        \b(?:click|tap) (?:on )?(?:the |this |my )+link\b
        [加＋+➕]我?(?:{_CHAT}|薇|扣|q)(?![a-z])
        (?:日结|佣金|高薪|结算)[^。！!]{{0,6}}(?:{_CHAT}|{_PENGUIN})[号群]?[ :：]{{0,3}}(?:{_MASK}|\d{{5,11}})
        (?:加|联系|咨询|详询|详情|添加|来电|致电|电话)(?:微信|薇信|威信|qq|扣扣|电话|v|客服)?[ :：]{{0,3}}{_MASK}
        \b(?:contact|dm|text|call|message|inbox|whatsapp|add|reach)(?: out to)? (?:me|us) (?:on|at|via|now|today|for|if you)\b
        \b(?:contact|dm|inbox|whatsapp|e-?mail|add)(?: (?:me|us|him|her|them))?(?: on| at| via|:)? ?{_MASK}
        \bdm (?:me|us)\b
        """  # noqa: E501
    )
)
"""Calls that a customer may have for the shop: an advertisement with a trade alone."""
_TRADES = re.compile(
    either(
        r"""
        兼职|日结|日入|日赚|月入(?:过万|上万|\d)|躺赚|宝妈|副业|刷单(?!刷)|在家赚钱|赚钱项目|领取[^，。]{0,4}(?:券|红包|福利)
        (?:诚|高薪)招|招(?:代理|兼职|加盟|聘)|一手货源|货源|批发|货到付款
        高仿|复刻|a货|1:1|代开发票|办证|贷款|下款|套现|提现秒到|彩票|博彩|下注|棋牌|包过|代写|代刷|代购
        涨粉|引流|出售(?:账号|会员)|低价(?:出|充值)|内部(?:券|价|渠道|优惠)|优惠券群|平台优惠券|领券|免费领
        福利群|回收|清仓|厂家直销|工厂直销|全场\d折|全国招商|专业(?:办理|代办|维修|疏通|治疗)
        量大从优|同款低价|低价同款
        祖传|根治|包治|无效退款|减肥(?:产品|茶|咖啡)
        \bwork(?:ing)? from home\b
        \b(?:earn|make|making|earning)(?: up to)? \$? ?\d+[\d,]*(?:k|usd|dollars)?(?: \w+)? ?(?:per|a|an|every|each|/) ?(?:day|week|month|hour)\b
        \b(?:promo|discount|referral) ?code\b|\breplicas?\b|\bbest prices? guaranteed\b|\b\d+% off\b|\bwholesale\b|\bdaily deals\b
        \bbitcoin\b|\bcrypto\b|\bforex\b|\binvest(?:ing|ment)? (?:with|plat)|\bcasino\b|\bloan\b|\bspell ?caster\b
        \bseo service|\bcheap(?:est)? (?:viagra|followers|watches)\b|\bfree followers\b|\bfollow (?:4|for) follow\b|\bpart[- ]time jobs?\b
        \bget your (?:ex|money|funds|crypto) back\b|\brecover(?:y|ed)? (?:my |your |of )?(?:lost |stolen )?(?:funds|money|bitcoin|crypto)
        """  # noqa: E501
    )
)
_WARNS = re.compile(
    either(
        r"""
        (?<![不非没无])骗|(?<!不是)假的|骗局|上当|小心|警惕|谨防|当心|千万(?:别|不要)|别信|不要信|不可信|烦死|烦人|真烦
        举报|投诉|曝光|管管|骚扰|拉黑|维权|差评|没人[理接管]|打不通|天天(?:打|发|来)
        \b(?:are|is|was|were|total|complete|such|all|just|pure) (?:an? )?(?:all )?(?:scam|fraud|fake)|\bscams\b|\bscam:|\bavoid\b|\bbeware\b
        \bdo(?:n't| not) (?:trust|fall|believe)|\bcrashe[ds]\b|\bno (?:answer|reply|response)\b|\bnever works?\b|\bnever worked\b|\bthey said\b
        """  # noqa: E501
    )
)
"""Whoever writes so tells of an offer, wherever it stands, and makes none."""
_ASKED = "(?:让|叫|要|喊|求|非|还|竟|就|说)[我你]?(?:加|扫码|联系|私)"
_TOLD = re.compile(
    either(
        rf"""
        {_ASKED}|让我|叫我|要我|非让|非要|要求加|(?:客服|商家|店家|卖家|骑手)(?:说|让|叫|要|加|给|电话)
        骗|投诉|举报|曝光|差评|假货|刷的|很烂|垃圾|对方|他们?(?:说|让|叫|加|给)|她说|给我(?:发|打)
        打不开|进不去|失败|报错|没反应|打不通|没人接|不接|永远|占线|退款|退货|拉黑|维权|赔|被(?:加|拉|骗|坑|拖)
        收到(?:短信|广告|电话)|骚扰|小卡片
        小心|警惕|谨防|不敢|别(?:信|加|上当)|不要(?:信|加|上当)
        请(?:客服|商家|卖家|平台|你们|贵|尽快|及时)
        希望(?:客服|商家|平台|你们|能)|麻烦|单号|态度
        \bscam|\bspam|\bfraud|\brefund|\bfake\b|\bhacked\b
        \bnever\b|\b(?:did|do|wo|ca|could) ?n[o']t\b
        \bcannot\b|\bno ?one\b|\bnobody\b|\btold\b|\basked\b|\bplease\b|\bpls\b|\bhelp me\b
        \bthey\b|\bwaiting\b|\?
        \bmy (?:flight|order|bag|bags|luggage|account|card|package|money|claim)\b
        """
    )
)


def advertisement(text: str, form: Normal) -> Finding | None:
    """A call with a trade, or one to every reader with a contact, where nobody tells of them."""
    del form  # masks and links, which it has not, are what counts here
    read = folded(text)
    to_all = _TO_ALL.search(read)
    call = to_all or _TO_SOMEBODY.search(read)
    if call is None:
        return None
    trade = _TRADES.search(read)
    contact = _REACHED.search(read)
    told = _TOLD.search(read)
    if _WARNS.search(read) is not None:
        return None
    if told is not None:
        # who tells of an offer says first who came with it; an offer says first what is offered
        offered = trade is not None and contact is not None and trade.start() < told.start()
    else:
        offered = trade is not None or (to_all is not None and contact is not None)
    if not offered:
        return None
    parts = [part.span() for part in (call, contact, trade) if part is not None]
    start, end = min(part[0] for part in parts), max(part[1] for part in parts)
    return Finding(start, end, 0.9 if len(parts) == 3 else 0.8)
