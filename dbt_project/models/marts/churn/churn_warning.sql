-- One idea: one line per active customer, how urgent and why.
with most_points as (
    select sum(points) as points
    from (
        select
            feature,
            max(points) as points
        from {{ ref('churn_scorecard') }}
        group by feature
    ) as best_of_feature
),

scored as (
    select
        contributions.customer_id,
        max(contributions.model_version) as model_version,
        {%- for feature in ['recency', 'frequency', 'last_score', 'open_complaints'] %}
            max(
                case when contributions.feature = '{{ feature }}' then contributions.points end
            ) as {{ feature }}_points,
        {%- endfor %}
        {%- for place in [1, 2, 3] %}
            max(
                case when contributions.place = {{ place }} then contributions.reason_en end
            ) as reason_{{ place }},
            max(
                case when contributions.place = {{ place }} then contributions.reason_zh end
            ) as reason_{{ place }}_zh,
            max(
                case when contributions.place = {{ place }} then contributions.reason_code end
            ) as reason_{{ place }}_code,
        {%- endfor %}
        100e0 * {{ voc.rate('sum(contributions.points)', 'max(most_points.points)') }} as score
    from {{ ref('int_churn_contribution') }} as contributions
    cross join most_points
    group by contributions.customer_id
)

select
    features.customer_id,
    {{ voc.as_of() }} as snapshot_date,
    customers.customer_key,
    coalesce(customers.unit_id, 'unknown') as unit_id,
    coalesce(customers.region, 'unknown') as region,
    coalesce(customers.segment, 'unknown') as segment,
    scored.score,
    bands.band,
    scored.reason_1,
    scored.reason_2,
    scored.reason_3,
    scored.reason_1_zh,
    scored.reason_2_zh,
    scored.reason_3_zh,
    scored.reason_1_code,
    scored.reason_2_code,
    scored.reason_3_code,
    'new' as status,
    scored.model_version,
    features.last_order_date,
    features.recency_days,
    features.usual_interval_days,
    features.usual_interval_basis,
    features.orders_90d,
    features.orders_prior_90d,
    features.last_score,
    features.open_complaints,
    scored.recency_points,
    scored.frequency_points,
    scored.last_score_points,
    scored.open_complaints_points
from {{ ref('int_churn_feature') }} as features
inner join scored
    on features.customer_id = scored.customer_id
left join {{ ref('churn_band') }} as bands
    on
        scored.score >= bands.lower
        and (bands.upper is null or scored.score < bands.upper)
left join {{ ref('dim_customer') }} as customers
    on
        features.customer_id = customers.customer_id
        and customers.is_current
