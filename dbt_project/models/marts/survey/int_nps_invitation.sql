{{ config(schema='intermediate', contract={'enforced': false}) }}

-- One idea: how many were asked. Invitations by the period they were sent in, followed up to
-- as_of: delivered ones, and those of the delivered that were completed (AAPOR RR1 family).
with grains as (
    select listed.period_grain
    from (values ('day'), ('week'), ('month')) as listed (period_grain)
),

invitations as (
    select
        sent_date,
        coalesce(segment, 'unknown') as segment,
        coalesce(channel, 'unknown') as channel,
        coalesce(delivered_at < {{ voc.cutoff() }}, false) as is_delivered,
        coalesce(completed_at < {{ voc.cutoff() }}, false) as is_completed
    from {{ ref('fct_invitation') }}
    where sent_at < {{ voc.cutoff() }} and vanished_on is null
)

select
    grains.period_grain,
    {{ voc.period_start('grains.period_grain', 'invitations.sent_date') }} as period_start,
    invitations.segment,
    invitations.channel,
    count(*) filter (where invitations.is_delivered) as invitations_delivered,
    count(*) filter (
        where invitations.is_delivered and invitations.is_completed
    ) as invitations_completed
from invitations
cross join grains
group by 1, 2, 3, 4
