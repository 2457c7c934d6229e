{{ config(materialized='table') }}

with records as (
    {{ current_records('case_events') | indent(4) }}
)

select
    {{ tidy('event_id') }} as event_id,
    {{ tidy('case_id') }} as case_id,
    {{ code_word('type') }} as type,
    {{ utc('occurred_at') }} as occurred_at,
    {{ code_word('actor_kind') }} as actor_kind,
    {{ tidy('owner_unit_id') }} as owner_unit_id,
    {{ lake_lineage() | indent(4) }}
from records
