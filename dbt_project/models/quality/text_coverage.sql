with said as (
    select
        text_language,
        said_date,
        sentiment,
        model_version,
        star_sentiment,
        exists (select 1 from {{ ref('stg_text_version') }}) as is_night
    from {{ ref('fct_feedback') }}
)

select
    coalesce(text_language, 'unread') as language,
    said_date,
    count(*) as feedback,
    cast(count_if(model_version is not null and sentiment is not null) as bigint) as scored,
    cast(count_if(model_version is not null and sentiment is null) as bigint) as not_scorable,
    cast(count_if(model_version is null) as bigint) as unread,
    cast(count_if(sentiment is null and star_sentiment is not null) as bigint) as by_stars_only,
    max(is_night) as is_night
from said
group by coalesce(text_language, 'unread'), said_date
