{{ config(materialized='table') }}

with records as (
    {{ versions_of('item_state', 'dispositions.stands_at_day_end') | indent(4) }}
)

select
    {{ tidy('item_entity') }} as item_entity,
    {{ tidy('item_id') }} as item_id,
    {{ code_word('state') }} as state,
    {{ tidy('reason') }} as reason,
    {{ utc('seen_at') }} as seen_at,
    {{ lake_lineage() | indent(4) }},
    disposition
from records
