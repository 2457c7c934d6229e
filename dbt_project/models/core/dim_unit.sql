with versions as (
    {{ held_versions(ref('stg_units'), 'unit_id') | indent(4) }}
)

select
    {{ hash_key(['unit_id', 'valid_from']) }} as unit_key,
    unit_id,
    name,
    kind,
    parent_unit_id,
    brand,
    is_competitor,
    {{ member('region') }} as region,
    opened_on,
    hours,
    valid_from,
    coalesce(next_from, cast('9999-12-31' as date)) as valid_to,
    next_from is null as is_current,
    {{ lineage() | indent(4) }}
from versions

union all

select
    {{ hash_key(["'unknown'", "cast('1900-01-01' as date)"]) }} as unit_key,
    'unknown' as unit_id,
    'Not known 未知' as name,
    'unknown' as kind,
    cast(null as string) as parent_unit_id,
    cast(null as string) as brand,
    false as is_competitor,
    cast(null as string) as region,
    cast(null as date) as opened_on,
    cast(null as string) as hours,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current,
    {{ no_lineage() | indent(4) }}
where not exists (
    select 1
    from versions
    where versions.unit_id = 'unknown'
)
