with landed as (
    select
        source,
        entity,
        dt,
        count(*) as landed
    from {{ ref('int_record_dispositions') }}
    group by source, entity, dt
),

matched as (
    select
        source,
        entity,
        record_dt as dt,
        count(*) as facts,
        sum(case when status <> 'none' then 1 else 0 end) as with_identifier,
        sum(case when status = 'resolved' then 1 else 0 end) as resolved,
        {%- for method in ['declared_id', 'declared_link', 'email', 'phone'] %}
            sum(case when method = '{{ method }}' then 1 else 0 end) as by_{{ method }},
        {%- endfor %}
        sum(case when status = 'ambiguous' then 1 else 0 end) as ambiguous,
        sum(case when status = 'unmatched' then 1 else 0 end) as unmatched,
        sum(case when is_conflict then 1 else 0 end) as conflicts
    from {{ ref('fct_identity_match') }}
    group by source, entity, record_dt
)

select
    landed.source,
    landed.entity,
    landed.dt,
    cast(landed.landed as bigint) as landed,
    landed.entity in (
        {%- for entity in identity_records() %}
            '{{ entity }}'{% if not loop.last %},{% endif %}
        {%- endfor %}
    ) as names_customers,
    {%- for count in [
        'facts', 'with_identifier', 'resolved', 'by_declared_id', 'by_declared_link', 'by_email',
        'by_phone', 'ambiguous', 'unmatched', 'conflicts'
    ] %}
        cast(coalesce(matched.{{ count }}, 0) as bigint) as {{ count }},
    {%- endfor %}
    cast(matched.resolved as double) / nullif(matched.facts, 0) as coverage
from landed
left join matched
    on
        landed.source = matched.source
        and landed.entity = matched.entity
        and landed.dt = matched.dt
