{# Small rules that dbt does not bring itself. #}

{# No two rows agree in all of `columns`. #}
{% test unique_together(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as rows_found
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

{# `expression` is true, or not known, on every row. #}
{% test rule_holds(model, expression) %}
    select * from {{ model }} where not ({{ expression }})
{% endtest %}

{# None of `columns` is NULL or blank. One test for a whole row keeps a night's build short. #}
{% test all_given(model, columns) %}
    select
        {{ columns | join(', ') }}
    from {{ model }}
    where
        {%- for column in columns %}
        nullif(trim(cast({{ column }} as string)), '') is null
        {%- if not loop.last %} or{% endif %}
        {%- endfor %}
{% endtest %}
