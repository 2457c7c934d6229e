with decisions as (
    select
        run_id,
        as_of,
        kind,
        language,
        version,
        wanted,
        {{ utc('decided_at') }} as decided_at
    from {{ source('text', 'versions') }}
    where as_of <= {{ as_of() }}
),

last_decision as (
    select
        as_of,
        decided_at,
        run_id
    from decisions
    order by as_of desc nulls last, decided_at desc nulls last, run_id desc nulls last
    limit 1
)

select decisions.*
from decisions
inner join last_decision
    on
        decisions.run_id = last_decision.run_id
        and decisions.as_of = last_decision.as_of
        and decisions.decided_at = last_decision.decided_at
