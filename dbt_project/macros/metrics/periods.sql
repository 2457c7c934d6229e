{# Calendar periods: day, week (from Monday) and month, by their first and last day. #}

{# The first day of the period of `grain` that `date_day` lies in. #}
{% macro period_start(grain, date_day) -%}
    cast(
        case {{ grain }}
            when 'day' then {{ dbt.date_trunc('day', date_day) }}
            when 'week' then {{ dbt.date_trunc('week', date_day) }}
            when 'month' then {{ dbt.date_trunc('month', date_day) }}
        end as date
    )
{%- endmacro %}

{# The last day of the period that begins on `first_day`. #}
{% macro period_end(grain, first_day) -%}
    cast(
        case {{ grain }}
            when 'day' then {{ dbt.dateadd('day', 0, first_day) }}
            when 'week' then {{ dbt.dateadd('day', 6, first_day) }}
            when 'month' then {{ dbt.dateadd('day', -1, dbt.dateadd('month', 1, first_day)) }}
        end as date
    )
{%- endmacro %}

{# The first day of the period before the one that begins on `first_day`. #}
{% macro previous_period_start(grain, first_day) -%}
    cast(
        case {{ grain }}
            when 'day' then {{ dbt.dateadd('day', -1, first_day) }}
            when 'week' then {{ dbt.dateadd('day', -7, first_day) }}
            when 'month' then {{ dbt.dateadd('month', -1, first_day) }}
        end as date
    )
{%- endmacro %}

{# Whole days from one date to a later one, as bigint. #}
{% macro days_between(first_day, last_day) -%}
    cast({{ dbt.datediff(first_day, last_day, 'day') }} as bigint)
{%- endmacro %}
