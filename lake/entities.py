"""Every entity that can land: its typed columns, its natural key, the column of its event time.

Column lists follow DESIGN.md ("Extracts a company can drop"). `*` there is `required` here.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

SCHEMA_SOURCE = "_none"  # holds one empty, typed file per entity, so that SQL always finds columns

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
    "row_version": WHOLE,
    "vanished_at": STAMP,
}
"""Columns that every record carries, whatever its entity (DESIGN.md, "Record envelope").

`seq` is the order of landing inside (source, dt, run): it decides which of two versions in one
night came later. `position` is the item's place on its page, or the 1-based line of its file.
`row_version` is what the source itself says of which version is newer; a lower one that lands
later replaces nothing. `vanished_at` is when a row was missed in a full snapshot: such a record
repeats the row's last version and ends it.
"""


@dataclass(frozen=True)
class Entity:
    """One kind of record: `columns` are its own typed columns beside the envelope's.

    A part of `key` that is not `required` may be empty: it tells apart what the others don't.
    `event_columns` may say when it happened: the first of them that is filled does.
    """

    name: str
    columns: dict[str, pa.DataType]
    key: tuple[str, ...]
    required: tuple[str, ...]
    event_columns: tuple[str, ...] = ()

    @property
    def event_column(self) -> str | None:
        """The column that says when it happened, before any that stands in for it."""
        return self.event_columns[0] if self.event_columns else None

    @property
    def schema(self) -> pa.Schema:
        """The Parquet schema of a file of this entity: envelope first, own columns after."""
        return pa.schema([pa.field(n, t) for n, t in {**ENVELOPE, **self.columns}.items()])


def _entity(
    name: str,
    columns: dict[str, pa.DataType],
    *,
    key: tuple[str, ...] = (),
    optional_key: tuple[str, ...] = (),
    required: tuple[str, ...] = (),
    event: tuple[str, ...] = (),
) -> Entity:
    key = key or (next(iter(columns)),)
    needed = tuple(dict.fromkeys((*key, *required)))
    return Entity(name, columns, (*key, *optional_key), needed, event)


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
            event=("signup_at",),
        ),
        _entity(
            "customer_links",
            {
                "customer_id": TEXT,
                "other_id": TEXT,
                "system": TEXT,
                "kind": TEXT,
                "occurred_at": STAMP,
            },
            key=("customer_id", "other_id", "occurred_at"),
            optional_key=("system",),
            event=("occurred_at",),
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
            event=("ordered_at",),
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
            event=("occurred_at",),
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
            event=("sent_at",),
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
                "phone_hash": TEXT,
                "email_hash": TEXT,
            },
            required=("created_at",),
            event=("created_at",),
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
            event=("occurred_at",),
        ),
        _entity(
            "employees", {"employee_id": TEXT, "unit_id": TEXT, "role": TEXT}, required=("unit_id",)
        ),
        _entity("products", {"product_id": TEXT, "name": TEXT, "category": TEXT}),
        _entity(
            "order_lines",
            {
                "order_id": TEXT,
                "product_id": TEXT,
                "line_no": WHOLE,
                "quantity": REAL,
                "amount": MONEY,
            },
            key=("order_id", "product_id"),
            optional_key=("line_no",),
        ),
        _entity(
            "contacts",
            {
                "contact_id": TEXT,
                "customer_id": TEXT,
                "channel": TEXT,
                "started_at": STAMP,
                "actor_kind": TEXT,
                "wait_seconds": REAL,
                "resolved": FLAG,
                "case_id": TEXT,
                "phone_hash": TEXT,
                "email_hash": TEXT,
            },
            required=("started_at",),
            event=("started_at",),
        ),
        _entity(
            "loop_actions",
            {
                "action_id": TEXT,
                "customer_id": TEXT,
                "alert_ref": TEXT,
                "action": TEXT,
                "actor": TEXT,
                "occurred_at": STAMP,
                "outcome": TEXT,
            },
            required=("customer_id", "occurred_at"),
            event=("occurred_at",),
        ),
        _entity(
            "campaigns",
            {
                "campaign_id": TEXT,
                "name": TEXT,
                "kind": TEXT,
                "survey_id": TEXT,
                "unit_id": TEXT,
                "channel": TEXT,
                "incentive": TEXT,
                "started_on": DAY,
                "ended_on": DAY,
            },
            required=("started_on",),
        ),
        _entity(
            "experiments",
            {
                "experiment_id": TEXT,
                "arm": TEXT,
                "name": TEXT,
                "metric": TEXT,
                "is_control": FLAG,
                "planned_share": REAL,
                "started_on": DAY,
                "ended_on": DAY,
            },
            key=("experiment_id", "arm"),
            required=("started_on",),
        ),
        _entity(
            "assignments",
            {
                "experiment_id": TEXT,
                "customer_id": TEXT,
                "arm": TEXT,
                "assigned_at": STAMP,
            },
            key=("experiment_id", "customer_id"),
            required=("arm", "assigned_at"),
            event=("assigned_at",),
        ),
        _entity(
            "improvements",
            {
                "improvement_id": TEXT,
                "unit_id": TEXT,
                "name": TEXT,
                "touchpoint_id": TEXT,
                "issue": TEXT,
                "metric": TEXT,
                "owner_unit_id": TEXT,
                "started_on": DAY,
                "ended_on": DAY,
            },
            key=("improvement_id", "unit_id"),
            required=("started_on",),
        ),
        _entity(
            "employee_responses",
            {
                "response_id": TEXT,
                "touchpoint_id": TEXT,
                "submitted_at": STAMP,
                "employee_id": TEXT,
                "unit_id": TEXT,
                "expected": REAL,
                "actual": REAL,
                "importance": REAL,
                "comment": TEXT,
            },
            key=("response_id", "touchpoint_id"),
            required=("submitted_at",),
            event=("submitted_at",),
        ),
        _entity(
            "qsc_audits",
            {
                "unit_id": TEXT,
                "visited_at": STAMP,
                "item": TEXT,
                "class": TEXT,
                "score": REAL,
            },
            key=("unit_id", "visited_at", "item"),
            event=("visited_at",),
        ),
        _entity(
            "benchmarks",
            {
                "brand": TEXT,
                "period": TEXT,
                "kind": TEXT,
                "denominator_source": TEXT,
                "denominator": REAL,
            },
            key=("brand", "period"),
            optional_key=("kind", "denominator_source"),
            required=("denominator",),
        ),
    )
}
"""What a company's own systems export. Phones and mails arrive as keyed hashes only.

`experiments` has a row per arm, `improvements` one per unit that is improved, `employee_responses`
one per moment of truth that was judged. `line_no` tells apart two lines of one product in an order;
a benchmark's `denominator` is how many `kind` (orders, users, stores) there were, by whom it says.
"""

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
        "phone_hash": TEXT,
        "email_hash": TEXT,
        "language": TEXT,
    },
    key=("survey_id", "response_id"),
    event=("submitted_at",),
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
        "choice": TEXT,
        "answer_raw": TEXT,
        "answer_number": REAL,
        "answer_beside": TEXT,
        "submitted_at": STAMP,
    },
    key=("survey_id", "response_id", "question_id"),
    event=("submitted_at",),
)
"""One row per answered question of a form (blank answers do not land).

Of a question with several choices, one row per choice that was made: `choice` names it, and is part
of the natural key. `answer_beside` is what a person wrote beside a choice.
"""

MOT_RATING = _entity(
    "mot_rating",
    {
        "survey_id": TEXT,
        "response_id": TEXT,
        "item": TEXT,
        "expected_raw": TEXT,
        "expected_number": REAL,
        "actual_raw": TEXT,
        "actual_number": REAL,
        "importance_raw": TEXT,
        "importance_number": REAL,
        "submitted_at": STAMP,
    },
    key=("survey_id", "response_id", "item"),
    event=("submitted_at",),
)
"""One row per moment of truth that a form rated: what was expected, what came, how much it weighs.

`item` is the name that surveys.yml gives it, a touchpoint's id where it is one.
"""

KANO_ANSWER = _entity(
    "kano_answer",
    {
        "survey_id": TEXT,
        "response_id": TEXT,
        "feature": TEXT,
        "functional_raw": TEXT,
        "functional_number": REAL,
        "dysfunctional_raw": TEXT,
        "dysfunctional_number": REAL,
        "submitted_at": STAMP,
    },
    key=("survey_id", "response_id", "feature"),
    event=("submitted_at",),
)
"""One row per feature that a form asked for, with (functional) and without it (dysfunctional)."""

COMPLAINT = _entity(
    "complaint",
    {
        "complaint_id": TEXT,
        "platform": TEXT,
        "unit_id": TEXT,
        "title": TEXT,
        "company": TEXT,
        "product": TEXT,
        "sub_product": TEXT,
        "issue": TEXT,
        "sub_issue": TEXT,
        "narrative": TEXT,
        "appeal": TEXT,
        "amount": MONEY,
        "region": TEXT,
        "state": TEXT,
        "submitted_via": TEXT,
        "status": TEXT,
        "status_raw": TEXT,
        "company_response": TEXT,
        "company_public_response": TEXT,
        "timely": TEXT,
        "consumer_disputed": TEXT,
        "tags": TEXT,
        "rating_attitude": REAL,
        "rating_process": REAL,
        "rating_satisfaction": REAL,
        "rating_comment": TEXT,
        "received_at": STAMP,
        "sent_to_company_at": STAMP,
        "replied_at": STAMP,
        "closed_at": STAMP,
        "updated_at": STAMP,
    },
    event=("received_at",),
)
"""One public complaint as a platform's list shows it.

`platform` is the platform's folder name. `status` is one of open, assigned, replied, resolved,
closed, invalid; `status_raw` the platform's own word for it.
"""

COMPLAINT_EVENT = _entity(
    "complaint_event",
    {
        "event_id": TEXT,
        "complaint_id": TEXT,
        "platform": TEXT,
        "type": TEXT,
        "type_raw": TEXT,
        "actor_kind": TEXT,
        "actor_hash": TEXT,
        "text": TEXT,
        "rating_attitude": REAL,
        "rating_process": REAL,
        "rating_satisfaction": REAL,
        "occurred_at": STAMP,
    },
    required=("complaint_id", "type", "occurred_at"),
    event=("occurred_at",),
)
"""One step of a public complaint's timeline, as its own page shows it.

`type` is one of created, assigned, transferred, replied, resolved, closed, reopened, rated,
commented, withdrawn; `actor_kind` of customer, company, platform, unknown. The text of the first
step is the whole complaint, of which a list shows the beginning.
"""

REVIEW = _entity(
    "review",
    {
        "review_id": TEXT,
        "platform": TEXT,
        "unit_id": TEXT,
        "app_id": TEXT,
        "product_id": TEXT,
        "subject_name": TEXT,
        "country": TEXT,
        "language": TEXT,
        "rating": REAL,
        "rating_best": REAL,
        "aspects": TEXT,
        "price_per_person": MONEY,
        "title": TEXT,
        "body": TEXT,
        "followup_body": TEXT,
        "reply": TEXT,
        "replied_at": STAMP,
        "app_version": TEXT,
        "author_hash": TEXT,
        "vote_sum": WHOLE,
        "vote_count": WHOLE,
        "is_verified": FLAG,
        "is_pinned": FLAG,
        "experienced_on": DAY,
        "created_at": STAMP,
        "updated_at": STAMP,
    },
    event=("created_at", "updated_at"),
)
"""One public review with its stars.

`rating` is on the platform's own scale, whose best is `rating_best`. `aspects` is a JSON object of
what was rated apart (taste, service) -> its score or word. A feed may tell the last change only.
"""

RATING_SUMMARY = _entity(
    "rating_summary",
    {
        "subject_id": TEXT,
        "subject_name": TEXT,
        "platform": TEXT,
        "unit_id": TEXT,
        "rating": REAL,
        "rating_best": REAL,
        "rating_text": TEXT,
        "rating_count": WHOLE,
        "review_count": WHOLE,
        "breakdown": TEXT,
    },
)
"""What a platform says of one subject (an app, a shop, a company) over all its reviews.

`breakdown` is a JSON object of a star or a word -> how many. `rating_text` is the figure as shown
where it is no number.
"""

ITEM_STATE = _entity(
    "item_state",
    {
        "item_entity": TEXT,
        "item_id": TEXT,
        "state": TEXT,
        "reason": TEXT,
        "seen_at": STAMP,
    },
    key=("item_entity", "item_id"),
    required=("state", "seen_at"),
    event=("seen_at",),
)
"""Whether a platform still shows an item: landed when that changes.

`item_entity` is complaint or review. `state`: shown, hidden (absent where it should stand),
deleted (its own page is gone), expired (older than what the platform keeps).
"""

ENTITIES: dict[str, Entity] = {
    **EXTRACTS,
    **{
        e.name: e
        for e in (
            SURVEY_RESPONSE,
            SURVEY_ANSWER,
            MOT_RATING,
            KANO_ANSWER,
            COMPLAINT,
            COMPLAINT_EVENT,
            REVIEW,
            RATING_SUMMARY,
            ITEM_STATE,
        )
    },
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
        ("request", TEXT),
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
        ("etag", TEXT),
        ("last_modified", TEXT),
        ("items_landed", WHOLE),
        ("member", TEXT),
    ]
)
"""One row per attempt to get something.

`kind`: http (a request), file (a dropped file), replay (an attempt played back from an archive),
query (of a database), closing (rows that were known and are missed in a full snapshot).
`request` is its name in the platform's source.yml, `robots`, or `file`. `etag` and
`last_modified` are what the server told about the version it sent.
"""

FIELD_PROFILE = pa.schema(
    [
        ("source", TEXT),
        ("entity", TEXT),
        ("dt", DAY),
        ("run_id", TEXT),
        ("request", TEXT),
        ("field", TEXT),
        ("is_known", FLAG),
        ("items", WHOLE),
        ("filled", WHOLE),
        ("length_sum", WHOLE),
    ]
)
"""How full each field of a night's items was: what a changed layout shows in.

One row per request and field: a declared column, or (`is_known` false) a field of the raw items
that nothing reads. `length_sum` is the sum of the filled values' lengths as text, in characters.
"""

MASKED_VALUE = pa.schema(
    [
        ("source", TEXT),
        ("entity", TEXT),
        ("dt", DAY),
        ("run_id", TEXT),
        ("file", TEXT),
        ("kind", TEXT),
        ("masked_values", WHOLE),
    ]
)
"""How many personal values of one kind (mobile, name, …) are masked in what a run kept of a file.

`file` is a landing path or a URL, as in quarantine; `entity` what landed there or was refused. A
text that lands in two places counts once.
"""

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
        ("since", STAMP),
    ]
)
"""One row per source and run: how its night ended (`status`: complete, partial, failed); `since`
is where a platform's window began."""
