with records as (
    {{ current_records('employee_responses') | indent(4) }}
)

select
    {{ tidy('response_id') }} as response_id,
    {{ tidy('touchpoint_id') }} as touchpoint_id,
    {{ utc('submitted_at') }} as submitted_at,
    {{ tidy('employee_id') }} as employee_id,
    {{ tidy('unit_id') }} as unit_id,
    cast(expected as double) as expected,
    cast(actual as double) as actual,
    cast(importance as double) as importance,
    {{ tidy('comment') }} as comment,
    {{ lake_lineage() | indent(4) }}
from records
