with told as (
    select
        text_hash,
        rule_version,
        flag,
        evidence,
        confidence,
        scored_at,
        run_id,
        'flags' as kind
    from {{ source('text', 'flags') }}
    where flag is not null

    union all

    select
        text_hash,
        rule_version,
        'copy' as flag,
        evidence,
        confidence,
        scored_at,
        run_id,
        'copies' as kind
    from {{ source('text', 'copies') }}
    where as_of <= {{ as_of() }}
)

select
    told.text_hash,
    told.rule_version,
    told.flag,
    told.evidence,
    told.confidence
from told
inner join {{ ref('stg_text_version') }} as versions
    on
        told.kind = versions.kind
        and told.rule_version = versions.version
qualify row_number() over (
    partition by told.text_hash, told.flag
    order by told.scored_at desc nulls last, told.run_id desc nulls last, told.evidence asc nulls last
) = 1
