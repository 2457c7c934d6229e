"""What a workbook may come to, looked at before it is opened: its reader takes sheets whole.

A sheet is read as the rectangle that its cells reach to, and memory for it is taken at once: one
stray cell in the last corner makes 17 billion of them, and ends the process that asks for them.
"""

from __future__ import annotations

import re
import string
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from loaders.files import CHUNK, FileFault

MAX_BOOK = 64 << 20  # bytes of a workbook
MAX_BOOK_UNPACKED = 512 << 20
MAX_CELLS = 20_000_000  # 32 bytes each

_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([^\"']*)")
_LETTERS, _DIGITS = string.ascii_letters.encode(), string.digits.encode()
_LOCAL_HEADER = 30


def check_size(size: int) -> None:
    """Raise FileFault for a workbook of too many bytes."""
    if size > MAX_BOOK:
        raise FileFault(_too_large("it", size, MAX_BOOK))


def check_unpacked(path: Path, archive: zipfile.ZipFile) -> None:
    """Raise FileFault where the parts of a workbook, whatever they say, unpack to too much."""
    entries = archive.infolist()
    said = sum(entry.file_size for entry in entries)
    if said > MAX_BOOK_UNPACKED:
        raise FileFault(_too_large("unpacked it", said, MAX_BOOK_UNPACKED))
    left = MAX_BOOK_UNPACKED
    with path.open("rb") as stream:
        for entry in entries:
            left -= _unpacked(stream, entry, left)
            if left < 0:
                what = f"its part {entry.filename!r} says that it is small, and"
                raise FileFault(_too_large(what, MAX_BOOK_UNPACKED - left, MAX_BOOK_UNPACKED))


def check_cells(archive: zipfile.ZipFile, parts: Iterable[str], sheet: str) -> None:
    """Raise FileFault where the cells of a worksheet reach too far. `parts` may be its file."""
    for part in parts:
        rows, columns = _reach(archive, part)
        if rows * columns > MAX_CELLS:
            raise FileFault(
                f"its sheet {sheet!r} reaches to row {rows:,} and column {columns:,}: "
                f"{rows * columns:,} cells, and up to {MAX_CELLS:,} are read. Delete the rows and "
                "columns behind the table, or save it as CSV (UTF-8)."
            )


def _unpacked(stream: BinaryIO, entry: zipfile.ZipInfo, limit: int) -> int:
    """The bytes that come out of a part; a little more than `limit` where it is more."""
    if entry.compress_type == zipfile.ZIP_STORED:
        return entry.compress_size
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise FileFault("the workbook is packed in an unusual way. Save it again as XLSX.")
    stream.seek(entry.header_offset)
    header = stream.read(_LOCAL_HEADER)
    stream.seek(int.from_bytes(header[26:28], "little"), 1)
    stream.seek(int.from_bytes(header[28:30], "little"), 1)
    inflate, size, left = zlib.decompressobj(-zlib.MAX_WBITS), 0, entry.compress_size
    while size <= limit and (packed := stream.read(min(CHUNK, left))):
        left -= len(packed)
        while packed and size <= limit:
            size += len(inflate.decompress(packed, CHUNK))
            packed = inflate.unconsumed_tail
    return size


def _reach(archive: zipfile.ZipFile, part: str) -> tuple[int, int]:
    """The last row and the last column, from 1, that a cell of a worksheet names."""
    rows, columns, tail = 0, 0, b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            text = tail + chunk
            cut = text.rfind(b">") + 1
            text, tail = text[:cut], text[cut:]
            names = b" ".join(_REFERENCE.findall(text))
            numbers = names.translate(None, _LETTERS).split()
            letters = names.translate(None, _DIGITS).upper().split()
            if b"\x00" in chunk or not all(map(bytes.isdigit, numbers)):
                raise FileFault("its cells are named in an unusual way. Save it again as XLSX.")
            rows = max(rows, max(map(int, numbers), default=0))
            columns = max(columns, max(map(_column, set(letters)), default=0))
    return rows, columns


def _column(letters: bytes) -> int:
    """B -> 2, AA -> 27."""
    column = 0
    for letter in letters:
        column = column * 26 + letter - ord("A") + 1
    return column


def _too_large(what: str, size: int, limit: int) -> str:
    return (
        f"{what} is {size >> 20} MB, and workbooks of more than {limit >> 20} MB are not opened. "
        "Save it as CSV (UTF-8)."
    )
