with named as (
    select {{ member('issue') }} as issue from {{ ref('stg_cases') }}
    union
    select {{ member('issue') }} as issue from {{ ref('stg_complaint') }}
    union
    select 'unknown' as issue
)

select
    issue,
    {{ hash_key(['issue']) }} as issue_key
from named
where issue is not null
