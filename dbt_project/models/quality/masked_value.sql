select
    source,
    entity,
    dt,
    run_id,
    kind,
    cast(sum(masked_values) as bigint) as masked_values
from {{ source('nights', 'masked_value') }}
where dt <= {{ as_of() }}
group by source, entity, dt, run_id, kind
