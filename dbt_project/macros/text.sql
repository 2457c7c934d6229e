{# Keys and text: the few functions whose names or rules differ between adapters. #}

{#
    A surrogate key: md5 over the parts as text. A NULL part is not the empty one, and the
    separator keeps ('a', 'bc') and ('ab', 'c') apart; within a part it is written ~1, and ~ as ~0.
    Numbers must be whole or decimal.
#}
{% macro hash_key(columns) -%}
    md5(
        {%- for column in columns %}
        coalesce(replace(replace(cast({{ column }} as string), '~', '~0'), '|', '~1'), '~null~')
        {%- if not loop.last %} || '|' ||{% endif %}
        {%- endfor %}
    )
{%- endmacro %}

{# Text without the spaces around it (full-width and no-break ones too); empty becomes NULL. #}
{% macro tidy(column) -%}
    nullif(trim(translate({{ column }}, '　 	', '   ')), '')
{%- endmacro %}

{# A word of a closed vocabulary: tidy, in lower case, with underscores. #}
{% macro code_word(column) -%}
    replace(replace(lower({{ voc.tidy(column) }}), ' ', '_'), '-', '_')
{%- endmacro %}

{# Whether a text is written as a plain number: digits, one sign, one point, nothing else. #}
{% macro is_plain_number(column) -%}
    {{ return(adapter.dispatch('is_plain_number', 'voc')(column)) }}
{%- endmacro %}

{% macro duckdb__is_plain_number(column) -%}
    regexp_matches({{ column }}, '^[+-]?[0-9]+([.][0-9]+)?$')
{%- endmacro %}

{% macro spark__is_plain_number(column) -%}
    {{ column }} rlike '^[+-]?[0-9]+([.][0-9]+)?$'
{%- endmacro %}

{#
    A number given as text, as a double; NULL when it is anything else. Full-width digits are
    digits; '1e1', 'inf' and '九' are not plain numbers.
#}
{% macro plain_number(column) -%}
    {%- set half_width = "translate(" ~ voc.tidy(column) ~ ", '０１２３４５６７８９．－＋', '0123456789.-+')" -%}
    case when {{ voc.is_plain_number(half_width) }} then try_cast({{ half_width }} as double) end
{%- endmacro %}

{# A column whose name is a reserved word, quoted as the adapter quotes. #}
{% macro quoted_column(name) -%}
    {{ adapter.quote(name) }}
{%- endmacro %}

{#
    The words of a text that decided its sentiment, the weightiest first, each with + or - before
    it: `+好吃 | -太慢`. Phrases hold places from 0. NULL where nothing decided.
#}
{% macro phrases_of(text, phrases) -%}
    {{ return(adapter.dispatch('phrases_of', 'voc')(text, phrases)) }}
{%- endmacro %}

{% macro duckdb__phrases_of(text, phrases) -%}
    nullif(array_to_string(list_transform(
        {{ phrases }},
        lambda phrase: if(phrase.weight > 0, '+', '-')
        || substr({{ text }}, phrase.start + 1, phrase.end - phrase.start)
    ), ' | '), '')
{%- endmacro %}

{% macro spark__phrases_of(text, phrases) -%}
    nullif(concat_ws(' | ', transform(
        {{ phrases }},
        phrase -> if(phrase.weight > 0, '+', '-')
        || substr({{ text }}, phrase.start + 1, phrase.end - phrase.start)
    )), '')
{%- endmacro %}
