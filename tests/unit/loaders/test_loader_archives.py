"""What is packed: gzip and zip, what is refused of them, and that nothing is left on the disk."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from loaders import archives
from loaders.archives import parts_of
from loaders.files import FileFault, scan
from loaders.tables import open_table

CSV = "id,text\n1,奶茶\n2,b\n"


def read(path: Path, folder: Path) -> Iterator[tuple[str, list[list[str]] | str]]:
    """Each part's name, and its rows or its fault."""
    for part in parts_of(path, scan(path)):
        try:
            with part.unpacked(folder) as (inner, found), open_table(inner, found) as table:
                yield part.name, [row.cells for row in table.rows]
        except FileFault as fault:
            yield part.name, str(fault)
    assert not folder.exists() or not list(folder.iterdir())


def packed(path: Path, members: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return path


def book() -> bytes:
    made = openpyxl.Workbook()
    made.active.append(["id", "text"])
    made.active.append([1, "x"])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


ROWS = [["id", "text"], ["1", "奶茶"], ["2", "b"]]


def test_gzip_holds_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(CSV.encode("gbk")))
    assert list(read(path, tmp_path / "aside")) == [("", ROWS)]
    path.write_bytes(gzip.compress(b"id,text\n1,") + gzip.compress("奶茶\n2,b\n".encode()))
    assert list(read(path, tmp_path / "aside")) == [("", ROWS)]
    path.write_bytes(gzip.compress(book()))
    assert list(read(path, tmp_path / "aside")) == [("", [["id", "text"], ["1", "x"]])]


def test_the_members_of_a_zip_are_files_of_their_own(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "a.zip",
        {
            "b.csv": CSV,
            "九月/a.xlsx": book(),
            "九月/": b"",
            "__MACOSX/._b.csv": b"\x00",
            ".DS_Store": b"\x00",
            "~$b.xlsx": b"\x00",
            "Thumbs.db": b"\x00",
            "broken.csv": b"",
        },
    )
    found = dict(read(path, tmp_path / "aside"))
    assert list(found) == ["b.csv", "broken.csv", "九月/a.xlsx"]
    assert found["b.csv"] == ROWS
    assert found["九月/a.xlsx"] == [["id", "text"], ["1", "x"]]
    assert "empty" in found["broken.csv"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_one_name_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in (("a.csv", "one"), ("a.csv", "two"), ("a.csv#2", "x"), ("a.csv", "3")):
            archive.writestr(name, f"id,text\n1,{text}\n")
    found = {name: rows[1][1] for name, rows in read(path, tmp_path / "aside")}
    assert found == {"a.csv": "one", "a.csv#3": "two", "a.csv#4": "3", "a.csv#2": "x"}


def test_names_that_windows_wrote_in_gbk(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"XXXX.csv": CSV})
    path.write_bytes(path.read_bytes().replace(b"XXXX", "订单".encode("gbk")))
    assert [name for name, _ in read(path, tmp_path / "aside")] == ["订单.csv"]


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "a/../../b.csv", "..\\..\\b.csv", "C:\\b.csv", "\\\\h\\b"],
)
def test_names_that_climb_out_are_refused_and_nothing_is_written_there(
    tmp_path: Path, name: str
) -> None:
    home = tmp_path / "deep" / "down"
    home.mkdir(parents=True)
    path = packed(home / "a.zip", {name: CSV, "good.csv": CSV})
    found = dict(read(path, home / "aside"))
    assert found.pop("good.csv") == ROWS
    (fault,) = found.values()
    assert "leads out of the archive" in fault
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["a.zip"]


def test_members_that_are_links_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("link.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    ((name, fault),) = read(path, tmp_path / "aside")
    assert (name, "link" in fault) == ("link.csv", True)


def test_a_name_of_several_lines_is_one_line(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a\nb\u202e😀.csv": CSV})
    assert [name for name, _ in read(path, tmp_path / "aside")] == ["a\\nb\\u202e😀.csv"]


@pytest.mark.parametrize("inner", ["zip", "gzip", "tar"])
def test_archives_inside_archives_are_not_opened(tmp_path: Path, inner: str) -> None:
    small = packed(tmp_path / "small.zip", {"a.csv": CSV}).read_bytes()
    tar = b"a.csv".ljust(257, b"\0") + b"ustar" + bytes(1000)
    body = {"zip": small, "gzip": gzip.compress(CSV.encode()), "tar": tar}[inner]
    outer = packed(tmp_path / "a.zip", {"b": body, "good.csv": CSV})
    found = dict(read(outer, tmp_path / "aside"))
    assert "archive" in found["b"]
    assert found["good.csv"] == ROWS
    outer.write_bytes(gzip.compress(body))
    ((_, fault),) = read(outer, tmp_path / "aside")
    assert "archive" in fault


def test_what_grows_beyond_measure_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "FREE_RATIO", 1 << 20)
    bomb = gzip.compress(bytes(3 << 20))
    path = tmp_path / "a.gz"
    path.write_bytes(bomb)
    ((_, fault),) = read(path, tmp_path / "aside")
    assert "made to fill the disk" in fault
    packed(path, {"a": bytes(3 << 20), "b": CSV})
    with pytest.raises(FileFault, match="made to fill the disk"):
        list(read(path, tmp_path / "aside"))


def test_a_member_that_says_it_is_smaller_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path / "a.zip", {"a": bytes(3 << 20)})
    raw = bytearray(path.read_bytes())
    said = struct.pack("<I", 3 << 20)
    raw = raw.replace(said, struct.pack("<I", 100))
    path.write_bytes(raw)
    ((_, fault),) = read(path, tmp_path / "aside")
    assert "damaged" in fault


def test_overlapping_members_count_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in Fifield's bomb: many entries in the list share the bytes of one."""
    path = packed(tmp_path / "a.zip", {"aaaa": bytes(1 << 20)})
    with zipfile.ZipFile(path, "a") as archive:
        (kernel,) = archive.infolist()
        for n in range(100):
            twin = zipfile.ZipInfo(f"a{n:03}")
            for slot in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(twin, slot, getattr(kernel, slot))
            archive.filelist.append(twin)
            archive._didModify = True  # type: ignore[attr-defined]
    monkeypatch.setattr(archives, "FREE_RATIO", 8 << 20)
    with pytest.raises(FileFault, match="made to fill the disk"):
        list(read(path, tmp_path / "aside"))


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "a.zip", {f"{n}.csv": CSV for n in range(5)})
    monkeypatch.setattr(archives, "MAX_MEMBERS", 4)
    with pytest.raises(FileFault, match="5 files"):
        list(read(path, tmp_path / "aside"))
    monkeypatch.setattr(archives, "MAX_INDEX", 100)
    with pytest.raises(FileFault, match="list of members"):
        list(read(path, tmp_path / "aside"))


def test_a_zip_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileFault, match="no files"):
        list(read(packed(tmp_path / "a.zip", {}), tmp_path / "aside"))


def test_a_password(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.csv": CSV})
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    ((_, fault),) = read(path, tmp_path / "aside")
    assert "password" in fault


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_packed_files_that_are_cut(tmp_path: Path, kept: float) -> None:
    body = "\n".join(f"{n},{n * 7919 % 1000}" for n in range(5000)).encode()
    path = tmp_path / "a"
    for whole in (gzip.compress(body), packed(path, {"a.csv": body}).read_bytes()):
        path.write_bytes(whole[: int(len(whole) * kept)])
        with pytest.raises(FileFault, match="cut or damaged"):
            for _, result in read(path, tmp_path / "aside"):
                raise FileFault(str(result))


def test_other_archives_are_named(tmp_path: Path) -> None:
    for body, word in ((b"7z\xbc\xaf\x27\x1c", "7-Zip"), (b"Rar!\x1a\x07\x00", "RAR")):
        path = tmp_path / "a"
        path.write_bytes(body + bytes(300))
        ((_, fault),) = read(path, tmp_path / "aside")
        assert word in fault
