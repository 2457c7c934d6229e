"""Files that climb, swell, change, wait or lie: a clear word for each, and the rest goes on."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders import intake
from loaders.intake import remove_unpacked

HEADER = "order_id,customer_id,ordered_at,amount\n"
LINE = "{},c1,2026-09-01 12:00:00,19.90\n"
BOTH = HEADER + LINE.format("o1") + LINE.format("o2")
PLACE = "extracts/orders/"
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "files"


def zipped(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def parquet(text: str) -> bytes:
    head, *rows = [line.split(",") for line in text.splitlines()]
    out = io.BytesIO()
    pq.write_table(pa.table({name: [row[n] for row in rows] for n, name in enumerate(head)}), out)
    return out.getvalue()


def workbook(text: str) -> bytes:
    book = openpyxl.Workbook()
    for line in text.splitlines():
        book.active.append(line.split(","))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def orders(deployment: Any) -> list[str]:
    return [row["order_id"] for row in deployment.landed("orders")]


def ends(deployment: Any) -> dict[str, str]:
    return {o["url"].removeprefix(f"landing/{PLACE}"): o["outcome"] for o in deployment.outcomes()}


def test_every_kind_of_file_lands_the_same_orders(deployment: Any) -> None:
    for number, (name, body) in enumerate(
        {
            "a.csv.gz": gzip.compress(BOTH.encode()),
            "b.zip": zipped({"b.csv": BOTH}),
            "c.xlsx.gz": gzip.compress(workbook(BOTH)),
            "d.parquet": parquet(BOTH),
            "e.zip": zipped({"e.parquet": parquet(BOTH), "e.xlsx": workbook(BOTH)}),
        }.items()
    ):
        deployment.drop(PLACE + name, body)
        run = deployment.extract("orders", day=number + 1)
        assert run.status == "complete", run.message
        assert orders(deployment) == ["o1", "o2"] * (2 if name == "e.zip" else 1)
    assert not list((deployment.home / "build" / "unpacked").iterdir())


def test_the_members_of_a_zip_are_files_of_their_own(deployment: Any) -> None:
    bad = HEADER + LINE.format("o3") + "o4,c1,soon,1\n"
    members = {"good.csv": BOTH, "sub/bad.csv": bad, "../up.csv": BOTH, "none.csv": "x,y\n1,2\n"}
    packed = zipped(members)  # once: it holds the time of its packing
    deployment.drop(PLACE + "x.zip", packed)
    run = deployment.extract("orders", day=1)
    assert (run.status, run.seen, run.landed, run.quarantined) == ("partial", 4, 3, 1)
    assert ends(deployment) == {
        "x.zip!../up.csv": "error",
        "x.zip!good.csv": "ok",
        "x.zip!none.csv": "error",
        "x.zip!sub/bad.csv": "ok",
    }
    (row,) = deployment.quarantine()
    assert (row["file"], row["line"]) == (f"landing/{PLACE}x.zip!sub/bad.csv", 3)
    outcomes = deployment.outcomes()
    assert len({o["sha256"] for o in outcomes}) == 1
    assert {o["member"]: o["items_landed"] for o in outcomes}["good.csv"] == 2
    deployment.drop(PLACE + "y.zip", packed)
    again = deployment.extract("orders", day=2)
    assert again.landed == 0
    assert set(ends(deployment).values()) == {"unchanged", "error"}


def test_a_file_of_many_rows_tells_how_many_landed(deployment: Any) -> None:
    lines = "".join(LINE.format(f"o{n}") for n in range(3_000))
    deployment.drop(PLACE + "a.csv", HEADER + lines + "o,c1,soon,1\n")
    deployment.extract("orders")
    (outcome,) = deployment.outcomes()
    assert (outcome["items_seen"], outcome["items_landed"]) == (3_001, 3_000)


def changing(monkeypatch: pytest.MonkeyPatch, path: Path, change: Any) -> None:
    """Change a file once it was hashed, as it is about to be read."""
    real = intake.scan

    def scan_then_change(which: Path) -> Any:
        found = real(which)
        if which == path:
            change()
        return found

    monkeypatch.setattr(intake, "scan", scan_then_change)


@pytest.mark.parametrize("how", ["grows", "shrinks", "replaced", "removed", "breaks off"])
def test_nothing_lands_of_a_file_that_changes_and_the_rest_does(
    deployment: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    path = deployment.drop(PLACE + "b.csv", HEADER + LINE.format("o1"))
    for name, order in (("a.csv", "o8"), ("c.csv", "o9")):
        deployment.drop(PLACE + name, HEADER + LINE.format(order))
    whole = BOTH.encode()
    changes = {
        "grows": lambda: path.write_bytes(whole),
        "shrinks": lambda: path.write_bytes(HEADER.encode()),
        "replaced": lambda: (path.unlink(), path.write_bytes(whole)),
        "removed": path.unlink,
        "breaks off": lambda: path.write_bytes(b"\xff\xfe" + whole),
    }
    changing(monkeypatch, path, changes[how])
    run = deployment.extract("orders", day=1)
    assert orders(deployment) == ["o8", "o9"]
    assert run.status == "partial" or how == "removed"
    if how != "removed":
        assert "changed while it was read" in run.message
        assert ends(deployment)["b.csv"] == "waiting"
    monkeypatch.undo()
    path.write_bytes(whole)
    assert deployment.extract("orders", day=2).status == "complete"
    assert orders(deployment) == ["o1", "o2"]


def test_what_was_half_copied_is_right_when_the_rest_has_come(deployment: Any) -> None:
    deployment.drop(PLACE + "a.csv", BOTH[:-4])  # the last amount is 1, not 19.90
    deployment.extract("orders", day=1)
    first = {row["order_id"]: str(row["amount"]) for row in deployment.landed("orders")}
    deployment.drop(PLACE + "a.csv", BOTH)
    deployment.extract("orders", day=2)
    rows = deployment.landed("orders")
    assert {row["order_id"]: str(row["amount"]) for row in rows} == {
        "o1": "19.9000",
        "o2": "19.9000",
    }
    assert first["o1"] == "19.9000"


def test_a_file_waits_for_its_marker(deployment: Any) -> None:
    deployment.drop(PLACE + "a.csv", BOTH)
    run = deployment.extract("orders", day=1, done_marker=True)
    assert (run.status, run.landed) == ("partial", 0)
    assert "1 left for later" in run.message
    assert "waits for a.csv.done" in run.message
    deployment.drop(PLACE + "a.csv.done", "")
    assert deployment.extract("orders", day=2, done_marker=True).landed == 2
    assert deployment.extract("orders", day=3).landed == 0  # the marker is no part of the mapping


def test_a_file_settles_first_where_that_is_asked_for(deployment: Any) -> None:
    path = deployment.drop(PLACE + "a.csv", BOTH)
    now = datetime(2026, 9, 30, 12, 0, tzinfo=UTC).timestamp()  # the clock of these nights
    os.utime(path, (now - 30, now - 30))
    run = deployment.extract("orders", settle_seconds=60)
    assert (run.status, run.landed) == ("partial", 0)
    assert "may still be copied" in run.message
    os.utime(path, (now - 90, now - 90))
    assert deployment.extract("orders", settle_seconds=60).landed == 2


def test_what_is_no_plain_file_is_refused_and_the_rest_lands(deployment: Any) -> None:
    good = deployment.drop(PLACE + "z.csv", BOTH)
    folder = good.parent
    os.mkfifo(folder / "pipe.csv")
    (folder / "link.csv").symlink_to("/dev/zero")
    (folder / "folder.csv").mkdir()
    (folder / "deep").joinpath(*["d"] * 60).mkdir(parents=True)
    run = deployment.extract("orders")
    assert (run.status, run.landed) == ("partial", 2)
    assert ends(deployment) == {"pipe.csv": "error", "link.csv": "error", "z.csv": "ok"}


def test_names_that_break_lines_are_told_in_one(deployment: Any) -> None:
    deployment.drop(PLACE + "a\nb\x1b[31m.csv", BOTH)
    deployment.drop(PLACE + "😀 订单　九月.csv", HEADER + LINE.format("o3"))
    odd = os.fsdecode(b"caf\xe9.csv")
    deployment.drop(PLACE + odd, HEADER + LINE.format("o4") + "o5,c1,soon,1\n")
    run = deployment.extract("orders")
    assert (run.status, run.landed, run.quarantined) == ("complete", 4, 1)
    assert sorted(ends(deployment)) == ["a\\nb\\x1b[31m.csv", "caf\\udce9.csv", "😀 订单　九月.csv"]


def test_a_file_that_may_not_be_read(deployment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = deployment.drop(PLACE + "a.csv", BOTH)
    deployment.drop(PLACE + "b.csv", HEADER + LINE.format("o3"))
    real = intake.scan

    def refuse(which: Path) -> Any:
        if which == path:
            raise PermissionError(13, "Permission denied")
        return real(which)

    monkeypatch.setattr(intake, "scan", refuse)
    run = deployment.extract("orders")
    assert (run.status, run.landed) == ("partial", 1)
    assert "Permission denied" in run.message


def test_formulas_of_a_csv_land_as_the_text_they_are(deployment: Any) -> None:
    text = "\"=cmd|'/c calc'!A1\""
    deployment.drop("extracts/cases/a.csv", f"case_id,created_at,text\nk1,2026-09-01,{text}\n")
    deployment.extract("cases")
    assert deployment.landed("cases")[0]["text"] == text.strip('"')


def test_landing_is_left_as_it_was(deployment: Any) -> None:
    deployment.drop(PLACE + "a.csv", BOTH)
    deployment.drop(PLACE + "b.zip", zipped({"b.csv": BOTH, "c.csv": "x\n"}))
    deployment.drop(PLACE + "c.parquet", parquet(BOTH))
    deployment.drop(PLACE + "d.csv.gz", b"\x1f\x8bbroken")
    deployment.drop(PLACE + "e.part", "half")
    deployment.drop("surveys/s/a.csv", "Q1\n9\n")

    def everything() -> list[tuple[Any, ...]]:
        return [
            (str(p), p.lstat().st_mtime_ns, p.lstat().st_mode, p.is_file() and p.read_bytes())
            for p in sorted((deployment.home / "landing").rglob("*"))
        ]

    before = everything()
    deployment.extract("orders", day=1)
    deployment.extract("orders", day=2)
    deployment.survey("s", roles={"nps": "Q1"})
    assert everything() == before


def test_what_a_killed_run_had_unpacked_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "build" / "unpacked" / "extract_orders-x"
    left.mkdir(parents=True)
    (left / "tmp1").write_text("a secret")
    assert remove_unpacked(tmp_path) == [left]
    assert remove_unpacked(tmp_path) == []


@pytest.mark.parametrize("path", sorted(FIXTURES.iterdir()), ids=lambda path: path.name)
def test_what_once_failed_is_a_clear_word_now(deployment: Any, path: Path) -> None:
    deployment.drop(PLACE + path.name, path.read_bytes())
    deployment.extract("orders")
    (outcome,) = deployment.outcomes()
    assert outcome["detail"]
    assert "fault of the program" not in outcome["detail"]


def mutated(data: st.DataObject, whole: bytes) -> bytes:
    """A real file with bytes flipped, cut out or put in."""
    body = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(len(body) - 1, 0)))
        match data.draw(st.sampled_from(["flip", "cut", "insert", "end"])):
            case "flip" if body:
                body[at] ^= data.draw(st.integers(1, 255))
            case "cut":
                del body[at : at + data.draw(st.integers(1, 40))]
            case "insert":
                body[at:at] = data.draw(st.binary(max_size=20))
            case _:
                del body[at:]
    return bytes(body)


FILES = {
    "csv": BOTH.encode(),
    "gbk.csv": BOTH.replace("c1", "会员一").encode("gbk"),
    "utf16.csv": BOTH.encode("utf-16"),
    "xlsx": workbook(BOTH),
    "csv.gz": gzip.compress(BOTH.encode(), mtime=0),
    "zip": zipped({"a.csv": BOTH, "b.xlsx": workbook(BOTH)}),
    "parquet": parquet(BOTH),
    "json": b'{"items": [{"a": 1}]}',
    "bytes": b"",
}


@pytest.mark.parametrize("kind", FILES)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_comes_in_ends_with_rows_quarantine_or_a_clear_word(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    from tests.integration.loaders.conftest import Deployment

    body = data.draw(st.binary(max_size=400)) if kind == "bytes" else mutated(data, FILES[kind])
    deployment = Deployment(tmp_path_factory.mktemp("fuzz"))
    deployment.drop(f"{PLACE}a.{kind}", body)
    deployment.drop(f"surveys/s/a.{kind}", body)
    deployment.drop(PLACE + "z.csv", HEADER + LINE.format("o9"))
    deployment.extract("orders")
    assert "o9" in orders(deployment)
    for outcome in deployment.outcomes():
        assert outcome["detail"]
        assert "fault of the program" not in outcome["detail"], outcome["detail"]
    deployment.survey("s", roles={"response_id": "order_id"})
    for outcome in deployment.outcomes():
        assert "fault of the program" not in outcome["detail"], outcome["detail"]


def test_a_row_of_millions_of_columns_costs_itself_alone(deployment: Any) -> None:
    wide = ",".join(["x"] * 10_000_000) + "\n"  # longer than what is read of a line at once
    deployment.drop(PLACE + "row.csv", HEADER + LINE.format("o1") + wide + LINE.format("o2"))
    deployment.drop(PLACE + "header.csv", wide + LINE.format("o3"))
    deployment.extract("orders")
    assert orders(deployment) == ["o1", "o2"]
    assert ends(deployment) == {"row.csv": "ok", "header.csv": "error"}
    (bad,) = deployment.quarantine()
    assert (bad["reason_code"], bad["line"]) == ("unreadable_row", 3)
    assert "line 3 has more than 1,000,000 fields" in bad["reason"]


def test_a_long_text_with_many_commas_is_one_field(deployment: Any) -> None:
    text = "好，很好, " * 500_000
    deployment.drop("surveys/s/long.csv", f'id,nps,why\n1,9,"{text}"\n2,8,short\n')
    roles = {"response_id": "id", "nps": "nps", "comment": "why"}
    deployment.survey("s", roles=roles, constants={"submitted_at": "2026-09-01"})
    assert [r["comment"] for r in deployment.landed("survey_response")] == [text.strip(), "short"]
