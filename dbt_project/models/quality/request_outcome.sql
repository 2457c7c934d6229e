select
    source,
    entity,
    dt as as_of,
    run_id,
    kind,
    {{ utc('requested_at') }} as requested_at,
    url,
    final_url,
    page_no,
    attempt,
    http_status,
    content_type,
    bytes,
    sha256,
    outcome,
    detail,
    items_seen,
    duration_ms,
    archive_file,
    archive_offset,
    spec_hash
from {{ source('nights', 'request_outcome') }}
where dt <= {{ as_of() }}
