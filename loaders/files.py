"""Dropped files as rows of text: which files, their bytes, encoding, delimiter, physical lines.

A row that is broken comes as a row with a fault; a file that can't be read at all raises FileFault.
Workbooks and delimited text look alike from outside. Nothing here knows what a column means.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import fnmatch
import hashlib
import io
import stat
import zipfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import charset_normalizer
import python_calamine as calamine

CHUNK = 1 << 20
SAMPLE = 1 << 16
MAX_LINE = 16 << 20  # characters of one physical line
MAX_SPAN = 500  # physical lines of one record: no answer is longer, an open quote is
MAX_BOOK = 64 << 20  # bytes of a workbook
MAX_BOOK_UNPACKED = 512 << 20
MAX_COLUMNS = 20_000
DELIMITERS = (",", "\t", ";", "|")
IGNORED_SUFFIXES = (".tmp", ".part", ".partial", ".crdownload", ".done")

_DELIMITER_NAMES = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHINESE = frozenset({"gb2312", "gbk", "gb18030", "hz", "cp936"})


class FileFault(Exception):  # noqa: N818 - a fault of a file, not an error of ours
    """A file that can't be read at all; its text says what happened and what to do."""


class Row(NamedTuple):
    """One record of a file: its first physical line (1-based), its cells, what is wrong with it."""

    line: int
    cells: list[str]
    fault: tuple[str, str] | None = None


@dataclass(frozen=True)
class Dropped:
    """A file in the landing folder; `url` is its path below the deployment's folder."""

    path: Path
    url: str


@dataclass(frozen=True)
class Found:
    """What a landing folder holds: files to read, files refused with their reason, a note."""

    files: tuple[Dropped, ...] = ()
    refused: tuple[tuple[Dropped, str], ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Scan:
    """One pass over a file's bytes: its hash, size, and enough to tell its encoding."""

    sha256: str
    size: int
    is_utf8: bool
    sample: bytes


@dataclass
class Table:
    """An open file. Set `width` once the header is read: other rows are then faults.

    `how` says in words how the file was read, for the person who wonders.
    """

    how: str
    width: int | None = None
    rows: Iterator[Row] = field(default_factory=lambda: iter(()))


def find(folder: Path, pattern: str, home: Path) -> Found:
    """The files directly in `folder` whose name matches `pattern`, in the order of their names.

    Hidden and half-copied files are left alone; links and whatever is not a plain file in the
    landing folder is refused.
    """
    landing = home / "landing"
    if not folder.is_dir():
        return Found(note="no files: the folder does not exist")
    if not folder.resolve().is_relative_to(landing.resolve()) or _is_link_below(folder, landing):
        there = Dropped(folder, folder.relative_to(home).as_posix())
        reason = "the folder is a link that leads elsewhere. Put the files into the folder itself."
        return Found(refused=((there, reason),))
    files, refused, others = [], [], 0
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if _is_ignored(path.name):
            continue
        if not fnmatch.fnmatch(path.name.casefold(), pattern.casefold()):
            others += 1
            continue
        dropped = Dropped(path, path.relative_to(home).as_posix())
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):
            files.append(dropped)
        elif stat.S_ISLNK(mode):
            reason = "it is a link. Put the file itself into the landing folder."
            refused.append((dropped, reason))
        elif stat.S_ISDIR(mode):
            others += 1
        else:
            refused.append((dropped, "it is not a plain file. Put a CSV or XLSX file there."))
    note = "" if files or refused else "no files"
    if note and others:
        note += f" match {pattern} ({others} other names there)"
    return Found(tuple(files), tuple(refused), note)


def scan(path: Path) -> Scan:
    """Read a file's bytes once. Raises OSError."""
    sha, size, is_utf8 = hashlib.sha256(), 0, True
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    sample = b""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            sha.update(chunk)
            sample = sample or chunk[:SAMPLE]
            size += len(chunk)
            if is_utf8:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    is_utf8 = False
                    if size > SAMPLE:  # what the head does not show, the place of the fault does
                        sample += b"\n" + _lines_around(chunk, error.start)
    if is_utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            is_utf8 = False
    return Scan(sha.hexdigest(), size, is_utf8, sample)


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


def detect_delimiter(sample: str) -> str:
    """The delimiter under which most records are as wide as the first; a comma when in doubt."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        try:
            records = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
        except csv.Error:
            continue
        records = [r for r in records[:51] if r]
        if not records or len(records[0]) < 2:
            continue
        width = len(records[0])
        body = records[1:-1] or records  # the last one may be cut
        share = sum(len(r) == width for r in body) / len(body)
        score = (1.0 if share >= 0.8 else share, width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


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
    kind = _kind(found.sample)
    if kind == "book":
        yield _book(path, found.size, sheet)
        return
    if kind is not None:
        raise FileFault(f"it is {kind}, which can't be read here. Save it as CSV (UTF-8) or XLSX.")
    name = detect_encoding(found) if encoding == "auto" else encoding
    lenient = not name.startswith(("utf-16", "utf-32"))
    if not lenient:
        _verify(path, name)
    errors = "surrogateescape" if lenient else "strict"
    # A byte order mark may stand there whatever the config says.
    codec = "utf-8-sig" if name.casefold() in ("utf-8", "utf8") else name
    with path.open("r", encoding=codec, errors=errors, newline="") as stream:
        if delimiter == "auto":
            delimiter = detect_delimiter(stream.read(SAMPLE))
            stream.seek(0)
        table = Table(f"{name.upper()}, {_DELIMITER_NAMES[delimiter]} separated")
        table.rows = _text_rows(stream, delimiter, name, table)
        yield table


def _is_ignored(name: str) -> bool:
    return name.startswith((".", "~$")) or name.casefold().endswith(IGNORED_SUFFIXES)


def _is_link_below(folder: Path, top: Path) -> bool:
    below = folder.relative_to(top).parts
    return any((top / Path(*below[:n])).is_symlink() for n in range(1, len(below) + 1))


def _lines_around(chunk: bytes, position: int) -> bytes:
    start = chunk.rfind(b"\n", 0, position) + 1
    return chunk[start : start + SAMPLE]


def _kind(sample: bytes) -> str | None:
    """None for text, `book` for a workbook, else the name of what the file is."""
    if sample.startswith(b"PK\x03\x04"):
        return "book"
    known = {
        b"\xd0\xcf\x11\xe0": "an old or password-protected Office file",
        b"PAR1": "a Parquet file",
        b"%PDF": "a PDF file",
        b"\x1f\x8b": "a gzip file",
        b"\x89PNG": "a picture",
        b"\xff\xd8\xff": "a picture",
        b"$FL2": "an SPSS file",
    }
    return next((what for mark, what in known.items() if sample.startswith(mark)), None)


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


def _verify(path: Path, encoding: str) -> None:
    with path.open("r", encoding=encoding, newline="") as stream:
        try:
            while stream.read(CHUNK):
                pass
        except UnicodeError as error:
            raise FileFault(
                f"it can't be read as {encoding}: {error}. Export it again, as UTF-8."
            ) from error


class _SpanError(Exception):
    """A record that goes on for longer than any answer does."""


class _Lines:
    """Physical lines, counted, that can be given back when a record turns out to be broken."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._back: deque[str] = deque()
        self.line = 0
        self.taken: list[str] = []
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_SPAN:
            raise _SpanError
        text = self._back.popleft() if self._back else self._stream.readline(MAX_LINE)
        if not text:
            self.ended = True
            raise StopIteration
        self.line += 1
        self.taken.append(text)
        return text

    def begin(self) -> int:
        """Start a record; its first line's number."""
        self.taken.clear()
        self.ended = False
        return self.line + 1

    def keep_first(self) -> None:
        """Give back all lines of the record but its first."""
        rest = self.taken[1:]
        self._back.extendleft(reversed(rest))
        self.line -= len(rest)
        del self.taken[1:]


def _text_rows(stream: TextIO, delimiter: str, encoding: str, table: Table) -> Iterator[Row]:
    lines = _Lines(stream)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _SpanError) as error:
            cells, fault = _salvage(lines, line, delimiter, table.width, error)
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
        else:
            if not "".join(cells).strip():
                continue
            cells, fault = _fit(cells, table.width)
            if fault and len(lines.taken) > 1:
                # The quote that joined these lines was a stray one: give back what it swallowed.
                fault = _open_quote(line)
                lines.keep_first()
                reader = csv.reader(lines, delimiter=delimiter, strict=True)
        yield Row(line, cells, _bad_text(lines.taken, line, encoding) or fault)


def _salvage(
    lines: _Lines, line: int, delimiter: str, width: int | None, error: Exception
) -> tuple[list[str], tuple[str, str] | None]:
    """What can be had of a record that strict CSV refuses: only its first line is lost.

    A line with undoubled quotes inside a field (`1,"so "good" it is",x`) is taken when it comes
    out as wide as the header.
    """
    if len(lines.taken) > 1 or isinstance(error, _SpanError) or lines.ended:
        lines.keep_first()
        return [], _open_quote(line)
    try:
        cells = next(csv.reader(lines.taken, delimiter=delimiter))
    except csv.Error as again:
        return [], ("unreadable_row", f"line {line} can't be split into fields: {again}.")
    if width == len(cells) and not cells[-1].endswith(("\n", "\r")):
        return cells, None
    return [], ("unreadable_row", f"line {line} can't be split into fields: {error}.")


def _open_quote(line: int) -> tuple[str, str]:
    return (
        "open_quote",
        f'a quotation mark (") opens on line {line} and does not close where it should. '
        'Double the marks inside a quoted field ("").',
    )


def _bad_text(taken: list[str], line: int, encoding: str) -> tuple[str, str] | None:
    for offset, text in enumerate(taken):
        if "\x00" in text:
            where = f"line {line + offset}"
            return "nul_byte", f"{where} holds NUL bytes: the file was damaged. Export it again."
        if not text.isascii():
            try:
                text.encode("utf-8")
            except UnicodeEncodeError:
                return (
                    "undecodable_bytes",
                    f"line {line + offset} holds bytes that are not {encoding}. Save the file in "
                    "one encoding, or name it in the config (encoding: …).",
                )
    return None


def _fit(cells: list[str], width: int | None) -> tuple[list[str], tuple[str, str] | None]:
    """A row as wide as the header: blank fields too many are cut, anything else is a fault."""
    if width is None or len(cells) == width:
        return cells, None
    if len(cells) > width and not "".join(cells[width:]).strip():
        return cells[:width], None
    return cells, (
        "wrong_field_count",
        f"the row has {len(cells)} fields and the header has {width}. Check the delimiter and the "
        "quotation marks in that row.",
    )


def _book(path: Path, size: int, sheet: str | None) -> Table:
    if size > MAX_BOOK:
        raise FileFault(_too_large("it", size, MAX_BOOK))
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        if not any(e.filename in ("xl/workbook.xml", "xl/workbook.bin") for e in entries):
            raise FileFault(
                "it is a zip file, not a workbook. Unpack it, or save it as CSV (UTF-8) or XLSX."
            )
        if unpacked > MAX_BOOK_UNPACKED:
            raise FileFault(_too_large("unpacked it", unpacked, MAX_BOOK_UNPACKED))
        with calamine.CalamineWorkbook.from_path(str(path)) as book:
            name = _sheet_name(book, sheet)
            page = book.get_sheet_by_name(name)
            if page.end is not None and page.end[1] >= MAX_COLUMNS:
                raise FileFault(f"its sheet {name!r} has {page.end[1] + 1} columns.")
            rows = list(page.iter_rows()) if page.height else []
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError) as error:
        raise FileFault(
            f"the workbook can't be opened ({error}). Save it again as XLSX."
        ) from error
    except calamine.PasswordError as error:
        raise FileFault("the workbook has a password. Save it without one.") from error
    except zipfile.BadZipFile as error:
        raise FileFault(
            f"the workbook is cut or damaged ({error}). Copy or export it again."
        ) from error
    table = Table(f"worksheet {name!r}")
    table.rows = _book_rows(rows, table)
    return table


def _too_large(what: str, size: int, limit: int) -> str:
    return (
        f"{what} is {size >> 20} MB, and workbooks of more than {limit >> 20} MB are not opened. "
        "Save it as CSV (UTF-8)."
    )


def _sheet_name(book: Any, wanted: str | None) -> str:
    names = list(book.sheet_names)
    if wanted is not None:
        if wanted in names:
            return wanted
        raise FileFault(f"it has no sheet {wanted!r}. Its sheets: {', '.join(names)}.")
    shown = [m.name for m in book.sheets_metadata if m.visible == calamine.SheetVisibleEnum.Visible]
    if not (shown or names):
        raise FileFault("the workbook has no sheet.")
    return str((shown or names)[0])


def _book_rows(rows: list[list[Any]], table: Table) -> Iterator[Row]:
    for line, values in enumerate(rows, start=1):
        cells = [_as_text(value) for value in values]
        if not "".join(cells).strip():
            continue
        cells, fault = _fit(cells, table.width)
        yield Row(line, cells, fault)


def _as_text(value: Any) -> str:
    """A worksheet's value as a person reads it in the cell: 9, not 9.0; ISO dates."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return _as_text(value.total_seconds())
    return str(value)
