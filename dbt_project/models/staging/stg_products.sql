{{ config(materialized='table') }}

with records as (
    {{ current_records('products') | indent(4) }}
)

select
    {{ tidy('product_id') }} as product_id,
    {{ tidy('name') }} as name,
    {{ tidy('category') }} as category,
    {{ lake_lineage() | indent(4) }}
from records
