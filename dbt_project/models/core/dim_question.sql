with wordings as (
    select
        survey_id,
        question_id,
        coalesce(question_hash, 'unknown') as question_hash,
        max(question_text) as question_text,
        max(role) as role,
        min(submitted_at) as first_seen_at,
        max(submitted_at) as last_seen_at,
        min(record_dt) as first_landed_dt
    from {{ ref('stg_survey_answer') }}
    group by survey_id, question_id, coalesce(question_hash, 'unknown')
),

versions as (
    select
        *,
        row_number() over (
            partition by survey_id, question_id
            order by
                first_seen_at asc nulls last,
                first_landed_dt asc nulls last,
                question_hash asc nulls last
        ) as version_no
    from wordings
)

select
    survey_id,
    question_id,
    question_hash,
    cast(version_no as bigint) as version_no,
    question_text,
    role,
    first_seen_at,
    last_seen_at,
    first_seen_at as valid_from,
    lead(first_seen_at) over (
        partition by survey_id, question_id order by version_no asc nulls last
    ) as valid_to,
    row_number() over (
        partition by survey_id, question_id
        order by last_seen_at desc nulls last, version_no desc nulls last
    ) = 1 as is_current
from versions
