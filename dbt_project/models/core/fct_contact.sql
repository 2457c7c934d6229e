with contacts as (
    select
        *,
        {{ business_date('started_at') }} as started_date
    from {{ ref('stg_contacts') }}
)

select
    contacts.contact_id,
    contacts.customer_id,
    customers.customer_key,
    coalesce(channels.channel, 'unknown') as channel,
    contacts.channel as channel_raw,
    contacts.started_at,
    contacts.started_date,
    {{ actor_kind_of('contacts.actor_kind') | indent(4) }} as actor_kind,
    contacts.actor_kind as actor_kind_raw,
    contacts.wait_seconds,
    contacts.is_resolved,
    contacts.case_id,
    contacts.vanished_on,
    {{ lineage('contacts') | indent(4) }}
from contacts
left join {{ ref('dim_channel') }} as channels on contacts.channel = channels.channel
{{ join_matched_customer('contacts', 'started_date') }}
