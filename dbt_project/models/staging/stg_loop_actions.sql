with records as (
    {{ current_records('loop_actions') | indent(4) }}
)

select
    {{ tidy('action_id') }} as action_id,
    {{ tidy('customer_id') }} as customer_id,
    {{ tidy('alert_ref') }} as alert_ref,
    {{ tidy('action') }} as action,
    {{ tidy('actor') }} as actor,
    {{ utc('occurred_at') }} as occurred_at,
    {{ tidy('outcome') }} as outcome,
    {{ lake_lineage() | indent(4) }}
from records
