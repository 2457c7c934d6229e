"""Praise that was paid for, or offers to pay for it, as the text itself tells.

Somebody who complains of such an offer, or says that there was none, is no paid voice.
"""

from __future__ import annotations

import re

from verbatims.noise.finding import Finding
from verbatims.normal import Normal

_GAP = r"[^。！？!?;；\n]{0,8}"
_REWARD = (
    r"(?:返现|反现|返钱|返红包|返[一二两三四五六七八九十\d.]+(?:元|块|毛)|返利|现金红包|领红包|"
    r"送红包|有红包|得红包|给红包|送优惠券|送话费|返话费|退[一二两三四五六七八九十\d.]+(?:元|"
    "块)|免单)"
)
_PRAISE = r"(?:好评|五星|5星|满分评价|5分好评|晒图|晒单|带图|返图|追评|评价截图)"
_OFFERS = (
    rf"{_PRAISE}{_GAP}{_REWARD}",
    (
        rf"(?:为了|冲着|看在|奔着|就为了|因为|图){_GAP}{_REWARD}{_GAP}(?:好评|评价|评论|五星|"
        "5星|晒图|来的|写的|给的)"
    ),
    rf"{_REWARD}才(?:来|给|写|打|发)*(?:的)?(?:{_PRAISE}|评价|评)",
    (
        rf"(?:商家|卖家|店家|老板|客服)(?:说|让|要求|叫){_GAP}{_PRAISE}{_GAP}(?:{_REWARD}|送|返|"
        "奖励|有礼)"
    ),
    rf"(?:全|五|5)星{_GAP}截图{_GAP}(?:客服|领|返|红包)",
    r"(?:凭|发)(?:好评|五星|评价)截图(?:找|联系|给)?(?:客服)?(?:领|返|得|换)",
    r"返图(?:福利|有礼|有奖|奖励|领|红包)|(?:福利|买家|有偿)返图",
    r"(?:收了|拿了|领了|收到了?)(?:商家|卖家|店家|老板)(?:的)?(?:红包|返现|好处|钱)"
    rf"{_GAP}(?:好评|五星|5星|夸|说好)",
)
_REWARD_EN = (
    r"(?:gift ?cards?|amazon cards?|refund(?:ed)?|cash ?back|paypal|\$ ?\d+|\d+ ?(?:dollars|usd|"
    "eur|gbp)|"
    "voucher|coupon|free (?:product|item|gift|sample|one|cream|case|charger)s?|discount|money|"
    "reward)"
)
_STARS_EN = (
    r"(?:(?:a |an |my |your )?(?:honest )?(?:5|five)[ -]?stars?(?: (?:review|rating|feedback)s?)?|"
    r"(?:a |my |your )?(?:positive|good|great|nice) (?:review|rating|feedback)s?)"
)
_GAP_EN = r"[^.!?;\n]{0,24}"
_OFFERS_EN = (
    rf"\b{_REWARD_EN}\b{_GAP_EN}\b(?:for|in exchange for|in return for|if (?:you|i) (?:leave|"
    "left|write|wrote|give|gave|post))"
    rf" (?:leaving |writing |giving |posting )?{_STARS_EN}",
    (
        r"\b(?:in exchange|in return) for (?:this |my |an? )?(?:honest |unbiased |"
        "positive )?(?:review|feedback|rating)"
    ),
    rf"\b(?:leave|write|give|post)(?:s|ing)? (?:us |them |me )?{_STARS_EN}(?: here)?(?: and| to|, )"
    rf"{_GAP_EN}\b(?:get|receive|claim|win|earn)\b{_GAP_EN}\b{_REWARD_EN}",
    r"\b(?:was|were|got|been|am|being|getting) (?:paid|offered|given|promised|"
    rf"sent)\b{_GAP_EN}\b(?:for|to (?:leave|write|give|post))"
    rf" (?:leaving |writing |giving |posting )?(?:this |{_STARS_EN})(?:review)?",
    r"\b(?:received|got|was (?:sent|given)) (?:this |the |it |a )?(?:product |item )?(?:for )?free"
    r"(?: of charge)? (?:in (?:exchange|return)|for (?:my|an|a|this) (?:honest |unbiased )?review)",
    (
        rf"\b{_STARS_EN} (?:for|because of) (?:the |a |my )?(?:\$ ?\d+ )?(?:gift ?card|"
        r"cash ?back|free gift|coupon|voucher|refund)\b"
    ),
)
_OFFER = re.compile("|".join((*_OFFERS, *_OFFERS_EN)))
_HINT = re.compile(
    "返|红包|免单|好评|截图|晒|gift|exchange|return for|paid|free|star|cash ?back|reward|review"
)
_OTHERWISE = re.compile(
    # denied
    "不是(?:因为|为了|冲着)?|并非|绝非|没有(?:任何)?返|无返现|没返|不返|不给返|没给|不给|未返|"
    "没收|拒绝|"
    r"不需要|不稀罕|不用返|不像|不图|"
    # complained of
    "骗|假的|坑|忽悠|举报|投诉|恶心|垃圾|差评|刷|水军|不要信|别信|难怪|怪不得|套路|诱导|虚假|"
    "要求返现|"
    r"不可信|贿赂|收买|威胁|逼|无语|失望|退货|退款|没兑现|兑现|说好的|承诺|赖|"
    r"\bnot\b|\bno\b|n't\b|\bnever\b|\bwithout\b|\bscam|\bfake|\bbrib|\bbeware|\bshady|"
    r"\breport(?:ed|ing)?\b|"
    r"\bdishonest|\bunethical|\bfraud|\bdisgust|\blied?\b|\bterrible|\bawful|\bsuspicious|"
    r"\bapparently\b|"
    r"\brefuse|\btrust\b|\bexplains?\b|\bwonder\b|\bmislead|\bignored?\b|\bpressur|\bone star\b|"
    r"\b1 star\b"
)


def paid_praise(text: str, form: Normal) -> Finding | None:
    """The offer, or its price, where nothing in the text speaks against it."""
    if _HINT.search(form.text) is None:
        return None
    found = _OFFER.search(form.text)
    if found is None or _OTHERWISE.search(form.text):
        return None
    return Finding(*form.span(*found.span()), 0.9)
