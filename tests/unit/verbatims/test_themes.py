"""Emerging themes: which texts make one, how it grows, what it is called the night after."""

import hashlib
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.scaffold import scaffold_file
from verbatims.aspects.finder import AspectFinder
from verbatims.aspects.taxonomy import read_taxonomy
from verbatims.store import THEMES
from verbatims.themes import (
    Theme,
    Unnamed,
    find_themes,
    growth,
    known_themes,
    theme_rows,
)
from verbatims.themes.growth import q_values
from verbatims.themes.words import features_of

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
SPOKEN_OF = {
    "parking": (
        "停车场太难找 停车位不够 停车场收费乱 停车要绕两圈 停车场没有指示牌 没地方停车",
        "转了半小时 周末尤其挤 保安也不管 出口还堵着 老人下车走好远 最后停到马路边",
    ),
    "invoice": (
        "发票一直开不出来 电子发票没发到邮箱 发票抬头写错 要发票推三阻四 发票金额不对 补开发票要等",
        "财务不给报销 打了三次招呼 公司要用 换个人又说没有 月底急着交 重开一张麻烦",
    ),
    "music": (
        "音乐声太吵 背景音乐太响 音乐放得震耳朵 店里音乐循环一首 音乐吵得没法聊天 喇叭音乐刺耳",
        "说话靠喊 孩子被吓到 头都疼了 坐不到十分钟 建议调小 换首歌也行",
    ),
}


def unnamed(text: str, days_ago: float, language: str = "zh") -> Unnamed:
    text_hash = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return Unnamed(text_hash, text, language, AS_OF - timedelta(days=days_ago))


def spoken(name: str, now: int, before: int) -> list[Unnamed]:
    """So many different things said of one matter in the last 28 days and in those before."""
    firsts, seconds = SPOKEN_OF[name]
    texts = [f"{first}，{second}" for first in firsts.split() for second in seconds.split()]
    random.Random(name).shuffle(texts)  # noqa: S311
    return [unnamed(text, 3 if n < now else 40) for n, text in enumerate(texts[: now + before])]


ALL = [*spoken("parking", 24, 8), *spoken("invoice", 16, 16), *spoken("music", 14, 18)]


def noted(themes: list[Theme]) -> list[dict[str, Any]]:
    """Rows of the lake, as the night writes them."""
    told = {"scored_at": AS_OF, "run_id": "r1"}
    return [row | told for row in theme_rows(themes, AS_OF.date(), "1-abc")]


def about(themes: list[Theme], word: str) -> list[Theme]:
    return [theme for theme in themes if any(word in said for said, _ in theme.keywords[:3])]


def test_what_is_spoken_of_comes_up_with_its_words_and_texts() -> None:
    themes = find_themes(ALL, AS_OF)
    for word in ("停车", "发票", "音乐"):
        found = about(themes, word)
        assert found, word
        members = {text for theme in found for text in theme.text_hashes}
        right = {row.text_hash for row in ALL if word in row.text}
        assert len(members & right) >= 0.8 * len(right)
        assert len(members & right) >= 0.9 * len(members)
        for theme in found:
            assert len(theme.exemplars) == 3
            assert all(word in exemplar.text for exemplar in theme.exemplars)


def test_counts_are_of_the_two_windows_and_growth_of_their_share() -> None:
    themes = about(find_themes(ALL, AS_OF), "停车")
    now, before = sum(t.n_now for t in themes), sum(t.n_before for t in themes)
    assert (now, before) == pytest.approx((24, 8), abs=2)
    for theme in themes:
        assert (theme.said_now, theme.said_before, theme.sampling_share) == (54, 42, 1.0)
        assert theme.growth == growth(theme.n_before, theme.n_now, 42, 54)


def test_growth_can_be_of_all_that_was_said() -> None:
    (theme, *_) = find_themes(ALL, AS_OF, said={"zh": (1000, 4000)})
    assert (theme.said_before, theme.said_now) == (1000, 4000)
    assert theme.growth.ratio == pytest.approx(theme.n_now / theme.n_before / 4)


def test_what_was_said_outside_of_both_windows_or_later_does_not_count() -> None:
    outside = [unnamed(f"{row.text}。", 56) for row in ALL] + [unnamed("停车难" * 9, -1)]
    assert find_themes([*ALL, *outside], AS_OF) == find_themes(ALL, AS_OF)


def test_order_changes_nothing() -> None:
    shuffled = random.Random(1).sample(ALL, len(ALL))  # noqa: S311
    assert find_themes(shuffled, AS_OF) == find_themes(ALL, AS_OF)


def test_a_theme_keeps_its_id_the_night_after() -> None:
    first = find_themes(ALL, AS_OF)
    rows = noted(first)
    later = AS_OF + timedelta(days=1)
    more = [*ALL, *(unnamed(f"{row.text}！又一次", -0.5) for row in ALL[::9])]
    second = find_themes(more, later, known=known_themes(rows))
    for word in ("停车", "发票", "音乐"):
        before = {theme.theme_id for theme in about(first, word)}
        after = about(second, word)
        assert before & {theme.theme_id for theme in after}
        kept = [theme for theme in after if theme.theme_id in before]
        assert all(theme.first_seen == AS_OF.date() for theme in kept)
    assert len({theme.theme_id for theme in second}) == len(second)


def test_another_matter_gets_another_id() -> None:
    parking = find_themes(spoken("parking", 30, 0), AS_OF)
    rows = noted(parking)
    invoice = find_themes(spoken("invoice", 30, 0), AS_OF, known=known_themes(rows))
    assert parking and invoice
    assert not {t.theme_id for t in parking} & {t.theme_id for t in invoice}


def test_of_too_many_texts_a_sample_is_read_and_its_share_told() -> None:
    themes = find_themes(ALL, AS_OF, cap=48)
    assert themes
    assert all(theme.sampling_share == 0.5 for theme in themes)  # 48 of 96, each said once
    assert all(theme.said_now == 54 for theme in themes)
    assert themes == find_themes(ALL[::-1], AS_OF, cap=48)


def test_what_is_said_often_in_the_same_words_counts_as_often() -> None:
    parking = spoken("parking", 24, 8)
    themes = find_themes([*parking, *parking[:24]], AS_OF)
    once = find_themes(parking, AS_OF)
    assert sum(t.n_now for t in themes) == 2 * sum(t.n_now for t in once)
    assert sum(t.n_before for t in themes) == sum(t.n_before for t in once)
    assert [t.texts for t in themes] == [t.texts for t in once]


def test_few_texts_or_none_make_no_theme() -> None:
    assert find_themes([], AS_OF) == []
    assert find_themes(ALL[:9], AS_OF) == []
    assert find_themes([unnamed("🙂" * n, 1) for n in range(1, 60)], AS_OF) == []


def test_delivery_comes_up_once_the_taxonomy_forgets_it() -> None:
    """Its aspect is taken out; what nothing is found in any more makes themes of its words."""
    taxonomy = read_taxonomy(scaffold_file("taxonomy.yml"))
    without = taxonomy.aspects.keys() - {"delivery"}
    finder = AspectFinder(
        taxonomy.model_copy(update={"aspects": {n: taxonomy.aspects[n] for n in without}})
    )
    ends = ["真急人", "等不了", "饿坏了", "午休都过了", "催了也没用", "开会都迟了"]
    said = [
        *(f"{n}个小时才送到，{end}" for n in "两三四" for end in ends),
        *(f"骑手{how}，{end}" for how in ("找不到路", "一直不动", "送错楼") for end in ends),
        *(f"配送{how}，{end}" for how in ("太久", "慢得很", "拖拖拉拉") for end in ends),
        *(row.text for row in spoken("music", 24, 0)),
    ]
    left = [unnamed(text, 3) for text in said if not finder.find(text, "zh")]
    assert len(left) >= 40
    themes = find_themes(left, AS_OF)
    words = {word for theme in themes for word, _ in theme.keywords[:5]}
    assert words & {"送到", "小时送到"} and "骑手" in words and "配送" in words


def test_english_themes_have_english_words() -> None:
    ends = [
        "so annoying",
        "again this week",
        "at the front door",
        "in the rain",
        "for twenty minutes",
    ]
    said = [
        *(f"The parking garage was full {end} on level {n}" for end in ends for n in range(4)),
        *(
            f"Gift wrapping counter closed early {end} on floor {n}"
            for end in ends
            for n in range(4)
        ),
    ]
    themes = find_themes([unnamed(text, 3, "en") for text in said], AS_OF)
    words = [{word for word, _ in theme.keywords[:6]} for theme in themes]
    assert any("parking garage" in found for found in words)
    assert any(found & {"gift wrapping", "wrapping counter"} for found in words)
    assert all(theme.language == "en" and theme.theme_id.startswith("en-") for theme in themes)


@pytest.mark.filterwarnings("error")
def test_texts_that_are_all_alike_make_one_theme_at_most() -> None:
    same = [unnamed("停车场抬杆坏了", days) for days in range(300)]
    assert find_themes(same, AS_OF) == []  # one text, however often it is said
    alike = [unnamed(f"停车场抬杆坏了第{count}次", count % 50) for count in range(300)]
    (theme,) = find_themes(alike, AS_OF)
    assert (theme.texts, theme.n_now + theme.n_before) == (300, 300)


def test_what_others_mask_with_is_no_word() -> None:
    words = features_of("XXXX charged my account on XX/XX/2026, call [mobile] or [mail]", "en")
    assert words == ["charged", "account", "charged account"] or set(words) == {
        "charged",
        "account",
    }
    assert "天天" in features_of("天天排队", "zh")


def test_rows_hold_hashes_and_no_texts() -> None:
    themes = find_themes(ALL, AS_OF)
    rows = noted(themes)
    table = pa.Table.from_pylist(rows, schema=THEMES)
    assert table.num_rows == len(themes)
    assert {name for row in rows for name in row} <= set(THEMES.names)
    hashes = {row.text_hash for row in ALL}
    for column in ("exemplar_1", "exemplar_2", "exemplar_3"):
        assert set(table[column].to_pylist()) <= hashes
    assert not any(row.text in str(rows) for row in ALL)
    assert [known.theme_id for known in known_themes(rows)] == [t.theme_id for t in themes]


def test_growth_by_hand() -> None:
    # 10 of 100 before, 20 of 100 now: twice; of 30, 20 or more or 10 or fewer is rare: p = .0987
    found = growth(10, 20, 100, 100)
    assert found.ratio == 2
    assert found.p_value == pytest.approx(0.0987, abs=1e-4)
    # Clopper-Pearson of 20 / 30 is .4719 to .8271; odds .8936 to 4.785
    assert found.low == pytest.approx(0.8936, abs=2e-3)
    assert found.high == pytest.approx(4.785, abs=2e-2)


def test_growth_allows_for_how_much_was_said() -> None:
    assert growth(10, 20, 100, 200).ratio == 1
    assert growth(10, 20, 100, 200).p_value > 0.9


def test_growth_from_nothing_has_a_lower_end_only() -> None:
    found = growth(0, 8, 100, 100)
    assert (found.ratio, found.high) == (None, None)
    # one in 2 ** 7 by chance; lower end .025 ** (1 / 8) = .6306, odds 1.707
    assert found.p_value == pytest.approx(2**-7)
    assert found.low == pytest.approx(1.707, abs=2e-3)
    assert growth(5, 0, 100, 100).ratio == 0
    assert growth(0, 0, 0, 0).p_value == 1


def test_q_values_by_hand() -> None:
    # ranks: .01 x 4 / 1, .02 x 4 / 2, .03 x 4 / 3, .5 x 4 / 4
    assert q_values([0.5, 0.01, 0.03, 0.02]) == pytest.approx([0.5, 0.04, 0.04, 0.04])
    assert q_values([]) == []


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.text(max_size=30), st.sampled_from(["zh", "en", "other"]), st.integers(-2, 80)
        ),
        max_size=60,
    )
)
def test_any_texts_are_read(rows: list[tuple[str, str, int]]) -> None:
    said = [unnamed(text, days, language) for text, language, days in rows]
    for theme in find_themes(said, AS_OF):
        assert theme.texts <= theme.n_now + theme.n_before
