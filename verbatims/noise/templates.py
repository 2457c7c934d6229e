"""Texts that a platform puts where a customer wrote nothing."""

from __future__ import annotations

import re

from verbatims.noise.finding import Finding
from verbatims.noise.wording import either
from verbatims.normal import Normal

_WHO = "(?:此|该|本|这个?)?(?:用户|买家|顾客|评价方|客户|会员)(?:还)?"
_NOT = "(?:没有|暂未|并未|尚未|未|没)(?:能)?(?:及时|按时|主动|在规定时间内)?"
_WRITE = "(?:填写|做出|作出|作|做|发表|留下|写下|写|给出|提交|进行)"
_WHAT = "(?:任何)?(?:文字|有效)?(?:评价|评论|点评|反馈|内容)?(?:文字)?(?:内容|信息)?"
_GOOD = "(?:好评|评价|(?:五星|5星|满分)(?:好评|评价)?|5分)"
_BY_ITSELF = f"(?:(?:系统|平台)?(?:已)?(?:自动|默认)+(?:的)?(?:给出|为|给予|生成|打)?{_GOOD}?)"
_USER = "(?:the|this) (?:user|buyer|customer|reviewer|guest)"
_DID_NOT = "(?:did not|didn't|has not|hasn't)"
_WROTE = "(?:leave|left|write|written|provide|provided|add|added)"
_REVIEWS = "(?:comments?|reviews?|feedback|text)"
_STARS = r"(?:good|positive|(?:5|five)[ -]?stars?)"
_TEMPLATE = re.compile(
    either(
        rf"""
        {_WHO}{_NOT}{_WRITE}{_WHAT}{_BY_ITSELF}?
        {_WHO}{_NOT}(?:评价|评论|点评){_BY_ITSELF}?
        (?:超时|逾期|到期|(?:超过)?\d+天内?)?(?:{_WHO})?(?:{_NOT}{_WRITE}?评价?)?{_BY_ITSELF}
        (?:超时|逾期|到期|(?:超过)?\d+天内?)(?:{_WHO})?{_NOT}{_WRITE}?评价
        (?:这个?|该)(?:家伙|用户|人)(?:很|太)懒(?:什么)?(?:都|也)?(?:没有?|不)(?:写|留下|说)?{_WHAT}
        {_WHO}(?:超时|逾期)未评价?{_BY_ITSELF}?
        {_WHO}觉得商品(?:非常|很|较)?好给出(?:了)?{_GOOD}
        (?:暂无|没有|无)(?:文字)?(?:评价|评论)内容
        default {_STARS}? ?(?:review|rating|feedback)(?: (?:given |left )?by (?:the )?system)?
        (?:system|auto(?:matic(?:ally)?)?)(?:[ -]generated)? (?:default )?{_STARS} (?:review|rating|feedback)
        {_USER} {_DID_NOT} {_WROTE}(?: a| any)?(?: written)? {_REVIEWS}(?: yet)?
        {_USER} left (?:no|only a) (?:{_REVIEWS}|rating)
        (?:there are )?no (?:written )?{_REVIEWS}(?: text)? (?:provided|left|available|given)(?: by (?:the |this )?(?:user|buyer|customer|reviewer))?
        """  # noqa: E501
    )
)
_HINT = re.compile(
    r"默认|自动|填写|评[价论]|懒|觉得商品|default|auto|system|left|leave|writ|provide|no "
)
_BETWEEN = re.compile(r"[^\w' -]+|_+")
_LONGEST = 120


def template(text: str, form: Normal) -> Finding | None:
    """A text that is nothing but a platform's own; what a person adds makes it a person's."""
    if len(text) > _LONGEST or _HINT.search(form.text) is None:
        return None
    bare = _BETWEEN.sub("", form.text).strip(" -'")
    if _TEMPLATE.fullmatch(bare) is None:
        return None
    return Finding(0, len(text), 0.98)
