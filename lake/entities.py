"""Every entity that can land: its typed columns, its natural key, the column of its event time.

Column lists follow DESIGN.md ("Extracts a company can drop"). `*` there is `required` here.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

TEXT = pa.string()
STAMP = pa.timestamp("us", tz="UTC")
DAY = pa.date32()
MONEY = pa.decimal128(18, 4)
WHOLE = pa.int64()
REAL = pa.float64()
FLAG = pa.bool_()

ENVELOPE: dict[str, pa.DataType] = {
    "source": TEXT,
    "entity": TEXT,
    "natural_key": TEXT,
    "record_key": TEXT,
    "version_hash": TEXT,
    "event_at": STAMP,
    "event_at_raw": TEXT,
    "event_precision": TEXT,
    "observed_at": STAMP,
    "dt": DAY,
    "run_id": TEXT,
    "seq": WHOLE,
    "url": TEXT,
    "page_no": WHOLE,
    "position": WHOLE,
    "archive_file": TEXT,
    "archive_offset": WHOLE,
    "parser_version": TEXT,
    "spec_hash": TEXT,
    "payload": TEXT,
}
"""Columns that every record carries, whatever its entity (DESIGN.md, "Record envelope").

`seq` is the order of landing inside (source, dt, run): it decides which of two versions in one
night came later. `position` is the item's place on its page, or the 1-based line of its file.
"""


@dataclass(frozen=True)
class Entity:
    """One kind of record: `columns` are its own typed columns beside the envelope's."""

    name: str
    columns: dict[str, pa.DataType]
    key: tuple[str, ...]
    required: tuple[str, ...]
    event_column: str | None = None

    @property
    def schema(self) -> pa.Schema:
        """The Parquet schema of a file of this entity: envelope first, own columns after."""
        return pa.schema([pa.field(n, t) for n, t in {**ENVELOPE, **self.columns}.items()])


def _entity(
    name: str,
    columns: dict[str, pa.DataType],
    *,
    key: tuple[str, ...] = (),
    required: tuple[str, ...] = (),
    event_column: str | None = None,
) -> Entity:
    key = key or (next(iter(columns)),)
    return Entity(name, columns, key, tuple(dict.fromkeys((*key, *required))), event_column)


EXTRACTS: dict[str, Entity] = {
    e.name: e
    for e in (
        _entity(
            "customers",
            {
                "customer_id": TEXT,
                "signup_at": STAMP,
                "unit_id": TEXT,
                "region": TEXT,
                "segment": TEXT,
                "consent": FLAG,
                "phone_hash": TEXT,
                "email_hash": TEXT,
            },
            event_column="signup_at",
        ),
        _entity(
            "units",
            {
                "unit_id": TEXT,
                "name": TEXT,
                "kind": TEXT,
                "parent_unit_id": TEXT,
                "brand": TEXT,
                "is_competitor": FLAG,
                "region": TEXT,
                "opened_on": DAY,
                "hours": TEXT,
            },
        ),
        _entity(
            "touchpoints",
            {
                "touchpoint_id": TEXT,
                "name": TEXT,
                "stage": TEXT,
                "scenario": TEXT,
                "mode": TEXT,
                "is_mot": FLAG,
                "desired_score": REAL,
                "owner_unit_id": TEXT,
            },
            required=("stage",),
        ),
        _entity(
            "orders",
            {
                "order_id": TEXT,
                "customer_id": TEXT,
                "ordered_at": STAMP,
                "unit_id": TEXT,
                "channel": TEXT,
                "amount": MONEY,
                "margin": MONEY,
                "status": TEXT,
                "cancelled_at": STAMP,
                "refunded_at": STAMP,
            },
            required=("customer_id", "ordered_at", "amount"),
            event_column="ordered_at",
        ),
        _entity(
            "journey_events",
            {
                "event_id": TEXT,
                "customer_id": TEXT,
                "touchpoint_id": TEXT,
                "occurred_at": STAMP,
                "unit_id": TEXT,
                "channel": TEXT,
                "order_id": TEXT,
                "outcome": TEXT,
                "wait_minutes": REAL,
            },
            required=("customer_id", "touchpoint_id", "occurred_at"),
            event_column="occurred_at",
        ),
        _entity(
            "invitations",
            {
                "invitation_id": TEXT,
                "survey_id": TEXT,
                "customer_id": TEXT,
                "sent_at": STAMP,
                "channel": TEXT,
                "delivered_at": STAMP,
                "opened_at": STAMP,
                "started_at": STAMP,
                "completed_at": STAMP,
                "incentive": TEXT,
            },
            required=("survey_id", "customer_id", "sent_at", "channel"),
            event_column="sent_at",
        ),
        _entity(
            "cases",
            {
                "case_id": TEXT,
                "created_at": STAMP,
                "customer_id": TEXT,
                "order_id": TEXT,
                "unit_id": TEXT,
                "channel": TEXT,
                "issue": TEXT,
                "amount": MONEY,
                "priority": TEXT,
                "appeal": TEXT,
                "text": TEXT,
            },
            required=("created_at",),
            event_column="created_at",
        ),
        _entity(
            "case_events",
            {
                "event_id": TEXT,
                "case_id": TEXT,
                "type": TEXT,
                "occurred_at": STAMP,
                "actor_kind": TEXT,
                "owner_unit_id": TEXT,
            },
            required=("case_id", "type", "occurred_at"),
            event_column="occurred_at",
        ),
    )
}
"""What a company's own systems export. Phones and mails arrive as keyed hashes only."""

SURVEY_RESPONSE = _entity(
    "survey_response",
    {
        "survey_id": TEXT,
        "response_id": TEXT,
        "customer_id": TEXT,
        "invitation_id": TEXT,
        "submitted_at": STAMP,
        "started_at": STAMP,
        "duration_seconds": REAL,
        "unit_id": TEXT,
        "touchpoint_id": TEXT,
        "channel": TEXT,
        "response_status": TEXT,
        "nps_raw": TEXT,
        "csat_raw": TEXT,
        "ces_raw": TEXT,
        "comment": TEXT,
        "device_hash": TEXT,
        "language": TEXT,
    },
    key=("survey_id", "response_id"),
    event_column="submitted_at",
)
"""One row per answered form. Scores stay as given: banding is a rule of the SQL."""

SURVEY_ANSWER = _entity(
    "survey_answer",
    {
        "survey_id": TEXT,
        "response_id": TEXT,
        "question_id": TEXT,
        "question_text": TEXT,
        "question_hash": TEXT,
        "role": TEXT,
        "answer_raw": TEXT,
        "answer_number": REAL,
        "submitted_at": STAMP,
    },
    key=("survey_id", "response_id", "question_id"),
    event_column="submitted_at",
)
"""One row per answered question of a form (blank answers do not land)."""

COMPLAINT = _entity(
    "complaint",
    {
        "complaint_id": TEXT,
        "unit_id": TEXT,
        "company": TEXT,
        "product": TEXT,
        "sub_product": TEXT,
        "issue": TEXT,
        "sub_issue": TEXT,
        "narrative": TEXT,
        "state": TEXT,
        "submitted_via": TEXT,
        "company_response": TEXT,
        "company_public_response": TEXT,
        "timely": TEXT,
        "consumer_disputed": TEXT,
        "tags": TEXT,
        "received_at": STAMP,
        "sent_to_company_at": STAMP,
    },
    event_column="received_at",
)
"""One public complaint as a platform shows it."""

REVIEW = _entity(
    "review",
    {
        "review_id": TEXT,
        "unit_id": TEXT,
        "app_id": TEXT,
        "country": TEXT,
        "rating": WHOLE,
        "title": TEXT,
        "body": TEXT,
        "app_version": TEXT,
        "author_hash": TEXT,
        "vote_sum": WHOLE,
        "vote_count": WHOLE,
        "updated_at": STAMP,
    },
    event_column="updated_at",
)
"""One public review with its stars."""

ENTITIES: dict[str, Entity] = {
    **EXTRACTS,
    **{e.name: e for e in (SURVEY_RESPONSE, SURVEY_ANSWER, COMPLAINT, REVIEW)},
}

QUARANTINE = pa.schema(
    [
        ("source", TEXT),
        ("entity", TEXT),
        ("dt", DAY),
        ("run_id", TEXT),
        ("file", TEXT),
        ("line", WHOLE),
        ("column", TEXT),
        ("reason_code", TEXT),
        ("reason", TEXT),
        ("natural_key", TEXT),
        ("value_masked", TEXT),
        ("archive_file", TEXT),
        ("archive_offset", WHOLE),
        ("observed_at", STAMP),
    ]
)
"""One row per record that could not be read. `file` is a landing path or a URL."""

REQUEST_OUTCOME = pa.schema(
    [
        ("source", TEXT),
        ("entity", TEXT),
        ("dt", DAY),
        ("run_id", TEXT),
        ("kind", TEXT),
        ("requested_at", STAMP),
        ("url", TEXT),
        ("final_url", TEXT),
        ("page_no", WHOLE),
        ("attempt", WHOLE),
        ("http_status", WHOLE),
        ("content_type", TEXT),
        ("bytes", WHOLE),
        ("sha256", TEXT),
        ("outcome", TEXT),
        ("detail", TEXT),
        ("items_seen", WHOLE),
        ("duration_ms", WHOLE),
        ("archive_file", TEXT),
        ("archive_offset", WHOLE),
        ("spec_hash", TEXT),
    ]
)
"""One row per attempt to get something: an HTTP request (`kind` http) or a dropped file (file)."""

SOURCE_RUN = pa.schema(
    [
        ("source", TEXT),
        ("kind", TEXT),
        ("dt", DAY),
        ("run_id", TEXT),
        ("started_at", STAMP),
        ("finished_at", STAMP),
        ("status", TEXT),
        ("message", TEXT),
        ("seen", WHOLE),
        ("landed", WHOLE),
        ("quarantined", WHOLE),
        ("masked_values", WHOLE),
        ("watermark", STAMP),
    ]
)
"""One row per source and run: how its night ended (`status`: complete, partial, failed)."""
