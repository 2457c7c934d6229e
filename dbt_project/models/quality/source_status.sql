with nights as (
    select
        source,
        kind,
        run_id,
        dt,
        status,
        message,
        seen,
        landed,
        quarantined,
        masked_values,
        {{ utc('started_at') }} as started_at,
        {{ utc('watermark') }} as watermark,
        row_number() over (
            partition by source
            order by dt desc nulls last, started_at desc nulls last, run_id desc nulls last
        ) as nights_back
    from {{ source('nights', 'source_run') }}
    where dt <= {{ as_of() }}
),

complete_nights as (
    select
        source,
        max(dt) as last_complete_dt,
        max(watermark) as watermark
    from nights
    where status = 'complete'
    group by source
)

select
    nights.source,
    nights.kind,
    nights.run_id,
    nights.dt as last_run_dt,
    nights.status,
    nights.message,
    nights.seen,
    nights.landed,
    nights.quarantined,
    nights.masked_values,
    complete_nights.last_complete_dt,
    coalesce(complete_nights.last_complete_dt < {{ as_of() }}, true) as is_stale,
    complete_nights.watermark
from nights
left join complete_nights on nights.source = complete_nights.source
where nights.nights_back = 1
