{# The churn scorecard's windows, in days up to and including as_of. #}

{# A customer with a counted order in this many days is active, and scored. #}
{% macro churn_active_days() -%}
    180
{%- endmacro %}

{# The window of the recent orders, of the orders before them, and of the complaints. #}
{% macro churn_recent_days() -%}
    90
{%- endmacro %}

{# Gaps between order days that a customer's own usual interval needs at least. #}
{% macro churn_fewest_gaps() -%}
    2
{%- endmacro %}

{# The usual interval in days where nobody has an interval of their own yet. #}
{% macro churn_fallback_interval() -%}
    30e0
{%- endmacro %}

{# `days` before as_of, as a date: a window of n days is later than this day. #}
{% macro days_before_as_of(days) -%}
    cast({{ dbt.dateadd('day', '-' ~ days, voc.as_of()) }} as date)
{%- endmacro %}

{# A reason's text with the customer's own numbers in the places of their names. #}
{% macro filled_reason(text, columns) -%}
    {%- set filled = namespace(sql=text) -%}
    {%- for column in columns -%}
        {%- set value = "coalesce(cast(cast(round(" ~ column ~ ") as bigint) as string), '')" -%}
        {%- set filled.sql = "replace(" ~ filled.sql ~ ", '{" ~ column ~ "}', " ~ value ~ ")" -%}
    {%- endfor -%}
    {{ filled.sql }}
{%- endmacro %}
