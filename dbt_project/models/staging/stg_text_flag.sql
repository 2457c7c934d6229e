select
    flags.text_hash,
    flags.rule_version,
    flags.flag,
    flags.evidence,
    flags.confidence
from {{ source('text', 'flags') }} as flags
inner join {{ ref('stg_text_version') }} as versions
    on
        versions.kind = 'flags'
        and flags.rule_version = versions.version
where flags.flag is not null
qualify row_number() over (
    partition by flags.text_hash, flags.flag, flags.evidence
    order by flags.scored_at desc nulls last, flags.run_id desc nulls last
) = 1
