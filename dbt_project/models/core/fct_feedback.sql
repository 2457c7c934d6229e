with said as (
    select
        *,
        case
            when rating_of_five <= 2 then -1
            when rating_of_five >= 4 then 1
            when rating_of_five is not null then 0
            when score between 0 and 6 then -1
            when score between 9 and 10 then 1
            when score is not null then 0
        end as star_sentiment
    from {{ ref('int_feedback') }}
)

select
    said.feedback_key,
    said.kind,
    said.source,
    said.ref_id,
    said.customer_id,
    said.unit_id,
    said.channel,
    said.said_at,
    said.said_date,
    said.text,
    said.rating,
    said.score,
    said.language,
    said.record_key,
    said.version_hash,
    said.record_dt,
    said.archive_file,
    said.archive_offset,
    said.text_hash,
    read_as.language as text_language,
    read_as.score as sentiment,
    read_as.confidence as sentiment_confidence,
    read_as.band as sentiment_band,
    {{ phrases_of('said.text', 'read_as.phrases') }} as sentiment_phrases,
    read_as.model_version,
    said.star_sentiment,
    case
        when said.star_sentiment is null or read_as.band is null then null
        when said.star_sentiment = -1 then read_as.band = 'positive'
        when said.star_sentiment = 1 then read_as.band = 'negative'
        else false
    end as is_disagreement
from said
left join {{ ref('stg_text_score') }} as read_as
    on said.text_hash = read_as.text_hash
