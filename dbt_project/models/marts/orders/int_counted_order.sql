{{ config(schema='intermediate', contract={'enforced': false}) }}

-- One idea: what counts as an order at the end of as_of. An order is out when it is cancelled or
-- refunded by then; a cancellation after the cut-off isn't known yet and may not be used.
select
    order_id,
    customer_id,
    unit_id,
    channel,
    ordered_at,
    ordered_date
from {{ ref('fct_order') }}
where
    ordered_at < {{ voc.cutoff() }}
    and (
        is_counted
        or (
            coalesce(cancelled_at, refunded_at) is not null
            and coalesce(cancelled_at >= {{ voc.cutoff() }}, true)
            and coalesce(refunded_at >= {{ voc.cutoff() }}, true)
        )
    )
