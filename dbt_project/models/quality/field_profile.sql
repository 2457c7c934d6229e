select
    source,
    entity,
    dt,
    run_id,
    request,
    field,
    is_known,
    items,
    filled,
    cast(filled as double) / nullif(cast(items as double), 0e0) as fill_rate,
    cast(length_sum as double) / nullif(cast(filled as double), 0e0) as mean_length
from {{ source('nights', 'field_profile') }}
where dt <= {{ as_of() }}
