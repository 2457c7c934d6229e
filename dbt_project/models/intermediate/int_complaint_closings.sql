{#-
    When a public complaint was closed. The platform shows a state, not an event: the closing lies
    between the last night that saw it open and the first that saw it closed, and is put at the
    beginning of that night's day. Closed when first seen: the time isn't known.
-#}
with versions as (
    select
        source,
        complaint_id,
        version_no,
        record_dt,
        coalesce(
            company_response like 'Closed%' or company_response like 'Untimely%', false
        ) as is_closed,
        coalesce(sent_to_company_at, received_at) as sent_at
    from {{ ref('stg_complaint') }}
),

histories as (
    select
        source,
        complaint_id,
        coalesce(max(case when not is_closed then version_no end), 0) as last_open_no,
        max(version_no) as last_no
    from versions
    group by source, complaint_id
)

select
    versions.source,
    versions.complaint_id,
    case
        when histories.last_open_no = 0 then versions.sent_at
        else greatest(
            {{ start_of_day('versions.record_dt') }},
            coalesce(versions.sent_at, {{ start_of_day('versions.record_dt') }})
        )
    end as closed_at,
    case when histories.last_open_no = 0 then 'unknown' else 'day' end as time_precision
from histories
inner join versions
    on
        histories.source = versions.source
        and histories.complaint_id = versions.complaint_id
        and versions.version_no = histories.last_open_no + 1
where histories.last_open_no < histories.last_no
