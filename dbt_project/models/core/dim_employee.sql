with versions as (
    {{ held_versions(ref('stg_employees'), 'employee_id') | indent(4) }}
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
