{#-
    A phone or mail is with a customer for as long as the customer's versions show it. Whoever it
    was first seen with is taken to have had it before.
-#}
with shown as (
    {%- for kind in ['phone', 'email'] %}
        select
            '{{ kind }}' as identifier_kind,
            {{ kind }}_hash as identifier_value,
            customer_id,
            record_dt as seen_from,
            valid_from,
            valid_to
        from {{ ref('dim_customer') }}
        where {{ kind }}_hash is not null
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

begun as (
    select
        *,
        case
            when valid_from <> lag(valid_to) over (
                partition by identifier_kind, identifier_value, customer_id
                order by valid_from asc nulls last
            ) then 1
            when row_number() over (
                partition by identifier_kind, identifier_value, customer_id
                order by valid_from asc nulls last
            ) = 1 then 1
            else 0
        end as is_begun
    from shown
),

numbered as (
    select
        *,
        sum(is_begun) over (
            partition by identifier_kind, identifier_value, customer_id
            order by valid_from asc nulls last
            rows between unbounded preceding and current row
        ) as spell
    from begun
),

spells as (
    select
        identifier_kind,
        identifier_value,
        customer_id,
        min(seen_from) as seen_from,
        max(valid_to) as valid_to
    from numbered
    group by identifier_kind, identifier_value, customer_id, spell
),

contacts as (
    select
        identifier_kind,
        identifier_value,
        customer_id,
        case
            when seen_from = min(seen_from) over (partition by identifier_kind, identifier_value)
                then {{ first_day() }}
            else seen_from
        end as valid_from,
        valid_to
    from spells
)

select
    identifier_kind,
    identifier_value,
    customer_id,
    valid_from,
    valid_to
from contacts

union all

select distinct
    'customer_id' as identifier_kind,
    customer_id as identifier_value,
    customer_id,
    {{ first_day() }} as valid_from,
    {{ last_day() }} as valid_to
from {{ ref('dim_customer') }}
