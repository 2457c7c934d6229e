with known as (
    select distinct customer_id
    from {{ ref('dim_customer') }}
),

links as (
    select
        declared.*,
        {{ business_date('declared.occurred_at') }} as occurred_date,
        -- that two customers are one can be said either way round; whose an outside id is, cannot
        case
            when declared.system = '' then least(declared.customer_id, declared.other_id)
            else declared.customer_id
        end as one_id,
        case
            when declared.system = '' then greatest(declared.customer_id, declared.other_id)
            else declared.other_id
        end as two_id,
        case
            when declared.vanished_on is not null then 'vanished'
            when declared.kind not in ('merge', 'unmerge') then 'unknown_kind'
            when declared.system = '' and declared.customer_id = declared.other_id then 'itself'
            when declared.kind = 'merge' and known.customer_id is null then 'unknown_customer'
        end as fault
    from {{ ref('stg_customer_links') }} as declared
    left join known
        on declared.customer_id = known.customer_id
),

-- A day has one outcome: what was said last on it.
placed as (
    select
        *,
        case when kind = 'merge' then customer_id end as survivor_id,
        row_number() over (
            partition by system, one_id, two_id, occurred_date, fault
            order by occurred_at desc nulls last, record_dt desc nulls last, record_key desc nulls last
        ) as place_from_last
    from links
),

compared as (
    select
        record_key,
        system,
        one_id,
        two_id,
        occurred_date,
        survivor_id,
        lag(survivor_id) over (
            partition by system, one_id, two_id order by occurred_date asc nulls last
        ) as survivor_before
    from placed
    where fault is null and place_from_last = 1
),

changes as (
    select
        record_key,
        case when survivor_id is not null then 'joins' else 'parts' end as effect,
        occurred_date as valid_from,
        lead(occurred_date) over (
            partition by system, one_id, two_id order by occurred_date asc nulls last
        ) as next_from
    from compared
    where survivor_id is distinct from survivor_before
)

select
    {{ hash_key(['placed.source', 'placed.record_key']) }} as link_key,
    placed.customer_id,
    placed.other_id,
    placed.system,
    placed.kind,
    placed.occurred_at,
    placed.occurred_date,
    case
        when placed.fault is not null then placed.fault
        when placed.place_from_last > 1 then 'overtaken'
        when changes.effect is not null then changes.effect
        when placed.kind = 'merge' then 'repeats'
        else 'nothing_to_part'
    end as effect,
    case when changes.effect = 'joins' then changes.valid_from end as valid_from,
    case when changes.effect = 'joins' then coalesce(changes.next_from, {{ last_day() }}) end
        as valid_to,
    {{ lineage('placed') | indent(4) }}
from placed
left join changes
    on placed.record_key = changes.record_key
