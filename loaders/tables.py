"""Opening a file as rows of text, whatever its kind. What is packed is unpacked by archives.py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loaders.charsets import detect_encoding, verify
from loaders.columnar import open_parquet
from loaders.delimited import detect_delimiter, open_text
from loaders.files import SAMPLE, FileFault, Scan
from loaders.kinds import kind_of, stranger
from loaders.labelled import open_labelled
from loaders.readers.typeform_json import is_json, open_json
from loaders.rows import Table
from loaders.workbooks import open_book

_DELIMITER_NAMES = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}


@contextmanager
def open_table(
    path: Path,
    found: Scan,
    *,
    encoding: str = "auto",
    delimiter: str = "auto",
    sheet: str | None = None,
) -> Iterator[Table]:
    """A file as rows of text, whatever its kind. Raises FileFault, OSError."""
    if found.size == 0:
        raise FileFault("it is empty (0 bytes), without even a header. Export it again.")
    kind, strange = kind_of(found.sample), stranger(found.sample)
    if strange is not None:
        raise FileFault(
            f"it is {strange}, which can't be read here. Save it as CSV (UTF-8) or XLSX."
        )
    if is_json(found.sample):
        yield open_json(path, found.size)
        return
    if kind == "zip":
        yield open_book(path, found.size, sheet)
        return
    if kind == "spss":
        with open_labelled(path, encoding) as table:
            yield table
        return
    if kind == "parquet":
        yield open_parquet(path, found.size)
        return
    if kind == "gzip":
        raise FileFault("it is a gzip file, which is not opened here. Unpack it into this folder.")
    name = detect_encoding(found) if encoding == "auto" else encoding
    lenient = not name.startswith(("utf-16", "utf-32"))
    if not lenient:
        verify(path, name)
    errors = "surrogateescape" if lenient else "strict"
    # A byte order mark may stand there whatever the config says.
    codec = "utf-8-sig" if name.casefold() in ("utf-8", "utf8") else name
    with path.open("r", encoding=codec, errors=errors, newline="") as stream:
        if delimiter == "auto":
            delimiter = detect_delimiter(stream.read(SAMPLE))
            stream.seek(0)
        how = f"{name.upper()}, {_DELIMITER_NAMES[delimiter]} separated"
        table = Table(how, delimiter)
        open_text(stream, name, table)
        yield table
