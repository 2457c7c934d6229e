{{ config(materialized='table') }}

with records as (
    {{ versions_of('customer_links', 'dispositions.stands_at_day_end') | indent(4) }}
)

select
    {{ tidy('customer_id') }} as customer_id,
    {{ tidy('other_id') }} as other_id,
    {{ system_name('system') }} as system,
    coalesce({{ code_word('kind') }}, 'merge') as kind,
    {{ utc('occurred_at') }} as occurred_at,
    {{ lake_lineage() | indent(4) }},
    version_no
from records
