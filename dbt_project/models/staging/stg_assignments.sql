with records as (
    {{ current_records('assignments') | indent(4) }}
)

select
    {{ tidy('experiment_id') }} as experiment_id,
    {{ tidy('customer_id') }} as customer_id,
    {{ tidy('arm') }} as arm,
    {{ utc('assigned_at') }} as assigned_at,
    {{ lake_lineage() | indent(4) }}
from records
