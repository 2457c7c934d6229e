{{ config(materialized='table') }}

with records as (
    {{ current_records('survey_response') | indent(4) }}
)

select
    {{ tidy('survey_id') }} as survey_id,
    {{ tidy('response_id') }} as response_id,
    {{ tidy('customer_id') }} as customer_id,
    {{ tidy('invitation_id') }} as invitation_id,
    {{ utc('submitted_at') }} as submitted_at,
    {{ utc('started_at') }} as started_at,
    cast(duration_seconds as double) as duration_seconds,
    {{ tidy('unit_id') }} as unit_id,
    {{ tidy('touchpoint_id') }} as touchpoint_id,
    {{ code_word('channel') }} as channel,
    {{ code_word('response_status') }} as response_status,
    nps_raw,
    csat_raw,
    ces_raw,
    {{ tidy('comment') }} as comment,
    device_hash,
    phone_hash,
    email_hash,
    {{ code_word('language') }} as language,
    {{ lake_lineage() | indent(4) }}
from records
