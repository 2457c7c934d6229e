{{ config(materialized='table') }}

with records as (
    {{ current_records('survey_answer') | indent(4) }}
)

select
    {{ tidy('survey_id') }} as survey_id,
    {{ tidy('response_id') }} as response_id,
    {{ tidy('question_id') }} as question_id,
    {{ tidy('question_text') }} as question_text,
    question_hash,
    {{ tidy('role') }} as role,
    choice,
    answer_raw,
    cast(answer_number as double) as answer_number,
    {{ tidy('answer_beside') }} as answer_beside,
    {{ utc('submitted_at') }} as submitted_at,
    {{ lake_lineage() | indent(4) }}
from records
