with improvements as (
    select * from {{ ref('stg_improvements') }}
)

select
    improvements.improvement_id,
    coalesce(units.unit_id, 'unknown') as unit_id,
    improvements.unit_id as unit_id_raw,
    improvements.name,
    coalesce(touchpoints.touchpoint_id, 'unknown') as touchpoint_id,
    improvements.touchpoint_id as touchpoint_id_raw,
    improvements.issue,
    improvements.metric,
    improvements.owner_unit_id,
    improvements.started_on,
    improvements.ended_on,
    improvements.vanished_on,
    {{ lineage('improvements') | indent(4) }}
from improvements
{{ join_touchpoint('improvements') }}
{{ join_unit('improvements', 'started_on') }}
