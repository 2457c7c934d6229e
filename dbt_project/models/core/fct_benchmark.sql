{#- Staging holds periods as 2026, 2026-Q3 or 2026-09: the loader wrote them so. -#}
with benchmarks as (
    select
        *,
        case
            when length(period) = 4 then 'year'
            when substring(period, 6, 1) = 'Q' then 'quarter'
            else 'month'
        end as period_grain
    from {{ ref('stg_benchmarks') }}
)

select
    brand,
    period,
    period_grain,
    make_date(
        cast(left(period, 4) as integer),
        case period_grain
            when 'year' then 1
            when 'quarter' then cast(right(period, 1) as integer) * 3 - 2
            else cast(right(period, 2) as integer)
        end,
        1
    ) as period_start,
    {{ denominator_kind_of(code_word('kind')) | indent(4) }} as kind,
    kind as kind_raw,
    denominator_source,
    denominator,
    vanished_on,
    {{ lineage() | indent(4) }}
from benchmarks
