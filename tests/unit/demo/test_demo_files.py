"""The deployment's folder: bytes that stay the same, config that loads, dirt where it is said."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from demo.company import generate
from demo.deploy import home_files, write_home
from demo.dirt import FATES
from demo.files import ORDER_HEADERS
from demo.replica import Asked
from demo.replica.sites.heimao import FEED, HeimaoSite
from demo.world import Company
from lake.config import load_yaml
from lake.entities import EXTRACTS
from loaders.config import ExtractsFile, SurveysFile
from orchestration.deployment import DeploymentFile
from scrapers.config import SourceConfig, SourcesFile

URL = "http://127.0.0.1:9"
Home = dict[str, bytes]
Read = Callable[[Home, str], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def truths(home: Home) -> dict[str, Any]:
    return dict(json.loads(home["truths.json"]))


def test_writing_twice_changes_nothing(tmp_path: Path, small_company: Company) -> None:
    written = write_home(tmp_path, small_company, replica_url=URL)
    before = {path: path.read_bytes() for path in written}
    assert tmp_path / "truths.json" in before
    assert write_home(tmp_path, small_company, replica_url=URL) == []
    assert {path: path.read_bytes() for path in before} == before


def test_a_damaged_file_is_written_again(tmp_path: Path, small_company: Company) -> None:
    write_home(tmp_path, small_company, replica_url=URL)
    cases = tmp_path / "landing" / "extracts" / "cases" / "cases.csv"
    cases.write_bytes(b"")
    assert write_home(tmp_path, small_company, replica_url=URL) == [cases]


def test_what_else_lies_in_the_folder_stays(tmp_path: Path, small_company: Company) -> None:
    own = tmp_path / "landing" / "extracts" / "cases" / "own.csv"
    own.parent.mkdir(parents=True)
    own.write_text("case_id,created_at\n", encoding="utf-8")
    write_home(tmp_path, small_company, replica_url=URL)
    assert own.read_text(encoding="utf-8") == "case_id,created_at\n"


def test_only_the_sources_know_the_port(small_company: Company, small_home: Home) -> None:
    other = home_files(small_company, replica_url="http://127.0.0.1:8")
    assert {name for name in other if other[name] != small_home[name]} == {"config/sources.yml"}


def test_the_workbook_holds_no_clock(small_home: Home) -> None:
    path = next(name for name in small_home if name.endswith(".xlsx"))
    with zipfile.ZipFile(BytesIO(small_home[path])) as book:
        assert {entry.date_time for entry in book.infolist()} == {(2026, 10, 1, 0, 5, 0)}
        core = book.read("docProps/core.xml").decode()
    assert core.count("2026-10-01T00:05:00Z") == 2


def test_the_config_loads(tmp_path: Path, small_home: Home) -> None:
    for name in ("deployment", "sources", "surveys", "extracts"):
        (tmp_path / f"{name}.yml").write_bytes(small_home[f"config/{name}.yml"])
    deployment = load_yaml(tmp_path / "deployment.yml", DeploymentFile)
    assert deployment.zone == "Asia/Shanghai"
    sources = load_yaml(tmp_path / "sources.yml", SourcesFile).sources
    assert set(sources) == {"cfpb", "appstore_cn", "appstore_us", "heimao", "dianping"}
    assert {source.base_url for source in sources.values()} == {URL}
    assert [name for name, source in sources.items() if _is_refused(source)] == ["dianping"]
    assert sources["dianping"].units == {"H7w2Yn4Tea9Q": "s002"}
    surveys = load_yaml(tmp_path / "surveys.yml", SurveysFile).surveys
    assert surveys["store_nps"].roles.drivers["taste"] == "Q5_1"
    assert surveys["delivery_nps"].constants.channel == "delivery"
    extracts = load_yaml(tmp_path / "extracts.yml", ExtractsFile).extracts
    assert extracts["orders"].columns == ORDER_HEADERS
    assert set(extracts) <= set(EXTRACTS)


def _is_refused(source: SourceConfig) -> bool:
    """Whether none of the lists that its options ask for may be read live."""
    given = source.values()
    lists = source.source().spec.lists.values()
    wanted = [request for request in lists if request.when is None or given.get(request.when)]
    return all(source.refusal(request) is not None for request in wanted)


def test_every_config_file_explains_itself(small_home: Home) -> None:
    for name in (path for path in small_home if path.startswith("config/")):
        lines = small_home[name].decode().splitlines()
        assert lines[0].startswith("# "), name
        assert sum("#" in line for line in lines) >= 5, name


def test_the_counts_are_the_files(home: Home, truths: dict[str, Any], read: Read) -> None:
    files = truths["counts"]["files"]
    saved = {p["file"] for p in truths["counts"]["platforms"].values() if "file" in p}
    assert saved == {"landing/platforms/dianping/云雾茶门店点评.html"}
    assert set(files) | saved == {path for path in home if path.startswith("landing/")}
    for path, counts in files.items():
        assert len(read(home, path)) == counts["rows"], path
    for source, counts in truths["counts"]["sources"].items():
        mine = [file for file in files.values() if file["source"] == source]
        assert counts["rows"] == sum(file["rows"] for file in mine)
        ends = counts["current"] + counts["duplicates"] + counts["superseded"]
        assert ends + sum(counts["quarantined"].values()) == counts["rows"]


def test_current_rows_are_the_distinct_keys(home: Home, truths: dict[str, Any], read: Read) -> None:
    """Each key ends once: what is left of the rows after dirt is the number of distinct keys."""
    broken = {
        (entry["file"], entry["line"]) for entry in truths["dirt"] if entry["fate"] == "quarantined"
    }
    for source, counts in truths["counts"]["sources"].items():
        folder = source.replace("extract_", "extracts/").replace("survey_", "surveys/")
        rows = read(home, f"landing/{folder}/")
        places = [8] if source == "survey_store_nps" else [0]
        if counts["entity"] in EXTRACTS:
            places = list(range(len(EXTRACTS[counts["entity"]].key)))
        keys = {
            tuple(row["*"][place] for place in places)
            for row in rows
            if (row["file"], row["#"]) not in broken
        }
        assert len(keys) == counts["current"], source


def test_dirt_stands_where_it_is_said(home: Home, truths: dict[str, Any], read: Read) -> None:
    rows = {(row["file"], row["#"]): row for row in read(home, "landing/")}
    kinds = Counter(entry["kind"] for entry in truths["dirt"])
    assert set(kinds) == set(FATES)
    for entry in truths["dirt"]:
        cells = [str(cell) for cell in rows[entry["file"], entry["line"]]["*"]]
        assert entry["natural_key"] in cells, entry
        if entry["kind"] == "future_timestamp":
            assert any(cell.startswith("2062-09-11") for cell in cells)
        if entry["kind"] == "unmapped_channel":
            assert "kiosk" in cells


def test_broken_rows_have_another_width(home: Home, truths: dict[str, Any], read: Read) -> None:
    rows = read(home, "landing/")
    widths = {file: Counter(len(r["*"]) for r in rows if r["file"] == file) for file in home}
    odd = {
        (row["file"], row["#"])
        for row in rows
        if len(row["*"]) != widths[row["file"]].most_common(1)[0][0]
    }
    named = {(e["file"], e["line"]) for e in truths["dirt"] if e["kind"] == "wrong_field_count"}
    assert odd == named
    assert len(named) == 3


def test_the_southwests_till_writes_gbk(home: Home, read: Read) -> None:
    path = "landing/extracts/orders/orders_southwest_pos.csv"
    with pytest.raises(UnicodeDecodeError):
        home[path].decode("utf-8")
    first = read(home, path)[0]
    assert first["订单号"].startswith("YW2604")
    assert first["下单时间"].startswith("2026/04/")


def test_qualtrics_has_three_header_rows(home: Home) -> None:
    text = home["landing/surveys/store_nps/store_nps_2026-09-30.csv"].decode("utf-8-sig")
    assert text.startswith("StartDate,EndDate,Status,IPAddress,")
    assert '""ImportId"":""startDate"",""timeZone"":""Asia/Shanghai""' in text


def test_scores_that_are_none_are_planted(home: Home, read: Read) -> None:
    store = Counter(row["Q1_NPS"] for row in read(home, "landing/surveys/store_nps/"))
    assert store["11"] == store["7.5"] == store["十分"] == 2
    column = "您有多大可能向朋友推荐云雾茶外卖？（0-10）"
    delivery = Counter(row[column] for row in read(home, "landing/surveys/delivery_nps/"))
    assert delivery[11] == delivery[7.5] == delivery["十分"] == 1
    assert delivery[None] == 2


def test_personal_data_is_there_to_be_caught(
    company: Company, home: Home, truths: dict[str, Any], read: Read
) -> None:
    texts = [str(cell) for row in read(home, "landing/") for cell in row["*"] if cell]
    saved = home["landing/platforms/dianping/云雾茶门店点评.html"].decode()
    heimao = HeimaoSite(company.heimao_complaints)
    feed = [heimao.answer(Asked(f"{FEED}?page={page}")) for page in range(1, 9)]
    shown = [answer.body.decode() for answer in feed if answer is not None]
    everything = "\n".join([*texts, saved, *shown])
    assert all(value in everything for value in truths["personal_data"])
    authors = [value for value in truths["personal_data"] if value in saved + "".join(shown)]
    assert len(authors) == 75 + 15  # each its own
    assert not any(author in "\n".join(texts) for author in authors)
    comments = "\n".join(text for text in texts if "call.me." in text or "198" in text)
    assert sum(value in comments for value in truths["personal_data"]) >= 26


def test_refunds_come_later_in_another_file(home: Home, truths: dict[str, Any], read: Read) -> None:
    replaced = [
        entry["natural_key"]
        for entry in truths["dirt"]
        if entry["kind"] == "replaced_later" and entry["entity"] == "orders"
    ]
    assert len(replaced) == 3
    for order_id in replaced:
        rows = [r for r in read(home, "landing/extracts/orders/") if r["订单号"] == order_id]
        assert [row["订单状态"] for row in rows] == ["completed", "refunded"]
        assert rows[0]["file"] < rows[1]["file"]


def test_making_the_files_leaves_the_company_alone() -> None:
    company = generate(scale=0.05)
    before = generate(scale=0.05)
    home_files(company, replica_url=URL)
    assert company == before
