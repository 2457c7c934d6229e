"""Who is who over two systems' files, from the drop to quality.source_day, worked out by hand.

A shop's own customers and merges, a survey whose forms know people by ids, phones and mails, and a
service desk that knows phones only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lake.landing import RunContext
from lake.privacy import Privacy
from loaders.config import ExtractConfig, SurveyConfig
from loaders.extracts import load_extract
from loaders.surveys import load_survey

pytestmark = pytest.mark.integration

SURVEY = """\
id,uid,手机号,邮箱,time,nps
known,c1,,,2026-09-29 10:00,9
linked,U77,,,2026-09-29 10:00,9
merged,c2,,,2026-09-29 10:00,9
family,,13800000003,,2026-09-29 10:00,9
family_mail,,13800000003,D@X.cn,2026-09-29 10:00,9
number_before,,13800000005,,2026-09-28 10:00,9
number_after,,13800000005,,2026-09-29 10:00,9
mail_as_id,a@x.cn,,,2026-09-29 10:00,9
conflict,c1,13800000005,,2026-09-28 10:00,9
stranger,,13900000000,,2026-09-29 10:00,9
nobody,,,,2026-09-29 10:00,9
two_people,,138 0000 0001,d@x.cn,2026-09-29 10:00,9
hidden,,138****0001,,2026-09-29 10:00,9
"""
ROLES = {
    "response_id": "id",
    "customer_id": "uid",
    "phone": "手机号",
    "email": "邮箱",
    "submitted_at": "time",
    "nps": "nps",
}
FILES = {
    28: {
        "customers": """\
customer_id,phone,email
c1,13800000001,a@x.cn
c2,13800000002,
c3,13800000003,
c4,13800000003,d@x.cn
c5,13800000005,
"""
    },
    29: {
        # c5's number went to c6
        "customers": "customer_id,phone,email\nc5,13800000006,\nc6,13800000005,\n",
        "cases": """\
case_id,created_at,customer_id,phone,text
k1,2026-09-29 11:00,,+86 138-0000-0002,杯子里有异物
k2,2026-09-29 11:00,c9,,太慢
""",
        "orders": "order_id,customer_id,ordered_at,amount\no1,c2,2026-09-29 09:00,20\n",
    },
}
LINKS = """\
customer_id,other_id,system,kind,occurred_at
c1,c2,,merge,2026-09-30 08:00
c1,U77,survey_app,,2026-09-01 08:00
"""
PARTED = "customer_id,other_id,kind,occurred_at\nc2,c1,unmerge,2026-10-01 08:00\n"


class Company:
    """Drops the company's files into a warehouse's lake."""

    def __init__(self, warehouse: Any, home: Path) -> None:
        self.warehouse, self.home, self.runs = warehouse, home, 0

    def extract(self, day: date, entity: str, text: str) -> None:
        self._load(load_extract, day, f"extracts/{entity}", entity, text, ExtractConfig())

    def survey(self, day: date, text: str) -> None:
        config = SurveyConfig.model_validate({"roles": ROLES})
        self._load(load_survey, day, "surveys/app", "app", text, config)

    def _load(
        self, load: Callable[..., Any], day: date, place: str, name: str, text: str, config: Any
    ) -> None:
        self.runs += 1
        file = self.home / "landing" / place / f"{day}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        moment = self.warehouse.local(f"{day} 02:00") + timedelta(days=1, seconds=self.runs)
        ended = load(
            name,
            config,
            home=self.home,
            lake=self.warehouse.lake,
            run=RunContext(day, f"run{self.runs}", ZoneInfo("Asia/Shanghai"), lambda: moment),
            privacy=Privacy(b"a key for tests only"),
            progress=lambda _: None,
        )
        assert (ended.status, ended.quarantined) == ("complete", 0), ended.message


def tables(warehouse: Any, but: set[str]) -> dict[str, list[str]]:
    """All rows of the star, in an order of their own."""
    names = warehouse.rows(
        "select table_name as name from information_schema.tables where table_schema = 'core'"
    )
    return {
        name: sorted(repr(row) for row in warehouse.rows(f"from core.{name}"))
        for name in sorted(table["name"] for table in names)
        if name not in but
    }


def matches(warehouse: Any) -> dict[str, tuple[Any, ...]]:
    """Natural key -> who it is, how it is known, and what became of it."""
    rows = warehouse.rows(
        "select d.natural_key as name, m.customer_id, m.customer_id_then, m.method, m.status, "
        "m.is_conflict from core.fct_identity_match m "
        "join intermediate.int_record_dispositions d using (record_key)"
    )
    return {row.pop("name").removeprefix("app|"): tuple(row.values()) for row in rows}


def covered(warehouse: Any, source: str, dt: str = "2026-09-29") -> tuple[Any, ...]:
    """The counts of one night of a source."""
    (row,) = warehouse.rows(
        "select landed, facts, with_identifier, resolved, by_declared_id, by_declared_link, "
        "by_email, by_phone, ambiguous, unmatched, conflicts, coverage "
        "from quality.source_day where names_customers and source = ? and dt = cast(? as date)",
        source,
        dt,
    )
    return tuple(row.values())


@pytest.fixture(scope="module")
def story(new_warehouse: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The same lake built three times: before the merge, after it, and parted again."""
    warehouse = new_warehouse()
    company = Company(warehouse, tmp_path_factory.mktemp("company"))
    for number, files in FILES.items():
        for entity, text in files.items():
            company.extract(date(2026, 9, number), entity, text)
    company.survey(date(2026, 9, 29), SURVEY)
    seen: dict[str, Any] = {}

    def look(word: str, as_of: str) -> None:
        warehouse.build(as_of).must_pass()
        identity = {"customer_identity", "fct_identity_match", "fct_customer_link", "dim_source"}
        seen[word] = {
            "facts": tables(warehouse, identity | {"dim_date"}),
            "matches": matches(warehouse),
            "survey": covered(warehouse, "survey_app"),
            "cases": covered(warehouse, "extract_cases"),
            "links": warehouse.rows(
                "select other_id, effect, valid_from, valid_to from core.fct_customer_link "
                "order by occurred_at, other_id"
            ),
            "keys": {
                row["response_id"]: row["customer_id"]
                for row in warehouse.rows(
                    "select r.response_id, c.customer_id from core.fct_survey_response r "
                    "left join core.dim_customer c using (customer_key)"
                )
            },
            "reconciled": warehouse.reconciled(),
            "marts": warehouse.rows(
                "select 'case' as kind, case_id as id, customer_id from marts.complaint_case "
                "union all select 'order', order_id, customer_id "
                "from intermediate.int_counted_order order by all"
            ),
        }

    look("before", "2026-09-29")
    company.extract(date(2026, 9, 30), "customer_links", LINKS)
    look("merged", "2026-09-30")
    company.extract(date(2026, 10, 1), "customer_links", PARTED)
    look("parted", "2026-10-01")
    return seen


BEFORE = {
    "known": ("c1", "c1", "declared_id", "resolved", False),
    "linked": (None, None, None, "unmatched", False),
    "merged": ("c2", "c2", "declared_id", "resolved", False),
    "family": (None, None, None, "ambiguous", False),
    "family_mail": ("c4", "c4", "email", "resolved", False),
    "number_before": ("c5", "c5", "phone", "resolved", False),
    "number_after": ("c6", "c6", "phone", "resolved", False),
    "mail_as_id": ("c1", "c1", "email", "resolved", False),
    "conflict": ("c1", "c1", "declared_id", "resolved", True),
    "stranger": (None, None, None, "unmatched", False),
    "nobody": (None, None, None, "none", False),
    "two_people": (None, None, None, "ambiguous", True),
    "hidden": (None, None, None, "none", False),
    "k1": ("c2", "c2", "phone", "resolved", False),
    "k2": (None, None, None, "unmatched", False),
    "o1": ("c2", "c2", "declared_id", "resolved", False),
}
LINKED = {"linked": ("c1", "c1", "declared_link", "resolved", False)}
MERGED = LINKED | {
    "merged": ("c1", "c2", "declared_link", "resolved", False),
    "k1": ("c1", "c2", "phone", "resolved", False),
    "o1": ("c1", "c2", "declared_link", "resolved", False),
}


def test_each_record_leads_to_whom_its_evidence_says(story: Any) -> None:
    assert story["before"]["matches"] == BEFORE


def test_after_a_merge_all_that_was_the_others_is_the_survivors(story: Any) -> None:
    assert story["merged"]["matches"] == BEFORE | MERGED


def test_parted_again_each_has_their_own_back(story: Any) -> None:
    assert story["parted"]["matches"] == BEFORE | LINKED


def test_no_fact_was_rewritten_by_merging_or_parting(story: Any) -> None:
    assert story["merged"]["facts"] == story["before"]["facts"]
    assert story["parted"]["facts"] == story["before"]["facts"]
    assert "fct_survey_response" in story["before"]["facts"]


def test_an_answer_without_an_id_is_joined_to_the_customer_of_its_phone_or_mail(story: Any) -> None:
    assert story["before"]["keys"] == {
        "known": "c1",
        "linked": None,
        "merged": "c2",
        "family": None,
        "family_mail": "c4",
        "number_before": "c5",
        "number_after": "c6",
        "mail_as_id": "c1",
        "conflict": "c1",
        "stranger": None,
        "nobody": None,
        "two_people": None,
        "hidden": None,
    }


def test_marts_count_by_the_customer_as_known_on_the_day(story: Any) -> None:
    def found(word: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in story[word]["marts"]]

    # k2's c9 is nobody the customers extract knows: the id stays as given
    assert found("before") == [("case", "k1", "c2"), ("case", "k2", "c9"), ("order", "o1", "c2")]
    assert found("merged") == [("case", "k1", "c1"), ("case", "k2", "c9"), ("order", "o1", "c1")]
    assert found("parted") == found("before")


def test_coverage_is_counted_per_source_and_night(story: Any) -> None:
    #                            landed facts with resolved id link mail phone ambig unm conf
    assert story["before"]["survey"] == (13, 13, 11, 7, 3, 0, 2, 2, 2, 2, 2, 7 / 13)
    assert story["merged"]["survey"] == (13, 13, 11, 8, 2, 2, 2, 2, 2, 1, 2, 8 / 13)
    assert story["parted"]["survey"] == (13, 13, 11, 8, 3, 1, 2, 2, 2, 1, 2, 8 / 13)
    assert story["merged"]["cases"] == (2, 2, 2, 1, 0, 0, 0, 1, 0, 1, 0, 0.5)


def test_merges_and_their_taking_back_are_rows(story: Any) -> None:
    merged, parted = story["merged"]["links"], story["parted"]["links"]
    never = date(9999, 12, 31)
    assert [tuple(row.values()) for row in merged] == [
        ("U77", "joins", date(2026, 9, 1), never),
        ("c2", "joins", date(2026, 9, 30), never),
    ]
    assert [tuple(row.values()) for row in parted] == [
        ("U77", "joins", date(2026, 9, 1), never),
        ("c2", "joins", date(2026, 9, 30), date(2026, 10, 1)),
        ("c1", "parts", None, None),
    ]


def test_links_have_their_place_in_the_reconciliation(story: Any) -> None:
    counts = story["parted"]["reconciled"]
    assert counts["extract_customer_links customer_links 2026-09-30"] == (2, 2, 0, 2, 0, 0, 2, 0)
    assert counts["extract_customer_links customer_links 2026-10-01"] == (1, 1, 0, 1, 0, 0, 1, 0)
