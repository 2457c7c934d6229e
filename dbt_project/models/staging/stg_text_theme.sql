-- A night's last run counts. One that found no theme has a row without one.
with ranked as (
    select
        *,
        dense_rank() over (
            partition by as_of
            order by scored_at desc nulls last, run_id desc nulls last
        ) as place
    from {{ source('text', 'themes') }}
    where as_of <= {{ as_of() }}
)

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
from ranked
where
    place = 1
    and theme_id is not null
