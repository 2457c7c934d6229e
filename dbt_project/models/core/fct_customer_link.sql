{#-
    On each day, the last word among the declarations in force decides whether two ids are one. A
    declaration is in force from its own day on. Full snapshots end it on the night that misses it,
    and begin it anew when it is listed again.
-#}
with known as (
    select distinct customer_id
    from {{ ref('dim_customer') }}
),

versions as (
    select
        *,
        row_number() over (
            partition by record_key order by version_no asc nulls last
        ) as place,
        row_number() over (
            partition by record_key order by version_no desc nulls last
        ) as place_from_last,
        lag(vanished_on) over (
            partition by record_key order by version_no asc nulls last
        ) as missed_before
    from {{ ref('stg_customer_links') }}
),

turns as (
    select
        record_key,
        record_dt,
        place,
        vanished_on,
        lead(record_dt) over (partition by record_key order by place asc nulls last) as ends_on
    from versions
    where place = 1 or (vanished_on is null) <> (missed_before is null)
),

listed as (
    select
        record_key,
        case when place = 1 then {{ first_day() }} else record_dt end as listed_from,
        coalesce(ends_on, {{ last_day() }}) as listed_to
    from turns
    where vanished_on is null
),

links as (
    select
        declared.*,
        {{ business_date('declared.occurred_at') }} as occurred_date,
        case when declared.kind = 'merge' then declared.customer_id end as survivor_id,
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
            when declared.kind not in ('merge', 'unmerge') then 'unknown_kind'
            when declared.system = '' and declared.customer_id = declared.other_id then 'itself'
            when declared.kind = 'merge' and known.customer_id is null then 'unknown_customer'
        end as fault
    from versions as declared
    left join known
        on declared.customer_id = known.customer_id
    where declared.place_from_last = 1
),

in_force as (
    select
        links.record_key,
        links.system,
        links.one_id,
        links.two_id,
        links.occurred_at,
        links.record_dt,
        links.survivor_id,
        greatest(links.occurred_date, listed.listed_from) as in_force_from,
        listed.listed_to as in_force_to
    from links
    inner join listed
        on links.record_key = listed.record_key
    where links.fault is null and links.occurred_date < listed.listed_to
),

days as (
    select
        system,
        one_id,
        two_id,
        in_force_from as day
    from in_force
    union
    select
        system,
        one_id,
        two_id,
        in_force_to as day
    from in_force
),

said as (
    select
        days.system,
        days.one_id,
        days.two_id,
        days.day,
        in_force.record_key,
        in_force.survivor_id,
        row_number() over (
            partition by days.system, days.one_id, days.two_id, days.day
            order by
                in_force.occurred_at desc nulls last,
                in_force.record_dt desc nulls last,
                in_force.record_key desc nulls last
        ) as place_from_last
    from days
    left join in_force
        on
            days.system = in_force.system
            and days.one_id = in_force.one_id
            and days.two_id = in_force.two_id
            and days.day >= in_force.in_force_from
            and days.day < in_force.in_force_to
),

decided as (
    select
        *,
        lag(survivor_id) over (
            partition by system, one_id, two_id order by day asc nulls last
        ) as survivor_before
    from said
    where place_from_last = 1
),

changes as (
    select
        record_key,
        survivor_id,
        day as valid_from,
        lead(day) over (
            partition by system, one_id, two_id order by day asc nulls last
        ) as valid_to
    from decided
    where survivor_id is distinct from survivor_before
),

outcomes as (
    select
        record_key,
        max(case when place_from_last = 1 then 1 else 0 end) as has_decided
    from said
    group by record_key
),

parting as (
    select distinct record_key
    from changes
    where survivor_id is null
),

joining as (
    select
        record_key,
        valid_from,
        valid_to,
        row_number() over (
            partition by record_key order by valid_from asc nulls last
        ) as span_no
    from changes
    where survivor_id is not null
)

select
    {{ hash_key(['links.source', 'links.record_key', 'joining.valid_from']) }} as link_key,
    links.customer_id,
    links.other_id,
    links.system,
    links.kind,
    links.occurred_at,
    links.occurred_date,
    case
        when links.fault is not null then links.fault
        when joining.record_key is not null then 'joins'
        when parting.record_key is not null then 'parts'
        when outcomes.record_key is null then 'vanished'
        when outcomes.has_decided = 0 then 'overtaken'
        when links.kind = 'merge' then 'repeats'
        else 'nothing_to_part'
    end as effect,
    coalesce(joining.span_no, 1) as span_no,
    joining.valid_from,
    joining.valid_to,
    links.vanished_on,
    {{ lineage('links') | indent(4) }}
from links
left join joining
    on links.record_key = joining.record_key
left join parting
    on links.record_key = parting.record_key
left join outcomes
    on links.record_key = outcomes.record_key
