select
    survey_id,
    min(source) as source,
    min(submitted_at) as first_response_at,
    max(submitted_at) as last_response_at
from {{ ref('stg_survey_response') }}
group by survey_id
