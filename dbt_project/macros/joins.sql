{# Joins to the slowly changing dimensions: the version that held on the day of the fact. #}

{% macro join_customer(facts, day) -%}
    left join {{ ref('dim_customer') }} as customers
    on
        {{ facts }}.customer_id = customers.customer_id
        and {{ facts }}.{{ day }} >= customers.valid_from
        and {{ facts }}.{{ day }} < customers.valid_to
{%- endmacro %}

{% macro join_unit(facts, day) -%}
    left join {{ ref('dim_unit') }} as units
    on
        {{ facts }}.unit_id = units.unit_id
        and {{ facts }}.{{ day }} >= units.valid_from
        and {{ facts }}.{{ day }} < units.valid_to
{%- endmacro %}
