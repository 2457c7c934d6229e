select
    run_id,
    as_of,
    {{ utc('started_at') }} as started_at,
    {{ utc('finished_at') }} as finished_at,
    status,
    tool_version,
    checks_passed,
    checks_failed,
    checks_warned,
    message
from {{ source('nights', 'runs') }}
where as_of <= {{ as_of() }}
