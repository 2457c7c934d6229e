{{ config(schema='intermediate', contract={'enforced': false}) }}

-- One idea: every case told as numbered steps, with its state and owner before and after each.
-- Only events before the cut-off exist, and none that a full snapshot lists no more. An event dated
-- before its case's creation (clocks differ) counts as of the creation, after it and in its own place
-- among the others. Steps at one moment keep the order of type_order: a case is created before it is
-- resolved, and closed last.
with creations as (
    select
        case_key,
        min(occurred_at) as created_at,
        min(occurred_date) as created_date
    from {{ ref('fct_complaint_event') }}
    where
        type = 'created'
        and occurred_at < {{ voc.cutoff() }}
        and vanished_on is null
    group by case_key
),

events as (
    select
        events.case_key,
        events.event_key,
        events.type,
        events.actor_kind,
        events.owner_unit_id,
        events.time_precision,
        events.occurred_at,
        greatest(events.occurred_at, creations.created_at) as happened_at,
        greatest(events.occurred_date, creations.created_date) as happened_date,
        case events.type
            when 'created' then 1
            when 'assigned' then 2
            when 'transferred' then 3
            when 'replied' then 4
            when 'reopened' then 5
            when 'resolved' then 6
            when 'closed' then 7
            else 8
        end as type_order,
        row_number() over (
            partition by events.case_key, events.type
            order by events.occurred_at asc nulls last, events.event_key asc nulls last
        ) as place_in_type
    from {{ ref('fct_complaint_event') }} as events
    inner join creations
        on events.case_key = creations.case_key
    where events.occurred_at < {{ voc.cutoff() }} and events.vanished_on is null
),

-- A case is created once; a second 'created' says nothing new.
numbered as (
    select
        *,
        row_number() over (
            partition by case_key
            order by
                happened_at asc nulls last,
                case when type = 'created' then 0 else 1 end asc nulls last,
                occurred_at asc nulls last,
                type_order asc nulls last,
                event_key asc nulls last
        ) as step_no,
        case
            when type in ('created', 'reopened') then 'open'
            when type in ('resolved', 'closed') then type
        end as state_named,
        owner_unit_id is not null or type in ('assigned', 'transferred') as says_who_owns
    from events
    where type <> 'created' or place_in_type = 1
),

-- State and owner hold until an event says otherwise: each such event begins a stretch.
stretches as (
    select
        *,
        sum(case when state_named is not null then 1 else 0 end) over (
            partition by case_key order by step_no asc nulls last
            rows between unbounded preceding and current row
        ) as state_stretch,
        sum(case when says_who_owns then 1 else 0 end) over (
            partition by case_key order by step_no asc nulls last
            rows between unbounded preceding and current row
        ) as owner_stretch
    from numbered
),

carried as (
    select
        *,
        max(state_named) over (partition by case_key, state_stretch) as state_after,
        max(owner_unit_id) over (partition by case_key, owner_stretch) as owner_after,
        lag(owner_unit_id) over (
            partition by case_key, owner_unit_id is null order by step_no asc nulls last
        ) as owner_named_before,
        row_number() over (
            partition by case_key, owner_unit_id order by step_no asc nulls last
        ) as place_in_owner,
        lead(happened_at) over (
            partition by case_key order by step_no asc nulls last
        ) as next_happened_at
    from stretches
),

compared as (
    select
        *,
        lag(state_after) over (partition by case_key order by step_no asc nulls last)
            as state_before,
        owner_unit_id is not null
        and owner_named_before is not null
        and owner_unit_id <> owner_named_before as is_transfer
    from carried
)

select
    case_key,
    event_key,
    step_no,
    type,
    actor_kind,
    happened_at,
    happened_date,
    time_precision,
    state_before,
    state_after,
    owner_after,
    state_after = 'open' and coalesce(state_before, 'none') <> 'open' as enters_open,
    coalesce(state_before, 'none') = 'open' and state_after <> 'open' as leaves_open,
    type = 'reopened' and coalesce(state_before, 'open') <> 'open' as is_reopen,
    is_transfer,
    is_transfer and place_in_owner > 1 as is_ping_pong,
    next_happened_at is null as is_last,
    {{ voc.seconds_between(
        'happened_at', 'coalesce(next_happened_at, ' ~ voc.cutoff() ~ ')'
    ) }} as seconds_to_next,
    cast(sum(
        case when state_after = 'open' and coalesce(state_before, 'none') <> 'open' then 1 else 0 end
    ) over (
        partition by case_key order by step_no asc nulls last
        rows between unbounded preceding and current row
    ) as bigint) as spell_no
from compared
