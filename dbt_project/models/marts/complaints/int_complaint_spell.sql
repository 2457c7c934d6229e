{{ config(schema='intermediate', contract={'enforced': false}) }}

-- One idea: from which day to which day a case was open. A spell belongs to the backlog at the end
-- of every day from entered_date up to the day before left_date (NULL while it is still open).
select
    steps.case_key,
    steps.spell_no,
    complaints.unit_id,
    min(case when steps.spell_no = 1 then steps.happened_date end) over (
        partition by steps.case_key
    ) as created_date,
    steps.happened_date as entered_date,
    leavings.happened_date as left_date
from {{ ref('int_complaint_step') }} as steps
inner join {{ ref('fct_complaint') }} as complaints
    on steps.case_key = complaints.case_key
left join {{ ref('int_complaint_step') }} as leavings
    on
        steps.case_key = leavings.case_key
        and steps.spell_no = leavings.spell_no
        and leavings.leaves_open
where steps.enters_open
