with own as (
    select
        {{ hash_key(["'case'", 'case_id']) }} as case_key,
        case_id,
        'case' as origin,
        customer_id,
        order_id,
        unit_id,
        channel,
        issue,
        amount,
        priority,
        appeal,
        text,
        cast(null as string) as company,
        cast(null as string) as product,
        created_at,
        {{ lineage() | indent(8) }}
    from {{ ref('stg_cases') }}
),

public_complaints as (
    select
        {{ hash_key(["'public'", 'source', 'complaint_id']) }} as case_key,
        complaint_id as case_id,
        'public' as origin,
        cast(null as string) as customer_id,
        cast(null as string) as order_id,
        unit_id,
        'regulator' as channel,
        issue,
        cast(null as double) as amount,
        cast(null as string) as priority,
        cast(null as string) as appeal,
        narrative as text,
        company,
        product,
        received_at as created_at,
        {{ lineage() | indent(8) }}
    from {{ ref('stg_complaint') }}
    where disposition = 'current'
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
    dated before it. Two events at the same moment: a case is closed last.
#}
states as (
    select
        case_key,
        type,
        row_number() over (
            partition by case_key
            order by
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
    complaints.customer_id,
    customers.customer_key,
    complaints.order_id,
    coalesce(units.unit_id, 'unknown') as unit_id,
    complaints.unit_id as unit_id_raw,
    coalesce(channels.channel, 'unknown') as channel,
    complaints.channel as channel_raw,
    coalesce({{ member('complaints.issue') }}, 'unknown') as issue,
    complaints.amount,
    complaints.priority,
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
    {{ lineage('complaints') | indent(4) }}
from complaints
left join states on complaints.case_key = states.case_key and states.place = 1
left join {{ ref('dim_channel') }} as channels on complaints.channel = channels.channel
{{ join_customer('complaints', 'known_date') }}
{{ join_unit('complaints', 'known_date') }}
