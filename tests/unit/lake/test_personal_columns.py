"""Which columns of a table tell who people are."""

import pytest

from lake.privacy import personal_kind


@pytest.mark.parametrize(
    ("header", "values", "kind"),
    [
        ("您的姓名", ["王芳", "李小明", ""], "name"),
        ("3. 请填写您的手机号码（必填）", [], "mobile"),
        ("What is your email address?", ["", "a@b.cn"], "mail"),
        ("Name", ["Wang Fang", "Lena Meier"], "name"),
        ("其他", ["13812345678", "13912345678", "无"], "mobile"),
        ("Q7", ["a@b.cn", "c@d.cn"], "mail"),
        ("编号", ["11010519491231002X", "110105 19491231 002X"], "id-card"),
        ("来自IP", ["113.87.12.5(广东-深圳)", "1.80.3.4"], "ip"),
        ("车", ["粤B12345", "粤BD12345"], "plate"),
    ],
)
def test_a_personal_column_is_known(header: str, values: list[str], kind: str) -> None:
    assert personal_kind(header, values) == kind


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("您对姓名牌的满意度", ["9", "10"]),
        ("您对电话客服满意吗", ["满意", "不满意"]),
        ("手机", ["5", "4", "3"]),  # how content somebody is with the telephone
        ("名字", ["13", "x9", "77"]),
        ("意见", ["很好，打13812345678", "不错", "一般"]),
        ("推荐意愿", ["9", "10"]),
        ("订单号", ["20260930123", "20260930124"]),
        ("Q7", ["a@b.cn", "fine", "good"]),
        ("Q7", []),
    ],
)
def test_another_column_lands(header: str, values: list[str]) -> None:
    assert personal_kind(header, values) is None
