with own as (
    select
        {{ hash_key(["'case'", 'case_id']) }} as case_key,
        case_id,
        'case' as origin,
        cast(null as string) as platform,
        customer_id,
        order_id,
        unit_id,
        channel,
        cast(null as string) as region,
        issue,
        amount,
        priority,
        cast(null as string) as title,
        appeal,
        text,
        cast(null as string) as company,
        cast(null as string) as product,
        cast(null as string) as status_raw,
        cast(null as double) as rating_attitude,
        cast(null as double) as rating_process,
        cast(null as double) as rating_satisfaction,
        cast(null as string) as rating_comment,
        created_at,
        vanished_on,
        {{ lineage() | indent(8) }}
    from {{ ref('stg_cases') }}
),

{#
    A list shows the beginning of a complaint, its own page the whole of it: the longer text is it.
    The latest rated step holds the ratings that a list may not show yet.
#}
openings as (
    select
        source,
        complaint_id,
        text,
        row_number() over (
            partition by source, complaint_id
            order by length(text) desc nulls last, record_key asc nulls last
        ) as place
    from {{ ref('stg_complaint_event') }}
    where type = 'created'
),

ratings as (
    select
        source,
        complaint_id,
        rating_attitude,
        rating_process,
        rating_satisfaction,
        text,
        row_number() over (
            partition by source, complaint_id
            order by occurred_at desc nulls last, record_key asc nulls last
        ) as place
    from {{ ref('stg_complaint_event') }}
    where type = 'rated'
),

-- Where a platform doesn't publish when a complaint came, its timeline or its end tells the latest.
creations as (
    select
        source,
        case_id,
        min(occurred_at) as created_at
    from {{ ref('fct_complaint_event') }}
    where type = 'created' and origin = 'public'
    group by source, case_id
),

public_complaints as (
    select
        {{ hash_key(["'public'", 'complaints.source', 'complaints.complaint_id']) }} as case_key,
        complaints.complaint_id as case_id,
        'public' as origin,
        complaints.platform,
        cast(null as string) as customer_id,
        cast(null as string) as order_id,
        complaints.unit_id,
        {{ platform_channel('complaints', "'regulator'") }} as channel,
        coalesce(complaints.region, complaints.state) as region,
        complaints.issue,
        complaints.amount,
        cast(null as string) as priority,
        complaints.title,
        complaints.appeal,
        case
            when length(openings.text) > coalesce(length(complaints.narrative), 0) then openings.text
            else complaints.narrative
        end as text,
        complaints.company,
        complaints.product,
        complaints.status_raw,
        coalesce(ratings.rating_attitude, complaints.rating_attitude) as rating_attitude,
        coalesce(ratings.rating_process, complaints.rating_process) as rating_process,
        coalesce(ratings.rating_satisfaction, complaints.rating_satisfaction)
            as rating_satisfaction,
        coalesce(ratings.text, complaints.rating_comment) as rating_comment,
        coalesce(complaints.received_at, creations.created_at) as created_at,
        cast(null as date) as vanished_on,
        {{ lineage('complaints') | indent(8) }}
    from {{ ref('stg_complaint') }} as complaints
    {{ join_platform_channel('complaints') | indent(4) }}
    left join openings
        on
            complaints.source = openings.source
            and complaints.complaint_id = openings.complaint_id
            and openings.place = 1
    left join ratings
        on
            complaints.source = ratings.source
            and complaints.complaint_id = ratings.complaint_id
            and ratings.place = 1
    left join creations
        on
            complaints.source = creations.source
            and complaints.complaint_id = creations.case_id
    where complaints.disposition = 'current'
),

complaints as (
    select
        *,
        {{ business_date('created_at') }} as created_date,
        coalesce({{ business_date('created_at') }}, record_dt) as known_date
    from (
        select * from own
        union all
        select * from public_complaints
    ) as both_origins
),

{#
    A case is open until an event says otherwise, so its creation needs no place here: events may be
    dated before it. Two events at the same moment: a case is closed last. An event that a full
    snapshot lists no more tells nothing, unless its whole case vanished.
#}
states as (
    select
        case_key,
        type,
        vanished_on,
        row_number() over (
            partition by case_key
            order by
                case when vanished_on is null then 1 else 2 end asc nulls last,
                occurred_at desc nulls last,
                case type
                    when 'closed' then 1
                    when 'resolved' then 2
                    else 3
                end asc nulls last,
                event_key asc nulls last
        ) as place
    from {{ ref('fct_complaint_event') }}
    where type in ('resolved', 'closed', 'reopened')
)

select
    complaints.case_key,
    complaints.case_id,
    complaints.origin,
    complaints.platform,
    complaints.customer_id,
    customers.customer_key,
    complaints.order_id,
    coalesce(units.unit_id, 'unknown') as unit_id,
    complaints.unit_id as unit_id_raw,
    coalesce(channels.channel, 'unknown') as channel,
    complaints.channel as channel_raw,
    complaints.region,
    coalesce({{ member('complaints.issue') }}, 'unknown') as issue,
    complaints.amount,
    complaints.priority,
    complaints.title,
    complaints.appeal,
    complaints.text,
    complaints.company,
    complaints.product,
    complaints.created_at,
    complaints.created_date,
    case
        when states.type in ('resolved', 'closed') then states.type
        else 'open'
    end as current_status,
    complaints.status_raw,
    complaints.rating_attitude,
    complaints.rating_process,
    complaints.rating_satisfaction,
    complaints.rating_comment,
    coalesce(item_states.state, 'shown') as visibility,
    complaints.vanished_on,
    {{ lineage('complaints') | indent(4) }}
from complaints
left join states
    on
        complaints.case_key = states.case_key
        and states.place = 1
        and (states.vanished_on is null or complaints.vanished_on is not null)
left join {{ ref('dim_channel') }} as channels on complaints.channel = channels.channel
{{ join_item_state('complaints', 'complaint', 'case_id') }}
{{ join_matched_customer('complaints', 'known_date') }}
{{ join_unit('complaints', 'known_date') }}
