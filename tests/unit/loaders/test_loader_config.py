"""What a person is told when surveys.yml or extracts.yml says something that can't be."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from lake.config import ConfigError, load_yaml
from lake.entities import ENTITIES, ENVELOPE, EXTRACTS
from loaders.config import (
    RENAMED_HEADERS,
    ExtractConfig,
    ExtractsFile,
    SurveysFile,
    extract_columns,
)


def problems(path: Path, text: str, model: type[ExtractsFile] | type[SurveysFile]) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_yaml(path, model)
    return [str(p) for p in caught.value.problems]


def test_a_whole_config_is_read(tmp_path: Path) -> None:
    path = tmp_path / "extracts.yml"
    path.write_text(
        "extracts:\n"
        "  orders:\n"
        "    files: '*.csv'\n"
        "    zone: America/New_York\n"
        "    columns: {order_id: 订单号, ordered_at: 下单时间}\n"
        "  customers:\n"
        "    columns: {phone: 手机号}\n"
        "  units:\n",
        encoding="utf-8",
    )
    found = load_yaml(path, ExtractsFile)
    assert list(found.extracts) == ["orders", "customers", "units"]
    assert found.extracts["orders"].columns["order_id"] == "订单号"
    assert found.extracts["units"].files == "*"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("extracts:\n  ordres: {}\n", 2, "Did you mean `orders`?"),
        ("extracts:\n  orders:\n    columns:\n      order_idd: a\n", 4, "Did you mean `order_id`?"),
        ("extracts:\n  orders:\n    colums: {}\n", 3, "Did you mean `columns`?"),
        ("extracts:\n  orders:\n    zone: Asia/Shangai\n", 3, "Asia/Shanghai"),
        ("extracts:\n  orders:\n    encoding: gbkk\n", 3, "gb18030"),
        ("extracts:\n  orders:\n    encoding: base64\n", 3, "encoding of text"),
        ("extracts:\n  orders:\n    files: ../*.csv\n", 3, "landing folder"),
        ("extracts:\n  customers:\n    columns: {phone_hash: h}\n", 3, "Write `phone: <header>`"),
    ],
)
def test_extract_faults_name_the_place_and_the_mend(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    found = problems(tmp_path / "extracts.yml", text, ExtractsFile)
    assert len(found) == 1
    assert f"line {line}" in found[0]
    assert words in found[0]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = "extracts:\n  ordres: {}\n  orders:\n    columns: {a: b, c: d}\n"
    assert len(problems(tmp_path / "extracts.yml", text, ExtractsFile)) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("surveys:\n  s:\n    format: qualtric\n", "qualtrics"),
        ("surveys:\n  s:\n    roles: {npss: Q1}\n", "Did you mean `nps`?"),
        ("surveys:\n  ../s: {}\n", "names a folder"),
        ("surveys:\n  1001: {}\n", 'Put it in quotes: "1001".'),
        ("surveys:\n  s:\n    constants: {unit: hq}\n", "Did you mean `unit_id`?"),
    ],
)
def test_survey_faults(tmp_path: Path, text: str, words: str) -> None:
    found = problems(tmp_path / "surveys.yml", text, SurveysFile)
    assert words in found[0]
    assert "line " in found[0]


def test_constants_are_texts_whatever_yaml_takes_them_for(tmp_path: Path) -> None:
    path = tmp_path / "surveys.yml"
    path.write_text("surveys:\n  s:\n    constants: {unit_id: 7, submitted_at: 2026-09-01}\n")
    constants = load_yaml(path, SurveysFile).surveys["s"].constants
    assert (constants.unit_id, constants.submitted_at) == ("7", "2026-09-01")


def test_customers_bring_phones_never_hashes() -> None:
    columns = extract_columns("customers")
    assert {"phone", "email"} <= set(columns)
    assert not {"phone_hash", "email_hash"} & set(columns)


def test_a_benchmark_s_source_is_not_the_lake_s() -> None:
    columns = extract_columns("benchmarks")
    assert "source" in columns
    assert "denominator_source" not in columns


def test_no_entity_s_columns_hide_the_envelope_s() -> None:
    assert all(not entity.columns.keys() & ENVELOPE.keys() for entity in ENTITIES.values())


def test_the_commented_config_lists_every_extract_with_its_columns() -> None:
    text = (files("orchestration") / "scaffold_files" / "extracts.yml").read_text("utf-8")
    said = " ".join(line.lstrip("# ") for line in text.splitlines()).split()
    for entity, found in EXTRACTS.items():
        columns = [
            name + "*" * (RENAMED_HEADERS.get(name, name) in found.required)
            for name in extract_columns(entity)
        ]
        start = said.index(columns[0], said.index(entity))
        assert sorted(said[start : start + len(columns)]) == sorted(columns), entity
        assert f"{entity}:" in text


def test_the_commented_config_and_the_page_show_every_key_with_its_default() -> None:
    text = (files("orchestration") / "scaffold_files" / "extracts.yml").read_text("utf-8")
    shown = dict(re.findall(r"^#   (\w+): (\S.*?) +# \S", text, re.M))
    fields = ExtractConfig.model_fields
    assert set(shown) == set(fields)
    defaults = {n: f.default for n, f in fields.items() if f.default not in (None, "*")}
    del defaults["columns"]
    assert {name: yaml.safe_load(shown[name]) for name in defaults} == defaults
    page = (Path(__file__).parents[3] / "docs" / "extracts.md").read_text("utf-8")
    assert [name for name in fields if not re.search(rf"^    (# .*`)?{name}: ", page, re.M)] == []


def test_the_page_about_extracts_tells_every_column_and_key() -> None:
    page = (Path(__file__).parents[3] / "docs" / "extracts.md").read_text("utf-8")
    told = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##)", page, re.M | re.S))
    assert set(EXTRACTS) <= set(told)
    for entity, found in EXTRACTS.items():
        columns = re.findall(r"^\| `(\w+)`(\*?) \|", told[entity], re.M)
        assert [name for name, _ in columns] == list(extract_columns(entity)), entity
        starred = {RENAMED_HEADERS.get(name, name) for name, star in columns if star}
        assert starred == set(found.required), entity
        (keys,) = re.findall(r"Key: ([^.]*)\.", told[entity])
        key = [RENAMED_HEADERS.get(name, name) for name in re.findall(r"`(\w+)`", keys)]
        assert key == list(found.key), entity


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ("{query: select 1}", "`query` is for a database, and none is named"),
        ("{database: crm}", "either a `query` or a `table` is asked"),
        ("{database: crm, table: a, query: select 1}", "either a `query` or a `table` is asked"),
        ("{database: crm, table: a, files: '*.csv'}", "`files` is for files"),
        ("{database: 'crm:5432', table: a}", "database"),
        ("{database: crm, query: 'select * from a where b > :day'}", "placeholder :day"),
        ("{database: crm, query: 'a > :since', since: 2020-01-01}", "`incremental` is needed"),
        ("{database: crm, query: 'a > :since', incremental: a}", "Write `since:`"),
        (
            "{database: crm, table: a, incremental: b, mode: snapshot}",
            "a snapshot holds every row",
        ),
        ("{max_closed: 0.5}", "`max_closed` is for snapshots"),
        ("{mode: snapshot, max_closed: 2}", "less than or equal to 1"),
    ],
)
def test_an_extract_comes_from_one_place_in_one_way(tmp_path: Path, config: str, why: str) -> None:
    (found,) = problems(tmp_path / "a.yml", f"extracts: {{orders: {config}}}", ExtractsFile)
    assert why in found


def test_a_query_may_hold_colons_that_are_no_placeholders(tmp_path: Path) -> None:
    path = tmp_path / "extracts.yml"
    path.write_text(
        "extracts:\n  orders:\n    database: crm\n    incremental: at\n    since: 2020-01-01\n"
        "    query: select id::text, '10:30' from a where at > :since\n",
        encoding="utf-8",
    )
    config = load_yaml(path, ExtractsFile).extracts["orders"]
    assert (config.variable, str(config.since)) == ("VOC_DB_CRM", "2020-01-01")
