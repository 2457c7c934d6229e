-- One idea: what customers speak of that the taxonomy has no aspect for, night by night.
with texts as (
    select
        text_hash,
        min(text) as text
    from {{ ref('fct_feedback') }}
    group by 1
)

select
    themes.as_of,
    themes.theme_id,
    themes.language,
    themes.keywords,
    cast(floor(themes.n_now / nullif(themes.sampling_share, 0) + 0.5) as bigint) as n,
    cast(floor(themes.n_before / nullif(themes.sampling_share, 0) + 0.5) as bigint) as n_before,
    themes.said_now as said,
    themes.said_before,
    themes.growth,
    themes.growth_low,
    themes.growth_high,
    themes.p_value,
    themes.q_value,
    coalesce(themes.growth_low > 1 and themes.q_value <= 0.05, false) as is_growing,
    themes.first_seen,
    themes.first_seen = themes.as_of as is_new,
    cast(row_number() over (
        partition by themes.theme_id
        order by themes.as_of asc nulls last
    ) as bigint) as nights,
    themes.texts,
    themes.cohesion,
    themes.sampling_share,
    first_text.text as exemplar_1,
    second_text.text as exemplar_2,
    third_text.text as exemplar_3,
    themes.taxonomy_version,
    themes.rule_version
from {{ ref('stg_text_theme') }} as themes
left join texts as first_text
    on themes.exemplar_1 = first_text.text_hash
left join texts as second_text
    on themes.exemplar_2 = second_text.text_hash
left join texts as third_text
    on themes.exemplar_3 = third_text.text_hash
