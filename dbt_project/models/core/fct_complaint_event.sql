with reported as (
    select
        {{ hash_key(["'own'", 'event_id']) }} as event_key,
        {{ hash_key(["'case'", 'case_id']) }} as case_key,
        case_id,
        type,
        occurred_at,
        actor_kind,
        owner_unit_id,
        false as is_derived,
        'exact' as time_precision,
        {{ lineage() | indent(8) }}
    from {{ ref('stg_case_events') }}
),

cases_without_created as (
    select
        {{ hash_key(["'derived'", "'case'", 'cases.case_id', "'created'"]) }} as event_key,
        {{ hash_key(["'case'", 'cases.case_id']) }} as case_key,
        cases.case_id,
        'created' as type,
        cases.created_at as occurred_at,
        'system' as actor_kind,
        cast(null as string) as owner_unit_id,
        true as is_derived,
        'exact' as time_precision,
        {{ lineage('cases') | indent(8) }}
    from {{ ref('stg_cases') }} as cases
    where not exists (
        select 1
        from reported
        where reported.case_id = cases.case_id and reported.type = 'created'
    )
),

complaints as (
    select *
    from {{ ref('stg_complaint') }}
    where disposition = 'current'
),

public_states as (
    select
        complaints.*,
        'created' as type,
        complaints.received_at as occurred_at,
        'exact' as time_precision
    from complaints
    where complaints.received_at is not null

    union all

    select
        complaints.*,
        'assigned' as type,
        complaints.sent_to_company_at as occurred_at,
        'exact' as time_precision
    from complaints
    where complaints.sent_to_company_at is not null

    union all

    select
        complaints.*,
        'closed' as type,
        closings.closed_at as occurred_at,
        closings.time_precision
    from complaints
    inner join {{ ref('int_complaint_closings') }} as closings
        on
            complaints.source = closings.source
            and complaints.complaint_id = closings.complaint_id
    where closings.closed_at is not null
),

public_events as (
    select
        {{ hash_key(["'derived'", "'public'", 'source', 'complaint_id', 'type']) }} as event_key,
        {{ hash_key(["'public'", 'source', 'complaint_id']) }} as case_key,
        complaint_id as case_id,
        type,
        occurred_at,
        'system' as actor_kind,
        cast(null as string) as owner_unit_id,
        true as is_derived,
        time_precision,
        {{ lineage() | indent(8) }}
    from public_states
),

events as (
    select * from reported
    union all
    select * from cases_without_created
    union all
    select * from public_events
)

select
    event_key,
    case_key,
    case_id,
    type,
    occurred_at,
    {{ business_date('occurred_at') }} as occurred_date,
    actor_kind,
    owner_unit_id,
    is_derived,
    time_precision,
    {{ lineage() | indent(4) }}
from events
