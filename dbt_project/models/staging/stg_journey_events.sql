with records as (
    {{ current_records('journey_events') | indent(4) }}
)

select
    {{ tidy('event_id') }} as event_id,
    {{ tidy('customer_id') }} as customer_id,
    {{ tidy('touchpoint_id') }} as touchpoint_id,
    {{ utc('occurred_at') }} as occurred_at,
    {{ tidy('unit_id') }} as unit_id,
    {{ code_word('channel') }} as channel,
    {{ tidy('order_id') }} as order_id,
    {{ tidy('outcome') }} as outcome,
    cast(wait_minutes as double) as wait_minutes,
    {{ lake_lineage() | indent(4) }}
from records
