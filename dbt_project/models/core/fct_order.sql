{#- Words for an order that is no sale, as shops' systems export them. -#}
{%- set undone = ['cancelled', 'canceled', 'refunded', 'void', '已取消', '已退款', '取消', '退款'] -%}

with orders as (
    select
        *,
        {{ business_date('ordered_at') }} as ordered_date
    from {{ ref('stg_orders') }}
)

select
    orders.order_id,
    orders.customer_id,
    customers.customer_key,
    coalesce(units.unit_id, 'unknown') as unit_id,
    orders.unit_id as unit_id_raw,
    coalesce(channels.channel, 'unknown') as channel,
    orders.channel as channel_raw,
    orders.ordered_at,
    orders.ordered_date,
    orders.amount,
    orders.margin,
    orders.status,
    orders.cancelled_at,
    orders.refunded_at,
    coalesce(orders.status, '') not in (
        {%- for word in undone %}
            '{{ word }}'{% if not loop.last %},{% endif %}
        {%- endfor %}
    )
    and orders.cancelled_at is null
    and orders.refunded_at is null
    and orders.vanished_on is null as is_counted,
    orders.vanished_on,
    {{ lineage('orders') | indent(4) }}
from orders
left join {{ ref('dim_channel') }} as channels on orders.channel = channels.channel
{{ join_customer('orders', 'ordered_date') }}
{{ join_unit('orders', 'ordered_date') }}
