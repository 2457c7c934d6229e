select
    scores.text_hash,
    scores.model_version,
    scores.language,
    scores.channel,
    scores.score,
    scores.confidence,
    scores.band,
    scores.phrases,
    {{ utc('scores.scored_at') }} as scored_at
from {{ source('text', 'scores') }} as scores
inner join {{ ref('stg_text_version') }} as versions
    on
        versions.kind = 'sentiment'
        and scores.language = versions.language
        and scores.model_version = versions.version
qualify row_number() over (
    partition by scores.text_hash
    order by
        scores.scored_at desc nulls last,
        scores.run_id desc nulls last,
        scores.model_version asc nulls last
) = 1
