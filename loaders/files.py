"""What lies in a landing folder: which files, which are refused, their bytes and hashes."""

from __future__ import annotations

import codecs
import fnmatch
import hashlib
import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from lake.privacy import Privacy, mask_text

CHUNK = 1 << 20
SAMPLE = 1 << 16
_TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
MARKER = ".done"
IGNORED_SUFFIXES = (".tmp", ".part", ".partial", ".crdownload", MARKER)
_WRITTEN = 3  # the place in a file's state
_ENDING = re.compile(r"\.[A-Za-z]{2,7}$")


class FileFault(Exception):  # noqa: N818 - a fault of a file, not an error of ours
    """A file that can't be read at all; its text says what happened and what to do."""


@dataclass(frozen=True)
class Dropped:
    """A file in the landing folder; `url` is its path below the deployment's folder, as one line
    and with nothing personal in its name.

    `state` is what it was when the folder was listed: device, inode, size, time of the last change.
    """

    path: Path
    url: str
    state: tuple[int, ...] = ()

    @property
    def has_changed(self) -> bool:
        """Whether it is no longer what was listed: written to, replaced, gone."""
        try:
            return _state(self.path.lstat()) != self.state
        except OSError:
            return True


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


def find(folder: Path, pattern: str, home: Path, privacy: Privacy) -> Found:
    """The files directly in `folder` whose name matches `pattern`, in the order of their names.

    Hidden and half-copied files are left alone; links and whatever is not a plain file in the
    landing folder is refused.
    """
    landing = home / "landing"
    if not folder.is_dir():
        return Found(note="no files: the folder does not exist")
    if not folder.resolve().is_relative_to(landing.resolve()) or _is_link_below(folder, landing):
        there = _dropped(folder, home, privacy)
        reason = "the folder is a link that leads elsewhere. Put the files into the folder itself."
        return Found(refused=((there, reason),))
    files, refused, others = [], [], 0
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if is_ignored(path.name):
            continue
        if not fnmatch.fnmatch(path.name.casefold(), pattern.casefold()):
            others += 1
            continue
        try:
            dropped, mode = _dropped(path, home, privacy), path.lstat().st_mode
        except FileNotFoundError:
            continue  # it went while the folder was read
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


def not_whole(file: Dropped, marker: bool, settle_seconds: int, now: datetime) -> str | None:
    """Why a file is left for a later night: its copy may not have ended. None for most."""
    done = file.path.name + MARKER
    if marker and not file.path.with_name(done).is_file():
        return (
            f"it waits for {one_line(done)}, and is read when that lies beside it (done_marker in "
            "the config)."
        )
    written = datetime.fromtimestamp(file.state[_WRITTEN] / 1e9, UTC)
    # A clock that is ahead makes files of the future: only a near one tells of a copy.
    if abs(now - written) < timedelta(seconds=settle_seconds):
        return (
            f"it was written to less than {settle_seconds} seconds ago, and may still be copied: "
            "it is read next time (settle_seconds in the config)."
        )
    return None


def is_ignored(name: str) -> bool:
    """Whether a name is a hidden file's, or one's that is not whole yet."""
    return name.startswith((".", "~$")) or name.casefold().endswith(IGNORED_SUFFIXES)


def one_line(name: str) -> str:
    """A file's name as one line of text: what is no text, or would break the line, is escaped."""
    return "".join(c if _stays_in_line(c) else ascii(c)[1:-1] for c in name)


def scan(path: Path) -> Scan:
    """Read a file's bytes once. Raises OSError, FileFault where it is no plain file."""
    sha, size, is_utf8 = hashlib.sha256(), 0, True
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    sample = b""
    with _opened(path) as stream:
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


def _opened(path: Path) -> BinaryIO:
    """A plain file, opened without waiting at a pipe and without following a link."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileFault("it is not a plain file. Put a CSV or XLSX file there.")
    return os.fdopen(descriptor, "rb")


def told_name(name: str, privacy: Privacy) -> str:
    """A file's name as one line that tells of nobody: 客户[mobile]~1f3a9c07.csv.

    The mark is of a keyed hash: files whose names differ in what is masked stay apart.
    """
    name = one_line(name)
    masked, found = mask_text(name)
    ending = _ENDING.search(name)
    kept = ending[0] if ending else ""
    bare, found_bare = mask_text(name.removesuffix(kept))
    if not found and not found_bare:
        return name
    if found_bare < found:  # the ending is a part of it: a.b@example.cn
        bare, kept = masked, ""
    return f"{bare}~{(privacy.hash(name) or '')[:8]}{kept}"


def _dropped(path: Path, home: Path, privacy: Privacy) -> Dropped:
    folder = one_line(path.parent.relative_to(home).as_posix())
    return Dropped(path, f"{folder}/{told_name(path.name, privacy)}", _state(path.lstat()))


def _state(found: os.stat_result) -> tuple[int, ...]:
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _stays_in_line(character: str) -> bool:
    """Not a control, a line break, or a mark that turns the direction of writing."""
    return (
        unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
        and unicodedata.bidirectional(character) not in _TURNS
    )


def _is_link_below(folder: Path, top: Path) -> bool:
    below = folder.relative_to(top).parts
    return any((top / Path(*below[:n])).is_symlink() for n in range(1, len(below) + 1))


def _lines_around(chunk: bytes, position: int) -> bytes:
    start = chunk.rfind(b"\n", 0, position) + 1
    return chunk[start : start + SAMPLE]
