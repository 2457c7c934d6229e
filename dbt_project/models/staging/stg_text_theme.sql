select
    as_of,
    theme_id,
    language,
    first_seen,
    keywords,
    texts,
    n_now,
    n_before,
    said_now,
    said_before,
    growth,
    growth_low,
    growth_high,
    p_value,
    q_value,
    cohesion,
    sampling_share,
    exemplar_1,
    exemplar_2,
    exemplar_3,
    taxonomy_version,
    rule_version
from {{ source('text', 'themes') }}
where as_of <= {{ as_of() }}
qualify dense_rank() over (
    partition by as_of
    order by scored_at desc nulls last, run_id desc nulls last
) = 1
