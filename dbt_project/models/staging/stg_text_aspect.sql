select
    aspects.text_hash,
    aspects.taxonomy_version,
    aspects.aspect,
    aspects.span_start,
    aspects.span_end,
    aspects.polarity,
    aspects.rule,
    aspects.confidence,
    {{ utc('aspects.scored_at') }} as scored_at
from {{ source('text', 'aspects') }} as aspects
inner join {{ ref('stg_text_version') }} as versions
    on
        versions.kind = 'aspects'
        and aspects.taxonomy_version = versions.version
where aspects.aspect is not null
qualify row_number() over (
    partition by
        aspects.text_hash, aspects.aspect, aspects.span_start, aspects.span_end, aspects.polarity
    order by aspects.scored_at desc nulls last, aspects.run_id desc nulls last, aspects.rule asc nulls last
) = 1
