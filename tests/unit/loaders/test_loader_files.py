"""Files as rows: encodings, delimiters, physical lines, broken rows, refused paths."""

from __future__ import annotations

import csv
import io
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.privacy import Privacy
from loaders.charsets import detect_encoding
from loaders.delimited import detect_delimiter
from loaders.files import FileFault, find, scan, told_name
from loaders.kinds import stranger
from loaders.rows import Row
from loaders.tables import open_table

PRIVACY = Privacy(b"a key that is for tests only")

CHINESE = "订单号,门店,评价\n1,南京路店,奶茶很好喝，下次还来\n2,人民广场店,等了太久\n"


def read(path: Path, *, headed: bool = True, **options: str) -> list[Row]:
    """All rows, the header too; every row has to be as wide as it, unless `headed` is False."""
    with open_table(path, scan(path), **options) as table:
        first = next(table.rows, None)
        if first is None:
            return []
        table.header = first.cells if headed else None
        return [first, *table.rows]


def write(folder: Path, data: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "file.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
    ],
)
def test_chinese_text_in_every_usual_encoding(tmp_path: Path, encoding: str, found: str) -> None:
    path = write(tmp_path, CHINESE, encoding)
    assert detect_encoding(scan(path)) == found
    rows = read(path)
    assert [r.cells for r in rows] == list(csv.reader(io.StringIO(CHINESE)))
    assert [r.line for r in rows] == [1, 2, 3]


def test_rare_characters_only_gb18030_has(tmp_path: Path) -> None:
    path = write(tmp_path, CHINESE + "3,𠮷野家旁边店,好\n", "gb18030")
    assert read(path)[3].cells[1] == "𠮷野家旁边店"


def test_western_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    text = "stadt,kommentar\n" + "Zürich,schön und größer für alle\nKöln,naïve café\n" * 20
    path = write(tmp_path, text, "cp1252")
    assert read(path)[1].cells == ["Zürich", "schön und größer für alle"]


def test_chinese_far_into_the_file_is_found(tmp_path: Path) -> None:
    body = "id,text\n" + "1,plain ascii words\n" * 20_000 + "2,奶茶很好喝\n3,等了太久了\n"
    rows = read(write(tmp_path, body, "gbk"))
    assert rows[-2].cells == ["2", "奶茶很好喝"]
    assert rows[-2].line == 20_002


def test_one_row_of_another_encoding_is_one_fault(tmp_path: Path) -> None:
    good = "".join(f"{n},奶茶很好喝\n" for n in range(50)).encode()
    path = write(tmp_path, b"id,text\n" + good + "99,差评\n".encode("gbk") + good)
    rows = read(path)
    faults = [r for r in rows if r.fault]
    assert [(r.line, r.fault[0]) for r in faults if r.fault] == [(52, "undecodable_bytes")]
    assert len(rows) == 102


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    lines = [["id", "text", "n"], ["1", "a, b; c", "2"], ["2", "x|y", "3"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(lines)
    assert detect_delimiter(out.getvalue()) == delimiter
    assert [r.cells for r in read(write(tmp_path, out.getvalue()))] == lines


def test_one_column_needs_no_delimiter(tmp_path: Path) -> None:
    assert [r.cells for r in read(write(tmp_path, "id\n1\n2\n"))] == [["id"], ["1"], ["2"]]


def test_lines_are_physical_lines(tmp_path: Path) -> None:
    path = write(tmp_path, 'id,text\r\n1,"two\r\nlines"\r\n\r\n2,"a\nb\nc"\r\n3,end\r\n')
    rows = read(path)
    assert [(r.line, r.cells[0]) for r in rows] == [(1, "id"), (2, "1"), (5, "2"), (8, "3")]
    assert rows[1].cells[1] == "two\r\nlines"
    assert all(r.fault is None for r in rows)


def faults(rows: list[Row]) -> list[tuple[int, str | None]]:
    return [(r.line, r.fault[0] if r.fault else None) for r in rows]


def test_a_row_of_another_width_is_a_fault_blank_extra_fields_or_not(tmp_path: Path) -> None:
    rows = read(write(tmp_path, "a,b\n1,2\n1\n1,2,3\n1,2,,\n,\n3,4\n"))
    assert faults(rows) == [
        (1, None),
        (2, None),
        (3, "wrong_field_count"),
        (4, "wrong_field_count"),
        (5, "wrong_field_count"),
        (7, None),
    ]


def test_an_unquoted_thousands_comma_before_a_blank_last_cell_shifts_nothing(
    tmp_path: Path,
) -> None:
    body = "id,amount,margin,note\n1,900.00,5,\n2,1,280.00,7,\n3,10,1,少冰\n"
    rows = read(write(tmp_path, body))
    assert faults(rows) == [(1, None), (2, None), (3, "wrong_field_count"), (4, None)]
    assert rows[2].fault is not None
    assert '"1,280.00"' in rows[2].fault[1]


@pytest.mark.parametrize("blanks", [",", ",,,", ", ,"])
def test_blank_cells_at_the_end_of_the_first_two_rows_are_the_files_habit(
    tmp_path: Path, blanks: str
) -> None:
    lines = ["id,amount,note", "", *(f"{n},12.50,x{blanks}" for n in range(30))]
    rows = read(write(tmp_path, "\n".join(lines)))
    assert len(rows) == 31
    assert all(r.fault is None for r in rows)
    assert rows[30].line == 32
    assert rows[1].cells == ["0", "12.50", "x"]


def test_in_a_file_with_the_habit_other_widths_are_faults_still(tmp_path: Path) -> None:
    good = "1,12.50,x,\n"
    body = "id,amount,note\n" + good * 2 + "2,1,280.00,,\n" + good + "3,5\n4,5,x\n4,5,x,y\n"
    rows = read(write(tmp_path, body))
    bad = "wrong_field_count"
    expected = [None, None, None, bad, None, bad, bad, bad]
    assert faults(rows) == list(enumerate(expected, start=1))


@pytest.mark.parametrize(
    "body",
    [
        "1,1,280.00,\n",
        "1,1,280.00,\n2,5,x\n",
        "1,1,280.00,\n2,5,x,,\n",
        "1,1,280.00,\n2,5,6,x\n",
        '1,1,280.00,\n2,"open\n',
        "1,5,x\n2,1,280.00,\n3,1,280.00,\n",
    ],
)
def test_one_row_is_no_habit(tmp_path: Path, body: str) -> None:
    rows = read(write(tmp_path, "id,amount,note\n" + body))
    row = next(r for r in rows if r.cells[1:3] == ["1", "280.00"])
    assert row.fault is not None


def test_blank_cells_under_a_blank_header_are_columns(tmp_path: Path) -> None:
    rows = read(write(tmp_path, "id,amount,note,\n1,5,,\n2,1,280.00,,\n3,5,,\n"))
    assert faults(rows) == [(1, None), (2, None), (3, "wrong_field_count"), (4, None)]


@pytest.mark.parametrize("rest", ["", 'z,"quoted"\n'])
def test_a_quote_that_never_closes_costs_one_row(tmp_path: Path, rest: str) -> None:
    body = 'id,text\n1,good\n2,"open\n3,good\n4,good\n' + rest
    rows = read(write(tmp_path, body))
    assert [r.cells[0] for r in rows if not r.fault] == [
        "id",
        "1",
        "3",
        "4",
        *("z" if rest else ""),
    ]
    assert [(r.line, r.fault[0]) for r in rows if r.fault] == [(3, "open_quote")]


def test_undoubled_quotes_inside_a_field_are_read(tmp_path: Path) -> None:
    rows = read(write(tmp_path, 'id,text,n\n1,"so "good" it is",2\n2,"a"b,"open\n3,x,y\n'))
    assert rows[1].cells[0] == "1"
    assert "good" in rows[1].cells[1]
    assert [(r.line, r.fault[0]) for r in rows if r.fault] == [(3, "unreadable_row")]


def test_rows_between_two_stray_quotes_are_not_one_answer(tmp_path: Path) -> None:
    body = (
        'id,text,score,unit\nk01,好,9,s1\nk02,"真好,8,s1\nk03,ok,7,s1\nk04,ok,6,s1\n'
        'k05,不错",5,s1\nk06,ok,4,s1\n'
    )
    rows = read(write(tmp_path, body))
    assert [r.line for r in rows if r.fault] == [3]
    assert [r.cells[0] for r in rows if not r.fault] == ["id", "k01", "k03", "k04", "k05", "k06"]


@pytest.mark.parametrize(
    ("header", "begins"),
    [
        ("id,at,score,why", "{n},2026-11-01 10:00:00,9,"),
        ("at,score,why", "2026/11/01 10:0{n}:11,9,"),
        ("序号,分,评价", "{n},9,"),
        ("id,score,why", "a{n},9,"),
        ("#,score,why", "x7k{n}m2p9q,9,"),
        ("why,id,score", None),
    ],
)
def test_two_stray_quotes_in_neighbouring_rows_cost_one(
    tmp_path: Path, header: str, begins: str | None
) -> None:
    if begins is None:
        body = 'why,id,score\ngood,1,9\n"open,2,9\nclosed",3,0\nlast,4,7\n'
    else:
        said = ["good", '"open', 'closed"', "last"]
        body = header + "\n" + "".join(f"{begins.format(n=n)}{t}\n" for n, t in enumerate(said, 1))
    rows = read(write(tmp_path, body))
    assert [r.fault and r.fault[0] for r in rows] == [None, None, "open_quote", None, None]
    assert 'closed"' in rows[3].cells


@pytest.mark.parametrize(
    "answer",
    [
        "1, tea, fast\n2, staff, kind\n3, all, good",
        "call me\n2026-11-02, or later, please",
        "well,\n\n10, 20, 30",
    ],
)
def test_lists_in_an_answer_are_no_rows(tmp_path: Path, answer: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([("id", "score", "text"), ("k107", "9", answer), ("k108", "8", "")])
    rows = read(write(tmp_path, out.getvalue()))
    assert faults(rows) == [(1, None), (2, None), (2 + answer.count("\n") + 1, None)]
    assert rows[1].cells[2] == answer


def test_a_header_may_have_two_lines_in_a_field(tmp_path: Path) -> None:
    rows = read(write(tmp_path, 'a,b,"one\ntwo"\n1,2,3\n'))
    assert [row.cells for row in rows] == [["a", "b", "one\ntwo"], ["1", "2", "3"]]


def test_an_answer_of_many_lines_and_commas_is_one(tmp_path: Path) -> None:
    answer = "good:\n1, tea, fast, warm\n2, staff, smile, kind\nk9, so, so, la\nthe end"
    out = io.StringIO()
    csv.writer(out).writerows([("id", "text", "score", "unit"), ("k01", answer, "9", "s1")])
    rows = read(write(tmp_path, out.getvalue()))
    assert faults(rows) == [(1, None), (2, None)]
    assert rows[1].cells[1] == answer


def test_undoubled_quotes_do_not_hide_a_row_of_another_width(tmp_path: Path) -> None:
    good = "1,a,2,\n"
    body = "id,text,n\n" + good * 2 + '3,"so "good" it is",2,\n4,"so "good" it is",2\n'
    rows = read(write(tmp_path, body))
    assert [f for _, f in faults(rows)] == [None, None, None, None, "unreadable_row"]
    assert (rows[3].cells[0], rows[3].cells[2]) == ("3", "2")


def test_a_runaway_quote_in_a_long_file_costs_one_row(tmp_path: Path) -> None:
    body = 'id,text\n0,"open\n' + "".join(f"{n},good\n" for n in range(1, 3000))
    rows = read(write(tmp_path, body))
    assert [r.line for r in rows if r.fault] == [2]
    assert len(rows) == 3001


def test_a_field_beyond_every_measure_is_a_fault(tmp_path: Path) -> None:
    rows = read(write(tmp_path, "a,b\n1," + "x" * (40 << 20) + "\n2,ok\n"))
    assert [(r.line, r.fault[0] if r.fault else None) for r in rows] == [
        (1, None),
        (2, "unreadable_row"),
        (3, None),
    ]


def test_a_cut_field_is_a_fault_in_blocks_too(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n0,ok\n1," + "x" * (40 << 20) + "\n2,ok\n")
    with open_table(path, scan(path)) as table:
        table.header = next(table.rows).cells
        next(table.rows)
        blocks = list(table.blocks())
    assert [line for block in blocks for line in block.lines.to_pylist()] == [3, 4]
    assert [fault[0] for block in blocks for fault in block.faults.values()] == ["unreadable_row"]


def test_fields_in_apostrophes(tmp_path: Path) -> None:
    text = "'id','why'\n'1','so, it''s \"good\"'\n'2','two\nlines'\n3,plain\n"
    path = write(tmp_path, text)
    with open_table(path, scan(path)) as table:
        assert table.how.endswith("comma separated, in apostrophes")
        table.header = next(table.rows).cells
        found = [block.row(n).cells for block in table.blocks() for n in range(len(block.lines))]
    assert table.header == ["id", "why"]
    assert found == [["1", 'so, it\'s "good"'], ["2", "two\nlines"], ["3", "plain"]]


def test_an_apostrophe_alone_is_no_quotation_mark(tmp_path: Path) -> None:
    rows = read(write(tmp_path, "'id,'why\n'1,'s-Hertogenbosch\n"))
    assert [r.cells for r in rows] == [["'id", "'why"], ["'1", "'s-Hertogenbosch"]]


def test_nul_bytes_are_a_fault_of_their_row(tmp_path: Path) -> None:
    rows = read(write(tmp_path, "a,b\n1,x\x00y\n2,ok\n"))
    assert [r.fault[0] if r.fault else None for r in rows] == [None, "nul_byte", None]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"PAR1abc", "Parquet"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0rest", "Office"),
        (b"PK\x03\x04 not really", "damaged"),
    ],
)
def test_files_of_another_kind(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(FileFault, match=words):
        read(write(tmp_path, data))


def test_utf_16_cut_in_the_middle_is_a_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileFault, match="utf-16"):
        read(write(tmp_path, CHINESE.encode("utf-16")[:-1]))


def test_which_files_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "landing" / "extracts" / "orders"
    folder.mkdir(parents=True)
    for name in ("b.csv", "a.CSV", ".hidden.csv", "c.csv.tmp", "d.csv.part", "~$e.csv", "x.txt"):
        (folder / name).write_text("id\n1\n")
    outside = tmp_path / "secret.csv"
    outside.write_text("id\n1\n")
    (folder / "link.csv").symlink_to(outside)
    (folder / "sub.csv").mkdir()
    found = find(folder, "*.csv", tmp_path, PRIVACY)
    assert [f.url for f in found.files] == [
        "landing/extracts/orders/a.CSV",
        "landing/extracts/orders/b.csv",
    ]
    assert [(f.path.name, "link" in reason) for f, reason in found.refused] == [("link.csv", True)]


def test_a_folder_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.csv").write_text("id\n1\n")
    (tmp_path / "landing" / "extracts").mkdir(parents=True)
    (tmp_path / "landing" / "extracts" / "orders").symlink_to(tmp_path / "elsewhere")
    found = find(tmp_path / "landing" / "extracts" / "orders", "*", tmp_path, PRIVACY)
    assert not found.files
    assert "link" in found.refused[0][1]


def test_nothing_there_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "landing" / "extracts" / "orders"
    assert find(folder, "*", tmp_path, PRIVACY).note.startswith("no files")
    folder.mkdir(parents=True)
    assert find(folder, "*", tmp_path, PRIVACY).note == "no files"
    (folder / "a.pdf").write_text("x")
    assert "*.csv" in find(folder, "*.csv", tmp_path, PRIVACY).note


CELL = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff"), max_size=12
) | st.sampled_from(["两\n行", 'a "quote"', "a,b", "一；二"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 999).map(str), CELL, CELL), min_size=1, max_size=8),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, body: list[tuple[str, str, str]], encoding: str
) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([("id", "a", "b"), *body])
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    rows = read(path, delimiter=",")
    assert [tuple(r.cells) for r in rows[1:]] == body


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_whatever_the_bytes_it_ends_with_rows_or_a_fault(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / "file.csv"
    path.write_bytes(data)
    try:
        rows = read(path)
    except FileFault as fault:
        assert str(fault)
    else:
        assert all(row.line >= 1 for row in rows)


@pytest.mark.parametrize("told", ["sep=;\r\n", "\ufeffsep=;\n", '"sep=;"\r\n', "SEP=;\n"])
def test_the_line_that_tells_excel_the_delimiter_is_no_header(tmp_path: Path, told: str) -> None:
    rows = read(write(tmp_path, told + "id;text,a,b,c\n1;x,1,2,3\n"))
    assert [(r.line, r.cells) for r in rows] == [
        (2, ["id", "text,a,b,c"]),
        (3, ["1", "x,1,2,3"]),
    ]


@pytest.mark.parametrize("delimiter", ["^", "\x01"])
def test_delimiters_of_other_systems(tmp_path: Path, delimiter: str) -> None:
    lines = [["id", "text", "n"], ["1", "a, b; c", "2"], ["2", "x|y", "3"]]
    path = write(tmp_path, "\n".join(delimiter.join(line) for line in lines))
    assert [r.cells for r in read(path)] == lines


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_header_of_too_many_columns_is_a_fault_of_the_file(
    tmp_path: Path, delimiter: str
) -> None:
    path = write(tmp_path, delimiter.join(f"c{n}" for n in range(30_000)) + "\n1\n")
    with pytest.raises(FileFault, match="30,000 columns"):
        read(path)


def test_a_row_of_too_many_columns_costs_no_other(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1,2\n" + "9," * 300_000 + "\n3,4\n")
    rows = read(path)
    assert faults(rows) == [(1, None), (2, None), (3, "wrong_field_count"), (4, None)]


def test_a_pipe_or_a_link_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(FileFault, match="not a plain file"):
        scan(tmp_path / "a.csv")
    (tmp_path / "b.csv").symlink_to(__file__)
    with pytest.raises(OSError):
        scan(tmp_path / "b.csv")


def test_a_file_s_name_tells_of_nobody_and_stays_its_own() -> None:
    names = ["客户13987654321.csv", "客户13987654322.csv", "诸葛先生", "orders 2026-09-01.csv"]
    first, second, person, plain = (told_name(name, PRIVACY) for name in names)
    mails = [told_name(name, PRIVACY) for name in ("a.b@c.cn", "a.b@c.cn.csv", "x a.b@c.cn.csv.gz")]
    assert [re.sub("~[0-9a-f]{8}", "~", name) for name in mails] == [
        *("[mail]~", "[mail]~.csv", "x [mail]~.gz"),
    ]
    assert first.startswith("客户[mobile]~")
    assert first.endswith(".csv")
    assert first != second
    assert first == told_name(names[0], PRIVACY)
    assert person.startswith("[name]~")
    assert plain == names[3]


@pytest.mark.parametrize(
    ("start", "is_page"),
    [
        (b"<html><body><table><tr><td>NPS</td></tr></table>", True),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html>", True),
        (b"<table border=1>\n<tr><td>id</td></tr>", True),
        (b"<b>id</b>,nps\n1,9\n", False),
        (b"id,text\n1,<html>\n", False),
    ],
)
def test_a_page_is_told_whatever_its_name(start: bytes, is_page: bool) -> None:
    assert ("HTML" in (stranger(start) or "")) is is_page
