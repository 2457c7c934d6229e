{#-
    METRICS.md, "Score integrity": evidence beside the answer, never a deletion. Only complete
    forms are judged. Rules (rule_version 1):
    speeder           duration below half the median duration of the survey's complete forms
    straight_lining   four or more scale items (roles driver:… and scale:…), all the same number
    duplicate_device  another form of the same survey and unit from the same device within 24 hours;
                      every form of the group is flagged, because which one is honest isn't known.
                      Where the unit is unknown the rule can't be sure: severity info.
-#}
with responses as (
    select *
    from {{ ref('fct_survey_response') }}
    where response_status = 'complete'
),

typical as (
    select
        survey_id,
        cast(median(duration_seconds) as double) as median_seconds,
        count(*) as forms
    from responses
    where duration_seconds is not null
    group by survey_id
),

speeders as (
    select
        responses.response_key,
        'speeder' as flag,
        'default' as severity,
        'answered in ' || cast(cast(round(responses.duration_seconds) as bigint) as string)
        || ' s; the median of ' || cast(typical.forms as string) || ' forms is '
        || cast(cast(round(typical.median_seconds) as bigint) as string) || ' s' as evidence
    from responses
    inner join typical on responses.survey_id = typical.survey_id
    where responses.duration_seconds < typical.median_seconds / 2
),

scale_items as (
    select
        response_key,
        count(*) as items,
        min(answer_number) as lowest,
        max(answer_number) as highest
    from {{ ref('fct_survey_answer') }}
    where
        answer_number is not null
        and split_part(role, ':', 1) in ('driver', 'scale')
    group by response_key
),

straight_liners as (
    select
        responses.response_key,
        'straight_lining' as flag,
        'default' as severity,
        cast(scale_items.items as string) || ' scale items, all answered '
        || cast(cast(scale_items.lowest as decimal(18, 2)) as string) as evidence
    from responses
    inner join scale_items on responses.response_key = scale_items.response_key
    where scale_items.items >= 4 and scale_items.lowest = scale_items.highest
),

device_neighbours as (
    select
        response_key,
        unit_id,
        submitted_at,
        lag(submitted_at) over (
            partition by survey_id, unit_id, device_hash
            order by submitted_at nulls last, response_key nulls last
        ) as previous_at,
        lead(submitted_at) over (
            partition by survey_id, unit_id, device_hash
            order by submitted_at nulls last, response_key nulls last
        ) as next_at
    from responses
    where device_hash is not null and submitted_at is not null
),

device_gaps as (
    select
        response_key,
        unit_id,
        least(
            coalesce({{ seconds_between('previous_at', 'submitted_at') }}, 1e12),
            coalesce({{ seconds_between('submitted_at', 'next_at') }}, 1e12)
        ) as nearest_seconds
    from device_neighbours
),

duplicate_devices as (
    select
        response_key,
        'duplicate_device' as flag,
        case when unit_id = 'unknown' then 'info' else 'default' end as severity,
        'the same device answered for this unit '
        || cast(cast(round(nearest_seconds) as bigint) as string) || ' s before or after' as evidence
    from device_gaps
    where nearest_seconds < 86400
),

flags as (
    select * from speeders
    union all
    select * from straight_liners
    union all
    select * from duplicate_devices
)

select
    flags.response_key,
    responses.survey_id,
    responses.unit_id,
    responses.submitted_date,
    flags.flag,
    flags.severity,
    flags.evidence,
    '1' as rule_version
from flags
inner join responses on flags.response_key = responses.response_key
