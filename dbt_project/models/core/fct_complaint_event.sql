with own_events as (
    select
        {{ hash_key(["'own'", 'events.event_id']) }} as event_key,
        {{ hash_key(["'case'", 'events.case_id']) }} as case_key,
        events.case_id,
        'case' as origin,
        events.type,
        cast(null as string) as type_raw,
        events.occurred_at,
        events.actor_kind,
        events.owner_unit_id,
        cast(null as string) as text,
        cast(null as double) as rating_attitude,
        cast(null as double) as rating_process,
        cast(null as double) as rating_satisfaction,
        false as is_derived,
        'exact' as time_precision,
        coalesce(events.vanished_on, cases.vanished_on) as vanished_on,
        {{ lineage('events') | indent(8) }}
    from {{ ref('stg_case_events') }} as events
    left join {{ ref('stg_cases') }} as cases on events.case_id = cases.case_id
),

public_events as (
    select
        {{ hash_key(["'public'", 'source', 'event_id']) }} as event_key,
        {{ hash_key(["'public'", 'source', 'complaint_id']) }} as case_key,
        complaint_id as case_id,
        'public' as origin,
        type,
        type_raw,
        occurred_at,
        coalesce(actor_kind, 'unknown') as actor_kind,
        cast(null as string) as owner_unit_id,
        text,
        rating_attitude,
        rating_process,
        rating_satisfaction,
        false as is_derived,
        case when event_precision = 'day' then 'day' else 'exact' end as time_precision,
        cast(null as date) as vanished_on,
        {{ lineage() | indent(8) }}
    from {{ ref('stg_complaint_event') }}
),

cases_without_created as (
    select
        {{ hash_key(["'derived'", "'case'", 'cases.case_id', "'created'"]) }} as event_key,
        {{ hash_key(["'case'", 'cases.case_id']) }} as case_key,
        cases.case_id,
        'case' as origin,
        'created' as type,
        cases.created_at as occurred_at,
        'exact' as time_precision,
        cases.vanished_on,
        {{ lineage('cases') | indent(8) }}
    from {{ ref('stg_cases') }} as cases
    where not exists (
        select 1
        from own_events
        where
            own_events.case_id = cases.case_id
            and own_events.type = 'created'
            and (own_events.vanished_on is null or cases.vanished_on is not null)
    )
),

-- Some platforms publish how complaints ended and not when they came: known_at is the latest moment
-- at which such a complaint was there.
complaints as (
    select
        *,
        {{ hash_key(["'public'", 'source', 'complaint_id']) }} as case_key,
        coalesce(
            least(sent_to_company_at, replied_at, closed_at, updated_at),
            {{ start_of_day('first_dt') }}
        ) as known_at
    from (
        select
            *,
            min(record_dt) over (partition by source, complaint_id) as first_dt
        from {{ ref('stg_complaint') }}
    ) as versions
    where disposition = 'current'
),

public_states as (
    select
        complaints.*,
        'created' as type,
        coalesce(complaints.received_at, complaints.known_at) as began_at,
        case when complaints.received_at is null then 'unknown' else 'exact' end as time_precision
    from complaints

    union all

    select
        complaints.*,
        'assigned' as type,
        complaints.sent_to_company_at as began_at,
        'exact' as time_precision
    from complaints
    where complaints.sent_to_company_at is not null

    union all

    select
        complaints.*,
        states.type,
        states.began_at,
        states.time_precision
    from complaints
    inner join {{ ref('int_complaint_state') }} as states
        on
            complaints.source = states.source
            and complaints.complaint_id = states.complaint_id
),

-- What a platform's own timeline tells needs no deriving. An ending that it told before it told of
-- a reopening is over: if the state shows an ending again, that is another one.
reopenings as (
    select
        case_key,
        max(occurred_at) as reopened_at
    from public_events
    where type = 'reopened'
    group by case_key
),

told as (
    select distinct
        public_events.case_key,
        public_events.type
    from public_events
    left join reopenings on public_events.case_key = reopenings.case_key
    where
        public_events.type not in ('resolved', 'closed')
        or reopenings.reopened_at is null
        or public_events.occurred_at > reopenings.reopened_at
),

states_untold as (
    select
        {{ hash_key(["'derived'", "'public'", 'source', 'complaint_id', 'type']) }} as event_key,
        case_key,
        complaint_id as case_id,
        'public' as origin,
        type,
        began_at as occurred_at,
        time_precision,
        cast(null as date) as vanished_on,
        {{ lineage() | indent(8) }}
    from public_states
    where not exists (
        select 1
        from told
        where told.case_key = public_states.case_key and told.type = public_states.type
    )
),

derived as (
    select
        event_key,
        case_key,
        case_id,
        origin,
        type,
        cast(null as string) as type_raw,
        occurred_at,
        'system' as actor_kind,
        cast(null as string) as owner_unit_id,
        cast(null as string) as text,
        cast(null as double) as rating_attitude,
        cast(null as double) as rating_process,
        cast(null as double) as rating_satisfaction,
        true as is_derived,
        time_precision,
        vanished_on,
        {{ lineage() | indent(8) }}
    from (
        select * from cases_without_created
        union all
        select * from states_untold
    ) as both_origins
),

events as (
    select * from own_events
    union all
    select * from public_events
    union all
    select * from derived
)

select
    event_key,
    case_key,
    case_id,
    origin,
    type,
    type_raw,
    occurred_at,
    {{ business_date('occurred_at') }} as occurred_date,
    actor_kind,
    owner_unit_id,
    text,
    rating_attitude,
    rating_process,
    rating_satisfaction,
    is_derived,
    time_precision,
    vanished_on,
    {{ lineage() | indent(4) }}
from events
