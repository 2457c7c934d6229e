{#
    The normal distribution in plain SQL, to double precision, and what rests on it: two-sided
    p-values and Benjamini-Hochberg q-values. No adapter brings these functions to all engines.
#}

{# The 0.975 quantile of the standard normal distribution. #}
{% macro z_95() -%}
    1.9599639845400536e0
{%- endmacro %}

{# A polynomial by Horner's rule, highest coefficient first. #}
{% macro _horner(coefficients, x) -%}
    {%- for _ in coefficients[2:] %}({% endfor -%}
    {{ coefficients[0] }} * {{ x }} + {{ coefficients[1] }}
    {%- for coefficient in coefficients[2:] %}) * {{ x }} + {{ coefficient }}{% endfor -%}
{%- endmacro %}

{#
    P(Z <= -x) for x >= 0: Hart's algorithm 5666 as given by West, "Better approximations to
    cumulative normal functions", Wilmott (2005). Absolute error below 1e-15; beyond 37 it is 0.
#}
{% macro _normal_tail(x) -%}
    {%- set upper = [
        '3.52624965998911e-2', '7.00383064443688e-1', '6.37396220353165e0', '3.3912866078383e1',
        '1.12079291497871e2', '2.21213596169931e2', '2.20206867912376e2'
    ] -%}
    {%- set lower = [
        '8.83883476483184e-2', '1.75566716318264e0', '1.6064177579207e1', '8.67807322029461e1',
        '2.96564248779674e2', '6.37333633378831e2', '7.93826512519948e2', '4.40413735824752e2'
    ] -%}
    case
        when {{ x }} > 37e0 then 0e0
        when {{ x }} < 7.07106781186547e0
            then exp(-{{ x }} * {{ x }} / 2e0)
                * ({{ voc._horner(upper, x) }})
                / ({{ voc._horner(lower, x) }})
        else exp(-{{ x }} * {{ x }} / 2e0)
            / (
                {{ x }} + 1e0 / (
                    {{ x }} + 2e0 / (
                        {{ x }} + 3e0 / ({{ x }} + 4e0 / ({{ x }} + 0.65e0))
                    )
                )
            )
            / 2.506628274631e0
    end
{%- endmacro %}

{# P(Z <= z) for a standard normal Z. `z` must be a column or a short expression of doubles. #}
{% macro normal_cdf(z) -%}
    case
        when {{ z }} <= 0e0 then {{ voc._normal_tail('abs(' ~ z ~ ')') }}
        when {{ z }} > 0e0 then 1e0 - ({{ voc._normal_tail('abs(' ~ z ~ ')') }})
    end
{%- endmacro %}

{# P(|Z| >= |z|), computed from the tail so that small p-values keep their digits. #}
{% macro two_sided_p(z) -%}
    case
        when {{ z }} is not null
            then 2e0 * ({{ voc._normal_tail('abs(' ~ z ~ ')') }})
    end
{%- endmacro %}

{#
    Benjamini-Hochberg q-values as a query: `relation` with one more column `q_value`. Rows whose
    `p_value` is NULL were not tested: they don't count among the tests and get no q. Per
    `partition_by`, with m tests and p in rank order, q(i) = min over j >= i of p(j) m / j.
    `tie_breaker` makes the ranks of equal p-values definite; their q is equal all the same.
#}
{% macro with_q_values(relation, partition_by, tie_breaker) -%}
    {%- set parts = partition_by | join(', ') -%}
    with tests_ranked as (
        select
            *,
            row_number() over (
                partition by {{ parts }}, p_value is null
                order by p_value asc nulls last, {{ tie_breaker }} asc nulls last
            ) as test_rank,
            count(p_value) over (partition by {{ parts }}) as tests
        from {{ relation }}
    )

    select
        *,
        case
            when p_value is not null
                then least(
                    1e0,
                    min(p_value * (cast(tests as double) / cast(test_rank as double))) over (
                        partition by {{ parts }}, p_value is null
                        order by test_rank desc nulls last
                        rows between unbounded preceding and current row
                    )
                )
        end as q_value
    from tests_ranked
{%- endmacro %}
