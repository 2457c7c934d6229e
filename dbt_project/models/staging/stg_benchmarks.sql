with records as (
    {{ current_records('benchmarks') | indent(4) }}
)

select
    {{ tidy('brand') }} as brand,
    period,
    {{ tidy('kind') }} as kind,
    {{ tidy('denominator_source') }} as denominator_source,
    cast(denominator as double) as denominator,
    {{ lake_lineage() | indent(4) }}
from records
