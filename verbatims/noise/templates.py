"""Texts that a platform puts where a customer wrote nothing."""

from __future__ import annotations

import re

from verbatims.noise.finding import Finding
from verbatims.normal import Normal

_WHO = r"(?:此|该|本)?(?:用户|买家|顾客|评价方|客户|会员)(?:还)?"
_NOT = r"(?:没有|暂未|并未|尚未|未|没)"
_WHAT = r"(?:任何)?(?:文字|有效)?(?:评价|评论|点评|反馈|内容)?(?:文字)?(?:内容|信息)?"
_ALL = (
    # 此用户没有填写评价内容; 评价方未及时做出评价, 系统默认好评
    rf"{_WHO}{_NOT}(?:能)?(?:及时|按时|主动)?(?:填写|做出|作出|发表|留下|写下|写|给出|提交|"
    rf"进行){_WHAT}"
    r"(?:系统)?(?:(?:自动)?默认(?:给出|为|给予)?(?:好评|5星|五星|5星好评|五星好评))?",
    (
        rf"{_WHO}{_NOT}(?:及时|按时)?(?:评价|评论|点评)(?:系统)?(?:自动|默认)+(?:给出|为|"
        "给予)?(?:好评|五星|5星)?(?:好评)?"
    ),
    r"(?:超时|逾期|到期|超过\d+天)?(?:未评价)?(?:系统|平台)(?:已)?(?:自动|默认)+(?:的)?(?:给出|"
    "为|给予|生成)?"
    r"(?:五星|5星|满分)?(?:好评|评价)",
    r"(?:默认|自动)(?:五星|5星)?好评",
    r"(?:用户)?默认(?:评价|5分|五星)",
    rf"\d+天内?{_WHO}{_NOT}(?:作出|做出)?评价(?:系统)?(?:自动|默认)*(?:好评)?",
    (
        "(?:这个?|该)(?:家伙|用户|人)(?:很|太)懒(?:什么)?(?:都|也)?(?:没有?|不)(?:写|留下|"
        "说)?(?:评价|任何内容|下)?"
    ),
    rf"{_WHO}觉得商品(?:非常|很|较)?好给出(?:了)?(?:5|五)星好评",
    r"(?:暂无|没有|无)(?:文字)?(?:评价|评论)(?:内容)",
    r"default (?:good|positive|5[ -]?star|five[ -]?star)? ?(?:review|rating|feedback)"
    r"(?: (?:given |left )?by (?:the )?system)?",
    r"(?:system|automatic|auto|automatically)(?: generated)? (?:default )?"
    r"(?:good|positive|5[ -]?star|five[ -]?star) (?:review|rating|feedback)",
    "(?:the|this) (?:user|buyer|customer|reviewer|guest) (?:did not|didn't|has not|hasn't|"
    "did n't) "
    r"(?:leave|write|provide|left|written|provided|add)(?: a| any)?(?: written)?"
    r" (?:comments?|reviews?|feedback|text)(?: yet)?",
    (
        "(?:the|this) (?:user|buyer|customer|reviewer|guest) left (?:no|only a) (?:comments?|"
        "reviews?|rating|text)"
    ),
    "(?:there are )?no (?:written )?(?:comments?|reviews?)(?: text)? (?:provided|left|"
    "available|given)"
    r"(?: by (?:the |this )?(?:user|buyer|customer|reviewer))?",
)
_TEMPLATE = re.compile("|".join(f"(?:{part})" for part in _ALL))
_HINT = re.compile(
    "默认|自动|填写|评[价论]|懒|觉得商品|default|automatic|auto |system|left|leave|writ|provide|no "
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
