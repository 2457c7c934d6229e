"""What is masked in free text, what is left alone, and that no text costs more than its length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric

from lake.privacy import KINDS, Privacy, addresses, mask_kinds, mask_text, masks, names, view

MASKED = {
    "mobile": [
        ("请打13812345678联系我", "请打[mobile]联系我"),
        ("电话 +86 138-1234-5678。", "电话 [mobile]。"),
        ("手机１３８００１３８０００", "手机[mobile]"),
        ("０１３８００１３８０００", "[mobile]"),
        ("一三八零零一三八零零零给我回电", "[mobile]给我回电"),
        ("幺三八〇〇一三八〇〇〇", "[mobile]"),
        ("138一二三四5678", "[mobile]"),
        ("138.1234.5678", "[mobile]"),
        ("1 3 8 0 0 1 3 8 0 0 0", "[mobile]"),
        ("138\u200b0013\u20038000", "[mobile]"),
        ("(86)13812345678", "[mobile]"),
        ("tel13812345678", "tel[mobile]"),
        *((f"打138{sign}1234{sign}5678找我", "打[mobile]找我") for sign in "\t\n/，、*~=:;|：；"),
        ("138(1234)5678", "[mobile]"),
        ("tel 139 1111 222 2", "tel [mobile]"),
    ],
    "phone": [
        ("0755-12345678", "[phone]"),
        ("0755-1234567", "[phone]"),
        ("打（0755）26601234没人接", "打[phone]没人接"),
        ("010 65529988转8001", "[phone]"),
        ("02065529988", "[phone]"),
        ("座机 86531234", "座机 [phone]"),
        ("call me at (415) 555-0132", "call me at [phone]"),
        ("+44 20 7946 0958", "[phone]"),
        ("0044 20 7946 0958", "[phone]"),
    ],
    "id-card": [
        ("身份证11010519491231002X", "身份证[id-card]"),
        ("身份证号：110105194912310020", "身份证号：[id-card]"),  # mistyped, but said to be one
        ("110105 19491231 002x", "[id-card]"),
        ("１１０１０５１９４９１２３１００２Ｘ", "[id-card]"),
        ("老证110105491231002", "老证[id-card]"),
        ("ID110105199102034564", "ID[id-card]"),
        ("a110105199102034564", "a[id-card]"),
        ("110105199102034564a", "[id-card]a"),
        ("编号A11010519491231002X", "编号A[id-card]"),
        ("11010519491231002X110105199102034564", "[id-card][id-card]"),
        ("id110105 19491231 002x。", "id[id-card]。"),
    ],
    "bank-card": [
        ("卡号4111 1111 1111 1111", "卡号[bank-card]"),
        ("4111-1111-1111-1111", "[bank-card]"),
        ("6212262201023557228", "[bank-card]"),
        ("4111.1111.1111.1111", "[bank-card]"),
        ("4111_1111_1111_1111", "[bank-card]"),
        ("3782 822463 10005", "[bank-card]"),
    ],
    "mail": [
        ("写信到 wang.fang@mail.example.cn 谢谢", "写信到 [mail] 谢谢"),
        ("邮箱wang＠qq.com", "邮箱[mail]"),
        ("foo(at)bar.com", "[mail]"),
        ("foo.bar @ example.com", "[mail]"),
        ("wang @qq.com 谢谢", "[mail] 谢谢"),
        ("mail=a%40b.com&x=1", "mail=[mail]&x=1"),
        ("联系 王芳@例子.中国", "联系 [mail]"),
    ],
    "plate": [
        ("粤B12345", "[plate]"),
        ("粤B·D12345", "[plate]"),
        ("粤BD12345停在门口", "[plate]停在门口"),
        ("沪A·8F3K9的车", "[plate]的车"),
        ("粤 b 12345", "[plate]"),
    ],
    "address": [
        ("我住在深圳市南山区科技园路12号3栋502室，请送", "我住在[address]，请送"),
        ("万科城市花园3栋502", "[address]"),
        ("我家在中山东一路18弄5号，谢谢", "我家在[address]，谢谢"),
        ("地址：环市东路368-2。", "地址：[address]。"),
        ("送到阳光花园3-2-501就行", "送到[address]就行"),
        ("北京市朝阳区建国路88号SOHO现代城A座1203室", "[address]"),
        ("寄到上海市浦东新区世纪大道一百号", "寄到[address]"),
        ("221B Baker Street, Apt 4 please", "[address] please"),
    ],
    "name": [
        ("张先生很生气", "[name]很生气"),
        ("李女士投诉", "[name]投诉"),
        ("王经理不理人", "[name]不理人"),
        ("欧阳老师真好", "[name]真好"),
        ("感谢王小明先生", "感谢[name]"),
        ("找陈总，谢谢", "找[name]，谢谢"),
        ("Mr Smith was rude to Ms. O'Neil", "[name] was rude to [name]"),
        ("Prof. Dr. Lars Kaleschke", "[name]"),
        ("欧阳小明先生", "[name]"),
        ("感谢司马懿老师", "感谢[name]"),
        ("阿依古丽女士很好", "[name]很好"),
        ("找买买提江先生", "找[name]"),
        ("ask mr smith again", "ask [name] again"),
        ("Mr. smith left", "[name] left"),
        ("Mrs Jean-Paul Smith left", "[name] left"),
        ("Mrs. Smith-Jones left", "[name] left"),
        ("Mr Ronald McDonald", "[name]"),
    ],
    "chat-id": [
        ("微信号wangfang", "微信号[chat-id]"),
        ("加微信 abc_123", "加微信 [chat-id]"),
        ("我的QQ是284210953 敬待", "我的QQ是[chat-id] 敬待"),
        ("vx: fang888x", "vx: [chat-id]"),
        ("WeChat: wang123", "WeChat: [chat-id]"),
    ],
    "passport": [
        ("护照E12345678", "护照[passport]"),
        ("passport no. G12345678", "passport no. [passport]"),
    ],
    "ip": [("IP 1.80.3.4 来的", "IP [ip] 来的"), ("113.87.12.5(广东-深圳)", "[ip](广东-深圳)")],
}
LEFT_ALONE = [
    "订单号 20260930123 少了一杯",
    "订单202609301234567890",
    "单号1234567890123456",  # sixteen digits, no issuer
    "等了40分钟, 花了128元, 打了9.5折",
    "2026-09-30 12:00:00",
    "评分 9 10 8 7 6 5 4 3 2 1 10",
    "客服10086、95588、12315、400-820-8820、1-800-555-0199",
    "666666666666666666",
    "经纬度 [21.32911863, -157.91749165]",
    "0.13812345678",
    "版本4.2.0.1 v1.12.13.14 2.26.26.73",
    "0e876ba0e2ac75d1ed5c1380000000ab 04745314-5943-4085-ac20-41b0c5fdde36",
    "先生您好，女士们先生们",
    "店长很热情，客服也好，快递小哥",
    "由于老师太忙，感谢老师，谢谢老师",
    "安装师傅很好，高级经理，安排经理，任何老师",
    "康师傅方便面，蒙牛先生",
    "总共花了三百，总之不错",
    "微信支付123元，微信小程序，QQ音乐",
    "wechat payment failed http://t.co/QdXfT9qqT9",
    "Dr Pepper, Ms. XXXX called",
    "一座20层的楼，地铁2号线路5号口，网路3号",
    "新iphone，新A款12345，云A计划",
    "@VirginAmerica thanks! 3 Great Burgers",
    "套餐130、1580、2680元，¥130/1580/2680，价格130、1580、2680",
    "150/2000/3000/4000 139:1234:5678:1",
    "2026/11/22 12:00:00; 2026/11/23",
    "编号A20260901001234567 o311234567890124 单号SO13991200350123",
    "see you @ example.com, 50% off @ the shop",
    "100%40.5",
    "4111.1111.1111.1112 3.1415.9265.3589 5105_1051_0510",
    "东方航空经理，东方明珠小姐姐，加拿大女士，里面的先生",
    "mr right, Mr. and Mrs. were here, mrs and mr, 100 ms later",
    "MS office, miss you, items. dr who",
    "一路3-2领先，铁路10-12点，2路10-12点，比分3-2-1，万达广场3-2-2026，地铁一路12-3",
    "花园1-2楼，街3-5家，路20-30分钟，街20-30元",
    "弄5个，弄坏2个",
]


@pytest.mark.parametrize(
    ("kind", "text", "masked"),
    [(kind, text, masked) for kind, pairs in MASKED.items() for text, masked in pairs],
)
def test_what_identifies_somebody_is_replaced_by_its_kind(
    kind: str, text: str, masked: str
) -> None:
    found, kinds = mask_kinds(text)
    assert found == masked
    assert set(kinds) == {kind}


def test_every_kind_has_its_examples() -> None:
    assert set(MASKED) == set(KINDS)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_identifies_nobody_stays(text: str) -> None:
    assert mask_text(text) == (text, 0)


def test_masks_are_counted_by_kind() -> None:
    privacy = Privacy(b"a key that is for tests only")
    privacy.mask("张先生 13812345678 or 13912345678, a@b.cn")
    assert privacy.masked == {"name": 1, "mobile": 2, "mail": 1}


def test_a_masked_text_is_left_as_it_is() -> None:
    for pairs in MASKED.values():
        for _, masked in pairs:
            assert mask_text(masked) == (masked, 0)


WORDS = "很好吃的奶茶服务态度差送得慢了我觉得味道不错下次还来环境一般"
chinese = st.text(st.sampled_from(WORDS + "，。！ \n"), max_size=30)
digits = "0123456789"


def _identity(area: str, day: str, order: int) -> str:
    body = f"{area}{day}{order:03}"
    return body + ric.calc_check_digit(body + "0")


mobiles = st.tuples(
    st.sampled_from("3456789"), st.text(st.sampled_from(digits), min_size=9, max_size=9)
).map(lambda parts: f"1{parts[0]}{parts[1]}")
identities = st.builds(
    _identity,
    st.sampled_from(["110105", "440305", "310115", "510107", "820000"]),
    st.dates(date(1920, 1, 1), date(2020, 1, 1)).map(lambda day: day.strftime("%Y%m%d")),
    st.integers(1, 999),
)
cards = st.tuples(
    st.sampled_from(["62", "4", "51", "34", "9558"]), st.integers(13, 19), st.integers(0, 10**17)
).map(lambda parts: _card(parts[0], parts[1], parts[2]))
plates = st.builds(
    lambda province, city, body: f"{province}{city}{body}",
    st.sampled_from("京沪粤川浙苏鄂湘"),
    st.sampled_from("ABCDEFGH"),
    st.from_regex(r"[0-9]{5}|D[0-9]{5}|[0-9]{2}[A-HJ-NP-Z][0-9]{2}", fullmatch=True, alphabet=None),
)


def _card(issuer: str, length: int, number: int) -> str:
    body = (issuer + f"{number:017}")[: length - 1]
    return body + luhn.calc_check_digit(body)


def _grouped(number: str, sizes: tuple[int, ...], sign: str) -> str:
    parts, start = [], 0
    for size in (*sizes, len(number)):
        if start < len(number):
            parts.append(number[start : start + size])
        start += size
    return sign.join(parts)


def _full_width(number: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c in digits else c for c in number)


def _forms(number: str, sizes: tuple[int, ...]) -> Iterator[str]:
    yield number
    yield _full_width(number)
    for sign in (" ", "-"):
        yield _grouped(number, sizes, sign)


@settings(deadline=None, max_examples=60)
@given(chinese, mobiles, identities, cards, plates, chinese)
def test_what_a_person_could_write_never_survives(
    before: str, mobile: str, identity: str, card: str, plate: str, after: str
) -> None:
    written = [*_forms(mobile, (3, 4)), *_forms(identity, (6, 8)), *_forms(card, (4, 4, 4, 4))]
    for value in (*written, plate):
        masked, count = mask_text(f"{before}{value}{after}")
        assert count >= 1, value
        left = re.sub(r"\D", "", masked)
        assert len(left) <= 1, (value, masked)


@settings(deadline=None, max_examples=60)
@given(chinese, st.integers(0, 9999), chinese, st.decimals(0, 999, places=2), chinese)
def test_a_text_without_any_stays_as_it_is(
    before: str, whole: int, between: str, price: object, after: str
) -> None:
    text = f"{before} {whole} {between}￥{price}元{after}"
    assert mask_text(text) == (text, 0)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=200))
def test_any_text_ends_with_a_text(text: str) -> None:
    masked, count = mask_text(text)
    assert (masked == text) == (count == 0)


PATTERNS = {
    f"{module.__name__}.{name}": value
    for module in (addresses, masks, names, view)
    for name, value in vars(module).items()
    if isinstance(value, re.Pattern)
}


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_no_pattern_repeats_without_bound(name: str) -> None:
    """So a look from any character ends within a constant, and a text costs what its length is."""
    assert _longest(re._parser.parse(PATTERNS[name].pattern)) <= 1_000


def _longest(pattern: Any) -> int:
    """How many characters a parsed pattern takes at most; endless repeats count as very many."""
    return pattern.getwidth()[1]


ODD_PIECES = [
    *("1", "13 ", "1-", "0755-", "6", "4111 ", "a", "a@", "a.", "@", "(at)", "+1 ", "00 1 ", "A1"),
    *(
        "路1号",
        "市区路",
        "栋1",
        "三栋",
        "1单元",
        "12 Baker ",
        "St 1 A ",
        "张先生",
        "王小",
        "Mr A. ",
    ),
    *(
        "微信:a",
        "QQ1",
        "粤B1",
        "ip 1.1.",
        "三八",
        "①",
        "护照a",
        "身份证 1",
        "1100",
        "电话 ",
        "a-",
        "((",
        "138/1234/",
        "a. @ ",
        "%40a",
        "11010519910203456",
        "阿依古丽",
        "mr a",
        "欧阳小",
        "东路36-",
        "花园3-2-",
        "弄1",
    ),
]


@pytest.mark.parametrize("piece", ODD_PIECES)
def test_long_odd_texts_come_to_an_end(piece: str) -> None:
    masked, _ = mask_text(piece * (20_000 // len(piece)))
    assert mask_text(masked)[1] <= 1
