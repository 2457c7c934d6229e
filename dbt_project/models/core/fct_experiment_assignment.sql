with assignments as (
    select
        *,
        {{ business_date('assigned_at') }} as assigned_date
    from {{ ref('stg_assignments') }}
)

select
    assignments.experiment_id,
    assignments.customer_id,
    customers.customer_key,
    coalesce(arms.arm, 'unknown') as arm,
    assignments.arm as arm_raw,
    arms.experiment_arm_key,
    assignments.assigned_at,
    assignments.assigned_date,
    assignments.vanished_on,
    {{ lineage('assignments') | indent(4) }}
from assignments
left join {{ ref('dim_experiment') }} as arms
    on assignments.experiment_id = arms.experiment_id and assignments.arm = arms.arm
{{ join_customer('assignments', 'assigned_date') }}
