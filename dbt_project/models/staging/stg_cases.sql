{{ config(materialized='table') }}

with records as (
    {{ current_records('cases') | indent(4) }}
)

select
    {{ tidy('case_id') }} as case_id,
    {{ utc('created_at') }} as created_at,
    {{ tidy('customer_id') }} as customer_id,
    {{ tidy('order_id') }} as order_id,
    {{ tidy('unit_id') }} as unit_id,
    {{ code_word('channel') }} as channel,
    {{ tidy('issue') }} as issue,
    cast(amount as double) as amount,
    {{ code_word('priority') }} as priority,
    {{ tidy('appeal') }} as appeal,
    {{ tidy('text') }} as text,
    phone_hash,
    email_hash,
    {{ lake_lineage() | indent(4) }}
from records
