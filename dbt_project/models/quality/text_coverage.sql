with decided as (
    select count(*) > 0 as is_night from {{ ref('stg_text_version') }}
),

said as (
    select
        feedback.text_language,
        feedback.said_date,
        feedback.sentiment,
        feedback.model_version,
        feedback.star_sentiment,
        decided.is_night
    from {{ ref('fct_feedback') }} as feedback
    cross join decided
)

select
    coalesce(text_language, 'unread') as language,
    said_date,
    count(*) as feedback,
    count(*) filter (where model_version is not null and sentiment is not null) as scored,
    count(*) filter (where model_version is not null and sentiment is null) as not_scorable,
    count(*) filter (where model_version is null) as unread,
    count(*) filter (where sentiment is null and star_sentiment is not null) as by_stars_only,
    is_night
from said
group by coalesce(text_language, 'unread'), said_date, is_night
