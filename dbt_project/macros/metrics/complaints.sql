{# Ages of open complaints, in the classes of METRICS.md. #}

{# The classes from young to old. #}
{% macro complaint_age_buckets() -%}
    {{ return(['0-1d', '2-3d', '4-7d', '8-14d', '15-30d', '31d+']) }}
{%- endmacro %}

{# The class of an age in whole days since the case was created. #}
{% macro complaint_age_bucket(age_days) -%}
    case
        when {{ age_days }} <= 1 then '0-1d'
        when {{ age_days }} <= 3 then '2-3d'
        when {{ age_days }} <= 7 then '4-7d'
        when {{ age_days }} <= 14 then '8-14d'
        when {{ age_days }} <= 30 then '15-30d'
        else '31d+'
    end
{%- endmacro %}
