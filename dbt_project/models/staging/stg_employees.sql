{{ config(materialized='table') }}

with records as (
    {{ versions_of('employees', 'dispositions.stands_at_day_end') | indent(4) }}
)

select
    {{ tidy('employee_id') }} as employee_id,
    {{ tidy('unit_id') }} as unit_id,
    {{ tidy('role') }} as role,
    {{ lake_lineage() | indent(4) }},
    version_no,
    disposition
from records
