"""Telling a file's encoding from a look at its bytes: UTF-8/16, GB18030, Shift-JIS, Western.

Nothing is guessed: bytes that may be two encodings are a fault of the file; it asks for the name.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from pathlib import Path

import charset_normalizer

from loaders.files import CHUNK, SAMPLE, FileFault, Scan

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LIKELY = 0.85
"""The share of its characters that must be usual ones: a few rows may be of another encoding."""

_TABLES = ("gb2312", "shift_jis", "cp1252", "euc_kr", "big5")
_RUN = re.compile(rb"([\x00-\x7f]?)([\x80-\xff]+)(?=([\x00-\x7f]?))")
_LETTER_BEFORE = re.compile(rb"[a-z][\x80-\xff]")
_WESTERN = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŽžŸ"
    "€£¥§©®°ªº·¡¿«»–—‘’“”„…•™\xa0".encode("cp1252")
)
_QUOTES = frozenset("…‘’“”•–—".encode("cp1252"))

_FREQUENT = frozenset(
    "的一是不了在有人我他这中大来上个国说们为子和你地出道也时年得就那要下以生会自着去之过家学"
    "对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面"
    "公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情"
    "部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北"
    "少关并内加化由却代军产入先山五太水万市员社金区路店商品单号客户订购买卖付款退货换物流快递服"
    "务态度质量价格优惠券满度差评诉投理处复联系话题姓性别龄职地址省城县街城超级茶奶餐味饮食外送"
    "评价咖啡张王李刘陈杨赵黄周吴徐孙胡朱林何郭马罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋"
    "蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范石伟芳娜敏静丽强磊洋勇艳杰娟涛超秀霞刚桂英华兰玉萍红春"
    "京南广州深圳杭武汉重庆苏成都津安合计数额元角是否男女有效状完已未待取消支持建议应该希望感谢推荐"
    "€"  # GB18030's own: its two bytes are words' letters nowhere else
)
"""What Chinese texts, names and column headers are made of; a tenth of all characters in use."""
MANY = 20
"""From so many characters on, a Chinese text holds frequent ones, whatever it is about."""
HEAD = 1 << 13
HALF, CERTAIN = 0.5, 0.98
SOME = 0.2
"""The share that can't be chance: a tenth of what is no Chinese is frequent when read as such."""


def detect_encoding(found: Scan) -> str:
    """The Python name of a file's encoding. Raises FileFault when nothing fits, or two do."""
    sample = found.sample
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    wide = _wide(sample)
    if wide:
        return wide
    if found.is_utf8 or _is_mostly_utf8(sample):
        return "utf-8"
    fitting = _fitting(sample)
    if len(fitting) == 1:
        return fitting[0]
    best = charset_normalizer.from_bytes(sample[:HEAD]).best()
    likely = fitting or [
        *(["gb18030"] if all(map(_is_common_chinese, _foreign(sample, "gb18030"))) else []),
        *([best.encoding] if best and best.encoding != "gb18030" else []),
    ]
    raise FileFault(_which(likely))


def member_name(raw: bytes) -> str:
    """The name of a zip's member that does not say its encoding."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        fitting = _fitting(raw)
        return raw.decode(fitting[0] if fitting else "cp437", "replace")


def verify(path: Path, encoding: str) -> None:
    """Read a file to its end. Raises FileFault when it is not text in `encoding`."""
    with path.open("r", encoding=encoding, newline="") as stream:
        try:
            while stream.read(CHUNK):
                pass
        except UnicodeError as error:
            raise FileFault(
                f"it can't be read as {encoding}: {error}. Export it again, as UTF-8."
            ) from error


def _which(likely: list[str]) -> str:
    if not likely:
        return (
            "its bytes are not text in any encoding that is known here. If it is a CSV file, name "
            "its encoding in the config (encoding: …); else save it as CSV (UTF-8) or XLSX."
        )
    names = " or ".join(likely)
    return (
        f"its encoding can't be told for certain: it may be {names}. Name it in the config "
        f"(encoding: {likely[0]}), or save the file as UTF-8."
    )


def _fitting(sample: bytes) -> list[str]:
    """The encodings, of those that use all bytes, in which the sample is usual text."""
    if _western(sample) >= LIKELY:
        return ["cp1252"]  # the Western tables differ in a few letters; files come from Windows
    as_chinese, japanese = _foreign(sample, "gb18030"), _is_japanese(sample)
    if _share(_is_common_chinese, as_chinese) < LIKELY:
        return ["cp932"] if japanese else []
    frequent = _share(_FREQUENT.__contains__, as_chinese)
    if frequent >= SOME:
        return ["gb18030"]
    if _share(_is_kana, as_chinese) >= SOME:
        return ["euc_jp", "gb18030"]  # their kana stand at the same places, their kanji don't
    if japanese:
        return ["gb18030", "cp932"]
    return ["gb18030"] if frequent and len(as_chinese) < MANY else []


def _foreign(sample: bytes, encoding: str) -> str:
    return "".join(c for c in sample.decode(encoding, "replace") if ord(c) > 127)


def _share(usual: Callable[[str], bool], characters: str) -> float:
    return sum(map(usual, characters)) / len(characters) if characters else 0.0


def _western(sample: bytes) -> float:
    """The share of the bytes above ASCII that are accented letters in words, quotes or signs."""
    total = usual = 0
    for before, run, after in _RUN.findall(sample):
        total += len(run)
        in_word = before.isalpha() or after.isalpha() or not _QUOTES.isdisjoint(run)
        if len(run) <= 1 + in_word and _WESTERN.issuperset(run):
            usual += len(run)
    return usual / total if total else 0.0


def _is_common_chinese(character: str) -> bool:
    """GB18030 accepts nearly any bytes; real Chinese is made of the common characters of GB2312.

    So are its names, with the の of 奈雪の茶.
    """
    if character == "€":  # younger than GB2312
        return True
    raw = _encoded(character, "gb2312")
    return len(raw) == 2 and (0xA1 <= raw[0] <= 0xA5 or 0xB0 <= raw[0] <= 0xF7)


def _is_japanese(sample: bytes) -> bool:
    """Whether it is kana, and common characters of JIS.

    Kana of half the width are single bytes, which much else looks like: they are believed only
    where nothing else is between them, and no word of other letters goes before. One character
    alone proves nothing.
    """
    characters = _foreign(sample, "cp932")
    if len(set(characters)) < 2:
        return False
    common = _share(_is_common_japanese, characters)
    if _share(_is_narrow_kana, characters) < HALF:
        return common >= LIKELY
    return common >= CERTAIN and not _LETTER_BEFORE.search(sample)


def _is_common_japanese(character: str) -> bool:
    raw = _encoded(character, "cp932")
    common = len(raw) == 2 and (0x81 <= raw[0] <= 0x83 or 0x88 <= raw[0] <= 0x98)
    return common or _is_narrow_kana(character)


def _is_narrow_kana(character: str) -> bool:
    return "\uff61" <= character <= "\uff9f"


def _is_kana(character: str) -> bool:
    return "\u3041" <= character <= "\u30fe"


def _encoded(character: str, encoding: str) -> bytes:
    return character.encode(encoding, "ignore")


def _wide(sample: bytes) -> str | None:
    """UTF-16 without its mark. Its line ends hold NULs, and read as such it is usual text.

    Other text, a NUL in it or not, makes Chinese of two letters each, of which a third is usual.
    """
    if 0 not in sample:
        return None
    head = sample[: len(sample) // 2 * 2][:HEAD]
    for name in ("utf-16-le", "utf-16-be"):
        if _share(_is_usual, head.decode(name, "replace")) >= LIKELY:
            return name
    return None


def _is_usual(character: str) -> bool:
    if character.isascii():
        return character.isprintable() or character in "\r\n\t"
    return any(_encoded(character, table) for table in _TABLES)


def _is_mostly_utf8(sample: bytes) -> bool:
    """Whether the lines that are not ASCII are UTF-8 but for a few: bad rows are no other file.

    Of a file of few lines, most have to be so, in characters of three bytes: two bytes of GBK may
    pass for one of two.
    """
    whole = sample if len(sample) < SAMPLE else sample[:-4]  # its last character may be cut
    lines = [line for line in whole.split(b"\n") if not line.isascii()]
    good = [text for line in lines if (text := _as_utf8(line)) is not None]
    wide = [text for text in good if max(text) >= "\u0800"]
    few_bad = len(lines) - len(good) <= len(lines) * 0.2
    return bool(lines) and (few_bad or len(wide) > len(lines) / 2)


def _as_utf8(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None
