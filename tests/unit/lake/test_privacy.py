"""Personal data: what is hashed, what is masked, and what happens without a key."""

import hashlib
import hmac

import pytest

from lake.privacy import KEY_VARIABLE, MissingKeyError, Privacy

KEY = "0123456789abcdef"


@pytest.fixture
def privacy() -> Privacy:
    return Privacy(KEY.encode())


def test_hash_is_the_hmac_of_the_trimmed_lower_cased_value(privacy: Privacy) -> None:
    expected = hmac.new(KEY.encode(), b"li@example.cn", hashlib.sha256).hexdigest()[:32]
    assert privacy.hash("  Li@Example.CN ") == expected


def test_hash_of_nothing_is_nothing(privacy: Privacy) -> None:
    assert privacy.hash(None) is None
    assert privacy.hash("   ") is None


def test_another_key_gives_another_hash(privacy: Privacy) -> None:
    assert privacy.hash("13800138000") != Privacy(b"another-key-of-16").hash("13800138000")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("请打13812345678联系我", "请打[mobile]联系我"),
        ("电话 +86 138-1234-5678。", "电话 [mobile]。"),
        ("写信到 wang.fang@mail.example.cn 谢谢", "写信到 [mail] 谢谢"),
        ("身份证11010519491231002X", "身份证[id-card]"),
        ("卡号6222 0202 0000 1234 562", "卡号[bank-card]"),
        ("call me at (415) 555-0132", "call me at [phone]"),
        ("订单号 20260930123 少了一杯", "订单号 20260930123 少了一杯"),
        ("等了40分钟, 花了128元", "等了40分钟, 花了128元"),
    ],
)
def test_free_text_is_masked(privacy: Privacy, text: str, masked: str) -> None:
    assert privacy.mask(text) == masked


def test_masked_values_are_counted(privacy: Privacy) -> None:
    privacy.mask("13812345678 or 13912345678, a@b.cn")
    assert privacy.take_masked().total() == 3
    assert not privacy.masked


@pytest.mark.parametrize("value", [None, "", "short", " " * 20, "short" + " " * 20, "\n\t" * 10])
def test_without_a_usable_key_the_reason_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(KEY_VARIABLE, value)
    with pytest.raises(MissingKeyError, match=KEY_VARIABLE):
        Privacy.from_env()
