{#-
    Two views of the same identifier: whom it led to on a day, and who that is as known on as_of,
    when merges were declared and taken back since.
-#}
with survivors_now as (
    select
        system,
        identifier_value,
        survivor_id
    from {{ ref('int_customer_survivor') }}
    where {{ as_of() }} >= valid_from and {{ as_of() }} < valid_to
),

-- Who a customer is: the merged ones by spans, all others themselves for ever.
people as (
    select
        owners.identifier_kind,
        '' as system,
        owners.identifier_value,
        owners.customer_id as named_customer_id,
        case
            when spans.identifier_value is null then owners.customer_id
            else spans.survivor_id
        end as survivor_then,
        case
            when now.identifier_value is null then owners.customer_id
            else now.survivor_id
        end as survivor_now,
        greatest(owners.valid_from, coalesce(spans.valid_from, owners.valid_from)) as valid_from,
        least(owners.valid_to, coalesce(spans.valid_to, owners.valid_to)) as valid_to
    from {{ ref('int_identifier_owner') }} as owners
    left join {{ ref('int_customer_survivor') }} as spans
        on
            owners.customer_id = spans.identifier_value
            and spans.system = ''
            and owners.valid_from < spans.valid_to
            and owners.valid_to > spans.valid_from
    left join survivors_now as now
        on
            owners.customer_id = now.identifier_value
            and now.system = ''
),

-- Ids that only links know, such as another system's.
outsiders as (
    select
        'customer_id' as identifier_kind,
        spans.system,
        spans.identifier_value,
        cast(null as string) as named_customer_id,
        spans.survivor_id as survivor_then,
        now.survivor_id as survivor_now,
        spans.valid_from,
        spans.valid_to
    from {{ ref('int_customer_survivor') }} as spans
    inner join survivors_now as now
        on
            spans.system = now.system
            and spans.identifier_value = now.identifier_value
    where not exists (
        select 1
        from {{ ref('int_identifier_owner') }} as owners
        where
            owners.identifier_kind = 'customer_id'
            and spans.system = ''
            and spans.identifier_value = owners.identifier_value
    )
),

leads as (
    select * from people
    union all
    select * from outsiders
),

days as (
    select
        identifier_kind,
        system,
        identifier_value,
        valid_from as day
    from leads
    union
    select
        identifier_kind,
        system,
        identifier_value,
        valid_to as day
    from leads
),

spans as (
    select
        identifier_kind,
        system,
        identifier_value,
        day as valid_from,
        lead(day) over (
            partition by identifier_kind, system, identifier_value order by day asc nulls last
        ) as valid_to
    from days
),

counted as (
    select
        spans.identifier_kind,
        spans.system,
        spans.identifier_value,
        spans.valid_from,
        spans.valid_to,
        count(distinct leads.named_customer_id) as owners,
        min(leads.named_customer_id) as owner_id,
        count(distinct leads.survivor_then) as candidates_then,
        min(leads.survivor_then) as survivor_then,
        count(distinct leads.survivor_now) as candidates,
        min(leads.survivor_now) as survivor_now
    from spans
    inner join leads
        on
            spans.identifier_kind = leads.identifier_kind
            and spans.system = leads.system
            and spans.identifier_value = leads.identifier_value
            and spans.valid_from >= leads.valid_from
            and spans.valid_to <= leads.valid_to
    group by
        spans.identifier_kind,
        spans.system,
        spans.identifier_value,
        spans.valid_from,
        spans.valid_to
),

resolved as (
    select
        identifier_kind,
        system,
        identifier_value,
        valid_from,
        valid_to,
        candidates,
        candidates_then,
        case when owners = 1 then owner_id end as named_customer_id,
        case when candidates_then = 1 then survivor_then end as customer_id_then,
        case when candidates = 1 then survivor_now end as customer_id
    from counted
    where candidates > 0 or candidates_then > 0
),

-- Neighbouring spans that say the same are one.
compared as (
    select
        *,
        {{ hash_key([
            'named_customer_id', 'customer_id_then', 'customer_id', 'candidates', 'candidates_then'
        ]) }} as says,
        lag(valid_to) over (
            partition by identifier_kind, system, identifier_value
            order by valid_from asc nulls last
        ) as previous_end
    from resolved
),

numbered as (
    select
        *,
        case
            when
                previous_end = valid_from
                and says = lag(says) over (
                    partition by identifier_kind, system, identifier_value
                    order by valid_from asc nulls last
                )
                then 0
            else 1
        end as is_begun
    from compared
),

placed as (
    select
        *,
        sum(is_begun) over (
            partition by identifier_kind, system, identifier_value
            order by valid_from asc nulls last
            rows between unbounded preceding and current row
        ) as spell
    from numbered
),

joined as (
    select
        identifier_kind,
        system,
        identifier_value,
        named_customer_id,
        customer_id_then,
        customer_id,
        candidates,
        candidates_then,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to,
        case
            when identifier_kind <> 'customer_id' then identifier_kind
            when system = '' and identifier_value = coalesce(customer_id, customer_id_then)
                then 'declared_id'
            else 'declared_link'
        end as method
    from placed
    group by
        identifier_kind,
        system,
        identifier_value,
        named_customer_id,
        customer_id_then,
        customer_id,
        candidates,
        candidates_then,
        spell
)

select
    {{ hash_key([
        'joined.identifier_kind', 'joined.system', 'joined.identifier_value', 'joined.valid_from'
    ]) }} as identity_key,
    joined.identifier_kind,
    joined.system,
    joined.identifier_value,
    joined.valid_from,
    joined.valid_to,
    {{ as_of() }} >= joined.valid_from and {{ as_of() }} < joined.valid_to as is_current,
    joined.customer_id,
    joined.customer_id_then,
    joined.named_customer_id,
    joined.method,
    methods.confidence,
    joined.candidates,
    joined.candidates_then,
    joined.candidates > 1 as is_ambiguous
from joined
inner join {{ ref('identity_method') }} as methods
    on joined.method = methods.method
