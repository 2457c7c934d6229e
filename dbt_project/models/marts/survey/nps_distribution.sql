-- One idea: the whole distribution of scores, as counts that can be added up over days and units.
select
    period_start as date_day,
    unit_id,
    touchpoint_id,
    score,
    count(*) as responses
from {{ ref('int_nps_answer') }}
where
    period_grain = 'day'
    and score is not null
group by 1, 2, 3, 4
