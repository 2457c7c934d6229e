with records as (
    {{ current_records('kano_answer') | indent(4) }}
)

select
    {{ tidy('survey_id') }} as survey_id,
    {{ tidy('response_id') }} as response_id,
    {{ tidy('feature') }} as feature,
    functional_raw,
    cast(functional_number as double) as functional_number,
    dysfunctional_raw,
    cast(dysfunctional_number as double) as dysfunctional_number,
    {{ utc('submitted_at') }} as submitted_at,
    {{ lake_lineage() | indent(4) }}
from records
