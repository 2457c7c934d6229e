{{ config(materialized='table') }}

with records as (
    {{ current_records('review') | indent(4) }}
)

select
    {{ tidy('review_id') }} as review_id,
    {{ tidy('unit_id') }} as unit_id,
    {{ tidy('app_id') }} as app_id,
    {{ code_word('country') }} as country,
    rating,
    {{ tidy('title') }} as title,
    {{ tidy('body') }} as body,
    {{ tidy('app_version') }} as app_version,
    author_hash,
    vote_sum,
    vote_count,
    {{ utc('updated_at') }} as updated_at,
    {{ lake_lineage() | indent(4) }}
from records
