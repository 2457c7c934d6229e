{{ config(materialized='table') }}

with records as (
    {{ versions_of('customers', 'dispositions.stands_at_day_end') | indent(4) }}
)

select
    {{ tidy('customer_id') }} as customer_id,
    {{ utc('signup_at') }} as signup_at,
    {{ tidy('unit_id') }} as unit_id,
    {{ tidy('region') }} as region,
    {{ tidy('segment') }} as segment,
    consent,
    phone_hash,
    email_hash,
    {{ lake_lineage() | indent(4) }},
    version_no,
    disposition
from records
