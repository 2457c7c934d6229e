"""What is packed in a dropped file: gzip, and the members of a zip, each a file of its own.

Nothing is unpacked under a name of the archive's: a member becomes a temporary file in a folder of
ours, with limits on what it may grow to, and is removed when it has been read.
"""

from __future__ import annotations

import gzip
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from loaders.charsets import member_name
from loaders.files import CHUNK, FileFault, Scan, is_ignored, one_line, scan
from loaders.kinds import kind_of

MAX_UNPACKED = 32 << 30  # bytes of all that one file holds
MAX_RATIO = 200  # tables shrink to a tenth or a fiftieth; what shrinks further is no table
FREE_RATIO = 64 << 20  # so much may come out of any file
MAX_MEMBERS = 1_000
MAX_INDEX = 4 << 20  # bytes of a zip's list of members

_BOOKS = frozenset({"xl/workbook.xml", "xl/workbook.bin"})
_ENCRYPTED = 0x1
_NAME_IS_UTF8 = 0x800
_JUNK = ("thumbs.db", "desktop.ini")
_END = b"PK\x05\x06"
_LARGE_END = b"PK\x06\x06"
_END_SIZE, _END_WITHIN = 22, 1 << 16

Unpack = Callable[[Path], AbstractContextManager[tuple[Path, Scan]]]


@dataclass(frozen=True)
class Part:
    """A file to be read: what was dropped, or what is packed in it.

    `name` is its name in a zip, as one line; empty where there is but one thing to read.
    `unpacked(folder)` gives its path and scan, for as long as it is open, in a file of its own in
    `folder` where it was packed. Raises FileFault, OSError.
    """

    name: str
    unpacked: Unpack


def parts_of(path: Path, found: Scan) -> list[Part]:
    """What is to be read of a dropped file, in the order of names. Raises FileFault, OSError."""
    kind = kind_of(found.sample)
    if kind == "gzip":
        return [Part("", partial(_gunzipped, path, found.size))]
    if kind == "zip" and not is_book(path):
        return _members(path, found.size)
    return [Part("", partial(_as_it_is, path, found))]


def is_book(path: Path) -> bool:
    """Whether a zip is a workbook. Raises FileFault, OSError."""
    with open_zip(path) as archive:
        return not _BOOKS.isdisjoint(archive.namelist())


def open_zip(path: Path) -> zipfile.ZipFile:
    """A zip, its list of members within limits. Raises FileFault where it is damaged, OSError."""
    if _index_size(path) > MAX_INDEX:
        raise FileFault(
            f"it is a zip whose list of members is longer than {MAX_INDEX >> 20} MB. Pack fewer "
            "files together."
        )
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise FileFault(_damaged(error)) from error


def _index_size(path: Path) -> int:
    """How long a zip says that its list of members is; zipfile takes all of it into memory."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _END_SIZE - _END_WITHIN))
        tail = stream.read()
    at = len(tail) - _END_SIZE
    at = at if tail.startswith(_END, at) else tail.rfind(_END)
    if at < 0:
        return 0  # it has none: zipfile says what that means
    said = int.from_bytes(tail[at + 12 : at + 16], "little")
    large = tail.rfind(_LARGE_END, 0, at)  # in a zip of more than 4 GB the length stands here
    if large >= 0:
        said = int.from_bytes(tail[large + 40 : large + 48], "little")
    return said


@contextmanager
def _as_it_is(path: Path, found: Scan, _: Path) -> Iterator[tuple[Path, Scan]]:
    yield path, found


@contextmanager
def _gunzipped(path: Path, size: int, folder: Path) -> Iterator[tuple[Path, Scan]]:
    with gzip.open(path) as stream:
        copy = _copy(stream, size, folder)
    yield from _read_and_removed(copy)


def _members(path: Path, size: int) -> list[Part]:
    with open_zip(path) as archive:
        entries = [entry for entry in archive.infolist() if not _is_junk(entry)]
    if not entries:
        raise FileFault("it is a zip that holds no files. Pack them again.")
    if len(entries) > MAX_MEMBERS:
        raise FileFault(
            f"it is a zip of {len(entries):,} files, and more than {MAX_MEMBERS:,} are not read "
            "out of one. Pack fewer files together."
        )
    total = sum(entry.file_size for entry in entries)
    if total > _limit(size):
        raise FileFault(_too_large(total, size))
    named = sorted(((one_line(_name(e)), e) for e in entries), key=lambda pair: pair[0])
    names = _apart([name for name, _ in named])
    return [
        Part(name, partial(_member, path, entry))
        for name, (_, entry) in zip(names, named, strict=True)
    ]


def _apart(names: list[str]) -> list[str]:
    """Names of which none comes twice: two members may be called a.csv, the second is a.csv#2.

    What landed is known by the name of its member, so a second one of a name would pass for read.
    """
    apart: list[str] = []
    for name in names:
        others = (f"{name}#{n}" for n in count(2))
        is_first = name not in apart
        apart.append(name if is_first else next(o for o in others if o not in (*apart, *names)))
    return apart


@contextmanager
def _member(path: Path, entry: zipfile.ZipInfo, folder: Path) -> Iterator[tuple[Path, Scan]]:
    _refuse(entry)
    with open_zip(path) as archive:
        try:
            stream = archive.open(entry)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise FileFault(_damaged(error)) from error
        with stream:
            copy = _copy(stream, entry.compress_size, folder)
    yield from _read_and_removed(copy)


def _refuse(entry: zipfile.ZipInfo) -> None:
    """Raise FileFault for a member that is no plain file of the archive's own."""
    name = _name(entry).replace("\\", "/")
    if name.startswith("/") or name[1:2] == ":" or ".." in name.split("/"):
        raise FileFault(
            "its name leads out of the archive, so it is not read. Pack the file itself, without "
            "the folders that it lies in."
        )
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise FileFault("it is a link or a device, not a file. Pack the file itself.")
    if entry.flag_bits & _ENCRYPTED:
        raise FileFault("it has a password. Pack it without one.")


def _copy(stream: IO[bytes] | gzip.GzipFile, packed: int, folder: Path) -> Path:
    """What comes out of `stream`, `packed` bytes before, as a new file in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, delete=False) as copy:
        path = Path(copy.name)
        try:
            size = 0
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > _limit(packed):
                    raise FileFault(_too_large(size, packed))
                copy.write(chunk)
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            path.unlink()
            raise FileFault(_damaged(error)) from error
        except BaseException:
            path.unlink()
            raise
    return path


def _read_and_removed(copy: Path) -> Iterator[tuple[Path, Scan]]:
    try:
        found = scan(copy)
        kind = kind_of(found.sample)
        if kind == "gzip" or (kind == "zip" and not is_book(copy)):
            raise FileFault("it is an archive inside an archive. Pack the file itself.")
        yield copy, found
    finally:
        copy.unlink(missing_ok=True)


def _limit(packed: int) -> int:
    return min(MAX_UNPACKED, max(FREE_RATIO, packed * MAX_RATIO))


def _damaged(error: Exception) -> str:
    return f"it is cut or damaged ({error}). Copy or export it again."


def _too_large(size: int, packed: int) -> str:
    return (
        f"its {packed:,} bytes unpack to {size:,} or more, which no table does: it may have been "
        "made to fill the disk. Pack it again, or drop it unpacked."
    )


def _is_junk(entry: zipfile.ZipInfo) -> bool:
    """Folders, and what systems put into archives beside the files."""
    parts = entry.filename.replace("\\", "/").split("/")
    return (
        entry.is_dir()
        or parts[0] == "__MACOSX"
        or is_ignored(parts[-1])
        or parts[-1].casefold() in _JUNK
    )


def _name(entry: zipfile.ZipInfo) -> str:
    """A member's name. Windows in China writes GBK and says nothing of it; zipfile takes cp437."""
    if entry.flag_bits & _NAME_IS_UTF8:
        return entry.filename
    return member_name(entry.filename.encode("cp437", "replace"))
