with versions as (
    {{ held_versions(ref('stg_customers'), 'customer_id') | indent(4) }}
)

select
    {{ hash_key(['customer_id', 'valid_from']) }} as customer_key,
    customer_id,
    signup_at,
    {{ business_date('signup_at') }} as signup_date,
    {{ member('unit_id') }} as unit_id,
    {{ member('region') }} as region,
    {{ member('segment') }} as segment,
    consent,
    phone_hash,
    email_hash,
    valid_from,
    coalesce(next_from, cast('9999-12-31' as date)) as valid_to,
    next_from is null as is_current,
    {{ lineage() | indent(4) }}
from versions
