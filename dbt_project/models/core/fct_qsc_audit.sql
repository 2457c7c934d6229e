with audits as (
    select
        *,
        {{ business_date('visited_at') }} as visited_date
    from {{ ref('stg_qsc_audits') }}
)

select
    coalesce(units.unit_id, 'unknown') as unit_id,
    audits.unit_id as unit_id_raw,
    audits.visited_at,
    audits.visited_date,
    audits.item,
    {{ qsc_class_of('audits.qsc_class') | indent(4) }} as qsc_class,
    audits.qsc_class as qsc_class_raw,
    audits.score,
    audits.vanished_on,
    {{ lineage('audits') | indent(4) }}
from audits
{{ join_unit('audits', 'visited_date') }}
