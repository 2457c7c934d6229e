with events as (
    select
        *,
        {{ business_date('occurred_at') }} as occurred_date
    from {{ ref('stg_journey_events') }}
)

select
    events.event_id,
    events.customer_id,
    customers.customer_key,
    coalesce(touchpoints.touchpoint_id, 'unknown') as touchpoint_id,
    events.touchpoint_id as touchpoint_id_raw,
    coalesce(touchpoints.stage, 'unknown') as stage,
    coalesce(units.unit_id, 'unknown') as unit_id,
    events.unit_id as unit_id_raw,
    coalesce(channels.channel, 'unknown') as channel,
    events.channel as channel_raw,
    events.occurred_at,
    events.occurred_date,
    events.order_id,
    events.outcome,
    events.wait_minutes,
    events.vanished_on,
    {{ lineage('events') | indent(4) }}
from events
left join {{ ref('dim_channel') }} as channels on events.channel = channels.channel
{{ join_touchpoint('events') }}
{{ join_customer('events', 'occurred_date') }}
{{ join_unit('events', 'occurred_date') }}
