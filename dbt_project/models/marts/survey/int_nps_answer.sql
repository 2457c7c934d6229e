{{ config(schema='intermediate', contract={'enforced': false}) }}

-- One idea: which answers a period's NPS is made of.
-- Of a customer's scored answers to one survey in one period the latest counts; who the customer is
-- is what is known on as_of (docs/identity.md). An answer without a valid score is not a response
-- (METRICS.md): it displaces none, and each is counted apart.
with grains as (
    select listed.period_grain
    from (values ('day'), ('week'), ('month')) as listed (period_grain)
),

answers as (
    select
        responses.response_key,
        responses.survey_id,
        {{ voc.person('responses') }} as customer_id,
        responses.submitted_at,
        responses.submitted_date,
        responses.score,
        responses.score_status,
        responses.nps_class,
        coalesce(responses.unit_id, 'unknown') as unit_id,
        coalesce(responses.region, 'unknown') as region,
        coalesce(responses.segment, 'unknown') as segment,
        coalesce(responses.touchpoint_id, 'unknown') as touchpoint_id,
        coalesce(responses.channel, 'unknown') as channel
    from {{ ref('fct_survey_response') }} as responses
    {{ voc.join_match('responses') }}
    where
        responses.response_status = 'complete'
        and responses.submitted_at < {{ voc.cutoff() }}
),

flagged as (
    select distinct response_key
    from {{ ref('fct_integrity_flag') }}
    where severity = 'default'
),

placed as (
    select
        answers.*,
        grains.period_grain,
        {{ voc.period_start('grains.period_grain', 'answers.submitted_date') }} as period_start,
        flagged.response_key is null as is_clean
    from answers
    cross join grains
    left join flagged
        on answers.response_key = flagged.response_key
),

ranked as (
    select
        *,
        row_number() over (
            partition by
                period_grain,
                period_start,
                survey_id,
                customer_id,
                case when customer_id is null or score is null then response_key end
            order by submitted_at desc nulls last, response_key desc nulls last
        ) as place_from_latest
    from placed
)

select
    response_key,
    survey_id,
    customer_id,
    period_grain,
    period_start,
    unit_id,
    region,
    segment,
    touchpoint_id,
    channel,
    submitted_at,
    score,
    score_status,
    nps_class,
    is_clean
from ranked
where place_from_latest = 1
