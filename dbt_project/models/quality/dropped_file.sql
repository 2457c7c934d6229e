{#-
    What became of the rows of each dropped file, and of each query of a database. Quarantine is counted in the quarantine itself, and
    places in the dispositions, so that a row that nobody accounts for shows as a difference.
-#}
with readings as (
    select
        source,
        entity,
        as_of,
        run_id,
        url,
        max(member) as member,
        max(sha256) as sha256,
        max(bytes) as bytes,
        min(requested_at) as read_at,
        max(outcome) as outcome,
        max(detail) as detail,
        sum(items_seen) as items_seen
    from {{ ref('request_outcome') }}
    where kind in ('file', 'query') and url <> ''
    group by source, entity, as_of, run_id, url
),

places as (
    select
        source,
        entity,
        run_id,
        url,
        sum(case when disposition = 'duplicate' then 0 else 1 end) as loaded,
        sum(case when disposition = 'superseded' then 1 else 0 end) as superseded,
        sum(case when disposition = 'duplicate' then 1 else 0 end) as duplicates
    from {{ ref('int_record_dispositions') }}
    where not is_closing  -- what a full snapshot misses is none of its rows
    group by source, entity, run_id, url
),

rejections as (
    select
        source,
        entity,
        run_id,
        file as url,
        count(*) as quarantined
    from {{ ref('quarantine_record') }}
    group by source, entity, run_id, file
)

select
    readings.source,
    readings.entity,
    readings.as_of,
    readings.run_id,
    readings.url,
    readings.member,
    readings.sha256,
    readings.bytes,
    readings.read_at,
    readings.outcome,
    readings.detail,
    cast(readings.items_seen as bigint) as seen,
    cast(coalesce(places.loaded, 0) as bigint) as loaded,
    cast(coalesce(places.superseded, 0) as bigint) as superseded,
    cast(coalesce(places.duplicates, 0) as bigint) as duplicates,
    cast(coalesce(rejections.quarantined, 0) as bigint) as quarantined
from readings
left join places
    on
        readings.source = places.source
        and readings.entity = places.entity
        and readings.run_id = places.run_id
        and readings.url = places.url
left join rejections
    on
        readings.source = rejections.source
        and readings.entity = rejections.entity
        and readings.run_id = rejections.run_id
        and readings.url = rejections.url
