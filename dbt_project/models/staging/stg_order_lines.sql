with records as (
    {{ current_records('order_lines') | indent(4) }}
)

select
    {{ tidy('order_id') }} as order_id,
    {{ tidy('product_id') }} as product_id,
    line_no,
    cast(quantity as double) as quantity,
    cast(amount as double) as amount,
    {{ lake_lineage() | indent(4) }}
from records
