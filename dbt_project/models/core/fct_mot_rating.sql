with ratings as (
    select
        *,
        item as touchpoint_id
    from {{ ref('stg_mot_rating') }}
)

select
    {{ hash_key(['ratings.survey_id', 'ratings.response_id']) }} as response_key,
    ratings.survey_id,
    ratings.response_id,
    ratings.item,
    coalesce(touchpoints.touchpoint_id, responses.touchpoint_id, 'unknown') as touchpoint_id,
    responses.customer_key,
    coalesce(responses.segment, 'unknown') as segment,
    ratings.expected_raw,
    ratings.expected_number as expected,
    ratings.actual_raw,
    ratings.actual_number as actual,
    ratings.importance_raw,
    ratings.importance_number as importance,
    ratings.actual_number - ratings.expected_number as gap,
    ratings.submitted_at,
    {{ business_date('ratings.submitted_at') }} as submitted_date,
    {{ lineage('ratings') | indent(4) }}
from ratings
left join {{ ref('fct_survey_response') }} as responses
    on ratings.survey_id = responses.survey_id and ratings.response_id = responses.response_id
{{ join_touchpoint('ratings') }}
