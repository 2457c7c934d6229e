{{ config(materialized='table') }}

with records as (
    {{ current_records('customer_links') | indent(4) }}
)

select
    {{ tidy('customer_id') }} as customer_id,
    {{ tidy('other_id') }} as other_id,
    {{ system_name('system') }} as system,
    coalesce({{ code_word('kind') }}, 'merge') as kind,
    {{ utc('occurred_at') }} as occurred_at,
    {{ lake_lineage() | indent(4) }}
from records
