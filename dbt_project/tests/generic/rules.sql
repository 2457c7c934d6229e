{# Two small rules that dbt does not bring itself. #}

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
