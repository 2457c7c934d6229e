select
    {{ hash_key(['survey_id', 'response_id']) }} as response_key,
    survey_id,
    response_id,
    question_id,
    coalesce(question_hash, 'unknown') as question_hash,
    role,
    answer_raw,
    answer_number,
    submitted_at,
    {{ business_date('submitted_at') }} as submitted_date,
    {{ lineage() | indent(4) }}
from {{ ref('stg_survey_answer') }}
