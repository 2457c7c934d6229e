-- One idea: a case as one row, everything about it derived from its steps up to the cut-off.
with progress as (
    select
        case_key,
        min(case when type = 'created' then happened_at end) as created_at,
        min(case when type = 'created' then happened_date end) as created_date,
        -- NULL where the beginning is not published: how long it took is then not known
        min(case when type = 'created' and time_precision <> 'unknown' then happened_at end)
            as began_at,
        min(case when type = 'replied' and actor_kind = 'human' then happened_at end)
            as first_response_at,
        max(case when is_last then state_after end) as status,
        max(case when is_last then owner_after end) as owner_unit_id,
        count(*) filter (where is_reopen) as reopens,
        count(*) filter (where is_transfer) as transfers,
        count(*) filter (where is_ping_pong) as ping_pong_returns,
        max(case when type = 'closed' then step_no end) as last_close_step,
        {{ voc.points(
            "coalesce(sum(case when state_after = 'open' and owner_after is null "
            ~ "then seconds_to_next end), 0e0) / 3600e0"
        ) }} as ownerless_hours
    from {{ ref('int_complaint_step') }}
    group by case_key
),

closings as (
    select
        case_key,
        step_no,
        happened_at,
        time_precision
    from {{ ref('int_complaint_step') }}
    where type = 'closed'
),

-- A close that was only found, at an unknown time, says that the case is over but not how fast.
resolutions as (
    select
        case_key,
        min(happened_at) as first_resolution_at,
        max(happened_at) as last_resolution_at
    from {{ ref('int_complaint_resolution') }}
    where time_precision <> 'unknown'
    group by case_key
)

select
    complaints.case_key,
    complaints.case_id,
    complaints.case_key as case_group,
    complaints.origin,
    complaints.source,
    {{ voc.person('complaints') }} as customer_id,
    complaints.unit_id,
    progress.owner_unit_id,
    complaints.channel,
    complaints.issue,
    complaints.priority,
    complaints.amount,
    complaints.appeal,
    progress.created_at,
    progress.created_date,
    progress.first_response_at,
    {{ voc.seconds_between('progress.began_at', 'progress.first_response_at') }}
        as first_response_seconds,
    resolutions.first_resolution_at,
    {{ voc.seconds_between('progress.began_at', 'resolutions.first_resolution_at') }}
        as first_resolution_seconds,
    case when progress.status <> 'open' then resolutions.last_resolution_at end
        as full_resolution_at,
    case
        when progress.status <> 'open'
            then {{ voc.seconds_between('progress.began_at', 'resolutions.last_resolution_at') }}
    end as full_resolution_seconds,
    case
        when progress.status = 'closed' and closings.time_precision <> 'unknown'
            then closings.happened_at
    end as closed_at,
    case when progress.status = 'closed' then closings.time_precision end as closed_precision,
    progress.status,
    progress.status = 'open' as is_open,
    progress.reopens,
    progress.transfers,
    progress.ping_pong_returns,
    -- who handles a public complaint is not told
    case when complaints.origin = 'case' then progress.ownerless_hours end as ownerless_hours,
    case
        when progress.status = 'open'
            then {{ voc.days_between('progress.created_date', voc.as_of()) }}
    end as age_days
from {{ ref('fct_complaint') }} as complaints
{{ voc.join_match('complaints') }}
inner join progress
    on complaints.case_key = progress.case_key
left join resolutions
    on complaints.case_key = resolutions.case_key
left join closings
    on
        progress.case_key = closings.case_key
        and progress.last_close_step = closings.step_no
