-- One idea: what happened to a unit's complaints on a day, beside the orders of that day.
with movements as (
    select
        steps.happened_date as date_day,
        complaints.unit_id,
        complaints.issue,
        count(*) filter (where steps.type = 'created') as created,
        count(*) filter (where steps.leaves_open) as closed,
        count(*) filter (where steps.is_reopen) as reopened,
        count(*) filter (where steps.leaves_open and steps.type = 'resolved') as resolved,
        count(*) filter (where steps.is_transfer) as transferred
    from {{ ref('int_complaint_step') }} as steps
    inner join {{ ref('fct_complaint') }} as complaints
        on steps.case_key = complaints.case_key
    where
        steps.type = 'created'
        or steps.leaves_open
        or steps.is_reopen
        or steps.is_transfer
    group by 1, 2, 3
),

orders as (
    select
        ordered_date as date_day,
        unit_id,
        count(*) as orders
    from {{ ref('int_counted_order') }}
    group by 1, 2
),

-- The total of a unit and day stands as issue 'all', also on days with orders and no complaint:
-- without those days a rate over a month would leave orders out.
lines as (
    select
        date_day,
        unit_id,
        issue,
        created,
        closed,
        reopened,
        resolved,
        transferred
    from movements

    union all

    select
        date_day,
        unit_id,
        'all' as issue,
        sum(created) as created,
        sum(closed) as closed,
        sum(reopened) as reopened,
        sum(resolved) as resolved,
        sum(transferred) as transferred
    from movements
    group by 1, 2

    union all

    select
        orders.date_day,
        orders.unit_id,
        'all' as issue,
        0 as created,
        0 as closed,
        0 as reopened,
        0 as resolved,
        0 as transferred
    from orders
    where not exists (
        select 1
        from movements
        where movements.date_day = orders.date_day and movements.unit_id = orders.unit_id
    )
)

select
    lines.date_day,
    lines.unit_id,
    lines.issue,
    cast(lines.created as bigint) as created,
    cast(lines.closed as bigint) as closed,
    cast(lines.reopened as bigint) as reopened,
    cast(lines.resolved as bigint) as resolved,
    cast(lines.transferred as bigint) as transferred,
    coalesce(orders.orders, 0) as orders,
    1000e0 * {{ voc.rate('lines.created', 'orders.orders') }} as complaints_per_1000_orders
from lines
left join orders
    on
        lines.date_day = orders.date_day
        and lines.unit_id = orders.unit_id
