with invitations as (
    select
        *,
        {{ business_date('sent_at') }} as sent_date
    from {{ ref('stg_invitations') }}
)

select
    invitations.invitation_id,
    invitations.survey_id,
    invitations.customer_id,
    customers.customer_key,
    coalesce(customers.segment, 'unknown') as segment,
    coalesce(channels.channel, 'unknown') as channel,
    invitations.channel as channel_raw,
    invitations.sent_at,
    invitations.sent_date,
    invitations.delivered_at,
    invitations.opened_at,
    invitations.started_at,
    invitations.completed_at,
    invitations.incentive,
    invitations.vanished_on,
    {{ lineage('invitations') | indent(4) }}
from invitations
left join {{ ref('dim_channel') }} as channels on invitations.channel = channels.channel
{{ join_customer('invitations', 'sent_date') }}
