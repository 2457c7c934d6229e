with records as (
    {{ current_records('orders') | indent(4) }}
)

select
    {{ tidy('order_id') }} as order_id,
    {{ tidy('customer_id') }} as customer_id,
    {{ utc('ordered_at') }} as ordered_at,
    {{ tidy('unit_id') }} as unit_id,
    {{ code_word('channel') }} as channel,
    cast(amount as double) as amount,
    cast(margin as double) as margin,
    {{ code_word('status') }} as status,
    {{ utc('cancelled_at') }} as cancelled_at,
    {{ utc('refunded_at') }} as refunded_at,
    {{ lake_lineage() | indent(4) }}
from records
