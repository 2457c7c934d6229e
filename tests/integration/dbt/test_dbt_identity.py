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
stranger,,13900000099,,2026-09-29 10:00,9
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

    def extract(self, day: date, entity: str, text: str, **config: Any) -> None:
        place = f"extracts/{entity}"
        self._load(load_extract, day, place, entity, text, ExtractConfig(**config))

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


MERGE = "c1,c2,merge,2026-09-20 08:00\n"
PART = "c1,c2,unmerge,2026-09-22 08:00\n"
AGAIN = "c1,c2,merge,2026-09-23 08:00\n"
CHAIN = "".join(f"k{n + 1},k{n},merge,2026-09-01\n" for n in range(1, 130))
SNAPSHOTS = {
    21: MERGE,
    22: MERGE + PART,
    23: MERGE + PART + AGAIN,
    24: "",
    26: MERGE + PART + AGAIN,
}
"""Of September; each file holds all links there are, and CHAIN."""


@pytest.fixture(scope="module")
def snapshots(new_warehouse: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What was known of c2 on three nights: merged, missed in the snapshot, and back."""
    warehouse = new_warehouse()
    company = Company(warehouse, tmp_path_factory.mktemp("snapshots"))
    people = ["c1", "c2", *(f"k{n}" for n in range(1, 131))]
    company.extract(date(2026, 9, 20), "customers", "\n".join(["customer_id", *people, ""]))
    bought = "order_id,customer_id,ordered_at,amount\n"
    bought += "".join(f"o_{who},{who},2026-09-19 10:00,9\n" for who in ("c2", "k1", "k2", "k3"))
    company.extract(date(2026, 9, 20), "orders", bought)
    for number, rows in SNAPSHOTS.items():
        text = "customer_id,other_id,kind,occurred_at\n" + rows + CHAIN
        company.extract(date(2026, 9, number), "customer_links", text, mode="snapshot")
    seen: dict[int, Any] = {}
    for number in (23, 24, 26):
        built = warehouse.build(f"2026-09-{number}", "path:models/marts").must_pass()
        identity = {"customer_identity", "fct_identity_match", "fct_customer_link", "dim_source"}
        seen[number] = {
            "warned": built.named("warn"),
            "facts": tables(warehouse, identity | {"dim_date"}),
            "matches": matches(warehouse),
            "reconciled": warehouse.reconciled(),
            "links": [
                tuple(row.values())
                for row in warehouse.rows(
                    "select customer_id, effect, span_no, valid_from, valid_to, vanished_on "
                    "from core.fct_customer_link where customer_id = 'c1' "
                    "order by occurred_at, span_no"
                )
            ],
            "c2": [
                tuple(row.values())
                for row in warehouse.rows(
                    "select valid_from, customer_id_then, customer_id from core.customer_identity "
                    "where identifier_value = 'c2' order by valid_from"
                )
            ],
        }
    return seen


def of_september(number: int) -> date:
    return date(2026, 9, number)


def test_a_link_that_a_snapshot_lists_no_more_ends_on_that_night(snapshots: Any) -> None:
    never, missed = date(9999, 12, 31), of_september(24)
    assert snapshots[23]["links"] == [
        ("c1", "joins", 1, of_september(20), of_september(22), None),
        ("c1", "parts", 1, None, None, None),
        ("c1", "joins", 1, of_september(23), never, None),
    ]
    assert snapshots[24]["links"] == [
        ("c1", "joins", 1, of_september(20), of_september(22), missed),
        ("c1", "parts", 1, None, None, missed),
        ("c1", "joins", 1, of_september(23), missed, missed),
    ]
    assert snapshots[26]["links"] == [
        ("c1", "joins", 1, of_september(20), of_september(22), None),
        ("c1", "parts", 1, None, None, None),
        ("c1", "joins", 1, of_september(23), missed, None),
        ("c1", "joins", 2, of_september(26), never, None),
    ]


def test_who_a_customer_was_follows_links_that_vanish_and_are_back(snapshots: Any) -> None:
    then = [
        (date(1900, 1, 1), "c2"),
        (of_september(20), "c1"),
        (of_september(22), "c2"),
        (of_september(23), "c1"),
        (of_september(24), "c2"),
        (of_september(26), "c1"),
    ]
    assert snapshots[23]["c2"] == [(*span, "c1") for span in then[:4]]
    assert snapshots[24]["c2"] == [(*span, "c2") for span in then[:5]]
    assert snapshots[26]["c2"] == [(*span, "c1") for span in then]
    merged = ("c1", "c2", "declared_link", "resolved", False)
    assert snapshots[23]["matches"]["o_c2"] == snapshots[26]["matches"]["o_c2"] == merged
    assert snapshots[24]["matches"]["o_c2"] == ("c2", "c2", "declared_id", "resolved", False)


def test_no_fact_was_rewritten_by_a_link_that_vanished(snapshots: Any) -> None:
    assert snapshots[23]["facts"] == snapshots[24]["facts"] == snapshots[26]["facts"]


def test_closed_links_have_their_place_in_the_reconciliation(snapshots: Any) -> None:
    counts = snapshots[26]["reconciled"]
    assert {night: c for night, c in counts.items() if c[-1] != 0} == {}
    #                                                            seen land quar fact sup dup
    night = "extract_customer_links customer_links 2026-09-"
    assert counts[f"{night}24"] == (132, 132, 0, 0, 3, 129, 132, 0)
    assert counts[f"{night}26"] == (132, 132, 0, 3, 0, 129, 132, 0)


def test_a_chain_too_long_to_be_followed_leads_to_nobody_and_is_warned_of(snapshots: Any) -> None:
    assert "merges_are_followed_to_their_end" in snapshots[23]["warned"]
    found = snapshots[23]["matches"]
    # from k3 to k130 there are 127 merges
    assert found["o_k3"] == ("k130", "k130", "declared_link", "resolved", False)
    for order in ("o_k1", "o_k2"):
        assert found[order] == (None, None, None, "unmatched", False)
