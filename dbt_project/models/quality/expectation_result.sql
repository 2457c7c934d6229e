select
    run_id,
    as_of,
    engine,
    name,
    table_name,
    column_name,
    severity,
    passed,
    observed,
    expected,
    rows_failing,
    message,
    {{ utc('checked_at') }} as checked_at
from {{ source('nights', 'checks') }}
where as_of <= {{ as_of() }}
