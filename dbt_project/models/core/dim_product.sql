select
    product_id,
    name,
    {{ member('category') }} as category,
    vanished_on,
    {{ lineage() | indent(4) }}
from {{ ref('stg_products') }}

union all

select
    'unknown' as product_id,
    'Not known 未知' as name,
    cast(null as string) as category,
    cast(null as date) as vanished_on,
    cast(null as string) as source,
    cast(null as string) as record_key,
    cast(null as string) as version_hash,
    cast(null as date) as record_dt,
    cast(null as string) as archive_file,
    cast(null as bigint) as archive_offset
where not exists (
    select 1
    from {{ ref('stg_products') }} as given
    where given.product_id = 'unknown'
)
