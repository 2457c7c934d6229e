"""Telling the encoding of a file from a look at its bytes: UTF-8, UTF-16, GB18030, Western."""

from __future__ import annotations

import codecs
from pathlib import Path

import charset_normalizer

from loaders.files import CHUNK, FileFault, Scan

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHINESE = frozenset({"gb2312", "gbk", "gb18030", "hz", "cp936"})


def detect_encoding(found: Scan) -> str:
    """The Python name of a file's encoding. Raises FileFault when nothing fits."""
    sample = found.sample
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    wide = _wide(sample)
    if wide:
        return wide
    if found.is_utf8 or _mostly(sample, "utf-8"):
        return "utf-8"
    if _looks_chinese(sample):
        return "gb18030"
    best = charset_normalizer.from_bytes(sample).best()
    if best is None:
        raise FileFault(
            "its bytes are not text in any encoding that is known here. If it is a CSV file, name "
            "its encoding in the config (encoding: …); else save it as CSV (UTF-8) or XLSX."
        )
    if best.encoding in _CHINESE:
        return "gb18030"
    # Western single-byte tables differ in a few letters; files come from Windows.
    return "cp1252" if "cp1252" in best.could_be_from_charset else best.encoding


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


def _wide(sample: bytes) -> str | None:
    """UTF-16 without its mark: the NULs stand all on one side, and line ends come out as such."""
    nuls = sample.count(0)
    if nuls < len(sample) / 20:
        return None
    odd = sample[1::2].count(0)
    name = "utf-16-le" if odd * 2 > nuls else "utf-16-be"
    one_sided = max(odd, nuls - odd) >= nuls * 0.95
    return name if one_sided and "\n" in sample.decode(name, "ignore") else None


def _mostly(sample: bytes, encoding: str) -> bool:
    """Whether nearly all lines that are not ASCII can be read: a few bad rows are no other file."""
    lines = [line for line in sample[:-4].split(b"\n") if not line.isascii()]
    bad = sum(not _decodes(line, encoding) for line in lines)
    return bool(lines) and bad <= len(lines) * 0.2


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _looks_chinese(sample: bytes) -> bool:
    """GB18030 accepts nearly any bytes; real Chinese is made of the common characters of GB2312."""
    foreign = [c for c in sample.decode("gb18030", "replace") if ord(c) > 127]
    if not foreign:
        return False
    common = sum(_is_common_chinese(c) for c in foreign)
    return common >= len(foreign) * 0.85


def _is_common_chinese(character: str) -> bool:
    try:
        return len(character.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False
