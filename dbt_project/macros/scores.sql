{#
    Banding of the 0-10 question (METRICS.md, NPS): only a whole number from 0 to 10 is a response.
    '10.0' is the whole number 10 as spreadsheets write it; 7.5, 11 and '十分' are not responses.
#}

{# The score as an integer, or NULL. #}
{% macro nps_score(raw) -%}
    case
        when
            {{ voc.plain_number(raw) }} between 0 and 10
            and {{ voc.plain_number(raw) }} = floor({{ voc.plain_number(raw) }})
            then cast({{ voc.plain_number(raw) }} as integer)
    end
{%- endmacro %}

{# scored, no_score (nothing was given) or invalid_score (something that is no response). #}
{% macro nps_score_status(raw, score) -%}
    case
        when {{ score }} is not null then 'scored'
        when {{ voc.tidy(raw) }} is null then 'no_score'
        else 'invalid_score'
    end
{%- endmacro %}

{# promoter, passive, detractor, or NULL without a score. #}
{% macro nps_class(score) -%}
    case
        when {{ score }} >= 9 then 'promoter'
        when {{ score }} >= 7 then 'passive'
        when {{ score }} >= 0 then 'detractor'
    end
{%- endmacro %}

{#
    A Kano answer as its code: 1 like, 2 must-be, 3 neutral, 4 live-with, 5 dislike (METRICS.md, the
    order of both axes). Anything else is no answer; labels get their code from surveys.yml.
#}
{% macro kano_code(number) -%}
    case when {{ number }} in (1, 2, 3, 4, 5) then cast({{ number }} as integer) end
{%- endmacro %}
