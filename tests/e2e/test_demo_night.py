"""The demo company's night: published, repeatable, complete, and it finds what was planted."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.parquet as pq
import pytest

from orchestration.file_status import file_statuses

if TYPE_CHECKING:
    from tests.e2e.conftest import DemoNights

pytestmark = pytest.mark.e2e

MARTS = (
    "nps_period",
    "nps_distribution",
    "complaint_case",
    "complaint_unit_day",
    "complaint_backlog_day",
    "churn_warning",
    "fct_complaint",
    "fct_complaint_event",
    "fct_review",
    "dim_product",
    "dim_employee",
    "fct_order_line",
    "fct_contact",
    "fct_qsc_audit",
)


def test_both_nights_are_published(demo_nights: DemoNights) -> None:
    assert (demo_nights.first.status, demo_nights.first.reasons) == ("published", ())
    assert (demo_nights.second.status, demo_nights.second.reasons) == ("published", ())
    assert (demo_nights.home / "serving").resolve().name == demo_nights.second.run_id


@pytest.mark.parametrize("mart", MARTS)
def test_a_second_run_on_the_same_day_changes_no_row_of_the_marts(
    demo_nights: DemoNights, mart: str
) -> None:
    assert demo_nights.first.release is not None
    assert demo_nights.second.release is not None
    schema = "core" if mart.startswith(("fct_", "dim_")) else "marts"
    with duckdb.connect() as connection:
        for name, made in (("a", demo_nights.first), ("b", demo_nights.second)):
            assert made.release is not None
            connection.execute(f"attach '{made.release.warehouse}' as {name} (read_only)")
        a, b = f"a.{schema}.{mart}", f"b.{schema}.{mart}"
        rows = connection.execute(f"select count(*) from {a}").fetchall()[0][0]
        changed = connection.execute(
            f"select count(*) from ((from {a} except all from {b})"
            f" union all (from {b} except all from {a}))"
        ).fetchall()[0][0]
    assert rows > 0
    assert changed == 0


def test_a_reader_of_the_first_release_was_not_disturbed(demo_nights: DemoNights) -> None:
    assert demo_nights.first.release is not None
    sql = "select count(*) from core.fct_order"
    held = demo_nights.old_reader.execute(sql).fetchall()
    told = {t["table"]: t["rows"] for t in demo_nights.first.release.manifest["tables"]}
    assert held == [(told["fct_order"],)]


def test_every_seen_record_is_accounted_for(demo_nights: DemoNights) -> None:
    rows = demo_nights.rows("from quality.reconciliation")
    assert {row["difference"] for row in rows} == {0}
    seen: dict[str, int] = {}
    for row in rows:
        seen[row["source"]] = seen.get(row["source"], 0) + row["seen"]
    for source, expected in demo_nights.truths["counts"]["sources"].items():
        (row,) = [r for r in rows if r["source"] == source and r["entity"] == expected["entity"]]
        assert row["seen"] == expected["rows"], source
        assert row["quarantined"] == sum(expected["quarantined"].values()), source
        assert row["facts"] == expected["current"], source
        assert row["superseded"] == expected["superseded"], source
        assert row["duplicates"] == expected["duplicates"], source


def test_every_planted_fault_of_a_file_stands_in_quarantine_with_file_line_and_reason(
    demo_nights: DemoNights,
) -> None:
    planted = {
        (dirt["file"], dirt["line"], dirt["kind"])
        for dirt in demo_nights.truths["dirt"]
        if dirt["fate"] == "quarantined"
    }
    found = {
        (row["file"], row["line"], row["reason_code"])
        for row in demo_nights.rows("from quality.quarantine_record")
    }
    assert planted
    assert found == planted


def test_no_personal_value_reaches_lake_build_or_release(demo_nights: DemoNights) -> None:
    """Every planted phone, mail and author, looked for in all texts of Parquet and DuckDB files."""
    values = demo_nights.truths["personal_data"]
    assert len(values) > 100
    texts = _texts_at_rest(demo_nights.home)
    everything = "\n".join(texts)
    assert len(texts) > 100_000
    assert [value for value in values if value in everything] == []


def _texts_at_rest(home: Path) -> list[str]:
    """All texts of the lake's records and requests, of the build and of the release."""
    texts: list[str] = []
    for path in home.glob("lake/[!a]*/**/*.parquet"):
        texts += _texts_of(pq.ParquetFile(path).read().to_pylist())
    for name in ("build/warehouse.duckdb", "serving/warehouse.duckdb"):
        texts += _texts_in_database(home / name)
    return texts


def _texts_of(rows: list[dict[str, Any]]) -> list[str]:
    return [value for row in rows for value in row.values() if isinstance(value, str)]


def _texts_in_database(path: Path) -> list[str]:
    found: list[str] = []
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
            " where data_type = 'VARCHAR'"
        ).fetchall()
        for schema, table, column in columns:
            sql = f'select distinct "{column}" from {schema}."{table}" where "{column}" is not null'
            found += [row[0] for row in connection.execute(sql).fetchall()]
    return found


def test_the_crawled_platforms_are_complete(demo_nights: DemoNights) -> None:
    for source, expected in demo_nights.truths["counts"]["platforms"].items():
        table = "core.fct_complaint" if expected["entity"] == "complaint" else "core.fct_review"
        (row,) = demo_nights.rows(f"select count(*) as n from {table} where source = ?", source)
        assert row["n"] == expected["items"], source


def test_truth_the_lines_of_an_order_sum_to_its_amount(demo_nights: DemoNights) -> None:
    expected = demo_nights.truth("order_lines")["expect"]
    per_order = demo_nights.rows(
        "select order_id, any_value(o.amount) as charged, sum(l.amount) as summed,"
        " count(*) as lines from core.fct_order_line as l join core.fct_order as o"
        " using (order_id) group by order_id"
    )
    assert [row for row in per_order if row["charged"] != row["summed"]] == []
    assert len(per_order) == expected["orders"]
    assert sum(row["lines"] for row in per_order) == expected["lines"]
    assert sum(row["summed"] for row in per_order) == expected["amount"]
    cups = demo_nights.rows(
        "select product_id, count(*) as n from core.fct_order_line group by product_id"
    )
    assert {row["product_id"]: row["n"] for row in cups} == expected["cups_by_product"]
    names = demo_nights.rows("select name from core.dim_product where product_id = 'P03'")
    assert names == [{"name": "茉莉奶绿"}]


def test_truth_the_bot_settles_nothing(demo_nights: DemoNights) -> None:
    expected = demo_nights.truth("contacts")["expect"]
    rows = demo_nights.rows(
        "select actor_kind, count(*) as n, count_if(is_resolved) as resolved,"
        " count(customer_key) as known from core.fct_contact group by actor_kind"
    )
    assert {row["actor_kind"]: row["n"] for row in rows} == expected["by_actor_kind"]
    assert {r["actor_kind"]: r["resolved"] for r in rows}["human"] == expected["resolved"]
    assert sum(row["resolved"] for row in rows) == expected["resolved"]
    assert all(row["known"] == row["n"] for row in rows)


def test_truth_the_store_of_the_foreign_objects_was_dirty(demo_nights: DemoNights) -> None:
    truth = demo_nights.truth("dirty_store")
    rows = demo_nights.rows(
        "select unit_id, avg(score) as score, count(*) as n from core.fct_qsc_audit"
        " where qsc_class = 'C' and visited_date between cast('2026-08-01' as date)"
        " and cast('2026-08-31' as date) group by unit_id order by score, unit_id"
    )
    assert rows[0] == {
        "unit_id": truth["key"]["unit_id"],
        "score": truth["expect"]["mean_score_in_august"],
        "n": truth["expect"]["rows_in_august"],
    }
    assert rows[1]["score"] > rows[0]["score"]


def test_truth_a_corrected_audit_shows_its_last_score(demo_nights: DemoNights) -> None:
    truth = demo_nights.truth("corrected_audit")
    where, values = _key(truth)
    rows = demo_nights.rows(f"select score from core.fct_qsc_audit where {where}", *values)
    assert rows == [truth["expect"]]


def test_truth_heimao_s_complaints_have_their_steps_and_whole_texts(
    demo_nights: DemoNights,
) -> None:
    expected = demo_nights.truth("heimao_complaints")["expect"]
    rows = demo_nights.rows("from core.fct_complaint where source = 'heimao'")
    assert len(rows) == expected["complaints"]
    assert {row["unit_id"] for row in rows} == {expected["unit_id"]}
    assert Counter(row["current_status"] for row in rows) == expected["by_current_status"]
    assert Counter(row["status_raw"] for row in rows) == expected["by_status_raw"]
    assert {row["case_id"]: len(row["text"]) for row in rows} == expected["characters"]
    rated = {r["case_id"]: r["rating_satisfaction"] for r in rows if r["rating_satisfaction"]}
    assert rated == expected["rating_satisfaction"]
    events = demo_nights.rows("from core.fct_complaint_event where source = 'heimao'")
    assert Counter(event["type"] for event in events) == expected["steps_by_type"]
    assert not any(event["is_derived"] for event in events)
    texts = {row["case_id"]: row["text"] for row in rows}
    first_steps = {e["case_id"]: e["text"] for e in events if e["type"] == "created"}
    assert first_steps == texts
    assert expected["longest_text"] in texts.values()
    assert len(expected["longest_text"].encode()) > 440  # more than the feed shows


def test_truth_no_complaint_about_another_brand_lands_anywhere(demo_nights: DemoNights) -> None:
    expected = demo_nights.truth("heimao_complaints")["expect"]
    others = [expected["other_brand"], *expected["other_complaints"]]
    assert len(others) > 10
    everything = "\n".join(_texts_at_rest(demo_nights.home))
    assert [other for other in others if other in everything] == []


def test_truth_head_office_s_complaints_are_the_regulator_s_and_heimao_s(
    demo_nights: DemoNights,
) -> None:
    truth = demo_nights.truth("head_office_complaints")
    where, values = _key(truth)
    rows = demo_nights.rows(
        "select cast(date_trunc('month', date_day) as date) as month, sum(created) as created"
        f" from marts.complaint_unit_day where {where} group by month",
        *values,
    )
    created = {row["month"].isoformat(): row["created"] for row in rows}
    assert created == truth["expect"]["created_by_month"]
    by_source = demo_nights.rows(
        "select source, count(*) as n from marts.complaint_case"
        " where unit_id = ? and is_open group by source",
        truth["key"]["unit_id"],
    )
    still_open = truth["expect"]["open_at_as_of"]
    assert {row["source"]: row["n"] for row in by_source} == still_open
    (backlog,) = demo_nights.rows(
        "select sum(open_cases) as n from marts.complaint_backlog_day"
        " where unit_id = ? and date_day = cast('2026-09-30' as date)",
        truth["key"]["unit_id"],
    )
    assert backlog["n"] == sum(still_open.values())


def test_truth_a_saved_page_s_reviews_belong_to_its_store(demo_nights: DemoNights) -> None:
    expected = demo_nights.truth("shop_reviews")["expect"]
    rows = demo_nights.rows("from core.fct_review where source = 'dianping'")
    assert len(rows) == expected["reviews"]
    assert {row["unit_id"] for row in rows} == {expected["unit_id"]}
    assert {row["product_id"] for row in rows} == {expected["product_id"]}
    assert {row["archive_file"] for row in rows} == {expected["file"]}
    mean_rating = sum(row["rating"] for row in rows) / len(rows)
    assert mean_rating == pytest.approx(expected["mean_rating"], abs=1e-6)
    assert sum(row["reply"] is not None for row in rows) == expected["replies"]
    assert all(row["author_hash"] and row["body"] for row in rows)


def test_without_permission_nothing_is_asked_and_the_summary_says_so(
    demo_nights: DemoNights,
) -> None:
    outcomes = _outcomes(demo_nights, "dianping")
    assert outcomes == {
        (demo_nights.first.run_id, "http", "reviews", "refused"): 1,
        (demo_nights.first.run_id, "file", "reviews", "ok"): 1,
        (demo_nights.second.run_id, "http", "reviews", "refused"): 1,
        (demo_nights.second.run_id, "file", "file", "unchanged"): 1,
    }
    (status,) = demo_nights.rows("from quality.source_status where source = 'dianping'")
    assert status["status"] == "complete"
    assert "1 dropped file." in status["message"]
    assert "State yours under permission" in status["message"]


def test_a_complaint_s_own_page_is_asked_for_once_a_day(demo_nights: DemoNights) -> None:
    outcomes = _outcomes(demo_nights, "heimao")
    asked = {key: n for key, n in outcomes.items() if key[2] == "view"}
    complaints = demo_nights.truth("heimao_complaints")["expect"]["complaints"]
    assert asked == {(demo_nights.first.run_id, "http", "view", "ok"): complaints}
    assert (demo_nights.second.run_id, "http", "feed", "ok") in outcomes


def _outcomes(nights: DemoNights, source: str) -> dict[tuple[str, str, str, str], int]:
    """(run, kind, request, outcome) -> how often."""
    rows = nights.rows(
        "select run_id, kind, request, outcome, count(*) as n from quality.request_outcome"
        " where source = ? group by all",
        source,
    )
    return {(row["run_id"], row["kind"], row["request"], row["outcome"]): row["n"] for row in rows}


def test_a_complaint_leads_back_to_the_bytes_it_came_from(demo_nights: DemoNights) -> None:
    from scrapers.http.archive import read_response

    row = demo_nights.rows(
        "select case_id, company, archive_file, archive_offset from core.fct_complaint"
        " where source = 'cfpb' order by case_id limit 1"
    )[0]
    archived = read_response(demo_nights.home / row["archive_file"], row["archive_offset"])
    body = json.loads(archived.body)
    companies = {hit["_id"]: hit["_source"]["company"] for hit in body["hits"]["hits"]}
    assert companies[row["case_id"]] == row["company"]


def test_an_answer_leads_back_to_its_line(demo_nights: DemoNights) -> None:
    row = demo_nights.rows(
        "select response_id, score_raw, archive_file, archive_offset"
        " from core.fct_survey_response where source = 'survey_store_nps' and score = 3"
        " order by response_id limit 1"
    )[0]
    lines = (demo_nights.home / row["archive_file"]).read_text("utf-8-sig").splitlines()
    assert row["response_id"] in lines[row["archive_offset"] - 1]


def test_requests_and_files_all_have_an_outcome(demo_nights: DemoNights) -> None:
    outcomes = {
        (row["kind"], row["outcome"], row["http_status"]): row["n"]
        for row in demo_nights.rows(
            "select kind, outcome, http_status, count(*) as n from quality.request_outcome"
            " group by all"
        )
    }
    assert outcomes["file", "unchanged", None] > 10  # the second run read nothing twice
    assert outcomes["file", "ok", None] > 10
    assert any(kind == "http" and status == 429 for kind, _, status in outcomes)


def test_the_run_and_its_checks_are_in_the_release(demo_nights: DemoNights) -> None:
    runs = demo_nights.rows("from quality.run order by finished_at")
    assert [row["run_id"] for row in runs] == [
        demo_nights.first.run_id,
        demo_nights.second.run_id,
    ]
    assert {row["status"] for row in runs} == {"published"}
    checks = demo_nights.rows(
        "select engine, count(*) as n, count(*) filter (where passed) as passed"
        " from quality.expectation_result where run_id = ? group by engine",
        demo_nights.second.run_id,
    )
    counted = {row["engine"]: row["n"] for row in checks}
    assert counted["dbt"] > 100
    assert counted["gx"] > 50
    last = runs[-1]
    assert last["checks_passed"] == sum(row["passed"] for row in checks)
    assert last["checks_failed"] == 0


def test_the_manifest_tells_rows_hashes_checks_and_versions(demo_nights: DemoNights) -> None:
    folder = demo_nights.home / "serving"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["as_of"], manifest["run_id"]) == ("2026-09-30", demo_nights.second.run_id)
    assert manifest["versions"]["duckdb"].startswith("2.")
    for entry in manifest["files"]:
        digest = hashlib.sha256((folder / entry["path"]).read_bytes()).hexdigest()
        assert digest == entry["sha256"], entry["path"]
    for table in manifest["tables"]:
        name = f"{table['schema']}.{table['table']}"
        (row,) = demo_nights.rows(f"select count(*) as n from {name}")
        assert row["n"] == table["rows"], name
        parquet = folder / "parquet" / table["schema"] / f"{table['table']}.parquet"
        assert pq.ParquetFile(parquet).metadata.num_rows == table["rows"], name


def _key(truth: dict[str, Any]) -> tuple[str, list[Any]]:
    """A truth's key as a WHERE clause with parameters; a list means any of its values."""
    parts, values = [], []
    for column, value in truth["key"].items():
        wanted = value if isinstance(value, list) else [value]
        parts.append(f"cast({column} as varchar) in ({', '.join('?' * len(wanted))})")
        values += [str(v) for v in wanted]
    return " and ".join(parts), values


def test_truth_the_chain_s_nps_is_exact(demo_nights: DemoNights) -> None:
    truth = demo_nights.truth("chain_nps")
    where, values = _key(truth)
    rows = demo_nights.rows(f"from marts.nps_period where {where}", *values)
    found = {str(row["period_start"]): row for row in rows}
    assert set(found) == set(truth["expect"]["by_period_start"])
    for start, expected in truth["expect"]["by_period_start"].items():
        for column, value in expected.items():
            assert found[start][column] == pytest.approx(value, abs=1e-6), (start, column)


def test_truth_the_region_with_the_delivery_problem_stands_out(demo_nights: DemoNights) -> None:
    truth = demo_nights.truth("delivery_problem_region")
    where, values = _key(truth)
    rows = demo_nights.rows(f"from marts.nps_period where {where}", *values)
    assert len(rows) == 2
    others = dict(truth["key"])
    region = others.pop("unit_id")
    where, values = _key({"key": others})
    peers = demo_nights.rows(
        f"from marts.nps_period where {where} and unit_id <> ? and nps is not null",
        *values,
        region,
    )
    pooled = 100 * sum(r["promoters"] - r["detractors"] for r in peers)
    pooled_nps = pooled / sum(r["responses"] for r in peers)
    for row in rows:
        assert row["nps"] <= truth["expect"]["nps_at_most"]
        below = truth["expect"]["below_pooled_other_regions_by_at_least"]
        assert row["nps"] <= pooled_nps - below


def test_truth_the_induced_store_falls_when_flagged_answers_are_left_out(
    demo_nights: DemoNights,
) -> None:
    truth = demo_nights.truth("induced_store")
    where, values = _key(truth)
    (row,) = demo_nights.rows(f"from marts.nps_period where {where}", *values)
    assert row["nps"] >= truth["expect"]["nps_at_least"]
    gap = truth["expect"]["nps_above_nps_clean_by_at_least"]
    assert row["nps"] - row["nps_clean"] >= gap
    flagged = demo_nights.rows(
        "select distinct r.response_id from core.fct_integrity_flag as f"
        " join core.fct_survey_response as r using (response_key)"
        " where f.unit_id = ? and f.flag = 'duplicate_device'",
        truth["key"]["unit_id"],
    )
    assert set(truth["expect"]["flagged_response_ids"]) <= {r["response_id"] for r in flagged}


def test_truth_no_other_store_loses_as_much(demo_nights: DemoNights) -> None:
    truth = demo_nights.truth("induced_store")
    others = dict(truth["key"])
    induced = others.pop("unit_id")
    where, values = _key({"key": others})
    gaps = {
        row["unit_id"]: row["nps"] - row["nps_clean"]
        for row in demo_nights.rows(f"from marts.nps_period where {where}", *values)
        if row["nps"] is not None and row["nps_clean"] is not None
    }
    assert max(gaps, key=lambda unit: gaps[unit]) == induced


def test_truth_each_source_leads_to_as_many_customers_as_were_planted(
    demo_nights: DemoNights,
) -> None:
    expected = demo_nights.truth("who_is_who")["expect"]
    assert len(expected["by_source"]) == 7
    for source, counts in expected["by_source"].items():
        (row,) = demo_nights.rows(
            "from quality.source_day where names_customers and source = ?", source
        )
        assert {name: row[name] for name in counts} == counts, source
        assert row["coverage"] == pytest.approx(counts["resolved"] / counts["facts"]), source


def test_truth_people_of_two_cards_one_phone_or_a_mail_only_are_who_they_are(
    demo_nights: DemoNights,
) -> None:
    expected = demo_nights.truth("who_is_who")["expect"]
    rows = demo_nights.rows(
        "with named as (select record_key, response_id as name from core.fct_survey_response"
        " union all select record_key, case_id from core.fct_complaint where origin = 'case')"
        " select name, customer_id, method, status from core.fct_identity_match"
        " join named using (record_key)"
    )
    found = {row.pop("name"): row for row in rows}
    assert {name: found[name] for name in expected["records"]} == expected["records"]
    assert Counter(row["status"] for row in expected["records"].values())["ambiguous"] == 2
    effects = demo_nights.rows(
        "select effect, count(*) as n from core.fct_customer_link group by 1"
    )
    words = {"joins": expected["links"]["merge"], "parts": expected["links"]["unmerge"]}
    assert {row["effect"]: row["n"] for row in effects} == words


def test_truth_the_complaint_spike_is_counted_where_and_when_it_was(
    demo_nights: DemoNights,
) -> None:
    truth = demo_nights.truth("complaint_spike")
    key = truth["key"]
    (row,) = demo_nights.rows(
        "select sum(created) filter (where date_day between cast(? as date) and cast(? as date))"
        " as inside, coalesce(sum(created) filter (where date_day not between cast(? as date)"
        " and cast(? as date)), 0) as outside"
        " from marts.complaint_unit_day where unit_id = ? and issue = ?",
        key["first_day"],
        key["last_day"],
        key["first_day"],
        key["last_day"],
        key["unit_id"],
        key["issue"],
    )
    assert row["inside"] == truth["expect"]["created"]
    assert row["outside"] == truth["expect"]["created_outside"]


def test_truth_customers_gone_silent_are_warned_of(demo_nights: DemoNights) -> None:
    truth = demo_nights.truth("silent_customers")
    where, values = _key(truth)
    rows = demo_nights.rows(f"from marts.churn_warning where {where}", *values)
    assert len(rows) == len(truth["key"]["customer_id"])
    assert {row["band"] for row in rows} == {truth["expect"]["band"]}
    least = truth["expect"]["recency_days_at_least"]
    assert min(row["recency_days"] for row in rows) >= least
    assert all(row["reason_1"] for row in rows)


def test_every_active_customer_is_scored_once(demo_nights: DemoNights) -> None:
    """Active: a counted order in the 180 days up to as_of. Counted here from the orders."""
    (row,) = demo_nights.rows(
        "with active as (select distinct customer_id from core.fct_order where is_counted"
        " and ordered_date > cast('2026-09-30' as date) - 180"
        " and ordered_date <= cast('2026-09-30' as date))"
        " select (select count(*) from active) as active,"
        " (select count(*) from marts.churn_warning) as scored,"
        " (select count(*) from active semi join marts.churn_warning using (customer_id)) as both"
    )
    assert row["active"] > 3000
    assert row["active"] == row["scored"] == row["both"]


@pytest.mark.parametrize(
    "name", ["ping_pong_case", "reopened_case", "case_resolved_after_the_cutoff"]
)
def test_truth_single_cases_have_their_history(demo_nights: DemoNights, name: str) -> None:
    truth = demo_nights.truth(name)
    where, values = _key(truth)
    (row,) = demo_nights.rows(f"from marts.complaint_case where {where}", *values)
    assert {column: row[column] for column in truth["expect"]} == truth["expect"]


def test_truth_the_rising_backlog_is_there_day_by_day(demo_nights: DemoNights) -> None:
    truth = demo_nights.truth("rising_backlog")
    for day, expected in truth["expect"]["open_cases_by_day"].items():
        (row,) = demo_nights.rows(
            "select sum(open_cases) as n from marts.complaint_backlog_day"
            " where unit_id = ? and date_day = cast(? as date)",
            truth["key"]["unit_id"],
            day,
        )
        assert row["n"] == expected, day


def test_truth_a_customer_answering_twice_keeps_both_and_counts_the_latest(
    demo_nights: DemoNights,
) -> None:
    truth = demo_nights.truth("customer_answering_twice")
    where, values = _key(truth)
    rows = demo_nights.rows(
        f"from core.fct_survey_response where {where} order by submitted_at", *values
    )
    assert [row["score"] for row in rows] == truth["expect"]["scores"]
    assert len(rows) == truth["expect"]["rows"]
    unit, month = rows[-1]["unit_id"], rows[-1]["submitted_date"].replace(day=1)
    last_day = rows[-1]["submitted_date"]
    counted = demo_nights.rows(
        "select score, sum(responses) as n from marts.nps_distribution"
        " where unit_id = ? and date_day = ? group by score",
        unit,
        last_day,
    )
    assert month.isoformat() == "2026-09-01"
    assert truth["expect"]["score_that_counts_in_the_month"] in {row["score"] for row in counted}


def test_every_dropped_file_says_what_became_of_its_rows(demo_nights: DemoNights) -> None:
    release = demo_nights.home / "serving" / "warehouse.duckdb"
    files = file_statuses(demo_nights.home / "lake", release)
    assert len(files) > 10
    for file in files:
        assert file.outcome == "unchanged", file  # by the second night all were read
        assert file.duplicates is not None
        assert file.seen == file.loaded + file.duplicates + file.quarantined, file
    orders = [file for file in files if file.source == "extract_orders"]
    (counted,) = demo_nights.rows(
        "select sum(seen) as seen from quality.reconciliation where source = 'extract_orders'"
    )
    assert sum(file.seen for file in orders) == counted["seen"]
