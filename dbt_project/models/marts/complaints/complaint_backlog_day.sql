-- One idea: how many cases are open at the end of each local day, and how old they are.
with open_at_day_end as (
    select
        days.date_day,
        spells.unit_id,
        {{ voc.complaint_age_bucket(dbt.datediff('spells.created_date', 'days.date_day', 'day')) }}
            as age_bucket,
        count(*) as open_cases
    from {{ ref('int_complaint_spell') }} as spells
    inner join {{ ref('dim_date') }} as days
        on
            spells.entered_date <= days.date_day
            and (spells.left_date is null or spells.left_date > days.date_day)
    where days.date_day <= {{ voc.as_of() }}
    group by 1, 2, 3
),

units_with_backlog as (
    select distinct
        date_day,
        unit_id
    from open_at_day_end
),

buckets as (
    select
        listed.age_bucket,
        listed.age_order
    from (
        values
        {%- for bucket in voc.complaint_age_buckets() %}
            ('{{ bucket }}', {{ loop.index }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as listed (age_bucket, age_order)
)

select
    units_with_backlog.date_day,
    units_with_backlog.unit_id,
    buckets.age_bucket,
    cast(buckets.age_order as bigint) as age_order,
    coalesce(open_at_day_end.open_cases, 0) as open_cases
from units_with_backlog
cross join buckets
left join open_at_day_end
    on
        units_with_backlog.date_day = open_at_day_end.date_day
        and units_with_backlog.unit_id = open_at_day_end.unit_id
        and buckets.age_bucket = open_at_day_end.age_bucket
