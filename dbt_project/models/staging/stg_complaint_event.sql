{{ config(materialized='table') }}

with records as (
    {{ current_records('complaint_event') | indent(4) }}
)

select
    {{ tidy('event_id') }} as event_id,
    {{ tidy('complaint_id') }} as complaint_id,
    {{ code_word('platform') }} as platform,
    {{ code_word('type') }} as type,
    {{ tidy('type_raw') }} as type_raw,
    {{ code_word('actor_kind') }} as actor_kind,
    actor_hash,
    {{ tidy('text') }} as text,
    cast(rating_attitude as double) as rating_attitude,
    cast(rating_process as double) as rating_process,
    cast(rating_satisfaction as double) as rating_satisfaction,
    {{ utc('occurred_at') }} as occurred_at,
    event_precision,
    {{ lake_lineage() | indent(4) }}
from records
