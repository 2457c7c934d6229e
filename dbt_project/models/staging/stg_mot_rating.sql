with records as (
    {{ current_records('mot_rating') | indent(4) }}
)

select
    {{ tidy('survey_id') }} as survey_id,
    {{ tidy('response_id') }} as response_id,
    {{ tidy('item') }} as item,
    expected_raw,
    cast(expected_number as double) as expected_number,
    actual_raw,
    cast(actual_number as double) as actual_number,
    importance_raw,
    cast(importance_number as double) as importance_number,
    {{ utc('submitted_at') }} as submitted_at,
    {{ lake_lineage() | indent(4) }}
from records
