"""Whether a column of a table tells who people are: by what its header asks and its cells hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from lake.privacy.masks import mask_kinds
from lake.privacy.names import looks_like_a_name

_LEAD = re.compile(
    r"^(?:\d{1,3}[.、:：)）]|[qQ]\d{1,3}[.、:：_ ]?|[*＊])?\s*"
    r"(?:请(?:您)?(?:填写|输入|留下|提供|告知)(?:一下)?|(?:您|你)(?:好)?的?|您的|你的|客户|顾客|联系人|会员|收货人?"
    r"|what is |what's |please enter |please provide |enter |your |customer |contact )*",
    re.IGNORECASE,
)
_TRAIL = re.compile(
    r"(?:[（(\[【].{0,20}[)）\]】]|[?？:：*＊。.]|是什么|是多少|是|必填|选填|optional|required)+$",
    re.IGNORECASE,
)
_ASKED = {
    **dict.fromkeys(("姓名", "名字", "称呼", "全名", "真实姓名", "name", "full name"), "name"),
    **dict.fromkeys(("first name", "last name", "surname", "firstname", "lastname"), "name"),
    **dict.fromkeys(
        ("手机", "手机号", "手机号码", "联系电话", "电话", "电话号码", "联系方式"), "mobile"
    ),
    **dict.fromkeys(("phone", "phone number", "mobile", "mobile number", "telephone"), "mobile"),
    **dict.fromkeys(
        ("邮箱", "电子邮箱", "邮箱地址", "电子邮件", "邮件", "email", "e-mail"), "mail"
    ),
    **dict.fromkeys(("email address", "e-mail address", "mail"), "mail"),
    **dict.fromkeys(
        ("身份证", "身份证号", "身份证号码", "证件号", "证件号码", "id number"), "id-card"
    ),
    **dict.fromkeys(("银行卡", "银行卡号", "卡号", "card number"), "bank-card"),
    **dict.fromkeys(("微信", "微信号", "微信昵称", "qq", "qq号", "wechat", "wechat id"), "chat-id"),
    **dict.fromkeys(("地址", "家庭住址", "住址", "详细地址", "收货地址", "联系地址"), "address"),
    **dict.fromkeys(("address", "home address", "street address"), "address"),
    **dict.fromkeys(("车牌", "车牌号", "车牌号码", "plate", "licence plate"), "plate"),
    **dict.fromkeys(("护照", "护照号", "护照号码", "passport", "passport number"), "passport"),
    **dict.fromkeys(("ip", "ip地址", "ip address", "来自ip", "来源ip"), "ip"),
}
"""What a header asks for when it asks for nothing else."""
_WHOLE = re.compile(r"\[([a-z-]+)\](?:[(（].{0,20}[)）])?")
_SAMPLE = 500


def personal_kind(header: str, values: Iterable[str]) -> str | None:
    """The kind of personal data that a column holds (`mobile`, `name`, …), or None.

    A header that asks for nothing else is believed, unless most cells are small numbers or long
    texts; another column counts when most of its filled cells are nothing but one kind.
    """
    filled = [value.strip() for value in values if value.strip()][:_SAMPLE]
    asked = _ASKED.get(_bare(header))
    if asked is not None and not _is_otherwise(asked, filled):
        return asked
    held = Counter(kind for value in filled if (kind := _whole_kind(value)) is not None)
    if not held:
        return None
    kind, count = held.most_common(1)[0]
    return kind if count > 1 and count * 2 > len(filled) else None


def _bare(header: str) -> str:
    """What a header asks for, without the words of asking."""
    text = " ".join(header.split()).strip().casefold()
    return _TRAIL.sub("", _LEAD.sub("", text)).strip()


def _is_otherwise(kind: str, filled: list[str]) -> bool:
    """Whether the cells can't be what the header asks for: scores (1 to 10), or whole sentences."""
    if not filled:
        return False
    scores = sum(len(value) < 4 and value.isdecimal() for value in filled)
    texts = sum(len(value) > 60 for value in filled)
    names = kind != "name" or any(looks_like_a_name(value) for value in filled)
    return (scores + texts) * 2 > len(filled) or not names


@lru_cache(maxsize=8192)  # answers come again and again
def _whole_kind(value: str) -> str | None:
    """The kind that a cell is nothing but."""
    if len(value) > 100:
        return None
    masked, kinds = mask_kinds(value)
    found = _WHOLE.fullmatch(masked.strip()) if kinds else None
    return found[1] if found else None
