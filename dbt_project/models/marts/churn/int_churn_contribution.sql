{{ config(schema='intermediate', contract={'enforced': false}) }}

-- One idea: what each feature contributes to a customer's score, the largest first, and why.
with features as (
    select
        *,
        {{ voc.rate('recency_days', 'usual_interval_days') }} as recency,
        {{ voc.rate('orders_90d', 'orders_prior_90d') }} as frequency
    from {{ ref('int_churn_feature') }}
),

values_by_feature as (
    {%- for feature in ['recency', 'frequency', 'last_score', 'open_complaints'] %}
        select
            *,
            '{{ feature }}' as feature,
            cast({{ feature }} as double) as feature_value
        from features
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

contributions as (
    select
        measured.customer_id,
        scorecard.model_version,
        scorecard.feature,
        measured.feature_value,
        scorecard.feature_order,
        scorecard.points,
        scorecard.reason_code,
        {%- set numbers = [
            'recency_days', 'usual_interval_days', 'orders_90d', 'orders_prior_90d', 'last_score',
            'open_complaints'
        ] %}
        {{ voc.filled_reason('scorecard.reason_en', numbers) }} as reason_en,
        {{ voc.filled_reason('scorecard.reason_zh', numbers) }} as reason_zh
    from values_by_feature as measured
    inner join {{ ref('churn_scorecard') }} as scorecard
        on
            measured.feature = scorecard.feature
            and (
                (scorecard.is_missing and measured.feature_value is null)
                or (
                    not scorecard.is_missing
                    and measured.feature_value >= scorecard.lower
                    and (scorecard.upper is null or measured.feature_value < scorecard.upper)
                )
            )
)

select
    customer_id,
    model_version,
    feature,
    feature_value,
    points,
    reason_code,
    reason_en,
    reason_zh,
    row_number() over (
        partition by customer_id
        order by points desc nulls last, feature_order asc nulls last
    ) as place
from contributions
