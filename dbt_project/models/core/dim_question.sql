with wordings as (
    select
        survey_id,
        question_id,
        coalesce(question_hash, 'unknown') as question_hash,
        max(question_text) as question_text,
        max(role) as role,
        min(submitted_at) as first_seen_at,
        max(submitted_at) as last_seen_at
    from {{ ref('stg_survey_answer') }}
    group by survey_id, question_id, coalesce(question_hash, 'unknown')
)

select
    *,
    row_number() over (
        partition by survey_id, question_id
        order by last_seen_at desc nulls last, question_hash asc nulls last
    ) = 1 as is_current
from wordings
