with records as (
    {{ current_records('contacts') | indent(4) }}
)

select
    {{ tidy('contact_id') }} as contact_id,
    {{ tidy('customer_id') }} as customer_id,
    {{ code_word('channel') }} as channel,
    {{ utc('started_at') }} as started_at,
    {{ code_word('actor_kind') }} as actor_kind,
    cast(wait_seconds as double) as wait_seconds,
    resolved as is_resolved,
    {{ tidy('case_id') }} as case_id,
    phone_hash,
    email_hash,
    {{ lake_lineage() | indent(4) }}
from records
