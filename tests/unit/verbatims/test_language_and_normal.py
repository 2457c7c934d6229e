"""Language and normal form: what a text is read as, and that every place leads back to the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.privacy import KINDS
from verbatims.language import language_of
from verbatims.normal import normal, normals


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("送得很快，味道不错", "zh"),
        ("送得很快，good", "zh"),
        ("这个 app 的 delivery 太慢 so disappointed", "zh"),
        ("I love 奶茶 so much, best drink in town", "en"),
        ("yyds", "zh"),
        ("xswl yyds", "zh"),
        ("emo", "en"),
        ("Great!", "en"),
        ("@JetBlue thanks https://t.co/abc #avgeek", "en"),
        ("La comida estaba muy fría y el servicio fue lento", "other"),
        ("Das Essen war leider kalt und der Service sehr langsam", "other"),
        ("очень вкусно", "other"),
        ("すごく美味しいです", "other"),
        ("맛있어요 정말", "other"),
        ("茶の専門店很好喝", "zh"),
        ("", "none"),
        ("  \n", "none"),
        ("👍👍", "none"),
        ("12345 !!!", "none"),
        ("[mobile] [name]", "none"),
        ("[phone] 打不通", "zh"),
        ("@somebody", "none"),
    ],
)
def test_the_language_of(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("ＡＢＣ１２３！", "abc123!"),
        ("這個奶茶後來變難喝了", "这个奶茶后来变难喝了"),
        ("好吃啊啊啊啊啊啊", "好吃啊啊啊"),
        ("10000000元", "10000000元"),
        ("yyds！", "非常好!"),
        ("真的yyds", "真的非常好"),
        ("客服sb", "客服傻逼"),
        ("usb接口松", "usb接口松"),
        ("今天emo了", "今天难过了"),
        ("666，600元", "厉害,600元"),
        ("老板6666啊，花了233元，¥666", "老板厉害啊,花了233元,¥666"),
        ("买了双nb", "买了双nb"),
        ("尾号666", "尾号666"),
        ("好喝👍👍👍下次还来", "好喝 好 下次还来"),
        ("😡", "生气"),
        ("太美了❤️‍🔥", "太美了 喜欢 火焰"),
        ("我叫[name]，打[mobile]没人接", "我叫 ,打 没人接"),
        ("见https://a.example/x?y=1 吧", "见 吧"),
        ("  上面\n\n下面\t ", "上面 下面"),
        ("零\u200b宽", "零宽"),
        ("半个\ud800字", "半个 字"),
    ],
)
def test_the_normal_form_in_chinese(text: str, form: str) -> None:
    assert normal(text, "zh").text == form


def test_four_hundred_characters_without_a_stop_are_read() -> None:
    text = "等了一个小时还没送到打电话也不接" * 25
    assert normal(text, "zh").text == text
    assert language_of(text) == "zh"


def test_the_normal_form_in_english() -> None:
    assert normal("SOOOOOO good 👍 @JetBlue yyds", "en").text == "sooo good good yyds"


@pytest.mark.parametrize("kind", [*KINDS, "personal"])
def test_a_mask_is_a_gap(kind: str) -> None:
    assert normal(f"打给[{kind}]了", "zh").text == normal("打给 了", "zh").text


def test_a_place_in_the_form_leads_to_the_text_as_it_stands() -> None:
    text = "我叫[name]，真的yyds👍👍，服務啊啊啊啊啊差"
    form = normal(text, "zh")
    for word, origin in (("非常好", "yyds"), ("好", "👍👍"), ("服务", "服務"), ("差", "差")):
        at = form.text.rindex(word)
        start, end = form.span(at, at + len(word))
        assert text[start:end] == origin


def test_what_stays_needs_no_map() -> None:
    assert normal("味道不错", "zh").starts is None


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=80), st.sampled_from(["zh", "en"]))
def test_every_place_of_any_text_leads_back(text: str, language: str) -> None:
    form = normal(text, language)
    spans = [form.span(at, at + 1) for at in range(len(form.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    assert form.text == form.text.strip()
    assert language_of(text) in {"zh", "en", "other", "none"}


ODD = [
    "好吃",
    "後來",
    "ＡＢ１",
    " ",
    "\n",
    "啊啊啊",
    "1111",
    "yyds",
    "666",
    "2333",
    "栓q",
    "[name]",
]
ODD += ["@me", "http://a.b", "👍", "❤️‍🔥", "\u200b", "\ud800", "\0", "İ", "𠮷", "é", "!"]


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.lists(st.sampled_from(ODD), max_size=6).map("".join) | st.text(max_size=20)),
    st.sampled_from(["zh", "en"]),
)
def test_many_at_once_are_the_same_as_one_by_one(texts: list[str], language: str) -> None:
    together = normals(texts, language)
    for form, text in zip(together, texts, strict=True):
        alone = normal(text, language)
        assert form.text == alone.text
        places = range(len(form.text))
        assert [form.span(at, at + 1) for at in places] == [alone.span(at, at + 1) for at in places]
