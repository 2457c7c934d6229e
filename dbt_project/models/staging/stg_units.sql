{{ config(materialized='table') }}

with records as (
    {{ versions_of('units', 'dispositions.stands_at_day_end') | indent(4) }}
)

select
    {{ tidy('unit_id') }} as unit_id,
    {{ tidy('name') }} as name,
    {{ code_word('kind') }} as kind,
    {{ tidy('parent_unit_id') }} as parent_unit_id,
    {{ tidy('brand') }} as brand,
    coalesce(is_competitor, false) as is_competitor,
    {{ tidy('region') }} as region,
    opened_on,
    {{ tidy('hours') }} as hours,
    {{ lake_lineage() | indent(4) }},
    version_no,
    disposition
from records
