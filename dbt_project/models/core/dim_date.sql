{#- One row per day needs a list of numbers; four digits reach from 2020 to 2047. -#}
with digits as (
    select numbers.digit
    from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as numbers (digit)
),

offsets as (
    select a.digit + 10 * b.digit + 100 * c.digit + 1000 * d.digit as days_on
    from digits as a
    cross join digits as b
    cross join digits as c
    cross join digits as d
),

days as (
    select cast({{ dbt.dateadd('day', 'days_on', "cast('2020-01-01' as date)") }} as date) as date_day
    from offsets
)

select
    date_day,
    cast(extract(year from date_day) as integer) as year,
    cast(extract(quarter from date_day) as integer) as quarter,
    cast(extract(month from date_day) as integer) as month,
    cast(date_trunc('week', date_day) as date) as week_start,
    {{ iso_weekday('date_day') }} as iso_weekday,
    {{ iso_weekday('date_day') }} <= 5 as is_workday,
    'weekdays-1' as calendar_version
from days
where date_day <= {{ dbt.dateadd('day', 31, as_of()) }}
