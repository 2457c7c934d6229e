{#
    Time: `as_of` is a variable, and no model reads the clock. Timestamps are UTC and have no zone;
    the business date is the local date in the deployment's zone (var `zone`).
#}

{% macro _as_of_text() -%}
    {%- set given = var('as_of', none) -%}
    {%- if given is none and execute -%}
        {{ exceptions.raise_compiler_error(
            "No as_of: say which business day this run stands for, e.g. --vars '{as_of: 2026-09-30}'"
        ) }}
    {%- endif -%}
    {%- set text = given | string if given is not none else '1970-01-01' -%}
    {#- strptime refuses what is not a day: a typo must not become an empty warehouse -#}
    {%- set day = modules.datetime.datetime.strptime(text, '%Y-%m-%d') -%}
    {{ return(day.strftime('%Y-%m-%d')) }}
{%- endmacro %}

{# The business day of this run, as a date literal. #}
{% macro as_of() -%}
    cast('{{ voc._as_of_text() }}' as date)
{%- endmacro %}

{# The end of the business day, exclusive, as a UTC timestamp literal. #}
{% macro cutoff() -%}
    {%- set day = modules.datetime.datetime.strptime(voc._as_of_text(), '%Y-%m-%d') -%}
    {%- set next_day = day + modules.datetime.timedelta(days=1) -%}
    {%- set local = modules.pytz.timezone(var('zone')).localize(next_day) -%}
    cast('{{ local.astimezone(modules.pytz.utc).strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
{%- endmacro %}

{# A zoned timestamp of the lake as a UTC timestamp without a zone. #}
{% macro utc(column) -%}
    {{ return(adapter.dispatch('utc', 'voc')(column)) }}
{%- endmacro %}

{% macro duckdb__utc(column) -%}
    timezone('UTC', {{ column }})
{%- endmacro %}

{% macro spark__utc(column) -%}
    cast({{ column }} as timestamp)
{%- endmacro %}

{# The local date of a UTC timestamp. #}
{% macro business_date(column) -%}
    {{ return(adapter.dispatch('business_date', 'voc')(column)) }}
{%- endmacro %}

{% macro duckdb__business_date(column) -%}
    cast(timezone('{{ var("zone") }}', timezone('UTC', {{ column }})) as date)
{%- endmacro %}

{% macro spark__business_date(column) -%}
    to_date(from_utc_timestamp({{ column }}, '{{ var("zone") }}'))
{%- endmacro %}

{# The UTC timestamp at which a local date begins. #}
{% macro start_of_day(column) -%}
    {{ return(adapter.dispatch('start_of_day', 'voc')(column)) }}
{%- endmacro %}

{% macro duckdb__start_of_day(column) -%}
    timezone('UTC', timezone('{{ var("zone") }}', cast({{ column }} as timestamp)))
{%- endmacro %}

{% macro spark__start_of_day(column) -%}
    to_utc_timestamp(cast({{ column }} as timestamp), '{{ var("zone") }}')
{%- endmacro %}

{#
    How exactly a time that a platform gave is known. Platforms that give days only land them as the
    beginning of that local day, so that moment stands for the day.
#}
{% macro given_precision(column) -%}
    case
        when {{ column }} = {{ voc.start_of_day(voc.business_date(column)) }} then 'day'
        else 'exact'
    end
{%- endmacro %}

{# Seconds from one timestamp to a later one, as a double; NULL when either is. #}
{% macro seconds_between(start, finish) -%}
    {{ return(adapter.dispatch('seconds_between', 'voc')(start, finish)) }}
{%- endmacro %}

{% macro duckdb__seconds_between(start, finish) -%}
    (epoch_us({{ finish }}) - epoch_us({{ start }})) / cast(1000000 as double)
{%- endmacro %}

{% macro spark__seconds_between(start, finish) -%}
    (unix_micros({{ finish }}) - unix_micros({{ start }})) / cast(1000000 as double)
{%- endmacro %}

{# Monday 1 … Sunday 7. Adapters number weekdays differently, so days are counted from a Monday. #}
{% macro iso_weekday(column) -%}
    cast(
        mod({{ dbt.datediff("cast('1900-01-01' as date)", column, 'day') }}, 7) + 1 as integer
    )
{%- endmacro %}
