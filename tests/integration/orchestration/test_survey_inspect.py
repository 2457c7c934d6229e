"""`voc survey inspect` as a person meets it: without a deployment, without a key."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest
import yaml

from orchestration.cli import call
from orchestration.scaffold import write_scaffold

FORM = (
    "编号,提交时间,您有多大可能向朋友推荐我们？,为什么？,姓名,邮箱\n"
    "1,2026-09-01 10:00:00,10,店员很热情，电话13812345678，下次还来,张三,a@example.com\n"
    "2,2026-09-02 11:00:00,0,等位等了一个多小时，没人理,李四,b@example.com\n"
    "3,2026-09-03 12:00:00,7\n"
)


@pytest.fixture(autouse=True)
def _nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VOC_HOME", "VOC_PII_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")


def inspect(path: Path, *more: str) -> int:
    return call(["survey", "inspect", str(path), *more])


def _entry(said: str) -> str:
    """The entry, as it stands at the end of what was printed."""
    lines = said.splitlines()
    start = max(n for n, line in enumerate(lines) if line.startswith("Paste this"))
    return "surveys:\n" + "\n".join(lines[start + 1 :])


def test_a_file_is_told_with_its_reasons_and_an_entry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "门店回访 nps.csv"
    path.write_text(FORM, encoding="gb18030")
    assert inspect(path) == 0
    said = capsys.readouterr().out
    assert "table: one header row, one response per row" in said
    assert "--format NAME, one of qualtrics" in said
    assert "GB18030, comma separated" in said
    assert "3, of which 1 would be quarantined: 1 wrong_field_count" in said
    assert "line 4: the row has 3 fields and the header has 6" in said
    assert "the file says no zone: they are read in Asia/Shanghai" in said
    assert yaml.safe_load(_entry(said)) == {
        "surveys": {
            "nps": {
                "format": "table",
                "files": "*.csv",
                "roles": {
                    "response_id": "编号",
                    "submitted_at": "提交时间",
                    "nps": "您有多大可能向朋友推荐我们？",
                    "comment": "为什么？",
                },
            }
        }
    }
    for personal in ("13812345678", "张三", "a@example.com"):
        assert personal not in said
    assert "[mobile]" in said
    assert list(tmp_path.iterdir()) == [path]


def test_what_the_person_said_stands_in_the_entry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("编号|时间\n1|2026-09-01\n", encoding="gb18030")
    said_so = ["--encoding", "gb18030", "--delimiter", "|", "--zone", "Asia/Tokyo"]
    assert inspect(path, *said_so, "--survey-id", "hotline") == 0
    entry = yaml.safe_load(_entry(capsys.readouterr().out))["surveys"]["hotline"]
    assert {k: entry[k] for k in ("encoding", "delimiter", "zone", "files")} == {
        "encoding": "gb18030",
        "delimiter": "|",
        "zone": "Asia/Tokyo",
        "files": "*.txt",
    }


def test_a_packed_file_is_told_as_what_is_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "replies.csv.gz"
    path.write_bytes(gzip.compress(FORM.encode()))
    assert inspect(path) == 0
    said = capsys.readouterr().out
    assert yaml.safe_load(_entry(said))["surveys"]["replies"]["files"] == "*.csv.gz"
    both = tmp_path / "both.zip"
    with zipfile.ZipFile(both, "w") as archive:
        archive.writestr("a.csv", FORM)
        archive.writestr("b.csv", FORM)
    assert inspect(both) == 0
    said = capsys.readouterr().out
    assert "a.csv: UTF-8, comma separated (beside it in the zip: b.csv)" in said
    assert sorted(tmp_path.iterdir()) == [both, path]


def test_many_columns_stay_readable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    choices = [f"6、您买过哪些：选项{n}" for n in range(150)]
    header = ["编号", *choices, *(f"另一个完全不同的问题，第{n}个" for n in range(90))]
    path = tmp_path / "wide.csv"
    path.write_text(",".join(header) + "\n" + ",".join("1" for _ in header) + "\n")
    assert inspect(path) == 0
    said = capsys.readouterr().out
    assert "150 columns, the first" in said
    assert "more columns: --all shows each" in said
    assert len(said.splitlines()) < 250
    assert inspect(path, "--all") == 0
    every = capsys.readouterr().out
    assert "第89个" in every
    assert "more columns" not in every


def test_the_zone_of_a_deployment_is_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    write_scaffold(home)
    config = home / "config" / "deployment.yml"
    config.write_text(config.read_text().replace("Asia/Shanghai", "Europe/Berlin"))
    monkeypatch.setenv("VOC_HOME", str(home))
    path = tmp_path / "a.csv"
    path.write_text("id,Timestamp\n1,2026-09-01 10:00\n")
    assert inspect(path) == 0
    assert "they are read in Europe/Berlin" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty (0 bytes)"),
        (b"%PDF-1.7", "a PDF file"),
        (b"PK\x03\x04 cut", "it is cut or damaged"),
        (b"\xff\xfea\x00", ""),
        (bytes(range(256)) * 40, ""),
        (b"\n\n \n", "it holds no header"),
    ],
)
def test_a_bad_file_ends_with_1_and_its_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    code = inspect(path)
    told = capsys.readouterr()
    assert code == (1 if said else code)
    assert code in (0, 1)
    assert said in told.err
    assert "Traceback" not in told.err + told.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "excel"), "--format 'excel'"),
        (("--encoding", "klingon"), "--encoding 'klingon': the encoding 'klingon' is not known"),
        (("--survey-id", "a/b"), "can't be a survey id"),
        (("--zone", "Mars"), "--zone 'Mars'"),
    ],
)
def test_wrong_options_end_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id\n1\n")
    assert inspect(path, *arguments) == 2
    assert said in capsys.readouterr().err


def test_what_is_in_doubt_is_asked_for_as_an_option(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,Are you a fan?\x8c\xe6\n1,Yes\n")
    assert inspect(path) == 1
    assert "--encoding" in capsys.readouterr().err
    assert inspect(path, "--encoding", "cp1252") == 0


def test_a_missing_file_and_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert inspect(tmp_path / "none.csv") == 1
    assert "there is no such file" in capsys.readouterr().err
    assert inspect(tmp_path) == 1
    assert "it is a folder" in capsys.readouterr().err


def test_the_zone_that_is_said_settles_what_cst_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "gf.csv"
    path.write_text("Timestamp,NPS\n2025/11/05 9:10:11 AM CST,10\n", encoding="utf-8")
    for zone, is_read in (((), False), (("--zone", "America/Chicago"), True)):
        assert inspect(path, *zone) == 0
        assert ("values can't be read" not in capsys.readouterr().out.replace("\n", " ")) is is_read
