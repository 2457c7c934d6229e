"""The audit report: one self-contained HTML page about one run, for people who must trust it.

Styles and charts are inside the page; it asks nothing of any network, and prints well. Whatever
came from outside is escaped by the template engine, never by hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from expectations.charts import backlog_chart, nps_chart, signed
from expectations.figures import Figures, Row, read_figures

FILE_NAME = "index.html"

_TEMPLATES = Path(__file__).parent / "templates"
# Control characters, and the marks that turn the reading direction of what follows them.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Verdict:
    """The first thing a reader sees: what became of the night, in plain words."""

    tone: Literal["good", "bad", "unsure"]
    headline: str
    sentences: tuple[str, ...]


def write_report(
    build_or_release_db: Path, folder: Path, *, title: str, as_of: str | date, run_id: str
) -> Path:
    """Write `folder`/index.html about run `run_id` and return its path.

    `as_of` is the business day, as a date or YYYY-MM-DD. The file is opened read-only. Tables
    that are missing from it leave their section empty, with a note.
    """
    day = as_of if isinstance(as_of, date) else date.fromisoformat(as_of)
    figures = read_figures(build_or_release_db, as_of=day, run_id=run_id)
    page = _environment().get_template("report.html.j2")
    text = page.render(
        title=title,
        as_of=day,
        run_id=run_id,
        figures=figures,
        verdict=verdict_of(figures, run_id),
        nps=nps_chart(figures.nps_months),
        month=_latest_month(figures),
        backlog=backlog_chart(figures.backlog, day),
        backlog_week_ago=_open_on(figures.backlog, day - timedelta(days=7)),
        bands=_with_shares(figures.churn_bands),
        reasons=_with_shares(figures.churn_reasons, _high_risk(figures)),
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    path.write_text(text, encoding="utf-8")
    return path


def verdict_of(figures: Figures, run_id: str) -> Verdict:
    """Published, held back, or not known; why; and what a reader should keep in mind."""
    if figures.run is None and not figures.checks:
        said = f"This file holds no record of run {run_id}, so nothing can be said for it."
        return Verdict("unsure", "Not checked", (said,))
    status = (figures.run or {}).get("status")
    held = bool(figures.failed) or status not in (None, "published")
    sentences = [_checks_sentence(figures, held)]
    if held and not figures.failed and figures.run and figures.run["message"]:
        sentences.append(f"{figures.run['message'].rstrip('.')}.")
    sentences += [s for s in (_records_sentence(figures), _sources_sentence(figures)) if s]
    return Verdict(
        "bad" if held else "good", "Held back" if held else "Published", tuple(sentences)
    )


def _checks_sentence(figures: Figures, held: bool) -> str:
    failed, warned, total = len(figures.failed), len(figures.warned), len(figures.checks)
    serving = "so nothing was published and the last release goes on serving"
    if failed:
        verb = "check that guards" if failed == 1 else "checks that guard"
        return f"{failed:,} {verb} a release failed, {serving}."
    warning = "1 gave a warning" if warned == 1 else f"{warned:,} gave a warning"
    told = warning if warned else "none gave a warning"
    if held:
        return f"The run did not end well, {serving}; of its {total:,} checks none failed."
    return f"All checks that guard a release passed: {total:,} were made, {told}."


def _records_sentence(figures: Figures) -> str:
    if not figures.reconciliation:
        return ""
    seen = sum(r["seen"] or 0 for r in figures.reconciliation)
    lost = sum(r["difference"] or 0 for r in figures.reconciliation)
    if lost:
        return (
            f"{lost:,} of {seen:,} records seen so far are not accounted for:"
            " see the reconciliation below."
        )
    aside = f", {figures.quarantined:,} of them in quarantine" if figures.quarantined else ""
    return f"Each of the {seen:,} records seen so far is accounted for{aside}."


def _sources_sentence(figures: Figures) -> str:
    late = [str(s["source"]) for s in figures.sources if s["is_stale"] or s["status"] == "failed"]
    if not late:
        return ""
    listed = ", ".join(late)
    if len(late) == 1:
        return f"{listed} did not complete tonight: what it gave before still stands."
    return f"{listed} did not complete tonight: what they gave before still stands."


def _latest_month(figures: Figures) -> Row | None:
    return figures.nps_months[-1] if figures.nps_months else None


def _open_on(backlog: list[Row], day: date) -> int | None:
    """Open cases at the end of `day`; None before the first day that is known."""
    if not backlog or day < backlog[0]["date_day"]:
        return None
    return sum(int(r["open_cases"]) for r in backlog if r["date_day"] == day)


def _high_risk(figures: Figures) -> int:
    return sum(r["customers"] for r in figures.churn_bands if r["band"] == "high")


def _with_shares(rows: list[Row], total: int | None = None) -> list[Row]:
    whole = total or sum(r["customers"] for r in rows)
    return [{**r, "share": r["customers"] / whole} for r in rows]


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"n": _number, "signed": signed, "plain": _plain, "stamp": _stamp}
    return environment


def _number(value: Any) -> str:
    return "–" if value is None else f"{value:,}"


def _plain(value: Any, length: int = 300) -> str:
    """Text from outside, without characters that hide or turn what is read, and cut."""
    text = _HIDDEN.sub("", "" if value is None else str(value))
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _stamp(value: Any) -> str:
    return "–" if value is None else f"{value:%Y-%m-%d %H:%M} UTC"
