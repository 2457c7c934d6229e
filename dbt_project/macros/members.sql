{#
    The marts write `all` where a row is not split. A source's own value that reads the same, in any
    case, would stand beside that row as a second one, so it is no member: it counts as not known.
    Values come tidied from staging.
#}
{% macro is_reserved(column) -%}
    lower({{ column }}) = 'all'
{%- endmacro %}

{# The value, or NULL (not known) where it is the reserved word. #}
{% macro member(column) -%}
    case when not {{ voc.is_reserved(column) }} then {{ column }} end
{%- endmacro %}
