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
    {{ no_lineage() | indent(4) }}
where not exists (
    select 1
    from {{ ref('stg_products') }} as given
    where given.product_id = 'unknown'
)
