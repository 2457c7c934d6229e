"""A plain table: one header row, one response per row. Headers are the questions."""

from __future__ import annotations

import re

from loaders.headers import folded
from loaders.readers.form import Form, Head, Kind, Reader
from loaders.readers.shared import Draft, columns
from loaders.texts import trim

PERSONAL = frozenset(
    folded(name)
    for name in (
        *("name", "full name", "first name", "last name", "your name", "surname"),
        *("phone", "phone number", "mobile", "telephone", "email", "e-mail", "email address"),
        *("ip", "ip address", "ipaddress", "address", "latitude", "longitude", "wechat", "openid"),
        *("姓名", "您的姓名", "名字", "联系人", "手机", "手机号", "手机号码", "电话", "联系电话"),
        *(
            "联系方式",
            "邮箱",
            "电子邮箱",
            "身份证",
            "身份证号",
            "地址",
            "住址",
            "详细地址",
            "收货地址",
        ),
        *("微信", "微信号", "微信昵称", "昵称", "来自ip", "ip地址", "车牌号", "银行卡号"),
    )
)
"""What is asked in columns that tell who somebody is: never landed, whatever the config forgets."""


_ASKING = re.compile(r"^(?:\d+\s*[.、．:]\s*)?(?:请?(?:填写|输入|留下))?(?:您|你)?的?|[\s:?*]+$")
"""What a form puts around the thing it asks for: `3、请填写您的手机号：`."""


def _form(head: Head) -> Form:
    headers = [trim(cell) for cell in head[0]]
    return Form(
        columns(Draft(header, kind=kind_of(header)) for header in headers),
        status=lambda _: "complete",
    )


def kind_of(header: str) -> Kind:
    """Whether a column with such a header tells who somebody is, or is a question."""
    bare = _ASKING.sub("", folded(header))
    return "personal" if bare in PERSONAL else "question"


TABLE = Reader(
    name="table",
    expects="it has no header row",
    recognise=lambda head: "one header row, one response per row" if head else None,
    header_rows=lambda _: 1,
    form=_form,
)
