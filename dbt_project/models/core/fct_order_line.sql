select
    {{ hash_key(['lines.order_id', 'lines.product_id', 'lines.line_no']) }} as order_line_key,
    lines.order_id,
    orders.ordered_date,
    coalesce(products.product_id, 'unknown') as product_id,
    lines.product_id as product_id_raw,
    lines.line_no,
    lines.quantity,
    lines.amount,
    lines.vanished_on,
    {{ lineage('lines') | indent(4) }}
from {{ ref('stg_order_lines') }} as lines
left join {{ ref('fct_order') }} as orders on lines.order_id = orders.order_id
left join {{ ref('dim_product') }} as products on lines.product_id = products.product_id
