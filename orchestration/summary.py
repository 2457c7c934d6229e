"""What a run prints when it is over, read from the release, or from the build when it was held."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from orchestration.collect import unread_drops
from orchestration.deployment import Deployment
from orchestration.nightly import NightResult
from orchestration.reading import Warehouse


def print_summary(console: Console, deployment: Deployment, result: NightResult) -> None:
    """A night in one screen: what came, what did not, what was checked, what it says."""
    if result.status == "failed":
        _print_failure(console, deployment, result)
        return
    warehouse = Warehouse(result.release.warehouse if result.release else deployment.build_db)
    console.print()
    console.print(_sources(warehouse))
    for sentence in unread_drops(deployment):
        console.print(f"  {sentence}", soft_wrap=True)
    _print_quarantine(console, warehouse, result.run_id)
    _print_checks(console, warehouse, result)
    _print_numbers(console, warehouse)
    _print_places(console, deployment, result)


def _sources(warehouse: Warehouse) -> Table:
    table = Table(title="Collected tonight", title_justify="left", expand=False)
    for heading in ("source", "status"):
        table.add_column(heading)
    for heading in ("seen", "landed", "quarantined"):
        table.add_column(heading, justify="right")
    table.add_column("what happened", overflow="fold")
    for row in warehouse.rows("from quality.source_status order by source"):
        table.add_row(
            row["source"],
            row["status"] + (" (stale)" if row["is_stale"] else ""),
            *(f"{row[name]:,}" for name in ("seen", "landed", "quarantined")),
            row["message"] or "",
        )
    table.caption = "A survey's landed records are its responses and their single answers."
    table.caption_justify = "left"
    return table


def _print_quarantine(console: Console, warehouse: Warehouse, run_id: str) -> None:
    rows = warehouse.rows(
        "select reason_code, count(*) as records, count(*) filter (where run_id = ?) as tonight,"
        " min(file || coalesce(' line ' || line, '')) as example"
        " from quality.quarantine_record group by all order by records desc, reason_code",
        run_id,
    )
    total = sum(row["records"] for row in rows)
    console.print(f"\nQuarantined so far: {total:,} records, kept with their reason", style="bold")
    for row in rows:
        console.print(
            f"  {row['records']:>6,}  {row['reason_code']} ({row['tonight']:,} tonight), "
            f"e.g. {row['example']}",
        )


def _print_checks(console: Console, warehouse: Warehouse, result: NightResult) -> None:
    run = warehouse.rows("from quality.run where run_id = ?", result.run_id)[0]
    console.print(
        f"\nQuality checks: {run['checks_passed']:,} passed, {run['checks_failed']:,} failed, "
        f"{run['checks_warned']:,} warned",
        style="bold",
    )
    failing = warehouse.rows(
        "select * from quality.expectation_result where run_id = ? and not passed"
        " order by severity, table_name, name",
        result.run_id,
    )
    for row in failing:
        console.print(
            f"  {row['severity']:<5}  {row['name']} on {row['table_name']}: "
            f"{row['message'] or row['observed']}",
        )
    unexplained = warehouse.rows(
        "select count(*) as n, count(*) filter (where difference <> 0) as off"
        " from quality.reconciliation"
    )[0]
    console.print(
        f"  every record accounted for in {unexplained['n'] - unexplained['off']:,} of "
        f"{unexplained['n']:,} source-days",
    )


def _print_numbers(console: Console, warehouse: Warehouse) -> None:
    months = warehouse.rows(
        "select * from marts.nps_period where metric = 'nps' and unit_level = 'all'"
        " and segment = 'all' and touchpoint_id = 'all' and channel = 'all'"
        " and period_grain = 'month' order by period_start desc"
    )
    shown = [month for month in months if month["nps"] is not None]
    cases = warehouse.rows(
        "select count(*) filter (where is_open) as open_cases, count(*) as cases"
        " from marts.complaint_case"
    )[0]
    churn = warehouse.rows(
        "select count(*) as scored, count(*) filter (where band = 'high') as high,"
        " count(*) filter (where band = 'medium') as medium from marts.churn_warning"
    )[0]
    said = warehouse.rows(
        "select count(*) as texts, count(*) filter (where sentiment_band = 'positive') as pleased,"
        " count(*) filter (where sentiment_band = 'negative') as displeased,"
        " count(*) filter (where is_disagreement) as against from core.fct_feedback"
    )[0]
    console.print("\nWhat it says", style="bold")
    console.print(f"  NPS              {_nps_line(months[0]) if months else 'no answers yet'}")
    if shown and shown[0] is not months[0]:
        console.print(f"                   {_nps_line(shown[0])}")
    console.print(
        f"  Complaints       {cases['open_cases']:,} open of {cases['cases']:,} in all",
    )
    console.print(
        f"  Churn warnings   {churn['high']:,} high and {churn['medium']:,} medium of "
        f"{churn['scored']:,} active customers",
    )
    console.print(
        f"  Verbatims        {said['texts']:,}: {said['pleased']:,} pleased, "
        f"{said['displeased']:,} displeased; {said['against']:,} say the opposite of their stars",
    )


def _nps_line(row: dict[str, Any]) -> str:
    month = f"{row['period_start']:%B %Y}"
    if row["nps"] is None:
        return f"not shown for {month}: {row['responses']} responses ({row['suppressed_reason']})"
    clean = "" if row["nps_clean"] is None else f"; {row['nps_clean']:+.1f} without flagged answers"
    return (
        f"{row['nps']:+.1f} [{row['nps_low']:+.1f}, {row['nps_high']:+.1f}] in {month}, "
        f"{row['responses']:,} responses{clean}"
    )


def _print_places(console: Console, deployment: Deployment, result: NightResult) -> None:
    if result.status == "held":
        held = "\nHeld back by the quality gate; readers keep the last release."
        console.print(held, style="bold")
        for reason in result.reasons:
            console.print(f"  {reason}")
        console.print(f"  Report     {deployment.held_report / 'index.html'}", soft_wrap=True)
        console.print(f"  Build      {deployment.build_db}", soft_wrap=True)
        return
    if result.release is None:
        return
    console.print(f"\nPublished as {result.run_id}", style="bold")
    serving = deployment.serving
    if not result.release.serving:
        console.print(f"  Not served: {serving} stays with the release of a later day.")
        serving = result.release.folder
    places = {
        "Warehouse": serving / "warehouse.duckdb",
        "Parquet": serving / "parquet",
        "Report": serving / "report" / "index.html",
        "Manifest": serving / "manifest.json",
    }
    for what, place in places.items():
        console.print(f"  {what:<10} {place}", soft_wrap=True)


def _print_failure(console: Console, deployment: Deployment, result: NightResult) -> None:
    console.print("\nThe night failed; readers keep the last release.", style="bold")
    for reason in result.reasons:
        console.print(f"  {reason}")
    console.print(f"  dbt's log: {deployment.dbt_target / 'dbt.log'}")
