"""The planted truths: what anyone must find in the marts, computed here from the company itself.

`truths` gives the content of HOME/truths.json; its layout is described there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from statistics import mean
from typing import Any

from demo.boards import OTHER_BRAND, SHOP, SHOP_UNIT
from demo.dirt import FATES
from demo.files import LandingFile
from demo.identity import counted, resolved
from demo.operations import DIRTY_SCORE
from demo.people import SILENT_SINCE
from demo.public import APP_ID, CFPB_COMPANY
from demo.replica.sites.heimao import Complaint
from demo.saved import SAVED_PAGE
from demo.surveys import STORE_NPS
from demo.world import AS_OF, BRAND, CALL_CENTRE, CUTOFF, FIRST_DAY, HQ, Company, local

Truth = dict[str, Any]
_ALL = {
    "metric": "nps",
    "unit_level": "all",
    "unit_id": "all",
    "segment": "all",
    "touchpoint_id": "all",
    "channel": "all",
    "period_grain": "month",
}
_MONTHS = [date(2026, month, 1) for month in range(4, 10)]


def truths(company: Company, files: Iterable[LandingFile]) -> dict[str, Any]:
    """Layout:

    seed, scale, as_of, first_day
    truths: [{name, mart, key, expect, note}]   what to look for: `key` selects rows of `mart`
    counts: {files: {path: …}, sources: {source: …}, platforms: {source: …}}
    dirt: [{file, source, entity, line, kind, fate, natural_key}]   every dirty row
    personal_data: [text, …]                    must occur nowhere in lake and warehouse
    """
    listed = list(files)
    return {
        "seed": company.seed,
        "scale": company.scale,
        "as_of": AS_OF.isoformat(),
        "first_day": FIRST_DAY.isoformat(),
        "truths": [
            _chain_nps(listed),
            _delivery_region(company),
            _induced_store(company),
            _complaint_spike(company),
            _silent_customers(company),
            _ping_pong(company),
            _reopened(company),
            _late_resolved(company),
            _backlog(company),
            _twice(company),
            _heimao(company),
            _head_office(company),
            _shop_reviews(company),
            _order_lines(company),
            _contacts(company),
            _dirty_store(company),
            _corrected_audit(company),
            _who_is_who(company, listed),
        ],
        "counts": {
            "files": {file.path: _file_counts(file) for file in listed},
            "sources": _source_counts(listed),
            "platforms": _platform_counts(company),
        },
        "dirt": [entry for file in listed for entry in _dirt(file)],
        "personal_data": _personal_data(company),
    }


def _personal_data(company: Company) -> list[str]:
    """What people left in free text, the phones and mails of the first customers, and the names of
    those who wrote on Heimao and Dianping."""
    members = company.customers[:20]
    known = {value for person in members for value in (person.phone, person.email) if value}
    rows = (*company.heimao_complaints, *company.shop_reviews)
    return sorted({*company.landmarks.personal_data, *known, *(row.author for row in rows)})


def _chain_nps(files: list[LandingFile]) -> Truth:
    """Exact counts by month: complete answers before the cutoff, each customer's latest a month."""
    months = {}
    for month in _MONTHS:
        scores = [score for score in latest_scores(files) if score[0] == month]
        bands = Counter(band(raw) for _, raw in scores)
        promoters, passives, detractors = bands["promoter"], bands["passive"], bands["detractor"]
        responses = promoters + passives + detractors
        months[month.isoformat()] = {
            "responses": responses,
            "promoters": promoters,
            "passives": passives,
            "detractors": detractors,
            "no_score": bands["no_score"],
            "invalid_score": bands["invalid_score"],
            "nps": round(100 * (promoters - detractors) / responses, 6),
        }
    return {
        "name": "chain_nps",
        "mart": "nps_period",
        "key": _ALL,
        "expect": {"by_period_start": months},
        "note": "The whole chain by month, exact counts.",
    }


def latest_scores(files: list[LandingFile]) -> list[tuple[date, str]]:
    """(month, score as given) of each answer that counts, read back from the files' own rows."""
    people = resolved(files)
    latest: dict[tuple[str, str, str], tuple[datetime, date, str]] = {}
    for survey, response_id, at, raw in _answers(files):
        month = date(at.year, at.month, 1)
        who = people[survey][response_id].customer_id
        key = (survey, who or response_id, month.isoformat())
        if key not in latest or at >= latest[key][0]:
            latest[key] = (at, month, raw)
    return [(month, raw) for _, month, raw in latest.values()]


def _answers(files: list[LandingFile]) -> Iterable[tuple[str, str, datetime, str]]:
    """(source, id, time, score) of the complete answers before the cutoff.

    Of several rows with one id the last counts.
    """
    current: dict[tuple[str, str], tuple[datetime, str]] = {}
    for file in files:
        if file.entity != "survey_response":
            continue
        names = file.headers[0]
        qualtrics = len(file.headers) == 3
        wanted = (
            ("ResponseId", "EndDate", "Q1_NPS") if qualtrics else (names[0], names[4], names[6])
        )
        places = [names.index(name) for name in wanted]
        for row in file.rows:
            if FATES.get(row.dirt) == "quarantined":
                continue
            if qualtrics and (row.cells[2] != "IP Address" or row.cells[6] != "True"):
                continue
            response_id, at, score = (row.cells[place] for place in places)
            if isinstance(at, datetime) and at < CUTOFF:
                raw = "" if score is None else str(score)
                current[file.source, str(response_id)] = (at, raw)
    for (source, response_id), (at, raw) in current.items():
        yield source, response_id, at, raw


def band(raw: str) -> str:
    """METRICS.md, NPS: promoter 9-10, passive 7-8, detractor 0-6; anything else is no score."""
    if not raw.strip():
        return "no_score"
    if not raw.isascii() or not raw.isdigit() or int(raw) > 10:
        return "invalid_score"
    score = int(raw)
    return "promoter" if score >= 9 else "passive" if score >= 7 else "detractor"


def _delivery_region(company: Company) -> Truth:
    return {
        "name": "delivery_problem_region",
        "mart": "nps_period",
        "key": {
            **_ALL,
            "unit_level": "region",
            "unit_id": company.landmarks.delivery_region,
            "channel": "delivery",
            "period_start": ["2026-08-01", "2026-09-01"],
        },
        "expect": {"nps_at_most": -10, "below_pooled_other_regions_by_at_least": 30},
        "note": "Since August deliveries in the South go wrong; compare promoters and "
        "detractors pooled over the other regions' unsuppressed rows of that channel and months.",
    }


def _induced_store(company: Company) -> Truth:
    parts = company.landmarks
    return {
        "name": "induced_store",
        "mart": "nps_period",
        "key": {
            **_ALL,
            "unit_level": "store",
            "unit_id": parts.induced_store,
            "period_start": "2026-09-01",
        },
        "expect": {
            "nps_at_least": 30,
            "nps_above_nps_clean_by_at_least": 25,
            "flagged_response_ids": sorted(parts.induced_responses),
        },
        "note": "On 18 September one device gave tens within minutes, each in seconds.",
    }


def _complaint_spike(company: Company) -> Truth:
    parts = company.landmarks
    sunday = parts.spike_monday + timedelta(days=6)
    mine = [
        c for c in company.cases if c.unit_id == parts.spike_store and c.issue == parts.spike_issue
    ]
    inside = sum(parts.spike_monday <= c.created_at.date() <= sunday for c in mine)
    return {
        "name": "complaint_spike",
        "mart": "complaint_unit_day",
        "key": {
            "unit_id": parts.spike_store,
            "issue": parts.spike_issue,
            "first_day": parts.spike_monday.isoformat(),
            "last_day": sunday.isoformat(),
        },
        "expect": {"created": inside, "created_outside": len(mine) - inside},
        "note": "Sums of `created`: foreign objects in one store's drinks, one week.",
    }


def _silent_customers(company: Company) -> Truth:
    ids = sorted(c.customer_id for c in company.customers if c.fell_silent)
    return {
        "name": "silent_customers",
        "mart": "churn_warning",
        "key": {"customer_id": ids, "snapshot_date": AS_OF.isoformat()},
        "expect": {"band": "high", "recency_days_at_least": (AS_OF - SILENT_SINCE).days},
        "note": "Ordered every five or six days until July, then never again.",
    }


def _case(name: str, case_id: str, expect: dict[str, Any], note: str) -> Truth:
    key = {"case_id": case_id}
    return {"name": name, "mart": "complaint_case", "key": key, "expect": expect, "note": note}


def _ping_pong(company: Company) -> Truth:
    return _case(
        "ping_pong_case",
        company.landmarks.ping_pong_case,
        {"transfers": 4, "ping_pong_returns": 2, "owner_unit_id": CALL_CENTRE, "status": "open"},
        "Store, region, call centre, store, call centre.",
    )


def _reopened(company: Company) -> Truth:
    return _case(
        "reopened_case",
        company.landmarks.reopened_case,
        {"reopens": 1, "status": "open", "is_open": True},
        "Resolved and closed, then reopened; a bot's answer is no human reply.",
    )


def _late_resolved(company: Company) -> Truth:
    return _case(
        "case_resolved_after_the_cutoff",
        company.landmarks.late_resolved_case,
        {"status": "open", "is_open": True},
        "Its `resolved` is fifteen minutes after the end of as_of: not known yet.",
    )


def _backlog(company: Company) -> Truth:
    """The call centre closes on the day it resolves, so both readings of "open" agree."""
    closed = {e.case_id: e.occurred_at for e in company.case_events if e.type == "closed"}
    mine = [c for c in company.cases if c.unit_id == CALL_CENTRE]
    ends = {}
    for day in (date(2026, 7, 31), date(2026, 8, 31), AS_OF):
        end = local(day.year, day.month, day.day) + timedelta(days=1)
        ends[day.isoformat()] = sum(
            c.created_at < end and closed.get(c.case_id, CUTOFF) >= end for c in mine
        )
    return {
        "name": "rising_backlog",
        "mart": "complaint_backlog_day",
        "key": {"unit_id": CALL_CENTRE},
        "expect": {"open_cases_by_day": ends},
        "note": "Sums of `open_cases` over the age buckets at the end of these days.",
    }


def _twice(company: Company) -> Truth:
    parts = company.landmarks
    return {
        "name": "customer_answering_twice",
        "mart": "fct_survey_response",
        "key": {
            "survey_id": STORE_NPS,
            "customer_id": parts.twice_customer,
            "response_id": list(parts.twice_responses),
        },
        "expect": {"rows": 2, "scores": [3, 9], "score_that_counts_in_the_month": 9},
        "note": "Both answers stay in core; September's NPS takes the 9.",
    }


_STEP_TYPES = {
    "发起投诉": "created",
    "审核通过": "commented",
    "已分配商家": "assigned",
    "补充投诉": "commented",
    "回复投诉": "replied",
    "确认完成投诉": "resolved",
    "投诉关闭": "closed",
}


def _on_heimao(company: Company, brand: str) -> list[Complaint]:
    return [row for row in company.heimao_complaints if row.company == brand]


def _state(complaint: Complaint) -> str:
    """By its steps; the chain's complaints on Heimao are never reopened."""
    kinds = {_STEP_TYPES[step.what] for step in complaint.steps}
    return next((kind for kind in ("closed", "resolved") if kind in kinds), "open")


def _heimao(company: Company) -> Truth:
    mine = _on_heimao(company, BRAND)
    rated = [row for row in mine if row.rating]
    steps = Counter(_STEP_TYPES[step.what] for row in mine for step in row.steps)
    return {
        "name": "heimao_complaints",
        "mart": "fct_complaint",
        "key": {"source": "heimao"},
        "expect": {
            "complaints": len(mine),
            "unit_id": HQ,
            "by_current_status": dict(sorted(Counter(_state(row) for row in mine).items())),
            "by_status_raw": dict(sorted(Counter(str(row.status) for row in mine).items())),
            "steps_by_type": dict(sorted((steps + Counter(rated=len(rated))).items())),
            "rating_satisfaction": {
                row.key: row.rating.satisfaction for row in rated if row.rating is not None
            },
            "characters": {row.key: len(row.text) for row in mine},
            "longest_text": max(mine, key=lambda row: len(row.text)).text,
            "other_brand": OTHER_BRAND,
            "other_complaints": [row.key for row in _on_heimao(company, OTHER_BRAND)],
        },
        "note": "The feed cuts texts near 440 bytes; the first step of a complaint's own page has "
        "all of it. The feed shows another brand's complaints as well: none of them may land.",
    }


def _head_office(company: Company) -> Truth:
    """What came from the regulator and from Heimao, by month; orders and stores play no part."""
    created: Counter[str] = Counter()
    for complaint in company.public_complaints:
        if complaint.company == CFPB_COMPANY:
            created[f"{complaint.received_on:%Y-%m-01}"] += 1
    for row in _on_heimao(company, BRAND):
        created[f"{row.at:%Y-%m-01}"] += 1
    in_progress = sum(
        c.company == CFPB_COMPANY and c.company_response == "In progress"
        for c in company.public_complaints
    )
    unsettled = sum(_state(row) == "open" for row in _on_heimao(company, BRAND))
    return {
        "name": "head_office_complaints",
        "mart": "complaint_unit_day",
        "key": {"unit_id": HQ, "issue": "all"},
        "expect": {
            "created_by_month": dict(sorted(created.items())),
            "open_at_as_of": {"cfpb": in_progress, "heimao": unsettled},
        },
        "note": "Sums of `created`; the sum of `open_at_as_of` is the last day of "
        "complaint_backlog_day, its parts are complaint_case's by source.",
    }


def _shop_reviews(company: Company) -> Truth:
    rows = company.shop_reviews
    return {
        "name": "shop_reviews",
        "mart": "fct_review",
        "key": {"source": "dianping"},
        "expect": {
            "reviews": len(rows),
            "unit_id": SHOP_UNIT,
            "product_id": SHOP,
            "mean_rating": round(mean(row.stars for row in rows), 6),
            "replies": sum(bool(row.reply) for row in rows),
            "file": SAVED_PAGE,
        },
        "note": "Nobody permitted crawling Dianping: they come from the page that was dropped.",
    }


def _order_lines(company: Company) -> Truth:
    lines = company.order_lines
    sold = Counter(line.product_id for line in lines)
    return {
        "name": "order_lines",
        "mart": "fct_order_line",
        "key": {},
        "expect": {
            "lines": len(lines),
            "orders": len({line.order_id for line in lines}),
            "amount": sum(line.amount for line in lines),
            "cups_by_product": dict(sorted(sold.items())),
        },
        "note": "Per order the lines sum to the order's own amount.",
    }


def _contacts(company: Company) -> Truth:
    kinds = Counter(contact.actor_kind for contact in company.contacts)
    settled = sum(contact.resolved for contact in company.contacts)
    return {
        "name": "contacts",
        "mart": "fct_contact",
        "key": {},
        "expect": {"by_actor_kind": dict(sorted(kinds.items())), "resolved": settled},
        "note": "The bot settles nothing.",
    }


def _dirty_store(company: Company) -> Truth:
    return {
        "name": "dirty_store",
        "mart": "fct_qsc_audit",
        "key": {"unit_id": company.landmarks.spike_store, "qsc_class": "C"},
        "expect": {"mean_score_in_august": DIRTY_SCORE, "rows_in_august": 2},
        "note": "The lowest of all stores, in the week before the foreign objects.",
    }


def _corrected_audit(company: Company) -> Truth:
    first = company.audits[0]
    return {
        "name": "corrected_audit",
        "mart": "fct_qsc_audit",
        "key": {"unit_id": first.unit_id, "item": first.item, "visited_date": "2026-08-10"},
        "expect": {"score": first.score},
        "note": "The sheet says 1 first, and the right score in its last row.",
    }


def _who_is_who(company: Company, files: list[LandingFile]) -> Truth:
    """Counts by source, and each answer and case that somebody without a card of their own gave."""
    people = resolved(files)
    plants = {answer.response_id for answer in company.responses if answer.email}
    plants |= {case.case_id for case in company.cases if case.phone}
    linked = {link.other_id for link in company.customer_links}
    linked |= {link.customer_id for link in company.customer_links}
    plants |= {a.response_id for a in company.responses if a.customer_id in linked}
    return {
        "name": "who_is_who",
        "mart": "source_day",
        "key": {"dt": AS_OF.isoformat()},
        "expect": {
            "by_source": {source: counted(rows.values()) for source, rows in people.items()},
            "records": {
                key: {"customer_id": who.customer_id, "method": who.method, "status": who.status}
                for rows in people.values()
                for key, who in sorted(rows.items())
                if key in plants
            },
            "links": dict(Counter(link.kind for link in company.customer_links)),
        },
        "note": "Second cards merged into their owners', a merge taken back, phones of two "
        "customers, and people who left a phone or a mail only.",
    }


def _file_counts(file: LandingFile) -> dict[str, Any]:
    return {
        "source": file.source,
        "entity": file.entity,
        "rows": len(file.rows),
        "quarantined": _by_kind(file.rows, "quarantined"),
    }


def _source_counts(files: list[LandingFile]) -> dict[str, dict[str, Any]]:
    sources: dict[str, dict[str, Any]] = {}
    for source in sorted({file.source for file in files}):
        mine = [file for file in files if file.source == source]
        rows = [row for file in mine for row in file.rows]
        quarantined = _by_kind(rows, "quarantined")
        duplicates = sum(_by_kind(rows, "duplicate").values())
        superseded = sum(_by_kind(rows, "superseded").values())
        sources[source] = {
            "entity": mine[0].entity,
            "files": len(mine),
            "rows": len(rows),
            "quarantined": quarantined,
            "duplicates": duplicates,
            "superseded": superseded,
            "current": len(rows) - sum(quarantined.values()) - duplicates - superseded,
        }
    return sources


def _by_kind(rows: Iterable[Any], fate: str) -> dict[str, int]:
    return dict(sorted(Counter(r.dirt for r in rows if FATES.get(r.dirt) == fate).items()))


def _platform_counts(company: Company) -> dict[str, dict[str, Any]]:
    complaints = Counter(complaint.company for complaint in company.public_complaints)
    reviews = Counter(review.country for review in company.app_reviews)
    others = sum(complaints.values()) - complaints[CFPB_COMPANY]
    return {
        "cfpb": {
            "entity": "complaint",
            "company": CFPB_COMPANY,
            "items": complaints[CFPB_COMPANY],
            "other_companies": others,
        },
        **{
            f"appstore_{country}": {"entity": "review", "app_id": APP_ID, "items": number}
            for country, number in sorted(reviews.items())
        },
        "heimao": {
            "entity": "complaint",
            "company": BRAND,
            "items": len(_on_heimao(company, BRAND)),
            "other_companies": len(_on_heimao(company, OTHER_BRAND)),
        },
        "dianping": {
            "entity": "review",
            "shop_id": SHOP,
            "items": len(company.shop_reviews),
            "file": SAVED_PAGE,
        },
    }


def _dirt(file: LandingFile) -> Iterable[dict[str, Any]]:
    key_place = file.headers[0].index("ResponseId") if len(file.headers) == 3 else 0
    for row, line in zip(file.rows, file.lines(), strict=True):
        if row.dirt:
            yield {
                "file": file.path,
                "source": file.source,
                "entity": file.entity,
                "line": line,
                "kind": row.dirt,
                "fate": FATES[row.dirt],
                "natural_key": str(row.cells[key_place]),
            }
