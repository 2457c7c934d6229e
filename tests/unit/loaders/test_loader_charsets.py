"""Encodings told from the bytes: what is read is what was written, or the file asks for a name."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.charsets import detect_encoding, member_name
from loaders.files import FileFault, scan
from loaders.tables import open_table

WORDS = {
    "Chinese": [
        *("奶茶很好喝，下次还来", "等了四十分钟，态度也不好", "服务员热情", "不推荐", "一般般吧"),
        *("上海市南京路店", "人民广场店", "北京三里屯", "奈雪の茶", "张伟", "欧阳娜娜", "靛蓝"),
        *("包装破损，要求退款", "配送太慢了！", "性价比高", "是", "否", "非常满意", "“还行”"),
    ],
    "Japanese": [
        *("とても美味しかったです。また来ます", "待ち時間が長い", "店員さんが親切でした"),
        *("渋谷店", "東京都新宿区", "大阪府", "アイスコーヒー", "タピオカミルクティー", "ﾔﾏﾀﾞ ﾀﾛｳ"),
        *("山田太郎", "表示ソフト", "普通", "満足", "不満", "「最高」", "価格が高いと思います"),
    ],
    "German": [
        *("schön und größer", "Zürich", "Köln-Mülheim", "sehr süß", "Übernachtung", "gut"),
        *("5,00 €", "„na ja“", "Es war schlecht – leider", "MÜNCHEN"),
    ],
    "French": [
        *("très bon café", "créée par l’équipe", "Orléans", "déçu…", "ça va", "naïve", "bien"),
        *("où est-ce ?", "hôtel à côté", "garçon œuf", "«non»"),
    ],
    "English": ["fine", "too slow", "it’s cold", "£5", "café", "ok"],
}
HEADERS = {
    "Chinese": ["序号", "门店", "评价"],
    "Japanese": ["番号", "店舗", "コメント"],
    "German": ["Nr", "Größe", "Kommentar"],
    "French": ["no", "ville", "avis"],
    "English": ["id", "store", "comment"],
}
ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"),
    *("gbk", "gb18030", "cp932", "cp1252"),
)


def table(language: str) -> st.SearchStrategy[list[list[str]]]:
    word = st.sampled_from(WORDS[language])
    row = st.tuples(st.integers(1, 9999).map(str), word, word).map(list)
    return st.lists(row, min_size=1, max_size=12).map(lambda rows: [HEADERS[language], *rows])


def encoded(rows: list[list[str]], encoding: str) -> bytes | None:
    """The rows as a CSV file; None where the encoding has not all of their characters."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    raw = out.getvalue().encode(encoding, "ignore")
    return raw if raw.decode(encoding) == out.getvalue() else None


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_is_read_is_what_was_written_or_the_encoding_is_asked_for(
    tmp_path_factory: pytest.TempPathFactory, encoding: str, language: str, data: st.DataObject
) -> None:
    rows = data.draw(table(language))
    raw = encoded(rows, encoding)
    if raw is None:
        return
    path = tmp_path_factory.mktemp("charset") / "file.csv"
    path.write_bytes(raw)
    try:
        with open_table(path, scan(path)) as opened:
            read = [row.cells for row in opened.rows]
    except FileFault as fault:
        assert "encoding: " in str(fault)
        assert not encoding.startswith("utf")
    else:
        assert read == rows


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        *(("Chinese", e) for e in ENCODINGS[:7]),
        *(("Japanese", e) for e in (*ENCODINGS[:5], "cp932")),
        *(("German", e) for e in (*ENCODINGS[:5], "cp1252")),
        *(("French", e) for e in (*ENCODINGS[:5], "cp1252")),
    ],
)
def test_a_text_of_some_length_is_read_without_asking(
    tmp_path: Path, language: str, encoding: str
) -> None:
    rows = [HEADERS[language], *([str(n), word, "x"] for n, word in enumerate(WORDS[language]))]
    path = tmp_path / "file.csv"
    path.write_bytes(encoded(rows, encoding) or b"")
    with open_table(path, scan(path)) as opened:
        assert [row.cells for row in opened.rows] == rows


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (
            "주문번호,의견\n1,아주 맛있었어요 다음에 또 올게요\n2,직원이 친절했습니다 감사합니다\n",
            "euc_kr",
        ),
        ("訂單號,會員號,評價\n1,台北店,奶茶很好喝，下次還來\n2,高雄,等了太久，態度不好\n", "big5"),
        ("注文番号,コメント\n1,とても美味しかったです。また来ます\n", "euc_jp"),
        ("город,отзыв\nМосква,очень хорошо\n", "cp1251"),
        ("氏名\nﾔﾏﾀﾞ\nｽｽﾞｷ\nｻﾄｳﾀﾛ\n", "cp932"),
    ],
)
def test_other_encodings_are_asked_for_and_not_guessed(
    tmp_path: Path, text: str, encoding: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode(encoding))
    try:
        assert path.read_bytes().decode(detect_encoding(scan(path))) == text
    except FileFault as fault:
        assert "Name it in the config (encoding: " in str(fault)
    with open_table(path, scan(path), encoding=encoding) as opened:
        assert [",".join(row.cells) for row in opened.rows] == text.splitlines()


ORDERS = "order_id,customer_id,ordered_at,amount,note\n"


@pytest.mark.parametrize("row", ["o1,c1,2026-09-01,€5,app", "o1,c1,2026-09-01,€5,门店", "1,靛蓝€"])
def test_one_row_with_a_euro_in_gb18030(tmp_path: Path, row: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"{ORDERS}{row}\n".encode("gb18030"))
    assert detect_encoding(scan(path)) == "gb18030"


@pytest.mark.parametrize("bad", [0, 1, 2])
@pytest.mark.parametrize("end", ["\n", "b\n", ""])
def test_one_bad_row_of_three_is_no_other_encoding(tmp_path: Path, bad: int, end: str) -> None:
    rows = [f"o{n},c1,2026-09-01,5,{text}" for n, text in enumerate(("好评", "味道不错", "很好"))]
    raw = [row.encode("gbk" if n == bad else "utf-8") for n, row in enumerate(rows)]
    path = tmp_path / "a.csv"
    path.write_bytes(ORDERS.encode() + b"\n".join(raw) + end.encode())
    assert detect_encoding(scan(path)) == "utf-8"


def test_genders_in_gbk_are_not_two_letters_of_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("编号,性别\n1,女\n2,女\n3,女\n4,男\n".encode("gbk"))
    assert detect_encoding(scan(path)) != "utf-8"


def test_one_character_alone_is_asked_for(tmp_path: Path) -> None:
    """A real export (StarWars.csv) holds two bytes above ASCII: \u0152\u00e6, or a kanji."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,Are you a fan of the Expanded Universe?\x8c\xe6\n1,Yes\n")
    with pytest.raises(FileFault, match="can't be told for certain"):
        detect_encoding(scan(path))


def test_utf_16_of_chinese_with_few_line_ends(tmp_path: Path) -> None:
    text = "评价\r\n" + "上上下下等了很久还是没有人来接待我们" * 50 + "\r\n"
    for encoding in ("utf-16-le", "utf-16-be"):
        path = tmp_path / "file.csv"
        path.write_bytes(text.encode(encoding))
        assert detect_encoding(scan(path)) == encoding


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "cp437"])
def test_names_in_a_zip(encoding: str) -> None:
    name = "订单明细.csv" if encoding != "cp437" else "Café.csv"
    assert member_name(name.encode(encoding)) == name
