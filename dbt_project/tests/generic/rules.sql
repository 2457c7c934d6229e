{# Small rules that dbt does not bring itself. #}

{# No two rows agree in all of `columns`. #}
{% test unique_together(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as rows_found
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

{# `expression` is true, or not known, on every row. #}
{% test rule_holds(model, expression) %}
    select * from {{ model }} where not ({{ expression }})
{% endtest %}

{# None of `columns` is NULL or blank. One test for a whole row keeps a night's build short. #}
{% test all_given(model, columns) %}
    select
        {{ columns | join(', ') }}
    from {{ model }}
    where
        {%- for column in columns %}
        nullif(trim(cast({{ column }} as string)), '') is null
        {%- if not loop.last %} or{% endif %}
        {%- endfor %}
{% endtest %}

{#
    No source's value of `columns` reads `all`, the marts' word for "not split": it would be counted
    as `unknown` (macros/members.sql). `where` leaves out versions that were since replaced.
#}
{% test no_reserved_word(model, columns) %}
    {%- for column in columns %}
    select
        source,
        '{{ column }}' as column_name,
        {{ column }} as value_given,
        count(*) as records_found
    from {{ model }}
    where {{ voc.is_reserved(column) }}
    group by source, {{ column }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{% endtest %}

{#
    No two lines of an order in one file share order and product without a line_no: the later one
    would replace the earlier, or count as its copy. `records` is the lake's.
#}
{% test lines_of_a_file_are_told_apart(model, records) %}
    select
        natural_key,
        url,
        run_id,
        count(*) as lines_found
    from {{ records }}
    where line_no is null and dt <= {{ voc.as_of() }}
    group by natural_key, url, run_id
    having count(*) > 1
{% endtest %}
