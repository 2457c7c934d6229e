{%- set nameless = "case when reviews.app_id is null then 'review_site' else 'app_store' end" -%}

with reviews as (
    select
        reviews.*,
        {{ platform_channel('reviews', nameless) }} as channel,
        -- a feed may tell only when it was last changed
        coalesce(reviews.created_at, reviews.updated_at) as said_at
    from {{ ref('stg_review') }} as reviews
    {{ join_platform_channel('reviews') | indent(4) }}
),

dated as (
    select
        *,
        {{ business_date('said_at') }} as said_date,
        {{ business_date('updated_at') }} as updated_date,
        coalesce({{ business_date('said_at') }}, record_dt) as known_date
    from reviews
)

select
    dated.review_id,
    dated.platform,
    coalesce(channels.channel, 'unknown') as channel,
    dated.channel as channel_raw,
    coalesce(units.unit_id, 'unknown') as unit_id,
    dated.unit_id as unit_id_raw,
    dated.app_id,
    dated.product_id,
    dated.subject_name,
    dated.country,
    dated.language,
    dated.rating,
    dated.rating_best,
    5e0 * dated.rating / nullif(coalesce(dated.rating_best, 5e0), 0e0) as rating_of_five,
    dated.aspects,
    dated.price_per_person,
    dated.title,
    dated.body,
    dated.followup_body,
    dated.reply,
    dated.replied_at,
    dated.app_version,
    dated.author_hash,
    dated.vote_sum,
    dated.vote_count,
    dated.is_verified,
    dated.is_pinned,
    dated.experienced_on,
    dated.created_at,
    dated.updated_at,
    dated.updated_date,
    dated.said_at,
    dated.said_date,
    coalesce(item_states.state, 'shown') as visibility,
    {{ lineage('dated') | indent(4) }}
from dated
left join {{ ref('dim_channel') }} as channels on dated.channel = channels.channel
{{ join_item_state('dated', 'review', 'review_id') }}
{{ join_unit('dated', 'known_date') }}
