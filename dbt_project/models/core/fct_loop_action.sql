with actions as (
    select
        *,
        {{ business_date('occurred_at') }} as occurred_date
    from {{ ref('stg_loop_actions') }}
)

select
    actions.action_id,
    actions.customer_id,
    customers.customer_key,
    actions.alert_ref,
    actions.action,
    actions.actor,
    employees.employee_key,
    employees.unit_id as actor_unit_id,
    actions.occurred_at,
    actions.occurred_date,
    actions.outcome,
    actions.vanished_on,
    {{ lineage('actions') | indent(4) }}
from actions
{{ join_customer('actions', 'occurred_date') }}
{{ join_employee('actions', 'actor', 'occurred_date') }}
