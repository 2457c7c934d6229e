with answers as (
    select
        *,
        coalesce(question_hash, 'unknown') as wording
    from {{ ref('stg_survey_answer') }}
)

select
    {{ hash_key(['answers.survey_id', 'answers.response_id']) }} as response_key,
    answers.survey_id,
    answers.response_id,
    answers.question_id,
    answers.wording as question_hash,
    questions.version_no as question_version,
    answers.role,
    answers.choice,
    answers.answer_raw,
    answers.answer_number,
    answers.answer_beside,
    answers.submitted_at,
    {{ business_date('answers.submitted_at') }} as submitted_date,
    {{ lineage('answers') | indent(4) }}
from answers
left join {{ ref('dim_question') }} as questions
    on
        answers.survey_id = questions.survey_id
        and answers.question_id = questions.question_id
        and answers.wording = questions.question_hash
