{#
    NPS as METRICS.md defines it. Counts go in, points in [-100, 100] come out; NULL without a
    response. Literals are written 1e0 because that is a double on every adapter.
#}

{# 100 (p - d), p and d the shares of promoters and detractors among scored responses. #}
{% macro nps_value(promoters, detractors, responses) -%}
    100e0 * {{ voc.rate('(' ~ promoters ~ ' - ' ~ detractors ~ ')', responses) }}
{%- endmacro %}

{# Variance of one response on the scale -1, 0, 1: p + d - (p - d)^2. #}
{% macro nps_variance(promoters, detractors, responses) -%}
    (
        {{ voc.rate('(' ~ promoters ~ ' + ' ~ detractors ~ ')', responses) }}
        - power({{ voc.rate('(' ~ promoters ~ ' - ' ~ detractors ~ ')', responses) }}, 2e0)
    )
{%- endmacro %}

{# Adjusted Wald: three more responses, 3/4 promoter, 3/4 detractor, 1 1/2 passive (Rocks 2016). #}
{% macro _nps_adjusted_bound(promoters, detractors, responses, sign) -%}
    {%- set more_promoters = '(' ~ promoters ~ ' + 0.75e0)' -%}
    {%- set more_detractors = '(' ~ detractors ~ ' + 0.75e0)' -%}
    {%- set more_responses = '(nullif(' ~ responses ~ ', 0) + 3e0)' -%}
    {%- set bound -%}
    (
        {{ voc.nps_value(more_promoters, more_detractors, more_responses) }}
        {{ sign }} {{ voc.z_95() }} * 100e0 * sqrt(
            {{ voc.nps_variance(more_promoters, more_detractors, more_responses) }}
            / {{ more_responses }}
        )
    )
    {%- endset -%}
    {{ voc.clipped(bound, '-100e0', '100e0') }}
{%- endmacro %}

{# Lower end of the 95 % adjusted Wald interval, clipped to [-100, 100]. #}
{% macro nps_adjusted_low(promoters, detractors, responses) -%}
    {{ voc._nps_adjusted_bound(promoters, detractors, responses, '-') }}
{%- endmacro %}

{# Upper end of the 95 % adjusted Wald interval, clipped to [-100, 100]. #}
{% macro nps_adjusted_high(promoters, detractors, responses) -%}
    {{ voc._nps_adjusted_bound(promoters, detractors, responses, '+') }}
{%- endmacro %}

{#
    What the NPS of everybody invited can be at least, or at most, when those who did not answer
    are all detractors, or all promoters (Manski): r NPS -+ (1 - r) 100.
#}
{% macro nps_bound_low(nps, response_rate) -%}
    ({{ response_rate }} * {{ nps }} - (1e0 - {{ response_rate }}) * 100e0)
{%- endmacro %}

{% macro nps_bound_high(nps, response_rate) -%}
    ({{ response_rate }} * {{ nps }} + (1e0 - {{ response_rate }}) * 100e0)
{%- endmacro %}

{# The fewest scored responses a shown value rests on (METRICS.md, suppression). #}
{% macro nps_smallest_shown() -%}
    5
{%- endmacro %}

{# The fewest scored responses that need no warning; below, `low_n` is true. #}
{% macro nps_smallest_sound() -%}
    30
{%- endmacro %}
