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

{#
    The customer of a record that may carry a phone or mail in the place of an id. Merges play no
    part in it, so that a fact stays as it is when two customers turn out to be one; who that is
    then stands in fct_identity_match.
#}
{% macro join_matched_customer(facts, day) -%}
    {{ voc.join_match(facts) }}
left join {{ ref('dim_customer') }} as customers
    on
        matches.named_customer_id = customers.customer_id
        and {{ facts }}.{{ day }} >= customers.valid_from
        and {{ facts }}.{{ day }} < customers.valid_to
{%- endmacro %}

{# Who a record's customer is as known on as_of, over all that was merged since: `person`. #}
{% macro join_match(facts) -%}
    left join {{ ref('fct_identity_match') }} as matches
    on {{ facts }}.record_key = matches.record_key
{%- endmacro %}

{# The customer of that join; the id as given where nobody is found by it. #}
{% macro person(facts) -%}
    coalesce(matches.customer_id, {{ facts }}.customer_id)
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

{% macro join_employee(facts, employee_id, day) -%}
    left join {{ ref('dim_employee') }} as employees
    on
        {{ facts }}.{{ employee_id }} = employees.employee_id
        and {{ facts }}.{{ day }} >= employees.valid_from
        and {{ facts }}.{{ day }} < employees.valid_to
{%- endmacro %}

{# The channel that a public platform is, and dim_channel's member for it. #}
{% macro join_platform_channel(facts) -%}
    left join {{ ref('platform_channel') }} as platform_channels
    on {{ facts }}.platform = platform_channels.platform
{%- endmacro %}

{#
    A public platform's channel as given: the seed's, else the platform's own name (which is no
    member, so `unknown`), else `nameless` for records of the time before platforms were named.
#}
{% macro platform_channel(facts, nameless) -%}
    coalesce(platform_channels.channel, {{ facts }}.platform, {{ nameless }})
{%- endmacro %}

{# Whether the platform still shows an item: its latest state, if anything was ever noted. #}
{% macro join_item_state(facts, entity, item_id) -%}
    left join {{ ref('stg_item_state') }} as item_states
    on
        {{ facts }}.source = item_states.source
        and {{ facts }}.{{ item_id }} = item_states.item_id
        and item_states.item_entity = '{{ entity }}'
        and item_states.disposition = 'current'
{%- endmacro %}
