{%- set entities = [
    'customers', 'units', 'touchpoints', 'orders', 'journey_events', 'invitations', 'cases',
    'case_events', 'survey_response', 'survey_answer', 'complaint', 'review',
] -%}

with landed as (
    {%- for entity in entities %}
    {{ landed_envelope(entity) | indent(4) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from (
    {{ record_versions('landed') | indent(4) }}
) as versions
