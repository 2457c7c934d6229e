{#
    Arithmetic that means the same on every adapter: doubles before any division or root, NULL
    instead of a division by zero, whole counts as bigint.
#}

{# A sum of whole numbers as bigint (adapters widen it differently). #}
{% macro whole_sum(expression) -%}
    cast(sum({{ expression }}) as bigint)
{%- endmacro %}

{# numerator / denominator as a double; NULL when the denominator is 0 or NULL. #}
{% macro rate(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0e0)
{%- endmacro %}

{# A value held inside [low, high]; NULL stays NULL (least and greatest would drop it). #}
{% macro clipped(value, low, high) -%}
    case
        when {{ value }} < {{ low }} then {{ low }}
        when {{ value }} > {{ high }} then {{ high }}
        else {{ value }}
    end
{%- endmacro %}

{#
    A figure in points as it is published: to nine decimals, so that every engine and every rebuild
    gives the same digits. Probabilities are never rounded.
#}
{% macro points(value) -%}
    round({{ value }}, 9)
{%- endmacro %}
