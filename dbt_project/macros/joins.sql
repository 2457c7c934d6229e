{#
    Joins to the dimensions; to the slowly changing ones, the version that held on the day of the
    fact. A unit or touchpoint whose id is the reserved word (macros/members.sql) is matched by none.
#}

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
        and not {{ voc.is_reserved('units.unit_id') }}
{%- endmacro %}

{% macro join_touchpoint(facts) -%}
    left join {{ ref('dim_touchpoint') }} as touchpoints
    on
        {{ facts }}.touchpoint_id = touchpoints.touchpoint_id
        and not {{ voc.is_reserved('touchpoints.touchpoint_id') }}
{%- endmacro %}
