"""What identifies a person inside a free text, and the text without it.

Every pattern here is bounded: no text, however long or odd, costs more than its length times a
constant. A kind is looked for only where a quick look finds what all of its forms need.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lake.privacy.addresses import STREETS, chinese_addresses, english_addresses
from lake.privacy.names import TITLES, USUAL_SURNAMES, chinese_names, english_names
from lake.privacy.numbers import is_bank_card, is_identity_card, is_ip
from lake.privacy.view import UNUSUAL_DIGITS, plain, written_out

Span = tuple[int, int]

KINDS = (
    *("mail", "id-card", "bank-card", "mobile", "phone", "ip", "chat-id", "passport", "plate"),
    *("address", "name"),
)
"""What is masked, each as its name in brackets. `personal` is what a column says is one."""

_FINGERPRINT = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    r"|(?=[0-9]{0,63}[A-Fa-f])(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32}|[0-9A-Fa-f]{24})"
    r")(?![0-9A-Za-z])"
)
"""Hashes and UUIDs: the digits in them are nobody's."""
_S = r"[ ·_-]{0,3}"  # what people put between the digits of one number
_ALONE = r"(?<!\d)(?<!\d[.])"  # not the rest of a longer number, nor its decimals

_MAIL = re.compile(
    r"(?<![A-Za-z0-9À-ɏ._%+'-])[A-Za-z0-9À-ɏ._%+'-]{1,256}(?:@|%40|[ ]?[\[(]at[\])][ ]?)"
    r"[A-Za-z0-9À-ɏ一-鿿](?:[\w-]{0,62}[.]){1,6}(?:[A-Za-z]{2,24}|xn--[\w-]{1,59}|中国|公司|网络|网址)"
)
_FOREIGN_MAIL = re.compile(
    r"[^\s@，。；：、！？（）()<>\"'“”]{1,64}@[A-Za-z0-9一-鿿](?:[\w-]{0,62}[.]){1,6}"
    r"(?:[A-Za-z]{2,24}|中国|公司|网络)"
)
_HOST = r"[A-Za-z0-9](?:[\w-]{0,62}[.]){1,6}[A-Za-z]{2,24}"
_SPACED_MAIL = re.compile(
    r"(?<![A-Za-z0-9._%+'-])(?:(?=[A-Za-z]{0,62}(?:\d|[._-][A-Za-z0-9]))"
    rf"[A-Za-z0-9][A-Za-z0-9._%+-]{{0,63}}[ ]{{0,2}}@[ ]{{0,2}}{_HOST}"
    r"|[A-Za-z]{2,64}[ ]{0,2}@[ ]{0,2}(?:qq|163|126|139|189|gmail|hotmail|outlook|foxmail|sina|sohu"
    r"|yahoo|icloud|aliyun|live)[.][A-Za-z]{2,3}(?:[.][A-Za-z]{2})?(?![A-Za-z0-9]))"
)
"""With room around its @: of a name that is no word (see you @ x.com), or at a mail's host."""
_SURE_IDENTITY = re.compile(
    r"(?<!\d)(?:"
    r"(?:\d{17}[\dXx]){1,4}"
    r"|\d{6}[ -]{0,2}\d{4}[ -]?\d{2}[ -]?\d{2}[ -]{0,2}\d{3}[ -]?[\dXx]"
    r"|\d{3}[ -]\d{3}[ -]\d{4}[ -]\d{4}[ -]\d{3}[\dXx]"
    r"|(?:\d{4}[ -]){4}\d[\dXx]"
    r")(?!\d)"
)
"""18 characters, or some of them in a row; letters may touch them, as a check digit tells."""
_OLD_IDENTITY = re.compile(r"(?<![0-9A-Za-z])\d{6}[ -]{0,2}\d{6}[ -]{0,2}\d{3}(?![0-9A-Za-z])")
_IDENTITY_LENGTH = 18
_SAID_IDENTITY = re.compile(
    r"(?:身份证|身分证|证件)(?:号码|号)?[\s:：是为,，]{0,4}(\d[\d -]{12,20}[\dXx])(?!\d)"
)
_CARD = re.compile(
    rf"{_ALONE}(?:\d{{13,19}}"
    r"|\d{4}(?:[ ._-]{1,2}\d{4}){2}[ ._-]{1,2}\d{1,4}(?:[ ._-]{1,2}\d{1,3})?"
    r"|\d{4}[ -]\d{6}[ -]\d{5}|\d{6}[ -]\d{7,13}|\d{4}[ -]\d{9,15})(?!\d)"
)
_MOBILE = re.compile(
    rf"{_ALONE}(?:(?:\+|00)?86{_S}|\(\+?86\){_S})?0?1[3-9](?:"
    rf"\d{_S}\d\d{_S}\d\d{_S}\d\d{_S}\d\d|\d{_S}\d{{3}}{_S}\d{{5}}|\d{{3}}{_S}\d{{3}}{_S}\d{{3}}"
    rf"|\d{{2}}{_S}\d{{4}}{_S}\d{{3}}|\d{{4}}{_S}\d{{5}}|\d\.\d{{4}}\.\d{{4}}"
    r")(?!\d|\.\d)"
    r"|(?<![\d.-])1([ .,，、-])[3-9](?:\1\d){9}(?!\1?\d)"
)
_L = r"[ ]?[\t\r\n/，、*~=:：;；|]{1,2}[ ]?"  # between numbers of a list, as well
_LISTED_MOBILE = re.compile(
    # The first digit comes first, as a literal is found quickest.
    rf"1(?<![\d.¥￥$€£价格元]1)(?<!\d[\t\r\n/，、*~=:：;；|]1)[3-9]\d"
    rf"(?:{_L}\d{{4}}{_L}\d{{4}}|[ ]?\(\d{{4}}\)[ ]?\d{{4}})"
    rf"(?!\d|\.\d|{_L}\d|[ ]?(?:[元块万亿%点分人个件份克米]|yuan|RMB))"
)
"""139/1111/2222, where no further number shows that it is a list, and no unit that it is a sum."""
_SPLIT_MOBILE = re.compile(r"1(?<!\d1)[3-9](?:[ ._-]?\d){9}(?!\d)")
_SAYS_MOBILE = re.compile(
    r"(?:电话|致电|来电|回电|手机|联系方式|[Tt]el|[Pp]hone|[Cc]all(?: me)?(?: at| on)?|[Mm]obile)"
    r"(?:号码|号| number| no\.?)?[\s:：.#是为]{0,4}$"
)
_SAYS_REACH = 26
_AREA = r"0(?:10|2\d|[3-9]\d\d)"
_LANDLINE = re.compile(
    rf"{_ALONE}(?:(?:\({_AREA}\)[ ]?|{_AREA}[ -]{{1,3}})[1-9]|{_AREA}[2-9])"
    r"\d{2,3}[ -]?\d{4}(?:[ ]?(?:转|-|ext\.?)[ ]?\d{1,6})?(?!\d)"
)
_SAID_PHONE = re.compile(
    r"(?:电话|座机|固话|致电|来电|回电|手机|联系方式"
    r"|[Tt]el|[Pp]hone|[Cc]all(?: me)?(?: at| on)?|[Mm]obile)"
    r"(?:号码|号| number| no\.?)?[\s:：.#是为]{0,4}([2-9]\d{2,3}[ -]?\d{4}|\d{9,12})(?!\d)"
)
_ABROAD = re.compile(
    r"(?<![\d+])\+\d(?:[ ().-]{0,2}\d){7,14}(?!\d)"
    r"|(?<!\d)00[1-9]\d{0,2}[ -](?:\(?\d{1,4}\)?[ -]){1,4}\d{3,8}(?!\d)"
)
_OWN = r"(?!400|800|833|844|855|866|877|888)"  # free to call: a company's
_NORTH_AMERICAN = re.compile(
    rf"{_ALONE}(?:1[ .-])?(?:\({_OWN}[2-9]\d\d\)[ ]?|{_OWN}[2-9]\d\d[ .-])"
    r"[2-9]\d\d[ .-]\d{4}(?![\d-])"
)
_IP = re.compile(
    r"(?:[Ii][Pp]|来自)[\s:：为是]{0,3}((?:\d{1,3}\.){3}\d{1,3})(?!\.?\d)"
    r"|(?<![\d.vV])(?<!版本)[1-9]\d{1,2}(?:\.\d{1,3}){3}(?!\.?\d)"
)
_CALLED = r"(?:账号|帐号|号码|号|[Ii][Dd])"
_HANDLE = r"[A-Za-z][A-Za-z_-]{0,18}[\d_-][\w-]{0,18}|\d{5,12}"  # words have no digits in them
_CHAT = re.compile(
    r"(?:微信|威信|薇信|扣扣|加[我个]?[vV][xX]?"
    r"|(?<![A-Za-z0-9/_=-])(?:[Ww]e[Cc]hat|WECHAT|[Ww]ei[Xx]in|[VvWw][Xx]|[Qq][Qq]))"
    rf"(?:[ ]?{_CALLED}?[ ]?[:：是为 ]{{1,3}}({_HANDLE})"
    rf"|(?:{_CALLED}|同号)?({_HANDLE})"
    rf"|[ ]?{_CALLED}?[ ]?[:：是][ ]?([A-Za-z][A-Za-z0-9_-]{{5,19}})"
    rf"|{_CALLED}[ ]?([A-Za-z][A-Za-z0-9_-]{{5,19}})"
    r")(?![A-Za-z0-9_])"
)
_PASSPORT = re.compile(
    r"(?:护照|通行证|台胞证|回乡证|军官证|驾驶证|社保卡|[Pp]assport)(?:号码|号| number| no\.?| #)?"
    r"[\s:：.#是为]{0,4}([A-Za-z]{0,2}\d{6,10}|[A-Za-z]\d{3}[A-Za-z]\d{4,5})(?![A-Za-z0-9])"
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(
    rf"[{_PROVINCES}]"
    r"[ ]?[A-HJ-Za-hj-z][ ]?[·.-]?[ ]?(?=(?:[A-Za-z]{0,3}\d){3})"
    r"(?:[DFdf][A-HJ-NP-Za-hj-np-z0-9]\d{4}|\d{5}[DFdf]"
    r"|[A-HJ-NP-Za-hj-np-z0-9]{4}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳])(?![A-Za-z0-9])"
)


@dataclass(frozen=True)
class _Kind:
    """One kind: what a view of it has at least, quick to see; and where it is in the view."""

    name: str
    needs: re.Pattern[str]
    spans: Callable[[str], Sequence[Span]]


def mask_text(text: str) -> tuple[str, int]:
    """The text with what identifies a person replaced by its kind (`[mobile]`); how many."""
    text, kinds = mask_kinds(text)
    return text, sum(kinds.values())


def mask_kinds(text: str) -> tuple[str, Mapping[str, int]]:
    """The text with what identifies a person replaced by its kind; how many of each kind."""
    if _NEEDED.search(text) is None:
        return text, {}
    found: dict[str, int] = {}
    view = plain(text)
    for kind in _BEFORE_NUMBERS:
        text, view = _masked(text, view, kind, found)
    if _SEVEN_DIGITS.search(view) is not None:
        text, view = _without_numbers(text, view, found)
    written = written_out(view)
    if written is not None:
        text, view = _without_numbers(text, written, found)
    for kind in _AFTER_NUMBERS:
        text, view = _masked(text, view, kind, found)
    return text, found


def _without_numbers(text: str, view: str, found: dict[str, int]) -> tuple[str, str]:
    """The text without numbers that are somebody's, and its plain view."""
    view = _FINGERPRINT.sub(lambda match: "#" * len(match[0]), view)
    for kind in _NUMBERS:
        text, view = _masked(text, view, kind, found)
    return text, plain(text)


def _masked(text: str, view: str, kind: _Kind, found: dict[str, int]) -> tuple[str, str]:
    if kind.needs.search(view) is None:
        return text, view
    spans = kind.spans(view)
    if not spans:
        return text, view
    found[kind.name] = found.get(kind.name, 0) + len(spans)
    mask = f"[{kind.name}]"
    masked = _set(text, spans, mask)
    return masked, masked if view is text else _set(view, spans, mask)


def _set(text: str, spans: Sequence[Span], mask: str) -> str:
    parts, done = [], 0
    for start, end in spans:
        parts += [text[done:start], mask]
        done = end
    return "".join([*parts, text[done:]])


def _by(*patterns: re.Pattern[str]) -> Callable[[str], Sequence[Span]]:
    """Where the patterns match; of one with a group, only the group is what identifies."""

    def spans(view: str) -> Sequence[Span]:
        return _apart([_span(m) for pattern in patterns for m in pattern.finditer(view)])

    return spans


def _span(match: re.Match[str]) -> Span:
    group = match.lastindex or 0
    return match.span(group)


def _apart(spans: list[Span]) -> list[Span]:
    """In their order, without those that begin inside of one before."""
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _identities(view: str) -> Sequence[Span]:
    sure = [span for m in _SURE_IDENTITY.finditer(view) for span in _cards_of_people(m)]
    old = [m.span() for m in _OLD_IDENTITY.finditer(view) if is_identity_card(_compact(m[0]))]
    return _apart([*sure, *old, *(m.span(1) for m in _SAID_IDENTITY.finditer(view))])


def _cards_of_people(match: re.Match[str]) -> Iterable[Span]:
    """Where the identity cards of a match stand: it is one with signs in it, or some in a row."""
    if _compact(match[0]) != match[0]:
        return [match.span()] if is_identity_card(_compact(match[0])) else []
    starts = range(match.start(), match.end(), _IDENTITY_LENGTH)
    spans = [(start, start + _IDENTITY_LENGTH) for start in starts]
    return [(start, end) for start, end in spans if is_identity_card(match.string[start:end])]


def _cards(view: str) -> Sequence[Span]:
    return [m.span() for m in _CARD.finditer(view) if is_bank_card(_compact(m[0]))]


def _mobiles(view: str) -> Sequence[Span]:
    whole = [m.span() for m in _MOBILE.finditer(view)]  # its group is no part that identifies
    split = [
        m.span()
        for m in _SPLIT_MOBILE.finditer(view)
        if _SAYS_MOBILE.search(view, max(0, m.start() - _SAYS_REACH), m.start())
    ]
    return _apart([*whole, *split, *_by(_LISTED_MOBILE)(view)])


def _ips(view: str) -> Sequence[Span]:
    return [_span(m) for m in _IP.finditer(view) if is_ip(m[m.lastindex or 0])]


def _compact(number: str) -> str:
    return number.translate(_WITHOUT_SIGNS)


_WITHOUT_SIGNS = dict.fromkeys(map(ord, " -._"))
_SEVEN_DIGITS = re.compile(r"[0-9](?:[^0-9]{0,3}[0-9]){6}")


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Finds the first of the words. Literals alone: their first characters make the look quick."""
    return re.compile("|".join(map(re.escape, words)))


_AT = ("@", "%40", "[at]", "(at)")
_CHATS = (
    *("微信", "威信", "薇信", "扣扣", "加v", "加V", "加我v", "加我V", "加个v", "加个V"),
    *("vx", "VX", "Vx", "vX", "wx", "WX", "Wx", "qq", "QQ", "Qq", "echat", "ECHAT", "eChat"),
    *("weixin", "Weixin", "WeiXin"),
)
_DOCUMENTS = ("护照", "通行证", "台胞证", "回乡证", "军官证", "驾驶证", "社保卡", "assport")
_HOUSES = ("号", "弄", "栋", "幢", "座", "单元")
_CHIEFS = tuple(f"{name}总" for name in USUAL_SURNAMES)
_MISTERS = ("Mr", "MR", "mr", "Ms", "ms.", "Mx", "Miss", "Dr", "dr.", "Prof", "prof.")
# Order matters: the longest runs of digits are tried first, so that a card is not half a phone.
_BEFORE_NUMBERS = (
    _Kind("mail", _any_of(_AT), _by(_MAIL)),
    _Kind("mail", _any_of("@"), _by(_FOREIGN_MAIL, _SPACED_MAIL)),
)
_NUMBERS = (
    _Kind("id-card", re.compile(r"[0-9](?:[ -]{0,2}[0-9]){13}"), _identities),
    _Kind("bank-card", re.compile(r"[0-9](?:[ ._-]{0,2}[0-9]){12}"), _cards),
    _Kind("mobile", _any_of("1"), _mobiles),
    _Kind("phone", _SEVEN_DIGITS, _by(_LANDLINE, _SAID_PHONE, _ABROAD, _NORTH_AMERICAN)),
)
_AFTER_NUMBERS = (
    _Kind("ip", re.compile(r"\.[0-9]{1,3}\.[0-9]"), _ips),
    _Kind("chat-id", _any_of(_CHATS), _by(_CHAT)),
    _Kind("passport", _any_of(_DOCUMENTS), _by(_PASSPORT)),
    _Kind("plate", re.compile(rf"[{_PROVINCES}][ ]?[A-Za-z]"), _by(_PLATE)),
    _Kind(
        "address", re.compile(f"{'|'.join(_HOUSES)}|[一-鿿][0-9]{{1,5}}-[0-9]"), chinese_addresses
    ),
    _Kind("address", _any_of(STREETS), english_addresses),
    _Kind("name", _any_of((*TITLES, *_CHIEFS)), chinese_names),
    _Kind("name", _any_of(_MISTERS), english_names),
)
_NEEDED = _any_of(
    (
        *"0123456789@号＠﹫",
        *(*_AT, "（at）", *TITLES, *_CHATS, *_CHIEFS, *_MISTERS),
        *(a + b for a in "三四五六七八九零〇幺" for b in "零〇一二三四五六七八九幺"),
        *UNUSUAL_DIGITS,
    )
)
"""What every kind needs: one look instead of a dozen at texts that hold none of it, as most do."""
