{{ config(materialized='table') }}

with records as (
    {{ current_records('review') | indent(4) }}
)

select
    {{ tidy('review_id') }} as review_id,
    {{ code_word('platform') }} as platform,
    {{ tidy('unit_id') }} as unit_id,
    {{ tidy('app_id') }} as app_id,
    {{ tidy('product_id') }} as product_id,
    {{ tidy('subject_name') }} as subject_name,
    {{ code_word('country') }} as country,
    {{ code_word('language') }} as language,
    cast(rating as double) as rating,
    cast(rating_best as double) as rating_best,
    aspects,
    cast(price_per_person as double) as price_per_person,
    {{ tidy('title') }} as title,
    {{ tidy('body') }} as body,
    {{ tidy('followup_body') }} as followup_body,
    {{ tidy('reply') }} as reply,
    {{ utc('replied_at') }} as replied_at,
    {{ tidy('app_version') }} as app_version,
    author_hash,
    vote_sum,
    vote_count,
    is_verified,
    is_pinned,
    experienced_on,
    {{ utc('created_at') }} as created_at,
    {{ utc('updated_at') }} as updated_at,
    {{ lake_lineage() | indent(4) }}
from records
