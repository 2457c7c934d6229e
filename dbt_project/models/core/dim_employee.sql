{#- A version holds from the night it landed; the first one also for the time before it. -#}
with versions as (
    select
        *,
        case
            when row_number() over (
                partition by employee_id order by version_no nulls last
            ) = 1 then cast('1900-01-01' as date)
            else record_dt
        end as valid_from,
        lead(record_dt) over (
            partition by employee_id order by version_no nulls last
        ) as next_from
    from {{ ref('stg_employees') }}
)

select
    {{ hash_key(['employee_id', 'valid_from']) }} as employee_key,
    employee_id,
    {{ member('unit_id') }} as unit_id,
    role,
    valid_from,
    coalesce(next_from, cast('9999-12-31' as date)) as valid_to,
    next_from is null as is_current,
    {{ lineage() | indent(4) }}
from versions
