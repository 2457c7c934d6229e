{{ config(schema='intermediate', contract={'enforced': false}) }}

-- One idea: what counts as a resolution. Every 'resolved'; and where a case left the open state
-- without one, its close counts (METRICS.md). A spell is one stay in the open state, up to the
-- next reopening.
with endings as (
    select
        case_key,
        spell_no,
        step_no,
        type,
        happened_at,
        happened_date,
        time_precision,
        bool_or(type = 'resolved') over (partition by case_key, spell_no) as spell_has_resolved,
        row_number() over (
            partition by case_key, spell_no, type order by step_no asc nulls last
        ) as place_in_type
    from {{ ref('int_complaint_step') }}
    where type in ('resolved', 'closed')
)

select
    case_key,
    spell_no,
    step_no,
    type,
    happened_at,
    happened_date,
    time_precision
from endings
where
    type = 'resolved'
    or (not spell_has_resolved and place_in_type = 1)
