{{ config(materialized='table') }}

with records as (
    {{ current_records('experiments') | indent(4) }}
)

select
    {{ tidy('experiment_id') }} as experiment_id,
    {{ tidy('arm') }} as arm,
    {{ tidy('name') }} as name,
    {{ code_word('metric') }} as metric,
    coalesce(is_control, false) as is_control,
    cast(planned_share as double) as planned_share,
    started_on,
    ended_on,
    {{ lake_lineage() | indent(4) }}
from records
