"""Praise that was paid for, or offers to pay for it, as the text itself tells.

Somebody who complains of such an offer, or says that there was none, is no paid voice.
"""

from __future__ import annotations

import re

from verbatims.noise.finding import Finding
from verbatims.noise.wording import either
from verbatims.normal import Normal

_SUM = r"[一二两三四五六七八九十\d.]+(?:元|块|毛)"
_PAID = f"(?:[返反]现|返钱|返红包|返话费|返{_SUM}|给{_SUM}红包)"
"""What is paid back for praise, and hardly for anything else."""
_GIVEN = (
    "(?:[领送有得给]红包|红包[拿领]|[领送]优惠券|送话费|免单|返利|有礼|"
    f"[退送]{_SUM}|领了?张?{_SUM})"
)
"""What shops give for other reasons, too."""
_REWARD = f"(?:{_PAID}|{_GIVEN}|红包)"
_PRAISE = "(?:好评|五星|5星|满分评价|晒图|晒单|带图|返图|追评|评价截图|评价(?=完?给?[返送领]))"
_FOR_IT = "(?:就|可以|可|能|后|完|即|截图|还能|了|给|找|发|联系|客服|商家|老板|来){0,4}"
_SELLER = "(?:商家|卖家|店家|老板|客服|店主|掌柜)"
_NEAR = r"[^。！？!?;；\n]{0,8}"
_CHINESE = either(
    rf"""
    {_PRAISE}{_NEAR}{_PAID}
    {_PRAISE}{_FOR_IT}{_GIVEN}
    (?:为了?|冲着|看在|奔着|因为|图){_NEAR}{_REWARD}{_NEAR}(?:好评|评价|评论|五星|5星|晒图|来的|写的|给的)
    {_REWARD}才(?:来|给|写|打|发)*(?:的)?(?:{_PRAISE}|评价|评)
    有红包[拿领][^。！？!?]{{0,2}}{_PRAISE}
    {_SELLER}(?:说|让|叫|要我|答应){_NEAR}{_PRAISE}{_NEAR}(?:{_REWARD}|送|奖励)
    (?:全|五|5)星{_NEAR}截图{_NEAR}(?:客服|领|返|红包)
    {_PRAISE}{_NEAR}(?:找|联系|加)(?:客服|商家|卖家|店家|老板|掌柜)[领要拿换]{_NEAR}(?:红包|返现|{_SUM})
    [凭发](?:好评|五星|评价)截图(?:找|联系|给)?(?:客服)?(?:领|返|得|换)
    返图(?:福利|有奖|奖励|领|红包)
    (?:福利|买家|有偿)返图
    (?:收了|拿了|领了|收到了?){_SELLER}的?(?:红包|返现|好处|钱){_NEAR}(?:好评|五星|5星|夸|说好)
    """
)
_REWARD_EN = "(?:{})".format(
    either(
        r"""
        (?:amazon )?gift ?cards?
        amazon cards?
        refund(?:ed)?
        cash ?back
        paypal
        \$ ?\d+
        \d+ ?(?:dollars|bucks|usd|eur|gbp|euros|pounds)
        voucher
        coupon
        free (?:product|item|gift|sample|one|cream|(?:[a-z]+ )?(?:case|charger|bottle))s?
        discount
        money
        reward
        """
    )
)
_MINE = "(?:a |an |my |your |this )?"
_STARS = (
    rf"(?:{_MINE}(?:honest )?(?:5|five)[ -]?stars?(?: (?:review|rating|feedback)s?)?|"
    rf"{_MINE}(?:positive|good|great|nice) (?:review|rating|feedback)s?)"
)
_NEAR_EN = r"[^.!?;\n]{0,24}"
_LEAVING = "(?:leaving|writing|giving|posting)"
_LEAVE = "(?:leave|left|write|wrote|give|gave|post)"
_ENGLISH = either(
    rf"""
    (?<!\w){_REWARD_EN}\b{_NEAR_EN}\b(?:for|in exchange for|in return for|if (?:you|i) {_LEAVE}) (?:{_LEAVING} )?{_STARS}
    (?<!\w){_REWARD_EN}\b (?:so|and so) i(?:'m| am) {_LEAVING} {_STARS}
    \bi get {_NEAR_EN}(?<!\w){_REWARD_EN} (?:when|if|once) i {_LEAVE} (?:this|{_STARS})
    \b(?:in exchange|in return) for (?:this |my |an? )?(?:honest |unbiased |positive )?(?:review|feedback|rating)
    \b{_LEAVE}s? (?:us |them |me )?{_STARS}(?: here)?(?: and| to|, ){_NEAR_EN}\b(?:get|receive|claim|win|earn)\b{_NEAR_EN}(?<!\w){_REWARD_EN}
    \b(?:was|were|got|been|am|being|getting) (?:paid|offered|given|promised|sent)\b{_NEAR_EN}\b(?:for|to {_LEAVE}) (?:{_LEAVING} )?(?:this review|{_STARS})
    \b(?:received|got|was (?:sent|given)) (?:this |the |it |a )?(?:product |item )?(?:for )?free(?: of charge)? for (?:my|an|a|this) (?:honest |unbiased )?review
    \b{_STARS} (?:for|because of) (?:the |a |my )?(?:\$ ?\d+ )?(?:gift ?card|cash ?back|free gift|coupon|voucher|refund)\b
    """  # noqa: E501
)
_OFFER = re.compile(f"{_CHINESE}|{_ENGLISH}")
_HINT = re.compile(
    "[返反]|红包|免单|好评|评价|截图|晒|星|gift|exchange|return|paid|free|star|cash|review|feedback"
)
_OTHERWISE = re.compile(
    either(
        r"""
        不是|并非|绝非|没有(?:任何)?返|无返现|[没不未]返|[没不]给|没收|拒绝|不需要|不稀罕|不用返|不图
        要求|敢信|骗|假的|坑|忽悠|举报|投诉|恶心|垃圾|差评|刷|水军|不要信|别信|难怪|怪不得|套路|诱导
        虚假|不可信|贿赂|收买|威胁|逼|无语|失望|退货|退款|兑现|说好的|承诺|赖|没意义|才给|没到|不像
        \bnot\b|\bno\b|n't\b|\bnever\b|\bwithout\b|\bscam|\bfake|\bbrib|\bbeware|\bshady|\breport
        \bdishonest|\bunethical|\bfraud|\bdisgust|\blied?\b|\bterrible|\bawful|\bsuspicious
        \brefuse|\btrust\b|\bexplains?\b|\bwonder\b|\bmislead
        \bignored?\b|\bpressur|\b(?:one|1) star\b
        \bavoid\b|\bsupport team\b|\bapparently\b
        """
    )
)


def paid_praise(text: str, form: Normal) -> Finding | None:
    """The offer, or its price, where nothing in the text speaks against it."""
    if _HINT.search(form.text) is None:
        return None
    found = _OFFER.search(form.text)
    if found is None or _OTHERWISE.search(form.text):
        return None
    return Finding(*form.span(*found.span()), 0.9)
