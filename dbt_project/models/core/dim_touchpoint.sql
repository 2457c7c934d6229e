select
    touchpoint_id,
    name,
    stage,
    scenario,
    mode,
    is_mot,
    desired_score,
    owner_unit_id,
    vanished_on,
    {{ lineage() | indent(4) }}
from {{ ref('stg_touchpoints') }}

union all

select
    'unknown' as touchpoint_id,
    'Not known 未知' as name,
    'unknown' as stage,
    cast(null as string) as scenario,
    cast(null as string) as mode,
    false as is_mot,
    cast(null as double) as desired_score,
    cast(null as string) as owner_unit_id,
    cast(null as date) as vanished_on,
    {{ no_lineage() | indent(4) }}
where not exists (
    select 1
    from {{ ref('stg_touchpoints') }} as given
    where given.touchpoint_id = 'unknown'
)
