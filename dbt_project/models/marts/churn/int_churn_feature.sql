{{ config(schema='intermediate', contract={'enforced': false}) }}

-- One idea: what is known of every active customer at the end of as_of, and nothing later.
with order_days as (
    select
        customer_id,
        ordered_date,
        count(*) as orders
    from {{ ref('int_counted_order') }}
    group by customer_id, ordered_date
),

gaps as (
    select
        customer_id,
        {{ voc.days_between('previous_date', 'ordered_date') }} as gap_days
    from (
        select
            customer_id,
            ordered_date,
            lag(ordered_date) over (
                partition by customer_id order by ordered_date asc nulls last
            ) as previous_date
        from order_days
    ) as followed
),

own_intervals as (
    select
        customer_id,
        cast(median(gap_days) as double) as interval_days
    from gaps
    where gap_days is not null
    group by customer_id
    having count(*) >= {{ voc.churn_fewest_gaps() }}
),

-- Who has ordered too rarely for an interval of their own is held against the typical customer's.
typical_interval as (
    select
        coalesce(cast(median(interval_days) as double), {{ voc.churn_fallback_interval() }})
            as interval_days
    from own_intervals
),

activity as (
    select
        customer_id,
        max(ordered_date) as last_order_date,
        {{ voc.whole_sum(
            'case when ordered_date > ' ~ voc.days_before_as_of(voc.churn_recent_days())
            ~ ' then orders else 0 end'
        ) }} as orders_90d,
        {{ voc.whole_sum(
            'case when ordered_date <= ' ~ voc.days_before_as_of(voc.churn_recent_days())
            ~ ' and ordered_date > ' ~ voc.days_before_as_of(voc.churn_active_days())
            ~ ' then orders else 0 end'
        ) }} as orders_prior_90d
    from order_days
    group by customer_id
    having max(ordered_date) > {{ voc.days_before_as_of(voc.churn_active_days()) }}
),

scores as (
    select
        {{ voc.person('responses') }} as customer_id,
        responses.score,
        row_number() over (
            partition by {{ voc.person('responses') }}
            order by responses.submitted_at desc nulls last, responses.response_key desc nulls last
        ) as place_from_latest
    from {{ ref('fct_survey_response') }} as responses
    {{ voc.join_match('responses') }}
    where
        {{ voc.person('responses') }} is not null
        and responses.score is not null
        and responses.response_status = 'complete'
        and responses.submitted_at < {{ voc.cutoff() }}
),

complaints as (
    select
        customer_id,
        count(*) as open_complaints
    from {{ ref('complaint_case') }}
    where
        is_open
        and customer_id is not null
        and created_date > {{ voc.days_before_as_of(voc.churn_recent_days()) }}
    group by customer_id
)

select
    activity.customer_id,
    activity.last_order_date,
    {{ voc.days_between('activity.last_order_date', voc.as_of()) }} as recency_days,
    coalesce(own_intervals.interval_days, typical_interval.interval_days) as usual_interval_days,
    case when own_intervals.interval_days is not null then 'own' else 'all_customers' end
        as usual_interval_basis,
    activity.orders_90d,
    activity.orders_prior_90d,
    cast(scores.score as bigint) as last_score,
    coalesce(complaints.open_complaints, 0) as open_complaints
from activity
cross join typical_interval
left join own_intervals
    on activity.customer_id = own_intervals.customer_id
left join scores
    on activity.customer_id = scores.customer_id and scores.place_from_latest = 1
left join complaints
    on activity.customer_id = complaints.customer_id
