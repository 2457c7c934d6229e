"""The columnar way of loading an extract gives, to the last hash, what the row by row way gives."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lake.entities import EXTRACTS
from loaders import delimited, rows
from loaders.bulk import Columnar, Read
from loaders.config import extract_columns
from loaders.intake import Tally

pytestmark = pytest.mark.integration

IDS = st.sampled_from(
    [
        *("o1", "O-12", "A_3b", "123", "13812345678", "20260901001", "a", "null", "合计", "o1 "),
        *("3-1", "QQ12345678", "tel26791357", "u13812345678", "0102345678", "user_12"),
        *("张先生", "粤B7X31Z", "D-13911112222", "o11 110105199102034564", "0755-26791357"),
        *("ORD-20260901-00123", "o20260901000123", "a110105199102034564"),
    ]
)
TIMES = st.sampled_from(
    [
        *("2026-09-01 12:00:00", "2026-09-01T12:00:00", "2026-09-01", "2026-09-01 12:00"),
        *("2026-09-01T12:00:00Z", "2026-09-01 12:00:00.25", "2026/9/1 8:30", "2026-02-30"),
        *("2026-03-08 02:30:00", "2026-11-01 01:30:00", "2031-01-01 00:00:00", "1999-12-31"),
        *("2026-09-01 24:00:00", "2026-09-01 12:00:00+08:00", "soon", " 2026-09-01 ", "9/1/2026"),
    ]
)
NUMBERS = st.sampled_from(
    [
        *("19.90", "19.9", "0", "-0", "-0.00", "+5", "1,234.50", "¥12", "12元", "1e3", "１２"),
        *("1.234", "0.00005", "12345678901234.5678", "999999999999999", "-3", "007", ".5", "5."),
        *("−5", "$2", "12,5", "1.234,50", "免费"),
    ]
)
WORDS = st.one_of(
    st.sampled_from(
        [
            *("app", "门店 一", "NULL", "'quoted", "`x", '="x"', " padded ", "\u200bx", "a\u00a0"),
            *(
                "call 13812345678",
                "yes",
                "TRUE",
                "否",
                "maybe",
                "a,b",
                "a|b",
                "a\\",
                'say "so"',
                "x\x1fy",
                "1",
            ),
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=8),
)
PEOPLE = st.sampled_from(
    [
        *("13812345678", "a.b@example.com", "A@B.CN", "138****5678", "+86 138 1234 5678"),
        *("13800000000", "11111111111", "000", "none@none.com", "xxx@xxx.com", "a@b", "无"),
    ]
)
CELLS = st.one_of(IDS, TIMES, NUMBERS, WORDS, PEOPLE, st.just(""))
ZONES = st.sampled_from(["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"])
ENTITIES = st.sampled_from(sorted(EXTRACTS))


@st.composite
def _rows_of(draw: Callable[..., Any], entity: str) -> list[list[str]]:
    """A header and rows: cells that mostly suit their column, and some that don't."""
    names = list(extract_columns(entity))
    suiting = [_suiting(entity, name) for name in names]
    row = st.tuples(*(st.one_of(cells, cells, cells, CELLS) for cells in suiting)).map(list)
    return [names, *draw(st.lists(row, max_size=12))]


def _suiting(entity: str, name: str) -> st.SearchStrategy[str]:
    kind = str(EXTRACTS[entity].columns.get(name, "string"))
    if name in ("phone", "email"):
        return PEOPLE
    if name.endswith("_id"):
        return IDS
    if kind.startswith(("timestamp", "date")):
        return TIMES
    return NUMBERS if kind.startswith(("decimal", "int", "double")) else WORDS


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking loads thousands of files
)
@given(data=st.data(), entity=ENTITIES, zone=ZONES)
def test_both_ways_land_the_same(
    data: Any, entity: str, zone: str, deployment_at: Callable[[Path], Any]
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(data.draw(_rows_of(entity)))
    assert_same(text.getvalue(), entity, deployment_at, zone=zone)


HEADER = "order_id,customer_id,ordered_at,amount,channel\r\n"
GOOD = "o1,c1,2026-09-01 12:00:00,19.90,app\r\n"


@pytest.mark.parametrize(
    "text",
    [
        GOOD * 50 + 'o2,c2,2026-09-01 12:00:00,5,"a stray quote\r\n' + GOOD * 50,
        GOOD * 50 + 'o2,c2,2026-09-01 12:00:00,5,"two\r\nlines"\r\n' + GOOD * 50,
        GOOD * 50 + "o2,c2,2026-09-01 12:00:00,5\r\n" + GOOD * 50,
        GOOD * 50 + "o2,c2,2026-09-01 12:00:00,5,app,\r\n" + GOOD * 50,
        GOOD * 50 + "\r\n  \r\n,,,,\r\n" + GOOD * 50,
        GOOD * 50 + HEADER + "合计,,,99,\r\n共 50 条记录,,,,\r\n" + GOOD * 50,
        GOOD * 50 + "o2,c2,2026-09-01 12:00:00,5,a\0b\r\n" + GOOD * 50,
        GOOD * 50 + "o2,c2,2026-09-01 12:00:00,5,a\rb\r\n" + GOOD * 50,
        GOOD.replace("\r\n", "\n") * 100 + 'o3,c3,2026-09-01 12:00:00,5,"so ""it"" is"\n',
        (GOOD[:-2] + ",\r\n") * 100,
        GOOD * 99 + GOOD[:-2],
        GOOD.replace("app", "门店") * 60,
    ],
    ids=lambda text: repr(text[1850:1900]),
)
def test_odd_rows_among_plain_ones(text: str, deployment_at: Callable[[Path], Any]) -> None:
    assert_same(HEADER + text, "orders", deployment_at)


@pytest.mark.parametrize(
    ("entity", "text"),
    [
        ("order_lines", "order_id,product_id,line_no,quantity\no1|p1,x,1,2\no1,p1|x,1,2\n"),
        ("qsc_audits", "unit_id,visited_at,item,score\ns1,2026-09-01,a|b,3\ns1,2026-09-01,a\\,3\n"),
    ],
)
def test_bars_within_keys(entity: str, text: str, deployment_at: Callable[[Path], Any]) -> None:
    assert_same(text, entity, deployment_at)


def test_plain_rows_take_the_short_way(
    tmp_path: Path, deployment_at: Callable[[Path], Any]
) -> None:
    place = deployment_at(tmp_path)
    text = HEADER + "".join(GOOD.replace("o1", f"o{n}") for n in range(500))
    place.drop("extracts/orders/a.csv", text.replace("o77,c1", "o77, c1"))
    with (
        patch.object(delimited, "BLOCK", 3000),
        patch.object(rows, "BLOCK_ROWS", 5),
        patch.object(Tally, "land", autospec=True, side_effect=Tally.land) as by_row,
    ):
        place.extract("orders")
    assert [call.args[1].natural_key for call in by_row.call_args_list] == ["o77"]
    assert [row["order_id"] for row in place.landed("orders")] == [f"o{n}" for n in range(500)]
    assert [row["position"] for row in place.landed("orders")] == list(range(2, 502))


JUNK_PHONES = [
    "0",
    "000",
    "00000000000",
    "11111111111",
    "12345678901",
    "13800000000",
    "138****8000",
]
JUNK_MAILS = ["无", "none", "unknown", "@", "没有邮箱", "123456", "none@none.com", "xxx@xxx.com"]


def test_what_is_written_for_want_of_a_phone_or_mail_tells_nobody(
    tmp_path: Path, deployment_at: Callable[[Path], Any]
) -> None:
    text = "customer_id,phone,email\n" + "".join(
        f"c{n},{phone},{mail}\n"
        for n, (phone, mail) in enumerate(zip_longest(JUNK_PHONES, JUNK_MAILS, fillvalue=""))
    )
    text += "c99,13812345678,a.b@example.com\n"
    assert_same(text, "customers", deployment_at)
    place = deployment_at(tmp_path)
    place.drop("extracts/customers/a.csv", text)
    place.extract("customers")
    rows = place.landed("customers")
    known = [row["customer_id"] for row in rows if row["phone_hash"] or row["email_hash"]]
    assert (len(rows), known) == (len(JUNK_MAILS) + 1, ["c99"])
    (detail,) = [outcome["detail"] for outcome in place.outcomes()]
    assert "7 values of phone are nobody's" in detail
    assert "8 values of email are nobody's" in detail


def assert_same(
    text: str, entity: str, deployment_at: Callable[[Path], Any], **config: Any
) -> None:
    """Load a file both ways, in blocks of a few rows, and compare everything that landed."""
    with (
        TemporaryDirectory() as folder,
        patch.object(delimited, "BLOCK", 300),
        patch.object(rows, "BLOCK_ROWS", 3),
    ):
        columnar = _load(deployment_at(Path(folder) / "columnar"), entity, text, config)
        with patch.object(Columnar, "_read", _read_nothing):
            by_row = _load(deployment_at(Path(folder) / "by_row"), entity, text, config)
    for one, other in zip(columnar, by_row, strict=True):
        assert one == other


def _load(place: Any, entity: str, text: str, config: dict[str, Any]) -> list[Any]:
    place.drop(f"extracts/{entity}/a.csv", text)
    place.extract(entity, **config)
    quarantine = sorted(place.quarantine(), key=lambda row: row["line"])
    outcomes = [(o["outcome"], o["detail"], o["items_seen"]) for o in place.outcomes()]
    masks = {(row["kind"], row["masked_values"]) for row in place.counted_masks()}
    return [outcomes, place.landed(entity), quarantine, masks]


def _read_nothing(_: Columnar, __: Any, block: Any, first_seq: int, ___: Any) -> Read:
    return Read(pa.table({}), list(range(len(block.lines))), first_seq)
