{# Who is who: names of systems, kinds of identifiers, and which records can name a customer. #}

{#
    The system that an id belongs to, as links and sources name it: a source without the prefix of
    its kind. Blank is '': an id that holds in every source, as those of the customers extract do.
#}
{% macro system_name(column) -%}
    {%- set name = "replace(lower(" ~ voc.tidy(column) ~ "), '|', '_')" -%}
    case
        when {{ name }} is null or {{ name }} in ('customers', 'extract_customers') then ''
        when substr({{ name }}, 1, 7) = 'survey_' then substr({{ name }}, 8)
        when substr({{ name }}, 1, 8) = 'extract_' then substr({{ name }}, 9)
        else {{ name }}
    end
{%- endmacro %}

{#
    Records that can name a customer: the staging model, the column of when it happened, and whether
    it may carry a phone or a mail. Any other entity names none.
#}
{% macro identity_records() -%}
    {{ return({
        'survey_response': ('stg_survey_response', 'submitted_at', true),
        'cases': ('stg_cases', 'created_at', true),
        'contacts': ('stg_contacts', 'started_at', true),
        'orders': ('stg_orders', 'ordered_at', false),
        'journey_events': ('stg_journey_events', 'occurred_at', false),
        'invitations': ('stg_invitations', 'sent_at', false),
        'loop_actions': ('stg_loop_actions', 'occurred_at', false),
        'assignments': ('stg_assignments', 'assigned_at', false),
    }) }}
{%- endmacro %}

{# How many merges in a row are followed: 2 to the power of these rounds. #}
{% macro merge_rounds() -%}
    {{ return(6) }}
{%- endmacro %}

{# The days before anything was known, and after all that is known. #}
{% macro first_day() -%}
    cast('1900-01-01' as date)
{%- endmacro %}

{% macro last_day() -%}
    cast('9999-12-31' as date)
{%- endmacro %}
