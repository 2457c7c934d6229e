with records as (
    {{ current_records('touchpoints') | indent(4) }}
)

select
    {{ tidy('touchpoint_id') }} as touchpoint_id,
    {{ tidy('name') }} as name,
    {{ tidy('stage') }} as stage,
    {{ tidy('scenario') }} as scenario,
    {{ tidy('mode') }} as mode,
    coalesce(is_mot, false) as is_mot,
    cast(desired_score as double) as desired_score,
    {{ tidy('owner_unit_id') }} as owner_unit_id,
    {{ lake_lineage() | indent(4) }}
from records
