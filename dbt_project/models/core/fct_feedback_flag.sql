select
    {{ hash_key(['said.feedback_key', 'flags.flag']) }} as feedback_flag_key,
    said.feedback_key,
    said.kind,
    said.source,
    said.ref_id,
    said.said_date,
    flags.flag,
    flags.evidence,
    flags.confidence,
    flags.rule_version
from {{ ref('fct_feedback') }} as said
inner join {{ ref('stg_text_flag') }} as flags
    on said.text_hash = flags.text_hash
