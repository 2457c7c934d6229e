with records as (
    {%- for entity, (model, happened_at, has_contact) in identity_records().items() %}
        select
            source,
            '{{ entity }}' as entity,
            record_key,
            record_dt,
            coalesce({{ business_date(happened_at) }}, record_dt) as known_date,
            customer_id as given_id,
            {{ 'phone_hash' if has_contact else 'cast(null as string)' }} as phone_hash,
            {{ 'email_hash' if has_contact else 'cast(null as string)' }} as email_hash
        from {{ ref(model) }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

{# What a source's own ids mean is told before what the same id means elsewhere. #}
declared as (
    select
        records.*,
        coalesce(own.candidates, anywhere.candidates, 0) as declared_candidates,
        case when own.identity_key is null then anywhere.customer_id else own.customer_id end
            as declared_id,
        case
            when own.identity_key is null then anywhere.customer_id_then
            else own.customer_id_then
        end as declared_id_then,
        coalesce(own.method, anywhere.method) as declared_method,
        anywhere.named_customer_id as declared_name,
        -- a phone or mail in the place of an id is its hash
        case when own.identity_key is null and anywhere.identity_key is null then records.given_id end
            as unknown_id
    from records
    left join {{ ref('customer_identity') }} as own
        on
            records.given_id = own.identifier_value
            and {{ system_name('records.source') | indent(12) }} = own.system
            and own.identifier_kind = 'customer_id'
            and own.system <> ''
            and records.known_date >= own.valid_from
            and records.known_date < own.valid_to
    left join {{ ref('customer_identity') }} as anywhere
        on
            records.given_id = anywhere.identifier_value
            and anywhere.identifier_kind = 'customer_id'
            and anywhere.system = ''
            and records.known_date >= anywhere.valid_from
            and records.known_date < anywhere.valid_to
),

looked_up as (
    select
        declared.*,
        coalesce(phones.candidates, 0) as phone_candidates,
        phones.identifier_value as phone_value,
        phones.customer_id as phone_id,
        phones.customer_id_then as phone_id_then,
        case
            when declared.given_id is null or phones.identifier_value = declared.given_id
                then phones.named_customer_id
        end as phone_name,
        coalesce(emails.candidates, 0) as email_candidates,
        emails.identifier_value as email_value,
        emails.customer_id as email_id,
        emails.customer_id_then as email_id_then,
        case
            when declared.given_id is null or emails.identifier_value = declared.given_id
                then emails.named_customer_id
        end as email_name
    from declared
    left join {{ ref('customer_identity') }} as phones
        on
            coalesce(declared.phone_hash, declared.unknown_id) = phones.identifier_value
            and phones.identifier_kind = 'phone'
            and declared.known_date >= phones.valid_from
            and declared.known_date < phones.valid_to
    left join {{ ref('customer_identity') }} as emails
        on
            coalesce(declared.email_hash, declared.unknown_id) = emails.identifier_value
            and emails.identifier_kind = 'email'
            and declared.known_date >= emails.valid_from
            and declared.known_date < emails.valid_to
),

{# A declared id decides; else the mail and the phone, unless each leads to someone else. #}
judged as (
    select
        *,
        case
            when declared_id is not null then declared_method
            when email_id <> phone_id then null
            when email_id is not null then 'email'
            when phone_id is not null then 'phone'
        end as method,
        case
            when declared_id is not null
                then
                    coalesce(declared_id <> phone_id, false)
                    or coalesce(declared_id <> email_id, false)
            else coalesce(email_id <> phone_id, false)
        end as is_conflict,
        case
            when declared_name is not null then declared_name
            when email_name <> phone_name then null
            else coalesce(email_name, phone_name)
        end as named_customer_id
    from looked_up
)

select
    judged.source,
    judged.entity,
    judged.record_key,
    judged.record_dt,
    judged.known_date,
    judged.given_id,
    judged.named_customer_id,
    case
        when judged.method is null then null
        when judged.method = 'email' then judged.email_id
        when judged.method = 'phone' then judged.phone_id
        else judged.declared_id
    end as customer_id,
    case
        when judged.method is null then null
        when judged.method = 'email' then judged.email_id_then
        when judged.method = 'phone' then judged.phone_id_then
        else judged.declared_id_then
    end as customer_id_then,
    judged.method,
    methods.confidence,
    case
        when judged.method is null then null
        when judged.method in ('email', 'phone') then judged.method
        else 'customer_id'
    end as identifier_kind,
    case
        when judged.method is null then null
        when judged.method = 'email' then judged.email_value
        when judged.method = 'phone' then judged.phone_value
        else judged.given_id
    end as identifier_value,
    case
        when judged.method is not null then 'resolved'
        when
            judged.is_conflict
            or greatest(
                judged.declared_candidates, judged.phone_candidates, judged.email_candidates
            ) > 1
            then 'ambiguous'
        when coalesce(judged.given_id, judged.phone_hash, judged.email_hash) is not null
            then 'unmatched'
        else 'none'
    end as status,
    judged.is_conflict
from judged
left join {{ ref('identity_method') }} as methods
    on judged.method = methods.method
