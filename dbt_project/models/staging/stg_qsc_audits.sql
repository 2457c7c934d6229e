with records as (
    {{ current_records('qsc_audits') | indent(4) }}
)

select
    {{ tidy('unit_id') }} as unit_id,
    {{ utc('visited_at') }} as visited_at,
    {{ tidy('item') }} as item,
    {{ code_word(quoted_column('class')) }} as qsc_class,
    cast(score as double) as score,
    {{ lake_lineage() | indent(4) }}
from records
