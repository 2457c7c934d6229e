{{ config(schema='intermediate', contract={'enforced': false}) }}

-- One idea: what counts as an order at the end of as_of. An order is out when it is cancelled or
-- refunded by then; a cancellation after the cut-off isn't known yet and may not be used. What a
-- full snapshot lists no more is no order.
select
    orders.order_id,
    {{ voc.person('orders') }} as customer_id,
    orders.unit_id,
    orders.channel,
    orders.ordered_at,
    orders.ordered_date
from {{ ref('fct_order') }} as orders
{{ voc.join_match('orders') }}
where
    orders.ordered_at < {{ voc.cutoff() }}
    and orders.vanished_on is null
    and (
        orders.is_counted
        or (
            coalesce(orders.cancelled_at, orders.refunded_at) is not null
            and coalesce(orders.cancelled_at >= {{ voc.cutoff() }}, true)
            and coalesce(orders.refunded_at >= {{ voc.cutoff() }}, true)
        )
    )
