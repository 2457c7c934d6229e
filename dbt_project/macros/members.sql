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

{#
    The member of a closed vocabulary that a code word means, `unknown` for any other and for none.
    `members`: member -> its other writings, as code words.
#}
{% macro vocabulary(column, members) -%}
    case
        {%- for member, writings in members.items() %}
        when {{ column }} in (
            {%- for word in [member] + writings %}'{{ word | lower }}'{{ ', ' if not loop.last }}{% endfor -%}
        ) then '{{ member }}'
        {%- endfor %}
        else 'unknown'
    end
{%- endmacro %}

{# Who spoke for the company. #}
{% macro actor_kind_of(column) -%}
    {{ voc.vocabulary(column, {
        'human': ['agent', 'staff', '人工', '客服'],
        'bot': ['robot', 'ai', '机器人', '智能客服'],
        'system': ['auto', '系统', '自动'],
    }) }}
{%- endmacro %}

{# What a visit to a store judged: quality, service or cleanliness. #}
{% macro qsc_class_of(column) -%}
    {{ voc.vocabulary(column, {
        'Q': ['quality', '品质', '质量', '产品'],
        'S': ['service', '服务'],
        'C': ['cleanliness', 'cleaning', '清洁', '卫生'],
    }) }}
{%- endmacro %}

{# What a brand's size is counted in. #}
{% macro denominator_kind_of(column) -%}
    {{ voc.vocabulary(column, {
        'orders': ['order', '订单', '订单数', '订单量'],
        'users': ['user', 'customers', '用户', '用户数', '会员数'],
        'stores': ['store', '门店', '门店数'],
    }) }}
{%- endmacro %}
