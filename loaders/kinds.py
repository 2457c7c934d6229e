"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["text", "zip", "gzip", "parquet", "spss"]

ZIP, GZIP, PARQUET = b"PK\x03\x04", b"\x1f\x8b", b"PAR1"
_READ: dict[bytes, Kind] = {
    ZIP: "zip",
    b"PK\x05\x06": "zip",
    GZIP: "gzip",
    PARQUET: "parquet",
    b"$FL2": "spss",
    b"$FL3": "spss",
}
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "an old or password-protected Office file",
    b"%PDF": "a PDF file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format 3\x00": "an SQLite file",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ\x00": "an xz file",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
}
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!doctype html|<html\b|<table\b.*?<tr\b)",
    re.I | re.S,
)
_TAR = slice(257, 262)
"""Where a tar file, which begins with the name of its first member, says that it is one."""


def kind_of(sample: bytes) -> Kind:
    """The kind of a file that begins with `sample`. A workbook is a zip."""
    return next((kind for mark, kind in _READ.items() if sample.startswith(mark)), "text")


def stranger(sample: bytes) -> str | None:
    """What a file is that can't be read here, in words; None for all others."""
    if sample[_TAR] == b"ustar":
        return "a tar archive"
    if _HTML.match(sample):
        return "an HTML page, whatever its name says"
    return next((what for mark, what in _OTHERS.items() if sample.startswith(mark)), None)
