select
    {{ hash_key([
        'said.feedback_key', 'found.aspect', 'found.span_start', 'found.span_end', 'found.polarity'
    ]) }} as feedback_aspect_key,
    said.feedback_key,
    said.kind,
    said.source,
    said.ref_id,
    said.unit_id,
    said.channel,
    said.said_at,
    said.said_date,
    found.aspect,
    {{ hash_key(['found.aspect', 'found.taxonomy_version']) }} as aspect_key,
    found.taxonomy_version,
    found.span_start,
    found.span_end,
    substr(said.text, found.span_start + 1, found.span_end - found.span_start) as words,
    found.polarity,
    found.rule,
    found.confidence
from {{ ref('fct_feedback') }} as said
inner join {{ ref('stg_text_aspect') }} as found
    on said.text_hash = found.text_hash
