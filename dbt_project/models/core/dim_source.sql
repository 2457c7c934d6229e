select
    source,
    max_by(kind, started_at) as kind
from {{ source('nights', 'source_run') }}
where dt <= {{ as_of() }}
group by source
