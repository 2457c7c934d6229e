with records as (
    {{ versions_of('rating_summary', 'dispositions.stands_at_day_end') | indent(4) }}
)

select
    {{ tidy('subject_id') }} as subject_id,
    {{ tidy('subject_name') }} as subject_name,
    {{ code_word('platform') }} as platform,
    {{ tidy('unit_id') }} as unit_id,
    cast(rating as double) as rating,
    cast(rating_best as double) as rating_best,
    {{ tidy('rating_text') }} as rating_text,
    rating_count,
    review_count,
    breakdown,
    {{ lake_lineage() | indent(4) }},
    disposition
from records
