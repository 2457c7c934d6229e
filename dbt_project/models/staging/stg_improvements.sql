with records as (
    {{ current_records('improvements') | indent(4) }}
)

select
    {{ tidy('improvement_id') }} as improvement_id,
    {{ tidy('unit_id') }} as unit_id,
    {{ tidy('name') }} as name,
    {{ tidy('touchpoint_id') }} as touchpoint_id,
    {{ tidy('issue') }} as issue,
    {{ code_word('metric') }} as metric,
    {{ tidy('owner_unit_id') }} as owner_unit_id,
    started_on,
    ended_on,
    {{ lake_lineage() | indent(4) }}
from records
