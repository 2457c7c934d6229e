select
    source,
    entity,
    dt,
    run_id,
    file,
    line,
    {{ quoted_column('column') }} as column_name,
    reason_code,
    reason,
    natural_key,
    value_masked,
    archive_file,
    archive_offset,
    {{ utc('observed_at') }} as observed_at
from {{ source('nights', 'quarantine') }}
where dt <= {{ as_of() }}
