with responses as (
    select
        *,
        {{ business_date('submitted_at') }} as submitted_date,
        {{ nps_score('nps_raw') }} as score,
        {{ seconds_between('started_at', 'submitted_at') }} as seconds_taken,
        -- a response without a time is read as of the night it landed
        coalesce({{ business_date('submitted_at') }}, record_dt) as known_date
    from {{ ref('stg_survey_response') }}
)

select
    {{ hash_key(['responses.survey_id', 'responses.response_id']) }} as response_key,
    responses.survey_id,
    responses.response_id,
    responses.customer_id,
    customers.customer_key,
    coalesce(customers.segment, 'unknown') as segment,
    responses.invitation_id,
    coalesce(units.unit_id, 'unknown') as unit_id,
    responses.unit_id as unit_id_raw,
    coalesce(units.region, 'unknown') as region,
    coalesce(units.brand, 'unknown') as brand,
    coalesce(touchpoints.touchpoint_id, 'unknown') as touchpoint_id,
    responses.touchpoint_id as touchpoint_id_raw,
    coalesce(channels.channel, 'unknown') as channel,
    responses.channel as channel_raw,
    responses.submitted_at,
    responses.submitted_date,
    responses.started_at,
    -- many tools tell the start instead of a duration
    coalesce(
        responses.duration_seconds,
        case when responses.seconds_taken >= 0 then responses.seconds_taken end
    ) as duration_seconds,
    responses.response_status,
    responses.nps_raw as score_raw,
    responses.score,
    {{ nps_score_status('responses.nps_raw', 'responses.score') | indent(4) }} as score_status,
    {{ nps_class('responses.score') | indent(4) }} as nps_class,
    responses.csat_raw,
    {{ plain_number('responses.csat_raw') }} as csat,
    responses.ces_raw,
    {{ plain_number('responses.ces_raw') }} as ces,
    responses.comment,
    responses.language,
    responses.device_hash,
    {{ lineage('responses') | indent(4) }}
from responses
left join {{ ref('dim_channel') }} as channels on responses.channel = channels.channel
{{ join_touchpoint('responses') }}
{{ join_matched_customer('responses', 'known_date') }}
{{ join_unit('responses', 'known_date') }}
