with reviews as (
    select
        *,
        {{ business_date('updated_at') }} as updated_date,
        coalesce({{ business_date('updated_at') }}, record_dt) as known_date
    from {{ ref('stg_review') }}
)

select
    reviews.review_id,
    coalesce(units.unit_id, 'unknown') as unit_id,
    reviews.unit_id as unit_id_raw,
    reviews.app_id,
    reviews.country,
    cast(reviews.rating as integer) as rating,
    reviews.title,
    reviews.body,
    reviews.app_version,
    reviews.author_hash,
    reviews.vote_sum,
    reviews.vote_count,
    reviews.updated_at,
    reviews.updated_date,
    {{ lineage('reviews') | indent(4) }}
from reviews
{{ join_unit('reviews', 'known_date') }}
