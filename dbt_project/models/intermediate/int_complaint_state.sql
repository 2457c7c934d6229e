{#-
    When a public complaint came into the states that its platform shows. A state is not an event:
    where the platform tells no time, the change lies between the last night that saw it otherwise
    and the first that saw it so, and is put at the beginning of that night's day. So when first
    seen: the time isn't known.
-#}
with versions as (
    select
        source,
        complaint_id,
        version_no,
        record_dt,
        disposition,
        status = 'replied' or replied_at is not null as is_replied,
        case
            when company_response like 'Closed%' or company_response like 'Untimely%' then 'closed'
            when status in ('closed', 'invalid') then 'closed'
            when status = 'resolved' then 'resolved'
            when status is null and closed_at is not null then 'closed'
        end as ending,
        replied_at,
        closed_at,
        coalesce(sent_to_company_at, received_at) as sent_at
    from {{ ref('stg_complaint') }}
),

last_open as (
    select
        source,
        complaint_id,
        coalesce(max(case when ending is null then version_no end), 0) as version_no
    from versions
    group by source, complaint_id
),

-- Endings count since it was last seen open; a reply is not undone.
first_shown as (
    select
        versions.source,
        versions.complaint_id,
        versions.ending as type,
        min(versions.version_no) as version_no
    from versions
    inner join last_open
        on
            versions.source = last_open.source
            and versions.complaint_id = last_open.complaint_id
    where versions.version_no > last_open.version_no
    group by versions.source, versions.complaint_id, versions.ending

    union all

    select
        source,
        complaint_id,
        'replied' as type,
        min(version_no) as version_no
    from versions
    where is_replied
    group by source, complaint_id
),

shown as (
    select
        first_shown.source,
        first_shown.complaint_id,
        first_shown.type,
        first_shown.version_no,
        versions.record_dt,
        versions.sent_at,
        case
            when first_shown.type = 'replied' then latest.replied_at
            when first_shown.type = latest.ending then latest.closed_at
        end as given_at
    from first_shown
    inner join versions
        on
            first_shown.source = versions.source
            and first_shown.complaint_id = versions.complaint_id
            and first_shown.version_no = versions.version_no
    inner join versions as latest
        on
            first_shown.source = latest.source
            and first_shown.complaint_id = latest.complaint_id
            and latest.disposition = 'current'
),

-- Who takes a complaint back closes it, whatever the platform then shows.
withdrawn as (
    select
        source,
        complaint_id,
        max(occurred_at) as withdrawn_at
    from {{ ref('stg_complaint_event') }}
    where type = 'withdrawn'
    group by source, complaint_id
)

select
    source,
    complaint_id,
    type,
    case
        when given_at is not null then given_at
        when version_no = 1 then coalesce(sent_at, {{ start_of_day('record_dt') }})
        else greatest(
            {{ start_of_day('record_dt') }},
            coalesce(sent_at, {{ start_of_day('record_dt') }})
        )
    end as began_at,
    case
        when given_at is not null then {{ given_precision('given_at') }}
        when version_no = 1 then 'unknown'
        else 'day'
    end as time_precision
from shown
where
    type <> 'closed'
    or not exists (
        select 1
        from withdrawn
        where withdrawn.source = shown.source and withdrawn.complaint_id = shown.complaint_id
    )

union all

select
    source,
    complaint_id,
    'closed' as type,
    withdrawn_at as began_at,
    {{ given_precision('withdrawn_at') }} as time_precision
from withdrawn
